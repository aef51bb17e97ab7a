/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-silent-server.c: verbs of pools and volumes end, whatever never answers, and say what they could not ask.
 *
 * The functions of the C library that stand here take the place of its own: they hang for all that lies in "dead". */
#define _GNU_SOURCE /* stat64 */
#include "pool-fixture.h"
#include "qcow2-image.h"
#include "storage/pool/orphans.h"
#include "util/look.h"
#include "virtprobe/error.h"
#include "virtprobe/pool-sums.h"
#include "virtprobe/relations.h"
#include "virtprobe/xml.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATIENCE_MS 150
#define WEEKS_AHEAD (30 * 24 * 3600 * G_GINT64_CONSTANT(1000000000))

int stat64(const char *path, struct stat64 *out_info);
int open64(const char *path, int flags, ...);

static GMutex mutex;
static GCond changed;
static gboolean is_dead;
static guint n_hanging;
static guint n_opened_outside;

static void
hang_in(const char *path)
{
    const char *dead = strstr(path, "/dead");

    if (dead == NULL || (dead[5] != '/' && dead[5] != '\0'))
        return;
    g_mutex_lock(&mutex);
    n_hanging++;
    while (is_dead)
        g_cond_wait(&changed, &mutex);
    n_hanging--;
    g_cond_broadcast(&changed);
    g_mutex_unlock(&mutex);
}

int
stat64(const char *path, struct stat64 *out_info)
{
    hang_in(path);
    return (int) syscall(SYS_newfstatat, AT_FDCWD, path, out_info, 0);
}

int
open64(const char *path, int flags, ...)
{
    hang_in(path);
    if (strstr(path, "/outside/") != NULL)
        g_atomic_int_inc((gint *) &n_opened_outside);
    /* The library makes no files so. */
    return (int) syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

typedef struct {
    PoolFixture base;
    char *dead;
    VirtProbePool *pool; /* its directory is the dead one */
    GString *told;
} Fixture;

static void
set_dead(gboolean value)
{
    g_mutex_lock(&mutex);
    is_dead = value;
    g_cond_broadcast(&changed);
    while (!is_dead && n_hanging > 0)
        g_cond_wait(&changed, &mutex);
    g_mutex_unlock(&mutex);
}

static void
add_image(const char *directory, const char *name, const char *backing)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);

    if (backing != NULL)
        qcow2_set_backing(image, backing);
    fixture_write_bytes(directory, name, image->bytes, image->size);
}

/* "over" stands on what is in the dead directory, "alone" on nothing, "top" on "over". */
static void
set_up(Fixture *fixture, gconstpointer data)
{
    g_autofree char *domains = NULL;

    pool_fixture_set_up(&fixture->base, data);
    fixture->dead = pool_fixture_directory(&fixture->base, "dead");
    fixture->pool = fixture_pool_new("dead", fixture->dead);
    fixture->told = g_string_new(NULL);
    domains = pool_fixture_directory(&fixture->base, "domains");
    fixture_write(domains, "empty.xml", "<domain/>", 0600);
    add_image(fixture->dead, "base", NULL);
    add_image(fixture->base.target, "over", "../dead/base");
    add_image(fixture->base.target, "top", "over");
    add_image(fixture->base.target, "alone", NULL);
    fixture_refresh(fixture->base.pool);
    fixture_refresh(fixture->pool);
    set_dead(TRUE);
}

/* Lets the threads go, and waits until they have ended, so that whoever looks for errors of memory sees what they do. */
static void
tear_down(Fixture *fixture, gconstpointer data)
{
    set_dead(FALSE);
    while (!virt_probe_pool_check(fixture->pool, NULL))
        g_usleep(1000);
    g_usleep(20000);
    g_string_free(fixture->told, TRUE);
    g_free(fixture->dead);
    virt_probe_pool_unref(fixture->pool);
    pool_fixture_tear_down(&fixture->base, data);
}

static void
assert_is_late(GError **error)
{
    g_assert_error(*error, G_FILE_ERROR, G_FILE_ERROR_IO);
    g_assert_nonnull(strstr((*error)->message, "no answer within 10 seconds"));
    g_clear_error(error);
}

static void
test_pool_is_inactive(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    static const VirtProbeScanSettings hasty = { .timeout_ms = PATIENCE_MS };
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;
    g_autofree char *xml = NULL;
    VirtProbePoolSums sums;

    g_assert_false(virt_probe_pool_check(fixture->pool, &error));
    assert_is_late(&error);
    g_assert_false(virt_probe_pool_get_sums(fixture->pool, &sums, &error));
    assert_is_late(&error);
    g_assert_cmpuint(sums.volumes, ==, 1);
    g_assert_false(virt_probe_pool_refresh(fixture->pool, &hasty, NULL, NULL, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    json = virt_probe_pool_to_json(fixture->pool);
    g_assert_nonnull(strstr(json, "\"inactive\""));
    xml = virt_probe_pool_to_xml(fixture->pool);
    g_assert_nonnull(strstr(xml, "<available unit='bytes'>0</available>"));
    g_assert_true(virt_probe_pool_check(fixture->base.pool, &error));
    g_assert_no_error(error);
}

static void
test_pool_is_defined_beside_it(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *other = pool_fixture_directory(&fixture->base, "other");
    g_autoptr(VirtProbePool) beside = fixture_pool_new("beside", other);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) twice =
        virt_probe_pool_new("twice", "dir", fixture->dead, NULL, &error);

    g_assert_nonnull(beside);
    g_assert_no_error(error);
    g_assert_false(virt_probe_pool_define(twice, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CONFLICT);
}

static void
test_volume_is_not_found(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->dead, "base", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_pool_find_volume(fixture->pool, "base", NULL, &error));
    assert_is_late(&error);
    g_assert_null(virt_probe_pool_find_volume(NULL, path, NULL, &error));
    assert_is_late(&error);
}

static gboolean
take_dependent(const VirtProbeDependent *dependent, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_string_append_printf(fixture->told, "%u %s ", dependent->depth,
                           virt_probe_volume_get_text(dependent->volume, "name"));
    return TRUE;
}

static void
test_dependents_are_found_by_path(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *base = g_build_filename(fixture->dead, "base", NULL);
    g_autofree char *over = g_build_filename(fixture->base.target, "over", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(virt_probe_volume_foreach_dependent(base, take_dependent, fixture, &error));
    assert_is_late(&error);
    g_assert_cmpstr(fixture->told->str, ==, "1 over 2 top ");
    g_string_truncate(fixture->told, 0);
    g_assert_false(virt_probe_volume_foreach_dependent(over, take_dependent, fixture, &error));
    assert_is_late(&error);
    g_assert_cmpstr(fixture->told->str, ==, "1 top ");
}

static gboolean
take_orphan(const VirtProbeOrphan *orphan, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_string_append_printf(fixture->told, "%s %s",
                           virt_probe_volume_get_text(orphan->volume, "name"),
                           virt_probe_confidence_get_name(orphan->confidence));
    for (guint bit = 1; bit <= VIRT_PROBE_DOUBT_UNKNOWN_NAME; bit <<= 1) {
        if ((orphan->doubts & bit) != 0)
            g_string_append_printf(fixture->told, " %s", virt_probe_doubt_get_name(bit));
    }
    g_string_append_c(fixture->told, '\n');
    return TRUE;
}

static void
test_orphans_are_doubted(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    gint64 then = g_get_real_time() * 1000 + WEEKS_AHEAD;
    g_autoptr(GError) error = NULL;

    g_assert_true(vp_orphans_foreach(fixture->base.pool, then, take_orphan, fixture, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(fixture->told->str, ==,
                    "alone low pools-unread no-answer\ntop low pools-unread no-answer\n");
}

static void
test_orphans_of_a_dead_pool_are_doubted(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    gint64 then = g_get_real_time() * 1000 + WEEKS_AHEAD;
    g_autofree char *over = g_build_filename(fixture->base.target, "over", NULL);
    g_autoptr(GError) error = NULL;

    unlink(over);
    fixture_refresh(fixture->base.pool);
    g_assert_true(vp_orphans_foreach(fixture->pool, then, take_orphan, fixture, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(fixture->told->str, ==, "base low lock-unknown pools-unread no-answer\n");
}

/* However many stand on it, and however long its chain is. */
static void
test_each_image_outside_is_opened_once(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    const guint count = 250;
    gint64 then = g_get_real_time() * 1000 + WEEKS_AHEAD;
    g_autofree char *outside = pool_fixture_directory(&fixture->base, "outside");
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("%u", i);
        g_autofree char *below = i + 1 < count
                                     ? g_strdup_printf("%u", i + 1)
                                     : g_build_filename(fixture->base.target, "alone", NULL);

        add_image(outside, name, below);
    }
    add_image(fixture->base.target, "first", "../outside/0");
    add_image(fixture->base.target, "second", "../outside/1");
    add_image(fixture->base.target, "third", "../outside/./1");
    fixture_refresh(fixture->base.pool);
    g_atomic_int_set((gint *) &n_opened_outside, 0);
    g_assert_true(vp_orphans_foreach(fixture->base.pool, then, take_orphan, fixture, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(n_opened_outside, ==, count);
    g_assert_null(strstr(fixture->told->str, "alone "));
}

static void
test_xml_is_without_the_backing_status(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *over = g_build_filename(fixture->base.target, "over", NULL);
    g_autofree char *base = g_build_filename(fixture->dead, "base", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = virt_probe_file_to_xml(over, NULL, NULL, VIRT_PROBE_XML_BOUNDED, &error);
    const char *store;

    g_assert_no_error(error);
    store = strstr(xml, "<backingStore>");
    g_assert_nonnull(store);
    g_assert_nonnull(strstr(store, "/dead/base</path>"));
    g_assert_null(strstr(store, "<permissions>"));
    g_assert_null(virt_probe_file_to_xml(base, NULL, NULL, VIRT_PROBE_XML_BOUNDED, &error));
    assert_is_late(&error);
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
    g_autofree char *domains = NULL;

    g_test_init(&argc, &argv, NULL);
    domains = pool_fixture_place("domains");
    g_setenv("VIRT_PROBE_DOMAIN_DIR", domains, TRUE);
    vp_look_set_patience(PATIENCE_MS);
    ADD("/silent-server/pool-is-inactive", test_pool_is_inactive);
    ADD("/silent-server/pool-is-defined-beside-it", test_pool_is_defined_beside_it);
    ADD("/silent-server/volume-is-not-found", test_volume_is_not_found);
    ADD("/silent-server/dependents-are-found-by-path", test_dependents_are_found_by_path);
    ADD("/silent-server/orphans-are-doubted", test_orphans_are_doubted);
    ADD("/silent-server/orphans-of-a-dead-pool-are-doubted",
        test_orphans_of_a_dead_pool_are_doubted);
    ADD("/silent-server/each-image-outside-is-opened-once", test_each_image_outside_is_opened_once);
    ADD("/silent-server/xml-is-without-the-backing-status", test_xml_is_without_the_backing_status);
    return g_test_run();
}
