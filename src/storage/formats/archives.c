/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* archives.c: archives and compressed files: named, and never unpacked; tables, and no function. Sources:
 * docs/formats/archives.md. */
#include "storage/format.h"

#define WRAPPER .layer = VP_LAYER_WRAPPER, .reads = 3, .qemu_probe = VP_QEMU_NEVER

static const VpMagic gzip_magics[] = {
    { .bytes = "\x1f\x8b\x08", .len = 3 },
    { .len = 0 },
};

static const char *const gzip_extensions[] = { "gz", "tgz", NULL };

const VpFormat vp_format_gzip = { .name = "gzip",
                                  .title = "gzip file",
                                  WRAPPER,
                                  .extensions = gzip_extensions,
                                  .magics = gzip_magics };

static const VpMagic xz_magics[] = {
    { .bytes = "\xfd"
               "7zXZ\0",
      .len = 6 },
    { .len = 0 },
};

static const char *const xz_extensions[] = { "xz", "txz", NULL };

const VpFormat vp_format_xz = {
    .name = "xz", .title = "xz file", WRAPPER, .extensions = xz_extensions, .magics = xz_magics
};

/* A level from 1 to 9, and then a block or, when nothing was packed, the end. */
static const VpMagic bzip2_magics[] = {
    { .bytes = "BZh01AY&SY", .mask = "\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff", .len = 10 },
    { .bytes = "BZh0\x17\x72\x45\x38\x50\x90",
      .mask = "\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff",
      .len = 10 },
    { .len = 0 },
};

static const char *const bzip2_extensions[] = { "bz2", "tbz2", NULL };

const VpFormat vp_format_bzip2 = { .name = "bzip2",
                                   .title = "bzip2 file",
                                   WRAPPER,
                                   .extensions = bzip2_extensions,
                                   .magics = bzip2_magics };

static const VpMagic zstd_magics[] = {
    { .bytes = "\x28\xb5\x2f\xfd", .len = 4 },
    { .len = 0 },
};

static const char *const zstd_extensions[] = { "zst", NULL };

const VpFormat vp_format_zstd = { .name = "zstd",
                                  .title = "Zstandard file",
                                  WRAPPER,
                                  .extensions = zstd_extensions,
                                  .magics = zstd_magics };

/* The frame of today, and that of the first program. */
static const VpMagic lz4_magics[] = {
    { .bytes = "\x04\x22\x4d\x18", .len = 4 },
    { .bytes = "\x02\x21\x4c\x18", .len = 4 },
    { .len = 0 },
};

static const char *const lz4_extensions[] = { "lz4", NULL };

const VpFormat vp_format_lz4 = {
    .name = "lz4", .title = "LZ4 file", WRAPPER, .extensions = lz4_extensions, .magics = lz4_magics
};

/* A first member, or the end of an archive without any. */
static const VpMagic zip_magics[] = {
    { .bytes = "PK\3\4", .len = 4 },
    { .bytes = "PK\5\6", .len = 4 },
    { .len = 0 },
};

static const char *const zip_extensions[] = { "zip", NULL };

const VpFormat vp_format_zip = { .name = "zip",
                                 .title = "zip archive",
                                 WRAPPER,
                                 .extensions = zip_extensions,
                                 .magics = zip_magics };

/* The POSIX form, and the old GNU one. The name of the first member is all that is read. */
static const VpMagic tar_magics[] = {
    { .offset = 257,
      .bytes = "ustar\0"
               "00",
      .len = 8 },
    { .offset = 257, .bytes = "ustar  ", .len = 8 },
    { .len = 0 },
};

static const VpHeaderField tar_fields[] = {
    { "first-member", VP_AT(0, 100), .kind = VP_KIND_TEXT, .is_detail = TRUE },
};

static const char *const tar_extensions[] = { "tar", NULL };

const VpFormat vp_format_tar = { .name = "tar",
                                 .title = "tar archive",
                                 WRAPPER,
                                 .extensions = tar_extensions,
                                 .magics = tar_magics,
                                 VP_FIELDS(tar_fields) };

/* Open Virtualization Format in one file: a tar archive whose first member is the description. */
static const VpMagic ova_magics[] = {
    { .bytes = ".ovf", .len = 4, .text_width = 100 },
    { .len = 0 },
};

static const char *const ova_extensions[] = { "ova", NULL };

const VpFormat vp_format_ova = { .name = "ova",
                                 .libvirt_name = NULL,
                                 .title = "OVA appliance",
                                 WRAPPER,
                                 .refines = "tar",
                                 .extensions = ova_extensions,
                                 .magics = ova_magics,
                                 VP_FIELDS(tar_fields) };
