/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-flips.c: each byte at both ends of a sound image of every format changed, and the image audited. */
#include <virtprobe/virtprobe.h>

#include <string.h>

#define HEAD_MAX 4096
#define TAIL_MAX 1536 /* holds every trailer, the farthest 1276 bytes before the end */
#define AUDIT_FLAGS (VIRT_PROBE_DESCRIBE_AUDIT | VIRT_PROBE_DESCRIBE_RECOGNISE)

static const char *const images[] = {
    "qcow2data/v3-plain.qcow2",
    "qcow2data/v2-plain.qcow2",
    "qcow2data/v1-plain.qcow",
    "imagedata/bochs-1.bochs",
    "imagedata/bochs-2.bochs",
    "imagedata/cloop-plain.cloop",
    "imagedata/cow-no-backing.cow",
    "imagedata/dmg-plain.dmg",
    "imagedata/dmg-encrypted-1.dmg",
    "imagedata/dmg-encrypted-2.dmg",
    "imagedata/luks1.luks",
    "imagedata/luks2.luks",
    "imagedata/parallels-new.hds",
    "imagedata/parallels-old.hds",
    "imagedata/parallels-bitmap.hds",
    "imagedata/qed-plain.qed",
    "imagedata/vdi-dynamic.vdi",
    "imagedata/vdi-static.vdi",
    "imagedata/vhdx-dynamic.vhdx",
    "imagedata/vmdk-cowd.vmdk",
    "imagedata/vmdk-flat.vmdk",
    "imagedata/vmdk-sesparse.vmdk",
    "imagedata/vmdk-sparse.vmdk",
    "imagedata/vmdk-stream.vmdk",
    "imagedata/vpc-dynamic.vhd",
    "imagedata/vpc-fixed.vhd",
    "imagedata/raw-zeros.raw",
    "imagedata/gpt.disk",
    "imagedata/gpt-4096.disk",
    "imagedata/mbr.disk",
    "imagedata/ext4.disk",
    "imagedata/xfs.disk",
    "imagedata/fat32.disk",
};

/* The image and what an audit says of it as it is. */
typedef struct {
    const char *name;
    char *data;
    gsize size;
    VirtProbeRecord *audit;
} Sound;

static VirtProbeRecord *
audit_bytes(const Sound *sound)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image = virt_probe_describe_memory(
        sound->data, sound->size, sound->name, NULL, AUDIT_FLAGS, &error);
    VirtProbeRecord *audit;

    g_assert_no_error(error);
    audit = virt_probe_audit_new(image, &settings);
    if (!virt_probe_image_verify(image, NULL) && !virt_probe_audit_is_denied(audit))
        g_error("%s is broken, and passes", sound->name);
    return audit;
}

static gboolean
has_same(const VirtProbeRecord *one, const VirtProbeRecord *other, const char *key)
{
    return g_strcmp0(virt_probe_record_get_text(one, key), virt_probe_record_get_text(other, key))
           == 0;
}

/* All findings, one behind the other. (transfer full) */
static char *
findings_of(const VirtProbeRecord *audit)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < virt_probe_record_get_length(audit, "findings"); i++) {
        g_autofree char *json =
            virt_probe_record_to_json(virt_probe_record_get_item(audit, "findings", i));

        g_string_append(text, json);
    }
    return g_string_free(text, FALSE);
}

/* Taken for something else, or judged otherwise, an image must have another finding that says so. */
static void
check_flip(const Sound *sound, gsize pos)
{
    g_autoptr(VirtProbeRecord) audit = audit_bytes(sound);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;

    if (has_same(audit, sound->audit, "format") && has_same(audit, sound->audit, "verdict"))
        return;
    before = findings_of(sound->audit);
    after = findings_of(audit);
    if (*after == '\0' || strcmp(before, after) == 0)
        g_error("%s with another byte at %" G_GSIZE_FORMAT
                ": another answer, and no finding says why",
                sound->name, pos);
}

static void
sound_load(Sound *sound, const char *image)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "..", image, NULL);
    g_autoptr(GError) error = NULL;

    *sound = (Sound) { .name = strchr(image, '/') + 1 };
    g_file_get_contents(path, &sound->data, &sound->size, &error);
    g_assert_no_error(error);
    sound->audit = audit_bytes(sound);
}

static void
sound_clear(Sound *sound)
{
    g_free(sound->data);
    virt_probe_record_unref(sound->audit);
}

static void
test_flips(gconstpointer user_data)
{
    static const guint8 masks[] = { 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff };
    Sound sound;

    sound_load(&sound, user_data);
    for (gsize pos = 0; pos < sound.size; pos++) {
        const char kept = sound.data[pos];

        if (pos >= HEAD_MAX && sound.size - pos > TAIL_MAX)
            continue;
        for (guint i = 0; i < G_N_ELEMENTS(masks); i++) {
            sound.data[pos] = (char) (kept ^ masks[i]);
            check_flip(&sound, pos);
        }
        sound.data[pos] = kept;
    }
    sound_clear(&sound);
}

/* A new image format needs its row above; what lies in a raw disk, or around an image, has no trailer and no names. */
static void
test_each_format_has_an_image(void)
{
    g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const VirtProbeFormat *format;

    for (guint i = 0; i < G_N_ELEMENTS(images); i++) {
        Sound sound;

        sound_load(&sound, images[i]);
        g_hash_table_add(found, g_strdup(virt_probe_record_get_text(sound.audit, "format")));
        sound_clear(&sound);
    }
    for (guint i = 0; (format = virt_probe_format_get_nth(i)) != NULL; i++) {
        const char *layer = virt_probe_format_get_layer(format);
        const char *name = virt_probe_format_get_name(format);

        if (strcmp(layer, "content") != 0 && strcmp(layer, "wrapper") != 0
            && !g_hash_table_contains(found, name))
            g_error("no image of the format %s has its bytes changed", name);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(images); i++) {
        g_autofree char *path = g_strdup_printf("/sweep/flips/%s", images[i]);

        g_test_add_data_func(path, images[i], test_flips);
    }
    g_test_add_func("/sweep/flips/each-format-has-an-image", test_each_format_has_an_image);
    return g_test_run();
}
