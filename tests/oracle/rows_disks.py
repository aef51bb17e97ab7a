# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows H01 to H09, X01 to X08, D01 to D03: VHD, VHDX, VDI.
"""QEMU calls VHD vpc, and so do the inputs."""

from rows_case import denied, passes

VHD = [
    denied("H01", "vpc: differencing, its checksums right", "vhd-parent", "vpc"),
    denied("H02", "vpc: type 99", "header-inconsistent", "vpc"),
    denied("H02", "vpc: fixed, with a copy of its footer in front", "header-inconsistent", "vpc"),
    denied("H02", "vpc: dynamic, and its type says fixed", "header-inconsistent", "vpc"),
    denied("H03", "vpc: a checksum of zeros", "checksum-mismatch", "vpc"),
    denied("H04", "vpc: 2^60 bytes in front, the footer says 34 KiB", "header-inconsistent", "vpc"),
    denied("H04", "imagedata/vpc-footers-differ.vhd", "header-inconsistent", "vpc"),
    passes("H05", "vpc: fixed, a footer alone", "qemu-format-differs", "vpc"),
    denied("H06", "vpc: a table of 2^32-1 entries", "huge-allocation"),
    denied("H06", "vpc: blocks of 0 bytes", "header-invalid"),
    denied("H06", "vpc: blocks of 3 bytes", "header-invalid"),
    passes("H06", "vpc: blocks of 2 GiB", form="vpc",
           differs="the format asks for a power of two, QEMU takes it, and no table grows by it"),
    denied("H07", "vpc: the second header at 0", "header-invalid"),
    denied("H07", "vpc: the second header at the last footer", "truncated"),
    denied("H07", "vpc: the second header behind the end", "truncated"),
    denied("H07", "vpc: the second header at 2^64-512", "truncated"),
    denied("H08", "vpc: eight odd parent locators, one on a server",
           "vhd-parent unsafe-text protocol-filename header-inconsistent"),
    passes("H09", "vpc: size and geometry disagree", "size-ambiguous"),
    passes("H09", "imagedata/vpc-dynamic-qemu.vhd", "size-ambiguous"),
]

VHDX = [
    denied("X01", "vhdx: differencing", "vhdx-parent qemu-unsupported"),
    denied("X02", "vhdx: blocks of 0 bytes", "header-invalid"),
    denied("X02", "vhdx: blocks of 3 MiB", "header-invalid"),
    denied("X02", "vhdx: blocks of 1 GiB", "header-invalid"),
    denied("X03", "vhdx: 5000 regions", "header-invalid"),
    denied("X03", "vhdx: two block tables", "header-invalid"),
    denied("X03", "vhdx: regions that overlap", "header-invalid"),
    denied("X03", "vhdx: the block table at 2^50", "truncated"),
    denied("X04", "vhdx: a size of no bytes", "header-inconsistent"),
    denied("X04", "vhdx: a size of four bytes", "header-inconsistent"),
    denied("X05", "vhdx: both headers damaged", "checksum-mismatch"),
    passes("X05", "vhdx: the newer header damaged", "copy-damaged"),
    passes("X05", "vhdx: the older header damaged", "copy-damaged"),
    denied("X05", "vhdx: two headers of one sequence", "header-invalid",
           differs="QEMU refuses it, since nothing says which one counts"),
    denied("X06", "vhdx: a log in use behind the end", "dirty truncated"),
    denied("X06", "vhdx: a log in use of 2^32-4096 bytes", "dirty header-invalid"),
    denied("X06", "imagedata/vhdx-log.vhdx", "dirty log-not-clean"),
    denied("X07", "vhdx: 2047 items, one that a reader must know", "unknown-incompat-feature"),
    denied("X08", "vhdx: the metadata at 2^50", "truncated"),
]

VDI = [
    denied("D01", "vdi: differencing, with a parent", "vdi-parent qemu-unsupported"),
    denied("D01", "imagedata/vdi-differencing.vdi", "vdi-parent qemu-unsupported"),
    denied("D02", "vdi: the largest disk", "oversized-virtual-size", "vdi",
           differs="the header is sound; 512 TiB are more than an upload may have"),
    denied("D02", "vdi: 64 KiB more than the largest", "header-invalid"),
    denied("D02", "vdi: 64 MiB in 63 blocks", "header-invalid"),
    denied("D02", "vdi: blocks of 1 MiB + 1", "header-invalid"),
    denied("D02", "vdi: blocks of 1 MiB - 1", "header-invalid"),
    passes("D03", "vdi: no banner, only the number at 64", form="vdi"),
    denied("D03", "vdi: version 2^32-1", "unsupported-version", "vdi"),
    denied("D03", "vdi: a block table beside a sector", "header-invalid"),
    denied("D03", "vdi: data beside a sector", "header-invalid"),
]

ROWS = VHD + VHDX + VDI
