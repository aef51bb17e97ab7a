# SPDX-License-Identifier: LGPL-2.1-or-later
# Descriptors of VMDK disks as no program writes them.
"""Lines that QEMU, which searches the text, and others, which read lines, may take differently."""

HEADS = ("# Disk DescriptorFile\n", "# Disk DescriptorFile \n", "#disk descriptorfile\n", "#\n",
         "# x\n\n",
         "  # Disk DescriptorFile\n", " \r\n# Disk DescriptorFile\r\n", "\n# Disk DescriptorFile\n",
         "\t# Disk DescriptorFile\n", "#" + "x" * 600 + "\n", "# Disk DescriptorFile\r",
         "\xef\xbb\xbf# Disk DescriptorFile\n",
         "", " ", "# a\0b\n", "#\xff\n")
VERSIONS = ("version=1\n", "version=2\n", "version=3\n", "version=4\n", "version=1\r\n", "VERSION=1\n",
            " version=1\n", "version = 1\n", "version=1 \n", "version=1", "version=10\n", "version=01\n",
            "# version=1\n", "", "version=1\nversion=2\n", 'version="1"\n')
TYPES = ("monolithicSparse", "monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat", "vmfs",
         "vmfsSparse", "seSparse", "streamOptimized", "custom", "fullDevice", "vmfsRaw", "vmfsThin",
         "MonolithicFlat", "", "monolithicFlat" * 12)
KEYS = ('CID={number}', 'parentCID={number}', 'createType="{kind}"', "createType={kind}",
        '# createType="{kind}"', ' createType="{kind}"', 'CREATETYPE="{kind}"', 'createType = "{kind}"',
        'xcreateType="{kind}"', 'parentFileNameHint="{name}"', '# parentFileNameHint="{name}"',
        'parentFileNameHint = "{name}"', 'ddb.comment="parentFileNameHint="{name}"', 'PARENTCID={number}',
        'encoding="UTF-8"', 'changeTrackPath="{name}"', 'ddb.adapterType = "ide"', "parentCID=ffffffff",
        'parentFileNameHint="{name}', "CID=fffffffe\nparentCID=ffffffff")
EXTENTS = ('{access} {size} {type} "{name}" {offset}', '{access} {size} {type} "{name}"',
           ' {access} {size} {type} "{name}" {offset}', "{access} {size} ZERO",
           '{access}\t{size} {type} "{name}" 0', '{access} {size} {type} {name} 0',
           '{access} {size} {type} "{name} 0', '# {access} {size} {type} "{name}" 0',
           '{access}  {size}  {type}  "{name}"  {offset}', '{access} {size} {type} "{name}" {offset} x',
           '{access} {size} {type} "{name}" {offset} partitionUUID {name}', "{access} {size}", "{access}")
ACCESSES = ("RW", "RDONLY", "NOACCESS", "rw", "RWX", "R")
KINDS = ("FLAT", "SPARSE", "ZERO", "VMFS", "VMFSSPARSE", "SESPARSE", "VMFSRDM", "flat", "OTHER", "FLATX")
SIZES = ("1", "0", "-1", "128", "0x10", "9223372036854775807", "18446744073709551615", "1 ", "1e3",
         "99999999999999999999")
NUMBERS = ("ffffffff", "12345678", "0", "fffffffe", "FFFFFFFF", "-1", "x", "123456789", "")
MARKS = (b"# Disk DescriptorFile", b"createType", b"CID=")


def extent_line(rng, names):
    """One line that names a part, or nearly."""
    return rng.choice(EXTENTS).format(
        access=rng.choice(ACCESSES[:1] * 6 + ACCESSES), size=rng.choice(SIZES[:1] * 6 + SIZES),
        type=rng.choice(KINDS[:2] * 4 + KINDS), name=rng.choice(names),
        offset=rng.choice(("0", "0", "0", "1", "-1", "x", "4294967296", "")))


def key_line(rng, names):
    """One line with a key, or nearly."""
    return rng.choice(KEYS).format(number=rng.choice(NUMBERS), kind=rng.choice(TYPES), name=rng.choice(names))


def descriptor_new(rng, names):
    """A text of such lines."""
    text = rng.choice(HEADS[:1] * 10 + HEADS) + rng.choice(VERSIONS[:1] * 10 + VERSIONS)
    lines = ["CID=12345678", "parentCID=ffffffff", f'createType="{rng.choice(TYPES[:2] * 5 + TYPES)}"']
    lines += [extent_line(rng, names) for _ in range(rng.choice((0, 1, 1, 1, 2, 3)))]
    lines += [key_line(rng, names) for _ in range(rng.choice((0, 0, 1, 2)))]
    if rng.random() < 0.3:
        rng.shuffle(lines)
    if rng.random() < 0.2:
        lines.pop(rng.randrange(len(lines)))
    return (text + "\n".join(lines) + "\n").encode("latin-1")


def line_changed(rng, line, names):
    """A line with other spaces, case, quotes or ends; or two lines."""
    how = rng.randrange(9)
    if how == 0:
        return b"# " + line
    if how == 1:
        return rng.choice((b" ", b"\t", b"\x0b", b"\0", b"x")) + line
    if how == 2:
        return line.swapcase()
    if how == 3:
        return line.replace(b'"', rng.choice((b"'", b"", b'""', b' "')))
    if how == 4:
        return line.replace(b"=", rng.choice((b" = ", b"= ", b" =", b"==", b":")), 1)
    if how == 5:
        return line + b"\n" + line
    if how == 6:
        return extent_line(rng, names).encode("latin-1") + b"\n" + line
    if how == 7:
        return key_line(rng, names).encode("latin-1") + b"\n" + line
    return line + rng.choice((b"\r", b" ", b"\0", b"\n", b"\x1a", b" # x"))


def text_changed(rng, text, names):
    """A descriptor after one change, of a line or of all of them."""
    how = rng.randrange(8)
    if how == 0:
        return text.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\n ", b"\0")))
    if how == 1:
        return rng.choice((b"\n", b" ", b"\r\n", b" \n", b"\xef\xbb\xbf", b"\0", b"#\n")) + text
    lines = text.split(b"\n")
    number = rng.randrange(len(lines))
    if how == 2:
        other = rng.randrange(len(lines))
        lines[number], lines[other] = lines[other], lines[number]
    elif how == 3:
        del lines[number]
    else:
        lines[number] = line_changed(rng, lines[number], names)
    return b"\n".join(lines)


def text_place(image):
    """Where a descriptor lies in an image: (start, end), None without one."""
    window = bytes(image[:1 << 16])
    places = [place for place in map(window.find, MARKS) if place >= 0]
    if not places:
        return None
    start = window.rfind(b"\0", 0, min(places)) + 1
    end = window.find(b"\0", start)
    return start, end if end >= 0 else len(window)


def descriptor_mutate(rng, image, names):
    """Change the descriptor of an image, or put a new one in its place; a binary image keeps its size."""
    place = text_place(image)
    if place is None:
        return False
    start, end = place
    text = bytes(image[start:end])
    if rng.random() < 0.3:
        text = descriptor_new(rng, names)
    for _ in range(rng.randint(1, 3)):
        text = text_changed(rng, text, names)
    room = (end + 511) // 512 * 512 - start
    if start == 0 and end >= len(image):
        image[:] = text
    else:
        image[start:start + room] = text[:room].ljust(room, b"\0")
    return True
