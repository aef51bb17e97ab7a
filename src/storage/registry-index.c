/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry-index.c: what is asked of the whole table for each image, looked up instead of searched. The index is made from
 * the table when it is first needed. */
#include "storage/registry-index.h"

#include <string.h>

/* Extensions as numbers: no longer than this, which a test sees to. */
#define EXTENSION_MAX ((gsize) 8)
#define EXTENSIONS_MAX 96

/* Signatures of content from the start of a payload. */
#define SIGNATURES_MAX 160

typedef struct {
    guint64 extension;
    VpFormatSet formats;
} Extension;

/* Of a head, by which ways to recognise it are told apart before signatures are compared. */
#define KEY_BYTES 2
#define LEADS_MAX 64

/* A signature with two bytes of it that tell most: where these are wrong no more is compared. */
typedef struct {
    guint32 start;
    guint32 end;
    guint16 key;
    guint16 key_mask;
    guint8 key_place; /* in the signature */
    guint8 number;    /* of its format */
    const VpMagic *magic;
} Signature;

static struct {
    guint64 by_byte[KEY_BYTES][256]; /* leads with which a head may have the byte at that place */
    VpLead leads[LEADS_MAX];
    guint n_leads;
    Extension extensions[EXTENSIONS_MAX];
    guint n_extensions;
    Signature signatures[SIGNATURES_MAX]; /* those in the head first */
    guint n_signatures;
    guint n_in_head;
    VpFormatSet behind_head;
    VpFormatSet at_end;
    VpFormatSet refining;
    VpFormatSet refined[8 * sizeof(VpFormatSet)];
} table;

/* The extension as a number, without regard to case; 0: it is too long to be one of ours. */
static guint64
extension_number(const char *extension)
{
    gsize len = strlen(extension);
    guint64 number = 0;

    for (gsize i = 0; len <= EXTENSION_MAX && i < len; i++)
        number = number << 8 | (guint8) g_ascii_tolower(extension[i]);
    return number;
}

static VpFormatSet *
extension_find(guint64 number)
{
    for (guint i = 0; i < table.n_extensions; i++) {
        if (table.extensions[i].extension == number)
            return &table.extensions[i].formats;
    }
    return NULL;
}

static void
index_extensions(const VpFormat *format, VpFormatSet bit)
{
    for (guint i = 0; format->extensions != NULL && format->extensions[i] != NULL; i++) {
        guint64 number = extension_number(format->extensions[i]);
        VpFormatSet *formats = extension_find(number);

        g_assert(number != 0 && table.n_extensions < EXTENSIONS_MAX);
        if (formats == NULL) {
            table.extensions[table.n_extensions].extension = number;
            formats = &table.extensions[table.n_extensions++].formats;
        }
        *formats |= bit;
    }
}

/* Whether a head with the signature may have the byte at the place; with one elsewhere it may be any. */
static gboolean
magic_allows(const VpMagic *magic, guint place, guint byte)
{
    guint8 mask;

    if (magic->offset > 0 || place >= magic->len)
        return TRUE;
    mask = magic->mask != NULL ? (guint8) magic->mask[place] : 0xff;
    return ((byte ^ (guint8) magic->bytes[place]) & mask) == 0;
}

/* The same for a text; behind its beginning it may be any. */
static gboolean
text_allows(const char *text, guint place, guint byte)
{
    return strlen(text) <= place || (guint8) text[place] == byte;
}

static void
index_lead(const VpLead *lead)
{
    guint64 bit = (guint64) 1 << table.n_leads;

    g_assert(table.n_leads < LEADS_MAX);
    for (guint place = 0; place < KEY_BYTES; place++) {
        for (guint byte = 0; byte < G_N_ELEMENTS(table.by_byte[place]); byte++) {
            if (lead->magic != NULL ? magic_allows(lead->magic, place, byte)
                                    : text_allows(lead->text, place, byte))
                table.by_byte[place][byte] |= bit;
        }
    }
    table.leads[table.n_leads++] = *lead;
}

static void
index_leads(const VpFormat *format, VpFormatSet bit)
{
    const char *const *text = format->text_begins;

    for (const VpMagic *magic = format->magics; magic != NULL && magic->len > 0; magic++) {
        if (!magic->is_from_end)
            index_lead(&(VpLead) { .format = format, .bit = bit, .magic = magic });
    }
    for (; text != NULL && *text != NULL; text++)
        index_lead(&(VpLead) { .format = format, .bit = bit, .text = *text });
}

static guint16
two_bytes(const void *bytes)
{
    guint16 value;

    memcpy(&value, bytes, sizeof value);
    return value;
}

/* Of two bytes of a signature: how much they tell. Zeros are everywhere. */
static guint
key_worth(const VpMagic *magic, guint place)
{
    guint16 key = two_bytes(magic->bytes + place);
    guint16 mask = magic->mask != NULL ? two_bytes(magic->mask + place) : G_MAXUINT16;

    return (key & mask) == 0 ? 0 : (guint) __builtin_popcount(mask);
}

static void
index_signature(const VpMagic *magic, guint number)
{
    Signature *signature = &table.signatures[table.n_signatures++];
    guint best = 0;

    g_assert(table.n_signatures <= SIGNATURES_MAX && magic->len >= 2);
    for (guint i = 1; i + 2 <= magic->len; i++) {
        if (key_worth(magic, i) > key_worth(magic, best))
            best = i;
    }
    *signature = (Signature) {
        .start = magic->offset,
        .end = magic->offset + MAX(magic->len, magic->text_width),
        .key_mask = magic->mask != NULL ? two_bytes(magic->mask + best) : G_MAXUINT16,
        .key_place = (guint8) best,
        .number = (guint8) number,
        .magic = magic,
    };
    /* It may stand anywhere in its text. */
    if (magic->text_width > 0)
        signature->key_mask = 0;
    signature->key = two_bytes(magic->bytes + best) & signature->key_mask;
}

/* Signatures of content that lie in the head, or those that do not. */
static void
index_contents(gboolean is_in_head)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        if (format->layer != VP_LAYER_CONTENT && format->layer != VP_LAYER_WRAPPER)
            continue;
        for (const VpMagic *magic = format->magics; magic->len > 0; magic++) {
            if (magic->is_from_end)
                table.at_end |= (VpFormatSet) 1 << i;
            else if (is_in_head == (magic->offset + magic->len <= VP_HEAD_SIZE))
                index_signature(magic, i);
            else
                table.behind_head |= is_in_head ? (VpFormatSet) 1 << i : 0;
        }
    }
}

static void
index_refined(const VpFormat *format, guint number)
{
    if (format->refines == NULL)
        return;
    table.refining |= (VpFormatSet) 1 << number;
    table.refined[number] = vp_registry_bit(vp_registry_find(format->refines));
}

static void
index_make(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        VpFormatSet bit = (VpFormatSet) 1 << i;

        index_extensions(format, bit);
        index_refined(format, i);
        if (format->layer == VP_LAYER_CONTAINER)
            index_leads(format, bit);
    }
    index_contents(TRUE);
    table.n_in_head = table.n_signatures;
    index_contents(FALSE);
}

static void
index_need(void)
{
    static gsize is_made;

    if (g_once_init_enter(&is_made)) {
        index_make();
        g_once_init_leave(&is_made, 1);
    }
}

guint64
vp_registry_leads(const guint8 *head, gsize size)
{
    index_need();
    if (size < KEY_BYTES)
        return size > 0 ? table.by_byte[0][head[0]] : 0;
    return table.by_byte[0][head[0]] & table.by_byte[1][head[1]];
}

const VpLead *
vp_registry_lead(guint number)
{
    return &table.leads[number];
}

VpFormatSet
vp_registry_named(const char *name)
{
    const char *base = strrchr(name, '/');
    const char *dot = strrchr(base != NULL ? base : name, '.');
    guint64 number = dot != NULL ? extension_number(dot + 1) : 0;
    const VpFormatSet *formats;

    index_need();
    formats = number != 0 ? extension_find(number) : NULL;
    return formats != NULL ? *formats : 0;
}

/* A special case needs not be looked for where what it is a case of was not found. */
static gboolean
is_base_found(const VpContents *contents, guint number)
{
    return table.refined[number] == 0 || (contents->formats & table.refined[number]) != 0;
}

void
vp_registry_match_contents(const guint8 *bytes, guint64 start, gsize size, VpFormatSet wanted,
                           VpContents *contents)
{
    guint first = start < VP_HEAD_SIZE ? 0 : table.n_in_head;
    guint end = start + size <= VP_HEAD_SIZE ? table.n_in_head : table.n_signatures;

    for (guint i = first; i < end; i++) {
        const Signature *signature = &table.signatures[i];
        VpFormatSet bit = (VpFormatSet) 1 << signature->number;
        const guint8 *found;

        if (signature->start < start || signature->end > start + size)
            continue;
        found = bytes + (signature->start - start);
        if ((two_bytes(found + signature->key_place) & signature->key_mask) != signature->key)
            continue;
        if ((bit & wanted & ~contents->formats) == 0 || !is_base_found(contents, signature->number)
            || !vp_magic_matches(signature->magic, found))
            continue;
        contents->formats |= bit;
        contents->magics[signature->number] = signature->magic;
    }
}

VpFormatSet
vp_registry_behind_head(void)
{
    index_need();
    return table.behind_head;
}

VpFormatSet
vp_registry_at_end(void)
{
    index_need();
    return table.at_end;
}

VpFormatSet
vp_registry_refining(void)
{
    index_need();
    return table.refining;
}

VpFormatSet
vp_registry_refined_by(guint number)
{
    return table.refined[number];
}

/* QEMU compares with case, and wants something before the extension. */
const VpFormat *
vp_registry_qemu_named(const char *name)
{
    for (VpFormatSet rest = vp_registry_named(name); rest != 0; rest &= rest - 1) {
        const VpFormat *format = vp_registry_nth((guint) __builtin_ctzll(rest));

        if (format->qemu_probe == VP_QEMU_BY_NAME && g_str_has_suffix(name, format->extensions[0])
            && strlen(name) > strlen(format->extensions[0]) + 1)
            return format;
    }
    return NULL;
}
