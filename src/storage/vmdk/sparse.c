/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sparse.c: the header of a sparse extent: which of its two copies counts, and what is wrong with it. */
#include "storage/vmdk/vmdk.h"
#include "util/numbers.h"

#include <string.h>

#define MARKER_FOOTER 3
#define FLAG_NEWLINES (1 << 0)
#define FLAG_REDUNDANT (1 << 1)
#define FLAG_COMPRESSED (1 << 16)
#define FLAGS_KNOWN 0x30007
#define NEWLINES_INTACT 0x0a0d200a
/* QEMU's limits. */
#define TABLE_ENTRIES_MAX 512
#define DIRECTORY_ENTRIES_MAX (32 * 1024 * 1024)
/* Where QEMU looks for ids and parent, whatever the header says. */
#define QEMU_DESCRIPTOR_PLACE VMDK_SECTOR

/* One of the two headers of a sparse extent: the number of its first row less VMDK_ROW_VERSION. */
typedef guint Header;

static guint64
value(const VpProbe *probe, Header header, guint field)
{
    return vp_probe_value(probe, header + field);
}

VmdkText
vmdk_text_read(VpProbe *probe, guint64 place, guint64 len)
{
    VmdkText text = { NULL, 0, place };
    VpReader reader;

    if (place >= probe->size)
        return text;
    len = MIN(len, probe->size - place);
    if (!vp_probe_read(probe, place, (gsize) len, "descriptor", &reader))
        return text;
    text.bytes = reader.data;
    text.len = strnlen((const char *) reader.data, (gsize) len);
    return text;
}

gboolean
vmdk_must(VpProbe *probe, gboolean is_possible, guint field, const char *why)
{
    if (!is_possible)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, field, "%s is %" G_GUINT64_FORMAT ", %s",
                            probe->format->fields[field].name, vp_probe_value(probe, field), why);
    return is_possible;
}

static void
find_odd(VpProbe *probe, gboolean is_odd, guint field, const char *why)
{
    if (is_odd)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, field, "%s", why);
}

gboolean
vmdk_check_version(VpProbe *probe, guint field, guint64 minimum, guint64 maximum)
{
    guint64 version = vp_probe_value(probe, field);

    vp_record_set_uint(probe->extra, VP_PROBE_VERSION, version);
    if (version >= minimum && version <= maximum)
        return TRUE;
    vp_probe_find_field(probe, VP_RULE_UNSUPPORTED_VERSION, field,
                        "unknown vmdk version %" G_GUINT64_FORMAT, version);
    return FALSE;
}

void
vmdk_fill_extent(VpProbe *probe, guint capacity_field, guint64 grain, gboolean is_compressed)
{
    guint64 sectors = vp_probe_value(probe, capacity_field);
    VirtProbeRecord *extent = vp_record_append(vmdk_specific(probe), VP_VMDK_EXTENTS);

    if (probe->name != NULL)
        vp_record_set_string(extent, VP_VMDK_EXTENT_FILENAME, probe->name);
    vp_record_set_constant(extent, VP_VMDK_EXTENT_FORMAT, "");
    if (vmdk_must(probe, sectors <= VMDK_SECTORS_MAX, capacity_field,
                  "more than a disk can have")) {
        vp_probe_set_capacity(probe, sectors * VMDK_SECTOR, VP_RULE_HEADER_INVALID, capacity_field);
        vp_record_set_uint(extent, VP_VMDK_EXTENT_VIRTUAL_SIZE, sectors * VMDK_SECTOR);
    }
    if (grain <= VMDK_GRAIN_MAX) {
        vp_record_set_uint(probe->image, VP_IMAGE_CLUSTER_SIZE, grain * VMDK_SECTOR);
        vp_record_set_uint(extent, VP_VMDK_EXTENT_CLUSTER_SIZE, grain * VMDK_SECTOR);
    }
    if (is_compressed) {
        vp_probe_find(probe, VP_RULE_COMPRESSED, 0, 0, "the guest data is compressed");
        vp_record_set_bool(extent, VP_VMDK_EXTENT_COMPRESSED, TRUE);
    }
}

void
vmdk_check_directory(VpProbe *probe, const char *name, guint field, guint64 entries)
{
    guint64 sector = vp_probe_value(probe, field);
    guint64 offset;

    if (!vmdk_must(probe, sector > 0, field, "inside the header")
        || !vmdk_must(probe, vp_checked_mul(sector, VMDK_SECTOR, &offset), field,
                      "beyond any file"))
        return;
    vp_probe_check_place(probe, name, offset, entries * 4);
    vp_fill_table(probe, name, offset, entries, entries * 4);
}

gboolean
vmdk_check_entries(VpProbe *probe, guint field, guint64 entries)
{
    if (entries <= DIRECTORY_ENTRIES_MAX)
        return TRUE;
    vp_probe_find_field(probe, VP_RULE_HUGE_ALLOCATION, field,
                        "grain directory has %" G_GUINT64_FORMAT
                        " entries, at most %d are possible",
                        entries, DIRECTORY_ENTRIES_MAX);
    return FALSE;
}

static void
check_directories(VpProbe *probe, Header header)
{
    guint64 span =
        value(probe, header, VMDK_ROW_TABLE_ENTRIES) * value(probe, header, VMDK_ROW_GRAIN);
    guint64 entries = vp_divide_up(value(probe, header, VMDK_ROW_CAPACITY), span);

    if (!vmdk_check_entries(probe, header + VMDK_ROW_CAPACITY, entries))
        return;
    vmdk_check_directory(probe, "grain-directory", header + VMDK_ROW_DIRECTORY_OFFSET, entries);
    if ((value(probe, header, VMDK_ROW_FLAGS) & FLAG_REDUNDANT) == 0)
        return;
    if (value(probe, header, VMDK_ROW_REDUNDANT_OFFSET) != 0)
        vmdk_check_directory(probe, "redundant-grain-directory", header + VMDK_ROW_REDUNDANT_OFFSET,
                             entries);
    else
        find_odd(probe, TRUE, header + VMDK_ROW_REDUNDANT_OFFSET,
                 "a redundant grain directory is announced, and has no place");
}

static void
check_sparse(VpProbe *probe, Header header)
{
    guint64 entries = value(probe, header, VMDK_ROW_TABLE_ENTRIES);
    guint64 grain = value(probe, header, VMDK_ROW_GRAIN);
    guint64 file_sectors = vp_divide_up(probe->size, VMDK_SECTOR);
    gboolean is_sound;

    is_sound = vmdk_must(probe, entries > 0 && entries <= TABLE_ENTRIES_MAX,
                         header + VMDK_ROW_TABLE_ENTRIES, "must be 1 to 512");
    is_sound = vmdk_must(probe, grain <= VMDK_GRAIN_MAX && vp_is_power_of_two(grain),
                         header + VMDK_ROW_GRAIN, "must be a power of two up to 2097152")
               && is_sound;
    vmdk_must(probe, value(probe, header, VMDK_ROW_CAPACITY) > 0, header + VMDK_ROW_CAPACITY,
              "and there is no descriptor that could have the size");
    if (value(probe, header, VMDK_ROW_OVERHEAD) > file_sectors)
        vp_probe_find_field(probe, VP_RULE_TRUNCATED, header + VMDK_ROW_OVERHEAD,
                            "metadata takes %" G_GUINT64_FORMAT
                            " sectors, the file has %" G_GUINT64_FORMAT,
                            value(probe, header, VMDK_ROW_OVERHEAD), file_sectors);
    find_odd(probe, entries != TABLE_ENTRIES_MAX && is_sound, header + VMDK_ROW_TABLE_ENTRIES,
             "grain tables have not 512 entries as all other programs expect");
    if (is_sound)
        check_directories(probe, header);
}

static void
check_flags(VpProbe *probe, Header header)
{
    guint64 flags = value(probe, header, VMDK_ROW_FLAGS);
    guint64 compression = value(probe, header, VMDK_ROW_COMPRESSION);

    find_odd(probe, value(probe, header, VMDK_ROW_VERSION) == 0, header + VMDK_ROW_VERSION,
             "version is 0");
    find_odd(
        probe,
        (flags & FLAG_NEWLINES) != 0 && value(probe, header, VMDK_ROW_NEWLINES) != NEWLINES_INTACT,
        header + VMDK_ROW_NEWLINES, "newlines were changed, as when the file was copied as text");
    find_odd(probe, compression > VMDK_COMPRESSION_DEFLATE, header + VMDK_ROW_COMPRESSION,
             "the compression is not known, QEMU takes the grains for uncompressed");
    find_odd(probe, ((flags & FLAG_COMPRESSED) != 0) != (compression != 0), header + VMDK_ROW_FLAGS,
             "flag and field say different things of compression");
    if ((flags & ~(guint64) FLAGS_KNOWN) != 0)
        vp_probe_find_field(probe, VP_RULE_RESERVED, header + VMDK_ROW_FLAGS,
                            "flags 0x%" G_GINT64_MODIFIER "x have no meaning",
                            flags & ~(guint64) FLAGS_KNOWN);
}

/* The header that counts, the first one where that cannot be had. FALSE: the footer is no use. */
static gboolean
choose_header(VpProbe *probe, Header *out_header)
{
    *out_header = 0;
    if (vp_probe_value(probe, VMDK_ROW_DIRECTORY_OFFSET) != VMDK_DIRECTORY_AT_END)
        return TRUE;
    if (!vp_probe_has(probe, VMDK_ROW_END_MARKER_TYPE)) {
        vp_probe_find_field(probe, VP_RULE_TRUNCATED, VMDK_ROW_DIRECTORY_OFFSET,
                            "the file is too short for its footer");
        return FALSE;
    }
    if (vp_probe_value(probe, VMDK_ROW_FOOTER_MAGIC) != VMDK_SPARSE_MAGIC
        || vp_probe_value(probe, VMDK_ROW_FOOTER_MARKER_SIZE) != 0
        || vp_probe_value(probe, VMDK_ROW_FOOTER_MARKER_TYPE) != MARKER_FOOTER
        || vp_probe_value(probe, VMDK_ROW_END_MARKER_VALUE) != 0
        || vp_probe_value(probe, VMDK_ROW_END_MARKER_SIZE) != 0
        || vp_probe_value(probe, VMDK_ROW_END_MARKER_TYPE) != 0) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, VMDK_ROW_FOOTER_MAGIC,
                            "there is no footer between its markers at the end");
        return FALSE;
    }
    *out_header = VMDK_ROW_FOOTER_VERSION - VMDK_ROW_VERSION;
    find_odd(probe,
             vp_probe_value(probe, VMDK_ROW_VERSION)
                 != vp_probe_value(probe, VMDK_ROW_FOOTER_VERSION),
             VMDK_ROW_FOOTER_VERSION, "header and footer have different versions");
    find_odd(probe,
             vp_probe_value(probe, VMDK_ROW_CAPACITY)
                 != vp_probe_value(probe, VMDK_ROW_FOOTER_CAPACITY),
             VMDK_ROW_FOOTER_CAPACITY, "header and footer have different capacities");
    find_odd(probe,
             vp_probe_value(probe, VMDK_ROW_FOOTER_DESCRIPTOR_OFFSET) != 0
                 && (vp_probe_value(probe, VMDK_ROW_DESCRIPTOR_OFFSET)
                         != vp_probe_value(probe, VMDK_ROW_FOOTER_DESCRIPTOR_OFFSET)
                     || vp_probe_value(probe, VMDK_ROW_DESCRIPTOR_SIZE)
                            != vp_probe_value(probe, VMDK_ROW_FOOTER_DESCRIPTOR_SIZE)),
             VMDK_ROW_FOOTER_DESCRIPTOR_OFFSET,
             "header and footer have the descriptor at different places");
    return vmdk_must(
        probe, vp_probe_value(probe, VMDK_ROW_FOOTER_DIRECTORY_OFFSET) != VMDK_DIRECTORY_AT_END,
        VMDK_ROW_FOOTER_DIRECTORY_OFFSET, "which leads nowhere");
}

/* Where the header says that the descriptor is. */
static VmdkText
read_descriptor(VpProbe *probe)
{
    guint64 sector = vp_probe_value(probe, VMDK_ROW_DESCRIPTOR_OFFSET);
    guint64 n_sectors = vp_probe_value(probe, VMDK_ROW_DESCRIPTOR_SIZE);
    guint64 place;
    guint64 len;

    if (sector == 0 || n_sectors == 0)
        return (VmdkText) { NULL, 0, 0 };
    if (!vmdk_must(probe, vp_checked_mul(sector, VMDK_SECTOR, &place), VMDK_ROW_DESCRIPTOR_OFFSET,
                   "beyond any file")
        || !vmdk_must(probe, vp_checked_mul(n_sectors, VMDK_SECTOR, &len), VMDK_ROW_DESCRIPTOR_SIZE,
                      "beyond any file"))
        return (VmdkText) { NULL, 0, 0 };
    vp_probe_check_place(probe, "descriptor", place, len);
    find_odd(probe, len > VMDK_DESCRIPTOR_MAX, VMDK_ROW_DESCRIPTOR_SIZE,
             "the descriptor has more than 1 MiB, which is not read");
    return vmdk_text_read(probe, place, MIN(len, VMDK_DESCRIPTOR_MAX));
}

void
vmdk_find_alone(VpProbe *probe)
{
    if ((probe->flags & VP_DESCRIBE_EXTENT) == 0)
        vp_probe_find(probe, VP_RULE_EXTENT_ALONE, 0, 0,
                      "the file is a part of a disk and has no descriptor");
}

gboolean
vmdk_describe_embedded(VpProbe *probe, const VmdkText *text)
{
    VmdkText qemu = vmdk_text_read(probe, QEMU_DESCRIPTOR_PLACE, VMDK_CID_WINDOW);
    VmdkDescriptor descriptor;

    if (text->len == 0
        && (qemu.len == 0
            || g_strstr_len((const char *) qemu.bytes, (gssize) qemu.len, "CID") == NULL)) {
        vmdk_find_alone(probe);
        return FALSE;
    }
    vmdk_descriptor_read(text, &descriptor);
    vmdk_describe(probe, text, &qemu, &descriptor);
    return TRUE;
}

static void
parse_wrapped(VpProbe *probe)
{
    VmdkDescriptor descriptor;
    guint64 place;
    VmdkText text = { NULL, 0, 0 };

    if (vmdk_must(
            probe,
            vp_checked_mul(vp_probe_value(probe, VMDK_ROW_DESCRIPTOR_OFFSET), VMDK_SECTOR, &place)
                && place < probe->size,
            VMDK_ROW_DESCRIPTOR_OFFSET, "outside of the file"))
        text = vmdk_text_read(probe, place, VMDK_DESCRIPTOR_MAX);
    find_odd(probe, TRUE, VMDK_ROW_CAPACITY,
             "the capacity is 0, and QEMU takes the files that the descriptor names for the disk");
    vmdk_descriptor_read(&text, &descriptor);
    vmdk_describe_disk(probe, &text, &descriptor);
    vmdk_describe_embedded(probe, &text);
}

void
vmdk_parse_sparse(VpProbe *probe)
{
    Header header;
    /* The footer has the last word, and of a stream that goes on nobody has seen it. */
    gboolean is_awaited =
        probe->has_no_end
        && vp_probe_value(probe, VMDK_ROW_DIRECTORY_OFFSET) == VMDK_DIRECTORY_AT_END;
    gboolean is_compressed;
    VmdkText text;

    if (!vp_probe_has(probe, VMDK_ROW_COMPRESSION)
        || !vmdk_check_version(probe, VMDK_ROW_VERSION, 0, VMDK_VERSION_MAX))
        return;
    if (vp_probe_value(probe, VMDK_ROW_UNCLEAN) != 0)
        vp_probe_find_field(probe, VP_RULE_DIRTY, VMDK_ROW_UNCLEAN,
                            "the image was not closed cleanly");
    if (vp_probe_value(probe, VMDK_ROW_CAPACITY) == 0
        && vp_probe_value(probe, VMDK_ROW_DESCRIPTOR_OFFSET) != 0) {
        parse_wrapped(probe);
        return;
    }
    if (choose_header(probe, &header)
        && vmdk_check_version(probe, header + VMDK_ROW_VERSION, 0, VMDK_VERSION_MAX)) {
        check_sparse(probe, header);
        check_flags(probe, header);
    }
    is_compressed = value(probe, header, VMDK_ROW_COMPRESSION) == VMDK_COMPRESSION_DEFLATE;
    vp_record_set_constant(vmdk_specific(probe), VP_VMDK_CREATE_TYPE,
                           is_compressed ? "streamOptimized" : "monolithicSparse");
    if (!is_awaited)
        vmdk_fill_extent(probe, header + VMDK_ROW_CAPACITY, value(probe, header, VMDK_ROW_GRAIN),
                         is_compressed);
    text = read_descriptor(probe);
    if (!vmdk_describe_embedded(probe, &text) || is_awaited)
        return;
    find_odd(probe, text.len > 0 && text.place != QEMU_DESCRIPTOR_PLACE, VMDK_ROW_DESCRIPTOR_OFFSET,
             "the descriptor is not in sector 1, where QEMU looks for it");
    find_odd(probe, text.len == 0, VMDK_ROW_DESCRIPTOR_OFFSET,
             "the header names no descriptor, QEMU takes sector 1 for one");
    vmdk_check_embedded(probe, &text, value(probe, header, VMDK_ROW_CAPACITY),
                        value(probe, header, VMDK_ROW_GRAIN));
}
