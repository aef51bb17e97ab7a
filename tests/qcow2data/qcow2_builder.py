# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds qcow2 images (versions 2 and 3) in memory, for the test data.
"""Layout of a built image, one cluster each unless a table needs more:

    0 header, extensions, backing file name
    1 refcount table
    2 refcount block
    3 active L1 table
    4 whatever the recipe allocates: L2 tables, data, snapshots, bitmaps

Clusters are 512 bytes by default, the smallest the format allows, so that a
whole image is about 2 KiB.  All numbers on disk are big-endian.
"""

import struct
from collections import Counter
from functools import partial

SECTOR = 512
MAGIC = 0x514649FB

# Header extension types.
EXT_END = 0
EXT_BACKING_FORMAT = 0xE2792ACA
EXT_FEATURE_NAMES = 0x6803F857
EXT_BITMAPS = 0x23852875
EXT_LUKS = 0x0537BE77
EXT_DATA_FILE = 0x44415441

# Feature bits: incompatible, compatible, autoclear.
INCOMPAT_DIRTY = 1 << 0
INCOMPAT_CORRUPT = 1 << 1
INCOMPAT_DATA_FILE = 1 << 2
INCOMPAT_COMPRESSION = 1 << 3
INCOMPAT_EXTENDED_L2 = 1 << 4
COMPAT_LAZY_REFCOUNTS = 1 << 0
AUTOCLEAR_BITMAPS = 1 << 0
AUTOCLEAR_RAW_DATA_FILE = 1 << 1

COMPRESSION_ZLIB = 0
COMPRESSION_ZSTD = 1

# Flags of L1 and L2 entries, and the host offset between them.
COPIED = 1 << 63
COMPRESSED = 1 << 62
ZERO = 1 << 0
OFFSET_MASK = 0x00FFFFFFFFFFFE00

# Version 2 ends after snapshots_offset (72 bytes); version 3 adds the rest up
# to header_length (104 bytes) and, behind that, one byte of compression type.
HEADER_FIELDS = (
    ("magic", "I"), ("version", "I"), ("backing_file_offset", "Q"),
    ("backing_file_size", "I"), ("cluster_bits", "I"), ("size", "Q"),
    ("crypt_method", "I"), ("l1_size", "I"), ("l1_table_offset", "Q"),
    ("refcount_table_offset", "Q"), ("refcount_table_clusters", "I"),
    ("nb_snapshots", "I"), ("snapshots_offset", "Q"),
    ("incompatible_features", "Q"), ("compatible_features", "Q"),
    ("autoclear_features", "Q"), ("refcount_order", "I"), ("header_length", "I"),
    ("compression_type", "B"),
)
V2_FIELD_COUNT = 13
V2_HEADER_LENGTH = 72
V3_MINIMAL_LENGTH = 104


def pack_header(fields, length):
    """Pack as many header fields as fit into length bytes, the rest is zero."""
    chosen = HEADER_FIELDS
    if length == V2_HEADER_LENGTH:
        chosen = HEADER_FIELDS[:V2_FIELD_COUNT]
    elif length == V3_MINIMAL_LENGTH:
        chosen = HEADER_FIELDS[:-1]
    form = ">" + "".join(code for _, code in chosen)
    packed = struct.pack(form, *(fields[name] for name, _ in chosen))
    return packed.ljust(length, b"\0")


def pack_extension(kind, data, length=None):
    """One header extension, padded to 8 bytes; length may lie about the data."""
    claimed = len(data) if length is None else length
    padding = b"\0" * (-len(data) % 8)
    return struct.pack(">II", kind, claimed) + data + padding


def pack_refcounts(counts, order, cluster_size):
    """One refcount block; counters below 8 bits start at the lowest bit of a byte."""
    width = 1 << order
    if counts and max(counts) >= cluster_size * 8 // width:
        raise ValueError("more clusters than one refcount block covers")
    block = bytearray(cluster_size)
    for cluster, count in counts.items():
        first_bit = cluster * width
        if width < 8:
            block[first_bit // 8] |= count << first_bit % 8
        else:
            block[first_bit // 8:(first_bit + width) // 8] = count.to_bytes(width // 8, "big")
    return bytes(block)


class Qcow2Image:
    """A qcow2 image under construction; finish() returns its bytes."""

    def __init__(self, *, version=3, cluster_bits=9, size=1 << 20, refcount_order=4,
                 header_length=112, l1_size=None, extended_l2=False):
        self.cluster_size = 1 << cluster_bits
        self.header_length = V2_HEADER_LENGTH if version == 2 else header_length
        self.fields = dict.fromkeys((name for name, _ in HEADER_FIELDS), 0)
        self.fields.update(magic=MAGIC, version=version, cluster_bits=cluster_bits,
                           size=size, refcount_order=refcount_order,
                           header_length=self.header_length)
        self.l2_entry_size = 16 if extended_l2 else 8
        if extended_l2:
            self.fields["incompatible_features"] |= INCOMPAT_EXTENDED_L2
        self.external_data = False
        self.extensions = []
        self.backing_name = b""
        self.references = Counter()
        self.areas = []
        self.end_cluster = 0
        self.l2_tables = {}
        self._lay_out_tables(max(1, self.l1_entries_for(size)) if l1_size is None else l1_size)

    def _lay_out_tables(self, l1_size):
        """Reserve the header, refcount and L1 clusters."""
        self.allocate(b"")
        self.fields["refcount_table_offset"] = self.allocate(b"")
        self.fields["refcount_table_clusters"] = 1
        self.refcount_block_offset = self.allocate(b"")
        self.l1_table = bytearray(8 * l1_size)
        self.fields["l1_size"] = l1_size
        if l1_size:
            self.fields["l1_table_offset"] = self.allocate(self.l1_table)

    @property
    def l2_entries(self):
        """Entries in one L2 table."""
        return self.cluster_size // self.l2_entry_size

    def l1_entries_for(self, size):
        """L1 entries that size bytes of guest disk need."""
        return -(-size // (self.l2_entries * self.cluster_size))

    def allocate(self, data):
        """Append data at a new cluster, counted once; returns its offset in the file."""
        first = self.end_cluster
        self.end_cluster += max(1, -(-len(data) // self.cluster_size))
        self.references.update(range(first, self.end_cluster))
        self.areas.append((first * self.cluster_size, data))
        return first * self.cluster_size

    def set_backing(self, name, backing_format=None):
        """Name the backing file and, by an extension, its format."""
        self.backing_name = name
        if backing_format is not None:
            self.extensions.append(pack_extension(EXT_BACKING_FORMAT, backing_format))

    def map_cluster(self, guest_offset, entry, subclusters=0):
        """Set the L2 entry of a guest cluster; finish() adds the COPIED bit."""
        index, slot = divmod(guest_offset // self.cluster_size, self.l2_entries)
        if index not in self.l2_tables:
            table = bytearray(self.cluster_size)
            self.l2_tables[index] = (self.allocate(table), table, {})
        self.l2_tables[index][2][slot] = (entry, subclusters)

    def add_data(self, guest_offset, data):
        """Give a guest cluster a host cluster of its own."""
        self.map_cluster(guest_offset, self.allocate(data))

    def add_compressed(self, guest_offset, stream):
        """Give a guest cluster a compressed stream of less than one sector."""
        # With 512-byte clusters one host cluster is one sector, so the field
        # of additional sectors stays 0 as long as the stream fits into it.
        assert len(stream) <= SECTOR
        self.map_cluster(guest_offset, COMPRESSED | self.allocate(stream))

    def share_clusters(self):
        """Count everything that the active L1 table reaches once more."""
        for offset, _, entries in self.l2_tables.values():
            self.references[offset // self.cluster_size] += 1
            for entry, _ in entries.values():
                if entry & OFFSET_MASK:
                    self.references[(entry & OFFSET_MASK) // self.cluster_size] += 1

    def _copied(self, offset):
        """The COPIED bit if the cluster at the host offset has refcount 1, else 0."""
        return COPIED if self.references[offset // self.cluster_size] == 1 else 0

    def _flag_entry(self, entry):
        """Add the COPIED bit to an L2 entry where the format wants it."""
        if self.external_data:
            return entry | COPIED
        if entry & COMPRESSED or not entry & OFFSET_MASK:
            return entry
        return entry | self._copied(entry & OFFSET_MASK)

    def _fill_tables(self):
        """Write the L1 and L2 tables, then the refcounts of everything."""
        for index, (offset, table, entries) in self.l2_tables.items():
            struct.pack_into(">Q", self.l1_table, 8 * index, offset | self._copied(offset))
            for slot, (entry, subclusters) in entries.items():
                position = slot * self.l2_entry_size
                struct.pack_into(">Q", table, position, self._flag_entry(entry))
                if self.l2_entry_size == 16:
                    struct.pack_into(">Q", table, position + 8, subclusters)
        refcounts = pack_refcounts(self.references, self.fields["refcount_order"],
                                   self.cluster_size)
        table_offset = self.fields["refcount_table_offset"]
        self.areas.append((table_offset, struct.pack(">Q", self.refcount_block_offset)))
        self.areas.append((self.refcount_block_offset, refcounts))

    def _header_cluster(self, overrides, name_last):
        """Header, extensions with their end mark, backing file name behind them."""
        tail = b"".join(self.extensions) + pack_extension(EXT_END, b"")
        length = self.header_length
        if length + len(tail) - 8 == self.cluster_size:
            # The area of the extensions ends here, so it needs no end mark.
            tail = tail[:-8]
        if self.backing_name:
            offset = length + len(tail)
            if name_last:
                offset = self.cluster_size - len(self.backing_name)
            self.fields["backing_file_offset"] = offset
            self.fields["backing_file_size"] = len(self.backing_name)
            tail = tail.ljust(offset - length, b"\0") + self.backing_name
        unknown = set(overrides) - set(self.fields)
        if unknown:
            raise ValueError(f"no such header field: {', '.join(sorted(unknown))}")
        cluster = pack_header({**self.fields, **overrides}, length) + tail
        if len(cluster) > self.cluster_size:
            raise ValueError("the header does not fit into its cluster")
        return cluster

    def finish(self, overrides=None, name_last=False):
        """Return the file; overrides replace header fields in the very last step."""
        self._fill_tables()
        self.areas.append((0, self._header_cluster(overrides or {}, name_last)))
        end = max(offset + len(data) for offset, data in self.areas)
        image = bytearray(-(-end // SECTOR) * SECTOR)
        for offset, data in self.areas:
            image[offset:offset + len(data)] = data
        return bytes(image)


def build_qcow2(*, header=None, extensions=(), backing=b"", backing_format=None,
                name_last=False, **geometry):
    """An image that allocates nothing; header replaces fields, true or not."""
    image = Qcow2Image(**geometry)
    if backing or backing_format is not None:
        image.set_backing(backing, backing_format)
    image.extensions += extensions
    return image.finish(header, name_last)


def with_header(**header):
    """A maker of plain images whose header has these fields."""
    return partial(build_qcow2, header=header)
