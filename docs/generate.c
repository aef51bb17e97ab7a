/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate.c: writes the parts of the documentation that are made from the tables: generate WHAT [FORMAT]. */
#include "generate.h"

#include "storage/format.h"
#include "storage/registry.h"
#include "util/json-writer.h"

#include <stdio.h>
#include <string.h>

static const char *
type_name(VpFieldType type)
{
    static const char *const names[] = {
        [VP_TYPE_BOOL] = "boolean",
        [VP_TYPE_UINT] = "integer",
        [VP_TYPE_INT] = "integer",
        [VP_TYPE_MASK] = "mask",
        [VP_TYPE_TEXT] = "text",
        [VP_TYPE_NAME] = "name",
        [VP_TYPE_TEXTS] = "list of text",
        [VP_TYPE_RECORD] = "object",
        [VP_TYPE_LIST] = "list of objects",
    };

    return names[type];
}

static void
print_field_row(const VpField *field)
{
    printf("| `%s` | %s", field->key, type_name(field->type));
    if (field->child < VP_RECORD_COUNT)
        printf(" [%s](#%s)", vp_record_type(field->child)->name,
               vp_record_type(field->child)->name);
    printf(" | %s | %s | %s | %s |\n", field->unit, field->since, field->origin, field->doc);
}

/* The fields of volumes. Their table needs no library: it is data. */
static void
print_volume_fields(void)
{
    static const struct {
        const char *key;
        const char *type;
        const char *doc;
    } fields[] = {
#define VOLUME_FIELD(member, key, type, title, is_right, doc) { key, #type, doc },
#include "storage/pool/volume.def"
#undef VOLUME_FIELD
    };

    printf(
        "\n## volume\n\n"
        "An entry of a directory, as `virt-probe scan` and `virt_probe_volume_get_*()` give it. "
        "Types: TEXT, NAME\n(text in which credentials are masked), LIST (JSON: an array of text; "
        "C: text with commas), UINT (a number),\nSIZE (bytes), TIME (JSON: text, seconds since "
        "1970 "
        "UTC with nanoseconds; C: nanoseconds), MODE (a number,\nshown in octal), BOOL (JSON: only "
        "when true). Keys are also the names of columns for `scan -o`. JSON lists\nthe exact bytes "
        "of text that it cannot hold under `bytes`, as for images.\n\n"
        "| key | type | meaning |\n| --- | --- | --- |\n");
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        printf("| `%s` | %s | %s |\n", fields[i].key, fields[i].type, fields[i].doc);
}

static void
print_fields(void)
{
    printf(
        "<!-- Made by docs/generate.c from src/storage/fields.def. -->\n"
        "# Metadata fields\n\n"
        "Every field of the metadata: the keys of JSON and of `virt_probe_record_get_*()`. An "
        "object "
        "is printed\nwith the fields that are known, in this order. Masks are strings in "
        "hexadecimal. "
        "Origins: header (fixed\nfields of the image), image (other bytes of it), file (what the "
        "operating system says), derived\n(computed from those), probe (how the answer was "
        "got).\n");
    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++) {
        const VpRecordType *type = vp_record_type((VpRecordKind) kind);

        printf("\n## %s\n\n%c%s.\n\n", type->name, g_ascii_toupper(type->doc[0]), type->doc + 1);
        printf(
            "| key | type | unit | since | origin | meaning |\n| --- | --- | --- | --- | --- | --- "
            "|\n");
        for (guint i = 0; i < type->n_fields; i++)
            print_field_row(&type->fields[i]);
    }
    print_volume_fields();
    generate_pool_fields();
}

static void
print_rules(void)
{
    const VirtProbeRule *rule;

    printf(
        "<!-- Made by docs/generate.c from src/storage/rules.def. -->\n"
        "# Rules\n\n"
        "Every finding names one of these rules. Ids are stable. A finding of a rule that *breaks* "
        "makes `info`\nend with status 1 and sets `virt-probe.error.code`; the others only tell. "
        "`info` shows the severities\nof the pool column, with deny as warning.\n\n"
        "Last stands who can find it. Whatever describes images finds what any description does: "
        "`info`, `chain`,\n`scan`, `audit`, pools. An audit never opens what an image names, so it "
        "never finds what only a chain\ndoes; what it finds itself is not in the description that "
        "`info` shows. [Target files](targets.md) refuse\nand tolerate what stands in the bytes of "
        "the image: findings of any description, or of an audit in the\nbytes of the image.\n");
    for (guint i = 0; (rule = virt_probe_rule_get_nth(i)) != NULL; i++) {
        printf("\n## %s\n\n%c%s. Upload: %s; pool: %s; breaks: %s.\n\n", rule->id,
               g_ascii_toupper(rule->title[0]), rule->title + 1,
               virt_probe_severity_get_name(rule->upload), virt_probe_severity_get_name(rule->pool),
               rule->does_break ? "yes" : "no");
        printf("%s\n\nWhat to do: %s\n\n", rule->explanation, rule->remedy);
        generate_finders(rule->finders);
        if (rule->cves[0] != '\0')
            printf("\nKnown attacks: %s\n", rule->cves);
    }
}

static const char *
kind_name(guint8 kind)
{
    static const char *const names[] = {
        [VP_KIND_UINT] = "number",
        [VP_KIND_TEXT] = "text",
        [VP_KIND_PADDED_TEXT] = "text, padded with spaces",
        [VP_KIND_BYTES] = "bytes",
        [VP_KIND_HEX] = "number, shown as hexadecimal digits",
        [VP_KIND_UUID_BE] = "UUID",
        [VP_KIND_UUID_LE] = "UUID, little-endian groups",
        [VP_KIND_UTF16_BE] = "text in UTF-16, big-endian",
        [VP_KIND_UTF16_LE] = "text in UTF-16, little-endian",
    };

    return names[kind];
}

static void
print_checks(const VpFormat *format, const VpHeaderField *row)
{
    if (row->given_minimum > 0)
        printf("there when %s is at least %" G_GUINT64_FORMAT "; ", format->fields[row->given].name,
               row->given_minimum);
    if (row->given_maximum > 0)
        printf("there when %s is at most %" G_GUINT64_FORMAT "; ", format->fields[row->given].name,
               row->given_maximum);
    if ((row->checks & VP_CHECK_RANGE) != 0 && row->maximum == G_MAXUINT64)
        printf("at least %" G_GUINT64_FORMAT "; ", row->minimum);
    else if ((row->checks & VP_CHECK_RANGE) != 0)
        printf("%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "; ", row->minimum, row->maximum);
    if ((row->checks & VP_CHECK_ALIGNED_CLUSTER) != 0)
        printf("multiple of the cluster size; ");
    if ((row->checks & VP_CHECK_WITHIN_CLUSTER) != 0)
        printf("at most the cluster size; ");
    if ((row->checks & VP_CHECK_POWER_OF_TWO) != 0)
        printf("power of two; ");
    if ((row->checks & VP_CHECK_ALIGNED_SECTOR) != 0)
        printf("multiple of 512; ");
    if ((row->checks & VP_CHECK_ZERO) != 0)
        printf("zero; ");
    if ((row->checks & VP_CHECK_TERMINATED) != 0)
        printf("ended by a NUL; ");
    for (const VpValueName *name = row->names; name != NULL && name->name != NULL; name++)
        printf("%" G_GUINT64_FORMAT " %s; ", name->value, name->name);
    if (row->is_detail)
        printf("shown in `details`; ");
}

/* The heading of the rows of a part. */
static void
print_part(const VpFormat *format, guint number, gboolean is_first)
{
    const char *order = format->order == VP_ORDER_BIG ? "big" : "little";
    const char *name = format->parts != NULL ? format->parts[number].name : "header";

    printf("%s%c%s, %s-endian:\n\n| offset | length | field | kind | rules |\n"
           "| --- | --- | --- | --- | --- |\n",
           is_first ? "" : "\n", g_ascii_toupper(name[0]), name + 1, order);
}

static void
print_layout(const VpFormat *format)
{
    for (guint i = 0; i < format->n_fields; i++) {
        const VpHeaderField *row = &format->fields[i];

        if (i == 0 || row->part != row[-1].part)
            print_part(format, row->part, i == 0);
        printf("| %u | %u | %s | %s | ", row->offset, row->width, row->name, kind_name(row->kind));
        print_checks(format, row);
        if (row->checks != 0)
            printf("else `%s`", vp_rule(row->rule)->id);
        printf(" |\n");
    }
}

static void
print_number(guint64 value, guint width, VpByteOrder order)
{
    printf("\"");
    for (guint i = 0; i < width; i++)
        printf("\\x%02x",
               (guint) (value >> 8 * (order == VP_ORDER_BIG ? width - 1 - i : i) & 0xff));
    printf("\"\n");
}

/* Values at and beside the bounds of rows, and versions that are accepted. */
static void
print_bounds(const VpFormat *format)
{
    for (guint i = 0; i < format->version.n_accepted; i++)
        print_number(format->version.accepted[i], format->fields[format->version.field].width,
                     format->order);
    for (guint i = 0; i < format->n_fields; i++) {
        const VpHeaderField *row = &format->fields[i];

        if ((row->checks & VP_CHECK_RANGE) == 0)
            continue;
        print_number(row->minimum, row->width, format->order);
        print_number(row->maximum, row->width, format->order);
        print_number(row->maximum + 1, row->width, format->order);
    }
}

static void
print_word(const char *bytes, guint len)
{
    printf("\"");
    for (guint i = 0; i < len; i++)
        printf("\\x%02x", (guchar) bytes[i]);
    printf("\"\n");
}

/* Magics, versions and bounds as a dictionary for fuzzers. */
static void
print_dictionary(void)
{
    const VpFormat *format;

    printf("# Made by docs/generate.c from the registry.\n");
    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        print_bounds(format);
        for (const VpMagic *magic = format->magics; magic != NULL && magic->len > 0; magic++) {
            print_word(magic->bytes, magic->len);
            if (magic->also_len > 0)
                print_word(magic->also, magic->also_len);
        }
    }
}

static void
schema_type(VpJsonWriter *writer, const char *type)
{
    vp_json_key(writer, "type");
    vp_json_string(writer, type, strlen(type));
}

static void
schema_reference(VpJsonWriter *writer, const VpField *field)
{
    g_autofree char *target = NULL;

    if (field->child >= VP_RECORD_COUNT) {
        schema_type(writer, "object");
        return;
    }
    target = g_strdup_printf("#/$defs/%s", vp_record_type(field->child)->name);
    vp_json_key(writer, "$ref");
    vp_json_string(writer, target, strlen(target));
}

static void
schema_list(VpJsonWriter *writer, const VpField *field)
{
    schema_type(writer, "array");
    vp_json_key(writer, "items");
    vp_json_object_begin(writer);
    if (field->type == VP_TYPE_TEXTS)
        schema_type(writer, "string");
    else
        schema_reference(writer, field);
    vp_json_object_end(writer);
}

static void
schema_field(VpJsonWriter *writer, const VpField *field)
{
    vp_json_key(writer, field->key);
    vp_json_object_begin(writer);
    vp_json_key(writer, "description");
    vp_json_string(writer, field->doc, strlen(field->doc));
    switch (field->type) {
    case VP_TYPE_BOOL:
        schema_type(writer, "boolean");
        break;
    case VP_TYPE_UINT:
        schema_type(writer, "integer");
        vp_json_key(writer, "minimum");
        vp_json_uint(writer, 0);
        break;
    case VP_TYPE_INT:
        schema_type(writer, "integer");
        break;
    case VP_TYPE_MASK:
        schema_type(writer, "string");
        vp_json_key(writer, "pattern");
        vp_json_string(writer, "^0x[0-9a-f]{16}$", 16);
        break;
    case VP_TYPE_TEXT:
    case VP_TYPE_NAME:
        schema_type(writer, "string");
        break;
    case VP_TYPE_RECORD:
        schema_reference(writer, field);
        break;
    case VP_TYPE_TEXTS:
    case VP_TYPE_LIST:
        schema_list(writer, field);
        break;
    }
    vp_json_object_end(writer);
}

static void
schema_record(VpJsonWriter *writer, const VpRecordType *type)
{
    vp_json_key(writer, type->name);
    vp_json_object_begin(writer);
    vp_json_key(writer, "description");
    vp_json_string(writer, type->doc, strlen(type->doc));
    schema_type(writer, "object");
    vp_json_key(writer, "properties");
    vp_json_object_begin(writer);
    for (guint i = 0; i < type->n_fields; i++)
        schema_field(writer, &type->fields[i]);
    vp_json_object_end(writer);
    vp_json_object_end(writer);
}

static void
schema_text(VpJsonWriter *writer, const char *key, const char *text)
{
    vp_json_key(writer, key);
    vp_json_string(writer, text, strlen(text));
}

static void
print_schema(const char *title, const char *reference)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VpJsonWriter writer;

    vp_json_writer_init(&writer, out, FALSE);
    vp_json_object_begin(&writer);
    schema_text(&writer, "$schema", "https://json-schema.org/draft/2020-12/schema");
    schema_text(&writer, "title", title);
    schema_text(&writer, "$ref", reference);
    vp_json_key(&writer, "$defs");
    vp_json_object_begin(&writer);
    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++)
        schema_record(&writer, vp_record_type((VpRecordKind) kind));
    vp_json_object_end(&writer);
    vp_json_object_end(&writer);
    printf("%s\n", out->str);
}

/* All formats, or those that are no images but lie in them. */
static void
print_format_names(gboolean is_for_contents)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        if (!is_for_contents || format->layer == VP_LAYER_CONTENT
            || format->layer == VP_LAYER_WRAPPER)
            printf("%s\n", format->name);
    }
}

/* How much of the registry is table and nothing else. */
static void
print_functions(void)
{
    const VpFormat *format;
    guint n_formats = 0;
    guint n_tables = 0;
    guint n_parse = 0;
    guint n_checks = 0;
    guint n_verify = 0;

    for (; (format = vp_registry_nth(n_formats)) != NULL; n_formats++) {
        n_tables += virt_probe_format_get_functions(format) == 0 ? 1 : 0;
        n_parse += format->parse != NULL ? 1 : 0;
        n_checks += format->cross_check != NULL ? 1 : 0;
        n_verify += format->verify_tail != NULL || format->verify_content != NULL ? 1 : 0;
    }
    printf("Of the %u entries %u are tables and nothing else: they have no function at all. Of the "
           "others %u have a `parse()`,\n%u a `cross_check()`, %u a `verify_tail()` or "
           "`verify_content()`.\n",
           n_formats, n_tables, n_parse, n_checks, n_verify);
}

static int
usage(void)
{
    fprintf(stderr, "usage: generate "
                    "fields|rules|schema-image|schema-chain|schema-audit|schema-explanation|"
                    "schema-pools "
                    "KIND|rng|dictionary|formats|contents|functions|manual|rules-manual|"
                    "layout FORMAT\n");
    return 1;
}

int
main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const VpFormat *format = argc > 2 ? vp_registry_find(argv[2]) : NULL;

    if (strcmp(what, "fields") == 0)
        print_fields();
    else if (strcmp(what, "rules") == 0)
        print_rules();
    else if (strcmp(what, "schema-image") == 0)
        print_schema("virt-probe info --output=json, one image", "#/$defs/image");
    else if (strcmp(what, "schema-chain") == 0)
        print_schema("virt-probe chain --output=json, one image", "#/$defs/chain");
    else if (strcmp(what, "schema-audit") == 0)
        print_schema("virt-probe audit --output=json, one image", "#/$defs/audit");
    else if (strcmp(what, "schema-explanation") == 0)
        print_schema("virt-probe explain --output=json, one rule", "#/$defs/explanation");
    else if (strcmp(what, "schema-pools") == 0 && argc > 2 && generate_pool_schema(argv[2]))
        return 0;
    else if (strcmp(what, "rng") == 0)
        generate_rng();
    else if (strcmp(what, "dictionary") == 0)
        print_dictionary();
    else if (strcmp(what, "formats") == 0)
        print_format_names(FALSE);
    else if (strcmp(what, "contents") == 0)
        print_format_names(TRUE);
    else if (strcmp(what, "functions") == 0)
        print_functions();
    else if (strcmp(what, "manual") == 0)
        generate_manual();
    else if (strcmp(what, "rules-manual") == 0)
        generate_rules_manual();
    else if (strcmp(what, "target-keys") == 0)
        generate_target_keys();
    else if (strcmp(what, "targets") == 0)
        return generate_targets(argv + 2, argc - 2) ? 0 : 1;
    else if (strcmp(what, "layout") == 0 && format != NULL)
        print_layout(format);
    else
        return usage();
    return 0;
}
