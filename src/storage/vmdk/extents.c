/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* extents.c: the lines of a VMDK descriptor that name its extents, read as QEMU reads them. */
#include "storage/vmdk/vmdk.h"

#include <string.h>

/* Bytes of a name that QEMU keeps. */
#define NAME_MAX_QEMU 511

/* A place in the text that moves on as scanf() does. */
typedef struct {
    const VmdkText *text;
    gsize pos;
} Scan;

static gboolean
is_at_end(const Scan *scan)
{
    return scan->pos >= scan->text->len;
}

static guint8
current(const Scan *scan)
{
    return is_at_end(scan) ? 0 : scan->text->bytes[scan->pos];
}

/* Blanks, and ends of lines as well. */
static void
skip_space(Scan *scan)
{
    while (!is_at_end(scan) && (current(scan) == '\v' || g_ascii_isspace(current(scan))))
        scan->pos++;
}

/* "%10s" */
static gboolean
read_word(Scan *scan, char *out_word, gsize room)
{
    gsize len = 0;

    skip_space(scan);
    while (len + 1 < room && !is_at_end(scan) && current(scan) != '\v'
           && !g_ascii_isspace(current(scan)))
        out_word[len++] = (char) scan->text->bytes[scan->pos++];
    out_word[len] = '\0';
    return len > 0;
}

/* "%ld", which keeps the largest number when there are too many digits. */
static gboolean
read_number(Scan *scan, gint64 *out_number)
{
    gboolean is_negative;
    gboolean has_digits = FALSE;
    guint64 number = 0;

    skip_space(scan);
    is_negative = current(scan) == '-';
    if (is_negative || current(scan) == '+')
        scan->pos++;
    for (; g_ascii_isdigit(current(scan)); scan->pos++) {
        has_digits = TRUE;
        number = MIN(number, G_MAXINT64 / 10) * 10 + (guint64) (current(scan) - '0');
        number = MIN(number, G_MAXINT64);
    }
    *out_number = is_negative ? -(gint64) number : (gint64) number;
    return has_digits;
}

/* A quotation mark, and what stands behind it up to the next one or the end of the line. */
static gboolean
read_name(Scan *scan, VmdkLine *line)
{
    gsize start;

    skip_space(scan);
    if (current(scan) != '"')
        return FALSE;
    start = ++scan->pos;
    while (!is_at_end(scan) && scan->pos - start < NAME_MAX_QEMU && current(scan) != '"'
           && current(scan) != '\n' && current(scan) != '\r')
        scan->pos++;
    if (scan->pos == start)
        return FALSE;
    line->name =
        (VmdkText) { scan->text->bytes + start, scan->pos - start, scan->text->place + start };
    line->is_name_ended = current(scan) == '"';
    return TRUE;
}

static void
line_scan(Scan scan, VmdkLine *line)
{
    if (!read_word(&scan, line->access, sizeof line->access))
        return;
    line->n_fields++;
    if (!read_number(&scan, &line->sectors))
        return;
    line->n_fields++;
    if (!read_word(&scan, line->type, sizeof line->type))
        return;
    line->n_fields++;
    if (!read_name(&scan, line))
        return;
    line->n_fields++;
    if (!line->is_name_ended)
        return;
    scan.pos++;
    if (read_number(&scan, &line->offset))
        line->n_fields++;
}

gboolean
vmdk_line_next(const VmdkText *text, gsize *pos, VmdkLine *out_line)
{
    Scan scan = { text, *pos };
    const guint8 *end;
    gsize start;

    memset(out_line, 0, sizeof *out_line);
    skip_space(&scan);
    if (is_at_end(&scan))
        return FALSE;
    out_line->n_seen = 1;
    for (gsize i = *pos; i < scan.pos; i++)
        out_line->n_seen += text->bytes[i] == '\n' ? 1 : 0;
    start = scan.pos;
    line_scan(scan, out_line);
    end = memchr(text->bytes + start, '\n', text->len - start);
    *pos = end != NULL ? (gsize) (end - text->bytes) + 1 : text->len;
    out_line->line = (VmdkText) { text->bytes + start, *pos - start - (end != NULL ? 1 : 0),
                                  text->place + start };
    return TRUE;
}

static gboolean
type_is_known(const char *type)
{
    static const char *const types[] = { "FLAT", "SPARSE", "VMFS", "VMFSSPARSE", "SESPARSE", NULL };

    return g_strv_contains(types, type);
}

static gboolean
is_about_an_extent(const VmdkLine *line)
{
    return line->n_fields >= 2
           && (g_ascii_strcasecmp(line->access, "RW") == 0
               || g_ascii_strcasecmp(line->access, "RDONLY") == 0
               || g_ascii_strcasecmp(line->access, "NOACCESS") == 0);
}

VmdkLineKind
vmdk_line_kind(const VmdkLine *line)
{
    gboolean is_flat = strcmp(line->type, "FLAT") == 0;

    if (line->n_fields < 4 || strcmp(line->access, "RW") != 0)
        return is_about_an_extent(line) ? VMDK_LINE_IGNORED : VMDK_LINE_OTHER;
    if (line->n_fields != (is_flat ? 5 : 4) || (is_flat && line->offset < 0))
        return VMDK_LINE_INVALID;
    return line->sectors > 0 && type_is_known(line->type) ? VMDK_LINE_TAKEN : VMDK_LINE_IGNORED;
}

gboolean
vmdk_name_is_outside(const VmdkText *name)
{
    gsize start = name->len > 2 && memcmp(name->bytes, "./", 2) == 0 ? 2 : 0;

    /* Only Windows has names with a backslash. */
    return memchr(name->bytes + start, '/', name->len - start) != NULL
           || memchr(name->bytes, '\\', name->len) != NULL
           || (name->len - start == 2 && memcmp(name->bytes + start, "..", 2) == 0);
}
