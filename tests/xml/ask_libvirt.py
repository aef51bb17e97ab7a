#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks a running libvirtd for the XML of every volume of the recipe's directory and keeps the answers.

Not a test: run by hand, as root, when the recipe has changed. A file that makes libvirt's refresh fail is taken out
of the pool again, and its answer is libvirt's message."""
import os
import pathlib
import subprocess
import sys
import tempfile

import recipe
import volumes

POOL = "virt-probe-test"


def virsh(*arguments):
    command = ["virsh", "-q", "-c", "storage:///system", *arguments]
    return subprocess.run(command, capture_output=True, check=False)


def fill(folder, shelf):
    """Moves the entries into the pool one after the other; yields those that libvirt does not bear, with its words."""
    for name in sorted(os.listdir(shelf)):
        os.rename(shelf / name, folder / name)
        refreshed = virsh("pool-refresh", POOL)
        if refreshed.returncode == 0:
            continue
        yield name, [refreshed.stderr.decode("utf-8", "surrogateescape").strip().split("\n")[-1].replace(str(folder), "@POOL@")]
        os.rename(folder / name, shelf / name)
        virsh("pool-start", POOL)


def dump(folder, name):
    dumped = virsh("vol-dumpxml", "--pool", POOL, "--vol", os.fsencode(name))
    if dumped.returncode != 0:
        return [dumped.stderr.decode("utf-8", "surrogateescape").strip().replace(str(folder), "@POOL@")]
    return volumes.to_lines(volumes.normalise(dumped.stdout, folder, name))


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = recipe.make(pathlib.Path(scratch) / "pool")
        shelf = pathlib.Path(scratch) / "shelf"
        os.rename(folder, shelf)
        folder.mkdir()
        defined = virsh("pool-define-as", POOL, "dir", "--target", str(folder))
        if defined.returncode != 0 or virsh("pool-start", POOL).returncode != 0:
            raise SystemExit(defined.stderr.decode())
        answers = dict(fill(folder, shelf))
        # Once more, now that everything that overlays name is there.
        virsh("pool-refresh", POOL)
        answers.update((name, dump(folder, name)) for name in sorted(os.listdir(folder)))
        volumes.write_answers(answers)
        virsh("pool-destroy", POOL)
        virsh("pool-undefine", POOL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
