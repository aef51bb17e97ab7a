/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* metadata.c: the JSON of a LUKS2 header: segments, digests, tokens and what a reader must know. */
#include "storage/luks2/luks2.h"

#include "storage/location/json-load.h"
#include "util/numbers.h"
#include "util/text.h"

#include <string.h>

/* Objects and lists within each other; the format needs five. */
#define DEPTH_MAX 16
/* Names, values and containers, each of which takes memory: 32 key slots have about 1000. */
#define VALUES_MAX 8192
/* Texts of a list that are shown. */
#define TEXTS_MAX 32

/* The segments of a volume, taken together. */
typedef struct {
    guint64 start; /* of the first one */
    guint64 size;
    gboolean is_dynamic; /* one goes to the end of the file */
    guint count;
    const json_t *first;
} Segments;

gboolean
luks2_number(const json_t *value, guint64 *out_number)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out_number = (guint64) json_integer_value(value);
        return TRUE;
    }
    return json_is_string(value)
           && vp_number_parse(json_string_value(value), 10, 0, G_MAXINT64, out_number);
}

void
luks2_set_text(VpProbe *probe, VirtProbeRecord *record, guint field, const json_t *text,
               guint64 place)
{
    if (json_is_string(text))
        vp_probe_set_text(probe, record, field, (const guint8 *) json_string_value(text),
                          json_string_length(text), place);
}

static void
set_string(VpProbe *probe, VirtProbeRecord *record, guint field, const char *text, guint64 place)
{
    if (text[0] != '\0')
        vp_probe_set_text(probe, record, field, (const guint8 *) text, strlen(text), place);
}

/* FALSE: it would take more memory or stack than any volume's. */
static gboolean
json_is_modest(const char *text, gsize len)
{
    gboolean is_in_string = FALSE;
    guint values = 0;
    guint depth = 0;

    for (gsize i = 0; i < len; i++) {
        if (text[i] == '"')
            is_in_string = !is_in_string;
        else if (is_in_string && text[i] == '\\')
            i++;
        if (is_in_string)
            continue;
        if (strchr("{[,:", text[i]) != NULL)
            values++;
        if (text[i] == '{' || text[i] == '[')
            depth++;
        else if ((text[i] == '}' || text[i] == ']') && depth > 0)
            depth--;
        if (depth > DEPTH_MAX || values > VALUES_MAX)
            return FALSE;
    }
    return TRUE;
}

/* (transfer full) NULL and a finding: it cannot be read. */
static json_t *
json_read(VpProbe *probe, const Luks2Header *header, guint64 place)
{
    json_error_t error;
    json_t *metadata;
    g_autofree char *reason = NULL;

    if (!json_is_modest(header->json, header->json_len)) {
        vp_probe_find(probe, VP_RULE_LIMIT, place, header->json_len,
                      "the JSON of the luks header has more than %d levels or %d values", DEPTH_MAX,
                      VALUES_MAX);
        return NULL;
    }
    metadata = vp_json_load_plain(header->json, header->json_len, &error);
    if (json_is_object(metadata))
        return metadata;
    reason = vp_text_escape(error.text, strlen(error.text));
    vp_probe_find(probe, VP_RULE_HEADER_INVALID, place, header->json_len,
                  "the JSON of the luks header cannot be read: %s",
                  metadata == NULL ? reason : "no object");
    json_decref(metadata);
    return NULL;
}

/* Segments that only say how things were before the payload is encrypted anew. */
static gboolean
segment_is_backup(const json_t *segment)
{
    const json_t *flags = json_object_get(segment, "flags");

    for (gsize i = 0; i < json_array_size(flags); i++) {
        const char *flag = json_string_value(json_array_get(flags, i));

        if (flag != NULL && g_str_has_prefix(flag, "backup-"))
            return TRUE;
    }
    return FALSE;
}

/* FALSE: it has no place. */
static gboolean
segment_add(Segments *segments, const json_t *segment)
{
    const char *size_text = json_string_value(json_object_get(segment, "size"));
    guint64 offset;
    guint64 size = 0;

    if (!luks2_number(json_object_get(segment, "offset"), &offset))
        return FALSE;
    if (g_strcmp0(size_text, "dynamic") == 0)
        segments->is_dynamic = TRUE;
    else if (!luks2_number(json_object_get(segment, "size"), &size)
             || !vp_checked_add(segments->size, size, &segments->size))
        return FALSE;
    segments->start = segments->count == 0 ? offset : MIN(segments->start, offset);
    segments->count++;
    return TRUE;
}

static gboolean
segments_read(const json_t *metadata, Segments *out_segments)
{
    json_t *list = json_object_get(metadata, "segments");
    const char *key;
    json_t *segment;

    *out_segments = (Segments) { .first = json_object_get(list, "0") };
    json_object_foreach(list, key, segment)
    {
        if (!segment_is_backup(segment) && !segment_add(out_segments, segment))
            return FALSE;
    }
    return out_segments->count > 0;
}

/* "aes-xts-plain64": cipher, mode, how initialisation vectors are made, and perhaps a hash for that. */
static void
fill_cipher(VpProbe *probe, VirtProbeRecord *record, const json_t *metadata, const char *encryption,
            guint64 place)
{
    g_auto(GStrv) words = g_strsplit(encryption, "-", 3);
    guint count = g_strv_length(words);
    guint64 bits = luks2_key_bytes(metadata) * 8;
    g_autofree char *algorithm = NULL;
    char *colon = count > 2 ? strchr(words[2], ':') : NULL;

    /* XTS uses two keys of half the length. */
    if (count > 1 && strcmp(words[1], "xts") == 0)
        bits /= 2;
    algorithm = bits != 0 && count > 0 ? g_strdup_printf("%s-%" G_GUINT64_FORMAT, words[0], bits)
                                       : g_strdup(count > 0 ? words[0] : "");
    set_string(probe, record, VP_LUKS_CIPHER_ALG, algorithm, place);
    if (colon != NULL) {
        *colon = '\0';
        set_string(probe, record, VP_LUKS_IVGEN_HASH_ALG, colon + 1, place);
    }
    if (count > 1)
        set_string(probe, record, VP_LUKS_CIPHER_MODE, words[1], place);
    if (count > 2)
        set_string(probe, record, VP_LUKS_IVGEN_ALG, words[2], place);
}

static void
fill_payload(VpProbe *probe, VirtProbeRecord *record, const Segments *segments, guint64 header_end,
             guint64 place)
{
    guint64 start = segments->start;
    guint64 size = segments->is_dynamic ? probe->size - MIN(start, probe->size) : segments->size;

    vp_record_set_bool(record, VP_LUKS_DETACHED_HEADER, start == 0);
    if (start == 0)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, place, 0,
                      "a detached header: the encrypted data is in another file");
    else if (start < header_end)
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, place, 0,
                      "payload begins at %" G_GUINT64_FORMAT
                      ", inside the header of %" G_GUINT64_FORMAT " bytes",
                      start, header_end);
    else if (start > probe->size || size > probe->size - start)
        vp_probe_find(probe, VP_RULE_TRUNCATED, place, 0,
                      "payload of %" G_GUINT64_FORMAT " bytes begins at %" G_GUINT64_FORMAT
                      ", the file has %" G_GUINT64_FORMAT " bytes",
                      size, start, probe->size);
    if (start != 0 && start <= probe->size && !(segments->is_dynamic && probe->has_no_end))
        vp_probe_set_capacity(probe, size, VP_RULE_HEADER_INVALID, 0);
}

static void
fill_segments(VpProbe *probe, VirtProbeRecord *record, const json_t *metadata, guint64 header_end,
              guint64 place)
{
    const char *encryption;
    Segments segments;
    guint64 number;

    if (!segments_read(metadata, &segments)) {
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, place, 0,
                      "the luks header says of no segment, or not of all, where it is");
        return;
    }
    vp_record_set_uint(record, VP_LUKS_PAYLOAD_OFFSET, segments.start);
    vp_record_set_uint(record, VP_LUKS_SEGMENT_COUNT, segments.count);
    luks2_set_text(probe, record, VP_LUKS_SEGMENT_TYPE, json_object_get(segments.first, "type"),
                   place);
    encryption = json_string_value(json_object_get(segments.first, "encryption"));
    if (encryption != NULL)
        fill_cipher(probe, record, metadata, encryption, place);
    if (luks2_number(json_object_get(segments.first, "sector_size"), &number))
        vp_record_set_uint(record, VP_LUKS_SECTOR_SIZE, number);
    luks2_set_text(probe, record, VP_LUKS_INTEGRITY,
                   json_object_get(json_object_get(segments.first, "integrity"), "type"), place);
    fill_payload(probe, record, &segments, header_end, place);
}

/* The hash by which the volume key is known to be right. */
static void
fill_digest(VpProbe *probe, VirtProbeRecord *record, const json_t *metadata, guint64 place)
{
    const json_t *digest = json_object_get(json_object_get(metadata, "digests"), "0");
    guint64 rounds;

    luks2_set_text(probe, record, VP_LUKS_HASH_ALG, json_object_get(digest, "hash"), place);
    if (luks2_number(json_object_get(digest, "iterations"), &rounds))
        vp_record_set_uint(record, VP_LUKS_MASTER_KEY_ITERS, rounds);
}

static void
append_text(VpProbe *probe, VirtProbeRecord *record, guint field, const json_t *text, guint64 place)
{
    const char *bytes = json_string_value(text);

    if (bytes == NULL)
        return;
    vp_record_append_text(record, field, bytes, json_string_length(text));
    if (!vp_text_is_clean(bytes, json_string_length(text)))
        vp_probe_find(probe, VP_RULE_UNSAFE_TEXT, place, 0, "%s holds unsafe text",
                      record->type->fields[field].key);
}

static void
fill_texts(VpProbe *probe, VirtProbeRecord *record, guint field, const json_t *list, guint64 place)
{
    for (gsize i = 0; i < MIN(json_array_size(list), TEXTS_MAX); i++)
        append_text(probe, record, field, json_array_get(list, i), place);
}

static void
fill_tokens(VpProbe *probe, VirtProbeRecord *record, const json_t *metadata, guint64 place)
{
    for (guint i = 0; i < TEXTS_MAX; i++) {
        g_autofree char *key = g_strdup_printf("%u", i);
        const json_t *token = json_object_get(json_object_get(metadata, "tokens"), key);

        append_text(probe, record, VP_LUKS_TOKENS, json_object_get(token, "type"), place);
    }
}

/* cryptsetup refuses a volume with a requirement that it does not know. */
static void
check_requirement(VpProbe *probe, const char *name, guint64 place)
{
    static const char *const known[] = { "offline-reencrypt", "opal", "inline-hw-tags", NULL };
    g_autofree char *shown = NULL;

    if (g_str_has_prefix(name, "online-reencrypt")) {
        vp_probe_find(probe, VP_RULE_DIRTY, place, 0, "the payload is being encrypted anew");
        return;
    }
    if (g_strv_contains(known, name))
        return;
    shown = vp_text_escape(name, MIN(strlen(name), 64));
    vp_probe_find(probe, VP_RULE_UNKNOWN_FEATURE, place, 0, "unknown requirement \"%s\"", shown);
}

static void
fill_config(VpProbe *probe, VirtProbeRecord *record, const json_t *metadata, guint64 place)
{
    const json_t *config = json_object_get(metadata, "config");
    const json_t *requirements =
        json_object_get(json_object_get(config, "requirements"), "mandatory");

    fill_texts(probe, record, VP_LUKS_FLAGS, json_object_get(config, "flags"), place);
    fill_texts(probe, record, VP_LUKS_REQUIREMENTS, requirements, place);
    for (gsize i = 0; i < MIN(json_array_size(requirements), TEXTS_MAX); i++) {
        const char *name = json_string_value(json_array_get(requirements, i));

        if (name != NULL)
            check_requirement(probe, name, place);
    }
}

/* Left alone QEMU takes the volume for raw, which is a finding of its own; told that it is luks, it refuses it. */
static void
check_declared(VpProbe *probe)
{
    const char *source = vp_record_get_text(probe->extra, VP_PROBE_FORMAT_SOURCE);

    if (source != NULL && strcmp(source, VP_FORMAT_RECOGNISED) != 0)
        vp_probe_find(probe, VP_RULE_QEMU_UNSUPPORTED, 6, 2,
                      "%s as luks, of which QEMU does not support version 2", source);
}

gboolean
luks2_parse(VpProbe *probe, VirtProbeRecord *record)
{
    Luks2Header header = { .offset = 0 };
    json_t *metadata;
    guint64 place;

    if (!luks2_header_find(probe, &header))
        return FALSE;
    place = header.offset + LUKS2_BINARY_SIZE;
    set_string(probe, record, VP_LUKS_UUID, header.uuid, header.offset + 168);
    set_string(probe, record, VP_LUKS_LABEL, header.label, header.offset + 24);
    set_string(probe, record, VP_LUKS_SUBSYSTEM, header.subsystem, header.offset + 208);
    set_string(probe, record, VP_LUKS_CHECKSUM_ALG, header.algorithm, header.offset + 72);
    vp_record_set_uint(record, VP_LUKS_SEQUENCE_ID, header.sequence);
    vp_record_set_uint(record, VP_LUKS_HEADER_SIZE, header.size);
    metadata = json_read(probe, &header, place);
    if (metadata == NULL)
        return FALSE;
    fill_segments(probe, record, metadata, 2 * header.size, place);
    fill_digest(probe, record, metadata, place);
    luks2_keyslots_fill(probe, record, metadata, place);
    fill_tokens(probe, record, metadata, place);
    fill_config(probe, record, metadata, place);
    check_declared(probe);
    json_decref(metadata);
    return TRUE;
}
