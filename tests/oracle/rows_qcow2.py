# SPDX-License-Identifier: LGPL-2.1-or-later
# Rows Q01 to Q46: qcow2.
"""Q05 and Q06 are about chains, which an audit does not follow: see rows_scripts.py."""

from rows_case import denied, passes, qcow2

CRYPT = "method 2 without its extension makes qemu-img crash, so it has a rule of its own"

BACKING = [
    denied("Q01", qcow2("backing-absolute"), "backing-file absolute-path path-outside-pool"),
    denied("Q02", qcow2("backing-json"), "backing-file json-filename"),
    denied("Q02", "qcow2: a json: name of a device of zeros", "backing-file json-filename"),
    denied("Q03", qcow2("backing-protocol"), "backing-file protocol-filename"),
    denied("Q04", "qcow2: a FIFO as its backing file", "backing-file"),
    denied("Q05", qcow2("backing-loop-a"), "backing-file"),
    denied("Q05", qcow2("backing-loop-b"), "backing-file"),
    denied("Q05", qcow2("backing-self"), "backing-file"),
    denied("Q07", qcow2("backing-newline"), "backing-file unsafe-text"),
    denied("Q08", qcow2("backing-invalid-utf8"), "backing-file unsafe-text"),
    denied("Q09", qcow2("backing-nul"), "backing-file unsafe-text absolute-path"),
    denied("Q10", qcow2("backing-escape"), "backing-file unsafe-text"),
    denied("Q11", qcow2("backing-at-cluster-end"), "header-inconsistent"),
    denied("Q11", qcow2("backing-length-0"), "header-inconsistent"),
    denied("Q11", qcow2("backing-offset-0"), "header-inconsistent"),
    denied("Q12", "qcow2: the name of its backing file at 4, in the header", "header-inconsistent"),
    denied("Q12", qcow2("backing-in-header"), "header-inconsistent"),
    denied("Q13", qcow2("backing-offset-huge"), "header-invalid"),
    denied("Q14", "qcow2: a backing file name of 2^32-1 bytes", "header-invalid"),
    denied("Q14", qcow2("backing-1024"), "header-invalid"),
    denied("Q14", qcow2("backing-1023-last"), "backing-file"),
    denied("Q15", qcow2("backing-without-format"), "backing-file backing-format-missing"),
    denied("Q15", qcow2("v2-backing"), "backing-file backing-format-missing"),
    denied("Q16", qcow2("backing-format-twice"), "backing-file header-inconsistent"),
]

DATA_FILES = [
    denied("Q17", qcow2("data-file-absolute"), "data-file absolute-path"),
    denied("Q18", qcow2("data-file-bit-without-name"), "data-file data-file-bit-without-name"),
    passes("Q19", qcow2("data-file-name-without-bit"), "data-file-name-without-bit"),
    denied("Q20", qcow2("data-file-json"), "data-file json-filename"),
    denied("Q20", qcow2("data-file-protocol"), "data-file protocol-filename"),
    denied("Q20", "qcow2: a FIFO as its data file", "data-file"),
    denied("Q21", qcow2("data-file-raw-without-bit"), "header-inconsistent"),
]

FEATURES = [
    denied("Q22", qcow2("unknown-incompatible-63"), "unknown-incompat-feature"),
    denied("Q22", qcow2("unknown-incompatible"), "unknown-incompat-feature"),
    denied("Q22", qcow2("unknown-incompatible-all"), "unknown-incompat-feature"),
    denied("Q23", "qcow2: a bit that nobody knows by the name of another one",
           "feature-table-spoof unknown-incompat-feature"),
    denied("Q23", qcow2("unknown-incompatible-spoofed"),
           "feature-table-spoof unknown-incompat-feature"),
    passes("Q23", "qcow2: a bit that is not set by the name of another one",
           differs="nothing uses the name of a bit that is not set"),
    denied("Q23", qcow2("unknown-incompatible-long-name"), "unknown-incompat-feature"),
    denied("Q23", qcow2("v3-feature-table-cut"), "header-inconsistent"),
    passes("Q24", "qcow2: extended L2 entries in clusters of 64 KiB", form="qcow2"),
    passes("Q24", qcow2("v3-extended-l2"), form="qcow2"),
    denied("Q25", qcow2("extended-l2-small-cluster"), "header-invalid"),
]

GEOMETRY = [
    denied("Q26", qcow2("version-1-of-3"), "banned-format", "qcow"),
    denied("Q26", qcow2("version-4"), "unsupported-version", "qcow2"),
    denied("Q26", qcow2("version-0"), "unsupported-version", "qcow2"),
    denied("Q26", qcow2("version-huge"), "unsupported-version", "qcow2"),
    passes("Q27", qcow2("v2-feature-bytes"), form="qcow2"),
    denied("Q28", qcow2("cluster-bits-63"), "header-invalid"),
    denied("Q28", "qcow2: clusters of 2^40 bytes", "header-invalid"),
    denied("Q28", qcow2("cluster-bits-22"), "header-invalid"),
    denied("Q28", qcow2("cluster-bits-8"), "header-invalid"),
    denied("Q28", qcow2("cluster-bits-huge"), "header-invalid"),
    denied("Q29", "qcow2: a disk of 2^63-1 bytes", "oversized-virtual-size header-invalid"),
    denied("Q29", qcow2("size-64"), "header-invalid"),
    denied("Q29", qcow2("size-62"), "oversized-virtual-size header-invalid"),
    passes("Q29", qcow2("v3-size-0"), form="qcow2"),
    passes("Q29", qcow2("v3-size-1"), form="qcow2"),
]

TABLES = [
    denied("Q30", qcow2("l1-size-huge"), "huge-allocation"),
    denied("Q30", qcow2("l1-largest"), "truncated"),
    denied("Q30", qcow2("l1-size-0"), "header-invalid"),
    denied("Q31", "qcow2: an L1 table at 2^63-65536", "truncated"),
    denied("Q31", "qcow2: an L1 table at an odd place", "header-invalid"),
    denied("Q32", qcow2("refcount-table-huge"), "huge-allocation"),
    denied("Q32", "qcow2: a refcount table of 2^17+1 clusters", "huge-allocation"),
    denied("Q32", qcow2("refcount-table-0"), "header-invalid"),
    denied("Q33", "qcow2: a refcount table that ends behind 2^64", "table-outside-file"),
    denied("Q33", qcow2("refcount-table-overflow"), "table-outside-file"),
    denied("Q34", qcow2("snapshots-count-huge"), "huge-allocation"),
    denied("Q34", "qcow2: 65536 snapshots of zeros", "too-many-entries limit"),
    denied("Q35", qcow2("snapshots-none-misaligned"), "header-invalid",
           differs="QEMU refuses it, although it has no use for the table"),
    denied("Q35", qcow2("snapshot-extra-huge"), "table-invalid"),
    denied("Q35", qcow2("snapshot-name-huge"), "truncated"),
]

HEADERS = [
    denied("Q36", qcow2("header-length-huge"), "header-length-range"),
    denied("Q36", "qcow2: a header of 2^31-1 bytes", "header-length-range"),
    denied("Q36", qcow2("header-length-103"), "header-length-range"),
    denied("Q36", qcow2("header-length-0"), "header-length-range"),
    denied("Q36", qcow2("header-length-105"), "header-inconsistent",
           differs="QEMU accepts it, the format does not, and what disagrees with it is denied"),
    denied("Q37", "qcow2: an extension of 2 GiB, the backing file name at 2^64-1",
           "header-extension-overrun header-invalid"),
    denied("Q37", "qcow2: an extension of 2 GiB, the backing file name before it",
           "header-extension-overrun"),
    denied("Q37", "qcow2: an extension of 2 GiB", "header-extension-overrun"),
    denied("Q38", "qcow2: 10000 empty extensions", "header-extension-count"),
    denied("Q38", qcow2("v3-extensions-257"), "header-extension-count"),
    passes("Q38", qcow2("v3-extensions-256"), "too-many-entries"),
    denied("Q39", qcow2("refcount-order-7"), "header-invalid"),
    denied("Q39", qcow2("refcount-order-huge"), "header-invalid"),
    denied("Q40", qcow2("compression-type-2"), "compression-type"),
    denied("Q40", qcow2("compression-without-bit"), "compression-type"),
    passes("Q41", qcow2("aes"), "encrypted-legacy-aes"),
    denied("Q41", qcow2("luks-without-extension"), "encryption-header-missing", differs=CRYPT),
    denied("Q41", qcow2("crypt-3"), "encryption-unknown"),
    denied("Q42", qcow2("luks-past-end"), "truncated encrypted"),
    denied("Q42", qcow2("luks-length-past-end"), "truncated encrypted"),
    denied("Q43", qcow2("bitmaps-count-huge"), "header-extension-invalid",
           differs="the extension cannot hold more than 65535, so that is what is wrong"),
    denied("Q43", qcow2("bitmaps-directory-huge"), "huge-allocation"),
    passes("Q44", qcow2("v3-dirty"), "dirty"),
    passes("Q44", qcow2("v3-corrupt"), "corrupt"),
    denied("Q45", qcow2("truncated-104"), "truncated", "qcow2"),
    denied("Q45", qcow2("truncated-500"), "truncated", "qcow2"),
    denied("Q46", qcow2("tables-overlap"), "table-overlap"),
]

ROWS = BACKING + DATA_FILES + FEATURES + GEOMETRY + TABLES + HEADERS
