/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* log.c: the log of VHDX: whether it holds changes that are not in the image yet. */
#include "storage/vhdx/vhdx.h"
#include "util/numbers.h"

#include <string.h>

#define LOG_SECTOR 4096
#define ENTRY_HEADER_SIZE 64
/* The log of Hyper-V and of QEMU has 1 MiB. */
#define LOG_READ_MAX (2 * VHDX_MIB)
/* Bytes whose checksums are made: an image could claim entries as long as the log at every sector. */
#define SUMMED_MAX (2 * LOG_READ_MAX)
#define CHECKSUM_AT 4

typedef struct {
    VpReader log;       /* all of it */
    const guint8 *guid; /* that the header has for it */
    gsize summed;
} Log;

/* The checksum of an entry, which may go on at the start of the log. */
static gboolean
entry_checksum_fits(Log *log, gsize pos, gsize length, guint32 stored)
{
    gsize first = MIN(length, log->log.size - pos);
    g_autofree guint8 *joined = NULL;
    const guint8 *bytes = log->log.data + pos;

    log->summed += length;
    if (first < length) {
        joined = g_malloc(length);
        memcpy(joined, bytes, first);
        memcpy(joined + first, log->log.data, length - first);
        bytes = joined;
    }
    return vp_checksum(VP_CHECKSUM_CRC32C, bytes, length, CHECKSUM_AT) == stored;
}

/* An entry that QEMU would take for one. */
static gboolean
entry_is_valid(Log *log, gsize pos)
{
    VpReader entry = log->log;
    const guint8 *signature;
    const guint8 *guid;
    guint32 checksum;
    guint32 length;
    guint64 sequence;

    vp_reader_seek(&entry, pos);
    signature = vp_reader_bytes(&entry, 4);
    checksum = vp_reader_u32le(&entry);
    length = vp_reader_u32le(&entry);
    vp_reader_skip(&entry, 4);
    sequence = vp_reader_u64le(&entry);
    vp_reader_skip(&entry, 8);
    guid = vp_reader_bytes(&entry, VHDX_GUID_SIZE);
    if (vp_reader_failed(&entry) || memcmp(signature, "loge", 4) != 0
        || memcmp(guid, log->guid, VHDX_GUID_SIZE) != 0)
        return FALSE;
    if (sequence == 0 || length < LOG_SECTOR || !vp_is_aligned(length, LOG_SECTOR)
        || length > log->log.size)
        return FALSE;
    return log->summed <= SUMMED_MAX && entry_checksum_fits(log, pos, length, checksum);
}

static void
log_search(VpProbe *probe, Log *log, guint64 offset)
{
    for (gsize pos = 0; pos + ENTRY_HEADER_SIZE <= log->log.size; pos += LOG_SECTOR) {
        if (!entry_is_valid(log, pos))
            continue;
        vp_probe_find(probe, VP_RULE_LOG_REPLAY, offset + pos, ENTRY_HEADER_SIZE,
                      "the log has an entry at %" G_GUINT64_FORMAT
                      " that is not in the image yet; the state before it is described",
                      offset + pos);
        return;
    }
    if (log->summed > SUMMED_MAX)
        vp_probe_find(probe, VP_RULE_LIMIT, offset, log->log.size,
                      "the entries of the log claim more than %d bytes", SUMMED_MAX);
}

void
vhdx_log_check(VpProbe *probe)
{
    guint64 offset = vp_probe_value(probe, VHDX_LOG_OFFSET);
    guint64 length = vp_probe_value(probe, VHDX_LOG_LENGTH);
    static const guint8 zeros[VHDX_GUID_SIZE];
    Log log = { .guid = vp_header_bytes(probe, VHDX_LOG_GUID) };

    if (!vp_is_aligned(offset, VHDX_MIB))
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, VHDX_LOG_OFFSET,
                            "log-offset is %" G_GUINT64_FORMAT ", must be whole MiB", offset);
    if (memcmp(log.guid, zeros, VHDX_GUID_SIZE) == 0 || length == 0)
        return;
    vp_probe_find_field(probe, VP_RULE_DIRTY, VHDX_LOG_GUID, "the image was not closed cleanly");
    if (!vp_is_aligned(length, VHDX_MIB))
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, VHDX_LOG_LENGTH,
                            "log-length is %" G_GUINT64_FORMAT ", must be whole MiB", length);
    else if (length > LOG_READ_MAX)
        vp_probe_find_field(probe, VP_RULE_LIMIT, VHDX_LOG_LENGTH,
                            "the log has %" G_GUINT64_FORMAT " bytes, at most %d are looked at",
                            length, LOG_READ_MAX);
    else if (vp_probe_read(probe, offset, (gsize) length, "log", &log.log))
        log_search(probe, &log, offset);
}
