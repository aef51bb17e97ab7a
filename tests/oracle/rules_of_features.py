# SPDX-License-Identifier: LGPL-2.1-or-later
# Rules about features and state: what a reader must know, encryption, snapshots, bitmaps.
"""Rows of the test of rules; rule_pair.py says what they mean."""

from functools import partial

from qcow2_builder import build_qcow2, with_header
from qcow2_tables import Snapshot, build_with_snapshots
from recipe_features import INCOMPATIBLE, feature_table
from rule_pair import Pair
import qcow2_builder as q
import recipe_vmdk as vmdk

DIRTY_BIT = 0


def naming_dirty(name):
    """A dirty image whose own table gives the dirty bit that name."""
    return partial(build_qcow2, extensions=[feature_table([(INCOMPATIBLE, DIRTY_BIT, name)])],
                   header={"incompatible_features": q.INCOMPAT_DIRTY})


PAIRS = [
    Pair("unknown-incompat-feature", "unknown-incompatible.qcow2", "v3-extended-l2.qcow2"),
    Pair("unknown-feature", with_header(autoclear_features=1 << 2),
         with_header(autoclear_features=1 << 1)),
    Pair("qemu-unsupported", "vhdx-4k.vhdx", "vhdx-dynamic.vhdx"),
    Pair("log-not-clean", "vhdx-log.vhdx", "vhdx-log-empty.vhdx"),
    Pair("feature-table-spoof", naming_dirty(b"dirty bits"), naming_dirty(b"dirty bit")),
    Pair("compression-type", "compression-type-2.qcow2", "v3-zstd.qcow2"),
    Pair("dirty", "v3-dirty.qcow2", "v3-lazy-refcounts.qcow2"),
    Pair("corrupt", "v3-corrupt.qcow2", "v3-dirty.qcow2"),
    Pair("encrypted", "luks.qcow2", "luks-method-0.qcow2"),
    Pair("encrypted-legacy-aes", "aes.qcow2", "luks.qcow2"),
    Pair("encryption-unknown", "crypt-3.qcow2", "luks.qcow2"),
    Pair("encryption-unsupported", "vmdk-encrypted.vmdk",
         vmdk.flat(vmdk.ONE, more='encryptions.keySafe = "vmware:key/list/x"\n')),
    Pair("encryption-header-missing", "luks-without-extension.qcow2", "luks.qcow2"),
    Pair("compressed-clusters", "vmdk-stream-head.vmdk",
         vmdk.sparse(flags=vmdk.FLAG_NEWLINES | vmdk.FLAG_MARKERS | vmdk.FLAG_REDUNDANT, version=3)),
    Pair("snapshots-present", "snapshot-extra-24.qcow2",
         partial(build_with_snapshots, Snapshot(), header={"nb_snapshots": 0})),
    Pair("bitmaps-present", "bitmap-one.qcow2", "v3-autoclear-bitmaps-alone.qcow2"),
    Pair("bitmaps-inconsistent", "bitmap-inconsistent.qcow2", "bitmap-auto.qcow2"),
]
