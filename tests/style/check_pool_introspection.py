#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the library of pools from Python by its introspection data: define, refresh, list, scan, watch, undefine."""
import gc
import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading

import gi

gi.require_version("VirtProbe", "1.0")
gi.require_version("VirtProbePool", "1.0")
from gi.repository import GLib, VirtProbe, VirtProbePool  # noqa: E402  the version must be chosen first

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "qcow2data"
HOSTILE_NAME = b"\xff.raw"


def expect_error(domain, function, *arguments):
    try:
        function(*arguments)
    except GLib.Error as error:
        assert error.domain == domain, error.domain
    else:
        raise AssertionError(f"{function} did not fail")


def check_scan(target):
    volumes = []
    settings = VirtProbePool.ScanSettings()
    settings.jobs = 1
    assert VirtProbePool.scan(str(target), settings, lambda volume, *_: volumes.append(volume) or True, None)
    gc.collect()
    names = {os.fsencode(volume.get_text("name")): volume for volume in volumes}
    assert set(names) == {b"disk.qcow2", HOSTILE_NAME}, names
    assert names[b"disk.qcow2"].get_text("format") == "qcow2"
    assert names[b"disk.qcow2"].get_uint64("capacity")[0] and not names[b"disk.qcow2"].get_boolean("dirty")
    expect_error("virt-probe-error-quark", VirtProbePool.scan, str(target), None, lambda *_: False, None)


def check_pool(target):
    pool = VirtProbePool.Pool.new("images", "dir", str(target), None)
    assert pool.define() and [one.get_name() for one in VirtProbePool.Pool.list()] == ["images"]
    assert pool.check() and pool.get_target() == str(target)
    hooks = VirtProbePool.Hooks.new(None, None)
    done, counts = pool.refresh(None, hooks.get_events())
    assert done and (counts.volumes, counts.added, counts.removed) == (2, 2, 0)
    volumes = []
    pool.foreach_volume(lambda volume, *_: volumes.append(volume) or True, None)
    gc.collect()
    assert [volume.get_text("format") for volume in volumes] == ["qcow2", "raw"]
    volume, owner = pool.find_volume("disk.qcow2")
    assert json.loads(volume.to_json())["state"] == "ok" and owner.get_uuid() == pool.get_uuid()
    is_known, sums = pool.get_sums()
    assert is_known and sums.volumes == 2 and sums.capacity >= sums.available
    copy = VirtProbePool.Pool.new_from_xml(pool.to_xml(), len(pool.to_xml().encode()))
    assert copy.get_uuid() == pool.get_uuid()
    other = VirtProbePool.Pool.new("other", "dir", str(target), None)
    expect_error("virt-probe-error-quark", other.define)
    return pool


def check_relations(pool, target):
    """What a callback keeps outlives the call, and parts of it outlive the rest."""
    shutil.copy(IMAGES / "v2-backing-with-format.qcow2", target / "overlay.qcow2")
    pool.refresh(None, None)
    base = pool.find_volume("overlay.qcow2")[0].get_text("backing-path")
    dependents, orphans = [], []
    assert VirtProbePool.volume_foreach_dependent(base, lambda one, *_: dependents.append(one) or True, None)
    assert pool.foreach_orphan(lambda one, *_: orphans.append(one) or True, None)
    gc.collect()
    assert [(one.depth, one.pool.get_name()) for one in dependents] == [(1, "images")], dependents
    assert "disk.qcow2" in [one.volume.get_text("name") for one in orphans], orphans
    assert all(one.doubts & VirtProbePool.Doubts.YOUNG for one in orphans)
    volume = dependents[0].volume
    dependents.clear()
    gc.collect()
    assert volume.get_text("name") == "overlay.qcow2"


def check_watch(pool):
    watch = VirtProbePool.Watch.new([pool])
    timer = threading.Timer(0.2, watch.stop)
    timer.start()
    assert watch.run(None)
    timer.join()


def check_tables():
    assert VirtProbePool.volume_field_get_nth(0).key == "name"
    assert VirtProbePool.volume_field_get_nth(10**6) is None
    assert VirtProbePool.confidence_get_name(VirtProbePool.Confidence.HIGH) == "high"
    assert VirtProbePool.doubt_get_name(VirtProbePool.Doubts.YOUNG) == "young"
    image = VirtProbe.describe_file(str(IMAGES / "v3-plain.qcow2"), None, VirtProbe.DescribeFlags.RECOGNISE)
    assert "<" in VirtProbePool.record_to_xml(image)


def main():
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as scratch:
        folder = pathlib.Path(scratch)
        os.environ["VIRT_PROBE_CONFIG_DIR"] = str(folder / "config")
        os.environ["VIRT_PROBE_STATE_DIR"] = str(folder / "state")
        os.environ["VIRT_PROBE_DOMAIN_DIR"] = str(folder / "domains")
        target = folder / "images"
        target.mkdir()
        shutil.copy(IMAGES / "v3-plain.qcow2", target / "disk.qcow2")
        (target / os.fsdecode(HOSTILE_NAME)).write_bytes(bytes(512))
        check_scan(target)
        pool = check_pool(target)
        check_watch(pool)
        check_relations(pool, target)
        check_tables()
        assert pool.undefine() and not VirtProbePool.Pool.list()
        expect_error("g-file-error-quark", VirtProbePool.Pool.find, "images")
    return 0


if __name__ == "__main__":
    sys.exit(main())
