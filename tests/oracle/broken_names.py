# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken chains: names that are not understood, lead to a server, are hostile or hold a secret.
"""No name makes the program connect, print a control or tell a password."""

import json

from chain_images import file_node, json_name
from chain_judge import NOT_OPENED, UNKNOWN_OPTION, array_lines, error_of
from chain_setting import NETWORK, clean_lines, sound_lines
from programs import parse_json_or_none, state_of

FILE = file_node("base")
PROTOCOLS = (
    "nbd://127.0.0.1:1/disk", "nbd:127.0.0.1:1:exportname=disk", "nbd+unix:///d?socket=/tmp/s",
    "nbd:unix:/tmp/s", "http://127.0.0.1:1/base", "https://127.0.0.1:1/base", "ftp://127.0.0.1/b",
    "rbd:pool/image", "ssh://user@127.0.0.1/base", "iscsi://127.0.0.1/iqn.2001-04.org:t/1",
    "gluster://127.0.0.1/volume/base", "nfs://127.0.0.1/export/base", "sheepdog://127.0.0.1/base",
    json_name({"driver": "raw", "file": {"driver": "nbd", "host": "127.0.0.1", "port": "1"}}),
    json_name({"driver": "raw", "file.driver": "https", "file.url": "https://127.0.0.1:1/b"}),
)
NOT_UNDERSTOOD = {
    "a key twice": '{"driver":"raw","driver":"qcow2","file":{"driver":"file","filename":"base"}}',
    "no object": '["qcow2"]', "no JSON": "{qcow2", "nothing": "", "an empty object": "{}",
    "a value behind it": json.dumps({"driver": "qcow2", "file": FILE}) + " {}",
    "a node's name": json.dumps({"driver": "qcow2", "file": "node0"}),
    "no file": json.dumps({"driver": "qcow2"}),
    "an unknown driver": json.dumps({"driver": "bogus", "file": FILE}),
    "a number for a name": json.dumps({"driver": "qcow2", "file": file_node(7)}),
    "a list for a file": json.dumps({"driver": "qcow2", "file": [FILE]}),
    "an unknown option": json.dumps({"driver": "qcow2", "bogus": 1, "file": FILE}),
    "a slice with a hole": json.dumps({"driver": "raw", "offset": -512, "file": FILE}),
    "a slice behind the end": json.dumps({"driver": "raw", "offset": 1 << 40, "size": 512,
                                          "file": FILE}),
    "a slice of an odd size": json.dumps({"driver": "raw", "size": 513, "file": FILE}),
    "a nested json: name": json.dumps({"driver": "qcow2", "file": file_node("json:{}")}),
    "a protocol in a filename": json.dumps({"driver": "qcow2", "file": file_node("file:base")}),
    "depth": '{"file":' * 60 + "1" + "}" * 60,
    "the protocol's driver only": json.dumps(FILE),
    "a slice that is longer than its file": json.dumps({"driver": "raw", "size": 2 << 20,
                                                        "file": FILE}),
    "a slice that goes beyond the end": json.dumps({"driver": "raw", "offset": 512,
                                                    "size": 1 << 20, "file": FILE}),
    "a NUL in a name": '{"driver":"qcow2","file":{"driver":"file","filename":"base\\u0000x"}}',
}
# What QEMU refuses and ours does not, and why.
LAXER = {
    "an unknown option": UNKNOWN_OPTION,
}
HOSTILE = {
    "a newline": b"./base\nimage: forged\nfile format: raw", "an ESC": b"base\x1b]0;title\x07",
    "a NUL": b"/safe\0/etc/shadow", "invalid UTF-8": b"base\xff\xfe", "a C1 control": b"b\xc2\x9bx",
    "a change of direction": "b\u202egpj".encode(), "a carriage return": b"base\rimage: forged",
    "only a newline": b"\n", "file: and a newline": b"file:base\nforged",
    "json: and a newline": b'json:{"driver":"raw","file":{"driver":"file","filename":"x\\ny"}}',
    "an unknown protocol and ESC": b"x\x1b[2J:base",
}
SECRETS = (
    "http://user:SECRET@127.0.0.1/x", "https://user:SECRET@127.0.0.1:1/x?token=SECRET",
    "ftp://user:SECRET@h/x", "ssh://user:SECRET@h/x", "rbd:pool/image:id=a:key=SECRET:mon_host=h",
    "iscsi://user%SECRET@h/iqn.2001-04.org:t/1", "nbd://user:SECRET@h/x",
    json_name({"driver": "raw", "file": {"driver": "https", "url": "https://h/x",
                                         "cookie": "a=b; session=SECRET"}}),
    json_name({"driver": "raw", "file": {"driver": "https", "url": "https://u:SECRET@h/x"}}),
    json_name({"driver": "raw", "file.driver": "https", "file.url": "https://h/x",
               "file.cookie": "session=SECRET"}),
    json_name({"file": {"driver": "iscsi", "portal": "h", "target": "t", "lun": 1,
                        "password": "SECRET", "user": "u"}}),
    json_name({"file": {"driver": "rbd", "pool": "p", "image": "i", "key": "SECRET"}}),
    'json:{"file":{"driver":"https","url":"https://u:SECRET@h/x"', "JSON:http://u:SECRET@h",
    "bogus://user:SECRET@h/x",
)


# The rules by which a name is refused; a json: or file: inside of one is a plain name.
REFUSALS = {"chain-unreadable", "chain-missing", "backing-format-unknown", "bad-magic"}


def check_protocols(tap, setting):
    """Members on servers: listed, not opened, no error, and no system call of the network."""
    for name in PROTOCOLS:
        with setting.box() as box:
            box.overlay("top", name, "raw")
            answer = box.info("top")
            lines = sound_lines(answer, 2)
            if (state_of(answer.last).get("state"), error_of(answer.last)) != (NOT_OPENED, None):
                lines.append(f"the member is {state_of(answer.last)}")
            if "chain-not-opened" not in answer.near(1):
                lines.append(f"rules {sorted(answer.rules)}")
            found = [finding["severity"] for element in answer.array
                     for finding in state_of(element).get("findings", [])
                     if finding["rule"] == "chain-not-opened"]
            if set(found) - {"notice"}:
                lines.append(f"chain-not-opened is {found}")
            traced, _ = box.traced("info", "--backing-chain", "top")
            lines += [line for line in traced or [] if NETWORK.search(line)]
            tap.check_none(lines, f"{name} is listed, and nothing connects")


def check_not_understood(tap, setting):
    """json: names that QEMU refuses, or that we do not follow."""
    for what, text in NOT_UNDERSTOOD.items():
        with setting.box() as box:
            form = "raw" if "slice" in what else "qcow2"
            # What is recorded counts more than a driver, even than one that does not exist.
            is_recorded = what != "an unknown driver"
            box.overlay("top", f"json:{text}", form if is_recorded else None)
            box.base(form=form)
            answer, theirs = box.info("top"), box.theirs("top")
            lines = clean_lines(answer.result)
            if theirs.status == 0:
                lines.append("qemu-img accepts it")
            if what in LAXER:
                lines += sound_lines(answer, 2)
                tap.check_none(lines, f"a json: name with {what} is accepted: {LAXER[what]}")
                continue
            if answer.result.status != 1 or error_of(answer.last) is None:
                lines.append(f"ours accepts it: {answer.last}")
            elif not REFUSALS & answer.near(1):
                lines.append(f"rules {sorted(answer.rules)}")
            tap.check_none(lines, f"a json: name with {what} is refused")


def check_hostile(tap, setting):
    """Each line of the output stays one line, and JSON has the exact bytes."""
    for what, name in HOSTILE.items():
        with setting.box() as box:
            box.overlay("top", name, "raw")
            results = [box.human("top"), box.info("top").result, box.chain("top")[0],
                       box.tree("top"), box.call("info", "--backing-chain", "--full", "top")]
            lines = [line for result in results for line in clean_lines(result)]
            lines += [f"forged: {result.stdout + result.stderr!r}" for result in results
                      if b"\nimage: forged" in result.stdout or b"\nforged" in result.stderr]
            answer = box.info("top")
            exact = [entry["hex"] for entry in state_of((answer.array or [{}])[0]).get("bytes", [])]
            is_exact = name.decode("utf-8", "replace") == name.decode("utf-8", "surrogateescape")
            shown = answer.array[0].get("backing-filename") if answer.array else None
            if not is_exact and name.hex() not in exact:
                lines.append(f"the exact bytes are {exact}")
            if is_exact and b"\0" not in name and shown != name.decode():
                lines.append(f"the name is {shown!r}")
            tap.check_none(lines, f"a backing name with {what} is printed on one line")


def check_secrets(tap, setting):
    """No form of output tells what a name keeps secret."""
    for name in SECRETS:
        for form in ("raw", None):
            with setting.box() as box:
                box.overlay("top", name, form)
                calls = [(verb, *options) for options in ((), ("--output=json",))
                         for verb in (("info", "--backing-chain"), ("info",), ("chain",),
                                      ("info", "--backing-chain", "--full"))]
                lines = []
                for verb, *options in calls:
                    result = box.call(*verb, *options, "top")
                    if b"SECRET" in result.stdout + result.stderr:
                        lines.append(f"{' '.join([*verb, *options])} tells it: {result.message}")
                tap.check_none(lines, f"{name}, format {form}: the secret is not told")


def check_relative_names(tap, setting):
    """Names that mean one thing to QEMU and another to libvirt."""
    names = {"file:": "file:base", "json:": json_name({"driver": "qcow2", "file": FILE})}
    for what, name in names.items():
        with setting.box() as box:
            box.overlay("sub/top", name)
            box.base()
            answer = box.info("sub/top")
            lines = sound_lines(answer, 2, "name-depends-on-directory")
            tap.check_none(lines, f"a relative {what} name is taken from the current directory")
            absolute = name.replace("base", str(box.folder / "base"))
            box.overlay("sub/top", absolute)
            answer = box.info("sub/top")
            lines = sound_lines(answer, 2)
            if "name-depends-on-directory" in answer.rules:
                lines.append("it is said to depend on the directory")
            tap.check_none(lines, f"an absolute {what} name is the same from everywhere")


def check_odd_paths(tap, setting):
    """A relative name behind file: whose folder holds a colon.

    QEMU calls the file ./a:b/… so that its own base is no protocol.  It does not do so for a
    json: name, and then refuses the base, for which ours need not follow it.
    """
    with setting.box() as box:
        box.overlay("top", "file:a:b/middle")
        box.overlay("a:b/middle", "../base")
        box.base()
        answer, theirs = box.info("top"), box.theirs("top")
        tap.check_none(sound_lines(answer, 3)
                       + array_lines(parse_json_or_none(theirs.stdout) or [], answer.array),
                       "file: and a folder with a colon mean what QEMU says")


def check_nodes(tap, setting):
    """json: names that describe more than a format on a file."""
    with setting.box() as box:
        slices = {"driver": "raw", "offset": 0, "file": file_node("middle")}
        box.overlay("top", json_name({"driver": "qcow2", "file": slices}))
        box.overlay("middle", "base")
        box.base()
        answer, theirs = box.info("top"), box.theirs("top")
        tap.check_none(sound_lines(answer, 3)
                       + array_lines(parse_json_or_none(theirs.stdout) or [], answer.array),
                       "a json: name of an image in a slice means what QEMU says")
    with setting.box() as box:
        # Who opens such a disk stops here; qemu-img info leaves the key aside and goes on.
        box.overlay("top", json_name({"driver": "qcow2", "backing": None,
                                      "file": file_node("middle")}))
        box.overlay("middle", "missing")
        tap.check_none(sound_lines(box.info("top"), 2),
                       "a json: name that takes the backing file away ends the chain")
    with setting.box() as box:
        # qemu-img info refuses such a name.
        other = {"driver": "qcow2", "file": file_node("other")}
        box.overlay("top", json_name({"driver": "qcow2", "backing": other,
                                      "file": file_node("middle")}))
        box.overlay("middle", "missing")
        box.base("other")
        answer = box.info("top")
        lines = clean_lines(answer.result)
        if answer.result.status == 0 and answer.last.get("filename") != "other":
            lines.append(f"the chain ends with {answer.last.get('filename')}")
        tap.check_none(lines, "a json: name that puts another backing file in place is followed,"
                              " or refused")


def check_names(tap, setting):
    """All of this file."""
    check_protocols(tap, setting)
    check_not_understood(tap, setting)
    check_hostile(tap, setting)
    check_secrets(tap, setting)
    check_relative_names(tap, setting)
    check_odd_paths(tap, setting)
    check_nodes(tap, setting)
