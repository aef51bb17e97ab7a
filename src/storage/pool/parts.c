/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* parts.c: following the chains of images that may need other files. */
#include "storage/pool/parts.h"

#include "virtprobe/chain.h"

static void
part_free(gpointer data)
{
    VpPart *part = data;

    g_free(part->path);
    g_free(part);
}

static void
part_add(GPtrArray *parts, const VirtProbeRecord *member)
{
    const char *role = virt_probe_record_get_text(member, "role");
    VpPart *part = g_new(VpPart, 1);

    part->path = g_strdup(virt_probe_record_get_text(member, "filename"));
    part->is_base = g_strcmp0(role, "backing") == 0 || g_strcmp0(role, "parent") == 0;
    g_ptr_array_add(parts, part);
}

static gpointer
parts_of(const char *path, gconstpointer data)
{
    const VirtProbeDescribeFlags flags =
        VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING;
    g_autoptr(VirtProbeRecord) chain =
        virt_probe_chain_open(path, NULL, flags, VIRT_PROBE_FOLLOW_ANY, NULL, NULL, NULL, NULL);
    guint count = chain != NULL ? virt_probe_record_get_length(chain, "members") : 0;
    GPtrArray *parts = g_ptr_array_new_with_free_func(part_free);

    /* The first one is the image itself. */
    for (guint i = 1; i < count; i++) {
        const VirtProbeRecord *member = virt_probe_record_get_item(chain, "members", i);
        const char *name = virt_probe_record_get_text(member, "filename");
        guint64 owner = 0;

        virt_probe_record_get_uint64(member, "owner", &owner);
        /* A member on a server, or a parent that is known by its identity alone, has no path. */
        if (name != NULL && g_path_is_absolute(name) && (data == NULL || owner == 0))
            part_add(parts, member);
    }
    return parts;
}

VpLookAnswer *
vp_parts_ask(GPtrArray *images, gboolean is_direct)
{
    static const VpLookKind kind = { parts_of, (GDestroyNotify) g_ptr_array_unref, FALSE };

    return vp_look(&kind, images, GINT_TO_POINTER(is_direct), NULL);
}
