# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: VMware's VMDK: sparse extents and descriptors, healthy, damaged and hostile.
"""Numbers in headers are little-endian and count sectors of 512 bytes.

Flat extents are raw-zeros.raw beside the images, which nobody but QEMU opens.
"""

import struct
from functools import partial

from image_recipe import Entry

SECTOR = 512
CAPACITY, GRAIN, ENTRIES = 128, 128, 512
FLAG_NEWLINES, FLAG_REDUNDANT, FLAG_COMPRESSED, FLAG_MARKERS = 1, 2, 1 << 16, 1 << 17
STREAM_FLAGS = FLAG_NEWLINES | FLAG_COMPRESSED | FLAG_MARKERS
DEFLATE = 1
DIRECTORY_AT_END = (1 << 64) - 1
NEWLINES = b"\n \r\n"
FLAT = "raw-zeros.raw"
NO_PARENT = "ffffffff"
DATABASE = """
# The Disk Data Base
#DDB

ddb.virtualHWVersion = "4"
ddb.geometry.cylinders = "1"
ddb.geometry.heads = "16"
ddb.geometry.sectors = "63"
ddb.adapterType = "ide"
"""
# What the programs of VMware write besides.
DATABASE_FULL = DATABASE.replace('"ide"', '"lsilogic"').replace('"4"', '"21"') + """\
ddb.toolsVersion = "12352"
ddb.uuid = "60 00 C2 9a 3b 1c 4d 5e-6f 70 81 92 a3 b4 c5 d6"
ddb.longContentID = "0123456789abcdef0123456712345678"
ddb.thinProvisioned = "1"
ddb.deletable = "true"
"""


def descriptor(extents=(f'RW 1 FLAT "{FLAT}" 0',), *, head="# Disk DescriptorFile\nversion=1\n",
               cid="12345678", parent=NO_PARENT, kind="monolithicFlat", hint=None, more="",
               database=DATABASE):
    """The text; None leaves a line out."""
    lines = [head]
    lines += [f"{key}={value}\n" for key, value in (("CID", cid), ("parentCID", parent))
              if value is not None]
    if kind is not None:
        lines.append(f'createType="{kind}"\n')
    if hint is not None:
        lines.append(f'parentFileNameHint="{hint}"\n')
    lines += [more, "\n# Extent description\n", *(f"{extent}\n" for extent in extents), database]
    return "".join(lines).encode("latin-1")


def header(*, magic=b"KDMV", version=1, flags=FLAG_NEWLINES | FLAG_REDUNDANT, capacity=CAPACITY,
           grain=GRAIN, descriptor_offset=1, descriptor_size=2, entries=ENTRIES, redundant=3,
           directory=8, overhead=13, unclean=0, newlines=NEWLINES, compression=0):
    """The header sector of a sparse extent."""
    return struct.pack("<4sIIQQQQIQQQB4sH", magic, version, flags, capacity, grain,
                       descriptor_offset, descriptor_size, entries, redundant, directory, overhead,
                       unclean, newlines, compression).ljust(SECTOR, b"\0")


def own_text(kind="monolithicSparse", size=CAPACITY, **lines):
    """The descriptor of an image that is one file."""
    return descriptor((f'RW {size} SPARSE "disk.vmdk"',), kind=kind, **lines)


def build_sparse(text=None, **fields):
    """Header, descriptor, redundant directory and table, directory and table: 13 sectors."""
    text = own_text() if text is None else text
    directory = struct.pack("<I", 9).ljust(SECTOR, b"\0")
    redundant = struct.pack("<I", 4).ljust(SECTOR, b"\0")
    table = bytes(4 * SECTOR)
    return header(**fields) + text.ljust(2 * SECTOR, b"\0") + redundant + table + directory + table


def marker(kind, sectors=0, size=0):
    """A marker of a stream."""
    return struct.pack("<QII", sectors, size, kind).ljust(SECTOR, b"\0")


def build_stream(text=None, marker_kind=3, end_size=0, footer=None, **fields):
    """A stream-optimized disk whose directory is at the end, where the footer says."""
    text = own_text("streamOptimized") if text is None else text
    fields = {"version": 3, "flags": STREAM_FLAGS, "compression": DEFLATE, "redundant": 0,
              "overhead": 4, **fields}
    head = header(**{"directory": DIRECTORY_AT_END, **fields}) + text.ljust(3 * SECTOR, b"\0")
    table = marker(1, 4) + bytes(4 * SECTOR)
    directory = marker(2, 1) + struct.pack("<I", 5).ljust(SECTOR, b"\0")
    end = header(**{"directory": 10, **fields, **(footer or {})})
    return head + table + directory + marker(marker_kind, 1) + end + marker(0, size=end_size)


def build_cowd(text=b"", version=1, capacity=CAPACITY, grain=1, directory=4, entries=1):
    """A copy-on-write disk of an old ESX server: header of 4 sectors, directory."""
    start = struct.pack("<4s10I", b"COWD", version, 3, capacity, grain, directory, entries, 5, 1, 1,
                        1)
    return start.ljust(SECTOR, b"\0") + text.ljust(3 * SECTOR, b"\0") + bytes(SECTOR)


def build_sesparse(version=0x200000001, grain=8, table=64, flags=0, capacity=CAPACITY,
                   reserved=0, magic=0xCAFECAFE, journal=0):
    """The constant and the volatile header of a space-efficient sparse disk."""
    constant = struct.pack("<11Q", 0xCAFEBABE, version, capacity, grain, table, flags, reserved, 0,
                           0, 0, 1)
    volatile = struct.pack("<4Q", magic, 0, 0, journal)
    return constant.ljust(SECTOR, b"\0") + volatile.ljust(SECTOR, b"\0")


def build_wrapper(text=None, **fields):
    """A sparse header of capacity 0 around a descriptor of other files."""
    return build_sparse(descriptor() if text is None else text, capacity=0, **fields)


def flat(*lines, **options):
    """A descriptor of these extent lines."""
    return partial(descriptor, lines, **options)


def sparse(**fields):
    """A sparse image with other fields."""
    return partial(build_sparse, **fields)


def stream(**fields):
    """A stream with other fields."""
    return partial(build_stream, **fields)


ONE = f'RW 1 FLAT "{FLAT}" 0'

HEALTHY = [
    Entry("vmdk-sparse.vmdk", "monolithicSparse of 64 KiB, nothing allocated", build_sparse),
    Entry("vmdk-sparse-facts.vmdk", "the facts that VMware's programs write", partial(
        build_sparse, own_text(more='encoding="UTF-8"\nisNativeSnapshot="no"\n'
                                    'changeTrackPath="disk-ctk.vmdk"\n',
                               database=DATABASE_FULL).replace(b"# The Disk Data Base\n", b""),
        flags=FLAG_NEWLINES, redundant=0)),
    Entry("vmdk-sparse-parent.vmdk", "stands on another image",
          partial(build_sparse, own_text(parent="9abcdef0", hint="vmdk-sparse.vmdk"))),
    Entry("vmdk-stream.vmdk", "streamOptimized with its directory at the end", build_stream),
    Entry("vmdk-stream-head.vmdk", "streamOptimized with its directory in front, as QEMU writes",
          sparse(flags=STREAM_FLAGS | FLAG_REDUNDANT, compression=DEFLATE, version=3,
                 text=own_text("streamOptimized"))),
    Entry("vmdk-flat.vmdk", "descriptor of one flat extent", descriptor),
    Entry("vmdk-flat-several.vmdk", "descriptor of three flat extents, two in one file",
          flat(ONE, f'RW 2 FLAT "{FLAT}" 1', f'RW 3 FLAT "./{FLAT}" 0',
               kind="twoGbMaxExtentFlat")),
    Entry("vmdk-flat-parent.vmdk", "descriptor with a parent",
          flat(ONE, parent="12345678", hint="vmdk-flat.vmdk")),
    Entry("vmdk-flat-crlf.vmdk", "lines end as on Windows, lines of blanks come first",
          lambda: b" \r\n  \n" + descriptor().replace(b"\n", b"\r\n").replace(
              b"\r\n\r\n", b"\r\n")),
    Entry("vmdk-vmfs.vmdk", "descriptor of an ESX server", flat(f'RW 1 VMFS "{FLAT}"',
                                                               kind="vmfs")),
    Entry("vmdk-split.vmdk", "descriptor of a sparse extent",
          flat('RW 128 SPARSE "vmdk-split-s001.vmdk"', kind="twoGbMaxExtentSparse")),
]

# QEMU takes them as well, and something is odd or dangerous.
ODD = [
    Entry("vmdk-sparse-unclean.vmdk", "not closed cleanly", sparse(unclean=1)),
    Entry("vmdk-sparse-text-copied.vmdk", "newlines in the header are changed",
          sparse(newlines=b"\n \n\n")),
    Entry("vmdk-sparse-no-redundant.vmdk", "a redundant directory without place",
          sparse(redundant=0)),
    Entry("vmdk-sparse-flags.vmdk", "unknown flag, and compression without its flag",
          sparse(flags=0x103, compression=2)),
    Entry("vmdk-sparse-outside.vmdk", "its descriptor names two other files",
          partial(build_sparse, descriptor(('RW 128 FLAT "/etc/passwd" 0', ONE)))),
    Entry("vmdk-sparse-sizes.vmdk", "descriptor and header claim different sizes",
          partial(build_sparse, own_text(size=4096))),
    Entry("vmdk-sparse-elsewhere.vmdk", "the descriptor is not in sector 1",
          lambda: build_sparse(descriptor_offset=13, descriptor_size=1)
          + own_text(cid="fedcba98")[:SECTOR].ljust(SECTOR, b"\0")),
    Entry("vmdk-sparse-tables.vmdk", "grain tables of 256 entries", sparse(entries=256)),
    Entry("vmdk-stream-versions.vmdk", "header and footer differ",
          stream(footer={"version": 1, "capacity": 256})),
    Entry("vmdk-wrapper.vmdk", "a header of capacity 0 around a descriptor", build_wrapper),
    Entry("vmdk-flat-blank-line.vmdk", "an empty line, so that QEMU counts the extent twice",
          flat(f"\n{ONE}")),
    Entry("vmdk-flat-ignored.vmdk", "extents that QEMU leaves out",
          flat(ONE, f'RDONLY 8 FLAT "{FLAT}" 0', "NOACCESS 8 ZERO", "RW 8 ZERO",
               f'RW 0 FLAT "{FLAT}" 0', f'RW 8 OTHER "{FLAT}"')),
    Entry("vmdk-flat-parent-first.vmdk", "parentCID stands before CID",
          flat(ONE, head="# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\n", parent=None)),
    Entry("vmdk-flat-comment-hint.vmdk", "a parent in a comment, which QEMU takes",
          flat(ONE, more='# parentFileNameHint="/etc/hostname"\n')),
    Entry("vmdk-flat-parent-unknown.vmdk", "parentCID of a parent that is not named",
          flat(ONE, parent="00000001")),
    Entry("vmdk-flat-repeated.vmdk", "keys with two values",
          flat(ONE, more="CID=00000001\nddb.adapterType = \"buslogic\"\n")),
    Entry("vmdk-flat-encoding.vmdk", "encoding before version, so that QEMU takes it for raw",
          flat(ONE, head='# Disk DescriptorFile\nencoding="UTF-8"\nversion=1\n')),
    Entry("vmdk-flat-nul.vmdk", "bytes behind the end of the text",
          lambda: descriptor() + b"\0" + ONE.encode()),
    Entry("vmdk-flat-unsafe.vmdk", "control characters in values",
          flat(ONE, more='changeTrackPath="a\x1b[2Jb"\n')),
    Entry("vmdk-flat-absolute.vmdk", "an extent with an absolute path",
          flat('RW 1 FLAT "/dev/zero" 0')),
    Entry("vmdk-flat-dots.vmdk", "an extent in another directory",
          flat(f'RW 1 FLAT "../imagedata/{FLAT}" 0')),
    Entry("vmdk-flat-hidden-type.vmdk", "another kind of disk in a comment, with the right spelling later",
          flat(ONE, head='# createType="vmfs"\n# Disk DescriptorFile\nversion=1\n')),
    Entry("vmdk-flat-long-comment.vmdk", "keys behind 5760 bytes of comments",
          flat(ONE, head="# Disk DescriptorFile\nversion=1\n" + ("#" * 79 + "\n") * 72)),
]

DAMAGED = [
    Entry("vmdk-split-s001.vmdk", "an extent, which is no disk alone",
          partial(build_sparse, b"", descriptor_offset=0, descriptor_size=0), "refuses"),
    Entry("vmdk-cowd.vmdk", "an extent of an old ESX server", build_cowd, "refuses"),
    Entry("vmdk-cowd-text.vmdk", "the same with a descriptor where QEMU looks for it",
          partial(build_cowd, own_text())),
    Entry("vmdk-cowd-grain-0.vmdk", "COWD with grains of 0 sectors", partial(build_cowd, grain=0),
          "refuses"),
    Entry("vmdk-cowd-directory-huge.vmdk", "COWD with a directory of 2^32-1 entries",
          partial(build_cowd, entries=0xFFFFFFFF), "refuses"),
    Entry("vmdk-sesparse.vmdk", "a space-efficient sparse extent", build_sesparse),
    Entry("vmdk-sesparse-grain.vmdk", "the same with grains of 16 sectors",
          partial(build_sesparse, grain=16, table=32, flags=1)),
    Entry("vmdk-sesparse-reserved.vmdk", "the same with bits set that mean nothing yet",
          partial(build_sesparse, reserved=1)),
    Entry("vmdk-sesparse-volatile.vmdk", "the same with a spoiled second header",
          partial(build_sesparse, magic=0xCAFEBABE)),
    Entry("vmdk-sesparse-journal.vmdk", "the same with a journal that must be replayed",
          partial(build_sesparse, journal=1)),
    Entry("vmdk-sesparse-version.vmdk", "the same in another version",
          partial(build_sesparse, version=0x300000001)),
    Entry("vmdk-version-0.vmdk", "version 0", sparse(version=0)),
    Entry("vmdk-version-4.vmdk", "version 4", sparse(version=4), "refuses"),
    Entry("vmdk-entries-0.vmdk", "grain tables without entries", sparse(entries=0), "refuses"),
    Entry("vmdk-entries-513.vmdk", "grain tables of 513 entries", sparse(entries=513), "refuses"),
    Entry("vmdk-entries-huge.vmdk", "grain tables of 2^32-1 entries", sparse(entries=0xFFFFFFFF),
          "refuses"),
    Entry("vmdk-grain-0.vmdk", "grains of 0 sectors", sparse(grain=0), "refuses"),
    Entry("vmdk-grain-odd.vmdk", "grains of 100 sectors", sparse(grain=100)),
    Entry("vmdk-grain-2g.vmdk", "grains of 2 GiB", sparse(grain=0x400000), "refuses"),
    Entry("vmdk-grain-huge.vmdk", "grains of 2^64-1 sectors", sparse(grain=(1 << 64) - 1),
          "refuses"),
    Entry("vmdk-capacity-0.vmdk", "capacity 0 and no descriptor",
          sparse(capacity=0, descriptor_offset=0)),
    Entry("vmdk-capacity-huge.vmdk", "capacity of 2^63 sectors", sparse(capacity=1 << 63),
          "refuses"),
    Entry("vmdk-directory-huge.vmdk", "a directory of more than 32 Mi entries",
          sparse(capacity=(32 * (1 << 20) + 1) * 512 * 128), "refuses"),
    Entry("vmdk-directory-past-end.vmdk", "the directory is behind the end",
          sparse(directory=1 << 20)),
    Entry("vmdk-directory-0.vmdk", "the directory is in the header", sparse(directory=0)),
    Entry("vmdk-redundant-past-end.vmdk", "the redundant directory is behind the end",
          sparse(redundant=1 << 20)),
    Entry("vmdk-overhead.vmdk", "the metadata does not fit into the file", sparse(overhead=14),
          "refuses"),
    Entry("vmdk-descriptor-past-end.vmdk", "the descriptor is behind the end",
          sparse(descriptor_offset=1 << 20)),
    Entry("vmdk-descriptor-huge.vmdk", "a descriptor of 2 MiB", sparse(descriptor_size=4096)),
    Entry("vmdk-cid-missing.vmdk", "a descriptor without CID",
          partial(build_sparse, own_text(cid=None, parent=None)), "refuses"),
    Entry("vmdk-stream-footer.vmdk", "no footer marker", stream(marker_kind=2), "refuses"),
    Entry("vmdk-stream-end.vmdk", "no end-of-stream marker", stream(end_size=1), "refuses"),
    Entry("vmdk-stream-loop.vmdk", "the footer sends to the end again",
          stream(footer={"directory": DIRECTORY_AT_END}), "refuses"),
    Entry("vmdk-stream-short.vmdk", "too short for a footer",
          lambda: build_stream()[:2 * SECTOR], "refuses"),
    Entry("vmdk-truncated.vmdk", "cut in the header", lambda: build_sparse()[:40], "refuses"),
    Entry("vmdk-four-bytes.vmdk", "four bytes", lambda: b"KDMV", "refuses"),
    Entry("vmdk-wrapper-outside.vmdk", "a header of capacity 0 whose descriptor is nowhere",
          partial(build_wrapper, descriptor_offset=1 << 60), "refuses"),
    Entry("vmdk-text-only.vmdk", "a text that QEMU takes for a descriptor", lambda: b"version=1\n",
          "refuses"),
    Entry("vmdk-text-version-4.vmdk", "version 4",
          flat(ONE, head="# Disk DescriptorFile\nversion=4\n")),
    Entry("vmdk-no-extents.vmdk", "no extents", flat(), "crashes"),
    Entry("vmdk-no-type.vmdk", "no createType", flat(ONE, kind=None), "refuses"),
    Entry("vmdk-type-custom.vmdk", "a kind of disk that QEMU has not", flat(ONE, kind="custom"),
          "refuses"),
    Entry("vmdk-type-sparse.vmdk", "monolithicSparse without a header",
          flat('RW 128 SPARSE "vmdk-split-s001.vmdk"', kind="monolithicSparse"), "refuses"),
    Entry("vmdk-type-long.vmdk", "a kind of disk of 128 bytes", flat(ONE, kind="x" * 128),
          "refuses"),
    Entry("vmdk-no-cid.vmdk", "no CID", flat(ONE, cid=None, parent=None), "refuses"),
    Entry("vmdk-no-parent-cid.vmdk", "no parentCID", flat(ONE, parent=None), "refuses"),
    Entry("vmdk-cid-text.vmdk", "a CID that is no number", flat(ONE, cid="xyz"), "refuses"),
    Entry("vmdk-hint-endless.vmdk", "the parent's name has no end",
          flat(ONE, database="", more='parentFileNameHint="disk\n'
               + "\n".join("#" for _ in range(5000))), "refuses"),
    Entry("vmdk-extent-no-offset.vmdk", "a flat extent without offset", flat(f'RW 1 FLAT "{FLAT}"'),
          "refuses"),
    Entry("vmdk-extent-negative.vmdk", "a flat extent with a negative offset",
          flat(f'RW 1 FLAT "{FLAT}" -1'), "refuses"),
    Entry("vmdk-extent-vmfs-offset.vmdk", "a VMFS extent with an offset",
          flat(f'RW 1 VMFS "{FLAT}" 0', kind="vmfs"), "refuses"),
    Entry("vmdk-extent-long-name.vmdk", "an extent whose name has 512 bytes",
          flat(f'RW 1 VMFS "./{"/" * 497}{FLAT}"', kind="vmfs"), "refuses"),
    Entry("vmdk-extent-size-huge.vmdk", "an extent of 2^63 sectors",
          flat(f'RW 9223372036854775808 FLAT "{FLAT}" 0'), "refuses"),
    Entry("vmdk-encrypted.vmdk", "encrypted by VMware",
          flat(ONE, more='encryption.keySafe = "vmware:key/list/x"\n')),
]

ENTRIES = HEALTHY + ODD + DAMAGED
