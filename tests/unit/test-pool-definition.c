/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pool-definition.c: definitions of pools: what is read, what is refused and why, and what hostile XML costs. */
#include "storage/pool/pool.h"

#include <glib/gstdio.h>

#include <string.h>

#define HEAD "<pool type='dir'><name>a</name>"
#define TARGET "<target><path>/p</path></target></pool>"

static VirtProbePool *
read_pool(const char *xml, GError **error)
{
    return virt_probe_pool_new_from_xml(xml, strlen(xml), error);
}

typedef struct {
    const char *name;
    const char *xml;
    VirtProbeError code;
    const char *message;
} Refusal;

static const Refusal refusals[] = {
    { "no type", "<pool><name>a</name>" TARGET, VIRT_PROBE_ERROR_INVALID, "the pool has no type" },
    { "unknown type", "<pool type='zfs'><name>a</name>" TARGET, VIRT_PROBE_ERROR_UNSUPPORTED,
      "line 1: only pools of type dir, fs and netfs are known, not \"zfs\"" },
    { "no name", "<pool type='dir'>" TARGET, VIRT_PROBE_ERROR_INVALID, "the pool has no name" },
    { "empty name", "<pool type='dir'><name/>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "the pool has no name" },
    { "slash in name", "<pool type='dir'><name>a/b</name>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "the pool's name \"a/b\" holds a slash" },
    { "newline in name", "<pool type='dir'><name>a\nb</name>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "the pool's name \"a\\x0ab\" holds a control character" },
    { "name of a directory", "<pool type='dir'><name>..</name>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "the pool's name \"..\" is that of a directory" },
    { "no target", HEAD "</pool>", VIRT_PROBE_ERROR_INVALID, "the pool has no target path" },
    { "relative target", HEAD "<target><path>p</path></target></pool>", VIRT_PROBE_ERROR_INVALID,
      "the pool's target path \"p\" is not absolute" },
    { "newline in target", HEAD "<target><path>/a\nb</path></target></pool>",
      VIRT_PROBE_ERROR_INVALID,
      "the pool's target path \"/a\\x0ab\" holds bytes that XML cannot hold in a line" },
    { "UUID", HEAD "\n<uuid>0123</uuid>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "line 2: no UUID: \"0123\"" },
    { "mode",
      HEAD "<target><path>/p</path><permissions><mode>0888</mode></permissions></target></pool>",
      VIRT_PROBE_ERROR_INVALID, "line 1: no octal mode up to 0777: \"0888\"" },
    { "owner",
      HEAD "<target><path>/p</path><permissions><owner>me</owner></permissions></target></pool>",
      VIRT_PROBE_ERROR_INVALID, "line 1: no id of a user or group: \"me\"" },
    { "owner that libvirt prints and does not read",
      HEAD "<target><path>/p</path><permissions><owner>-2</owner></permissions></target></pool>",
      VIRT_PROBE_ERROR_INVALID, "line 1: no id of a user or group: \"-2\"" },
    { "cow", HEAD "<features><cow state='perhaps'/></features>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "line 1: cow is yes or no, not \"perhaps\"" },
    { "fs without device", "<pool type='fs'><name>a</name>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "the pool's source has no device" },
    { "fs with a format of its own",
      "<pool type='fs'><name>a</name><source><device path='/d'/><format "
      "type='ntfs\x1b'/></source>" TARGET,
      VIRT_PROBE_ERROR_INVALID, NULL },
    { "fs with an unknown format",
      "<pool type='fs'><name>a</name><source><device path='/d'/><format "
      "type='ntfs'/></source>" TARGET,
      VIRT_PROBE_ERROR_INVALID, "a pool of type fs has no source format \"ntfs\"" },
    { "netfs without host",
      "<pool type='netfs'><name>a</name><source><dir path='/d'/></source>" TARGET,
      VIRT_PROBE_ERROR_INVALID, "the pool's source has no host" },
    { "netfs without directory",
      "<pool type='netfs'><name>a</name><source><host name='h'/></source>" TARGET,
      VIRT_PROBE_ERROR_INVALID, "the pool's source has no directory" },
    { "host without name", "<pool type='netfs'><name>a</name><source><host/></source>" TARGET,
      VIRT_PROBE_ERROR_INVALID, "line 1: a host without \"name\"" },
    { "port",
      "<pool type='netfs'><name>a</name><source><host name='h' port='70000'/></source>" TARGET,
      VIRT_PROBE_ERROR_INVALID, "line 1: no port: \"70000\"" },
    { "other root", "<volume/>", VIRT_PROBE_ERROR_INVALID,
      "line 1: the root element is not pool, but \"volume\"" },
    { "state without pool", "<poolstate/>", VIRT_PROBE_ERROR_INVALID,
      "line 0: not XML of a pool: it has no pool" },
    { "two pools", "<poolstate>" HEAD TARGET HEAD TARGET "</poolstate>", VIRT_PROBE_ERROR_INVALID,
      "line 1: a second \"pool\"" },
    { "nothing", "", VIRT_PROBE_ERROR_INVALID, NULL },
    { "text", "pool", VIRT_PROBE_ERROR_INVALID, NULL },
    { "cut", HEAD, VIRT_PROBE_ERROR_INVALID, NULL },
    { "wrong end", HEAD "</name>", VIRT_PROBE_ERROR_INVALID, NULL },
    { "not UTF-8", "<pool type='dir'><name>\xff</name>" TARGET, VIRT_PROBE_ERROR_INVALID,
      "not XML of a pool: it is not UTF-8" },
    { "Latin-1 as it says",
      "<?xml version='1.0' encoding='ISO-8859-1'?><pool><name>\xe4</name></pool>",
      VIRT_PROBE_ERROR_INVALID, "not XML of a pool: it is not UTF-8" },
    { "document type", "<!DOCTYPE pool [<!ENTITY a 'b'>]>" HEAD TARGET, VIRT_PROBE_ERROR_REFUSED,
      "the XML has a document type, which is not read" },
    { "external entity",
      "<!DOCTYPE pool [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><pool "
      "type='dir'><name>&a;</name>" TARGET,
      VIRT_PROBE_ERROR_REFUSED, "the XML has a document type, which is not read" },
    { "many laughs",
      "<!DOCTYPE p [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c "
      "'&b;&b;&b;&b;&b;&b;&b;'>]>"
      "<pool type='dir'><name>&c;&c;&c;&c;</name>" TARGET,
      VIRT_PROBE_ERROR_REFUSED, "the XML has a document type, which is not read" },
    { "entity without document type", "<pool type='dir'><name>&a;</name>" TARGET,
      VIRT_PROBE_ERROR_INVALID, NULL },
};

static void
test_refuses(gconstpointer data)
{
    const Refusal *refusal = data;
    g_autoptr(GError) error = NULL;

    g_assert_null(read_pool(refusal->xml, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, (gint) refusal->code);
    if (refusal->message != NULL)
        g_assert_cmpstr(error->message, ==, refusal->message);
    g_assert_null(strchr(error->message, '\n'));
    g_assert_null(strchr(error->message, '\x1b'));
}

static void
test_ignores_what_it_does_not_know(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) pool = read_pool(
        "<pool type='dir' colour='blue'><extra><name>x</name></extra><name>a</name><name>b</name>"
        "<x:name xmlns:x='urn:x'>c</x:name><target><path>/p</path><more/></target></pool>",
        &error);

    g_assert_no_error(error);
    g_assert_cmpstr(virt_probe_pool_get_name(pool), ==, "a");
    g_assert_cmpstr(virt_probe_pool_get_kind(pool), ==, "dir");
    g_assert_cmpstr(virt_probe_pool_get_target(pool), ==, "/p");
    g_assert_cmpuint(strlen(virt_probe_pool_get_uuid(pool)), ==, 36);
}

static void
test_keeps_ids_of_users_without_a_sign(void)
{
    g_autoptr(VirtProbePool) pool =
        read_pool(HEAD "<target><path>/nonexistent/p</path><permissions><owner>4294967294</owner>"
                       "<group>4294967295</group></permissions></target></pool>",
                  NULL);
    g_autofree char *xml = virt_probe_pool_to_xml(pool);

    g_assert_nonnull(strstr(xml, "<permissions>\n      <owner>4294967294</owner>\n    </perm"));
}

static void
test_understands_what_libvirt_stores(void)
{
    g_autoptr(VirtProbePool) file =
        read_pool("<!--\nc\n-->\n\n" HEAD "<source>\n  </source>" TARGET, NULL);
    g_autoptr(VirtProbePool) state = read_pool("<poolstate>\n" HEAD TARGET "</poolstate>", NULL);

    g_assert_nonnull(file);
    g_assert_cmpstr(virt_probe_pool_get_name(state), ==, "a");
}

static void
test_reads_uuids_in_every_spelling(void)
{
    static const char *const good[] = { "0123456789abcdef0123456789ABCDEF",
                                        "01234567-89ab-cdef-0123-456789abcdef",
                                        "0123-4567-89ab-cdef-0123-4567-89ab-cdef",
                                        "\n  01234567-89ab cdef-0123-456789abcdef\t\n" };
    static const char *const bad[] = { "",
                                       "0123",
                                       "01234567-89ab-cdef-0123-456789abcdeg",
                                       "01234567-89ab-cdef-0123-456789abcdef0",
                                       "0-1234567-89ab-cdef-0123-456789abcdef",
                                       "0 1234567-89ab-cdef-0123-456789abcdef",
                                       "01234567-89ab-cdef-0123-456789abcdef-" };

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *uuid = vp_uuid_normalise(good[i]);

        g_assert_cmpstr(uuid, ==, "01234567-89ab-cdef-0123-456789abcdef");
    }
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_null(vp_uuid_normalise(bad[i]));
}

static void
test_keeps_paths_as_libvirt_does(void)
{
    static const char *const paths[][2] = {
        { "/a", "/a" },          { "/a/", "/a" },        { "/", "/" },
        { "//", "//" },          { "///", "/" },         { "//a//b", "//a/b" },
        { "///a///b/", "/a/b" }, { "/a/./b", "/a/./b" }, { "/a/../b", "/a/../b" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *path = vp_path_normalise(paths[i][0]);

        g_assert_cmpstr(path, ==, paths[i][1]);
    }
}

static void
test_refuses_elements_too_deep_in_each_other(void)
{
    g_autoptr(GString) xml = g_string_new("<pool type='dir'>");
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 10000; i++)
        g_string_append(xml, "<a>");
    g_assert_null(read_pool(xml->str, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT);
}

static void
test_refuses_deep_elements_in_a_text(void)
{
    g_autoptr(GString) xml = g_string_new("<pool type='dir'><name>");
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 10000; i++)
        g_string_append(xml, "<a>");
    g_assert_null(read_pool(xml->str, &error));
    g_assert_nonnull(error);
}

static void
test_refuses_long_xml(void)
{
    g_autofree char *xml = g_strnfill(2 * 1024 * 1024, ' ');
    g_autoptr(GError) error = NULL;

    g_assert_null(read_pool(xml, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT);
}

static void
test_refuses_a_nul(void)
{
    static const char xml[] = HEAD "\0" TARGET;
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_pool_new_from_xml(xml, sizeof xml - 1, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==,
                    "not XML of a pool: it holds a NUL byte, as images do and XML never does");
}

static void
test_makes_a_definition(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbePool) pool = virt_probe_pool_new("a", "dir", "/p//q/", NULL, &error);
    g_autofree char *xml = NULL;
    g_autoptr(VirtProbePool) again = NULL;

    g_assert_no_error(error);
    g_assert_cmpstr(virt_probe_pool_get_target(pool), ==, "/p/q");
    xml = virt_probe_pool_to_xml(pool);
    again = read_pool(xml, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(virt_probe_pool_get_uuid(again), ==, virt_probe_pool_get_uuid(pool));
    g_assert_null(virt_probe_pool_new("a", "zfs", "/p", NULL, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED);
}

/* U+FFFE, which XML has no place for; and a control character, and bytes that are no text. */
static const char *const unwritable[] = { "a\xef\xbf\xbe", "a\x01", "a\xff" };

static void
assert_new_refused(const char *name, const char *target, const VirtProbePoolSource *source,
                   const char *what)
{
    const char *type = source->host != NULL ? "netfs" : source->device != NULL ? "fs" : "dir";
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_pool_new(name, type, target, source, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    if (strstr(error->message, what) == NULL)
        g_assert_cmpstr(error->message, ==, what);
}

static void
test_refuses_what_its_xml_could_not_hold(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(unwritable); i++) {
        const char *text = unwritable[i];
        g_autofree char *path = g_strconcat("/", text, NULL);
        const VirtProbePoolSource none = { .host = NULL };
        const VirtProbePoolSource host = { .host = text, .path = "/x" };
        const VirtProbePoolSource directory = { .host = "h", .path = path };
        const VirtProbePoolSource device = { .device = path };
        const VirtProbePoolSource version = { .host = "h", .path = "/x", .protocol_version = text };

        assert_new_refused(text, "/p", &none, "the pool's name");
        assert_new_refused("a", path, &none, "the pool's target path");
        assert_new_refused("a", "/p", &host, "the pool's source host");
        assert_new_refused("a", "/p", &directory, "the pool's source directory");
        assert_new_refused("a", "/p", &device, "the pool's source device");
        assert_new_refused("a", "/p", &version, "the pool's protocol version");
    }
}

static void
test_refuses_lines_in_texts_of_xml(void)
{
    static const char *const xmls[] = {
        HEAD
        "<target><path>/p</path><permissions><label>a\nb</label></permissions></target></pool>",
        HEAD "<source><vendor name='a&#10;b'/></source>" TARGET,
        "<pool type='fs' xmlns:fs='http://libvirt.org/schemas/storagepool/fs/1.0'><name>a</name>"
        "<fs:mount_opts><fs:option name='a&#13;b'/></fs:mount_opts><source><device "
        "path='/d'/></source>" TARGET,
    };

    for (guint i = 0; i < G_N_ELEMENTS(xmls); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(read_pool(xmls[i], &error));
        g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    }
}

static void
test_checks_that_the_directory_can_be_used(void)
{
    g_autoptr(VirtProbePool) root = virt_probe_pool_new("a", "dir", "/", NULL, NULL);
    g_autoptr(VirtProbePool) nothing =
        virt_probe_pool_new("b", "dir", "/nonexistent/x", NULL, NULL);
    g_autoptr(VirtProbePool) file =
        virt_probe_pool_new("c", "dir", "/proc/self/status", NULL, NULL);
    g_autoptr(GError) error = NULL;
    VirtProbePoolSums sums;

    g_assert_true(virt_probe_pool_get_sums(root, &sums, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(sums.capacity, ==, sums.allocation + sums.available);
    g_assert_cmpuint(sums.available, >=, sums.available_to_users);
    g_assert_false(virt_probe_pool_get_sums(nothing, &sums, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_assert_cmpuint(sums.capacity, ==, 0);
    g_clear_error(&error);
    g_assert_false(virt_probe_pool_check(file, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
}

static VirtProbePool *
share_at(const char *path)
{
    g_autofree char *xml =
        g_strdup_printf("<pool type='netfs'><name>a</name><source><host name='h'/>"
                        "<dir path='/d'/></source><target><path>%s</path></target></pool>",
                        path);

    return read_pool(xml, NULL);
}

static void
test_wants_something_mounted_for_a_share(void)
{
    g_autofree char *folder = g_dir_make_tmp("pool-XXXXXX", NULL);
    g_autoptr(VirtProbePool) mounted = share_at("/proc");
    g_autoptr(VirtProbePool) root = share_at("/");
    g_autoptr(VirtProbePool) unmounted = share_at(folder);
    g_autoptr(GError) error = NULL;

    g_assert_true(virt_probe_pool_check(mounted, &error));
    g_assert_true(virt_probe_pool_check(root, &error));
    g_assert_no_error(error);
    g_assert_false(virt_probe_pool_check(unmounted, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *slug = g_strdelimit(g_strdup(refusals[i].name), " ", '-');
        g_autofree char *path = g_strconcat("/pool-definition/refuses/", slug, NULL);

        g_test_add_data_func(path, &refusals[i], test_refuses);
    }
    g_test_add_func("/pool-definition/ignores-what-it-does-not-know",
                    test_ignores_what_it_does_not_know);
    g_test_add_func("/pool-definition/keeps-ids-of-users-without-a-sign",
                    test_keeps_ids_of_users_without_a_sign);
    g_test_add_func("/pool-definition/understands-what-libvirt-stores",
                    test_understands_what_libvirt_stores);
    g_test_add_func("/pool-definition/reads-uuids-in-every-spelling",
                    test_reads_uuids_in_every_spelling);
    g_test_add_func("/pool-definition/keeps-paths-as-libvirt-does",
                    test_keeps_paths_as_libvirt_does);
    g_test_add_func("/pool-definition/refuses-elements-too-deep-in-each-other",
                    test_refuses_elements_too_deep_in_each_other);
    g_test_add_func("/pool-definition/refuses-deep-elements-in-a-text",
                    test_refuses_deep_elements_in_a_text);
    g_test_add_func("/pool-definition/refuses-long-xml", test_refuses_long_xml);
    g_test_add_func("/pool-definition/refuses-a-nul", test_refuses_a_nul);
    g_test_add_func("/pool-definition/makes-a-definition", test_makes_a_definition);
    g_test_add_func("/pool-definition/refuses-what-its-xml-could-not-hold",
                    test_refuses_what_its_xml_could_not_hold);
    g_test_add_func("/pool-definition/refuses-lines-in-texts-of-xml",
                    test_refuses_lines_in_texts_of_xml);
    g_test_add_func("/pool-definition/checks-that-the-directory-can-be-used",
                    test_checks_that_the_directory_can_be_used);
    g_test_add_func("/pool-definition/wants-something-mounted-for-a-share",
                    test_wants_something_mounted_for_a_share);
    return g_test_run();
}
