/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scan-entry.c: from an entry of a directory to a volume, by the thread that may have to wait for it. */
#include "storage/pool/scan-entry.h"

#include "util/error.h"
#include "util/source.h"
#include "virtprobe/describe.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void
vp_scan_scratch_init(VpScanScratch *scratch)
{
    *scratch = (VpScanScratch) {
        .name = g_string_new(NULL),
        .path = g_string_new(NULL),
        .rules = g_string_new(NULL),
    };
}

void
vp_scan_scratch_clear(VpScanScratch *scratch)
{
    g_string_free(scratch->name, TRUE);
    g_string_free(scratch->path, TRUE);
    g_string_free(scratch->rules, TRUE);
    virt_probe_record_unref(scratch->image);
    g_clear_error(&scratch->error);
}

static gsize
begin_name(GString *text, const char *directory)
{
    g_string_assign(text, directory);
    if (text->len > 0 && text->str[text->len - 1] != '/')
        g_string_append_c(text, '/');
    return text->len;
}

/* Replaces what stands behind the first bytes. */
static void
set_end(GString *text, gsize first, const char *end, gsize len)
{
    g_string_set_size(text, first + len);
    memcpy(text->str + first, end, len);
}

const char *
vp_scan_name(VpScanScratch *scratch, const VpScanDirectory *directory, const char *entry)
{
    gsize len = strlen(entry);

    if (scratch->serial != directory->serial) {
        scratch->serial = directory->serial;
        scratch->name_len = begin_name(scratch->name, directory->name);
        scratch->path_len = begin_name(scratch->path, directory->path);
    }
    set_end(scratch->name, scratch->name_len, entry, len);
    set_end(scratch->path, scratch->path_len, entry, len);
    return scratch->name->str;
}

/* The facts of the next entry, of which nothing is known yet; those of the last one are given up. */
static VpVolumeFacts *
facts_begin(VpScanScratch *scratch)
{
    VpVolumeFacts *facts = &scratch->facts;

    g_clear_pointer(&scratch->image, virt_probe_record_unref);
    g_clear_error(&scratch->error);
    scratch->saved_errno = 0;
    vp_volume_facts_init(facts);
    facts->name = scratch->name->str;
    facts->path = scratch->path->str;
    facts->state = "ok";
    return facts;
}

const VpVolumeFacts *
vp_scan_unreadable(VpScanScratch *scratch, const char *code, const char *message)
{
    VpVolumeFacts *facts = facts_begin(scratch);

    vp_volume_facts_set_error(facts, code, message);
    return facts;
}

/* info: NULL when it could not be asked. Takes over error. */
static const VpVolumeFacts *
facts_failed(VpScanScratch *scratch, const VpEntryInfo *info, GError *error)
{
    VpVolumeFacts *facts = facts_begin(scratch);

    scratch->error = error;
    if (info != NULL)
        vp_volume_facts_set_info(facts, info);
    vp_volume_facts_set_error(facts, vp_error_name(error), error->message);
    return facts;
}

static const VpVolumeFacts *
facts_failed_by(VpScanScratch *scratch, const VpEntryInfo *info, int saved_errno)
{
    const VpVolumeFacts *facts;
    GError *error = NULL;

    vp_error_set_errno(&error, saved_errno, "cannot open");
    facts = facts_failed(scratch, info, error);
    scratch->saved_errno = saved_errno;
    return facts;
}

/* Whether what was known still holds. Devices are written without their times changing. */
static gboolean
known_holds(VpScanKnown *known, const VpEntryInfo *info)
{
    const VpFileIdentity *identity = &known->identity;

    if (identity->inode != info->inode || identity->device != info->device
        || identity->mtime != (guint64) info->mtime || identity->ctime != (guint64) info->ctime)
        return FALSE;
    if (S_ISREG(info->mode))
        known->is_same = identity->size == info->size && identity->is_directory == 0;
    else
        known->is_same = S_ISDIR(info->mode) && identity->is_directory != 0;
    return known->is_same;
}

static const VpVolumeFacts *
facts_of_directory(VpScanScratch *scratch, const VpEntryInfo *info)
{
    VpVolumeFacts *facts = facts_begin(scratch);

    vp_volume_facts_set_info(facts, info);
    return facts;
}

/* fd is open; a name may have been given to something else since its type was asked. */
static const VpVolumeFacts *
facts_of_descriptor(VpScanScratch *scratch, int fd)
{
    const VirtProbeDescribeFlags flags = VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_BRIEF;
    VirtProbeRecord *image;
    GError *error = NULL;
    VpEntryInfo info;
    VpVolumeFacts *facts;

    if (!vp_entry_stat_open(fd, &info))
        return facts_failed_by(scratch, NULL, errno);
    if (S_ISDIR(info.mode))
        return facts_of_directory(scratch, &info);
    if (!vp_source_mode_check(info.mode, &error))
        return facts_failed(scratch, &info, error);
    image = virt_probe_describe_reader(info.size, vp_entry_read, &fd, scratch->path->str, NULL,
                                       flags, &error);
    if (image == NULL)
        return facts_failed(scratch, &info, error);
    facts = facts_begin(scratch);
    scratch->image = image;
    vp_volume_facts_set_info(facts, &info);
    vp_volume_facts_set_image(facts, image, scratch->rules);
    return facts;
}

/* fd: as opening the entry gave it, with errno. info: NULL when it was not asked. */
static const VpVolumeFacts *
facts_of_file(VpScanScratch *scratch, int directory, const char *entry, int fd,
              const VpEntryInfo *info)
{
    const VpVolumeFacts *facts;
    VpEntryInfo asked;

    if (fd < 0) {
        int saved_errno = errno;

        if (saved_errno == ENOENT)
            return NULL;
        if (info == NULL && vp_entry_stat(directory, entry, TRUE, &asked))
            info = &asked;
        return facts_failed_by(scratch, info, saved_errno);
    }
    facts = facts_of_descriptor(scratch, fd);
    vp_entry_close(fd);
    return facts;
}

/* An entry that nothing can be said of. One that is gone is no entry, but a link that leads nowhere is. */
static const VpVolumeFacts *
facts_of_nothing(VpScanScratch *scratch, int directory, const VpEntry *entry, int saved_errno)
{
    VpEntryInfo info;

    if (saved_errno == ENOENT
        && (entry->kind != VP_ENTRY_LINK || !vp_entry_stat(directory, entry->name, FALSE, &info)))
        return NULL;
    return facts_failed_by(scratch, NULL, saved_errno);
}

/* An entry that turned out to be a symbolic link. */
static const VpVolumeFacts *
facts_of_link(VpScanScratch *scratch, const VpScanDirectory *directory, const char *name,
              VpScanKnown *known)
{
    const VpEntry link = { name, VP_ENTRY_LINK };

    return vp_scan_entry(scratch, directory, &link, known);
}

/* An entry that was called a file by a listing or by stat. */
static inline const VpVolumeFacts *
facts_of_no_link(VpScanScratch *scratch, const VpScanDirectory *directory, const char *name,
                 const VpEntryInfo *info)
{
    int fd = vp_entry_open(directory->fd, name);

    /* Somebody has put a link in its place, which may lead to what must not be opened. */
    if (fd < 0 && errno == ELOOP)
        return facts_of_link(scratch, directory, name, NULL);
    return facts_of_file(scratch, directory->fd, name, fd, info);
}

const VpVolumeFacts *
vp_scan_entry(VpScanScratch *scratch, const VpScanDirectory *directory, const VpEntry *entry,
              VpScanKnown *known)
{
    GError *error = NULL;
    VpEntryInfo info;

    /* What a file is need not be asked: opening it has no effects and waits for nobody. */
    if (entry->kind == VP_ENTRY_FILE && known == NULL)
        return facts_of_no_link(scratch, directory, entry->name, NULL);
    if (!vp_entry_stat(directory->fd, entry->name, entry->kind == VP_ENTRY_LINK, &info))
        return facts_of_nothing(scratch, directory->fd, entry, errno);
    if (S_ISLNK(info.mode))
        return facts_of_link(scratch, directory, entry->name, known);
    if (known != NULL && known_holds(known, &info))
        return NULL;
    if (S_ISDIR(info.mode))
        return facts_of_directory(scratch, &info);
    if (!vp_source_mode_check(info.mode, &error))
        return facts_failed(scratch, &info, error);
    if (entry->kind != VP_ENTRY_LINK)
        return facts_of_no_link(scratch, directory, entry->name, &info);
    return facts_of_file(scratch, directory->fd, entry->name,
                         vp_entry_open_link(directory->fd, entry->name), &info);
}

const VpVolumeFacts *
vp_scan_directory_facts(VpScanScratch *scratch, const VpScanDirectory *directory, int saved_errno,
                        VpScanKnown *known)
{
    GError *error = NULL;

    if (saved_errno == 0 && known != NULL && known_holds(known, &directory->info))
        return NULL;
    if (saved_errno == 0)
        return facts_of_directory(scratch, &directory->info);
    vp_error_set_errno(&error, saved_errno, "cannot list");
    return facts_failed(scratch, directory->fd >= 0 ? &directory->info : NULL, error);
}
