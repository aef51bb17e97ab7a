/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-chain.c: what a deep chain costs above its images one by one, in time and in memory. */
#include "put-uint.h"

#include "virtprobe/virtprobe.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IMAGES_MAX 200
#define ROUNDS 15
#define CLUSTER 65536
#define EXTRA_MS_MAX 2.0
#define MEMBER_BYTES_MAX 1200

typedef struct {
    char *directory;
    char *paths[IMAGES_MAX]; /* the top first */
    gsize peak;
} Bench;

/* What qemu-img writes for an overlay, without the names of features; the tables behind the header are zeros. */
static void
put_qcow2(guint8 *image, const char *backing)
{
    put_uint(image, 0x514649fb, 4);
    put_uint(image + 4, 3, 4);
    put_uint(image + 20, 16, 4);                          /* cluster-bits */
    put_uint(image + 24, G_GUINT64_CONSTANT(1) << 30, 8); /* size */
    put_uint(image + 36, 2, 4);                           /* l1-size */
    put_uint(image + 40, 3 * CLUSTER, 8);                 /* l1-table-offset */
    put_uint(image + 48, CLUSTER, 8);                     /* refcount-table-offset */
    put_uint(image + 56, 1, 4);                           /* refcount-table-clusters */
    put_uint(image + 96, 4, 4);                           /* refcount-order */
    put_uint(image + 100, 112, 4);                        /* header-length */
    if (backing == NULL)
        return;
    put_uint(image + 112, 0xe2792aca, 4); /* backing-format */
    put_uint(image + 116, 5, 4);
    memcpy(image + 120, "qcow2", 5);
    memcpy(image + 136, backing, strlen(backing));
    put_uint(image + 8, 136, 8);
    put_uint(image + 16, strlen(backing), 4);
}

/* Image 0 stands on image 1, and so on. */
static void
make_images(Bench *bench)
{
    g_autofree guint8 *image = g_malloc(4 * CLUSTER);
    g_autoptr(GError) error = NULL;

    bench->directory = g_dir_make_tmp("bench-chain-XXXXXX", &error);
    if (bench->directory == NULL)
        g_error("%s", error->message);
    for (guint i = 0; i < IMAGES_MAX; i++) {
        g_autofree char *name = g_strdup_printf("%u.qcow2", i);
        g_autofree char *below = i + 1 < IMAGES_MAX ? g_strdup_printf("%u.qcow2", i + 1) : NULL;

        memset(image, 0, 4 * CLUSTER);
        put_qcow2(image, below);
        bench->paths[i] = g_build_filename(bench->directory, name, NULL);
        if (!g_file_set_contents(bench->paths[i], (const char *) image, 4 * CLUSTER, &error))
            g_error("%s", error->message);
    }
}

static void
remove_images(Bench *bench)
{
    for (guint i = 0; i < IMAGES_MAX; i++) {
        g_remove(bench->paths[i]);
        g_free(bench->paths[i]);
    }
    g_rmdir(bench->directory);
    g_free(bench->directory);
}

static gboolean
count_image(VirtProbeRecord *image, gpointer user_data)
{
    guint *count = user_data;

    (void) image;
    (*count)++;
    return TRUE;
}

/* Numbers of a wrong answer would be worth nothing. */
static void
open_chain(const Bench *bench)
{
    guint count = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) chain =
        virt_probe_chain_open(bench->paths[0], "qcow2", VIRT_PROBE_DESCRIBE_DEFAULT,
                              VIRT_PROBE_FOLLOW_ANY, NULL, count_image, &count, &error);

    if (chain == NULL || !virt_probe_chain_verify(chain, &error))
        g_error("the chain is not sound: %s", error->message);
    if (count != IMAGES_MAX)
        g_error("the chain has %u images", count);
}

static void
describe_each(const Bench *bench)
{
    for (guint i = 0; i < IMAGES_MAX; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirtProbeRecord) image =
            virt_probe_describe_file(bench->paths[i], "qcow2", VIRT_PROBE_DESCRIBE_DEFAULT, &error);

        if (image == NULL || !virt_probe_image_verify(image, &error))
            g_error("%s: %s", bench->paths[i], error->message);
    }
}

static double
milliseconds(void (*run)(const Bench *bench), const Bench *bench)
{
    struct timespec start;
    struct timespec end;

    clock_gettime(CLOCK_MONOTONIC, &start);
    run(bench);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double) (end.tv_sec - start.tv_sec) * 1e3
           + (double) (end.tv_nsec - start.tv_nsec) / 1e6;
}

static int
compare_doubles(const void *a, const void *b)
{
    double first = *(const double *) a;
    double second = *(const double *) b;

    return (first > second) - (first < second);
}

/* In turns, so that whatever disturbs the machine hits both. */
static void
compare_times(const Bench *bench)
{
    double chain[ROUNDS];
    double each[ROUNDS];
    double extra;

    open_chain(bench);
    describe_each(bench);
    for (guint i = 0; i < ROUNDS; i++) {
        chain[i] = milliseconds(open_chain, bench);
        each[i] = milliseconds(describe_each, bench);
    }
    qsort(chain, ROUNDS, sizeof chain[0], compare_doubles);
    qsort(each, ROUNDS, sizeof each[0], compare_doubles);
    extra = chain[ROUNDS / 2] - each[ROUNDS / 2];
    printf("%u images as a chain %.2f ms, one by one %.2f ms, %+.2f ms; at most %.0f ms more  %s\n",
           IMAGES_MAX, chain[ROUNDS / 2], each[ROUNDS / 2], extra, EXTRA_MS_MAX,
           extra <= EXTRA_MS_MAX ? "met" : "MISSED");
}

static gsize
heap_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static gboolean
measure(VirtProbeRecord *image, gpointer user_data)
{
    Bench *bench = user_data;

    (void) image;
    bench->peak = MAX(bench->peak, heap_in_use());
    return TRUE;
}

/* Heap at most while the last images of the chain, so many, are shown. */
static gsize
peak_of(Bench *bench, guint images)
{
    const char *top = bench->paths[IMAGES_MAX - images];
    gsize start = heap_in_use();
    g_autoptr(VirtProbeRecord) chain = NULL;

    bench->peak = start;
    chain = virt_probe_chain_open(top, "qcow2", VIRT_PROBE_DESCRIBE_DEFAULT, VIRT_PROBE_FOLLOW_ANY,
                                  NULL, measure, bench, NULL);
    return bench->peak - start;
}

static void
compare_memory(Bench *bench)
{
    static const guint depths[] = { 2, 20, IMAGES_MAX };
    gsize peaks[G_N_ELEMENTS(depths)];
    gsize each;

    peak_of(bench, 2);
    for (guint i = 0; i < G_N_ELEMENTS(depths); i++) {
        peaks[i] = peak_of(bench, depths[i]);
        printf("peak heap at %3u images %8" G_GSIZE_FORMAT " bytes\n", depths[i], peaks[i]);
    }
    each = (peaks[2] - peaks[0]) / (depths[2] - depths[0]);
    printf("each further image %" G_GSIZE_FORMAT " bytes; at most %u  %s\n", each, MEMBER_BYTES_MAX,
           each <= MEMBER_BYTES_MAX ? "met" : "MISSED");
}

int
main(void)
{
    Bench bench = { .peak = 0 };

    make_images(&bench);
    compare_times(&bench);
    compare_memory(&bench);
    remove_images(&bench);
    return EXIT_SUCCESS;
}
