/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* definition.c: definitions of pools: making and checking them, and their getters. */
#include "storage/pool/pool.h"
#include "util/error.h"
#include "util/text.h"

#include <string.h>

#define UUID_DIGITS 32

static void
host_free(gpointer data)
{
    VpPoolHost *host = data;

    g_free(host->name);
    g_free(host->port);
    g_free(host);
}

VirtProbePool *
vp_pool_new_empty(void)
{
    VirtProbePool *pool = g_new0(VirtProbePool, 1);

    pool->ref_count = 1;
    pool->hosts = g_ptr_array_new_with_free_func(host_free);
    pool->options = g_ptr_array_new_with_free_func(g_free);
    return pool;
}

VirtProbePool *
virt_probe_pool_ref(VirtProbePool *pool)
{
    g_return_val_if_fail(pool != NULL, NULL);

    g_atomic_int_inc(&pool->ref_count);
    return pool;
}

void
virt_probe_pool_unref(VirtProbePool *pool)
{
    if (pool == NULL || !g_atomic_int_dec_and_test(&pool->ref_count))
        return;
    g_free(pool->name);
    g_free(pool->uuid);
    g_free(pool->target);
    g_free(pool->cow);
    g_free(pool->device);
    g_free(pool->dir);
    g_free(pool->format);
    g_free(pool->protocol);
    g_free(pool->vendor);
    g_free(pool->product);
    g_free(pool->mode);
    g_free(pool->owner);
    g_free(pool->group);
    g_free(pool->label);
    g_ptr_array_unref(pool->hosts);
    g_ptr_array_unref(pool->options);
    g_free(pool);
}

G_DEFINE_BOXED_TYPE(VirtProbePool, virt_probe_pool, virt_probe_pool_ref, virt_probe_pool_unref)

char *
vp_uuid_normalise(const char *text)
{
    GString *uuid = g_string_new(NULL);
    guint digits = 0;

    for (; *text != '\0'; text++) {
        gboolean is_skipped = g_ascii_isspace(*text) || (*text == '-' && digits < UUID_DIGITS);

        if (is_skipped && digits % 2 == 0)
            continue;
        if (!g_ascii_isxdigit(*text) || digits == UUID_DIGITS)
            break;
        if (digits == 8 || digits == 12 || digits == 16 || digits == 20)
            g_string_append_c(uuid, '-');
        g_string_append_c(uuid, g_ascii_tolower(*text));
        digits++;
    }
    return g_string_free(uuid, *text != '\0' || digits != UUID_DIGITS);
}

/* Two slashes at the beginning may mean something to a system, more than two mean one (POSIX.1, 4.13). */
char *
vp_path_normalise(const char *path)
{
    GString *out = g_string_new(NULL);

    if (g_str_has_prefix(path, "//") && path[2] != '/')
        g_string_append_c(out, '/');
    for (; *path != '\0'; path++) {
        if (*path != '/' || path[1] != '/')
            g_string_append_c(out, *path);
    }
    if (out->len > 1 && out->str[out->len - 1] == '/' && strcmp(out->str, "//") != 0)
        g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}

static gboolean
has_control_character(const char *text)
{
    for (; *text != '\0'; text++) {
        if (g_ascii_iscntrl(*text))
            return TRUE;
    }
    return FALSE;
}

/* The definition is stored as XML, which has to give back the same text. */
static gboolean
text_is_for_xml(const char *text)
{
    g_autoptr(GString) scratch = g_string_new(NULL);

    return vp_xml_append(scratch, text, strlen(text), VP_XML_LINE);
}

gboolean
vp_pool_name_check(const char *name, GError **error)
{
    const char *reason = NULL;
    g_autofree char *shown = NULL;

    if (strlen(name) > VP_POOL_NAME_MAX)
        reason = "is longer than 240 bytes";
    else if (!g_utf8_validate(name, -1, NULL))
        reason = "is not UTF-8";
    else if (strchr(name, '/') != NULL)
        reason = "holds a slash";
    else if (has_control_character(name))
        reason = "holds a control character";
    else if (!text_is_for_xml(name))
        reason = "holds bytes that XML cannot hold";
    else if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        reason = "is that of a directory";
    if (reason == NULL && name[0] != '\0')
        return TRUE;
    shown = vp_text_escape(name, MIN(strlen(name), VP_POOL_NAME_MAX));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, "the pool's name \"%s\" %s",
                shown, reason != NULL ? reason : "is empty");
    return FALSE;
}

static gboolean
set_invalid(GError **error, const char *message)
{
    g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID, message);
    return FALSE;
}

static gboolean
source_check(VirtProbePool *pool, GError **error)
{
    const VpPoolBackend *backend = pool->backend;
    g_autofree char *shown = NULL;

    if (backend->needs_device && pool->device == NULL)
        return set_invalid(error, "the pool's source has no device");
    if (backend->needs_host_and_dir && pool->hosts->len == 0)
        return set_invalid(error, "the pool's source has no host");
    if (backend->needs_host_and_dir && pool->dir == NULL)
        return set_invalid(error, "the pool's source has no directory");
    /* An empty one is none, as for libvirt. */
    if (pool->format != NULL && pool->format[0] == '\0')
        g_clear_pointer(&pool->format, g_free);
    if (backend->formats == NULL || pool->format == NULL
        || vp_pool_backend_has_format(backend, pool->format))
        return TRUE;
    shown = vp_text_escape(pool->format, strlen(pool->format));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                "a pool of type %s has no source format \"%s\"", backend->name, shown);
    return FALSE;
}

static gboolean
text_check(const char *what, const char *text, GError **error)
{
    g_autofree char *shown = NULL;

    if (text == NULL || text_is_for_xml(text))
        return TRUE;
    shown = vp_text_escape(text, strlen(text));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                "the pool's %s \"%s\" holds bytes that XML cannot hold in a line", what, shown);
    return FALSE;
}

/* Everything that is kept as it was given, but for name and target path, which have to be more. */
static gboolean
texts_check(const VirtProbePool *pool, GError **error)
{
    const struct {
        const char *what;
        const char *text;
    } texts[] = {
        { "source device", pool->device },
        { "source directory", pool->dir },
        { "source format", pool->format },
        { "protocol version", pool->protocol },
        { "vendor", pool->vendor },
        { "product", pool->product },
        { "label of permissions", pool->label },
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (!text_check(texts[i].what, texts[i].text, error))
            return FALSE;
    }
    for (guint i = 0; i < pool->hosts->len; i++) {
        const VpPoolHost *host = g_ptr_array_index(pool->hosts, i);

        if (!text_check("source host", host->name, error))
            return FALSE;
    }
    for (guint i = 0; i < pool->options->len; i++) {
        if (!text_check("mount option", g_ptr_array_index(pool->options, i), error))
            return FALSE;
    }
    return TRUE;
}

/* As libvirt keeps the directory of a server. */
static void
source_normalise(VirtProbePool *pool)
{
    g_autofree char *given = g_steal_pointer(&pool->dir);

    if (given != NULL)
        pool->dir = vp_path_normalise(given);
}

static gboolean
target_check(VirtProbePool *pool, GError **error)
{
    g_autofree char *given = g_steal_pointer(&pool->target);
    g_autofree char *shown = NULL;
    const char *reason = NULL;

    if (given == NULL || given[0] == '\0')
        return set_invalid(error, "the pool has no target path");
    pool->target = vp_path_normalise(given);
    if (!g_path_is_absolute(pool->target))
        reason = "is not absolute";
    else if (!text_is_for_xml(pool->target))
        reason = "holds bytes that XML cannot hold in a line";
    if (reason == NULL)
        return TRUE;
    shown = vp_text_escape(given, strlen(given));
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_INVALID,
                "the pool's target path \"%s\" %s", shown, reason);
    return FALSE;
}

gboolean
vp_pool_complete(VirtProbePool *pool, GError **error)
{
    if (pool->backend == NULL)
        return set_invalid(error, "the pool has no type");
    if (pool->name == NULL)
        return set_invalid(error, "the pool has no name");
    if (!vp_pool_name_check(pool->name, error) || !source_check(pool, error)
        || !target_check(pool, error) || !texts_check(pool, error))
        return FALSE;
    source_normalise(pool);
    pool->has_random_uuid = pool->uuid == NULL;
    if (pool->uuid == NULL)
        pool->uuid = g_uuid_string_random();
    return TRUE;
}

static void
source_set(VirtProbePool *pool, const VirtProbePoolSource *source)
{
    if (source->host != NULL) {
        VpPoolHost *host = g_new0(VpPoolHost, 1);

        host->name = g_strdup(source->host);
        g_ptr_array_add(pool->hosts, host);
    }
    pool->dir = g_strdup(source->path);
    pool->device = g_strdup(source->device);
    pool->format = g_strdup(source->format);
    pool->protocol = g_strdup(source->protocol_version);
}

VirtProbePool *
virt_probe_pool_new(const char *name, const char *type, const char *target,
                    const VirtProbePoolSource *source, GError **error)
{
    g_autoptr(VirtProbePool) pool = vp_pool_new_empty();

    g_return_val_if_fail(name != NULL && type != NULL && target != NULL, NULL);

    pool->backend = vp_pool_backend_find(type);
    if (pool->backend == NULL) {
        g_autofree char *shown = vp_text_escape(type, strlen(type));

        g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_UNSUPPORTED,
                    "no pools of type \"%s\", only of dir, fs and netfs", shown);
        return NULL;
    }
    pool->name = g_strdup(name);
    pool->target = g_strdup(target);
    if (source != NULL)
        source_set(pool, source);
    return vp_pool_complete(pool, error) ? g_steal_pointer(&pool) : NULL;
}

VirtProbePool *
virt_probe_pool_new_from_xml(const char *xml, gsize length, GError **error)
{
    g_autoptr(VirtProbePool) pool = vp_pool_new_empty();

    g_return_val_if_fail(xml != NULL, NULL);

    if (!vp_pool_read(pool, xml, length, FALSE, error) || !vp_pool_complete(pool, error))
        return NULL;
    return g_steal_pointer(&pool);
}

const char *
virt_probe_pool_get_name(const VirtProbePool *pool)
{
    g_return_val_if_fail(pool != NULL, NULL);

    return pool->name;
}

const char *
virt_probe_pool_get_uuid(const VirtProbePool *pool)
{
    g_return_val_if_fail(pool != NULL, NULL);

    return pool->uuid;
}

const char *
virt_probe_pool_get_kind(const VirtProbePool *pool)
{
    g_return_val_if_fail(pool != NULL, NULL);

    return pool->backend->name;
}

const char *
virt_probe_pool_get_target(const VirtProbePool *pool)
{
    g_return_val_if_fail(pool != NULL, NULL);

    return pool->target;
}
