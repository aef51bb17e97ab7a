/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keyslots.c: the key slots of LUKS2. */
#include "storage/luks2/luks2.h"

/* Slots that the format has. */
#define SLOTS_MAX 32

static const json_t *
slot_find(const json_t *metadata, guint number)
{
    g_autofree char *key = g_strdup_printf("%u", number);

    return json_object_get(json_object_get(metadata, "keyslots"), key);
}

guint64
luks2_key_bytes(const json_t *metadata)
{
    for (guint i = 0; i < SLOTS_MAX; i++) {
        guint64 key_bytes;

        if (luks2_number(json_object_get(slot_find(metadata, i), "key_size"), &key_bytes)
            && key_bytes > 1)
            return key_bytes;
    }
    return 0;
}

static void
set_number(VirtProbeRecord *record, guint field, const json_t *value)
{
    guint64 number;

    if (luks2_number(value, &number))
        vp_record_set_uint(record, field, number);
}

/* How the passphrase becomes a key, and how that lies in the slot. */
static void
fill_slot(VpProbe *probe, VirtProbeRecord *item, const json_t *slot, guint64 place)
{
    const json_t *kdf = json_object_get(slot, "kdf");
    const json_t *rounds = json_object_get(kdf, "iterations");

    set_number(item, VP_SLOT_ITERS, rounds != NULL ? rounds : json_object_get(kdf, "time"));
    set_number(item, VP_SLOT_STRIPES, json_object_get(json_object_get(slot, "af"), "stripes"));
    set_number(item, VP_SLOT_KEY_OFFSET, json_object_get(json_object_get(slot, "area"), "offset"));
    luks2_set_text(probe, item, VP_SLOT_TYPE, json_object_get(slot, "type"), place);
    luks2_set_text(probe, item, VP_SLOT_KDF, json_object_get(kdf, "type"), place);
    luks2_set_text(probe, item, VP_SLOT_HASH, json_object_get(kdf, "hash"), place);
    set_number(item, VP_SLOT_MEMORY, json_object_get(kdf, "memory"));
    set_number(item, VP_SLOT_CPUS, json_object_get(kdf, "cpus"));
    set_number(item, VP_SLOT_PRIORITY, json_object_get(slot, "priority"));
}

/* Key material lies behind both copies of the header and in front of the payload. */
static void
check_area(VpProbe *probe, const json_t *slot, guint number, guint64 place)
{
    const json_t *area = json_object_get(slot, "area");
    guint64 offset;
    guint64 size;

    if (!luks2_number(json_object_get(area, "offset"), &offset)
        || !luks2_number(json_object_get(area, "size"), &size))
        vp_probe_find(probe, VP_RULE_TABLE_ODD, place, 0, "key slot %u has no area", number);
    else if (offset > probe->size || size > probe->size - offset)
        vp_probe_find(probe, VP_RULE_TRUNCATED, place, 0,
                      "key slot %u at %" G_GUINT64_FORMAT
                      " does not end within the file, which has %" G_GUINT64_FORMAT " bytes",
                      number, offset, probe->size);
}

void
luks2_keyslots_fill(VpProbe *probe, VirtProbeRecord *record, const json_t *metadata, guint64 place)
{
    gsize count = json_object_size(json_object_get(metadata, "keyslots"));
    gsize found = 0;

    vp_record_set_empty_list(record, VP_LUKS_SLOTS);
    for (guint i = 0; i < SLOTS_MAX; i++) {
        const json_t *slot = slot_find(metadata, i);
        VirtProbeRecord *item;

        if (!json_is_object(slot))
            continue;
        found++;
        item = vp_record_append(record, VP_LUKS_SLOTS);
        vp_record_set_bool(item, VP_SLOT_ACTIVE, TRUE);
        vp_record_set_uint(item, VP_SLOT_NUMBER, i);
        if (item != NULL)
            fill_slot(probe, item, slot, place);
        check_area(probe, slot, i, place);
    }
    if (found != count)
        vp_probe_find(probe, VP_RULE_TABLE_ODD, place, 0,
                      "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                      " key slots have a number below %d and are objects",
                      found, count, SLOTS_MAX);
}
