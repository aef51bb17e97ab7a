#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares refreshes of a pool with libvirt's, on the same directory: a third qcow2, a third overlays, a third raw disks.
Starts libvirtd when none answers, and ends the one that it started."""
import argparse
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
bench_scan = __import__("bench-scan")
REFRESH_BUDGET = 0.2
AGAIN_BUDGET = 1.3
LIST_BUDGET = 0.15
POOL = "virt-probe-bench"


def virsh(*words, check=True):
    """Asks libvirt."""
    return subprocess.run(["virsh", "-q", "-c", "qemu:///system", *words], check=check, capture_output=True, text=True)


@contextlib.contextmanager
def libvirt():
    """A libvirtd that answers; FALSE when there is none to be had."""
    if shutil.which("virsh") is None:
        yield False
        return
    if virsh("uri", check=False).returncode == 0:
        yield True
        return
    program = shutil.which("libvirtd") or "/usr/sbin/libvirtd"
    if not os.access(program, os.X_OK) or os.geteuid() != 0:
        yield False
        return
    with subprocess.Popen([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(100):
            if virsh("uri", check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield virsh("uri", check=False).returncode == 0
        process.terminate()


def seconds(words, environment=None):
    """How long a command takes."""
    start = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def median(values):
    return sorted(values)[len(values) // 2]


def verdict(ratio, budget):
    return f"{ratio:.2f}; budget {budget}  {'met' if ratio <= budget else 'MISSED'}"


def measure_ours(args, directory, state):
    """Medians of a first refresh, of one with nothing changed, of statx alone, and of the list; in turns."""
    environment = dict(os.environ, VIRT_PROBE_CONFIG_DIR=f"{state}/config", VIRT_PROBE_STATE_DIR=f"{state}/state")
    subprocess.run([args.program, "pool-define-as", POOL, "dir", "--target", directory], check=True, env=environment,
                   stdout=subprocess.DEVNULL)
    first, again, bare, listed = [], [], [], []
    for _ in range(args.runs):
        shutil.rmtree(f"{state}/state", ignore_errors=True)
        first.append(seconds([args.program, "pool-refresh", POOL], environment))
        again.append(seconds([args.program, "pool-refresh", POOL], environment))
        bare.append(seconds([args.bench, "stat", directory, str(os.cpu_count())]))
        listed.append(seconds([args.program, "vol-list", POOL], environment))
    return [median(values) for values in (first, again, bare, listed)]


def measure_libvirt(args, directory):
    """Median of virsh pool-refresh; None without libvirt."""
    with libvirt() as answers:
        if not answers:
            return None
        virsh("pool-create-as", POOL, "dir", "--target", directory)
        try:
            return median([seconds(["virsh", "-q", "-c", "qemu:///system", "pool-refresh", POOL]) for _ in range(args.runs)])
        finally:
            virsh("pool-destroy", POOL, check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the virt-probe to measure")
    parser.add_argument("--bench", required=True, help="the built bench-scan")
    parser.add_argument("--files", type=int, default=20000, help="in the directory (default: 20000)")
    parser.add_argument("--runs", type=int, default=5, help="of each command (default: 5)")
    args = parser.parse_args()
    for name in ("program", "bench"):
        setattr(args, name, str(pathlib.Path(getattr(args, name)).resolve()))
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory() as state:
        os.chmod(directory, 0o755)
        for number in range(args.files):
            bench_scan.make_image(pathlib.Path(directory), number)
        first, again, bare, listed = measure_ours(args, directory, state)
        peer = measure_libvirt(args, directory)
        print(f"{args.files} files, medians of {args.runs} runs, whole processes")
        if peer is None:
            print(f"first pool-refresh {first * 1000:.0f} ms; no libvirt to compare with")
        else:
            print(f"first pool-refresh {first * 1000:.0f} ms, virsh pool-refresh {peer * 1000:.0f} ms, ratio"
                  f" {verdict(first / peer, REFRESH_BUDGET)}")
        print(f"nothing changed {again * 1000:.1f} ms, statx of each entry {bare * 1000:.1f} ms, ratio"
              f" {verdict(again / bare, AGAIN_BUDGET)}")
        print(f"vol-list {listed:.3f} s; budget {LIST_BUDGET}  {'met' if listed <= LIST_BUDGET else 'MISSED'}")


if __name__ == "__main__":
    main()
