/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe.c: writing what a VMDK descriptor says into the metadata, and what is wrong with it. */
#include "storage/vmdk/vmdk.h"
#include "util/text.h"

#include <string.h>

/* Bytes of a line or value that a finding shows. */
#define SHOWN_MAX 64
/* The longest name of a parent and of a kind of disk that QEMU keeps. */
#define PARENT_NAME_MAX 4095
#define CREATE_TYPE_MAX 127

static char *
shown(const VmdkText *text)
{
    return vp_text_escape(text->bytes, MIN(text->len, SHOWN_MAX));
}

static gboolean
texts_are_equal(const VmdkText *a, const VmdkText *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

VirtProbeRecord *
vmdk_specific(VpProbe *probe)
{
    VirtProbeRecord *specific =
        vp_record_set_record(probe->image, VP_IMAGE_FORMAT_SPECIFIC, VP_RECORD_SPECIFIC);

    vp_record_set_constant(specific, VP_SPECIFIC_TYPE, "vmdk");
    return vp_record_set_record(specific, VP_SPECIFIC_DATA, VP_RECORD_VMDK);
}

/* A content id as QEMU finds it, or else as its line says it. FALSE: neither. */
static gboolean
find_id(VpProbe *probe, const VmdkText *qemu, const char *name, const VmdkEntry *entry,
        guint32 *out_id)
{
    gboolean has_line = entry->value.bytes != NULL;
    guint32 by_line = 0;

    if (has_line && !vmdk_text_number(&entry->value, &by_line)) {
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, entry->value.place, entry->value.len,
                      "%s is no number of 8 hexadecimal digits", name);
        has_line = FALSE;
    }
    if (!vmdk_qemu_number(qemu, name, out_id)) {
        vp_probe_find(probe, VP_RULE_DESCRIPTOR_INVALID, qemu->place, qemu->len, "QEMU finds no %s",
                      name);
        *out_id = by_line;
        return has_line;
    }
    if (has_line && by_line != *out_id)
        vp_probe_find(probe, VP_RULE_AMBIGUOUS_DESCRIPTOR, entry->value.place, entry->value.len,
                      "%s is %08x, QEMU takes %08x for it", name, by_line, *out_id);
    else if (entry->value.bytes == NULL)
        vp_probe_find(probe, VP_RULE_AMBIGUOUS_DESCRIPTOR, qemu->place, qemu->len,
                      "no line of the descriptor is %s, but QEMU finds one", name);
    return TRUE;
}

static void
describe_ids(VpProbe *probe, const VmdkText *qemu, const VmdkDescriptor *descriptor)
{
    VirtProbeRecord *specific = vmdk_specific(probe);
    const VmdkEntry *own = &descriptor->entries[VMDK_CID];
    const VmdkEntry *parent = &descriptor->entries[VMDK_PARENT_CID];
    gboolean has_hint = descriptor->entries[VMDK_PARENT_NAME].value.bytes != NULL;
    char own_text[9] = "";
    char parent_text[9] = "";
    guint32 id;

    if (find_id(probe, qemu, "CID", own, &id)) {
        vp_record_set_uint(specific, VP_VMDK_CID, id);
        /* The line counts for who knows the image by it. */
        if (own->value.bytes != NULL)
            vmdk_text_number(&own->value, &id);
        g_snprintf(own_text, sizeof own_text, "%08x", id);
    }
    if (find_id(probe, qemu, "parentCID", parent, &id)) {
        vp_record_set_uint(specific, VP_VMDK_PARENT_CID, id);
        if (parent->value.bytes != NULL)
            vmdk_text_number(&parent->value, &id);
        if (id != VMDK_NO_PARENT)
            g_snprintf(parent_text, sizeof parent_text, "%08x", id);
        if ((id != VMDK_NO_PARENT) != has_hint)
            vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, parent->value.place,
                          parent->value.len, "%s",
                          has_hint ? "a parent is named, but parentCID says that there is none"
                                   : "parentCID says that there is a parent, which is not named");
    }
    vp_probe_set_identity(probe, own_text, parent_text);
}

/* QEMU searches the text for a key; lines know which one is meant. */
static void
find_other_value(VpProbe *probe, const char *name, const VmdkText *qemu, const VmdkText *by_line)
{
    if ((qemu->bytes == NULL && by_line->bytes == NULL) || texts_are_equal(qemu, by_line))
        return;
    vp_probe_find(probe, VP_RULE_AMBIGUOUS_DESCRIPTOR, qemu->place, qemu->len,
                  "QEMU takes for %s what its line does not say", name);
}

static void
describe_parent(VpProbe *probe, const VmdkText *qemu, const VmdkEntry *entry)
{
    gboolean is_named;
    VmdkText name;

    if (!vmdk_qemu_text(qemu, "parentFileNameHint", &name, &is_named)
        || name.len > PARENT_NAME_MAX) {
        if (is_named)
            vp_probe_find(probe, VP_RULE_DESCRIPTOR_INVALID, name.place, name.len,
                          "the name of the parent has no end, or more than %u bytes",
                          PARENT_NAME_MAX);
        name = entry->value;
    }
    find_other_value(probe, "parentFileNameHint", &name, &entry->value);
    if (name.len == 0)
        return;
    vp_record_set_constant(probe->image, VP_IMAGE_BACKING_FILENAME_FORMAT, "vmdk");
    vp_probe_set_backing(probe, name.bytes, name.len, name.place);
}

static void
describe_encryption(VpProbe *probe, const VmdkText *key)
{
    VirtProbeRecord *encryption;

    if (key->bytes == NULL)
        return;
    vp_record_set_bool(probe->image, VP_IMAGE_ENCRYPTED, TRUE);
    encryption = vp_record_set_record(probe->extra, VP_PROBE_ENCRYPTION, VP_RECORD_ENCRYPTION);
    vp_record_set_constant(encryption, VP_ENCRYPTION_METHOD, "vmware");
    vp_probe_find(probe, VP_RULE_ENCRYPTION_UNSUPPORTED, key->place, key->len,
                  "guest data is encrypted by VMware, which QEMU does not know");
}

void
vmdk_describe(VpProbe *probe, const VmdkText *text, const VmdkText *qemu,
              const VmdkDescriptor *descriptor)
{
    const VmdkEntry *entries = descriptor->entries;

    describe_ids(probe, qemu, descriptor);
    describe_parent(probe, qemu, &entries[VMDK_PARENT_NAME]);
    describe_encryption(probe, &descriptor->encryption);
    for (guint i = 0; i < VMDK_KEY_COUNT; i++) {
        if (entries[i].is_contradicted)
            vp_probe_find(probe, VP_RULE_AMBIGUOUS_DESCRIPTOR, entries[i].value.place,
                          entries[i].value.len, "a key of the descriptor has two values");
        if (i >= VMDK_DETAIL_FIRST && entries[i].value.len > 0)
            vp_probe_set_detail(probe, i - VMDK_DETAIL_FIRST, entries[i].value.bytes,
                                entries[i].value.len, entries[i].value.place);
    }
    if (text->len > 0 && entries[VMDK_VERSION].value.bytes == NULL)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, text->place, text->len,
                      "the descriptor has no version");
}

static gboolean
create_type_is_supported(const VmdkText *type)
{
    static const char *const supported[] = {
        "monolithicFlat",     "vmfs", "vmfsSparse", "seSparse", "twoGbMaxExtentSparse",
        "twoGbMaxExtentFlat",
    };

    for (guint i = 0; i < G_N_ELEMENTS(supported); i++) {
        if (type->len == strlen(supported[i]) && memcmp(type->bytes, supported[i], type->len) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
describe_create_type(VpProbe *probe, const VmdkText *text, const VmdkText *by_line)
{
    VmdkText type;
    gboolean is_named;

    if (!vmdk_qemu_text(text, "createType", &type, &is_named) || type.len > CREATE_TYPE_MAX) {
        vp_probe_find(probe, VP_RULE_DESCRIPTOR_INVALID, text->place, text->len,
                      "the descriptor has no createType in quotation marks, of at most %u bytes",
                      CREATE_TYPE_MAX);
        return;
    }
    vp_probe_set_text(probe, vmdk_specific(probe), VP_VMDK_CREATE_TYPE, type.bytes, type.len,
                      type.place);
    find_other_value(probe, "createType", &type, by_line);
    if (!create_type_is_supported(&type)) {
        g_autofree char *name = shown(&type);

        vp_probe_find(probe, VP_RULE_CREATE_TYPE, type.place, type.len,
                      "QEMU does not support disks of type %s", name);
    }
}

/* What is counted over the lines. */
typedef struct {
    guint64 n_taken;
    guint64 n_listed;
    guint64 sectors; /* of those that are taken; at most VMDK_SECTORS_MAX + 1 */
} Extents;

static void
find_outside(VpProbe *probe, const VmdkText *name)
{
    g_autofree char *text = NULL;

    if (!vmdk_name_is_outside(name))
        return;
    text = shown(name);
    vp_probe_find(probe, VP_RULE_EXTENT_OUTSIDE, name->place, name->len,
                  "an extent is not beside the descriptor: %s", text);
}

/* What ends like this has a header of its own. */
static void
reference_set_kind(VirtProbeRecord *reference, const char *type)
{
    gboolean has_header = g_str_has_suffix(type, VMDK_KIND_SPARSE);

    vp_record_set_constant(reference, VP_REFERENCE_FORMAT, has_header ? "vmdk" : "raw");
    if (has_header)
        vp_record_set_constant(reference, VP_REFERENCE_EXTENT_KIND,
                               strcmp(type, VMDK_KIND_SESPARSE) == 0 ? VMDK_KIND_SESPARSE
                                                                     : VMDK_KIND_SPARSE);
}

static void
extent_list(VpProbe *probe, const VmdkLine *line, gboolean is_first)
{
    VirtProbeRecord *extent = vp_record_append(vmdk_specific(probe), VP_VMDK_EXTENTS);
    VirtProbeRecord *reference;

    if (is_first) {
        reference = vp_probe_set_reference(probe, VP_ROLE_EXTENT, extent, VP_VMDK_EXTENT_FILENAME,
                                           line->name.bytes, line->name.len, line->name.place);
        reference_set_kind(reference, line->type);
    } else {
        vp_record_set_text(extent, VP_VMDK_EXTENT_FILENAME, line->name.bytes, line->name.len);
    }
    vp_probe_resolve_beside(probe, extent, VP_VMDK_EXTENT_FILENAME);
    vp_record_set_string(extent, VP_VMDK_EXTENT_FORMAT, line->type);
    if (line->sectors <= VMDK_SECTORS_MAX)
        vp_record_set_uint(extent, VP_VMDK_EXTENT_VIRTUAL_SIZE,
                           (guint64) line->sectors * VMDK_SECTOR);
}

static void
extent_take(VpProbe *probe, const VmdkLine *line, Extents *extents)
{
    extents->n_taken += line->n_seen;
    for (gsize i = 0; i < line->n_seen && extents->sectors <= VMDK_SECTORS_MAX; i++)
        extents->sectors += MIN((guint64) line->sectors, VMDK_SECTORS_MAX + 1);
    for (gsize i = 0; i < line->n_seen && vp_record_has_room(probe->extra); i++) {
        extent_list(probe, line, i == 0);
        extents->n_listed++;
    }
    find_outside(probe, &line->name);
    if (line->n_seen > 1)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, line->line.place, line->line.len,
                      "QEMU takes an extent behind an empty line %" G_GSIZE_FORMAT " times",
                      line->n_seen);
    if (!line->is_name_ended)
        vp_probe_find(probe, VP_RULE_DESCRIPTOR_INVALID, line->name.place, line->name.len,
                      "the name of an extent has no end within %" G_GSIZE_FORMAT " bytes",
                      line->name.len);
}

static void
line_find(VpProbe *probe, const VmdkLine *line, VpRuleId rule, const char *what)
{
    g_autofree char *text = shown(&line->line);

    vp_probe_find(probe, rule, line->line.place, line->line.len, "%s: %s", what, text);
}

static void
line_describe(VpProbe *probe, const VmdkLine *line, Extents *extents)
{
    switch (vmdk_line_kind(line)) {
    case VMDK_LINE_TAKEN:
        extent_take(probe, line, extents);
        break;
    case VMDK_LINE_IGNORED:
        line_find(probe, line, VP_RULE_EXTENT_IGNORED, "QEMU leaves out an extent");
        if (line->n_fields >= 4)
            find_outside(probe, &line->name);
        break;
    case VMDK_LINE_INVALID:
        line_find(probe, line, VP_RULE_DESCRIPTOR_INVALID, "QEMU refuses the line of an extent");
        break;
    default:
        break;
    }
}

static void
find_extents(VpProbe *probe, const VmdkText *text, const Extents *extents)
{
    if (extents->n_taken == 0)
        vp_probe_find(probe, VP_RULE_DESCRIPTOR_INVALID, text->place, text->len,
                      "the descriptor names no extent that QEMU takes");
    else
        vp_probe_find(probe, VP_RULE_VMDK_EXTENT, text->place, text->len,
                      "the guest data is in other files (extents: %" G_GUINT64_FORMAT ")",
                      extents->n_taken);
    if (extents->n_listed < extents->n_taken)
        vp_probe_find(probe, VP_RULE_TOO_MANY, text->place, text->len,
                      "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " extents are listed",
                      extents->n_listed, extents->n_taken);
    if (extents->n_listed < extents->n_taken && (probe->flags & VIRT_PROBE_DESCRIBE_AUDIT) != 0)
        vp_probe_find(probe, VP_RULE_LIMIT, text->place, text->len,
                      "the names of all other extents were not looked at");
    if (extents->sectors > VMDK_SECTORS_MAX)
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, text->place, text->len,
                      "the extents have more than %" G_GINT64_FORMAT " sectors",
                      (gint64) VMDK_SECTORS_MAX);
    else if (extents->n_taken > 0)
        vp_record_set_uint(probe->image, VP_IMAGE_VIRTUAL_SIZE, extents->sectors * VMDK_SECTOR);
}

void
vmdk_describe_disk(VpProbe *probe, const VmdkText *text, const VmdkDescriptor *descriptor)
{
    Extents extents = { 0 };
    VmdkLine line;
    gsize pos = 0;

    describe_create_type(probe, text, &descriptor->entries[VMDK_CREATE_TYPE].value);
    vp_record_set_empty_list(vmdk_specific(probe), VP_VMDK_EXTENTS);
    while (vmdk_line_next(text, &pos, &line))
        line_describe(probe, &line, &extents);
    find_extents(probe, text, &extents);
}

void
vmdk_check_embedded(VpProbe *probe, const VmdkText *text, guint64 sectors, guint64 grain)
{
    guint64 count = 0;
    VmdkLine line;
    gsize pos = 0;

    while (vmdk_line_next(text, &pos, &line)) {
        if (vmdk_line_kind(&line) == VMDK_LINE_OTHER)
            continue;
        count++;
        if (line.n_fields >= 4)
            find_outside(probe, &line.name);
        if (strcmp(line.type, "SPARSE") != 0)
            line_find(probe, &line, VP_RULE_HEADER_INCONSISTENT,
                      "QEMU takes the file itself for the only extent, its descriptor says");
        else if ((guint64) line.sectors > sectors
                 || sectors - (guint64) line.sectors >= MAX(grain, 1))
            vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, line.line.place, line.line.len,
                          "the extent has %" G_GINT64_FORMAT
                          " sectors in the descriptor, %" G_GUINT64_FORMAT " in the header",
                          line.sectors, sectors);
    }
    if (count > 1)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, text->place, text->len,
                      "the descriptor names %" G_GUINT64_FORMAT
                      " extents, QEMU takes the file itself for the only one",
                      count);
}
