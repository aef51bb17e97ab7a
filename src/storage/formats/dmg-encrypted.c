/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dmg-encrypted.c: encrypted Apple disk images, both versions of the header. Source: the layout that vfdecrypt and
 * libmodi's documents describe. */
#include "storage/format.h"

enum {
    SIGNATURE,
    VERSION,
    KEY_BITS,
    UUID,
    BLOCK_SIZE,
    DATA_SIZE,
    DATA_OFFSET,
    SALT_LENGTH,
    CIPHER_KEY_LENGTH,
    CHECKSUM_KEY_LENGTH,
    FIELD_COUNT,
};

/* Parts of the header. */
enum {
    MARK,
    HEADER,
    TRAILER,
};

/* The signatures as numbers: "encrcdsa" begins an image of version 2, "cdsaencr" ends one of version 1. */
#define SIGNATURE_2 G_GUINT64_CONSTANT(0x656e637263647361)
#define SIGNATURE_1 G_GUINT64_CONSTANT(0x63647361656e6372)
#define SIGNATURE_SIZE 8
#define TRAILER_SIZE 1276
#define SALT_MAX 48
#define WRAPPED_KEY_MAX 300

static const VpHeaderField fields[] = {
    [SIGNATURE] = { "signature", VP_AT(0, SIGNATURE_SIZE) },
    [VERSION] = { "version", VP_AT(8, 4), VP_RANGE(2, 2), .part = HEADER,
                  .rule = VP_RULE_UNSUPPORTED_VERSION },
    [KEY_BITS] = { "key-bits", VP_AT(24, 4), .part = HEADER, .is_detail = TRUE },
    [UUID] = { "uuid", VP_AT(36, 16), .part = HEADER, .kind = VP_KIND_UUID_BE, .is_detail = TRUE },
    [BLOCK_SIZE] = { "block-size", VP_AT(52, 4), .part = HEADER, .is_detail = TRUE },
    [DATA_SIZE] = { "data-size", VP_AT(56, 8), .part = HEADER, .is_detail = TRUE },
    [DATA_OFFSET] = { "data-offset", VP_AT(64, 8), .part = HEADER, .is_detail = TRUE },
    [SALT_LENGTH] = { "salt-length", VP_AT(52, 4), .part = TRAILER },
    [CIPHER_KEY_LENGTH] = { "cipher-key-length", VP_AT(136, 4), .part = TRAILER },
    [CHECKSUM_KEY_LENGTH] = { "checksum-key-length", VP_AT(436, 4), .part = TRAILER },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fields) == FIELD_COUNT);

static const VpPart parts[] = {
    { .name = "signature" },
    { .name = "header",
      .place = { VP_PLACE_AT, 0 },
      .given = SIGNATURE,
      .given_minimum = SIGNATURE_2,
      .given_maximum = SIGNATURE_2 },
    { .name = "trailer",
      .place = { VP_PLACE_FROM_END, .offset = TRAILER_SIZE },
      .given = SIGNATURE,
      .given_minimum = SIGNATURE_1,
      .given_maximum = SIGNATURE_1 },
    { .name = NULL },
};

static const VpEncryptionRule encryption[] = {
    { SIGNATURE, SIGNATURE_2, "aes", VP_RULE_ENCRYPTED },
    { SIGNATURE, SIGNATURE_1, "aes", VP_RULE_ENCRYPTED },
    { .method = NULL },
};

static gboolean
length_is_sound(const VpProbe *probe, guint field, guint64 maximum)
{
    return vp_probe_value(probe, field) > 0 && vp_probe_value(probe, field) <= maximum;
}

/* Guest data may end with the signature by chance or intent, so the lengths of keys must be such. */
static gboolean
verify_tail(VpProbe *probe)
{
    return length_is_sound(probe, SALT_LENGTH, SALT_MAX)
           && length_is_sound(probe, CIPHER_KEY_LENGTH, WRAPPED_KEY_MAX)
           && length_is_sound(probe, CHECKSUM_KEY_LENGTH, WRAPPED_KEY_MAX);
}

static gboolean
parse(VpProbe *probe)
{
    if (vp_probe_value(probe, SIGNATURE) == SIGNATURE_1) {
        vp_record_set_uint(probe->extra, VP_PROBE_VERSION, 1);
        vp_probe_find(probe, VP_RULE_NOT_DESCRIBED, probe->header_start, SIGNATURE_SIZE,
                      "version 1 does not say the size of the disk");
        return FALSE;
    }
    if (!vp_probe_has(probe, DATA_OFFSET) || !vp_probe_is_valid(probe, VERSION))
        return FALSE;
    vp_record_set_uint(probe->extra, VP_PROBE_VERSION, vp_probe_value(probe, VERSION));
    vp_probe_set_capacity(probe, vp_probe_value(probe, DATA_SIZE), VP_RULE_HEADER_INVALID,
                          DATA_SIZE);
    return vp_probe_check_place(probe, "encrypted data", vp_probe_value(probe, DATA_OFFSET),
                                vp_probe_value(probe, DATA_SIZE));
}

static const VpMagic magics[] = {
    { .bytes = "encrcdsa", .len = SIGNATURE_SIZE },
    { .offset = SIGNATURE_SIZE, .is_from_end = TRUE, .bytes = "cdsaencr", .len = SIGNATURE_SIZE },
    { .len = 0 },
};

static const char *const extensions[] = { "dmg", NULL };

const VpFormat vp_format_dmg_encrypted = {
    .name = "dmg-encrypted",
    .extensions = extensions,
    .title = "encrypted Apple disk image",
    .layer = VP_LAYER_CONTAINER,
    .flags = VP_FORMAT_LEGACY,
    .reads = 2,
    .order = VP_ORDER_BIG,
    .magics = magics,
    .qemu_probe = VP_QEMU_NEVER,
    VP_FIELDS(fields),
    .parts = parts,
    .capacity = { .rounding = VP_ROUND_SECTOR_UP },
    .encryption = encryption,
    .verify_tail = verify_tail,
    .parse = parse,
};
