/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* chain-fixture.c: making small chains of virtual files, following them, and comparing what came out. */
#include "chain-fixture.h"

#include "storage/registry.h"

#include <string.h>

#define DATA_FILE_BIT 4

/* Names and their extensions must fit the first cluster. */
static guint
cluster_bits_for(const Overlay *overlay)
{
    gsize len = 256;
    guint bits = 9;

    len += overlay->backing != NULL ? strlen(overlay->backing) : 0;
    len += overlay->data_file != NULL ? strlen(overlay->data_file) : 0;
    while ((gsize) 1 << bits < len)
        bits++;
    return bits;
}

Qcow2Image *
overlay_new(const Overlay *overlay)
{
    Qcow2Image *image = qcow2_image_new(cluster_bits_for(overlay));

    qcow2_put(image, 24, 8, overlay->size != 0 ? overlay->size : OVERLAY_SIZE);
    if (overlay->format != NULL)
        qcow2_add_extension(image, QCOW2_EXT_BACKING_FORMAT, overlay->format,
                            strlen(overlay->format));
    if (overlay->data_file != NULL) {
        qcow2_add_extension(image, QCOW2_EXT_DATA_FILE, overlay->data_file,
                            strlen(overlay->data_file));
        qcow2_set_incompatible(image, DATA_FILE_BIT);
    }
    if (overlay->backing != NULL)
        qcow2_set_backing(image, overlay->backing);
    return image;
}

void
add_overlay(VirtualFiles *files, const char *name, const Overlay *overlay)
{
    g_autoptr(Qcow2Image) image = overlay_new(overlay);

    virtual_files_add(files, name, image->bytes, image->size);
}

void
add_raw(VirtualFiles *files, const char *name, gsize size)
{
    g_autofree guint8 *zeros = g_malloc0(size + 1);

    virtual_files_add(files, name, zeros, size);
}

void
add_chain(VirtualFiles *files, guint overlays)
{
    for (guint i = 0; i < overlays; i++) {
        g_autofree char *name = i == 0 ? g_strdup("top") : g_strdup_printf("%u", i);
        g_autofree char *below = g_strdup_printf("%u", i + 1);

        add_overlay(files, name,
                    &(Overlay) { .backing = below, .format = i + 1 < overlays ? "qcow2" : "raw" });
    }
    if (overlays > 0) {
        g_autofree char *last = g_strdup_printf("%u", overlays);

        add_raw(files, last, OVERLAY_SIZE);
    }
}

VirtProbeRecord *
follow_with(VirtualFiles *files, VirtProbeDescribeFlags flags, VirtProbeMemberFunc func,
            gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *chain = vp_chain_open(&files->parent, "top", vp_registry_find("qcow2"), flags,
                                           func, user_data, &error);

    g_assert_no_error(error);
    g_assert_nonnull(chain);
    g_assert_cmpuint(files->n_open, ==, 0);
    return chain;
}

VirtProbeRecord *
follow(VirtualFiles *files, VirtProbeDescribeFlags flags)
{
    return follow_with(files, flags, NULL, NULL);
}

static void
append_member(GString *out, const VirtProbeRecord *member)
{
    const VirtProbeRecord *error = virt_probe_record_get_record(member, "error");
    const char *role = virt_probe_record_get_text(member, "role");
    guint64 owner;

    g_string_append(out, virt_probe_record_get_text(member, "filename"));
    g_string_append(out, strcmp(role, "data-file") == 0 ? ":" : "");
    if (virt_probe_record_get_uint64(member, "owner", &owner))
        g_string_append_printf(out, "<%" G_GUINT64_FORMAT, owner);
    g_string_append_printf(out, "=%s", virt_probe_record_get_text(member, "state"));
    if (error != NULL)
        g_string_append_printf(out, "(%s", virt_probe_record_get_text(error, "code"));
    for (guint i = 0; i < virt_probe_record_get_length(member, "rules"); i++)
        g_string_append_printf(out, "!%s", virt_probe_record_get_text_item(member, "rules", i));
}

char *
members_of(const VirtProbeRecord *chain)
{
    GString *out = g_string_new(NULL);
    guint count = virt_probe_record_get_length(chain, "members");

    for (guint i = 0; i < count; i++) {
        g_string_append(out, i > 0 ? " " : "");
        append_member(out, member_of(chain, i));
    }
    return g_string_free(out, FALSE);
}

void
assert_members(const VirtProbeRecord *chain, const char *expected)
{
    g_autofree char *members = members_of(chain);

    g_assert_cmpstr(members, ==, expected);
}

void
assert_chain_state(const VirtProbeRecord *chain, const char *state)
{
    g_autoptr(GError) error = NULL;
    gboolean is_whole = virt_probe_chain_verify(chain, &error);

    g_assert_cmpstr(virt_probe_record_get_text(chain, "state"), ==, state);
    g_assert_cmpint(is_whole, ==, strcmp(state, "ok") == 0);
    g_assert_cmpint(error == NULL, ==, is_whole);
}

VirtProbeRecord *
member_of(const VirtProbeRecord *chain, guint index)
{
    VirtProbeRecord *member = virt_probe_record_get_item(chain, "members", index);

    g_assert_nonnull(member);
    return member;
}
