/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-foreign.c: image formats that are not described yet are named, and never called a sound raw disk. */
#include "unit.h"

#include <string.h>

static const struct {
    const char *name;
    guint len;
    const char *bytes;
} foreign[] = {
#define FOREIGN(name, len, bytes) { name, len, bytes },
#include "storage/foreign.def"
#undef FOREIGN
};

static VirtProbeRecord *
describe_foreign(guint index, const char *format)
{
    guint8 image[4096] = { 0 };

    memcpy(image, foreign[index].bytes, foreign[index].len);
    return describe_bytes(image, sizeof image, format);
}

static void
test_is_named_and_not_sound(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_autoptr(VirtProbeRecord) image = describe_foreign(i, NULL);

        assert_finding(image, "format-not-described");
        assert_no_finding(image, "no-signature");
        assert_state(image, "partial");
        g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "qemu-format"), ==,
                        foreign[i].name);
    }
}

static void
test_declared_raw_is_a_mismatch(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_autoptr(VirtProbeRecord) image = describe_foreign(i, "raw");

        assert_finding(image, "declared-format-mismatch");
        assert_state(image, "ok");
    }
}

static void
test_a_piece_of_a_signature_is_raw(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_autoptr(VirtProbeRecord) image =
            describe_bytes(foreign[i].bytes, foreign[i].len - 1, NULL);

        assert_finding(image, "no-signature");
        assert_state(image, "ok");
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/foreign/is-named-and-not-sound", test_is_named_and_not_sound);
    g_test_add_func("/foreign/declared-raw-is-a-mismatch", test_declared_raw_is_a_mismatch);
    g_test_add_func("/foreign/a-piece-of-a-signature-is-raw", test_a_piece_of_a_signature_is_raw);
    return g_test_run();
}
