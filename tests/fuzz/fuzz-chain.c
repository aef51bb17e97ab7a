/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-chain.c: up to eight files in memory that name each other, followed from the first one.
 *
 * Two bytes of the input choose how to follow and where the caller stops. Then come files: a byte says what a file is
 * and two how many bytes of the input it takes. An overlay takes its names from them, so that few random bytes
 * already make a chain; other files are those bytes. */
#include "../unit/chain-fixture.h"
#include "fuzz.h"
#include "storage/registry.h"

#include <string.h>

#define FILES_MAX 8
/* The limits, written down a second time. */
#define IMAGES_MAX 200
#define TREE_MEMORY_MAX (2560 * 1024)
/* Exports of deep chains with long names take most of the time and show nothing new. */
#define EXPORTS_MAX 4
#define ANY_LEN_MAX 16

enum {
    WANT_FULL = 1 << 0,
    WANT_GUESS = 1 << 1,
    WANT_SAFE_GUESS = 1 << 2,
    WANT_TOP_GUESSED = 1 << 3,
    WANT_ANY = 1 << 4,       /* the last file answers to every name that is not there */
    WANT_NO_INODES = 1 << 5, /* nothing tells files apart */
};

typedef enum {
    KIND_OVERLAY,
    KIND_OVERLAY_WITH_DATA_FILE,
    KIND_BYTES,
    KIND_MISSING,
    KIND_OUTSIDE,
    KIND_DIRECTORY,
    KIND_FAILING,
    KIND_COUNT,
} FileKind;

/* Where each file is, and a second name of it. */
static const struct {
    const char *name;
    const char *link;
} places[FILES_MAX] = {
    { "a", "./a" }, { "b", "dir/b" }, { "c", "/c" }, { "d", "dir/../d" },
    { "e", NULL },  { "f", NULL },    { "g", NULL }, { "h", NULL },
};

static const char *const formats[] = { "qcow2", "raw", "vdi", "qcow3", "", NULL };

/* What was shown, and which names may be asked for. */
typedef struct {
    guint count;
    guint side_members;
    guint described;
    guint stop_at;     /* 0: never */
    GHashTable *named; /* the last parts of all paths that were seen */
} Viewer;

/* (transfer full) */
static char *
read_name(VpReader *input)
{
    gsize len = vp_reader_u8(input);

    len = MIN(len, vp_reader_remaining(input));
    return len > 0 ? g_strndup((const char *) vp_reader_bytes(input, len), len) : g_strdup("");
}

static void
add_overlay_of(VirtualFiles *files, const char *name, const guint8 *bytes, gsize len,
               gboolean has_data_file)
{
    Overlay overlay = { .size = 0 };
    g_autofree char *backing = NULL;
    g_autofree char *data_file = NULL;
    VpReader input;

    vp_reader_init(&input, bytes, len, 0);
    overlay.format = formats[vp_reader_u8(&input) % G_N_ELEMENTS(formats)];
    backing = read_name(&input);
    overlay.backing = backing[0] != '\0' ? backing : NULL;
    if (has_data_file) {
        data_file = read_name(&input);
        overlay.data_file = data_file;
    }
    add_overlay(files, name, &overlay);
}

static void
add_file(VirtualFiles *files, guint index, FileKind kind, const guint8 *bytes, gsize len)
{
    static const VirtualFileMode modes[KIND_COUNT] = {
        [KIND_OUTSIDE] = VIRTUAL_FILE_IS_OUTSIDE,
        [KIND_DIRECTORY] = VIRTUAL_FILE_IS_DIRECTORY,
        [KIND_FAILING] = VIRTUAL_FILE_FAILS,
    };
    const char *name = places[index].name;

    if (kind == KIND_MISSING)
        return;
    if (kind == KIND_OVERLAY || kind == KIND_OVERLAY_WITH_DATA_FILE)
        add_overlay_of(files, name, bytes, len, kind == KIND_OVERLAY_WITH_DATA_FILE);
    else
        virtual_files_add(files, name, bytes, len);
    virtual_files_set_mode(files, name, modes[kind]);
    if (places[index].link != NULL)
        virtual_files_add_link(files, places[index].link, name);
}

static void
add_files(VirtualFiles *files, VpReader *input, guint8 wants)
{
    const guint8 *bytes = NULL;
    gsize len = 0;

    for (guint i = 0; i < FILES_MAX && vp_reader_remaining(input) >= 3; i++) {
        FileKind kind = vp_reader_u8(input) % KIND_COUNT;

        len = vp_reader_u16be(input);
        len = MIN(len, vp_reader_remaining(input));
        bytes = len > 0 ? vp_reader_bytes(input, len) : (const guint8 *) "";
        if ((wants & WANT_NO_INODES) != 0)
            files->next_inode = 0;
        add_file(files, i, kind, bytes, len);
    }
    if ((wants & WANT_ANY) == 0 || len == 0)
        return;
    /* Longer names would grow from image to image until nothing else is tried. */
    add_overlay_of(files, "any", bytes, MIN(len, ANY_LEN_MAX), FALSE);
    virtual_files_use_as_any(files, "any");
}

static VirtProbeDescribeFlags
flags_of(guint8 wants)
{
    VirtProbeDescribeFlags flags = VIRT_PROBE_DESCRIBE_DEFAULT;

    if ((wants & WANT_FULL) != 0)
        flags |= VIRT_PROBE_DESCRIBE_FULL;
    if ((wants & WANT_GUESS) != 0)
        flags |= VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING;
    if ((wants & WANT_SAFE_GUESS) != 0)
        flags |= VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE;
    if ((wants & WANT_TOP_GUESSED) != 0)
        flags |= VIRT_PROBE_DESCRIBE_RECOGNISE;
    return flags;
}

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* A description can replace what the images below it name. */
static void
note_location(Viewer *viewer, const VirtProbeRecord *location)
{
    const char *path = virt_probe_record_get_text(location, "path");
    const VirtProbeRecord *backing = virt_probe_record_get_record(location, "backing");
    const VirtProbeRecord *data_file = virt_probe_record_get_record(location, "data-file");

    if (path != NULL)
        g_hash_table_add(viewer->named, g_strdup(last_part(path)));
    if (backing != NULL)
        note_location(viewer, backing);
    if (data_file != NULL)
        note_location(viewer, data_file);
}

static void
note_references(Viewer *viewer, const VirtProbeRecord *extra)
{
    guint count = virt_probe_record_get_length(extra, "references");

    for (guint i = 0; i < count; i++) {
        const VirtProbeRecord *reference = virt_probe_record_get_item(extra, "references", i);
        const VirtProbeRecord *location = virt_probe_record_get_record(reference, "location");
        gboolean is_used = FALSE;

        g_assert_true(virt_probe_record_get_boolean(reference, "used", &is_used));
        if (is_used && location != NULL)
            note_location(viewer, location);
    }
}

static void
check_state(const char *state, const VirtProbeRecord *error)
{
    static const char *const states[] = { "ok", "partial", "unreadable", "not-opened", NULL };

    g_assert_nonnull(state);
    g_assert_true(g_strv_contains(states, state));
    if (strcmp(state, "ok") == 0)
        g_assert_null(error);
    if (strcmp(state, "partial") == 0 || strcmp(state, "unreadable") == 0)
        g_assert_nonnull(error);
}

static gboolean
view(VirtProbeRecord *image, gpointer user_data)
{
    Viewer *viewer = user_data;
    const VirtProbeRecord *extra = virt_probe_record_get_record(image, "virt-probe");
    const char *state = virt_probe_record_get_text(extra, "state");

    check_state(state, virt_probe_record_get_record(extra, "error"));
    g_assert_cmpuint(vp_arena_used(image->tree->arena), <=, TREE_MEMORY_MAX);
    note_references(viewer, extra);
    viewer->count++;
    viewer->side_members += virt_probe_record_get_length(extra, "side-members");
    viewer->described += strcmp(state, "ok") == 0 || strcmp(state, "partial") == 0;
    if (viewer->count <= EXPORTS_MAX)
        fuzz_check_outputs(image);
    return viewer->count != viewer->stop_at;
}

static void
check_member(const VirtProbeRecord *member, guint index)
{
    guint64 owner = G_MAXUINT64;
    gboolean has_owner = virt_probe_record_get_uint64(member, "owner", &owner);

    g_assert_nonnull(virt_probe_record_get_text(member, "role"));
    g_assert_nonnull(virt_probe_record_get_text(member, "filename"));
    check_state(virt_probe_record_get_text(member, "state"),
                virt_probe_record_get_record(member, "error"));
    g_assert_cmpint(has_owner, ==, index > 0);
    if (has_owner)
        g_assert_cmpuint(owner, <, index);
}

static void
check_summary(const VirtProbeRecord *chain, const Viewer *viewer)
{
    const char *state = virt_probe_record_get_text(chain, "state");
    guint count = virt_probe_record_get_length(chain, "members");
    g_autoptr(GError) error = NULL;

    fuzz_check_json(chain);
    g_assert_cmpuint(vp_arena_used(chain->tree->arena), <=, TREE_MEMORY_MAX);
    g_assert_cmpint(virt_probe_chain_verify(chain, &error), ==, strcmp(state, "ok") == 0);
    g_assert_cmpint(error == NULL, ==, strcmp(state, "ok") == 0);
    g_assert_cmpuint(count, <=, viewer->count + viewer->side_members);
    if (virt_probe_record_get_record(chain, "error") == NULL)
        g_assert_cmpuint(count, ==, viewer->count + viewer->side_members);
    for (guint i = 0; i < count; i++)
        check_member(virt_probe_record_get_item(chain, "members", i), i);
}

/* The first file was named by the caller, and every other one by an image that was shown. */
static void
check_opened(const VirtualFiles *files, const Viewer *viewer)
{
    g_assert_cmpuint(viewer->described, <=, IMAGES_MAX);
    g_assert_cmpstr(g_ptr_array_index(files->opened, 0), ==, places[0].name);
    for (guint i = 1; i < files->opened->len; i++)
        g_assert_true(
            g_hash_table_contains(viewer->named, last_part(g_ptr_array_index(files->opened, i))));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GHashTable) named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Viewer viewer = { .named = named };
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autoptr(GError) error = NULL;
    VpReader input;
    guint8 wants;

    virtual_files_init(&files);
    vp_reader_init(&input, data, size, 0);
    wants = vp_reader_u8(&input);
    viewer.stop_at = vp_reader_u8(&input);
    add_files(&files, &input, wants);
    chain = vp_chain_open(&files.parent, places[0].name,
                          (wants & WANT_TOP_GUESSED) != 0 ? NULL : vp_registry_find("qcow2"),
                          flags_of(wants), view, &viewer, &error);
    g_assert_cmpint(chain == NULL, ==, viewer.stop_at != 0 && viewer.count == viewer.stop_at);
    if (chain != NULL)
        check_summary(chain, &viewer);
    else
        g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
    check_opened(&files, &viewer);
    return 0;
}
