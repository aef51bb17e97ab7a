/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-verbs.c: the tables of the verbs of pools and volumes. */
#include "pool-verbs.h"

#include "pool-commands.h"

#include <string.h>

#define OUTPUT                                                                                     \
    [POOL_OPTION_OUTPUT] = { 0,                                                                    \
                             "output",                                                             \
                             VALUE_CHOICE,                                                         \
                             "human|json",                                                         \
                             "human|json",                                                         \
                             N_("as virsh prints it, or JSON"),                                    \
                             NULL }
/* Arguments of virsh that may be given as options are not shown in help. */
#define ARGUMENT(name)                                                                             \
    {                                                                                              \
        0, name, VALUE_TEXT, "X", NULL, NULL, NULL                                                 \
    }
#define POOL_OPTION(help) [POOL_OPTION_POOL] = { 0, "pool", VALUE_POOL, "POOL", NULL, help, NULL }
#define POOL POOL_OPTION(N_("the pool, the same as POOL without an option"))
#define POOL_OF_VOL POOL_OPTION(N_("the pool that has the volume"))
#define VOL [VOL_OPTION_VOL] = ARGUMENT("vol")
/* Options of virsh for types of pools that are not here. */
#define REFUSED(name)                                                                              \
    {                                                                                              \
        0, name, VALUE_TEXT, "X", NULL, NULL,                                                      \
            N_("sources that need a secret or an adapter are for types of pools that are not "     \
               "here")                                                                             \
    }
#define XPATH                                                                                      \
    {                                                                                              \
        0, "xpath", VALUE_TEXT, "EXPR", NULL, N_("only the nodes that an XPath expression gives"), \
            NULL                                                                                   \
    }
#define WRAP                                                                                       \
    {                                                                                              \
        0, "wrap", VALUE_NONE, NULL, NULL, N_("with --xpath: within an element nodes"), NULL       \
    }

static const Option define_options[] = {
    OUTPUT,
    [POOL_DEFINE_OPTION_FILE] = ARGUMENT("file"),
    [POOL_DEFINE_OPTION_VALIDATE] = { 0, "validate", VALUE_NONE, NULL, NULL,
                                      N_("refuse XML with anything that would be ignored"), NULL },
};

static const Option define_as_options[] = {
    OUTPUT,
    [POOL_DEFINE_AS_OPTION_NAME] = ARGUMENT("name"),
    [POOL_DEFINE_AS_OPTION_TYPE] = ARGUMENT("type"),
    [POOL_DEFINE_AS_OPTION_SOURCE_NAME] = ARGUMENT("source-name"),
    [POOL_DEFINE_AS_OPTION_TARGET] = { 0, "target", VALUE_DIRECTORY, "DIR", NULL,
                                       N_("directory of the pool"), NULL },
    [POOL_DEFINE_AS_OPTION_SOURCE_HOST] = { 0, "source-host", VALUE_TEXT, "HOST", NULL,
                                            N_("netfs: server, as a note for libvirt"), NULL },
    [POOL_DEFINE_AS_OPTION_SOURCE_PATH] = { 0, "source-path", VALUE_TEXT, "PATH", NULL,
                                            N_("netfs: directory on the server"), NULL },
    [POOL_DEFINE_AS_OPTION_SOURCE_DEV] = { 0, "source-dev", VALUE_TEXT, "DEVICE", NULL,
                                           N_("fs: device that is mounted"), NULL },
    [POOL_DEFINE_AS_OPTION_SOURCE_FORMAT] = { 0, "source-format", VALUE_TEXT, "FMT", NULL,
                                              N_("filesystem of the source"), NULL },
    [POOL_DEFINE_AS_OPTION_SOURCE_PROTOCOL_VER] = { 0, "source-protocol-ver", VALUE_TEXT, "VERSION",
                                                    NULL, N_("netfs: version of NFS"), NULL },
    [POOL_DEFINE_AS_OPTION_PRINT_XML] = { 0, "print-xml", VALUE_NONE, NULL, NULL,
                                          N_("print the XML, define nothing"), NULL },
    REFUSED("auth-type"),
    REFUSED("auth-username"),
    REFUSED("secret-usage"),
    REFUSED("secret-uuid"),
    REFUSED("adapter-name"),
    REFUSED("adapter-wwnn"),
    REFUSED("adapter-wwpn"),
    REFUSED("adapter-parent"),
    REFUSED("adapter-parent-wwnn"),
    REFUSED("adapter-parent-wwpn"),
    REFUSED("adapter-parent-fabric-wwn"),
    REFUSED("source-initiator"),
};

static const Option list_options[] = {
    OUTPUT,
    [POOL_LIST_OPTION_ALL] = { 0, "all", VALUE_NONE, NULL, NULL,
                               N_("also pools whose directory cannot be used now"), NULL },
    [POOL_LIST_OPTION_INACTIVE] = { 0, "inactive", VALUE_NONE, NULL, NULL, N_("only those"), NULL },
    [POOL_LIST_OPTION_DETAILS] = { 0, "details", VALUE_NONE, NULL, NULL, N_("with their sizes"),
                                   NULL },
    [POOL_LIST_OPTION_NAME] = { 0, "name", VALUE_NONE, NULL, NULL, N_("names only"), NULL },
    [POOL_LIST_OPTION_UUID] = { 0, "uuid", VALUE_NONE, NULL, NULL, N_("UUIDs only"), NULL },
    [POOL_LIST_OPTION_TYPE] = { 0, "type", VALUE_TEXT, "TYPE", NULL,
                                N_("only pools of these types, separated by commas"), NULL },
    [POOL_LIST_OPTION_PERSISTENT] = { 0, "persistent", VALUE_NONE, NULL, NULL, NULL, NULL },
    [POOL_LIST_OPTION_AUTOSTART] = { 0, "autostart", VALUE_NONE, NULL, NULL, NULL, NULL },
    [POOL_LIST_OPTION_TRANSIENT] = { 0, "transient", VALUE_NONE, NULL, NULL, NULL, NULL },
    [POOL_LIST_OPTION_NO_AUTOSTART] = { 0, "no-autostart", VALUE_NONE, NULL, NULL, NULL, NULL },
};

static const Option pool_options[] = { OUTPUT, POOL };

static const Option info_options[] = {
    OUTPUT,
    POOL,
    [POOL_INFO_OPTION_BYTES] = { 0, "bytes", VALUE_NONE, NULL, NULL, N_("sizes in bytes"), NULL },
};

static const Option dumpxml_options[] = {
    OUTPUT,
    POOL,
    [POOL_DUMPXML_OPTION_INACTIVE] = { 0, "inactive", VALUE_NONE, NULL, NULL,
                                       N_("as it is defined, without its sizes now"), NULL },
    [POOL_DUMPXML_OPTION_XPATH] = XPATH,
    [POOL_DUMPXML_OPTION_WRAP] = WRAP,
    [POOL_DUMPXML_OPTION_FULL] = { 0, "full", VALUE_NONE, NULL, NULL,
                                   N_("a document of our own with everything"), NULL },
};

static const Option refresh_options[] = {
    OUTPUT,
    POOL,
    [POOL_REFRESH_OPTION_ALL] = { 0, "all", VALUE_NONE, NULL, NULL, N_("all pools"), NULL },
    [POOL_REFRESH_OPTION_FORCE] = { 0, "force", VALUE_NONE, NULL, NULL,
                                    N_("read every file, changed or not"), NULL },
    [POOL_REFRESH_OPTION_JOBS] = { 0, "jobs", VALUE_TEXT, "N", NULL,
                                   N_("read N files at once, not as many as there are processors"),
                                   NULL },
    [POOL_REFRESH_OPTION_TIMEOUT] = { 0, "timeout", VALUE_TEXT, "SECONDS", NULL,
                                      N_("how long a file may take to answer, 10 if not given"),
                                      NULL },
};

static const Option watch_options[] = {
    [POOL_OPTION_OUTPUT] = { 0, "output", VALUE_CHOICE, "lines", "lines",
                             N_("a JSON object a line, which is the only output"), NULL },
    POOL,
    [POOL_WATCH_OPTION_INTERVAL] = { 0, "interval", VALUE_TEXT, "SECONDS", NULL,
                                     N_("look again without being told, every 60 if not given"),
                                     NULL },
};

static const Option vol_list_options[] = {
    OUTPUT,
    POOL,
    [VOL_LIST_OPTION_DETAILS] = { 0, "details", VALUE_NONE, NULL, NULL, N_("with types and sizes"),
                                  NULL },
    [VOL_LIST_OPTION_NAME] = { 0, "name", VALUE_NONE, NULL, NULL, N_("names only"), NULL },
};

static const Option vol_options[] = { OUTPUT, POOL_OF_VOL, VOL };

static const Option vol_info_options[] = {
    OUTPUT,
    POOL_OF_VOL,
    VOL,
    [VOL_INFO_OPTION_BYTES] = { 0, "bytes", VALUE_NONE, NULL, NULL, N_("sizes in bytes"), NULL },
    [VOL_INFO_OPTION_PHYSICAL] = { 0, "physical", VALUE_NONE, NULL, NULL,
                                   N_("the length of the file, not its allocation"), NULL },
};

static const Option vol_dumpxml_options[] = {
    OUTPUT,
    POOL_OF_VOL,
    VOL,
    [VOL_DUMPXML_OPTION_FULL] = { 0, "full", VALUE_NONE, NULL, NULL,
                                  N_("a document of our own with everything"), NULL },
    [VOL_DUMPXML_OPTION_XPATH] = XPATH,
    [VOL_DUMPXML_OPTION_WRAP] = WRAP,
};

static const Option vol_pool_options[] = {
    OUTPUT,
    POOL_OF_VOL,
    VOL,
    [VOL_POOL_OPTION_UUID] = { 0, "uuid", VALUE_NONE, NULL, NULL, N_("its UUID, not its name"),
                               NULL },
};

/* Arguments may stand as options, so the verb counts them. */
#define VERB(symbol, verb, text, help, type, table, line)                                          \
    VERB_WITH(symbol, verb, text, help, type, table, line, 2)
#define VERB_WITH(symbol, verb, text, help, type, table, line, count)                              \
    const Command command_##symbol = {                                                             \
        .name = verb,                                                                              \
        .arguments = text,                                                                         \
        .summary = help,                                                                           \
        .example = line,                                                                           \
        COMMAND_OPTIONS(table),                                                                    \
        .argument_kind = type,                                                                     \
        .n_arguments_max = count,                                                                  \
        .run = pool_command_run,                                                                   \
    };

VERB(pool_define, "pool-define", "FILE", N_("define a pool by its XML; - is standard input"),
     VALUE_FILE, define_options, "virt-probe pool-define /etc/libvirt/storage/default.xml")
VERB_WITH(pool_define_as, "pool-define-as", "NAME TYPE", N_("define a pool: dir, fs or netfs"),
          VALUE_NONE, define_as_options,
          "virt-probe pool-define-as default dir --target /var/lib/libvirt/images",
          POOL_DEFINE_AS_OPTION_SOURCE_FORMAT)
VERB(pool_undefine, "pool-undefine", "POOL", N_("forget a pool; its files stay as they are"),
     VALUE_POOL, pool_options, "virt-probe pool-undefine default")
VERB(pool_list, "pool-list", "", N_("list pools"), VALUE_NONE, list_options,
     "virt-probe pool-list --all --details")
VERB(pool_info, "pool-info", "POOL", N_("show a pool and the sums of its volumes"), VALUE_POOL,
     info_options, "virt-probe pool-info default")
VERB(pool_uuid, "pool-uuid", "POOL", N_("print the UUID of a pool"), VALUE_POOL, pool_options,
     "virt-probe pool-uuid default")
VERB(pool_name, "pool-name", "UUID", N_("print the name of a pool"), VALUE_POOL, pool_options,
     "virt-probe pool-name \"$(virt-probe pool-uuid default)\"")
VERB(pool_dumpxml, "pool-dumpxml", "POOL", N_("print a pool as libvirt's XML"), VALUE_POOL,
     dumpxml_options, "virt-probe pool-dumpxml default")
VERB(pool_refresh, "pool-refresh", "POOL", N_("bring the list of a pool's volumes up to date"),
     VALUE_POOL, refresh_options, "virt-probe pool-refresh --all")
VERB(pool_watch, "pool-watch", "[POOL]", N_("refresh pools whenever their directory changes"),
     VALUE_POOL, watch_options, "virt-probe pool-watch")
VERB(vol_list, "vol-list", "POOL", N_("list the volumes of a pool"), VALUE_POOL, vol_list_options,
     "virt-probe vol-list default --details")
VERB(vol_info, "vol-info", "VOL [POOL]", N_("show a volume"), VALUE_VOLUME, vol_info_options,
     "virt-probe vol-info disk.qcow2 --pool default")
VERB(vol_dumpxml, "vol-dumpxml", "VOL [POOL]", N_("print a volume as libvirt's XML"), VALUE_VOLUME,
     vol_dumpxml_options, "virt-probe vol-dumpxml disk.qcow2 --pool default")
VERB(vol_path, "vol-path", "VOL [POOL]", N_("print the path of a volume"), VALUE_VOLUME,
     vol_options, "virt-probe vol-path disk.qcow2 --pool default")
VERB(vol_key, "vol-key", "VOL [POOL]", N_("print the key of a volume, which is its path"),
     VALUE_VOLUME, vol_options, "virt-probe vol-key disk.qcow2 --pool default")
VERB(vol_name, "vol-name", "VOL", N_("print the name of the volume with that path"), VALUE_VOLUME,
     vol_options, "virt-probe vol-name /var/lib/libvirt/images/disk.qcow2")
VERB(vol_pool, "vol-pool", "VOL", N_("print the pool of the volume with that path"), VALUE_VOLUME,
     vol_pool_options, "virt-probe vol-pool /var/lib/libvirt/images/disk.qcow2")

VERB(vol_dependents, "vol-dependents", "VOL [POOL]",
     N_("list the volumes of all pools that stand on a volume"), VALUE_VOLUME, vol_options,
     "virt-probe vol-dependents /var/lib/libvirt/images/base.qcow2")
VERB(vol_orphans, "vol-orphans", "[POOL]",
     N_("list overlays without their base, and images that nobody seems to need"), VALUE_POOL,
     info_options, "virt-probe vol-orphans")

/* Verbs of virsh that are not here, and what is said instead. */
static const struct {
    const char *name;
    const char *answer;
} elsewhere[] = {
    { "pool-start",
      N_("pools here need no starting: a pool is usable as long as its directory is") },
    { "pool-autostart",
      N_("pools here need no starting: a pool is usable as long as its directory is") },
    { "pool-destroy", N_("pools here are never stopped; pool-undefine forgets one") },
    { "pool-build", N_("directories are not made here; mkdir or mount makes them") },
    { "pool-create", N_("pools here are always defined; see pool-define") },
    { "pool-create-as", N_("pools here are always defined; see pool-define-as") },
    { "pool-delete", N_("files are never deleted here; pool-undefine forgets a pool") },
    { "pool-edit", N_("print it with pool-dumpxml, change it, and pool-define it again") },
    { "pool-event", N_("see pool-watch") },
    { "pool-capabilities", N_("pools here are of type dir, fs or netfs; see pool-define-as") },
    { "find-storage-pool-sources",
      N_("sources are not looked for here; pool-define-as takes a directory") },
    { "find-storage-pool-sources-as",
      N_("sources are not looked for here; pool-define-as takes a directory") },
    { "vol-create", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-create-as", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-create-from", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-clone", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-delete", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-resize", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-wipe", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-upload", N_("images are never made or changed here; see qemu-img or virsh") },
    { "vol-download", N_("a volume is a file; cp copies it") },
};

const char *
pool_verb_elsewhere(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
        if (strcmp(elsewhere[i].name, name) == 0)
            return elsewhere[i].answer;
    }
    return NULL;
}
