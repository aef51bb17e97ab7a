/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vhdx.h: what the parts of the VHDX reader share. Source: Microsoft's [MS-VHDX], and QEMU's block/vhdx.c for what it
 * refuses. */
#pragma once

#include "storage/format.h"

#define VHDX_MIB (1024 * 1024)
#define VHDX_GUID_SIZE 16
/* Bytes of the block allocation table that are looked at: enough for 6 TiB in blocks of 32 MiB. */
#define VHDX_TABLE_READ_MAX (1536 * 1024)

/* Header fields, by number. */
typedef enum {
    VHDX_SIGNATURE,
    VHDX_CREATOR,
    VHDX_HEADER_SIGNATURE,
    VHDX_HEADER_CHECKSUM,
    VHDX_SEQUENCE,
    VHDX_FILE_WRITE_GUID,
    VHDX_DATA_WRITE_GUID,
    VHDX_LOG_GUID,
    VHDX_LOG_VERSION,
    VHDX_VERSION,
    VHDX_LOG_LENGTH,
    VHDX_LOG_OFFSET,
    VHDX_REGION_SIGNATURE,
    VHDX_REGION_CHECKSUM,
    VHDX_REGION_COUNT,
    VHDX_METADATA_SIGNATURE,
    VHDX_METADATA_COUNT,
    VHDX_BLOCK_SIZE,
    VHDX_DISK_TYPE,
    VHDX_DISK_SIZE,
    VHDX_DISK_ID,
    VHDX_LOGICAL_SECTOR,
    VHDX_PHYSICAL_SECTOR,
    VHDX_FIELD_COUNT,
} VhdxField;

/* Parts of the header; those from VHDX_PART_PARAMETERS on are items of the metadata, in the order of VhdxItemKind. */
typedef enum {
    VHDX_PART_IDENTIFIER,
    VHDX_PART_HEADER,
    VHDX_PART_REGIONS,
    VHDX_PART_METADATA,
    VHDX_PART_PARAMETERS,
    VHDX_PART_SIZE,
    VHDX_PART_ID,
    VHDX_PART_LOGICAL,
    VHDX_PART_PHYSICAL,
} VhdxPart;

typedef enum {
    VHDX_ITEM_PARAMETERS,
    VHDX_ITEM_SIZE,
    VHDX_ITEM_ID,
    VHDX_ITEM_LOGICAL,
    VHDX_ITEM_PHYSICAL,
    VHDX_ITEM_PARENT,
    VHDX_ITEM_COUNT,
} VhdxItemKind;

typedef enum {
    VHDX_REGION_BAT,
    VHDX_REGION_METADATA,
    VHDX_REGION_KINDS,
} VhdxRegionKind;

/* A piece of the file, or an item of the metadata; offsets count from the start of the image. */
typedef struct {
    guint64 offset;
    guint64 length;
} VhdxPlace;

/* The first region, or item of the metadata, of that kind. FALSE: there is none, or the tables cannot be read. */
gboolean vhdx_region_find(VpProbe *probe, VhdxRegionKind kind, VhdxPlace *out_place);
gboolean vhdx_item_find(VpProbe *probe, VhdxItemKind kind, VhdxPlace *out_place);

/* Judges both tables, and gives the places that are taken by regions and the log, sorted; VhdxPlace.
 * (transfer full) */
GArray *vhdx_tables_check(VpProbe *probe);

/* The first place in a sorted list that has a byte of [offset, offset + length); NULL: none. */
const VhdxPlace *vhdx_places_find(const GArray *places, guint64 offset, guint64 length);

/* Judges the log. */
void vhdx_log_check(VpProbe *probe);

/* Judges the block allocation table. places: where no block may lie. */
void vhdx_blocks_check(VpProbe *probe, const GArray *places);

/* Lists how the image names its parent. */
void vhdx_parent_fill(VpProbe *probe);
