/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* snapshots.c: the table of internal snapshots: counted by the header, listed as far as there is room. */
#include "storage/qcow2/qcow2.h"
#include "util/numbers.h"

#include <string.h>

/* Room for a snapshot with usual names; the table is read in pieces of a few hundred entries. */
#define CHUNK_SIZE (64 * 1024)
#define NAME_SHOWN_MAX 255
#define ID_SHOWN_MAX 127
#define NO_ICOUNT G_MAXUINT64

typedef struct {
    guint64 place;
    guint64 l1_offset;
    guint32 l1_entries;
    guint16 id_len;
    guint16 name_len;
    guint32 date_sec;
    guint32 date_nsec;
    guint64 vm_clock_nsec;
    guint64 vm_state_size;
    guint64 disk_size;
    guint64 icount;
    guint32 extra_len;
    const guint8 *id; /* as much of it as is shown */
    const guint8 *name;
} Snapshot;

/* Bytes that an entry takes, with its padding. */
static guint64
snapshot_size(const Snapshot *snapshot)
{
    guint64 size = QCOW2_SNAPSHOT_HEADER_SIZE + (guint64) snapshot->extra_len + snapshot->id_len
                   + snapshot->name_len;

    return (size + 7) & ~G_GUINT64_CONSTANT(7);
}

static void
snapshot_read_header(Snapshot *snapshot, VpReader *reader)
{
    snapshot->l1_offset = vp_reader_u64be(reader);
    snapshot->l1_entries = vp_reader_u32be(reader);
    snapshot->id_len = vp_reader_u16be(reader);
    snapshot->name_len = vp_reader_u16be(reader);
    snapshot->date_sec = vp_reader_u32be(reader);
    snapshot->date_nsec = vp_reader_u32be(reader);
    snapshot->vm_clock_nsec = vp_reader_u64be(reader);
    snapshot->vm_state_size = vp_reader_u32be(reader);
    snapshot->extra_len = vp_reader_u32be(reader);
}

/* Each field of the extra data is there or not by the length; what it means when it is not is in the
 * specification. */
static void
snapshot_read_extra(Snapshot *snapshot, VpReader *reader)
{
    snapshot->icount = NO_ICOUNT;
    if (snapshot->extra_len >= 8)
        snapshot->vm_state_size = vp_reader_u64be(reader);
    if (snapshot->extra_len >= 16)
        snapshot->disk_size = vp_reader_u64be(reader);
    if (snapshot->extra_len >= 24)
        snapshot->icount = vp_reader_u64be(reader);
}

/* Reads bytes of the table, in large pieces so that many small entries cost few reads. */
static gboolean
table_read(VpProbe *probe, guint64 pos, gsize len, VpReader *out_reader)
{
    vp_probe_prefetch(probe, pos - pos % CHUNK_SIZE, CHUNK_SIZE);
    return vp_probe_read(probe, pos, len, "snapshot table entry", out_reader);
}

/* FALSE: the entry is not there, or QEMU refuses the image for it. */
static gboolean
snapshot_read(VpProbe *probe, guint64 pos, guint index, Snapshot *out_snapshot)
{
    VpReader reader;
    guint64 extra_shown;

    memset(out_snapshot, 0, sizeof *out_snapshot);
    out_snapshot->place = pos;
    if (!table_read(probe, pos, QCOW2_SNAPSHOT_HEADER_SIZE, &reader))
        return FALSE;
    snapshot_read_header(out_snapshot, &reader);
    if (out_snapshot->extra_len > QCOW2_SNAPSHOT_EXTRA_MAX) {
        vp_probe_find(probe, VP_RULE_TABLE_INVALID, pos + 36, 4,
                      "snapshot %u has %u bytes of extra data, at most %u are possible", index,
                      out_snapshot->extra_len, QCOW2_SNAPSHOT_EXTRA_MAX);
        return FALSE;
    }
    extra_shown = MIN(out_snapshot->extra_len, 24);
    if (!table_read(probe, pos + QCOW2_SNAPSHOT_HEADER_SIZE, (gsize) extra_shown, &reader))
        return FALSE;
    snapshot_read_extra(out_snapshot, &reader);
    pos += QCOW2_SNAPSHOT_HEADER_SIZE + out_snapshot->extra_len;
    if (!table_read(probe, pos, (gsize) out_snapshot->id_len + out_snapshot->name_len, &reader))
        return FALSE;
    out_snapshot->id = vp_reader_bytes(&reader, out_snapshot->id_len);
    out_snapshot->name = vp_reader_bytes(&reader, out_snapshot->name_len);
    return TRUE;
}

static void
set_shown_text(VpProbe *probe, VirtProbeRecord *record, guint field, const guint8 *bytes, gsize len,
               gsize shown_max, guint64 place)
{
    static const guint8 none[1];
    const guint8 *text = len > 0 ? bytes : none;

    vp_probe_set_text(probe, record, field, text, MIN(len, shown_max), place);
}

static void
snapshot_list(VpProbe *probe, const Snapshot *snapshot)
{
    const guint64 second = 1000000000;
    VirtProbeRecord *record = vp_record_append(probe->image, VP_IMAGE_SNAPSHOTS);
    VirtProbeRecord *detail = vp_record_append(probe->extra, VP_PROBE_SNAPSHOTS);
    guint64 id_place = snapshot->place + QCOW2_SNAPSHOT_HEADER_SIZE + snapshot->extra_len;

    set_shown_text(probe, record, VP_SNAPSHOT_ID, snapshot->id, snapshot->id_len, ID_SHOWN_MAX,
                   id_place);
    set_shown_text(probe, record, VP_SNAPSHOT_NAME, snapshot->name, snapshot->name_len,
                   NAME_SHOWN_MAX, id_place + snapshot->id_len);
    vp_record_set_uint(record, VP_SNAPSHOT_VM_STATE_SIZE, snapshot->vm_state_size);
    vp_record_set_uint(record, VP_SNAPSHOT_DATE_SEC, snapshot->date_sec);
    vp_record_set_uint(record, VP_SNAPSHOT_DATE_NSEC, snapshot->date_nsec);
    vp_record_set_uint(record, VP_SNAPSHOT_VM_CLOCK_SEC, snapshot->vm_clock_nsec / second);
    vp_record_set_uint(record, VP_SNAPSHOT_VM_CLOCK_NSEC, snapshot->vm_clock_nsec % second);
    if (snapshot->icount != NO_ICOUNT)
        vp_record_set_uint(record, VP_SNAPSHOT_ICOUNT, snapshot->icount);
    if (snapshot->extra_len >= 16)
        vp_record_set_uint(detail, VP_SNAPSHOT_DETAIL_DISK_SIZE, snapshot->disk_size);
    vp_record_set_uint(detail, VP_SNAPSHOT_DETAIL_L1_OFFSET, snapshot->l1_offset);
    vp_record_set_uint(detail, VP_SNAPSHOT_DETAIL_L1_ENTRIES, snapshot->l1_entries);
    vp_record_set_uint(detail, VP_SNAPSHOT_DETAIL_EXTRA_DATA_LENGTH, snapshot->extra_len);
}

/* QEMU finds these only when the snapshot is used, or by a check. */
static void
snapshot_find_odd(VpProbe *probe, const Snapshot *snapshot, guint index)
{
    guint64 l1_size = (guint64) snapshot->l1_entries * 8;
    guint64 l1_end;

    if (vp_probe_value(probe, QCOW2_VERSION) >= 3 && snapshot->extra_len < 16)
        vp_probe_find(probe, VP_RULE_TABLE_ODD, snapshot->place, QCOW2_SNAPSHOT_HEADER_SIZE,
                      "snapshot %u has %u bytes of extra data, version 3 needs 16", index,
                      snapshot->extra_len);
    if (!vp_is_aligned(snapshot->l1_offset, probe->header.cluster_size)
        || l1_size > QCOW2_L1_SIZE_MAX || !vp_checked_add(snapshot->l1_offset, l1_size, &l1_end)
        || l1_end > probe->size)
        vp_probe_find(probe, VP_RULE_TABLE_ODD, snapshot->place, 12,
                      "L1 table of snapshot %u at %" G_GUINT64_FORMAT
                      " with %u entries is not possible in this file",
                      index, snapshot->l1_offset, snapshot->l1_entries);
}

static void
snapshot_show(VpProbe *probe, const Snapshot *snapshot, guint index)
{
    snapshot_list(probe, snapshot);
    snapshot_find_odd(probe, snapshot, index);
}

static void
find_left_out(VpProbe *probe, guint64 listed)
{
    vp_probe_find_field(probe, VP_RULE_TOO_MANY, QCOW2_SNAPSHOT_COUNT,
                        "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " snapshots are listed",
                        listed, vp_probe_value(probe, QCOW2_SNAPSHOT_COUNT));
}

void
qcow2_snapshots_parse(VpProbe *probe)
{
    guint64 count = vp_probe_value(probe, QCOW2_SNAPSHOT_COUNT);
    guint64 start = vp_probe_value(probe, QCOW2_SNAPSHOT_OFFSET);
    guint64 pos = start;
    gboolean is_listed = TRUE;

    if (count == 0 || !vp_probe_is_valid(probe, QCOW2_SNAPSHOT_COUNT)
        || !vp_probe_is_valid(probe, QCOW2_SNAPSHOT_OFFSET))
        return;
    vp_record_set_uint(probe->extra, VP_PROBE_SNAPSHOT_COUNT, count);
    vp_probe_find_field(probe, VP_RULE_SNAPSHOTS, QCOW2_SNAPSHOT_COUNT,
                        "the image holds internal snapshots");
    if (qcow2_has_incompatible(probe, QCOW2_INCOMPATIBLE_DATA_FILE))
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, QCOW2_SNAPSHOT_COUNT,
                            "internal snapshots and an external data file exclude each other");
    for (guint i = 0; i < count; i++) {
        Snapshot snapshot;

        if (is_listed && !vp_record_has_room(probe->extra)) {
            find_left_out(probe, i);
            is_listed = FALSE;
        }
        /* QEMU reads the table to its end, and so does who must not pass what QEMU refuses. */
        if ((!is_listed && (probe->flags & VIRT_PROBE_DESCRIBE_AUDIT) == 0)
            || !snapshot_read(probe, pos, i, &snapshot))
            return;
        if (is_listed)
            snapshot_show(probe, &snapshot, i);
        pos += snapshot_size(&snapshot);
        if (pos - start > QCOW2_SNAPSHOT_TABLE_MAX) {
            vp_probe_find_field(probe, VP_RULE_HUGE_ALLOCATION, QCOW2_SNAPSHOT_COUNT,
                                "snapshot table has more than %u bytes", QCOW2_SNAPSHOT_TABLE_MAX);
            return;
        }
    }
}
