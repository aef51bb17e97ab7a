/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-chain.c: a whole chain in a filesystem in memory: it ends, whatever its images say.
 *
 * The first byte of the input chooses the flags. Then come the files, each with its length in two bytes, big-endian,
 * under the names below. */
#include "fuzz.h"

#include "../unit/virtual-files.h"
#include "storage/chain.h"

#include <jansson.h>

static const char *const names[] = { "top",
                                     "v3-plain.qcow2",
                                     "backing-with-format.qcow2",
                                     "backing-loop-a.qcow2",
                                     "backing-loop-b.qcow2",
                                     "external-data.raw",
                                     "a",
                                     "b" };

static const VirtProbeDescribeFlags flags_by_choice[] = {
    VIRT_PROBE_DESCRIBE_RECOGNISE,
    VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING,
    VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE,
    VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING
        | VIRT_PROBE_DESCRIBE_FULL,
};

static void
add_files(VirtualFiles *files, const guint8 *data, gsize size)
{
    for (guint i = 0; i < G_N_ELEMENTS(names) && size >= 2; i++) {
        gsize len = MIN((gsize) data[0] << 8 | data[1], size - 2);

        virtual_files_add(files, names[i], data + 2, len);
        data += 2 + len;
        size -= 2 + len;
    }
}

static gboolean
check_member(VirtProbeRecord *image, gpointer user_data)
{
    guint *count = user_data;

    *count += 1;
    fuzz_check_outputs(image);
    return TRUE;
}

static void
check_chain(const VirtProbeRecord *chain, guint n_shown)
{
    g_autofree char *json = virt_probe_record_to_json(chain);
    json_t *parsed = json_loads(json, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    guint count = virt_probe_record_get_length(chain, "members");

    g_assert_nonnull(parsed);
    json_decref(parsed);
    g_assert_cmpuint(n_shown, >=, 1);
    g_assert_cmpuint(n_shown, <=, VP_CHAIN_IMAGES_MAX + 1);
    g_assert_cmpuint(count, >=, n_shown);
    for (guint i = 1; i < count; i++) {
        guint64 owner = G_MAXUINT64;

        g_assert_true(virt_probe_record_get_uint64(virt_probe_record_get_item(chain, "members", i),
                                                   "owner", &owner));
        g_assert_cmpuint(owner, <, i);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(VirtualFiles) files = { 0 };
    g_autoptr(VirtProbeRecord) chain = NULL;
    VirtProbeDescribeFlags flags;
    guint count = 0;

    virtual_files_init(&files);
    if (size == 0)
        return 0;
    flags = flags_by_choice[data[0] % G_N_ELEMENTS(flags_by_choice)];
    add_files(&files, data + 1, size - 1);
    chain = vp_chain_open(&files.parent, "top", NULL, flags, check_member, &count, NULL);
    g_assert_nonnull(chain);
    check_chain(chain, count);
    g_assert_cmpuint(files.n_open, ==, 0);
    return 0;
}
