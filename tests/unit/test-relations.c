/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-relations.c: which volumes stand on which, and which nobody seems to need. */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "pool-fixture.h"
#include "qcow2-image.h"
#include "storage/pool/domains.h"
#include "storage/pool/orphans.h"
#include "virtprobe/error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DAY (24 * 3600 * G_GINT64_CONSTANT(1000000000))
/* The first of the bytes by whose locks QEMU says that it writes (block/file-posix.c, RAW_LOCK_PERM_BASE + 1). */
#define WRITE_LOCK 101

typedef struct {
    PoolFixture base;
    VirtProbePool *other; /* its directory is "other" */
    char *other_target;
    char *domains;
    GString *told;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    pool_fixture_set_up(&fixture->base, data);
    fixture->other_target = pool_fixture_directory(&fixture->base, "other");
    fixture->other = fixture_pool_new("other", fixture->other_target);
    fixture->domains = pool_fixture_directory(&fixture->base, "domains");
    fixture->told = g_string_new(NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_string_free(fixture->told, TRUE);
    g_free(fixture->domains);
    g_free(fixture->other_target);
    virt_probe_pool_unref(fixture->other);
    pool_fixture_tear_down(&fixture->base, data);
}

/* backing: NULL: none. ROOT at its beginning is the root of the test. */
static void
add_image(Fixture *fixture, const char *directory, const char *name, const char *backing,
          const char *data_file)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_auto(GStrv) parts = g_strsplit(backing != NULL ? backing : "", "ROOT", -1);
    g_autofree char *placed = g_strjoinv(fixture->base.root, parts);
    g_autofree char *path = g_build_filename(fixture->base.root, directory, NULL);

    if (data_file != NULL) {
        qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, data_file, strlen(data_file));
        qcow2_set_incompatible(image, 4);
    }
    if (backing != NULL)
        qcow2_set_backing(image, placed);
    fixture_write_bytes(path, name, image->bytes, image->size);
}

static void
refresh(Fixture *fixture)
{
    fixture_refresh(fixture->base.pool);
    fixture_refresh(fixture->other);
}

static gboolean
take_dependent(const VirtProbeDependent *dependent, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_string_append_printf(fixture->told, "%u %s/%s%s\n", dependent->depth,
                           virt_probe_pool_get_name(dependent->pool),
                           virt_probe_volume_get_text(dependent->volume, "name"),
                           dependent->is_data_file ? " data" : "");
    return TRUE;
}

static gint
compare_lines(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Volumes of a level come by pool, whose order is that of UUIDs; here by line. */
static char *
sorted(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GPtrArray) array = g_ptr_array_new();
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
        g_ptr_array_add(array, lines[i]);
    g_ptr_array_sort(array, compare_lines);
    for (guint i = 0; i < array->len; i++)
        g_string_append_printf(all, "%s\n", (char *) array->pdata[i]);
    return g_strdup(all->str);
}

static void
assert_dependents(Fixture *fixture, const char *name, const char *expected)
{
    g_autofree char *path = g_build_filename(fixture->base.root, name, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *told = NULL;

    g_string_truncate(fixture->told, 0);
    g_assert_true(virt_probe_volume_foreach_dependent(path, take_dependent, fixture, &error));
    g_assert_no_error(error);
    told = sorted(fixture->told->str);
    g_assert_cmpstr(told, ==, expected);
}

static void
test_finds_dependents_however_they_name_the_base(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *link = g_build_filename(fixture->base.root, "link", NULL);

    g_assert_cmpint(symlink("pool", link), ==, 0);
    add_image(fixture, "pool", "base", NULL, NULL);
    add_image(fixture, "pool", "relative", "base", NULL);
    add_image(fixture, "pool", "dotted", "./../pool/./base", NULL);
    add_image(fixture, "pool", "json",
              "json:{\"file\":{\"driver\":\"file\",\"filename\":\"base\"}}", NULL);
    add_image(fixture, "other", "absolute", "ROOT/pool/base", NULL);
    add_image(fixture, "other", "linked", "ROOT/link/base", NULL);
    add_image(fixture, "other", "uri", "file:ROOT/pool/base", NULL);
    add_image(fixture, "other", "base", NULL, NULL);
    add_image(fixture, "other", "same-name", "base", NULL);
    refresh(fixture);
    assert_dependents(fixture, "pool/base",
                      "1 other/absolute\n1 other/linked\n1 other/uri\n1 p q/dotted\n1 p q/json\n"
                      "1 p q/relative\n");
    assert_dependents(fixture, "link/../pool/base",
                      "1 other/absolute\n1 other/linked\n1 other/uri\n1 p q/dotted\n1 p q/json\n"
                      "1 p q/relative\n");
    assert_dependents(fixture, "other/base", "1 other/same-name\n");
    assert_dependents(fixture, "pool/nothing", "");
}

static void
test_finds_dependents_of_what_is_gone(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    add_image(fixture, "pool", "overlay", "gone", NULL);
    add_image(fixture, "other", "overlay", "ROOT/other/../pool/gone", NULL);
    refresh(fixture);
    assert_dependents(fixture, "pool/gone", "1 other/overlay\n1 p q/overlay\n");
}

static void
test_finds_dependents_of_dependents(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    add_image(fixture, "pool", "base", NULL, NULL);
    add_image(fixture, "pool", "middle", "base", NULL);
    add_image(fixture, "other", "top", "../pool/middle", NULL);
    add_image(fixture, "other", "loop", "loop", NULL);
    refresh(fixture);
    assert_dependents(fixture, "pool/base", "1 p q/middle\n2 other/top\n");
    assert_dependents(fixture, "other/loop", "1 other/loop\n");
}

static void
test_finds_owners_of_data_files(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    fixture_write(fixture->base.target, "guest.raw", "", 0644);
    add_image(fixture, "pool", "owner", NULL, "guest.raw");
    refresh(fixture);
    assert_dependents(fixture, "pool/guest.raw", "1 p q/owner data\n");
}

/* A volume that stands on a file in two ways is told of once, by the one that comes first; what has many names is told of
 * once for each. */
static void
test_tells_of_each_volume_once(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *first = g_build_filename(fixture->base.target, "first", NULL);
    g_autofree char *second = g_build_filename(fixture->base.target, "second", NULL);

    add_image(fixture, "pool", "base", NULL, NULL);
    add_image(fixture, "pool", "both", "base", "base");
    add_image(fixture, "pool", "first", "base", NULL);
    add_image(fixture, "other", "top", "../pool/second", NULL);
    g_assert_cmpint(link(first, second), ==, 0);
    refresh(fixture);
    assert_dependents(fixture, "pool/base", "1 p q/both\n1 p q/first\n1 p q/second\n2 other/top\n");
}

static void
test_finds_many_levels_soon(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    const guint count = 400;
    g_autofree char *path = g_build_filename(fixture->base.target, "image-0", NULL);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = NULL;

    add_image(fixture, "pool", "image-0", NULL, NULL);
    for (guint i = 1; i <= count; i++) {
        g_autofree char *name = g_strdup_printf("image-%u", i);
        g_autofree char *backing = g_strdup_printf("image-%u", i - 1);

        add_image(fixture, "pool", name, backing, NULL);
    }
    refresh(fixture);
    g_string_truncate(fixture->told, 0);
    g_assert_true(virt_probe_volume_foreach_dependent(path, take_dependent, fixture, &error));
    lines = g_strsplit(fixture->told->str, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, count + 1);
    g_assert_cmpstr(lines[0], ==, "1 p q/image-1");
    g_assert_cmpstr(lines[count - 1], ==, "400 p q/image-400");
}

static gboolean
stop_at_once(G_GNUC_UNUSED const VirtProbeDependent *dependent, G_GNUC_UNUSED gpointer user_data)
{
    return FALSE;
}

static void
test_stops_when_asked(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->base.target, "base", NULL);
    g_autoptr(GError) error = NULL;

    add_image(fixture, "pool", "overlay", "base", NULL);
    refresh(fixture);
    g_assert_false(virt_probe_volume_foreach_dependent(path, stop_at_once, NULL, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
}

static gboolean
take_orphan(const VirtProbeOrphan *orphan, gpointer user_data)
{
    Fixture *fixture = user_data;

    g_string_append_printf(fixture->told, "%s/%s %s %s", virt_probe_pool_get_name(orphan->pool),
                           virt_probe_volume_get_text(orphan->volume, "name"),
                           virt_probe_orphan_reason_get_name(orphan->reason),
                           virt_probe_confidence_get_name(orphan->confidence));
    for (guint bit = 1; bit <= VIRT_PROBE_DOUBT_UNKNOWN_NAME; bit <<= 1) {
        if ((orphan->doubts & bit) != 0)
            g_string_append_printf(fixture->told, " %s", virt_probe_doubt_get_name(bit));
    }
    g_string_append_c(fixture->told, '\n');
    g_assert_cmpint(orphan->changed, >, 0);
    return TRUE;
}

static void
assert_orphans(Fixture *fixture, VirtProbePool *pool, guint days, const char *expected)
{
    gint64 now = g_get_real_time() * 1000 + days * DAY;
    g_autoptr(GError) error = NULL;
    g_autofree char *told = NULL;

    g_string_truncate(fixture->told, 0);
    g_assert_true(vp_orphans_foreach(pool, now, take_orphan, fixture, &error));
    g_assert_no_error(error);
    told = sorted(fixture->told->str);
    g_assert_cmpstr(told, ==, expected);
}

/* XML of a machine; ROOT is the root of the test. */
static void
add_domain(Fixture *fixture, const char *folder, const char *name, const char *xml)
{
    g_auto(GStrv) parts = g_strsplit(xml, "ROOT", -1);
    g_autofree char *placed = g_strjoinv(fixture->base.root, parts);
    g_autofree char *path = g_build_filename("domains", folder, NULL);
    g_autofree char *directory = pool_fixture_directory(&fixture->base, path);

    fixture_write(directory, name, placed, 0600);
}

static void
test_lists_what_nobody_names(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    add_image(fixture, "pool", "base", NULL, NULL);
    add_image(fixture, "other", "overlay", "../pool/base", NULL);
    add_image(fixture, "other", "alone", NULL, NULL);
    add_image(fixture, "other", "broken", "nowhere", NULL);
    add_image(fixture, "other", "remote", "nbd://localhost/x", NULL);
    refresh(fixture);
    add_domain(fixture, "", "empty.xml", "<domain/>");
    assert_orphans(fixture, NULL, 8,
                   "other/alone unreferenced high\nother/broken backing-missing high\n"
                   "other/overlay unreferenced high\nother/remote unreferenced high\n");
    assert_orphans(fixture, fixture->base.pool, 8, "");
    assert_orphans(fixture, fixture->other, 6,
                   "other/alone unreferenced medium young\n"
                   "other/broken backing-missing medium young\n"
                   "other/overlay unreferenced medium young\n"
                   "other/remote unreferenced medium young\n");
}

static void
test_heeds_what_machines_name(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const names[] = { "disk",   "device", "nvram",    "loader",
                                         "kernel", "initrd", "mirror",   "of pool",
                                         "snap",   "memory", "argument", "free" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        fixture_write(fixture->base.target, names[i], "", 0644);
    add_image(fixture, "pool", "broken", "nowhere", NULL);
    refresh(fixture);
    add_domain(fixture, "", "one.xml",
               "<!-- made by hand -->\n<domstatus><domain xmlns:q='urn:q'><os><loader>"
               "ROOT/pool/loader</loader><nvram>\n ROOT/pool/nvram\n</nvram>"
               "<kernel>ROOT/pool/kernel</kernel><initrd>ROOT/pool/initrd</initrd></os><devices>"
               "<disk><source file='ROOT/pool/disk'/><mirror><source file='ROOT/pool/mirror'/>"
               "</mirror></disk><disk><source dev='ROOT/pool/device'/></disk><disk>"
               "<source pool='p q' volume='of pool'/></disk>"
               "<disk><source file='ROOT/pool/broken'/></disk></devices>"
               "<q:arg value='if=none,file=ROOT/pool/argument'/></domain></domstatus>");
    add_domain(fixture, "snapshot/one", "s1.xml",
               "<domainsnapshot><memory file='ROOT/pool/memory'/><disks><disk>"
               "<source file='ROOT/pool/snap'/></disk></disks></domainsnapshot>");
    assert_orphans(fixture, NULL, 8,
                   "p q/broken backing-missing low named\np q/free unreferenced high\n");
}

static void
test_follows_images_outside_of_pools(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_free(pool_fixture_directory(&fixture->base, "outside"));
    add_image(fixture, "pool", "base", NULL, NULL);
    add_image(fixture, "outside", "middle", "ROOT/pool/base", NULL);
    add_image(fixture, "outside", "top", "middle", NULL);
    refresh(fixture);
    add_domain(fixture, "", "one.xml", "<domain><source file='ROOT/outside/top'/></domain>");
    assert_orphans(fixture, NULL, 8, "");
}

static void
test_doubts_without_machines(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    add_image(fixture, "pool", "alone", NULL, NULL);
    refresh(fixture);
    g_assert_cmpint(g_rmdir(fixture->domains), ==, 0);
    assert_orphans(fixture, NULL, 8, "p q/alone unreferenced medium domains-unread\n");
    assert_orphans(fixture, NULL, 0, "p q/alone unreferenced low domains-unread young\n");
    add_domain(fixture, "", "broken.xml", "<domain>");
    assert_orphans(fixture, NULL, 8, "p q/alone unreferenced medium domains-unread\n");
}

static void
test_doubts_pools_that_nobody_refreshed(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    add_image(fixture, "pool", "alone", NULL, NULL);
    fixture_refresh(fixture->base.pool);
    assert_orphans(fixture, NULL, 8, "p q/alone unreferenced medium pools-unread\n");
}

static void
test_leaves_out_what_is_written(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->base.target, "alone", NULL);
    struct flock lock = {
        .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = WRITE_LOCK, .l_len = 1
    };
    int fd;

    add_image(fixture, "pool", "alone", NULL, NULL);
    refresh(fixture);
    fd = g_open(path, O_RDWR | O_CLOEXEC, 0);
    g_assert_cmpint(fcntl(fd, F_OFD_SETLK, &lock), ==, 0);
    assert_orphans(fixture, NULL, 8, "");
    close(fd);
    assert_orphans(fixture, NULL, 8, "p q/alone unreferenced high\n");
}

static void
test_leaves_out_what_is_no_image(Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *link = g_build_filename(fixture->base.target, "dangling", NULL);
    g_autofree char *gone = g_build_filename(fixture->base.target, "gone", NULL);

    g_free(pool_fixture_directory(&fixture->base, "pool/folder"));
    g_assert_cmpint(symlink("nowhere", link), ==, 0);
    add_image(fixture, "pool", "gone", NULL, NULL);
    refresh(fixture);
    g_unlink(gone);
    assert_orphans(fixture, NULL, 8, "");
}

static void
take_name(const char *pool, const char *name, gpointer user_data)
{
    g_string_append_printf(user_data, "%s%s%s ", pool != NULL ? pool : "", pool != NULL ? ":" : "",
                           name);
}

static gboolean
read_xml(const char *xml, GString *names)
{
    return vp_domain_read(xml, strlen(xml), take_name, names);
}

static void
test_reads_no_entities(void)
{
    g_autoptr(GString) names = g_string_new(NULL);

    g_assert_false(read_xml("<!DOCTYPE d [<!ENTITY e '/x'>]><d><kernel>&e;</kernel></d>", names));
    g_assert_false(read_xml("<d><kernel>&e;</kernel></d>", names));
    g_assert_false(read_xml("", names));
    g_assert_false(read_xml("no XML", names));
    g_assert_cmpstr(names->str, ==, "");
}

static void
test_bounds_the_depth(void)
{
    g_autoptr(GString) xml = g_string_new(NULL);
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < VP_DOMAIN_XML_DEPTH_MAX - 1; i++)
        g_string_append(xml, "<d>");
    g_string_append(xml, "<source file='/a'/>");
    g_assert_false(read_xml(xml->str, names));
    g_assert_cmpstr(names->str, ==, "/a ");
    g_string_prepend(xml, "<d>");
    g_string_truncate(names, 0);
    g_assert_false(read_xml(xml->str, names));
    g_assert_cmpstr(names->str, ==, "");
}

static void
test_reads_only_paths(void)
{
    g_autoptr(GString) names = g_string_new(NULL);

    g_assert_true(read_xml("<d><source dev='eth0'/><source file='/a &amp; b'/><source volume='v'/>"
                           "<kernel/><source pool='p' volume='v'/></d>",
                           names));
    g_assert_cmpstr(names->str, ==, "/a & b p:v ");
}

static void
test_refuses_every_truncation(void)
{
    const char *xml = "<domain type='kvm'><os><nvram template='/t'>/n</nvram></os><devices><disk>"
                      "<source file='/a &#233; b'/></disk><!-- c --></devices></domain>";
    g_autoptr(GString) names = g_string_new(NULL);

    for (gsize len = 0; len < strlen(xml); len++) {
        /* A copy of its own, so that reading behind its end is seen. */
        g_autofree char *cut = g_memdup2(xml, len);

        g_assert_false(vp_domain_read(cut, len, take_name, names));
    }
    g_string_truncate(names, 0);
    g_assert_true(read_xml(xml, names));
    g_assert_cmpstr(names->str, ==, "/t /n /a \303\251 b ");
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

static void
add_orphan_tests(void)
{
    ADD("/orphans/lists-what-nobody-names", test_lists_what_nobody_names);
    ADD("/orphans/heeds-what-machines-name", test_heeds_what_machines_name);
    ADD("/orphans/follows-images-outside-of-pools", test_follows_images_outside_of_pools);
    ADD("/orphans/doubts-without-machines", test_doubts_without_machines);
    ADD("/orphans/doubts-pools-that-nobody-refreshed", test_doubts_pools_that_nobody_refreshed);
    ADD("/orphans/leaves-out-what-is-written", test_leaves_out_what_is_written);
    ADD("/orphans/leaves-out-what-is-no-image", test_leaves_out_what_is_no_image);
}

int
main(int argc, char **argv)
{
    g_autofree char *domains = NULL;

    g_test_init(&argc, &argv, NULL);
    domains = pool_fixture_place("domains");
    g_setenv("VIRT_PROBE_DOMAIN_DIR", domains, TRUE);
    ADD("/relations/finds-dependents-however-they-name-the-base",
        test_finds_dependents_however_they_name_the_base);
    ADD("/relations/finds-dependents-of-what-is-gone", test_finds_dependents_of_what_is_gone);
    ADD("/relations/finds-dependents-of-dependents", test_finds_dependents_of_dependents);
    ADD("/relations/finds-owners-of-data-files", test_finds_owners_of_data_files);
    ADD("/relations/tells-of-each-volume-once", test_tells_of_each_volume_once);
    ADD("/relations/finds-many-levels-soon", test_finds_many_levels_soon);
    ADD("/relations/stops-when-asked", test_stops_when_asked);
    add_orphan_tests();
    g_test_add_func("/domains/reads-no-entities", test_reads_no_entities);
    g_test_add_func("/domains/refuses-every-truncation", test_refuses_every_truncation);
    g_test_add_func("/domains/bounds-the-depth", test_bounds_the_depth);
    g_test_add_func("/domains/reads-only-paths", test_reads_only_paths);
    return g_test_run();
}
