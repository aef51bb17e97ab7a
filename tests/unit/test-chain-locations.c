/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chain-locations.c: names that say more than a path: descriptions in json:, protocols, parts of files. */
#include "chain-fixture.h"

#include <string.h>

#define GUESS_SAFELY VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE

#define QCOW2_FILE(name)                                                                           \
    "\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"" name "\"}"
#define RAW_FILE(name) "\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"" name "\"}"
/* A part of a file that holds a qcow2 image; the file's own name comes last. */
#define QCOW2_IN(part, name)                                                                       \
    "\"driver\":\"qcow2\",\"file\":{\"driver\":\"raw\"," part                                      \
    ",\"file\":{\"driver\":\"file\",\"filename\":\"" name "\"}}"

/* What "top" names. There are "a" (stands on "b"), "b" (stands on "c"), "c" (raw), "d" (has the data file "data"),
 * "data" and "pool/e" (stands on the name of the row too). */
typedef struct {
    const char *name;
    const char *backing;
    const char *format; /* recorded */
    const char *members;
    const char *state;
} Case;

static const Case cases[] = {
    { "opens-the-file-of-a-description", "json:{" QCOW2_FILE("b") "}", NULL,
      "top=ok!json-filename b<0=ok c<1=ok", "ok" },
    { "takes-the-format-from-a-description", "json:{" RAW_FILE("c") "}", NULL,
      "top=ok!json-filename c<0=ok", "ok" },
    { "takes-a-bare-file-as-raw", "json:{\"driver\":\"file\",\"filename\":\"c\"}", NULL,
      "top=ok!json-filename c<0=ok", "ok" },
    { "does-not-open-a-file-below-no-driver", "json:{\"file.filename\":\"c\"}", NULL,
      "top=ok!json-filename!backing-format-missing c<0=not-opened(refused!backing-format-missing",
      "partial" },
    { "replaces-the-backing-file", "json:{" QCOW2_FILE("a") ",\"backing\":{" RAW_FILE("c") "}}",
      NULL, "top=ok!json-filename a<0=ok c<1=ok", "ok" },
    { "replaces-backing-files-of-backing-files",
      "json:{" QCOW2_FILE("a") ",\"backing\":{" QCOW2_FILE("b") ",\"backing\":{" QCOW2_FILE(
          "d") ",\"backing\":{" RAW_FILE("c") "}}}}",
      NULL,
      "top=ok!json-filename a<0=ok b<1=ok d<2=ok!data-file data:<3=ok "
      "c<3=ok",
      "ok" },
    { "takes-the-backing-file-away", "json:{" QCOW2_FILE("a") ",\"backing\":null}", NULL,
      "top=ok!json-filename a<0=ok", "ok" },
    { "replaces-the-data-file",
      "json:{" QCOW2_FILE("d") ",\"data-file\":{\"driver\":\"file\",\"filename\":\"c\"}}", NULL,
      "top=ok!json-filename d<0=ok!data-file c:<1=ok", "ok" },
    { "reads-a-part-of-a-file", "json:{" QCOW2_IN("\"offset\":512", "box") "}", NULL, NULL, "ok" },
    { "takes-another-part-of-the-same-file-for-no-loop",
      "json:{" QCOW2_IN("\"offset\":4096", "twins") "}", NULL,
      "top=ok!json-filename "
      "json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"raw\",\"offset\":4096,\"file\":{"
      "\"driver\":\"file\",\"filename\":\"twins\"}}}<0=ok!json-filename "
      "json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"raw\",\"offset\":0,\"file\":{\"driver\":"
      "\"file\",\"filename\":\"twins\"}}}<1=ok!json-filename "
      "json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"raw\",\"offset\":0,\"file\":{\"driver\":"
      "\"file\",\"filename\":\"twins\"}}}<2=not-opened(loop!chain-loop",
      "partial" },
    { "notices-the-same-part-of-the-same-file", "json:{" QCOW2_IN("\"offset\":0", "top") "}", NULL,
      NULL, "partial" },
    { "opens-a-file-by-protocol", "file:c", "raw", "top=ok!protocol-filename c<0=ok", "ok" },
    { "speaks-to-no-server", "nbd://127.0.0.1:1/export", "raw",
      "top=ok!protocol-filename nbd://127.0.0.1:1/export<0=not-opened!chain-not-opened", "ok" },
    { "speaks-to-no-server-of-a-description",
      "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"nbd\",\"host\":\"127.0.0.1\",\"port\":\"1\"}"
      "}",
      NULL, NULL, "ok" },
    { "does-not-guess-what-is-not-understood", "json:{\"driver\":", "raw", NULL, "partial" },
};

static void
add_part(VirtualFiles *files, const char *name, gsize offset, const Overlay *overlay)
{
    g_autoptr(Qcow2Image) image = overlay_new(overlay);
    g_autofree guint8 *bytes = g_malloc0(offset + image->size);

    memcpy(bytes, image->bytes, MIN(offset, image->size));
    memcpy(bytes + offset, image->bytes, image->size);
    virtual_files_add(files, name, bytes, offset + image->size);
}

static void
add_files(VirtualFiles *files, const char *backing, const char *format)
{
    add_overlay(files, "top", &(Overlay) { .backing = backing, .format = format });
    add_overlay(files, "a", &(Overlay) { .backing = "b", .format = "qcow2" });
    add_overlay(files, "b", &(Overlay) { .backing = "c", .format = "raw" });
    add_raw(files, "c", OVERLAY_SIZE);
    add_overlay(files, "d", &(Overlay) { .data_file = "data" });
    add_raw(files, "data", OVERLAY_SIZE);
    add_part(files, "box", 512, &(Overlay) { .backing = "c", .format = "raw" });
    add_part(files, "twins", 4096,
             &(Overlay) { .backing = "json:{" QCOW2_IN("\"offset\":0", "twins") "}" });
}

static void
test_location(gconstpointer data)
{
    const Case *row = data;
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_files(&files, row->backing, row->format);
    chain = follow(&files, 0);
    if (row->members != NULL)
        assert_members(chain, row->members);
    g_assert_cmpstr(virt_probe_record_get_text(chain, "state"), ==, row->state);
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), >=, 2);
}

static void
test_names_the_owner_of_a_replaced_data_file(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    /* "b" records no data file of its own. */
    add_files(
        &files,
        "json:{" QCOW2_FILE("b") ",\"data-file\":{\"driver\":\"file\",\"filename\":\"data\"}}",
        NULL);
    chain = follow(&files, 0);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 2), "role"), ==, "data-file");
    g_assert_cmpuint(number_of(member_of(chain, 2), "owner"), ==, 1);
}

static void
test_names_the_replaced_data_file_as_it_was_replaced(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_files(&files,
              "json:{" QCOW2_FILE("d") ",\"data-file\":{\"driver\":\"file\",\"filename\":\"c\"}}",
              NULL);
    chain = follow(&files, 0);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 2), "filename"), ==, "c");
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 2), "recorded-name"), !=, "data");
}

/* QEMU takes a path in a description from the current directory, libvirt from beside the image. */
static void
test_warns_of_a_path_that_depends_on_the_directory(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_files(&files, "pool/e", "qcow2");
    add_overlay(&files, "pool/e", &(Overlay) { .backing = "json:{" RAW_FILE("c") "}" });
    chain = follow(&files, 0);
    assert_members(chain, "top=ok pool/e<0=ok!json-filename "
                          "c<1=ok!name-depends-on-directory");
}

static void
test_description_with_a_format_is_no_guess(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_files(&files, "json:{" QCOW2_FILE("b") "}", NULL);
    chain = follow(&files, GUESS_SAFELY);
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 1), "format-source"), ==,
                    "recorded");
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 2), "state"), ==, "ok");
}

static void
test_part_of_a_file_is_read_and_nothing_beside_it(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_files(&files, "json:{" QCOW2_IN("\"offset\":512,\"size\":512", "box") "}", NULL);
    chain = follow(&files, 0);
    /* Its tables lie behind the end of the part. */
    g_assert_cmpstr(virt_probe_record_get_text(member_of(chain, 1), "state"), ==, "partial");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        add_row_test("/chain/location", cases[i].name, &cases[i], test_location);
    g_test_add_func("/chain/location/names-the-owner-of-a-replaced-data-file",
                    test_names_the_owner_of_a_replaced_data_file);
    g_test_add_func("/chain/location/names-the-replaced-data-file-as-it-was-replaced",
                    test_names_the_replaced_data_file_as_it_was_replaced);
    g_test_add_func("/chain/location/warns-of-a-path-that-depends-on-the-directory",
                    test_warns_of_a_path_that_depends_on_the_directory);
    g_test_add_func("/chain/location/description-with-a-format-is-no-guess",
                    test_description_with_a_format_is_no_guess);
    g_test_add_func("/chain/location/part-of-a-file-is-read-and-nothing-beside-it",
                    test_part_of_a_file_is_read_and_nothing_beside_it);
    return g_test_run();
}
