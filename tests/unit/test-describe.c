/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-describe.c: the public calls that describe images: what they refuse, what they say, what they cost. */
#define _GNU_SOURCE /* memfd_create */
#include "unit-images.h"
#include "unit.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
test_guesses_nothing_of_memory_unless_asked(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_describe_memory("x", 1, NULL, NULL, VIRT_PROBE_DESCRIBE_FULL, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

static void
test_guesses_nothing_of_a_file_unless_asked(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_describe_file("/dev/null", NULL, VIRT_PROBE_DESCRIBE_DEFAULT, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, "format"));
}

static void
test_guesses_nothing_of_a_descriptor_unless_asked(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_describe_fd(0, NULL, NULL, VIRT_PROBE_DESCRIBE_DEFAULT, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, "format"));
}

static void
test_refuses_an_unknown_format(void)
{
    static const char *const names[] = { "", "qcow3", "QCOW2" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(virt_probe_describe_memory("x", 1, NULL, names[i],
                                                 VIRT_PROBE_DESCRIBE_RECOGNISE, &error));
        g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED);
    }
}

static void
test_opens_nothing_but_files_and_block_devices(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(virt_probe_describe_file("/dev/null", "raw", 0, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

static void
test_says_who_says_the_format(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    g_autoptr(VirtProbeRecord) declared = describe_bytes(bytes->data, bytes->len, "qcow2");
    g_autoptr(VirtProbeRecord) recognised = describe_bytes(bytes->data, bytes->len, NULL);

    g_assert_cmpstr(virt_probe_record_get_text(probe_of(declared), "format-source"), ==,
                    "declared");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(recognised), "format-source"), ==,
                    "recognised");
    g_assert_cmpstr(virt_probe_record_get_text(recognised, "format"), ==, "qcow2");
}

static void
test_declared_alias_is_the_format(void)
{
    g_autoptr(GByteArray) bytes = vpc_image_new();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, "vhd");

    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "vpc");
}

static void
test_describes_an_empty_file_as_raw(void)
{
    g_autoptr(VirtProbeRecord) recognised = describe_bytes(NULL, 0, NULL);
    g_autoptr(VirtProbeRecord) declared = describe_bytes(NULL, 0, "raw");

    assert_findings(recognised, "empty");
    assert_findings(declared, "empty");
    assert_state(recognised, "ok");
    g_assert_cmpstr(virt_probe_record_get_text(recognised, "format"), ==, "raw");
    g_assert_cmpuint(number_of(recognised, "virtual-size"), ==, 0);
}

static void
test_rejects_an_empty_file_as_anything_else(void)
{
    const VirtProbeFormat *format;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        const char *name = virt_probe_format_get_name(format);
        g_autoptr(VirtProbeRecord) image = NULL;

        if (strcmp(name, "raw") == 0)
            continue;
        image = describe_bytes(NULL, 0, name);
        assert_finding(image, "bad-magic");
        assert_state(image, "partial");
    }
}

static void
test_rejects_bytes_of_another_format(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vdi")->make();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, "qcow2");

    assert_finding(image, "bad-magic");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "qemu-format"), ==, "vdi");
    g_assert_false(virt_probe_record_get_uint64(image, "virtual-size", NULL));
}

static void
test_warns_of_a_raw_disk_that_looks_like_an_image(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, "raw");

    assert_finding(image, "declared-format-mismatch");
    assert_state(image, "ok");
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "raw");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "qemu-format"), ==, "qcow2");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, bytes->len);
}

static void
test_does_not_decide_between_two_formats(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vdi")->make();
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(GError) error = NULL;

    memcpy(bytes->data, "QFI\xfb\0\0\0\3", 8);
    image = describe_bytes(bytes->data, bytes->len, NULL);
    assert_findings(image, "polyglot");
    g_assert_null(virt_probe_record_get_text(image, "format"));
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(image), "candidates"), ==, 2);
    g_assert_false(virt_probe_image_verify(image, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_AMBIGUOUS);
}

static void
test_rounds_a_raw_disk_up_to_sectors(void)
{
    static const guint8 bytes[513];
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes, sizeof bytes, "raw");

    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 1024);
    g_assert_cmpuint(number_of(probe_of(image), "exact-virtual-size"), ==, 513);
    g_assert_cmpuint(number_of(probe_of(image), "file-size"), ==, 513);
}

static void
test_survives_the_largest_possible_file(void)
{
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(GError) error = NULL;
    int fd = memfd_create("largest", MFD_CLOEXEC);

    /* Memory files can be as large as Linux allows. */
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, G_MAXINT64), ==, 0);
    image = virt_probe_describe_fd(fd, NULL, "raw", 0, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(number_of(probe_of(image), "file-size"), ==, G_MAXINT64);
    close(fd);
}

static void
test_says_what_it_cost(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    g_autoptr(VirtProbeRecord) image = describe_bytes(bytes->data, bytes->len, "qcow2");
    VirtProbeRecord *io = virt_probe_record_get_record(probe_of(image), "io");

    g_assert_cmpuint(number_of(io, "reads"), ==, 1);
    g_assert_cmpuint(number_of(io, "bytes"), ==, 4096);
}

static void
test_shows_the_header_only_when_all_is_wanted(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("qcow2")->make();
    g_autoptr(VirtProbeRecord) usual = describe_bytes(bytes->data, bytes->len, "qcow2");
    g_autoptr(VirtProbeRecord) full = describe_bytes_in_full(bytes->data, bytes->len, "qcow2");
    VirtProbeRecord *row = virt_probe_record_get_item(probe_of(full), "header", 4);

    g_assert_cmpuint(virt_probe_record_get_length(probe_of(usual), "header"), ==, 0);
    g_assert_cmpuint(virt_probe_record_get_length(probe_of(full), "header"), ==, 20);
    g_assert_cmpstr(virt_probe_record_get_text(row, "name"), ==, "cluster-bits");
    g_assert_cmpuint(number_of(row, "offset"), ==, 20);
    g_assert_cmpstr(virt_probe_record_get_text(row, "value"), ==, "0x00000009");
}

/* Takes away what only a file has, and what depends on the name. */
static json_t *
json_without_file(const VirtProbeRecord *image)
{
    static const char *const of_image[] = { "filename", "actual-size", "children" };
    static const char *const of_probe[] = { "mtime", "in-use" };
    g_autofree char *text = virt_probe_record_to_json(image);
    json_error_t problem;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    json_t *specific = json_object_get(json, "format-specific");
    const char *type = json_string_value(json_object_get(specific, "type"));

    g_assert_nonnull(json);
    for (guint i = 0; i < G_N_ELEMENTS(of_image); i++)
        json_object_del(json, of_image[i]);
    for (guint i = 0; i < G_N_ELEMENTS(of_probe); i++)
        json_object_del(json_object_get(json, "virt-probe"), of_probe[i]);
    /* The image may be its own extent. */
    json_object_del(
        json_array_get(json_object_get(json_object_get(specific, "data"), "extents"), 0),
        "filename");
    if (g_strcmp0(type, "file") == 0)
        json_object_del(json, "format-specific");
    return json;
}

static VirtProbeRecord *
describe_file_with(const GByteArray *bytes, const char *format)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("test-describe-XXXXXX", &path, &error);
    VirtProbeRecord *image;

    g_assert_no_error(error);
    close(fd);
    g_file_set_contents(path, (const char *) bytes->data, bytes->len, &error);
    g_assert_no_error(error);
    image = virt_probe_describe_file(path, format, VIRT_PROBE_DESCRIBE_FULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(virt_probe_record_get_length(image, "children"), ==, 1);
    g_remove(path);
    return image;
}

static void
test_file_and_memory_give_the_same_facts(void)
{
    const VirtProbeFormat *format;

    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        const char *name = virt_probe_format_get_name(format);
        g_autoptr(GByteArray) bytes = healthy_image_find(name)->make();
        g_autoptr(VirtProbeRecord) of_file = describe_file_with(bytes, name);
        g_autoptr(VirtProbeRecord) of_memory =
            describe_bytes_in_full(bytes->data, bytes->len, name);
        json_t *file_json = json_without_file(of_file);
        json_t *memory_json = json_without_file(of_memory);

        g_test_message("%s", name);
        g_assert_true(json_equal(file_json, memory_json));
        json_decref(file_json);
        json_decref(memory_json);
    }
}

static void
test_describes_a_descriptor_and_leaves_it_open(void)
{
    g_autoptr(GByteArray) bytes = healthy_image_find("vdi")->make();
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(GError) error = NULL;
    int fd = memfd_create("image", MFD_CLOEXEC);

    g_assert_cmpint(write(fd, bytes->data, bytes->len), ==, bytes->len);
    image = virt_probe_describe_fd(fd, "given name", "vdi", 0, &error);
    g_assert_no_error(error);
    assert_state(image, "ok");
    g_assert_cmpstr(virt_probe_record_get_text(image, "filename"), ==, "given name");
    g_assert_cmpint(lseek(fd, 0, SEEK_CUR), ==, bytes->len);
    close(fd);
}

static void
test_needs_no_name(void)
{
    g_autoptr(VirtProbeRecord) image = describe_bytes("", 1, "raw");

    g_assert_null(virt_probe_record_get_text(image, "filename"));
}

static VirtProbeRecord *
describe_named(const GByteArray *bytes, const char *name)
{
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *image = virt_probe_describe_memory(bytes->data, bytes->len, name, NULL,
                                                        VIRT_PROBE_DESCRIBE_RECOGNISE, &error);

    g_assert_no_error(error);
    return image;
}

static void
test_reports_a_name_that_misleads(void)
{
    static const struct {
        const char *format;
        const char *name;
        gboolean misleads;
    } cases[] = {
        { "qcow2", "disk.qcow2", FALSE }, { "qcow2", "disk.vdi", TRUE },
        { "qcow2", "disk", FALSE },       { "qcow2", "disk.img", FALSE },
        { "iso", "disk.iso", FALSE },     { "iso", "disk.vhd", TRUE },
        { "raw", "disk.qcow2", TRUE },    { "raw", "disk.RAW", FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find(cases[i].format)->make();
        g_autoptr(VirtProbeRecord) image = describe_named(bytes, cases[i].name);

        g_test_message("%s as %s", cases[i].format, cases[i].name);
        g_assert_cmpint(has_finding(image, "ext-name-mismatch"), ==, cases[i].misleads);
    }
}

static void
test_unreadable_image_has_a_record(void)
{
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "is missing");
    g_autoptr(VirtProbeRecord) image = virt_probe_image_new_unreadable("disk.img", error);
    VirtProbeRecord *reason = virt_probe_record_get_record(probe_of(image), "error");

    g_assert_cmpstr(virt_probe_record_get_text(image, "filename"), ==, "disk.img");
    g_assert_cmpstr(virt_probe_record_get_text(probe_of(image), "state"), ==, "unreadable");
    g_assert_cmpstr(virt_probe_record_get_text(reason, "code"), ==, "not-found");
    g_assert_cmpstr(virt_probe_record_get_text(reason, "message"), ==, "is missing");
    assert_findings(image, "");
}

static void
test_unreadable_image_does_not_verify(void)
{
    static const int codes[] = { G_FILE_ERROR_NOENT, G_FILE_ERROR_ACCES, G_FILE_ERROR_LOOP };

    for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autoptr(GError) reason = g_error_new_literal(G_FILE_ERROR, codes[i], "cannot be read");
        g_autoptr(VirtProbeRecord) image = virt_probe_image_new_unreadable("disk.img", reason);
        g_autoptr(GError) error = NULL;

        g_assert_false(virt_probe_image_verify(image, &error));
        g_assert_error(error, G_FILE_ERROR, codes[i]);
        g_assert_cmpstr(error->message, ==, "cannot be read");
    }
}

static void
test_refused_image_verifies_as_refused(void)
{
    g_autoptr(GError) reason =
        g_error_new_literal(VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED, "is a FIFO");
    g_autoptr(VirtProbeRecord) image = virt_probe_image_new_unreadable("disk.img", reason);
    g_autoptr(GError) error = NULL;

    g_assert_false(virt_probe_image_verify(image, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
}

static void
test_verify_gives_the_code_of_the_first_reason(void)
{
    static const struct {
        guint offset;
        guint64 value;
        VirtProbeError code;
    } cases[] = {
        { 68, 0x00020000, VIRT_PROBE_ERROR_UNSUPPORTED },
        { 340, 1024, VIRT_PROBE_ERROR_TRUNCATED },
        { 360, 4096, VIRT_PROBE_ERROR_INVALID },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = healthy_image_find("vdi")->make();
        g_autoptr(VirtProbeRecord) image = NULL;
        g_autoptr(GError) error = NULL;

        put_little(bytes->data + cases[i].offset, 4, cases[i].value);
        image = describe_bytes(bytes->data, bytes->len, "vdi");
        g_assert_false(virt_probe_image_verify(image, &error));
        g_assert_error(error, VIRT_PROBE_ERROR, (gint) cases[i].code);
        g_assert_false(virt_probe_image_verify(image, NULL));
    }
}

static void
test_has_a_version(void)
{
    g_assert_true(g_ascii_isdigit(virt_probe_get_version()[0]));
}

static void
add_format_tests(void)
{
    g_test_add_func("/describe/format/of-memory-is-not-guessed-unless-asked",
                    test_guesses_nothing_of_memory_unless_asked);
    g_test_add_func("/describe/format/of-a-file-is-not-guessed-unless-asked",
                    test_guesses_nothing_of_a_file_unless_asked);
    g_test_add_func("/describe/format/of-a-descriptor-is-not-guessed-unless-asked",
                    test_guesses_nothing_of_a_descriptor_unless_asked);
    g_test_add_func("/describe/format/must-be-known", test_refuses_an_unknown_format);
    g_test_add_func("/describe/format/comes-from-the-caller-or-the-bytes",
                    test_says_who_says_the_format);
    g_test_add_func("/describe/format/may-be-an-alias", test_declared_alias_is_the_format);
    g_test_add_func("/describe/format/must-be-that-of-the-bytes",
                    test_rejects_bytes_of_another_format);
    g_test_add_func("/describe/format/raw-that-looks-like-an-image-is-a-danger",
                    test_warns_of_a_raw_disk_that_looks_like_an_image);
    g_test_add_func("/describe/format/is-not-decided-between-two",
                    test_does_not_decide_between_two_formats);
    g_test_add_func("/describe/format/misleading-name-is-reported",
                    test_reports_a_name_that_misleads);
}

static void
add_verify_tests(void)
{
    g_test_add_func("/describe/unreadable/has-a-record", test_unreadable_image_has_a_record);
    g_test_add_func("/describe/unreadable/does-not-verify", test_unreadable_image_does_not_verify);
    g_test_add_func("/describe/unreadable/verifies-as-refused",
                    test_refused_image_verifies_as_refused);
    g_test_add_func("/describe/verify/gives-the-code-of-the-first-reason",
                    test_verify_gives_the_code_of_the_first_reason);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_format_tests();
    g_test_add_func("/describe/file/must-be-a-file-or-block-device",
                    test_opens_nothing_but_files_and_block_devices);
    g_test_add_func("/describe/file/gives-the-same-facts-as-memory",
                    test_file_and_memory_give_the_same_facts);
    g_test_add_func("/describe/file/may-be-as-large-as-possible",
                    test_survives_the_largest_possible_file);
    g_test_add_func("/describe/descriptor/stays-open",
                    test_describes_a_descriptor_and_leaves_it_open);
    g_test_add_func("/describe/memory/needs-no-name", test_needs_no_name);
    g_test_add_func("/describe/empty/is-a-raw-disk", test_describes_an_empty_file_as_raw);
    g_test_add_func("/describe/empty/is-nothing-else", test_rejects_an_empty_file_as_anything_else);
    g_test_add_func("/describe/raw/is-rounded-up-to-sectors", test_rounds_a_raw_disk_up_to_sectors);
    g_test_add_func("/describe/cost/is-said", test_says_what_it_cost);
    g_test_add_func("/describe/full/shows-the-header",
                    test_shows_the_header_only_when_all_is_wanted);
    add_verify_tests();
    g_test_add_func("/describe/library-has-a-version", test_has_a_version);
    return g_test_run();
}
