/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-target.c: files that say what a system accepts: read or refused with a message, and what is read judges images.
 *
 * The input is the file. */
#include "fuzz.h"

#include "storage/target.h"
#include "util/text.h"
#include "virtprobe/virtprobe.h"

#include <string.h>

static void
check_clean(const char *text)
{
    g_assert_true(vp_text_is_clean(text, strlen(text)));
}

static void
check_judgement(const VirtProbeTarget *target, const void *bytes, gsize size)
{
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory(bytes, size, "image", NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);
    g_auto(GStrv) sentences = virt_probe_target_judge(target, image);

    for (guint i = 0; sentences[i] != NULL; i++) {
        check_clean(sentences[i]);
        g_assert_true(g_str_has_prefix(sentences[i], "fuzz: "));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const guint8 head[104] = { 'Q', 'F', 'I', 0xfb, 0, 0, 0, 3 };
    g_autoptr(VirtProbeTarget) target = vp_target_new("fuzz");
    g_autoptr(GError) error = NULL;

    if (size > VP_TARGET_SIZE_MAX)
        return 0;
    if (!vp_target_parse(target, size > 0 ? (const char *) data : "", size, &error)) {
        g_assert_nonnull(error);
        check_clean(error->message);
        return 0;
    }
    g_assert_no_error(error);
    g_assert_nonnull(virt_probe_target_get_sources(target)[0]);
    g_assert_nonnull(virt_probe_target_get_formats(target)[0]);
    check_judgement(target, head, sizeof head);
    check_judgement(target, "raw", 3);
    return 0;
}
