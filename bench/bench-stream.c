/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-stream.c: what a stream costs beside the same image in a file, in time and in memory. */
#include "put-uint.h"

#include "virtprobe/virtprobe.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 15
#define CLUSTER 65536
#define IMAGE_SIZE (4 * CLUSTER)
#define LARGE_SIZE (G_GUINT64_CONSTANT(4) << 30)
#define CHUNK_MAX (1024 * 1024)
/* Of one stream: what it keeps, and some room for the rest. */
#define MEMORY_MAX (4 * 1024 * 1024 + 64 * 1024)

static double
now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static int
compare_doubles(const void *a, const void *b)
{
    double one = *(const double *) a;
    double other = *(const double *) b;

    return one < other ? -1 : one > other;
}

static double
median(double *times)
{
    qsort(times, ROUNDS, sizeof *times, compare_doubles);
    return times[ROUNDS / 2];
}

static gsize
heap_now(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* As qemu-img writes it; offset: where it has a snapshot table, 0: nowhere. */
static void
put_qcow2(guint8 *image, guint64 snapshots_offset)
{
    memset(image, 0, IMAGE_SIZE);
    put_uint(image, 0x514649fb, 4);
    put_uint(image + 4, 3, 4);
    put_uint(image + 20, 16, 4);                          /* cluster-bits */
    put_uint(image + 24, G_GUINT64_CONSTANT(1) << 30, 8); /* size */
    put_uint(image + 36, 2, 4);                           /* l1-size */
    put_uint(image + 40, 3 * CLUSTER, 8);                 /* l1-table-offset */
    put_uint(image + 48, CLUSTER, 8);                     /* refcount-table-offset */
    put_uint(image + 56, 1, 4);                           /* refcount-table-clusters */
    put_uint(image + 60, snapshots_offset != 0, 4);
    put_uint(image + 64, snapshots_offset, 8);
    put_uint(image + 96, 4, 4);    /* refcount-order */
    put_uint(image + 100, 112, 4); /* header-length */
}

static VirtProbeStream *
stream_new(void)
{
    return virt_probe_stream_new("x", NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);
}

static void
feed(VirtProbeStream *stream, const guint8 *bytes, gsize size, gsize chunk)
{
    for (gsize pos = 0; pos < size; pos += chunk)
        virt_probe_stream_feed(stream, bytes + pos, MIN(chunk, size - pos));
}

static void
describe_stream(const guint8 *bytes, gsize size)
{
    g_autoptr(VirtProbeStream) stream = stream_new();

    feed(stream, bytes, size, 64 * 1024);
    virt_probe_record_unref(virt_probe_stream_finish(stream, TRUE));
}

/* The file is read as whoever takes it in would read it. */
static void
describe_read(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize size;

    if (!g_file_get_contents(path, &bytes, &size, NULL))
        g_error("%s cannot be read", path);
    describe_stream((const guint8 *) bytes, size);
}

static void
compare_times(const guint8 *image, const char *path)
{
    double file[ROUNDS];
    double read[ROUNDS];
    double fed[ROUNDS];

    for (guint round = 0; round < ROUNDS; round++) {
        double start = now_us();

        for (guint i = 0; i < 200; i++)
            virt_probe_record_unref(
                virt_probe_describe_file(path, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, NULL));
        file[round] = (now_us() - start) / 200;
        start = now_us();
        for (guint i = 0; i < 200; i++)
            describe_read(path);
        read[round] = (now_us() - start) / 200;
        start = now_us();
        for (guint i = 0; i < 200; i++)
            describe_stream(image, IMAGE_SIZE);
        fed[round] = (now_us() - start) / 200;
    }
    printf("qcow2 of 256 KiB as a file       %8.1f us\n", median(file));
    printf("… read and fed                   %8.1f us  ratio %.1f\n", median(read),
           median(read) / median(file));
    printf("… fed from memory                %8.1f us  ratio %.1f\n", median(fed),
           median(fed) / median(file));
}

/* Behind what is asked for, bytes cost a copy of the last 64 KiB at most. */
static void
measure_feeding(const guint8 *image, const guint8 *zeros)
{
    static const gsize chunks[] = { 64, 4096, 65536, CHUNK_MAX };

    for (guint i = 0; i < G_N_ELEMENTS(chunks); i++) {
        g_autoptr(VirtProbeStream) stream = stream_new();
        guint64 size = MIN(LARGE_SIZE, chunks[i] * G_GUINT64_CONSTANT(4000000));
        double start = now_us();
        double us;

        feed(stream, image, IMAGE_SIZE, chunks[i]);
        for (guint64 pos = 0; pos < size; pos += chunks[i])
            virt_probe_stream_feed(stream, zeros, chunks[i]);
        us = now_us() - start;
        virt_probe_record_unref(virt_probe_stream_finish(stream, TRUE));
        printf("chunks of %7" G_GSIZE_FORMAT " bytes %8.1f ns each, %6.1f GiB/s\n", chunks[i],
               us * 1e3 * (double) chunks[i] / (double) size,
               (double) size / us * 1e6 / (double) (1 << 30));
    }
}

static gsize
memory_of(const guint8 *image, const guint8 *zeros, guint64 size)
{
    gsize before = heap_now();
    g_autoptr(VirtProbeStream) stream = stream_new();

    feed(stream, image, IMAGE_SIZE, 64 * 1024);
    for (guint64 pos = IMAGE_SIZE; pos < size; pos += CHUNK_MAX)
        virt_probe_stream_feed(stream, zeros, CHUNK_MAX);
    return heap_now() - before;
}

static void
measure_memory(guint8 *image, const guint8 *zeros)
{
    gsize much;

    put_qcow2(image, 0);
    memory_of(image, zeros, IMAGE_SIZE);
    printf("kept of a qcow2                  %8" G_GSIZE_FORMAT " bytes\n",
           memory_of(image, zeros, LARGE_SIZE));
    put_qcow2(image, G_GUINT64_CONSTANT(1) << 30);
    put_uint(image + 60, 65536, 4); /* snapshots */
    much = memory_of(image, zeros, LARGE_SIZE);
    printf("… with a snapshot table to come  %8" G_GSIZE_FORMAT " bytes; at most %d  %s\n", much,
           MEMORY_MAX, much <= MEMORY_MAX ? "met" : "MISSED");
}

int
main(void)
{
    g_autofree guint8 *image = g_malloc(IMAGE_SIZE);
    g_autofree guint8 *zeros = g_malloc0(CHUNK_MAX);
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("bench-stream-XXXXXX", &path, &error);

    if (fd < 0)
        g_error("%s", error->message);
    put_qcow2(image, 0);
    if (write(fd, image, IMAGE_SIZE) != IMAGE_SIZE || close(fd) != 0)
        g_error("%s cannot be written", path);
    compare_times(image, path);
    measure_feeding(image, zeros);
    measure_memory(image, zeros);
    g_unlink(path);
    return EXIT_SUCCESS;
}
