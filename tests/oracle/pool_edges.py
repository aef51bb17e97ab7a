# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests the edges of the verbs of pools and volumes: filters, standard input, help, conflicts, and what is said on stderr.
"""Every failure is one line that names its subject once."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from chain_images import qcow2, write
from pools import Pools
from programs import Result, arguments_parse, run
from schemas import schema_problems
from tap import Tap
import hostile_case  # noqa: F401  knows where the recipes are
import recipe_vdi
import recipe_vmdk

DEFINITION = "<pool type='dir'><name>{name}</name><target><path>{path}</path></target></pool>"
# A word or a name that is said again, and quotes within quotes.
DOUBLED = re.compile(r"""\b(?P<what>\w+)\ ['"][^'"]*['"]:\ (no\ )?(?P=what)\b | \b(?P<word>\w+)\ (?P=word)\b | '"|"'
                         | ['"](?P<name>[^'"]+)['"].*['"](?P=name)['"]""", re.VERBOSE)
NAMED_VERBS = ("pool-info", "pool-uuid", "pool-name", "pool-dumpxml", "pool-refresh", "pool-watch", "pool-undefine",
               "vol-list", "vol-orphans")
VOLUME_VERBS = ("vol-info", "vol-dumpxml", "vol-path", "vol-key", "vol-name", "vol-pool", "vol-dependents")


def call_with_input(pools, data, *words):
    """Run the program with bytes on its standard input."""
    done = subprocess.run([pools.program, *words], input=data, capture_output=True, env=pools.environment,
                          cwd=pools.folder, timeout=60, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


def is_one_line(result, status, *parts):
    """Whether a run failed with that status and one line that has all the parts."""
    text = result.stderr.decode()
    return (result.status == status and text.count("\n") == 1 and text.startswith("virt-probe: ")
            and all(part in text for part in parts))


def check_parts(tap, pools):
    """Extents of VMDKs and parents that are found by their identity are needed files."""
    folder = pools.folder / "parts"
    folder.mkdir()
    write(folder / "flat.vmdk", recipe_vmdk.descriptor(('RW 1 FLAT "flat-data" 0',)))
    write(folder / "base.vdi", recipe_vdi.build_vdi())
    write(folder / "child.vdi", recipe_vdi.build_vdi(image_type=recipe_vdi.TYPE_DIFFERENCING, link_uuid=recipe_vdi.IMAGE_UUID,
                                                     parent_uuid=recipe_vdi.SNAPSHOT_UUID))
    for name in ("flat-data", "nobody's"):
        write(folder / name, bytes(512))
    pools.call("pool-define-as", "parts", "dir", "--target", folder)
    pools.call("pool-refresh", "parts")
    orphans = {one["volume"]["name"] for one in pools.json("vol-orphans", "parts")}
    tap.check_equal(orphans, {"flat.vmdk", "child.vdi", "nobody's"}, "extents and parents by identity are no orphans")
    for name, wanted in (("flat-data", [("flat.vmdk", "data-file")]), ("base.vdi", [("child.vdi", "backing")]), ("nobody's", [])):
        found = pools.json("vol-dependents", name, "parts")
        tap.check_equal([(one["volume"]["name"], one["role"]) for one in found], wanted, f"{name}: who needs it")
    pools.call("pool-undefine", "parts")


def check_definitions(tap, pools):
    """Definitions on standard input, and what is none."""
    xml = DEFINITION.format(name="given", path=pools.target).encode()
    for file in ("-", "/dev/stdin"):
        result = call_with_input(pools, xml, "pool-define", file)
        tap.check_equal((result.status, result.stdout.decode()), (0, f"Pool given defined from {file}\n\n"),
                        f"pool-define {file} reads standard input")
        pools.call("pool-undefine", "given")
    for what, data, part in (("nothing", b"", "the XML is empty"), ("too much", b"<pool>" + b" " * (1 << 20), "at most 1048576"),
                             ("text", b"hello", "not XML of a pool"), ("an image", qcow2(), "not XML of a pool"),
                             ("a large image", qcow2() + bytes(2 << 20), "not XML of a pool")):
        result = call_with_input(pools, data, "pool-define", "-")
        tap.check(is_one_line(result, 1, "file '-': ", part), f"{what} is no definition", [result.message])
    write(pools.folder / "image.qcow2", qcow2())
    result = pools.call("pool-define", "image.qcow2")
    tap.check(is_one_line(result, 1, "image.qcow2", "not XML of a pool"), "nor is an image", [result.message])
    result = pools.call("pool-define", pools.target)
    tap.check(is_one_line(result, 1, "no regular file"), "nor is a directory", [result.message])
    file = pools.folder / "definition.xml"
    file.write_bytes(xml)
    tap.check_equal(pools.json("info", file).get("format"), "raw", "a definition taken for an image is raw")


def check_relative(tap, pools):
    """A relative directory is the one that the kernel finds."""
    place = pools.folder / "relative"
    (place / "deep/inner").mkdir(parents=True)
    (place / "link").symlink_to("deep/inner")
    for number, (target, found) in enumerate((("deep", "deep"), ("./deep", "deep"), (".", ""), ("link/../inner", "link/../inner"))):
        name = f"relative-{number}"
        result = run([pools.program, "pool-define-as", name, "dir", "--target", target], env=pools.environment, cwd=place)
        tap.check_equal(result.status, 0, f"--target {target}")
        path = pools.call("pool-dumpxml", name, "--xpath", "//target/path/text()").stdout.decode().strip()
        tap.check_equal(path, str(place / found) if found else str(place), "is kept as it was named")
        pools.call("pool-undefine", name)


def check_conflicts(tap, pools):
    """One directory is one pool, whatever its path looks like."""
    (pools.folder / "link").symlink_to("images")
    (pools.folder / "other").mkdir()
    pools.define()
    for what, path in (("path", pools.target), ("symbolic link", pools.folder / "link"),
                       ("path with ..", f"{pools.folder}/other/../images"), ("slash at the end", f"{pools.target}/")):
        result = call_with_input(pools, DEFINITION.format(name="twice", path=path).encode(), "pool-define", "-")
        tap.check(is_one_line(result, 1, 'storage source conflict with pool "images"'),
                  f"a second pool with the same {what} is refused", [result.message])
    moved = DEFINITION.format(name="missing", path=pools.folder / "missing/../gone").encode()
    tap.check_equal(call_with_input(pools, moved, "pool-define", "-").status, 0, "a directory that is not there is none yet")
    again = DEFINITION.format(name="again", path=pools.folder / "gone").encode()
    tap.check_equal(call_with_input(pools, again, "pool-define", "-").status, 1, "but its paths are compared")
    pools.call("pool-undefine", "missing")
    whole = pools.call("pool-dumpxml", "images", "--inactive").stdout
    tap.check(b"<capacity unit='bytes'>0</capacity>" in whole, "pool-dumpxml --inactive has no sizes, as virsh prints it")
    tap.check_equal(call_with_input(pools, whole, "pool-define", "-").status, 0, "the same pool may be defined again")


def check_filters(tap, pools):
    """pool-list --type knows virsh's types."""
    for types, count in (("dir", 1), ("fs,dir", 1), ("netfs", 0), ("logical", 0)):
        found = pools.json("pool-list", f"--type={types}")
        tap.check_equal(len(found), count, f"--type {types}")
    for types in ("foo", "dir,foo", "", "dir,"):
        result = pools.call("pool-list", "--type", types)
        tap.check(is_one_line(result, 64), f"--type '{types}' is a wrong command line", [result.message])
    tap.check_equal(pools.call("pool-list", "--inactive", "--name").stdout, b"", "--inactive leaves out active pools")
    for words in (["scan", "-o", "", "."], ["scan", "-o", "+", "."], ["scan", "-o", "name,", "."]):
        tap.check(is_one_line(pools.call(*words), 64), f"{' '.join(words)} is a wrong command line")


def check_help(tap, pools):
    """help VERB is VERB --help, and --pool is in it."""
    tap.check_equal(pools.call("help").stdout, pools.call("--help").stdout, "help is --help")
    for verb in (*NAMED_VERBS, *VOLUME_VERBS, "info", "scan"):
        result = pools.call("help", verb)
        tap.check_equal((result.status, result.stdout), (0, pools.call(verb, "--help").stdout), f"help {verb}")
        tap.check((b"--pool=" in result.stdout) == verb.startswith(("pool", "vol")), "--pool is shown where it is taken")
    for words in (["help", "nothing"], ["help", "info", "scan"]):
        tap.check(is_one_line(pools.call(*words), 64), f"{' '.join(words)} is a wrong command line")


def check_unreadable(tap, pools):
    """vol-info of what cannot be read says what is known, and why."""
    (pools.target / "dangling").symlink_to("nowhere")
    write(pools.target / "cut.qcow2", qcow2()[:80])
    result = pools.call("vol-info", "dangling", "images")
    tap.check(is_one_line(result, 1, "volume 'dangling': ") and b"State:          unreadable\n" in result.stdout,
              "an unreadable volume is 1, one line, and the facts", [result.message])
    result = pools.call("vol-info", "dangling", "images", "--output=json")
    tap.check(is_one_line(result, 1, "volume 'dangling': "), "in JSON, too", [result.message])
    tap.check_none(schema_problems("volume", [pools.json("vol-info", "dangling", "images")]), "as the schema says")
    tap.check_equal(pools.call("vol-info", "cut.qcow2", "images").status, 0, "a damaged one can be read")
    tap.check_equal(pools.call("vol-path", "dangling", "images").status, 0, "an unreadable one has a path")


def check_names(tap, pools):
    """vol-list --name has a line a volume."""
    write(pools.target / "two words\n.qcow2", qcow2())
    pools.refresh()
    tap.check_equal(pools.call("vol-list", "images", "--name").stdout.splitlines(),
                    [b"cut.qcow2", b"dangling", b"two words\\x0a.qcow2"], "vol-list --name")


def check_messages(tap, pools):
    """No failure says a word twice."""
    for line in ("pool 'x': no pool \"y\"", "file '\"x\"'", "no volume 'x' in 'x'", "cannot cannot"):
        tap.check(DOUBLED.search(line), f"this is said twice: {line}")
    failures = [[verb, "none"] for verb in NAMED_VERBS] + [[verb, "none", "images"] for verb in VOLUME_VERBS]
    failures += [[verb, "none", "none"] for verb in VOLUME_VERBS] + [["vol-info", "/none"], ["vol-path", "../x", "images"]]
    for name in ("", ".", "a/b", "\t", "x" * 300):
        failures.append(["pool-define-as", name, "dir", "--target", "/"])
    failures += [["pool-define-as", "x", "none", "--target", "/"], ["pool-define-as", "x", "netfs", "--target", "/"],
                 ["pool-define-as", "images", "dir", "--target", "/"], ["pool-define", "none.xml"], ["scan", "none"]]
    for words in failures:
        result = pools.call(*words)
        first = result.stderr.decode().split("\n")[0]
        tap.check(result.status == 1 and first and not DOUBLED.search(first), f"{' '.join(words)} fails with clear words",
                  [str(result.status), result.message])
    away = pools.folder / "away"
    pools.target.rename(away)
    for words in (["pool-refresh", "images"], ["vol-list", "images"], ["vol-info", "x", "images"]):
        result = pools.call(*words)
        tap.check(is_one_line(result, 1, str(pools.target)), f"{words[0]} of a directory that is gone", [result.message])
    away.rename(pools.target)


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        pools = Pools(arguments.program, os.path.realpath(Path(folder)), None)
        for check in (check_definitions, check_relative, check_conflicts, check_filters, check_help, check_unreadable, check_names,
                      check_messages, check_parts):
            check(tap, pools)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
