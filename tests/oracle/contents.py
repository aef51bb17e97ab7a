# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares what we recognise in raw disks with `blkid -p`, on disks that the usual tools make and on those of recipes.
"""Names differ where blkid has one for several, and are translated; label, UUID and the rest must be equal."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from fixtures import TESTS
from programs import arguments_parse, parse_json_or_none, run
from tap import Tap

MIB = 1024 * 1024
# How blkid calls what we know by a name of its own.
NAMES = {"fat12": "vfat", "fat16": "vfat", "fat32": "vfat", "iso": "iso9660", "mbr": "dos",
         "bitlocker": "BitLocker", "mdraid": "linux_raid_member", "zfs": "zfs_member", "lvm2": "LVM2_member",
         "dm-verity": "DM_verity_hash", "dm-integrity": "DM_integrity", "dm-snapshot": "DM_snapshot_cow", "refs": "ReFS",
         "xfs-log": "xfs_external_log", "isw-raid": "isw_raid_member", "ddf-raid": "ddf_raid_member"}
# What one name of ours stands for by its version.
VERSIONS = {("squashfs", 3): "squashfs3"}
GPT = """label: gpt
label-id: 11111111-2222-3333-4444-555555555555
first-lba: 34
start=2048, size=2048, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name="Wörld"
start=4096, size=4096, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name="root"
"""
MBR = """label: dos
label-id: 0x12345678
start=64, size=64, type=83, bootable
start=128, size=8192, type=5
start=200, size=100, type=83
start=400, size=100, type=82
"""
# What is made: (name, MiB, command with {} for the file, input).
DISKS = [
    ("ext2", 4, "mkfs.ext2 -q -F -L label {}", None),
    ("ext3", 4, "mkfs.ext3 -q -F -L label {}", None),
    ("ext4", 4, "mkfs.ext4 -q -F -L label {}", None),
    ("journal of ext4", 4, "mkfs.ext4 -q -F -O journal_dev {}", None),
    ("ext4 without a journal", 4, "mkfs.ext4 -q -F -O ^has_journal {}", None),
    ("xfs", 320, "mkfs.xfs -q -L label {}", None),
    ("btrfs", 128, "mkfs.btrfs -q -L label {}", None),
    ("FAT12", 4, "mkfs.vfat -F12 -n LABEL {}", None),
    ("FAT16", 16, "mkfs.vfat -F16 -n LABEL {}", None),
    ("FAT32", 64, "mkfs.vfat -F32 -n LABEL {}", None),
    ("swap, pages of 4 KiB", 2, "mkswap -q -L label -p 4096 {}", None),
    ("swap, pages of 16 KiB", 2, "mkswap -q -L label -p 16384 {}", None),
    ("swap, pages of 64 KiB", 2, "mkswap -q -L label -p 65536 {}", None),
    ("Minix 1", 4, "mkfs.minix -1 {}", None),
    ("Minix 2, short names", 4, "mkfs.minix -2 -n 14 {}", None),
    ("Minix 3", 4, "mkfs.minix -3 {}", None),
    ("BFS", 4, "mkfs.bfs {}", None),
    ("disk label of Sun", 64, "sfdisk -q {}", "label: sun\n"),
    ("disk label of SGI", 64, "sfdisk -q {}", "label: sgi\n"),
    ("dm-verity", 4, "veritysetup format @/a {}", None),
    ("squashfs", 0, "mksquashfs @ {} -quiet -no-progress -noappend", None),
    ("ISO 9660", 0, "genisoimage -quiet -J -V LABEL -o {} @", None),
    ("UDF", 8, "mkudffs -l Lüb -b 512 {}", None),
    *((f"UDF, blocks of {size} bytes", 24, f"mkudffs -l label -b {size} {{}}", None)
      for size in (1024, 2048, 4096, 8192, 16384, 32768)),
    ("GPT", 8, "sfdisk -q {}", GPT),
    ("MBR", 8, "sfdisk -q {}", MBR),
]
# libblkid stops at blocks of 4096 bytes.
UNKNOWN_TO_BLKID = [f"UDF, blocks of {size} bytes" for size in (8192, 16384, 32768)]
# Disks of the recipes whose makers are seldom installed, on a file as large as libblkid wants them.
MADE = ("fat16-name-nul", "squashfs-3", "udf-1024", "jbd", "swap-old", "swap-big-endian", "swsuspend", "swsuspend-tuxonice",
        "bitlocker", "bitlocker-to-go", "mdraid", "mdraid-1.1", "bcache", "erofs", "cramfs", "cramfs-big-endian", "jfs",
        "reiserfs", "reiserfs-3.5", "reiser4", "nilfs2", "ocfs2", "gfs2", "apfs", "hfsplus", "hfsplus-hfsx", "hfs", "ufs", "ufs-1",
        "minix", "minix-big-endian", "minix-2", "minix-3", "ext2-like-minix", "bfs", "sun", "sgi",
        "mac", "mac-2048", "romfs", "ubi", "ubifs", "dm-verity", "dm-integrity", "dm-snapshot",
        "dm-snapshot-invalid", "vdo", "hpfs", "hpfs-without-label", "refs", "zonefs", "xfs-log")
# The same at the end of such a file.
MADE_AT_END = ("drbd", "drbd-9", "isw-raid", "ddf-raid")
MADE_SIZE = 32 * MIB
# Where libblkid says no label or UUID: ReiserFS 3.5 and UFS 1 have no field for them, bcache got one later, those of BFS, DDF, ReFS, zonefs and logs are told by another name, and of UDF the
# recipe has less than libblkid wants for a label.
MADE_TYPE_ONLY = ("reiserfs-3.5", "ufs-1", "bcache", "udf-1024", "bfs", "refs", "zonefs", "xfs-log", "ddf-raid")


def make(disk, path, folder):
    """Write a disk to the path."""
    _, size, command, given = disk
    if size:
        with open(path, "wb") as out:
            out.truncate(size * MIB)
    words = [word.replace("@", folder).format(path) for word in command.split()]
    subprocess.run(words, check=True, input=given, text=True, capture_output=True,
                   env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"})


def blkid(program, path):
    """What blkid says of a file, without encoding what is no ASCII."""
    result = subprocess.run([program, "-p", "-o", "udev", path], capture_output=True, text=True, check=False)
    return dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)


def plain(text):
    """A UUID as digits alone."""
    return text.replace("-", "").lower() if text else text


def pairs(theirs, content):
    """(what, theirs, ours) of each fact that both tell."""
    details = content.get("details", {})
    name = NAMES.get(content["format"], content["format"])
    if content["format"] in ("gpt", "mbr", "sun", "sgi", "mac"):
        yield "type", theirs.get("ID_PART_TABLE_TYPE"), name
        yield "UUID", plain(theirs.get("ID_PART_TABLE_UUID")), plain(details.get("disk-guid", details.get("disk-id")))
        return
    yield "type", theirs.get("ID_FS_TYPE"), VERSIONS.get((name, details.get("version")), name)
    label = details.get("label", details.get("volume-id", content.get("label")))
    if label is not None or "ID_FS_LABEL_ENC" in theirs:
        # That of FAT is the boot sector's where the root directory has none.
        encoded = theirs.get("ID_FS_LABEL_ENC", theirs.get("ID_FS_LABEL_FATBOOT_ENC", ""))
        yield "label", encoded.encode().decode("unicode-escape").encode("latin-1", "ignore").decode("utf-8", "replace") \
            if "\\x" in encoded else encoded, label
    uuid = details.get("uuid", details.get("serial"))
    if uuid is not None:
        yield "UUID", plain(theirs.get("ID_FS_UUID")), plain(uuid)


def partition_lines(path):
    """(first sector, length) of the partitions, as sfdisk lists them."""
    dump = subprocess.run(["/usr/sbin/sfdisk", "-d", path], check=True, capture_output=True, text=True).stdout
    parts = [dict(field.strip().split("=", 1) for field in line.split(" : ", 1)[1].split(",") if "=" in field)
             for line in dump.splitlines() if " : " in line]
    return [(int(part["start"]), int(part["size"])) for part in parts]


def check_disk(tap, program, own, disk, folder):
    """One disk: the same facts from both."""
    path = str(Path(folder) / "disk")
    try:
        make(disk, path, str(Path(folder) / "files"))
        document = parse_json_or_none(run([own, "info", "--output=json", path]).stdout)
        contents = document["virt-probe"].get("content", [])
        theirs = blkid(program, path)
        different = [f"{what}: blkid says {a!r}, we say {b!r}" for content in contents
                     for what, a, b in pairs(theirs, content) if a != b]
        tap.check(len(contents) == 1, f"{disk[0]}: one kind of content is found", [str(contents)])
        if disk[0].startswith("UDF, blocks of"):
            tap.check_equal([f"UDF, blocks of {content.get('sector-size')} bytes" for content in contents], [disk[0]],
                            f"{disk[0]}: that is how large they are")
        if disk[0] not in UNKNOWN_TO_BLKID:
            tap.check_none(different, f"{disk[0]}: blkid says the same")
        tap.check_none([finding["message"] for finding in document["virt-probe"]["findings"]],
                       f"{disk[0]}: nothing is odd")
        partitions = [part for content in contents for part in content.get("partitions", [])]
        if partitions:
            ours = [(part["first-sector"], part["last-sector"] - part["first-sector"] + 1) for part in partitions]
            tap.check_equal(ours, partition_lines(path), f"{disk[0]}: sfdisk lists the same partitions")
    finally:
        Path(path).unlink(missing_ok=True)


def check_made(tap, program, own, name, folder):
    """One disk of a recipe: the same facts from both."""
    path = Path(folder) / "disk"
    image = (TESTS / "imagedata" / f"{name}.disk").read_bytes()
    path.write_bytes(image.rjust(MADE_SIZE, b"\0") if name in MADE_AT_END else image.ljust(MADE_SIZE, b"\0"))
    try:
        document = parse_json_or_none(run([own, "info", "--output=json", str(path)]).stdout)
        contents = document["virt-probe"].get("content", [])
        theirs = blkid(program, str(path))
        different = [f"{what}: blkid says {a!r}, we say {b!r}" for content in contents
                     for what, a, b in pairs(theirs, content)
                     if a != b and (what == "type" or name not in MADE_TYPE_ONLY)]
        tap.check(len(contents) == 1, f"{name}.disk: one kind of content is found", [str(contents)])
        tap.check_none(different, f"{name}.disk: blkid says the same")
        tap.check_none([finding["message"] for finding in document["virt-probe"]["findings"]],
                       f"{name}.disk: nothing is odd")
    finally:
        path.unlink()


def main():
    """Make each disk and compare."""
    arguments = arguments_parse(__doc__)
    tap = Tap()
    program = shutil.which("blkid", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "files").mkdir()
        (Path(folder) / "files/a").write_text("a file\n".ljust(4096))
        for disk in DISKS:
            check_disk(tap, program, arguments.program, disk, folder)
        for name in MADE + MADE_AT_END:
            check_made(tap, program, arguments.program, name, folder)
    return tap.finish()


if __name__ == "__main__":
    raise SystemExit(main())
