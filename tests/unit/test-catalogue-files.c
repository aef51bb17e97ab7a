/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-catalogue-files.c: documents of the catalogue that are damaged, foreign, cut or not written to their end. */
#include "storage/pool/catalogue-files.h"
#include "virtprobe/error.h"

#include "pool-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define POOL "00000000-0000-4000-8000-00000000000a"
/* Stands for the right one. */
#define CHECKSUM "00000000000000000000"
#define ROOT                                                                                       \
    "<catalogue version='3' target='/p' generation='7' volumes='1' capacity='0' allocation='0' "   \
    "refreshed='5' checksum='" CHECKSUM "'>"
#define END "</catalogue>\n"
#define VOLUME "<volume name='a' path='/p/a' state='ok'/>"

/* How many volumes a document has; -1: it is damaged. out_checksum: the one that would be right; NULL: nobody asks. */
static gint
count_as_it_is(const char *text, gsize len, guint64 *out_checksum)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VpDocumentReader) reader =
        vp_document_reader_new(vp_source_memory_new(text, len), &error);
    VirtProbeVolume *volume;
    gint count = 0;

    while (reader != NULL && (volume = vp_document_reader_next(reader, &error)) != NULL) {
        virt_probe_volume_unref(volume);
        count++;
    }
    if (out_checksum != NULL)
        *out_checksum = reader != NULL ? vp_document_reader_checksum(reader) : 0;
    if (error == NULL)
        return count;
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    return -1;
}

/* The same with the right checksum, so that something else must be wrong. */
static gint
count_volumes(const char *text, gsize len)
{
    g_autoptr(GString) right = g_string_new_len(text, (gssize) len);
    g_autofree char *digits = NULL;
    guint64 checksum;

    count_as_it_is(text, len, &checksum);
    digits = g_strdup_printf("%020" G_GUINT64_FORMAT, checksum);
    g_string_replace(right, CHECKSUM, digits, 1);
    return count_as_it_is(right->str, right->len, NULL);
}

static const char *const damaged[] = {
    "",
    "<catalogue/>",
    "<catalogue version='1' target='/p' generation='7'/>",
    "<catalogue version='2' target='/p'/>",
    "<catalogue version='2' generation='7'/>",
    "<catalogue version='2' target='/p' generation='0'/>",
    "<catalogue version='2' target='/p' generation='-1'/>",
    "<catalogue version='2' target='/p' generation='18446744073709551616'/>",
    "<catalogue version='2' target='/p' generation='7' colour='red'/>",
    "<catalogue version='2' target='\\' generation='7'/>",
    "<?xml version='1.0'?>" ROOT VOLUME END,
    "<!DOCTYPE x [<!ENTITY e 'ok'>]>" ROOT VOLUME END,
    " " ROOT VOLUME END,
    "\xef\xbb\xbf" ROOT VOLUME END,
    ROOT VOLUME,
    ROOT VOLUME END ROOT END,
    ROOT VOLUME VOLUME END,
    ROOT "<volume name='b' path='/p/b' state='ok'/>" VOLUME END,
    ROOT "<volume path='/p/a' state='ok'/>" END,
    ROOT "<volume name='a' state='ok'/>" END,
    ROOT "<volume name='a' path='/p/a'/>" END,
    ROOT "<volume name='a' path='/p/a' state='ok'></volume>" END,
    ROOT "<volume name='a' path='/p/a' state='ok'>" VOLUME "</volume>" END,
    ROOT "<disk name='a' path='/p/a' state='ok'/>" END,
    ROOT "<volume name='a' path='/p/a' state='ok' colour='red'/>" END,
    ROOT "<volume name='a' path='/p/a' state='ok' capacity='1 '/>" END,
    ROOT "<volume name='a' path='/p/a' state='ok' capacity=''/>" END,
    ROOT "<volume name='a' path='/p/a' state='ok' dirty='no'/>" END,
    ROOT "<volume name='a' path='/p/a' state='ok' state='ok'/>" END,
    ROOT "<volume name='a\\' path='/p/a' state='ok'/>" END,
    ROOT "<volume name='a\\x4' path='/p/a' state='ok'/>" END,
    ROOT "<volume name='a\\x00' path='/p/a' state='ok'/>" END,
    ROOT "<volume name='a\\n' path='/p/a' state='ok'/>" END,
    ROOT "<volume name='&e;' path='/p/a' state='ok'/>" END,
    ROOT "text" VOLUME END,
    ROOT "<!-- comment -->" VOLUME END,
    ROOT "<?pi?>" VOLUME END,
    ROOT "<![CDATA[ ]]>" VOLUME END,
};

static void
test_finds_damage(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(damaged); i++) {
        g_test_message("%s", damaged[i]);
        g_assert_cmpint(count_volumes(damaged[i], strlen(damaged[i])), ==, -1);
    }
    g_assert_cmpint(count_volumes(ROOT VOLUME END, strlen(ROOT VOLUME END)), ==, 1);
    g_assert_cmpint(count_volumes(ROOT END, strlen(ROOT END)), ==, 0);
}

static void
test_finds_a_wrong_checksum(void)
{
    static const char text[] = ROOT VOLUME END;

    g_assert_cmpint(count_volumes(text, strlen(text)), ==, 1);
    g_assert_cmpint(count_as_it_is(text, strlen(text), NULL), ==, -1);
}

static void
test_finds_every_truncation(void)
{
    const char *text = ROOT "\n  " VOLUME "\n  <volume name='b\\x5c' path='/p' state='ok'/>\n" END;

    for (gsize len = 0; len < strlen(text) - 1; len++)
        g_assert_cmpint(count_volumes(text, len), ==, -1);
    g_assert_cmpint(count_volumes(text, strlen(text)), ==, 2);
}

static VpCatalogue *
catalogue_new(void)
{
    g_autoptr(GError) error = NULL;
    VpCatalogue *catalogue = vp_catalogue_open(TRUE, &error);

    g_assert_no_error(error);
    return catalogue;
}

/* So many volumes with the same capacity. */
static gboolean
write_volumes(VpCatalogue *catalogue, guint count, guint64 capacity, GError **error)
{
    VpCataloguePool pool;

    if (!vp_catalogue_get_pool(catalogue, POOL, &pool, error)
        || !vp_catalogue_begin(catalogue, POOL, "/p", pool.generation, error))
        return FALSE;
    for (guint i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("%06u", i);
        g_autoptr(VirtProbeVolume) volume = NULL;
        VpVolumeFacts facts;

        vp_volume_facts_init(&facts);
        facts.name = name;
        facts.path = "/p/x";
        facts.state = "ok";
        facts.capacity = capacity;
        volume = vp_volume_new(&facts);
        vp_catalogue_put(catalogue, volume, error);
    }
    if (vp_catalogue_commit(catalogue, NULL, error))
        return TRUE;
    vp_catalogue_rollback(catalogue);
    return FALSE;
}

static VpCataloguePool
sums_of(VpCatalogue *catalogue)
{
    g_autoptr(GError) error = NULL;
    VpCataloguePool pool;

    vp_catalogue_get_pool(catalogue, POOL, &pool, &error);
    g_assert_no_error(error);
    return pool;
}

static char *
document_of(const VpCatalogue *catalogue)
{
    g_autofree char *path = vp_document_path(catalogue, POOL, VP_DOCUMENT_SUFFIX);
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* The sums of a document are as long in the beginning as they are at its end. */
static void
test_sums_stay_at_their_largest(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    write_volumes(catalogue, 3, G_MAXUINT64 - 1, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(sums_of(catalogue).capacity, ==, G_MAXINT64);
    g_assert_cmpuint(sums_of(catalogue).volumes, ==, 3);
    text = document_of(catalogue);
    g_assert_cmpint(count_as_it_is(text, strlen(text), NULL), ==, 3);
}

/* Nothing is lost when a file cannot be written to its end, and nothing is left of it. */
static void
test_keeps_the_old_list_when_it_cannot_write(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autofree char *new_path = vp_document_path(catalogue, POOL, VP_DOCUMENT_NEW_SUFFIX);
    g_autoptr(GError) error = NULL;
    struct rlimit before;
    struct rlimit small;

    write_volumes(catalogue, 2, 1, &error);
    g_assert_no_error(error);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 100000;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    g_assert_false(write_volumes(catalogue, 5000, 1, &error));
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    g_assert_nonnull(error);
    g_assert_true(error->domain == G_FILE_ERROR);
    g_assert_false(g_file_test(new_path, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(sums_of(catalogue).volumes, ==, 2);
    g_clear_error(&error);
    write_volumes(catalogue, 5000, 1, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(sums_of(catalogue).volumes, ==, 5000);
}

/* Somebody was killed while writing. */
static void
test_writes_over_what_was_left(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autofree char *new_path = vp_document_path(catalogue, POOL, VP_DOCUMENT_NEW_SUFFIX);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = vp_document_path(catalogue, POOL, VP_DOCUMENT_SUFFIX);
    GStatBuf info;

    g_assert_true(g_file_set_contents(new_path, "<catal", -1, NULL));
    g_assert_cmpuint(sums_of(catalogue).generation, ==, 0);
    write_volumes(catalogue, 2, 1, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(sums_of(catalogue).volumes, ==, 2);
    g_assert_cmpint(g_stat(path, &info), ==, 0);
    g_assert_cmpuint(info.st_mode & 0777, ==, 0600);
}

static void
test_refuses_a_file_that_is_too_long(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autofree char *path = vp_document_path(catalogue, POOL, VP_DOCUMENT_SUFFIX);
    g_autoptr(GError) error = NULL;
    /* What is read ahead is no damage. */
    g_autofree char *text = g_strdup_printf(ROOT "%65536s", "");
    VpCataloguePool pool;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(truncate(path, (off_t) VP_DOCUMENT_SIZE_MAX), ==, 0);
    g_assert_cmpuint(sums_of(catalogue).generation, ==, 7);
    g_assert_cmpint(truncate(path, (off_t) VP_DOCUMENT_SIZE_MAX + 1), ==, 0);
    g_assert_false(vp_catalogue_get_pool(catalogue, POOL, &pool, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
}

static void
test_discards_only_what_is_damaged(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autofree char *path = vp_document_path(catalogue, POOL, VP_DOCUMENT_SUFFIX);
    g_autofree char *other = g_build_filename(catalogue->folder, "other.xml", NULL);
    g_autoptr(GError) error = NULL;
    VpCataloguePool pool;

    g_assert_true(g_file_set_contents(other, "rubbish", -1, NULL));
    g_assert_true(g_file_set_contents(path, "rubbish", -1, NULL));
    g_assert_false(vp_catalogue_get_pool(catalogue, POOL, &pool, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_true(vp_catalogue_discard(catalogue, &error));
    g_assert_cmpuint(sums_of(catalogue).generation, ==, 0);
    g_assert_true(g_file_test(other, G_FILE_TEST_EXISTS));
}

typedef struct {
    const char *path;
    void (*run)(void);
} Test;

/* Each test begins without a catalogue. */
static void
test_run(G_GNUC_UNUSED PoolFixture *fixture, gconstpointer data)
{
    const Test *test = data;

    test->run();
}

int
main(int argc, char **argv)
{
    static const Test tests[] = {
        { "/catalogue-files/finds-damage", test_finds_damage },
        { "/catalogue-files/finds-a-wrong-checksum", test_finds_a_wrong_checksum },
        { "/catalogue-files/finds-every-truncation", test_finds_every_truncation },
        { "/catalogue-files/sums-stay-at-their-largest", test_sums_stay_at_their_largest },
        { "/catalogue-files/keeps-the-old-list-when-it-cannot-write",
          test_keeps_the_old_list_when_it_cannot_write },
        { "/catalogue-files/writes-over-what-was-left", test_writes_over_what_was_left },
        { "/catalogue-files/refuses-a-file-that-is-too-long",
          test_refuses_a_file_that_is_too_long },
        { "/catalogue-files/discards-only-what-is-damaged", test_discards_only_what_is_damaged },
    };

    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, PoolFixture, &tests[i], pool_fixture_set_up, test_run,
                   pool_fixture_tear_down);
    return g_test_run();
}
