/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bitmaps.c: the directory of persistent bitmaps and their tables. Their data is never read. */
#include "storage/qcow2/qcow2.h"
#include "util/numbers.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR 512
#define ENTRY_HEADER_SIZE 24
#define DIRECTORY_SIZE_MAX (QCOW2_BITMAPS_MAX * 1024)
#define TABLE_ENTRIES_MAX 0x8000000
#define BITMAP_BYTES_MAX (512 * 1024 * 1024)
#define GRANULARITY_BITS_MIN 9
#define GRANULARITY_BITS_MAX 31
#define TYPE_DIRTY_TRACKING 1
/* Bits 9 to 55 are a place; bit 0 without one means "all set"; the others are reserved. */
#define TABLE_ENTRY_OFFSET G_GUINT64_CONSTANT(0x00fffffffffffe00)
#define TABLE_ENTRY_RESERVED G_GUINT64_CONSTANT(0xff000000000001fe)
/* Tables are looked at until so many reads were made, or so many bytes read. */
#define TABLE_READS_MAX 40
#define TABLE_BYTES_MAX (2 * 1024 * 1024)
#define TABLE_PREFETCH 32768

enum {
    FLAG_IN_USE = 1 << 0,
    FLAG_AUTO = 1 << 1,
    FLAGS_RESERVED = ~(FLAG_IN_USE | FLAG_AUTO),
};

typedef struct {
    guint64 place;
    guint64 table_offset;
    guint32 table_entries;
    guint32 flags;
    guint8 type;
    guint8 granularity_bits;
    guint16 name_len;
    guint32 extra_len;
    const guint8 *name;
} Bitmap;

static gboolean
find_invalid(VpProbe *probe, const Bitmap *bitmap, guint index, const char *problem)
{
    vp_probe_find(probe, VP_RULE_TABLE_INVALID, bitmap->place, ENTRY_HEADER_SIZE, "bitmap %u: %s",
                  index, problem);
    return FALSE;
}

/* The table has exactly the clusters that the bits for the whole disk need, which for QEMU has whole sectors. */
static gboolean
bitmap_fits_disk(const VpProbe *probe, const Bitmap *bitmap)
{
    guint64 granularity = G_GUINT64_CONSTANT(1) << bitmap->granularity_bits;
    guint64 size = vp_probe_value(probe, QCOW2_SIZE) / SECTOR * SECTOR;
    guint64 bits = vp_divide_up(size, granularity);
    guint64 bytes = vp_divide_up(bits, 8);

    return bitmap->table_entries == vp_divide_up(bytes, probe->header.cluster_size);
}

/* What QEMU demands of an entry before it opens the image. */
static gboolean
bitmap_check(VpProbe *probe, const Bitmap *bitmap, guint index)
{
    guint64 cluster_size = probe->header.cluster_size;

    if (bitmap->table_offset == 0 || !vp_is_aligned(bitmap->table_offset, cluster_size))
        return find_invalid(probe, bitmap, index, "its table does not begin at a cluster");
    if (bitmap->table_entries == 0 || bitmap->table_entries > TABLE_ENTRIES_MAX
        || bitmap->table_entries * cluster_size > BITMAP_BYTES_MAX)
        return find_invalid(probe, bitmap, index, "its table has no or too many entries");
    if (bitmap->granularity_bits < GRANULARITY_BITS_MIN
        || bitmap->granularity_bits > GRANULARITY_BITS_MAX)
        return find_invalid(probe, bitmap, index, "its granularity is not 2^9 to 2^31");
    if (bitmap->name_len > QCOW2_BITMAP_NAME_MAX)
        return find_invalid(probe, bitmap, index, "its name has more than 1023 bytes");
    if (bitmap->type != TYPE_DIRTY_TRACKING)
        return find_invalid(probe, bitmap, index, "its type is unknown");
    if ((bitmap->flags & (guint32) FLAGS_RESERVED) != 0)
        return find_invalid(probe, bitmap, index, "it has unknown flags");
    if (bitmap->extra_len != 0)
        return find_invalid(probe, bitmap, index, "it has extra data");
    if ((bitmap->flags & FLAG_IN_USE) == 0 && !bitmap_fits_disk(probe, bitmap))
        return find_invalid(probe, bitmap, index, "its table does not fit the size of the disk");
    return TRUE;
}

/* QEMU loads the data of a bitmap that is not in use when it opens the image, and refuses an entry of its table
 * that cannot be. As much of the tables is looked at as is cheap. FALSE: not all of it. */
static gboolean
bitmap_check_table(VpProbe *probe, const Bitmap *bitmap, guint index)
{
    guint64 len = (guint64) bitmap->table_entries * 8;
    VpReader reader;

    if (!vp_probe_check_place(probe, "bitmap table", bitmap->table_offset, len))
        return TRUE;
    if (probe->windows->reads >= TABLE_READS_MAX || probe->windows->bytes + len > TABLE_BYTES_MAX)
        return FALSE;
    /* Tables lie close together, so one read often has several. */
    vp_probe_prefetch(probe, bitmap->table_offset, TABLE_PREFETCH);
    if (!vp_probe_read(probe, bitmap->table_offset, (gsize) len, "bitmap table", &reader))
        return TRUE;
    while (vp_reader_remaining(&reader) > 0) {
        guint64 entry = vp_reader_u64be(&reader);
        guint64 offset = entry & TABLE_ENTRY_OFFSET;

        if ((entry & TABLE_ENTRY_RESERVED) != 0 || (offset != 0 && (entry & 1) != 0)
            || !vp_is_aligned(offset, probe->header.cluster_size)) {
            find_invalid(probe, bitmap, index, "its table has an entry that cannot be");
            break;
        }
    }
    return TRUE;
}

/* Reads one entry; FALSE and a finding when the directory ends before it does. */
static gboolean
bitmap_read(VpProbe *probe, VpReader *directory, guint index, Bitmap *out_bitmap)
{
    gsize size;

    out_bitmap->place = directory->base + directory->pos;
    out_bitmap->table_offset = vp_reader_u64be(directory);
    out_bitmap->table_entries = vp_reader_u32be(directory);
    out_bitmap->flags = vp_reader_u32be(directory);
    out_bitmap->type = vp_reader_u8(directory);
    out_bitmap->granularity_bits = vp_reader_u8(directory);
    out_bitmap->name_len = vp_reader_u16be(directory);
    out_bitmap->extra_len = vp_reader_u32be(directory);
    vp_reader_skip(directory, out_bitmap->extra_len);
    out_bitmap->name = vp_reader_bytes(directory, out_bitmap->name_len);
    size = ENTRY_HEADER_SIZE + (gsize) out_bitmap->extra_len + out_bitmap->name_len;
    vp_reader_skip(directory, (8 - size % 8) % 8);
    if (!vp_reader_failed(directory))
        return TRUE;
    vp_probe_find(probe, VP_RULE_TABLE_INVALID, out_bitmap->place, 0,
                  "bitmap directory ends inside entry %u", index);
    return FALSE;
}

static void
bitmap_list(VpProbe *probe, const Bitmap *bitmap)
{
    VirtProbeRecord *record = vp_record_append(qcow2_specific(probe), VP_QCOW2_BITMAPS);
    VirtProbeRecord *detail = vp_record_append(probe->extra, VP_PROBE_BITMAPS);
    gboolean is_in_use = (bitmap->flags & FLAG_IN_USE) != 0;
    gboolean is_auto = (bitmap->flags & FLAG_AUTO) != 0;

    if (record == NULL || detail == NULL)
        return;
    vp_record_set_empty_list(record, VP_BITMAP_FLAGS);
    if (is_in_use)
        vp_record_append_text(record, VP_BITMAP_FLAGS, "in-use", 6);
    if (is_auto)
        vp_record_append_text(record, VP_BITMAP_FLAGS, "auto", 4);
    vp_probe_set_text(probe, record, VP_BITMAP_NAME, bitmap->name, bitmap->name_len,
                      bitmap->place + ENTRY_HEADER_SIZE);
    vp_record_set_uint(record, VP_BITMAP_GRANULARITY,
                       G_GUINT64_CONSTANT(1) << bitmap->granularity_bits);
    vp_record_set_uint(detail, VP_BITMAP_DETAIL_TABLE_OFFSET, bitmap->table_offset);
    vp_record_set_uint(detail, VP_BITMAP_DETAIL_TABLE_ENTRIES, bitmap->table_entries);
    vp_record_set_bool(detail, VP_BITMAP_DETAIL_CONSISTENT, !is_in_use);
    vp_record_set_bool(detail, VP_BITMAP_DETAIL_ENABLED, is_auto);
}

typedef struct {
    const guint8 *bytes;
    gsize len;
} Name;

static int
name_compare(const void *a, const void *b)
{
    const Name *first = a;
    const Name *second = b;
    int order = memcmp(first->bytes, second->bytes, MIN(first->len, second->len));

    return order != 0 ? order : (first->len > second->len) - (first->len < second->len);
}

/* QEMU refuses an image in which two bitmaps have one name. */
static void
find_same_names(VpProbe *probe, const VpReader *directory, Name *names, guint count)
{
    qsort(names, count, sizeof *names, name_compare);
    for (guint i = 1; i < count; i++) {
        if (name_compare(&names[i - 1], &names[i]) == 0) {
            vp_probe_find(probe, VP_RULE_TABLE_INVALID, directory->base, directory->size,
                          "two bitmaps have the same name");
            return;
        }
    }
}

/* Says when the directory is longer or shorter than claimed, or not all of it is listed. */
static void
directory_check_count(VpProbe *probe, const Qcow2State *state, const VpReader *directory,
                      guint found, guint listed)
{
    if (found != state->bitmap_count || vp_reader_remaining(directory) > 0)
        vp_probe_find(probe, VP_RULE_TABLE_INVALID, directory->base, directory->size,
                      "bitmap directory does not hold exactly the %u bitmaps that are claimed",
                      state->bitmap_count);
    if (listed < found)
        vp_probe_find(probe, VP_RULE_TOO_MANY, directory->base, directory->size,
                      "%u of %u bitmaps are listed", listed, state->bitmap_count);
}

static void
directory_list(VpProbe *probe, const Qcow2State *state, VpReader *directory)
{
    /* The directory was read within its budget, so that many entries fit into it at most. */
    gsize room = MIN(state->bitmap_count, directory->size / ENTRY_HEADER_SIZE);
    g_autofree Name *names = g_new(Name, room + 1);
    guint listed = 0;
    guint unchecked = 0;
    guint found;

    for (found = 0; vp_reader_remaining(directory) > 0 && found < state->bitmap_count; found++) {
        Bitmap bitmap;

        if (!bitmap_read(probe, directory, found, &bitmap) || !bitmap_check(probe, &bitmap, found))
            return;
        if ((bitmap.flags & FLAG_IN_USE) == 0 && !bitmap_check_table(probe, &bitmap, found))
            unchecked++;
        /* QEMU compares up to the first NUL. */
        names[found] = (Name) { bitmap.name, strnlen((const char *) bitmap.name, bitmap.name_len) };
        if (vp_record_has_room(probe->extra)) {
            bitmap_list(probe, &bitmap);
            listed++;
        }
    }
    if (unchecked > 0)
        vp_probe_find(probe, VP_RULE_NOT_EXAMINED, directory->base, directory->size,
                      "tables of %u bitmaps were not looked at", unchecked);
    find_same_names(probe, directory, names, found);
    directory_check_count(probe, state, directory, found, listed);
}

static gboolean
extension_check(VpProbe *probe, const Qcow2State *state)
{
    guint64 place = state->bitmaps_place;

    /* That there are none was said when the extension was read. */
    if (state->bitmap_count == 0)
        return FALSE;
    if (state->bitmap_count > QCOW2_BITMAPS_MAX) {
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, place, 4,
                      "bitmaps extension claims %u bitmaps, must be 1 to %u", state->bitmap_count,
                      QCOW2_BITMAPS_MAX);
        return FALSE;
    }
    if (!vp_is_aligned(state->bitmap_directory_offset, probe->header.cluster_size)) {
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, place + 16, 8,
                      "bitmap directory offset %" G_GUINT64_FORMAT
                      " is not a multiple of the cluster size",
                      state->bitmap_directory_offset);
        return FALSE;
    }
    if (state->bitmap_directory_size > DIRECTORY_SIZE_MAX) {
        vp_probe_find(probe, VP_RULE_HUGE_ALLOCATION, place + 8, 8,
                      "bitmap directory has %" G_GUINT64_FORMAT " bytes, at most %u are possible",
                      state->bitmap_directory_size, DIRECTORY_SIZE_MAX);
        return FALSE;
    }
    return TRUE;
}

void
qcow2_bitmaps_parse(VpProbe *probe, const Qcow2State *state)
{
    gboolean has_bit = qcow2_has_autoclear(probe, QCOW2_AUTOCLEAR_BITMAPS);
    VpReader directory;

    if (!state->has_bitmaps) {
        if (has_bit)
            vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, QCOW2_AUTOCLEAR,
                                "the bitmaps bit is set, but no bitmaps are named");
        return;
    }
    vp_record_set_uint(probe->extra, VP_PROBE_BITMAP_COUNT, state->bitmap_count);
    if (!has_bit) {
        vp_probe_find(probe, VP_RULE_BITMAPS_INCONSISTENT, state->bitmaps_place, 24,
                      "%u bitmaps are named, but not marked as consistent", state->bitmap_count);
        return;
    }
    if (!extension_check(probe, state))
        return;
    vp_probe_find(probe, VP_RULE_BITMAPS, state->bitmaps_place, 24,
                  "the image holds persistent bitmaps");
    if (vp_probe_read(probe, state->bitmap_directory_offset, (gsize) state->bitmap_directory_size,
                      "bitmap directory", &directory))
        directory_list(probe, state, &directory);
}
