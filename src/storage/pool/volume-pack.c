/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* volume-pack.c: the facts of a volume as bytes that the catalogue keeps: 32 bits that say which fields are there, then those
 * in the order of volume.def, texts with their NUL, at the end a checksum of 64 bits. A number is one byte when it is small,
 * else a byte that says how many follow, the lowest first; a time is what it lies behind the last one before it. Short rows are
 * written faster: what they cost is mostly the pages that they fill. */
#include "storage/pool/volume-pack.h"

#include "util/hash.h"
#include "util/reader.h"

#include <string.h>

G_STATIC_ASSERT(VP_VOLUME_FIELD_COUNT <= 32);

/* Name and path come first in the table; the catalogue has them elsewhere. */
#define FIRST_FIELD 2
G_STATIC_ASSERT(G_STRUCT_OFFSET(VpVolumeFacts, path) == sizeof(char *));

static gboolean
is_text(const VpVolumeField *field)
{
    return vp_volume_type_is_text(field->type);
}

/* Of the bytes and of what they are said of: a row whose name was changed is as damaged as one whose facts were. */
static guint64
checksum_of(guint64 pool, const char *name, const guint8 *bytes, gsize len)
{
    /* Spread over all bits: small numbers and the letters of a short name would cancel each other out. */
    VpHashKey key = { 0x9e3779b97f4a7c15, pool * G_GUINT64_CONSTANT(0xd6e8feb86659fd93) };

    key.high = vp_hash_quick(&key, name, strlen(name));
    return vp_hash_quick(&key, bytes, len);
}

/* Bytes that most volumes fit into. */
#define FIRST_ROOM 1024

/* Bytes that all but the texts take at most. */
#define ROOM_WITHOUT_TEXTS (sizeof(guint32) + VP_VOLUME_FIELD_COUNT * NUMBER_MAX + sizeof(guint64))

/* Bytes of a number at most. */
#define NUMBER_MAX (1 + sizeof(guint64))
/* Up to here a number is its byte; above it stand the bytes that say how many follow. */
#define SMALL_MAX (G_MAXUINT8 - sizeof(guint64))

/* Where the next byte goes in an array that has room for all but texts behind it. */
typedef struct {
    GByteArray *out;
    guint8 *place;
    guint64 last_time;
} Packer;

static void
pack_text(Packer *packer, const char *text)
{
    gsize len = strlen(text) + 1;
    gsize before = (gsize) (packer->place - packer->out->data);

    if (before + len > packer->out->len - ROOM_WITHOUT_TEXTS) {
        g_byte_array_set_size(packer->out, (guint) (2 * (before + len) + ROOM_WITHOUT_TEXTS));
        packer->place = packer->out->data + before;
    }
    memcpy(packer->place, text, len);
    packer->place += len;
}

static void
pack_number(Packer *packer, guint64 number)
{
    const guint64 bytes = GUINT64_TO_LE(number);
    gsize len = 0;

    if (number <= SMALL_MAX) {
        *packer->place++ = (guint8) number;
        return;
    }
    for (guint64 left = number; left != 0; left >>= 8)
        len++;
    *packer->place++ = (guint8) (SMALL_MAX + len);
    /* All of it, because there is room; the next one is written over what is too much. */
    memcpy(packer->place, &bytes, sizeof bytes);
    packer->place += len;
}

/* Writes a field. FALSE: there is nothing to say of it. */
static gboolean
pack_field(Packer *packer, const VpVolumeFacts *facts, const VpVolumeField *field)
{
    guint64 number;
    const char *text;

    if (field->type == VP_VOLUME_BOOL)
        return vp_volume_is(facts, field);
    if (is_text(field)) {
        text = vp_volume_text(facts, field);
        if (text != NULL)
            pack_text(packer, text);
        return text != NULL;
    }
    number = vp_volume_number(facts, field);
    if (number == VP_VOLUME_UNKNOWN)
        return FALSE;
    if (field->type == VP_VOLUME_TIME) {
        const guint64 time = number;

        number -= packer->last_time;
        packer->last_time = time;
    }
    pack_number(packer, number);
    return TRUE;
}

void
vp_volume_pack(const VpVolumeFacts *facts, guint64 pool, GByteArray *out)
{
    Packer packer = { .out = out };
    guint32 present = 0;
    guint64 checksum;
    gsize len;

    g_byte_array_set_size(out, FIRST_ROOM);
    packer.place = out->data + sizeof present;
    for (guint i = FIRST_FIELD; i < VP_VOLUME_FIELD_COUNT; i++) {
        if (pack_field(&packer, facts, &vp_volume_fields[i]))
            present |= (guint32) 1 << i;
    }
    present = GUINT32_TO_LE(present);
    memcpy(out->data, &present, sizeof present);
    len = (gsize) (packer.place - out->data);
    checksum = checksum_of(pool, facts->name, out->data, len);
    checksum = GUINT64_TO_LE(checksum);
    memcpy(packer.place, &checksum, sizeof checksum);
    g_byte_array_set_size(out, (guint) (len + sizeof checksum));
}

/* The text up to its NUL; NULL when there is no NUL. */
static const char *
read_text(VpReader *reader)
{
    gsize left = vp_reader_remaining(reader);
    const char *text = left > 0 ? (const char *) reader->data + reader->pos : "";

    return (const char *) vp_reader_bytes(reader, strnlen(text, left) + 1);
}

static guint64
read_number(VpReader *reader)
{
    const guint8 *first = vp_reader_bytes(reader, 1);
    guint64 number = 0;
    const guint8 *bytes;
    gsize len;

    if (first == NULL || *first <= SMALL_MAX)
        return first != NULL ? *first : 0;
    len = *first - SMALL_MAX;
    bytes = vp_reader_bytes(reader, len);
    if (bytes != NULL)
        memcpy(&number, bytes, len);
    return GUINT64_FROM_LE(number);
}

static void
unpack_field(VpReader *reader, const VpVolumeField *field, guint64 *last_time, VpVolumeFacts *facts)
{
    guint64 number;

    if (field->type == VP_VOLUME_BOOL)
        G_STRUCT_MEMBER(guint8, facts, field->offset) = TRUE;
    else if (is_text(field))
        G_STRUCT_MEMBER(const char *, facts, field->offset) = read_text(reader);
    else {
        number = read_number(reader);
        if (field->type == VP_VOLUME_TIME)
            number = *last_time += number;
        G_STRUCT_MEMBER(guint64, facts, field->offset) = number;
    }
}

gboolean
vp_volume_unpack(const guint8 *bytes, gsize len, guint64 pool, const char *name,
                 VpVolumeFacts *facts)
{
    guint64 last_time = 0;
    guint64 checksum;
    VpReader reader;
    guint32 present;

    if (len < sizeof checksum)
        return FALSE;
    len -= sizeof checksum;
    memcpy(&checksum, bytes + len, sizeof checksum);
    if (GUINT64_FROM_LE(checksum) != checksum_of(pool, name, bytes, len))
        return FALSE;
    vp_reader_init(&reader, bytes, len, 0);
    present = vp_reader_u32le(&reader);
    vp_volume_facts_init(facts);
    facts->name = name;
    for (guint i = FIRST_FIELD; i < VP_VOLUME_FIELD_COUNT; i++) {
        if ((present >> i & 1) != 0)
            unpack_field(&reader, &vp_volume_fields[i], &last_time, facts);
    }
    return !vp_reader_failed(&reader) && vp_reader_remaining(&reader) == 0 && facts->state != NULL;
}
