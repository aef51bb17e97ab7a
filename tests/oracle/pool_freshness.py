# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests what a refresh takes for a change, and what tells that a list has grown old since.
"""A refresh writes what is new and nothing else, and nothing that came after it is taken for seen."""

import os
import shutil
import sys
import tempfile
import time

from chain_images import qcow2, write
from pools import Pools
from programs import arguments_parse
from tap import Tap

# libvirt ends the list of a pool after so many.
VIRSH_MAX = 16384


def written(pools):
    """When a refresh has last written anything."""
    return pools.json("pool-info", "images")["volumes"]["refreshed"]


def doubts(pools):
    """Those of all orphans."""
    return {doubt for one in pools.json("vol-orphans") for doubt in one["doubts"]}


def refresh_counts(pools):
    """What a refresh has found."""
    found = pools.json("pool-refresh", "images")[0]
    return {key: found[key] for key in ("added", "changed", "removed")}


def check_unreadable(tap, pools):
    """What cannot be read is looked at each time, and written when it is another thing."""
    os.symlink("nowhere", pools.target / "link.qcow2")
    os.mkfifo(pools.target / "fifo")
    write(pools.target / "base.qcow2", qcow2())
    pools.refresh()
    before = written(pools)
    for _ in range(2):
        tap.check_equal(set(refresh_counts(pools).values()), {0}, "a link to nowhere and a FIFO do not change")
    tap.check_equal(written(pools), before, "and nothing is written for them")
    (pools.target / "link.qcow2").unlink()
    os.mkfifo(pools.target / "link.qcow2")
    tap.check_equal(refresh_counts(pools)["changed"], 1, "one that becomes the other is a change")
    (pools.target / "link.qcow2").unlink()
    write(pools.target / "link.qcow2", qcow2())
    tap.check_equal(refresh_counts(pools)["changed"], 1, "and one that becomes readable")


def check_directory_times(tap, pools):
    """Whoever sets the directory's time back hides nothing, and a time to come is no change."""
    pools.refresh()
    tap.check("not-fresh" not in doubts(pools), "a refresh is fresh")
    source = pools.folder / "source"
    source.mkdir()
    write(source / "overlay.qcow2", qcow2("base.qcow2", "qcow2"))
    shutil.copy2(source / "overlay.qcow2", pools.target)
    os.utime(pools.target, (0, 0))
    tap.check("not-fresh" in doubts(pools), "a file came, and the directory got an old time, as cp -a does")
    pools.refresh()
    tap.check("not-fresh" not in doubts(pools), "which a refresh ends")
    later = time.time() + 86400
    os.utime(pools.target, (later, later))
    pools.refresh()
    before = written(pools)
    pools.refresh()
    tap.check_equal(written(pools), before, "a directory with a time to come is written once")
    tap.check("not-fresh" not in doubts(pools), "and is fresh")
    write(pools.target / "late.qcow2", qcow2("base.qcow2", "qcow2"))
    tap.check("not-fresh" in doubts(pools), "until something comes")


def check_file_times(tap, pools):
    """Times of files that are before 1970, or further away than 64 bits reach."""
    path = pools.target / "old.raw"
    write(path, b"x")
    for nanoseconds, text in ((-500_000_000, "-0.500000000"), (-1_250_000_000, "-1.250000000"), (-1, "0.000000000"),
                              (1_000_000_001, "1.000000001")):
        os.utime(path, ns=(nanoseconds, nanoseconds))
        pools.refresh()
        found = {one["name"]: one for one in pools.json("vol-list", "images")}["old.raw"]
        tap.check_equal(found["mtime"], text, f"a file of {nanoseconds} nanoseconds")
    for seconds in (9_300_000_000, -9_300_000_000):
        try:
            os.utime(path, (seconds, seconds))
        except OverflowError:
            continue
        pools.refresh()
        names = [one["name"] for one in pools.json("vol-list", "images")]
        tap.check("old.raw" in names, f"a file of second {seconds} is listed")


def check_many(tap, pools):
    """More volumes than libvirt lists."""
    for number in range(VIRSH_MAX + 1):
        (pools.target / f"many-{number}").touch()
    pools.refresh()
    names = pools.call("vol-list", "images", "--name").stdout.decode().splitlines()
    tap.check_equal(len([name for name in names if name.startswith("many-")]), VIRSH_MAX + 1, "all volumes are listed")


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        pools = Pools(arguments.program, os.path.realpath(folder), None)
        pools.define()
        for check in (check_unreadable, check_directory_times, check_file_times, check_many):
            check(tap, pools)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
