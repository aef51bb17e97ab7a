/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* luks.c: LUKS headers of version 1, on their own and inside qcow2, and what of version 2 is at a fixed place. Source: LUKS
 * On-Disk Format Specification 1.2.3, LUKS2 On-Disk Format Specification 1.1, and QEMU's crypto/block-luks.c for what it
 * refuses. */
#include "storage/luks2/luks2.h"
#include "util/numbers.h"
#include "util/text.h"

#include <string.h>

#define SLOTS 8
#define SLOT_FIELDS 5

enum {
    MAGIC,
    VERSION,
    CIPHER_NAME,
    CIPHER_MODE,
    HASH,
    PAYLOAD_OFFSET,
    KEY_BYTES,
    DIGEST,
    SALT,
    DIGEST_ITERATIONS,
    UUID,
    FIRST_SLOT,
    FIRST_OF_VERSION_2 = FIRST_SLOT + SLOTS * SLOT_FIELDS,
    HEADER_SIZE = FIRST_OF_VERSION_2,
    SEQUENCE_ID,
    LABEL,
    CHECKSUM_ALGORITHM,
    HEADER_SALT,
    UUID_OF_VERSION_2,
    SUBSYSTEM,
    HEADER_OFFSET,
    HEADER_CHECKSUM,
    FIELD_COUNT,
};

/* Parts of the header: which of the last two is there depends on the version. */
enum {
    BEGINNING,
    VERSION_1,
    VERSION_2,
};

/* Fields of a slot, counted from its first one. */
enum {
    SLOT_STATE,
    SLOT_ITERATIONS,
    SLOT_SALT,
    SLOT_KEY_OFFSET,
    SLOT_STRIPES,
};

#define SECTOR 512
#define SLOT_ACTIVE 0x00ac71f3
#define SLOT_INACTIVE 0x0000dead
#define STRIPES 4000
/* The header itself takes 592 bytes; its place is rounded up to 4 KiB. */
#define HEADER_SECTORS 8

#define SLOT_ROWS(n)                                                                               \
    [FIRST_SLOT + n * SLOT_FIELDS +                                                                \
        SLOT_STATE] = { "slot-" #n "-state", VP_AT(208 + n * 48, 4), .part = VERSION_1 },          \
        [FIRST_SLOT + n * SLOT_FIELDS + SLOT_ITERATIONS] = { "slot-" #n "-iterations",             \
                                                             VP_AT(212 + n * 48, 4),               \
                                                             .part = VERSION_1 },                  \
        [FIRST_SLOT + n * SLOT_FIELDS + SLOT_SALT] = { "slot-" #n "-salt",                         \
                                                       VP_AT(216 + n * 48, 32), .part = VERSION_1, \
                                                       .kind = VP_KIND_BYTES },                    \
        [FIRST_SLOT + n * SLOT_FIELDS + SLOT_KEY_OFFSET] = { "slot-" #n "-key-offset",             \
                                                             VP_AT(248 + n * 48, 4),               \
                                                             .part = VERSION_1 },                  \
        [FIRST_SLOT + n * SLOT_FIELDS +                                                            \
            SLOT_STRIPES] = { "slot-" #n "-stripes", VP_AT(252 + n * 48, 4),                       \
                              VP_RANGE(STRIPES, STRIPES), .part = VERSION_1 }

#define TERMINATED .kind = VP_KIND_TEXT, .checks = VP_CHECK_TERMINATED

static const VpHeaderField fields[] = {
    [MAGIC] = { "magic", VP_AT(0, 6) },
    [VERSION] = { "version", VP_AT(6, 2) },
    [CIPHER_NAME] = { "cipher-name", VP_AT(8, 32), .part = VERSION_1, TERMINATED },
    [CIPHER_MODE] = { "cipher-mode", VP_AT(40, 32), .part = VERSION_1, TERMINATED },
    [HASH] = { "hash-spec", VP_AT(72, 32), .part = VERSION_1, TERMINATED },
    [PAYLOAD_OFFSET] = { "payload-offset", VP_AT(104, 4), .part = VERSION_1 },
    [KEY_BYTES] = { "key-bytes", VP_AT(108, 4), .part = VERSION_1 },
    [DIGEST] = { "mk-digest", VP_AT(112, 20), .part = VERSION_1, .kind = VP_KIND_BYTES },
    [SALT] = { "mk-digest-salt", VP_AT(132, 32), .part = VERSION_1, .kind = VP_KIND_BYTES },
    [DIGEST_ITERATIONS] = { "mk-digest-iterations", VP_AT(164, 4), .part = VERSION_1,
                            VP_RANGE(1, G_MAXUINT32) },
    [UUID] = { "uuid", VP_AT(168, 40), .part = VERSION_1, .kind = VP_KIND_TEXT },
    SLOT_ROWS(0),
    SLOT_ROWS(1),
    SLOT_ROWS(2),
    SLOT_ROWS(3),
    SLOT_ROWS(4),
    SLOT_ROWS(5),
    SLOT_ROWS(6),
    SLOT_ROWS(7),
    [HEADER_SIZE] = { "header-size", VP_AT(8, 8), .part = VERSION_2 },
    [SEQUENCE_ID] = { "sequence-id", VP_AT(16, 8), .part = VERSION_2 },
    [LABEL] = { "label", VP_AT(24, 48), .part = VERSION_2, .kind = VP_KIND_TEXT },
    [CHECKSUM_ALGORITHM] = { "checksum-algorithm", VP_AT(72, 32), .part = VERSION_2,
                             .kind = VP_KIND_TEXT },
    [HEADER_SALT] = { "salt", VP_AT(104, 64), .part = VERSION_2, .kind = VP_KIND_BYTES },
    [UUID_OF_VERSION_2] = { "uuid-text", VP_AT(168, 40), .part = VERSION_2, .kind = VP_KIND_TEXT },
    [SUBSYSTEM] = { "subsystem", VP_AT(208, 48), .part = VERSION_2, .kind = VP_KIND_TEXT },
    [HEADER_OFFSET] = { "header-offset", VP_AT(256, 8), .part = VERSION_2 },
    [HEADER_CHECKSUM] = { "checksum", VP_AT(448, 64), .part = VERSION_2, .kind = VP_KIND_BYTES },
};

/* All begin at the same place. */
static const VpPart header_parts[] = {
    { .name = "luks header" },
    { .name = "luks header",
      .place = { VP_PLACE_AT },
      .given = VERSION,
      .given_minimum = 1,
      .given_maximum = 1 },
    { .name = "luks header",
      .place = { VP_PLACE_AT },
      .given = VERSION,
      .given_minimum = 2,
      .given_maximum = 2 },
    { .name = NULL },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT && FIELD_COUNT <= VP_HEADER_FIELDS_MAX);

/* Ciphers that QEMU knows, with the key lengths in bytes that each can have. */
static const struct {
    const char *name;
    guint8 key_bytes[3];
} ciphers[] = {
    { "aes", { 16, 24, 32 } },     { "cast5", { 16 } }, { "serpent", { 16, 24, 32 } },
    { "twofish", { 16, 24, 32 } }, { "sm4", { 16 } },
};

static const char *const modes[] = { "ecb", "cbc", "xts", "ctr", NULL };
static const char *const ivgens[] = { "plain", "plain64", "essiv", NULL };
/* Hashes that QEMU knows, with the length of their digests in bytes. */
static const struct {
    const char *name;
    guint8 digest_len;
} hash_lengths[] = {
    { "md5", 16 },    { "sha1", 20 },   { "sha224", 28 },    { "sha256", 32 },
    { "sha384", 48 }, { "sha512", 64 }, { "ripemd160", 20 }, { "sm3", 32 },
};

static guint
slot_field(guint slot, guint field)
{
    return FIRST_SLOT + slot * SLOT_FIELDS + field;
}

static guint64
slot_value(const VpProbe *probe, guint slot, guint field)
{
    return vp_probe_value(probe, slot_field(slot, field));
}

static char *
header_string(const VpProbe *probe, guint field)
{
    gsize len;
    const guint8 *text = vp_header_text(probe, field, &len);

    return text != NULL ? g_strndup((const char *) text, len) : g_strdup("");
}

/* 0: the hash is not known. */
static guint
hash_digest_len(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(hash_lengths); i++) {
        if (strcmp(hash_lengths[i].name, name) == 0)
            return hash_lengths[i].digest_len;
    }
    return 0;
}

static gboolean
cipher_has_key(const char *name, guint64 key_bytes)
{
    for (guint i = 0; i < G_N_ELEMENTS(ciphers); i++) {
        if (strcmp(ciphers[i].name, name) == 0)
            return key_bytes > 0 && key_bytes < 256
                   && memchr(ciphers[i].key_bytes, (int) key_bytes, sizeof ciphers[i].key_bytes)
                          != NULL;
    }
    return FALSE;
}

static void
find_unknown(VpProbe *probe, guint field, const char *what, const char *name)
{
    g_autofree char *shown = vp_text_escape(name, strlen(name));

    vp_probe_find_field(probe, VP_RULE_ENCRYPTION_UNKNOWN, field, "unknown %s \"%s\"", what, shown);
}

/* Text that is made of a field, or is a part of it. */
static void
set_part(VpProbe *probe, VirtProbeRecord *record, guint key, const char *text, guint field)
{
    vp_record_set_string(record, key, text);
    if (!vp_text_is_clean(text, strlen(text)))
        vp_probe_find_field(probe, VP_RULE_UNSAFE_TEXT, field, "%s holds unsafe text",
                            probe->format->fields[field].name);
}

/* ESSIV encrypts with the digest of the key, so the cipher must take keys of that length. */
static void
check_essiv(VpProbe *probe, const char *cipher, const char *hash)
{
    if (hash == NULL || !cipher_has_key(cipher, hash_digest_len(hash)))
        find_unknown(probe, CIPHER_MODE, "hash of essiv for this cipher", hash != NULL ? hash : "");
}

static void
fill_mode(VpProbe *probe, VirtProbeRecord *record, const char *cipher, const char *mode,
          const char *ivgen)
{
    g_auto(GStrv) parts = g_strsplit(ivgen, ":", 2);
    const char *algorithm = parts[0] != NULL ? parts[0] : "";

    set_part(probe, record, VP_LUKS_CIPHER_MODE, mode, CIPHER_MODE);
    set_part(probe, record, VP_LUKS_IVGEN_ALG, algorithm, CIPHER_MODE);
    if (parts[0] != NULL && parts[1] != NULL)
        set_part(probe, record, VP_LUKS_IVGEN_HASH_ALG, parts[1], CIPHER_MODE);
    if (!g_strv_contains(modes, mode))
        find_unknown(probe, CIPHER_MODE, "cipher mode", mode);
    if (!g_strv_contains(ivgens, algorithm))
        find_unknown(probe, CIPHER_MODE, "generator of initialisation vectors", algorithm);
    if (parts[0] != NULL && parts[1] != NULL && hash_digest_len(parts[1]) == 0)
        find_unknown(probe, CIPHER_MODE, "hash of initialisation vectors", parts[1]);
    if (strcmp(algorithm, "essiv") == 0)
        check_essiv(probe, cipher, parts[1]);
}

/* "xts-plain64" and "cbc-essiv:sha256": the mode, then how initialisation vectors are made. */
static void
fill_cipher(VpProbe *probe, VirtProbeRecord *record)
{
    g_autofree char *name = header_string(probe, CIPHER_NAME);
    g_autofree char *mode = header_string(probe, CIPHER_MODE);
    g_autofree char *algorithm = NULL;
    guint64 key_bytes = vp_probe_value(probe, KEY_BYTES);
    char *dash = strchr(mode, '-');

    if (dash != NULL)
        *dash = '\0';
    /* XTS uses two keys of half the length. */
    if (strcmp(mode, "xts") == 0)
        key_bytes /= 2;
    algorithm = g_strdup_printf("%s-%" G_GUINT64_FORMAT, name, key_bytes * 8);
    set_part(probe, record, VP_LUKS_CIPHER_ALG, algorithm, CIPHER_NAME);
    if (!cipher_has_key(name, key_bytes))
        find_unknown(probe, CIPHER_NAME, "cipher", algorithm);
    fill_mode(probe, record, name, mode, dash != NULL ? dash + 1 : "");
}

static void
fill_text(VpProbe *probe, VirtProbeRecord *record, guint key, guint field)
{
    gsize len;
    const guint8 *text = vp_header_text(probe, field, &len);

    if (text != NULL)
        vp_probe_set_text(probe, record, key, text, len, probe->format->fields[field].offset);
}

static void
fill_slot(VpProbe *probe, VirtProbeRecord *record, guint slot)
{
    VirtProbeRecord *item = vp_record_append(record, VP_LUKS_SLOTS);
    gboolean is_active = slot_value(probe, slot, SLOT_STATE) == SLOT_ACTIVE;

    vp_record_set_bool(item, VP_SLOT_ACTIVE, is_active);
    vp_record_set_uint(item, VP_SLOT_KEY_OFFSET, slot_value(probe, slot, SLOT_KEY_OFFSET) * SECTOR);
    if (!is_active)
        return;
    vp_record_set_uint(item, VP_SLOT_ITERS, slot_value(probe, slot, SLOT_ITERATIONS));
    vp_record_set_uint(item, VP_SLOT_STRIPES, slot_value(probe, slot, SLOT_STRIPES));
}

/* Sectors that the key material of a slot takes. */
static guint64
slot_sectors(const VpProbe *probe)
{
    guint64 sectors = vp_divide_up(vp_probe_value(probe, KEY_BYTES) * STRIPES, SECTOR);

    return vp_divide_up(sectors, HEADER_SECTORS) * HEADER_SECTORS;
}

static void
check_slot_place(VpProbe *probe, guint slot)
{
    guint64 start = slot_value(probe, slot, SLOT_KEY_OFFSET);
    guint64 end = start + slot_sectors(probe);
    guint64 payload = vp_probe_value(probe, PAYLOAD_OFFSET);
    guint field = slot_field(slot, SLOT_KEY_OFFSET);

    if (start < HEADER_SECTORS)
        vp_probe_find_field(probe, VP_RULE_TABLE_INVALID, field,
                            "key slot %u lies inside the header", slot);
    if (payload != 0 && end > payload)
        vp_probe_find_field(probe, VP_RULE_TABLE_INVALID, field, "key slot %u overlaps the payload",
                            slot);
    for (guint other = 0; other < slot; other++) {
        guint64 other_start = slot_value(probe, other, SLOT_KEY_OFFSET);

        if (start < other_start + slot_sectors(probe) && other_start < end)
            vp_probe_find_field(probe, VP_RULE_TABLE_INVALID, field, "key slots %u and %u overlap",
                                other, slot);
    }
}

static void
check_slot(VpProbe *probe, guint slot)
{
    guint64 state = slot_value(probe, slot, SLOT_STATE);

    if (state != SLOT_ACTIVE && state != SLOT_INACTIVE)
        vp_probe_find_field(probe, VP_RULE_TABLE_INVALID, slot_field(slot, SLOT_STATE),
                            "key slot %u has the unknown state 0x%08x", slot, (guint) state);
    if (state == SLOT_ACTIVE && slot_value(probe, slot, SLOT_ITERATIONS) == 0)
        vp_probe_find_field(probe, VP_RULE_TABLE_INVALID, slot_field(slot, SLOT_ITERATIONS),
                            "key slot %u is active with 0 iterations", slot);
    check_slot_place(probe, slot);
}

static void
check_hash(VpProbe *probe)
{
    g_autofree char *hash = header_string(probe, HASH);

    if (hash_digest_len(hash) == 0)
        find_unknown(probe, HASH, "hash", hash);
}

/* Where the encrypted data begins, and how much of it there is. Inside qcow2 there is none. */
static void
fill_payload(VpProbe *probe, VirtProbeRecord *record)
{
    guint64 sectors = vp_probe_value(probe, PAYLOAD_OFFSET);
    guint64 offset = sectors * SECTOR;

    vp_record_set_uint(record, VP_LUKS_PAYLOAD_OFFSET, offset);
    vp_record_set_bool(record, VP_LUKS_DETACHED_HEADER, sectors == 0);
    if (sectors != 0 && sectors < HEADER_SECTORS)
        vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, PAYLOAD_OFFSET,
                            "payload begins inside the header");
    if (probe->is_nested) {
        if (sectors == 0)
            vp_probe_find_field(probe, VP_RULE_HEADER_INVALID, PAYLOAD_OFFSET,
                                "payload-offset is 0, which is not possible inside qcow2");
        return;
    }
    if (sectors == 0)
        vp_probe_find_field(probe, VP_RULE_HEADER_INCONSISTENT, PAYLOAD_OFFSET,
                            "a detached header: the encrypted data is in another file");
    else if (offset > probe->size)
        vp_probe_find_field(probe, VP_RULE_TRUNCATED, PAYLOAD_OFFSET,
                            "payload begins at %" G_GUINT64_FORMAT
                            ", the file has %" G_GUINT64_FORMAT " bytes",
                            offset, probe->size);
    else if (!probe->has_no_end)
        vp_probe_set_capacity(probe, probe->size - offset, VP_RULE_HEADER_INVALID, PAYLOAD_OFFSET);
}

static VirtProbeRecord *
luks_record(VpProbe *probe)
{
    VirtProbeRecord *specific;

    if (probe->is_nested)
        return probe->target;
    specific = vp_record_set_record(probe->image, VP_IMAGE_FORMAT_SPECIFIC, VP_RECORD_SPECIFIC);
    vp_record_set_constant(specific, VP_SPECIFIC_TYPE, "luks");
    return vp_record_set_record(specific, VP_SPECIFIC_DATA, VP_RECORD_LUKS);
}

static gboolean
parse(VpProbe *probe)
{
    VirtProbeRecord *record;

    if (vp_probe_value(probe, VERSION) == 2 && probe->is_nested) {
        vp_probe_find_field(probe, VP_RULE_UNSUPPORTED_VERSION, VERSION, "unknown luks version 2");
        return FALSE;
    }
    record = luks_record(probe);
    if (vp_probe_value(probe, VERSION) == 2)
        return vp_probe_has(probe, FIELD_COUNT - 1) && luks2_parse(probe, record);
    if (!vp_probe_has(probe, FIRST_OF_VERSION_2 - 1))
        return FALSE;
    fill_cipher(probe, record);
    fill_text(probe, record, VP_LUKS_HASH_ALG, HASH);
    check_hash(probe);
    fill_text(probe, record, VP_LUKS_UUID, UUID);
    fill_payload(probe, record);
    vp_record_set_uint(record, VP_LUKS_MASTER_KEY_ITERS, vp_probe_value(probe, DIGEST_ITERATIONS));
    for (guint slot = 0; slot < SLOTS; slot++) {
        fill_slot(probe, record, slot);
        check_slot(probe, slot);
    }
    return TRUE;
}

static const VpEncryptionRule encryption[] = {
    { VERSION, 1, "luks", VP_RULE_ENCRYPTED },
    { VERSION, 2, "luks", VP_RULE_ENCRYPTED },
    { .method = NULL },
};

static const VpMagic magics[] = {
    { .bytes = "LUKS\xba\xbe", .len = 6 },
    { .len = 0 },
};

static const char *const extensions[] = { "luks", NULL };

const VpFormat vp_format_luks = {
    .name = "luks",
    .libvirt_name = "luks",
    .extensions = extensions,
    .title = "Linux Unified Key Setup volume",
    .layer = VP_LAYER_CONTAINER,
    .reads = 4,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .version = { VP_VERSION_JUDGED, VERSION, 2, { 1, 2 } },
    .qemu_probe = VP_QEMU_FROM_MINIMUM,
    .qemu_minimum = 1,
    .qemu_maximum = 1,
    VP_FIELDS(fields),
    .parts = header_parts,
    .capacity = { .rounding = VP_ROUND_SECTOR_UP },
    .encryption = encryption,
    .dirty = { VP_DIRTY_NEVER },
    .parse = parse,
};
