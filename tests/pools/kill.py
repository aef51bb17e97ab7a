#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills a program that writes the catalogue 200 times, at random moments, and looks at what it leaves each time: it opens,
nothing in it is damaged, it holds one whole generation, and none that was written before is lost: kill PROGRAM KIND, where
KIND is sqlite or files, as the program keeps the catalogue."""
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

POOL = "00000000-0000-4000-8000-000000000001"
KILLS = 200
VOLUMES_MAX = 200
# Seconds after the program has opened the catalogue; each fifth time after its start, when it may not have come so far.
LATEST = 0.04


def number_of(generation):
    """As catalogue-writer.c has it."""
    return generation % 1000003


def volumes_of(generation):
    """As catalogue-writer.c has it."""
    return 20 + number_of(generation) * 37 % (VOLUMES_MAX - 20)


def write_and_kill(program, environment, delay, is_early):
    """Gives the generation that the program found, None when it did not come so far."""
    with subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output = b"" if is_early else process.stdout.readline()
        time.sleep(delay)
        process.kill()
        output += process.stdout.read()
        complaint = process.stderr.read()
    assert not complaint, complaint.decode()
    return int(output) if output.endswith(b"\n") else None


def capacity_of(facts):
    """As volume-pack.c keeps it: behind a mask of the fields that there are, and the texts of the type and the format."""
    present = int.from_bytes(facts[:4], "little")
    place = 4
    for field in (2, 3):
        if present >> field & 1:
            place = facts.index(0, place) + 1
    assert present >> 4 & 1
    first = facts[place]
    return first if first <= 247 else int.from_bytes(facts[place + 1:place + 1 + first - 247], "little")


class Database:
    """The catalogue of a build with SQLite."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder, "catalogue.db")

    def check(self):
        """Gives the generation in the catalogue; 0 when there is none."""
        if not self.path.exists():
            return 0
        with sqlite3.connect(self.path) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            if database.execute("PRAGMA user_version").fetchone() == (0,):
                return 0
            pools = database.execute("SELECT generation, volumes, capacity, allocation FROM pools").fetchall()
            found = [capacity_of(facts) for facts, in database.execute("SELECT facts FROM volumes")]
        database.close()
        if not pools:
            assert not found, found
            return 0
        [(generation, *sums)] = pools
        check_generation(generation, sums, found)
        return generation

    def remove(self):
        for ending in "", "-journal":
            pathlib.Path(f"{self.path}{ending}").unlink(missing_ok=True)


class Documents:
    """The catalogue of a build without: a document a pool."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder, "catalogue")

    def check(self):
        """The same. At most one file is left that was not written to its end."""
        left = [path for path in self.folder.glob("*") if path.suffix != ".xml"]
        assert [path.name for path in left] in ([], [f"{POOL}.xml.new"]), left
        path = self.folder / f"{POOL}.xml"
        if not path.exists():
            return 0
        root = ElementTree.parse(path).getroot()
        generation, *sums = [int(root.get(key)) for key in ("generation", "volumes", "capacity", "allocation")]
        found = [int(volume.get("capacity")) for volume in root]
        check_generation(generation, sums, found)
        return generation

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def check_generation(generation, sums, found):
    """All volumes are of the same generation, whose capacities are found, and the sums are theirs."""
    if sums[0] == 0:
        # The first generation.
        assert not found, (found, sums)
        return
    count, number = volumes_of(generation), number_of(generation)
    assert found == [number] * count, (found, generation)
    assert sums == [count, count * number, count], sums


def main():
    program, kind = sys.argv[1:]
    seed = int(os.environ.get("VIRT_PROBE_TEST_SEED", time.time_ns() % 1000000))
    chance = random.Random(seed)
    last = kills_while_writing = 0
    with tempfile.TemporaryDirectory() as folder:
        catalogue = {"sqlite": Database, "files": Documents}[kind](folder)
        environment = dict(os.environ, VIRT_PROBE_STATE_DIR=folder)
        for i in range(KILLS):
            found = write_and_kill(program, environment, chance.uniform(0, LATEST), i % 5 == 0)
            generation = catalogue.check()
            assert found is None or found == last, f"seed {seed}, kill {i}: {last} became {found}"
            assert generation >= last, f"seed {seed}, kill {i}: {last} became {generation}"
            kills_while_writing += generation > last
            last = generation
            if chance.random() < 0.05:
                catalogue.remove()
                last = 0
    print("TAP version 13\n1..1")
    is_fine = kills_while_writing > KILLS // 4
    print("ok" if is_fine else "not ok", f"1 - catalogue survives {KILLS} kills, {kills_while_writing} of them while it was "
          f"written # seed {seed}")
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
