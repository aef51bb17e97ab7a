# SPDX-License-Identifier: LGPL-2.1-or-later
# Damages the catalogue in many places, and compares what lists and refreshes make of it with the directory.
"""A damaged catalogue is never shown as a list without an error, and a refresh makes it anew."""

import os
import random
import re
import sqlite3
import sys
import tempfile
from pathlib import Path

from catalogues import KINDS
from chain_images import qcow2, raw, write
from programs import arguments_parse, environment, parse_json_or_none, run
from tap import Tap

FILES = 40
BYTES = 60
CUTS = 12
SEED = 20261
# The header of an SQLite file.
HEADER = 100
# What nobody shows for another reason than damage: its state, and what it is made of.
KEYS = ("name", "format", "capacity", "backing", "state", "inode", "physical", "mtime")


class Pool:
    """A pool with a catalogue that was written once."""

    def __init__(self, program, folder, kind):
        self.program = program
        self.target = Path(folder, "images")
        self.target.mkdir()
        self.environment = environment(VIRT_PROBE_CONFIG_DIR=str(Path(folder, "config")),
                                       VIRT_PROBE_STATE_DIR=str(Path(folder, "state")))
        write(self.target / "base.qcow2", qcow2())
        write(self.target / "overlay.qcow2", qcow2("base.qcow2", "qcow2"))
        for index in range(FILES):
            write(self.target / f"disk-{index}.raw", raw(512 * (index + 1)))
        self.call("pool-define-as", "images", "dir", "--target", self.target)
        self.call("pool-refresh", "images")
        self.sound = self.listed()[1]
        self.path = kind(Path(folder, "state"), self.call("pool-uuid", "images").stdout.decode().strip()).path
        self.content = self.path.read_bytes()
        self.stamp = self.path.stat().st_mtime_ns

    def call(self, *words):
        """Run the program."""
        return run([self.program, *map(str, words)], env=self.environment)

    def listed(self):
        """How a list ends, and what it shows."""
        result = self.call("vol-list", "images", "--output=json")
        found = parse_json_or_none(result.stdout) or []
        return result, [[one.get(key) for key in KEYS] for one in found]

    def put(self, content, keeps_time=False):
        """Make that the catalogue."""
        for suffix in ("-journal", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        self.path.write_bytes(content)
        if keeps_time:
            os.utime(self.path, ns=(self.stamp, self.stamp))

    def problems(self, content, keeps_time=False):
        """What is wrong with lists and refreshes of such a catalogue."""
        words = ["pool-refresh", "images"] + (["--force"] if keeps_time else [])
        self.put(content, keeps_time)
        result, volumes = self.listed()
        found = []
        if result.has_crashed:
            found.append("a list crashes")
        # An empty list says that there was no refresh.
        if result.status == 0 and volumes not in (self.sound, []):
            found.append("a list believes it")
        refreshed = self.call(*words)
        if refreshed.status != 0:
            found.append(f"{' '.join(words)}: {refreshed.message}")
        if self.listed()[1] != self.sound:
            found.append(f"after {' '.join(words)} the list is not the files")
        return found


def changed(content, place, chance):
    """The content with another byte in a place."""
    byte = content[place] ^ chance.randrange(1, 256)
    return content[:place] + bytes([byte]) + content[place + 1:]


def check_bytes(tap, pool):
    """Single bytes, everywhere and in the header."""
    chance = random.Random(SEED)
    places = [chance.randrange(len(pool.content)) for _ in range(BYTES)]
    for place in places + [chance.randrange(HEADER) for _ in range(BYTES // 3)]:
        tap.check_none(pool.problems(changed(pool.content, place, chance)), f"byte {place}: a refresh makes it anew")
    # Where names and facts are, and no time tells of it: as when the disk forgets.
    start = pool.content.index(b"disk-")
    for place in (chance.randrange(start, len(pool.content)) for _ in range(BYTES // 3)):
        tap.check_none(pool.problems(changed(pool.content, place, chance), True), f"byte {place}, quietly: --force does")


def check_cuts(tap, pool):
    """The file ends too early."""
    chance = random.Random(SEED)
    pages = range(0, len(pool.content), 4096)
    for size in [chance.randrange(len(pool.content)) for _ in range(CUTS)] + [chance.choice(pages) for _ in range(CUTS // 3)]:
        tap.check_none(pool.problems(pool.content[:size]), f"cut after {size} bytes: a refresh makes it anew")


def check_names(tap, pool):
    """A name of a row becomes another: a file that is not there, and one that is."""
    for new in (b"disk-x.raw", b"disk-7.raw"):
        tap.check_none(pool.problems(pool.content.replace(b"disk-8.raw", new)), f"{new.decode()} in place of disk-8.raw")


def check_repeated(tap, pool):
    """A page names one of its rows twice, in the place of another."""
    places = [place for place in range(0, len(pool.content), 4096) if b"disk-" in pool.content[place:place + 4096]]
    for place in places:
        content = bytearray(pool.content)
        content[place + 14:place + 16] = content[place + 16:place + 18]
        tap.check_none(pool.problems(bytes(content)), f"page at {place}: a row twice")


def check_schema(tap, pool):
    """A word of the tables' definition."""
    content = pool.content.replace(b"CREATE TABLE pools", b"CREATE TABXE pools")
    tap.check_none(pool.problems(content), "a schema that is none: a refresh makes it anew")


def check_once(tap, pool):
    """A file that somebody only touched is looked at once, and not made anew."""
    pool.put(pool.content)
    counts = parse_json_or_none(pool.call("pool-refresh", "images", "--output=json").stdout)[0]
    tap.check_equal((counts["added"], counts["read"]), (0, 0), "a sound catalogue with another time is kept")
    before = pool.path.read_bytes()
    pool.call("pool-refresh", "images")
    tap.check(pool.path.read_bytes() == before, "and not written a second time")


def check_change(tap, pool):
    """A row is damaged quietly, and another file changes: what is added up is looked at."""
    for name in ("disk-3.raw", "disk-30.raw"):
        content = bytearray(pool.content)
        # In the list of known files a NUL follows.
        row = re.search(re.escape(name.encode()) + rb"[^\0]", content) or re.search(name.encode(), content)
        content[row.end() + 8] ^= 1
        pool.put(bytes(content), keeps_time=True)
        write(pool.target / "disk-5.raw", raw(512 * 6))
        tap.check_equal(pool.call("pool-refresh", "images").status, 0, f"a refresh with a quiet damage near {name}")
        found = {volume[0]: volume for volume in pool.listed()[1]}
        tap.check_equal(sorted(found), sorted(volume[0] for volume in pool.sound), "has made the list anew")
        tap.check_none([volume for volume in pool.sound if volume[0] != "disk-5.raw" and found[volume[0]] != volume],
                       "of what the files are")


def check_stale(tap, pool):
    """A row comes back that the file has had before, sound in itself: as when the disk loses a write."""
    if not pool.path.name.endswith(".db"):
        return
    pool.put(pool.content)
    write(pool.target / "disk-7.raw", raw(512 * 700))
    pool.call("pool-refresh", "images")
    now = pool.listed()[1]
    with sqlite3.connect(pool.path) as database, tempfile.NamedTemporaryFile() as before:
        before.write(pool.content)
        before.flush()
        database.execute("ATTACH ? AS before", (before.name,))
        database.execute("UPDATE main.volumes SET facts = (SELECT facts FROM before.volumes WHERE name = main.volumes.name)"
                         " WHERE name = ?", (b"disk-7.raw",))
        database.commit()
    pool.call("pool-refresh", "images")
    tap.check_equal(pool.listed()[1], now, "a row of an older list is found by the next refresh")


def check_lost(tap, pool):
    """A row is lost quietly, and another file changes: the pool has fewer rows than files."""
    if not pool.path.name.endswith(".db"):
        return
    pool.put(pool.content)
    pool.call("pool-refresh", "images")
    stamp = pool.path.stat().st_mtime_ns
    with sqlite3.connect(pool.path) as database:
        database.execute("DELETE FROM volumes WHERE name = ?", (b"disk-9.raw",))
    os.utime(pool.path, ns=(stamp, stamp))
    write(pool.target / "disk-5.raw", raw(512 * 8))
    pool.call("pool-refresh", "images")
    names = [volume[0] for volume in pool.listed()[1]]
    tap.check_equal(names, [volume[0] for volume in pool.sound], "a refresh that changes another row finds it")


def main():
    """Run all checks."""
    options = arguments_parse(
        __doc__, lambda parser: parser.add_argument("--catalogue", choices=KINDS, required=True, help="how the build keeps it"),
        needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        pool = Pool(options.program, os.path.realpath(folder), KINDS[options.catalogue])
        tap.check_equal(len(pool.sound), FILES + 2, "the pool is listed")
        for check in (check_bytes, check_cuts, check_names, check_repeated, check_schema, check_once, check_change, check_stale, check_lost):
            check(tap, pool)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
