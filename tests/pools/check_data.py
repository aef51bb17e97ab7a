#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example of a hook does what it says, and systemd accepts the units and finds them hardened."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOOK = ROOT / "data/hooks/50-syslog"
VOLUME = "<volume>\n  <target>\n    <format type='qcow2'/>\n  </target>\n</volume>\n"
# What `systemd-analyze security` gives at most, in tenths. Most of it is that images of all owners are read.
EXPOSURE_MAX = 20


def call_hook(folder, *arguments):
    """Gives the hook's exit status and what it told the logger."""
    log = folder / "log"
    log.write_text("")
    logger = folder / "logger"
    logger.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >> {log}\n')
    logger.chmod(0o755)
    done = subprocess.run([HOOK, *arguments], input=VOLUME, text=True, capture_output=True,
                          env={"PATH": f"{folder}:/usr/bin:/bin", "LANG": "C"})
    assert not done.stderr, done.stderr
    return done.returncode, log.read_text()


def check_hook(folder):
    assert call_hook(folder, "p", "refresh", "begin", "-") == (0, "")
    assert call_hook(folder, "p", "refresh", "end", "-") == (0, "")
    assert call_hook(folder, "p q", "volume", "added", "-n $(x) *") == \
        (0, "-t|virt-probe|--|pool p q: volume -n $(x) * added, format qcow2|")
    assert call_hook(folder, "p", "volume", "removed", "a") == (0, "-t|virt-probe|--|pool p: volume a removed|")


def check_units(folder, units):
    for unit in units:
        # The program is not installed while tests run.
        text = re.sub(r"^ExecStart=\S+.*$", "ExecStart=/bin/true", pathlib.Path(unit).read_text(), flags=re.MULTILINE)
        (folder / pathlib.Path(unit).name).write_text(text)
    names = [folder / pathlib.Path(unit).name for unit in units]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    for name in names:
        if name.suffix == ".service":
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", name],
                                  capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr


def main():
    print("TAP version 13\n1..2")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        check_hook(folder)
        print("ok 1 - the example hook")
        if shutil.which("systemd-analyze"):
            check_units(folder, sys.argv[1:])
            print("ok 2 - the units")
        else:
            print("ok 2 - the units # SKIP no systemd-analyze")
    return 0


if __name__ == "__main__":
    sys.exit(main())
