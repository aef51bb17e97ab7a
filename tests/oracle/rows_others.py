# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows C01 to C06, L01 to L03, G01 to G04, I01 and I02, P01 to P10, R01 to R03: the rarer formats, content, several at once.
"""What an upload may not have because of its age alone must have the rule of its damage as well."""

from rows_case import Row, denied, passes


def old(row, form, rules, *says):
    """Variants of a format that is banned."""
    return [denied(row, f"{form}: {say}", f"banned-format {rules}", form) for say in says]


OLD = [
    *old("C01", "qcow", "header-invalid",
         *(f"clusters of 2^{bits}" for bits in (255, 31, 8, 17)),
         *(f"tables of 2^{bits}" for bits in (255, 5, 14, 27)),
         "a size of 0xeeee… bytes", "a size of 2^63-1 bytes",
         "a backing file name of 2^32-1 bytes", "a backing file name at 2^64-1"),
    *old("C03", "bochs", "huge-allocation", "a catalog of 2^32-1 entries",
         "a catalog of 2^30 entries"),
    *old("C03", "bochs", "header-invalid", "extents of 0 bytes", "extents of 2 GiB",
         "a disk larger than its catalog"),
    *old("C04", "cloop", "header-invalid", "blocks beside a sector", "blocks of 0 bytes",
         "blocks of nearly 4 GiB"),
    *old("C04", "cloop", "huge-allocation", "2^32-1 blocks", "2^26+1 blocks"),
    *old("C04", "cloop", "table-invalid", "a block that ends before it begins"),
    *old("C05", "qed", "header-invalid", "clusters of 0 bytes", "tables of 0 clusters",
         "a backing file name behind the header"),
    *old("C05", "qed", "header-length-range", "a header of 2^31 clusters"),
    *old("C05", "qed", "qed-backing absolute-path", "a raw backing file with an absolute path"),
    *old("C05", "qed", "qed-backing backing-format-missing",
         "a backing file whose format is to be guessed"),
    *old("C06", "dmg", "header-invalid", "a property list of 2^63 bytes",
         "a property list of 2^63-1 bytes"),
    passes("C06", "dmg: the same under another name is a raw disk", "no-signature", "raw",
           differs="QEMU goes by the name, and a guest can end its disk like that"),
]

PARALLELS = [
    denied("C02", "parallels: 2^32-1 entries", "huge-allocation", "parallels"),
    denied("C02", "parallels: 2^30+1 entries, clusters of 2^32-1 sectors",
           "huge-allocation header-invalid"),
    denied("C02", "parallels: an old one of 2^32-1 sectors and 2^30+1 entries", "huge-allocation"),
    denied("C02", "parallels: clusters of 0 sectors", "header-invalid"),
    denied("C02", "parallels: a bitmap that lies in the extension that names it", "table-overlap"),
    denied("C02", "parallels: a bitmap that lies in the allocation table", "table-overlap"),
    passes("C02", "parallels: two clusters of the disk in one place", form="parallels",
           differs="whether the data of a disk is sound is not judged"),
]


def luks(row, says, rules, differs=None):
    """A denied input that is encrypted."""
    return denied(row, f"luks: {says}", f"encrypted {rules}", "luks", differs)


OTHER_COPY = "the second copy is sound, and the first one is only called damaged"
LUKS = [
    luks("L01", "a payload at 0", "header-inconsistent"),
    luks("L01", "a payload behind the end", "truncated"),
    luks("L01", "keys of 2^31 bytes", "table-invalid"),
    luks("L01", "eight slots that all lie in the header", "table-invalid"),
    luks("L01", "eight slots in one place", "table-invalid"),
    luks("L01", "slots of 2^31 stripes", "header-invalid"),
    passes("L02", "luks: version 2: a first header of 2^63 bytes", "encrypted copy-damaged", "luks",
           differs=OTHER_COPY),
    passes("L02", "luks: version 2: a header of 16 KiB", "encrypted", "luks"),
    passes("L02", "luks: version 2: a first header of 4 MiB in a small file",
           "encrypted copy-damaged", "luks", differs=OTHER_COPY),
    luks("L02", "version 2: both checksums wrong", "checksum-mismatch"),
    passes("L02", "luks: version 2: two sound headers of different age", "encrypted copy-damaged",
           "luks"),
    luks("L02", "version 2: a text of brackets only", "limit"),
    luks("L02", "version 2: 4 MiB of brackets", "limit"),
    luks("L03", "a hash without its NUL", "header-invalid"),
    luks("L03", "a cipher without its NUL", "header-invalid"),
    luks("L03", "control bytes in the hash", "unsafe-text encryption-unknown"),
    luks("L03", "control bytes in the cipher", "unsafe-text encryption-unknown"),
]

CONTENT = [
    passes("G01", "mbr: a protective entry, and no GPT", "protective-mbr-broken", "raw",
           differs="a warning, and not just a notice that the GPT is missing: an interrupted copy leaves that, "
                   "and Glance refuses it"),
    denied("G02", "gpt: 2^32-1 entries of 2 GiB", "header-inconsistent",
           differs="nobody reads a table for that; what is wrong is that it cannot be"),
    denied("G02", "gpt: a partition behind the end", "header-inconsistent"),
    passes("G02", "gpt: a backup that differs", "copy-damaged"),
    passes("G02", "gpt: sectors of 4 KiB", form="raw"),
    passes("G03", "mbr: an extended partition at sector 0", "no-signature", "raw",
           differs="a partition over the table itself makes it none, so no chain is followed"),
    denied("G03", "mbr: a chain that comes back", "header-inconsistent",
           differs="chain-loop is the rule of chains of images"),
    passes("G03", "mbr: a chain of 10000", "too-many-entries"),
    denied("G03", "mbr: a chain that goes on behind 2^32 sectors", "header-inconsistent"),
    passes("G04", "mbr: beside bytes that some take for FAT", form="raw"),
    denied("I01", "iso: blocks of 0 bytes", "header-inconsistent"),
    denied("I01", "iso: blocks of 65535 bytes", "header-inconsistent"),
    denied("I01", "iso: a block size that differs by byte order", "header-inconsistent"),
    denied("I01", "iso: a size that differs by byte order", "header-inconsistent"),
    denied("I01", "iso: 2^32-1 blocks", "header-inconsistent"),
    passes("I02", "udf: its second mark without the first", form="raw"),
    passes("I02", "iso: a root record of no bytes", form="raw"),
    passes("I02", "iso: a root record of 255 bytes", form="raw"),
]

SEVERAL = [
    denied("P01", "qcow2 in front of a disc", "polyglot"),
    denied("P02", "qcow2 with the mark of a boot sector", "polyglot"),
    denied("P03", "qcow2 with the number of vdi at 64", "polyglot"),
    denied("P03", "imagedata/polyglot-qcow2-vdi.vdi", "polyglot"),
    passes("P04", "a disc with a GPT", "hybrid-iso-gpt"),
    passes("P05", "an MBR in front and the footer of a VHD at the end", "qemu-format-differs", "vpc",
           differs="a fixed VHD holds a disk, which has a table; that QEMU sees another one is said"),
    *(passes("P06", f"{form}: around a qcow2 image", "archive", "raw")
      for form in ("tar", "zip", "gzip", "xz", "zstd")),
    passes("P06", "gzip: a thousand times larger inside", "archive", "raw"),
    passes("P07", "luks around qcow2", "encrypted", "luks"),
    passes("P08", "ext4 with the mark of nilfs2 at the end", form="raw"),
    denied("P09", "the text of a vmdk in a boot sector", "polyglot vmdk-extent-external"),
    passes("P10", "a partition that is a qcow2 image with a backing file", "nested-format", "raw"),
    denied("R01", "declared raw, and qcow2", "declared-format-mismatch", "raw"),
    denied("R02", "declared qcow2, and zeros", "bad-magic", "qcow2"),
    denied("R02", "declared qcow2, and a vmdk", "bad-magic declared-format-mismatch", "qcow2"),
    Row("R03", "declared raw in a pool, and qcow2", "denied", ("declared-format-mismatch",), "raw",
        differs="one would expect that a pool may have what its owner declares; but whoever leaves the declaration out "
                "once opens what the guest wrote, so the rule denies for both profiles", profile="pool"),
    passes("R03", "declared raw, and a disk that its guest owns", form="raw"),
]

ROWS = OLD + PARALLELS + LUKS + CONTENT + SEVERAL
