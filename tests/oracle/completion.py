# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests the completion for bash: verbs, options, values, and names of pools, volumes and files, hostile ones included.
"""The script that the program prints is sourced, and its function is called as bash calls it for the tab key."""

import os
import pty
import select
import subprocess
import sys
import tempfile
from pathlib import Path

from chain_images import qcow2, write
from fixtures import TESTS
from programs import arguments_parse, environment, run
from tap import Tap

HOSTILE = "$(touch owned) `touch owned` x"
HOSTILE_QUOTED = r"\$\(touch\ owned\)\ \`touch\ owned\`\ x"
# Seconds without a sign of a shell after which it waits for more.
QUIET = 10
# One line for each completion, so that a name with blanks is seen to be one.
SCRIPT = """
. ./completion
compopt() { :; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_virt_probe
printf '%s\\n' "${COMPREPLY[@]}"
"""
PLAIN = {
    "a verb": (["pool-un"], ["pool-undefine"]),
    "a file in the place of a verb": (["./comp"], ["./completion"]),
    "verbs after help": (["help", "pool-n"], ["pool-name"]),
    "options of a verb": (["pool-dumpxml", "--in"], ["--inactive"]),
    "options with a value": (["vol-info", "--po"], ["--pool="]),
    "choices": (["vol-info", "--output", "=", "js"], ["json"]),
    "a format": (["info", "-f", "qco"], ["qcow2", "qcow"]),
    "a rule": (["explain", "trunc"], ["truncated"]),
    "the output of explain": (["explain", "--output", "=", "j"], ["json"]),
    "a system": (["audit", "--for", "=", "az"], ["azure"]),
    "a system behind a comma": (["audit", "--for", "=", "nova,az"], ["nova,azure"]),
    "a rule behind a comma": (["audit", "--allow", "near-signature,dirty,trunc"], ["near-signature,dirty,truncated"]),
    "a column": (["scan", "-o", "allo"], ["allocation"]),
    "a column behind a comma": (["scan", "--columns", "=", "name,allo"], ["name,allocation"]),
    "a column that is added": (["scan", "-o", "+allo"], ["+allocation"]),
    "directories": (["scan", "ima"], ["ima", "images"]),
    "files with blanks": (["info", "ima\\ ge"], ["ima ge 1.raw", "ima ge 2.raw"]),
    "files with blanks after a quote": (["info", "'ima ge 2"], ["ima ge 2.raw"]),
}
OF_POOLS = {
    "all pools": (["pool-info", ""], [HOSTILE_QUOTED, "ima", "my\\ pool", "my\\ stock"]),
    "a pool with a blank": (["pool-info", "my\\ p"], ["my\\ pool"]),
    "a pool in quotes": (["pool-info", '"my p'], ["my pool"]),
    "a hostile pool": (["pool-refresh", "$"], [HOSTILE_QUOTED]),
    "--pool": (["vol-list", "--pool", "my\\ s"], ["my\\ stock"]),
    "--pool=": (["vol-list", "--pool", "=", "my\\ s"], ["my\\ stock"]),
    "volumes of a pool": (["vol-info", "--pool", "my\\ pool", "di"], ["disk\\ 1.qcow2", "disk2.qcow2"]),
    "volumes of --pool=": (["vol-path", "--pool", "=", "'my pool'", "disk\\ "], ["disk\\ 1.qcow2"]),
    "a hostile volume": (["vol-info", "--pool", "my\\ pool", "$"], [HOSTILE_QUOTED]),
    "a volume by its path": (["vol-info", "images/disk2"], ["images/disk2.qcow2"]),
    "the pool behind the volume": (["vol-info", "disk2.qcow2", "my\\ p"], ["my\\ pool"]),
    "no volume whose name had to be escaped": (["vol-info", "--pool", "my\\ pool", "new"], [""]),
    "volumes of a pool that there is not": (["vol-info", "--pool", "none", "di"], [""]),
}


# Typed in a shell: what the words of the line are then. There is a directory called as the pool.
TYPED = {
    "pool-info im": ["pool-info", "ima"],
    "vol-list --pool=im": ["vol-list", "--pool=ima"],
    "pool-info my\\ p": ["pool-info", "my pool"],
    "pool-info 'my p": ["pool-info", "my pool"],
    'pool-info "my p': ["pool-info", "my pool"],
    "pool-info $": ["pool-info", HOSTILE],
    "pool-info '$": ["pool-info", HOSTILE],
    'pool-info "$': ["pool-info", HOSTILE],
    "vol-info --pool my\\ pool disk\\ ": ["vol-info", "--pool", "my pool", "disk 1.qcow2"],
    "scan im": ["scan", "ima/"],
    "info ima\\ ge\\ 2": ["info", "ima ge 2.raw"],
}


def read(terminal):
    """What a terminal shows next; nothing when whoever used it has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def typed(folder, setting, line):
    """The words of a line to which the tab key was pressed at its end."""
    words = folder / "words"
    words.unlink(missing_ok=True)
    master, slave = pty.openpty()
    with subprocess.Popen(["bash", "--norc", "-i"], cwd=folder, env=setting, stdin=slave, stdout=slave, stderr=slave,
                          start_new_session=True) as shell:
        os.close(slave)
        # The function takes the place of the program, so that its words are seen.
        os.write(master, b". ./completion; show() { printf '%s\\0' \"$@\" > words; }; complete -F _virt_probe show\n")
        os.write(master, f"show {line}".encode() + b"\t\nexit\n")
        while select.select([master], [], [], QUIET)[0] and read(master):
            pass
        shell.kill()
    os.close(master)
    return words.read_bytes().decode().split("\0")[:-1] if words.exists() else None


def completions(folder, setting, words):
    """What is offered for the last of the words."""
    result = run(["bash", "--norc", "-c", SCRIPT, "bash", "virt-probe", *words], cwd=folder, env=setting)
    return sorted(result.stdout.decode().rstrip("\n").split("\n")), result.stderr.decode()


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as scratch:
        folder = Path(scratch)
        setting = environment(VIRT_PROBE_CONFIG_DIR=str(folder / "config"), VIRT_PROBE_STATE_DIR=str(folder / "state"),
                              VIRT_PROBE_TARGETDIR=str(TESTS.parent / "data/targets"),
                              PATH=f"{os.path.dirname(arguments.program)}:{os.environ['PATH']}")
        (folder / "completion").write_bytes(run([arguments.program, "__completion"]).stdout)
        (folder / "ima").mkdir()
        target = folder / "images"
        target.mkdir()
        for name in ("disk 1.qcow2", "disk2.qcow2", HOSTILE, "new\nline.qcow2"):
            write(target / name, qcow2())
        for number in (1, 2):
            (folder / f"ima ge {number}.raw").write_bytes(bytes(512))
        for name, place in (("my pool", "images"), ("my stock", "elsewhere"), (HOSTILE, "nowhere"), ("ima", "somewhere")):
            run([arguments.program, "pool-define-as", name, "dir", "--target", folder / place], env=setting)
        run([arguments.program, "pool-refresh", "my pool"], env=setting)
        for what, (words, wanted) in {**PLAIN, **OF_POOLS}.items():
            found, message = completions(folder, setting, words)
            tap.check_equal((found, message), (sorted(wanted), ""), f"tab completes {what}")
        target.rename(folder / "elsewhere")
        for line, wanted in TYPED.items():
            tap.check_equal(typed(folder, setting, line), wanted, f"typed: {line}")
        tap.check(not list(folder.rglob("owned")), "no name is ever run")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
