#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches the program with strace: what it opens, and what it says when the system misbehaves."""
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

IMAGES = pathlib.Path(__file__).resolve().parent.parent / "qcow2data"
NAMED = re.compile(r'"((?:\\.|[^"\\])*)"')
TOUCHING = "trace=%file,%network"


def trace(arguments, program, image, log):
    command = ["strace", "-f", "-qq", "-o", str(log), *arguments, program, "info", "--output=json", str(image)]
    return subprocess.run(command, capture_output=True, check=False)


def touched(program, image, log):
    """Files and addresses that are named in system calls once the image was looked for."""
    trace(["-e", TOUCHING], program, image, log)
    lines = log.read_text(errors="replace").splitlines()
    first = next(i for i, line in enumerate(lines) if str(image) in line)
    return [name for line in lines[first:] for name in NAMED.findall(line) if name not in (str(image), "")]


def check_opens(program, log):
    for image in sorted(IMAGES.glob("*.qcow*")):
        names = touched(program, image, log)
        yield f"{image.name}: nothing that it names is touched", names


def check_read_error(program, log):
    image = IMAGES / "v3-plain.qcow2"
    done = trace(["-P", str(image), "-e", "inject=pread64:error=EIO"], program, image, log)
    document = json.loads(done.stdout)
    error = document["virt-probe"]["error"]["code"]
    problems = [] if done.returncode == 1 and error == "io" and "format" not in document else [done.stdout.decode()]
    yield "a read error is no format and no sound image", problems


def check_change(program, log, folder):
    """The file grows while the program waits in its only read."""
    image = folder / "changing.qcow2"
    image.write_bytes((IMAGES / "v3-plain.qcow2").read_bytes())
    command = ["strace", "-f", "-qq", "-o", str(log), "-P", str(image), "-e", "inject=pread64:delay_enter=3000000",
               program, "info", "--output=json", str(image)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (log.exists() and "openat" in log.read_text()):
            time.sleep(0.05)
        time.sleep(0.3)
        with open(image, "ab") as file:
            file.write(bytes(512))
        output = running.communicate()[0]
    rules = [finding["rule"] for finding in json.loads(output)["virt-probe"]["findings"]]
    yield "a file that changes meanwhile is reported", [] if "changed-during-probe" in rules else [str(rules)]


def confined_problems(lines, wanted):
    """What is wrong with the calls of a process that is to be confined before it reads an image."""
    locks = [number for number, line in enumerate(lines) if "SECCOMP_MODE_FILTER, {" in line]
    if len(locks) != 1 or not lines[locks[0]].endswith("= 0"):
        return ["there is not one filter of system calls", *lines]
    before, after = lines[:locks[0]], lines[locks[0] + 1:]
    problems = [f"before the filter: {line}" for line in before if re.search(r"\b(pread64|getdents64)\(", line)]
    problems += [f"behind the filter: {line}" for line in after if "O_WRONLY" in line or "O_RDWR" in line or "SIGSYS" in line]
    has_landlock = any("LANDLOCK_CREATE_RULESET_VERSION) = " in line and not line.endswith(")") for line in before)
    if has_landlock and not any("landlock_restrict_self(" in line and line.endswith("= 0") for line in before):
        problems.append("files are not restricted")
    return problems + [f"there is no {name}" for name in wanted if not any(f" {name}(" in line for line in after)]


def check_sandbox(program, log):
    """Who reads an image was confined before; who asks for that reads none."""
    image = IMAGES / "v3-plain.qcow2"
    verbs = {"info": (image, ["pread64"]), "audit": (image, ["pread64"]),
             "scan": (IMAGES, ["pread64", "getdents64", "openat"])}
    for verb, (target, wanted) in verbs.items():
        command = ["strace", "-f", "-qq", "-y", "-o", str(log), program, verb, "--sandbox", str(target)]
        # A container may forbid what the kernel has.
        if b"there is no sandbox here" in subprocess.run(command, capture_output=True, check=False).stderr:
            continue
        lines = log.read_text(errors="replace").splitlines()
        caller = lines[0].split()[0]
        others = [line for line in lines if line.split()[0] != caller]
        problems = confined_problems(others, wanted)
        problems += [f"the caller: {line}" for line in lines if line.split()[0] == caller and str(IMAGES) in line
                     and re.search(r"\b(openat|read|pread64)\(", line)]
        if verb != "scan":
            end = next((i for i, line in enumerate(others) if "SECCOMP_MODE_FILTER, {" in line), 0)
            problems += [f"a file is opened: {line}" for line in others[end:] if "open" in line]
        yield f"{verb} --sandbox: what reads images is confined", problems


def check_pool_list(program, log, folder):
    """Each directory of a pool is looked at once, and the catalogue is opened once for all of them."""
    environment = dict(os.environ, VIRT_PROBE_CONFIG_DIR=str(folder / "config"), VIRT_PROBE_STATE_DIR=str(folder / "state"))
    places = [folder / f"place{number}" for number in range(3)]
    for place in places:
        place.mkdir()
        subprocess.run([program, "pool-define-as", place.name, "dir", "--target", place], env=environment,
                       capture_output=True, check=False)
    subprocess.run([program, "pool-refresh", "--all"], env=environment, capture_output=True, check=False)
    for words, opened in ([], 0), (["--details"], 1), (["--output=json"], 1), (["--all", "--name"], 0):
        subprocess.run(["strace", "-f", "-qq", "-o", str(log), "-e", "trace=%file", program,
                        "pool-list", *words], env=environment, capture_output=True, check=False)
        lines = [line for line in log.read_text(errors="replace").splitlines() if str(folder) in line]
        looked = [sum(f'"{place}"' in line for line in lines) for place in places]
        # The catalogue is a database, or one file a pool where there is no SQLite.
        bases = [line.split('"')[1] for line in lines if "openat(" in line and "O_DIRECTORY" not in line
                 and line.split('"')[1].startswith(str(folder / "state" / "catalogue"))]
        wanted = [0 if "--name" in words else 1] * len(places)
        yield (f"pool-list {' '.join(words)}: no directory is looked at twice, nor the catalogue opened twice",
               [] if looked == wanted and bool(bases) == bool(opened) and len(set(bases)) == len(bases)
               else [f"{looked} looks, of the catalogue were opened: {bases}", *lines])


def main():
    program = os.path.abspath(sys.argv[1])
    failed = number = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        checks = (check_opens(program, folder / "log"), check_read_error(program, folder / "log"),
                  check_change(program, folder / "change-log", folder))
        if (pathlib.Path(program).parent / "virt-probe-pools.so").exists():
            checks += (check_pool_list(program, folder / "pool-log", folder),)
            if "sandbox" in sys.argv[2:]:
                checks += (check_sandbox(program, folder / "sandbox-log"),)
        for name, problems in itertools.chain(*checks):
            number += 1
            failed += bool(problems)
            print(f"{'not ' if problems else ''}ok {number} - {name}")
            for problem in problems:
                print(f"# {problem}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
