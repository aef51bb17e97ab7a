# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: VirtualBox VDI images, healthy and damaged, and a qcow2 polyglot.
"""Numbers in the header and in the block map are little-endian."""

import struct
from functools import partial

from image_recipe import Entry
from qcow2_builder import build_qcow2

SECTOR = 512
MIB = 1 << 20
BANNER = b"<<< Oracle VM VirtualBox Disk Image >>>\n"
SIGNATURE = 0xBEDA107F
VERSION = 0x00010001
HEADER_SIZE = 0x190
TYPE_DYNAMIC, TYPE_STATIC, TYPE_DIFFERENCING = 1, 2, 4
BLOCK_FREE = 0xFFFFFFFF
MAP_OFFSET, DATA_OFFSET = SECTOR, 2 * SECTOR

IMAGE_UUID = bytes(range(0x10, 0x20))
SNAPSHOT_UUID = bytes(range(0x30, 0x40))
PARENT_UUID = bytes(range(0x50, 0x60))
PARENT_SNAPSHOT_UUID = bytes(range(0x70, 0x80))
NO_UUID = bytes(16)


def build_vdi(*, banner=BANNER, version=VERSION, image_type=TYPE_DYNAMIC, size=MIB,
              block_size=MIB, blocks=None, allocated=0, map_offset=MAP_OFFSET,
              link_uuid=NO_UUID, parent_uuid=NO_UUID, data=b"", header_size=HEADER_SIZE,
              geometry=(0, 0, 0, 0), data_offset=DATA_OFFSET, description=b"", extra=0):
    """Header sector, block map sector, then as much of the data as is given."""
    if blocks is None:
        blocks = -(-size // block_size)
    header = struct.pack("<64sIIIII256sII", banner, SIGNATURE, version, header_size,
                         image_type, 0, description, map_offset, data_offset)
    header += struct.pack("<IIIIIQIIII", *geometry[:3], SECTOR, 0, size, block_size, extra, blocks,
                          allocated)
    header += IMAGE_UUID + SNAPSHOT_UUID + link_uuid + parent_uuid
    if header_size >= HEADER_SIZE:
        header += struct.pack("<4I", *geometry)
    # A handful of blocks at most: the map of the images here is one sector.
    entries = [number if number < allocated else BLOCK_FREE for number in range(min(blocks, 8))]
    block_map = struct.pack(f"<{len(entries)}I", *entries)
    return header.ljust(SECTOR, b"\0") + block_map.ljust(SECTOR, b"\0") + data


def qcow2_with_signature():
    """A qcow2 image that has the VDI signature in its snapshot table offset.

    The offset field of a version 3 header covers bytes 64 to 71, so the
    signature is its upper half.
    """
    return build_qcow2(header={"snapshots_offset": 0x7F10DABE << 32})


HEALTHY = [
    Entry("vdi-dynamic.vdi", "dynamic image of 1 MiB, nothing allocated", build_vdi),
    Entry("vdi-geometry.vdi", "both geometries, a description, extra bytes for each block",
          partial(build_vdi, geometry=(2, 16, 63, SECTOR), description=b"made by a test",
                  extra=SECTOR)),
    Entry("vdi-header-384.vdi", "the shorter header that QEMU writes",
          partial(build_vdi, header_size=0x180)),
    Entry("vdi-undo.vdi", "undo image", partial(build_vdi, image_type=3)),
    Entry("vdi-differencing-alone.vdi", "differencing image that names no parent",
          partial(build_vdi, image_type=TYPE_DIFFERENCING)),
    Entry("vdi-type-5.vdi", "an image type that nobody knows", partial(build_vdi, image_type=5)),
    Entry("vdi-data-in-map.vdi", "data begins in the block map",
          partial(build_vdi, data_offset=MAP_OFFSET)),
    # A whole block would be 1 MiB; QEMU does not read past the virtual size.
    Entry("vdi-static.vdi", "static image of one sector, whose block the file stores in part",
          partial(build_vdi, image_type=TYPE_STATIC, size=SECTOR, allocated=1,
                  data=bytes(SECTOR))),
    Entry("vdi-no-banner.vdi", "no banner text, only the signature at byte 64",
          partial(build_vdi, banner=b"")),
    Entry("vdi-size-odd.vdi", "virtual size 1 MiB + 1 byte (QEMU rounds up to 512)",
          partial(build_vdi, size=MIB + 1)),
    Entry("vdi-size-0.vdi", "virtual size 0, no blocks", partial(build_vdi, size=0)),
    Entry("vdi-differencing.vdi", "differencing image, which names its parent by UUID",
          partial(build_vdi, image_type=TYPE_DIFFERENCING, link_uuid=PARENT_UUID,
                  parent_uuid=PARENT_SNAPSHOT_UUID), "refuses"),
]

DAMAGED = [
    Entry("vdi-parent-without-link.vdi", "the parent's snapshot is named, the parent is not",
          partial(build_vdi, parent_uuid=PARENT_SNAPSHOT_UUID), "refuses"),
    Entry("vdi-version-0.vdi", "version 0.1, whose header is laid out differently",
          partial(build_vdi, version=1), "refuses"),
    Entry("vdi-version-2.vdi", "version 2.0", partial(build_vdi, version=2 << 16), "refuses"),
    Entry("vdi-block-2m.vdi", "blocks of 2 MiB", partial(build_vdi, block_size=2 * MIB),
          "refuses"),
    Entry("vdi-block-0.vdi", "blocks of 0 bytes", partial(build_vdi, block_size=0, blocks=1),
          "refuses"),
    Entry("vdi-size-over-blocks.vdi", "virtual size larger than all blocks together",
          partial(build_vdi, size=4 * MIB, blocks=3), "refuses"),
    Entry("vdi-size-huge.vdi", "virtual size 2^63", partial(build_vdi, size=1 << 63, blocks=1),
          "refuses"),
    Entry("vdi-blocks-huge.vdi", "0xffffffff blocks", partial(build_vdi, blocks=0xFFFFFFFF),
          "refuses"),
    Entry("vdi-map-misaligned.vdi", "block map not on a sector boundary",
          partial(build_vdi, map_offset=SECTOR + 8), "refuses"),
    Entry("vdi-map-past-end.vdi", "block map behind the end of the file",
          partial(build_vdi, map_offset=1 << 30)),
    Entry("vdi-allocated-excess.vdi", "more blocks allocated than there are",
          partial(build_vdi, allocated=2)),
    Entry("vdi-truncated.vdi", "cut in the middle of the header",
          lambda: build_vdi()[:256], "refuses"),
    Entry("polyglot-qcow2-vdi.vdi", "qcow2 magic at 0 and VDI signature at 64",
          qcow2_with_signature, "refuses"),
]

ENTRIES = HEALTHY + DAMAGED
