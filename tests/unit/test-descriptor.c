/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-descriptor.c: a directory is described when it holds DiskDescriptor.xml, and only then. */
#include "unit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOP "{5fbaabe3-6958-40ff-92a7-860e329aab41}"
#define BEGIN "<?xml version='1.0'?><Parallels_disk_image Version='1.0'>"
#define END "</Parallels_disk_image>"
#define DISK(size) "<Disk_Parameters><Disk_size>" size "</Disk_size></Disk_Parameters>"
#define IMAGE "<Image><GUID>" TOP "</GUID><Type>Plain</Type><File>a&amp;b.hds</File></Image>"
#define STORAGE(start, end)                                                                        \
    "<Storage><Start>" start "</Start><End>" end "</End><Blocksize>8</Blocksize>" IMAGE "</"       \
    "Storage>"
#define SOUND BEGIN DISK("16") "<StorageData>" STORAGE("0", "16") "</StorageData>" END

typedef struct {
    char *folder;
    char *descriptor;
} Place;

static void
place_set_up(Place *place, G_GNUC_UNUSED gconstpointer data)
{
    place->folder = g_dir_make_tmp("virt-probe-XXXXXX", NULL);
    place->descriptor = g_build_filename(place->folder, "DiskDescriptor.xml", NULL);
}

static void
place_tear_down(Place *place, G_GNUC_UNUSED gconstpointer data)
{
    g_unlink(place->descriptor);
    g_rmdir(place->folder);
    g_free(place->descriptor);
    g_free(place->folder);
}

static VirtProbeRecord *
describe_text(const Place *place, const char *text)
{
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *image;

    g_assert_true(g_file_set_contents(place->descriptor, text, -1, NULL));
    image = virt_probe_describe_file(place->folder, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    g_assert_no_error(error);
    return image;
}

static void
check_is_refused(const Place *place, const char *format)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(
        virt_probe_describe_file(place->folder, format, VIRT_PROBE_DESCRIBE_RECOGNISE, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED);
    g_assert_nonnull(strstr(error->message, "is a directory"));
}

static void
test_says_what_the_descriptor_says(Place *place, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(VirtProbeRecord) image = describe_text(
        place,
        BEGIN DISK("24") "<StorageData>" STORAGE("0", "16") STORAGE(
            "16",
            "24") "</StorageData><Snapshots><Shot><GUID>x</GUID><ParentGUID>y</ParentGUID></Shot>"
                  "</Snapshots>" END);
    VirtProbeRecord *disk = virt_probe_record_get_record(probe_of(image), "descriptor");
    VirtProbeRecord *storage = virt_probe_record_get_item(disk, "storages", 1);
    VirtProbeRecord *file = virt_probe_record_get_item(storage, "images", 0);
    VirtProbeRecord *shot = virt_probe_record_get_item(disk, "snapshots", 0);
    guint64 size;

    assert_findings(image, "");
    assert_state(image, "ok");
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "parallels");
    g_assert_cmpuint(number_of(image, "virtual-size"), ==, 24 * 512);
    g_assert_false(virt_probe_record_get_uint64(image, "actual-size", &size));
    g_assert_cmpuint(number_of(storage, "start"), ==, 16 * 512);
    g_assert_cmpuint(number_of(storage, "end"), ==, 24 * 512);
    g_assert_cmpuint(number_of(storage, "block-size"), ==, 8 * 512);
    g_assert_cmpstr(virt_probe_record_get_text(file, "file"), ==, "a&b.hds");
    g_assert_cmpstr(virt_probe_record_get_text(file, "guid"), ==, TOP);
    g_assert_cmpstr(virt_probe_record_get_text(shot, "parent-guid"), ==, "y");
}

static void
test_other_directories_are_refused(Place *place, G_GNUC_UNUSED gconstpointer data)
{
    check_is_refused(place, NULL);
    g_assert_true(g_file_set_contents(place->descriptor, SOUND, -1, NULL));
    check_is_refused(place, "raw");
}

static void
test_nothing_but_a_file_inside_is_opened(Place *place, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_cmpint(symlink("/etc/passwd", place->descriptor), ==, 0);
    check_is_refused(place, NULL);
    g_unlink(place->descriptor);
    g_assert_cmpint(mkfifo(place->descriptor, 0600), ==, 0);
    check_is_refused(place, NULL);
}

typedef struct {
    const char *path;
    const char *text;
    const char *rules;
} Document;

static const Document documents[] = {
    { "accepts-a-plain-one", SOUND, "" },
    { "rejects-an-empty-one", "", "header-invalid" },
    { "rejects-a-cut-one", BEGIN DISK("16"), "header-invalid" },
    { "rejects-another-root", "<pool/>", "header-invalid" },
    { "rejects-a-document-type", "<!DOCTYPE a [<!ENTITY b 'c'>]>" SOUND, "header-invalid" },
    { "rejects-bytes-that-are-no-utf-8", "<?xml version=\xff?>" BEGIN DISK("&a;") END,
      "header-invalid" },
    { "rejects-an-entity", BEGIN DISK("&b;") END, "header-invalid" },
    { "rejects-version-2",
      "<Parallels_disk_image Version='2.0'>" DISK("16") "<StorageData>" STORAGE(
          "0", "16") "</StorageData>" END,
      "unsupported-version" },
    { "rejects-no-size", BEGIN END, "header-invalid" },
    { "rejects-no-storage", BEGIN DISK("16") END, "header-invalid" },
    { "rejects-a-size-that-is-no-number", BEGIN DISK("0x10") END, "header-invalid" },
    { "rejects-a-negative-size", BEGIN DISK("-1") END, "header-invalid" },
    { "rejects-a-size-above-2-to-the-63rd", BEGIN DISK("18014398509481984") END, "header-invalid" },
    { "reports-a-gap",
      BEGIN DISK("16") "<StorageData>" STORAGE("0", "8") STORAGE("9", "16") "</StorageData>" END,
      "header-inconsistent" },
    { "reports-storages-that-end-early",
      BEGIN DISK("17") "<StorageData>" STORAGE("0", "16") "</StorageData>" END,
      "header-inconsistent" },
    { "reports-a-top-without-image",
      BEGIN DISK("16") "<StorageData>" STORAGE("0", "16") "</StorageData><Snapshots><TopGUID>{x}"
                                                          "</TopGUID></Snapshots>" END,
      "header-inconsistent" },
    { "reports-padding",
      BEGIN "<Disk_Parameters><Disk_size>16</Disk_size><Padding>1</Padding></Disk_Parameters>"
            "<StorageData>" STORAGE("0", "16") "</StorageData>" END,
      "reserved-nonzero" },
};

static void
test_document(Place *place, gconstpointer data)
{
    const Document *document = data;
    g_autoptr(VirtProbeRecord) image = describe_text(place, document->text);

    assert_findings(image, document->rules);
}

static void
test_bounds_what_it_reads(Place *place, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GString) deep = g_string_new(BEGIN);
    g_autoptr(GString) many = g_string_new(BEGIN "<Snapshots>");
    g_autofree char *large = g_strnfill(1024 * 1024 + 1, ' ');
    g_autoptr(VirtProbeRecord) first = NULL;
    g_autoptr(VirtProbeRecord) second = NULL;
    g_autoptr(VirtProbeRecord) third = NULL;

    for (guint i = 0; i < 2000; i++) {
        g_string_append(deep, "<a>");
        g_string_append(many, "<Shot/>");
    }
    g_string_append(many, "</Snapshots>" END);
    first = describe_text(place, deep->str);
    assert_findings(first, "header-invalid");
    second = describe_text(place, many->str);
    assert_findings(second, "header-invalid");
    third = describe_text(place, large);
    assert_findings(third, "limit");
}

static void
add(const char *path, gconstpointer data, void (*test)(Place *, gconstpointer))
{
    g_autofree char *full = g_strconcat("/descriptor/", path, NULL);

    g_test_add(full, Place, data, place_set_up, test, place_tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("says-what-the-descriptor-says", NULL, test_says_what_the_descriptor_says);
    add("other-directories-are-refused", NULL, test_other_directories_are_refused);
    add("nothing-but-a-file-inside-is-opened", NULL, test_nothing_but_a_file_inside_is_opened);
    add("bounds-what-it-reads", NULL, test_bounds_what_it_reads);
    for (guint i = 0; i < G_N_ELEMENTS(documents); i++)
        add(documents[i].path, &documents[i], test_document);
    return g_test_run();
}
