# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests the verbs of pools and volumes as a user of virsh sees them: definitions, refreshes, lists, and what goes wrong.
"""Whatever one file does, its pool stays up and lists the others."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from catalogues import KINDS
from chain_images import qcow2, raw, write
from programs import arguments_parse, environment, parse_json_or_none, run
from schemas import schema_problems
from tap import Tap

# What virsh 9.0 prints: virsh -c test:///default pool-list --inactive, vol-list default-pool, and both with more in them.
EMPTY_LIST = " Name   State   Autostart\n---------------------------\n\n"
NEEDLESS = ("pool-start", "pool-destroy", "pool-autostart", "pool-build")


class Pools:
    """A scratch folder with directories of its own for definitions and the catalogue."""

    def __init__(self, program, folder, kind):
        self.program, self.folder, self.kind = program, Path(folder), kind
        self.target = self.folder / "images"
        self.target.mkdir()
        domains = self.folder / "domains"
        domains.mkdir()
        (domains / "one.xml").write_text("<domain type='kvm'><name>one</name></domain>")
        self.environment = environment(VIRT_PROBE_CONFIG_DIR=str(self.folder / "config"),
                                       VIRT_PROBE_STATE_DIR=str(self.folder / "state"),
                                       VIRT_PROBE_DOMAIN_DIR=str(domains))

    def call(self, *words):
        """Run the program."""
        return run([self.program, *map(str, words)], cwd=self.folder, env=self.environment)

    def json(self, *words):
        """The JSON of a verb."""
        return parse_json_or_none(self.call(*words, "--output=json").stdout)

    def define(self):
        """The pool that most tests are about."""
        return self.call("pool-define-as", "images", "dir", "--target", self.target)

    def volumes(self):
        """The volumes of the last refresh by name."""
        return {volume["name"]: volume for volume in self.json("vol-list", "images") or []}

    def catalogue(self):
        """What holds the volumes of that pool."""
        return self.kind(self.folder / "state", self.call("pool-uuid", "images").stdout.decode().strip())

    def refresh(self):
        """What a refresh counts; empty when it failed."""
        found = self.json("pool-refresh", "images")
        return found[0] if found else {}


def check_definitions(tap, pools):
    """Pools are defined, listed and forgotten."""
    tap.check_equal(pools.call("pool-list").stdout.decode(), EMPTY_LIST, "no pools: virsh's empty list")
    result = pools.define()
    tap.check_equal(result.stdout, b"Pool images defined\n\n", "pool-define-as says what virsh says")
    tap.check_equal(pools.define().status, 1, "a name that is taken is refused")
    uuid = pools.call("pool-uuid", "images").stdout.decode().strip()
    tap.check_equal(pools.call("pool-name", uuid).stdout, b"images\n", "a pool is found by its UUID")
    tap.check_equal(pools.call("pool-uuid", "--pool", "images").stdout.decode().strip(), uuid,
                    "--pool X is the same as X")
    file = pools.folder / "images.xml"
    file.write_bytes(pools.call("pool-dumpxml", "images").stdout)
    tap.check_equal(pools.call("pool-undefine", "images").stdout,
                    b"Pool images has been undefined\n\n", "pool-undefine says what virsh says")
    tap.check_equal(pools.call("pool-info", "images").status, 1, "then it is gone")
    result = pools.call("pool-define", file)
    tap.check_equal(result.stdout.decode(), f"Pool images defined from {file}\n\n",
                    "pool-define reads what pool-dumpxml printed")
    tap.check_equal(pools.call("pool-uuid", "images").stdout.decode().strip(), uuid, "with its UUID")
    lines = pools.call("pool-list").stdout.decode().splitlines()
    tap.check_equal(lines[2], " images   active   yes", "and it is listed")
    tap.check_equal(pools.call("pool-list", "--name").stdout, b"images\n", "also by its name alone")
    tap.check_equal([one["name"] for one in pools.json("pool-list")], ["images"], "and in JSON")
    for verb in NEEDLESS:
        result = pools.call(verb, "images")
        tap.check(result.status == 1 and result.stderr.count(b"\n") == 1, f"{verb} gets one sentence")


def fill(pools):
    """Everything that takes libvirt's pool down or confuses it, and two healthy images."""
    target = pools.target
    write(target / "base.qcow2", qcow2())
    write(target / "overlay.qcow2", qcow2("base.qcow2", "qcow2"))
    whole = qcow2()
    for length in (0, 4, 31, 32, 80, 99, 103):
        write(target / f"cut-{length}.qcow2", whole[:length])
    write(target / "disk.raw", raw(1 << 20))
    write(target / "name with 'quotes' <&>.raw", raw(512))
    with open(os.fsencode(target) + b"/\xff\n.raw", "wb") as file:
        file.write(bytes(512))
    (target / "directory").mkdir()
    (target / "dangling").symlink_to("nowhere")
    (target / "loop").symlink_to("loop")
    os.mkfifo(target / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(target / "socket"))


def check_refresh(tap, pools):
    """A pool of healthy, broken and strange files."""
    fill(pools)
    result = pools.call("vol-list", "images")
    tap.check(result.status == 1 and b"pool-refresh" in result.stderr, "before a refresh nothing is known")
    counts = pools.refresh()
    names = len(list(pools.target.iterdir()))
    tap.check_equal((counts.get("volumes"), counts.get("added"), counts.get("read")),
                    (names, names, names), "the first refresh finds everything")
    volumes = pools.volumes()
    tap.check_equal(volumes["base.qcow2"]["state"], "ok", "a healthy image is ok")
    tap.check_equal(volumes["overlay.qcow2"].get("backing-path"), str(pools.target / "base.qcow2"),
                    "an overlay says where its base is")
    for length in (32, 80, 99):
        tap.check_equal(volumes[f"cut-{length}.qcow2"]["state"], "partial",
                        f"a header cut at {length} is that volume's state, not the pool's")
    for name in ("dangling", "loop", "fifo", "socket"):
        tap.check_equal(volumes[name]["state"], "unreadable", f"{name} is a volume with its reason")
    tap.check_equal((volumes["directory"]["type"], volumes["directory"]["format"]), ("dir", "dir"),
                    "a directory is a volume, as for libvirt")
    tap.check_equal(list(volumes), sorted(volumes, key=lambda name: volumes[name]["path"]),
                    "volumes come by name")
    counts = pools.refresh()
    unreadable = sum(volume["state"] == "unreadable" for volume in volumes.values())
    tap.check_equal((counts.get("read"), counts.get("changed")), (unreadable, 0),
                    "a second refresh reads only what could not be read")
    info = parse_json_or_none(pools.call("scan", "--output=json", pools.target).stdout)
    kept = {volume["name"]: volume.get("rules") for volume in volumes.values()}
    tap.check_equal({volume["name"]: volume.get("rules") for volume in info}, kept, "the catalogue keeps rules as lists")
    tap.check_none(schema_problems("volume", volumes.values()), "vol-list is as the schema says")
    tap.check_none(schema_problems("refresh", [counts]), "so is pool-refresh")
    tap.check_none(schema_problems("pool", [pools.json("pool-info", "images"), *pools.json("pool-list")]), "so are pools")
    result = pools.call("pool-refresh", "images")
    tap.check(result.stdout.startswith(b"Pool images refreshed\n"), "pool-refresh begins as virsh's")


def check_changes(tap, pools):
    """What happens to files between two refreshes."""
    before = pools.volumes()
    (pools.target / "disk.raw").write_bytes(qcow2())
    (pools.target / "fifo").unlink()
    (pools.target / "socket").unlink()
    write(pools.target / "new.raw", raw(1024))
    counts = pools.refresh()
    tap.check_equal((counts.get("added"), counts.get("removed")), (1, 2), "new and lost files are counted")
    volumes = pools.volumes()
    tap.check_equal((before["disk.raw"]["format"], volumes["disk.raw"]["format"]), ("raw", "qcow2"),
                    "a replaced file is noticed, which libvirt does not")
    tap.check("fifo" not in volumes and "new.raw" in volumes, "the list is the new one")
    found = parse_json_or_none(pools.call("pool-refresh", "images", "--force", "--output=json").stdout)
    tap.check_equal((found[0]["read"], found[0]["changed"]), (len(volumes), 0),
                    "--force reads everything, which changes nothing")


def check_exact_names(tap, pools):
    """Two names that JSON writes alike are told apart by their bytes."""
    names = (b"twin-\xfe.raw", b"twin-\xff.raw")
    for name in names:
        with open(os.path.join(os.fsencode(pools.target), name), "wb") as file:
            file.write(bytes(512))
    pools.refresh()
    twins = [volume for volume in pools.json("vol-list", "images") if volume["name"].startswith("twin-")]
    tap.check_equal({volume["name"] for volume in twins}, {"twin-\ufffd.raw"}, "two names that are no UTF-8 look alike")
    exact = [{one["pointer"]: bytes.fromhex(one["hex"]) for one in volume["bytes"]} for volume in twins]
    tap.check_equal([one["/name"] for one in exact], list(names), "each row has its exact bytes")
    tap.check_equal([os.path.basename(one["/path"]) for one in exact], list(names), "also of its path")
    for name in names:
        os.unlink(os.path.join(os.fsencode(pools.target), name))
    pools.refresh()


def check_volumes(tap, pools):
    """The verbs about one volume."""
    path = pools.target / "overlay.qcow2"
    for verb in ("vol-path", "vol-key"):
        tap.check_equal(pools.call(verb, "overlay.qcow2", "--pool", "images").stdout.decode(),
                        f"{path}\n", f"{verb} by name")
    tap.check_equal(pools.call("vol-path", "overlay.qcow2", "images").stdout.decode(), f"{path}\n",
                    "the pool may stand behind the volume")
    tap.check_equal(pools.call("vol-name", path).stdout, b"overlay.qcow2\n", "vol-name by path")
    tap.check_equal(pools.call("vol-pool", path).stdout, b"images\n", "vol-pool by path")
    lines = pools.call("vol-info", "overlay.qcow2", "images", "--bytes").stdout.decode().splitlines()
    tap.check_equal(lines[:3], ["Name:           overlay.qcow2", "Type:           file",
                                f"Capacity:       {pools.volumes()['overlay.qcow2']['capacity']} bytes"],
                    "vol-info begins with virsh's lines")
    write(pools.target / "late.qcow2", qcow2())
    tap.check_equal(pools.call("vol-path", "late.qcow2", "images").status, 0,
                    "a file that no refresh has seen is found")
    (pools.target / "late.qcow2").unlink()
    result = pools.call("vol-info", "late.qcow2", "images")
    tap.check(result.status == 1 and result.stderr.count(b"\n") == 1, "a file that is gone is not")
    xml = pools.call("vol-dumpxml", "overlay.qcow2", "images").stdout.decode()
    tap.check(xml.startswith("<volume type='file'>\n  <name>overlay.qcow2</name>"), "vol-dumpxml is libvirt's")
    tap.check_equal(xml, pools.call("info", "--output=xml", path).stdout.decode(), "and info's")
    for words in (["vol-info"], ["vol-info", "a", "b", "c"], ["vol-list"], ["pool-refresh"],
                  ["pool-refresh", "--all", "images"], ["pool-define-as", "x"], ["pool-define"],
                  ["pool-define-as", "x", "dir"], ["pool-list", "images"]):
        tap.check_equal(pools.call(*words).status, 64, f"{' '.join(words)} is a wrong command line")


def check_relations(tap, pools):
    """Who stands on whom, across pools, and whom nobody needs."""
    other = pools.folder / "other"
    other.mkdir()
    write(other / "far.qcow2", qcow2("../images/overlay.qcow2", "qcow2"))
    write(other / "lost.qcow2", qcow2("/nowhere/base", "raw"))
    pools.call("pool-define-as", "other", "dir", "--target", other)
    pools.call("pool-refresh", "--all")
    found = pools.json("vol-dependents", "base.qcow2", "images")
    tap.check_equal([(one["volume"]["name"], one["depth"]) for one in found],
                    [("overlay.qcow2", 1), ("far.qcow2", 2)], "dependents of a base, across pools")
    tap.check_none(schema_problems("dependent", found), "dependents are as the schema says")
    table = pools.call("vol-dependents", "base.qcow2", "images").stdout.decode().splitlines()
    tap.check_equal(len(table), 5, "as a table: titles, line, two rows and an empty line")
    orphans = {one["volume"]["name"]: one for one in pools.json("vol-orphans", "other")}
    tap.check_none(schema_problems("orphan", orphans.values()), "orphans are as the schema says")
    tap.check_equal(orphans["lost.qcow2"]["reason"], "backing-missing", "an overlay without its base")
    tap.check_equal({(one["confidence"], *one["doubts"]) for one in orphans.values()}, {("low", "young", "unreadable")},
                    "young files are never certain, nor is anything beside links that lead nowhere, and nothing else is doubted")
    names = {one["volume"]["name"] for one in pools.json("vol-orphans")}
    tap.check("base.qcow2" not in names and "overlay.qcow2" not in names, "who is needed is no orphan")
    check_gone_base(tap, pools, other)
    pools.call("pool-undefine", "other")


def check_gone_base(tap, pools, other):
    """Who stood on a file that is no more, and what is said of a directory that is no more."""
    gone = other / "gone.qcow2"
    write(other / "left.qcow2", qcow2("gone.qcow2", "qcow2"))
    pools.call("pool-refresh", "other")
    for words in ([gone], ["gone.qcow2", "other"], ["gone.qcow2", "--pool", "other"]):
        result = pools.call("vol-dependents", *words)
        tap.check(result.status == 0 and b"left.qcow2" in result.stdout, f"{len(words)} words: a base that is gone is missed")
    found = pools.json("vol-dependents", gone)
    tap.check_equal([(one["volume"]["name"], one["depth"]) for one in found], [("left.qcow2", 1)], "in JSON, too")
    for words, said in (([other / "nothing"], b"no volume"), (["nothing", "other"], b"no volume"), (["nothing"], b"no pool is given")):
        result = pools.call("vol-dependents", *words)
        tap.check(result.status == 1 and result.stdout == b"" and said in result.stderr, "a name that nobody knows is an error")
    tap.check_equal(pools.call("vol-dependents", other / "nothing", "--output=json").status, 1, "in JSON, too")
    away = pools.folder / "other-away"
    other.rename(away)
    result = pools.call("vol-orphans", "other")
    tap.check(result.status == 1 and result.stderr.count(b"\n") == 1, "vol-orphans says that the directory is gone")
    tap.check_equal(pools.call("vol-orphans", "images").status, 0, "which matters to the other pool")
    tap.check("high" not in {one["confidence"] for one in pools.json("vol-orphans", "images")}, "only as a doubt")
    result = pools.call("vol-orphans")
    tap.check(result.status == 1 and result.stderr.count(b"\n") == 1, "and all pools are not all")
    failed = [one for one in pools.json("vol-orphans", "other") if "error" in one]
    tap.check_equal([one["pool"] for one in failed], ["other"], "in JSON as an object with the reason")
    away.rename(other)
    (other / "left.qcow2").unlink()


def check_owners(tap, pools):
    """Directories that others may write hold nothing that is believed."""
    for name, words in (("state", ["vol-list", "images"]), ("config", ["pool-list"])):
        folder = pools.folder / name
        mode = folder.stat().st_mode & 0o7777
        folder.chmod(0o777)
        result = pools.call(*words)
        tap.check(result.status == 1 and result.stderr.count(b"\n") == 1 and b"may be written by others" in result.stderr,
                  f"{name}: refused with one sentence")
        folder.chmod(0o1777)
        tap.check_equal(pools.call(*words).status, 0, f"{name}: a sticky one is as good as one's own")
        folder.chmod(mode)


HOOK = """#!/bin/sh
echo "$@" >> "{log}"
case "$*" in *"refresh begin"*) exit {status};; esac
"""


def check_hooks(tap, pools):
    """Programs that hear of a refresh, and may forbid it."""
    folder = pools.folder / "config/hooks/storage.d"
    folder.mkdir(parents=True)
    log = pools.folder / "hook.log"
    program = folder / "10-log"
    program.write_text(HOOK.format(log=log, status=0))
    program.chmod(0o755)
    write(pools.target / "heard.raw", raw(512))
    pools.refresh()
    tap.check_equal(log.read_text().splitlines(),
                    ["images refresh begin -", "images volume added heard.raw", "images refresh end -"],
                    "hooks are called as libvirt calls its own")
    program.write_text(HOOK.format(log=log, status=1))
    (pools.target / "heard.raw").unlink()
    tap.check_equal(pools.call("pool-refresh", "images").status, 1, "a hook may forbid the refresh")
    tap.check("heard.raw" in pools.volumes(), "then nothing has changed")
    earlier = folder / "05-earlier"
    earlier.write_text(HOOK.format(log=pools.folder / "earlier.log", status=0))
    earlier.chmod(0o755)
    pools.call("pool-refresh", "images")
    tap.check_equal((pools.folder / "earlier.log").read_text().splitlines(),
                    ["images refresh begin -", "images refresh end -"], "who heard of the begin hears of the end")
    earlier.unlink()
    program.unlink()
    pools.refresh()


def check_watch(tap, pools):
    """pool-watch tells of a file as soon as it is there, and ends cleanly."""
    with subprocess.Popen([pools.program, "pool-watch", "images"], stdout=subprocess.PIPE, env=pools.environment,
                          text=True) as process:
        first = json.loads(process.stdout.readline())
        tap.check_equal(first["event"], "refreshed", "it begins with a refresh")
        write(pools.target / "seen.raw", raw(512))
        second = json.loads(process.stdout.readline())
        tap.check_equal((second["event"], second["volume"]["name"]), ("added", "seen.raw"), "a new file is told of")
        (pools.target / "seen.raw").unlink()
        third = json.loads(process.stdout.readline())
        while third["event"] != "removed":
            third = json.loads(process.stdout.readline())
        tap.check_none(schema_problems("event", [first, second, third]), "events are as the schema says")
        process.terminate()
        process.stdout.read()
        tap.check_equal(process.wait(timeout=30), 0, "SIGTERM ends it with 0")
    pools.refresh()


def check_stop(tap, pools):
    """Whoever tells pool-watch to end again and again does not make it crash."""
    statuses = set()
    for _ in range(20):
        with subprocess.Popen([pools.program, "pool-watch", "images"], stdout=subprocess.PIPE, env=pools.environment,
                              text=True) as process:
            process.stdout.readline()
            while process.poll() is None:
                process.terminate()
            statuses.add(process.returncode)
    tap.check(statuses <= {0, -signal.SIGTERM}, "many SIGTERMs end it as one does, or at once")


def check_new_definitions(tap, pools):
    """pool-watch without a pool follows the definitions."""
    other = pools.folder / "followed"
    other.mkdir()
    with subprocess.Popen([pools.program, "pool-watch"], stdout=subprocess.PIPE, env=pools.environment,
                          text=True) as process:
        process.stdout.readline()
        pools.call("pool-define-as", "followed", "dir", "--target", other)
        line = json.loads(process.stdout.readline())
        tap.check_equal((line["event"], line["pool"]), ("refreshed", "followed"), "a pool that is defined is refreshed")
        pools.call("pool-undefine", "followed")
        line = json.loads(process.stdout.readline())
        tap.check_equal((line["event"], line["pool"]), ("failed", "followed"), "one that is undefined is told of")
        process.terminate()
        process.stdout.read()
        tap.check_equal(process.wait(timeout=30), 0, "and the watch goes on without it")
    other.rmdir()


def check_targets(tap, pools):
    """Directories that cannot be used."""
    count = len(pools.volumes())
    away = pools.folder / "away"
    pools.target.rename(away)
    result = pools.call("pool-refresh", "images")
    tap.check(result.status == 1 and result.stderr.count(b"\n") == 1, "a directory that is gone is an error")
    tap.check_equal(len(pools.volumes()), count, "and the list stays")
    inactive = pools.json("pool-info", "images")
    tap.check_equal(inactive.get("state"), "inactive", "the pool is inactive")
    tap.check_none(schema_problems("pool", [inactive]) + schema_problems("refresh", pools.json("pool-refresh", "images")),
                   "which is as the schemas say")
    tap.check_equal(pools.call("pool-list").stdout.decode(), EMPTY_LIST, "and not among the active ones")
    away.rename(pools.target)
    (pools.folder / "share").mkdir()
    # Its name is the first, so that there are pools behind it.
    pools.call("pool-define-as", "a-share", "netfs", "--source-host", "server", "--source-path", "/x",
               "--target", pools.folder / "share")
    result = pools.call("pool-refresh", "a-share")
    tap.check(result.status == 1 and b"mount" in result.stderr, "a share that is not mounted is an error")
    write(pools.target / "behind.raw", raw(512))
    tap.check_equal((pools.call("pool-refresh", "--all").status, "behind.raw" in pools.volumes()), (1, True),
                    "--all goes on behind a pool that fails, and ends with 1")
    (pools.target / "behind.raw").unlink()
    (pools.folder / "share/underneath.raw").write_bytes(bytes(512))
    for words in (["vol-info", "underneath.raw", "a-share"], ["vol-path", pools.folder / "share/underneath.raw"]):
        tap.check(b"mount" in pools.call(*words).stderr, f"{words[0]} does not look below a share that is away")
    tap.check_equal(pools.call("vol-list", "a-share").status, 1, "nor is its list a success")
    found = pools.json("pool-refresh", "--all")
    tap.check_equal([(one["pool"], "error" in one) for one in found], [("a-share", True), ("images", False)],
                    "JSON has an element a pool")
    tap.check_equal(pools.call("pool-undefine", "a-share").status, 0, "it can be undefined")


def check_at_once(tap, pools):
    """Several processes define and refresh at the same moment."""
    words = [pools.program, "pool-define-as", "race", "dir", "--target", str(pools.folder)]
    started = [subprocess.Popen(words, env=pools.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for _ in range(6)]
    tap.check_equal(sorted(process.wait() for process in started), [0, 1, 1, 1, 1, 1], "one of six definitions wins")
    pools.call("pool-undefine", "race")
    words = [pools.program, "pool-refresh", "images", "--force"]
    started = [subprocess.Popen(words, env=pools.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for _ in range(6)]
    tap.check_equal([process.wait() for process in started], [0] * 6, "six refreshes at once all succeed")


def check_moved(tap, pools):
    """A pool whose directory is another one now, and one whose definition is broken."""
    away = pools.folder / "moved"
    file = pools.folder / "images.xml"
    file.write_bytes(pools.call("pool-dumpxml", "images").stdout.replace(b"/images<", b"/moved<"))
    pools.target.rename(away)
    pools.call("pool-define", file)
    pools.refresh()
    tap.check_equal({os.path.dirname(volume["path"]) for volume in pools.volumes().values()}, {str(away)},
                    "after a move all paths are the new ones")
    found = pools.json("vol-dependents", away / "base.qcow2")
    tap.check_equal([one["volume"]["name"] for one in found], ["overlay.qcow2"], "and dependents are found")
    definition = pools.folder / "config/storage/images.xml"
    whole = definition.read_bytes()
    other = pools.folder / "elsewhere"
    other.mkdir()
    write(other / "own.qcow2", qcow2(str(away / "base.qcow2"), "qcow2"))
    pools.call("pool-define-as", "elsewhere", "dir", "--target", other)
    pools.call("pool-refresh", "elsewhere")
    broken = pools.folder / "config/storage/elsewhere.xml"
    broken.write_bytes(b"<broken")
    for words in (["vol-dependents", away / "base.qcow2"], ["vol-dependents", away / "base.qcow2", "--output=json"],
                  ["vol-orphans"]):
        tap.check(pools.call(*words).status in (0, 1), f"{words[0]} with a broken definition does not crash")
    broken.unlink()
    away.rename(pools.target)
    definition.write_bytes(whole.replace(b"/moved<", b"/images<"))
    pools.refresh()
    catalogue = pools.catalogue()
    tap.check_equal(catalogue.path.stat().st_mode & 0o777, 0o600, "nobody else reads the catalogue")
    catalogue.rename_field()
    write(pools.target / "late.raw", raw(512))
    tap.check_equal(pools.call("pool-refresh", "images").status, 0, "a catalogue that does not fit is made anew")
    tap.check("late.raw" in pools.volumes(), "and filled")
    catalogue.spoil_volume("late.raw")
    tap.check_equal(pools.call("vol-list", "images").status, 1, "a row that cannot be read is an error")
    pools.call("pool-refresh", "images", "--force")
    tap.check("late.raw" in pools.volumes(), "which a refresh of all repairs")
    (pools.target / "late.raw").unlink()
    pools.refresh()


def check_catalogue(tap, pools):
    """The catalogue is only a cache."""
    count = len(pools.volumes())
    catalogue = pools.catalogue()
    for content, status in catalogue.rubbish:
        catalogue.overwrite(content)
        tap.check_equal(pools.call("vol-list", "images").status, status, f"{content[:20]}: what a list says of it")
        tap.check_equal(pools.refresh().get("added"), count, f"{content[:20]}: it is made anew")
    for index in range(3000):
        (pools.target / f"many-{index}").write_bytes(bytes(8))
    began = time.monotonic()
    tap.check_equal(pools.refresh().get("added"), 3000, "3000 files more")
    tap.comment(f"{time.monotonic() - began:.2f} s")
    tap.check_equal(len(pools.volumes()), count + 3000, "all are listed")
    sums = pools.json("pool-info", "images")["volumes"]
    tap.check_equal(sums["count"], count + 3000, "and counted")


def main():
    """Check everything."""
    arguments = arguments_parse(
        __doc__, lambda parser: parser.add_argument("--catalogue", choices=KINDS, required=True, help="how the build keeps it"),
        needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        pools = Pools(arguments.program, os.path.realpath(folder), KINDS[arguments.catalogue])
        for check in (check_definitions, check_refresh, check_changes, check_exact_names, check_volumes, check_relations,
                      check_owners, check_hooks, check_watch, check_stop, check_new_definitions, check_targets,
                      check_at_once, check_moved, check_catalogue):
            check(tap, pools)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
