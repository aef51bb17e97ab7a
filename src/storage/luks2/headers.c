/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* headers.c: the two copies of a LUKS2 header: which of them is sound and counts. */
#include "storage/luks2/luks2.h"
#include "util/numbers.h"
#include "util/text.h"

#include <string.h>

#define BINARY_SIZE LUKS2_BINARY_SIZE
#define SIZE_MIN (16 * 1024)
#define SIZE_MAX_OF_FORMAT (4 * 1024 * 1024)
/* Both copies must be read within the budget; cryptsetup makes 16 KiB unless told otherwise. */
#define SIZE_READ_MAX (1024 * 1024)
#define CHECKSUM_AT 448
#define CHECKSUM_LEN 64

typedef enum {
    COPY_SOUND,
    COPY_NONE, /* no header at all */
    COPY_FIELDS,
    COPY_CUT,
    COPY_TOO_LARGE,
    COPY_ALGORITHM,
    COPY_CHECKSUM,
} CopyState;

static const struct {
    const char *name;
    GChecksumType type;
} algorithms[] = {
    { "sha256", G_CHECKSUM_SHA256 },
    { "sha512", G_CHECKSUM_SHA512 },
    { "sha384", G_CHECKSUM_SHA384 },
    { "sha1", G_CHECKSUM_SHA1 },
};

static void
read_text(VpReader *reader, gsize len, char *out_text)
{
    const guint8 *bytes = vp_reader_bytes(reader, len);

    out_text[0] = '\0';
    if (bytes != NULL)
        g_strlcpy(out_text, (const char *) bytes, len + 1);
}

/* Fields of the binary header. FALSE: it is none of this version, or says that it lies elsewhere. */
static CopyState
copy_read_fields(VpReader *reader, gboolean is_second, Luks2Header *header)
{
    const guint8 *magic = vp_reader_bytes(reader, 6);
    guint64 own_offset;
    guint version;

    if (magic == NULL || memcmp(magic, is_second ? "SKUL\xba\xbe" : "LUKS\xba\xbe", 6) != 0)
        return COPY_NONE;
    version = vp_reader_u16be(reader);
    header->size = vp_reader_u64be(reader);
    header->sequence = vp_reader_u64be(reader);
    read_text(reader, 48, header->label);
    read_text(reader, 32, header->algorithm);
    vp_reader_skip(reader, 64);
    read_text(reader, 40, header->uuid);
    read_text(reader, 48, header->subsystem);
    own_offset = vp_reader_u64be(reader);
    if (vp_reader_failed(reader) || version != 2 || own_offset != header->offset
        || header->size < SIZE_MIN || header->size > SIZE_MAX_OF_FORMAT
        || !vp_is_power_of_two(header->size))
        return COPY_FIELDS;
    return header->size > SIZE_READ_MAX ? COPY_TOO_LARGE : COPY_SOUND;
}

/* The checksum is made of all bytes of the copy, its own counted as zeros. */
static CopyState
copy_check(const Luks2Header *header, const guint8 *bytes)
{
    static const guint8 zeros[CHECKSUM_LEN];
    guint8 digest[CHECKSUM_LEN];
    gsize len = sizeof digest;
    g_autoptr(GChecksum) sum = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(algorithms) && sum == NULL; i++) {
        if (strcmp(algorithms[i].name, header->algorithm) == 0)
            sum = g_checksum_new(algorithms[i].type);
    }
    if (sum == NULL)
        return COPY_ALGORITHM;
    g_checksum_update(sum, bytes, CHECKSUM_AT);
    g_checksum_update(sum, zeros, CHECKSUM_LEN);
    g_checksum_update(sum, bytes + CHECKSUM_AT + CHECKSUM_LEN,
                      (gssize) (header->size - CHECKSUM_AT - CHECKSUM_LEN));
    g_checksum_get_digest(sum, digest, &len);
    return memcmp(digest, bytes + CHECKSUM_AT, len) == 0 ? COPY_SOUND : COPY_CHECKSUM;
}

/* Looks at a place without a word, but for what cannot be read. */
static CopyState
copy_look(VpProbe *probe, guint64 offset, gboolean is_second, Luks2Header *out_header)
{
    VpReader reader;
    CopyState state;

    out_header->offset = offset;
    if (offset > probe->size || probe->size - offset < BINARY_SIZE)
        return COPY_CUT;
    if (!vp_probe_read(probe, offset, BINARY_SIZE, "luks header", &reader))
        return COPY_CUT;
    state = copy_read_fields(&reader, is_second, out_header);
    if (state != COPY_SOUND)
        return state;
    if (probe->size - offset < out_header->size
        || !vp_probe_read(probe, offset, (gsize) out_header->size, "luks header", &reader))
        return COPY_CUT;
    out_header->json = (const char *) reader.data + BINARY_SIZE;
    out_header->json_len = strnlen(out_header->json, (gsize) out_header->size - BINARY_SIZE);
    return copy_check(out_header, reader.data);
}

/* Why the first copy does not count, when there is no other one. */
static void
report_state(VpProbe *probe, const Luks2Header *first, CopyState state)
{
    g_autofree char *algorithm = vp_text_escape(first->algorithm, strlen(first->algorithm));

    switch (state) {
    case COPY_CUT:
        vp_probe_find(probe, VP_RULE_TRUNCATED, 0, 0,
                      "the luks header is cut, the file has %" G_GUINT64_FORMAT " bytes",
                      probe->size);
        break;
    case COPY_TOO_LARGE:
        vp_probe_find(probe, VP_RULE_LIMIT, 8, 8,
                      "the luks header has %" G_GUINT64_FORMAT " bytes, at most %d are read",
                      first->size, SIZE_READ_MAX);
        break;
    case COPY_ALGORITHM:
        vp_probe_find(probe, VP_RULE_ENCRYPTION_UNKNOWN, 72, 32,
                      "unknown checksum algorithm \"%s\" of the luks header", algorithm);
        break;
    case COPY_CHECKSUM:
        vp_probe_find(probe, VP_RULE_CHECKSUM, CHECKSUM_AT, CHECKSUM_LEN,
                      "checksum of the luks header does not fit its bytes");
        break;
    default:
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, 8, 8,
                      "the luks header has the size %" G_GUINT64_FORMAT
                      ", which cannot be, or says that it lies elsewhere",
                      first->size);
        break;
    }
}

/* Without a sound first copy the second one may be at any place that a size of the first one allows. */
static gboolean
second_find(VpProbe *probe, Luks2Header *out_header)
{
    for (guint64 offset = SIZE_MIN; offset <= SIZE_MAX_OF_FORMAT; offset *= 2) {
        if (copy_look(probe, offset, TRUE, out_header) == COPY_SOUND && out_header->size == offset)
            return TRUE;
    }
    return FALSE;
}

/* The first copy is sound: the second one must be, and may be newer. */
static void
second_compare(VpProbe *probe, Luks2Header *header)
{
    Luks2Header second = { .offset = 0 };

    if ((probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0)
        return;
    if (copy_look(probe, header->size, TRUE, &second) != COPY_SOUND
        || second.size != header->size) {
        vp_probe_find(probe, VP_RULE_COPY_DAMAGED, header->size, 0,
                      "the luks header at %" G_GUINT64_FORMAT " is damaged, that at 0 is used",
                      header->size);
        return;
    }
    if (second.sequence == header->sequence)
        return;
    vp_probe_find(probe, VP_RULE_COPY_DAMAGED,
                  second.sequence > header->sequence ? 0 : second.offset, 0,
                  "the luks headers have the sequences %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT
                  ", the greater one counts",
                  header->sequence, second.sequence);
    if (second.sequence > header->sequence)
        *header = second;
}

gboolean
luks2_header_find(VpProbe *probe, Luks2Header *out_header)
{
    CopyState state = copy_look(probe, 0, FALSE, out_header);
    Luks2Header second = { .offset = 0 };

    if (state == COPY_SOUND) {
        second_compare(probe, out_header);
        return TRUE;
    }
    if (!second_find(probe, &second)) {
        report_state(probe, out_header, state);
        return FALSE;
    }
    vp_probe_find(probe, VP_RULE_COPY_DAMAGED, 0, 0,
                  "the luks header at 0 is damaged, that at %" G_GUINT64_FORMAT " is used",
                  second.offset);
    *out_header = second;
    return TRUE;
}
