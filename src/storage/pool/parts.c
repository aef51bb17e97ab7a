/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts.c: asking images which other files they need. */
#include "storage/pool/parts.h"

#include "storage/pool/names.h"
#include "storage/pool/volume.h"
#include "util/look.h"
#include "virtprobe/chain.h"
#include "virtprobe/summary.h"

/* Images whose answers are in memory. */
#define ASKED_AT_ONCE 32

/* One image that is asked. */
typedef struct {
    const char *path;
    VpParts *found;
    gboolean is_below; /* the image itself was seen, what comes is what it stands on */
} Question;

static void
part_free(gpointer data)
{
    VpPart *part = data;

    g_free(part->path);
    g_free(part);
}

/* Takes over the paths. */
static void
add_parts(Question *question, GPtrArray *paths, gboolean is_base, gboolean is_all)
{
    for (guint i = 0; i < paths->len; i++) {
        VpPart *part = g_new(VpPart, 1);

        part->path = g_steal_pointer(&g_ptr_array_index(paths, i));
        part->is_base = is_base;
        g_ptr_array_add(question->found->parts, part);
    }
    g_ptr_array_set_size(paths, 0);
    if (!is_all)
        question->found->doubts |= VIRT_PROBE_DOUBT_UNKNOWN_NAME;
}

static void
add_extents(Question *question, const VirtProbeRecord *image, GPtrArray *paths)
{
    const VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    guint count = virt_probe_record_get_length(extra, "side-members");
    gboolean is_all = TRUE;

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *side = virt_probe_record_get_item(extra, "side-members", i);
        const VirtProbeRecord *extent = virt_probe_record_get_record(side, "info");
        const char *name = extent != NULL ? virt_probe_record_get_text(extent, "filename") : NULL;

        if (g_strcmp0(virt_probe_record_get_text(side, "name"), "extent") == 0 && name != NULL)
            is_all &= vp_name_take_paths(name, question->path, paths);
    }
    add_parts(question, paths, FALSE, is_all);
}

/* FALSE: nothing more is to be opened. */
static gboolean
take_image(VirtProbeRecord *image, gpointer user_data)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    Question *question = user_data;
    const char *name = virt_probe_record_get_text(image, "filename");
    VirtProbeSummary summary;
    gboolean is_all = TRUE;

    /* A parent, which was found by its identity, or else has nothing but that. */
    if (question->is_below) {
        is_all = name != NULL && g_path_is_absolute(name);
        if (is_all)
            g_ptr_array_add(paths, g_strdup(name));
        add_parts(question, paths, TRUE, is_all);
        return FALSE;
    }
    question->is_below = TRUE;
    virt_probe_image_get_summary(image, &summary);
    if (vp_state_hides_names(summary.state, summary.error_code))
        question->found->doubts |= VIRT_PROBE_DOUBT_UNREADABLE;
    add_extents(question, image, paths);
    if (summary.data_file != NULL) {
        is_all = vp_data_name_take_paths(summary.data_file, question->path, paths);
        add_parts(question, paths, FALSE, is_all);
    }
    if (summary.backing == NULL)
        return TRUE;
    is_all = vp_name_take_paths(summary.backing, question->path, paths);
    add_parts(question, paths, TRUE, is_all);
    return FALSE;
}

static gpointer
parts_of(const char *path, G_GNUC_UNUSED gconstpointer data)
{
    const VirtProbeDescribeFlags flags =
        VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING;
    VpParts *found = g_new0(VpParts, 1);
    Question question = { .path = path, .found = found };
    g_autoptr(VirtProbeRecord) chain = NULL;

    found->parts = g_ptr_array_new_with_free_func(part_free);
    chain = virt_probe_chain_open(path, NULL, flags, VIRT_PROBE_FOLLOW_ANY, NULL, take_image,
                                  &question, NULL);
    if (!question.is_below)
        found->doubts |= VIRT_PROBE_DOUBT_UNREADABLE;
    return found;
}

static void
parts_free(gpointer data)
{
    VpParts *parts = data;

    g_ptr_array_unref(parts->parts);
    g_free(parts);
}

void
vp_parts_foreach(GPtrArray *images, VpPartsFunc func, gpointer user_data)
{
    static const VpLookKind kind = { parts_of, parts_free, FALSE };

    for (guint first = 0; first < images->len; first += ASKED_AT_ONCE) {
        g_autoptr(GPtrArray) some = g_ptr_array_new_with_free_func(g_free);
        g_autofree VpLookAnswer *answers = NULL;

        for (guint i = first; i < images->len && i < first + ASKED_AT_ONCE; i++)
            g_ptr_array_add(some, g_strdup(g_ptr_array_index(images, i)));
        answers = vp_look(&kind, some, NULL, NULL);
        for (guint i = 0; i < some->len; i++) {
            func(first + i, answers[i].answer, user_data);
            if (answers[i].answer != NULL)
                parts_free(answers[i].answer);
        }
    }
}
