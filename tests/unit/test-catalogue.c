/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-catalogue.c: what is put into the catalogue comes out of it, wherever it is kept. */
#include "storage/pool/catalogue.h"
#include "virtprobe/error.h"

#include "pool-fixture.h"

#include <string.h>

#define POOL "00000000-0000-4000-8000-00000000000a"
#define OTHER "00000000-0000-4000-8000-00000000000b"
#define TARGET "/pool \\x41<&'\">\xff"

static VpCatalogue *
catalogue_new(void)
{
    g_autoptr(GError) error = NULL;
    VpCatalogue *catalogue = vp_catalogue_open(TRUE, &error);

    g_assert_no_error(error);
    return catalogue;
}

static VpCataloguePool
sums_of(VpCatalogue *catalogue, const char *uuid)
{
    g_autoptr(GError) error = NULL;
    VpCataloguePool pool;

    vp_catalogue_get_pool(catalogue, uuid, &pool, &error);
    g_assert_no_error(error);
    return pool;
}

/* Whoever begins has seen what is there. */
static void
begin(VpCatalogue *catalogue, const char *uuid)
{
    g_autoptr(GError) error = NULL;

    vp_catalogue_begin(catalogue, uuid, TARGET, sums_of(catalogue, uuid).generation, &error);
    g_assert_no_error(error);
}

static void
put_facts(VpCatalogue *catalogue, const VpVolumeFacts *facts)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeVolume) volume = vp_volume_new(facts);

    vp_catalogue_put(catalogue, volume, &error);
    g_assert_no_error(error);
}

static VpVolumeFacts
facts_of(const char *name, guint64 capacity)
{
    VpVolumeFacts facts;

    vp_volume_facts_init(&facts);
    facts.name = name;
    facts.path = "/pool/x";
    facts.state = "ok";
    facts.capacity = capacity;
    return facts;
}

static void
put(VpCatalogue *catalogue, const char *name, guint64 capacity)
{
    VpVolumeFacts facts = facts_of(name, capacity);

    put_facts(catalogue, &facts);
}

static void
drop(VpCatalogue *catalogue, const char *name)
{
    g_autoptr(GError) error = NULL;

    vp_catalogue_drop(catalogue, name, &error);
    g_assert_no_error(error);
}

/* The identities are those of the volumes that the pool has then. */
static void
commit(VpCatalogue *catalogue, const char *const *names)
{
    g_autoptr(GError) error = NULL;
    GByteArray *writer = vp_known_writer_begin();
    g_autoptr(GBytes) none = g_bytes_new(NULL, 0);
    g_autoptr(GBytes) known = NULL;

    for (guint i = 0; names != NULL && names[i] != NULL; i++) {
        VpVolumeFacts facts = facts_of(names[i], 0);
        VpFileIdentity identity = vp_known_identity_of(&facts);

        vp_known_writer_add(writer, names[i], &identity);
    }
    known = vp_known_writer_end(writer);
    vp_catalogue_commit(catalogue, names != NULL ? known : none, &error);
    g_assert_no_error(error);
}

/* "name=capacity " of each volume. */
static gboolean
take_line(const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    g_string_append_printf(user_data, "%s:%s=%" G_GUINT64_FORMAT " ",
                           strcmp(uuid, POOL) == 0 ? "a" : "b", volume->facts.name,
                           volume->facts.capacity);
    return TRUE;
}

static void
assert_volumes(VpCatalogue *catalogue, VpCatalogueQuery query, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) lines = g_string_new(NULL);

    vp_catalogue_query(catalogue, query, POOL, take_line, lines, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(lines->str, ==, expected);
}

/* Every field has a value of its own. */
static VirtProbeVolume *
full_volume(char **texts)
{
    VpVolumeFacts facts;

    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++) {
        const VpVolumeField *field = &vp_volume_fields[i];

        /* Where a volume is follows from its pool and name. */
        texts[i] = strcmp(field->key, "path") == 0 ? g_strdup(TARGET "/name 0")
                                                   : g_strdup_printf("%s %u", field->key, i);
        if (vp_volume_type_is_text(field->type))
            G_STRUCT_MEMBER(const char *, &facts, field->offset) = texts[i];
        else if (field->type == VP_VOLUME_BOOL)
            G_STRUCT_MEMBER(guint8, &facts, field->offset) = TRUE;
        else
            G_STRUCT_MEMBER(guint64, &facts, field->offset) = G_MAXUINT64 - 1 - i;
    }
    return vp_volume_new(&facts);
}

static gboolean
take_volume(G_GNUC_UNUSED const char *uuid, VirtProbeVolume *volume, gpointer user_data)
{
    g_ptr_array_add(user_data, virt_probe_volume_ref(volume));
    return TRUE;
}

static GPtrArray *
volumes_of(VpCatalogue *catalogue)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *volumes = g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_volume_unref);

    vp_catalogue_query(catalogue, VP_CATALOGUE_POOL, POOL, take_volume, volumes, &error);
    g_assert_no_error(error);
    return volumes;
}

static void
test_holds_every_field(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    char *texts[VP_VOLUME_FIELD_COUNT];
    g_autoptr(VirtProbeVolume) volume = full_volume(texts);
    g_autofree char *expected = virt_probe_volume_to_json(volume);
    g_autoptr(GPtrArray) volumes = NULL;
    g_autofree char *found = NULL;

    begin(catalogue, POOL);
    put_facts(catalogue, &volume->facts);
    put(catalogue, "zero", VP_VOLUME_UNKNOWN);
    commit(catalogue, NULL);
    volumes = volumes_of(catalogue);
    g_assert_cmpuint(volumes->len, ==, 2);
    found = virt_probe_volume_to_json(g_ptr_array_index(volumes, 0));
    g_assert_cmpstr(found, ==, expected);
    /* And none that it did not have. */
    volume = (virt_probe_volume_unref(volume), virt_probe_volume_ref(volumes->pdata[1]));
    g_assert_null(volume->facts.backing);
    g_assert_cmpuint(volume->facts.capacity, ==, VP_VOLUME_UNKNOWN);
    g_assert_false(volume->facts.is_dirty);
    for (guint i = 0; i < VP_VOLUME_FIELD_COUNT; i++)
        g_free(texts[i]);
}

/* In the order of their bytes. */
static const char *const strange_names[] = {
    "\t\n\r tabs and ends",
    "\x1b[31m",
    " blank ",
    "&amp;",
    "'\"<>&",
    "\\",
    "\\x41",
    "\\x5c",
    "\\xzz",
    "]]>",
    "a\xc2\x85z",
    "\x7f",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xef\xbf\xbe",
    "\xf0\x9f\x92\xbe",
    "\xff\xfe",
};

static void
test_holds_any_bytes(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autoptr(GPtrArray) volumes = NULL;
    char all[256];

    for (guint i = 0; i < 255; i++)
        all[i] = (char) (i + 1);
    all[255] = '\0';
    begin(catalogue, POOL);
    for (guint i = 0; i < G_N_ELEMENTS(strange_names); i++) {
        VpVolumeFacts facts = facts_of(strange_names[i], 1);

        facts.backing = all;
        put_facts(catalogue, &facts);
    }
    commit(catalogue, NULL);
    volumes = volumes_of(catalogue);
    g_assert_cmpuint(volumes->len, ==, G_N_ELEMENTS(strange_names));
    for (guint i = 0; i < volumes->len; i++) {
        const VirtProbeVolume *volume = g_ptr_array_index(volumes, i);

        g_assert_cmpstr(volume->facts.name, ==, strange_names[i]);
        g_assert_cmpstr(volume->facts.backing, ==, all);
    }
}

static void
test_changes_what_is_there(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();

    begin(catalogue, POOL);
    put(catalogue, "d", 4);
    put(catalogue, "b", 2);
    put(catalogue, "f", 6);
    commit(catalogue, NULL);
    assert_volumes(catalogue, VP_CATALOGUE_POOL, "a:b=2 a:d=4 a:f=6 ");
    begin(catalogue, POOL);
    drop(catalogue, "b");
    drop(catalogue, "was never there");
    put(catalogue, "f", 1);
    put(catalogue, "f", 7);
    put(catalogue, "a", 1);
    put(catalogue, "e", 5);
    put(catalogue, "g", 8);
    drop(catalogue, "g");
    put(catalogue, "h", 9);
    commit(catalogue, NULL);
    assert_volumes(catalogue, VP_CATALOGUE_POOL, "a:a=1 a:d=4 a:e=5 a:f=7 a:h=9 ");
    begin(catalogue, POOL);
    vp_catalogue_drop_all(catalogue, NULL);
    put(catalogue, "i", 1);
    commit(catalogue, NULL);
    assert_volumes(catalogue, VP_CATALOGUE_POOL, "a:i=1 ");
}

static void
test_sums_up(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    VpVolumeFacts facts = facts_of("c", 100);
    gint64 before = g_get_real_time() * 1000;
    VpCataloguePool pool = sums_of(catalogue, POOL);

    g_assert_cmpuint(pool.generation, ==, 0);
    g_assert_cmpint(pool.refreshed, ==, 0);
    facts.allocation = 7;
    begin(catalogue, POOL);
    put(catalogue, "a", 20);
    put(catalogue, "b", VP_VOLUME_UNKNOWN);
    put_facts(catalogue, &facts);
    commit(catalogue, NULL);
    pool = sums_of(catalogue, POOL);
    g_assert_cmpuint(pool.generation, >, 0);
    g_assert_cmpuint(pool.volumes, ==, 3);
    g_assert_cmpuint(pool.capacity, ==, 120);
    g_assert_cmpuint(pool.allocation, ==, 7);
    g_assert_cmpint(pool.refreshed, >=, before);
}

/* Where all volumes are new the sums are not asked of the database. */
static void
test_sums_up_what_is_all_new(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    VpVolumeFacts broken = facts_of("c", 100);
    VpCataloguePool pool;

    broken.state = "partial";
    broken.allocation = G_MAXINT64;
    for (guint i = 0; i < 2; i++) {
        begin(catalogue, POOL);
        if (i == 0)
            vp_catalogue_drop_all(catalogue, NULL);
        put(catalogue, "a", 20);
        put(catalogue, "b", VP_VOLUME_UNKNOWN);
        put_facts(catalogue, &broken);
        commit(catalogue, NULL);
        pool = sums_of(catalogue, POOL);
        g_assert_cmpuint(pool.volumes, ==, 3);
        g_assert_cmpuint(pool.capacity, ==, 20);
        g_assert_cmpuint(pool.allocation, ==, G_MAXINT64);
    }
    for (guint i = 0; i < 2; i++) {
        begin(catalogue, POOL);
        vp_catalogue_drop_all(catalogue, NULL);
        put(catalogue, "a", G_MAXINT64);
        put(catalogue, "b", i);
        put(catalogue, "d", G_MAXUINT64 - 1);
        commit(catalogue, NULL);
        g_assert_cmpuint(sums_of(catalogue, POOL).capacity, ==, G_MAXINT64);
    }
    begin(catalogue, POOL);
    vp_catalogue_drop_all(catalogue, NULL);
    put(catalogue, "a", 7);
    drop(catalogue, "a");
    put(catalogue, "b", 1);
    commit(catalogue, NULL);
    g_assert_cmpuint(sums_of(catalogue, POOL).capacity, ==, 1);
}

static void
test_refuses_a_change_that_comes_late(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autoptr(GError) error = NULL;

    begin(catalogue, POOL);
    put(catalogue, "a", 1);
    commit(catalogue, NULL);
    g_assert_false(vp_catalogue_begin(catalogue, POOL, TARGET, 0, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT);
    /* Nobody is kept from the next one. */
    begin(catalogue, POOL);
    vp_catalogue_rollback(catalogue);
}

static void
test_forgets_what_is_not_committed(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();

    begin(catalogue, POOL);
    put(catalogue, "a", 1);
    vp_catalogue_rollback(catalogue);
    g_assert_cmpuint(sums_of(catalogue, POOL).generation, ==, 0);
    begin(catalogue, POOL);
    put(catalogue, "b", 1);
    commit(catalogue, NULL);
    assert_volumes(catalogue, VP_CATALOGUE_POOL, "a:b=1 ");
    begin(catalogue, POOL);
    vp_catalogue_drop_all(catalogue, NULL);
    vp_catalogue_rollback(catalogue);
    begin(catalogue, POOL);
    put(catalogue, "c", 1);
    commit(catalogue, NULL);
    assert_volumes(catalogue, VP_CATALOGUE_POOL, "a:b=1 a:c=1 ");
}

static void
test_knows_the_files_of_a_directory(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    const char *const names[] = { "a", "b", NULL };
    g_autoptr(GError) error = NULL;
    g_autoptr(VpKnown) known = NULL;
    VpKnown *nothing;
    VpFileIdentity identity;

    begin(catalogue, POOL);
    put(catalogue, "b", 2);
    put(catalogue, "a", 1);
    commit(catalogue, names);
    known = vp_catalogue_get_known(catalogue, POOL, TARGET, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(vp_known_length(known), ==, 2);
    identity = *vp_known_identity(known, (guint) vp_known_find(known, "b"));
    g_assert_cmpuint(identity.is_ok, ==, 1);
    g_assert_cmpuint(identity.inode, ==, VP_VOLUME_UNKNOWN);
    nothing = vp_catalogue_get_known(catalogue, POOL, "/another", &error);
    g_assert_no_error(error);
    g_assert_cmpuint(vp_known_length(nothing), ==, 0);
    vp_known_free(nothing);
}

static gboolean
stop(G_GNUC_UNUSED const char *uuid, G_GNUC_UNUSED VirtProbeVolume *volume,
     G_GNUC_UNUSED gpointer user_data)
{
    return FALSE;
}

static void
test_asks_all_pools(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autoptr(GError) error = NULL;
    VpVolumeFacts overlay = facts_of("o", 1);
    VpVolumeFacts with_data = facts_of("d", 2);

    overlay.backing = "b";
    with_data.data_file = "raw";
    begin(catalogue, POOL);
    put_facts(catalogue, &with_data);
    put(catalogue, "c", 4);
    commit(catalogue, NULL);
    begin(catalogue, OTHER);
    put_facts(catalogue, &overlay);
    put(catalogue, "b", 3);
    commit(catalogue, NULL);
    assert_volumes(catalogue, VP_CATALOGUE_EVERYTHING, "a:c=4 a:d=2 b:b=3 b:o=1 ");
    assert_volumes(catalogue, VP_CATALOGUE_OVERLAYS, "a:d=2 b:o=1 ");
    g_assert_false(
        vp_catalogue_query(catalogue, VP_CATALOGUE_EVERYTHING, NULL, stop, NULL, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
}

static void
test_forgets_a_pool(void)
{
    g_autoptr(VpCatalogue) catalogue = catalogue_new();
    g_autoptr(GError) error = NULL;

    begin(catalogue, POOL);
    put(catalogue, "a", 1);
    commit(catalogue, NULL);
    for (guint i = 0; i < 2; i++) {
        g_assert_true(vp_catalogue_forget(catalogue, POOL, &error));
        g_assert_no_error(error);
    }
    assert_volumes(catalogue, VP_CATALOGUE_EVERYTHING, "");
    g_assert_cmpuint(sums_of(catalogue, POOL).generation, ==, 0);
}

static void
test_says_when_there_is_none(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(vp_catalogue_open(FALSE, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_clear_error(&error);
    g_assert_null(vp_catalogue_open_existing(&error));
    g_assert_no_error(error);
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
        { "/catalogue/holds-every-field-of-a-volume", test_holds_every_field },
        { "/catalogue/holds-any-bytes", test_holds_any_bytes },
        { "/catalogue/changes-what-is-there", test_changes_what_is_there },
        { "/catalogue/sums-up-its-volumes", test_sums_up },
        { "/catalogue/sums-up-what-is-all-new", test_sums_up_what_is_all_new },
        { "/catalogue/refuses-a-change-that-comes-late", test_refuses_a_change_that_comes_late },
        { "/catalogue/forgets-what-is-not-committed", test_forgets_what_is_not_committed },
        { "/catalogue/knows-the-files-of-a-directory", test_knows_the_files_of_a_directory },
        { "/catalogue/asks-all-pools-in-order", test_asks_all_pools },
        { "/catalogue/forgets-a-pool", test_forgets_a_pool },
        { "/catalogue/says-when-there-is-none", test_says_when_there_is_none },
    };

    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, PoolFixture, &tests[i], pool_fixture_set_up, test_run,
                   pool_fixture_tear_down);
    return g_test_run();
}
