/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chain-parent.c: parents are looked for beside the image, and judged by their identity. */
#include "storage/chain-parent.h"
#include "storage/chain.h"
#include "storage/probe.h"
#include "unit-images.h"
#include "unit.h"
#include "virtual-files.h"

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

/* A VDI that is known by that byte, and stands on the one that is known by the other; 0: on none. */
static void
add_vdi(VirtualFiles *files, const char *name, guint8 identity, guint8 parent)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vdi")->make();

    memset(bytes->data + 392, identity, 16);
    memset(bytes->data + 424, parent, 16);
    virtual_files_add(files, name, bytes->data, bytes->len);
}

/* The rules of all members, and how many there are. */
static guint
chain_length(VirtualFiles *files, const char *top, GString *out_rules)
{
    g_autoptr(VirtProbeRecord) chain = vp_chain_open(
        &files->parent, top, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING, NULL, NULL, NULL);
    g_autofree char *json = virt_probe_record_to_json(chain);
    guint length = 0;

    for (const char *pos = json; (pos = strstr(pos, "\"filename\"")) != NULL; pos++)
        length++;
    g_string_assign(out_rules, json);
    return length - 1; /* the chain has a name as well */
}

static void
test_searches_beside_an_image_that_names_none(void)
{
    g_auto(VirtualFiles) files = { 0 };
    g_autoptr(GString) json = g_string_new(NULL);
    GPtrArray *(*list)(VpOpener *, const char *);

    virtual_files_init(&files);
    list = files.parent.list;
    add_vdi(&files, "vm/a.vdi", 3, 0);
    add_vdi(&files, "vm/b.vdi", 2, 3);
    add_vdi(&files, "vm/top.vdi", 1, 2);
    add_vdi(&files, "vm/wrong.img", 2, 0);
    add_vdi(&files, "other/c.vdi", 9, 0);
    g_assert_cmpuint(chain_length(&files, "vm/top.vdi", json), ==, 3);
    g_assert_nonnull(strstr(json->str, "parent-by-name"));
    g_assert_null(strstr(json->str, "parent-unnamed"));
    g_assert_false(virtual_files_were_opened(&files, "vm/wrong.img"));
    add_vdi(&files, "vm/top.vdi", 1, 9);
    g_assert_cmpuint(chain_length(&files, "vm/top.vdi", json), ==, 2);
    g_assert_nonnull(strstr(json->str, "parent-unnamed"));
    g_assert_nonnull(strstr(json->str, "chain-missing"));
    files.parent.list = NULL;
    g_assert_cmpuint(chain_length(&files, "vm/top.vdi", json), ==, 2);
    g_assert_nonnull(strstr(json->str, "chain-refused"));
    files.parent.list = list;
    /* An image that stands on itself is found, and not opened again. */
    add_vdi(&files, "vm/top.vdi", 1, 1);
    g_assert_cmpuint(chain_length(&files, "vm/top.vdi", json), ==, 2);
    g_assert_nonnull(strstr(json->str, "chain-loop"));
    g_assert_cmpuint(files.n_open, ==, 0);
}

static void
test_search_is_bounded(void)
{
    g_auto(VirtualFiles) files = { 0 };
    g_autoptr(GString) json = g_string_new(NULL);

    virtual_files_init(&files);
    for (guint i = 0; i < 300; i++) {
        g_autofree char *name = g_strdup_printf("vm/%03u.vdi", i);

        add_vdi(&files, name, i == 299 ? 2 : 5, 0);
    }
    add_vdi(&files, "vm/top.vdi", 1, 2);
    g_assert_cmpuint(chain_length(&files, "vm/top.vdi", json), ==, 2);
    g_assert_nonnull(strstr(json->str, "parent-unnamed"));
    g_assert_cmpuint(files.opened->len, ==, 257);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chain-parent/looks-beside-the-image", test_looks_beside_the_image);
    g_test_add_func("/chain-parent/judges-by-identity", test_judges_by_identity);
    g_test_add_func("/chain-parent/searches-beside-an-image-that-names-none",
                    test_searches_beside_an_image_that_names_none);
    g_test_add_func("/chain-parent/search-is-bounded", test_search_is_bounded);
    return g_test_run();
}
