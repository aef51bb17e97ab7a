#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the library from Python by its introspection data: sub-objects outlive what they came from."""
import gc
import json
import os
import pathlib
import sys

import gi

gi.require_version("VirtProbe", "1.0")
from gi.repository import GLib, VirtProbe  # noqa: E402  the version must be chosen first

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "qcow2data"


def main():
    image = VirtProbe.describe_file(str(IMAGES / "snapshots-several.qcow2"), None, VirtProbe.DescribeFlags.RECOGNISE)
    snapshot = image.get_item("snapshots", 1)
    is_there, size = image.get_uint64("virtual-size")
    assert is_there and size == json.loads(image.to_json())["virtual-size"]
    del image
    gc.collect()
    assert snapshot.get_text("name")
    data = (IMAGES / "v3-plain.qcow2").read_bytes()
    assert VirtProbe.describe_memory(data, "x", "qcow2", VirtProbe.DescribeFlags.DEFAULT).get_text("format") == "qcow2"
    try:
        VirtProbe.describe_file("/nonexistent", "raw", VirtProbe.DescribeFlags.DEFAULT)
    except GLib.Error as error:
        assert error.domain == "g-file-error-quark", error.domain
    else:
        raise AssertionError("a missing file was described")
    hostile = VirtProbe.describe_file(str(IMAGES / "backing-invalid-utf8.qcow2"), "qcow2", VirtProbe.DescribeFlags.DEFAULT)
    assert b"\xff" in os.fsencode(hostile.get_text("backing-filename"))
    assert VirtProbe.Format.find("qcow2").get_abilities() == ["backing", "data-file", "snapshots"]
    assert VirtProbe.Format.find("vhd").get_name() == "vpc"
    assert VirtProbe.Rule.find("truncated").breaks()
    detection = VirtProbe.detect_memory(data, len(data))
    assert detection.format.get_name() == "qcow2" and detection.evidence == VirtProbe.Evidence.STRONG
    is_there, detection = VirtProbe.detect_file(str(IMAGES.parent / "imagedata/ext4.disk"))
    assert is_there and detection.qemu_format == "raw" and detection.get_content(0).get_name() == "ext4"
    assert detection.get_content(1) is None
    assert VirtProbe.Format.find("vhd").get_extensions() == ["vhd", "vpc"]
    target = VirtProbe.Target.load(str(IMAGES.parent.parent / "data/targets/azure.target"))
    assert target.get_name() == "azure" and target.get_formats() == ["vpc/fixed"] and len(target.get_sources()) == 3
    judged = VirtProbe.describe_memory(data, "x", "qcow2", VirtProbe.DescribeFlags.DEFAULT)
    assert target.judge(judged)[0].startswith("azure: the format qcow2 is not accepted"), target.judge(judged)
    settings = VirtProbe.AuditSettings()
    settings.profile = VirtProbe.Profile.UPLOAD
    audit = VirtProbe.audit_file(str(IMAGES / "backing-with-format.qcow2"), None, settings)
    assert VirtProbe.audit_is_denied(audit) and audit.get_text("verdict") == "denied"
    settings.virtual_size_max = 1024
    flags = VirtProbe.DescribeFlags.RECOGNISE | VirtProbe.DescribeFlags.AUDIT
    audit = VirtProbe.audit_new(VirtProbe.describe_file(str(IMAGES / "v3-plain.qcow2"), None, flags), settings)
    assert audit.get_item("findings", 0).get_text("rule") == "oversized-virtual-size", audit.to_json()
    stream = VirtProbe.Stream.new("x", None, VirtProbe.DescribeFlags.RECOGNISE)
    assert not stream.feed(data[:100]) and stream.get_early_image() is None
    stream.feed(data[100:] + bytes(4096))
    early = stream.get_early_image()
    whole = stream.finish(True)
    del stream
    gc.collect()
    assert early.get_text("format") == whole.get_text("format") == "qcow2"
    try:
        VirtProbe.Stream.new(None, "nonsense", VirtProbe.DescribeFlags.DEFAULT)
    except GLib.Error as error:
        assert error.matches(GLib.quark_from_string("virt-probe-error-quark"), VirtProbe.Error.UNSUPPORTED)
    else:
        raise AssertionError("a stream has a format that nobody knows")
    members = []
    chain = VirtProbe.chain_open(str(IMAGES / "backing-chain.qcow2"), "qcow2", VirtProbe.DescribeFlags.DEFAULT,
                                 VirtProbe.Follow.SAME_DIRECTORY, None,
                                 lambda member, *_: members.append(member.get_text("format")) or True, None)
    assert members == ["qcow2"] * 3 and chain.get_length("members") == 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
