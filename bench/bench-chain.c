/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench-chain.c: following a chain against describing its members one by one: bench-chain IMAGE…, the top first. */
#include <virtprobe/virtprobe.h>

#include <malloc.h>

#define ROUNDS 50

static gboolean
measure_member(VirtProbeRecord *image, gpointer user_data)
{
    gsize *peak = user_data;
    gsize used = mallinfo2().uordblks + mallinfo2().hblkhd;

    (void) image;
    *peak = MAX(*peak, used);
    return TRUE;
}

static double
describe_each(char **names)
{
    gint64 start = g_get_monotonic_time();

    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(VirtProbeRecord) image =
            virt_probe_describe_file(names[i], "qcow2", VIRT_PROBE_DESCRIBE_DEFAULT, NULL);

        if (image == NULL)
            g_error("%s cannot be described", names[i]);
    }
    return (double) (g_get_monotonic_time() - start) / 1000;
}

static double
follow(const char *top, gsize *out_peak)
{
    gint64 start = g_get_monotonic_time();
    g_autoptr(VirtProbeRecord) chain =
        virt_probe_chain_open(top, "qcow2", VIRT_PROBE_DESCRIBE_DEFAULT, VIRT_PROBE_FOLLOW_ANY,
                              NULL, measure_member, out_peak, NULL);

    if (chain == NULL || !virt_probe_chain_verify(chain, NULL))
        g_error("the chain of %s is broken", top);
    return (double) (g_get_monotonic_time() - start) / 1000;
}

int
main(int argc, char **argv)
{
    double best_each = G_MAXDOUBLE;
    double best_chain = G_MAXDOUBLE;
    gsize before;
    gsize peak = 0;

    if (argc < 2)
        return 64;
    follow(argv[1], &peak);
    before = mallinfo2().uordblks;
    peak = 0;
    for (guint i = 0; i < ROUNDS; i++) {
        double each = describe_each(argv + 1);
        double chain = follow(argv[1], &peak);

        best_each = MIN(best_each, each);
        best_chain = MIN(best_chain, chain);
    }
    g_print("%4d members: one by one %6.2f ms, as a chain %6.2f ms, %+.2f ms; heap %zu KiB above "
            "the start\n",
            argc - 1, best_each, best_chain, best_chain - best_each, (peak - before) / 1024);
    return 0;
}
