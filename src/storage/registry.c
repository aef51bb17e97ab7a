/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registry.c: the table of formats, and recognising them from bytes. */
#include "storage/registry.h"

#include "storage/registry-index.h"

#include <string.h>

/* A weak signature followed by a larger version number is text, not an image. */
#define EXPECTED_VERSION_MAX 255

#define FORMAT(name) extern const VpFormat vp_format_##name;
#include "storage/formats.def"
#undef FORMAT

static const VpFormat *const registry[] = {
#define FORMAT(name) &vp_format_##name,
#include "storage/formats.def"
#undef FORMAT
};

G_STATIC_ASSERT(G_N_ELEMENTS(registry) <= VP_FORMATS_MAX);

const VpFormat *
vp_registry_nth(guint index)
{
    return index < G_N_ELEMENTS(registry) ? registry[index] : NULL;
}

static gboolean
format_is_called(const VpFormat *format, const char *name)
{
    if (strcmp(format->name, name) == 0)
        return TRUE;
    return format->aliases != NULL && g_strv_contains(format->aliases, name);
}

const VpFormat *
vp_registry_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(registry); i++) {
        if (format_is_called(registry[i], name))
            return registry[i];
    }
    return NULL;
}

VpFormatSet
vp_registry_bit(const VpFormat *format)
{
    guint i = 0;

    while (registry[i] != format)
        i++;
    return vp_format_set_one(i);
}

gboolean
vp_format_accepts_version(const VpFormat *format, guint64 version)
{
    const VpVersionRule *rule = &format->version;

    for (guint i = 0; i < rule->n_accepted; i++) {
        if (rule->accepted[i] == version)
            return TRUE;
    }
    return rule->mode == VP_VERSION_NONE;
}

gboolean
vp_format_is_probed_by_qemu(const VpFormat *format, guint64 version)
{
    switch (format->qemu_probe) {
    case VP_QEMU_ACCEPTED:
    case VP_QEMU_UNLESS_NAMED:
        return vp_format_accepts_version(format, version);
    case VP_QEMU_FROM_MINIMUM:
        return version >= format->qemu_minimum
               && (format->qemu_maximum == 0 || version <= format->qemu_maximum);
    default:
        return FALSE;
    }
}

static guint64
word_at(const void *bytes)
{
    guint64 word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Whether len bytes are the same as far as the mask counts them. */
static gboolean
masked_is_equal(const guint8 *a, const char *b, const char *mask, guint len)
{
    guint64 differences = 0;
    guint i = 0;

    for (; i + sizeof(guint64) <= len; i += sizeof(guint64))
        differences |= (word_at(a + i) ^ word_at(b + i)) & word_at(mask + i);
    for (; i < len; i++)
        differences |= (guint8) (a[i] ^ (guint8) b[i]) & (guint8) mask[i];
    return differences == 0;
}

gboolean
vp_magic_matches(const VpMagic *magic, const guint8 *bytes)
{
    if (magic->text_width > 0) {
        gsize len = strnlen((const char *) bytes, magic->text_width);

        return len >= magic->len && memcmp(bytes + len - magic->len, magic->bytes, magic->len) == 0;
    }
    if (magic->mask == NULL)
        return memcmp(bytes, magic->bytes, magic->len) == 0;
    return masked_is_equal(bytes, magic->bytes, magic->mask, magic->len);
}

static gboolean
magic_is_at_head(const VpMagic *magic, const guint8 *head, gsize size)
{
    return !magic->is_from_end && size >= magic->len && magic->offset <= size - magic->len
           && vp_magic_matches(magic, head + magic->offset);
}

guint64
vp_format_head_version(const VpFormat *format, const guint8 *head, gsize size, gboolean *out_is_cut)
{
    const VpHeaderField *row = &format->fields[format->version.field];
    guint8 padded[8] = { 0 };

    *out_is_cut = size < (gsize) row->offset + row->width;
    if (!*out_is_cut)
        return vp_bytes_to_uint(head + row->offset, row->width, format->order);
    if (size > row->offset)
        memcpy(padded, head + row->offset, size - row->offset);
    return vp_bytes_to_uint(padded, row->width, format->order);
}

/* A few bytes of magic are any text, so a format with a version is not recognised in a file that ends before it,
 * unless QEMU does it. */
static gboolean
version_matches(const VpFormat *format, const VpMagic *magic, const guint8 *head, gsize size)
{
    guint64 version;
    gboolean is_cut;

    if (format->version.mode == VP_VERSION_NONE)
        return TRUE;
    version = vp_format_head_version(format, head, size, &is_cut);
    if (is_cut)
        return vp_format_is_probed_by_qemu(format, version);
    if (magic->evidence == VP_EVIDENCE_WEAK && version > EXPECTED_VERSION_MAX)
        return FALSE;
    return format->version.mode == VP_VERSION_JUDGED || vp_format_accepts_version(format, version);
}

/* What stands for the signature of a format that is recognised by its text. */
static const VpMagic text_magic = { .evidence = VP_EVIDENCE_WEAK };

static gboolean
lead_applies(const VpLead *lead, const guint8 *head, gsize size)
{
    gsize len;

    if (lead->magic != NULL)
        return magic_is_at_head(lead->magic, head, size);
    len = strlen(lead->text);
    return len <= size && memcmp(head, lead->text, len) == 0;
}

/* Of a lead that applies: what the head is recognised by; NULL: it is not. */
static const VpMagic *
lead_judge(const VpLead *lead, const guint8 *head, gsize size)
{
    if (lead->magic == NULL)
        return lead->format->verify_head(head, size) ? &text_magic : NULL;
    return version_matches(lead->format, lead->magic, head, size) ? lead->magic : NULL;
}

/* The first lead of a format that applies decides. */
static const VpMagic *
format_find_magic(const VpFormat *format, const guint8 *head, gsize size)
{
    for (guint64 rest = vp_registry_leads(head, size); rest != 0; rest &= rest - 1) {
        const VpLead *lead = vp_registry_lead((guint) __builtin_ctzll(rest));

        if (lead->format == format && lead_applies(lead, head, size))
            return lead_judge(lead, head, size);
    }
    return NULL;
}

gboolean
vp_format_head_is_weak(const VpFormat *format, const guint8 *head, gsize size)
{
    const VpMagic *magic = format_find_magic(format, head, size);

    return magic != NULL && magic->evidence == VP_EVIDENCE_WEAK;
}

gboolean
vp_format_matches_head(const VpFormat *format, const guint8 *head, gsize size)
{
    return format_find_magic(format, head, size) != NULL;
}

gboolean
vp_format_is_weak(const VpFormat *format)
{
    return format->magics[0].evidence == VP_EVIDENCE_WEAK;
}

gboolean
vp_formats_share_magic(const VpFormat *a, const VpFormat *b)
{
    return a->magics[0].offset == b->magics[0].offset && a->magics[0].len == b->magics[0].len
           && memcmp(a->magics[0].bytes, b->magics[0].bytes, a->magics[0].len) == 0;
}

/* A format that claims every version of a magic gives way to one that claims exactly this version. */
static void
matches_add(VpMatches *matches, const VpFormat *format, const VpMagic *magic)
{
    for (guint i = 0; i < matches->count; i++) {
        if (vp_formats_share_magic(matches->formats[i], format)) {
            if (format->version.mode == VP_VERSION_IN_MAGIC) {
                matches->formats[i] = format;
                matches->magics[i] = magic;
            }
            return;
        }
    }
    if (matches->count == VP_MATCHES_MAX)
        return;
    matches->formats[matches->count] = format;
    matches->magics[matches->count++] = magic;
}

/* The first lead of a format that applies decides on it. */
static void
match_leads(const guint8 *head, gsize size, guint64 leads, VpMatches *out_matches)
{
    VpMatches weak;

    weak.count = out_matches->count = 0;
    while (leads != 0) {
        const VpLead *lead = vp_registry_lead((guint) __builtin_ctzll(leads));
        const VpMagic *magic;

        leads &= leads - 1;
        if (!lead_applies(lead, head, size))
            continue;
        leads &= ~lead->of_format;
        magic = lead_judge(lead, head, size);
        if (magic != NULL)
            matches_add(magic->evidence == VP_EVIDENCE_WEAK ? &weak : out_matches, lead->format,
                        magic);
    }
    if (out_matches->count == 0)
        *out_matches = weak;
}

void
vp_registry_match_head(const guint8 *head, gsize size, VpMatches *out_matches)
{
    match_leads(head, size, vp_registry_leads(head, size), out_matches);
}

void
vp_registry_match_head_among(const guint8 *head, gsize size, VpFormatSet formats,
                             VpMatches *out_matches)
{
    guint64 leads = vp_registry_leads(head, size);

    for (guint64 rest = leads; rest != 0; rest &= rest - 1) {
        guint number = (guint) __builtin_ctzll(rest);

        if (!vp_format_set_has(formats, vp_registry_lead(number)->number))
            leads &= ~((guint64) 1 << number);
    }
    match_leads(head, size, leads, out_matches);
}
