/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-declared.c: each format declared for the bytes of every other one is obeyed, and there is a finding. */
#include "storage/registry.h"
#include "unit-images.h"
#include "unit.h"

#include <string.h>

static const char *
name_nth(guint index)
{
    const VirtProbeFormat *format = virt_probe_format_get_nth(index);

    return format != NULL ? virt_probe_format_get_name(format) : NULL;
}

static gboolean
is_container(const char *name)
{
    return vp_registry_find(name)->layer == VP_LAYER_CONTAINER;
}

/* qcow and qcow2 share their magic: there the version is wrong. */
static gboolean
is_refused(VirtProbeRecord *image)
{
    return has_finding(image, "bad-magic") || has_finding(image, "unsupported-version");
}

/* Each ext3 is an ext4 with fewer features, and each OVA a tar archive. */
static gboolean
is_special_case(const char *name, const char *of)
{
    return g_strcmp0(vp_registry_find(name)->refines, of) == 0;
}

static void
check_pair(const char *declared, const char *actual)
{
    g_autoptr(GByteArray) bytes = healthy_image_find(actual)->make();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, declared);

    g_test_message("%s declared for %s", declared, actual);
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, declared);
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "format-source"), ==, "declared");
    if (strcmp(declared, "raw") == 0) {
        g_assert_cmpuint(number_of(probe_of(image), "file-size"), ==, bytes->len);
        g_assert_cmpint(has_finding(image, "declared-format-mismatch"), ==, is_container(actual));
        return;
    }
    g_assert_true(is_refused(image));
    assert_state(image, "partial");
    g_assert_false(virt_probe_record_get_uint64(image, "virtual-size", NULL));
}

static void
test_another_format_is_a_finding(void)
{
    for (guint i = 0; name_nth(i) != NULL; i++)
        for (guint k = 0; name_nth(k) != NULL; k++)
            if (i != k && !is_special_case(name_nth(k), name_nth(i)))
                check_pair(name_nth(i), name_nth(k));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/declared/another-format-is-a-finding", test_another_format_is_a_finding);
    return g_test_run();
}
