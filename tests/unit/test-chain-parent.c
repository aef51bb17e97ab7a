/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chain-parent.c: parents are looked for beside the image, and judged by their identity. */
#include "storage/chain-parent.h"
#include "storage/probe.h"
#include "unit-images.h"
#include "unit.h"

#include <string.h>

static void
test_looks_beside_the_image(void)
{
    static const struct {
        const char *owner;
        const char *name;
        const char *path;
    } cases[] = {
        { "/vm/child.vhdx", "parent.vhdx", "/vm/parent.vhdx" },
        { "/vm/child.vhdx", ".\\parent.vhdx", "/vm/parent.vhdx" },
        { "/vm/child.vhdx", "C:\\disks\\old\\parent.vhdx", "/vm/parent.vhdx" },
        { "/vm/child.vhdx", "C:parent.vhdx", "/vm/parent.vhdx" },
        { "/vm/child.vhdx", "\\\\?\\Volume{x}\\parent.vhdx", "/vm/parent.vhdx" },
        { "/vm/child.vhdx", "/Users/a/parent.vhd", "/vm/parent.vhd" },
        { "/vm/child.vhdx", "..\\..\\..\\etc\\passwd", "/vm/passwd" },
        { "child.vhdx", "a:b", "b" },
        { "child.vhdx", "parent.vhdx", "parent.vhdx" },
        { "/vm/child.vhdx", "", NULL },
        { "/vm/child.vhdx", "C:\\", NULL },
        { "/vm/child.vhdx", "..", NULL },
        { "/vm/child.vhdx", "x\\.", NULL },
        { NULL, "parent.vhdx", NULL },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = vp_parent_path(cases[i].owner, cases[i].name);

        g_test_message("%s", cases[i].name);
        g_assert_cmpstr(path, ==, cases[i].path);
    }
}

/* A described image without findings, with these identities. */
static VirtProbeRecord *
image_with(const char *own, const char *parent)
{
    VirtProbeRecord *image = vp_tree_new(VP_RECORD_IMAGE, FALSE);
    VirtProbeRecord *extra = vp_record_set_record(image, VP_IMAGE_VIRT_PROBE, VP_RECORD_PROBE);

    if (own != NULL)
        vp_record_set_string(extra, VP_PROBE_IDENTITY, own);
    if (parent != NULL)
        vp_record_set_string(extra, VP_PROBE_PARENT_IDENTITY, parent);
    return image;
}

static void
test_judges_by_identity(void)
{
    static const struct {
        const char *wanted;
        const char *found;
        const char *role;
        const char *findings;
    } cases[] = {
        { "aa", "aa", VP_ROLE_BACKING, "" },
        { "aa", "AA", VP_ROLE_BACKING, "" },
        { "aa", "bb", VP_ROLE_BACKING, "parent-mismatch" },
        { "aa", NULL, VP_ROLE_BACKING, "parent-mismatch" },
        { NULL, "bb", VP_ROLE_BACKING, "" },
        { "aa", "aa", VP_ROLE_PARENT, "parent-by-name" },
        { "aa", "bb", VP_ROLE_PARENT, "parent-by-name parent-mismatch" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VirtProbeRecord) owner = image_with(NULL, cases[i].wanted);
        g_autoptr(VirtProbeRecord) image = image_with(cases[i].found, NULL);

        vp_parent_judge(image, owner, cases[i].role);
        assert_findings(image, cases[i].findings);
    }
}

static void
test_says_that_a_parent_has_no_name(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vdi")->make();
    g_autoptr(VirtProbeRecord) whole = NULL;
    g_autoptr(VirtProbeRecord) image = NULL;

    whole = describe_bytes(bytes->data, bytes->len, "vdi");
    vp_parent_find_unnamed(whole);
    assert_findings(whole, "");
    bytes->data[424] = 1; /* the UUID of the image that it stands on */
    image = describe_bytes(bytes->data, bytes->len, "vdi");
    vp_parent_find_unnamed(image);
    assert_finding(image, "parent-unnamed");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chain-parent/looks-beside-the-image", test_looks_beside_the_image);
    g_test_add_func("/chain-parent/judges-by-identity", test_judges_by_identity);
    g_test_add_func("/chain-parent/says-that-a-parent-has-no-name",
                    test_says_that_a_parent_has_no_name);
    return g_test_run();
}
