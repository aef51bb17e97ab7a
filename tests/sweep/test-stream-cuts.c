/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-stream-cuts.c: every sample image as a stream, cut in many ways: the answer is that of the file, and what is said of a
 * beginning holds for the whole. */
#include <virtprobe/virtprobe.h>

#include <string.h>

#define SEEDS 50
#define CHUNK_BITS_MAX 20
/* Ways to ask: for a description, and for what an audit judges. */
#define DESCRIPTION 0
#define ASKED 2

typedef struct {
    char *name;
    char *data;
    gsize size;
    VirtProbeRecord *whole[ASKED]; /* as described from memory */
    char *json[ASKED];
} Image;

/* How the streams are cut in a test, and how they are described. */
typedef struct {
    guint number; /* the size of a chunk, or a seed */
    guint asked;
} Cutting;

static const guint flags[ASKED] = { VIRT_PROBE_DESCRIBE_RECOGNISE,
                                    VIRT_PROBE_DESCRIBE_AUDIT | VIRT_PROBE_DESCRIBE_RECOGNISE };

/* Images whose answers differ, and why: structures there point back to bytes that had gone by. */
static const char *const unreachable[] = {
    NULL,
};

static GPtrArray *images;

static gboolean
is_unreachable(const char *name)
{
    return g_strv_contains(unreachable, name);
}

static void
image_free(Image *image)
{
    for (guint i = 0; i < ASKED; i++) {
        virt_probe_record_unref(image->whole[i]);
        g_free(image->json[i]);
    }
    g_free(image->name);
    g_free(image->data);
    g_free(image);
}

/* What is told of an image, and how it is judged when that was asked. (transfer full) */
static char *
answer_of(VirtProbeRecord *record, guint asked)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autofree char *json = virt_probe_record_to_json(record);
    g_autoptr(VirtProbeRecord) audit = NULL;
    g_autofree char *judgement = NULL;

    if (asked == DESCRIPTION)
        return g_steal_pointer(&json);
    audit = virt_probe_audit_new(record, &settings);
    judgement = virt_probe_record_to_json(audit);
    return g_strconcat(json, judgement, NULL);
}

static void
image_load(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    Image *image;

    if (g_str_has_suffix(name, ".py") || g_str_has_suffix(name, ".json")
        || !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return;
    image = g_new0(Image, 1);
    image->name = g_strdup(name);
    g_file_get_contents(path, &image->data, &image->size, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < ASKED; i++) {
        image->whole[i] =
            virt_probe_describe_memory(image->data, image->size, NULL, NULL, flags[i], &error);
        g_assert_no_error(error);
        image->json[i] = answer_of(image->whole[i], i);
    }
    g_ptr_array_add(images, image);
}

static void
images_load(const char *folder_name)
{
    g_autofree char *folder = g_test_build_filename(G_TEST_DIST, "..", folder_name, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) directory = g_dir_open(folder, 0, &error);
    const char *name;

    g_assert_no_error(error);
    while ((name = g_dir_read_name(directory)) != NULL)
        image_load(folder, name);
}

static VirtProbeStream *
stream_new(guint asked)
{
    g_autoptr(GError) error = NULL;
    VirtProbeStream *stream = virt_probe_stream_new(NULL, NULL, flags[asked], &error);

    g_assert_no_error(error);
    return stream;
}

static gboolean
has_rule(const VirtProbeRecord *image, const char *rule)
{
    VirtProbeRecord *extra = virt_probe_record_get_record((VirtProbeRecord *) image, "virt-probe");
    guint count = virt_probe_record_get_length(extra, "findings");

    for (guint i = 0; i < count; i++) {
        VirtProbeRecord *finding = virt_probe_record_get_item(extra, "findings", i);

        if (strcmp(virt_probe_record_get_text(finding, "rule"), rule) == 0)
            return TRUE;
    }
    return FALSE;
}

/* An answer that lacks something must say so, and the same however the stream was cut. */
static void
check_answer(Image *image, VirtProbeStream *stream, guint asked)
{
    g_autoptr(VirtProbeRecord) record = virt_probe_stream_finish(stream, TRUE);
    g_autofree char *json = answer_of(record, asked);

    g_assert_cmpint(has_rule(record, "unreachable-in-stream"), ==, is_unreachable(image->name));
    if (!is_unreachable(image->name) && strcmp(json, image->json[asked]) != 0)
        g_error("%s as a stream:\n%s\nas a file:\n%s", image->name, json, image->json[asked]);
}

/* Chunks of one size. */
static void
test_equal_chunks(gconstpointer data)
{
    const Cutting *cutting = data;
    const gsize chunk = cutting->number;

    for (guint i = 0; i < images->len; i++) {
        Image *image = images->pdata[i];
        g_autoptr(VirtProbeStream) stream = stream_new(cutting->asked);

        for (gsize pos = 0; pos < image->size; pos += chunk)
            virt_probe_stream_feed(stream, image->data + pos, MIN(chunk, image->size - pos));
        check_answer(image, stream, cutting->asked);
    }
}

/* Chunks of all sizes, small ones as often as large ones. */
static void
test_seeded_chunks(gconstpointer data)
{
    const Cutting *cutting = data;
    g_autoptr(GRand) random = g_rand_new_with_seed(cutting->number);

    for (guint i = 0; i < images->len; i++) {
        Image *image = images->pdata[i];
        g_autoptr(VirtProbeStream) stream = stream_new(cutting->asked);
        gsize chunk;

        for (gsize pos = 0; pos < image->size; pos += chunk) {
            gint limit = 1 << g_rand_int_range(random, 0, CHUNK_BITS_MAX);

            chunk = (gsize) g_rand_int_range(random, 0, limit) + 1;
            chunk = MIN(chunk, image->size - pos);
            virt_probe_stream_feed(stream, image->data + pos, chunk);
        }
        check_answer(image, stream, cutting->asked);
    }
}

static void
check_same_text(const Image *image, const VirtProbeRecord *part, const char *key)
{
    const char *text = virt_probe_record_get_text(part, key);

    if (text != NULL
        && g_strcmp0(text, virt_probe_record_get_text(image->whole[DESCRIPTION], key)) != 0)
        g_error("%s: %s of the beginning is %s", image->name, key, text);
}

static void
check_same_number(const Image *image, const VirtProbeRecord *part, const char *key)
{
    guint64 whole = 0;
    guint64 number;

    if (!virt_probe_record_get_uint64(part, key, &number))
        return;
    if (!virt_probe_record_get_uint64(image->whole[DESCRIPTION], key, &whole) || number != whole)
        g_error("%s: %s of the beginning is %" G_GUINT64_FORMAT ", of the whole %" G_GUINT64_FORMAT
                "",
                image->name, key, number, whole);
}

/* What a beginning is said to be must hold for the whole. */
static void
check_beginning(const Image *image, VirtProbeRecord *part, gsize size)
{
    static const char *const texts[] = { "format", "backing-filename", "backing-filename-format" };
    VirtProbeRecord *extra = virt_probe_record_get_record(part, "virt-probe");
    guint count = virt_probe_record_get_length(extra, "findings");

    for (guint i = 0; i < count; i++) {
        VirtProbeRecord *finding = virt_probe_record_get_item(extra, "findings", i);
        const char *rule = virt_probe_record_get_text(finding, "rule");

        if (strcmp(rule, "stream-incomplete") != 0 && !has_rule(image->whole[DESCRIPTION], rule))
            g_error("%s: the first %" G_GSIZE_FORMAT " bytes have the finding %s: %s", image->name,
                    size, rule, virt_probe_record_get_text(finding, "message"));
    }
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        check_same_text(image, part, texts[i]);
    check_same_number(image, part, "virtual-size");
    check_same_number(image, part, "cluster-size");
    g_assert_true(has_rule(part, "stream-incomplete"));
    g_assert_false(virt_probe_record_get_uint64(extra, "file-size", NULL));
}

static void
test_cut_streams(void)
{
    static const gsize sizes[] = { 0,     1,      4,      8,      100,    511,     512,    600,
                                   1024,  4000,   4096,   5000,   33000,  65536,   66000,  69632,
                                   70000, 131072, 200000, 262144, 300000, 1100000, 2100000 };

    for (guint i = 0; i < images->len; i++) {
        Image *image = images->pdata[i];

        for (guint k = 0; k < G_N_ELEMENTS(sizes) && sizes[k] < image->size; k++) {
            g_autoptr(VirtProbeStream) stream = stream_new(DESCRIPTION);
            g_autoptr(VirtProbeRecord) part = NULL;

            virt_probe_stream_feed(stream, image->data, sizes[k]);
            part = virt_probe_stream_finish(stream, FALSE);
            check_beginning(image, part, sizes[k]);
        }
    }
}

static void
test_early_answers(void)
{
    guint n_early = 0;

    for (guint i = 0; i < images->len; i++) {
        Image *image = images->pdata[i];
        g_autoptr(VirtProbeStream) stream = stream_new(DESCRIPTION);

        virt_probe_stream_feed(stream, image->data, image->size);
        if (virt_probe_stream_get_early_image(stream) == NULL)
            continue;
        n_early++;
        check_beginning(image, virt_probe_stream_get_early_image(stream), image->size);
    }
    g_test_message("%u of %u images have an early answer", n_early, images->len);
    g_assert_cmpuint(n_early, >, 0);
}

static void
add_cuttings(const char *kind, guint number, GTestDataFunc test)
{
    static const char *const answers[ASKED] = { "answers", "is-judged" };

    for (guint i = 0; i < ASKED; i++) {
        g_autofree char *path =
            g_strdup_printf("/streams/%s-as-the-file-in-chunks-%s/%u", answers[i], kind, number);
        Cutting *cutting = g_new(Cutting, 1);

        *cutting = (Cutting) { number, i };
        g_test_add_data_func_full(path, cutting, test, g_free);
    }
}

int
main(int argc, char **argv)
{
    static const guint sizes[] = { 1, 2, 3, 7, 64, 511, 512, 4096, 65535, 65536, 65537, 1 << 20 };
    int status;

    g_test_init(&argc, &argv, NULL);
    images = g_ptr_array_new_with_free_func((GDestroyNotify) image_free);
    images_load("qcow2data");
    images_load("imagedata");
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        add_cuttings("of", sizes[i], test_equal_chunks);
    for (guint i = 1; i <= SEEDS; i++)
        add_cuttings("by-seed", i, test_seeded_chunks);
    g_test_add_func("/streams/says-of-a-beginning-what-holds-for-the-whole", test_cut_streams);
    g_test_add_func("/streams/says-early-what-holds-for-the-whole", test_early_answers);
    status = g_test_run();
    g_ptr_array_unref(images);
    return status;
}
