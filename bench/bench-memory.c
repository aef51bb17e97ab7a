/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-memory.c: how fast images in memory are recognised, described and written as JSON, on one core. */
#include "put-uint.h"

#include "storage/registry.h"

#include "virtprobe/describe.h"
#include "virtprobe/detect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 5
#define COMPARE_ROUNDS 15
#define MIX_SIZE 8
#define IMAGE_SIZE (256 * 1024)

typedef struct {
    guint8 heads[MIX_SIZE][VP_HEAD_SIZE];
    guint8 *image;     /* IMAGE_SIZE bytes, qcow2 */
    VpFormatSet first; /* the formats that the first version had */
    guint64 checksum;  /* of the answers, so that no call can be left out by the compiler */
} Bench;

typedef struct {
    const char *name;
    void (*run)(Bench *bench, guint count);
    guint count; /* a tenth of a second or so */
} Part;

static void
put_extension(guint8 **at, guint32 type, const void *data, guint32 len)
{
    put_uint(*at, type, 4);
    put_uint(*at + 4, len, 4);
    if (len > 0)
        memcpy(*at + 8, data, len);
    *at += 8 + (len + 7) / 8 * 8;
}

/* The feature names that qemu-img 7.2 writes: five incompatible, one compatible, two autoclear. */
static void
put_feature_names(guint8 **at)
{
    static const struct {
        guint8 set;
        guint8 bit;
        const char *name;
    } features[] = {
        { 0, 0, "dirty bit" },
        { 0, 1, "corrupt bit" },
        { 0, 2, "external data file" },
        { 0, 3, "compression type" },
        { 0, 4, "extended L2 entries" },
        { 1, 0, "lazy refcounts" },
        { 2, 0, "bitmaps" },
        { 2, 1, "raw external data" },
    };
    guint8 table[G_N_ELEMENTS(features)][48] = { 0 };

    for (guint i = 0; i < G_N_ELEMENTS(features); i++) {
        table[i][0] = features[i].set;
        table[i][1] = features[i].bit;
        g_strlcpy((char *) table[i] + 2, features[i].name, 46);
    }
    put_extension(at, 0x6803f857, table, sizeof table);
}

/* What `qemu-img create -f qcow2 disk.qcow2 10G` writes. */
static void
put_qcow2(guint8 *image)
{
    guint8 *at = image + 112;

    put_uint(image, 0x514649fb, 4);
    put_uint(image + 4, 3, 4);
    put_uint(image + 20, 16, 4);                           /* cluster-bits */
    put_uint(image + 24, G_GUINT64_CONSTANT(10) << 30, 8); /* size */
    put_uint(image + 36, 20, 4);                           /* l1-size */
    put_uint(image + 40, 3 * 65536, 8);                    /* l1-table-offset */
    put_uint(image + 48, 65536, 8);                        /* refcount-table-offset */
    put_uint(image + 56, 1, 4);                            /* refcount-table-clusters */
    put_uint(image + 96, 4, 4);                            /* refcount-order */
    put_uint(image + 100, 112, 4);                         /* header-length */
    put_feature_names(&at);
    put_extension(&at, 0, NULL, 0);
}

/* Heads as a directory of images has them, and two that are no image at all. */
static void
put_heads(Bench *bench)
{
    memcpy(bench->heads[0], bench->image, VP_HEAD_SIZE);
    put_uint(bench->heads[1], 0x514649fb, 4);
    put_uint(bench->heads[1] + 4, 2, 4);
    put_uint(bench->heads[2] + 64, 0x7f10dabe, 4);
    put_uint(bench->heads[2] + 68, 0x01000100, 4);
    memcpy(bench->heads[3], "conectix", 8);
    memcpy(bench->heads[4], "LUKS\xba\xbe\x00\x01", 8);
    memcpy(bench->heads[5], "WithouFreSpacExt\x02", 17);
    memset(bench->heads[6], 'v', VP_HEAD_SIZE);
    /* the last one is zero */
}

static void
run_recognise(Bench *bench, guint count)
{
    for (guint i = 0; i < count; i++) {
        VpMatches matches;

        vp_registry_match_head(bench->heads[i % MIX_SIZE], VP_HEAD_SIZE, &matches);
        bench->checksum += matches.count;
    }
}

static void
run_recognise_first(Bench *bench, guint count)
{
    for (guint i = 0; i < count; i++) {
        VpMatches matches;

        vp_registry_match_head_among(bench->heads[i % MIX_SIZE], VP_HEAD_SIZE, bench->first,
                                     &matches);
        bench->checksum += matches.count;
    }
}

/* The public call, with all that it says: content of raw disks too. */
static void
run_detect(Bench *bench, guint count)
{
    for (guint i = 0; i < count; i++) {
        VirtProbeDetection detection;

        virt_probe_detect_memory(bench->heads[i % MIX_SIZE], VP_HEAD_SIZE, IMAGE_SIZE, &detection);
        bench->checksum += detection.format != NULL;
    }
}

static VirtProbeRecord *
describe(const Bench *bench)
{
    return virt_probe_describe_memory(bench->image, IMAGE_SIZE, "disk.qcow2", "qcow2",
                                      VIRT_PROBE_DESCRIBE_DEFAULT, NULL);
}

static void
run_describe(Bench *bench, guint count)
{
    for (guint i = 0; i < count; i++) {
        g_autoptr(VirtProbeRecord) image = describe(bench);

        bench->checksum += image != NULL;
    }
}

static void
run_json(Bench *bench, guint count)
{
    for (guint i = 0; i < count; i++) {
        g_autoptr(VirtProbeRecord) image = describe(bench);
        g_autofree char *json = virt_probe_record_to_json(image);

        bench->checksum += strlen(json);
    }
}

static const Part parts[] = {
    { "recognise", run_recognise, 1000000 },
    { "detect", run_detect, 1000000 },
    { "describe", run_describe, 50000 },
    { "describe+json", run_json, 10000 },
};

/* Of this process alone: other work on the machine does not count. */
static double
cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static int
compare_doubles(const void *a, const void *b)
{
    double first = *(const double *) a;
    double second = *(const double *) b;

    return (first > second) - (first < second);
}

static void
run_part(Bench *bench, const Part *part, guint count, guint rounds)
{
    double seconds[ROUNDS];
    double nanoseconds;

    for (guint i = 0; i < rounds; i++) {
        double start = cpu_seconds();

        part->run(bench, count);
        seconds[i] = cpu_seconds() - start;
    }
    qsort(seconds, rounds, sizeof seconds[0], compare_doubles);
    nanoseconds = seconds[rounds / 2] / count * 1e9;
    printf("%-14s %12.0f /s %10.1f ns each\n", part->name, 1e9 / nanoseconds, nanoseconds);
}

static double
seconds_of(Bench *bench, void (*run)(Bench *bench, guint count), guint count)
{
    double start = cpu_seconds();

    run(bench, count);
    return cpu_seconds() - start;
}

/* What the whole table costs beside the first seven formats, in turns so that both meet the same machine. */
static void
compare_tables(Bench *bench)
{
    const guint count = 1000000;
    double ratios[COMPARE_ROUNDS];

    for (guint i = 0; i < COMPARE_ROUNDS; i++) {
        double first = seconds_of(bench, run_recognise_first, count);

        ratios[i] = seconds_of(bench, run_recognise, count) / first;
    }
    qsort(ratios, COMPARE_ROUNDS, sizeof ratios[0], compare_doubles);
    printf("%-14s %12.3f of the time for the first seven formats, at most 1.05\n", "all formats",
           ratios[COMPARE_ROUNDS / 2]);
}

static void
find_first_formats(Bench *bench)
{
    static const char *const names[] = {
        "raw", "qcow2", "qcow", "vdi", "vpc", "luks", "parallels"
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        bench->first = vp_format_set_or(bench->first, vp_registry_bit(vp_registry_find(names[i])));
}

/* Numbers of a wrong answer would be worth nothing. */
static void
check_image(const Bench *bench)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image = describe(bench);
    VirtProbeRecord *io;
    guint64 reads = 0;
    guint64 bytes = 0;

    if (!virt_probe_image_verify(image, &error))
        g_error("the image is not sound: %s", error->message);
    io = virt_probe_record_get_record(virt_probe_record_get_record(image, "virt-probe"), "io");
    virt_probe_record_get_uint64(io, "reads", &reads);
    virt_probe_record_get_uint64(io, "bytes", &bytes);
    printf("qcow2 in memory: %" G_GUINT64_FORMAT " read, %" G_GUINT64_FORMAT " bytes\n", reads,
           bytes);
}

int
main(int argc, char **argv)
{
    g_autofree char *only = NULL;
    gint count = 0;
    const GOptionEntry entries[] = {
        { "count", 0, 0, G_OPTION_ARG_INT, &count, "calls, in one round", "N" },
        { "only", 0, 0, G_OPTION_ARG_STRING, &only, "recognise, detect, describe or describe+json",
          "PART" },
        { NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- speed of images in memory");
    g_autoptr(GError) error = NULL;
    g_autofree Bench *bench = g_new0(Bench, 1);
    g_autofree guint8 *image = g_malloc0(IMAGE_SIZE);

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        g_error("%s", error->message);
    bench->image = image;
    put_qcow2(image);
    put_heads(bench);
    find_first_formats(bench);
    check_image(bench);
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (only == NULL || strcmp(only, parts[i].name) == 0)
            run_part(bench, &parts[i], count > 0 ? (guint) count : parts[i].count,
                     count > 0 ? 1 : ROUNDS);
    }
    if (only == NULL)
        compare_tables(bench);
    return bench->checksum > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
