/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-volume.c: volumes keep what they are made of, and print it. */
#include "storage/pool/volume.h"

#include <jansson.h>
#include <string.h>

/* Facts that every volume has. */
static void
facts_begin(VpVolumeFacts *facts)
{
    vp_volume_facts_init(facts);
    facts->name = "disk";
    facts->path = "/pool/disk";
    facts->state = "ok";
}

static json_t *
json_of(const VirtProbeVolume *volume)
{
    g_autofree char *text = virt_probe_volume_to_json(volume);
    json_error_t problem;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &problem);

    g_assert_nonnull(json);
    g_assert_null(strchr(text, '\n'));
    return json;
}

static const char *
json_text(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static void
test_copies_its_texts(void)
{
    char name[] = "disk";
    g_autoptr(VirtProbeVolume) volume = NULL;
    VpVolumeFacts facts;

    facts_begin(&facts);
    facts.name = name;
    volume = vp_volume_new(&facts);
    name[0] = 'X';
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "name"), ==, "disk");
    g_assert_null(virt_probe_volume_get_text(volume, "format"));
}

static void
test_gives_values_by_key(void)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    VpVolumeFacts facts;
    guint64 value = 1;

    facts_begin(&facts);
    facts.capacity = 4096;
    facts.is_dirty = TRUE;
    volume = vp_volume_new(&facts);
    g_assert_true(virt_probe_volume_get_uint64(volume, "capacity", &value));
    g_assert_cmpuint(value, ==, 4096);
    g_assert_true(virt_probe_volume_get_uint64(volume, "capacity", NULL));
    g_assert_false(virt_probe_volume_get_uint64(volume, "physical", &value));
    g_assert_false(virt_probe_volume_get_uint64(volume, "name", &value));
    g_assert_false(virt_probe_volume_get_uint64(volume, "nothing", &value));
    g_assert_cmpuint(value, ==, 4096);
    g_assert_true(virt_probe_volume_get_boolean(volume, "dirty"));
    g_assert_false(virt_probe_volume_get_boolean(volume, "corrupt"));
    g_assert_false(virt_probe_volume_get_boolean(volume, "name"));
    g_assert_null(virt_probe_volume_get_text(volume, "capacity"));
    g_assert_null(virt_probe_volume_get_text(volume, "nothing"));
}

static void
test_is_small(void)
{
    g_assert_cmpuint(sizeof(VirtProbeVolume), <=, 400);
}

static void
test_lives_as_long_as_its_last_reference(void)
{
    g_autoptr(VirtProbeVolume) again = NULL;
    VirtProbeVolume *volume;
    VpVolumeFacts facts;

    facts_begin(&facts);
    volume = vp_volume_new(&facts);
    again = virt_probe_volume_ref(volume);
    virt_probe_volume_unref(volume);
    g_assert_cmpstr(virt_probe_volume_get_text(again, "name"), ==, "disk");
    virt_probe_volume_unref(NULL);
}

static void
test_prints_what_is_known(void)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    g_autofree char *text = NULL;
    VpVolumeFacts facts;

    facts_begin(&facts);
    facts.capacity = 1 << 20;
    facts.is_encrypted = TRUE;
    facts.rules = "a-rule,another-rule";
    facts.mode = 0644;
    facts.mtime = 1795246724147846439;
    facts.ctime = (guint64) G_GINT64_CONSTANT(-1500000000);
    volume = vp_volume_new(&facts);
    text = virt_probe_volume_to_json(volume);
    g_assert_cmpstr(virt_probe_volume_get_text(volume, "rules"), ==, "a-rule,another-rule");
    g_assert_false(virt_probe_volume_get_uint64(volume, "rules", NULL));
    g_assert_cmpstr(text, ==,
                    "{\"name\": \"disk\", \"path\": \"/pool/disk\", \"capacity\": 1048576, "
                    "\"encrypted\": true, \"state\": \"ok\", \"rules\": [\"a-rule\", "
                    "\"another-rule\"], \"mode\": 420, "
                    "\"mtime\": \"1795246724.147846439\", \"ctime\": \"-1.500000000\"}");
}

static void
test_prints_exact_bytes_beside_what_json_holds(void)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    VpVolumeFacts facts;
    json_t *json;
    json_t *bytes;

    facts_begin(&facts);
    facts.name = "\xff.img";
    facts.path = "/pool/\xff.img";
    volume = vp_volume_new(&facts);
    json = json_of(volume);
    g_assert_cmpstr(json_text(json, "name"), ==, "\xef\xbf\xbd.img");
    bytes = json_object_get(json, "bytes");
    g_assert_cmpuint(json_array_size(bytes), ==, 2);
    g_assert_cmpstr(json_text(json_array_get(bytes, 0), "pointer"), ==, "/name");
    g_assert_cmpstr(json_text(json_array_get(bytes, 0), "hex"), ==, "ff2e696d67");
    g_assert_cmpstr(json_text(json_array_get(bytes, 1), "pointer"), ==, "/path");
    json_decref(json);
}

static void
test_prints_no_credentials(void)
{
    g_autoptr(VirtProbeVolume) volume = NULL;
    g_autofree char *text = NULL;
    VpVolumeFacts facts;

    facts_begin(&facts);
    facts.backing = "https://user:sesame@server/disk\xff";
    facts.data_file = "https://user:sesame@server/data";
    volume = vp_volume_new(&facts);
    text = virt_probe_volume_to_json(volume);
    g_assert_null(strstr(text, "sesame"));
    g_assert_null(strstr(text, "736573616d65"));
    g_assert_nonnull(strstr(text, "/backing"));
}

static void
test_lists_its_fields(void)
{
    const VirtProbeVolumeField *field;
    guint count = 0;

    while ((field = virt_probe_volume_field_get_nth(count)) != NULL) {
        g_assert_cmpstr(field->key, ==, vp_volume_fields[count].key);
        g_assert_true(vp_volume_field_find(field->key) == &vp_volume_fields[count]);
        count++;
    }
    g_assert_cmpuint(count, ==, VP_VOLUME_FIELD_COUNT);
    g_assert_null(vp_volume_field_find("nothing"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/volume/copies-its-texts", test_copies_its_texts);
    g_test_add_func("/volume/gives-values-by-key", test_gives_values_by_key);
    g_test_add_func("/volume/is-small", test_is_small);
    g_test_add_func("/volume/is-counted", test_lives_as_long_as_its_last_reference);
    g_test_add_func("/volume/fields-are-listed", test_lists_its_fields);
    g_test_add_func("/volume/json/has-what-is-known", test_prints_what_is_known);
    g_test_add_func("/volume/json/has-exact-bytes", test_prints_exact_bytes_beside_what_json_holds);
    g_test_add_func("/volume/json/has-no-credentials", test_prints_no_credentials);
    return g_test_run();
}
