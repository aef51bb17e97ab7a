/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-attributes.c: who owns a file and when it was used, as libvirt writes it for volumes and pools. */
#include "storage/export/xml-attributes.h"

#include "util/look.h"

#include <string.h>
#include <sys/xattr.h>

#define LABEL_ATTRIBUTE "security.selinux"
/* A longer one is no label of SELinux, whose own limit is a page. */
#define LABEL_MAX 4096

static char *
label_new(const char *label, gssize len)
{
    return len > 0 ? g_strndup(label, (gsize) len) : NULL;
}

char *
vp_file_label(int fd)
{
    char label[LABEL_MAX];

    return label_new(label, fgetxattr(fd, LABEL_ATTRIBUTE, label, sizeof label));
}

static gpointer
attributes_ask(const char *path, G_GNUC_UNUSED gconstpointer data)
{
    VpFileAttributes *attributes = g_new0(VpFileAttributes, 1);
    char label[LABEL_MAX];

    if (stat(path, &attributes->info) != 0) {
        g_free(attributes);
        return NULL;
    }
    attributes->label = label_new(label, getxattr(path, LABEL_ATTRIBUTE, label, sizeof label));
    return attributes;
}

VpFileAttributes *
vp_file_attributes(const char *path)
{
    static const VpLookKind kind = { attributes_ask, vp_file_attributes_free, FALSE };

    return vp_look_one(&kind, path, NULL, NULL).answer;
}

void
vp_file_attributes_free(gpointer data)
{
    VpFileAttributes *attributes = data;

    g_free(attributes->label);
    g_free(attributes);
}

/* libvirt's schema knows ids from 0 on, and -1 for none. */
static void
write_id(VpXml *xml, const char *element, guint32 id)
{
    if (id == G_MAXUINT32)
        vp_xml_text(xml, element, "-1");
    else
        vp_xml_uint(xml, element, NULL, id);
}

void
vp_xml_permissions(VpXml *xml, const struct stat *info, const char *label)
{
    g_autofree char *mode = g_strdup_printf("0%o", info->st_mode & 0777);

    vp_xml_begin(xml, "permissions");
    vp_xml_text(xml, "mode", mode);
    write_id(xml, "owner", info->st_uid);
    write_id(xml, "group", info->st_gid);
    if (label != NULL)
        vp_xml_text(xml, "label", label);
    vp_xml_end(xml);
}

/* Times before 1970 have no place in libvirt's schema. */
static void
write_time(VpXml *xml, const char *element, const struct timespec *time)
{
    g_autofree char *text = NULL;

    if (time->tv_sec < 0)
        return;
    if (time->tv_nsec != 0)
        text = g_strdup_printf("%" G_GINT64_FORMAT ".%09ld", (gint64) time->tv_sec, time->tv_nsec);
    else
        text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64) time->tv_sec);
    vp_xml_text(xml, element, text);
}

void
vp_xml_timestamps(VpXml *xml, const struct stat *info)
{
    vp_xml_begin(xml, "timestamps");
    write_time(xml, "atime", &info->st_atim);
    write_time(xml, "mtime", &info->st_mtim);
    write_time(xml, "ctime", &info->st_ctim);
    /* On Linux libvirt does not ask when a file was made, and says 0. */
    vp_xml_uint(xml, "btime", NULL, 0);
    vp_xml_end(xml);
}
