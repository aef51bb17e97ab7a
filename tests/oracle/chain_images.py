# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes the images of backing chains, for the oracle tests: overlays, and bases of every format.
"""Everything is made by the builders of the recipes, since many runs of qemu-img are slow."""

import json
import sys

from fixtures import TESTS

sys.path[1:1] = [str(TESTS / "qcow2data"), str(TESTS / "imagedata")]

# pylint: disable=wrong-import-position
from qcow2_builder import (COMPAT_LAZY_REFCOUNTS, EXT_DATA_FILE, INCOMPAT_COMPRESSION,  # noqa: E402
                           INCOMPAT_DATA_FILE, INCOMPAT_DIRTY, Qcow2Image, pack_extension)
from qcow2_tables import Bitmap, Snapshot, add_bitmaps, add_snapshots  # noqa: E402
from recipe_luks import build_luks1  # noqa: E402
from recipe_parallels import build_parallels  # noqa: E402
from recipe_vdi import build_vdi  # noqa: E402
from recipe_version1 import build_qcow1  # noqa: E402
from recipe_vpc import build_dynamic, build_fixed  # noqa: E402

MIB = 1 << 20
SLACK = 400  # bytes of a header cluster that are not for names
CLUSTER_BITS_MAX = 13
NAME_MAX = 1023  # QEMU takes no longer name of a backing file


def as_bytes(text):
    """A name or format as it stands in an image."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def bits_that_hold(length):
    """The smallest cluster that has room for names of so many bytes."""
    bits = 9
    while (1 << bits) < length + SLACK:
        bits += 1
    return bits


def qcow2(backing=None, form=None, *, data_file=None, data_bit=True, snapshots=(), bitmaps=(),
          lazy=False, zstd=False, dirty=False, **geometry):
    """A qcow2 image; the names may be text or bytes, geometry goes to the builder."""
    names = [as_bytes(name) for name in (backing, data_file) if name is not None]
    geometry["cluster_bits"] = max(geometry.get("cluster_bits", 9),
                                   bits_that_hold(sum(map(len, names))))
    image = Qcow2Image(**geometry)
    if backing is not None:
        image.set_backing(as_bytes(backing), None if form is None else as_bytes(form))
    fields = image.fields
    if data_file is not None:
        image.extensions.append(pack_extension(EXT_DATA_FILE, as_bytes(data_file)))
        image.external_data = data_bit
        fields["incompatible_features"] |= INCOMPAT_DATA_FILE if data_bit else 0
    fields["compatible_features"] |= COMPAT_LAZY_REFCOUNTS if lazy else 0
    fields["incompatible_features"] |= INCOMPAT_DIRTY if dirty else 0
    if zstd:
        fields["incompatible_features"] |= INCOMPAT_COMPRESSION
        fields["compression_type"] = 1
    if snapshots:
        add_snapshots(image, [Snapshot(id=str(number + 1).encode(), name=as_bytes(name))
                              for number, name in enumerate(snapshots)])
    if bitmaps:
        add_bitmaps(image, [Bitmap(name=as_bytes(name), granularity_bits=16)
                            for name in bitmaps])
    return image.finish()


def qcow(backing=None, **geometry):
    """An image of the first version, which cannot record the format of its backing file."""
    if backing is None:
        return build_qcow1(**geometry)
    return build_qcow1(backing=as_bytes(backing), cluster_bits=9, l2_bits=12, **geometry)


def raw(size=MIB):
    """Zeros, which no format begins with."""
    return bytes(size)


# Every one without a backing file.
BASES = {
    "raw": raw, "qcow2": qcow2, "qcow": qcow, "vdi": build_vdi, "vpc": build_dynamic,
    "luks": build_luks1, "parallels": build_parallels,
}
FIXED_VPC = build_fixed


def json_name(description, **options):
    """A json: name; the keys keep their order."""
    return "json:" + json.dumps(description, **options)


def file_node(name, **more):
    """The node of a file as json: names describe it."""
    return {"driver": "file", "filename": name, **more}


def write(path, content):
    """Write one image, with its folders; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def write_chain(folder, depth, *, form="qcow2", base=None, name="{}.img"):
    """A chain 0.img … of so many overlays on a base, all in one folder; returns their names."""
    names = [name.format(number) for number in range(depth)]
    for overlay, backing in zip(names, names[1:]):
        write(folder / overlay, qcow2(backing, form if backing != names[-1] or base is None
                                      else "raw"))
    write(folder / names[-1], qcow2() if base is None else base)
    return names
