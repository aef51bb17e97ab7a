/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pool-verbs.h: the verbs of pools and volumes: names, options and arguments are virsh's. Their tables are in
 * pool-verbs.c, see pool-commands.h. */
#pragma once

#include "command.h"

/* The first options of each verb, so that functions can share them. virsh takes arguments as options, too. */
enum {
    POOL_OPTION_OUTPUT,
    POOL_OPTION_POOL,
};

enum {
    POOL_INFO_OPTION_BYTES = POOL_OPTION_POOL + 1,
    POOL_INFO_OPTION_COUNT,
};

enum {
    POOL_DEFINE_OPTION_FILE = POOL_OPTION_OUTPUT + 1,
    POOL_DEFINE_OPTION_VALIDATE,
    POOL_DEFINE_OPTION_COUNT,
};

/* The first, up to the format, in the order in which virsh takes them as arguments. */
enum {
    POOL_DEFINE_AS_OPTION_NAME = POOL_OPTION_OUTPUT + 1,
    POOL_DEFINE_AS_OPTION_TYPE,
    POOL_DEFINE_AS_OPTION_SOURCE_HOST,
    POOL_DEFINE_AS_OPTION_SOURCE_PATH,
    POOL_DEFINE_AS_OPTION_SOURCE_DEV,
    POOL_DEFINE_AS_OPTION_SOURCE_NAME,
    POOL_DEFINE_AS_OPTION_TARGET,
    POOL_DEFINE_AS_OPTION_SOURCE_FORMAT,
    POOL_DEFINE_AS_OPTION_SOURCE_PROTOCOL_VER,
    POOL_DEFINE_AS_OPTION_PRINT_XML,
    POOL_DEFINE_AS_OPTION_COUNT, /* of those that mean something; what is refused follows */
};

enum {
    POOL_LIST_OPTION_ALL = POOL_OPTION_OUTPUT + 1,
    POOL_LIST_OPTION_INACTIVE,
    POOL_LIST_OPTION_DETAILS,
    POOL_LIST_OPTION_NAME,
    POOL_LIST_OPTION_UUID,
    POOL_LIST_OPTION_TYPE,
    POOL_LIST_OPTION_PERSISTENT,
    POOL_LIST_OPTION_AUTOSTART,
    POOL_LIST_OPTION_TRANSIENT,
    POOL_LIST_OPTION_NO_AUTOSTART,
    POOL_LIST_OPTION_COUNT,
};

enum {
    POOL_DUMPXML_OPTION_INACTIVE = POOL_OPTION_POOL + 1,
    POOL_DUMPXML_OPTION_XPATH,
    POOL_DUMPXML_OPTION_WRAP,
    POOL_DUMPXML_OPTION_FULL,
    POOL_DUMPXML_OPTION_COUNT,
};

enum {
    POOL_REFRESH_OPTION_ALL = POOL_OPTION_POOL + 1,
    POOL_REFRESH_OPTION_FORCE,
    POOL_REFRESH_OPTION_JOBS,
    POOL_REFRESH_OPTION_TIMEOUT,
    POOL_REFRESH_OPTION_COUNT,
};

enum {
    POOL_WATCH_OPTION_INTERVAL = POOL_OPTION_POOL + 1,
    POOL_WATCH_OPTION_COUNT,
};

enum {
    VOL_LIST_OPTION_DETAILS = POOL_OPTION_POOL + 1,
    VOL_LIST_OPTION_NAME,
    VOL_LIST_OPTION_COUNT,
};

enum {
    VOL_OPTION_VOL = POOL_OPTION_POOL + 1,
    VOL_OPTION_COUNT,
    VOL_INFO_OPTION_BYTES = VOL_OPTION_COUNT,
    VOL_INFO_OPTION_PHYSICAL,
    VOL_INFO_OPTION_COUNT,
    VOL_POOL_OPTION_UUID = VOL_OPTION_COUNT,
    VOL_POOL_OPTION_COUNT,
    VOL_DUMPXML_OPTION_FULL = VOL_OPTION_COUNT,
    VOL_DUMPXML_OPTION_XPATH,
    VOL_DUMPXML_OPTION_WRAP,
    VOL_DUMPXML_OPTION_COUNT,
};

/* In the module. */
int pool_define_run(const Invocation *invocation);
int pool_define_as_run(const Invocation *invocation);
int pool_undefine_run(const Invocation *invocation);
int pool_list_run(const Invocation *invocation);
int pool_info_run(const Invocation *invocation);
int pool_uuid_run(const Invocation *invocation);
int pool_name_run(const Invocation *invocation);
int pool_dumpxml_run(const Invocation *invocation);
int pool_refresh_run(const Invocation *invocation);
int pool_watch_run(const Invocation *invocation);
int vol_list_run(const Invocation *invocation);
int vol_info_run(const Invocation *invocation);
int vol_dumpxml_run(const Invocation *invocation);
int vol_path_run(const Invocation *invocation);
int vol_key_run(const Invocation *invocation);
int vol_name_run(const Invocation *invocation);
int vol_pool_run(const Invocation *invocation);
int vol_dependents_run(const Invocation *invocation);
int vol_orphans_run(const Invocation *invocation);

/* What is said for a verb of virsh that is not here, marked for translation; NULL when virsh has none of that name. */
const char *pool_verb_elsewhere(const char *name);
