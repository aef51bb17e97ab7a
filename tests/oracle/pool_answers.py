# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests that the verbs of pools say what they do not know: lists that are old, directories that moved, paths, damaged images.
"""No answer looks surer than it is."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from pathlib import Path

from chain_images import qcow2, raw, write
from pools import Pools
from programs import arguments_parse
from schemas import schema_problems
from tap import Tap

RNG = Path(__file__).resolve().parents[2] / "docs/schema/virt-probe.rng"
SPACE = "{urn:x-virt-probe:metadata:1}"
VIRSH_XML = """<pool type='dir'>
  <name>x</name>
  <target>
    <path>/dir</path>
  </target>
</pool>
"""


def check_xml(tap, pools):
    """XML has no place for damage, so it is said beside it."""
    damaged = write(pools.folder / "damaged.qcow2", qcow2()[:80])
    sound = write(pools.folder / "sound.qcow2", qcow2())
    for output in ("human", "json", "xml"):
        result = pools.call("info", f"--output={output}", damaged)
        tap.check(result.status == 1 and result.stderr.count(b"\n") == 1 and b"damaged.qcow2: " in result.stderr,
                  f"{output}: a damaged image is said")
    tap.check(b"<volume" in pools.call("info", "--output=xml", damaged).stdout, "and what is known is there")
    for path in (sound, pools.folder):
        result = pools.call("info", "--output=xml", path)
        tap.check_equal((result.status, result.stderr), (0, b""), "nothing is said of others")


def check_unrefreshed(tap, pools):
    """A pool that was never refreshed has no list, which is not an empty one."""
    pools.define()
    for words, output in ((["vol-list", "images", "--name"], b""), (["vol-list", "images", "--output=json"], b"[\n]\n")):
        result = pools.call(*words)
        tap.check_equal((result.status, result.stdout), (1, output), f"{' '.join(words)} before the first refresh")
        tap.check(b"never refreshed" in result.stderr, "and it says so")
    pools.refresh()
    tap.check_equal(pools.call("vol-list", "images").status, 0, "a directory with nothing in it has an empty list")


def check_freshness(tap, pools):
    """What changed after the refresh is a doubt."""
    write(pools.target / "alone.qcow2", qcow2())
    pools.refresh()
    result = pools.call("vol-orphans")
    tap.check(b"not-fresh" not in result.stdout and result.stderr == b"", "nothing has changed")
    time.sleep(0.05)
    write(pools.target / "new.qcow2", qcow2("alone.qcow2", "qcow2"))
    for words in (["vol-orphans"], ["vol-dependents", "alone.qcow2", "images"]):
        tap.check_equal(pools.call(*words).stderr.count(b"has changed since"), 1, f"{words[0]} says that the list is old")
    found = pools.json("vol-orphans")
    tap.check("not-fresh" in found[0]["doubts"] and found[0]["confidence"] != "high", "which is a doubt")
    tap.check_equal(found[0]["pool"], "images", "an orphan has the name of its pool")
    tap.check_none(schema_problems("orphan", found), "as the schema says")
    lines = [line.split(":")[0] for line in pools.call("pool-info", "images").stdout.decode().splitlines()]
    tap.check(lines.index("Available") < lines.index("Refreshed"), "pool-info says when it was refreshed, after virsh's lines")
    pools.refresh()
    tap.check_equal(pools.call("vol-orphans").stderr, b"", "a refresh ends it")
    found = pools.json("vol-dependents", "alone.qcow2", "images")
    tap.check_equal([one["pool"] for one in found], ["images"], "a dependent has the name of its pool")
    tap.check_none(schema_problems("dependent", found), "as the schema says")
    time.sleep(0.05)
    write(pools.target / "passing.raw", b"x")
    (pools.target / "passing.raw").unlink()
    tap.check(b"has changed since" in pools.call("vol-orphans").stderr, "a file came and went")
    pools.refresh()
    tap.check_equal(pools.call("vol-orphans").stderr, b"", "a refresh that finds no other change ends that, too")
    before = pools.json("pool-info", "images")["volumes"]["refreshed"]
    pools.refresh()
    tap.check_equal(pools.json("pool-info", "images")["volumes"]["refreshed"], before, "one that finds nothing at all writes nothing")


def check_full_xml(tap, pools, found):
    """The XML in full has the keys of JSON, as its schema says."""
    document = pools.call("pool-dumpxml", "images", "--full").stdout
    volumes = xml.etree.ElementTree.fromstring(document).find(f"{SPACE}pool/{SPACE}volumes")
    tap.check_equal({key.tag.removeprefix(SPACE): key.text for key in volumes},
                    {key: str(value) for key, value in found["volumes"].items()}, "XML in full has the keys of JSON")
    if shutil.which("xmllint") is None:
        return
    path = write(pools.folder / "full.xml", document)
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", RNG, path], capture_output=True, check=False)
    tap.check_equal(done.returncode, 0, f"and is valid: {done.stderr}")


def check_device(tap, pools):
    """The link to a device is a file, as for libvirt; JSON says what it is."""
    devices = (path for path in Path("/dev").iterdir() if path.is_block_device() and os.access(path, os.R_OK))
    device = next(devices, None)
    if device is None:
        tap.comment("no block device can be read here")
        return
    (pools.target / "device").symlink_to(device)
    pools.refresh()
    volumes = pools.volumes()
    if volumes["device"].get("type") == "block":
        lines = pools.call("vol-list", "images", "--details").stdout.decode().splitlines()
        tap.check_equal([line.split()[2] for line in lines if line.startswith(" device ")], ["file"], "vol-list --details says file")
        lines = pools.call("vol-info", "device", "images").stdout.decode().splitlines()
        tap.check_equal([line.split()[1] for line in lines if line.startswith("Type:")], ["file"], "so does vol-info")
    (pools.target / "device").unlink()
    pools.refresh()


def check_not_counted(tap, pools):
    """Sums say what they leave out."""
    write(pools.target / "cut.qcow2", qcow2()[:80])
    pools.refresh()
    found = pools.json("pool-info", "images")
    tap.check_equal(found["volumes"]["not-counted"], 1, "a damaged volume is not counted")
    tap.check_none(schema_problems("pool", [found]), "as the schema says")
    tap.check(b"(1 not counted)" in pools.call("pool-info", "images").stdout, "which is said")
    check_full_xml(tap, pools, found)
    (pools.target / "cut.qcow2").unlink()
    result = pools.call("pool-refresh", "images")
    tap.check(b"2 volumes: 0 new" in result.stdout and b"not counted" not in pools.call("pool-info", "images").stdout,
              "without one there is nothing to say")


def check_paths(tap, pools):
    """However a path is written."""
    (pools.folder / "link").symlink_to(pools.target)
    (pools.folder / "a").mkdir()
    path = f"{pools.target}/alone.qcow2"
    for word in (path, path.replace("/images/", "/images//"), f"/{path}", f"{pools.folder}/a/../images/alone.qcow2",
                 "images/alone.qcow2", "./images/alone.qcow2", f"{pools.folder}/link/alone.qcow2", "link/alone.qcow2"):
        tap.check_equal(pools.call("vol-path", word).stdout.decode(), f"{path}\n", word.replace(str(pools.folder), "…"))
        tap.check_equal(pools.call("vol-path", word, "images").status, 0, "and with its pool")
    for word in ("images/..", "images/.", "a/alone.qcow2", "nowhere/alone.qcow2"):
        tap.check_equal(pools.call("vol-path", word).status, 1, f"{word} is no volume")
    result = pools.call("vol-info", "alone.qcow2")
    tap.check(result.status == 1 and result.stderr.count(b"\n") == 1 and b"no pool is given" in result.stderr,
              "a name without a pool")


def check_details(tap, pools):
    """vol-info has a line for what there is."""
    write(pools.folder / "details" / "image.qcow2", qcow2(dirty=True, data_file="data.raw"))
    pools.call("pool-define-as", "details", "dir", "--target", pools.folder / "details")
    lines = pools.call("vol-info", "image.qcow2", "details").stdout.decode().splitlines()
    titles = [line.split(":")[0] for line in lines if line]
    tap.check({"Data file", "Dirty", "State"} <= set(titles), "data file and dirty bit", titles)
    tap.check(titles.index("Allocation") < titles.index("Data file"), "after virsh's lines")
    titles = pools.call("vol-info", "alone.qcow2", "images").stdout.decode()
    tap.check("Dirty" not in titles and "Encrypted" not in titles, "nothing where there is nothing")
    pools.call("pool-undefine", "details")


def check_words(tap, pools):
    """What virsh does with the same words."""
    uuid = pools.call("pool-uuid", "images").stdout.decode().strip()
    tap.check_equal(pools.call("pool-list", "--name", "--uuid").stdout.decode(), f"{uuid} images\n", "name and UUID")
    for words in (["pool-list", "--details", "--name"], ["pool-list", "--details", "--uuid"],
                  ["vol-list", "images", "--details", "--name"]):
        result = pools.call(*words)
        tap.check(result.status == 64 and b"mutually exclusive" in result.stderr, " ".join(words))
    for verb in ("pool-start", "pool-capabilities", "find-storage-pool-sources", "find-storage-pool-sources-as"):
        tap.check_equal(pools.call(verb).status, 1, f"{verb} is none of ours")
        result = pools.call("help", verb)
        tap.check(result.status == 0 and result.stdout.startswith(f"{verb}: ".encode()), "and help says what to do")
    tap.check_equal(pools.call("pool-define-as", "x", "dir", "--target", "/dir", "--print-xml").stdout.decode(), VIRSH_XML,
                    "--print-xml prints what virsh prints")
    write(pools.folder / "single" / "-one.qcow2", qcow2())
    pools.call("pool-define-as", "single", "dir", "--target", pools.folder / "single")
    tap.check(b"\n1 volume: 1 new" in pools.call("pool-refresh", "single").stdout, "one volume")
    for word in ("-one.qcow2", "--one.qcow2"):
        result = pools.call("vol-path", "--pool", "single", word)
        tap.check(result.status == 64 and b"needs --" in result.stderr, f"{word} is told how to be written")
    tap.check_equal(pools.call("vol-path", "--pool", "single", "--", "-one.qcow2").status, 0, "and is then found")
    pools.call("pool-undefine", "single")


def check_state_directory(tap, pools):
    """The catalogue does not watch itself."""
    for path in (pools.folder / "state", f"{pools.folder}/a/../state", pools.folder / "state/catalogue"):
        result = pools.call("pool-define-as", "self", "dir", "--target", path)
        tap.check(result.status == 1 and b"state directory" in result.stderr, "the state directory is no pool")
    environment = {**pools.environment, "VIRT_PROBE_STATE_DIR": str(pools.target)}
    with subprocess.Popen([pools.program, "pool-watch", "images"], stdout=subprocess.PIPE, env=environment) as process:
        time.sleep(3)
        process.terminate()
        lines = process.stdout.read().splitlines()
    refreshes = sum(json.loads(line)["event"] == "refreshed" for line in lines)
    tap.check(refreshes in (1, 2), f"a pool that became it is not refreshed without end: {refreshes} times")
    for file in pools.target.glob("catalogue*"):
        if file.is_file():
            file.unlink()


def check_moved(tap, pools):
    """A pool that is given another directory has nothing of the old one."""
    other = pools.folder / "other"
    write(other / "other.raw", raw(512))
    xml = pools.call("pool-dumpxml", "images").stdout
    file = pools.folder / "images.xml"
    with subprocess.Popen([pools.program, "pool-watch"], stdout=subprocess.PIPE, env=pools.environment, text=True) as process:
        while json.loads(process.stdout.readline())["event"] != "refreshed":
            pass
        file.write_bytes(xml.replace(b"/images<", b"/other<"))
        pools.call("pool-define", file)
        events = [{}]
        while events[0].get("event") != "restarted":
            events = [json.loads(process.stdout.readline())]
        events.append(json.loads(process.stdout.readline()))
        (other / "other.raw").unlink()
        while events[-1]["event"] != "removed":
            events.append(json.loads(process.stdout.readline()))
        process.terminate()
        process.stdout.read()
    tap.check_equal([event["event"] for event in events[:2]], ["restarted", "added"], "a watch begins anew")
    tap.check_equal({event["pool"] for event in events}, {"images"}, "events have the name of the pool")
    tap.check_equal(events[-1]["volume"]["state"], "removed", "what is gone is not unreadable")
    tap.check_none(schema_problems("event", events), "as the schema says")
    write(other / "other.raw", raw(512))
    pools.refresh()
    file.write_bytes(xml)
    pools.call("pool-define", file)
    result = pools.call("vol-list", "images", "--name")
    tap.check_equal((result.status, result.stdout), (1, b""), "the list of another directory is none")
    tap.check("volumes" not in pools.json("pool-info", "images"), "nor are its sums")
    tap.check_equal([one["volume"]["name"] for one in pools.json("vol-orphans")], [], "nor are there orphans")


def check_damaged(tap, pools):
    """A list that cannot be read is not one of a pool that was never refreshed."""
    pools.refresh()
    for path in Path(pools.environment["VIRT_PROBE_STATE_DIR"]).rglob("*"):
        if path.is_file():
            path.write_bytes(b"no catalogue at all\n" * 300)
    for words in (["pool-info", "images"], ["pool-info", "images", "--output=json"], ["pool-list", "--details"],
                  ["pool-list", "--output=json"], ["vol-list", "images"], ["vol-orphans"],
                  ["vol-dependents", str(pools.target / "any")]):
        result = pools.call(*words)
        tap.check_equal(result.status, 1, f"{words}, with a catalogue that is none")
        tap.check(result.stderr.count(b"\n") == 1 and b"never refreshed" not in result.stderr, "one line says so, and what is true")
    pools.refresh()
    tap.check_equal(pools.call("pool-list", "--details").status, 0, "a refresh ends it")


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        pools = Pools(arguments.program, os.path.realpath(folder), None)
        for check in (check_xml, check_unrefreshed, check_freshness, check_not_counted, check_device, check_paths, check_details,
                      check_words, check_state_directory, check_moved, check_damaged):
            check(tap, pools)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
