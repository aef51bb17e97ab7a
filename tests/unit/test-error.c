/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-error.c: codes and names of errors belong together, and messages are one plain phrase. */
#include "util/error.h"

#include <errno.h>
#include <string.h>

static void
test_domain_has_the_usual_form(void)
{
    g_assert_cmpstr(g_quark_to_string(VIRT_PROBE_ERROR), ==, "virt-probe-error-quark");
}

static void
test_names_of_codes_lead_back_to_them(void)
{
    for (guint code = 0; code <= VIRT_PROBE_ERROR_CANCELLED; code++) {
        const char *name = vp_error_code_name((VirtProbeError) code);
        g_autoptr(GError) error = NULL;

        g_assert_nonnull(name);
        vp_error_set_named(&error, name, "trouble");
        g_assert_error(error, VIRT_PROBE_ERROR, (gint) code);
        g_assert_cmpstr(error->message, ==, "trouble");
    }
}

static void
test_names_of_file_errors_lead_back_to_them(void)
{
    static const struct {
        const char *name;
        int code;
    } cases[] = {
        { "not-found", G_FILE_ERROR_NOENT },     { "permission-denied", G_FILE_ERROR_ACCES },
        { "symlink-loop", G_FILE_ERROR_LOOP },   { "io", G_FILE_ERROR_IO },
        { "no-such-name", G_FILE_ERROR_FAILED }, { NULL, G_FILE_ERROR_FAILED },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        vp_error_set_named(&error, cases[i].name, "trouble");
        g_assert_error(error, G_FILE_ERROR, cases[i].code);
    }
}

static void
test_names_errors_of_every_domain(void)
{
    static const struct {
        int file_error;
        const char *name;
    } cases[] = {
        { G_FILE_ERROR_NOENT, "not-found" },
        { G_FILE_ERROR_NOTDIR, "not-found" },
        { G_FILE_ERROR_ACCES, "permission-denied" },
        { G_FILE_ERROR_PERM, "permission-denied" },
        { G_FILE_ERROR_LOOP, "symlink-loop" },
        { G_FILE_ERROR_IO, "io" },
        { G_FILE_ERROR_FAILED, "io" },
    };
    g_autoptr(GError) own =
        g_error_new_literal(VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "refused");
    g_autoptr(GError) foreign = g_error_new_literal(G_CONVERT_ERROR, 0, "from elsewhere");

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, cases[i].file_error, "trouble");

        g_assert_cmpstr(vp_error_name(error), ==, cases[i].name);
    }
    g_assert_cmpstr(vp_error_name(own), ==, "refused");
    g_assert_cmpstr(vp_error_name(foreign), ==, "io");
}

static void
test_says_what_was_tried_and_what_errno_means(void)
{
    g_autoptr(GError) error = NULL;

    vp_error_set_errno(&error, ENOENT, "cannot open");
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_assert_cmpstr(error->message, ==, "cannot open: No such file or directory");
}

static void
test_has_words_for_a_number_that_means_nothing(void)
{
    g_autoptr(GError) error = NULL;

    vp_error_set_errno(&error, 99999, "cannot read");
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
    g_assert_cmpstr(error->message, ==, "cannot read: unknown error");
}

static void
test_needs_nobody_to_take_the_error(void)
{
    vp_error_set_errno(NULL, EIO, "cannot read");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/domain-has-the-usual-form", test_domain_has_the_usual_form);
    g_test_add_func("/error/names-of-codes-lead-back-to-them",
                    test_names_of_codes_lead_back_to_them);
    g_test_add_func("/error/names-of-file-errors-lead-back-to-them",
                    test_names_of_file_errors_lead_back_to_them);
    g_test_add_func("/error/names-errors-of-every-domain", test_names_errors_of_every_domain);
    g_test_add_func("/error/says-what-was-tried-and-what-errno-means",
                    test_says_what_was_tried_and_what_errno_means);
    g_test_add_func("/error/has-words-for-a-number-that-means-nothing",
                    test_has_words_for_a_number_that_means_nothing);
    g_test_add_func("/error/needs-nobody-to-take-the-error", test_needs_nobody_to_take_the_error);
    return g_test_run();
}
