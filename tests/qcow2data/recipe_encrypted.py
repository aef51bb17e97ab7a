# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: encrypted qcow2 images, AES and LUKS, healthy and damaged.
"""The healthy LUKS images stop after the 4 KiB header area.

QEMU wants eight slots of 4000 stripes that do not overlap, which is half a
megabyte for the shortest key.  The extension therefore covers the header
only: enough to describe the image, not enough to unlock it.
"""

from functools import partial

from image_recipe import Entry
from luks1_builder import luks1_header
from qcow2_builder import build_qcow2
from qcow2_tables import build_with_luks


def luks(*, falsify=None, header=None, **luks_fields):
    """An image with a LUKS header of the given fields."""
    return partial(build_with_luks, luks1_header(**luks_fields), header=header,
                   **(falsify or {}))


HEALTHY = [
    Entry("aes.qcow2", "legacy AES encryption", partial(build_qcow2, header={"crypt_method": 1})),
    Entry("v2-aes.qcow2", "version 2 with legacy AES encryption",
          partial(build_qcow2, version=2, header={"crypt_method": 1})),
    Entry("luks.qcow2", "LUKS, aes-256 xts-plain64 sha256, slot 0 active", luks(key_bytes=64)),
    Entry("luks-essiv.qcow2", "LUKS, aes-128 cbc-essiv:sha256 sha1, slots 1 and 7 active",
          luks(mode=b"cbc-essiv:sha256", hash_name=b"sha1", key_bytes=16, active_slots=(1, 7))),
    Entry("luks-no-slot.qcow2", "LUKS without an active slot", luks(active_slots=())),
]

DAMAGED = [
    Entry("crypt-3.qcow2", "encryption method 3 is unknown",
          partial(build_qcow2, header={"crypt_method": 3}), "refuses"),
    Entry("luks-without-extension.qcow2", "encryption method LUKS without its extension",
          partial(build_qcow2, header={"crypt_method": 2}), "crashes"),
    Entry("luks-method-0.qcow2", "LUKS extension but no encryption",
          luks(header={"crypt_method": 0}), "refuses"),
    Entry("luks-method-1.qcow2", "LUKS extension but encryption method AES",
          luks(header={"crypt_method": 1}), "refuses"),
    Entry("luks-extension-8.qcow2", "LUKS extension of 8 instead of 16 bytes",
          luks(falsify={"extension_length": 8}), "refuses"),
    Entry("luks-offset-misaligned.qcow2", "LUKS header not on a cluster boundary",
          luks(falsify={"offset": 0x808}), "refuses"),
    Entry("luks-past-end.qcow2", "LUKS header behind the end of the file",
          luks(falsify={"offset": 1 << 40}), "refuses"),
    Entry("luks-length-past-end.qcow2", "the LUKS area claims more than the file has",
          luks(falsify={"length": 0x200000})),
    Entry("luks-length-short.qcow2", "the LUKS area is shorter than a LUKS header",
          luks(falsify={"length": 512}), "refuses"),
    Entry("luks-version-2.qcow2", "LUKS version 2 inside qcow2", luks(version=2), "refuses"),
    Entry("luks-stripes-1.qcow2", "key slots of 1 stripe", luks(stripes=1), "refuses"),
    Entry("luks-cipher-unknown.qcow2", "cipher that nobody knows", luks(cipher=b"rot13"),
          "refuses"),
    Entry("luks-cipher-unterminated.qcow2", "cipher name of 32 bytes without a NUL",
          luks(cipher=b"a" * 32), "refuses"),
    Entry("luks-hash-unknown.qcow2", "hash that nobody knows", luks(hash_name=b"md4"), "refuses"),
]

ENTRIES = HEALTHY + DAMAGED
