/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* types.c: the boxed types of the public interface. They stand alone here so that a program which needs no types
 * starts without GObject. */
#include "virtprobe/virtprobe.h"

G_DEFINE_BOXED_TYPE(VirtProbeRecord, virt_probe_record, virt_probe_record_ref,
                    virt_probe_record_unref)

G_DEFINE_BOXED_TYPE(VirtProbeStream, virt_probe_stream, virt_probe_stream_ref,
                    virt_probe_stream_unref)

/* Formats and rules are constants, so counting them means nothing. */
static VirtProbeFormat *
format_copy(VirtProbeFormat *format)
{
    return format;
}

static void
format_free(G_GNUC_UNUSED VirtProbeFormat *format)
{
}

G_DEFINE_BOXED_TYPE(VirtProbeFormat, virt_probe_format, format_copy, format_free)

static VirtProbeRule *
rule_copy(VirtProbeRule *rule)
{
    return rule;
}

static void
rule_free(G_GNUC_UNUSED VirtProbeRule *rule)
{
}

G_DEFINE_BOXED_TYPE(VirtProbeRule, virt_probe_rule, rule_copy, rule_free)

static VirtProbeDetection *
detection_copy(VirtProbeDetection *detection)
{
    return g_memdup2(detection, sizeof *detection);
}

static void
detection_free(VirtProbeDetection *detection)
{
    g_free(detection);
}

G_DEFINE_BOXED_TYPE(VirtProbeDetection, virt_probe_detection, detection_copy, detection_free)

G_DEFINE_BOXED_TYPE(VirtProbeTarget, virt_probe_target, virt_probe_target_ref,
                    virt_probe_target_unref)
