#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares scans of a directory of images, all different, with the bare system calls: a third qcow2, a third overlays, a
third raw disks. With --growth how time grows from 1,000 to 1,000,000 entries, which need 5 GB: TMPDIR says where."""
import argparse
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from spawn import Timing, compare, run_once  # noqa: E402

CLUSTER = 65536
BUDGET = 1.25
AGAIN_BUDGET = 1.3
SLOW_BUDGET = 1.2
SLOW_CALLS = 3  # a file: openat, fstat, pread
MEMORY_BUDGET = 400
GROWTH_RUNS = 5
FEATURES = ((0, 0, b"dirty bit"), (0, 1, b"corrupt bit"), (0, 2, b"external data file"), (0, 3, b"compression type"),
            (0, 4, b"extended L2 entries"), (1, 0, b"lazy refcounts"), (2, 0, b"bitmaps"), (2, 1, b"raw external data"))


def extension(kind, data):
    """A header extension of qcow2."""
    return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)


def qcow2(number, backing=None):
    """The first clusters of what qemu-img writes; the size makes each different."""
    table = b"".join(struct.pack("BB46s", *feature) for feature in FEATURES)
    rest = (extension(0xE2792ACA, b"qcow2") if backing else b"") + extension(0x6803F857, table) + extension(0, b"")
    name = backing.encode() if backing else b""
    header = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, 112 + len(rest) if backing else 0, len(name), 16,
                         (1 << 29) + number * 512, 0, 2, 3 * CLUSTER, CLUSTER, 1, 0, 0, 0, 0, 0, 4, 112)
    return (header + bytes(8) + rest + name).ljust(4096, b"\0")


def make_image(directory, number):
    """Writes one file."""
    if number % 3 == 0:
        name, head, size = f"vm-{number:06}.qcow2", qcow2(number), 4 * CLUSTER
    elif number % 3 == 1:
        name, head, size = f"ov-{number:06}.qcow2", qcow2(number, f"vm-{number - 1:06}.qcow2"), 4 * CLUSTER
    else:
        head = (b"\xeb\x63\x90 boot %d" % number).ljust(510, b"\0") + b"\x55\xaa"
        name, size = f"disk-{number:06}.raw", (1 << 20) + number * 512
    with open(directory / name, "wb") as file:
        file.write(head)
        file.truncate(size)


def compare_warm(args, directory):
    """Whole processes, in turns, everything in the page cache."""
    print(f"medians of {args.runs} runs each, in turns; milliseconds from start to end (and of CPU)")
    print(f"{'jobs':>4} {'bare calls':>16} {'library':>16} {'ratio':>6} {'scan, lines':>16} {'ratio':>6}"
          f" {'scan, table':>16} {'ratio':>6}  budget {BUDGET}")
    for jobs in ("1", "2"):
        scan = [args.program, "scan", f"--jobs={jobs}"]
        timings = compare([[args.bench, "bare", directory, jobs], [args.bench, "scan", directory, jobs],
                           [*scan, "--output=lines", directory], [*scan, directory]], args.runs)
        bare, *ours = timings
        cells = "".join(f" {timing.median():8.1f} ({timing.median_cpu():5.1f}) {timing.median() / bare.median():6.2f}"
                        for timing in ours)
        verdicts = ", ".join("met" if timing.median() / bare.median() <= BUDGET else "MISSED" for timing in ours)
        print(f"{jobs:>4} {bare.median():8.1f} ({bare.median_cpu():5.1f}){cells}  {verdicts}")


def compare_again(args, directory):
    """Everything known already, beside one statx an entry."""
    for jobs in ("1", "2"):
        bare = compare([[args.bench, "stat", directory, jobs]], args.runs)[0].median()
        found = sorted(float(subprocess.run([args.bench, "again", directory, jobs], check=True, capture_output=True,
                                            text=True).stdout) for _ in range(args.runs))[args.runs // 2]
        print(f"{jobs} jobs: statx of each {bare:.1f} ms, a scan with all known {found:.1f} ms, ratio {found / bare:.2f};"
              f" budget {AGAIN_BUDGET}  {'met' if found / bare <= AGAIN_BUDGET else 'MISSED'}")


def slow_run(args, words):
    """Milliseconds of a process whose calls take a millisecond."""
    start = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, LD_PRELOAD=args.slow, VIRT_PROBE_SLOW_US="1000"))
    return (time.perf_counter() - start) * 1000


def compare_slow(args):
    """With calls that take a millisecond, beside the bare calls, whose sleeps last a little longer than that, too. Many jobs
    get more files, since a process also has to start."""
    for jobs, count in ((1, 600), (8, 600), (32, 2400)):
        with tempfile.TemporaryDirectory() as directory:
            for number in range(count):
                make_image(pathlib.Path(directory), number)
            taken = slow_run(args, [args.program, "scan", f"--jobs={jobs}", "--output=lines", directory])
            bare = slow_run(args, [args.bench, "bare", directory, str(jobs)])
        wanted = count * SLOW_CALLS / jobs
        print(f"{jobs} jobs, {count} files, 1 ms a call: {taken:.0f} ms, {taken / wanted:.2f} of N x {SLOW_CALLS} / jobs"
              f" (bare calls {bare / wanted:.2f}); budget {SLOW_BUDGET}  {'met' if taken / wanted <= SLOW_BUDGET else 'MISSED'}")


def peak_of(args, command):
    """The most memory that a command has, in MiB."""
    launcher = pathlib.Path(args.bench).with_name("bench-peak")
    result = subprocess.run([launcher, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(result.stderr.split()[-1]) / 1024


def refresh_timings(args, directory, state):
    """Timings of a first refresh, of one with nothing changed, and of the list; in turns. Then the peak of a first refresh."""
    os.environ.update(VIRT_PROBE_CONFIG_DIR=f"{state}/config", VIRT_PROBE_STATE_DIR=f"{state}/state")
    subprocess.run([args.program, "pool-define-as", "growth", "dir", "--target", directory], check=True, stdout=subprocess.DEVNULL)
    timings = [Timing() for _ in range(3)]
    for _ in range(GROWTH_RUNS):
        shutil.rmtree(f"{state}/state", ignore_errors=True)
        for verb, timing in zip(("pool-refresh", "pool-refresh", "vol-list"), timings):
            run_once([args.program, verb, "growth"], timing)
    shutil.rmtree(f"{state}/state")
    return timings, peak_of(args, [args.program, "pool-refresh", "growth"])


def show_growth(args, counts):
    """Time and memory by number of entries, beside the bare calls, which take longer each when the kernel knows more files."""
    print("microseconds an entry, medians; the scan and the bare calls with one job, the pool with as many as processors; peaks of memory")
    print(f"{'entries':>8} {'bare calls':>11} {'scan, lines':>12} {'ratio':>6} {'memory':>10} {'first refresh':>14} {'memory':>10}"
          f" {'unchanged':>10} {'list':>6}")
    for count in counts:
        with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as state:
            for number in range(count):
                make_image(pathlib.Path(name), number)
            lines = [args.program, "scan", "--jobs=1", "--output=lines", name]
            bare, scan = compare([[args.bench, "bare", name, "1"], lines], GROWTH_RUNS)
            refreshes, peak = refresh_timings(args, name, state)
            each = [timing.median() * 1000 / count for timing in (bare, scan, *refreshes)]
            print(f"{count:8} {each[0]:11.2f} {each[1]:12.2f} {each[1] / each[0]:6.2f} {peak_of(args, lines):6.1f} MiB {each[2]:14.2f}"
                  f" {peak:6.1f} MiB {each[3]:10.2f} {each[4]:6.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the virt-probe to measure")
    parser.add_argument("--bench", required=True, help="the built bench-scan")
    parser.add_argument("--slow", required=True, help="the built libslow-calls.so")
    parser.add_argument("--files", type=int, default=20000, help="in the directory (default: 20000)")
    parser.add_argument("--runs", type=int, default=21, help="of each command (default: 21)")
    parser.add_argument("--growth", action="store_true", help="scan and refresh directories of 1,000 to 1,000,000 entries")
    args = parser.parse_args()
    for name in ("program", "bench", "slow"):
        setattr(args, name, str(pathlib.Path(getattr(args, name)).resolve()))
    if args.growth:
        show_growth(args, (1000, 10000, 100000, 1000000))
        return
    with tempfile.TemporaryDirectory() as name:
        for number in range(args.files):
            make_image(pathlib.Path(name), number)
        compare_warm(args, name)
        compare_again(args, name)
        memory = subprocess.run([args.bench, "memory", name, "2"], check=True, capture_output=True, text=True).stdout.strip()
        print(f"{memory} bytes of heap a volume, its texts included; budget {MEMORY_BUDGET} without them")
        compare_slow(args)


if __name__ == "__main__":
    main()
