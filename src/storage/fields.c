/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fields.c: the metadata field table (fields.def) as C. */
#include "storage/fields.h"

#define RECORD_BEGIN(R, name, doc) static const VpField fields_##R[] = {
#define FIELD(R, F, key, type, child, unit, since, origin, doc)                                    \
    [VP_##R##_##                                                                                   \
        F] = { key, sizeof key - 1, VP_TYPE_##type, VP_RECORD_##child, unit, since, origin, doc },
#define RECORD_END(R)                                                                              \
    }                                                                                              \
    ;                                                                                              \
    G_STATIC_ASSERT(G_N_ELEMENTS(fields_##R) <= 64);
#include "storage/fields.def"
#undef RECORD_BEGIN
#undef FIELD
#undef RECORD_END

const VpRecordType vp_record_types[] = {
#define RECORD_BEGIN(R, name, doc)                                                                 \
    [VP_RECORD_##R] = { name, doc, fields_##R, G_N_ELEMENTS(fields_##R) },
#define FIELD(R, F, key, type, child, unit, since, origin, doc)
#define RECORD_END(R)
#include "storage/fields.def"
#undef RECORD_BEGIN
#undef FIELD
#undef RECORD_END
};

G_STATIC_ASSERT(G_N_ELEMENTS(vp_record_types) == VP_RECORD_COUNT);

gboolean
vp_state_is_described(const char *state)
{
    return g_strcmp0(state, VP_STATE_OK) == 0 || g_strcmp0(state, VP_STATE_PARTIAL) == 0;
}
