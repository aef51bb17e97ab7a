/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* module.c: the one symbol of the module: its verbs, one a line. */
#include "info-options.h"
#include "pool-commands.h"
#include "pool-verbs.h"

__attribute__((visibility("default"))) const PoolVerb virt_probe_pool_verbs[] = {
    { "info", info_xml_run }, /* --output=xml only */
    { "scan", scan_run },
    { "pool-define", pool_define_run },
    { "pool-define-as", pool_define_as_run },
    { "pool-undefine", pool_undefine_run },
    { "pool-list", pool_list_run },
    { "pool-info", pool_info_run },
    { "pool-uuid", pool_uuid_run },
    { "pool-name", pool_name_run },
    { "pool-dumpxml", pool_dumpxml_run },
    { "pool-refresh", pool_refresh_run },
    { "pool-watch", pool_watch_run },
    { "vol-list", vol_list_run },
    { "vol-info", vol_info_run },
    { "vol-dumpxml", vol_dumpxml_run },
    { "vol-path", vol_path_run },
    { "vol-key", vol_key_run },
    { "vol-name", vol_name_run },
    { "vol-pool", vol_pool_run },
    { "vol-dependents", vol_dependents_run },
    { "vol-orphans", vol_orphans_run },
    { NULL, NULL },
};
