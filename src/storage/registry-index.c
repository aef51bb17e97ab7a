/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry-index.c: what is asked of the whole table for each image, looked up instead of searched. The index is made from
 * the table when it is first needed. */
#include "storage/registry-index.h"

#include <string.h>

/* Extensions as numbers: no longer than this, which a test sees to. */
#define EXTENSION_MAX ((gsize) 8)
/* Places for them, a power of two and more than twice as many as there are. */
#define EXTENSION_BITS 8
#define EXTENSION_PLACES (1u << EXTENSION_BITS)

/* Signatures of content from the start of a payload. */
#define SIGNATURES_MAX 255

typedef struct {
    guint64 number; /* 0: the place is free */
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
    guint8 key_place;    /* in the signature */
    guint8 number;       /* of its format */
    guint8 magic_number; /* among those of the format */
    const VpMagic *magic;
} Signature;

static struct {
    guint64 by_byte[KEY_BYTES][256]; /* leads with which a head has the byte at that place */
    guint64 any_byte[KEY_BYTES];     /* and those with which it may have any there */
    VpLead leads[LEADS_MAX];
    guint n_leads;
    Extension extensions[EXTENSION_PLACES];
    guint n_extensions;
    Signature signatures[SIGNATURES_MAX]; /* those in the head first */
    guint n_signatures;
    guint n_in_head;
    VpFormatSet behind_head;
    VpFormatSet at_end;
    VpFormatSet with_tail;
    const VpFormat *fallback;
    VpFormatSet refining;
    VpFormatSet refined[VP_FORMATS_MAX];
    VpFormatSet hiding;
    VpFormatSet hidden[VP_FORMATS_MAX];
} table;

static void
set_add(VpFormatSet *set, guint number)
{
    *set = vp_format_set_or(*set, vp_format_set_one(number));
}

/* Without regard to case. */
static guint64
letters_number(const char *letters, gsize len)
{
    guint64 number = 0;

    for (gsize i = 0; i < len; i++) {
        char letter = letters[i];

        number = number << 8 | (guint8) (letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter);
    }
    return number;
}

/* The extension that a name ends with, as a number; 0: it has none, or one that is too long to be ours. */
static guint64
extension_number(const char *name)
{
    gsize len = strlen(name);
    gsize count = 0;

    while (count < len && count <= EXTENSION_MAX && name[len - 1 - count] != '.'
           && name[len - 1 - count] != '/')
        count++;
    if (count == len || count > EXTENSION_MAX || name[len - 1 - count] == '/')
        return 0;
    return letters_number(name + len - count, count);
}

/* Its place, or the free one where it belongs. */
static Extension *
extension_find(guint64 number)
{
    guint64 place = number * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) >> (64 - EXTENSION_BITS);

    while (table.extensions[place].number != number && table.extensions[place].number != 0)
        place = (place + 1) % EXTENSION_PLACES;
    return &table.extensions[place];
}

static void
index_extensions(const VpFormat *format, VpFormatSet bit)
{
    for (guint i = 0; format->extensions != NULL && format->extensions[i] != NULL; i++) {
        gsize len = strlen(format->extensions[i]);
        guint64 number = letters_number(format->extensions[i], len);
        Extension *extension = extension_find(number);

        table.n_extensions += extension->number == 0;
        g_assert(len > 0 && len <= EXTENSION_MAX && table.n_extensions <= EXTENSION_PLACES / 2);
        extension->number = number;
        extension->formats = vp_format_set_or(extension->formats, bit);
    }
}

static guint64
lead_bit(guint number)
{
    return (guint64) 1 << number;
}

/* Heads with the bytes: the one at the place; with the mask several, and any behind them. */
static void
index_byte(guint64 bit, guint place, const char *bytes, gsize len, const char *masks)
{
    guint8 mask = masks != NULL && place < len ? (guint8) masks[place] : 0xff;
    guint8 wanted = place < len ? (guint8) bytes[place] : 0;

    if (place >= len) {
        table.any_byte[place] |= bit;
        return;
    }
    for (guint byte = mask == 0xff ? wanted : 0; byte <= (mask == 0xff ? wanted : 0xff); byte++) {
        if (((byte ^ wanted) & mask) == 0)
            table.by_byte[place][byte] |= bit;
    }
}

static void
index_lead(const VpLead *lead)
{
    guint64 bit = lead_bit(table.n_leads);

    g_assert(table.n_leads + 1 < LEADS_MAX);
    for (guint place = 0; place < KEY_BYTES; place++) {
        if (lead->magic == NULL)
            index_byte(bit, place, lead->text, strlen(lead->text), NULL);
        else if (lead->magic->offset > 0)
            table.any_byte[place] |= bit;
        else
            index_byte(bit, place, lead->magic->bytes, lead->magic->len, lead->magic->mask);
    }
    table.leads[table.n_leads++] = *lead;
}

static void
index_leads(const VpFormat *format, guint number)
{
    const char *const *text = format->text_begins;
    guint first = table.n_leads;

    for (const VpMagic *magic = format->magics; magic != NULL && magic->len > 0; magic++) {
        if (magic->is_from_end)
            set_add(&table.with_tail, number);
        else
            index_lead(&(VpLead) { .format = format, .number = number, .magic = magic });
    }
    for (; text != NULL && *text != NULL; text++)
        index_lead(&(VpLead) { .format = format, .number = number, .text = *text });
    for (guint i = first; i < table.n_leads; i++)
        table.leads[i].of_format = lead_bit(table.n_leads) - lead_bit(first);
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

/* Where all that belongs to it ends. */
static guint32
signature_end(const VpMagic *magic)
{
    guint32 len = MAX(magic->len, magic->text_width);

    return magic->offset
           + MAX(len, magic->also_len > 0 ? magic->also_behind + magic->also_len : 0u);
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
        .end = signature_end(magic),
        .key_mask = magic->mask != NULL ? two_bytes(magic->mask + best) : G_MAXUINT16,
        .key_place = (guint8) best,
        .number = (guint8) number,
        .magic_number = (guint8) (magic - vp_registry_nth(number)->magics),
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
                set_add(&table.at_end, i);
            else if (is_in_head == (signature_end(magic) <= VP_HEAD_SIZE))
                index_signature(magic, i);
            else if (is_in_head)
                set_add(&table.behind_head, i);
        }
    }
}

static void
index_refined(const VpFormat *format, guint number)
{
    if (format->refines == NULL)
        return;
    set_add(&table.refining, number);
    table.refined[number] = vp_registry_bit(vp_registry_find(format->refines));
}

static void
index_hidden(const VpFormat *format, guint number)
{
    for (guint i = 0; format->hides != NULL && format->hides[i] != NULL; i++) {
        set_add(&table.hiding, number);
        table.hidden[number] = vp_format_set_or(
            table.hidden[number], vp_registry_bit(vp_registry_find(format->hides[i])));
    }
}

static void
index_make(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        VpFormatSet bit = vp_format_set_one(i);

        index_extensions(format, bit);
        index_refined(format, i);
        index_hidden(format, i);
        if (format->layer == VP_LAYER_CONTAINER)
            index_leads(format, i);
        else if (format->layer == VP_LAYER_FALLBACK)
            table.fallback = format;
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
    guint64 leads;

    index_need();
    if (size == 0)
        return 0;
    leads = table.by_byte[0][head[0]] | table.any_byte[0];
    return size < KEY_BYTES ? leads : leads & (table.by_byte[1][head[1]] | table.any_byte[1]);
}

const VpLead *
vp_registry_lead(guint number)
{
    return &table.leads[number];
}

VpFormatSet
vp_registry_named(const char *name)
{
    guint64 number = extension_number(name);

    index_need();
    return number != 0 ? extension_find(number)->formats : vp_format_set_empty();
}

const VpFormat *
vp_registry_fallback(void)
{
    index_need();
    return table.fallback;
}

/* A special case needs not be looked for where what it is a case of was not found. */
static gboolean
is_base_found(const VpContents *contents, guint number)
{
    return vp_format_set_is_empty(table.refined[number])
           || vp_format_set_meets(contents->formats, table.refined[number]);
}

static gboolean
signature_matches(const VpMagic *magic, const guint8 *bytes)
{
    return vp_magic_matches(magic, bytes)
           && (magic->also_len == 0
               || memcmp(bytes + magic->also_behind, magic->also, magic->also_len) == 0);
}

void
vp_registry_match_contents(const guint8 *bytes, guint64 start, gsize size, VpFormatSet wanted,
                           VpContents *contents)
{
    guint first = start < VP_HEAD_SIZE ? 0 : table.n_in_head;
    guint end = start + size <= VP_HEAD_SIZE ? table.n_in_head : table.n_signatures;

    for (guint i = first; i < end; i++) {
        const Signature *signature = &table.signatures[i];
        const guint8 *found;

        if (signature->start < start || signature->end > start + size)
            continue;
        found = bytes + (signature->start - start);
        if ((two_bytes(found + signature->key_place) & signature->key_mask) != signature->key)
            continue;
        if (!vp_format_set_has(wanted, signature->number)
            || vp_format_set_has(contents->formats, signature->number)
            || !is_base_found(contents, signature->number)
            || !signature_matches(signature->magic, found))
            continue;
        set_add(&contents->formats, signature->number);
        contents->magics[signature->number] = signature->magic_number;
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
vp_registry_with_tail(void)
{
    index_need();
    return table.with_tail;
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

VpFormatSet
vp_registry_hiding(void)
{
    return table.hiding;
}

VpFormatSet
vp_registry_hidden_by(guint number)
{
    return table.hidden[number];
}

/* QEMU compares with case, and wants something before the extension. */
const VpFormat *
vp_registry_qemu_named(const char *name, VpFormatSet named)
{
    while (!vp_format_set_is_empty(named)) {
        const VpFormat *format = vp_registry_nth(vp_format_set_take(&named));

        if (format->qemu_probe == VP_QEMU_BY_NAME && g_str_has_suffix(name, format->extensions[0])
            && strlen(name) > strlen(format->extensions[0]) + 1)
            return format;
    }
    return NULL;
}
