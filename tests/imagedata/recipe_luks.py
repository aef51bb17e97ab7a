# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: LUKS containers that are not inside another format.
"""Only the healthy one holds the key material of all slots, half a megabyte of zeros."""

from functools import partial

import luks1_builder as luks
from image_recipe import Entry

# aes-128 in CBC mode has the shortest key, hence the smallest slots.
SHORT_KEY = {"mode": b"cbc-essiv:sha256", "key_bytes": 16}
PAYLOAD_BYTES = 4096


def build_luks1():
    """A whole container: header, zeros for the key slots, payload."""
    payload = luks.payload_sector(SHORT_KEY["key_bytes"]) * luks.SECTOR
    return luks.luks1_header(**SHORT_KEY).ljust(payload + PAYLOAD_BYTES, b"\0")


def build_header(**fields):
    """A header area that claims key slots and payload behind the end of the file."""
    return luks.luks1_header(**fields).ljust(4096, b"\0")


ENTRIES = [
    Entry("luks1.luks", "version 1, aes-128 cbc-essiv:sha256, slot 0 active, payload 4 KiB",
          build_luks1),
    Entry("luks1-payload-past-end.luks", "payload behind the end of the file", build_header,
          "refuses"),
    Entry("luks1-detached.luks", "detached header: payload offset 0",
          partial(build_header, payload=0), "refuses"),
    Entry("luks1-stripes-1.luks", "key slots of 1 stripe",
          partial(build_header, stripes=1), "refuses"),
    Entry("luks1-unterminated.luks", "cipher name of 32 bytes without a NUL",
          partial(build_header, cipher=b"a" * 32), "refuses"),
    Entry("luks1-control.luks", "cipher name with newline and ESC",
          partial(build_header, cipher=b"aes\n\x1b[2J"), "refuses"),
    Entry("luks1-truncated.luks", "cut one byte before the end of the header",
          lambda: luks.luks1_header()[:-1], "refuses"),
    Entry("luks-version-3.luks", "version 3 (raw for QEMU)", partial(build_header, version=3)),
]
