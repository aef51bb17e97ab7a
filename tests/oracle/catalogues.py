# SPDX-License-Identifier: LGPL-2.1-or-later
# Where a build keeps its catalogue, and how a test spoils it.
"""The catalogue is an SQLite database, or a document of XML for each pool."""

import sqlite3
from pathlib import Path


class Database:
    """The catalogue of a build with SQLite."""

    # What it may be overwritten with, and the status of a list then.
    rubbish = ((b"", 1), (b"no database at all" * 100, 1))

    def __init__(self, state, _uuid):
        self.path = Path(state, "catalogue.db")

    def rename_field(self):
        """Make it one of another program version."""
        with sqlite3.connect(self.path) as connection:
            connection.execute("ALTER TABLE volumes RENAME COLUMN facts TO factsn")

    def spoil_volume(self, name):
        """Damage what it holds of a volume."""
        with sqlite3.connect(self.path) as connection:
            connection.execute("UPDATE volumes SET facts = x'ffff' WHERE name = ?", (name.encode(),))

    def execute(self, change):
        """Change what it holds behind its back."""
        with sqlite3.connect(self.path) as connection:
            connection.execute(change)

    def overwrite(self, content):
        """Put something else in its place."""
        for name in ("", "-journal"):
            Path(f"{self.path}{name}").unlink(missing_ok=True)
        self.path.write_bytes(content)


class Documents:
    """The catalogue of a build without."""

    rubbish = ((b"", 1), (b"no XML at all" * 100, 1), (b"<catalogue version='1' generation='1' target='/'/>", 1))

    def __init__(self, state, uuid):
        self.path = Path(state, "catalogue", f"{uuid}.xml")

    def rename_field(self):
        """Make it one of another program version."""
        self.path.write_bytes(self.path.read_bytes().replace(b" mode='", b" moden='"))

    def spoil_volume(self, name):
        """Damage what it holds of a volume."""
        content = self.path.read_bytes()
        self.path.write_bytes(content.replace(b"name='" + name.encode() + b"' ", b"name='" + name.encode() + b"' odd='1' "))

    def overwrite(self, content):
        """Put something else in its place."""
        self.path.write_bytes(content)


KINDS = {"sqlite": Database, "files": Documents}
