# SPDX-License-Identifier: LGPL-2.1-or-later
# Rules about the names of other files that an image holds, as they stand there; nothing is opened.
"""Rows of the test of rules; rule_pair.py says what they mean."""

from functools import partial

from qcow2_builder import build_qcow2
from recipe_backing import with_data_file
from rule_pair import Pair
import recipe_vdi as vdi
import recipe_vhdx as vhdx
import recipe_vmdk as vmdk
import recipe_vpc as vpc


def on(name, form=b"raw"):
    """An overlay of a disk of that name."""
    return partial(build_qcow2, backing=name, backing_format=form)


def with_file_option(option):
    """An overlay that names its raw disk by a json: description with one more option."""
    return on(b'json:{"driver": "file", "filename": "base.raw", ' + option + b"}")


def extent(name):
    """A disk of one flat extent."""
    return vmdk.flat(f'RW 1 FLAT "{name}" 0')


PAIRS = [
    Pair("vmdk-extent-external", vmdk.build_wrapper, vmdk.build_sparse),
    Pair("extent-outside-directory", extent("../flat.raw"), extent("..flat.raw")),
    Pair("backing-file", on(b"b"), "backing-length-0.qcow2"),
    Pair("vmdk-parent-hint", vmdk.flat(vmdk.ONE, more='# parentFileNameHint="a"\n'),
         vmdk.flat(vmdk.ONE, more='# parentFileNameHind="a"\n')),
    Pair("qed-backing", "qed-backing.qed", "qed-backing-without-bit.qed"),
    Pair("vhdx-parent", partial(vhdx.build_vhdx, flags=vhdx.HAS_PARENT, locators=vhdx.LOCATORS, bat=(0,) * 8193),
         partial(vhdx.build_vhdx, locators=vhdx.LOCATORS, bat=(0,) * 8193)),
    Pair("vdi-parent", "vdi-differencing-alone.vdi", partial(vdi.build_vdi, image_type=vdi.TYPE_DIFFERENCING - 1)),
    Pair("vhd-parent", "vpc-differencing.vhd",
         partial(vpc.build_dynamic, vpc.DYNAMIC, {"parent_name": "vpc-dynamic.vhd"})),
    Pair("backing-format-missing", on(b"base.raw", None), on(b"base.raw")),
    Pair("data-file", "data-file.qcow2", "data-file-name-without-bit.qcow2"),
    Pair("data-file-name-without-bit", "data-file-name-without-bit.qcow2", "data-file.qcow2"),
    Pair("data-file-bit-without-name", partial(with_data_file, b""), partial(with_data_file, b"d")),
    Pair("json-filename", on(b"json:{}"), on(b"./json:{}")),
    Pair("json-option-unknown", with_file_option(b'"lockin": "off"'), with_file_option(b'"locking": "off"')),
    Pair("protocol-filename", on(b"nbd:base.raw"), on(b"./nbd:base.raw")),
    Pair("absolute-path", on(b"/base.raw"), on(b"./base.raw")),
]
