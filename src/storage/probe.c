/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe.c: the life of a probe: recognise, read the header, judge it, fill the metadata, follow pointers. */
#include "storage/content.h"
#include "storage/probe-run.h"
#include "storage/recognise.h"

/* Signatures and versions of containers stand in the first sector. */
#define MAGIC_WINDOW 512

/* Reads and judges the header and writes what it says. */
static gboolean
probe_describe(VpProbe *probe)
{
    const VpFormat *format = probe->format;
    const VpVersionRule *version = &format->version;

    vp_header_read(probe);
    probe->is_version_known = version->mode == VP_VERSION_NONE;
    if (!probe->is_version_known && vp_probe_has(probe, version->field)) {
        guint64 number = vp_probe_value(probe, version->field);

        probe->is_version_known = vp_format_accepts_version(format, number);
        if (!probe->is_version_known)
            vp_probe_find_field(probe, VP_RULE_UNSUPPORTED_VERSION, version->field,
                                "unknown %s version %" G_GUINT64_FORMAT, format->name, number);
    }
    /* Another version may well have other rules; what looks sound by ours is shown all the same. */
    probe->is_quiet = !probe->is_version_known;
    vp_header_check(probe);
    probe->is_quiet = FALSE;
    vp_fill(probe);
    if (!probe->is_version_known)
        return FALSE;
    if (format->cross_check != NULL)
        format->cross_check(probe);
    return format->parse == NULL || format->parse(probe);
}

/* Who calls for content has recognised it by its signature, which may stand anywhere. */
static gboolean
nested_has_magic(VpProbe *nested)
{
    VpReader head;

    if (nested->format->layer != VP_LAYER_CONTAINER)
        return TRUE;
    if (!vp_probe_read(nested, 0, (gsize) MIN(MAGIC_WINDOW, nested->size), "header", &head))
        return FALSE;
    if (vp_format_matches_head(nested->format, head.data, head.size))
        return TRUE;
    vp_probe_find(nested, VP_RULE_BAD_MAGIC, 0, 0, "there is no %s header", nested->format->name);
    return FALSE;
}

gboolean
vp_describe_as(VpProbe *probe, const char *name, guint64 offset, guint64 len,
               VirtProbeRecord *target)
{
    const VpFormat *format = vp_registry_find(name);
    VpProbe nested = {
        .windows = probe->windows,
        .start = probe->start + offset,
        .size = len,
        .format = format,
        .is_nested = TRUE,
        .flags = probe->flags,
        .target = target,
        .outer = probe,
    };

    g_return_val_if_fail(format != NULL, FALSE);

    return nested_has_magic(&nested) && probe_describe(&nested);
}

void
vp_describe_content(VpProbe *probe, const VpFormat *format, guint64 header_start,
                    VirtProbeRecord *target)
{
    VpProbe nested = {
        .windows = probe->windows,
        .start = probe->start,
        .size = probe->size,
        .format = format,
        .header_start = header_start,
        .has_no_end = probe->has_no_end,
        .is_nested = TRUE,
        .flags = probe->flags,
        .target = target,
        .outer = probe,
    };

    if (probe_describe(&nested))
        vp_fill_details(&nested, target, VP_CONTENT_DETAILS);
}

static void
probe_find_format(VpProbe *probe, const VpFormat *declared, VpMatches *out_head)
{
    if (declared != NULL)
        vp_recognise_declared(probe, declared, out_head);
    else
        vp_recognise(probe, out_head);
}

/* After parse(), which may have found it in the image. */
static void
find_missing_backing_format(VpProbe *probe)
{
    const VirtProbeRecord *backing = vp_image_find_reference(probe->image, VP_ROLE_BACKING);
    const VirtProbeRecord *location = vp_record_get_record(backing, VP_REFERENCE_LOCATION);

    if (backing == NULL || vp_record_has(probe->image, VP_IMAGE_BACKING_FILENAME_FORMAT)
        || vp_record_has(location, VP_LOCATION_FORMAT))
        return;
    vp_probe_find(probe, VP_RULE_BACKING_FORMAT_MISSING,
                  vp_record_get(backing, VP_REFERENCE_NAME_OFFSET)->number,
                  vp_record_get(backing, VP_REFERENCE_NAME_LENGTH)->number,
                  "the format of the backing file is not recorded");
}

void
vp_probe_run(VpProbe *probe, const VpFormat *declared)
{
    VpMatches head;

    probe->named = probe->name != NULL ? vp_registry_named(probe->name) : vp_format_set_empty();
    probe_find_format(probe, declared, &head);
    if (probe->format == NULL)
        return;
    if (declared != NULL || !probe->is_presumed) {
        vp_record_set_constant(probe->image, VP_IMAGE_FORMAT, probe->format->name);
        vp_recognise_qemu(probe, &head, declared != NULL);
    }
    /* With the wrong signature the fields mean nothing; only their absence would be reported. What is taken for raw may
     * have content all the same. */
    if (probe->broken_rule == vp_rule(VP_RULE_BAD_MAGIC)
        || (probe->is_presumed && (declared != NULL || probe->format->layer != VP_LAYER_FALLBACK)))
        return;
    probe_describe(probe);
    find_missing_backing_format(probe);
    vp_fill_features(probe);
    vp_fill_identity(probe);
    vp_fill_details(probe, probe->extra, VP_PROBE_DETAILS);
    vp_fill_header(probe);
    vp_recognise_content(probe);
    /* Who declares a format knows better than the name. */
    if (declared == NULL && !probe->is_presumed)
        vp_recognise_extension(probe);
}
