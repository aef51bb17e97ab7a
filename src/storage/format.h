/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format.h: the contract of a format: what its registry entry says, and what its functions may use.
 *
 * A format is one constant VpFormat at the end of one file in formats/. Most of what is known of a format is
 * data here; the code that reads, checks and shows it exists once, in header.c, fill.c and probe.c. */
#pragma once

#include "storage/probe.h"
#include "util/bits.h"
#include "util/checksum.h"

#include "virtprobe/format.h"

/* Fields a header may have; a VpHeader keeps which are there in 64 bits. */
#define VP_HEADER_FIELDS_MAX 64

/* What kind of thing a format describes. */
typedef enum {
    VP_LAYER_CONTAINER, /* an image format */
    VP_LAYER_CONTENT,   /* something that lies in a raw payload */
    VP_LAYER_WRAPPER, /* the same for what is no disk at all but holds one: an archive, a compressed file */
    VP_LAYER_FALLBACK, /* raw: what a payload is when nothing else matches */
} VpLayer;

typedef enum {
    VP_FORMAT_BACKING = 1 << 0,     /* may stand on a backing file */
    VP_FORMAT_DATA_FILE = 1 << 1,   /* may keep its data in another file */
    VP_FORMAT_SNAPSHOTS = 1 << 2,   /* may hold internal snapshots */
    VP_FORMAT_RAW_PAYLOAD = 1 << 3, /* guest data lies as it is, so content is looked for in it */
    VP_FORMAT_LEGACY = 1 << 4,      /* nobody should send images in it any more */
    VP_FORMAT_EXTENTS = 1 << 5,     /* may keep its data in several other files */
    VP_FORMAT_PARENT = 1 << 6,      /* may stand on a parent that is found by its identity */
} VpFormatFlags;

typedef enum {
    VP_EVIDENCE_STRONG,
    VP_EVIDENCE_WEAK, /* could be text of anybody: counts only with a version that one would expect, and yields
                         to a strong match; of content: so short that what is another format for sure may have it */
} VpEvidence;

/* A signature. A match from the end counts only when the format's verify_tail() agrees. */
typedef struct {
    guint32 offset; /* from the start, or how far before the end it begins */
    gboolean is_from_end;
    guint8 len;        /* 0 ends the list */
    const char *bytes; /* len of them, NUL allowed */
    const char *mask;  /* len bytes: which bits count; NULL: all */
    VpEvidence evidence;
    guint8
        text_width; /* of content: it is the end of the text there, which a NUL or so many bytes end */
    guint32 header_start; /* of content from its start: where offsets of fields then count from */
    gboolean is_unknown_to_qemu; /* QEMU does not recognise the format by it */
    const char *also;            /* of content from its start: also_len bytes that must stand … */
    guint8 also_len;             /* … there too; 0: nothing must … */
    guint16 also_behind;         /* … so far behind offset */
} VpMagic;

typedef enum {
    VP_VERSION_NONE,     /* the format has no version */
    VP_VERSION_JUDGED,   /* a version that is not accepted is the finding unsupported-version */
    VP_VERSION_IN_MAGIC, /* with another version it is not this format at all */
} VpVersionMode;

#define VP_VERSIONS_MAX 4

typedef struct {
    VpVersionMode mode;
    guint8 field; /* the header field that holds it */
    guint8 n_accepted;
    guint64 accepted[VP_VERSIONS_MAX];
} VpVersionRule;

typedef enum {
    VP_KIND_UINT,        /* a number in the entry's byte order, width 1 to 8 */
    VP_KIND_TEXT,        /* text that a NUL ends, or that fills its field */
    VP_KIND_PADDED_TEXT, /* text that spaces fill up */
    VP_KIND_BYTES,       /* anything else */
    VP_KIND_HEX, /* a number in the entry's byte order that people know by its hexadecimal digits */
    VP_KIND_UUID_BE,
    VP_KIND_UUID_LE,  /* the first three groups are little-endian */
    VP_KIND_UTF16_BE, /* text in UTF-16 that a NUL ends, or that fills its field */
    VP_KIND_UTF16_LE,
} VpHeaderKind;

typedef enum {
    VP_CHECK_RANGE = 1 << 0,           /* from minimum to maximum */
    VP_CHECK_ALIGNED_CLUSTER = 1 << 1, /* a multiple of the cluster size */
    VP_CHECK_WITHIN_CLUSTER = 1 << 2,  /* at most the cluster size */
    VP_CHECK_POWER_OF_TWO = 1 << 3,
    VP_CHECK_ALIGNED_SECTOR = 1 << 4, /* a multiple of 512 */
    VP_CHECK_ZERO = 1 << 5,           /* reserved: every byte is zero */
    VP_CHECK_TERMINATED = 1 << 6,     /* text with a NUL inside its field */
} VpHeaderChecks;

typedef struct {
    guint64 value;
    const char *name;
} VpValueName;

/* The same for values that are texts. */
typedef struct {
    const char *value; /* NULL ends the list */
    const char *name;
} VpValueText;

/* A row of the header, in the order of the format's own document. */
typedef struct {
    const char *name; /* as the document calls it, words joined by hyphens */
    guint32 offset;   /* from where the header begins */
    guint16 width;
    guint8 part;           /* of which part of the header, 0: the first */
    guint8 kind;           /* VpHeaderKind */
    guint8 given;          /* the field is there when the field with this number … */
    guint64 given_minimum; /* … has at least this value; by default always … */
    guint64 given_maximum; /* … and at most this; 0 stands for any */
    guint32 checks;        /* VpHeaderChecks */
    guint64 minimum;
    guint64 maximum;
    VpRuleId rule;            /* what a failed check is a finding of; header-invalid by default */
    const VpValueName *names; /* what the values mean; NULL or ended by a NULL name */
    gboolean is_detail;       /* shown among "details" */
} VpHeaderField;

typedef enum {
    VP_PLACE_NONE,
    VP_PLACE_AT,       /* offset, from the start of the image */
    VP_PLACE_FROM_END, /* the end of the image less offset */
    VP_PLACE_FIELD,    /* a field of an earlier part times unit, and offset */
    VP_PLACE_FOUND,    /* where the entry's find_part() says */
} VpPlaceKind;

typedef struct {
    VpPlaceKind kind;
    guint8 field;
    guint32 unit; /* bytes; 0 stands for 1 */
    guint64 offset;
} VpPlace;

/* A structure that rows lie in. A format whose header is one piece needs none; else the first entry is of the structure
 * that recognition found, and has no place. Of two copies the sound one counts, and of two sound ones the newer. Copies
 * without a sequence are the same, so the second one is looked at only when the first is not sound. */
typedef struct {
    const char *name; /* for messages: "dynamic disk header"; NULL ends the list */
    VpPlace place;
    VpPlace copy;    /* where a second copy is */
    guint8 sequence; /* with two copies: the row that is greater in the newer one; 0: none */
    gboolean
        is_same_when_equal; /* with two copies: of one sequence they must be equal byte for byte */
    VpRuleId
        copy_rule; /* what a damaged first copy is a finding of when the second one is used; 0: copy-damaged */
    guint8 given;               /* the part is there when the field with this number … */
    guint64 given_minimum;      /* … is at least this … */
    guint64 given_maximum;      /* … and at most this; 0 stands for any: by default always */
    gboolean is_only_with_head; /* it is not there when the image was recognised by its end */
    const char *magic;          /* magic_len bytes that it begins with; NULL: none */
    guint8 magic_len;
    VpChecksumKind checksum; /* stored as a number of 32 bits in the entry's byte order … */
    guint32 checksum_place;  /* … there in the part, … */
    guint32 checksum_len;    /* … of so many of its bytes … */
    guint8
        may_lack; /* … of which so many may be missing at the end of the file, and count as zeros */
    VpRuleId checksum_rule; /* what a wrong one is a finding of; header-invalid by default */
} VpPart;

/* Where a number comes from that several formats have. */
typedef enum {
    VP_QUANTITY_NONE,
    VP_QUANTITY_VALUE,        /* the field times unit */
    VP_QUANTITY_POWER_OF_TWO, /* two to the power of the field, times unit */
    VP_QUANTITY_CONSTANT,     /* unit itself */
} VpQuantityKind;

typedef enum {
    VP_ROUND_NONE,
    VP_ROUND_SECTOR_DOWN,
    VP_ROUND_SECTOR_UP,
} VpRounding;

typedef struct {
    VpQuantityKind kind;
    guint8 field;
    guint32 unit; /* bytes; 0 stands for 1 */
    VpRounding rounding;
    VpQuantityKind factor_kind; /* not NONE: times the field factor, or two to the power of it */
    guint8 factor;
} VpQuantity;

typedef enum {
    VP_BACKING_NONE,
    VP_BACKING_POINTER, /* one field has the name's place, another its length */
    VP_BACKING_INLINE,  /* a text field of the header is the name */
} VpBackingKind;

typedef struct {
    VpBackingKind kind;
    guint8 offset_field; /* or the text field itself */
    guint8 size_field;
    guint16 maximum;              /* bytes of name */
    gboolean is_in_first_cluster; /* it must also end with the first cluster */
    VpRuleId rule;                /* of the finding that there is one; 0: VP_RULE_BACKING_FILE */
} VpBackingRule;

/* A table that the header points to. Findings: past the end, too large, overflow. */
typedef struct {
    const char *name;  /* NULL ends the list */
    const char *title; /* for messages: "L1 table" */
    guint8 offset_field;
    guint32 offset_unit;  /* bytes; 0 stands for 1 */
    guint32 fixed_offset; /* when no field has it: the table follows the header */
    guint8 count_field;
    guint32 entry_size;              /* bytes, the least when entries vary */
    gboolean is_counted_in_clusters; /* the count is of clusters full of entries */
    guint64 maximum_size;            /* bytes; 0: no limit but the count's own range */
    gboolean is_absent_when_empty;
} VpTableRule;

typedef struct {
    guint8 field;
    guint64 value;
    const char *method; /* NULL ends the list */
    VpRuleId rule;
} VpEncryptionRule;

typedef struct {
    const char *set; /* incompatible, compatible, autoclear; NULL ends the list */
    guint8 field;
    guint8 mask_field; /* of the record FEATURES */
    const VpBitName *names;
    gboolean is_required; /* a reader must know every bit */
} VpFeatureRule;

typedef enum {
    VP_DIRTY_UNKNOWN, /* QEMU does not say it of this format, nor do we */
    VP_DIRTY_NEVER,
    VP_DIRTY_BIT,   /* a bit of the field */
    VP_DIRTY_VALUE, /* the field has the value; QEMU does not say it */
} VpDirtyKind;

typedef struct {
    VpDirtyKind kind;
    guint8 field;
    guint64 value; /* or the number of the bit */
} VpDirtyRule;

typedef enum {
    VP_QEMU_NEVER,        /* QEMU takes it for raw unless told otherwise */
    VP_QEMU_ACCEPTED,     /* QEMU recognises the accepted versions */
    VP_QEMU_FROM_MINIMUM, /* QEMU recognises every version from a number on, or up to another one */
    VP_QEMU_UNLESS_NAMED, /* the accepted versions, in a file whose name does not say another format */
    VP_QEMU_BY_NAME, /* QEMU goes by the first extension of the file's name, whatever the bytes are */
} VpQemuProbe;

/* A fact that the image holds as text at no fixed place. parse() sets it with vp_probe_set_detail(). */
typedef struct {
    const char *key;  /* in details, behind the rows; NULL ends the list */
    gboolean is_name; /* of a file: credentials in it are masked */
} VpDetailText;

/* Fields by which images know each other; 0 for a field: there is none, since the first row never is one. */
typedef struct {
    guint8 own;
    guint8 parent;
} VpIdentityRule;

struct _VirtProbeFormat {
    const char *name;
    const char *const *aliases;    /* NULL or ended by NULL */
    const char *libvirt_name;      /* NULL: libvirt has no name for it */
    const char *const *extensions; /* of file names, without dot; NULL or ended by NULL */
    const char *title;
    VpLayer layer;
    const char *
        refines; /* of content: it is a special case of this one, which stands before it in the table, and is
                    named in its place */
    const char *const *
        hides; /* of content: where it is found too, these are only how it looks to others, and are not named;
                  NULL or ended by NULL */
    guint32 flags; /* VpFormatFlags */
    guint8 reads;  /* that a healthy image without snapshots needs */
    VpByteOrder order;
    const VpMagic *magics;
    VpVersionRule version;
    VpQemuProbe qemu_probe;
    guint64 qemu_minimum; /* version, for VP_QEMU_FROM_MINIMUM … */
    guint64 qemu_maximum; /* … up to this one; 0: any */
    const VpHeaderField *fields;
    guint n_fields;
    const VpPart *parts; /* NULL: the header is one piece */
    VpIdentityRule identity;
    VpQuantity
        capacity; /* of content: the size that it states for itself, which is no size of the disk */
    VpQuantity cluster;
    VpBackingRule backing;
    const VpTableRule *tables;
    const VpEncryptionRule *encryption;
    const VpFeatureRule *features;
    VpDirtyRule dirty;
    const VpDetailText *detail_texts;

    /* For formats that may begin as a text of anybody, without a signature: what can come first, ended by NULL. What
     * verify_head() agrees to counts as weak evidence. */
    const char *const *text_begins;
    gboolean (*verify_head)(const guint8 *head, gsize size);
    /* Where signature and version do not tell whether QEMU recognises an image; NULL: they do. */
    gboolean (*is_probed_by_qemu)(const guint8 *head, gsize size);

    /* Optional. They get fields that were read and judged, and never read one again. */

    /* Where a part is whose place is VP_PLACE_FOUND, from what was read of the parts before it. FALSE: it is not there. */
    gboolean (*find_part)(VpProbe *probe, guint part, guint64 *out_place);
    /* A signature at the end was found and its part of the header read, whose checksum fits: is it really one? */
    gboolean (*verify_tail)(VpProbe *probe);
    /* The signature of content was found: is it really that? Silent; the probe is that of the payload. */
    gboolean (*verify_content)(VpProbe *probe);
    /* Rules that need two fields. */
    void (*cross_check)(VpProbe *probe);
    /* Following pointers, and whatever no row can say. FALSE: damaged, and a finding says why. */
    gboolean (*parse)(VpProbe *probe);
    /* How the image itself names a feature bit; NULL when it does not. out_len is its length. */
    const guint8 *(*feature_name)(VpProbe *probe, const VpFeatureRule *set, guint bit,
                                  gsize *out_len);
};

/* What a value means; NULL: it is not known. */
const char *vp_value_text(const VpValueText *texts, const char *value);

/* The number in a field that is shown by its digits. */
guint64 vp_header_number(const VpProbe *probe, guint field);

#define VP_FIELDS(table) .fields = (table), .n_fields = G_N_ELEMENTS(table)

/* Header rows: offset and width. */
#define VP_AT(at, bytes) .offset = (at), .width = (bytes)
/* … and the bounds of a value. */
#define VP_RANGE(low, high) .checks = VP_CHECK_RANGE, .minimum = (low), .maximum = (high)
