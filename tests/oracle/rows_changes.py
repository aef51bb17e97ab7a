# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows F10 to F12 and F14: files that somebody changes meanwhile, and very many of them.
"""What is allowed is decided before: the answers to each state of the file by itself."""

import json
import os
import threading
import time
from contextlib import contextmanager

from programs import environment, parse_json_or_none
from rows_case import PLAIN

CHANGED = "changed-during-probe"
FORMATS = ("qcow2", "raw")  # of the two states
AUDITS = {"audit": 300, "info": 100}
AUDITS_EMPTIED = 100
ROUNDS_MAX = 20  # of them, until both states were seen
PERIOD = 0.001  # seconds, hence 1 kHz
# Longer than the clock of any kernel's file times stands still: two changes have two times.
TICK = 0.012
REFRESHES = 8
STEADY = 8
ENTRIES = 10_000
CONFINED = 1_000
MANY = "VIRT_PROBE_TEST_ENTRIES"
FIFO_EVERY = 100
TOGETHER = 300  # seconds; a guard, no bound on the time
# What belongs to a moment, and not to a state of the bytes.
TIMES = {"mtime", "in-use", "actual-size", "io"}


def without_times(value):
    """A description without what changes from moment to moment."""
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if key not in TIMES}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


@contextmanager
def repeating(action, period=PERIOD):
    """A thread that does it until the block ends; gives the number of times, in a list."""
    is_over, count = threading.Event(), [0]

    def loop():
        while not is_over.is_set():
            action(count[0])
            count[0] += 1
            time.sleep(period)
    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield count
    finally:
        is_over.set()
        thread.join()


def answer_of(setting, *words):
    """Status and document of one run."""
    result = setting.call(*words)
    return result.status, without_times(parse_json_or_none(result.stdout)), result


def is_denial_of_changes(status, document):
    """An audit that saw the change denies the file; a cut that a read meets makes it unreadable."""
    found = {finding["rule"]: finding["severity"] for finding in document.get("findings", [])}
    if found.get(CHANGED) != "deny" or document.get("format") not in (None, *FORMATS):
        return False
    if (status, document.get("verdict")) == (2, "denied"):
        return True
    return ((status, document.get("verdict")) == (1, "error") and document["error"]["code"] == "io"
            and found.get("io-error") == "deny" and "format" not in document)


def is_warning_of_changes(status, document):
    """A description that saw the change warns, and is sound besides."""
    extra = document.get("virt-probe", {})
    found = {finding["rule"]: finding["severity"] for finding in extra.get("findings", [])}
    return ((status, extra.get("state"), found.get(CHANGED)) == (0, "ok", "warning")
            and document.get("format") in FORMATS)


SAYS_CHANGED = {"audit": is_denial_of_changes, "info": is_warning_of_changes}


def collect(setting, states, count, *words):
    """Ask again and again; lists what was no answer to a state, and counts the rest."""
    says_changed = SAYS_CHANGED[words[0]]
    wrong, seen, changed = [], [0] * len(states), 0
    for _ in range(count):
        status, document, result = answer_of(setting, *words)
        if (status, document) in states:
            seen[states.index((status, document))] += 1
        elif document is not None and says_changed(status, document):
            changed += 1
        else:
            wrong.append(f"status {status}: {json.dumps(document)} {result.message}")
    return wrong[:5], seen, changed


def check_emptied(setting):
    """A file that is cut to nothing and filled again, by a thread."""
    content = PLAIN.read_bytes()
    with setting.box() as folder:
        image = folder / "image"
        words = ("audit", "--output=json", "image")
        states = []
        for state in (content, b""):
            image.write_bytes(state)
            states.append(answer_of(setting, *words)[:2])
        with open(image, "r+b", buffering=0) as file:

            def change(_):
                os.ftruncate(file.fileno(), 0)
                time.sleep(TICK)
                os.pwrite(file.fileno(), content, 0)
            wrong, seen, changed = [], [0, 0], 0
            with repeating(change, TICK) as count:
                for _ in range(ROUNDS_MAX):
                    more = collect(setting, states, AUDITS_EMPTIED, *words)
                    wrong, seen, changed = wrong + more[0], [sum(pair) for pair in zip(seen, more[1])], changed + more[2]
                    if all(seen) and count[0] > AUDITS_EMPTIED // 10:
                        break
        setting.tap.comment(f"{count[0]} changes, states {seen}, changed {changed}")
        setting.tap.check_none(wrong, "an image that is cut meanwhile is one of two, or changed")
        setting.tap.check(all(seen) and count[0] > AUDITS_EMPTIED // 10, "it was cut all the time", [seen, count])


def check_flipped(setting):
    """A header that comes and goes a thousand times a second."""
    content = PLAIN.read_bytes()
    with setting.box() as folder:
        image = folder / "image"
        heads = (content[:4], bytes(4))
        for verb in ("audit", "info"):
            words, states = (verb, "--output=json", "image"), []
            for head in heads:
                image.write_bytes(head + content[4:])
                states.append(answer_of(setting, *words)[:2])
            formats = [document["format"] for _, document in states]
            setting.tap.check_equal(tuple(formats), FORMATS, f"{verb}: the two states are two formats")
            with open(image, "r+b", buffering=0) as file:
                with repeating(lambda turn, file=file: os.pwrite(file.fileno(), heads[turn % 2], 0)) as count:
                    wrong, seen, changed = collect(setting, states, AUDITS[verb], *words)
            setting.tap.comment(f"{verb}: {count[0]} changes, states {seen}, changed {changed}")
            setting.tap.check_none(wrong, f"{verb}: a header that flips is one of two, or changed")
            setting.tap.check(sum(seen) + changed == AUDITS[verb] and count[0] > AUDITS[verb],
                              f"{verb}: it flipped all the time", [seen, changed, count])


def pools_environment(folder):
    """Definitions and catalogue of a folder's own."""
    return environment(VIRT_PROBE_CONFIG_DIR=str(folder / "config"),
                       VIRT_PROBE_STATE_DIR=str(folder / "state"))


def listing_problems(result, wanted):
    """A verb that lists a directory must end well, and name so many of the files that stay."""
    if result.status in (0, 1, 2) and result.stdout.count(b"stays-") >= wanted:
        return []
    return [f"status {result.status}: {result.stdout[:200]} {result.message}"]


def check_vanishing(setting):
    """Files that are listed and gone when they are opened."""
    with setting.box() as folder:
        images, env = folder / "images", pools_environment(folder)
        images.mkdir()
        for number in range(STEADY):
            (images / f"stays-{number}").write_bytes(PLAIN.read_bytes())
        if setting.has_pools:
            setting.call("pool-define-as", "images", "dir", "--target", images, env=env)

        def change(_):
            for number in range(64):
                (images / f"goes-{number}").write_bytes(b"x")
            for number in range(64):
                (images / f"goes-{number}").unlink()
        problems = []
        with repeating(change, 0):
            for _ in range(REFRESHES):
                problems += listing_problems(setting.call("audit", "images"), STEADY)
                if setting.has_pools:
                    refreshed = setting.call("pool-refresh", "images", env=env)
                    listed = setting.call("vol-list", "images", env=env)
                    problems += listing_problems(refreshed, 0) + listing_problems(listed, STEADY)
                    problems += [refreshed.message] if refreshed.status else []
        setting.tap.check_none(problems, "files that go meanwhile do not hide the others")


def fill(folder, count):
    """So many entries, each hundredth a FIFO."""
    content = PLAIN.read_bytes()[:1024]
    for number in range(count):
        path = os.path.join(folder, f"{number:06}")
        if number % FIFO_EVERY == 0:
            os.mkfifo(path)
            continue
        with open(path, "wb", buffering=0) as image:
            image.write(content)


def check_many(setting):
    """A directory of thousands of entries, by each verb that lists one."""
    count = int(os.environ.get(MANY, ENTRIES))
    fifos = -(-count // FIFO_EVERY)
    with setting.box() as folder:
        images = folder / "images"
        images.mkdir()
        fill(images, count)
        before = time.monotonic()
        document = setting.audit("-r", "--no-sandbox", "images", timeout=TOGETHER).audit or {}
        setting.tap.comment(f"audit -r of {count} entries took {time.monotonic() - before:.1f} seconds")
        summary = document.get("summary", {})
        setting.tap.check_equal((summary.get("images"), summary.get("denied"), summary.get("unreadable")),
                                (count, count, 0), f"{count} entries are judged")
        rules = [image["findings"][0]["rule"] for image in document.get("images", [])]
        setting.tap.check_equal(rules.count("not-regular"), fifos, "each FIFO is denied as such")
        if setting.has_pools:
            check_many_volumes(setting, images, count, fifos)
        check_many_confined(setting, min(count, CONFINED))


def check_many_confined(setting, count):
    """The same with the sandbox in force, which needs a process for every file and is what people get."""
    folder = setting.folder / "confined"
    folder.mkdir()
    fill(folder, count)
    fifos = -(-count // FIFO_EVERY)
    before = time.monotonic()
    document = setting.audit("-r", "confined", timeout=TOGETHER).audit or {}
    setting.tap.comment(f"audit -r of {count} entries in the sandbox took {time.monotonic() - before:.1f} seconds")
    images = document.get("images", [])
    setting.tap.check_equal(document.get("summary", {}).get("denied"), count, f"{count} entries are judged in the sandbox")
    rules = [image["findings"][0]["rule"] for image in images]
    setting.tap.check_equal(rules.count("not-regular"), fifos, "each FIFO is denied there as well")
    alone = setting.audit("confined/000001").audit or {}
    sandboxes = [image.get("sandbox") for image in images]
    setting.tap.check_equal(sandboxes.count(alone.get("sandbox", {})), count - fifos,
                            "each file is read by a process as confined as that for one file")


def check_many_volumes(setting, images, count, fifos):
    """The same as a pool."""
    options = {"timeout": TOGETHER, "env": pools_environment(setting.folder)}
    before = time.monotonic()
    lines = setting.call("scan", "--output=lines", images, **options).stdout.splitlines()
    setting.tap.comment(f"scan took {time.monotonic() - before:.1f} seconds")
    setting.tap.check_equal(len(lines), count, "a scan lists all of them")
    setting.tap.check_equal(sum(b"is a FIFO" in line for line in lines), fifos, "FIFOs among them")
    setting.call("pool-define-as", "many", "dir", "--target", images, **options)
    before = time.monotonic()
    result = setting.call("pool-refresh", "many", "--output=json", **options)
    setting.tap.comment(f"pool-refresh took {time.monotonic() - before:.1f} seconds")
    counts = (parse_json_or_none(result.stdout) or [{}])[0]
    setting.tap.check(result.status == 0 and count in counts.values(), "a refresh counts all of them",
                      [counts, result.message])


SCRIPTS = (("F10", check_emptied), ("F11", check_flipped), ("F12", check_vanishing), ("F14", check_many))
