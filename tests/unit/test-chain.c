/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chain.c: names in images are followed by the right rules, and what is found is summed up. */
#include "chain-fixture.h"
#include "storage/registry.h"
#include "unit-images.h"

#include <glib/gstdio.h>
#include <string.h>

#define GUESS VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING
#define GUESS_SAFELY VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE

/* A chain of three files: "top" stands on "base"; what "base" is says the row. */
typedef struct {
    const char *name;
    const char *format;  /* that top records of base */
    const char *healthy; /* base is the healthy image of this format; NULL: an overlay of "deep" */
    VirtProbeDescribeFlags flags;
    const char *members;
    const char *state;
    const char *base_format; /* as the summary says; NULL: not there */
    const char *base_source;
} FormatCase;

static const FormatCase format_cases[] = {
    { "is-taken-as-recorded", "raw", "raw", 0, "top=ok base<0=ok!backing-smaller", "ok", "raw",
      "recorded" },
    { "is-not-guessed-when-it-is-recorded", "raw", NULL, GUESS,
      "top=ok base<0=ok!declared-format-mismatch!backing-smaller", "ok", "raw", "recorded" },
    { "may-be-recorded-wrongly", "qcow2", "vdi", GUESS,
      "top=ok base<0=partial(invalid!bad-magic!declared-format-mismatch", "partial", "qcow2",
      "recorded" },
    { "must-be-recorded", NULL, "raw", 0,
      "top=ok!backing-format-missing base<0=not-opened(refused!backing-format-missing", "partial",
      NULL, NULL },
    { "must-be-known", "qcow3", "raw", GUESS,
      "top=ok base<0=not-opened(unsupported!backing-format-unknown", "partial", NULL, NULL },
    { "must-be-known-by-its-exact-name", "vhd", "vpc", GUESS,
      "top=ok base<0=not-opened(unsupported!backing-format-unknown", "partial", NULL, NULL },
    { "must-be-known-in-lower-case", "QCOW2", "qcow2", GUESS,
      "top=ok base<0=not-opened(unsupported!backing-format-unknown", "partial", NULL, NULL },
    { "may-be-guessed", NULL, "vdi", GUESS, "top=ok!backing-format-missing base<0=ok", "ok", "vdi",
      "recognised" },
    { "may-be-guessed-as-raw", NULL, "raw", GUESS,
      "top=ok!backing-format-missing base<0=ok!backing-smaller", "ok", "raw", "recognised" },
    { "that-is-guessed-leads-on", NULL, NULL, GUESS,
      "top=ok!backing-format-missing base<0=ok deep<1=ok", "ok", "qcow2", "recognised" },
    { "that-is-guessed-safely-leads-nowhere", NULL, NULL, GUESS_SAFELY,
      "top=ok!backing-format-missing base<0=not-opened(refused!backing-format-missing", "partial",
      NULL, NULL },
    { "that-is-guessed-both-ways-leads-nowhere", NULL, NULL, GUESS | GUESS_SAFELY,
      "top=ok!backing-format-missing base<0=not-opened(refused!backing-format-missing", "partial",
      NULL, NULL },
    { "may-be-guessed-safely", NULL, "vdi", GUESS_SAFELY, "top=ok!backing-format-missing base<0=ok",
      "ok", "vdi", "recognised" },
    { "that-is-recorded-is-no-guess", "qcow2", NULL, GUESS_SAFELY, "top=ok base<0=ok deep<1=ok",
      "ok", "qcow2", "recorded" },
};

static void
test_format(gconstpointer data)
{
    const FormatCase *row = data;
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "base", .format = row->format });
    if (row->healthy != NULL) {
        g_autoptr(GByteArray) bytes = healthy_image_find(row->healthy)->make();

        virtual_files_add(&files, "base", bytes->data, bytes->len);
    } else {
        add_overlay(&files, "base", &(Overlay) { .backing = "deep", .format = "raw" });
        add_raw(&files, "deep", OVERLAY_SIZE);
    }
    chain = follow(&files, row->flags);
    assert_members(chain, row->members);
    assert_chain_state(chain, row->state);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 1), "format"), ==,
                    row->base_format);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 1), "format-source"), ==,
                    row->base_source);
}

static void
test_opens_nothing_whose_format_is_unknown(void)
{
    static const char *const formats[] = { NULL, "qcow3" };

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_auto(VirtualFiles) files;
        g_autoptr(VirtProbeRecord) chain = NULL;

        virtual_files_init(&files);
        add_overlay(&files, "top", &(Overlay) { .backing = "base", .format = formats[i] });
        add_raw(&files, "base", OVERLAY_SIZE);
        chain = follow(&files, 0);
        g_assert_false(virtual_files_were_opened(&files, "base"));
    }
}

/* What the base does not say, although it is recognised as an overlay. */
static void
test_says_nothing_of_an_unsafe_guess(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "base" });
    add_overlay(&files, "base", &(Overlay) { .backing = "deep", .format = "raw" });
    chain = follow(&files, GUESS_SAFELY);
    g_assert_false(virtual_files_were_opened(&files, "deep"));
    g_assert_false(virt_probe_record_get_uint64(member_of(chain, 1), "virtual-size", NULL));
}

/* What can be wrong with the file that top names. */
typedef struct {
    const char *name;
    VirtualFileMode mode;
    gssize len; /* of the overlay that stays; -1: there is no file */
    const char *members;
} BrokenCase;

static const BrokenCase broken_cases[] = {
    { "is-missing", VIRTUAL_FILE_OPENS, -1, "top=ok base<0=unreadable(not-found!chain-missing" },
    { "lies-outside", VIRTUAL_FILE_IS_OUTSIDE, 9999,
      "top=ok base<0=not-opened(refused!chain-refused" },
    { "is-a-directory", VIRTUAL_FILE_IS_DIRECTORY, 9999,
      "top=ok base<0=unreadable(refused!chain-unreadable" },
    { "may-not-be-read", VIRTUAL_FILE_IS_FORBIDDEN, 9999,
      "top=ok base<0=unreadable(permission-denied!chain-unreadable" },
    { "fails-when-it-is-read", VIRTUAL_FILE_FAILS, 9999, "top=ok base<0=partial(io!io-error" },
    { "is-empty", VIRTUAL_FILE_OPENS, 0, "top=ok base<0=partial(invalid!bad-magic" },
    { "is-cut-in-its-header", VIRTUAL_FILE_OPENS, 20, "top=ok base<0=partial(truncated!truncated" },
};

static void
test_broken_member(gconstpointer data)
{
    const BrokenCase *row = data;
    g_autoptr(Qcow2Image) base = overlay_new(&(Overlay) { .size = 0 });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "base", .format = "qcow2" });
    if (row->len >= 0) {
        virtual_files_add(&files, "base", base->bytes, MIN(base->size, (gsize) row->len));
        virtual_files_set_mode(&files, "base", row->mode);
    }
    chain = follow(&files, 0);
    assert_members(chain, row->members);
    assert_chain_state(chain, "partial");
}

static void
test_follows_a_damaged_image_that_names_its_backing_file(void)
{
    g_autoptr(Qcow2Image) top = overlay_new(&(Overlay) { .backing = "base", .format = "raw" });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    qcow2_put(top, 40, 8, 1);
    virtual_files_add(&files, "top", top->bytes, top->size);
    add_raw(&files, "base", OVERLAY_SIZE);
    chain = follow(&files, 0);
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, 2);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 1), "state"), ==, "ok");
    assert_chain_state(chain, "partial");
}

static void
test_lists_a_top_that_cannot_be_opened(void)
{
    static const struct {
        VirtualFileMode mode;
        const char *members;
        const char *state;
    } cases[] = {
        { VIRTUAL_FILE_IS_FORBIDDEN, "top=unreadable(permission-denied", "unreadable" },
        { VIRTUAL_FILE_IS_DIRECTORY, "top=unreadable(refused", "unreadable" },
        { VIRTUAL_FILE_IS_OUTSIDE, "top=not-opened(refused!chain-refused", "unreadable" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(VirtualFiles) files;
        g_autoptr(VirtProbeRecord) chain = NULL;

        virtual_files_init(&files);
        add_chain(&files, 1);
        virtual_files_set_mode(&files, "top", cases[i].mode);
        chain = follow(&files, 0);
        assert_members(chain, cases[i].members);
        assert_chain_state(chain, cases[i].state);
    }
}

typedef struct {
    const char *name;
    guint64 base_size;
    guint64 top_size;
    gboolean is_reported;
} SizeCase;

static const SizeCase size_cases[] = {
    { "smaller", 16384, 32768, TRUE },
    { "one-sector-smaller", 32768 - 512, 32768, TRUE },
    { "as-large", 32768, 32768, FALSE },
    { "larger", 32768, 16384, FALSE },
};

static void
test_base_of_another_size(gconstpointer data)
{
    const SizeCase *row = data;
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top",
                &(Overlay) { .backing = "base", .format = "qcow2", .size = row->top_size });
    add_overlay(&files, "base", &(Overlay) { .size = row->base_size });
    chain = follow(&files, 0);
    assert_members(chain,
                   row->is_reported ? "top=ok base<0=ok!backing-smaller" : "top=ok base<0=ok");
    assert_chain_state(chain, "ok");
}

/* Which finding stands in the record of the member that it is about, and how serious it is. */
typedef struct {
    const char *rule;
    const char *severity;
    Overlay top;
    VirtualFileMode mode; /* of "pool/base", a disk of 512 bytes; "pool/data" is as small */
} FindingCase;

static const FindingCase finding_cases[] = {
    { "backing-format-missing", "warning", { .backing = "pool/base" }, 0 },
    { "backing-format-unknown", "warning", { .backing = "pool/base", .format = "qcow3" }, 0 },
    { "backing-smaller", "notice", { .backing = "pool/base", .format = "raw" }, 0 },
    { "chain-loop", "warning", { .backing = "top", .format = "qcow2" }, 0 },
    { "chain-missing", "warning", { .backing = "pool/no", .format = "raw" }, 0 },
    { "chain-refused",
      "warning",
      { .backing = "pool/base", .format = "raw" },
      VIRTUAL_FILE_IS_OUTSIDE },
    { "chain-unreadable",
      "warning",
      { .backing = "pool/base", .format = "raw" },
      VIRTUAL_FILE_IS_DIRECTORY },
    { "data-file-smaller", "warning", { .data_file = "pool/data" }, 0 },
    { "name-depends-on-directory", "notice", { .backing = "pool/owner", .format = "qcow2" }, 0 },
};

/* The severity with which the row's rule was found, in the image or in its side members. */
typedef struct {
    const char *rule;
    char *severity;
} Search;

static void
search_record(Search *search, const VirtProbeRecord *image)
{
    const VirtProbeRecord *extra = probe_of(image);

    for (guint i = 0; i < virt_probe_record_get_length(extra, "findings"); i++) {
        const VirtProbeRecord *finding = virt_probe_record_get_item(extra, "findings", i);

        if (strcmp(virt_probe_record_get_text(finding, "rule"), search->rule) != 0)
            continue;
        g_free(search->severity);
        search->severity = g_strdup(virt_probe_record_get_text(finding, "severity"));
    }
}

static gboolean
search_member(VirtProbeRecord *image, gpointer user_data)
{
    const VirtProbeRecord *extra = probe_of(image);

    search_record(user_data, image);
    for (guint i = 0; i < virt_probe_record_get_length(extra, "side-members"); i++) {
        const VirtProbeRecord *child = virt_probe_record_get_item(extra, "side-members", i);

        search_record(user_data, virt_probe_record_get_record(child, "info"));
    }
    return TRUE;
}

static void
test_finding(gconstpointer data)
{
    const FindingCase *row = data;
    Search search = { row->rule, NULL };
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &row->top);
    add_raw(&files, "pool/base", 512);
    add_raw(&files, "pool/data", 512);
    add_overlay(&files, "pool/owner", &(Overlay) { .data_file = "data" });
    virtual_files_set_mode(&files, "pool/base", row->mode);
    chain = follow_with(&files, 0, search_member, &search);
    g_assert_cmpstr(search.severity, ==, row->severity);
    g_free(search.severity);
}

/* Names count from the directory of the image that holds them, as it was named. */
static void
test_resolves_names_from_image_to_image(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "pool/a", .format = "qcow2" });
    add_overlay(&files, "pool/a", &(Overlay) { .backing = "../b", .format = "qcow2" });
    add_overlay(&files, "pool/../b", &(Overlay) { .backing = "/c", .format = "qcow2" });
    add_overlay(&files, "/c", &(Overlay) { .backing = "d", .format = "raw" });
    add_raw(&files, "/d", OVERLAY_SIZE);
    chain = follow(&files, 0);
    assert_members(chain, "top=ok pool/a<0=ok pool/../b<1=ok!absolute-path /c<2=ok /d<3=ok");
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 4), "recorded-name"), ==, "d");
    g_assert_null(virt_probe_record_get_text(member_of(chain, 0), "recorded-name"));
}

static void
test_sums_up_what_was_given_and_found(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autofree char *json = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "base", .format = "raw" });
    add_raw(&files, "base", 512);
    chain = follow(&files, 0);
    g_assert_cmpstr(virt_probe_record_get_kind(chain), ==, "chain");
    g_assert_cmpstr(virt_probe_record_get_text(chain, "filename"), ==, "top");
    g_assert_cmpuint(number_of(chain, "schema"), ==, 1);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 0), "role"), ==, "image");
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 1), "role"), ==, "backing");
    g_assert_cmpuint(number_of(member_of(chain, 0), "virtual-size"), ==, OVERLAY_SIZE);
    g_assert_cmpuint(number_of(member_of(chain, 1), "virtual-size"), ==, 512);
    json = virt_probe_record_to_json(chain);
    g_assert_nonnull(strstr(json, "\"backing-smaller\""));
}

/* A rule of the same member is listed once; those that are worth no word are not listed. */
static void
test_lists_each_rule_once(void)
{
    g_autoptr(Qcow2Image) top = overlay_new(&(Overlay) { .backing = "/base", .format = "raw" });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    qcow2_put(top, 72, 8, G_GUINT64_CONSTANT(3) << 40);
    virtual_files_add(&files, "top", top->bytes, top->size);
    add_raw(&files, "/base", OVERLAY_SIZE);
    chain = follow(&files, 0);
    assert_members(chain,
                   "top=partial(unsupported!absolute-path!unknown-incompat-feature /base<0=ok");
}

static void
test_verify_gives_the_first_reason(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autoptr(GError) error = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top",
                &(Overlay) { .backing = "base", .format = "qcow2", .data_file = "data" });
    add_raw(&files, "data", OVERLAY_SIZE);
    virtual_files_set_mode(&files, "data", VIRTUAL_FILE_IS_FORBIDDEN);
    chain = follow(&files, 0);
    g_assert_false(virt_probe_chain_verify(chain, NULL));
    g_assert_false(virt_probe_chain_verify(chain, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES);
    g_assert_cmpstr(error->message, ==, "data: may not be read");
}

/* Through the public call, with a file that is real. */
static void
test_refuses_what_it_cannot_do(void)
{
    g_autoptr(GError) format_error = NULL;
    g_autoptr(GError) guess_error = NULL;
    g_autoptr(GError) directory_error = NULL;

    g_assert_null(virt_probe_chain_open("/dev/null", "qcow3", 0, VIRT_PROBE_FOLLOW_ANY, NULL, NULL,
                                        NULL, &format_error));
    g_assert_error(format_error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED);
    g_assert_null(virt_probe_chain_open("/dev/null", NULL, GUESS, VIRT_PROBE_FOLLOW_ANY, NULL, NULL,
                                        NULL, &guess_error));
    g_assert_error(guess_error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_null(virt_probe_chain_open("/dev/null", "raw", 0, VIRT_PROBE_FOLLOW_BENEATH,
                                        "/dev/null/no", NULL, NULL, &directory_error));
    g_assert_error(directory_error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
}

static void
test_opens_real_files(void)
{
    g_autoptr(Qcow2Image) top = overlay_new(&(Overlay) { .backing = "base", .format = "raw" });
    g_autofree char *directory = g_dir_make_tmp("test-chain-XXXXXX", NULL);
    g_autofree char *top_path = g_build_filename(directory, "top", NULL);
    g_autofree char *base_path = g_build_filename(directory, "base", NULL);
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autofree char *expected =
        g_strdup_printf("%s=ok %s<0=ok!backing-smaller", top_path, base_path);

    g_assert_true(g_file_set_contents(top_path, (char *) top->bytes, (gssize) top->size, NULL));
    g_assert_true(g_file_set_contents(base_path, "base", 4, NULL));
    chain = virt_probe_chain_open(top_path, "qcow2", 0, VIRT_PROBE_FOLLOW_SAME_DIRECTORY, NULL,
                                  NULL, NULL, NULL);
    assert_members(chain, expected);
    g_remove(top_path);
    g_remove(base_path);
    g_rmdir(directory);
}

static void
add_rows(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(format_cases); i++)
        add_row_test("/chain/format", format_cases[i].name, &format_cases[i], test_format);
    for (guint i = 0; i < G_N_ELEMENTS(broken_cases); i++)
        add_row_test("/chain/reports-a-backing-file-that", broken_cases[i].name, &broken_cases[i],
                     test_broken_member);
    for (guint i = 0; i < G_N_ELEMENTS(finding_cases); i++)
        add_row_test("/chain/finding", finding_cases[i].rule, &finding_cases[i], test_finding);
    for (guint i = 0; i < G_N_ELEMENTS(size_cases); i++)
        add_row_test("/chain/compares-a-base-that-is", size_cases[i].name, &size_cases[i],
                     test_base_of_another_size);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows();
    g_test_add_func("/chain/opens-nothing-whose-format-is-unknown",
                    test_opens_nothing_whose_format_is_unknown);
    g_test_add_func("/chain/says-nothing-of-an-unsafe-guess", test_says_nothing_of_an_unsafe_guess);
    g_test_add_func("/chain/follows-a-damaged-image-that-names-its-backing-file",
                    test_follows_a_damaged_image_that_names_its_backing_file);
    g_test_add_func("/chain/lists-a-top-that-cannot-be-opened",
                    test_lists_a_top_that_cannot_be_opened);
    g_test_add_func("/chain/resolves-names-from-image-to-image",
                    test_resolves_names_from_image_to_image);
    g_test_add_func("/chain/sums-up-what-was-given-and-found",
                    test_sums_up_what_was_given_and_found);
    g_test_add_func("/chain/lists-each-rule-once", test_lists_each_rule_once);
    g_test_add_func("/chain/verify-gives-the-first-reason", test_verify_gives_the_first_reason);
    g_test_add_func("/chain/refuses-what-it-cannot-do", test_refuses_what_it_cannot_do);
    g_test_add_func("/chain/opens-real-files", test_opens_real_files);
    return g_test_run();
}
