/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cow.c: copy-on-write disks of user-mode Linux as QEMU wrote them until 2014, version 2. Source: QEMU 2.1's
 * block/cow.c and the UML tools. */
#include "storage/format.h"
#include "util/numbers.h"

enum {
    MAGIC,
    VERSION,
    BACKING_FILE,
    MTIME,
    SIZE_PACKED,
    SIZE_ALIGNED,
    FIELD_COUNT,
};

#define HEADER_SIZE 1056
#define SECTOR 512

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 4) },
    [VERSION] = { "version", VP_AT(4, 4) },
    [BACKING_FILE] = { "backing-file", VP_AT(8, 1024), .kind = VP_KIND_TEXT,
                       .checks = VP_CHECK_TERMINATED },
    [MTIME] = { "mtime", VP_AT(1032, 4) },
    /* The writer's compiler decided: 32-bit programs put the size right behind the time. */
    [SIZE_PACKED] = { "size-packed", VP_AT(1036, 8) },
    [SIZE_ALIGNED] = { "size-aligned", VP_AT(1040, 8) },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

/* A size is believable when it is whole sectors and the bitmap for it fits into the file. */
static gboolean
size_is_believable(const VpProbe *probe, guint64 size)
{
    return size != 0 && size <= G_MAXINT64 && vp_is_aligned(size, SECTOR)
           && HEADER_SIZE + vp_divide_up(size / SECTOR, 8) <= probe->size;
}

static gboolean
parse(VpProbe *probe)
{
    guint64 aligned = vp_probe_value(probe, SIZE_ALIGNED);
    guint64 packed = vp_probe_value(probe, SIZE_PACKED);
    guint field = size_is_believable(probe, aligned) || !size_is_believable(probe, packed)
                      ? SIZE_ALIGNED
                      : SIZE_PACKED;
    guint64 size = vp_probe_value(probe, field);

    if (!vp_probe_has(probe, SIZE_ALIGNED))
        return FALSE;
    if (size == 0 || size > G_MAXINT64) {
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, field,
                            "size is %" G_GUINT64_FORMAT ", must be 1 to 2^63-1", size);
        return FALSE;
    }
    vp_probe_set_capacity(probe, size, VP_RULE_HEADER_INVALID, field);
    if (!size_is_believable(probe, size))
        vp_probe_find(probe, VP_RULE_TRUNCATED, HEADER_SIZE, vp_divide_up(size / SECTOR, 8),
                      "the bitmap for this size does not fit into the file of %" G_GUINT64_FORMAT
                      " bytes",
                      probe->size);
    return TRUE;
}

static const VpMagic magics[] = {
    { .bytes = "OOOM", .len = 4, .evidence = VP_EVIDENCE_WEAK },
    { .len = 0 },
};

static const char *const extensions[] = { "cow", NULL };

const VpFormat vp_format_cow = {
    .name = "cow",
    .libvirt_name = "cow",
    .extensions = extensions,
    .title = "user-mode Linux copy-on-write disk",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_BACKING | VP_FORMAT_LEGACY,
    .reads = 1,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VERSION, 1, { 2 } },
    .qemu_probe = VP_QEMU_NEVER,
    VP_FIELDS(fields),
    .capacity = { .rounding = VP_ROUND_SECTOR_DOWN },
    .backing = { .kind = VP_BACKING_INLINE, .offset_field = BACKING_FILE },
    .parse = parse,
};
