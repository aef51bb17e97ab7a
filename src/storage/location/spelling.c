/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spelling.c: which spelling a name has, and the short ones: what a name means is written into a record here. */
#include "storage/location/parse.h"

#include "util/error.h"
#include "util/numbers.h"
#include "util/text.h"

#include <stdarg.h>
#include <string.h>

gboolean
vp_location_fail(VirtProbeRecord *location, VirtProbeError code, const char *format, ...)
{
    VirtProbeRecord *error;
    char message[256];
    va_list arguments;

    if (location == NULL)
        return FALSE;
    for (guint i = 0; i < VP_LOCATION_FIELD_COUNT; i++) {
        if (i != VP_LOCATION_TEXT && i != VP_LOCATION_HAS_CREDENTIALS)
            vp_record_unset(location, i);
    }
    va_start(arguments, format);
    g_vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    error = vp_record_set_record(location, VP_LOCATION_ERROR, VP_RECORD_ERROR);
    vp_record_set_constant(error, VP_ERROR_CODE, vp_error_code_name(code));
    vp_record_set_string(error, VP_ERROR_MESSAGE, message);
    return FALSE;
}

gboolean
vp_location_set_path(VirtProbeRecord *location, const char *kind, const char *path)
{
    if (path[0] == '\0')
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID, "path is empty");
    vp_record_set_constant(location, VP_LOCATION_KIND, kind);
    vp_record_set_string(location, VP_LOCATION_PATH, path);
    return TRUE;
}

/* DDDD:BB:DD.F, in hexadecimal. */
static gboolean
pci_address_is_valid(const char *text, gsize len)
{
    static const char pattern[] = "xxxx:xx:xx.x";

    if (len != strlen(pattern))
        return FALSE;
    for (gsize i = 0; i < len; i++) {
        if (pattern[i] == 'x' ? !g_ascii_isxdigit(text[i]) : text[i] != pattern[i])
            return FALSE;
    }
    return text[len - 1] <= '7';
}

gboolean
vp_location_set_nvme(VirtProbeRecord *location, const char *device, gsize len, guint64 namespace_id)
{
    if (!pci_address_is_valid(device, len))
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "device of nvme is no PCI address");
    if (namespace_id == 0 || namespace_id > G_MAXUINT32)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "namespace of nvme is not between 1 and %u", G_MAXUINT32);
    vp_record_set_constant(location, VP_LOCATION_KIND, "pci-device");
    vp_record_set_text(location, VP_LOCATION_DEVICE, device, len);
    vp_record_set_uint(location, VP_LOCATION_NAMESPACE, namespace_id);
    return TRUE;
}

/* nvme://DEVICE[/[NAMESPACE]]; QEMU takes the first namespace when none is written. */
static gboolean
parse_nvme(VirtProbeRecord *location, const char *rest)
{
    const char *slash = strchr(rest, '/');
    gsize len = slash != NULL ? (gsize) (slash - rest) : strlen(rest);
    guint64 namespace_id = 1;

    if (slash != NULL && slash[1] != '\0'
        && !vp_number_parse(slash + 1, 10, 1, G_MAXUINT32, &namespace_id))
        namespace_id = 0;
    return vp_location_set_nvme(location, rest, len, namespace_id);
}

static gboolean
parse_null(VirtProbeRecord *location, const char *rest)
{
    if (strcmp(rest, "//") != 0)
        return vp_location_fail(location, VIRT_PROBE_ERROR_INVALID,
                                "nothing but :// may stand behind the name of a null device");
    vp_record_set_constant(location, VP_LOCATION_KIND, "null");
    return TRUE;
}

gboolean
vp_location_set_plain_path(VirtProbeRecord *location, const char *kind, const char *path)
{
    g_autofree char *masked = vp_name_mask(path, strlen(path), NULL);

    if (masked != NULL)
        return vp_location_fail(location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "a path is written as if it held credentials");
    return vp_location_set_path(location, kind, path);
}

/* What stands behind a prefix, when nothing of the whole name was masked. */
static gboolean
parse_prefixed_path(VirtProbeRecord *location, const char *kind, const char *path)
{
    if (vp_record_has(location, VP_LOCATION_HAS_CREDENTIALS))
        return vp_location_fail(location, VIRT_PROBE_ERROR_UNSUPPORTED,
                                "a path is written as if it held credentials");
    return vp_location_set_plain_path(location, kind, path);
}

/* QEMU strips just the prefix, so that file:///x opens ///x. */
static gboolean
parse_file(VirtProbeRecord *location, const char *rest)
{
    return parse_prefixed_path(location, "file", rest);
}

static gboolean
parse_block_device(VirtProbeRecord *location, const char *rest)
{
    return parse_prefixed_path(location, "block-device", rest);
}

/* fat:[floppy:][12:|16:|32:][rw:]DIRECTORY. As for QEMU the directory follows the last colon, unless that belongs
 * to the letter of a DOS drive; libvirt takes all behind fat: as the directory. */
static gboolean
parse_fat(VirtProbeRecord *location, const char *rest)
{
    const char *colon = strrchr(rest, ':');

    if (colon == rest + 1 && g_ascii_isalpha(rest[0]))
        colon = NULL;
    else if (colon != NULL && colon >= rest + 2 && colon[-2] == ':' && g_ascii_isalpha(colon[-1]))
        colon -= 2;
    if (!parse_prefixed_path(location, "directory", colon != NULL ? colon + 1 : rest))
        return FALSE;
    vp_record_set_constant(location, VP_LOCATION_FORMAT, "fat");
    return TRUE;
}

/* The spellings that are not looked up among protocols; each is handed what follows. */
static const struct {
    const char *prefix;
    gboolean (*parse)(VirtProbeRecord *location, const char *rest);
} spellings[] = {
    { "json:", vp_location_parse_json },
    { "file:", parse_file },
    { "fat:", parse_fat },
    { "host_device:", parse_block_device },
    { "host_cdrom:", parse_block_device },
    { "null-co:", parse_null },
    { "null-aio:", parse_null },
    { "nvme://", parse_nvme },
};

/* A name that has a colon before its first slash. */
static gboolean
parse_protocol(VirtProbeRecord *location, const char *text)
{
    for (guint i = 0; i < G_N_ELEMENTS(spellings); i++) {
        gsize len = strlen(spellings[i].prefix);

        if (strncmp(text, spellings[i].prefix, len) == 0)
            return spellings[i].parse(location, text + len);
    }
    /* A second colon before :// belongs to the older spelling, such as in rbd:pool/image:conf=… */
    if (strncmp(text + strcspn(text, ":"), "://", 3) == 0)
        return vp_location_parse_uri(location, text, NULL);
    return vp_location_parse_colon(location, text);
}

gsize
vp_name_prefix_len(const char *text, gsize len)
{
    const char *colon = memchr(text, ':', len);
    gsize prefix_len = colon != NULL ? (gsize) (colon + 1 - text) : 0;
    const VpProtocol *protocol = prefix_len > 0 ? vp_protocol_find(text, prefix_len - 1) : NULL;

    if (protocol != NULL)
        return (protocol->traits & VP_PROTOCOL_NO_URI) != 0 ? prefix_len : 0;
    for (guint i = 0; i < G_N_ELEMENTS(spellings); i++) {
        if (strlen(spellings[i].prefix) == prefix_len
            && memcmp(spellings[i].prefix, text, prefix_len) == 0)
            return prefix_len;
    }
    return 0;
}

/* The name itself, and whether it hides something. FALSE when it is too long to be understood. */
static gboolean
location_begin(VirtProbeRecord *location, const char *text)
{
    gsize len = strlen(text);
    g_autofree char *masked = vp_name_mask(text, len, NULL);

    vp_record_set_text(location, VP_LOCATION_TEXT, text, len);
    if (masked != NULL)
        vp_record_set_bool(location, VP_LOCATION_HAS_CREDENTIALS, TRUE);
    return len <= VP_NAME_MAX
           || vp_location_fail(location, VIRT_PROBE_ERROR_LIMIT,
                               "name has %" G_GSIZE_FORMAT " bytes, at most %u are understood", len,
                               VP_NAME_MAX);
}

void
vp_location_fill(VirtProbeRecord *location, const char *text)
{
    VpNameKind kind = vp_name_kind(text);

    if (location == NULL || !location_begin(location, text))
        return;
    if (kind == VP_NAME_PROTOCOL || kind == VP_NAME_JSON)
        parse_protocol(location, text);
    else
        vp_location_set_path(location, "file", text);
}

void
vp_location_fill_path(VirtProbeRecord *location, const char *text)
{
    if (location != NULL && location_begin(location, text))
        vp_location_set_path(location, "file", text);
}
