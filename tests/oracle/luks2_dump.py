#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes volumes of LUKS2 with cryptsetup and compares what we say of them with `cryptsetup luksDump`."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

FAST = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"]
ARGON2 = ["--pbkdf", "argon2id", "--pbkdf-force-iterations", "4", "--pbkdf-memory", "32", "--pbkdf-parallel", "1"]
VOLUMES = {
    "plain": [*FAST],
    "names": [*FAST, "--label", "a label", "--subsystem", "virt-probe"],
    "sectors": [*FAST, "--sector-size", "4096", "--offset", "16384"],
    "cbc": [*FAST, "--cipher", "aes-cbc-essiv:sha256", "--key-size", "128", "--hash", "sha512"],
    "large header": [*FAST, "--luks2-metadata-size", "128k", "--luks2-keyslots-size", "1m", "--key-size", "256"],
    "argon2": [*ARGON2],
}
SIZE = 20 << 20


def cryptsetup(*arguments):
    return subprocess.run(["cryptsetup", *arguments], check=True, capture_output=True, input=b"secret").stdout.decode()


def ours(program, path):
    text = subprocess.run([program, "info", "--output=json", path], check=True, capture_output=True).stdout
    return json.loads(text)


def slot_pairs(metadata, data):
    """(what, theirs, ours) of each key slot."""
    yield "slots", sorted(map(int, metadata["keyslots"])), [slot["number"] for slot in data["slots"]]
    for slot in data["slots"]:
        theirs = metadata["keyslots"][str(slot["number"])]
        what = f"slot {slot['number']} "
        yield what + "type", theirs["type"], slot["type"]
        yield what + "kdf", theirs["kdf"]["type"], slot["kdf"]
        yield what + "rounds", theirs["kdf"].get("iterations", theirs["kdf"].get("time")), slot["iters"]
        yield what + "memory", theirs["kdf"].get("memory"), slot.get("memory")
        yield what + "hash", theirs["kdf"].get("hash"), slot.get("hash")
        yield what + "offset", int(theirs["area"]["offset"]), slot["key-offset"]


def pairs(text, metadata, image):
    """(what, theirs, ours) of each fact that both tell."""
    data = image["format-specific"]["data"]
    lines = dict(re.findall(r"^\s*([A-Za-z ]+):\s+(.*)$", text, re.MULTILINE))
    segment = metadata["segments"]["0"]
    mode = "-".join([data["cipher-alg"].rsplit("-", 1)[0], data["cipher-mode"], data["ivgen-alg"]])
    key_bits = metadata["keyslots"]["0"]["key_size"] * 8 // (2 if data["cipher-mode"] == "xts" else 1)
    yield "cipher", segment["encryption"], mode + (":" + data["ivgen-hash-alg"] if "ivgen-hash-alg" in data else "")
    yield "key", str(key_bits), data["cipher-alg"].rsplit("-", 1)[1]
    yield "UUID", lines["UUID"], data["uuid"]
    yield "label", lines["Label"], data.get("label", "(no label)")
    yield "subsystem", lines["Subsystem"], data.get("subsystem", "(no subsystem)")
    yield "epoch", int(lines["Epoch"]), data["sequence-id"]
    yield "header", int(lines["Metadata area"].split()[0]), data["header-size"]
    yield "sector", segment["sector_size"], data["sector-size"]
    yield "offset", int(segment["offset"]), data["payload-offset"]
    yield "size", SIZE - int(segment["offset"]), image["virtual-size"]
    yield "hash", metadata["digests"]["0"]["hash"], data["hash-alg"]
    yield "rounds", metadata["digests"]["0"]["iterations"], data["master-key-iters"]
    yield "tokens", len(metadata["tokens"]), len(data.get("tokens", []))
    yield from slot_pairs(metadata, data)
    yield "state", "ok", image["virt-probe"]["state"]
    yield "QEMU", "raw", image["virt-probe"]["qemu-format"]


def compare(program, path):
    """Lines that tell how both differ."""
    metadata = json.loads(cryptsetup("luksDump", "--dump-json-metadata", path))
    found = pairs(cryptsetup("luksDump", path), metadata, ours(program, path))
    return [f"{what}: cryptsetup says {theirs}, we say {own}" for what, theirs, own in found if theirs != own]


def main():
    problems = 0
    for name, options in VOLUMES.items():
        with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
            path = str(pathlib.Path(folder) / "volume")
            with open(path, "wb") as file:
                file.truncate(SIZE)
            cryptsetup("luksFormat", "--type", "luks2", "--batch-mode", *options, path, "-")
            if name == "names":
                cryptsetup("token", "add", "--key-description", "virt-probe", path)
            for line in compare(sys.argv[1], path):
                print(f"{name}: {line}")
                problems = 1
    return problems


if __name__ == "__main__":
    sys.exit(main())
