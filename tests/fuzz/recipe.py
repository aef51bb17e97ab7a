#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the seeds of fuzz-names, fuzz-chain, fuzz-descriptor, fuzz-target, fuzz-pool-xml, fuzz-catalogue and fuzz-stream; with --check compares. Seeds that fuzzing found lie beside them."""
import pathlib
import sys

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"

FILE = '{"driver":"file","filename":"%s"}'

NAMES = {
    "plain": "base.qcow2",
    "parent-directory": "../pool/base.qcow2",
    "absolute": "/pool/base",
    "colon-behind-slash": "./a:b",
    "not-utf8": b"ba\xffse",
    "control-character": "ba\x1b[2Jse",
    "file-protocol": "file:///pool/a%20b",
    "nbd-uri": "nbd://user:secret@host:10809/export",
    "nbd-unix": "nbd+unix:///export?socket=/run/nbd.sock",
    "nbd-old": "nbd:host:10809:exportname=export",
    "nbd-ipv6": "nbd://[::1]:1/x",
    "http-credentials": "https://user:secret@host/a.iso?token=secret",
    "ssh": "ssh://user@host:22/a?host_key_check=no",
    "rbd": "rbd:pool/image@snapshot:id=user:key=secret:conf=/etc/ceph.conf",
    "iscsi": "iscsi://user%secret@host/iqn.2001-04.com.example:x/1",
    "gluster": "gluster+tcp://host:24007/volume/a?logfile=/x",
    "nfs": "nfs://host/export/a?uid=1&gid=2",
    "unknown-protocol": "frob:x",
    "json-file": '{"driver":"qcow2","file":' + FILE % "base" + "}",
    "json-dotted": '{"driver":"raw","file.driver":"nbd","file.server.type":"inet","file.server.host":"h","file.server.port":"1"}',
    "json-slice": '{"driver":"raw","offset":512,"size":"1024","file":' + FILE % "box" + "}",
    "json-backing": '{"driver":"qcow2","file":' + FILE % "a" + ',"backing":{"driver":"raw","file":' + FILE % "b" + "}}",
    "json-no-backing": '{"driver":"qcow2","file":' + FILE % "a" + ',"backing":null}',
    "json-data-file": '{"driver":"qcow2","file":' + FILE % "a" + ',"data-file":' + FILE % "d" + "}",
    "json-host-device": '{"driver":"host_device","filename":"/dev/sda"}',
    "json-nvme": '{"driver":"nvme","device":"0000:01:00.0","namespace":1}',
    "json-curl": '{"driver":"https","url":"https://h/a","username":"u","password-secret":"s","cookie":"a=b; c=d","sslverify":false}',
    "json-encrypted": '{"driver":"luks","key-secret":"s","file":' + FILE % "a" + "}",
    "json-nested-name": '{"driver":"raw","file.filename":"json:{\\"driver\\":\\"null-co\\"}"}',
    "json-null": '{"driver":"null-co","size":1024}',
    "json-escapes": '{"driver":"fi\\u006ce","filename":"a\\ud83d\\ude00\\u0000b"}',
    "json-twice": '{"driver":"file","driver":"nbd","filename":"a"}',
    "json-number": '{"driver":"raw","offset":18446744073709551616,"size":-1,"file":1e999}',
    "json-deep": "[" * 200,
    "json-cut": '{"driver":"raw","file":{"dri',
}

OVERLAY, OVERLAY_WITH_DATA_FILE, BYTES, MISSING, OUTSIDE, DIRECTORY, FAILING = range(7)
QCOW2, RAW, VDI, QCOW3, EMPTY, NONE = range(6)
FULL, GUESS, SAFE_GUESS, TOP_GUESSED, ANY, NO_INODES = (1 << bit for bit in range(6))


def overlay(backing, backing_format=QCOW2):
    return OVERLAY, bytes([backing_format, len(backing)]) + backing.encode()


def with_data_file(backing, data_file, backing_format=QCOW2):
    names = b"".join(bytes([len(name)]) + name.encode() for name in (backing, data_file))
    return OVERLAY_WITH_DATA_FILE, bytes([backing_format]) + names


def chain(*files, wants=0, stop_at=0):
    parts = [bytes([kind]) + len(content).to_bytes(2, "big") + content for kind, content in files]
    return bytes([wants, stop_at]) + b"".join(parts)


DISK = (BYTES, bytes(64))
VDI_HEAD = (BYTES, bytes(64) + b"\x7f\x10\xda\xbe\x01\x00\x01\x00" + bytes(440))

CHAINS = {
    "nothing": b"",
    "image-alone": chain(overlay("")),
    "three-images": chain(overlay("b"), overlay("c", RAW), DISK),
    "eight-images": chain(*[overlay(name) for name in "bcdefgh"], overlay("")),
    "loop-of-one": chain(overlay("a")),
    "loop-of-two": chain(overlay("b"), overlay("a")),
    "loop-by-another-name": chain(overlay("./a")),
    "endless": chain(overlay("b"), overlay("any"), wants=ANY),
    "endless-without-identity": chain(overlay("a"), wants=NO_INODES),
    "endless-growing-name": chain(overlay("d" * 12 + "/x"), overlay("d" * 12 + "/x"), wants=ANY),
    "missing": chain(overlay("b"), (MISSING, b"")),
    "missing-elsewhere": chain(overlay("/old/b"), DISK),
    "outside": chain(overlay("b"), (OUTSIDE, b"")),
    "directory": chain(overlay("b"), (DIRECTORY, b"")),
    "failing": chain(overlay("b"), (FAILING, bytes(64))),
    "empty": chain(overlay("b"), (BYTES, b"")),
    "format-missing": chain(overlay("b", NONE), DISK),
    "format-guessed": chain(overlay("b", NONE), overlay("c", RAW), DISK, wants=GUESS),
    "format-guessed-safely": chain(overlay("b", NONE), overlay("c", RAW), DISK, wants=SAFE_GUESS),
    "format-guessed-and-data-file": chain(overlay("b", NONE), with_data_file("", "c"), DISK, wants=SAFE_GUESS),
    "format-unknown": chain(overlay("b", QCOW3), DISK),
    "format-wrong": chain(overlay("b"), VDI_HEAD),
    "format-vdi": chain(overlay("b", VDI), VDI_HEAD, wants=FULL),
    "data-file": chain(with_data_file("b", "c", RAW), DISK, DISK),
    "data-file-itself": chain(with_data_file("", "./a")),
    "data-file-empty-name": chain(with_data_file("", "")),
    "directory-below": chain(overlay("dir/b"), overlay("../d"), DISK, overlay("")),
    "cancelled": chain(overlay("b"), overlay("c", RAW), DISK, stop_at=2),
    "top-guessed": chain(VDI_HEAD, wants=TOP_GUESSED),
    "top-missing": chain((MISSING, b"")),
    "top-outside": chain((OUTSIDE, b"")),
    "json-backing": chain(overlay("json:" + NAMES["json-backing"], NONE), overlay("h"), DISK),
    "json-slice": chain(overlay('json:{"driver":"raw","offset":8,"file":' + FILE % "b" + "}", NONE), DISK),
    "json-data-file": chain(overlay("json:" + NAMES["json-data-file"].replace('"a"', '"b"'), NONE), overlay(""), DISK, DISK),
    "json-no-backing": chain(overlay("json:" + NAMES["json-no-backing"].replace('"a"', '"b"'), NONE), overlay("c"), DISK),
    "nbd": chain(overlay("nbd://user:secret@host/x", RAW)),
}


POOL = "<pool type='%s'><name>a</name>%s<target><path>/p</path></target></pool>"

POOLS = {
    # Texts ended by NULs, for virt_probe_pool_new().
    "new-directory": "a\0dir\0/p//q/\0",
    "new-filesystem": "b\0fs\0/p\0h\0/d\0/dev/x\0ext4\0",
    "new-share": "c\0netfs\0/p\0server\0/d//\0-\0nfs\0" "4.1\0",
    "new-unwritable": "a\ufffe\0dir\0/p\0",
    "new-unwritable-source": "a\0netfs\0/p\0h\x01\0/d\ufffe\0\0nfs\0\0",
    "directory": POOL % ("dir", ""),
    "uuid": POOL % ("dir", "<uuid>0123456789abcdef0123456789abcdef</uuid>"),
    "filesystem": POOL % ("fs", "<source><device path='/d'/><format type='xfs'/></source>"),
    "share": POOL % ("netfs", "<source><host name='h' port='1'/><dir path='/d'/><protocol ver='4'/><vendor name='v'/></source>"),
    "state": "<!-- c --><poolstate>" + POOL % ("dir", "<features><cow state='no'/></features>") + "</poolstate>",
    "permissions": "<pool type='dir'><name>&lt;&#9731;</name><target><path>//p//</path><permissions><mode>0700</mode>"
                   "<owner>0</owner><group>-1</group><label>&amp;</label></permissions></target></pool>",
    "options": "<pool type='netfs' xmlns:f='http://libvirt.org/schemas/storagepool/fs/1.0'><name>a</name><source>"
               "<host name='h'/><dir path='/d'/></source><target><path>/p</path></target>"
               "<f:mount_opts><f:option name='o'/></f:mount_opts></pool>",
    "cdata": "<pool type='dir'><name><![CDATA[a<b]]>c<d>e</d></name><target><path>/p</path></target></pool>",
    "path-with-control": "<pool type='dir'><name>a</name><target><path>/p\t\n\rq</path></target></pool>",
    "attributes-with-entities": POOL % ("fs", "<source><device path='&#10;&#13;&apos;&quot;'/></source>"),
    "document-type": "<!DOCTYPE p [<!ENTITY a 'b'>]>" + POOL % ("dir", ""),
    "deep": "<pool>" + "<a>" * 40,
    "utf-16": "\ufeff<pool/>".encode("utf-16-le"),
    "cut": POOL[:40],
    "volume": "<volume/>",
}


CATALOGUE = ("<catalogue version='1' target='/p' generation='1' volumes='%d' capacity='0' allocation='0' refreshed='2'>\n%s"
             "</catalogue>\n")
VOLUME = "  <volume name='%s' path='/p/a' type='file' format='qcow2' capacity='512' state='ok' inode='7' mtime='1'%s/>\n"

CATALOGUES = {
    "empty": CATALOGUE % (0, ""),
    "volumes": CATALOGUE % (2, VOLUME % ("a", " backing='b' backing-path='/p/b' encrypted='yes'") + VOLUME % ("b", "")),
    "bytes": CATALOGUE % (1, VOLUME % ("\\xff\\x5cx41", " backing='&#10;&amp;&lt;&apos;\\x01'")),
    "not-in-order": CATALOGUE % (2, VOLUME % ("b", "") + VOLUME % ("a", "")),
    "escape-cut": CATALOGUE % (1, VOLUME % ("a\\x4", "")),
    "other-version": CATALOGUE.replace("version='1'", "version='2'") % (0, ""),
    "entity": CATALOGUE % (1, VOLUME % ("&a;", "")),
    "nested": CATALOGUE % (1, "<volume>" * 300),
    "cut": CATALOGUE[:-8] % (1, VOLUME % ("a", "")),
}


DESCRIPTOR = "<?xml version='1.0'?><Parallels_disk_image Version='1.0'>%s</Parallels_disk_image>"
PARAMETERS = "<Disk_Parameters><Disk_size>%s</Disk_size><Padding>0</Padding></Disk_Parameters>"
STORAGE = ("<StorageData><Storage><Start>0</Start><End>%s</End><Blocksize>8</Blocksize><Image>"
           "<GUID>{5fbaabe3-6958-40ff-92a7-860e329aab41}</GUID><Type>Plain</Type><File>%s</File></Image></Storage></StorageData>")
SHOT = "<Snapshots><TopGUID>{a}</TopGUID><Shot><GUID>{a}</GUID><ParentGUID>{b}</ParentGUID></Shot></Snapshots>"

DESCRIPTORS = {
    "plain": DESCRIPTOR % (PARAMETERS % "16" + STORAGE % ("16", "a.hds")),
    "snapshots": DESCRIPTOR % (PARAMETERS % "16" + STORAGE % ("16", "a.hds") + SHOT),
    "size-of-64-bits": DESCRIPTOR % (PARAMETERS % "18446744073709551615"),
    "name-with-control": DESCRIPTOR % (STORAGE % ("16", "a&#27;[2J\n&amp;")),
    "entity": DESCRIPTOR % (PARAMETERS % "&a;"),
    "document-type": "<!DOCTYPE a [<!ENTITY b 'c'>]>" + DESCRIPTOR % "",
    "deep": "<Parallels_disk_image>" + "<a>" * 40,
    "not-utf8": b"<Parallels_disk_image Version='\xff'/>",
    "not-utf8-and-entity": b"<?xml version=\xff?><Parallels_disk_image>&a;</Parallels_disk_image>",
    "cut": DESCRIPTOR[:60],
}

TARGET_HEAD = "[Target]\nTitle=T\nSource=S;R\nDate=2026-11-21\nNames=t\n[Accept]\nFormats=raw;qcow2;vhd/fixed\n"
TARGETS = {
    "plain": TARGET_HEAD,
    "sizes": TARGET_HEAD + "[Rules]\nSizeMultiple=1 MiB\nSizeMinimum=512\nSizeMaximum=2 TiB\nFileSizeMaximum=9 PiB\n"
             "ClusterSizeMinimum=512\nClusterSizeMaximum=2 MiB\nSnapshotsMaximum=0\nBitmapsMaximum=65535\n",
    "lists": TARGET_HEAD + "[Rules qcow2]\nVersions=2;3;\nEncryption=none;luks\nCompressionTypes=zlib\nReferences=backing;data-file\n"
             "IncompatibleFeatures=dirty bit;extended L2 entries\nBackingFormats=raw;qcow2\nRefuse=truncated\nTolerate=compression-type\n",
    "contents": TARGET_HEAD + "# A comment.\n[Rules raw]\nRequireContents=gpt;iso\nRefuseContents=mbr\n",
    "typing-error": TARGET_HEAD + "[Rules qcow2]\nVersion=3\n",
    "twice": TARGET_HEAD + "[Accept]\nFormats=raw\n",
    "escapes": TARGET_HEAD + "[Rules]\nReferences=\\s\\n\\t\\r\\\\;\\q\\\n",
}


# What fuzz-stream makes of the third and second of the last bytes: a gap of 240 KiB at 4096.
GAP = bytes([0, 15, 0])
BEHIND_GAP = 4096 + 15 * 16384


def header(snapshots=0, table=0, extensions=b""):
    """The first 4096 bytes of a qcow2 image, version 3, clusters of 512."""
    fields = (b"QFI\xfb", (3, 4), (0, 8), (0, 4), (9, 4), (65536, 8), (0, 4), (2, 4), (1024, 8), (512, 8), (1, 4), (snapshots, 4),
              (table, 8), (0, 8), (0, 8), (1 if extensions else 0, 8), (4, 4), (104, 4))
    numbers = b"".join(field if isinstance(field, bytes) else field[0].to_bytes(field[1], "big") for field in fields)
    return (numbers + extensions).ljust(4096, b"\0")


def bitmaps(directory):
    """The header extension for one bitmap."""
    return b"".join(value.to_bytes(width, "big") for value, width in ((0x23852875, 4), (24, 4), (1, 4), (0, 4), (32, 8), (directory, 8)))


def bitmap(table):
    """A directory of one bitmap."""
    numbers = ((table, 8), (1, 4), (0, 4), (1, 1), (16, 1), (6, 2), (0, 4))
    return b"".join(value.to_bytes(width, "big") for value, width in numbers) + b"monday\0\0"


SNAPSHOT = bytes(8) + (0).to_bytes(4, "big") + b"\0\1\0\1" + bytes(20) + (0).to_bytes(4, "big") + b"1a" + bytes(6)

STREAMS = {
    "nothing-far": header() + GAP,
    "bitmap-table-gone-by": header(extensions=bitmaps(BEHIND_GAP)) + bitmap(100 * 1024) + GAP,
    "bitmap-table-to-come": header(extensions=bitmaps(BEHIND_GAP)) + bitmap(BEHIND_GAP + 1024) + bytes(2048) + GAP,
    "bitmap-directory-in-head": header(extensions=bitmaps(2048))[:2048] + bitmap(100 * 1024).ljust(2048, b"\0") + GAP,
    "bitmap-directory-past-end": header(extensions=bitmaps(1 << 40)) + GAP,
    "snapshots-to-come": header(1, BEHIND_GAP) + SNAPSHOT + bytes(512) + GAP,
    "snapshots-cut": header(9, BEHIND_GAP) + SNAPSHOT + GAP,
    "raw-with-end": bytes(4096) + b"x" * 5000 + GAP,
}


ANSWERS = {
    "object": '{\n    "filename": "a",\n    "virtual-size": 1048576,\n    "virt-probe": {"findings": [\n    ], "sandbox": {"seccomp": true}}\n}',
    "escapes": '{"a": "\\"\\\\\\/\\b\\f\\n\\r\\t\\u00dc\\ud83d\\ude00"}',
    "numbers": '{"a": [0, -0, 12, 1.5, -1e3, 1E+3, 2.5e-3, 18446744073709551616]}',
    "two": "{}, {}",
    "list": "[{}]",
    "deep": '{"a": ' + "[" * 70 + "]" * 70 + "}",
    "cut": '{"a": [1, 2',
    "text": "image: a\x1b]0;x\x07\nfile format: \u202eraw\n\xff",
}


def seeds():
    """Yields (path, bytes)."""
    for name, text in TARGETS.items():
        yield CORPUS / "fuzz-target" / name, text.encode()
    for name, content in STREAMS.items():
        yield CORPUS / "fuzz-stream" / name, content
    for name, text in ANSWERS.items():
        yield CORPUS / "fuzz-answer" / name, text.encode()
    for name, text in DESCRIPTORS.items():
        yield CORPUS / "fuzz-descriptor" / name, text if isinstance(text, bytes) else text.encode()
    for name, text in CATALOGUES.items():
        yield CORPUS / "fuzz-catalogue" / name, text.encode()
    for name, text in POOLS.items():
        yield CORPUS / "fuzz-pool-xml" / name, text if isinstance(text, bytes) else text.encode()
    for name, text in NAMES.items():
        yield CORPUS / "fuzz-names" / name, text if isinstance(text, bytes) else text.encode()
    for name, content in CHAINS.items():
        yield CORPUS / "fuzz-chain" / name, content


def main():
    problems = 0
    for path, content in seeds():
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        elif not path.exists() or path.read_bytes() != content:
            print(f"{path.name} is not what the recipe makes")
            problems = 1
    return problems


if __name__ == "__main__":
    sys.exit(main())
