# SPDX-License-Identifier: LGPL-2.1-or-later
# Healthy images with one byte of a header changed, or cut, for the verdict test.
"""Every byte of every header gets four other values; a seeded sample of them is used.

Every image is also cut at some lengths; these are few, and all are used.
"""

import random
from typing import NamedTuple, Tuple

from fixtures import Image

# Which bytes of which image: headers, header extensions and tables of names.
# The ranges are (first, behind the last).
TARGETS = {
    "v3-plain.qcow2": ((0, 120),),
    "v2-plain.qcow2": ((0, 80),),
    "v3-feature-table.qcow2": ((0, 176), (456, 520)),
    "backing-with-format.qcow2": ((0, 152),),
    "snapshots-several.qcow2": ((0, 112), (4608, 4728)),
    "bitmaps-several.qcow2": ((0, 144), (2048, 2056), (2560, 2568), (4096, 4256)),
    "luks.qcow2": ((0, 144), (2048, 2640)),
    "data-file.qcow2": ((0, 152),),
    "v3-extended-l2.qcow2": ((0, 120),),
    "v3-zstd.qcow2": ((0, 120),),
    "v1-backing.qcow": ((0, 64),),
    "vdi-dynamic.vdi": ((0, 512),),
    "parallels-new.hds": ((0, 72),),
    "qed-backing.qed": ((0, 76),),
    "bochs-2.bochs": ((0, 100),),
    "bochs-1.bochs": ((0, 96),),
    "cloop-plain.cloop": ((0, 160),),
    "parallels-old.hds": ((0, 72),),
    "vmdk-sparse.vmdk": ((0, 80), (512, 640)),
    "vmdk-sparse-parent.vmdk": ((0, 4), (512, 672)),
    "vmdk-stream.vmdk": ((0, 80), (5632, 5648), (6144, 6224), (6656, 6672)),
    "vmdk-cowd-text.vmdk": ((0, 48), (512, 576)),
    "vpc-dynamic.vhd": ((0, 96), (512, 640), (2048, 2144)),
    # Headers and region tables have checksums; what QEMU does without a sound one is known.
    "vhdx-dynamic.vhdx": ((0, 16), (1 << 20, (1 << 20) + 16), (2 << 20, (2 << 20) + 192),
                          ((2 << 20) + 65536, (2 << 20) + 65576)),
    "luks1.luks": ((0, 592),),
}

# Headers end at 40, 48, 64, 72, 104, 112 or a multiple of 512.
CUT_LENGTHS = (0, 4, 7, 8, 9, 17, 20, 40, 47, 48, 63, 64, 69, 71, 72, 103, 104, 111, 112, 136,
               144, 511, 512, 513, 592, 1024, 1536, 2048, 2560, 4096, 4608)

# In every sample: each was once accepted here and refused by QEMU, or described otherwise.
ALWAYS = (
    ("v3-plain.qcow2", 64, 0x80), ("luks.qcow2", 2048, 0x00),
    ("snapshots-several.qcow2", 4671, 0x00), ("snapshots-several.qcow2", 4648, 0x80),
    ("bitmaps-several.qcow2", 29, 0x00), ("bitmaps-several.qcow2", 2048, 0x01),
    ("bitmaps-several.qcow2", 2055, 0x80), ("bitmaps-several.qcow2", 4096, 0x80),
    ("bitmaps-several.qcow2", 4105, 0x01), ("bitmaps-several.qcow2", 4107, 0x02),
    ("parallels-new.hds", 56, 0x01), ("parallels-old.hds", 62, 0x01),
    ("vpc-dynamic.vhd", 534, 0x00), ("vpc-dynamic.vhd", 543, 0x81),
)


class Mutation(NamedTuple):
    """One byte of one image with another value."""

    image: Image
    offset: int
    value: int

    @property
    def key(self):
        """As the list above has it."""
        return self.image.name, self.offset, self.value

    @property
    def title(self):
        """The sentence that names it."""
        return f"{self.image.name} with byte {self.offset} set to {self.value:#04x}"

    def content(self):
        """The bytes of the changed image."""
        content = bytearray(self.image.path.read_bytes())
        content[self.offset] = self.value
        return bytes(content)


class Cut(NamedTuple):
    """The first bytes of one image."""

    image: Image
    length: int

    @property
    def title(self):
        """The sentence that names it."""
        return f"{self.image.name} cut after {self.length} bytes"

    def content(self):
        """The bytes that are left."""
        return self.image.path.read_bytes()[:self.length]


def cuts(images):
    """Lengths around the ends of fields, headers and sectors, for every target."""
    for image in images:
        if image.name in TARGETS:
            size = image.path.stat().st_size
            near_end = (size - 513, size - 512, size - 8, size - 1)
            for length in sorted({length for length in (*CUT_LENGTHS, *near_end)
                                  if 0 <= length < size}):
                yield Cut(image, length)


def other_values(byte) -> Tuple[int, ...]:
    """Nothing, everything, the sign bit flipped, one more: without the byte itself."""
    values = {0, 0xFF, byte ^ 0x80, (byte + 1) & 0xFF}
    return tuple(sorted(values - {byte}))


def image_mutations(image):
    """All mutations of one image."""
    content = image.path.read_bytes()
    for first, end in TARGETS[image.name]:
        for offset in range(first, min(end, len(content))):
            for value in other_values(content[offset]):
                yield Mutation(image, offset, value)


def all_mutations(images):
    """All mutations of all targets, in the order of the recipes."""
    targets = [image for image in images if image.name in TARGETS]
    if len(targets) != len(TARGETS):
        raise ValueError("a target of the mutations has no recipe")
    return [mutation for image in targets for mutation in image_mutations(image)]


def sample_mutations(images, seed, count):
    """A seeded choice of about count mutations, as many of each image, and the list above."""
    rng = random.Random(seed)
    groups = {name: [] for name in TARGETS}
    for mutation in all_mutations(images):
        groups[mutation.image.name].append(mutation)
    quota = max(1, count // len(groups))
    chosen = []
    for group in groups.values():
        picked = set(rng.sample(range(len(group)), min(quota, len(group))))
        chosen += [mutation for index, mutation in enumerate(group)
                   if index in picked or mutation.key in ALWAYS]
    return chosen
