/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parent.c: the parent locator of a differencing VHDX. */
#include "storage/vhdx/vhdx.h"
#include "util/text.h"

#include <string.h>

#define HEADER_SIZE 20
#define ENTRY_SIZE 12
/* The format has five keys. */
#define ENTRIES_MAX 32
/* Bytes of the item; Hyper-V writes less than one KiB. */
#define LOCATOR_MAX (256 * 1024)

static const char locator_type[] =
    "\xb7\xef\x4a\xb0\x9e\xd1\x81\x4a\xb7\x89\x25\xb8\xe9\x44\x59\x13";
static const char *const paths[] = { "relative_path", "volume_path", "absolute_win32_path", NULL };

/* Text of the locator as UTF-8; NULL when it is not there. (transfer full) */
static char *
locator_text(const VpReader *locator, guint offset, guint length, gsize *out_len)
{
    VpReader reader = *locator;
    const guint8 *bytes;

    vp_reader_seek(&reader, offset);
    bytes = vp_reader_bytes(&reader, length);
    return bytes != NULL ? vp_text_from_utf16(bytes, length, VP_ORDER_LITTLE, out_len) : NULL;
}

/* As identities of images are written: lower case without braces. */
static void
set_linkage(VpProbe *probe, const char *value, guint field)
{
    gsize braces = value[0] == '{' && g_str_has_suffix(value, "}") ? 1 : 0;
    g_autofree char *bare = g_strndup(value + braces, strlen(value) - 2 * braces);
    g_autofree char *guid = g_ascii_strdown(bare, -1);

    if (g_uuid_string_is_valid(guid))
        vp_record_set_string(probe->extra, field, guid);
}

static void
add_entry(VpProbe *probe, const VpReader *locator, VpReader *entry)
{
    guint key_offset = vp_reader_u32le(entry);
    guint value_offset = vp_reader_u32le(entry);
    guint key_len = vp_reader_u16le(entry);
    guint value_len = vp_reader_u16le(entry);
    gsize len = 0;
    g_autofree char *key = locator_text(locator, key_offset, key_len, &len);
    g_autofree char *value = locator_text(locator, value_offset, value_len, &len);

    if (key == NULL || value == NULL) {
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, entry->base + entry->pos - ENTRY_SIZE,
                      ENTRY_SIZE, "an entry of the parent locator does not lie in it");
        return;
    }
    vp_probe_add_locator(probe, key, value, len, g_strv_contains(paths, key),
                         locator->base + value_offset, value_len);
    if (strcmp(key, "parent_linkage") == 0)
        set_linkage(probe, value, VP_PROBE_PARENT_IDENTITY);
    else if (strcmp(key, "parent_linkage2") == 0)
        set_linkage(probe, value, VP_PROBE_OTHER_PARENT_IDENTITY);
}

static void
add_entries(VpProbe *probe, const VpReader *locator)
{
    VpReader entry = *locator;
    const guint8 *type = vp_reader_bytes(&entry, VHDX_GUID_SIZE);
    guint count;

    vp_reader_skip(&entry, 2);
    count = vp_reader_u16le(&entry);
    if (vp_reader_failed(&entry) || memcmp(type, locator_type, VHDX_GUID_SIZE) != 0) {
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, locator->base, VHDX_GUID_SIZE,
                      "the parent locator is of an unknown type");
        return;
    }
    for (guint i = 0; i < MIN(count, ENTRIES_MAX) && vp_reader_remaining(&entry) >= ENTRY_SIZE; i++)
        add_entry(probe, locator, &entry);
    if (count > ENTRIES_MAX)
        vp_probe_find(probe, VP_RULE_TOO_MANY, locator->base, HEADER_SIZE,
                      "%d of %u entries of the parent locator are listed", ENTRIES_MAX, count);
}

void
vhdx_parent_fill(VpProbe *probe)
{
    VpReader locator;
    VhdxPlace item;

    if (!vp_record_wants(probe->extra, VP_PROBE_PARENT_LOCATOR)
        || !vhdx_item_find(probe, VHDX_ITEM_PARENT, &item))
        return;
    if (item.length > LOCATOR_MAX)
        vp_probe_find(probe, VP_RULE_LIMIT, item.offset, item.length,
                      "the parent locator has %" G_GUINT64_FORMAT " bytes, at most %d are read",
                      item.length, LOCATOR_MAX);
    else if (vp_probe_read(probe, item.offset, (gsize) item.length, "parent locator", &locator))
        add_entries(probe, &locator);
}
