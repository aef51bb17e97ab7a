# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests what the verbs of pools take from virsh besides the names of verbs, and what they show of it.
"""Expected texts are what virsh 9.0 prints for the same: virsh -c test:///default."""

import os
import re
import signal
import sys
import tempfile

from chain_images import qcow2, write
from pool_edges import call_with_input
from pools import Pools
from programs import arguments_parse, run
from schemas import schema_problems
from tap import Tap

SCHEMA = "<pool type='{type}'>{more}<name>valid</name><target><path>{path}</path>{target}</target></pool>"


def source_of(pools, *words):
    """The source and the target path in the XML of a definition that is printed only."""
    xml = pools.call("pool-define-as", "--print-xml", *words).stdout.decode()
    return re.findall(r"<(host|dir|device|format|protocol|path)(?: \w+='|>)([^'<]*)", xml)


def check_define_as(tap, pools):
    """virsh takes everything as arguments, in its order."""
    for words, expected in (
            (["a", "dir", "-", "-", "-", "-", "/dir"], [("path", "/dir")]),
            (["a", "netfs", "h", "/x", "-", "-", "/dir", "nfs"],
             [("host", "h"), ("dir", "/x"), ("format", "nfs"), ("path", "/dir")]),
            (["a", "fs", "-", "-", "/dev/x", "name", "/dir", "ext4"],
             [("device", "/dev/x"), ("format", "ext4"), ("path", "/dir")]),
            (["a", "fs", "--source-dev", "/dev/x", "-", "-", "-", "/dir"],
             [("device", "/dev/x"), ("format", "auto"), ("path", "/dir")]),
            (["a", "netfs", "--source-host", "h", "--source-path", "/x", "--target", "/dir", "--source-name", "n",
              "--source-format", "nfs", "--source-protocol-ver", "4.1"],
             [("host", "h"), ("dir", "/x"), ("format", "nfs"), ("protocol", "4.1"), ("path", "/dir")])):
        tap.check_equal(source_of(pools, *words), expected, f"pool-define-as {' '.join(words)}")
    words = ["a", "fs", "-", "-", "/dev/x", "-", "/dir", "ext4"]
    tap.check_equal(pools.call("pool-define-as", *words, "chap").status, 64, "one argument more is too many")
    for option in ("--auth-type", "--secret-uuid", "--adapter-name", "--source-initiator"):
        result = pools.call("pool-define-as", *words, option, "x")
        tap.check(result.status == 64 and b"not here" in result.stderr and result.stderr.count(b"\n") == 1,
                  f"{option} is refused with one sentence")
    for name in (b"a\xef\xbf\xbe", b"a\xff", b"a\x01"):
        result = run([pools.program, b"pool-define-as", name, b"dir", b"--target", b"/dir"], env=pools.environment)
        tap.check(result.status == 1 and b"pool's name" in result.stderr, f"a pool cannot be called {name}")
    result = pools.call("pool-list", "--all", "--name")
    tap.check_equal((result.status, result.stdout, result.stderr), (0, b"", b""), "and nothing was defined")


# virsh -c test:///default "pool-define-as pool-with-a-longer-name dir --target /x; pool-list --inactive" and the same with
# --details, where no pool is started by itself; vol-list default-pool.
INACTIVE = """ Name                      State      Autostart
-------------------------------------------------
 pool-with-a-longer-name   inactive   yes

"""
INACTIVE_DETAILS = """ Name                      State      Autostart   Persistent   Capacity   Allocation   Available
--------------------------------------------------------------------------------------------------
 pool-with-a-longer-name   inactive   yes         yes          -          -            -

"""
NO_VOLUMES = """ Name   Path
--------------

"""


def check_layout(tap, pools):
    """Tables have the width that virsh gives them."""
    name = "pool-with-a-longer-name"
    target = pools.folder / name
    pools.call("pool-define-as", name, "dir", "--target", target)
    for words, expected in (([], INACTIVE), (["--details"], INACTIVE_DETAILS)):
        tap.check_equal(pools.call("pool-list", "--inactive", *words).stdout.decode(), expected,
                        f"pool-list {words} as virsh lays it out")
    target.mkdir()
    pools.call("pool-refresh", name)
    tap.check_equal(pools.call("vol-list", name).stdout.decode(), NO_VOLUMES, "vol-list without volumes, too")
    path = write(target / "a.raw", bytes(512))
    pools.call("pool-refresh", name)
    titles, dashes, volume = pools.call("vol-list", name).stdout.decode().splitlines()[:3]
    tap.check_equal((titles, dashes, volume), (" Name    Path", "-" * (len("a.raw") + 3 + len(str(path)) + 3), f" a.raw   {path}"),
                    "and with one")
    pools.call("pool-undefine", name)


def check_validate(tap, pools):
    """--validate refuses what is ignored otherwise."""
    file = pools.folder / "valid.xml"
    for what, parts in (
            ("an unknown element", {"more": "<extra/>"}),
            ("an unknown element within one that is known", {"target": "<extra/>"}),
            ("an unknown attribute", {"more": "<uuid kind='x'>01234567-89ab-cdef-0123-456789abcdef</uuid>"}),
            ("an element of another namespace", {"more": "<x:name xmlns:x='urn:x'>b</x:name>"}),
            ("a text where none belongs", {"more": "text"}),
            ("a second name", {"more": "<name>other</name>"}),
            ("a second device", {"type": "fs", "more": "<source><device path='/x'/><device path='/y'/></source>"}),
            ("what only other types are asked to refresh", {"more": "<refresh><volume allocation='default'/></refresh>"}),
            ("a login", {"type": "netfs", "more": "<source><host name='h'/><dir path='/x'/><auth type='chap' username='u'/></source>"}),
            ("the root of all directories", {"path": "/"}),
            ("a host that no directory has", {"more": "<source><host name='h'/></source>"})):
        file.write_text(SCHEMA.format(**{"type": "dir", "more": "", "target": "", "path": pools.target, **parts}))
        result = pools.call("pool-define", file, "--validate")
        tap.check(result.status == 1 and result.stderr.count(b"\n") == 1, f"--validate refuses {what}")
        result = pools.call("pool-define", file)
        tap.check_equal(result.status, 0, f"without it {what} is ignored")
        tap.check(not re.search(b"/y|<refresh|<auth", pools.call("pool-dumpxml", "valid").stdout), "and not printed again")
        pools.call("pool-undefine", "other")
        pools.call("pool-undefine", "valid")
    pools.define()
    file.write_bytes(pools.call("pool-dumpxml", "images").stdout)
    tap.check_equal(pools.call("pool-define", "--validate", file).stdout.decode(),
                    f"Pool images defined from {file}\n\n", "what pool-dumpxml prints is valid")
    file.write_bytes(b"<poolstate>" + file.read_bytes() + b"</poolstate>")
    tap.check_equal(pools.call("pool-define", "--validate", file).status, 1, "a file of libvirt's state is not")
    pools.call("pool-undefine", "images")
    check_validate_input(tap, pools)
    pools.define()


def check_validate_input(tap, pools):
    """The same from standard input."""
    for more, status in (("<extra/>", 1), ("", 0)):
        xml = SCHEMA.format(type="dir", more=more, target="", path=pools.target).encode()
        result = call_with_input(pools, xml, "pool-define", "--validate", "-")
        tap.check_equal(result.status, status, f"--validate reads standard input, too: {more or 'nothing more'}")
    pools.call("pool-undefine", "valid")


def check_substitution(tap, pools):
    """A definition may come by a FIFO that the shell has made, as virsh takes it."""
    file = pools.folder / "fifo.xml"
    file.write_text(SCHEMA.format(type="dir", more="", path=pools.folder / "by-fifo", target=""), encoding="utf-8")
    for words in ([], ["--validate"]):
        result = run(["bash", "-c", '"$@" <(cat fifo.xml)', "bash", pools.program, "pool-define", *words],
                     env=pools.environment, cwd=pools.folder)
        tap.check_equal((result.status, result.stderr), (0, b""), f"pool-define <(cat x.xml) {words}")
        pools.call("pool-undefine", "valid")


def check_words(tap, pools):
    """What is said of a wrong word."""
    for words, said in ((["pool-watch", "--output=json"], b"--output is 'json', must be lines;"),
                        (["pool-list", "--output=x"], b"--output is 'x', must be one of human|json;"),
                        (["info"], b": IMAGE is missing;"), (["scan"], b": DIR is missing;"),
                        (["vol-info"], b": VOL is missing;"), (["vol-list"], b": POOL is missing;")):
        result = pools.call(*words)
        tap.check(result.status == 64 and said in result.stderr, f"{words}: {said}", [result.message])
    head = pools.call("scan", "-o", "+backing,mode", pools.folder).stdout.split(b"\n")[0].split()
    tap.check_equal(head, [b"NAME", b"FORMAT", b"CAPACITY", b"ALLOCATION", b"BACKING", b"STATE", b"MODE"],
                    "a column that is there is not added again")
    tap.check(b"TRUE" not in pools.call("scan", "-o", "help").stdout, "columns are explained to people")
    result = pools.call("explain", "domains-unread")
    tap.check(result.status == 0 and b"a doubt of vol-orphans" in result.stdout, "explain knows doubts")
    result = pools.call("explain", "domains-unread", "--output=json")
    tap.check(result.status == 1 and b"a doubt of vol-orphans" in result.stderr, "but not in JSON")


def check_unread_domains(tap, pools):
    """vol-orphans says what it could not read."""
    pools.define()
    write(pools.target / "alone.qcow2", qcow2())
    pools.refresh()
    domains = pools.folder / "unread"
    domains.mkdir()
    (domains / "broken.xml").write_text("<domain>", encoding="utf-8")
    result = run([pools.program, "vol-orphans"], env={**pools.environment, "VIRT_PROBE_DOMAIN_DIR": str(domains)})
    tap.check(result.status == 0 and result.stderr.count(b"\n") == 1
              and b"not all virtual machines are known: " + bytes(domains) + b"/broken.xml: is no XML" in result.stderr,
              "one line names the definition that cannot be read", [result.message])


def check_xpath(tap, pools):
    """virsh prints nodes one after the other, or within an element."""
    path = pools.target
    for query, plain, wrapped in (
            ("//name", "<name>images</name>\n", "<nodes>\n  <name>images</name>\n</nodes>\n"),
            ("//path/text()", f"{path}\n", f"<nodes>{path}</nodes>\n"),
            ("//capacity/@unit", ' unit="bytes"\n', '<nodes unit="bytes"/>\n'),
            ("//name|//target[path]/path", f"<name>images</name>\n<path>{path}</path>\n",
             f"<nodes>\n  <name>images</name>\n  <path>{path}</path>\n</nodes>\n"),
            ("//target", f"<target>\n  <path>{path}</path>\n</target>\n",
             f"<nodes>\n  <target>\n    <path>{path}</path>\n  </target>\n</nodes>\n"),
            ("//nothing", "", "<nodes/>\n"),
            ("//namespace::*", "", "<nodes/>\n")):
        words = ["pool-dumpxml", "images", "--inactive", "--xpath", query]
        tap.check_equal(pools.call(*words).stdout.decode(), plain, f"--xpath {query}")
        tap.check_equal(pools.call(*words, "--wrap").stdout.decode(), wrapped, f"--xpath {query} --wrap")
    endless = "//node()"
    for _ in range(8):
        endless = f"//node()[count({endless}) > 1]"
    for query in ("count(//path)", "name(", "//unknown:name", "", "/" * 5000, endless):
        result = pools.call("pool-dumpxml", "images", "--xpath", query)
        tap.check(result.status == 1 and not result.stdout and result.stderr.count(b"\n") == 1,
                  f"an expression that cannot be used is an error: {query[:40]}")
    words = ["pool-dumpxml", "images", "--inactive"]
    tap.check_equal(pools.call(*words, "--wrap").stdout, pools.call(*words).stdout, "--wrap alone means nothing")
    tap.check_equal(pools.call("pool-dumpxml", "images", "--xpath", "/", "--output=json").status, 64,
                    "JSON has no XPath")
    tap.check_equal(pools.call("pool-dumpxml", "images", "--full", "--inactive").status, 64,
                    "a definition has nothing more than libvirt's")
    write(pools.target / "disk.qcow2", qcow2())
    words = ["vol-dumpxml", "disk.qcow2", "images", "--xpath"]
    tap.check_equal(pools.call(*words, "/volume/target/format/@type").stdout, b' type="qcow2"\n', "volumes as well")
    tap.check_equal(pools.call(*words, "//vp:image/vp:format", "--full").stdout, b"<vp:format>qcow2</vp:format>\n",
                    "and our own document by its prefix")


def check_sums(tap, pools):
    """What the catalogue knows of a pool is in each of its formats."""
    huge = pools.target / "huge.raw"
    with open(huge, "wb") as file:
        file.truncate(3 * os.statvfs(pools.target).f_blocks * os.statvfs(pools.target).f_frsize)
    tap.check("overcommit" not in pools.json("pool-info", "images"), "before a refresh there is no overcommit")
    pools.refresh()
    shown = re.search(rb"Overcommit: +(\S+)", pools.call("pool-info", "images").stdout)
    tap.check_equal(shown and shown[1], b"3.00", "pool-info has the overcommit")
    tap.check_equal(pools.json("pool-info", "images").get("overcommit"), 3.0, "JSON has it as a number")
    for query, expected in (("vp:overcommit", "3.00"), ("vp:state", "running"), ("vp:volumes/vp:count", "2")):
        found = pools.call("pool-dumpxml", "images", "--full", "--xpath", f"//vp:pool/{query}/text()").stdout.decode()
        tap.check_equal(found, f"{expected}\n", f"pool-dumpxml --full has {query}")
    known = pools.json("pool-info", "images")
    tap.check_none(schema_problems("pool", [known]), "JSON with overcommit is as the schema says")
    query = "//vp:volumes/vp:refreshed/text()"
    found = pools.call("pool-dumpxml", "images", "--full", "--xpath", query).stdout.decode()
    tap.check_equal(found, f"{known['volumes']['refreshed']}\n", "the time of the refresh is written as in JSON")
    huge.unlink()


def check_credentials(tap, pools):
    """Names in images are shown without them, whoever prints."""
    write(pools.target / "remote.qcow2", qcow2("https://user:secret@host/base", "raw"))
    pools.refresh()
    path = pools.target / "remote.qcow2"
    for words in (["vol-info", path], ["vol-info", path, "--output=json"], ["vol-list", "images", "--details"],
                  ["vol-list", "images", "--output=json"], ["vol-dumpxml", path], ["vol-dumpxml", path, "--full"],
                  ["vol-orphans"], ["vol-dependents", path], ["scan", pools.target, "-o", "name,backing,backing-path"]):
        result = pools.call(*words)
        tap.check(result.stdout and b"secret" not in result.stdout + result.stderr, f"{words[0]} shows no password")
    lines = pools.call("vol-info", path).stdout.decode().splitlines()
    tap.check("Backing:        https://***@host/base" in lines, "vol-info shows the rest of the name")
    path.unlink()


def check_ignored_signal(tap, pools):
    """A parent that ignores SIGCHLD leaves it so to the program, which has to know how hooks end."""
    folder = pools.folder / "config/hooks/storage.d"
    folder.mkdir(parents=True)
    hook = folder / "hook"
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    result = run([pools.program, "pool-refresh", "images"], env=pools.environment,
                 preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    tap.check_equal((result.status, result.stderr), (0, b""), "hooks run where SIGCHLD was ignored")
    hook.unlink()


def check_places(tap, pools):
    """Where the catalogue may be, and how its directory is shown."""
    real = pools.folder / "real"
    real.mkdir()
    (pools.folder / "link").symlink_to(real)
    elsewhere = {**pools.environment, "VIRT_PROBE_STATE_DIR": str(pools.folder / "link/state")}
    for words in (["pool-refresh", "images"], ["vol-list", "images"]):
        result = run([pools.program, *words], env=elsewhere)
        tap.check_equal((result.status, result.stderr), (0, b""), f"{words[0]} with a state directory behind a link")
    tap.check([path for path in (real / "state").glob("catalogue*") if not path.is_symlink()], "the catalogue is where the link leads")
    (pools.folder / "a\nb").write_bytes(b"")
    elsewhere["VIRT_PROBE_STATE_DIR"] = str(pools.folder / "a\nb/state")
    for verb, status in (("pool-refresh", 1), ("vol-list", 1)):
        result = run([pools.program, verb, "images"], env=elsewhere)
        tap.check(result.status == status and b'a\\x0ab/state' in result.stderr and result.stderr.count(b"\n") == 1,
                  f"{verb} names a directory that cannot be used, on one line")


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        pools = Pools(arguments.program, os.path.realpath(folder), None)
        for check in (check_layout, check_define_as, check_validate, check_xpath, check_sums, check_credentials,
                      check_ignored_signal, check_places, check_substitution, check_words):
            check(tap, pools)
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        check_unread_domains(tap, Pools(arguments.program, os.path.realpath(folder), None))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
