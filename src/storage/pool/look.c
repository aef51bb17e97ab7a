/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* look.c: one volume as it is now, without waiting for it for ever. */
#include "storage/pool/look.h"

#include "storage/pool/scan-entry.h"
#include "util/look.h"

typedef struct {
    const VpPoolBackend *backend;
    char *target;
    char *name;
} Question;

typedef struct {
    VirtProbeVolume *volume;
    GError *error;
} Answer;

static void
question_free(gpointer data)
{
    Question *question = data;

    g_free(question->target);
    g_free(question->name);
    g_free(question);
}

static void
answer_free(gpointer data)
{
    Answer *answer = data;

    virt_probe_volume_unref(answer->volume);
    g_clear_error(&answer->error);
    g_free(answer);
}

static VirtProbeVolume *
describe(const char *target, const char *name)
{
    VpScanDirectory *directory = vp_scan_directory_new(NULL, target);
    const VpEntry entry = { name, VP_ENTRY_UNKNOWN };
    VirtProbeVolume *volume = NULL;
    VpScanScratch scratch;

    vp_scan_scratch_init(&scratch);
    if (vp_scan_directory_open(directory)) {
        const VpVolumeFacts *facts;

        vp_scan_name(&scratch, directory, name);
        facts = vp_scan_entry(&scratch, directory, &entry, NULL);
        volume = facts != NULL ? vp_volume_new(facts) : NULL;
    }
    vp_scan_scratch_clear(&scratch);
    vp_scan_directory_unref(directory, NULL);
    return volume;
}

static gpointer
volume_ask(G_GNUC_UNUSED const char *path, gconstpointer data)
{
    const Question *question = data;
    Answer *answer = g_new0(Answer, 1);

    /* What lies below the place of a share that is not mounted is not the pool's. */
    if (vp_pool_target_check(question->target, question->backend, &answer->error))
        answer->volume = describe(question->target, question->name);
    return answer;
}

VirtProbeVolume *
vp_look_at(const VirtProbePool *pool, const char *name, GError **error)
{
    static const VpLookKind kind = { volume_ask, answer_free, FALSE };
    g_autofree char *path = g_build_filename(pool->target, name, NULL);
    Question *question = g_new(Question, 1);
    VirtProbeVolume *volume;
    VpLookAnswer looked;
    Answer *answer;

    *question = (Question) { pool->backend, g_strdup(pool->target), g_strdup(name) };
    looked = vp_look_one(&kind, path, question, question_free);
    if (looked.is_late) {
        vp_look_set_late_answer(error, NULL, &looked);
        return NULL;
    }
    answer = looked.answer;
    volume = g_steal_pointer(&answer->volume);
    if (answer->error != NULL)
        g_propagate_error(error, g_steal_pointer(&answer->error));
    answer_free(answer);
    return volume;
}
