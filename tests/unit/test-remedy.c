/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-remedy.c: commands that repair a chain are offered where one helps, and can be typed as they are. */
#include "storage/remedy.h"

#include "chain-fixture.h"
#include "storage/rules.h"

#include <string.h>

/* An overlay by its name, what it records, and what is wrong with the link. */
typedef struct {
    const char *name;
    const char *overlay;
    const char *backing;
    const char *format;
    const char *beside; /* a file that is there; NULL: none is */
    VpRuleId rule;
    const char *remedy; /* NULL: none */
} Case;

static const Case cases[] = {
    /* Rules. */
    { "missing-file-asks-for-its-name", "top", "base", "raw", NULL, VP_RULE_CHAIN_MISSING,
      "qemu-img rebase -u -b NAME -F raw top" },
    { "missing-file-asks-for-its-format", "top", "base", NULL, NULL, VP_RULE_CHAIN_MISSING,
      "qemu-img rebase -u -b NAME -F FORMAT top" },
    { "loop-asks-for-another-name", "top", "top", "qcow2", "top", VP_RULE_CHAIN_LOOP,
      "qemu-img rebase -u -b NAME -F qcow2 top" },
    { "missing-format-is-asked-for", "top", "pool/base", NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING,
      "qemu-img rebase -u -b pool/base -F FORMAT top" },
    { "unknown-format-is-asked-for", "top", "base", "qcow3", NULL, VP_RULE_BACKING_FORMAT_UNKNOWN,
      "qemu-img rebase -u -b base -F FORMAT top" },
    { "refused-file-has-none", "top", "/base", "raw", NULL, VP_RULE_CHAIN_REFUSED, NULL },
    { "unreadable-file-has-none", "top", "base", "raw", NULL, VP_RULE_CHAIN_UNREADABLE, NULL },
    { "server-has-none", "top", "base", "raw", NULL, VP_RULE_CHAIN_NOT_OPENED, NULL },
    { "depth-has-none", "top", "base", "raw", NULL, VP_RULE_CHAIN_DEPTH, NULL },
    { "smaller-base-has-none", "top", "base", "raw", NULL, VP_RULE_BACKING_SMALLER, NULL },

    /* Files that were moved together with their overlay. */
    { "moved-file-is-found-beside-the-overlay", "new/top", "/old/base", "raw", "new/base",
      VP_RULE_CHAIN_MISSING, "qemu-img rebase -u -b base -F raw new/top" },
    { "moved-file-is-found-beside-a-bare-name", "top", "old/base", "raw", "base",
      VP_RULE_CHAIN_MISSING, "qemu-img rebase -u -b base -F raw top" },
    { "file-beside-that-is-the-missing-one-is-no-help", "new/top", "base", "raw", "new/base",
      VP_RULE_CHAIN_MISSING, "qemu-img rebase -u -b NAME -F raw new/top" },
    { "file-elsewhere-is-not-found", "new/top", "/old/base", "raw", "base", VP_RULE_CHAIN_MISSING,
      "qemu-img rebase -u -b NAME -F raw new/top" },
    { "moved-file-with-a-colon-is-marked-as-a-file", "new/top", "/old/a:b", "raw", "new/./a:b",
      VP_RULE_CHAIN_MISSING, "qemu-img rebase -u -b ./a:b -F raw new/top" },
    { "moved-file-with-a-hyphen-is-marked-as-a-file", "new/top", "/old/-b", "raw", "new/-b",
      VP_RULE_CHAIN_MISSING, "qemu-img rebase -u -b ./-b -F raw new/top" },
    { "moved-file-with-a-blank-is-quoted", "new/top", "/old/a b", "raw", "new/a b",
      VP_RULE_CHAIN_MISSING, "qemu-img rebase -u -b 'a b' -F raw new/top" },
    { "moved-file-of-unprintable-name-has-none", "new/top", "/old/a\x1b[2Jb", "raw",
      "new/a\x1b[2Jb", VP_RULE_CHAIN_MISSING, NULL },

    /* Names that a shell or qemu-img would misunderstand. */
    { "blank-is-quoted", "my top", "my base", NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING,
      "qemu-img rebase -u -b 'my base' -F FORMAT 'my top'" },
    { "command-is-quoted", "top", "$(reboot);`reboot`", NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING,
      "qemu-img rebase -u -b '$(reboot);`reboot`' -F FORMAT top" },
    { "quote-is-quoted", "top", "a'b", NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING,
      "qemu-img rebase -u -b 'a'\\''b' -F FORMAT top" },
    { "home-is-quoted", "top", "~root", NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING,
      "qemu-img rebase -u -b '~root' -F FORMAT top" },
    { "hyphen-is-no-option", "-U", "-n", NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING,
      "qemu-img rebase -u -b ./-n -F FORMAT ./-U" },
    { "colon-in-the-overlay-is-no-protocol", "a:top", "base", NULL, NULL,
      VP_RULE_BACKING_FORMAT_MISSING, "qemu-img rebase -u -b base -F FORMAT ./a:top" },
    { "colon-behind-a-slash-is-harmless", "pool/a:top", "./a:b", NULL, NULL,
      VP_RULE_BACKING_FORMAT_MISSING, "qemu-img rebase -u -b ./a:b -F FORMAT pool/a:top" },
    { "format-is-quoted", "top", "base", "raw;reboot", NULL, VP_RULE_CHAIN_MISSING,
      "qemu-img rebase -u -b NAME -F 'raw;reboot' top" },
    { "letters-of-any-language-are-shown", "top", "Grüße", NULL, NULL,
      VP_RULE_BACKING_FORMAT_MISSING, "qemu-img rebase -u -b 'Grüße' -F FORMAT top" },
    { "unprintable-overlay-has-none", "to\np", "base", "raw", NULL, VP_RULE_CHAIN_MISSING, NULL },
    { "unprintable-base-has-none", "top", "ba\x7fse", NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING,
      NULL },
    { "base-that-is-no-utf8-has-none", "top", "ba\xffse", NULL, NULL,
      VP_RULE_BACKING_FORMAT_MISSING, NULL },
    { "base-that-turns-the-line-around-has-none", "top",
      "a\xe2\x80\xae"
      "b",
      NULL, NULL, VP_RULE_BACKING_FORMAT_MISSING, NULL },
    { "unprintable-format-has-none", "top", "base", "ra\x1bw", NULL, VP_RULE_CHAIN_MISSING, NULL },
};

/* (transfer full) */
static VirtProbeRecord *
describe_overlay(const Overlay *overlay, const char *name)
{
    g_autoptr(Qcow2Image) image = overlay_new(overlay);
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *record = virt_probe_describe_memory(image->bytes, image->size, name, "qcow2",
                                                         VIRT_PROBE_DESCRIBE_DEFAULT, &error);

    g_assert_no_error(error);
    return record;
}

static void
test_remedy(gconstpointer data)
{
    const Case *row = data;
    g_autoptr(VirtProbeRecord) owner = describe_overlay(
        &(Overlay) { .backing = row->backing, .format = row->format }, row->overlay);
    g_auto(VirtualFiles) files;
    g_auto(VpLink) link = { 0 };
    g_autofree char *remedy = NULL;

    virtual_files_init(&files);
    if (row->beside != NULL)
        add_raw(&files, row->beside, 512);
    g_assert_true(vp_link_init(&link, owner, vp_record_get_text(owner, VP_IMAGE_FILENAME), NULL,
                               VP_ROLE_BACKING));
    remedy = vp_remedy_new(&link, row->rule, &files.parent);
    g_assert_cmpstr(remedy, ==, row->remedy);
}

static void
test_data_file_has_none(void)
{
    static const VpRuleId rules[] = { VP_RULE_CHAIN_MISSING, VP_RULE_CHAIN_LOOP };
    g_autoptr(VirtProbeRecord) owner =
        describe_overlay(&(Overlay) { .data_file = "old/data" }, "top");
    g_auto(VirtualFiles) files;
    g_auto(VpLink) link = { 0 };

    virtual_files_init(&files);
    add_raw(&files, "data", 512);
    g_assert_true(vp_link_init(&link, owner, vp_record_get_text(owner, VP_IMAGE_FILENAME), NULL,
                               VP_ROLE_DATA_FILE));
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        g_assert_null(vp_remedy_new(&link, rules[i], &files.parent));
    g_assert_cmpuint(files.opened->len, ==, 0);
}

static void
test_overlay_without_name_has_none(void)
{
    g_autoptr(VirtProbeRecord) owner =
        describe_overlay(&(Overlay) { .backing = "/base", .format = "raw" }, NULL);
    g_auto(VirtualFiles) files;
    g_auto(VpLink) link = { 0 };

    virtual_files_init(&files);
    g_assert_true(vp_link_init(&link, owner, vp_record_get_text(owner, VP_IMAGE_FILENAME), NULL,
                               VP_ROLE_BACKING));
    g_assert_null(vp_remedy_new(&link, VP_RULE_CHAIN_MISSING, &files.parent));
}

/* A file that the policy keeps closed must not be named: that would say that it is there. */
static void
test_looks_with_the_eyes_of_the_policy(void)
{
    g_autoptr(VirtProbeRecord) owner =
        describe_overlay(&(Overlay) { .backing = "/old/base", .format = "raw" }, "new/top");
    g_auto(VirtualFiles) files;
    g_auto(VpLink) link = { 0 };
    g_autofree char *remedy = NULL;

    virtual_files_init(&files);
    add_raw(&files, "new/base", 512);
    virtual_files_set_mode(&files, "new/base", VIRTUAL_FILE_IS_OUTSIDE);
    g_assert_true(vp_link_init(&link, owner, vp_record_get_text(owner, VP_IMAGE_FILENAME), NULL,
                               VP_ROLE_BACKING));
    remedy = vp_remedy_new(&link, VP_RULE_CHAIN_MISSING, &files.parent);
    g_assert_cmpstr(remedy, ==, "qemu-img rebase -u -b NAME -F raw new/top");
}

static void
test_stands_in_the_record_of_the_member(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    VirtProbeRecord *error;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "/old/base", .format = "raw" });
    add_raw(&files, "base", 512);
    chain = follow(&files, 0);
    assert_members(chain, "top=ok!absolute-path /old/base<0=unreadable(not-found!chain-missing");
    error = virt_probe_record_get_record(member_of(chain, 1), "error");
    g_assert_cmpstr(virt_probe_record_get_text(error, "remedy"), ==,
                    "qemu-img rebase -u -b base -F raw top");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        add_row_test("/remedy", cases[i].name, &cases[i], test_remedy);
    g_test_add_func("/remedy/data-file-has-none", test_data_file_has_none);
    g_test_add_func("/remedy/overlay-without-name-has-none", test_overlay_without_name_has_none);
    g_test_add_func("/remedy/looks-with-the-eyes-of-the-policy",
                    test_looks_with_the_eyes_of_the_policy);
    g_test_add_func("/remedy/stands-in-the-record-of-the-member",
                    test_stands_in_the_record_of_the_member);
    return g_test_run();
}
