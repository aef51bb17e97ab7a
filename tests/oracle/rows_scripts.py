# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows of images whose point is more than a verdict: chains, what is printed, what is read, and XML of pools.
"""Q05 to Q10, Q34, V19, X08, D02, M02."""

import os
import resource
import subprocess

from chain_images import write_chain
from chain_judge import array_of, rules_of
from fixtures import TESTS
from hostile import MODULES, prepare
from programs import environment
from rows_case import TIMEOUT

DEPTH = 250
KIB, MIB = 1 << 10, 1 << 20
MEMORY_MAX = 96 << 10  # KiB, of which a sanitizer has most
# What may be read to describe an image, whatever it claims: bytes and reads.
READ = {
    ("Q34", "qcow2: 65536 snapshots of zeros"): (256 * KIB, 8),
    ("V19", "vmdk: a directory at the end of 1 TiB of nothing"): (128 * KIB, 4),
    ("X08", "vhdx: the metadata at 2^50"): (512 * KIB, 12),
    ("D02", "vdi: the largest disk"): (128 * KIB, 4),
}
TEXTS = {"backing-newline": b"./base.raw\nfile format: raw", "backing-invalid-utf8": b"/a\xff\xfe/b",
         "backing-nul": b"/safe\0/etc/shadow", "backing-escape": b"base\x1b]0;title\x07.raw"}
INEXACT = ("backing-invalid-utf8", "backing-nul")  # what a text of JSON cannot hold stands beside it in hex
POOL = "<pool type='dir'><name>{}</name><target><path>/</path></target></pool>"


def chain_rules(setting, name):
    """Status and all rules of a chain."""
    result = setting.call("chain", "--output=json", name)
    listed = setting.call("info", "--backing-chain", "--output=json", name)
    return result.status, {rule for member in array_of(listed) or () for rule in rules_of(member)}


def check_loops(setting):
    """Two images that stand on each other, and one that stands on itself."""
    with setting.box():
        setting.folder = TESTS / "qcow2data"
        for name in ("backing-loop-a", "backing-loop-b", "backing-self"):
            status, rules = chain_rules(setting, f"{name}.qcow2")
            setting.tap.check((status, "chain-loop" in rules) == (1, True), f"{name}: the loop is found",
                              [status, rules])


def check_depth(setting):
    """Deeper than chains are followed."""
    with setting.box() as folder:
        names = write_chain(folder, DEPTH)
        status, rules = chain_rules(setting, names[0])
        setting.tap.check((status, "chain-depth" in rules) == (1, True), f"a chain of {DEPTH} is cut",
                          [status, rules])


def backing_bytes(description, is_inexact):
    """The name of a backing file as the image has it; None when nothing tells it exactly."""
    exact = {entry["pointer"]: bytes.fromhex(entry["hex"])
             for entry in description.get("virt-probe", {}).get("bytes", [])}
    if is_inexact or "/backing-filename" in exact:
        return exact.get("/backing-filename")
    return description.get("backing-filename", "").encode()


def check_text(name):
    """A script for one name that would drive a terminal or forge a line."""
    def check(setting):
        with setting.box():
            setting.folder = TESTS / "qcow2data"
            shown = [setting.call(verb, f"{name}.qcow2") for verb in ("info", "audit")]
            setting.expect_clean(f"{name}: the text has no control bytes", *shown)
            lines = [line for line in shown[0].stdout.splitlines() if line.startswith(b"file format:")]
            setting.tap.check_equal(lines, [b"file format: qcow2"], f"{name}: no line is forged")
            setting.tap.check_equal(backing_bytes(setting.info(f"{name}.qcow2"), name in INEXACT), TEXTS[name],
                                    f"{name}: its bytes are told exactly")
            found = [finding for finding in setting.audit(f"{name}.qcow2").audit["findings"]
                     if finding["rule"] == "unsafe-text"]
            setting.tap.check_equal([finding["length"] for finding in found], [len(TEXTS[name])],
                                    f"{name}: all of it is meant")
    return check


def check_work(row, says):
    """A script for the reads of one input."""
    def check(setting):
        case = next(case for module in MODULES for case in module.CASES if case.says == says)
        with setting.box() as folder:
            prepare(case, folder)
            done = setting.info(case.name).get("virt-probe", {}).get("io", {})
        most = READ[row, says]
        setting.tap.check(bool(done) and done["bytes"] <= most[0] and done["reads"] <= most[1],
                          f"{says}: at most {most[0]} bytes in {most[1]} reads", [done])
    return check


def documents():
    """Definitions of pools that nobody should read, and what the refusal says."""
    laughs = "<!ENTITY l0 'lol'>" + "".join(
        f"<!ENTITY l{number} '{f'&l{number - 1};' * 10}'>" for number in range(1, 11))
    return {
        "an entity of a file": (b"document type", "<!DOCTYPE pool [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
                                + POOL.format("&x;")),
        "a billion laughs": (b"document type", f"<!DOCTYPE pool [{laughs}]>{POOL.format('&l10;')}"),
        "an attribute of 100 MB": (b"at most 1048576", "<pool type='" + "d" * MIB),
        "a NUL": (b"NUL", POOL.format("a\0b")),
        "another namespace": (b"not pool", POOL.format("a").replace("'dir'", "'dir' xmlns='urn:x'")),
        "elements in elements": (b"", "<pool>" + "<a>" * 100_000 + "</a>" * 100_000 + "</pool>"),
        "half an element": (b"", POOL.format("a")[:40]),
    }


def write_repeated(path, text, count):
    """Write the beginning, then its last MiB again: what this process holds counts for its children."""
    with open(path, "w") as out:
        out.write(text)
        for _ in range(count - 1):
            out.write(text[-MIB:])


def run_measured(setting, *words):
    """Status, stderr and the most memory in KiB."""
    with subprocess.Popen([setting.program, *words], cwd=setting.folder, stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT, TIMEOUT)),
                          env=environment(VIRT_PROBE_CONFIG_DIR=str(setting.folder / "config"),
                                          VIRT_PROBE_STATE_DIR=str(setting.folder / "state"))) as process:
        stderr = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, stderr, usage.ru_maxrss


def check_definitions(setting):
    """Each is refused with one line, and costs little."""
    if not setting.has_pools:
        return
    with setting.box() as folder:
        for what, (word, text) in documents().items():
            write_repeated(folder / "pool.xml", text, 100 if "100 MB" in what else 1)
            status, stderr, memory = run_measured(setting, "pool-define", "pool.xml")
            is_one_line = stderr.count(b"\n") == 1 and word in stderr and b"root:" not in stderr
            setting.tap.check(status == 1 and is_one_line, f"a pool of {what} is refused", [status, stderr])
            setting.tap.check(memory <= MEMORY_MAX, f"{what}: memory has a bound", [f"{memory} KiB"])
        setting.tap.check(not list(folder.glob("config/**/*.xml")), "none of them is kept",
                          list(folder.glob("config/**/*.xml")))


SCRIPTS = (("Q05", check_loops), ("Q06", check_depth),
           *zip(("Q07", "Q08", "Q09", "Q10"), map(check_text, TEXTS)),
           *((row, check_work(row, says)) for row, says in READ), ("M02", check_definitions))
