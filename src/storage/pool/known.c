/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* known.c: the identities of a pool's files: one block of bytes to read and write, and a table of names over it.
 *
 * The block is a header with a checksum, then for each file its identity, the length of its name with the NUL, the name, and zeros up
 * to the next multiple of eight. It never leaves the machine, so numbers stand in the machine's order. */
#include "storage/pool/known.h"

#include "storage/pool/volume-pack.h"
#include "util/hash.h"

#include <string.h>

#define KNOWN_MAGIC 0x33776f6e6b2d7076 /* "vp-know3" */
#define ALIGNMENT 8

typedef struct {
    guint64 magic;
    guint64 count;
    guint64 checksum; /* of all that follows */
} Header;

typedef struct {
    VpFileIdentity identity;
    guint64 name_len; /* with the NUL */
} Entry;

struct VpKnown {
    GBytes *bytes;
    const Entry **entries;
    guint count;
    guint32 *slots; /* number of the entry plus one; 0: free */
    guint32 mask;
    VpHashKey key;
};

static gsize
padded(gsize len)
{
    return (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static const char *
entry_name(const Entry *entry)
{
    return (const char *) (entry + 1);
}

static guint32
name_hash(const VpKnown *known, const char *name)
{
    guint64 hash = vp_hash_quick(&known->key, name, strlen(name));

    return (guint32) (hash ^ hash >> 32);
}

static guint64
random_key(void)
{
    return (guint64) g_random_int() << 32 | g_random_int() | 1;
}

/* FALSE when the name is there already. */
static gboolean
table_add(VpKnown *known, guint index)
{
    const char *name = entry_name(known->entries[index]);
    guint32 slot = name_hash(known, name) & known->mask;

    for (; known->slots[slot] != 0; slot = (slot + 1) & known->mask) {
        if (strcmp(entry_name(known->entries[known->slots[slot] - 1]), name) == 0)
            return FALSE;
    }
    known->slots[slot] = index + 1;
    return TRUE;
}

static guint64
checksum_of(const guint8 *data, gsize size, guint64 count)
{
    const VpHashKey key = { KNOWN_MAGIC | 1, count };

    return vp_hash_quick(&key, data + sizeof(Header), size - sizeof(Header));
}

/* Finds where each entry is. FALSE when the block is not what it should be. */
static gboolean
entries_find(VpKnown *known, guint64 count)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(known->bytes, &size);
    gsize pos = sizeof(Header);

    for (guint64 i = 0; i < count; i++) {
        const Entry *entry = (const Entry *) (const void *) (data + pos);
        const char *name = (const char *) (entry + 1);

        if (size - pos < sizeof *entry)
            return FALSE;
        pos += sizeof *entry;
        if (entry->name_len == 0 || entry->name_len > size - pos
            || padded(entry->name_len) > size - pos
            || memchr(name, '\0', entry->name_len) != name + entry->name_len - 1)
            return FALSE;
        known->entries[known->count++] = entry;
        pos += padded(entry->name_len);
    }
    return pos == size;
}

static guint64
hash_of(const VpVolumeFacts *facts)
{
    const VpHashKey key = { KNOWN_MAGIC | 1, 0 };
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    vp_volume_pack(facts, 0, bytes);
    return vp_hash_quick(&key, bytes->data, bytes->len) | 1;
}

VpFileIdentity
vp_known_identity_of(const VpVolumeFacts *facts)
{
    /* Comparisons that need no call, because each known file comes here. */
    gboolean is_ok = facts->state != NULL && strcmp(facts->state, "ok") == 0;
    gboolean is_block = facts->type != NULL && strcmp(facts->type, "block") == 0;
    gboolean is_unreadable = !is_ok && g_strcmp0(facts->state, "unreadable") == 0;

    return (VpFileIdentity) {
        .seen = is_unreadable || is_block ? hash_of(facts) : 0,
        .device = facts->device,
        .inode = facts->inode,
        .size = facts->physical,
        .mtime = facts->mtime,
        .ctime = facts->ctime,
        .is_ok = is_ok ? 1 : 0,
        .is_directory = facts->type != NULL && strcmp(facts->type, "dir") == 0 ? 1 : 0,
    };
}

VpKnown *
vp_known_new(GBytes *bytes)
{
    VpKnown *known = g_new0(VpKnown, 1);
    gsize size = 0;
    const Header *header = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
    guint64 count = size >= sizeof *header && header->magic == KNOWN_MAGIC ? header->count : 0;
    guint32 slots = 16;

    if (count > size / sizeof(Entry)
        || (count > 0 && header->checksum != checksum_of((const guint8 *) header, size, count)))
        count = 0;
    known->bytes = bytes != NULL ? g_bytes_ref(bytes) : NULL;
    known->entries = g_new(const Entry *, count + 1);
    if (count > 0 && !entries_find(known, count))
        known->count = 0;
    while (slots < known->count * 2)
        slots *= 2;
    known->slots = g_new0(guint32, slots);
    known->mask = slots - 1;
    known->key = (VpHashKey) { random_key(), random_key() };
    for (guint i = 0; i < known->count; i++) {
        if (table_add(known, i))
            continue;
        /* Nobody has written that; so nothing in it is to be trusted. */
        memset(known->slots, 0, slots * sizeof *known->slots);
        known->count = 0;
    }
    return known;
}

void
vp_known_free(VpKnown *known)
{
    if (known == NULL)
        return;
    g_bytes_unref(known->bytes);
    g_free(known->entries);
    g_free(known->slots);
    g_free(known);
}

guint
vp_known_length(const VpKnown *known)
{
    return known->count;
}

guint
vp_known_count_probes(const VpKnown *known, const char *name)
{
    guint32 slot = name_hash(known, name) & known->mask;
    guint probes = 1;

    for (; known->slots[slot] != 0; slot = (slot + 1) & known->mask, probes++) {
        if (strcmp(entry_name(known->entries[known->slots[slot] - 1]), name) == 0)
            break;
    }
    return probes;
}

gint
vp_known_find(const VpKnown *known, const char *name)
{
    guint32 slot;

    /* As in a first refresh: then the name needs not be hashed. */
    if (known->count == 0)
        return -1;
    slot = name_hash(known, name) & known->mask;
    for (; known->slots[slot] != 0; slot = (slot + 1) & known->mask) {
        guint index = known->slots[slot] - 1;

        if (strcmp(entry_name(known->entries[index]), name) == 0)
            return (gint) index;
    }
    return -1;
}

const char *
vp_known_name(const VpKnown *known, guint index)
{
    return entry_name(known->entries[index]);
}

const VpFileIdentity *
vp_known_identity(const VpKnown *known, guint index)
{
    return &known->entries[index]->identity;
}

GByteArray *
vp_known_writer_begin(void)
{
    Header header = { KNOWN_MAGIC, 0, 0 };
    GByteArray *writer = g_byte_array_new();

    return g_byte_array_append(writer, (const guint8 *) &header, sizeof header);
}

void
vp_known_writer_add(GByteArray *writer, const char *name, const VpFileIdentity *identity)
{
    const Entry entry = { *identity, strlen(name) + 1 };
    gsize name_room = padded(entry.name_len);
    guint before = writer->len;
    guint8 *place;

    g_byte_array_set_size(writer, before + (guint) (sizeof entry + name_room));
    place = writer->data + before;
    memcpy(place, &entry, sizeof entry);
    memcpy(place + sizeof entry, name, entry.name_len);
    memset(place + sizeof entry + entry.name_len, 0, name_room - entry.name_len);
    ((Header *) (void *) writer->data)->count++;
}

GBytes *
vp_known_writer_end(GByteArray *writer)
{
    Header *header = (Header *) (void *) writer->data;

    header->checksum = checksum_of(writer->data, writer->len, header->count);
    return g_byte_array_free_to_bytes(writer);
}

guint64
vp_known_count(GBytes *bytes)
{
    gsize size;
    const Header *header = g_bytes_get_data(bytes, &size);

    return size >= sizeof *header && header->magic == KNOWN_MAGIC ? header->count : 0;
}
