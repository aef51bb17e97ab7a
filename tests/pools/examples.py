#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the examples of pools in a scratch folder, one after the other, and reads what they print."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "qcow2data"


def main():
    programs = {pathlib.Path(name).name: name for name in sys.argv[1:]}
    failed = count = 0
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as scratch:
        folder = pathlib.Path(scratch)
        target = folder / "images"
        target.mkdir()
        for name in ("v3-plain.qcow2", "backing-chain.qcow2", "l1-past-end.qcow2"):
            shutil.copy(IMAGES / name, target)
        environment = dict(os.environ, VIRT_PROBE_CONFIG_DIR=str(folder / "config"),
                           VIRT_PROBE_STATE_DIR=str(folder / "state"), VIRT_PROBE_DOMAIN_DIR=str(folder / "domains"))
        steps = [
            ("pool-events", ["images", target], ["images: added v3-plain.qcow2", "images: 3 changes"]),
            ("pool-refresh", ["images", target], ["v3-plain.qcow2: ok", "l1-past-end.qcow2: partial", "3 volumes, 3 of them read"]),
            ("pool-refresh", ["images", target], ["3 volumes, 0 of them read"]),
            ("pool-watch", ["1"], ["images: 3 volumes"]),
            ("pool-relations", [target / "v3-plain.qcow2"], ["volumes stand on", "unreferenced", "    but: young"]),
        ]
        for name, arguments, wanted in steps:
            done = subprocess.run([programs[name], *map(str, arguments)], env=environment, capture_output=True,
                                  text=True, timeout=60, check=False)
            missing = [text for text in wanted if text not in done.stdout]
            count += 1
            good = done.returncode == 0 and not missing
            failed += not good
            print(f"{'ok' if good else 'not ok'} {count} - the example {name} does what it says")
            for line in [] if good else [f"status {done.returncode}", f"missing {missing}", done.stdout, done.stderr]:
                print("# " + line.replace("\n", "\n# "))
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
