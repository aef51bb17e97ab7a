# SPDX-License-Identifier: LGPL-2.1-or-later
# Rules about a file as a whole: what it is, where it lies, what it may be taken for, and for whom it is.
"""Rows of the test of rules; rule_pair.py says what they mean."""

from functools import partial

from hostile_case import FIFO, MIB, poked
from hostile_content import disc_with_gpt, padded
from qcow2_builder import Qcow2Image, build_qcow2
from qcow2_tables import Bitmap, pad8
from rule_pair import EXAMINATION, JUDGEMENT, HardLink, Link, Made, Pair, Unit
import qcow2_builder as q
import recipe_luks2 as luks2
import recipe_partitions as parts
import recipe_vmdk as vmdk

PLAIN = "v3-plain.qcow2"
TIB = 1 << 40
TARGET = b"[Target]\nTitle=t\nSource=s\nDate=2026-01-01\n[Accept]\nFormats=qcow2\n[Rules]\nSizeMaximum=1 MiB\n"
NO_QCOW2 = partial(poked, build_qcow2(), (3, b"\xfa"))
CLUSTER = 1 << 16


def with_vdi_number(number):
    """A qcow2 image that has a number where VDI has its signature."""
    return build_qcow2(header={"snapshots_offset": number << 32})


def with_bitmap(is_table_first):
    """An image of 64 KiB clusters, whose directory of bitmaps lies before or behind the table that it points to."""
    image = Qcow2Image(cluster_bits=16)
    table_at = directory_at = None
    for is_table in (is_table_first, not is_table_first):
        if is_table:
            table_at = image.allocate(bytes(8))
        else:
            directory_at = image.allocate(b"")
        image.allocate(bytes(4 * CLUSTER))
    entry = Bitmap(table_offset=table_at, granularity_bits=16).pack(image)
    image.areas.append((directory_at, pad8(entry)))
    image.extensions.append(q.pack_extension(q.EXT_BITMAPS, (1).to_bytes(4, "big") + bytes(4)
                                             + len(pad8(entry)).to_bytes(8, "big")
                                             + directory_at.to_bytes(8, "big")))
    return image.finish({"autoclear_features": q.AUTOCLEAR_BITMAPS})


def qcow2_from(sector):
    """A disk with a qcow2 image from its second sector on, and a partition from another one."""
    inner = padded(build_qcow2())
    return parts.mbr(parts.mbr_entry(0x83, sector, len(inner) // 512 - 1)) + inner


def nested_json(depth):
    """A LUKS2 volume whose metadata are lists in lists."""
    return luks2.build_luks2(text=b"[" * depth + b"]" * depth)


def flat_disk(head):
    """A disk of one flat extent, described by a text that begins so."""
    return vmdk.descriptor(head=head)


def declared(form, image):
    """The image, told to be of a format."""
    return Made(image, options=("-f", form))


def large_disk(size):
    """A new disk in a few clusters of 64 KiB."""
    return build_qcow2(size=size, cluster_bits=16)


WHOLE = [
    Pair("empty", "raw-empty.raw", b"\0"),
    Pair("no-signature", "mbr-overlap.disk",
         lambda: parts.mbr(parts.mbr_entry(0x83, 1, 2), parts.mbr_entry(0x83, 3, 2)) + bytes(2048)),
    Pair("bad-magic", declared("qcow2", NO_QCOW2), declared("qcow2", PLAIN)),
    Pair("declared-format-mismatch", declared("raw", PLAIN), declared("raw", NO_QCOW2)),
    Pair("polyglot", partial(with_vdi_number, 0x7F10DABE), partial(with_vdi_number, 0x7F10DABF)),
    Pair("polyglot", lambda: poked(build_qcow2(), (510, b"\x55\xaa")),
         lambda: poked(build_qcow2(), (510, b"\x55\xab")), EXAMINATION),
    Pair("format-not-described", "bochs-undoable.bochs", "bochs-2.bochs"),
    Pair("format-not-described", partial(with_vdi_number, 0x7F10DABE),
         partial(with_vdi_number, 0x7F10DABF), JUDGEMENT),
    Pair("qemu-format-differs",
         partial(flat_disk, '# Disk DescriptorFile\nencoding="UTF-8"\nversion=1\n'),
         partial(flat_disk, '# Disk DescriptorFile\nversion=1\nencoding="UTF-8"\n')),
    Pair("ext-name-mismatch", Made(PLAIN, "disk.vdi"), Made(PLAIN, "disk.vdi.img")),
    Pair("changed-during-probe", Unit("/confined/file-that-changes-meanwhile-is-reported"),
         Unit("/confined/file-that-others-read-has-not-changed")),
    Pair("limit", partial(nested_json, 17), partial(nested_json, 16)),
    Pair("limit", Unit("/audit/denies-what-it-has-no-reads-for"),
         Unit("/audit/reads-snapshots-that-are-not-listed"), EXAMINATION),
    Pair("io-error", Unit("/describe-reader/reports-a-failed-read-of-a-part"),
         Unit("/describe-reader/gives-the-same-as-memory")),
    Pair("io-error", Unit("/audit/denies-what-it-cannot-read"),
         Unit("/audit/passes-what-it-need-not-read"), EXAMINATION),
    Pair("io-error", Unit("/audit-policy/what-was-not-described-is-denied-in-a-pool"),
         Unit("/audit/passes-what-was-described-for-it"), JUDGEMENT),
    Pair("not-examined", Unit("/audit/denies-what-was-not-described-for-it"),
         Unit("/audit/passes-what-was-described-for-it"), JUDGEMENT),
    Pair("unreachable-in-stream", Made(partial(with_bitmap, True), is_stream=True),
         Made(partial(with_bitmap, False), is_stream=True)),
    Pair("stream-incomplete", Unit("/stream/describes-a-cut-stream"),
         Unit("/stream/keeps-what-is-needed-later")),
]

PLACE = [
    Pair("symlink", Made(Link("disk"), files=(("disk", PLAIN),)),
         Made(HardLink("disk"), files=(("disk", PLAIN),)), JUDGEMENT),
    Pair("symlink-escape", Made(Link("../disk"), "pool/image", (("disk", PLAIN),)),
         Made(Link("./disk"), "pool/image", (("pool/disk", PLAIN),)), JUDGEMENT),
    Pair("not-regular", FIFO, b"", JUDGEMENT),
    Pair("block-device", Unit("/audit-place/a-block-device-is-said"),
         Unit("/audit-place/a-file-has-nothing-special"), JUDGEMENT),
    Pair("path-outside-pool", partial(build_qcow2, backing=b"sub/../../base", backing_format=b"raw"),
         partial(build_qcow2, backing=b"sub/../base", backing_format=b"raw"), JUDGEMENT),
    Pair("sandbox-missing", Made(PLAIN, has_no_seccomp=True),
         Made(PLAIN, has_no_seccomp=True, options=("--no-sandbox",)), JUDGEMENT),
    Pair("file-name-protocol", Made(PLAIN, "nbd:disk"), Made(PLAIN, "nbd-disk"), JUDGEMENT),
]

LIKENESS = [
    Pair("hybrid-iso-gpt", disc_with_gpt, lambda: poked(disc_with_gpt(), (519, b"S")), EXAMINATION),
    Pair("nested-format", partial(qcow2_from, 1), partial(qcow2_from, 2), EXAMINATION),
    Pair("near-signature", lambda: b"\xef\xbb\xbf" + vmdk.descriptor(),
         lambda: b"\xef\xbb\xbf\n" + vmdk.descriptor(), EXAMINATION),
    Pair("weak-signature", partial(flat_disk, "#\nversion=1\n"),
         partial(flat_disk, "# Disk DescriptorFile\nversion=1\n"), EXAMINATION),
    Pair("sparse-header", lambda: bytes(4096) + b"\1", lambda: bytes(4095) + b"\1", EXAMINATION),
]

POLICY = [
    Pair("banned-format", "v1-plain.qcow", "v2-plain.qcow2", JUDGEMENT),
    Pair("oversized-virtual-size", Made(PLAIN, options=(f"--max-virtual-size={MIB - 1}",)),
         Made(PLAIN, options=(f"--max-virtual-size={MIB}",)), JUDGEMENT),
    Pair("thin-ratio", partial(large_disk, TIB + 512), partial(large_disk, TIB), JUDGEMENT),
    Pair("target-refuses", Made(partial(build_qcow2, size=MIB + 512), files=(("t.target", TARGET),),
                                options=("--for={folder}/t.target",)),
         Made(PLAIN, files=(("t.target", TARGET),), options=("--for={folder}/t.target",)),
         JUDGEMENT),
]

PAIRS = WHOLE + PLACE + LIKENESS + POLICY
