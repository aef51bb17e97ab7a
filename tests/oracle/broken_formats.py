# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken chains: members that are damaged, of another format than recorded, or of no known one.
"""A damaged member does not end a chain as long as the name of its base can be read."""

from chain_images import BASES, qcow2, raw
from chain_judge import OK, PARTIAL, error_of, rules_of
from chain_setting import clean_lines, failed_lines, sound_lines
from programs import state_of

# Bytes of an overlay that are left, and whether its backing name is among them.
CUTS = ((0, False), (3, False), (71, False), (103, False), (130, False), (600, True), (1400, True))
UNKNOWN = ("bogus", "QCOW2", "Raw", "qcow2 ", " raw", "file", "host_device", "nbd", "blkdebug",
           "json", "raw\nqcow2", "q" * 15)
WRONG = ("qed", "bochs", "cloop", "dmg", "vmdk", "vhdx", "vdi", "vpc", "luks", "parallels")


def states_of(answer):
    """The states of all members."""
    return [state_of(element).get("state") for element in answer.array]


def check_cut_overlays(tap, setting):
    """An overlay in the middle that ends early."""
    for length, has_name in CUTS:
        with setting.box() as box:
            box.overlay("top", "middle")
            path = box.overlay("middle", "base")
            box.base()
            path.write_bytes(path.read_bytes()[:length])
            answer = box.info("top")
            wanted = [OK, PARTIAL, OK] if has_name else [OK, PARTIAL]
            lines = clean_lines(answer.result)
            if states_of(answer) != wanted or answer.result.status != 1:
                lines.append(f"status {answer.result.status}, states {states_of(answer)}, "
                             f"wanted {wanted}: {answer.result.message}")
            tap.check_none(lines, f"an overlay cut after {length} bytes "
                                  f"{'leads on' if has_name else 'ends the chain'}")


def check_damaged_overlays(tap, setting):
    """Damage beside the backing name does not end the chain."""
    with setting.box() as box:
        box.overlay("top", "middle")
        box.put("middle", qcow2("base", "qcow2", snapshots=["a"])[:-512])
        box.base()
        answer = box.info("top")
        tap.check(len(answer.array) == 3 and states_of(answer)[0] == OK
                  and states_of(answer)[2] == OK, "a lost snapshot table does not end the chain",
                  [str(states_of(answer)), answer.result.message])
    with setting.box() as box:
        box.overlay("top", "base", "raw")
        box.put("base", b"")
        tap.check_none(sound_lines(box.info("top"), 2), "an empty base, recorded raw, is described")


def check_replaced(tap, setting):
    """The base is not of the recorded format."""
    for form, make in BASES.items():
        recorded = "qcow2" if form == "raw" else "raw"
        with setting.box() as box:
            box.overlay("top", "base", recorded)
            box.put("base", make())
            answer = box.info("top")
            if recorded == "raw":
                lines = sound_lines(answer, 2, "declared-format-mismatch")
                if answer.last.get("format") != "raw":
                    lines.append(f"the base is called {answer.last.get('format')}")
                if "declared-format-mismatch" not in rules_of(answer.last):
                    lines.append(f"the base has the findings {rules_of(answer.last)}")
                tap.check_none(lines, f"a base recorded raw that looks like {form} stays raw")
            else:
                tap.check_none(failed_lines(answer, 1, "invalid", "bad-magic", (PARTIAL,)),
                               "a base recorded qcow2 that is raw is an error")
    with setting.box() as box:
        box.overlay("top", "middle", "raw")
        box.overlay("middle", "/etc/hostname")
        tap.check_none(sound_lines(box.info("top"), 2, "declared-format-mismatch"),
                       "a raw base that a guest wrote a header into leads nowhere")


def check_sizes(tap, setting):
    """A base that is smaller or larger than its overlay."""
    for size, is_smaller in ((1 << 19, True), (1 << 20, False), (1 << 21, False)):
        with setting.box() as box:
            box.overlay("top", "base")
            box.put("base", qcow2(size=size))
            answer = box.info("top")
            lines = sound_lines(answer, 2)
            if ("backing-smaller" in rules_of(answer.last)) != is_smaller:
                lines.append(f"the base has the findings {rules_of(answer.last)}")
            if "backing-smaller" in rules_of(answer.array[0]):
                lines.append("the overlay has the finding backing-smaller")
            tap.check_none(lines, f"a base of {size} bytes below 1 MiB "
                                  f"{'is' if is_smaller else 'is not'} called smaller")
    with setting.box() as box:
        box.overlay("top", "base", "raw")
        box.put("base", raw(1000))
        tap.check_none(sound_lines(box.info("top"), 2, "backing-smaller"),
                       "a raw base that is smaller is told")


def check_unknown(tap, setting):
    """Recorded formats that nobody knows, or that are none."""
    for form in UNKNOWN:
        with setting.box() as box:
            box.overlay("top", "base", form)
            box.base()
            tap.check_none(failed_lines(box.info("top"), 1, "unsupported",
                                        "backing-format-unknown"),
                           f"the recorded format {form!r} is unknown")
    for form in WRONG:
        with setting.box() as box:
            box.overlay("top", "base", form)
            box.base()
            answer = box.info("top")
            lines = clean_lines(answer.result)
            if (answer.result.status, error_of(answer.last), len(answer.array)) != (
                    1, "invalid", 2):
                lines.append(f"status {answer.result.status}, {state_of(answer.last)}")
            tap.check_none(lines, f"the recorded format {form} is not that of the bytes")
    with setting.box() as box:
        box.overlay("top", "missing", "bogus")
        answer = box.info("top")
        tap.check(answer.result.status == 1 and len(answer.array) == 2
                  and error_of(answer.last) in ("unsupported", "not-found"),
                  "an unknown format of a missing base is an error", [answer.result.message])


def check_not_recorded(tap, setting):
    """Nobody recorded the format: the chain ends before the base is looked at."""
    cases = {"no extension": None, "an empty extension": ""}
    for what, form in cases.items():
        with setting.box() as box:
            box.overlay("top", "base", form)
            box.base()
            answer = box.info("top")
            tap.check_none(failed_lines(answer, 1, "refused", "backing-format-missing",
                                        ("not-opened",)), f"{what}: the chain ends")
            opened = box.opened("info", "--backing-chain", "top")
            if opened is not None:
                tap.check_equal(opened, {str(box.folder / "top")},
                                f"{what}: the base is not opened")
            for option in ("--probe-backing", "--probe-backing=any", "--probe-backing=safe"):
                tap.check_none(sound_lines(box.info(option, "top"), 2),
                               f"{what}: {option} recognises a base without a base")
    with setting.box() as box:
        box.overlay("top", "middle", None)
        box.overlay("middle", "base")
        box.base()
        tap.check_none(sound_lines(box.info("--probe-backing", "top"), 3),
                       "--probe-backing follows a recognised member")
        answer = box.info("--probe-backing=safe", "top")
        tap.check_none(failed_lines(answer, 1, "refused"),
                       "--probe-backing=safe refuses a recognised member with a base")
        opened = box.opened("info", "--backing-chain", "--probe-backing=safe", "top")
        if opened is not None:
            tap.check(str(box.folder / "base") not in opened,
                      "--probe-backing=safe does not open the base of such a member", opened)


def check_formats(tap, setting):
    """All of this file."""
    check_cut_overlays(tap, setting)
    check_damaged_overlays(tap, setting)
    check_replaced(tap, setting)
    check_sizes(tap, setting)
    check_unknown(tap, setting)
    check_not_recorded(tap, setting)
