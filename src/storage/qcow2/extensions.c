/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* extensions.c: qcow2 header extensions: one table says what is known of each, one walk reads them. */
#include "storage/qcow2/qcow2.h"
#include "util/numbers.h"

#include <string.h>

/* No writer makes more than a handful; an area of 2 MiB could hold 262,144. All are read, some are listed. */
#define EXTENSIONS_LISTED_MAX 64
/* Above it a header was made to cost time. QEMU has no limit but the first cluster's end. */
#define EXTENSIONS_MAX 256
#define FEATURE_NAME_ENTRY 48
#define FEATURE_NAME_LEN 46
/* QEMU keeps a format name in 16 bytes with its NUL. */
#define BACKING_FORMAT_MAX 15

typedef struct {
    guint32 type;
    const char *name;
    guint32 minimum; /* bytes of data */
    guint32 maximum;
    void (*parse)(VpProbe *probe, Qcow2State *state, VpReader *data);
} ExtensionType;

static void
parse_backing_format(VpProbe *probe, G_GNUC_UNUSED Qcow2State *state, VpReader *data)
{
    gsize len = vp_reader_remaining(data);
    guint64 place = data->base;
    const guint8 *name = vp_reader_bytes(data, len);

    /* The last one counts, also when it is empty. Without a backing file QEMU reads it and does not show it. */
    vp_record_unset(probe->image, VP_IMAGE_BACKING_FILENAME_FORMAT);
    if (vp_record_has(probe->image, VP_IMAGE_BACKING_FILENAME) && len > 0 && name[0] != 0)
        vp_probe_set_text(probe, probe->image, VP_IMAGE_BACKING_FILENAME_FORMAT, name, len, place);
}

static void
parse_feature_names(VpProbe *probe, Qcow2State *state, VpReader *data)
{
    if (!vp_is_aligned(vp_reader_remaining(data), FEATURE_NAME_ENTRY))
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, data->base, data->size,
                      "feature name table has %" G_GSIZE_FORMAT " bytes, not a multiple of %u",
                      data->size, FEATURE_NAME_ENTRY);
    state->feature_names = *data;
}

static void
parse_bitmaps(VpProbe *probe, Qcow2State *state, VpReader *data)
{
    guint32 reserved;

    state->has_bitmaps = TRUE;
    state->bitmaps_place = data->base;
    state->bitmap_count = vp_reader_u32be(data);
    reserved = vp_reader_u32be(data);
    state->bitmap_directory_size = vp_reader_u64be(data);
    state->bitmap_directory_offset = vp_reader_u64be(data);
    if (state->bitmap_count == 0 && qcow2_has_autoclear(probe, QCOW2_AUTOCLEAR_BITMAPS))
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, state->bitmaps_place, 4,
                      "bitmaps extension claims no bitmaps");
    if (reserved != 0 && qcow2_has_autoclear(probe, QCOW2_AUTOCLEAR_BITMAPS))
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, state->bitmaps_place + 4, 4,
                      "reserved field of the bitmaps extension is %u, must be 0", reserved);
}

static void
parse_luks(VpProbe *probe, Qcow2State *state, VpReader *data)
{
    guint64 place = data->base;

    state->luks_offset = vp_reader_u64be(data);
    state->luks_length = vp_reader_u64be(data);
    state->has_luks = TRUE;
    if (!vp_is_aligned(state->luks_offset, probe->header.cluster_size))
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, place, 8,
                      "LUKS header offset %" G_GUINT64_FORMAT
                      " is not a multiple of the cluster size",
                      state->luks_offset);
    vp_probe_check_place(probe, "LUKS header", state->luks_offset, state->luks_length);
}

static void
parse_data_file(VpProbe *probe, Qcow2State *state, VpReader *data)
{
    gsize len = vp_reader_remaining(data);
    guint64 place = data->base;
    VirtProbeRecord *reference;

    state->has_data_file_name = len > 0;
    reference = vp_probe_set_reference(probe, VP_ROLE_DATA_FILE, qcow2_specific(probe),
                                       VP_QCOW2_DATA_FILE, vp_reader_bytes(data, len), len, place);
    vp_record_set_bool(reference, VP_REFERENCE_USED,
                       qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_DATA_FILE));
}

/* In the order in which QEMU writes them. */
static const ExtensionType extension_types[] = {
    { 0xe2792aca, "backing-format", 0, BACKING_FORMAT_MAX, parse_backing_format },
    { 0x44415441, "data-file", 0, G_MAXUINT32, parse_data_file },
    { 0x0537be77, "luks-header", 16, 16, parse_luks },
    { 0x6803f857, "feature-names", 0, G_MAXUINT32, parse_feature_names },
    { 0x23852875, "bitmaps", 24, 24, parse_bitmaps },
};

static const ExtensionType *
extension_type_find(guint32 type)
{
    for (guint i = 0; i < G_N_ELEMENTS(extension_types); i++) {
        if (extension_types[i].type == type)
            return &extension_types[i];
    }
    return NULL;
}

static void
extension_record(VpProbe *probe, Qcow2State *state, guint32 type, const ExtensionType *known,
                 const VpReader *data)
{
    const VpValue *listed = vp_record_get(probe->extra, VP_PROBE_EXTENSIONS);
    VirtProbeRecord *record;

    if (++state->extensions == EXTENSIONS_MAX + 1)
        vp_probe_find(probe, VP_RULE_EXTENSION_COUNT, data->base - 8, 8,
                      "there are more than %d header extensions", EXTENSIONS_MAX);
    if (!vp_record_has_room(probe->extra)
        || (listed != NULL && listed->list->count >= EXTENSIONS_LISTED_MAX
            && !probe->extra->tree->is_full_wanted)) {
        if (!state->has_unlisted)
            vp_probe_find(probe, VP_RULE_TOO_MANY, data->base - 8, 8,
                          "there are more header extensions than are listed");
        state->has_unlisted = TRUE;
        return;
    }
    record = vp_record_append(probe->extra, VP_PROBE_EXTENSIONS);
    vp_record_set_mask(record, VP_EXTENSION_TYPE, type);
    if (known != NULL)
        vp_record_set_constant(record, VP_EXTENSION_NAME, known->name);
    vp_record_set_uint(record, VP_EXTENSION_OFFSET, data->base);
    vp_record_set_uint(record, VP_EXTENSION_LENGTH, data->size);
}

/* Reads one known extension. FALSE: it has the wrong form, and QEMU refuses the image. */
static gboolean
extension_parse(VpProbe *probe, Qcow2State *state, const ExtensionType *known, VpReader *data)
{
    guint64 bit = G_GUINT64_CONSTANT(1) << (known - extension_types);

    if (data->size < known->minimum || data->size > known->maximum) {
        vp_probe_find(probe, VP_RULE_EXTENSION_INVALID, data->base - 8, 8,
                      "%s extension has %" G_GSIZE_FORMAT " bytes, must be %u to %u", known->name,
                      data->size, known->minimum, known->maximum);
        return FALSE;
    }
    if ((state->seen & bit) != 0)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, data->base - 8, data->size + 8,
                      "a second %s extension, QEMU takes the last one", known->name);
    state->seen |= bit;
    known->parse(probe, state, data);
    return TRUE;
}

/* Where the area of extensions ends: at the backing file's name or with the first cluster. */
static guint64
area_end(const VpProbe *probe)
{
    guint64 backing_offset = vp_probe_value(probe, QCOW2_BACKING_OFFSET);

    if (backing_offset != 0 && vp_probe_is_valid(probe, QCOW2_BACKING_OFFSET))
        return backing_offset;
    return probe->header.cluster_size;
}

/* Reads len bytes of the area at pos. Most areas end within the head that is read already; when one does not,
 * its rest is fetched at once. */
static gboolean
area_read(VpProbe *probe, guint64 pos, gsize len, VpReader *out_reader)
{
    guint64 end = area_end(probe);

    if (pos + len > vp_probe_head_size(probe) && end > vp_probe_head_size(probe))
        vp_probe_prefetch(probe, vp_probe_head_size(probe),
                          (gsize) end - vp_probe_head_size(probe));
    return vp_probe_read(probe, pos, len, "header extension", out_reader);
}

/* One step of the walk: reads the extension at *pos and moves behind it. FALSE: the walk ends, and *out_is_sound
 * says whether that is as it should be. */
static gboolean
extension_step(VpProbe *probe, Qcow2State *state, guint64 *pos, gboolean *out_is_sound)
{
    guint64 left = area_end(probe) - *pos;
    const ExtensionType *known;
    VpReader reader;
    guint32 type;
    guint32 len;

    *out_is_sound = TRUE;
    if (left == 0 || *pos >= probe->size)
        return FALSE; /* QEMU reads zeros behind the end of the file, which end the extensions */

    if (left < 8) {
        vp_probe_find(probe, VP_RULE_EXTENSION_OVERRUN, *pos, left,
                      "%" G_GUINT64_FORMAT " bytes are left at %" G_GUINT64_FORMAT
                      " for a header extension, which needs 8",
                      left, *pos);
        *out_is_sound = FALSE;
        return FALSE;
    }
    if (!area_read(probe, *pos, 8, &reader))
        return FALSE;
    type = vp_reader_u32be(&reader);
    len = vp_reader_u32be(&reader);
    if (len > left - 8) {
        vp_probe_find(probe, VP_RULE_EXTENSION_OVERRUN, *pos, 8,
                      "header extension 0x%08x at %" G_GUINT64_FORMAT
                      " has %u bytes, %" G_GUINT64_FORMAT " are left",
                      type, *pos, len, left - 8);
        *out_is_sound = FALSE;
        return FALSE;
    }
    if (type == 0)
        return FALSE;
    known = extension_type_find(type);
    vp_reader_init(&reader, NULL, len, *pos + 8);
    if (known != NULL && !area_read(probe, *pos + 8, len, &reader))
        return FALSE;
    extension_record(probe, state, type, known, &reader);
    if (known != NULL && !extension_parse(probe, state, known, &reader)) {
        *out_is_sound = FALSE;
        return FALSE;
    }
    /* Each is padded to a multiple of 8; the last padding may be cut by the end of the area. */
    *pos += MIN(8 + (((guint64) len + 7) & ~G_GUINT64_CONSTANT(7)), left);
    return TRUE;
}

gboolean
qcow2_extensions_parse(VpProbe *probe, Qcow2State *state)
{
    guint64 pos = state->header_length;
    gboolean is_sound = TRUE;

    if (area_end(probe) <= pos)
        return TRUE;
    while (extension_step(probe, state, &pos, &is_sound))
        ;
    return is_sound;
}

const guint8 *
qcow2_feature_name(const Qcow2State *state, guint set, guint bit, gsize *out_len)
{
    VpReader reader = state->feature_names;

    while (vp_reader_remaining(&reader) >= FEATURE_NAME_ENTRY) {
        guint8 entry_set = vp_reader_u8(&reader);
        guint8 entry_bit = vp_reader_u8(&reader);
        const guint8 *name = vp_reader_bytes(&reader, FEATURE_NAME_LEN);

        if (name[0] == 0)
            return NULL; /* QEMU stops here too */
        if (entry_set == set && entry_bit == bit) {
            *out_len = strnlen((const char *) name, FEATURE_NAME_LEN);
            return name;
        }
    }
    return NULL;
}
