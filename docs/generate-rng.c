/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* generate-rng.c: writes the RELAX NG schema of our own XML from the field table. */
#include "generate.h"

#include "storage/format.h"
#include "storage/registry.h"

#include <stdio.h>

static void
print_kind(VpRecordKind kind)
{
    printf("<ref name=\"%s\"/>", vp_record_type(kind)->name);
}

/* What a field holds depends on the format: the facts of a format, or its details. */
static void
print_any(const VpField *field)
{
    if (g_str_equal(field->key, "details"))
        printf("<ref name=\"details\"/>");
    else
        printf("<choice><ref name=\"qcow2\"/><ref name=\"luks\"/><ref name=\"vmdk\"/>"
               "<ref name=\"file\"/></choice>");
}

static void
print_content(const VpField *field)
{
    switch (field->type) {
    case VP_TYPE_BOOL:
        printf("<data type=\"boolean\"/>");
        break;
    case VP_TYPE_UINT:
        printf("<data type=\"unsignedLong\"/>");
        break;
    case VP_TYPE_INT:
        printf("<data type=\"long\"/>");
        break;
    case VP_TYPE_MASK:
        printf("<data type=\"string\"><param name=\"pattern\">0x[0-9a-f]{16}</param></data>");
        break;
    case VP_TYPE_TEXT:
    case VP_TYPE_NAME:
        printf("<text/>");
        break;
    case VP_TYPE_TEXTS:
        printf("<zeroOrMore><element name=\"item\"><text/></element></zeroOrMore>");
        break;
    case VP_TYPE_RECORD:
        if (field->child == VP_RECORD_ANY)
            print_any(field);
        else
            print_kind(field->child);
        break;
    case VP_TYPE_LIST:
        printf("<zeroOrMore><element name=\"%s\">", vp_record_type(field->child)->name);
        print_kind(field->child);
        printf("</element></zeroOrMore>");
        break;
    }
}

static void
print_record(VpRecordKind kind)
{
    const VpRecordType *type = vp_record_type(kind);

    printf("  <define name=\"%s\">\n", type->name);
    for (guint i = 0; i < type->n_fields; i++) {
        printf("    <optional><element name=\"%s\">", type->fields[i].key);
        print_content(&type->fields[i]);
        printf("</element></optional>\n");
    }
    if (type->n_fields == 0)
        printf("    <empty/>\n");
    printf("  </define>\n");
}

/* The first detail of a format opens its group. */
static void
print_detail(const char *key, gboolean is_number, gboolean *has_any)
{
    if (!*has_any)
        printf("      <group>\n");
    *has_any = TRUE;
    printf("        <optional><element name=\"%s\">%s</element></optional>\n", key,
           is_number ? "<data type=\"unsignedLong\"/>" : "<text/>");
}

/* One after the other, since which rows are there depends on the version of an image; texts come behind rows, as
 * fill-details.c writes them. */
static void
print_details(const VpFormat *format)
{
    const VpDetailText *text = format->detail_texts;
    gboolean has_any = FALSE;

    for (guint i = 0; i < format->n_fields; i++) {
        const VpHeaderField *row = &format->fields[i];

        if (row->is_detail)
            print_detail(row->name, row->kind == VP_KIND_UINT && row->names == NULL, &has_any);
    }
    for (; text != NULL && text->key != NULL; text++)
        print_detail(text->key, FALSE, &has_any);
    if (has_any)
        printf("      </group>\n");
}

static void
print_start(void)
{
    printf("  <start>\n    <element name=\"metadata\">\n"
           "      <optional>\n        <choice><ref name=\"libvirt-volume\"/><ref "
           "name=\"libvirt-pool\"/></choice>\n      </optional>\n"
           "      <optional>\n        <choice>\n"
           "          <element name=\"pool\"><ref name=\"pool\"/></element>\n");
    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++)
        printf("          <element name=\"%s\"><ref name=\"%s\"/></element>\n",
               vp_record_type((VpRecordKind) kind)->name,
               vp_record_type((VpRecordKind) kind)->name);
    printf("        </choice>\n      </optional>\n    </element>\n  </start>\n");
}

/* What is known of a pool is no record; src/storage/pool/definition-write.c writes it. */
static void
print_pool(void)
{
    printf(
        "  <define name=\"pool\">\n"
        "    <element name=\"state\"><choice><value>running</value><value>inactive</value>"
        "</choice></element>\n"
        "    <optional><element name=\"reason\"><text/></element></optional>\n"
        "    <optional><element name=\"available-to-users\"><data type=\"unsignedLong\"/>"
        "</element></optional>\n"
        "    <optional>\n      <element name=\"volumes\">\n"
        "        <element name=\"count\"><data type=\"unsignedLong\"/></element>\n"
        "        <element name=\"capacity\"><data type=\"unsignedLong\"/></element>\n"
        "        <element name=\"allocation\"><data type=\"unsignedLong\"/></element>\n"
        "        <element name=\"not-counted\"><data type=\"unsignedLong\"/></element>\n"
        "        <element name=\"refreshed\"><data type=\"string\"><param name=\"pattern\">"
        "-?[0-9]+\\.[0-9]{9}</param></data></element>\n"
        "      </element>\n    </optional>\n"
        "    <optional><element name=\"overcommit\"><data type=\"decimal\"/></element></optional>\n"
        "  </define>\n");
}

void
generate_rng(void)
{
    const VpFormat *format;

    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<!-- Made by docs/generate-rng.c from src/storage/fields.def. -->\n"
           "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\"\n"
           "    datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\"\n"
           "    ns=\"urn:x-virt-probe:metadata:1\">\n");
    print_start();
    printf("  <!-- libvirt's storagevol.rng says what is in it. -->\n"
           "  <define name=\"libvirt-volume\">\n"
           "    <element name=\"volume\" ns=\"\"><ref name=\"anything\"/></element>\n  </define>\n"
           "  <!-- libvirt's storagepool.rng says what is in it. -->\n"
           "  <define name=\"libvirt-pool\">\n"
           "    <element name=\"pool\" ns=\"\"><ref name=\"anything\"/></element>\n  </define>\n"
           "  <define name=\"anything\">\n    <zeroOrMore>\n      <choice>\n"
           "        <attribute><anyName/></attribute>\n        <text/>\n"
           "        <element><anyName/><ref name=\"anything\"/></element>\n"
           "      </choice>\n    </zeroOrMore>\n  </define>\n");
    print_pool();
    for (guint kind = 0; kind < VP_RECORD_COUNT; kind++)
        print_record((VpRecordKind) kind);
    printf("  <define name=\"details\">\n    <choice>\n      <empty/>\n");
    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++)
        print_details(format);
    printf("    </choice>\n  </define>\n</grammar>\n");
}
