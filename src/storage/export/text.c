/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.c: the metadata tree for people, laid out as the newest qemu-img does, and what we know beyond below it. */
#include "util/text.h"
#include "storage/location.h"
#include "storage/record.h"
#include "virtprobe/describe.h"

#include <string.h>
#include <time.h>

#define INDENT 4

static void print_record(GString *out, const VirtProbeRecord *record, guint indent);

static void
print_indent(GString *out, guint indent)
{
    for (guint i = 0; i < indent; i++)
        g_string_append_c(out, ' ');
}

static void
print_text(GString *out, const VpValue *value)
{
    vp_text_append_escaped(out, value->bytes, value->len);
}

/* A name, without its credentials. */
static void
print_name(GString *out, const VpValue *value)
{
    gsize masked_len = 0;
    g_autofree char *masked = vp_name_mask(value->bytes, value->len, &masked_len);

    if (masked != NULL)
        vp_text_append_escaped(out, masked, masked_len);
    else
        print_text(out, value);
}

/* "file format: qcow2", when the field is there. */
static void
print_line(GString *out, const VirtProbeRecord *record, guint field, const char *label,
           guint indent)
{
    const VpValue *value = vp_record_get(record, field);

    if (value == NULL)
        return;
    print_indent(out, indent);
    g_string_append_printf(out, "%s: ", label);
    if (record->type->fields[field].type == VP_TYPE_NAME)
        print_name(out, value);
    else
        print_text(out, value);
    g_string_append_c(out, '\n');
}

static void
print_size(GString *out, const VirtProbeRecord *record, guint field, const char *label,
           gboolean has_bytes, guint indent)
{
    const VpValue *value = vp_record_get(record, field);

    print_indent(out, indent);
    g_string_append_printf(out, "%s: ", label);
    if (value == NULL) {
        g_string_append(out, "unavailable\n");
        return;
    }
    vp_text_append_size(out, value->number);
    if (has_bytes)
        g_string_append_printf(out, " (%" G_GUINT64_FORMAT " bytes)", value->number);
    g_string_append_c(out, '\n');
}

/* Keys with blanks in place of hyphens, as qemu-img prints them. */
static void
print_key(GString *out, const char *key, guint indent)
{
    print_indent(out, indent);
    for (; *key != '\0'; key++)
        g_string_append_c(out, *key == '-' ? ' ' : *key);
    g_string_append_c(out, ':');
}

static void
print_list(GString *out, const VpList *list, VpFieldType type, guint indent)
{
    g_string_append_c(out, '\n');
    for (guint i = 0; i < list->count; i++) {
        print_indent(out, indent);
        g_string_append_printf(out, "[%u]:", i);
        if (type == VP_TYPE_TEXTS) {
            const VpText *text = list->items[i];

            g_string_append_c(out, ' ');
            vp_text_append_escaped(out, text->bytes, text->len);
            g_string_append_c(out, '\n');
        } else {
            g_string_append_c(out, '\n');
            print_record(out, list->items[i], indent + INDENT);
        }
    }
}

static void
print_value(GString *out, const VpValue *value, VpFieldType type, guint indent)
{
    switch (type) {
    case VP_TYPE_BOOL:
        g_string_append_printf(out, " %s\n", value->number != 0 ? "true" : "false");
        break;
    case VP_TYPE_UINT:
        g_string_append_printf(out, " %" G_GUINT64_FORMAT "\n", value->number);
        break;
    case VP_TYPE_INT:
        g_string_append_printf(out, " %" G_GINT64_FORMAT "\n", (gint64) value->number);
        break;
    case VP_TYPE_MASK:
        g_string_append_printf(out, " 0x%" G_GINT64_MODIFIER "x\n", value->number);
        break;
    case VP_TYPE_TEXT:
        g_string_append_c(out, ' ');
        print_text(out, value);
        g_string_append_c(out, '\n');
        break;
    case VP_TYPE_NAME:
        g_string_append_c(out, ' ');
        print_name(out, value);
        g_string_append_c(out, '\n');
        break;
    case VP_TYPE_RECORD:
        g_string_append_c(out, '\n');
        print_record(out, value->record, indent + INDENT);
        break;
    case VP_TYPE_TEXTS:
    case VP_TYPE_LIST:
        print_list(out, value->list, type, indent + INDENT);
        break;
    }
}

static void
print_field(GString *out, const VirtProbeRecord *record, guint field, guint indent)
{
    const VpValue *value = vp_record_get(record, field);

    if (value == NULL)
        return;
    print_key(out, record->type->fields[field].key, indent);
    print_value(out, value, record->type->fields[field].type, indent);
}

static void
print_record(GString *out, const VirtProbeRecord *record, guint indent)
{
    for (guint i = 0; i < record->type->n_fields; i++)
        print_field(out, record, i, indent);
}

static void
print_backing(GString *out, const VirtProbeRecord *image)
{
    const VpValue *name = vp_record_get(image, VP_IMAGE_BACKING_FILENAME);
    const VpValue *full = vp_record_get(image, VP_IMAGE_FULL_BACKING_FILENAME);

    if (name == NULL)
        return;
    g_string_append(out, "backing file: ");
    print_name(out, name);
    if (full == NULL) {
        g_string_append(out, " (cannot determine actual path)");
    } else if (strcmp(name->bytes, full->bytes) != 0) {
        g_string_append(out, " (actual path: ");
        print_name(out, full);
        g_string_append_c(out, ')');
    }
    g_string_append_c(out, '\n');
    print_line(out, image, VP_IMAGE_BACKING_FILENAME_FORMAT, "backing file format", 0);
}

static guint64
record_number(const VirtProbeRecord *record, guint field)
{
    const VpValue *value = vp_record_get(record, field);

    return value != NULL ? value->number : 0;
}

/* Appends text in a column, with a blank behind it also when it is too long. */
static void
print_column(GString *out, const GString *text, gint width, gboolean is_left)
{
    glong len = g_utf8_strlen(text->str, -1);
    guint pad = len < width ? (guint) (width - len) : 0;

    if (is_left)
        g_string_append_len(out, text->str, (gssize) text->len);
    print_indent(out, pad);
    if (!is_left)
        g_string_append_len(out, text->str, (gssize) text->len);
}

static void
append_date(GString *out, guint64 seconds)
{
    time_t moment = (time_t) seconds;
    struct tm local;
    char text[64];

    if (localtime_r(&moment, &local) != NULL
        && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local) > 0)
        g_string_append(out, text);
}

static void
append_clock(GString *out, guint64 seconds, guint64 nanoseconds)
{
    g_string_append_printf(out, "%04" G_GUINT64_FORMAT ":%02u:%02u.%03u", seconds / 3600,
                           (guint) (seconds / 60 % 60), (guint) (seconds % 60),
                           (guint) (nanoseconds / 1000000));
}

/* The columns of a snapshot in the list, and how wide each is. */
static void
print_snapshot(GString *out, const VirtProbeRecord *snapshot)
{
    static const gint widths[] = { 7, 16, 8, 19, 15, 10 };
    GString *columns[G_N_ELEMENTS(widths)];

    for (guint i = 0; i < G_N_ELEMENTS(widths); i++)
        columns[i] = g_string_new(NULL);
    print_text(columns[0], vp_record_get(snapshot, VP_SNAPSHOT_ID));
    print_text(columns[1], vp_record_get(snapshot, VP_SNAPSHOT_NAME));
    vp_text_append_size(columns[2], record_number(snapshot, VP_SNAPSHOT_VM_STATE_SIZE));
    append_date(columns[3], record_number(snapshot, VP_SNAPSHOT_DATE_SEC));
    append_clock(columns[4], record_number(snapshot, VP_SNAPSHOT_VM_CLOCK_SEC),
                 record_number(snapshot, VP_SNAPSHOT_VM_CLOCK_NSEC));
    if (vp_record_has(snapshot, VP_SNAPSHOT_ICOUNT))
        g_string_append_printf(columns[5], "%" G_GUINT64_FORMAT,
                               record_number(snapshot, VP_SNAPSHOT_ICOUNT));
    else
        g_string_append(columns[5], "--");
    for (guint i = 0; i < G_N_ELEMENTS(widths); i++) {
        if (i > 0)
            g_string_append_c(out, ' ');
        print_column(out, columns[i], widths[i], i < 2);
        g_string_free(columns[i], TRUE);
    }
    g_string_append_c(out, '\n');
}

static void
print_snapshots(GString *out, const VirtProbeRecord *image)
{
    const VpValue *snapshots = vp_record_get(image, VP_IMAGE_SNAPSHOTS);

    if (snapshots == NULL)
        return;
    g_string_append_printf(out, "Snapshot list:\n%-7s %-16s %8s %19s %15s %10s\n", "ID", "TAG",
                           "VM_SIZE", "DATE", "VM_CLOCK", "ICOUNT");
    for (guint i = 0; i < snapshots->list->count; i++) {
        const VirtProbeRecord *snapshot = snapshots->list->items[i];

        if (vp_record_has(snapshot, VP_SNAPSHOT_ID) && vp_record_has(snapshot, VP_SNAPSHOT_NAME))
            print_snapshot(out, snapshot);
    }
}

static void
print_specific(GString *out, const VirtProbeRecord *image, guint indent)
{
    const VirtProbeRecord *specific = vp_record_get_record(image, VP_IMAGE_FORMAT_SPECIFIC);
    const VirtProbeRecord *data = vp_record_get_record(specific, VP_SPECIFIC_DATA);

    if (data == NULL || data->present == 0)
        return;
    print_indent(out, indent);
    g_string_append(out, "Format specific information:\n");
    print_record(out, data, indent + INDENT);
}

static void
print_children(GString *out, const VirtProbeRecord *image)
{
    const VpValue *children = vp_record_get(image, VP_IMAGE_CHILDREN);

    for (guint i = 0; children != NULL && i < children->list->count; i++) {
        const VirtProbeRecord *child = children->list->items[i];
        const VirtProbeRecord *info = vp_record_get_record(child, VP_CHILD_INFO);

        g_string_append_printf(out, "Child node '/%s':\n",
                               vp_record_get(child, VP_CHILD_NAME)->bytes);
        print_line(out, info, VP_IMAGE_FILENAME, "filename", INDENT);
        print_line(out, info, VP_IMAGE_FORMAT, "protocol type", INDENT);
        print_size(out, info, VP_IMAGE_VIRTUAL_SIZE, "file length", TRUE, INDENT);
        print_size(out, info, VP_IMAGE_ACTUAL_SIZE, "disk size", FALSE, INDENT);
        print_specific(out, info, INDENT);
    }
}

/* An image that was not looked at: which, and why. FALSE: it was. */
static gboolean
print_not_described(GString *out, const VirtProbeRecord *image, guint indent)
{
    const VirtProbeRecord *extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    const VirtProbeRecord *error = vp_record_get_record(extra, VP_PROBE_ERROR);
    const char *state = vp_record_get_text(extra, VP_PROBE_STATE);

    if (vp_state_is_described(state))
        return FALSE;
    print_line(out, extra, VP_PROBE_STATE, "state", indent);
    print_line(out, error, VP_ERROR_MESSAGE, "reason", indent);
    print_line(out, error, VP_ERROR_REMEDY, "to repair it", indent);
    return TRUE;
}

static gboolean
finding_is_worth_showing(const VirtProbeRecord *finding, gboolean is_full_wanted)
{
    const VpValue *severity = vp_record_get(finding, VP_FINDING_SEVERITY);

    return is_full_wanted || (severity != NULL && strcmp(severity->bytes, "info") != 0);
}

static void
print_findings(GString *out, const VirtProbeRecord *extra, guint indent)
{
    const VpValue *findings = vp_record_get(extra, VP_PROBE_FINDINGS);
    gboolean has_heading = FALSE;

    for (guint i = 0; findings != NULL && i < findings->list->count; i++) {
        const VirtProbeRecord *finding = findings->list->items[i];

        if (!finding_is_worth_showing(finding, extra->tree->is_full_wanted)
            || !vp_record_has(finding, VP_FINDING_MESSAGE))
            continue;
        if (!has_heading) {
            print_indent(out, indent);
            g_string_append(out, "Findings:\n");
        }
        has_heading = TRUE;
        print_indent(out, indent + INDENT);
        g_string_append_printf(out, "%s: %s: %s\n",
                               vp_record_get(finding, VP_FINDING_SEVERITY)->bytes,
                               vp_record_get(finding, VP_FINDING_RULE)->bytes,
                               vp_record_get(finding, VP_FINDING_MESSAGE)->bytes);
    }
}

/* Files beside the chain, laid out as child nodes are. */
static void
print_side_members(GString *out, const VirtProbeRecord *extra)
{
    const VpValue *members = vp_record_get(extra, VP_PROBE_SIDE_MEMBERS);

    for (guint i = 0; members != NULL && i < members->list->count; i++) {
        const VirtProbeRecord *child = members->list->items[i];
        const VirtProbeRecord *info = vp_record_get_record(child, VP_CHILD_INFO);

        g_string_append_printf(out, "Side member '/%s':\n",
                               vp_record_get(child, VP_CHILD_NAME)->bytes);
        print_line(out, info, VP_IMAGE_FILENAME, "filename", INDENT);
        if (!print_not_described(out, info, INDENT)) {
            print_line(out, info, VP_IMAGE_FORMAT, "file format", INDENT);
            print_size(out, info, VP_IMAGE_VIRTUAL_SIZE, "virtual size", TRUE, INDENT);
            print_size(out, info, VP_IMAGE_ACTUAL_SIZE, "disk size", FALSE, INDENT);
        }
        print_findings(out, vp_record_get_record(info, VP_IMAGE_VIRT_PROBE), INDENT);
    }
}

/* What we know beyond qemu-img: the few facts that people ask for, or everything when all was asked for. */
static void
print_extra(GString *out, const VirtProbeRecord *extra)
{
    static const guint usual[] = { VP_PROBE_QEMU_FORMAT, VP_PROBE_CANDIDATES, VP_PROBE_DETAILS,
                                   VP_PROBE_DESCRIPTOR, VP_PROBE_CONTENT };
    const VpValue *in_use = vp_record_get(extra, VP_PROBE_IN_USE);
    g_autoptr(GString) lines = g_string_new(NULL);

    if (extra->tree->is_full_wanted) {
        for (guint i = 0; i < extra->type->n_fields; i++) {
            if (i != VP_PROBE_FINDINGS)
                print_field(lines, extra, i, INDENT);
        }
    } else {
        for (guint i = 0; i < G_N_ELEMENTS(usual); i++)
            print_field(lines, extra, usual[i], INDENT);
        if (in_use != NULL && in_use->number != 0)
            print_field(lines, extra, VP_PROBE_IN_USE, INDENT);
    }
    if (lines->len > 0)
        g_string_append_printf(out, "Further information:\n%s", lines->str);
    print_findings(out, extra, 0);
}

char *
virt_probe_image_to_text(const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra;
    const VpValue *cluster_size;
    GString *out;

    g_return_val_if_fail(image != NULL && image->type == vp_record_type(VP_RECORD_IMAGE), NULL);

    extra = vp_record_get_record(image, VP_IMAGE_VIRT_PROBE);
    cluster_size = vp_record_get(image, VP_IMAGE_CLUSTER_SIZE);
    out = g_string_new(NULL);
    print_line(out, image, VP_IMAGE_FILENAME, "image", 0);
    if (print_not_described(out, image, 0)) {
        if (!vp_record_has(extra, VP_PROBE_ERROR))
            print_findings(out, extra, 0);
        return g_string_free(out, FALSE);
    }
    if (vp_record_has(image, VP_IMAGE_FORMAT))
        print_line(out, image, VP_IMAGE_FORMAT, "file format", 0);
    else if (vp_record_has(extra, VP_PROBE_CANDIDATES))
        g_string_append(out, "file format: ambiguous\n");
    print_size(out, image, VP_IMAGE_VIRTUAL_SIZE, "virtual size", TRUE, 0);
    print_size(out, image, VP_IMAGE_ACTUAL_SIZE, "disk size", FALSE, 0);
    if (vp_record_has(image, VP_IMAGE_ENCRYPTED))
        g_string_append(out, "encrypted: yes\n");
    if (cluster_size != NULL)
        g_string_append_printf(out, "cluster_size: %" G_GUINT64_FORMAT "\n", cluster_size->number);
    if (record_number(image, VP_IMAGE_DIRTY_FLAG) != 0)
        g_string_append(out, "cleanly shut down: no\n");
    print_backing(out, image);
    print_snapshots(out, image);
    print_specific(out, image, 0);
    print_children(out, image);
    print_side_members(out, extra);
    if (extra != NULL)
        print_extra(out, extra);
    return g_string_free(out, FALSE);
}

char *
virt_probe_size_to_text(guint64 size)
{
    GString *out = g_string_new(NULL);

    vp_text_append_size(out, size);
    return g_string_free(out, FALSE);
}

char *
virt_probe_text_escape(const char *text)
{
    g_return_val_if_fail(text != NULL, NULL);

    return vp_text_escape(text, strlen(text));
}
