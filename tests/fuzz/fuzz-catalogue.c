/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-catalogue.c: documents of the catalogue: what is read is in order and whole, everything else is called damaged. */
#include "fuzz.h"

#include "storage/pool/catalogue-files.h"
#include "virtprobe/error.h"

#include <jansson.h>
#include <string.h>

static void
check_volume(const VirtProbeVolume *volume, char **last_name)
{
    g_autofree char *text = virt_probe_volume_to_json(volume);
    json_t *json = json_loads(text, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    VpFileIdentity identity = vp_known_identity_of(&volume->facts);

    g_assert_nonnull(json);
    json_decref(json);
    g_assert_cmpuint(identity.is_ok, <=, 1);
    g_assert_nonnull(volume->facts.path);
    g_assert_cmpint(g_strcmp0(*last_name, volume->facts.name), <, 0);
    g_free(*last_name);
    *last_name = g_strdup(volume->facts.name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *last_name = NULL;
    g_autoptr(VpDocumentReader) reader =
        vp_document_reader_new(vp_source_memory_new(data, size), &error);
    VirtProbeVolume *volume;

    while (reader != NULL && (volume = vp_document_reader_next(reader, &error)) != NULL) {
        check_volume(volume, &last_name);
        virt_probe_volume_unref(volume);
    }
    if (error != NULL)
        g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID);
    return 0;
}
