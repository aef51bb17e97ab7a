/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* target.h: what a target file says, as C. */
#pragma once

#include "virtprobe/format.h"
#include "virtprobe/target.h"

/* No file of rules that people write is longer. */
#define VP_TARGET_SIZE_MAX 65536

#define VP_TARGET_SUFFIX ".target"

typedef enum {
#define TARGET_KEY(ID, name, kind, words, doc) VP_TARGET_##ID,
#include "storage/target.def"
#undef TARGET_KEY
    VP_TARGET_KEY_COUNT,
} VpTargetKeyId;

/* What the value of a key is. All but the last two are lists, with semicolons between the words. */
typedef enum {
    VP_TARGET_WORDS,    /* of the key's own */
    VP_TARGET_NUMBERS,  /* decimal */
    VP_TARGET_FORMATS,  /* names of formats */
    VP_TARGET_CONTENTS, /* names of what may lie in a raw payload */
    VP_TARGET_FEATURES, /* names of incompatible feature bits, or none */
    VP_TARGET_RULES,    /* ids of rules that a description, or an audit in the bytes, can find */
    VP_TARGET_BREAKING_RULES, /* those of them that break */
    VP_TARGET_SIZE,           /* a number of bytes above 0, which may have a binary unit */
    VP_TARGET_COUNT,          /* a number */
} VpTargetKind;

typedef struct {
    const char *name;
    VpTargetKind kind;
    const char *words;
    const char *doc;
} VpTargetKey;

extern const VpTargetKey vp_target_keys[VP_TARGET_KEY_COUNT];

typedef struct {
    gboolean is_set;
    char **words;   /* of a list; a number in decimal without leading zeros */
    guint64 number; /* of a size or count */
} VpTargetValue;

/* A group of rules. */
typedef struct {
    const VirtProbeFormat *format; /* of which it holds; NULL: of all */
    VpTargetValue values[VP_TARGET_KEY_COUNT];
} VpTargetRules;

struct _VirtProbeTarget {
    gatomicrefcount references;
    char *name;
    char *title;
    char *date;
    char **sources;
    char **aliases;
    char **formats;
    GPtrArray *groups; /* of VpTargetRules */
};

/* An empty target of that name. (transfer full) */
VirtProbeTarget *vp_target_new(const char *name);

/* Reads what a file holds into the target. */
gboolean vp_target_parse(VirtProbeTarget *target, const char *data, gsize length, GError **error);

/* Reads the value of a key of a group of rules. */
gboolean vp_target_value_parse(VpTargetKeyId id, const char *text, VpTargetValue *out_value,
                               GError **error);

/* Takes a list apart: words with semicolons between them, blanks around each left out. NULL: it is empty, or a word is.
 * (transfer full) */
char **vp_target_list_split(const char *text);

/* "FORMAT" or "FORMAT/KIND" with the format by its first name; NULL and why when there is no such one. (transfer full) */
char *vp_target_format_parse(const char *word, GError **error);

/* Which kind of its format an image is, such as "fixed"; NULL: it has none, or it is not known. (transfer none) */
const char *vp_target_kind_of(const VirtProbeRecord *image);

/* TRUE when images of the format can be of that kind. */
gboolean vp_target_kind_exists(const char *format, const char *kind);
