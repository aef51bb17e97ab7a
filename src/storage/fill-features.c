/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fill-features.c: writing feature bits and their names. */
#include "storage/format.h"
#include "util/text.h"

#include <string.h>

static const guint8 *
image_name(VpProbe *probe, const VpFeatureRule *rule, guint bit, gsize *out_len)
{
    *out_len = 0;
    return probe->format->feature_name != NULL
               ? probe->format->feature_name(probe, rule, bit, out_len)
               : NULL;
}

static void
find_unknown(VpProbe *probe, const VpFeatureRule *rule, guint bit, const guint8 *name, gsize len)
{
    g_autofree char *shown = vp_text_escape(name, name != NULL ? len : 0);
    VpRuleId id = rule->is_required ? VP_RULE_UNKNOWN_FEATURE : VP_RULE_UNKNOWN_OTHER_FEATURE;

    if (name != NULL)
        vp_probe_find_field(probe, id, rule->field,
                            "%s feature bit %u is not known, the image calls it \"%s\"", rule->set,
                            bit, shown);
    else
        vp_probe_find_field(probe, id, rule->field, "%s feature bit %u is not known", rule->set,
                            bit);
}

static gboolean
is_name(const VpBitName *known, const guint8 *name, gsize len)
{
    return len == strlen(known->name) && memcmp(name, known->name, len) == 0;
}

/* A bit that nobody knows may not go by the name of one that everybody knows. */
static void
find_borrowed_name(VpProbe *probe, const VpFeatureRule *rule, guint bit, const guint8 *name,
                   gsize len)
{
    for (const VpFeatureRule *other = probe->format->features; other->set != NULL; other++) {
        for (const VpBitName *known = other->names; known->bit < 64; known++) {
            if (!is_name(known, name, len))
                continue;
            vp_probe_find_field(probe, VP_RULE_FEATURE_SPOOF, rule->field,
                                "the image calls %s feature bit %u \"%s\", the name of %s bit %u",
                                rule->set, bit, known->name, other->set, known->bit);
            return;
        }
    }
}

/* The image may name a bit otherwise than we do; only a name that contradicts is worth a word. */
static void
find_spoof(VpProbe *probe, const VpFeatureRule *rule, const VpBitName *known, const guint8 *name,
           gsize len)
{
    g_autofree char *shown = NULL;

    if (name == NULL || is_name(known, name, len))
        return;
    shown = vp_text_escape(name, len);
    vp_probe_find_field(probe, VP_RULE_FEATURE_SPOOF, rule->field,
                        "the image calls %s feature bit %u \"%s\", its name is \"%s\"", rule->set,
                        known->bit, shown, known->name);
}

static void
fill_bit(VpProbe *probe, VirtProbeRecord *features, const VpFeatureRule *rule, guint bit)
{
    const VpBitName *known = vp_bit_names_find(rule->names, bit);
    gsize len;
    const guint8 *name = image_name(probe, rule, bit, &len);
    VirtProbeRecord *record = vp_record_append(features, VP_FEATURES_NAMES);

    vp_record_set_constant(record, VP_FEATURE_SET, rule->set);
    vp_record_set_uint(record, VP_FEATURE_BIT, bit);
    if (known != NULL)
        vp_record_set_constant(record, VP_FEATURE_NAME, known->name);
    else if (name != NULL)
        vp_record_set_text(record, VP_FEATURE_NAME, name, len);
    vp_record_set_bool(record, VP_FEATURE_KNOWN, known != NULL);
    if (known != NULL) {
        find_spoof(probe, rule, known, name, len);
        return;
    }
    find_unknown(probe, rule, bit, name, len);
    if (name != NULL)
        find_borrowed_name(probe, rule, bit, name, len);
}

void
vp_fill_features(VpProbe *probe)
{
    const VpFeatureRule *rule = probe->format->features;
    VirtProbeRecord *features;

    if (rule == NULL || !vp_probe_has(probe, rule->field))
        return;
    features = vp_record_set_record(probe->extra, VP_PROBE_FEATURES, VP_RECORD_FEATURES);
    for (; rule->set != NULL; rule++) {
        guint64 mask = vp_probe_value(probe, rule->field);

        vp_record_set_mask(features, rule->mask_field, mask);
        for (guint bit = 0; mask >> bit != 0; bit++) {
            if (vp_bit_is_set(mask, bit))
                fill_bit(probe, features, rule, bit);
            if (bit == 63)
                break;
        }
    }
}
