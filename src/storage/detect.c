/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* detect.c: the public calls that recognise an image without describing it. */
#include "virtprobe/detect.h"

#include "storage/content.h"
#include "storage/recognise.h"
#include "util/error.h"

static VirtProbeEvidence
evidence_of(const VpProbe *probe, const VpMatches *head)
{
    if (head->count > 1)
        return VIRT_PROBE_EVIDENCE_AMBIGUOUS;
    if (head->count == 1)
        return vp_format_is_weak(head->formats[0]) ? VIRT_PROBE_EVIDENCE_WEAK
                                                   : VIRT_PROBE_EVIDENCE_STRONG;
    return probe->format->layer == VP_LAYER_FALLBACK ? VIRT_PROBE_EVIDENCE_NONE
                                                     : VIRT_PROBE_EVIDENCE_END;
}

static void
detection_add_contents(VpProbe *probe, VirtProbeDetection *detection)
{
    VpContents contents;

    vp_content_find_all(probe, &contents);
    while (!vp_format_set_is_empty(contents.formats)
           && detection->n_contents < VIRT_PROBE_DETECTION_CONTENTS_MAX)
        detection->contents[detection->n_contents++] =
            vp_registry_nth(vp_format_set_take(&contents.formats));
}

/* FALSE: reading failed, with errno as it was kept. */
static gboolean
detect(VpSource *source, gboolean has_no_end, VirtProbeDetection *out_detection, int *out_errno)
{
    VpWindows windows;
    VpMatches head;
    VpProbe probe = {
        .windows = &windows,
        .size = source->size,
        .is_quiet = TRUE,
        .has_no_end = has_no_end,
    };
    VirtProbeDetection detection = { .n_contents = 0 };

    vp_windows_init(&windows, source);
    vp_recognise(&probe, &head);
    *out_errno = vp_windows_errno(&windows);
    if (*out_errno == 0 && (probe.format != NULL || head.count > 1)) {
        detection.format = probe.format;
        detection.evidence = evidence_of(&probe, &head);
        detection.qemu_format = vp_recognise_qemu_name(&probe, &head);
        if (probe.format != NULL)
            detection_add_contents(&probe, &detection);
        *out_errno = vp_windows_errno(&windows);
    }
    vp_windows_clear(&windows);
    if (*out_errno == 0)
        *out_detection = detection;
    return *out_errno == 0;
}

void
virt_probe_detect_memory(const void *data, gsize length, guint64 size,
                         VirtProbeDetection *out_detection)
{
    VpSource source;
    int saved_errno;

    g_return_if_fail(data != NULL || length == 0);
    g_return_if_fail(length <= size && out_detection != NULL);

    vp_source_memory_init(&source, data, length);
    detect(&source, length < size, out_detection, &saved_errno);
}

static gboolean
detect_source(VpSource *source, VirtProbeDetection *out_detection, GError **error)
{
    int saved_errno;

    if (detect(source, FALSE, out_detection, &saved_errno))
        return TRUE;
    vp_error_set_errno(error, saved_errno, "cannot be read");
    return FALSE;
}

gboolean
virt_probe_detect_file(const char *path, VirtProbeDetection *out_detection, GError **error)
{
    g_autoptr(VpSource) source = NULL;

    g_return_val_if_fail(path != NULL && out_detection != NULL, FALSE);

    source = vp_source_file_open(path, error);
    return source != NULL && detect_source(source, out_detection, error);
}

gboolean
virt_probe_detect_fd(int fd, VirtProbeDetection *out_detection, GError **error)
{
    g_autoptr(VpSource) source = NULL;

    g_return_val_if_fail(fd >= 0 && out_detection != NULL, FALSE);

    source = vp_source_file_new_from_fd(fd, error);
    return source != NULL && detect_source(source, out_detection, error);
}

const VirtProbeFormat *
virt_probe_detection_get_content(const VirtProbeDetection *detection, guint index)
{
    g_return_val_if_fail(detection != NULL, NULL);

    return index < detection->n_contents ? detection->contents[index] : NULL;
}
