/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* descriptor.c: directories that hold a disk of Parallels (ploop), described by their DiskDescriptor.xml. Source: QEMU's
 * docs/interop/prl-xml.txt. Nothing that the descriptor names is opened. */
#include "storage/descriptor.h"

#include "util/numbers.h"

#include <string.h>

#define FILE_NAME "DiskDescriptor.xml"
#define SECTOR 512
/* Real ones have a few KiB. */
#define SIZE_MAX_BYTES (1024 * 1024)
#define DEPTH_MAX 16
/* Storages, images and snapshots together. */
#define ITEMS_MAX 1024
#define ROOT "Parallels_disk_image"
#define TOP_GUID "{5fbaabe3-6958-40ff-92a7-860e329aab41}"

/* Whose facts an element holds. */
typedef enum {
    DISK,
    STORAGE,
    IMAGE,
    SNAPSHOT,
    OWNER_COUNT,
} Owner;

typedef enum {
    ITEM, /* the element is a storage, image or snapshot: an entry of a list */
    NUMBER,
    SIZE, /* a number of sectors, shown in bytes */
    TEXT,
} Kind;

typedef struct {
    const char *path; /* below the root */
    Owner owner;      /* of an item: itself */
    Kind kind;
    guint8 field; /* of the owner's record; of an item: of the record that lists it */
} Element;

static const Element elements[] = {
    { "/Disk_Parameters/Disk_size", DISK, SIZE, VP_DESCRIPTOR_DISK_SIZE },
    { "/Disk_Parameters/Cylinders", DISK, NUMBER, VP_DESCRIPTOR_CYLINDERS },
    { "/Disk_Parameters/Heads", DISK, NUMBER, VP_DESCRIPTOR_HEADS },
    { "/Disk_Parameters/Sectors", DISK, NUMBER, VP_DESCRIPTOR_SECTORS },
    { "/Disk_Parameters/Padding", DISK, NUMBER, VP_DESCRIPTOR_PADDING },
    { "/StorageData/Storage", STORAGE, ITEM, VP_DESCRIPTOR_STORAGES },
    { "/StorageData/Storage/Start", STORAGE, SIZE, VP_STORAGE_START },
    { "/StorageData/Storage/End", STORAGE, SIZE, VP_STORAGE_END },
    { "/StorageData/Storage/Blocksize", STORAGE, SIZE, VP_STORAGE_BLOCK_SIZE },
    { "/StorageData/Storage/Image", IMAGE, ITEM, VP_STORAGE_IMAGES },
    { "/StorageData/Storage/Image/GUID", IMAGE, TEXT, VP_STORAGE_IMAGE_GUID },
    { "/StorageData/Storage/Image/Type", IMAGE, TEXT, VP_STORAGE_IMAGE_TYPE },
    { "/StorageData/Storage/Image/File", IMAGE, TEXT, VP_STORAGE_IMAGE_FILE },
    { "/Snapshots/TopGUID", DISK, TEXT, VP_DESCRIPTOR_TOP_GUID },
    { "/Snapshots/Shot", SNAPSHOT, ITEM, VP_DESCRIPTOR_SNAPSHOTS },
    { "/Snapshots/Shot/GUID", SNAPSHOT, TEXT, VP_SHOT_GUID },
    { "/Snapshots/Shot/ParentGUID", SNAPSHOT, TEXT, VP_SHOT_PARENT_GUID },
};

typedef struct {
    VpProbe *probe;
    GString *path; /* of the element that is read, below the root */
    GString *text; /* of it, when it has no elements itself */
    guint depth;
    guint n_items;
    VirtProbeRecord *records[OWNER_COUNT]; /* the last of each */
} Reader;

static const Element *
element_find(const char *path)
{
    for (guint i = 0; i < G_N_ELEMENTS(elements); i++) {
        if (strcmp(elements[i].path, path) == 0)
            return &elements[i];
    }
    return NULL;
}

static void
refuse(GError **error, const char *message)
{
    g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, message);
}

static void
begin_item(Reader *reader, const Element *element, GError **error)
{
    Owner list = element->owner == IMAGE ? STORAGE : DISK;

    if (++reader->n_items > ITEMS_MAX) {
        refuse(error, "there are more than 1024 storages, images and snapshots");
        return;
    }
    reader->records[element->owner] = vp_record_append(reader->records[list], element->field);
}

static void
begin_root(Reader *reader, const char *name, const char **names, const char **values,
           GError **error)
{
    VirtProbeRecord *disk = reader->records[DISK];

    if (strcmp(name, ROOT) != 0) {
        refuse(error, "the document is no description of a disk");
        return;
    }
    for (guint i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], "Version") == 0)
            vp_probe_set_text(reader->probe, disk, VP_DESCRIPTOR_VERSION,
                              (const guint8 *) values[i], strlen(values[i]), 0);
    }
}

static void
start_element(G_GNUC_UNUSED GMarkupParseContext *context, const char *name, const char **names,
              const char **values, gpointer user_data, GError **error)
{
    Reader *reader = user_data;
    const Element *element;

    if (++reader->depth > DEPTH_MAX) {
        refuse(error, "elements are nested more than 16 deep");
        return;
    }
    g_string_truncate(reader->text, 0);
    if (reader->depth == 1) {
        begin_root(reader, name, names, values, error);
        return;
    }
    g_string_append_printf(reader->path, "/%s", name);
    element = element_find(reader->path->str);
    if (element != NULL && element->kind == ITEM)
        begin_item(reader, element, error);
}

static void
set_number(Reader *reader, const Element *element, const char *text, GError **error)
{
    guint64 unit = element->kind == SIZE ? SECTOR : 1;
    guint64 value;

    if (!vp_number_parse(text, 10, 0, G_MAXINT64 / unit, &value)) {
        g_set_error(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                    "%s is no number that is possible", element->path + 1);
        return;
    }
    vp_record_set_uint(reader->records[element->owner], element->field, value * unit);
}

static void
end_element(G_GNUC_UNUSED GMarkupParseContext *context, const char *name, gpointer user_data,
            GError **error)
{
    Reader *reader = user_data;
    const Element *element = element_find(reader->path->str);
    const char *text = g_strstrip(reader->text->str);

    if (element != NULL && (element->kind == NUMBER || element->kind == SIZE))
        set_number(reader, element, text, error);
    else if (element != NULL && element->kind == TEXT)
        vp_probe_set_text(reader->probe, reader->records[element->owner], element->field,
                          (const guint8 *) text, strlen(text), 0);
    reader->depth--;
    if (reader->depth > 0)
        g_string_truncate(reader->path, reader->path->len - strlen(name) - 1);
    g_string_truncate(reader->text, 0);
}

static void
add_text(G_GNUC_UNUSED GMarkupParseContext *context, const char *text, gsize len,
         gpointer user_data, G_GNUC_UNUSED GError **error)
{
    Reader *reader = user_data;

    g_string_append_len(reader->text, text, (gssize) len);
}

/* Comments and the declaration of XML mean nothing; a document type could declare entities. */
static void
check_passthrough(G_GNUC_UNUSED GMarkupParseContext *context, const char *text, gsize len,
                  G_GNUC_UNUSED gpointer user_data, GError **error)
{
    if (len > 2 && text[1] == '!' && g_ascii_isalpha(text[2]))
        refuse(error, "the document has a document type");
}

static gboolean
parse_document(Reader *reader, const VpReader *bytes, GError **error)
{
    static const GMarkupParser parser = { start_element, end_element, add_text, check_passthrough,
                                          NULL };
    g_autoptr(GMarkupParseContext) context = NULL;

    /* GLib notices other bytes too, but then may go on and set a second error. */
    if (bytes->size == 0
        || !g_utf8_validate((const char *) bytes->data, (gssize) bytes->size, NULL)) {
        refuse(error, "the document is not UTF-8");
        return FALSE;
    }
    context = g_markup_parse_context_new(&parser, (GMarkupParseFlags) 0, reader, NULL);
    return g_markup_parse_context_parse(context, (const char *) bytes->data, (gssize) bytes->size,
                                        error)
           && g_markup_parse_context_end_parse(context, error);
}

/* Only what this file says is repeated: messages of GLib are translated and quote the document. */
static void
report_fault(VpProbe *probe, const GError *error)
{
    gboolean is_ours = g_error_matches(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT);

    vp_probe_find(probe, VP_RULE_HEADER_INVALID, 0, 0, "descriptor: %s",
                  is_ours ? error->message : "the document is not well-formed");
}

static gboolean
lists_image(const VirtProbeRecord *storage, const char *guid)
{
    const VpValue *images = vp_record_get(storage, VP_STORAGE_IMAGES);

    for (guint i = 0; images != NULL && i < images->list->count; i++) {
        const char *own = vp_record_get_text(images->list->items[i], VP_STORAGE_IMAGE_GUID);

        if (own != NULL && g_ascii_strcasecmp(own, guid) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Storages follow each other from the first sector of the disk to its last. */
static void
check_storages(VpProbe *probe, const VirtProbeRecord *disk)
{
    const VpValue *storages = vp_record_get(disk, VP_DESCRIPTOR_STORAGES);
    const char *top = vp_record_get_text(disk, VP_DESCRIPTOR_TOP_GUID);
    guint64 end = 0;

    for (guint i = 0; storages != NULL && i < storages->list->count; i++) {
        const VirtProbeRecord *storage = storages->list->items[i];
        const VpValue *first = vp_record_get(storage, VP_STORAGE_START);
        const VpValue *last = vp_record_get(storage, VP_STORAGE_END);

        if (first == NULL || last == NULL || first->number != end || last->number <= end)
            vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, 0, 0,
                          "storage %u does not follow the one before it", i);
        if (!lists_image(storage, top != NULL ? top : TOP_GUID))
            vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, 0, 0,
                          "storage %u has no image that is the top one", i);
        end = last != NULL ? last->number : end;
    }
    if (storages == NULL)
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, 0, 0, "there is no storage");
    else if (end != vp_record_get(disk, VP_DESCRIPTOR_DISK_SIZE)->number)
        vp_probe_find(probe, VP_RULE_HEADER_INCONSISTENT, 0, 0,
                      "storages end at %" G_GUINT64_FORMAT ", not where the disk ends", end);
}

static void
check_descriptor(VpProbe *probe, const VirtProbeRecord *disk)
{
    const VpValue *size = vp_record_get(disk, VP_DESCRIPTOR_DISK_SIZE);
    const VpValue *padding = vp_record_get(disk, VP_DESCRIPTOR_PADDING);
    const char *version = vp_record_get_text(disk, VP_DESCRIPTOR_VERSION);

    if (disk == NULL)
        return;
    if (version == NULL || strcmp(version, "1.0") != 0)
        vp_probe_find(probe, VP_RULE_UNSUPPORTED_VERSION, 0, 0,
                      "the descriptor is not of version 1.0");
    if (padding != NULL && padding->number != 0)
        vp_probe_find(probe, VP_RULE_RESERVED, 0, 0, "padding is reserved and not zero");
    if (size == NULL) {
        vp_probe_find(probe, VP_RULE_HEADER_INVALID, 0, 0, "the size of the disk is missing");
        return;
    }
    vp_record_set_uint(probe->image, VP_IMAGE_VIRTUAL_SIZE, size->number);
    check_storages(probe, disk);
}

void
vp_descriptor_run(VpProbe *probe, const VpFormat *format)
{
    g_autoptr(GString) path = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    Reader reader = { .probe = probe, .path = path, .text = text };
    VpReader bytes;

    probe->format = format;
    vp_record_set_constant(probe->image, VP_IMAGE_FORMAT, format->name);
    /* That of the descriptor says nothing. */
    vp_record_unset(probe->image, VP_IMAGE_ACTUAL_SIZE);
    if (probe->size > SIZE_MAX_BYTES) {
        vp_probe_find(probe, VP_RULE_LIMIT, 0, probe->size,
                      "the descriptor has %" G_GUINT64_FORMAT " bytes, at most %u are read",
                      probe->size, SIZE_MAX_BYTES);
        return;
    }
    if (!vp_probe_read(probe, 0, (gsize) probe->size, "descriptor", &bytes))
        return;
    reader.records[DISK] =
        vp_record_set_record(probe->extra, VP_PROBE_DESCRIPTOR, VP_RECORD_DESCRIPTOR);
    if (parse_document(&reader, &bytes, &error))
        check_descriptor(probe, reader.records[DISK]);
    else
        report_fault(probe, error);
}

VpSource *
vp_descriptor_open(const char *path, char **out_path)
{
    int directory = vp_directory_open(path, NULL);
    gboolean is_outside;
    g_autoptr(VpSource) source = NULL;

    if (directory < 0)
        return NULL;
    source = vp_source_file_open_beneath(directory, FILE_NAME, TRUE, &is_outside, NULL);
    vp_directory_close(directory);
    if (source == NULL || source->kind != VP_SOURCE_FILE)
        return NULL;
    *out_path = g_build_filename(path, FILE_NAME, NULL);
    source->path = *out_path;
    return g_steal_pointer(&source);
}
