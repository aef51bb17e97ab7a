# SPDX-License-Identifier: LGPL-2.1-or-later
# Recipe entries: raw images, which have no header at all.
"""Raw is what remains when no other format matches."""

from functools import partial

from image_recipe import Entry

SECTOR = 512
TEXT = b"This file is neither a disk nor an image of one.\n"

ENTRIES = [
    Entry("raw-empty.raw", "file of length 0", bytes),
    Entry("raw-zeros.raw", "one sector of zeros", partial(bytes, SECTOR)),
    Entry("raw-counting.raw", "one sector of counting bytes, no boot signature",
          lambda: bytes(range(256)) * 2),
    Entry("raw-text.raw", "plain text, not a whole sector long", lambda: TEXT),
]
