/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* audit-fixture.h: what the tests of audits share: bytes to judge, and asking for the severity of a rule. */
#pragma once

#include "unit.h"

#define KIB 1024
#define MIB (1024 * KIB)

/* The judgement of bytes by the settings. format: NULL to have it recognised. (transfer full) */
VirtProbeRecord *audit_bytes(gconstpointer data, gsize size, const char *name, const char *format,
                             const VirtProbeAuditSettings *settings);

/* The severity of the first finding of the rule; "none": there is none. (transfer full) */
char *audit_severity_of(const VirtProbeRecord *audit, const char *rule);

/* How serious the rule is in the bytes for an upload. */
void audit_assert_severity(const GByteArray *bytes, const char *format, const char *rule,
                           const char *severity);

/* So many zeros; a healthy image of the format, with zeros behind it up to the size. (transfer full) */
GByteArray *audit_zeros_new(guint size);
GByteArray *audit_healthy_new(const char *format, guint size);

void audit_put(GByteArray *bytes, guint offset, const char *text, guint len);
