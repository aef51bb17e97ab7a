# SPDX-License-Identifier: LGPL-2.1-or-later
# Damages one member of a chain on disk, for the oracle tests.
"""Each function gets the chain, the number of a member and a source of random numbers."""

import os

from chain_images import BASES, qcow2, write

CUTS = (0, 1, 3, 4, 8, 40, 71, 72, 100, 104, 112, 120, 200, 511, 512, 1024, 1500)
HEADER_BYTES = 160


def remove(chain, number, _rng):
    """The file is gone."""
    chain.members[number].path.unlink()


def cut(chain, number, rng):
    """The file ends early."""
    os.truncate(chain.members[number].path, rng.choice(CUTS))


def change_byte(chain, number, rng):
    """One byte of what may be a header is another one."""
    with open(chain.members[number].path, "r+b") as file:
        file.seek(rng.randrange(HEADER_BYTES))
        file.write(bytes([rng.randrange(256)]))


def become_folder(chain, number, _rng):
    """A folder has taken the place of the file."""
    path = chain.members[number].path
    path.unlink()
    path.mkdir()


def become_other(chain, number, rng):
    """An image of another format has taken its place."""
    member = chain.members[number]
    form = rng.choice([form for form in BASES if form != member.form])
    write(member.path, BASES[form]())


def become_dangling(chain, number, _rng):
    """A symbolic link to nothing has taken its place."""
    path = chain.members[number].path
    path.unlink()
    path.symlink_to("nowhere")


def become_loop(chain, number, rng):
    """A link to a member above has taken its place."""
    path = chain.members[number].path
    above = chain.members[rng.randrange(number)].path if number else path
    path.unlink()
    if rng.random() < 0.5 and above != path:
        os.link(above, path)
    else:
        path.symlink_to(above)


def name_bogus_format(chain, number, rng):
    """The overlay records a format that nobody knows."""
    member = chain.members[number]
    write(member.path, qcow2("nowhere", rng.choice(("bogus", "QCOW2", "raw ", "file"))))


def lose_data_files(chain, _number, _rng):
    """All external data files are gone, if there are any."""
    for path in chain.root.rglob("data-*.raw"):
        path.unlink()


DAMAGES = {
    "missing": remove,
    "cut": cut,
    "with a byte changed": change_byte,
    "a folder": become_folder,
    "of another format": become_other,
    "a link to nothing": become_dangling,
    "a link to a member above": become_loop,
    "with an unknown format recorded": name_bogus_format,
    "without a data file": lose_data_files,
}
# Twice as likely, because they have many variants.
FREQUENT = ("cut", "with a byte changed", "of another format")


def damage(chain, rng):
    """Damage one member; returns a sentence about it and the member's number."""
    number = rng.randrange(len(chain.members))
    kind = rng.choice((*DAMAGES, *FREQUENT))
    DAMAGES[kind](chain, number, rng)
    return f"member {number} is {kind}", number
