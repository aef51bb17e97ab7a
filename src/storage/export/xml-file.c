/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xml-file.c: the public calls that describe a file as XML. */
#include "storage/export/xml-attributes.h"
#include "storage/export/xml-full.h"
#include "storage/export/xml-volume.h"
#include "util/error.h"
#include "util/look.h"
#include "util/source.h"
#include "virtprobe/describe.h"
#include "virtprobe/xml.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* As libvirt: a directory with both files is an image of Parallels. */
static gboolean
directory_is_ploop(int fd)
{
    return faccessat(fd, "root.hds", F_OK, 0) == 0
           && faccessat(fd, "DiskDescriptor.xml", F_OK, 0) == 0;
}

static VirtProbeRecord *
describe(int fd, const char *path, const char *format, VirtProbeXmlFlags flags, GError **error)
{
    VirtProbeDescribeFlags how = VIRT_PROBE_DESCRIBE_DEFAULT;

    if (format == NULL)
        how |= VIRT_PROBE_DESCRIBE_RECOGNISE;
    if ((flags & VIRT_PROBE_XML_FULL) != 0)
        how |= VIRT_PROBE_DESCRIBE_FULL;
    return virt_probe_describe_fd(fd, path, format, how, error);
}

static char *
write_document(const VpXmlVolume *volume, VirtProbeXmlFlags flags)
{
    g_auto(VpXml) xml = { NULL };

    vp_xml_init(&xml);
    if ((flags & VIRT_PROBE_XML_FULL) != 0)
        vp_xml_full(&xml, volume, volume->image);
    else
        vp_xml_volume(&xml, volume);
    return vp_xml_finish(&xml);
}

/* All that is read of a file. */
typedef struct {
    struct stat info;
    VirtProbeRecord *image; /* NULL: a directory */
    gboolean is_ploop;
    char *label;
    GError *error; /* NULL: it could be read */
} Contents;

static void
contents_free(gpointer data)
{
    Contents *contents = data;

    virt_probe_record_unref(contents->image);
    g_free(contents->label);
    g_clear_error(&contents->error);
    g_free(contents);
}

static Contents *
contents_read(int fd, const char *path, const char *format, VirtProbeXmlFlags flags)
{
    Contents *contents = g_new0(Contents, 1);

    if (fstat(fd, &contents->info) != 0) {
        vp_error_set_errno(&contents->error, errno, "cannot read its attributes");
        return contents;
    }
    if (S_ISDIR(contents->info.st_mode))
        contents->is_ploop = directory_is_ploop(fd);
    else
        contents->image = describe(fd, path, format, flags, &contents->error);
    contents->label = vp_file_label(fd);
    return contents;
}

static Contents *
contents_open(const char *path, const char *format, VirtProbeXmlFlags flags)
{
    GError *error = NULL;
    struct stat info;
    int fd = vp_source_any_open(path, &info, &error);
    Contents *contents;

    if (fd < 0) {
        contents = g_new0(Contents, 1);
        contents->error = error;
        return contents;
    }
    contents = contents_read(fd, path, format, flags);
    close(fd);
    return contents;
}

typedef struct {
    char *format; /* may be NULL */
    VirtProbeXmlFlags flags;
} Question;

static void
question_free(gpointer data)
{
    Question *question = data;

    g_free(question->format);
    g_free(question);
}

static gpointer
contents_ask(const char *path, gconstpointer data)
{
    const Question *question = data;

    return contents_open(path, question->format, question->flags);
}

/* NULL with an error: it does not answer in time. */
static Contents *
contents_wait(const char *path, const char *format, VirtProbeXmlFlags flags, GError **error)
{
    static const VpLookKind kind = { contents_ask, contents_free, FALSE };
    Question *question = g_new(Question, 1);
    VpLookAnswer looked;

    *question = (Question) { g_strdup(format), flags };
    looked = vp_look_one(&kind, path, question, question_free);
    if (looked.is_late)
        vp_look_set_late_answer(error, NULL, &looked);
    return looked.answer;
}

/* Takes over the contents; NULL gives NULL. */
static char *
contents_write(Contents *contents, const char *path, const char *name, VirtProbeXmlFlags flags,
               GError **error)
{
    g_autofree char *absolute = NULL;
    g_autofree char *base = NULL;
    VpXmlVolume volume = { .name = name };
    char *xml = NULL;

    if (contents == NULL)
        return NULL;
    if (contents->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&contents->error));
        contents_free(contents);
        return NULL;
    }
    if (!g_path_is_absolute(path)) {
        g_autofree char *folder = g_get_current_dir();

        absolute = g_build_filename(folder, path, NULL);
    }
    volume.path = absolute != NULL ? absolute : path;
    volume.asks_backing = (flags & VIRT_PROBE_XML_NO_BACKING_STATUS) == 0;
    volume.info = contents->info;
    volume.is_ploop = contents->is_ploop;
    volume.image = contents->image;
    volume.label = contents->label;
    if (name == NULL)
        volume.name = base = g_path_get_basename(path);
    xml = write_document(&volume, flags);
    contents_free(contents);
    return xml;
}

char *
virt_probe_fd_to_xml(int fd, const char *path, const char *name, const char *format,
                     VirtProbeXmlFlags flags, GError **error)
{
    g_return_val_if_fail(fd >= 0 && path != NULL, NULL);

    return contents_write(contents_read(fd, path, format, flags), path, name, flags, error);
}

char *
virt_probe_file_to_xml(const char *path, const char *name, const char *format,
                       VirtProbeXmlFlags flags, GError **error)
{
    Contents *contents;

    g_return_val_if_fail(path != NULL, NULL);

    contents = (flags & VIRT_PROBE_XML_BOUNDED) != 0 ? contents_wait(path, format, flags, error)
                                                     : contents_open(path, format, flags);
    return contents_write(contents, path, name, flags, error);
}
