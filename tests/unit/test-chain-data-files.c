/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chain-data-files.c: external data files are opened beside their image, as raw disks, and lead nowhere. */
#include "chain-fixture.h"
#include "storage/registry.h"

#define GUESS VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING
#define GUESS_SAFELY VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE

/* "top" has the data file "data" and stands on "base"; so does "base" with "data2", on "deep". */
typedef struct {
    const char *name;
    gssize data_size;  /* -1: missing */
    gssize data2_size; /* -1: missing; -2: base has none */
    VirtualFileMode data_mode;
    const char *format; /* of base */
    VirtProbeDescribeFlags flags;
    const char *members;
} DataFileCase;

static const DataFileCase data_file_cases[] = {
    { "is-opened-as-raw", 32768, 32768, 0, "qcow2", 0,
      "top=ok!data-file data:<0=ok base<0=ok!data-file data2:<2=ok deep<2=ok" },
    { "is-missing", -1, -1, 0, "qcow2", 0,
      "top=ok!data-file data:<0=unreadable(not-found!chain-missing base<0=ok!data-file "
      "data2:<2=unreadable(not-found!chain-missing deep<2=ok" },
    { "lies-outside", 32768, -2, VIRTUAL_FILE_IS_OUTSIDE, "qcow2", 0,
      "top=ok!data-file data:<0=not-opened(refused!chain-refused base<0=ok deep<2=ok" },
    { "is-a-directory", 32768, -2, VIRTUAL_FILE_IS_DIRECTORY, "qcow2", 0,
      "top=ok!data-file data:<0=unreadable(refused!chain-unreadable base<0=ok deep<2=ok" },
    { "is-smaller-than-the-disk", 512, 32767, 0, "qcow2", 0,
      "top=ok!data-file data:<0=ok!data-file-smaller base<0=ok!data-file data2:<2=ok deep<2=ok" },
    { "is-larger-than-the-disk", 65536, -2, 0, "qcow2", 0,
      "top=ok!data-file data:<0=ok base<0=ok deep<2=ok" },
    { "is-opened-when-its-image-is-a-guess", 32768, 32768, 0, NULL, GUESS,
      "top=ok!data-file!backing-format-missing data:<0=ok base<0=ok!data-file data2:<2=ok "
      "deep<2=ok" },
};

static void
add_data_file(VirtualFiles *files, const char *name, gssize size)
{
    if (size >= 0)
        add_raw(files, name, (gsize) size);
}

static void
test_data_file(gconstpointer data)
{
    const DataFileCase *row = data;
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top",
                &(Overlay) { .backing = "base", .format = row->format, .data_file = "data" });
    add_overlay(&files, "base",
                &(Overlay) { .backing = "deep",
                             .format = "raw",
                             .data_file = row->data2_size != -2 ? "data2" : NULL });
    add_raw(&files, "deep", OVERLAY_SIZE);
    add_data_file(&files, "data", row->data_size);
    add_data_file(&files, "data2", row->data2_size);
    if (row->data_mode != VIRTUAL_FILE_OPENS)
        virtual_files_set_mode(&files, "data", row->data_mode);
    chain = follow(&files, row->flags);
    assert_members(chain, row->members);
}

static void
test_data_file_of_a_safe_guess_stays_closed(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "base" });
    add_overlay(&files, "base", &(Overlay) { .data_file = "data" });
    add_raw(&files, "data", OVERLAY_SIZE);
    chain = follow(&files, GUESS_SAFELY);
    assert_members(chain, "top=ok!backing-format-missing base<0=ok!data-file "
                          "data:<1=not-opened(refused!chain-refused");
    g_assert_false(virtual_files_were_opened(&files, "data"));
    assert_chain_state(chain, "partial");
}

/* Who calls chose to have the top recognised. */
static void
test_data_file_of_a_recognised_top_is_opened(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .data_file = "data" });
    add_raw(&files, "data", OVERLAY_SIZE);
    chain = vp_chain_open(&files.parent, "top", NULL, VIRT_PROBE_DESCRIBE_RECOGNISE | GUESS_SAFELY,
                          NULL, NULL, NULL);
    assert_members(chain, "top=ok!data-file data:<0=ok");
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 0), "format-source"), ==,
                    "recognised");
}

static void
test_data_file_may_not_be_the_image_itself(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .data_file = "other" });
    virtual_files_add_link(&files, "other", "top");
    chain = follow(&files, 0);
    assert_members(chain, "top=ok!data-file other:<0=not-opened(loop!chain-loop");
    assert_chain_state(chain, "partial");
}

static void
test_data_file_that_is_not_used_stays_closed(void)
{
    g_autoptr(Qcow2Image) top = overlay_new(&(Overlay) { .data_file = "data" });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    qcow2_set_incompatible(top, 0);
    virtual_files_add(&files, "top", top->bytes, top->size);
    add_raw(&files, "data", OVERLAY_SIZE);
    chain = follow(&files, 0);
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, 1);
    g_assert_false(virtual_files_were_opened(&files, "data"));
}

static void
test_data_file_holds_no_image_of_its_own(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .data_file = "data" });
    add_overlay(&files, "data", &(Overlay) { .backing = "deep", .format = "raw" });
    add_raw(&files, "deep", OVERLAY_SIZE);
    chain = follow(&files, GUESS);
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, 2);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 1), "format"), ==, "raw");
    g_assert_false(virtual_files_were_opened(&files, "deep"));
}

/* QEMU takes a data file from the current directory, libvirt from beside the image. */
static void
test_warns_of_a_data_file_that_depends_on_the_directory(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "pool/a", .format = "qcow2" });
    add_overlay(&files, "pool/a", &(Overlay) { .data_file = "data" });
    add_raw(&files, "pool/data", OVERLAY_SIZE);
    chain = follow(&files, 0);
    assert_members(chain, "top=ok pool/a<0=ok!data-file "
                          "pool/data:<1=ok!name-depends-on-directory");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(data_file_cases); i++)
        add_row_test("/chain/data-file", data_file_cases[i].name, &data_file_cases[i],
                     test_data_file);
    g_test_add_func("/chain/data-file/of-a-safe-guess-stays-closed",
                    test_data_file_of_a_safe_guess_stays_closed);
    g_test_add_func("/chain/data-file/of-a-recognised-top-is-opened",
                    test_data_file_of_a_recognised_top_is_opened);
    g_test_add_func("/chain/data-file/may-not-be-the-image-itself",
                    test_data_file_may_not_be_the_image_itself);
    g_test_add_func("/chain/data-file/that-is-not-used-stays-closed",
                    test_data_file_that_is_not_used_stays_closed);
    g_test_add_func("/chain/data-file/holds-no-image-of-its-own",
                    test_data_file_holds_no_image_of_its_own);
    g_test_add_func("/chain/data-file/that-depends-on-the-directory-is-reported",
                    test_warns_of_a_data_file_that_depends_on_the_directory);
    return g_test_run();
}
