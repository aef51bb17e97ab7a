# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares virt-probe with what libvirt's own tests say of backing chains.
"""The cases lie in tests/chaindata; where ours differs, a case has both and the reason.

Of a member a case tells: path, format, capacity, recorded (the name of its own
backing file), relative (its name as the overlay records it, if relative).
"""

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

from fixtures import TESTS
from programs import arguments_parse, parse_json_or_none, run, state_of
from tap import Tap

DATA = TESTS / "chaindata"
AUTO = "auto"
ANY = "any"  # of the error codes
SECTOR = 512
SAFE = "--probe-backing=safe"


def load_make():
    """The function of the recipe that makes the images."""
    spec = importlib.util.spec_from_file_location("recipe_of_chaindata", DATA / "recipe.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make


def merged(member):
    """A member as ours should have it: libvirt's, with what is different."""
    return {**member, **member.get("ours", {}), "verbatim": "path" in member.get("ours", {})}


class Case:
    """One case, run in the folder of the images."""

    def __init__(self, program, folder, case):
        self.program, self.folder, self.case = program, folder, case
        self.start = str(folder / case["start"])

    def run(self, verb, form):
        """One verb in JSON."""
        declared = [] if form is None else ["-f", form]
        result = run([self.program, *verb, "--output=json", SAFE, *declared, self.start],
                     cwd=self.folder)
        return result, parse_json_or_none(result.stdout)

    @property
    def form(self):
        """What -f gets: libvirt takes a top image without a format for raw."""
        return "raw" if self.case["format"] == AUTO else self.case["format"]

    def wanted(self):
        """The members that ours should list."""
        members = self.case["ours"] if "ours" in self.case else self.case["libvirt"]
        return [merged(member) for member in members]

    def full(self, text):
        """A text of the case with the folder in place."""
        return text.replace("$D", str(self.folder)) if isinstance(text, str) else text

    def path(self, member):
        """The path of a member as ours should say it."""
        if member["verbatim"]:
            return member["path"]
        return f"{self.folder}/{member['path']}"

    def capacity(self, member):
        """The capacity; SIZE is that of the file."""
        if member["capacity"] != "SIZE":
            return member["capacity"]
        length = (self.folder / member["path"]).stat().st_size
        return -(-length // SECTOR) * SECTOR


def member_lines(case, number, wanted, element, member):
    """How one member differs from what is wanted."""
    found = {"path": element.get("filename"), "state": state_of(element).get("state"),
             "code": state_of(element).get("error", {}).get("code"),
             "format": element.get("format"), "capacity": element.get("virtual-size"),
             "recorded": element.get("backing-filename"), "relative": member.get("recorded-name")}
    expected = {"path": case.path(wanted), "state": wanted.get("state", "ok"),
                "code": wanted.get("code")}
    if expected["state"] == "ok":
        expected["format"] = wanted["format"]
        expected["capacity"] = case.capacity(wanted)
        expected["recorded"] = case.full(wanted["recorded"])
    if wanted.get("relative") is not None:
        expected["relative"] = wanted["relative"]
    elif expected["state"] == "ok" and number and not str(found["relative"]).startswith("/"):
        expected["relative"] = "an absolute name"
    return [f"member {number}: {key} is {found[key]!r}, wanted {value!r}"
            for key, value in expected.items() if found[key] != value]


def network_lines(wanted, overlay):
    """What the overlay's reference says of a member on a server."""
    references = [one for one in state_of(overlay).get("references", [])
                  if one.get("role") == "backing"]
    location = references[0].get("location", {}) if references else {}
    hosts = location.get("hosts", [])
    found = {"kind": location.get("kind"), "protocol": location.get("protocol"),
             "host": hosts[0].get("name") if hosts else None, "name": location.get("name")}
    return [f"location: {key} is {value!r}, wanted {wanted.get(key)!r}"
            for key, value in found.items() if value != wanted.get(key)]


def store_lines(case, owner, wanted, members):
    """What the verb chain says of a data file."""
    found = [one for one in members
             if one.get("role") == "data-file" and one.get("owner") == owner]
    if len(found) != 1:
        return [f"member {owner} has {len(found)} data files"]
    store, wanted = found[0], merged(wanted)
    expected = {"filename": case.path(wanted), "recorded-name": wanted["recorded"],
                "virtual-size": wanted["capacity"], "state": wanted.get("state", "ok")}
    lines = [f"data file: {key} is {store.get(key)!r}, wanted {value!r}"
             for key, value in expected.items() if store.get(key) != value]
    code = store.get("error", {}).get("code")
    if code != wanted.get("code") and (code is None or wanted.get("code") != ANY):
        lines.append(f"data file: error {store.get('error')}")
    return lines


def list_lines(case, array, chain):
    """All members of a case."""
    wanted = case.wanted()
    backing = [one for one in chain.get("members", []) if one.get("role") != "data-file"]
    if not len(wanted) == len(array) == len(backing):
        return [f"{len(wanted)} members are wanted, info has {len(array)}, chain {len(backing)}"]
    lines = []
    for number, (one, element, member) in enumerate(zip(wanted, array, backing)):
        lines += member_lines(case, number, one, element, member)
        if one.get("kind") == "network":
            lines += network_lines(one, array[number - 1])
        if "data-file" in one:
            owner = chain["members"].index(member)
            lines += store_lines(case, owner, one["data-file"], chain["members"])
    return lines


def recognised_lines(case):
    """What ours says without -f, where libvirt does not recognise the top."""
    _, array = case.run(("info", "--backing-chain"), None)
    found = [element.get("format") for element in array or []]
    wanted = case.case["recognised"]
    return [] if found == wanted else [f"without -f the formats are {found}, wanted {wanted}"]


def case_lines(case):
    """All that is wrong with a case."""
    result, array = case.run(("info", "--backing-chain"), case.form)
    chain_result, chain = case.run(("chain",), case.form)
    if case.case.get("usage"):  # a name of libvirt's that is no format of bytes
        wanted = (64, b"unknown format")
        is_said = all(one.status == wanted[0] and wanted[1] in one.stderr for one in (result, chain_result))
        return [] if is_said else [f"no usage error: {result.message}"]
    if not isinstance(array, list) or not isinstance(chain, dict):
        return [f"no array, or no object: {result.message}"]
    lines = list_lines(case, array, chain)
    has_error = any("code" in one or "code" in one.get("data-file", {}).get("ours", {})
                    for one in case.wanted())
    if {result.status, chain_result.status} != {int(has_error)}:
        lines.append(f"statuses {result.status} and {chain_result.status}: {result.message}")
    if "recognised" in case.case:
        lines += recognised_lines(case)
    return lines


def table_lines(document):
    """What is wrong with the file itself: every difference has a reason, every reason is used."""
    cases, reasons = document["cases"], set(document["reasons"])
    used = {why for case in cases for why in case["why"]}
    lines = [f"reason {why} is not explained" for why in used - reasons]
    lines += [f"reason {why} is not used" for why in reasons - used]
    for case in cases:
        members = case["libvirt"] if isinstance(case["libvirt"], list) else []
        differs = "ours" in case or any("ours" in member for member in members)
        if differs and not case["why"]:
            lines.append(f"{case['name']} differs without a reason")
    names = [case["name"] for case in cases]
    return lines + [f"{name} is there twice" for name in set(names) if names.count(name) > 1]


def main():
    """Run all cases."""
    arguments = arguments_parse(__doc__.splitlines()[0], needs_qemu_img=False)
    document = json.loads((DATA / "libvirt-chains.json").read_text())
    tap = Tap()
    tap.check_none(table_lines(document), "each difference from libvirt has a reason")
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as scratch:
        folder = Path(scratch).resolve()
        load_make()(folder)
        for case in document["cases"]:
            how = f"{case['source']}, format {case['format']}"
            tap.check_none(case_lines(Case(arguments.program, folder, case)),
                           f"{case['name']} ({how})")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
