/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volumes-members.c: members of arrays that say so in the last 4 KiB, and the log of an XFS on a disk of its own, as content of
 * a raw payload: tables, and no function. Sources: docs/formats/filesystems.md. */
#include "storage/format.h"

#define CONTENT .layer = VP_LAYER_CONTENT, .reads = 3, .qemu_probe = VP_QEMU_NEVER
#define Z4 "\0\0\0\0"
#define F4 "\xff\xff\xff\xff"
#define Z16 Z4 Z4 Z4 Z4

/* External log of XFS: a record begins the log, of version 1 or 2, with one of three byte orders. */

static const VpHeaderField xfs_log_fields[] = {
    { "version", VP_AT(8, 4), .is_detail = TRUE },
    { "uuid", VP_AT(304, 16), .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
};

static const VpMagic xfs_log_magics[] = {
    { .bytes = "\xfe\xed\xba\xbe" Z4 Z4,
      .mask = F4 Z4 "\xff\xff\xff\xfc",
      .len = 12,
      .evidence = VP_EVIDENCE_WEAK,
      .also = "\0\0\0",
      .also_len = 3,
      .also_behind = 300 },
    { .len = 0 },
};

const VpFormat vp_format_xfs_log = { .name = "xfs-log",
                                     .title = "XFS external log",
                                     CONTENT,
                                     .order = VP_ORDER_BIG,
                                     .magics = xfs_log_magics,
                                     VP_FIELDS(xfs_log_fields) };

/* DRBD: the last 4 KiB, with a number behind 60 bytes, and at 80 how many bytes a bit stands for, whole blocks of 4 KiB. */

static const VpHeaderField drbd_fields[] = {
    { "sectors", VP_AT(0, 8), .is_detail = TRUE },
};

#define DRBD(number)                                                                               \
    {                                                                                              \
        .offset = 4096, .is_from_end = TRUE, .evidence = VP_EVIDENCE_WEAK,                         \
        .bytes = Z16 Z16 Z16 Z4 Z4 Z4 number Z16 Z4,                                               \
        .mask = Z16 Z16 Z16 Z4 Z4 Z4 F4 Z16 "\xff\0\x0f\xff", .len = 84                            \
    }

static const VpMagic drbd_magics[] = {
    DRBD("\x83\x74\x02\x6b"),
    DRBD("\x83\x74\x02\x6c"),
    DRBD("\x83\x74\x02\x6d"),
    { .len = 0 },
};

const VpFormat vp_format_drbd = { .name = "drbd",
                                  .title = "DRBD member",
                                  CONTENT,
                                  .order = VP_ORDER_BIG,
                                  .magics = drbd_magics,
                                  VP_FIELDS(drbd_fields) };

/* Intel Matrix Storage: the last sector but one. */

static const VpHeaderField isw_fields[] = {
    { "version", VP_AT(24, 6), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

static const VpMagic isw_magics[] = {
    { .offset = 1024, .is_from_end = TRUE, .bytes = "Intel Raid ISM Cfg Sig. ", .len = 24 },
    { .len = 0 },
};

const VpFormat vp_format_isw_raid = { .name = "isw-raid",
                                      .title = "Intel RAID member",
                                      CONTENT,
                                      .order = VP_ORDER_LITTLE,
                                      .magics = isw_magics,
                                      VP_FIELDS(isw_fields) };

/* SNIA DDF: the last sector, with a revision of three numbers of two digits. */

static const VpHeaderField ddf_fields[] = {
    { "vendor", VP_AT(8, 8), .kind = VP_KIND_PADDED_TEXT, .is_detail = TRUE },
    { "revision", VP_AT(32, 8), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

static const VpMagic ddf_magics[] = {
    { .offset = 512,
      .is_from_end = TRUE,
      .bytes = "\xde\x11\xde\x11" Z4 Z16 Z4 Z4 "00.00.00",
      .mask = F4 Z4 Z16 Z4 Z4 "\xf0\xf0\xff\xf0\xf0\xff\xf0\xf0",
      .len = 40 },
    { .len = 0 },
};

const VpFormat vp_format_ddf_raid = { .name = "ddf-raid",
                                      .title = "DDF RAID member",
                                      CONTENT,
                                      .order = VP_ORDER_BIG,
                                      .magics = ddf_magics,
                                      VP_FIELDS(ddf_fields) };
