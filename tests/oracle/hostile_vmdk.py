# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile VMDK disks: texts that name other files, and headers that cannot be.
"""The extents that lie beside an image have a sector of zeros."""

from functools import partial

from hostile_case import ALL_ONES, FIFO, MIB, Case, poked
import recipe_vmdk as vmdk

FLAT = (("flat.raw", bytes(vmdk.SECTOR)),)
LINE = 'RW 1 FLAT "flat.raw" 0'
EXTENTS = ("vmdk-extent-external",)
OUTSIDE = ("vmdk-extent-external", "extent-outside-directory")
VERSION = "# Disk DescriptorFile\nversion=1\n"


def text(*lines, **fields):
    """A descriptor; of one flat extent when no line is given."""
    return vmdk.descriptor(lines or (LINE,), **fields)


def padded(size):
    """A descriptor that comments make that long, its extent first."""
    start = text()
    return start + (b"#" * 127 + b"\n") * ((size - len(start)) // 128) + b"#" * (
        (size - len(start)) % 128)


def flat(says, image, status, rules, qemu, **more):
    """A row of a descriptor that is a file of its own."""
    more.setdefault("files", FLAT)
    return Case(f"vmdk: {says}", image, "vmdk", status, rules, qemu, alone=True, **more)


def header(says, status, rules, qemu, image=None, **fields):
    """A row of a sparse extent with other fields."""
    made = partial(vmdk.build_sparse, **fields) if image is None else image
    return Case(f"vmdk: {says}", made, "vmdk", status, rules, qemu, alone=True)


NAMES = [
    flat("an absolute path of a flat extent", text('RW 1 FLAT "/etc/passwd" 0'), 0,
         (*OUTSIDE, "absolute-path"), "accepts"),
    flat("a flat extent beside the descriptor", text(), 0, EXTENTS, "accepts"),
    flat("a FIFO as an extent", text('RW 1 FLAT "pipe" 0'), 0, EXTENTS, "any",
         files=(("pipe", FIFO),)),
    flat("a device as an extent", text('RW 1 FLAT "/dev/zero" 0'), 0,
         (*OUTSIDE, "absolute-path"), "accepts"),
    flat("two dots in the name of an extent", text('RW 1 FLAT "../../../etc/passwd" 0'), 0,
         OUTSIDE, "any"),
    flat("another kind of disk in a comment before the real one",
         text(head='# createType="monolithicSparse"\n' + VERSION), 1,
         (*EXTENTS, "ambiguous-descriptor"), "refuses"),
    flat("a header of capacity 0 around the descriptor of another file",
         partial(vmdk.build_wrapper, text()), 0, EXTENTS, "accepts"),
    flat("the same around a descriptor that names a file of the host",
         partial(vmdk.build_wrapper, text('RW 1 FLAT "/etc/passwd" 0')), 0, OUTSIDE, "accepts"),
    flat("the same with another kind of disk in a comment",
         partial(vmdk.build_wrapper, text(head='# createType="monolithicSparse"\n' + VERSION)), 1,
         (*EXTENTS, "ambiguous-descriptor"), "refuses"),
    flat("a parent that the parent's number says not to be", text(hint="/x"), 0,
         (*EXTENTS, "vmdk-parent-hint", "header-inconsistent", "absolute-path"), "accepts"),
    flat("a parent with an absolute path", text(hint="/x", parent="12345678"), 0,
         ("vmdk-parent-hint", "absolute-path"), "accepts"),
    flat("a parent in a comment alone", text(more='# parentFileNameHint="/x"\n'), 0,
         (*EXTENTS, "vmdk-parent-hint", "ambiguous-descriptor"), "accepts"),
    flat("a parent in a comment, and a number of a parent",
         text(parent="12345678", more='# parentFileNameHint="/x"\n'), 0,
         ("vmdk-parent-hint", "ambiguous-descriptor"), "accepts"),
    flat("a parent that is a json: description", text(hint="json:{}", parent="12345678"), 0,
         ("vmdk-parent-hint", "json-filename"), "any"),
    flat("a parent on a server", text(hint="nbd://127.0.0.1:1/x", parent="12345678"), 0,
         ("vmdk-parent-hint", "protocol-filename"), "any"),
]

TEXTS = [
    flat("a byte that is no UTF-8 in a comment before the version", b"# a\xff\n" + text(), 0,
         EXTENTS, "accepts"),
    flat("the kind of disk behind 5760 bytes of comments",
         text(head=VERSION + ("#" * 79 + "\n") * 72), 0, EXTENTS, "accepts"),
    flat("lines that end as on Windows", text().replace(b"\n", b"\r\n"), 0, EXTENTS, "any"),
    flat("lines of blanks in front", b" \n  \n" + text(), 0, EXTENTS, "accepts"),
    Case("vmdk: an empty line in front makes it a text", b"\n" + text(), "raw", 0,
         ("no-signature",), "accepts"),
    Case("vmdk: a byte order mark in front makes it a text", b"\xef\xbb\xbf" + text(), "raw", 0,
         ("no-signature",), "accepts"),
    Case("vmdk: UTF-16 makes it bytes of any kind",
         text().decode("latin-1").encode("utf-16"), "raw", 0, ("no-signature",), "accepts"),
    flat("20000 extents", text(*(LINE,) * 20000), 0, (*EXTENTS, "too-many-entries"), "any"),
    flat("a descriptor of 1 MiB - 1", partial(padded, MIB - 1), 0, EXTENTS, "accepts"),
    flat("a descriptor of 1 MiB", partial(padded, MIB), 0, EXTENTS, "accepts"),
    flat("a descriptor of 16 MiB", partial(padded, 16 * MIB), 0, EXTENTS, "accepts"),
    flat("an extent that only a descriptor of above 1 MiB has",
         lambda: text("").ljust(MIB, b"#") + b"\n" + LINE.encode() + b"\n", 1,
         ("descriptor-invalid",), "crashes"),
]

LINES = [
    flat("an extent of -1 sectors", text('RW -1 FLAT "flat.raw" 0'), 1, ("extent-ignored",
        "descriptor-invalid"), "any"),
    flat("an extent whose size is hexadecimal", text('RW 0x10 FLAT "flat.raw" 0'), 1,
        ("extent-ignored",), "any"),
    flat("an extent of 2^63 sectors", text('RW 9223372036854775808 FLAT "flat.raw" 0'), 1,
        ("header-invalid",),
         "refuses"),
    flat("an extent name without its second quote", text('RW 1 FLAT "flat.raw 0'), 1,
        ("descriptor-invalid",), "any"),
    flat("an extent name of 600 bytes", text(f'RW 1 FLAT "{"n" * 600}" 0'), 1,
        ("descriptor-invalid",), "refuses"),
    flat("an offset of a VMFS extent", text('RW 1 VMFS "flat.raw" 0', kind="vmfs"), 1,
         ("descriptor-invalid",), "refuses"),
    flat("extents whose sum is above 2^64 bytes",
         text(*('RW 9007199254740992 FLAT "flat.raw" 0',) * 8), 1, ("header-invalid",), "any"),
]

HEADERS = [
    header("an old ESX server's extent alone", 1, ("extent-alone",), "refuses",
           image=vmdk.build_cowd),
    header("grains of 2^64-1 sectors", 1, ("header-invalid",), "refuses", grain=ALL_ONES),
    header("tables of 2^32-1 entries", 1, ("header-invalid",), "refuses", entries=0xFFFFFFFF),
    header("a capacity whose directory would be huge", 1, ("huge-allocation",), "refuses",
           capacity=0x7FFFFFFF00000000 >> 9, grain=1 << 3),
    header("a capacity of 2^64-1 sectors", 1, ("huge-allocation",), "refuses", capacity=ALL_ONES),
    header("a directory at the end and a footer of zeros", 1, ("header-invalid",), "refuses",
           directory=ALL_ONES),
    header("a footer that is there and has no magic", 1, ("header-invalid",), "refuses",
           image=lambda: poked(vmdk.build_stream(), (-1024, bytes(512)))),
    header("a footer that moves the descriptor", 0, ("header-inconsistent",), "accepts",
           image=partial(vmdk.build_stream, footer={"descriptor_offset": 2})),
    header("a directory at the end of 1 TiB of nothing", 1, ("header-invalid",), "refuses",
           image=(vmdk.header(directory=ALL_ONES), 1 << 40)),
    header("a descriptor at sector 1024, which is behind the end", 1, ("truncated",), "any",
           descriptor_offset=0x400),
    header("a descriptor of 2 MiB", 1, ("truncated",), "any", descriptor_size=4096),
    header("100 GiB claimed in a file of 10 MiB", 1, ("truncated",), "any",
           image=lambda: (vmdk.build_sparse(vmdk.own_text(size=100 << 21), capacity=100 << 21,
                                            directory=1 << 16, redundant=(1 << 16) - 5000,
                                            overhead=1 << 17), 10 * MIB)),
    header("a space-efficient extent whose second header is zeros", 1, ("extent-alone",), "any",
           image=lambda: vmdk.build_sesparse() + bytes(512)),
]

CASES = NAMES + TEXTS + LINES + HEADERS
