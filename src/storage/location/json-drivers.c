/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-drivers.c: the drivers of json: names, and the options of those that stay on this machine. */
#include "storage/location/json.h"

#include <string.h>

/* The path under that option. What stands there is no name that could have a prefix. */
static gboolean
parse_path(const VpNode *node, const char *key, const char *kind)
{
    const char *path = NULL;

    return vp_node_get_text(node, key, TRUE, &path)
           && vp_location_set_path(node->location, kind, path);
}

static gboolean
parse_file(const VpNode *node)
{
    return parse_path(node, "filename", "file");
}

static gboolean
parse_host_device(const VpNode *node)
{
    return parse_path(node, "filename", "block-device");
}

/* The drivers of libblkio. */
static gboolean
parse_device_path(const VpNode *node)
{
    return parse_path(node, "path", "block-device");
}

static gboolean
parse_vvfat(const VpNode *node)
{
    if (!parse_path(node, "dir", "directory"))
        return FALSE;
    vp_record_set_constant(node->location, VP_LOCATION_FORMAT, "fat");
    return TRUE;
}

static gboolean
parse_null(const VpNode *node)
{
    vp_record_set_constant(node->location, VP_LOCATION_KIND, "null");
    return TRUE;
}

static gboolean
parse_nvme(const VpNode *node)
{
    const char *device = NULL;
    guint64 namespace_id = 1;

    return vp_node_get_text(node, "device", TRUE, &device)
           && vp_node_get_number(node, "namespace", FALSE, &namespace_id, NULL)
           && vp_location_set_nvme(node->location, device, strlen(device), namespace_id);
}

#define PROTOCOL(name, parse)                                                                      \
    {                                                                                              \
        name, VP_DRIVER_PROTOCOL, parse, NULL, 0                                                   \
    }
#define FORMAT(name, traits)                                                                       \
    {                                                                                              \
        name, VP_DRIVER_FORMAT, NULL, "file", traits                                               \
    }
#define FILTER(name, child)                                                                        \
    {                                                                                              \
        name, VP_DRIVER_FILTER, NULL, child, 0                                                     \
    }

/* All of QEMU's, up to 10.2, with those that it once had and libvirt still reads. */
static const VpDriver drivers[] = {
    PROTOCOL("file", parse_file),
    PROTOCOL("ftp", vp_node_parse_curl),
    PROTOCOL("ftps", vp_node_parse_curl),
    PROTOCOL("gluster", vp_node_parse_gluster),
    PROTOCOL("host_cdrom", parse_host_device),
    PROTOCOL("host_device", parse_host_device),
    PROTOCOL("http", vp_node_parse_curl),
    PROTOCOL("https", vp_node_parse_curl),
    PROTOCOL("io_uring", parse_device_path),
    PROTOCOL("iscsi", vp_node_parse_iscsi),
    PROTOCOL("nbd", vp_node_parse_nbd),
    PROTOCOL("nfs", vp_node_parse_nfs),
    PROTOCOL("null-aio", parse_null),
    PROTOCOL("null-co", parse_null),
    PROTOCOL("nvme", parse_nvme),
    PROTOCOL("nvme-io_uring", parse_device_path),
    PROTOCOL("rbd", vp_node_parse_rbd),
    PROTOCOL("sheepdog", vp_node_parse_sheepdog),
    PROTOCOL("ssh", vp_node_parse_ssh),
    PROTOCOL("tftp", vp_node_parse_curl),
    PROTOCOL("virtio-blk-vfio-pci", parse_device_path),
    PROTOCOL("virtio-blk-vhost-user", parse_device_path),
    PROTOCOL("virtio-blk-vhost-vdpa", parse_device_path),
    PROTOCOL("vvfat", parse_vvfat),
    PROTOCOL("vxhs", vp_node_parse_vxhs),
    FORMAT("bochs", 0),
    FORMAT("cloop", 0),
    FORMAT("dmg", 0),
    FORMAT("luks", 0),
    FORMAT("parallels", VP_DRIVER_BACKING),
    FORMAT("qcow", VP_DRIVER_BACKING),
    FORMAT("qcow2", VP_DRIVER_BACKING | VP_DRIVER_DATA_FILE),
    FORMAT("qed", VP_DRIVER_BACKING),
    FORMAT("raw", VP_DRIVER_SLICE),
    FORMAT("vdi", 0),
    FORMAT("vhdx", 0),
    FORMAT("vmdk", VP_DRIVER_BACKING),
    FORMAT("vpc", 0),
    FILTER("blkdebug", "image"),
    FILTER("blklogwrites", "file"),
    FILTER("blkreplay", "image"),
    /* "test" is compared with it. */
    FILTER("blkverify", "raw"),
    FILTER("compress", "file"),
    FILTER("copy-before-write", "file"),
    FILTER("copy-on-read", "file"),
    FILTER("preallocate", "file"),
    FILTER("replication", "file"),
    FILTER("snapshot-access", "file"),
    FILTER("throttle", "file"),
    { "quorum", VP_DRIVER_SEVERAL, NULL, NULL, 0 },
};

const VpDriver *
vp_driver_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (strcmp(drivers[i].name, name) == 0)
            return &drivers[i];
    }
    return NULL;
}
