/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* descriptor.c: the keys of a VMDK descriptor: as its lines say them, and as QEMU finds them. */
#include "storage/vmdk/vmdk.h"

#include <string.h>

/* QEMU's probe looks at no more. */
#define PROBE_SIZE 512

static const char *const keys[] = {
    [VMDK_VERSION] = "version",
    [VMDK_CID] = "CID",
    [VMDK_PARENT_CID] = "parentCID",
    [VMDK_PARENT_NAME] = "parentFileNameHint",
    [VMDK_CREATE_TYPE] = "createType",
    [VMDK_ENCODING] = "encoding",
    [VMDK_NATIVE_SNAPSHOT] = "isNativeSnapshot",
    [VMDK_CHANGE_TRACK] = "changeTrackPath",
    [VMDK_ADAPTER] = "ddb.adapterType",
    [VMDK_HARDWARE_VERSION] = "ddb.virtualHWVersion",
    [VMDK_TOOLS_VERSION] = "ddb.toolsVersion",
    [VMDK_UUID] = "ddb.uuid",
    [VMDK_LONG_CONTENT_ID] = "ddb.longContentID",
    [VMDK_THIN] = "ddb.thinProvisioned",
    [VMDK_DELETABLE] = "ddb.deletable",
    [VMDK_CYLINDERS] = "ddb.geometry.cylinders",
    [VMDK_HEADS] = "ddb.geometry.heads",
    [VMDK_SECTORS] = "ddb.geometry.sectors",
};

G_STATIC_ASSERT(G_N_ELEMENTS(keys) == VMDK_KEY_COUNT);

/* In the order of the keys. */
const VpDetailText vmdk_detail_texts[] = {
    { "create-type", FALSE },
    { "encoding", FALSE },
    { "is-native-snapshot", FALSE },
    { "change-track-path", TRUE },
    { "adapter-type", FALSE },
    { "hardware-version", FALSE },
    { "tools-version", FALSE },
    { "uuid", FALSE },
    { "long-content-id", FALSE },
    { "thin-provisioned", FALSE },
    { "deletable", FALSE },
    { "cylinders", FALSE },
    { "heads", FALSE },
    { "sectors-per-track", FALSE },
    { NULL, FALSE },
};

G_STATIC_ASSERT(G_N_ELEMENTS(vmdk_detail_texts) == VMDK_KEY_COUNT - VMDK_DETAIL_FIRST + 1);

#define ENCRYPTION_PREFIX "encryption."

static gboolean
begins_with(const guint8 *at, const guint8 *end, const char *text)
{
    gsize len = strlen(text);

    return (gsize) (end - at) >= len && memcmp(at, text, len) == 0;
}

/* Behind the end of a short file QEMU sees zeros, which are as good as the end. */
gboolean
vmdk_text_is_probed_by_qemu(const guint8 *head, gsize size)
{
    const guint8 *end = head + MIN(size, PROBE_SIZE);
    const guint8 *at = head;

    while (at < end) {
        if (*at == '#') {
            at = memchr(at, '\n', (gsize) (end - at));
            if (at == NULL)
                return FALSE;
        } else if (*at == ' ') {
            while (at < end && *at == ' ')
                at++;
            if (end - at > 1 && *at == '\r')
                at++;
            if (at == end || *at != '\n')
                return FALSE;
        } else {
            break;
        }
        at++;
    }
    if (at >= end || !begins_with(at, end, "version="))
        return FALSE;
    at += strlen("version=");
    if (at == end || *at < '1' || *at > '3')
        return FALSE;
    at++;
    return begins_with(at, end, "\n") || begins_with(at, end, "\r\n");
}

static VmdkText
text_trim(VmdkText text)
{
    while (text.len > 0 && g_ascii_isspace(text.bytes[text.len - 1]))
        text.len--;
    while (text.len > 0 && g_ascii_isspace(text.bytes[0])) {
        text.bytes++;
        text.place++;
        text.len--;
    }
    return text;
}

/* The line at *pos, without its end and blanks around it. */
static gboolean
line_next(const VmdkText *text, gsize *pos, VmdkText *out_line)
{
    const guint8 *start;
    const guint8 *end;

    if (*pos >= text->len)
        return FALSE;
    start = text->bytes + *pos;
    end = memchr(start, '\n', text->len - *pos);
    out_line->bytes = start;
    out_line->len = end != NULL ? (gsize) (end - start) : text->len - *pos;
    out_line->place = text->place + *pos;
    *pos += out_line->len + 1;
    *out_line = text_trim(*out_line);
    return TRUE;
}

/* "key = value", where value may be quoted. */
static gboolean
line_split(const VmdkText *line, VmdkText *out_key, VmdkText *out_value)
{
    const guint8 *equals =
        line->len > 0 && line->bytes[0] != '#' ? memchr(line->bytes, '=', line->len) : NULL;
    const guint8 *quote;
    gsize key_len;

    if (equals == NULL)
        return FALSE;
    key_len = (gsize) (equals - line->bytes);
    *out_key = text_trim((VmdkText) { line->bytes, key_len, line->place });
    *out_value =
        text_trim((VmdkText) { equals + 1, line->len - key_len - 1, line->place + key_len + 1 });
    if (out_value->len == 0 || out_value->bytes[0] != '"')
        return TRUE;
    out_value->bytes++;
    out_value->place++;
    out_value->len--;
    quote = memchr(out_value->bytes, '"', out_value->len);
    if (quote != NULL)
        out_value->len = (gsize) (quote - out_value->bytes);
    return TRUE;
}

static gboolean
text_is(const VmdkText *text, const char *name)
{
    return text->len == strlen(name)
           && g_ascii_strncasecmp((const char *) text->bytes, name, text->len) == 0;
}

static void
entry_set(VmdkEntry *entry, const VmdkText *value)
{
    if (entry->value.bytes == NULL)
        entry->value = *value;
    else if (entry->value.len != value->len
             || memcmp(entry->value.bytes, value->bytes, value->len) != 0)
        entry->is_contradicted = TRUE;
}

void
vmdk_descriptor_read(const VmdkText *text, VmdkDescriptor *out_descriptor)
{
    VmdkText line;
    VmdkText key;
    VmdkText value;
    gsize pos = 0;

    memset(out_descriptor, 0, sizeof *out_descriptor);
    while (line_next(text, &pos, &line)) {
        if (!line_split(&line, &key, &value))
            continue;
        for (guint i = 0; i < VMDK_KEY_COUNT; i++) {
            if (text_is(&key, keys[i]))
                entry_set(&out_descriptor->entries[i], &value);
        }
        if (out_descriptor->encryption.bytes == NULL && key.len >= strlen(ENCRYPTION_PREFIX)
            && g_ascii_strncasecmp((const char *) key.bytes, ENCRYPTION_PREFIX,
                                   strlen(ENCRYPTION_PREFIX))
                   == 0)
            out_descriptor->encryption = key;
    }
}

gboolean
vmdk_text_is_descriptor(const guint8 *head, gsize size)
{
    VmdkText text = { head, size, 0 };
    VmdkText line;
    VmdkText key;
    VmdkText value;
    gsize pos = 0;

    if (vmdk_text_is_probed_by_qemu(head, size))
        return TRUE;
    while (line_next(&text, &pos, &line)) {
        if (line.len == 0 || line.bytes[0] == '#')
            continue;
        if (!line_split(&line, &key, &value)
            || !(text_is(&key, keys[VMDK_VERSION]) || text_is(&key, keys[VMDK_ENCODING])
                 || text_is(&key, keys[VMDK_CID])))
            return FALSE;
        return g_strstr_len((const char *) head, (gssize) size, "createType") != NULL;
    }
    return FALSE;
}

/* What stands behind the first place that has the name, and so many bytes more. */
static gboolean
qemu_find(const VmdkText *text, const char *name, gsize skipped, VmdkText *out_rest)
{
    const char *start = (const char *) text->bytes;
    const char *found = text->len > 0 ? g_strstr_len(start, (gssize) text->len, name) : NULL;
    gsize pos = found != NULL ? (gsize) (found - start) + strlen(name) + skipped : 0;

    *out_rest = (VmdkText) { NULL, 0, 0 };
    if (found == NULL)
        return FALSE;
    if (pos < text->len)
        *out_rest = (VmdkText) { text->bytes + pos, text->len - pos, text->place + pos };
    return TRUE;
}

/* As scanf() reads "%x"; gives how many bytes that took, 0: it is no number. */
static gsize
hexadecimal_read(const VmdkText *text, guint32 *out_number)
{
    gsize pos = 0;
    gsize start;
    gboolean is_negative;
    guint64 number = 0;

    while (pos < text->len && g_ascii_isspace(text->bytes[pos]))
        pos++;
    is_negative = pos < text->len && text->bytes[pos] == '-';
    if (pos < text->len && (text->bytes[pos] == '-' || text->bytes[pos] == '+'))
        pos++;
    if (pos + 2 < text->len && text->bytes[pos] == '0' && (text->bytes[pos + 1] | 0x20) == 'x'
        && g_ascii_isxdigit(text->bytes[pos + 2]))
        pos += 2;
    for (start = pos; pos < text->len && g_ascii_isxdigit(text->bytes[pos]); pos++) {
        if (number > G_MAXUINT64 >> 4)
            is_negative = FALSE;
        number = number > G_MAXUINT64 >> 4
                     ? G_MAXUINT64
                     : number << 4 | (guint64) g_ascii_xdigit_value((char) text->bytes[pos]);
    }
    if (pos == start)
        return 0;
    *out_number = (guint32) (is_negative ? -number : number);
    return pos;
}

gboolean
vmdk_qemu_number(const VmdkText *text, const char *name, guint32 *out_number)
{
    VmdkText rest;

    return qemu_find(text, name, 1, &rest) && hexadecimal_read(&rest, out_number) > 0;
}

gboolean
vmdk_qemu_text(const VmdkText *text, const char *name, VmdkText *out_value, gboolean *out_is_named)
{
    const guint8 *quote;

    *out_is_named = qemu_find(text, name, 2, out_value);
    quote = out_value->len > 0 ? memchr(out_value->bytes, '"', out_value->len) : NULL;
    if (quote == NULL)
        return FALSE;
    out_value->len = (gsize) (quote - out_value->bytes);
    return TRUE;
}

gboolean
vmdk_text_number(const VmdkText *text, guint32 *out_number)
{
    return text->len > 0 && hexadecimal_read(text, out_number) == text->len;
}
