/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-probe.c: any bytes at all, recognised and described; the input is the image. */
#include "fuzz.h"

#include "storage/registry.h"

/* The same bytes declared to be some format of the registry, mostly a wrong one; the last byte says which. */
static const VpFormat *
choose_format(const guint8 *data, gsize size)
{
    guint count = 0;

    while (vp_registry_nth(count) != NULL)
        count++;
    return vp_registry_nth(size > 0 ? data[size - 1] % count : 0);
}

/* One of the first four reads fails. Nothing is known of the answer but that there is one within the budgets. */
static void
check_failing_source(const guint8 *data, gsize size)
{
    g_autoptr(VirtProbeRecord) image = NULL;
    FuzzSource source;

    fuzz_source_init(&source, data, size, size);
    source.fail_at = 1 + size % 4;
    image = fuzz_describe(&source.base, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE);
    fuzz_check_outputs(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const VpFormat *declared = choose_format(data, size);

    fuzz_check_memory(data, size, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE);
    fuzz_check_memory(data, size, declared->name, VIRT_PROBE_DESCRIBE_FULL);
    fuzz_check_same_facts(data, size, NULL,
                          VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_FULL);
    check_failing_source(data, size);
    return 0;
}
