/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit-content.c: the smallest healthy images of what may lie in a raw payload: bytes at some places, and zeros. */
#include "unit-content.h"

#include "unit.h"
#include "util/checksum.h"

#include <string.h>

#define SECTOR 512
#define GPT_SECTORS 10
#define GPT_TABLE_SIZE 512

typedef struct {
    guint place;
    guint len;
    const char *bytes;
} Piece;

static GByteArray *
pieces_new(guint size, const Piece *pieces, guint count)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, size);
    memset(bytes->data, 0, size);
    for (guint i = 0; i < count; i++)
        memcpy(bytes->data + pieces[i].place, pieces[i].bytes, pieces[i].len);
    return bytes;
}

#define PIECES(name, size, ...)                                                                    \
    static GByteArray *name##_new(void)                                                            \
    {                                                                                              \
        static const Piece pieces[] = { __VA_ARGS__ };                                             \
                                                                                                   \
        return pieces_new((size), pieces, G_N_ELEMENTS(pieces));                                   \
    }
#define AT(place, bytes)                                                                           \
    {                                                                                              \
        (place), sizeof(bytes) - 1, (bytes)                                                        \
    }

#define BCACHE "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"

PIECES(ext4, 4096, AT(1028, "\4"), AT(1080, "\x53\xef"), AT(1116, "\x3c\0\0\0\xc2\2"))
PIECES(ext3, 4096, AT(1028, "\4"), AT(1080, "\x53\xef"), AT(1116, "\x3c\0\0\0\2"))
PIECES(ext2, 4096, AT(1028, "\4"), AT(1080, "\x53\xef"), AT(1116, "\x38\0\0\0\2"))
PIECES(xfs, 4096, AT(0, "XFSB\0\0\x10"), AT(15, "\1"))
PIECES(btrfs, 73728, AT(65600, "_BHRfS_M"), AT(65536 + 145, "\x10\0\0\0\x10"),
       AT(65536 + 209, "\0\x20\1"))
PIECES(ntfs, SECTOR, AT(3, "NTFS    \0\2"), AT(40, "\1"))
PIECES(exfat, SECTOR, AT(3, "EXFAT   "), AT(72, "\1"), AT(108, "\x09"))
PIECES(fat12, SECTOR, AT(11, "\0\2\4"), AT(54, "FAT12   "))
PIECES(fat16, SECTOR, AT(11, "\0\2\4"), AT(54, "FAT16   "))
PIECES(fat32, SECTOR, AT(11, "\0\2\4"), AT(82, "FAT32   "))
PIECES(squashfs, SECTOR, AT(0, "hsqs"), AT(14, "\2"), AT(28, "\4"), AT(41, "\2"))
PIECES(f2fs, 4096, AT(1024, "\x10\x20\xf5\xf2"), AT(1040, "\x0c"), AT(1060, "\1"))
PIECES(zfs, 17 * 1024, AT(16384, "\1\1\0\0\0\0\0\0\0\0\0\1\0\0\0\x24\0\0\0\x20\0\0\0\7version"))
PIECES(lvm2, 4096, AT(0, "LABELONE"), AT(24, "LVM2 001"), AT(65, "\x10"))
PIECES(swap, 4096, AT(1024, "\1"), AT(4086, "SWAPSPACE2"))
PIECES(jbd, 4096, AT(1028, "\4"), AT(1080, "\x53\xef"), AT(1120, "\x8"))
PIECES(swsuspend, 4096, AT(1024, "\1"), AT(4086, "S1SUSPEND"))
PIECES(bitlocker, SECTOR, AT(3, "-FVE-FS-\0\2\4"))
PIECES(mdraid, 8192, AT(4096, "\xfc\x4e\x2b\xa9\1"))
PIECES(bcache, 8192, AT(4120, BCACHE))
PIECES(bcachefs, 8192, AT(4112, "\x21\x04\x21\x04"), AT(4120, BCACHE))
PIECES(erofs, 4096, AT(1024, "\xe2\xe1\xf5\xe0"), AT(1036, "\x0c"), AT(1060, "\1"))
PIECES(cramfs, SECTOR, AT(0, "\x45\x3d\xcd\x28\0\2"), AT(16, "Compressed ROMFS"))
PIECES(jfs, 36864, AT(32768, "JFS1"), AT(32785, "\x10"), AT(32793, "\2"))
PIECES(reiserfs, 69632, AT(65536, "\x11"), AT(65581, "\x10"), AT(65588, "ReIsEr2Fs"))
PIECES(reiser4, 69632, AT(65536, "ReIsEr4"), AT(65555, "\x10"))
PIECES(nilfs2, 4096, AT(1024, "\2"), AT(1030, "\x34\x34\x18\1"), AT(1057, "\x10"))
PIECES(ocfs2, 4096, AT(2048, "OCFSV2"), AT(2068, "\1"), AT(2296, "\x0a\0\0\0\x0c"))
PIECES(gfs2, 69632, AT(65536, "\x01\x16\x19\x70\0\0\0\1"), AT(65562, "\x07\x09"), AT(65574, "\x10"))
PIECES(apfs, 4096, AT(32, "NXSB\0\x10\0\0\1"))
PIECES(hfsplus, 4096, AT(1024, "H+\0\4"), AT(1066, "\x10\0\0\0\0\1"))
PIECES(hfs, 4096, AT(1024, "BD"), AT(1039, "\3"), AT(1043, "\1\0\0\2"))
PIECES(ufs, 69632, AT(66908, "\x19\x01\x54\x19"))
PIECES(minix, 4096, AT(1028, "\1"), AT(1040, "\x7f\x13\1"))
PIECES(bfs, SECTOR, AT(0, "\xce\xfa\xad\x1b\x40\2"))
PIECES(sun, SECTOR, AT(131, "\1"), AT(141, "\x08"), AT(188, "\x60\x0d\xde\xee"),
       AT(508, "\xda\xbe"))
PIECES(sgi, SECTOR, AT(0, "\x0b\xe5\xa9\x41"))
PIECES(bsd, 1024, AT(512, "\x57\x45\x56\x82"), AT(553, "\2"), AT(572, "\2"),
       AT(644, "\x57\x45\x56\x82"))
PIECES(mac, 1024, AT(0, "ER\2\0\0\0\0\2"), AT(512, "PM"))
PIECES(romfs, SECTOR, AT(0, "-rom1fs-\0\0\2"))
PIECES(ubi, SECTOR, AT(0, "UBI#\1"))
PIECES(ubifs, 4096, AT(0, "\x31\x18\x10\x06"), AT(17, "\x10\0\0\6"), AT(37, "\2\0\0\x08"))
PIECES(jffs2, SECTOR, AT(0, "\x85\x19\x03\x20\x0c\0\0\0\xb1\xb0\x1e\xe4"))
PIECES(dm_verity, SECTOR, AT(0, "verity\0\0\1\0\0\0\1"), AT(65, "\2"), AT(69, "\2"))
PIECES(dm_integrity, SECTOR, AT(0, "integrt\0\1\0\4"), AT(16, "\1"))
PIECES(dm_snapshot, SECTOR, AT(0, "SnAp\1\0\0\0\1\0\0\0\x08"))
PIECES(vdo, SECTOR, AT(0, "dmvdo001\5\0\0\0\4"))
PIECES(befs, 1024, AT(544, "1SFBEGIB\0\2"), AT(560, "\1"), AT(580, "\x31\x10\x12\xdd"))
PIECES(hpfs, 8704, AT(8192, "\x49\xe8\x95\xf9\xc5\xe9\x53\xfa\2\2"), AT(8208, "\x11"))
PIECES(refs, SECTOR, AT(3, "ReFS"), AT(16, "FSRS"), AT(24, "\1"), AT(33, "\2"))
PIECES(zonefs, SECTOR, AT(0, "SFOZ"), AT(104, "\xa0\1"))
PIECES(xfs_log, SECTOR, AT(0, "\xfe\xed\xba\xbe"), AT(11, "\2"))
PIECES(drbd, 4096, AT(60, "\x83\x74\x02\x6b"), AT(82, "\x10"))
PIECES(isw_raid, 1024, AT(0, "Intel Raid ISM Cfg Sig. 1.0.00"))
PIECES(ddf_raid, SECTOR, AT(0, "\xde\x11\xde\x11"), AT(32, "01.02.00"))
PIECES(high_sierra, 36864, AT(32776, "\1CDROM\1"), AT(32856, "\x12"), AT(32905, "\x08"))
PIECES(udf, 259 * SECTOR, AT(34817, "NSR02"), AT(256 * SECTOR, "\2"), AT(256 * SECTOR + 13, "\1"))
PIECES(mbr, 2 * SECTOR, AT(450, "\x83\0\0\0\1\0\0\0\1"), AT(510, "\x55\xaa"))
PIECES(gzip, SECTOR, AT(0, "\x1f\x8b\x08"))
PIECES(xz, SECTOR,
       AT(0, "\xfd"
             "7zXZ"))
PIECES(bzip2, SECTOR, AT(0, "BZh91AY&SY"))
PIECES(zstd, SECTOR, AT(0, "\x28\xb5\x2f\xfd"))
PIECES(lz4, SECTOR, AT(0, "\x04\x22\x4d\x18"))
PIECES(zip, SECTOR, AT(0, "PK\5\6"))
PIECES(tar, 3 * SECTOR, AT(0, "disk.raw"),
       AT(257, "ustar\0"
               "00"))
PIECES(ova, 3 * SECTOR, AT(0, "a.ovf"),
       AT(257, "ustar\0"
               "00"))

static void
gpt_seal_header(guint8 *header, const guint8 *table)
{
    put_little(header + 88, 4,
               vp_checksum(VP_CHECKSUM_CRC32, table, GPT_TABLE_SIZE, GPT_TABLE_SIZE));
    put_little(header + 16, 4, vp_checksum(VP_CHECKSUM_CRC32, header, 92, 16));
}

void
gpt_seal(GByteArray *disk)
{
    gpt_seal_header(disk->data + SECTOR, disk->data + 2 * SECTOR);
    gpt_seal_header(disk->data + (GPT_SECTORS - 1) * SECTOR,
                    disk->data + (GPT_SECTORS - 2) * SECTOR);
}

static void
gpt_header_fill(guint8 *header, guint own, guint other, guint table)
{
    memcpy(header, "EFI PART\0\0\1\0\x5c", 13);
    put_little(header + 24, 8, own);
    put_little(header + 32, 8, other);
    put_little(header + 40, 8, 3);
    put_little(header + 48, 8, GPT_SECTORS - 3);
    put_little(header + 72, 8, table);
    put_little(header + 80, 4, 4);
    put_little(header + 84, 4, 128);
}

/* One partition of two sectors. */
static GByteArray *
gpt_new(void)
{
    static const Piece pieces[] = { AT(450, "\xee\0\0\0\1\0\0\0\x09"), AT(510, "\x55\xaa") };
    GByteArray *disk = pieces_new(GPT_SECTORS * SECTOR, pieces, G_N_ELEMENTS(pieces));
    guint8 *entry = disk->data + 2 * SECTOR;

    memcpy(entry, "\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4", 16);
    put_little(entry + 32, 8, 3);
    put_little(entry + 40, 8, 4);
    memcpy(disk->data + (GPT_SECTORS - 2) * SECTOR, entry, SECTOR);
    gpt_header_fill(disk->data + SECTOR, 1, GPT_SECTORS - 1, 2);
    gpt_header_fill(disk->data + (GPT_SECTORS - 1) * SECTOR, GPT_SECTORS - 1, 1, GPT_SECTORS - 2);
    gpt_seal(disk);
    return disk;
}

const HealthyImage content_images[] = {
    { "high-sierra", high_sierra_new, "" },
    { "udf", udf_new, "" },
    { "gpt", gpt_new, "" },
    { "mbr", mbr_new, "" },
    { "ext4", ext4_new, "" },
    { "ext3", ext3_new, "" },
    { "ext2", ext2_new, "" },
    { "xfs", xfs_new, "" },
    { "btrfs", btrfs_new, "" },
    { "ntfs", ntfs_new, "" },
    { "exfat", exfat_new, "" },
    { "fat12", fat12_new, "" },
    { "fat16", fat16_new, "" },
    { "fat32", fat32_new, "" },
    { "squashfs", squashfs_new, "" },
    { "f2fs", f2fs_new, "" },
    { "zfs", zfs_new, "" },
    { "lvm2", lvm2_new, "" },
    { "swap", swap_new, "" },
    { "jbd", jbd_new, "" },
    { "swsuspend", swsuspend_new, "" },
    { "bitlocker", bitlocker_new, "" },
    { "mdraid", mdraid_new, "" },
    { "bcache", bcache_new, "" },
    { "bcachefs", bcachefs_new, "" },
    { "erofs", erofs_new, "" },
    { "cramfs", cramfs_new, "" },
    { "jfs", jfs_new, "" },
    { "reiserfs", reiserfs_new, "" },
    { "reiser4", reiser4_new, "" },
    { "nilfs2", nilfs2_new, "" },
    { "ocfs2", ocfs2_new, "" },
    { "gfs2", gfs2_new, "" },
    { "apfs", apfs_new, "" },
    { "hfsplus", hfsplus_new, "" },
    { "hfs", hfs_new, "" },
    { "ufs", ufs_new, "" },
    { "minix", minix_new, "" },
    { "bfs", bfs_new, "" },
    { "sun", sun_new, "" },
    { "sgi", sgi_new, "" },
    { "bsd", bsd_new, "" },
    { "mac", mac_new, "" },
    { "romfs", romfs_new, "" },
    { "ubi", ubi_new, "" },
    { "ubifs", ubifs_new, "" },
    { "jffs2", jffs2_new, "" },
    { "dm-verity", dm_verity_new, "" },
    { "dm-integrity", dm_integrity_new, "" },
    { "dm-snapshot", dm_snapshot_new, "" },
    { "vdo", vdo_new, "" },
    { "befs", befs_new, "" },
    { "hpfs", hpfs_new, "" },
    { "refs", refs_new, "" },
    { "zonefs", zonefs_new, "" },
    { "xfs-log", xfs_log_new, "" },
    { "drbd", drbd_new, "" },
    { "isw-raid", isw_raid_new, "" },
    { "ddf-raid", ddf_raid_new, "" },
    { "gzip", gzip_new, "" },
    { "xz", xz_new, "" },
    { "bzip2", bzip2_new, "" },
    { "zstd", zstd_new, "" },
    { "lz4", lz4_new, "" },
    { "zip", zip_new, "" },
    { "tar", tar_new, "" },
    { "ova", ova_new, "" },
    { NULL, NULL, NULL },
};
