# SPDX-License-Identifier: LGPL-2.1-or-later
# Rules about the members of a chain, which are seen when names are followed.
"""Rows of the test of rules; rule_pair.py says what they mean."""

from functools import partial

from hostile_case import FIFO, MIB
from parents import VDI_IDENTITY, vdi_of, vhd_of
from qcow2_builder import build_qcow2
from recipe_backing import DATA_BYTES, with_data_file
from rule_pair import CHAIN, Made, Pair, Unit, sample
import recipe_vmdk as vmdk

DEPTH_MAX = 200
RAW = bytes(MIB)


def overlay(name, form=b"raw"):
    """An overlay of 1 MiB."""
    return partial(build_qcow2, backing=name, backing_format=form)


def on_base(name, base=RAW, form=b"raw", options=()):
    """An overlay beside what is called base."""
    return Made(overlay(name, form), files=(("base", base),) if base is not None else (), options=options)


def deep(count):
    """A chain of so many images."""
    below = [(str(i), overlay(str(i + 1).encode(), b"qcow2")) for i in range(2, count - 1)]
    return Made(overlay(b"2", b"qcow2"), files=(*below, (str(count - 1), overlay(str(count).encode())),
                                                (str(count), RAW)))


def vhd(change, name="vpc-dynamic.vhd"):
    """A differencing VHD beside a disk of that name."""
    parent = sample("vpc-dynamic.vhd")
    return Made(change(sample("vpc-differencing.vhd"), parent), "child.vhd", files=((name, parent),))


def vdi(name):
    """A VDI beside its parent, which it knows by its identity, under that name."""
    parent = sample("vdi-dynamic.vdi")
    assert parent[VDI_IDENTITY:VDI_IDENTITY + 16] != bytes(16)
    return Made(vdi_of(sample("vdi-differencing.vdi"), parent), "child.vdi", files=((name, parent),))


def split(extent):
    """A disk of one sparse extent."""
    return Made(vmdk.flat('RW 128 SPARSE "extent"', kind="twoGbMaxExtentSparse"), files=(("extent", extent),))


def on_data_file(size):
    """An image whose data file has that size."""
    return Made(partial(with_data_file, b"data"), files=(("data", bytes(size)),))


PAIRS = [Pair(*row, CHAIN) for row in (
    ("chain-missing", on_base(b"base", None), on_base(b"base")),
    ("chain-unreadable", on_base(b"base", FIFO), on_base(b"base")),
    ("chain-refused", Made(overlay(b"sub/base"), files=(("sub/base", RAW),), options=("--follow=same-directory",)),
     on_base(b"./base", options=("--follow=same-directory",))),
    ("chain-not-opened", on_base(b"nbd://127.0.0.1:1/base"), on_base(b"file:base")),
    ("chain-loop", Made(overlay(b"image", b"qcow2")),
     Made(overlay(b"images", b"qcow2"), files=(("images", "v3-plain.qcow2"),))),
    ("chain-depth", deep(DEPTH_MAX + 1), deep(DEPTH_MAX)),
    ("limit", Unit("/chain/output/has-an-end"), Unit("/chain/output/is-enough-for-shorter-lists")),
    ("backing-format-missing", on_base(b"base", form=None), on_base(b"base")),
    ("backing-format-unknown", on_base(b"base", form=b"ra"), on_base(b"base")),
    ("backing-smaller", on_base(b"base", RAW[512:]), on_base(b"base")),
    ("name-depends-on-directory", on_base(b"file:base"), on_base(b"base")),
    ("parent-mismatch", vhd(lambda child, parent: child), vhd(vhd_of)),
    ("parent-by-name", vhd(vhd_of), vhd(vhd_of, "vpc-dynami.vhd")),
    ("parent-unnamed", vdi("base.img"), vdi("base.vdi")),
    ("data-file-smaller", on_data_file(DATA_BYTES - 512), on_data_file(DATA_BYTES)),
    ("extent-mismatch", split(bytes(512) + vmdk.build_sparse(b"")[512:]),
     split(partial(vmdk.build_sparse, b"", descriptor_offset=0, descriptor_size=0))),
)]
