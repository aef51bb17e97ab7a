/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-targets.c: what the targets that are installed accept and refuse. */
#define _GNU_SOURCE /* memmem */
#include "qcow2-image.h"
#include "unit-images.h"
#include "unit.h"

#include <string.h>

#define MIB (1024ULL * 1024)
#define TIB (MIB * MIB)
#define SECTOR 512

/* A rule of a target each, with the image that it refuses; NULL: the image is accepted. */
static const struct Case {
    const char *target;
    const char *image; /* below tests/, or @ and the name of one that is made here */
    const char *sentences;
} cases[] = {
    { "glance", "qcow2data/v3-plain.qcow2", NULL },
    { "glance", "qcow2data/v2-plain.qcow2", NULL },
    { "glance", "qcow2data/v3-dirty.qcow2", NULL },
    { "glance", "imagedata/iso-plain.iso", NULL },
    { "glance", "imagedata/gpt.disk", NULL },
    { "glance", "imagedata/vmdk-stream.vmdk", NULL },
    { "glance", "imagedata/vmdk-sparse-parent.vmdk", NULL },
    { "glance", "imagedata/vpc-differencing.vhd", NULL },
    { "glance", "imagedata/vhdx-4k.vhdx", NULL },
    { "glance", "imagedata/luks1.luks", NULL },
    { "glance", "imagedata/vpc-fixed.vhd",
      "the format vpc/fixed is not accepted, only raw, qcow2, vdi, vhdx, vpc/dynamic, "
      "vpc/differencing, vmdk/monolithicSparse, vmdk/streamOptimized, parallels, luks" },
    { "glance", "qcow2data/backing-with-format.qcow2",
      "the image stands on a backing file, which is not accepted" },
    { "glance", "qcow2data/data-file.qcow2",
      "the incompatible feature \"external data file\" is not accepted\n"
      "the guest data is in an external data file, which is not accepted" },
    { "glance", "qcow2data/version-4.qcow2",
      "unknown qcow2 version 4 (unsupported-version)\n"
      "the version 4 is not accepted, only 2, 3" },
    { "glance", "qcow2data/v3-extended-l2.qcow2",
      "the incompatible feature \"extended L2 entries\" is not accepted" },
    { "glance", "@sparse-called-flat",
      "the createType monolithicFlat is not accepted, only monolithicSparse, streamOptimized" },
    { "glance", "imagedata/luks2.luks", "the version 2 is not accepted, only 1" },
    { "glance", "imagedata/gpt-hybrid.disk", "(protective-mbr-broken)" },
    { "glance", "imagedata/ntfs.disk", "the payload holds ntfs, which is not accepted" },
    { "glance", "imagedata/fat16.disk", NULL },
    { "glance", "imagedata/polyglot-qcow2-vdi.vdi", "the format is not known\n(polyglot)" },
    { "glance", "imagedata/vmdk-flat.vmdk",
      "the format vmdk/monolithicFlat is not accepted\n"
      "the createType monolithicFlat is not accepted, only monolithicSparse, streamOptimized\n"
      "the guest data is in files of extents, which is not accepted" },
    { "glance", "qcow2data/v1-plain.qcow", "the format qcow is not accepted" },

    { "nova", "qcow2data/v3-plain.qcow2", NULL },
    { "nova", "imagedata/vhdx-dynamic.vhdx", NULL },
    { "nova", "imagedata/vdi-dynamic.vdi", NULL },
    { "nova", "imagedata/vmdk-sparse.vmdk", NULL },
    { "nova", "imagedata/vpc-dynamic.vhd", "the format vpc/dynamic is not accepted" },
    { "nova", "imagedata/parallels-new.hds", "the format parallels/WithouFreSpacExt is not" },
    { "nova", "imagedata/vmdk-sparse-parent.vmdk",
      "the image stands on a backing file, which is not accepted" },
    { "nova", "qcow2data/data-file-name-without-bit.qcow2", "(data-file-name-without-bit)" },
    { "nova", "qcow2data/version-4.qcow2",
      "unknown qcow2 version 4 (unsupported-version)\n"
      "the version 4 is not accepted, only 2, 3" },
    { "nova", "qcow2data/v3-extended-l2.qcow2",
      "the incompatible feature \"extended L2 entries\" is not accepted" },
    { "nova", "imagedata/vhdx-4k.vhdx", "(qemu-unsupported)" },
    { "nova", "imagedata/gpt-hybrid.disk", "(protective-mbr-broken)" },
    { "nova", "imagedata/exfat.disk", "the payload holds exfat, which is not accepted" },
    { "nova", "imagedata/fat32.disk", NULL },
    { "nova", "@sparse-called-flat",
      "the createType monolithicFlat is not accepted, only monolithicSparse, streamOptimized" },
    { "nova", "imagedata/luks2.luks", "the version 2 is not accepted, only 1" },

    { "cdi", "qcow2data/v3-extended-l2.qcow2", NULL },
    { "cdi", "imagedata/gzip.disk", NULL },
    { "cdi", "imagedata/vpc-dynamic.vhd", NULL },
    { "cdi", "imagedata/vmdk-stream.vmdk", NULL },
    { "cdi", "imagedata/qed-plain.qed",
      "the format qed is not accepted, only raw, qcow2, vmdk, vdi, vhdx, vpc/dynamic" },
    { "cdi", "imagedata/vpc-fixed.vhd", "the format vpc/fixed is not accepted" },
    { "cdi", "qcow2data/backing-with-format.qcow2",
      "the image stands on a backing file, which is not accepted" },
    { "cdi", "imagedata/vmdk-flat.vmdk",
      "the guest data is in files of extents, which is not accepted" },
    { "cdi", "qcow2data/luks.qcow2", "the encryption luks is not accepted, only none" },

    { "azure", "@fixed-1-mib", NULL },
    { "azure", "@fixed-1-mib-and-a-sector",
      "the virtual size of 1049088 bytes is not a multiple of 1048576" },
    { "azure", "imagedata/vpc-dynamic.vhd",
      "the format vpc/dynamic is not accepted, only vpc/fixed\n"
      "the virtual size of 34816 bytes is not a multiple of 1048576" },
    { "azure", "imagedata/vhdx-dynamic.vhdx",
      "the format vhdx/dynamic is not accepted, only vpc/fixed" },

    { "libvirt", "qcow2data/v3-plain.qcow2", NULL },
    { "libvirt", "qcow2data/backing-with-format.qcow2", NULL },
    { "libvirt", "imagedata/vdi-dynamic.vdi", NULL },
    { "libvirt", "imagedata/parallels-new.hds", NULL },
    { "libvirt", "imagedata/vmdk-stream.vmdk", NULL },
    { "libvirt", "imagedata/luks1.luks", NULL },
    { "libvirt", "imagedata/vhdx-dynamic.vhdx", "the format vhdx/dynamic is not accepted" },
    { "libvirt", "imagedata/vpc-fixed.vhd", "the format vpc/fixed is not accepted" },
    { "libvirt", "imagedata/vmdk-flat.vmdk",
      "the format vmdk/monolithicFlat is not accepted\n"
      "the guest data is in files of extents, which is not accepted" },
    { "libvirt", "imagedata/parallels-old.hds",
      "the format parallels/WithoutFreeSpace is not accepted" },
    { "libvirt", "qcow2data/version-4.qcow2",
      "unknown qcow2 version 4 (unsupported-version)\n"
      "the version 4 is not accepted, only 2, 3" },
    { "libvirt", "qcow2data/backing-without-format.qcow2", "the backing format is not recorded" },
    { "libvirt", "@overlay-of-vhdx",
      "the backing format vhdx is not accepted, only raw, bochs, cloop, cow, dmg, qcow, qcow2, "
      "qed, vdi, vmdk, vpc" },
    { "libvirt", "qcow2data/data-file.qcow2",
      "the guest data is in an external data file, which is not accepted" },
    { "libvirt", "imagedata/vmdk-version-4.vmdk",
      "the format vmdk is not accepted\n(unsupported-version)\n"
      "the version 4 is not accepted, only 1, 2, 3" },
    { "libvirt", "imagedata/luks2.luks", "the version 2 is not accepted, only 1" },

    { "qemu-4.2", "qcow2data/v3-plain.qcow2", NULL },
    { "qemu-4.2", "qcow2data/data-file.qcow2", NULL },
    { "qemu-4.2", "qcow2data/luks.qcow2", NULL },
    { "qemu-4.2", "imagedata/vpc-fixed.vhd", NULL },
    { "qemu-4.2", "qcow2data/v3-zstd.qcow2",
      "the incompatible feature \"compression type\" is not accepted" },
    { "qemu-4.2", "qcow2data/version-4.qcow2",
      "unknown qcow2 version 4 (unsupported-version)\n"
      "the version 4 is not accepted, only 2, 3" },
    { "qemu-4.2", "qcow2data/v3-extended-l2.qcow2",
      "the incompatible feature \"extended L2 entries\" is not accepted" },
    { "qemu-4.2", "qcow2data/v3-corrupt.qcow2",
      "the incompatible feature \"corrupt bit\" is not accepted" },
    { "qemu-4.2", "imagedata/cow-no-backing.cow", "the format cow is not accepted" },
    { "qemu-4.2", "imagedata/luks2.luks", "the version 2 is not accepted, only 1" },
    { "qemu-4.2", "imagedata/luks1.luks", NULL },
    { "qemu-4.2", "imagedata/luks1-detached.luks", "(header-inconsistent)" },

    { "qemu-7.2", "qcow2data/v3-zstd.qcow2", NULL },
    { "qemu-7.2", "qcow2data/version-4.qcow2",
      "unknown qcow2 version 4 (unsupported-version)\n"
      "the version 4 is not accepted, only 2, 3" },
    { "qemu-7.2", "qcow2data/v3-extended-l2.qcow2", NULL },
    { "qemu-7.2", "imagedata/vmdk-flat.vmdk", NULL },
    { "qemu-7.2", "qcow2data/unknown-incompatible.qcow2",
      "incompatible feature bit 5 is not known (unknown-incompat-feature)\n"
      "incompatible feature bit 5 is not accepted" },
    { "qemu-7.2", "qcow2data/v3-corrupt.qcow2",
      "the incompatible feature \"corrupt bit\" is not accepted" },
    { "qemu-7.2", "imagedata/luks2.luks", "the version 2 is not accepted, only 1" },
    { "qemu-7.2", "imagedata/luks1.luks", NULL },
    { "qemu-7.2", "imagedata/luks1-detached.luks", "(header-inconsistent)" },
    { "qemu-7.2", "imagedata/vpc-differencing.vhd", "the format vpc/differencing is not accepted" },

    { "cloud-hypervisor", "qcow2data/v3-zstd.qcow2", NULL },
    { "cloud-hypervisor", "qcow2data/v2-plain.qcow2", NULL },
    { "cloud-hypervisor", "imagedata/vpc-fixed.vhd", NULL },
    { "cloud-hypervisor", "imagedata/vhdx-dynamic.vhdx", NULL },
    { "cloud-hypervisor", "qcow2data/backing-with-format.qcow2",
      "the image stands on a backing file, which is not accepted" },
    { "cloud-hypervisor", "qcow2data/version-4.qcow2",
      "unknown qcow2 version 4 (unsupported-version)\n"
      "the version 4 is not accepted, only 2, 3" },
    { "cloud-hypervisor", "qcow2data/v3-extended-l2.qcow2",
      "the incompatible feature \"extended L2 entries\" is not accepted" },
    { "cloud-hypervisor", "qcow2data/v3-corrupt.qcow2",
      "the incompatible feature \"corrupt bit\" is not accepted" },
    { "cloud-hypervisor", "qcow2data/luks.qcow2",
      "the encryption luks is not accepted, only none" },
    { "cloud-hypervisor", "@17-tib",
      "the virtual size of 18691697672192 bytes is too large, at most 17592186044416 are "
      "accepted" },
    { "cloud-hypervisor", "imagedata/vpc-dynamic.vhd", "the format vpc/dynamic is not accepted" },
    { "cloud-hypervisor", "imagedata/vhdx-differencing.vhdx",
      "the format vhdx/differencing is not accepted\n(qemu-unsupported)\n"
      "the image stands on a parent, which is not accepted" },
};

/* A fixed VHD of zeros. */
static VirtProbeRecord *
describe_fixed(guint64 capacity)
{
    g_autoptr(GByteArray) small = vpc_fixed_image_new();
    guint8 *footer = small->data + small->len - SECTOR;
    g_autofree guint8 *image = g_malloc0(capacity + SECTOR);

    put_big(footer + 40, 8, capacity);
    put_big(footer + 48, 8, capacity);
    vpc_footer_seal(footer);
    memcpy(image + capacity, footer, SECTOR);
    return describe_bytes(image, capacity + SECTOR, "vpc");
}

/* A sparse extent whose descriptor says something else. */
static VirtProbeRecord *
describe_sparse_called_flat(void)
{
    static const char wanted[] = "createType=\"monolithicFlat\"  ";
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "..", "imagedata/vmdk-sparse.vmdk", NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    char *place;

    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    place = memmem(bytes, length, BYTES("createType=\"monolithicSparse\""));
    g_assert_nonnull(place);
    memcpy(place, wanted, sizeof wanted - 1);
    return describe_bytes(bytes, length, NULL);
}

static VirtProbeRecord *
describe_17_tib(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(21);

    qcow2_put(image, 24, 8, 17 * TIB);
    qcow2_put(image, 36, 4, 34); /* entries of L1, for 512 GiB each */
    return qcow2_describe(image);
}

static VirtProbeRecord *
describe_overlay_of_vhdx(void)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(9);

    qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, "vhdx", 4);
    qcow2_set_backing(image, "base.vhdx");
    return qcow2_describe(image);
}

static VirtProbeRecord *
describe(const char *name)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *image;

    if (strcmp(name, "@fixed-1-mib") == 0)
        return describe_fixed(MIB);
    if (strcmp(name, "@fixed-1-mib-and-a-sector") == 0)
        return describe_fixed(MIB + SECTOR);
    if (strcmp(name, "@sparse-called-flat") == 0)
        return describe_sparse_called_flat();
    if (strcmp(name, "@17-tib") == 0)
        return describe_17_tib();
    if (strcmp(name, "@overlay-of-vhdx") == 0)
        return describe_overlay_of_vhdx();
    path = g_test_build_filename(G_TEST_DIST, "..", name, NULL);
    image = virt_probe_describe_file(path, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);
    g_assert_no_error(error);
    return image;
}

static VirtProbeTarget *
load(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".target", NULL);
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "..", "..", "data", "targets", file, NULL);
    g_autoptr(GError) error = NULL;
    VirtProbeTarget *target = virt_probe_target_load(path, &error);

    g_assert_no_error(error);
    return target;
}

/* A sentence that is cut in the table is compared as far as it goes. */
static void
test_case(gconstpointer data)
{
    const struct Case *row = data;
    g_autoptr(VirtProbeTarget) target = load(row->target);
    g_autoptr(VirtProbeRecord) image = describe(row->image);
    g_auto(GStrv) sentences = virt_probe_target_judge(target, image);
    g_autofree char *given = g_strjoinv("\n", sentences);
    g_auto(GStrv) expected = g_strsplit(row->sentences != NULL ? row->sentences : "", "\n", -1);

    if (g_strv_length(sentences) != (row->sentences != NULL ? g_strv_length(expected) : 0))
        g_error("not \"%s\" but \"%s\"", row->sentences, given);
    for (guint i = 0; expected[i] != NULL; i++) {
        if (strstr(given, expected[i]) == NULL)
            g_error("\"%s\" is not in \"%s\"", expected[i], given);
    }
}

/* Each file loads under its name, and the table above has an image for it that it accepts and one that it refuses. */
static void
test_all_are_tested(void)
{
    g_autofree char *folder =
        g_test_build_filename(G_TEST_DIST, "..", "..", "data", "targets", NULL);
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    const char *file;
    guint count = 0;

    while ((file = g_dir_read_name(directory)) != NULL) {
        g_autofree char *name =
            g_strndup(file, strlen(file) - MIN(strlen(file), strlen(".target")));
        g_autoptr(VirtProbeTarget) target = NULL;
        guint accepted = 0;
        guint refused = 0;

        if (!g_str_has_suffix(file, ".target"))
            continue;
        target = load(name);
        g_assert_cmpstr(virt_probe_target_get_name(target), ==, name);
        for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
            if (strcmp(cases[i].target, name) == 0)
                (*(cases[i].sentences != NULL ? &refused : &accepted))++;
        }
        if (accepted == 0 || refused == 0)
            g_error("%s: %u images accepted, %u refused", name, accepted, refused);
        count++;
    }
    g_assert_cmpuint(count, >=, 8);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/targets/%s/%s", cases[i].target,
                                                cases[i].sentences != NULL ? "refuses" : "accepts");
        const char *slash = strrchr(cases[i].image, '/');

        add_row_test(path, slash != NULL ? slash + 1 : cases[i].image + 1, &cases[i], test_case);
    }
    g_test_add_func("/targets/all-are-tested", test_all_are_tested);
    return g_test_run();
}
