# SPDX-License-Identifier: LGPL-2.1-or-later
# Changes images as somebody would who knows their formats.
"""Each change takes the random numbers, the setting, the seed and the image, and says what it did."""

import random
import struct
from typing import NamedTuple, Tuple

from hostile_case import MIB
import qcow2_builder as qcow2
import recipe_dmg as dmg
import recipe_vmdk as vmdk
import recipe_vpc as vpc

from laxer_repair import repair
from laxer_text import descriptor_mutate, descriptor_new

SIZE_MAX = 8 * MIB  # of an image that is made
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 9, 12, 16, 20, 21, 22, 31, 32, 63, 64, 72, 104, 112, 127, 128, 255, 256,
           511, 512, 513, 1023, 1024, 2048, 4095, 4096, 65535, 65536, MIB, (1 << 31) - 1, 1 << 31,
           (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 53, 1 << 62, (1 << 63) - 1, 1 << 63,
           (1 << 64) - 512, (1 << 64) - 1)
# (place, from the end when negative; bytes): by what programs recognise formats.
SIGNATURES = (
    (0, b"QFI\xfb\0\0\0\1"), (0, b"QFI\xfb\0\0\0\2"), (0, b"QFI\xfb\0\0\0\3"), (0, b"QED\0"), (0, b"KDMV\1\0\0\0"),
    (0, b"COWD\1\0\0\0"), (0, struct.pack("<QQ", 0xCAFEBABE, 0x200000001)), (64, b"\x7f\x10\xda\xbe"),
    (0, b"conectix"), (-512, b"conectix"), (-511, b"conectix"), (0, b"vhdxfile"), (0, b"WithoutFreeSpace"),
    (0, b"WithouFreSpacExt"), (0, b"LUKS\xba\xbe\0\1"), (0, b"LUKS\xba\xbe\0\2"), (0x4000, b"SKUL\xba\xbe\0\2"),
    (0, b"Bochs Virtual HD Image".ljust(32, b"\0") + b"Redolog".ljust(16, b"\0") + b"Growing\0"),
    (-512, b"koly"), (0, b"Parallels"),
    (0, b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n"),
    (32768, b"\1CD001\1"), (32768, b"\0BEA01\1"), (512, b"EFI PART"), (510, b"\x55\xaa"),
    (0, b"OOOM\0\0\0\2"), (0, b"# Disk DescriptorFile\nversion=1\n"), (0, b"#\nversion=1\n"),
    (0, b" \n#\nversion=2\n"), (0, b"\x1f\x8b\x08\0"), (0, b"\xfd7zXZ\0"), (0, b"PK\3\4"),
    (257, b"ustar\0" b"00"), (0, b"cdsaencr"), (0, b"encrcdsa"),
)
SUFFIXES = ("", ".img", ".dmg", ".iso", ".raw", ".vmdk", ".vhd", ".qcow2", ".vdi", ".DMG", ".cloop", ".luks")
EXTENSION_TYPES = (qcow2.EXT_BACKING_FORMAT, qcow2.EXT_FEATURE_NAMES, qcow2.EXT_BITMAPS, qcow2.EXT_LUKS,
                   qcow2.EXT_DATA_FILE, 0x12345678, 0, 0xFFFFFFFF, 1)


class Setting(NamedTuple):
    """What every image is made from: seeds, and names that lead somewhere."""

    seeds: tuple
    healthy: tuple
    names: Tuple[str, ...]


class Mutant(NamedTuple):
    """An image that was made, and how."""

    name: str
    content: bytes
    steps: Tuple[str, ...]


def room_make(image, end):
    """Enlarge an image to an end that is not too far."""
    if end > len(image):
        image.extend(bytes(end - len(image)))


def put(image, place, content):
    """Write bytes, from the end when the place is negative."""
    place = max(0, len(image) + place) if place < 0 else place
    room_make(image, place + len(content))
    image[place:place + len(content)] = content


def number_near(rng, image, old, width):
    """A number that may matter in a field."""
    how = rng.randrange(10)
    if how < 4:
        value = rng.choice(NUMBERS)
    elif how < 7:
        value = old + rng.choice((-512, -8, -1, 1, 8, 512, 4096, 65536)) if how < 6 else old * 2
    elif how == 7:
        value = len(image) + rng.choice((-512, -8, 0, 1, 512))
    elif how == 8:
        value = old ^ 1 << rng.randrange(8 * width)
    else:
        value = rng.getrandbits(8 * width)
    return value % (1 << 8 * width)


def field_change(rng, setting, seed, image):
    """A number of the header, by the registry's own table of fields."""
    fields = [field for field in seed.fields if field.offset + field.length <= len(image)]
    if not fields:
        return byte_change(rng, setting, seed, image)
    field = rng.choice(fields)
    start, end = field.offset, field.offset + field.length
    if field.length > 8:
        return f"{field.name}: {name_put(rng, setting, image, start, field.length)}"
    order = seed.order if rng.random() < 0.95 else rng.choice(("big", "little"))
    value = number_near(rng, image, int.from_bytes(image[start:end], order), field.length)
    image[start:end] = value.to_bytes(field.length, order)
    return f"{field.name} = {value:#x}"


def name_put(rng, setting, image, start, room):
    """A name in a field of text, cut to the room that it has."""
    name = rng.choice(setting.names).encode()[:room]
    image[start:start + room] = name.ljust(room, b"\0")
    return f"name {name!r}"


def byte_change(rng, setting, seed, image):
    """A byte near the beginning, or of a structure that something points to."""
    if not image:
        return "nothing to change"
    place = rng.randrange(min(len(image), rng.choice((64, 512, 4096, 1 << 22))))
    image[place] = rng.choice((0, 0xFF, image[place] ^ 0x80, image[place] ^ 1 << rng.randrange(8),
                               rng.randrange(256)))
    return f"byte {place} = {image[place]:#x}"


def extension_splice(rng, setting, seed, image):
    """A header extension before all others of a qcow2 image, or in their place."""
    if image[:4] != b"QFI\xfb" or len(image) < 512:
        return signature_put(rng, setting, seed, image)
    version, = struct.unpack_from(">I", image, 4)
    length = struct.unpack_from(">I", image, 100)[0] if version == 3 else 72
    if not 72 <= length <= 480:
        length = 104
    kind = rng.choice(EXTENSION_TYPES)
    data = rng.choice((rng.choice(setting.names).encode(), bytes(24), b"qcow2", b"raw", b"", rng.randbytes(16)))
    claimed = rng.choice((None, None, None, len(data) + 8, 0xFFFFFFFF, 0))
    rest = bytes(image[length:512]) if rng.random() < 0.5 else bytes(8)
    content = (qcow2.pack_extension(kind, data, claimed) + rest)[:512 - length]
    put(image, length, content)
    if rng.random() < 0.3 and version == 3:
        image[79] ^= rng.choice((1, 2, 4, 8, 16))
    return f"extension {kind:#x} {data!r} of length {claimed}"


def backing_splice(rng, setting, seed, image):
    """The name of a backing file, in formats that have its place and size in the header."""
    name = rng.choice(setting.names).encode()
    places = {b"QFI\xfb": (8, 16, ">QI", 400), b"QED\0": (56, 60, "<II", 200)}
    if bytes(image[:4]) not in places or len(image) < 512:
        return name_anywhere(rng, setting, seed, image)
    at, _, form, place = places[bytes(image[:4])]
    place += rng.choice((0, 0, 0, 4, 60))
    put(image, place, name[:96])
    length = rng.choice((len(name), len(name), len(name), 0, 1023, 1024))
    struct.pack_into(form, image, at, rng.choice((place, place, place, 0)), length)
    if image[:4] == b"QED\0":
        image[16] ^= rng.choice((0, 1, 1, 4, 5))
    return f"backing file {name!r} at {place}, length {length}"


def name_anywhere(rng, setting, seed, image):
    """A name over a text that is there, or at a place of fields."""
    place = rng.choice((8, 16, 32, 64, 80, 128, 400, 512, 576, 1024, rng.randrange(max(1, len(image)))))
    name = rng.choice(setting.names).encode()
    if place + len(name) > SIZE_MAX:
        return "no room for a name"
    put(image, place, name)
    return f"name {name!r} at {place}"


def block_swap(rng, setting, seed, image):
    """Blocks of another image, where they were or elsewhere."""
    other = rng.choice(setting.seeds).content
    unit = rng.choice((4, 8, 64, 512, 512, 4096))
    start = rng.randrange(0, min(len(other), 1 << 16) + 1, unit)
    length = unit * rng.choice((1, 1, 2, 8))
    place = start if rng.random() < 0.7 else rng.randrange(0, min(len(image), 1 << 16) + 1, unit)
    put(image, place, other[start:start + length])
    return f"{length} bytes of another image from {start} at {place}"


def head_swap(rng, setting, seed, image):
    """The head of another image, or the tail."""
    other = rng.choice(setting.seeds).content
    length = rng.choice((4, 8, 64, 512, 1024))
    if rng.random() < 0.5:
        put(image, 0, other[:length])
    else:
        image.extend(other[-512:])
    return "head or tail of another image"


def signature_put(rng, setting, seed, image):
    """The signature of another format."""
    place, content = rng.choice(SIGNATURES)
    put(image, place, content)
    return f"signature {content[:8]!r} at {place}"


def descriptor_change(rng, setting, seed, image):
    """The text of a VMDK; other images get one."""
    if descriptor_mutate(rng, image, setting.names):
        return "another descriptor"
    text = descriptor_new(rng, setting.names)
    how = rng.randrange(4)
    if how == 0:
        image[:] = text
    elif how == 1:
        image[:] = vmdk.build_wrapper(text[:1024], descriptor_size=rng.choice((1, 2, 3)))
    elif how == 2:
        put(image, 0, text)
    else:
        put(image, 512, text)
    return "a descriptor"


def cut(rng, setting, seed, image):
    """Less of the image."""
    ends = [field.offset + rng.choice((0, field.length)) for field in seed.fields]
    ends += [len(image) - 1, len(image) - 512, len(image) - 8, len(image) // 2, 512, 1024, 4096, 65536,
             rng.randrange(len(image) + 1)]
    length = rng.choice([end for end in ends if 0 <= end <= len(image)])
    del image[length:]
    return f"cut after {length} bytes"


def tail_append(rng, setting, seed, image):
    """Something behind the end: trailers by which programs recognise formats, or nothing much."""
    size = len(image)
    tails = (
        lambda: vpc.footer(kind=vpc.FIXED, size=rng.choice((size, size // 512 * 512, 1 << 20, 1 << 40))),
        lambda: vpc.footer(kind=rng.choice((vpc.DYNAMIC, vpc.DIFFERENCING)),
                           header_offset=rng.choice((0, 512, size))),
        lambda: dmg.build_trailer(data=(0, size), plist=(rng.choice((0, size)), rng.choice((0, 512, 1 << 63)))),
        lambda: dmg.PLIST + dmg.build_trailer(data=(0, size), plist=(size, len(dmg.PLIST))),
        lambda: vmdk.marker(3, 1) + vmdk.header(directory=10) + vmdk.marker(0),
        lambda: rng.randbytes(512), lambda: bytes(rng.choice((1, 511, 512, 4096, 65536))),
    )
    image.extend(rng.choice(tails)())
    return "something behind the end"


def shift(rng, setting, seed, image):
    """Something in front of the beginning, or the beginning cut off."""
    how = rng.choice((b"\n", b" ", b"\xef\xbb\xbf", b"\0", b"#\n", bytes(512), bytes(64), bytes(4096), None))
    image[:] = image[512:] if how is None else how + image
    return "moved"


def wrap(rng, setting, seed, image):
    """The image as the payload of another one, or behind its header."""
    other = rng.choice(setting.healthy).content
    length = min(len(other), rng.choice((512, 1024, 4096, 65536)))
    place = rng.choice((512, 1024, 4096, 32768, 65536))
    if place + len(image) <= SIZE_MAX:
        image[:] = bytes(other[:length]).ljust(place, b"\0")[:place] + image
    return f"behind {length} bytes of another image, at {place}"


# What is done how often.
CHANGES = ((field_change, 34), (byte_change, 8), (extension_splice, 8), (backing_splice, 6),
           (name_anywhere, 4), (block_swap, 8), (head_swap, 2), (signature_put, 6),
           (descriptor_change, 8), (cut, 5), (tail_append, 6), (shift, 2), (wrap, 2))
# Groups of seeds; the others have 1.
GROUP_WEIGHTS = {"qcow2": 5, "vmdk": 5, "vpc": 3, "vhdx": 2, "parallels": 2, "vdi": 2, "luks": 2}
TEXT_CHANCE = 0.5  # of a change of the descriptor, in a VMDK


def change_choose(rng, seed):
    """One change; in a VMDK mostly of its descriptor."""
    if seed.format == "vmdk" and rng.random() < TEXT_CHANCE:
        return descriptor_change
    changes, weights = zip(*CHANGES)
    return rng.choices(changes, weights)[0]


def seed_choose(rng, setting):
    """A seed, mostly a healthy one."""
    seeds = setting.healthy if rng.random() < 0.75 else setting.seeds
    groups = sorted({seed.group for seed in seeds})
    group = rng.choices(groups, [GROUP_WEIGHTS.get(group, 1) for group in groups])[0]
    return rng.choice([seed for seed in seeds if seed.group == group])


def mutant_make(setting, seed_number, number):
    """The image of that number: the same numbers make the same image."""
    rng = random.Random(f"{seed_number}/{number}")
    seed = seed_choose(rng, setting)
    image = bytearray(seed.content)
    steps = [f"{seed.format} {seed.name}"]
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        steps.append(change_choose(rng, seed)(rng, setting, seed, image))
        del image[SIZE_MAX:]
    if rng.random() < 0.85:
        repair(image)
    suffix = seed.suffix if rng.random() < 0.8 else rng.choice(SUFFIXES)
    return Mutant(f"{number:07}{suffix}", bytes(image), tuple(steps))
