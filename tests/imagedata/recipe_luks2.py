# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: LUKS containers of version 2.
"""The payload is cut to a few sectors, and key material is not there at all.

Both copies of the header are of 16 KiB: 4 KiB with fields, then JSON.
"""

import copy
import hashlib
import json
import struct
from functools import partial

from image_recipe import Entry

BINARY_BYTES = 4096
HEADER_BYTES = 16384
KEYSLOTS_OFFSET, KEYSLOT_BYTES = 2 * HEADER_BYTES, 4096
PAYLOAD_OFFSET = KEYSLOTS_OFFSET + 2 * KEYSLOT_BYTES
PAYLOAD_BYTES = 4096
FIRST, SECOND = b"LUKS\xba\xbe", b"SKUL\xba\xbe"
UUID = b"6c756b73-0000-4000-8000-766972747072"
CHECKSUM_AT = 448
SALT = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="


def keyslot(number, kdf, **more):
    """A key slot; its area has no room for 4000 stripes, which nobody asks."""
    return {"type": "luks2", "key_size": 64,
            "af": {"type": "luks1", "stripes": 4000, "hash": "sha256"},
            "area": {"type": "raw", "offset": str(KEYSLOTS_OFFSET + number * KEYSLOT_BYTES),
                     "size": str(KEYSLOT_BYTES), "encryption": "aes-xts-plain64", "key_size": 64},
            "kdf": {**kdf, "salt": SALT}, **more}


PBKDF2 = {"type": "pbkdf2", "hash": "sha512", "iterations": 1000}
ARGON2 = {"type": "argon2id", "time": 4, "memory": 65536, "cpus": 2}
METADATA = {
    "keyslots": {"0": keyslot(0, PBKDF2)},
    "tokens": {},
    "segments": {"0": {"type": "crypt", "offset": str(PAYLOAD_OFFSET), "size": "dynamic",
                       "iv_tweak": "0", "encryption": "aes-xts-plain64", "sector_size": 512}},
    "digests": {"0": {"type": "pbkdf2", "keyslots": ["0"], "segments": ["0"], "hash": "sha256",
                      "iterations": 1000, "salt": SALT, "digest": SALT}},
    "config": {"json_size": str(HEADER_BYTES - BINARY_BYTES),
               "keyslots_size": str(2 * KEYSLOT_BYTES)},
}


def changed(**sections):
    """The metadata with other values: section={key: value}."""
    metadata = copy.deepcopy(METADATA)
    for section, values in sections.items():
        for key, value in values.items():
            metadata[section][key] = value
    return metadata


def header(magic, text, *, sequence=3, offset=0, size=HEADER_BYTES, label=b"virt-probe",
           algorithm=b"sha256", subsystem=b"", own_offset=None):
    """One copy of the header."""
    fields = struct.pack(">6sHQQ48s32s64s40s48sQ", magic, 2, size, sequence, label, algorithm,
                         bytes(range(64)), UUID, subsystem,
                         offset if own_offset is None else own_offset)
    content = fields.ljust(BINARY_BYTES, b"\0") + text.ljust(HEADER_BYTES - BINARY_BYTES, b"\0")
    name = algorithm.decode() if algorithm.decode() in hashlib.algorithms_available else "sha256"
    digest = hashlib.new(name, content).digest()
    return content[:CHECKSUM_AT] + digest + content[CHECKSUM_AT + len(digest):]


def build_luks2(metadata=None, *, text=None, second_sequence=3, second_metadata=None, **fields):
    """Both copies, zeros for the key slots, payload."""
    text = json.dumps(metadata or METADATA).encode() if text is None else text
    second_text = text if second_metadata is None else json.dumps(second_metadata).encode()
    first = header(FIRST, text, **fields)
    second = header(SECOND, second_text, **{**fields, "sequence": second_sequence,
                                            "offset": HEADER_BYTES})
    return (first + second).ljust(PAYLOAD_OFFSET + PAYLOAD_BYTES, b"\0")


def with_byte(image, position, value):
    """The image with one byte replaced."""
    return image[:position] + bytes([value]) + image[position + 1:]


def segment(offset, size, **more):
    """A piece of the payload."""
    return {"type": "crypt", "offset": str(offset), "size": str(size), "iv_tweak": "0",
            "encryption": "aes-xts-plain64", "sector_size": 512, **more}


REENCRYPTING = changed(
    keyslots={"1": {"type": "reencrypt", "key_size": 1, "mode": "reencrypt", "direction": "forward",
                    "area": {"type": "none", "offset": str(KEYSLOTS_OFFSET + KEYSLOT_BYTES),
                             "size": str(KEYSLOT_BYTES)}}},
    segments={"0": segment(PAYLOAD_OFFSET, 1024),
              "1": segment(PAYLOAD_OFFSET + 1024, "dynamic", type="linear"),
              "2": segment(0, "dynamic", flags=["backup-previous"])},
    config={"requirements": {"mandatory": ["online-reencrypt-v2"]}})

RICH = changed(
    keyslots={"0": keyslot(0, ARGON2, priority=2), "1": keyslot(1, PBKDF2)},
    tokens={"0": {"type": "clevis", "keyslots": ["1"]}, "3": {"type": "luks2-keyring"}},
    segments={"0": segment(PAYLOAD_OFFSET, "dynamic", sector_size=4096,
                           encryption="aes-cbc-essiv:sha256",
                           integrity={"type": "hmac(sha256)", "journal_encryption": "none",
                                      "journal_integrity": "none"})},
    config={"flags": ["allow-discards"]})

HEALTHY = [
    Entry("luks2.luks", "version 2, aes-256 xts-plain64, one key slot (raw for QEMU)",
          build_luks2),
    Entry("luks2-rich.luks", "two key slots, tokens, integrity, flags, sectors of 4096 bytes",
          partial(build_luks2, RICH, subsystem=b"SYSTEM", algorithm=b"sha512")),
    Entry("luks2-fixed-size.luks", "a segment of 1536 bytes",
          partial(build_luks2, changed(segments={"0": segment(PAYLOAD_OFFSET, 1536)}))),
    Entry("luks2-reencrypting.luks", "being encrypted anew: three segments, one a backup",
          partial(build_luks2, REENCRYPTING)),
    Entry("luks2-detached.luks", "the payload is in another file",
          partial(build_luks2, changed(segments={"0": segment(0, "dynamic")}))),
    Entry("luks2-first-damaged.luks", "the first copy has a wrong checksum",
          lambda: with_byte(build_luks2(), BINARY_BYTES, 0x20)),
    Entry("luks2-second-damaged.luks", "the second copy has a wrong checksum",
          lambda: with_byte(build_luks2(), HEADER_BYTES + BINARY_BYTES, 0x20)),
    Entry("luks2-second-newer.luks", "the second copy is newer and says another size",
          partial(build_luks2, second_sequence=4, second_metadata=changed(
              segments={"0": segment(PAYLOAD_OFFSET, 512)}))),
]

DAMAGED = [
    Entry("luks2-both-damaged.luks", "no copy has the right checksum",
          lambda: with_byte(with_byte(build_luks2(), HEADER_BYTES + BINARY_BYTES, 0x20),
                            BINARY_BYTES, 0x20)),
    Entry("luks2-elsewhere.luks", "both copies say that they are somewhere else",
          partial(build_luks2, own_offset=512)),
    Entry("luks2-algorithm.luks", "a checksum that nobody knows",
          partial(build_luks2, algorithm=b"crc32\x1b[2J")),
    Entry("luks2-no-json.luks", "text that is no JSON", partial(build_luks2, text=b'{"segments"')),
    Entry("luks2-json-deep.luks", "lists in lists, 200 times",
          partial(build_luks2, text=b'{"segments":' + b"[" * 200)),
    Entry("luks2-json-large.luks", "more values than any volume has",
          partial(build_luks2, text=b'{"tokens":[' + b"," * 9000 + b"]}")),
    Entry("luks2-no-segment.luks", "no segment", partial(build_luks2, text=b"{}")),
    Entry("luks2-payload-past-end.luks", "payload behind the end of the file",
          partial(build_luks2, changed(segments={"0": segment(1 << 40, "dynamic")}))),
    Entry("luks2-size-past-end.luks", "a segment that ends behind the file",
          partial(build_luks2, changed(segments={"0": segment(PAYLOAD_OFFSET, 1 << 40)}))),
    Entry("luks2-payload-in-header.luks", "payload inside of the second copy of the header",
          partial(build_luks2, changed(segments={"0": segment(HEADER_BYTES, "dynamic")}))),
    Entry("luks2-unknown-requirement.luks", "a requirement that nobody knows",
          partial(build_luks2, changed(config={"requirements": {"mandatory": ["warp"]}}))),
    Entry("luks2-unsafe.luks", "control characters in label, cipher and token",
          partial(build_luks2, changed(
              tokens={"0": {"type": "a\nb"}},
              segments={"0": segment(PAYLOAD_OFFSET, "dynamic", encryption="a\x1b[2J-xts\u202e-b")}),
              label=b"\x1b[2J")),
    Entry("luks2-truncated.luks", "cut inside of the JSON of the first copy",
          lambda: build_luks2()[:BINARY_BYTES + 100]),
]

ENTRIES = HEALTHY + DAMAGED
