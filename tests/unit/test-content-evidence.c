/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-content-evidence.c: a number alone, that any data may have, makes no content: what must stand beside it. */
#include "unit-content.h"
#include "unit.h"
#include "virtprobe/describe.h"

typedef struct {
    const char *format;
    const char *what;
    guint place; /* in the smallest healthy image */
    guint8 value;
} Spoiled;

/* clang-format off */
static const Spoiled spoiled[] = {
    { "minix", "zones-are-no-blocks", 1034, 1 },
    { "minix", "many-blocks-of-the-map", 1029, 1 },
    { "minix", "state-is-none", 1042, 4 },
    { "bfs", "data-begin-within-an-inode", 4, 0x41 },
    { "bfs", "data-begin-far-away", 6, 1 },
    { "sun", "version", 131, 2 },
    { "sun", "count-of-entries", 141, 7 },
    { "sun", "number-of-the-table", 188, 0 },
    { "sun", "number-of-the-label", 508, 0 },
    { "sgi", "root-partition", 5, 16 },
    { "sgi", "swap-partition", 6, 1 },
    { "sgi", "end-of-the-sector", 511, 1 },
    { "bsd", "second-number", 644, 0 },
    { "mac", "block-size", 2, 3 },
    { "mac", "no-map-behind-it", 512, 'Q' },
    { "ubi", "version", 4, 2 },
    { "ubi", "something-behind-it", 59, 1 },
    { "ubifs", "another-node", 20, 7 },
    { "ubifs", "length-of-the-node", 17, 0x20 },
    { "jffs2", "checksum", 11, 0 },
    { "dm-snapshot", "state", 4, 2 },
    { "dm-snapshot", "version", 8, 2 },
    { "befs", "byte-order", 548, 'B' },
    { "befs", "second-number", 580, 0 },
    { "hpfs", "second-number", 8196, 0 },
    { "refs", "name-of-the-structure", 16, 0 },
    { "zonefs", "features", 89, 1 },
    { "zonefs", "permissions", 105, 2 },
    { "xfs-log", "version", 11, 4 },
    { "xfs-log", "byte-order", 300, 1 },
    { "drbd", "bytes-for-a-bit", 83, 1 },
    { "ddf-raid", "revision", 34, ',' },
};
/* clang-format on */

static gboolean
is_found(const GByteArray *bytes, const char *format)
{
    g_autoptr(VirtProbeRecord) image =
        virt_probe_describe_memory(bytes->data, bytes->len, NULL, "raw", 0, NULL);
    VirtProbeRecord *probe = virt_probe_record_get_record(image, "virt-probe");

    for (guint i = 0; i < virt_probe_record_get_length(probe, "content"); i++) {
        VirtProbeRecord *content = virt_probe_record_get_item(probe, "content", i);

        if (g_strcmp0(virt_probe_record_get_text(content, "format"), format) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
test_is_none_with_another_byte(gconstpointer data)
{
    const Spoiled *row = data;
    g_autoptr(GByteArray) bytes = healthy_image_find(row->format)->make();

    g_assert_true(is_found(bytes, row->format));
    g_assert_cmpuint(bytes->data[row->place], !=, row->value);
    bytes->data[row->place] = row->value;
    g_assert_false(is_found(bytes, row->format));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(spoiled); i++) {
        g_autofree char *path =
            g_strdup_printf("/content-evidence/%s/%s", spoiled[i].format, spoiled[i].what);

        g_test_add_data_func(path, &spoiled[i], test_is_none_with_another_byte);
    }
    return g_test_run();
}
