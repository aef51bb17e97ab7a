# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows V01 to V22: VMDK.
"""Texts that name other files come first, then what stands in texts, then headers."""

from rows_case import denied, passes

EXTENT = "vmdk-extent-external"


def vmdk(row, says, rules, form="vmdk", differs=None):
    """A denied input of hostile_vmdk.py."""
    return denied(row, f"vmdk: {says}", rules, form, differs)


NAMES = [
    vmdk("V01", "an absolute path of a flat extent", f"{EXTENT} absolute-path"),
    vmdk("V02", "a flat extent beside the descriptor", EXTENT),
    vmdk("V03", "a FIFO as an extent", EXTENT),
    vmdk("V04", "a device as an extent", EXTENT),
    vmdk("V05", "another kind of disk in a comment before the real one", "ambiguous-descriptor"),
    vmdk("V06", "a header of capacity 0 around the descriptor of another file",
         f"{EXTENT} header-inconsistent"),
    vmdk("V06", "the same around a descriptor that names a file of the host",
         f"{EXTENT} header-inconsistent absolute-path"),
    vmdk("V06", "the same with another kind of disk in a comment",
         f"{EXTENT} header-inconsistent ambiguous-descriptor"),
    vmdk("V07", "a parent that the parent's number says not to be", "vmdk-parent-hint"),
    vmdk("V07", "a parent with an absolute path", "vmdk-parent-hint"),
    vmdk("V08", "a parent in a comment alone", "vmdk-parent-hint ambiguous-descriptor"),
    vmdk("V08", "a parent in a comment, and a number of a parent",
         "vmdk-parent-hint ambiguous-descriptor"),
]

TEXTS = [
    vmdk("V09", "a byte that is no UTF-8 in a comment before the version", EXTENT,
         differs="no text of a comment is shown, so none is unsafe"),
    vmdk("V10", "the kind of disk behind 5760 bytes of comments", EXTENT),
    vmdk("V11", "lines that end as on Windows", EXTENT),
    vmdk("V11", "lines of blanks in front", EXTENT),
    passes("V11", "vmdk: a byte order mark in front makes it a text",
           "no-signature near-signature", "raw"),
    passes("V11", "vmdk: UTF-16 makes it bytes of any kind", "no-signature near-signature", "raw"),
    vmdk("V12", "20000 extents", f"{EXTENT} too-many-entries limit"),
    vmdk("V13", "a descriptor of 1 MiB - 1", f"{EXTENT} not-examined"),
    vmdk("V13", "a descriptor of 1 MiB", f"{EXTENT} not-examined"),
    vmdk("V13", "a descriptor of 16 MiB", f"{EXTENT} not-examined"),
    vmdk("V14", "an extent of -1 sectors", "extent-ignored descriptor-invalid"),
    vmdk("V14", "an extent whose size is hexadecimal", "extent-ignored descriptor-invalid"),
    vmdk("V14", "an extent of 2^63 sectors", "header-invalid"),
    vmdk("V14", "an extent name without its second quote", "descriptor-invalid"),
    vmdk("V14", "an extent name of 600 bytes", "descriptor-invalid"),
    vmdk("V14", "an offset of a VMFS extent", "descriptor-invalid"),
    vmdk("V15", "extents whose sum is above 2^64 bytes", "header-invalid",
         differs="such a size cannot be told, so it is not compared with a limit"),
]

HEADERS = [
    vmdk("V16", "an old ESX server's extent alone", "extent-alone",
         differs="by itself it is no disk, whatever its age"),
    vmdk("V17", "grains of 2^64-1 sectors", "header-invalid"),
    vmdk("V17", "tables of 2^32-1 entries", "header-invalid"),
    vmdk("V17", "a capacity whose directory would be huge", "huge-allocation"),
    vmdk("V17", "a capacity of 2^64-1 sectors", "huge-allocation"),
    vmdk("V18", "a directory at the end and a footer of zeros", "header-invalid"),
    vmdk("V18", "a footer that is there and has no magic", "header-invalid"),
    denied("V18", "imagedata/vmdk-stream-footer.vmdk", "header-invalid", "vmdk"),
    vmdk("V18", "a footer that moves the descriptor", "header-inconsistent"),
    vmdk("V19", "a directory at the end of 1 TiB of nothing", "header-invalid"),
    vmdk("V20", "a descriptor at sector 1024, which is behind the end",
         "header-inconsistent truncated"),
    vmdk("V20", "a descriptor of 2 MiB", "header-inconsistent truncated"),
    vmdk("V21", "100 GiB claimed in a file of 10 MiB", "truncated"),
    vmdk("V22", "a space-efficient extent whose second header is zeros", "extent-alone"),
    denied("V22", "imagedata/vmdk-sesparse-volatile.vmdk", "extent-alone header-invalid", "vmdk"),
]

ROWS = NAMES + TEXTS + HEADERS
