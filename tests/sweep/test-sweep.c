/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sweep.c: every truncation and many byte changes of images: no crash, no budget broken, nothing silent. */
#include <virtprobe/virtprobe.h>

#include <string.h>

#define TRUNCATION_MAX 65536
#define CHANGED_MAX 4096
#define READS_MAX 64
#define BYTES_MAX (4 * 1024 * 1024)
#define JSON_MAX (256 * 1024)

/* An image, and up to which length a cut must be noticed: the end of the last structure that its header names,
 * at least. */
typedef struct {
    const char *name;
    gsize needed;
} Image;

static const Image images[] = {
    { "qcow2data/v3-plain.qcow2", 1785 },
    { "qcow2data/v2-backing-with-format.qcow2", 1785 },
    { "qcow2data/snapshots-several.qcow2", 4825 },
    { "qcow2data/bitmaps-several.qcow2", 4249 },
    { "qcow2data/luks.qcow2", 6137 },
    { "qcow2data/data-file-raw.qcow2", 1537 },
    { "qcow2data/v3-feature-table.qcow2", 24577 },
    { "qcow2data/v1-backing.qcow", 65 },
    { "imagedata/vdi-dynamic.vdi", 513 },
    { "imagedata/vpc-dynamic.vhd", 1537 },
    { "imagedata/luks1.luks", 65536 },
    { "imagedata/parallels-new.hds", 73 },
    { "imagedata/cow-size-1040.cow", 1057 },
};

static void
check_budgets(const VirtProbeRecord *image)
{
    VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    VirtProbeRecord *io = virt_probe_record_get_record(extra, "io");
    g_autofree char *json = virt_probe_record_to_json(image);
    g_autofree char *text = virt_probe_image_to_text(image);
    guint64 reads;
    guint64 bytes;

    g_assert_true(virt_probe_record_get_uint64(io, "reads", &reads));
    g_assert_true(virt_probe_record_get_uint64(io, "bytes", &bytes));
    g_assert_cmpuint(reads, <=, READS_MAX);
    g_assert_cmpuint(bytes, <=, BYTES_MAX);
    g_assert_cmpuint(strlen(json), <=, JSON_MAX);
    g_assert_cmpuint(strlen(text), <=, JSON_MAX);
    g_assert_null(strchr(text, '\033'));
}

/* TRUE when the description is whole. */
static gboolean
describe(const char *data, gsize size, const char *format)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image = virt_probe_describe_memory(
        data, size, "image", format, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    gboolean is_whole;

    g_assert_no_error(error);
    check_budgets(image);
    is_whole = virt_probe_image_verify(image, &error);
    g_assert_cmpint(is_whole, ==, error == NULL);
    return is_whole;
}

static void
load(const Image *image, char **out_data, gsize *out_size, char **out_format)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "..", image->name, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) record = NULL;

    g_file_get_contents(path, out_data, out_size, &error);
    g_assert_no_error(error);
    record = virt_probe_describe_memory(*out_data, *out_size, path, NULL,
                                        VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    g_assert_no_error(error);
    virt_probe_image_verify(record, &error);
    g_assert_no_error(error);
    *out_format = g_strdup(virt_probe_record_get_text(record, "format"));
}

/* The bytes are copied for every length, so that the sanitizer sees a read past their end. */
static void
test_truncations(gconstpointer user_data)
{
    const Image *image = user_data;
    g_autofree char *data = NULL;
    g_autofree char *format = NULL;
    gsize size;

    load(image, &data, &size, &format);
    g_assert_cmpuint(size, >=, image->needed);
    for (gsize len = 0; len < MIN(size, TRUNCATION_MAX); len++) {
        g_autofree char *cut = g_memdup2(data, len);
        gboolean is_whole;

        describe(cut, len, NULL);
        is_whole = describe(cut, len, format);
        if (len < image->needed && is_whole)
            g_error("%s cut to %" G_GSIZE_FORMAT " bytes is described without a word", image->name,
                    len);
    }
}

static void
test_changes(gconstpointer user_data)
{
    static const guint8 masks[] = { 0x01, 0x80, 0xff };
    const Image *image = user_data;
    g_autofree char *data = NULL;
    g_autofree char *format = NULL;
    gsize size;

    load(image, &data, &size, &format);
    for (gsize pos = 0; pos < MIN(size, CHANGED_MAX); pos++) {
        char kept = data[pos];

        for (guint i = 0; i < G_N_ELEMENTS(masks); i++) {
            data[pos] = (char) (kept ^ masks[i]);
            describe(data, size, NULL);
        }
        data[pos] = (char) (kept + 1);
        describe(data, size, format);
        data[pos] = kept;
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(images); i++) {
        g_autofree char *truncations = g_strdup_printf("/sweep/truncations/%s", images[i].name);
        g_autofree char *changes = g_strdup_printf("/sweep/changes/%s", images[i].name);

        g_test_add_data_func(truncations, &images[i], test_truncations);
        g_test_add_data_func(changes, &images[i], test_changes);
    }
    return g_test_run();
}
