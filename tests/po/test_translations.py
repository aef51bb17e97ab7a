#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds untranslated text with a pseudo-locale, and checks that template and translations are complete."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
XGETTEXT = ["xgettext", "--from-code=UTF-8", "--language=C", "--keyword=_", "--keyword=N_", "--keyword=Q_:1,2",
            "--package-name=virt-probe", "--no-wrap", "--sort-by-file", "-f", "po/POTFILES.in", "-o"]
BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
# Words that stay as they are: names of options and values, ids, examples, the program's own name.
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [a-z]{2,}")


def entries(text):
    """The messages of a .po file as (msgid, msgstr), both still quoted and joined."""
    for block in re.split(r"\n\n", text):
        match = re.search(r'^msgid ((?:".*"\n?)+)msgstr ((?:".*"\n?)+)', block, re.MULTILINE)
        if match:
            yield tuple("".join(re.findall(r'"(.*)"', part)) for part in match.groups())


def pseudo(msgid):
    """The message in brackets, line ends outside so that formats stay valid."""
    inner = re.sub(r"^((?:\\n)*)(.*?)((?:\\n)*)$", r"\1⟦\2⟧\3", msgid, flags=re.DOTALL)
    return inner


def make_pseudo_locale(folder, template):
    lines = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n']
    lines += [f'msgid "{msgid}"\nmsgstr "{pseudo(msgid)}"\n' for msgid, _ in entries(template) if msgid]
    catalog = folder / "xx/LC_MESSAGES"
    catalog.mkdir(parents=True)
    (folder / "xx.po").write_text("\n".join(lines))
    subprocess.run(["msgfmt", "-o", catalog / "virt-probe.mo", folder / "xx.po"], check=True)


def run(program, arguments, locale_dir, language="xx"):
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE=language, VIRT_PROBE_LOCALEDIR=str(locale_dir))
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


def untranslated(text, titles):
    """Lines that still hold a sentence once everything in brackets is gone. Titles of formats are names."""
    for title in titles:
        text = text.replace(title, "")
    rest = BRACKETED.sub("", text.replace("\n", "\x00")).replace("\x00", "\n")
    return [line for line in rest.splitlines() if SENTENCE.search(line) and "virt-probe " not in line]


def command_lines(program):
    rules = [line.split()[0] for line in run(program, ["explain"], "/nonexistent", "C").splitlines()]
    verbs = ["info", "explain", "formats"]
    yield ["--help"]
    yield from ([verb, "--help"] for verb in verbs)
    yield from (["explain", rule] for rule in rules)
    yield from (["explain"], ["formats"], ["explain", "nothing"], ["info"], ["nothing"], ["info", "--nothing"],
                ["info", "--output=nothing", "x"], ["info", "--object", "x", "y"], ["info", "--image-opts", "x"],
                ["info", "--format"], ["formats", "x"])


def check_quotes():
    """Yields where a quotation is not written as everywhere else in its language."""
    for message in sorted(msgid for msgid, _ in entries((ROOT / "po/virt-probe.pot").read_text())):
        if re.search('[`„“”»«]|\\\\"', message):
            yield f"a message has other quotes than '…': {message[:60]}"
    for _, message in entries((ROOT / "po/de.po").read_text()):
        if re.search("['`„“”]|\\\\\"", message):
            yield f"po/de.po: other quotes than »…«: {message[:60]}"


def check_template(folder):
    """Yields what is wrong with the template and the translations."""
    fresh = folder / "fresh.pot"
    subprocess.run([*XGETTEXT, fresh], cwd=ROOT, check=True)
    wanted = {msgid for msgid, _ in entries(fresh.read_text())}
    found = {msgid for msgid, _ in entries((ROOT / "po/virt-probe.pot").read_text())}
    if wanted != found:
        yield f"po/virt-probe.pot differs from the sources in {len(wanted ^ found)} messages: {sorted(wanted ^ found)[:3]}"
    for language in (ROOT / "po/LINGUAS").read_text().split():
        text = (ROOT / f"po/{language}.po").read_text()
        translated = {msgid for msgid, msgstr in entries(text) if msgstr}
        for msgid in sorted(wanted - translated):
            yield f"po/{language}.po: not translated: {msgid[:60]}"
        done = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", f"po/{language}.po"], cwd=ROOT,
                              capture_output=True, text=True)
        if done.returncode != 0 or "fuzzy" in text.split("\n\n", 1)[1]:
            yield f"po/{language}.po: {done.stderr.strip() or 'has fuzzy entries'}"


def main():
    program = sys.argv[1]
    problems = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        problems.extend(check_template(folder))
        problems.extend(check_quotes())
        make_pseudo_locale(folder, (ROOT / "po/virt-probe.pot").read_text())
        if "⟦" not in run(program, ["--help"], folder):
            problems.append("the pseudo-locale has no effect, so nothing was checked")
        titles = [entry["title"] for entry in json.loads(run(program, ["formats", "--output=json"], folder))]
        for arguments in command_lines(program):
            for line in untranslated(run(program, arguments, folder), titles):
                problems.append(f"virt-probe {' '.join(arguments)}: not translated: {line.strip()}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
