/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe.h: one probe of one image: what its functions share while it runs. */
#pragma once

#include "storage/format-set.h"
#include "storage/record.h"
#include "storage/rules.h"
#include "util/windows.h"
#include "virtprobe/describe.h"
#include "virtprobe/format.h"

/* Bytes that are read first: all container signatures and most headers lie within. */
#define VP_HEAD_SIZE 4096
/* The same for a brief description of an image whose name says what it is: header, extensions and names end here, as a rule.
 * Copying more than that is felt by a scan. */
#define VP_HEAD_SIZE_BRIEF 1024

/* What is read of the end: signatures there stand in the last sector, which may have so many bytes. */
#define VP_END_SIZE 4096

/* What another file is to the image that names it. */
#define VP_ROLE_BACKING "backing"
#define VP_ROLE_DATA_FILE "data-file"
#define VP_ROLE_PARENT                                                                             \
    "parent" /* as a backing file, but known by an identity, its names being hints */
#define VP_ROLE_EXTENT "extent" /* holds some of the guest's data */

/* Among the flags of a probe, from within the library only: the image is a part of a disk whose descriptor was described. */
#define VP_DESCRIBE_EXTENT ((VirtProbeDescribeFlags) (1 << 16))

/* Findings of one rule that are kept, so that no flood of one kind hides another. */
#define VP_FINDINGS_PER_RULE_MAX 6

typedef VirtProbeFormat VpFormat;
typedef struct VpProbe VpProbe;

/* Structures that a header may consist of. */
#define VP_PARTS_MAX 12

/* Where a part of the header is. */
typedef struct {
    guint64 place;       /* where offsets of its fields count from, from the start of the image */
    const guint8 *bytes; /* of its fields, from bytes_start on; NULL when nothing could be read */
    guint32 bytes_start; /* counted as the offsets of fields are */
    gboolean is_second;  /* the second copy was taken */
    gboolean is_sound;   /* signature and checksum are right */
} VpHeaderPart;

/* The header's fields as they were read. */
typedef struct {
    guint64 values[64]; /* numbers, by field */
    VpHeaderPart parts[VP_PARTS_MAX];
    guint64 present;      /* by field: it is there and was read */
    guint64 checked;      /* by field: and its row asks something of it */
    guint64 valid;        /* by field: it was read and passed its checks */
    guint64 cluster_size; /* 0: none, or not to be trusted */
} VpHeader;

struct VpProbe {
    VpWindows *windows;
    guint64 start; /* where the image begins in the source, and how long it is */
    guint64 size;
    const VpFormat *format;
    guint64 header_start; /* where its header begins, from start */
    VpHeader header;
    gboolean is_version_known;
    gboolean is_quiet; /* checks only decide what is valid, and findings are not recorded */
    gboolean
        has_no_end; /* what is there is only the beginning of the image; size is not that of the image */
    gboolean is_presumed; /* the end would tell whether it is of that format, and there is none */
    gboolean is_nested;   /* inside another format, which owns image and extra */
    VirtProbeDescribeFlags flags;
    const char *name;        /* of the image; NULL when it has none */
    VpFormatSet named;       /* formats that its name speaks of */
    VpFormatSet contents;    /* formats that are listed as its content, another one */
    VirtProbeRecord *image;  /* the record IMAGE; NULL when nested */
    VirtProbeRecord *extra;  /* the record PROBE; NULL when nested */
    VirtProbeRecord *target; /* where a nested format writes; NULL at the top */
    VirtProbeRecord
        *findings; /* the record whose findings are appended to: PROBE of the outermost */
    guint8 n_findings[VP_RULE_COUNT];
    gboolean has_unlisted_findings;
    const VirtProbeRule *broken_rule; /* of the first finding that breaks; NULL: none */
    const char *broken_message;
    VpProbe *outer; /* the probe that this one is nested in */
    void *state;    /* of the format's own functions */
};

/* Bytes of the image that are read first. */
static inline guint
vp_probe_head_size(const VpProbe *probe)
{
    return (probe->flags & VIRT_PROBE_DESCRIBE_BRIEF) != 0 && !vp_format_set_is_empty(probe->named)
               ? VP_HEAD_SIZE_BRIEF
               : VP_HEAD_SIZE;
}

/* Bytes of the image, counted from its start. FALSE when they are not all there: a finding says so, and the
 * reader holds what there is. what: "L1 table", for the message. */
gboolean vp_probe_read(VpProbe *probe, guint64 offset, gsize len, const char *what,
                       VpReader *out_reader);

/* Says when a structure does not end within the file, or within any. what: "L1 table". FALSE: it does not. */
gboolean vp_probe_check_place(VpProbe *probe, const char *what, guint64 offset, guint64 len);

/* Fetches bytes that small reads will follow for; those say what is missing. */
void vp_probe_prefetch(VpProbe *probe, guint64 offset, gsize len);

/* Bytes that will be read once others are known, which may stand behind them: so that a stream does not let them go by. */
void vp_probe_announce(VpProbe *probe, guint64 offset, guint64 len);

/* The value of a header field; 0 when it is not there. */
static inline guint64
vp_probe_value(const VpProbe *probe, guint field)
{
    return probe->header.values[field];
}

/* TRUE when a header field was read and passed its checks. */
static inline gboolean
vp_probe_is_valid(const VpProbe *probe, guint field)
{
    return (probe->header.valid >> field & 1) != 0;
}

static inline gboolean
vp_probe_has(const VpProbe *probe, guint field)
{
    return (probe->header.present >> field & 1) != 0;
}

/* Records a finding about len bytes of the image at offset; len 0: about no bytes. */
void vp_probe_find(VpProbe *probe, VpRuleId rule, guint64 offset, guint64 len, const char *message,
                   ...) G_GNUC_PRINTF(5, 6);

/* Records a finding about a header field. */
void vp_probe_find_field(VpProbe *probe, VpRuleId rule, guint field, const char *message, ...)
    G_GNUC_PRINTF(4, 5);

/* Records a finding about an image that was described already, for what only its place in a chain shows. */
void vp_image_find(VirtProbeRecord *image, VpRuleId rule, const char *message, ...)
    G_GNUC_PRINTF(3, 4);

/* Sets a text of the image, and says when it is dangerous to show. offset: where it stands. */
void vp_probe_set_text(VpProbe *probe, VirtProbeRecord *record, guint field, const guint8 *bytes,
                       gsize len, guint64 offset);

/* Describes what lies at offset, within len bytes, as the format called name, into target. */
gboolean vp_describe_as(VpProbe *probe, const char *name, guint64 offset, guint64 len,
                        VirtProbeRecord *target);

/* Describes content of the image, whose header begins there, into target. */
void vp_describe_content(VpProbe *probe, const VpFormat *format, guint64 header_start,
                         VirtProbeRecord *target);

/* The bytes there when the image has them all and they can be read; no finding tells when not. */
gboolean vp_probe_peek(VpProbe *probe, guint64 offset, gsize len, VpReader *out_reader);

/* Reads and judges the header of probe->format at probe->header_start. */
void vp_header_read(VpProbe *probe);
void vp_header_check(VpProbe *probe);

/* Where a header field is, from the start of the image. */
guint64 vp_header_field_place(const VpProbe *probe, guint field);

/* The bytes of a header field that is there. */
const guint8 *vp_header_bytes(const VpProbe *probe, guint field);

/* Text of a header field up to its NUL or end, trimmed when spaces fill it; NULL when it is not there. */
const guint8 *vp_header_text(const VpProbe *probe, guint field, gsize *out_len);

/* Writes what the entry's descriptors say (capacity, cluster, backing …) into the records. */
void vp_fill(VpProbe *probe);

/* Lists a table of the image. */
void vp_fill_table(VpProbe *probe, const char *name, guint64 offset, guint64 entries, guint64 size);

/* Writes the feature bits; after parse(), which may have found the image's own names for them. */
void vp_fill_features(VpProbe *probe);

/* Names a property of content. */
void vp_content_add_feature(VpProbe *probe, const char *name);

/* A partition that content lists, in sectors; type_name may be NULL. Gives its record, NULL when it is not listed. */
typedef struct {
    guint number;
    const char *type;
    const char *type_name;
    guint64 first;
    guint64 last;
    guint64 place; /* of its entry, which has so many bytes */
    guint len;
} VpPartition;

VirtProbeRecord *vp_content_add_partition(VpProbe *probe, const VpPartition *partition,
                                          guint sector_size);

/* By what images know each other, when the entry says so. */
void vp_fill_identity(VpProbe *probe);

/* Writes the format's detail text with that number in its list. offset: where it stands. */
void vp_probe_set_detail(VpProbe *probe, guint index, const guint8 *bytes, gsize len,
                         guint64 offset);

/* Details and, when all was asked for, the whole header. */
void vp_fill_details(VpProbe *probe, VirtProbeRecord *record, guint field);
void vp_fill_header(VpProbe *probe);

/* Writes the name of another file that the image holds, with findings about its form, and lists what it means.
 * role: VP_ROLE_BACKING, or another one, whose name is a path whatever it looks like, and of VP_ROLE_EXTENT
 * an image may have any number. Gives the record REFERENCE; NULL when there is none. */
VirtProbeRecord *vp_probe_set_reference(VpProbe *probe, const char *role, VirtProbeRecord *record,
                                        guint field, const guint8 *bytes, gsize len,
                                        guint64 offset);

/* Puts the name of a file that lies beside the image in the place of one that counts from its directory. */
void vp_probe_resolve_beside(VpProbe *probe, VirtProbeRecord *record, guint field);

/* The record REFERENCE of an image's record that has the role and is used; NULL when there is none. */
VirtProbeRecord *vp_image_find_reference(const VirtProbeRecord *image, const char *role);

/* The one with that number among those of the role, counted from 0; NULL when there are fewer. */
VirtProbeRecord *vp_image_nth_reference(const VirtProbeRecord *image, const char *role,
                                        guint number);

/* Writes the backing file's name, wherever the format holds it. */
void vp_probe_set_backing(VpProbe *probe, const guint8 *name, gsize len, guint64 offset);

/* Writes by what the image is known to others, and by what it knows the one that it stands on; NULL or "": nothing. */
void vp_probe_set_identity(VpProbe *probe, const char *own, const char *parent);

/* Lists an entry by which the image finds the disk that it stands on. name: UTF-8 or what claims to be; NULL when it is no
 * text. is_path: the name is also a reference of the role VP_ROLE_PARENT. offset, len: where it stands. */
void vp_probe_add_locator(VpProbe *probe, const char *key, const char *name, gsize name_len,
                          gboolean is_path, guint64 offset, guint64 len);

/* Sets the virtual size, rounded as the entry says, and the exact one when that differs. */
void vp_probe_set_capacity(VpProbe *probe, guint64 size, VpRuleId rule, guint field);
