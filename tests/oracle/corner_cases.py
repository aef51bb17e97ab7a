# SPDX-License-Identifier: LGPL-2.1-or-later
# The fixed images of the differential test: every option and every spelling at least once.
"""What random choice could miss: the ends of ranges, and names of backing files."""

from case import (GIB, KIB, MIB, SECRET, TIB, Case, create, encrypted_create, end_extensions,
                  make_folder, write_file)

AES = {"encrypt.format": "aes", "encrypt.key-secret": "secret"}
LUKS = {"encrypt.format": "luks", "encrypt.key-secret": "secret", "encrypt.iter-time": 10}
LUKS_ALONE = {"key-secret": "secret", "iter-time": 10}

SIZES = (0, 1, 511, 512, 513, 1000, MIB - 1, MIB, MIB + 1, 10 * MIB + 512, GIB, 5 * GIB + 1024,
         TIB, 64 * TIB, 2048 * TIB)

BACKING_NAMES = {
    "beside": "base.raw",
    "in a subdirectory": "bases/base.raw",
    "with ./": "./base.raw",
    "one up": "../base.raw",
    "up and down": "bases/../base.raw",
    "with two slashes": "bases//base.raw",
    "absolute": "/nowhere/base.raw",
    "absolute root": "/",
    "with a blank": "base image.raw",
    "of blanks": "  ",
    "with a trailing blank": "base.raw ",
    "with quotes": "base\"'\\.raw",
    "with a comma": "base,format=raw",
    "with equals": "a=b.raw",
    "with a percent sign": "base%20.raw",
    "with a question mark": "base?a=b#c",
    "in UTF-8": "bäse-ディスク-💾.raw",
    "in a UTF-8 subdirectory": "ordnér/bäse.raw",
    "with a combining mark": "base\u0301.raw",
    "with a colon after ./": "./base:0.raw",
    "with a colon in a subdirectory": "bases/base:0.raw",
    "that looks like a protocol": "base:0.raw",
    "with a leading colon": ":base.raw",
    "with file:": "file:base.raw",
    "with file: and an absolute path": "file:/nowhere/base.raw",
    "with a URL of a file": "file:///nowhere/base.raw",
    "with host_device:": "host_device:/dev/nowhere",
    "with nbd:": "nbd:localhost:10809:exportname=disk",
    "with nbd:// and a path": "nbd://localhost/disk",
    "with nbd+unix:": "nbd+unix:///disk?socket=/nowhere/socket",
    "with https:": "https://example.org/base.raw",
    "with ssh:": "ssh://user@example.org/base.raw",
    "with json:": 'json:{"driver":"raw","file":{"driver":"file","filename":"base.raw"}}',
    "with json: and dots": 'json:{"driver":"raw","file.driver":"file","file.filename":"a b"}',
    "with json: in a wrong form": "json:{not json",
    "with fat:": "fat:rw:/nowhere",
    "of 255 bytes": "b" * 255,
    "of 1000 bytes": "/".join(["folder"] * 142) + "/base",
    "of 1023 bytes": "b" * 1023,
    "with a tab": "base\tfile.raw",
    "with a leading hyphen": "-base.raw",
    "like a format": "qcow2",
}

IMAGE_NAMES = {
    "a blank": "disk image.qcow2",
    "UTF-8": "dísk-ディスク.qcow2",
    "a colon after ./": "./disk:0.qcow2",
    "./": "./disk.qcow2",
    "a subdirectory": "disks/disk.qcow2",
    "two slashes": "disks//disk.qcow2",
    "a way up and down": "disks/../disk.qcow2",
    "quotes": "disk\"'\\.qcow2",
    "a comma": "disk,format=raw.qcow2",
    "no extension": "disk",
    "another format's extension": "disk.vdi",
    "a percent sign": "disk%s%n.qcow2",
}

QCOW2_OPTIONS = (
    *({"cluster_size": 1 << bits} for bits in range(9, 22)),
    *({"cluster_size": 1 << bits, "compat": "0.10"} for bits in (9, 12, 16, 21)),
    *({"refcount_bits": 1 << order} for order in range(7)),
    *({"extended_l2": "on", "cluster_size": 1 << bits} for bits in (14, 16, 18, 21)),
    {"compat": "0.10"}, {"compat": "1.1"}, {"compat": "v2"}, {"compat": "v3"},
    {"lazy_refcounts": "on"}, {"lazy_refcounts": "on", "refcount_bits": 1},
    {"compression_type": "zstd"}, {"compression_type": "zlib"},
    {"preallocation": "metadata"}, {"preallocation": "falloc"}, {"preallocation": "full"},
    {"preallocation": "metadata", "compat": "0.10", "cluster_size": 512},
    {"preallocation": "metadata", "extended_l2": "on", "lazy_refcounts": "on"},
    {"extended_l2": "on", "compression_type": "zstd", "lazy_refcounts": "on",
     "refcount_bits": 64, "cluster_size": 1 << 21},
    {"data_file": "data.raw"}, {"data_file": "data.raw", "data_file_raw": "on"},
    {"data_file": "data.raw", "data_file_raw": "on", "preallocation": "full"},
    {"data_file": "data file-ü.raw", "extended_l2": "on", "cluster_size": 512 * KIB},
    {"data_file": "./data:0.raw"}, {"data_file": "data.raw", "refcount_bits": 1},
    {"data_file": "data.raw", "cluster_size": 512, "lazy_refcounts": "on"},
)


def describe_options(options):
    """The options as part of a sentence."""
    return ", ".join(f"{key}={value}" for key, value in options.items()) or "no options"


def size_cases():
    """Sizes at the ends of ranges, for each format that takes them."""
    for size in SIZES:
        cluster = 65536 if size <= TIB else 2 * MIB
        yield Case(f"qcow2 of {size} bytes", [create("a", size, cluster_size=cluster)], "a",
                   "qcow2")
    yield Case("qcow2 of 128 GiB in clusters of 512 bytes",
               [create("a", 128 * GIB, cluster_size=512)], "a", "qcow2")
    for size in SIZES[:11]:
        yield Case(f"raw of {size} bytes", [create("a", size, "raw")], "a", "raw")
    for size in (2, 512, 513, MIB, 10 * MIB + 512, GIB, TIB):
        yield Case(f"qcow of {size} bytes", [create("a", size, "qcow")], "a", "qcow")
    for size in (0, 1, 511, 512, MIB, MIB + 1, 4 * GIB, 2 * TIB):
        yield Case(f"vdi of {size} bytes", [create("a", size, "vdi")], "a", "vdi")
    for size in (0, 512, MIB, 10 * MIB + 512, GIB, TIB):
        yield Case(f"parallels of {size} bytes", [create("a", size, "parallels")], "a",
                   "parallels")


def qcow2_option_cases():
    """Each option of qcow2, alone and in the company it allows."""
    for options in QCOW2_OPTIONS:
        yield Case(f"qcow2 with {describe_options(options)}", [create("a", MIB, **options)], "a",
                   "qcow2")
    yield Case("raw data file of qcow2, itself",
               [create("a", MIB, data_file="data.raw", data_file_raw="on")], "data.raw", "raw")


def backing_cases():
    """Every spelling of a backing file's name, seen from two folders and by qcow."""
    for spelling, name in BACKING_NAMES.items():
        yield Case(f"backing name {spelling}",
                   [create("a", MIB, backing=name, backing_format="raw")], "a", "qcow2")
        yield Case(f"backing name {spelling}, image in a subdirectory",
                   [make_folder("sub"), create("sub/a", MIB, backing=name, backing_format="raw")],
                   "sub/a", "qcow2")
        yield Case(f"backing name {spelling}, format not recorded",
                   [create("a", MIB, backing=name, backing_format="raw"), end_extensions("a")],
                   "a", "qcow2")
    for spelling in ("beside", "in a subdirectory", "absolute", "in UTF-8", "with json:"):
        name = BACKING_NAMES[spelling]
        yield Case(f"backing name {spelling}, version 2",
                   [create("a", MIB, backing=name, backing_format="qcow2", compat="0.10")], "a",
                   "qcow2")
        yield Case(f"backing name {spelling}, in qcow",
                   [create("a", MIB, "qcow", backing=name, backing_format="raw")],
                   "a", "qcow")


def backing_format_cases():
    """Formats that can be recorded, and a chain whose members exist."""
    for form in ("raw", "qcow2", "qcow", "vdi", "vpc", "vmdk", "parallels", "luks", "qed"):
        yield Case(f"backing format {form}",
                   [create("a", MIB, backing="base", backing_format=form)], "a", "qcow2")
    chain = [create("base", MIB, "raw"), ["create", "-q", "-f", "qcow2", "-b", "base", "-F", "raw",
                                          "middle"],
             ["create", "-q", "-f", "qcow2", "-b", "middle", "-F", "qcow2", "top"]]
    for image in ("middle", "top"):
        yield Case(f"chain of three, {image}", chain, image, "qcow2")
    yield Case("rebased image", [*chain, ["rebase", "-u", "-b", "base", "-F", "raw", "top"]],
               "top", "qcow2")
    yield Case("rebased to none", [*chain, ["rebase", "-u", "-b", "", "top"]], "top", "qcow2")
    yield Case("extended L2 with backing file and metadata",
               [create("a", MIB, backing="base", backing_format="raw", extended_l2="on",
                       preallocation="metadata")], "a", "qcow2")
    yield Case("data file and backing file",
               [create("a", MIB, backing="base", backing_format="raw", data_file="data.raw")],
               "a", "qcow2")


def image_name_cases():
    """Names of the image itself."""
    for what, name in IMAGE_NAMES.items():
        made = name if name.startswith("./") else f"./{name}"
        yield Case(f"image name with {what}",
                   [make_folder("disks"), create(made, MIB, backing="base.raw",
                                                 backing_format="raw")], name, "qcow2")


def snapshot_cases():
    """Names of snapshots, and what remains when one is deleted."""
    def snapshots(*names):
        return [create("a", MIB), *(["snapshot", "-c", name, "a"] for name in names)]
    names = {"one": ["first"], "several": [f"snapshot {i}" for i in range(12)],
             "in UTF-8": ["früh", "スナップ", "💾"], "long": ["n" * 255],
             "longer": ["n" * 300],
             "with a blank": ["before the update "], "like numbers": ["2", "1"],
             "with a newline": ["two\nlines"], "long in UTF-8": ["ä" * 130]}
    for what, listed in names.items():
        yield Case(f"snapshots, {what}", snapshots(*listed), "a", "qcow2")
    yield Case("snapshots, one deleted",
               [*snapshots("a1", "a2", "a3"), ["snapshot", "-d", "a2", "a"]], "a", "qcow2")
    yield Case("snapshots, all deleted", [*snapshots("a1"), ["snapshot", "-d", "a1", "a"]], "a",
               "qcow2")
    yield Case("snapshots, one applied", [*snapshots("a1", "a2"), ["snapshot", "-a", "a1", "a"]],
               "a", "qcow2")
    yield Case("snapshots, then another size", [*snapshots("a1"), ["resize", "-q", "a", "4M"],
                                                ["snapshot", "-c", "a2", "a"]], "a", "qcow2")
    yield Case("snapshots of version 2", [create("a", MIB, compat="0.10"),
                                          ["snapshot", "-c", "old", "a"]], "a", "qcow2")


def bitmap_cases():
    """Flags and granularities of bitmaps."""
    def bitmaps(*steps, size=MIB, **options):
        return [create("a", size, **options), *(["bitmap", *step[:-1], "a", step[-1]]
                                                for step in steps)]
    for granularity in (512, 4 * KIB, 64 * KIB, MIB, GIB, 2 * GIB):
        yield Case(f"bitmap of granularity {granularity}",
                   bitmaps(["--add", "-g", str(granularity), "b"]), "a", "qcow2")
    listed = {"disabled": [["--add", "--disable", "b"]],
              "three": [["--add", "b0"], ["--add", "--disable", "b1"], ["--add", "b2"]],
              "one of two removed": [["--add", "b0"], ["--add", "b1"], ["--remove", "b0"]],
              "the only one removed": [["--add", "b0"], ["--remove", "b0"]],
              "enabled again": [["--add", "--disable", "b"], ["--enable", "b"]],
              "merged": [["--add", "b0"], ["--add", "b1"], ["--merge", "b0", "b1"]],
              "with a long name": [["--add", "b" * 1023]],
              "with a name in UTF-8": [["--add", "bitmäp 日"]]}
    for what, steps in listed.items():
        yield Case(f"bitmap {what}", bitmaps(*steps), "a", "qcow2")
    yield Case("bitmap of 20 in 1 TiB", bitmaps(*(["--add", f"b{i}"] for i in range(20)),
                                                size=TIB), "a", "qcow2")
    yield Case("bitmap beside snapshots",
               [*bitmaps(["--add", "b"]), ["snapshot", "-c", "s", "a"]], "a", "qcow2")
    yield Case("bitmap in clusters of 512 bytes", bitmaps(["--add", "b"], cluster_size=512), "a",
               "qcow2")
    yield Case("bitmap copied by convert",
               [*bitmaps(["--add", "b"]), ["convert", "-O", "qcow2", "--bitmaps", "a", "c"]], "c",
               "qcow2")


def converted_cases():
    """Images that hold data, so that their allocated sizes differ."""
    source = write_file("source", bytes(range(256)) * 1200)
    for options in ((), ("-c",), ("-c", "-o", "compression_type=zstd"), ("-o", "cluster_size=512"),
                    ("-S", "0"), ("-o", "compat=0.10"), ("-o", "data_file=data.raw")):
        yield Case(f"qcow2 with data, converted with {' '.join(options) or 'no options'}",
                   [source, ["convert", "-f", "raw", "-O", "qcow2", *options, "source", "a"]], "a",
                   "qcow2")
    for form in ("qcow", "vdi", "vpc", "vhdx", "parallels", "raw"):
        yield Case(f"{form} with data",
                   [source, ["convert", "-f", "raw", "-O", form, "source", "a"]], "a", form)


def amended_cases():
    """What amend leaves behind."""
    amendments = (("compat=0.10", {}), ("compat=1.1", {"compat": "0.10"}),
                  ("lazy_refcounts=on", {}), ("lazy_refcounts=off", {"lazy_refcounts": "on"}),
                  ("refcount_bits=1", {}), ("refcount_bits=64", {"cluster_size": 512}),
                  ("size=3M", {}), ("compat=1.1,lazy_refcounts=on", {"compat": "0.10"}))
    for amendment, options in amendments:
        yield Case(f"qcow2 with {describe_options(options)}, amended to {amendment}",
                   [create("a", MIB, **options), ["amend", "-q", "-f", "qcow2", "-o", amendment,
                                                  "a"]], "a", "qcow2")


def encrypted_cases():
    """AES costs nothing; LUKS costs time for each image."""
    yield Case("qcow2 with AES", [encrypted_create("a", MIB, **AES)], "a", "qcow2")
    yield Case("qcow2 of version 2 with AES",
               [encrypted_create("a", MIB, compat="0.10", **AES)], "a", "qcow2")
    yield Case("qcow with AES", [encrypted_create("a", MIB, "qcow", **AES)], "a", "qcow")
    for options in ({}, {"cluster_size": 512}, {"encrypt.cipher-alg": "aes-128",
                                                "encrypt.cipher-mode": "cbc",
                                                "encrypt.ivgen-alg": "essiv",
                                                "encrypt.ivgen-hash-alg": "sha256"},
                    {"encrypt.hash-alg": "sha512", "encrypt.cipher-alg": "serpent-256"},
                    {"compat": "0.10"}, {"data_file": "data.raw"}):
        yield Case(f"qcow2 with luks, {describe_options(options)}",
                   [encrypted_create("a", MIB, **LUKS, **options)], "a", "qcow2")
    for options in ({}, {"cipher-alg": "twofish-256", "cipher-mode": "xts", "hash-alg": "sha512"},
                    {"cipher-mode": "cbc", "ivgen-alg": "essiv", "ivgen-hash-alg": "sha256"},
                    {"cipher-mode": "ecb", "ivgen-alg": "plain"}):
        yield Case(f"luks with {describe_options(options)}",
                   [encrypted_create("a", MIB, "luks", **LUKS_ALONE, **options)], "a", "luks")
    second_slot = ["amend", *SECRET, "--image-opts",
                   "driver=luks,key-secret=secret,file.filename=a",
                   "-o", "state=active,new-secret=secret,keyslot=3,iter-time=10"]
    yield Case("luks with two key slots",
               [encrypted_create("a", MIB, "luks", **LUKS_ALONE), second_slot], "a", "luks")
    yield Case("luks of 0 bytes", [encrypted_create("a", 0, "luks", **LUKS_ALONE)], "a", "luks")


def other_format_cases():
    """Options of the other formats."""
    for preallocation in ("off", "falloc", "full"):
        yield Case(f"raw with preallocation={preallocation}",
                   [create("a", MIB, "raw", preallocation=preallocation)], "a", "raw")
    for options in ({"static": "on"}, {"preallocation": "falloc"}, {"preallocation": "full"}):
        yield Case(f"vdi with {describe_options(options)}",
                   [create("a", 3 * MIB, "vdi", **options)], "a", "vdi")
    for options in ({}, {"cluster_size": 4096}, {"cluster_size": 2 * MIB, "table_size": 2},
                    {"table_size": 2}, {"table_size": 16}, {"cluster_size": 4096, "table_size": 1},
                    {"cluster_size": 8 * MIB, "table_size": 1}):
        for size in (MIB, 100 * MIB):
            yield Case(f"qed of {size} bytes with {describe_options(options)}",
                       [create("a", size, "qed", **options)], "a", "qed")
    for backing_format in ("raw", "qcow2"):
        yield Case(f"qed on {backing_format}",
                   [create("b", MIB, backing_format),
                    create("a", 2 * MIB, "qed", backing="b", backing_format=backing_format)],
                   "a", "qed")
    for options in ({"cluster_size": 512}, {"cluster_size": MIB}, {"cluster_size": 3 * MIB},
                    {"cluster_size": 64 * MIB}):
        yield Case(f"parallels with {describe_options(options)}",
                   [create("a", 100 * MIB, "parallels", **options)], "a", "parallels")
    for size in (0, 512, MIB, 100 * MIB, GIB, 127 * GIB, 2040 * GIB):
        for options in ({}, {"force_size": "on"}):
            yield Case(f"vpc of {size} bytes with {describe_options(options)}",
                       [create("a", size, "vpc", **options)], "a", "vpc")
    for size in (512, MIB, 10 * MIB + 512):
        for options in ({}, {"force_size": "on"}):
            yield Case(f"fixed vpc of {size} bytes with {describe_options(options)}",
                       [create("a", size, "vpc", subformat="fixed", **options)], "a", "vpc")


def vmdk_cases():
    """Every subformat, adapter and version of hardware; sizes around grains and extents of 2 GiB."""
    subformats = ("monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse",
                  "twoGbMaxExtentFlat", "streamOptimized")
    for subformat in subformats:
        for size in (512, MIB, MIB + 512, 2 * GIB, 5 * GIB + 512, 100 * GIB):
            yield Case(f"vmdk {subformat} of {size} bytes",
                       [create("a.vmdk", size, "vmdk", subformat=subformat)], "a.vmdk", "vmdk")
        yield Case(f"vmdk {subformat} with a parent",
                   [create("base.vmdk", MIB, "vmdk"),
                    ["create", "-q", "-f", "vmdk", "-o", f"subformat={subformat}", "-b",
                     "base.vmdk", "-F", "vmdk", "a.vmdk"]]
                   if "Flat" not in subformat else
                   [create("a.vmdk", MIB, "vmdk", subformat=subformat)], "a.vmdk", "vmdk")
        yield Case(f"vmdk {subformat} with data",
                   [write_file("source", bytes(range(256)) * 1200),
                    ["convert", "-f", "raw", "-O", "vmdk", "-o", f"subformat={subformat}", "source",
                     "a.vmdk"]], "a.vmdk", "vmdk")
        yield Case(f"vmdk {subformat} in a folder",
                   [make_folder("disks"), create("disks/a b.vmdk", MIB, "vmdk",
                                                 subformat=subformat)], "disks/a b.vmdk", "vmdk")
    for adapter in ("ide", "buslogic", "lsilogic", "legacyESX"):
        for subformat in ("monolithicSparse", "monolithicFlat"):
            yield Case(f"vmdk {subformat} with adapter {adapter}",
                       [create("a.vmdk", 10 * GIB, "vmdk", subformat=subformat,
                               adapter_type=adapter)], "a.vmdk", "vmdk")
    for options in ({"hwversion": 21}, {"compat6": "on"}, {"hwversion": "a\tb"},
                    {"toolsversion": 12352}, {"zeroed_grain": "on"},
                    {"zeroed_grain": "on", "subformat": "twoGbMaxExtentSparse"}):
        yield Case(f"vmdk with {describe_options(options)}",
                   [create("a.vmdk", MIB, "vmdk", **options)], "a.vmdk", "vmdk")


def vhdx_cases():
    """Options of VHDX: sizes of blocks and of the log, both kinds, and what QEMU makes of sizes."""
    for size in (512, MIB - 512, MIB, MIB + 512, 10 * MIB, GIB, 33 * GIB, TIB, 4 * TIB, 64 * TIB):
        yield Case(f"vhdx of {size} bytes", [create("a", size, "vhdx")], "a", "vhdx")
    for block in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        yield Case(f"vhdx with blocks of {block} MiB",
                   [create("a", 100 * MIB, "vhdx", block_size=block * MIB)], "a", "vhdx")
    for options in ({"subformat": "fixed"}, {"subformat": "fixed", "block_size": 16 * MIB},
                    {"subformat": "dynamic"}, {"log_size": 2 * MIB}, {"log_size": 64 * MIB},
                    {"block_state_zero": "off"}, {"block_state_zero": "off", "block_size": MIB}):
        yield Case(f"vhdx with {describe_options(options)}",
                   [create("a", 20 * MIB, "vhdx", **options)], "a", "vhdx")


def corner_cases():
    """All of them, in a fixed order."""
    makers = (size_cases, qcow2_option_cases, backing_cases, backing_format_cases,
              image_name_cases, snapshot_cases, bitmap_cases, converted_cases, amended_cases,
              encrypted_cases, other_format_cases, vhdx_cases, vmdk_cases)
    return [case for make in makers for case in make()]
