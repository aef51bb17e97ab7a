/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* json-drivers.c: the drivers of json: names, and the options of those that stay on this machine. */
#include "storage/location/json.h"

#include "util/text.h"

#include <string.h>

/* Bytes of an unknown option that are shown. */
#define OPTION_SHOWN_MAX 64

/* The path under that option. What stands there is no name that could have a prefix. */
static gboolean
parse_path(const VpNode *node, const char *key, const char *kind)
{
    const char *path = NULL;

    return vp_node_get_text(node, key, TRUE, &path)
           && vp_location_set_plain_path(node->location, kind, path);
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

/* What every node takes. */
#define NODE_OPTIONS                                                                               \
    "driver node-name discard cache read-only auto-read-only force-share detect-zeroes active"
#define FILE_OPTIONS                                                                               \
    "filename pr-manager aio aio-max-batch locking drop-cache x-check-cache-dropped"
#define CURL_OPTIONS                                                                               \
    "url readahead timeout username password-secret proxy-username proxy-password-secret "         \
    "force-range"
#define QCOW2_OPTIONS                                                                              \
    "lazy-refcounts pass-discard-request pass-discard-snapshot pass-discard-other "                \
    "discard-no-unref overlap-check cache-size l2-cache-size l2-cache-entry-size "                 \
    "refcount-cache-size cache-clean-interval encrypt"
#define NBD_OPTIONS                                                                                \
    "server host port path export tls-creds tls-hostname x-dirty-bitmap reconnect-delay "          \
    "open-timeout"
#define RBD_OPTIONS                                                                                \
    "filename pool namespace image conf snapshot encrypt user auth-client-required key-secret "    \
    "password-secret server =keyvalue-pairs"
#define ISCSI_OPTIONS                                                                              \
    "filename transport portal target lun user password password-secret initiator-name "           \
    "header-digest timeout"
#define NFS_OPTIONS "server path user group tcp-syn-count readahead-size page-cache-size debug"
#define BLKDEBUG_OPTIONS                                                                           \
    "config x-image align max-transfer opt-write-zero max-write-zero opt-discard max-discard "     \
    "inject-error set-state take-child-perms unshare-child-perms"

#define PROTOCOL(name, parse, options)                                                             \
    {                                                                                              \
        name, VP_DRIVER_PROTOCOL, parse, NULL, 0, options                                          \
    }
#define FORMAT(name, traits, options)                                                              \
    {                                                                                              \
        name, VP_DRIVER_FORMAT, NULL, "file", traits, options                                      \
    }
#define FILTER(name, child, options)                                                               \
    {                                                                                              \
        name, VP_DRIVER_FILTER, NULL, child, 0, options                                            \
    }

/* What stands in their options is not looked at, because they are refused. */
#define SEVERAL(name)                                                                              \
    {                                                                                              \
        name, VP_DRIVER_SEVERAL, NULL, NULL, 0, ""                                                 \
    }

/* All of QEMU's, up to 10.2, with those that it once had and libvirt still reads. The options are all that one of its
 * versions takes, but for the nodes below. */
static const VpDriver drivers[] = {
    PROTOCOL("file", parse_file, FILE_OPTIONS),
    PROTOCOL("ftp", vp_node_parse_curl, CURL_OPTIONS),
    PROTOCOL("ftps", vp_node_parse_curl, CURL_OPTIONS " sslverify"),
    PROTOCOL("gluster", vp_node_parse_gluster, "filename volume path server debug logfile"),
    PROTOCOL("host_cdrom", parse_host_device, FILE_OPTIONS),
    PROTOCOL("host_device", parse_host_device, FILE_OPTIONS),
    PROTOCOL("http", vp_node_parse_curl, CURL_OPTIONS " cookie cookie-secret"),
    PROTOCOL("https", vp_node_parse_curl, CURL_OPTIONS " cookie cookie-secret sslverify"),
    PROTOCOL("io_uring", parse_file, "filename"),
    PROTOCOL("iscsi", vp_node_parse_iscsi, ISCSI_OPTIONS),
    PROTOCOL("nbd", vp_node_parse_nbd, NBD_OPTIONS),
    PROTOCOL("nfs", vp_node_parse_nfs, NFS_OPTIONS),
    PROTOCOL("null-aio", parse_null, "size latency-ns read-zeroes"),
    PROTOCOL("null-co", parse_null, "size latency-ns read-zeroes"),
    PROTOCOL("nvme", parse_nvme, "device namespace"),
    PROTOCOL("nvme-io_uring", parse_device_path, "path"),
    PROTOCOL("rbd", vp_node_parse_rbd, RBD_OPTIONS),
    PROTOCOL("sheepdog", vp_node_parse_sheepdog, "filename server vdi snap-id tag"),
    PROTOCOL("ssh", vp_node_parse_ssh, "server host port path user host-key-check host_key_check"),
    PROTOCOL("tftp", vp_node_parse_curl, CURL_OPTIONS),
    PROTOCOL("virtio-blk-vfio-pci", parse_device_path, "path"),
    PROTOCOL("virtio-blk-vhost-user", parse_device_path, "path"),
    PROTOCOL("virtio-blk-vhost-vdpa", parse_device_path, "path"),
    PROTOCOL("vvfat", parse_vvfat, "dir fat-type floppy label rw"),
    PROTOCOL("vxhs", vp_node_parse_vxhs, "vdisk-id server tls-creds"),
    FORMAT("bochs", 0, ""),
    FORMAT("cloop", 0, ""),
    FORMAT("dmg", 0, ""),
    FORMAT("luks", 0, "key-secret header"),
    FORMAT("parallels", VP_DRIVER_BACKING, "prealloc-size prealloc-mode"),
    FORMAT("qcow", VP_DRIVER_BACKING, "encrypt"),
    FORMAT("qcow2", VP_DRIVER_BACKING | VP_DRIVER_DATA_FILE, QCOW2_OPTIONS),
    FORMAT("qed", VP_DRIVER_BACKING, ""),
    FORMAT("raw", VP_DRIVER_SLICE, "offset size"),
    FORMAT("vdi", 0, ""),
    FORMAT("vhdx", 0, ""),
    FORMAT("vmdk", VP_DRIVER_BACKING, "extents"),
    FORMAT("vpc", 0, "force_size_calc"),
    FILTER("blkdebug", "image", BLKDEBUG_OPTIONS),
    FILTER("blkreplay", "image", ""),
    FILTER("compress", "file", ""),
    FILTER("copy-on-read", "file", "bottom"),
    FILTER("preallocate", "file", "prealloc-align prealloc-size"),
    FILTER("replication", "file", "mode top-id"),
    FILTER("snapshot-access", "file", ""),
    FILTER("throttle", "file", "throttle-group"),
    SEVERAL("blklogwrites"),
    SEVERAL("blkverify"),
    SEVERAL("copy-before-write"),
    SEVERAL("quorum"),
};

/* TRUE when it is one of the words, which have blanks between them. */
static gboolean
list_has(const char *words, const char *word)
{
    gsize len = strlen(word);

    for (const char *pos = words; *pos != '\0'; pos += strspn(pos, " ")) {
        gsize next = strcspn(pos, " ");

        if (next == len && memcmp(pos, word, len) == 0)
            return TRUE;
        pos += next;
    }
    return FALSE;
}

static gboolean
driver_has_option(const VpDriver *driver, const char *key)
{
    if (g_strcmp0(driver->child, key) == 0)
        return TRUE;
    if ((driver->traits & VP_DRIVER_BACKING) != 0 && strcmp(key, "backing") == 0)
        return TRUE;
    if ((driver->traits & VP_DRIVER_DATA_FILE) != 0 && strcmp(key, "data-file") == 0)
        return TRUE;
    return list_has(driver->options, key);
}

/* Of a node without a driver any format may be meant. */
static gboolean
any_format_has_option(const char *key)
{
    for (guint i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (drivers[i].role == VP_DRIVER_FORMAT && driver_has_option(&drivers[i], key))
            return TRUE;
    }
    return FALSE;
}

/* DRIVER.OPTION. What could be the name of a file or server is not shown, for it could hold a secret. */
static void
add_unknown(const VpNode *node, const VpDriver *driver, const char *key)
{
    g_autofree char *shown = vp_text_escape(key, MIN(strlen(key), OPTION_SHOWN_MAX));
    g_autofree char *text =
        g_strdup_printf("%s%s%s", driver != NULL ? driver->name : "", driver != NULL ? "." : "",
                        strpbrk(key, ":/?@%") != NULL ? VP_MASK : shown);

    vp_record_append_text(node->location, VP_LOCATION_UNKNOWN_OPTIONS, text, strlen(text));
}

void
vp_node_check_options(const VpNode *node, const VpDriver *driver)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *) node->object, key, value)
    {
        /* To have no backing file may be asked of every node. */
        gboolean is_none = strcmp(key, "backing") == 0
                           && (json_is_null(value) || g_strcmp0(json_string_value(value), "") == 0);

        if (is_none || list_has(NODE_OPTIONS, key))
            continue;
        if (driver != NULL ? !driver_has_option(driver, key) : !any_format_has_option(key))
            add_unknown(node, driver, key);
    }
}

const VpDriver *
vp_driver_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (strcmp(drivers[i].name, name) == 0)
            return &drivers[i];
    }
    return NULL;
}
