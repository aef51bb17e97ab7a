# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests tables in locales whose characters are not UTF-8, as cron has them.
"""Names of any bytes end in a table of ASCII there, and nothing waits for ever."""

import os
import sys
import tempfile

from chain_images import qcow2, write
from pools import Pools
from programs import arguments_parse, run
from tap import Tap

NAME = "größe.qcow2"
ESCAPED = b"gr\\xc3\\xb6\\xc3\\x9fe.qcow2"
TIMEOUT = 20


def check_tables(tap, pools):
    """Each table, in each such locale."""
    pools.define()
    write(pools.target / NAME, qcow2())
    write(pools.target / "über.qcow2", qcow2(NAME, "qcow2"))
    pools.refresh()
    for changes in ({"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "C", "CHARSET": "UTF-8"}):
        for words in (["scan", pools.target], ["chain", pools.target / "über.qcow2"], ["vol-list", "images"],
                      ["vol-list", "images", "--details"], ["pool-info", "images"], ["vol-info", pools.target / NAME]):
            result = run([pools.program, *map(str, words)], env={**pools.environment, **changes}, timeout=TIMEOUT)
            title = f"{changes}: {words[0]}"
            tap.check(result.status == 0 and result.stdout.isascii(), f"{title} is ASCII, and ends", [result.message])
            tap.check(words[0] == "pool-info" or ESCAPED in result.stdout, f"{title} escapes the name",
                      result.stdout.decode("utf-8", "replace").splitlines())
    for words in (["scan", pools.target], ["vol-list", "images"]):
        tap.check(NAME.encode() in pools.call(*words).stdout, f"{words[0]} has the name as it is in a locale of UTF-8")


def check_help(tap, program):
    """Help is text of ours, and written out."""
    for changes in ({"LC_ALL": "C"}, {"LC_ALL": "C", "LANGUAGE": "de"}):
        for words in (["--help"], ["info", "--help"], ["help", "scan"], ["explain", "truncated"], ["help", "pool-start"]):
            result = run([program, *words], env={**os.environ, **changes}, timeout=TIMEOUT)
            tap.check(result.status == 0 and result.stdout.isascii() and result.stdout, f"{changes}: {words} is ASCII")
    found = run([program, "info", "--help"], env={**os.environ, "LC_ALL": "C"}).stdout
    tap.check(b"[OPTION...] IMAGE...|-" in found, "as far as it can be", [found.decode()])
    found = run([program, "info", "--help"], env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""}).stdout
    tap.check("[OPTION…] IMAGE…|-".encode() in found, "and as it is in a locale of UTF-8", [found.decode()])


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    check_help(tap, arguments.program)
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        check_tables(tap, Pools(arguments.program, os.path.realpath(folder), None))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
