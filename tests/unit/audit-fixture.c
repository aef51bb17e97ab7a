/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit-fixture.c: what the tests of audits share: bytes to judge, and asking for the severity of a rule. */
#include "audit-fixture.h"
#include "unit-images.h"

#include <string.h>

VirtProbeRecord *
audit_bytes(gconstpointer data, gsize size, const char *name, const char *format,
            const VirtProbeAuditSettings *settings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirtProbeRecord) image = virt_probe_describe_memory(
        data, size, name, format, VIRT_PROBE_DESCRIBE_AUDIT | VIRT_PROBE_DESCRIBE_RECOGNISE,
        &error);

    g_assert_no_error(error);
    return virt_probe_audit_new(image, settings);
}

char *
audit_severity_of(const VirtProbeRecord *audit, const char *rule)
{
    for (guint i = 0; i < virt_probe_record_get_length(audit, "findings"); i++) {
        VirtProbeRecord *finding = virt_probe_record_get_item(audit, "findings", i);

        if (strcmp(virt_probe_record_get_text(finding, "rule"), rule) == 0)
            return g_strdup(virt_probe_record_get_text(finding, "severity"));
    }
    return g_strdup("none");
}

void
audit_assert_severity(const GByteArray *bytes, const char *format, const char *rule,
                      const char *severity)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(VirtProbeRecord) audit =
        audit_bytes(bytes->data, bytes->len, NULL, format, &settings);
    g_autofree char *found = audit_severity_of(audit, rule);
    g_autofree char *json = virt_probe_record_to_json(audit);

    g_test_message("%s", json);
    g_assert_cmpstr(found, ==, severity);
    if (strcmp(severity, "deny") == 0)
        g_assert_true(virt_probe_audit_is_denied(audit));
}

GByteArray *
audit_zeros_new(guint size)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_set_size(bytes, size);
    memset(bytes->data, 0, size);
    return bytes;
}

GByteArray *
audit_healthy_new(const char *format, guint size)
{
    GByteArray *bytes = healthy_image_find(format)->make();
    guint old = bytes->len;

    if (size > old) {
        g_byte_array_set_size(bytes, size);
        memset(bytes->data + old, 0, size - old);
    }
    return bytes;
}

void
audit_put(GByteArray *bytes, guint offset, const char *text, guint len)
{
    g_assert_cmpuint(offset + len, <=, bytes->len);
    memcpy(bytes->data + offset, text, len);
}
