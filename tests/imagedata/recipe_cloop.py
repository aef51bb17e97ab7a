# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: compressed loopback images, version 2.0, and damaged ones.
"""A shell script, then big-endian numbers: sizes, and where each block begins and the last ends."""

import struct
import zlib
from functools import partial

from image_recipe import Entry

SECTOR = 512
HEADER_BYTES = 136
VERSION = b"#!/bin/sh\n#V2.0 Format\n"
SCRIPT = VERSION + b"modprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n"
BLOCK = 4096
COMPRESSED = zlib.compress(bytes(BLOCK))


def build_cloop(script=SCRIPT, *, block_size=BLOCK, blocks=2, offsets=None, data=COMPRESSED * 2):
    """Both blocks hold zeros."""
    first = HEADER_BYTES + 8 * (blocks + 1 if offsets is None else len(offsets))
    if offsets is None:
        offsets = [first + index * len(COMPRESSED) for index in range(blocks + 1)]
    return (script.ljust(128, b"\0") + struct.pack(">II", block_size, blocks)
            + struct.pack(f">{len(offsets)}Q", *offsets) + data)


HEALTHY = [
    Entry("cloop-plain.cloop", "two blocks of 4 KiB", build_cloop),
    Entry("cloop-other-script.cloop", "another script (raw for QEMU)",
          partial(build_cloop, VERSION + b"exec cloop-mount $0\n")),
    Entry("cloop-empty.cloop", "no blocks", partial(build_cloop, blocks=0, data=b"")),
]

DAMAGED = [
    Entry("cloop-block-0.cloop", "blocks of 0 bytes", partial(build_cloop, block_size=0),
          "refuses"),
    Entry("cloop-block-odd.cloop", "blocks beside a sector",
          partial(build_cloop, block_size=BLOCK + 1), "refuses"),
    Entry("cloop-block-128m.cloop", "blocks of 128 MiB",
          partial(build_cloop, block_size=1 << 27), "refuses"),
    Entry("cloop-blocks-huge.cloop", "2^32-1 blocks",
          partial(build_cloop, blocks=0xFFFFFFFF, offsets=[160]), "refuses"),
    Entry("cloop-blocks-past-end.cloop", "more blocks than the file has offsets",
          partial(build_cloop, blocks=1000, offsets=[160]), "refuses"),
    Entry("cloop-offset-back.cloop", "a block that ends before it begins",
          partial(build_cloop, offsets=[160, 150, 190]), "refuses"),
    Entry("cloop-offset-far.cloop", "a compressed block above 128 MiB",
          partial(build_cloop, offsets=[160, 161 + (1 << 27), 1 << 28]), "refuses"),
    Entry("cloop-offset-past-end.cloop", "a block that ends behind the end of the file",
          partial(build_cloop, offsets=[160, 180, 1 << 20])),
    Entry("cloop-offset-in-table.cloop", "a block that begins in the table of offsets",
          partial(build_cloop, offsets=[0, 180, 190])),
    Entry("cloop-truncated.cloop", "cut in the middle of the header",
          lambda: build_cloop()[:130], "refuses"),
]

ENTRIES = HEALTHY + DAMAGED
