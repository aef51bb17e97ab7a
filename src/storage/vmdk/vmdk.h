/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vmdk.h: the descriptor of a VMDK: text that says what the disk consists of. */
#pragma once

#include "storage/format.h"

#define VMDK_SECTOR 512
/* QEMU reads no more of a descriptor: 1 MiB less one byte. */
#define VMDK_DESCRIPTOR_MAX ((1 << 20) - 1)
/* … and looks for the content ids and the parent in so many bytes, of which the last one is taken for a NUL. */
#define VMDK_CID_WINDOW (20 * VMDK_SECTOR - 1)
/* The largest disk of QEMU: 2^63 less 2^30 bytes. */
#define VMDK_SECTORS_MAX ((G_MAXINT64 - (1 << 30) + 1) / VMDK_SECTOR)
/* "KDMV" */
#define VMDK_SPARSE_MAGIC 0x564d444b
#define VMDK_VERSION_MAX 3
/* The place of a directory that only the footer knows. */
#define VMDK_DIRECTORY_AT_END G_MAXUINT64
#define VMDK_COMPRESSION_DEFLATE 1
/* Sectors of a grain: QEMU's limit of 1 GiB. */
#define VMDK_GRAIN_MAX 0x200000
/* parentCID of a disk that stands on none. */
#define VMDK_NO_PARENT G_MAXUINT32

/* Rows of the header. */
enum {
    VMDK_ROW_MAGIC,
    /* A sparse extent, "KDMV" … */
    VMDK_ROW_VERSION,
    VMDK_ROW_FLAGS,
    VMDK_ROW_CAPACITY,
    VMDK_ROW_GRAIN,
    VMDK_ROW_DESCRIPTOR_OFFSET,
    VMDK_ROW_DESCRIPTOR_SIZE,
    VMDK_ROW_TABLE_ENTRIES,
    VMDK_ROW_REDUNDANT_OFFSET,
    VMDK_ROW_DIRECTORY_OFFSET,
    VMDK_ROW_OVERHEAD,
    VMDK_ROW_UNCLEAN,
    VMDK_ROW_NEWLINES,
    VMDK_ROW_COMPRESSION,
    /* … whose header may stand once more at the end, between two markers, in the same order. */
    VMDK_ROW_FOOTER_MARKER_SIZE,
    VMDK_ROW_FOOTER_MARKER_TYPE,
    VMDK_ROW_FOOTER_MAGIC,
    VMDK_ROW_FOOTER_VERSION,
    VMDK_ROW_FOOTER_FLAGS,
    VMDK_ROW_FOOTER_CAPACITY,
    VMDK_ROW_FOOTER_GRAIN,
    VMDK_ROW_FOOTER_DESCRIPTOR_OFFSET,
    VMDK_ROW_FOOTER_DESCRIPTOR_SIZE,
    VMDK_ROW_FOOTER_TABLE_ENTRIES,
    VMDK_ROW_FOOTER_REDUNDANT_OFFSET,
    VMDK_ROW_FOOTER_DIRECTORY_OFFSET,
    VMDK_ROW_FOOTER_OVERHEAD,
    VMDK_ROW_FOOTER_UNCLEAN,
    VMDK_ROW_FOOTER_NEWLINES,
    VMDK_ROW_FOOTER_COMPRESSION,
    VMDK_ROW_END_MARKER_VALUE,
    VMDK_ROW_END_MARKER_SIZE,
    VMDK_ROW_END_MARKER_TYPE,
    /* A copy-on-write disk of old ESX servers, "COWD". */
    VMDK_ROW_COWD_VERSION,
    VMDK_ROW_COWD_FLAGS,
    VMDK_ROW_COWD_CAPACITY,
    VMDK_ROW_COWD_GRAIN,
    VMDK_ROW_COWD_DIRECTORY_OFFSET,
    VMDK_ROW_COWD_DIRECTORY_ENTRIES,
    /* A space-efficient sparse extent. */
    VMDK_ROW_SE_VERSION,
    VMDK_ROW_SE_CAPACITY,
    VMDK_ROW_SE_GRAIN,
    VMDK_ROW_SE_TABLE_SIZE,
    VMDK_ROW_SE_FLAGS,
    VMDK_ROW_SE_RESERVED_1,
    VMDK_ROW_SE_RESERVED_2,
    VMDK_ROW_SE_RESERVED_3,
    VMDK_ROW_SE_RESERVED_4,
    VMDK_ROW_SE_VOLATILE_SECTOR,
    VMDK_ROW_SE_JOURNAL_MARK,
    VMDK_ROW_COUNT,
};

/* Text of an image up to its first NUL. */
typedef struct {
    const guint8 *bytes;
    gsize len;
    guint64 place; /* where it stands */
} VmdkText;

typedef enum {
    VMDK_VERSION,
    VMDK_CID,
    VMDK_PARENT_CID,
    VMDK_PARENT_NAME,
    VMDK_DETAIL_FIRST,
    VMDK_CREATE_TYPE = VMDK_DETAIL_FIRST,
    VMDK_ENCODING,
    VMDK_NATIVE_SNAPSHOT,
    VMDK_CHANGE_TRACK,
    VMDK_ADAPTER,
    VMDK_HARDWARE_VERSION,
    VMDK_TOOLS_VERSION,
    VMDK_UUID,
    VMDK_LONG_CONTENT_ID,
    VMDK_THIN,
    VMDK_DELETABLE,
    VMDK_CYLINDERS,
    VMDK_HEADS,
    VMDK_SECTORS,
    VMDK_KEY_COUNT,
} VmdkKey;

typedef struct {
    VmdkText value; /* of the first line that has the key; bytes NULL: none has it */
    gboolean is_contradicted;
} VmdkEntry;

/* The lines "key = value" that we know. */
typedef struct {
    VmdkEntry entries[VMDK_KEY_COUNT];
    VmdkText encryption; /* the first key about it; bytes NULL: there is none */
} VmdkDescriptor;

/* A line that may describe an extent, read as QEMU's sscanf() reads it, which does not stop at the end of a line. */
typedef struct {
    guint n_fields; /* that could be read, from the front: 4 with a name, 5 with an offset */
    char access[11];
    gint64 sectors;
    char type[11];
    VmdkText name;
    gboolean is_name_ended; /* by a quotation mark */
    gint64 offset;
    VmdkText line;
    gsize n_seen; /* how often QEMU comes across it: once more for each empty line before it */
} VmdkLine;

typedef enum {
    VMDK_LINE_OTHER,   /* nothing about an extent */
    VMDK_LINE_TAKEN,   /* QEMU opens the file */
    VMDK_LINE_IGNORED, /* an extent that QEMU leaves out */
    VMDK_LINE_INVALID, /* QEMU refuses the image */
} VmdkLineKind;

/* Kinds of extents with a header. */
#define VMDK_KIND_SPARSE "SPARSE"
#define VMDK_KIND_SESPARSE "SESPARSE"

/* What QEMU makes of the first 512 bytes of a file that may be a descriptor. */
gboolean vmdk_text_is_probed_by_qemu(const guint8 *head, gsize size);

/* TRUE when that says so, or the first line that is neither empty nor a comment is one of a descriptor and the text says
 * what it creates. */
gboolean vmdk_text_is_descriptor(const guint8 *head, gsize size);

void vmdk_descriptor_read(const VmdkText *text, VmdkDescriptor *out_descriptor);

/* Number of base 16, by QEMU's rules for what stands behind a name: anywhere, whatever stands before the name. */
gboolean vmdk_qemu_number(const VmdkText *text, const char *name, guint32 *out_number);

/* Text up to the quotation mark that follows, by the same rules. is_named: the name is there at all. */
gboolean vmdk_qemu_text(const VmdkText *text, const char *name, VmdkText *out_value,
                        gboolean *out_is_named);

/* A number of base 16 that is all of a text. */
gboolean vmdk_text_number(const VmdkText *text, guint32 *out_number);

/* The next line that holds anything, from *pos on. FALSE: there is none. */
gboolean vmdk_line_next(const VmdkText *text, gsize *pos, VmdkLine *out_line);
VmdkLineKind vmdk_line_kind(const VmdkLine *line);

/* TRUE when the name leads elsewhere than to a file beside the descriptor. */
gboolean vmdk_name_is_outside(const VmdkText *name);

/* Describes what the text at its place says of the image. qemu: where QEMU looks for ids and parent. */
void vmdk_describe(VpProbe *probe, const VmdkText *text, const VmdkText *qemu,
                   const VmdkDescriptor *descriptor);

/* The record with what only VMDK has. */
VirtProbeRecord *vmdk_specific(VpProbe *probe);

/* The disk of a text: its kind, its extents and its size. */
void vmdk_describe_disk(VpProbe *probe, const VmdkText *text, const VmdkDescriptor *descriptor);

/* Says what is odd in a text that lies in the only extent. sectors: that the header claims, in grains of so many. */
void vmdk_check_embedded(VpProbe *probe, const VmdkText *text, guint64 sectors, guint64 grain);

extern const VpDetailText vmdk_detail_texts[];

/* Text at its place, at most len bytes; empty where there is none. */
VmdkText vmdk_text_read(VpProbe *probe, guint64 place, guint64 len);

/* FALSE and a finding when the value of a field cannot be. */
gboolean vmdk_must(VpProbe *probe, gboolean is_possible, guint field, const char *why);

/* Writes the version; FALSE and a finding when it is not known. */
gboolean vmdk_check_version(VpProbe *probe, guint field, guint64 minimum, guint64 maximum);

/* Describes the image itself as its only extent. */
void vmdk_fill_extent(VpProbe *probe, guint capacity_field, guint64 grain, gboolean is_compressed);

/* A grain directory of so many entries; FALSE and a finding when there are too many. */
gboolean vmdk_check_entries(VpProbe *probe, guint field, guint64 entries);
void vmdk_check_directory(VpProbe *probe, const char *name, guint field, guint64 entries);

/* Says that a part of a disk stands alone, unless its descriptor was described before it. */
void vmdk_find_alone(VpProbe *probe);

/* Describes text that lies in an extent; FALSE: there is none, so the file is a part of a disk. */
gboolean vmdk_describe_embedded(VpProbe *probe, const VmdkText *text);

/* The whole of a file that begins with "KDMV". */
void vmdk_parse_sparse(VpProbe *probe);
