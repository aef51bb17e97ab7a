# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: file systems and volumes that are met less often, as content of a raw payload (all raw for QEMU).
"""Each image has just the fields that are read, and those by which libblkid knows it; else zeros."""

import struct
import zlib
from functools import partial

from image_recipe import Entry
from recipe_content import SECTOR, UUID, build_ext, build_fat, build_swap, pieces, udf_tag

KIB = 1024
BITLOCKER = bytes.fromhex("3bd66749292ed84a8399f6a339e3d001")
BCACHE = bytes.fromhex("c68573f64e1a45ca8265f57f48ba6d81")
BCACHEFS = bytes.fromhex("c68573f666ce90a9d96a60cf803df7ef")
SWSUSPEND_TUXONICE = bytes.fromhex("edc302e99856e50c")


def build_bitlocker():
    """The boot sector of BitLocker, which says FAT32 too, and ends as an MBR with a partition does."""
    return pieces(2 * 4096, (0, b"\xebX\x90-FVE-FS-" + struct.pack("<HB", 512, 8)), (82, b"FAT32   "),
                  (160, BITLOCKER), (176, struct.pack("<QQQ", 4096, 4096, 4096)), (450, b"\x83\0\0\0\1\0\0\0\1"),
                  (510, b"\x55\xaa"), (4096, b"-FVE-FS-" + struct.pack("<HH", 4, 2)))


def build_bitlocker_to_go():
    """The boot sector of BitLocker on a removable disk: that of FAT32, with a number."""
    return pieces(2 * 4096, (0, build_fat(b"FAT32   ", 82)), (0, b"\xebX\x90MSWIN4.1"), (424, BITLOCKER),
                  (440, struct.pack("<QQQ", 4096, 4096, 4096)), (510, b"\x55\xaa"),
                  (4096, b"-FVE-FS-" + struct.pack("<HH", 4, 2)))


def build_fat_without_heads():
    """The boot sector of FAT16 of 32 MiB as cameras write it: no heads, and NULs behind the name."""
    return pieces(SECTOR, (0, b"\xeb<\x90CAMERA  " + struct.pack("<HBHBHHBHHHII", 512, 4, 1, 2, 512, 0, 0xF8, 64, 0, 0, 63, 65536)),
                  (38, b"\x29" + struct.pack("<I", 0x1234ABCD) + b"DISK       FAT16"),
                  (510, b"\x55\xaa"))


def build_swap_old():
    """A swap area of version 0: a map of pages, where only the signature is none."""
    return pieces(2 * 4096, (0, b"\xfe\xff"), (4096 - 10, b"SWAP-SPACE"))


def build_swap_big_endian():
    """A swap area of a machine of the other byte order, pages of 8 KiB."""
    return pieces(4 * 4096, (1024, struct.pack(">III", 1, 1, 0) + UUID + b"disk"), (8192 - 10, b"SWAPSPACE2"))


def build_hibernated(signature):
    """A swap area whose signature an image of the system replaced."""
    return pieces(2 * 4096, (0, build_swap(4096)), (4096 - 10, signature))


def build_tuxonice():
    """A swap area that TuxOnIce wrote its image to; the swap area's own signature is still there."""
    return pieces(2 * 4096, (0, build_swap(4096)), (0, SWSUSPEND_TUXONICE))


def build_squashfs3():
    """The superblock of SquashFS 3.1, whose fields beyond the version are others."""
    return pieces(SECTOR, (0, b"hsqs" + struct.pack("<I", 4)), (28, struct.pack("<HHHH", 3, 1, 0, 17)),
                  (36, struct.pack("<BBBIQIIIQ", 0xC0, 1, 0, 1700000000, 92, 131072, 1, 0, 512)))


def build_udf(block):
    """UDF with blocks of that size: recognition sequence, anchor at block 256, a logical volume descriptor behind it."""
    step = max(block, 2048)
    sequence = [(32768 + i * step, b"\0" + name + b"\1") for i, name in enumerate((b"BEA01", b"NSR03", b"TEA01"))]
    text = b"\x08LABEL".ljust(127, b"\0") + bytes((6,))
    return pieces(260 * block, *sequence, (256 * block, udf_tag(2, 256) + struct.pack("<II", 2 * block, 257)),
                  (257 * block, udf_tag(6, 257) + bytes(68) + text), (258 * block, udf_tag(8, 258)))


def crc64(data):
    """The checksum of bcache: CRC-64 of ECMA-182, its bits inverted before and after."""
    value = (1 << 64) - 1
    for byte in data:
        value ^= byte << 56
        for _ in range(8):
            value = (value << 1) ^ (0x42F0E1EBA9EA3693 if value >> 63 else 0)
            value &= (1 << 64) - 1
    return value ^ (1 << 64) - 1


def build_bcache():
    """The superblock of a backing device of bcache."""
    body = struct.pack("<QQ", 8, 1) + BCACHE + UUID + bytes(reversed(UUID)) + b"disk".ljust(32, b"\0") + bytes(104)
    return pieces(2 * 4096, (4096, struct.pack("<Q", crc64(body)) + body))


def build_bcachefs(magic=BCACHEFS):
    """The superblock of bcachefs."""
    return pieces(2 * 4096, (4096 + 16, struct.pack("<HHI", 1057, 1057, 4) + magic + bytes(16) + UUID + b"disk"))


def build_mdraid(place):
    """The superblock of a member of a mirror, version 1.2 or 1.1."""
    head = struct.pack("<IIII", 0xA92B4EFC, 1, 1, 0) + UUID + b"host:0".ljust(32, b"\0")
    return pieces(2 * 4096, (place, head), (place + 72, struct.pack("<I", 1)), (place + 92, struct.pack("<I", 2)),
                  (place + 144, struct.pack("<Q", place // SECTOR)), (place + 168, bytes(reversed(UUID))))


def build_erofs():
    """The superblock of EROFS."""
    return pieces(4096, (1024, struct.pack("<I", 0xE0F5E1E2)), (1024 + 12, b"\x0c"),
                  (1024 + 36, struct.pack("<I", 1)), (1024 + 48, UUID + b"disk"))


def build_cramfs(order):
    """The superblock of cramfs and a checksum over all."""
    def head(checksum):
        return struct.pack(order + "IIII16sIIII16s", 0x28CD3D45, 4096, 1, 0, b"Compressed ROMFS", checksum, 0, 1, 1,
                           b"disk").ljust(4096, b"\0")
    return head(zlib.crc32(head(0)))


def build_jfs():
    """The first superblock of JFS."""
    at = 32 * KIB
    return pieces(at + 4096, (at, struct.pack("<4sIQIHHIHH", b"JFS1", 1, 72, 4096, 12, 3, 512, 9, 0)),
                  (at + 136, UUID + b"disk"))


def build_reiserfs(place, magic):
    """The superblock of ReiserFS."""
    fields = struct.pack("<IIII", place // 4096 + 1, 1, 0, 18)
    return pieces(place + 4096, (place, fields), (place + 44, struct.pack("<H", 4096)), (place + 52, magic),
                  (place + 84, UUID + b"disk"))


def build_reiser4():
    """The master superblock of Reiser4."""
    at = 64 * KIB
    return pieces(at + 4096, (at, b"ReIsEr4"), (at + 18, struct.pack("<H", 4096) + UUID + b"disk"))


def build_nilfs2():
    """The first superblock of NILFS2, with the checksum that the kernel makes."""
    size, seed = 280, 0x12345678
    block = bytearray(pieces(size, (0, struct.pack("<IHHHHIII", 2, 0, 0x3434, size, 1, seed, 0, 2)),
                             (32, struct.pack("<Q", 8192)), (152, UUID + b"disk")))
    struct.pack_into("<I", block, 16, zlib.crc32(block, seed ^ 0xFFFFFFFF) ^ 0xFFFFFFFF)
    return pieces(2 * 4096, (1024, bytes(block)))


def build_ocfs2(block=1024):
    """The superblock of OCFS2, an inode in block 2."""
    at = 2 * block
    return pieces(3 * 4096, (at, b"OCFSV2\0\0"), (at + 20, struct.pack("<I", 3)), (at + 192, struct.pack("<HH", 0, 90)),
                  (at + 248, struct.pack("<II", block.bit_length() - 1, 12)), (at + 272, b"disk"), (at + 336, UUID))


def build_gfs2():
    """The superblock of GFS2."""
    at = 64 * KIB
    return pieces(at + 4096, (at, struct.pack(">II", 0x01161970, 1)), (at + 24, struct.pack(">IIIII", 1801, 1900, 0, 4096, 12)),
                  (at + 96, b"lock_dlm"), (at + 160, b"cluster:disk"), (at + 256, UUID))


def build_apfs():
    """The superblock of a container of APFS."""
    return pieces(4096, (8, struct.pack("<QQIIIIQ", 1, 2, 0x80000001, 0, 0x4253584E, 4096, 1)), (72, UUID))


def build_hfsplus(magic=b"H+", version=4):
    """The volume header of HFS+ or HFSX, with an empty catalogue."""
    return pieces(2 * 4096, (1024, magic + struct.pack(">H", version)), (1024 + 40, struct.pack(">II", 4096, 2)),
                  (1024 + 104, bytes(range(1, 9))))


def build_hfs(embedded=b""):
    """The master directory block of HFS."""
    return pieces(2 * 4096, (1024, b"BD"), (1024 + 14, struct.pack(">HHHI", 3, 0, 16, 512)), (1024 + 36, b"\4disk"),
                  (1024 + 124, embedded))


def build_ufs(place, magic):
    """The superblock of UFS."""
    return pieces(place + 4096, (place + 212, b"/mnt"), (place + 680, b"disk"), (place + 1372, magic))


ENTRIES = [
    Entry("jbd.disk", "journal of ext4 that stands alone", partial(build_ext, 0, 8, 0, label=b"")),
    Entry("fat16-name-nul.disk", "FAT16 without heads, and NULs behind its name",
          build_fat_without_heads),
    Entry("squashfs-3.disk", "SquashFS of version 3", build_squashfs3),
    Entry("udf-1024.disk", "UDF, blocks of 1024 bytes", partial(build_udf, 1024)),
    Entry("swap-old.disk", "swap area of version 0", build_swap_old),
    Entry("swap-big-endian.disk", "swap area of a machine with the other byte order", build_swap_big_endian),
    Entry("swsuspend.disk", "swap area with a hibernated system", partial(build_hibernated, b"S1SUSPEND\0")),
    Entry("swsuspend-tuxonice.disk", "the same of TuxOnIce, which leaves the signature of the swap area", build_tuxonice),
    Entry("bitlocker.disk", "BitLocker, whose boot sector says FAT32 and ends as an MBR does", build_bitlocker),
    Entry("bitlocker-to-go.disk", "BitLocker on a removable disk, whose boot sector is that of FAT32", build_bitlocker_to_go),
    Entry("mdraid.disk", "member of a Linux software RAID, 1.2", partial(build_mdraid, 4096)),
    Entry("mdraid-1.1.disk", "member of a Linux software RAID, 1.1", partial(build_mdraid, 0)),
    Entry("bcache.disk", "backing device of bcache", build_bcache),
    Entry("bcachefs.disk", "bcachefs", build_bcachefs),
    Entry("bcachefs-old.disk", "bcachefs with the number of bcache", partial(build_bcachefs, BCACHE)),
    Entry("erofs.disk", "EROFS", build_erofs),
    Entry("cramfs.disk", "cramfs, little-endian", partial(build_cramfs, "<")),
    Entry("cramfs-big-endian.disk", "cramfs, big-endian", partial(build_cramfs, ">")),
    Entry("jfs.disk", "JFS", build_jfs),
    Entry("reiserfs.disk", "ReiserFS 3.6", partial(build_reiserfs, 64 * KIB, b"ReIsEr2Fs")),
    Entry("reiserfs-3.5.disk", "ReiserFS 3.5, at 8 KiB", partial(build_reiserfs, 8 * KIB, b"ReIsErFs")),
    Entry("reiser4.disk", "Reiser4", build_reiser4),
    Entry("nilfs2.disk", "NILFS2", build_nilfs2),
    Entry("ocfs2.disk", "OCFS2, blocks of 1 KiB", build_ocfs2),
    Entry("gfs2.disk", "GFS2", build_gfs2),
    Entry("apfs.disk", "APFS", build_apfs),
    Entry("hfsplus.disk", "HFS+", build_hfsplus),
    Entry("hfsplus-hfsx.disk", "HFSX", partial(build_hfsplus, b"HX", 5)),
    Entry("hfs.disk", "HFS", build_hfs),
    Entry("hfs-embedded.disk", "HFS as a case around an HFS+", partial(build_hfs, b"H+")),
    Entry("ufs.disk", "UFS 2", partial(build_ufs, 64 * KIB, bytes.fromhex("19015419"))),
    Entry("ufs-1.disk", "UFS 1, big-endian", partial(build_ufs, 8 * KIB, bytes.fromhex("00011954"))),
]
