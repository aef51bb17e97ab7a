/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* finding.c: recording what is damaged, odd or dangerous, and reading with a finding when that fails. */
#include "storage/format.h"
#include "util/error.h"
#include "util/numbers.h"

#include <string.h>

/* A message is one phrase; texts from the image in it are short already. */
#define MESSAGE_MAX 400

static VpProbe *
probe_outermost(VpProbe *probe)
{
    while (probe->outer != NULL)
        probe = probe->outer;
    return probe;
}

/* The first finding that breaks is the reason for the state of the whole image. */
static void
probe_note_break(VpProbe *outermost, const VirtProbeRule *rule, const char *message)
{
    gsize len = strlen(message) + 1;
    char *copy;

    if (!rule->does_break || outermost->broken_rule != NULL)
        return;
    copy = vp_record_alloc(outermost->findings, len);
    outermost->broken_rule = rule;
    outermost->broken_message = copy != NULL ? memcpy(copy, message, len) : rule->id;
}

static void
finding_list(VirtProbeRecord *findings, const VirtProbeRule *rule, guint64 offset, guint64 len,
             const char *message)
{
    VirtProbeRecord *finding = vp_record_append(findings, VP_PROBE_FINDINGS);
    VirtProbeSeverity severity = virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_REPORT);

    vp_record_set_constant(finding, VP_FINDING_RULE, rule->id);
    vp_record_set_constant(finding, VP_FINDING_SEVERITY, virt_probe_severity_get_name(severity));
    if (len > 0) {
        vp_record_set_uint(finding, VP_FINDING_OFFSET, offset);
        vp_record_set_uint(finding, VP_FINDING_LENGTH, len);
    }
    vp_record_set_string(finding, VP_FINDING_MESSAGE, message);
}

static void
finding_append(VpProbe *probe, VpRuleId id, guint64 offset, guint64 len, const char *message)
{
    VpProbe *outermost = probe_outermost(probe);
    const VirtProbeRule *rule = vp_rule(id);

    probe_note_break(outermost, rule, message);
    if (outermost->n_findings[id] < VP_FINDINGS_PER_RULE_MAX) {
        outermost->n_findings[id]++;
        finding_list(outermost->findings, rule, probe->start + offset, len, message);
    } else if (!outermost->has_unlisted_findings) {
        outermost->has_unlisted_findings = TRUE;
        finding_list(outermost->findings, vp_rule(VP_RULE_TOO_MANY), 0, 0,
                     "there are more findings of one rule than are listed");
    }
}

/* A list has no place for what is no more than a fact. */
static gboolean
is_worth_a_word(const VpProbe *probe, const VirtProbeRule *rule)
{
    if (probe->is_quiet)
        return FALSE;
    /* Where the size is not known nothing ends behind it; and what has not come yet is not missing. */
    if (probe->has_no_end
        && (rule == vp_rule(VP_RULE_TRUNCATED)
            || (probe->windows->is_waiting && rule != vp_rule(VP_RULE_STREAM_INCOMPLETE))))
        return FALSE;
    return (probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) == 0 || rule->does_break
           || virt_probe_rule_get_severity(rule, VIRT_PROBE_PROFILE_REPORT)
                  > VIRT_PROBE_SEVERITY_INFO;
}

G_GNUC_PRINTF(5, 0)
static void
finding_append_format(VpProbe *probe, VpRuleId id, guint64 offset, guint64 len, const char *format,
                      va_list args)
{
    char message[MESSAGE_MAX];

    g_vsnprintf(message, sizeof message, format, args);
    finding_append(probe, id, offset, len, message);
}

void
vp_probe_find(VpProbe *probe, VpRuleId rule, guint64 offset, guint64 len, const char *message, ...)
{
    va_list args;

    if (!is_worth_a_word(probe, vp_rule(rule)))
        return;
    va_start(args, message);
    finding_append_format(probe, rule, offset, len, message, args);
    va_end(args);
}

void
vp_probe_find_field(VpProbe *probe, VpRuleId rule, guint field, const char *message, ...)
{
    guint64 offset = 0;
    guint64 len = 0;
    va_list args;

    if (!is_worth_a_word(probe, vp_rule(rule)))
        return;
    /* A format without header has no place that the finding could be about. */
    if (field < probe->format->n_fields) {
        offset = vp_header_field_place(probe, field);
        len = probe->format->fields[field].width;
    }
    va_start(args, message);
    finding_append_format(probe, rule, offset, len, message, args);
    va_end(args);
}

static void
read_report(VpProbe *probe, VpWindowState state, guint64 offset, gsize len, const char *what)
{
    if (state == VP_WINDOW_LIMIT) {
        vp_probe_find(
            probe, VP_RULE_LIMIT, offset, len,
            "%s not read, the limit of %u reads, %u bytes or %u bytes of memory is reached", what,
            VP_WINDOWS_READS_MAX, VP_WINDOWS_BYTES_MAX, VP_WINDOWS_MEMORY_MAX);
    } else if (state == VP_WINDOW_IO_ERROR) {
        vp_probe_find(probe, VP_RULE_IO_ERROR, offset, len, "%s cannot be read: %s", what,
                      vp_error_meaning(vp_windows_errno(probe->windows)));
    } else if (state == VP_WINDOW_NOT_YET) {
        /* The last word is left for how much is known. */
        if (probe_outermost(probe)->n_findings[VP_RULE_STREAM_INCOMPLETE]
            == VP_FINDINGS_PER_RULE_MAX - 1)
            return;
        vp_probe_find(probe, VP_RULE_STREAM_INCOMPLETE, offset, len,
                      "%s at %" G_GUINT64_FORMAT " is not there yet", what, probe->start + offset);
    } else if (state == VP_WINDOW_UNREACHABLE) {
        vp_probe_find(probe, VP_RULE_UNREACHABLE_IN_STREAM, offset, len,
                      "%s at %" G_GUINT64_FORMAT " had gone by and was not kept", what,
                      probe->start + offset);
    } else {
        vp_probe_find(probe, VP_RULE_TRUNCATED, offset, len,
                      "%s at %" G_GUINT64_FORMAT " needs %" G_GSIZE_FORMAT
                      " bytes, the file ends at %" G_GUINT64_FORMAT,
                      what, probe->start + offset, len, probe->start + probe->size);
    }
}

gboolean
vp_probe_read(VpProbe *probe, guint64 offset, gsize len, const char *what, VpReader *out_reader)
{
    guint64 available = offset < probe->size ? probe->size - offset : 0;
    gsize inside = (gsize) MIN(len, available);
    VpWindowState state = vp_windows_get(probe->windows, probe->start + offset, inside, out_reader);

    out_reader->base = offset;
    if (state == VP_WINDOW_OK && inside < len)
        state = VP_WINDOW_PAST_END;
    if (state == VP_WINDOW_OK)
        return TRUE;
    read_report(probe, state, offset, len, what);
    return FALSE;
}

gboolean
vp_probe_peek(VpProbe *probe, guint64 offset, gsize len, VpReader *out_reader)
{
    vp_reader_init(out_reader, NULL, 0, offset);
    if (offset > probe->size || len > probe->size - offset)
        return FALSE;
    return vp_windows_get(probe->windows, probe->start + offset, len, out_reader) == VP_WINDOW_OK;
}

void
vp_probe_prefetch(VpProbe *probe, guint64 offset, gsize len)
{
    guint64 available = offset < probe->size ? probe->size - offset : 0;

    vp_windows_prefetch(probe->windows, probe->start + offset, (gsize) MIN(len, available));
}

void
vp_probe_announce(VpProbe *probe, guint64 offset, guint64 len)
{
    VpSource *source = probe->windows->source;

    if (source->class->announce != NULL && offset < probe->size)
        source->class->announce(source, probe->start + offset, MIN(len, probe->size - offset));
}

gboolean
vp_probe_check_place(VpProbe *probe, const char *what, guint64 offset, guint64 len)
{
    guint64 end;

    if (!vp_checked_add(offset, len, &end) || end > G_MAXINT64)
        vp_probe_find(probe, VP_RULE_TABLE_OUTSIDE, 0, 0,
                      "%s at %" G_GUINT64_FORMAT " ends past 2^63-1", what, offset);
    else if (end > probe->size)
        vp_probe_find(probe, VP_RULE_TRUNCATED, offset, len,
                      "%s ends at %" G_GUINT64_FORMAT ", the file has %" G_GUINT64_FORMAT " bytes",
                      what, end, probe->size);
    else
        return TRUE;
    return FALSE;
}

void
vp_image_find(VirtProbeRecord *image, VpRuleId rule, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    g_vsnprintf(message, sizeof message, format, args);
    va_end(args);
    finding_list(vp_record_get_record(image, VP_IMAGE_VIRT_PROBE), vp_rule(rule), 0, 0, message);
}
