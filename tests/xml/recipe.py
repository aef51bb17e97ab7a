#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the directory whose volumes are compared with what libvirt prints of them: recipe.py DIRECTORY.

All sample images of the other recipes are in it, and what only a directory can have: links, directories, names of any
bytes, headers that are cut, modes and times."""
import os
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(1, str(TESTS / "qcow2data"))

from qcow2_builder import Qcow2Image, build_qcow2  # noqa: E402

# Fractions, so that they are seen; and read so late that reading a file does not change it.
MODIFIED = 1_700_000_000_500_000_000
READ = 6_000_000_000_250_000_000
# The recipes lie beside the images that they make.
NO_IMAGES = (".py", ".pyc")
CUTS = {
    "qcow2": ("v3-plain.qcow2", (0, 1, 4, 8, 24, 31, 32, 36, 72, 80, 99, 100, 103, 104, 112)),
    "qcow": ("v1-plain.qcow", (4, 8, 24, 31, 32, 36, 40, 48)),
    "vdi": ("vdi-dynamic.vdi", (64, 68, 72, 300, 375, 376)),
    "vpc": ("vpc-dynamic.vhd", (8, 16, 40, 47, 48, 511, 512)),
    "luks": ("luks1.luks", (6, 8, 100, 108)),
    "parallels": ("parallels-new.hds", (16, 36, 43, 44, 64)),
}


def sample(name):
    """A sample image of another recipe."""
    folder = "qcow2data" if name.endswith((".qcow2", ".qcow")) else "imagedata"
    return (TESTS / folder / name).read_bytes()


def overlay(name, backing_format=b"raw", **options):
    return build_qcow2(backing=name if isinstance(name, bytes) else os.fsencode(name),
                       backing_format=backing_format, cluster_bits=12, **options)


def overlays(folder):
    """Backing files of every kind, recorded in every way."""
    absolute = os.fsencode(folder)
    return {
        "o-absolute": overlay(absolute + b"/raw-zeros.raw"),
        "o-absolute-nothing": overlay(absolute + b"/nothing"),
        "o-relative": overlay(b"raw-zeros.raw"),
        "o-nothing": overlay(b"nothing"),
        "o-nothing-no-format": overlay(b"nothing", None),
        "o-dot": overlay(b"./raw-zeros.raw"),
        "o-up": overlay(b"../pool/raw-zeros.raw"),
        "o-twice-slash": overlay(absolute + b"//raw-zeros.raw"),
        "o-no-format-raw": overlay(b"raw-zeros.raw", None),
        "o-no-format-qcow2": overlay(b"v3-plain.qcow2", None),
        "o-no-format-overlay": overlay(b"o-relative", None),
        "o-no-format-luks": overlay(b"luks1.luks", None),
        "o-no-format-vdi": overlay(b"vdi-dynamic.vdi", None),
        "o-format-qcow2-of-raw": overlay(b"raw-zeros.raw", b"qcow2"),
        "o-format-raw-of-qcow2": overlay(b"v3-plain.qcow2", b"raw"),
        "o-format-vpc": overlay(b"vpc-dynamic.vhd", b"vpc"),
        "o-format-vdi": overlay(b"vdi-dynamic.vdi", b"vdi"),
        "o-format-vmdk": overlay(b"f-vmdk", b"vmdk"),
        "o-format-qed": overlay(b"f-qed", b"qed"),
        "o-format-luks": overlay(b"luks1.luks", b"luks"),
        "o-format-parallels": overlay(b"parallels-new.hds", b"parallels"),
        "o-format-ploop": overlay(b"parallels-new.hds", b"ploop"),
        "o-format-vhdx": overlay(b"f-vhdx", b"vhdx"),
        "o-format-file": overlay(b"raw-zeros.raw", b"file"),
        "o-format-host-device": overlay(b"/dev/null", b"host_device"),
        "o-format-capitals": overlay(b"v3-plain.qcow2", b"QCOW2"),
        "o-format-bogus": overlay(b"v3-plain.qcow2", b"bogus"),
        "o-format-dir": overlay(b"directory", b"dir"),
        "o-format-none": overlay(b"raw-zeros.raw", b"none"),
        "o-directory": overlay(b"directory"),
        "o-fifo": overlay(b"fifo"),
        "o-link": overlay(b"link-file"),
        "o-link-dangling": overlay(b"link-dangling"),
        "o-character-device": overlay(b"/dev/null"),
        "o-root": overlay(b"/"),
        "o-root-twice": overlay(b"//"),
        "o-below-root": overlay(b"/nothing-there"),
        "o-fat": overlay(b"fat:directory"),
        "o-file-protocol": overlay(b"file:raw-zeros.raw"),
        "o-file-absolute": overlay(b"file:" + absolute + b"/raw-zeros.raw"),
        "o-file-uri": overlay(b"file://" + absolute + b"/raw-zeros.raw"),
        "o-host-device": overlay(b"host_device:/dev/null"),
        "o-nbd": overlay(b"nbd://localhost:10809/export"),
        "o-nbd-old": overlay(b"nbd:localhost:10809:exportname=export"),
        "o-nbd-no-format": overlay(b"nbd://localhost/export", None),
        "o-http": overlay(b"https://user:password@localhost/disk.raw"),
        "o-rbd": overlay(b"rbd:pool/image:id=admin:key=c2VjcmV0"),
        "o-unknown-protocol": overlay(b"frob:x"),
        "o-json-file": overlay(b'json:{"driver":"raw","file":{"driver":"file","filename":"' + absolute + b'/raw-zeros.raw"}}'),
        "o-json-relative": overlay(b'json:{"driver":"file","filename":"raw-zeros.raw"}'),
        "o-json-qcow2": overlay(b'json:{"driver":"qcow2","file":{"driver":"file","filename":"v3-plain.qcow2"}}', b"qcow2"),
        "o-json-nbd": overlay(b'json:{"driver":"nbd","host":"localhost","port":"1"}'),
        "o-json-bad": overlay(b"json:{"),
        "o-nul": overlay(b"raw\0zeros.raw"),
        "o-control": overlay(b"a\x1bb"),
        "o-newline": overlay(b"a\nb"),
        "o-carriage-return": overlay(b"a\rb"),
        "o-not-utf8": overlay(b"a\xffb"),
        "o-special": overlay(b"<&>'\".raw"),
        "o-utf8": overlay("Übung ☃.raw".encode()),
        "o-v2": overlay(b"raw-zeros.raw", version=2),
        "o-v2-no-format": overlay(b"raw-zeros.raw", None, version=2),
        "o-lazy": overlay(b"raw-zeros.raw", header={"compatible_features": 1}),
    }


def foreign():
    """Formats of which only the head is known, and bytes that are nearly one."""
    qed = struct.pack("<4sIII", b"QED\0", 65536, 4, 1).ljust(48, b"\0") + struct.pack("<Q", 1 << 30)
    vmdk = struct.pack("<4sIIQ", b"KDMV", 1, 3, 20480).ljust(512, b"\0")
    return {
        "f-qed": qed.ljust(4096, b"\0"),
        "f-vmdk": vmdk.ljust(4096, b"\0"),
        "f-vmdk-text": b"# Disk DescriptorFile\nversion=1\n",
        "f-vmdk-cowd": b"COWD\1\0\0\0".ljust(4096, b"\0"),
        "f-vhdx": b"vhdxfile".ljust(8192, b"\0"),
        "f-qed-text": b"QED stands for what was to be shown\n",
        "f-gzip": b"\x1f\x8b\x08".ljust(100, b"\0"),
        "f-mbr": b"\0" * 510 + b"\x55\xaa" + b"\0" * 512,
        "f-content": b"plain text\n" * 1000,
    }


def options():
    """What qcow2 can be asked for at once."""
    extended = Qcow2Image(cluster_bits=16, extended_l2=True, size=1 << 30)
    return {
        "q-extended-lazy": extended.finish({"compatible_features": 1, "incompatible_features": 1 << 4}),
        "q-2m-clusters": build_qcow2(cluster_bits=21, size=1 << 40)[:65536],
        "q-unknown-compatible": build_qcow2(header={"compatible_features": 0xFE}),
        "q-dirty-lazy": build_qcow2(header={"compatible_features": 1, "incompatible_features": 1}),
        "q-aes-v2": build_qcow2(version=2, header={"crypt_method": 1}),
        "q-crypt-7": build_qcow2(header={"crypt_method": 7}),
        "q-size-odd": build_qcow2(size=1000),
    }


NAMES = [b"n <&>'\" end", b" leading and trailing ", "n Übung ☃".encode(), b"n\ttab", b"n\nnewline", b"n\rreturn",
         b"n\x7fdelete", b"n\xff\xfenot utf8", "n\u0085next".encode(), "n\ufffe".encode(), b"n\xed\xa0\x80surrogate",
         b"n\\x41backslash", b"n\x01control", b"n\x1bescape", b"-n", b".hidden", b"n%20", b"n]]>", b"n--"]


def write(folder, name, data, mode=0o644):
    path = os.path.join(os.fsencode(folder), name if isinstance(name, bytes) else os.fsencode(name))
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    os.utime(path, ns=(READ, MODIFIED))


def make_special(folder):
    """Entries that are no plain files."""
    for name in ("directory", "ploop", "ploop-empty", "lost+found"):
        (folder / name).mkdir(mode=0o755)
    write(folder / "ploop", "root.hds", sample("parallels-new.hds"))
    write(folder / "ploop", "DiskDescriptor.xml", b"<x/>")
    write(folder / "ploop-empty", "root.hds", b"")
    write(folder / "ploop-empty", "DiskDescriptor.xml", b"<x/>")
    for name in ("directory", "ploop", "ploop-empty", "lost+found"):
        os.utime(folder / name, ns=(READ, MODIFIED))
    os.mkfifo(folder / "fifo")
    os.symlink("raw-zeros.raw", folder / "link-file")
    os.symlink("v3-plain.qcow2", folder / "link-image")
    os.symlink("directory", folder / "link-directory")
    os.symlink("nothing", folder / "link-dangling")
    os.symlink("link-loop", folder / "link-loop")


def make_modes(folder):
    for name, mode in (("m-0600", 0o600), ("m-0444", 0o444), ("m-4755", 0o4755), ("m-1777", 0o1777)):
        write(folder, name, b"x" * 512, mode)
    for name, time in (("t-whole-second", 10**9), ("t-zero", 0), ("t-nanosecond", 1), ("t-before-1970", -10**9),
                       ("t-after-2106", 5 * 10**18)):
        write(folder, name, b"x" * 512)
        os.utime(folder / name, ns=(READ, time))
    write(folder, "s-sparse", b"")
    os.truncate(folder / "s-sparse", 10 << 20)
    os.utime(folder / "s-sparse", ns=(READ, MODIFIED))
    write(folder, "s-sparse-end", b"\0" * 4096 + b"x" * 700)


def make(folder):
    """Fills a new folder, whose name should end with /pool."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    make_special(folder)
    for source in ("qcow2data", "imagedata"):
        for path in sorted((TESTS / source).glob("*")):
            if path.is_file() and path.suffix not in NO_IMAGES:
                write(folder, path.name, path.read_bytes())
    for kind, (name, lengths) in CUTS.items():
        for length in lengths:
            write(folder, f"cut-{kind}-{length:03}", sample(name)[:length])
    for table in (overlays(folder), foreign(), options()):
        for name, data in table.items():
            write(folder, name, data)
    for name in NAMES:
        write(folder, name, b"x" * 512)
    make_modes(folder)
    return folder


if __name__ == "__main__":
    make(sys.argv[1])
