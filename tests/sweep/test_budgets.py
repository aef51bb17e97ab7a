#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Describes large hostile images and checks what the answer cost: reads, bytes, memory, output."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

DATA = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(DATA / "qcow2data"))
import qcow2_builder as q  # noqa: E402  the path must be known first

READS_MAX = 64
BYTES_MAX = 4 << 20
OUTPUT_MAX = 256 << 10
HEAP_MAX = 8 << 20


def many_snapshots(name_len):
    """As many snapshots as QEMU allows, each with a name."""
    entry = struct.pack(">QIHHIIQII", 0, 0, 4, name_len, 0, 0, 0, 0, 16) + bytes(16)
    table = b"".join((entry + b"%04x" % (i & 0xFFFF) + b"\xff" * name_len).ljust((60 + name_len + 7) & ~7, b"\0")
                     for i in range(65536))
    return q.build_qcow2(header={"nb_snapshots": 65536, "snapshots_offset": 8192}).ljust(8192, b"\0") + table


def many_bitmaps():
    """As many bitmaps as QEMU allows, each with another name."""
    directory = b"".join(struct.pack(">QIIBBHI", 512, 1, 1, 1, 16, 5, 0) + b"%05d" % i + bytes(3) for i in range(65535))
    data = struct.pack(">IIQQ", 65535, 0, len(directory), 8192)
    image = q.build_qcow2(header={"autoclear_features": q.AUTOCLEAR_BITMAPS}, extensions=[q.pack_extension(q.EXT_BITMAPS, data)])
    return image.ljust(8192, b"\0") + directory


def large_first_cluster(fill):
    """A first cluster of 2 MiB, all of it header extensions."""
    image = bytearray(q.build_qcow2(header={"cluster_bits": 21}))
    cluster = fill(image[:112], (2 << 20) - 112)
    return bytes(cluster) + bytes(2 << 20)


def empty_extensions(head, room):
    return head + struct.pack(">II", 0x12345678, 0) * (room // 8)


def long_data_file_name(head, room):
    return head + struct.pack(">II", q.EXT_DATA_FILE, room - 8) + b"\xfe" * (room - 8)


def many_feature_names(head, room):
    count = (room - 8) // 48
    head[72:80] = b"\xff" * 8
    names = b"".join(bytes((i % 3, i % 64)) + b"\x1b" * 46 for i in range(count))
    return (head + struct.pack(">II", 0x6803F857, count * 48) + names).ljust(2 << 20, b"\0")


def long_block_table():
    """A dynamic VHD whose block table is longer than all that is ever read."""
    image = bytearray((DATA / "imagedata/vpc-dynamic.vhd").read_bytes())
    footer = image[:512]
    struct.pack_into(">Q", image, 512 + 16, 4096)
    struct.pack_into(">I", image, 512 + 28, 1100000)
    return bytes(image[:1536]).ljust(4096, b"\0") + b"\xff" * 4400000 + footer


IMAGES = {
    "VHD with 1100000 blocks": long_block_table,
    "65536 snapshots with short names": lambda: many_snapshots(8),
    "65536 snapshots with long names": lambda: many_snapshots(300),
    "65535 bitmaps": many_bitmaps,
    "262130 empty header extensions": lambda: large_first_cluster(empty_extensions),
    "data file name of 2 MiB": lambda: large_first_cluster(long_data_file_name),
    "43690 feature names": lambda: large_first_cluster(many_feature_names),
}


def run(program, arguments, output, heap_limit):
    """Exit status (negative: signal) of one run that may have so many bytes of heap."""
    with open(output, "wb") as stdout:
        done = subprocess.run(["prlimit", f"--data={heap_limit}", "--core=0", program, *arguments], stdout=stdout,
                              stderr=subprocess.DEVNULL, check=False)
    return done.returncode


def heap_needed(program, arguments, output):
    """The least heap, in steps of 64 KiB, with which the answer is the same as with any."""
    run(program, arguments, output, 1 << 30)
    answer = output.read_bytes()
    low, high = 0, 1024
    while low < high:
        middle = (low + high) // 2
        run(program, arguments, output, middle << 16)
        if output.read_bytes() == answer:
            high = middle
        else:
            low = middle + 1
    return low << 16


def problems_of(program, name, image, output, baseline, options):
    arguments = ["info", "--output=json", *options, str(image)]
    heap = heap_needed(program, arguments, output)
    run(program, arguments, output, 1 << 30)
    text = output.read_bytes()
    cost = json.loads(text)["virt-probe"]["io"]
    print(f"# {(heap - baseline) >> 10} KiB of heap, {cost['reads']} reads, {cost['bytes']} bytes, "
          f"{len(text)} bytes of JSON")
    rules = {finding["rule"] for finding in json.loads(text)["virt-probe"]["findings"]}
    if "VHD" in name and "not-examined" not in rules:
        yield "nothing says that blocks were not looked at"
    if cost["reads"] > READS_MAX or cost["bytes"] > BYTES_MAX:
        yield "too many reads or bytes"
    if len(text) > OUTPUT_MAX and "--full" not in options:
        yield "too much output"
    # The text is no part of the description, and it doubles its room while it grows.
    if heap - baseline > HEAP_MAX + 3 * len(text):
        yield "too much heap"


def main():
    program = sys.argv[1]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        output = folder / "output"
        plain = folder / "plain.qcow2"
        plain.write_bytes(q.build_qcow2())
        baseline = heap_needed(program, ["info", "--output=json", str(plain)], output)
        cases = [(name, make, options) for name, make in IMAGES.items() for options in ([], ["--full"])]
        print(f"1..{len(cases)}")
        for number, (name, make, options) in enumerate(cases, 1):
            image = folder / "hostile.qcow2"
            image.write_bytes(make())
            problems = list(problems_of(program, name, image, output, baseline, options))
            failed += bool(problems)
            print(f"{'not ' if problems else ''}ok {number} - {' '.join([name, *options])}")
            for problem in problems:
                print(f"# {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
