# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests that vol-dependents and vol-orphans never say more than what could be seen.
"""What is not seen is a doubt, however it is hidden: by rights, by damage, by names, or by its number."""

import os
import sys
import tempfile
import time
from pathlib import Path

from catalogues import KINDS
from chain_images import qcow2, raw, write
from pools import Pools
from programs import arguments_parse
from schemas import schema_problems
from tap import Tap

DOMAIN = "<domain type='kvm'><name>one</name><devices><disk><source file='{path}'/></disk></devices></domain>"
# Images outside of the pools that are opened at most, as docs/pools.md says.
OUTSIDE_MAX = 10000


class Relations(Pools):
    """Pools whose files are old enough to be sure of."""

    def doubts(self, name):
        """What speaks against a volume being an orphan, without its age; None: it is none."""
        found = self.json("vol-orphans")
        one = [orphan for orphan in found if orphan["volume"]["name"] == name]
        return sorted(set(one[0]["doubts"]) - {"young", "not-fresh", "lock-unknown"}) if one else None

    def dependents(self, name):
        """The names of those that stand on a volume, and what is said on standard error."""
        result = self.call("vol-dependents", name, "images", "--output=json")
        return sorted(one["volume"]["name"] for one in self.json("vol-dependents", name, "images")), result

    def fill(self, **files):
        """Make that the pool, and refresh it. Links are paths."""
        for path in self.target.iterdir():
            path.unlink()
        for name, content in files.items():
            if isinstance(content, Path):
                (self.target / name).symlink_to(content)
            else:
                write(self.target / name, content)
        self.refresh()

    def domain(self, path):
        """Make a machine with that disk the only one."""
        (self.folder / "domains" / "one.xml").write_text(DOMAIN.format(path=path))


def says_unseen(result):
    """Whether a run says in one line that its list may not be all, and ends as usual."""
    return result.status == 0 and result.stderr.count(b"\n") == 1 and b"so this may not be all" in result.stderr


def check_unreadable(tap, pools):
    """A volume, or another image, that cannot be read may stand on anything."""
    pools.define()
    pools.fill(base=qcow2(), over=qcow2("base", "qcow2"))
    tap.check_equal(pools.doubts("over"), [], "all can be read")
    found, result = pools.dependents("base")
    tap.check_equal((found, result.stderr), (["over"], b""), "and nothing is missing")
    hidden = [("a dangling link", Path("nowhere")), ("a link to itself", Path("hidden"))]
    if os.geteuid() != 0:
        hidden.append(("a file of mode 0", qcow2("base", "qcow2")))
    for what, content in hidden:
        pools.fill(base=qcow2(), hidden=content)
        if isinstance(content, bytes):
            (pools.target / "hidden").chmod(0)
            pools.refresh()
        tap.check_equal(pools.doubts("base"), ["unreadable"], f"{what} is a doubt")
        tap.check_none(schema_problems("orphan", pools.json("vol-orphans")), "as the schema says")
        found, result = pools.dependents("base")
        tap.check(found == [] and says_unseen(result) and b"hidden" in result.stderr, "and said", [result.message])
    pools.fill(base=qcow2())
    os.mkfifo(pools.target / "fifo")
    (pools.target / "folder").mkdir()
    pools.refresh()
    tap.check_equal(pools.doubts("base"), [], "what can be no image is none")
    tap.check_equal(pools.dependents("base")[1].stderr, b"", "nor is it said")
    (pools.target / "folder").rmdir()


def check_outside(tap, pools):
    """Images of machines outside of the pools that cannot be read."""
    pools.fill(base=qcow2())
    outside = write(pools.folder / "outside" / "disk", qcow2(f"{pools.target}/base", "qcow2"))
    later = write(pools.folder / "outside" / "later", qcow2()[:7] + b"\x09" + qcow2()[8:])
    for what, path, wanted in (("can be read", outside, None), ("is gone", "/nowhere/disk", []), ("is a directory", "/usr", []),
                               ("is of a later version", later, ["unreadable"])):
        pools.domain(path)
        tap.check_equal(pools.doubts("base"), wanted, f"a machine's disk that {what}")
    write(outside, qcow2("json:{\"driver\":\"quorum\"}", "qcow2"))
    pools.domain(outside)
    tap.check_equal(pools.doubts("base"), ["name-unknown"], "one that names what is not understood")
    if os.geteuid() != 0:
        outside.chmod(0)
        tap.check_equal(pools.doubts("base"), ["unreadable"], "one that may not be read")
        outside.chmod(0o600)
        outside.parent.chmod(0)
        tap.check_equal(pools.doubts("base"), ["unreadable"], "one in a directory that may not be entered")
        outside.parent.chmod(0o700)
    pools.domain("/nowhere")


def check_names(tap, pools):
    """Names by which QEMU comes to a file."""
    base = pools.target / "base"
    quorum = f'json:{{"driver":"quorum","children":[{{"driver":"file","filename":"{base}"}}]}}'
    replaced = ('json:{"driver":"qcow2","file":{"driver":"file","filename":"/nowhere"},'
                f'"backing":{{"driver":"file","filename":"{base}"}}}}')
    for name in (f"blkdebug::{base}", f"blkdebug:/conf:{base}", f"blkverify:{base}:/nowhere", f"blkverify:/nowhere:{base}",
                 f"blkdebug::blkverify:/nowhere:{base}", "blkdebug::base", replaced):
        pools.fill(base=qcow2(), over=qcow2(name, "qcow2"))
        tap.check_equal(pools.doubts("base"), None, f"{name}: the base is needed")
        found, result = pools.dependents("base")
        tap.check_equal((found, result.stderr), (["over"], b""), "by that volume")
    slice_of = ('json:{"driver":"qcow2","file":{"driver":"raw","offset":512,'
                '"file":{"driver":"file","filename":"/nowhere/x"}}}')
    for name in (quorum, quorum.replace("quorum", "blklogwrites"), quorum.replace("quorum", "copy-before-write"), "blkdebug:", "odd:x", slice_of):
        pools.fill(base=qcow2(), over=qcow2(name, "qcow2"))
        tap.check_equal(pools.doubts("base"), ["name-unknown"], f"{name}: nobody knows whether the base is needed")
        found, result = pools.dependents("base")
        tap.check(says_unseen(result) and b"over" in result.stderr, "which is said", [result.message])
    for name in ("nbd://localhost/x", "nbd:localhost:10809", "rbd:pool/image", "ssh://host/x", "iscsi://host/x/0", "http://host/x",
                 "gluster://host/volume/x", "nfs://host/x", 'json:{"driver":"nbd","host":"x","port":"1"}'):
        pools.fill(base=qcow2(), over=qcow2(name, "qcow2"))
        tap.check_equal((pools.doubts("base"), pools.dependents("base")[1].stderr), ([], b""), f"{name} is a server")


def check_same_file(tap, pools):
    """Files are the same by what they are, not by the text of their paths."""
    (pools.folder / "a" / "x").mkdir(parents=True)
    (pools.folder / "a" / "y").mkdir()
    (pools.target / "x").mkdir()
    write(pools.folder / "a" / "x" / "base", qcow2())
    write(pools.target / "x" / "base", qcow2())
    write(pools.target / "lone", qcow2())
    (pools.target / "lk").symlink_to(pools.folder / "a" / "y")
    write(pools.target / "over", qcow2("lk/../x/base", "qcow2"))
    write(pools.target / "broken", qcow2("lk/../x/gone", "qcow2"))
    pools.refresh()
    for path, wanted in ((pools.folder / "a/x/base", ["over"]), (pools.target / "x/base", []), (pools.folder / "a/x/gone", ["broken"]),
                         (pools.target / "lk/../x/gone", ["broken"]), (pools.target / "x/gone", [])):
        found = [one["volume"]["name"] for one in pools.json("vol-dependents", path) or []]
        tap.check_equal(found, wanted, f"{str(path).replace(str(pools.folder), '…')}: who needs it")
    for path in (pools.target / "lk", pools.target / "x" / "base"):
        path.unlink()
    (pools.target / "x").rmdir()


def check_lost_rows(tap, pools):
    """Rows that are gone from the catalogue are damage, for those who ask for all pools too."""
    other = pools.folder / "other"
    for changes in ("DELETE FROM volumes WHERE name = CAST('over' AS BLOB)", "UPDATE volumes SET pool = 77",
                    "UPDATE volumes SET pool = 77 WHERE name = CAST('over' AS BLOB)", "DELETE FROM volumes",
                    "UPDATE pools SET target = CAST('/nowhere' AS BLOB)", "UPDATE pools SET volumes = volumes - 1",
                    "DELETE FROM pools WHERE volumes = 2"):
        pools.fill(base=qcow2(), over=qcow2("base", "qcow2"))
        write(other / "alone", raw(512))
        pools.call("pool-define-as", "other", "dir", "--target", other)
        pools.call("pool-refresh", "other")
        catalogue = pools.catalogue()
        catalogue.execute(changes)
        for words in (["vol-orphans"], ["vol-orphans", "other"], ["vol-dependents", pools.target / "base"]):
            result = pools.call(*words)
            tap.check(result.status == 1 and b"damaged" in result.stderr, f"{changes}: {words[0]} says it", [result.message])
        catalogue.path.unlink()
        pools.refresh()
    pools.call("pool-undefine", "other")


def check_many(tap, pools):
    """A long chain outside costs each of its images once; more than are looked at are a doubt."""
    names = {f"v{index:03}": qcow2(f"{pools.folder}/sub/{index:03}", "qcow2") for index in range(300)}
    for index in range(300):
        write(pools.folder / "sub" / f"{index:03}", qcow2(f"{index + 1:03}" if index < 299 else f"{pools.target}/base", "qcow2"))
    pools.fill(base=qcow2(), **names)
    begin = time.monotonic()
    tap.check_equal(pools.doubts("base"), None, "the end of 300 images that nobody knows is needed")
    first = time.monotonic() - begin
    many = pools.folder / "many"
    header = qcow2()
    for index in range(OUTSIDE_MAX + 1):
        write(many / str(index), header)
    disks = "".join(f"<disk><source file='{many}/{index}'/></disk>" for index in range(OUTSIDE_MAX + 1))
    (pools.folder / "domains" / "one.xml").write_text(f"<domain type='kvm'><devices>{disks}</devices></domain>")
    pools.fill(base=qcow2())
    tap.check_equal(pools.doubts("base"), ["unreadable"], f"more than {OUTSIDE_MAX} images outside are a doubt ({first:.1f} s)")
    (many / "0").unlink()
    tap.check_equal(pools.doubts("base"), [], "so many are not")


def main():
    """Check everything."""
    arguments = arguments_parse(
        __doc__, lambda parser: parser.add_argument("--catalogue", choices=KINDS, required=True, help="how the build keeps it"),
        needs_qemu_img=False)
    tap = Tap()
    checks = [check_unreadable, check_outside, check_names, check_same_file, check_many]
    if arguments.catalogue == "sqlite":
        checks.insert(-1, check_lost_rows)
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        pools = Relations(arguments.program, os.path.realpath(folder), KINDS[arguments.catalogue])
        for check in checks:
            check(tap, pools)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
