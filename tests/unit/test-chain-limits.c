/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-chain-limits.c: chains end: deep ones, endless ones, hostile ones, and when the caller has seen enough. */
#include "chain-fixture.h"
#include "storage/registry.h"
#include "unit-images.h"

#include <malloc.h>
#include <string.h>

#define GUESS VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING
#define IMAGES_MAX 200

/* Measured 660 bytes on x86-64: the member's record and its two names; and lists grow by doubling. */
#define BYTES_PER_MEMBER_MAX 1200

static void
test_image_alone_is_a_chain(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .size = 0 });
    chain = follow(&files, 0);
    assert_members(chain, "top=ok");
    assert_chain_state(chain, "ok");
}

static void
test_follows_two(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_chain(&files, 1);
    chain = follow(&files, 0);
    assert_members(chain, "top=ok 1<0=ok");
    assert_chain_state(chain, "ok");
}

static void
test_follows_as_many_as_are_allowed(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_chain(&files, IMAGES_MAX - 1);
    chain = follow(&files, 0);
    assert_chain_state(chain, "ok");
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, IMAGES_MAX);
    for (guint i = 1; i < IMAGES_MAX; i++)
        g_assert_cmpuint(number_of(member_of(chain, i), "owner"), ==, i - 1);
    g_assert_cmpuint(files.n_open_max, ==, 1);
}

static void
test_opens_no_image_more_than_are_allowed(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    VirtProbeRecord *last;

    virtual_files_init(&files);
    add_chain(&files, IMAGES_MAX);
    chain = follow(&files, 0);
    assert_chain_state(chain, "partial");
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, IMAGES_MAX + 1);
    g_assert_false(virtual_files_were_opened(&files, "200"));
    last = member_of(chain, IMAGES_MAX);
    g_assert_cmpstr(virt_probe_record_get_text(last, "state"), ==, "not-opened");
    g_assert_cmpstr(virt_probe_record_get_text_item(last, "rules", 0), ==, "chain-depth");
}

/* Files without identity, such as those behind some network filesystems, are never the same. */
static void
test_ends_when_files_cannot_be_told_apart(void)
{
    g_autoptr(Qcow2Image) image = overlay_new(&(Overlay) { .backing = "top", .format = "qcow2" });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    files.next_inode = 0;
    virtual_files_add(&files, "top", image->bytes, image->size);
    chain = follow(&files, 0);
    g_assert_cmpuint(files.opened->len, ==, IMAGES_MAX);
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, IMAGES_MAX + 1);
}

typedef struct {
    const char *name;
    const char *top_backing;
    const char *base_backing; /* NULL: there is no base */
    const char *linked;       /* a further name … */
    const char *linked_to;    /* … of this file */
    const char *members;
} LoopCase;

static const LoopCase loop_cases[] = {
    { "of-one-image", "top", NULL, NULL, NULL, "top=ok top<0=not-opened(loop!chain-loop" },
    { "of-two-images", "base", "top", NULL, NULL,
      "top=ok base<0=ok top<1=not-opened(loop!chain-loop" },
    { "that-leaves-out-the-top", "base", "base", NULL, NULL,
      "top=ok base<0=ok base<1=not-opened(loop!chain-loop" },
    { "by-another-spelling", "base", "./top", "./top", "top",
      "top=ok base<0=ok ./top<1=not-opened(loop!chain-loop" },
    { "by-another-name", "base", "other", "other", "top",
      "top=ok base<0=ok other<1=not-opened(loop!chain-loop" },
    { "of-one-image-by-another-name", "other", NULL, "other", "top",
      "top=ok other<0=not-opened(loop!chain-loop" },
};

static void
test_loop(gconstpointer data)
{
    const LoopCase *row = data;
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autoptr(GError) error = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = row->top_backing, .format = "qcow2" });
    if (row->base_backing != NULL)
        add_overlay(&files, "base", &(Overlay) { .backing = row->base_backing, .format = "qcow2" });
    if (row->linked != NULL)
        virtual_files_add_link(&files, row->linked, row->linked_to);
    chain = follow(&files, 0);
    assert_members(chain, row->members);
    assert_chain_state(chain, "partial");
    g_assert_false(virt_probe_chain_verify(chain, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LOOP);
}

/* Equal bytes are not the same file. */
static void
test_copies_are_no_loop(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top", &(Overlay) { .backing = "base", .format = "qcow2" });
    add_overlay(&files, "base", &(Overlay) { .backing = "copy", .format = "raw" });
    add_overlay(&files, "copy", &(Overlay) { .backing = "base", .format = "raw" });
    chain = follow(&files, 0);
    assert_chain_state(chain, "ok");
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, 3);
}

/* A data file may be used by two images; only what stands on itself is a loop. */
static void
test_shared_data_file_is_no_loop(void)
{
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_overlay(&files, "top",
                &(Overlay) { .backing = "base", .format = "qcow2", .data_file = "data" });
    add_overlay(&files, "base", &(Overlay) { .data_file = "data" });
    add_raw(&files, "data", OVERLAY_SIZE);
    chain = follow(&files, 0);
    assert_members(chain, "top=ok!data-file data:<0=ok base<0=ok!data-file data:<2=ok");
}

/* Which images a caller was shown, and when it stops. */
typedef struct {
    GString *shown;
    guint count;
    guint stop_at; /* the call that stops, counted from 1; 0: none does */
} Viewer;

static gboolean
view(VirtProbeRecord *image, gpointer user_data)
{
    Viewer *viewer = user_data;

    g_assert_cmpstr(virt_probe_record_get_kind(image), ==, "image");
    g_string_append_printf(viewer->shown, "%s%s=%s", viewer->count > 0 ? " " : "",
                           virt_probe_record_get_text(image, "filename"),
                           virt_probe_record_get_text(probe_of(image), "state"));
    viewer->count++;
    return viewer->count != viewer->stop_at;
}

static void
add_viewed_chain(VirtualFiles *files)
{
    add_overlay(files, "top",
                &(Overlay) { .backing = "middle", .format = "qcow2", .data_file = "data" });
    add_raw(files, "data", OVERLAY_SIZE);
    add_overlay(files, "middle", &(Overlay) { .backing = "missing", .format = "raw" });
}

static void
test_shows_each_image_once_from_the_top(void)
{
    g_autoptr(GString) shown = g_string_new(NULL);
    Viewer viewer = { .shown = shown };
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_viewed_chain(&files);
    chain = follow_with(&files, 0, view, &viewer);
    g_assert_cmpstr(shown->str, ==, "top=ok middle=ok missing=unreadable");
}

static gboolean
view_side_members(VirtProbeRecord *image, gpointer user_data)
{
    guint *count = user_data;

    *count += virt_probe_record_get_length(probe_of(image), "side-members");
    return TRUE;
}

static void
test_shows_data_files_in_their_image(void)
{
    guint count = 0;
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;

    virtual_files_init(&files);
    add_viewed_chain(&files);
    chain = follow_with(&files, 0, view_side_members, &count);
    g_assert_cmpuint(count, ==, 1);
}

static void
test_stops_when_the_caller_has_seen_enough(void)
{
    static const char *const shown_until[] = { "top=ok", "top=ok middle=ok",
                                               "top=ok middle=ok missing=unreadable" };

    for (guint i = 0; i < G_N_ELEMENTS(shown_until); i++) {
        g_autoptr(GString) shown = g_string_new(NULL);
        Viewer viewer = { .shown = shown, .stop_at = i + 1 };
        g_auto(VirtualFiles) files;
        g_autoptr(GError) error = NULL;

        virtual_files_init(&files);
        add_viewed_chain(&files);
        g_assert_null(vp_chain_open(&files.parent, "top", vp_registry_find("qcow2"), 0, view,
                                    &viewer, &error));
        g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_CANCELLED);
        g_assert_cmpstr(shown->str, ==, shown_until[i]);
        g_assert_cmpint(virtual_files_were_opened(&files, "middle"), ==, i > 0);
    }
}

static gboolean
keep(VirtProbeRecord *image, gpointer user_data)
{
    g_ptr_array_add(user_data, virt_probe_record_ref(image));
    return TRUE;
}

static void
test_images_may_be_kept(void)
{
    g_autoptr(GPtrArray) images =
        g_ptr_array_new_with_free_func((GDestroyNotify) virt_probe_record_unref);
    g_auto(VirtualFiles) files;

    virtual_files_init(&files);
    add_chain(&files, 4);
    virt_probe_record_unref(follow_with(&files, 0, keep, images));
    g_assert_cmpuint(images->len, ==, 5);
    for (guint i = 0; i < images->len; i++)
        assert_state(g_ptr_array_index(images, i), "ok");
}

/* A chain without end, each of whose members has long lists. */
static void
follow_lists(VirtualFiles *files, guint snapshots, const char *rule)
{
    g_autoptr(Qcow2Image) image = qcow2_image_new(17);
    g_autoptr(VirtProbeRecord) chain = NULL;
    VirtProbeRecord *last;
    guint length;

    for (guint i = 0; i < snapshots; i++)
        qcow2_add_snapshot(image, "1", "a");
    qcow2_add_extension(image, 0xe2792aca, "qcow2", 5);
    qcow2_set_backing(image, "next");
    files->next_inode = 0;
    virtual_files_add(files, "top", image->bytes, image->size);
    virtual_files_use_as_any(files, "top");
    chain = follow(files, VIRT_PROBE_DESCRIBE_DEFAULT);
    length = virt_probe_record_get_length(chain, "members");
    last = member_of(chain, length - 1);
    g_test_message("%u members", length);
    g_assert_cmpstr(virt_probe_record_get_text(last, "state"), ==, "not-opened");
    g_assert_cmpstr(virt_probe_record_get_text_item(last, "rules", 0), ==, rule);
}

static void
test_output_has_an_end(void)
{
    g_auto(VirtualFiles) files;

    virtual_files_init(&files);
    follow_lists(&files, 300, "limit");
    g_assert_cmpuint(files.opened->len, <, IMAGES_MAX);
}

static void
test_output_is_enough_for_shorter_lists(void)
{
    g_auto(VirtualFiles) files;

    virtual_files_init(&files);
    follow_lists(&files, 270, "chain-depth");
    g_assert_cmpuint(files.opened->len, ==, IMAGES_MAX);
}

/* A sanitizer has an allocator of its own, which mallinfo2() knows nothing of. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static gsize
heap_in_use(void)
{
    struct mallinfo2 info;

    if (__sanitizer_get_current_allocated_bytes != NULL)
        return __sanitizer_get_current_allocated_bytes();
    info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static gboolean
measure(VirtProbeRecord *image, gpointer user_data)
{
    gsize *peak = user_data;

    (void) image;
    *peak = MAX(*peak, heap_in_use());
    return TRUE;
}

/* Heap that following so many images takes at most, seen from where images are shown. */
static gsize
peak_of(guint images)
{
    g_auto(VirtualFiles) files;
    gsize peak = 0;
    gsize start;

    virtual_files_init(&files);
    add_chain(&files, images - 1);
    /* The list of opened names is the test's own. */
    for (guint i = 0; i < IMAGES_MAX; i++)
        g_ptr_array_add(files.opened, g_strdup("123"));
    start = heap_in_use();
    virt_probe_record_unref(follow_with(&files, 0, measure, &peak));
    g_assert_cmpuint(peak, >, start);
    return peak - start;
}

static void
test_keeps_no_image_longer_than_it_is_needed(void)
{
    gsize small;
    gsize large;

    peak_of(2);
    small = peak_of(20);
    large = peak_of(IMAGES_MAX);
    g_test_message("peak %" G_GSIZE_FORMAT " bytes at 20 images, %" G_GSIZE_FORMAT " at %u", small,
                   large, IMAGES_MAX);
    g_assert_cmpuint(large, <=, small + (IMAGES_MAX - 20) * BYTES_PER_MEMBER_MAX);
}

/* Every level adds a directory of about 1000 bytes to the name; no real file could be opened by it. */
static void
test_survives_names_that_grow(void)
{
    g_autofree char *directory = g_strnfill(1000, 'd');
    g_autofree char *name = g_strconcat(directory, "/x", NULL);
    g_autoptr(Qcow2Image) image = overlay_new(&(Overlay) { .backing = name, .format = "qcow2" });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autofree char *json = NULL;

    virtual_files_init(&files);
    virtual_files_add_any(&files, image->bytes, image->size);
    chain = follow(&files, 0);
    g_assert_cmpuint(files.opened->len, <=, IMAGES_MAX);
    assert_chain_state(chain, "partial");
    json = virt_probe_record_to_json(chain);
    g_assert_true(g_utf8_validate(json, -1, NULL));
}

/* The longest names that formats can hold: 1023 bytes of a backing file, any length of a data file. */
static void
test_survives_long_names_on_every_level(void)
{
    g_autofree char *backing = g_strnfill(1023, 'b');
    g_autofree char *data_file = g_strnfill(4096, 'd');
    g_autoptr(Qcow2Image) image =
        overlay_new(&(Overlay) { .backing = backing, .format = "qcow2", .data_file = data_file });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autofree char *json = NULL;

    virtual_files_init(&files);
    virtual_files_add_any(&files, image->bytes, image->size);
    chain = follow(&files, 0);
    g_assert_cmpuint(files.opened->len, ==, 2 * IMAGES_MAX);
    g_assert_cmpuint(virt_probe_record_get_length(chain, "members"), ==, 2 * IMAGES_MAX + 1);
    assert_chain_state(chain, "partial");
    json = virt_probe_record_to_json(chain);
    g_assert_true(g_utf8_validate(json, -1, NULL));
}

/* A reader may rely on what every member has. */
static void
assert_members_are_whole(const VirtProbeRecord *chain)
{
    guint count = virt_probe_record_get_length(chain, "members");

    g_assert_cmpuint(count, >, 0);
    for (guint i = 0; i < count; i++) {
        g_assert_nonnull(virt_probe_record_get_text(member_of(chain, i), "role"));
        g_assert_nonnull(virt_probe_record_get_text(member_of(chain, i), "filename"));
        g_assert_nonnull(virt_probe_record_get_text(member_of(chain, i), "state"));
        if (i > 0)
            g_assert_cmpuint(number_of(member_of(chain, i), "owner"), <, i);
    }
}

/* Longer than a whole description may be: what there was to say of the names is lost, and that is said. */
static void
test_says_that_names_need_too_much_memory(void)
{
    g_autofree char *data_file = g_strnfill(4096, '\x01');
    g_autofree char *directory = g_strnfill(1000, 'd');
    g_autofree char *name = g_strconcat(directory, "/x", NULL);
    g_autoptr(Qcow2Image) image =
        overlay_new(&(Overlay) { .backing = name, .format = "qcow2", .data_file = data_file });
    g_auto(VirtualFiles) files;
    g_autoptr(VirtProbeRecord) chain = NULL;
    g_autoptr(GError) error = NULL;

    virtual_files_init(&files);
    virtual_files_add_any(&files, image->bytes, image->size);
    chain = follow(&files, 0);
    g_assert_false(virt_probe_chain_verify(chain, &error));
    g_assert_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_LIMIT);
    g_assert_nonnull(virt_probe_record_get_record(chain, "error"));
    assert_members_are_whole(chain);
    assert_chain_state(chain, "partial");
}

static void
add_loops(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(loop_cases); i++)
        add_row_test("/chain/ends-at-a-loop", loop_cases[i].name, &loop_cases[i], test_loop);
    g_test_add_func("/chain/takes-copies-for-no-loop", test_copies_are_no_loop);
    g_test_add_func("/chain/takes-a-shared-data-file-for-no-loop",
                    test_shared_data_file_is_no_loop);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chain/depth/one-image-is-a-chain", test_image_alone_is_a_chain);
    g_test_add_func("/chain/depth/follows-two", test_follows_two);
    g_test_add_func("/chain/depth/follows-as-many-as-are-allowed",
                    test_follows_as_many_as_are_allowed);
    g_test_add_func("/chain/depth/opens-no-image-more-than-are-allowed",
                    test_opens_no_image_more_than_are_allowed);
    g_test_add_func("/chain/depth/ends-when-files-cannot-be-told-apart",
                    test_ends_when_files_cannot_be_told_apart);
    add_loops();
    g_test_add_func("/chain/shows-each-image-once-from-the-top",
                    test_shows_each_image_once_from_the_top);
    g_test_add_func("/chain/shows-data-files-in-their-image", test_shows_data_files_in_their_image);
    g_test_add_func("/chain/stops-when-the-caller-has-seen-enough",
                    test_stops_when_the_caller_has_seen_enough);
    g_test_add_func("/chain/images-may-be-kept", test_images_may_be_kept);
    g_test_add_func("/chain/output/has-an-end", test_output_has_an_end);
    g_test_add_func("/chain/output/is-enough-for-shorter-lists",
                    test_output_is_enough_for_shorter_lists);
    g_test_add_func("/chain/memory/keeps-no-image-longer-than-it-is-needed",
                    test_keeps_no_image_longer_than_it_is_needed);
    g_test_add_func("/chain/memory/survives-names-that-grow", test_survives_names_that_grow);
    g_test_add_func("/chain/memory/survives-long-names-on-every-level",
                    test_survives_long_names_on_every_level);
    g_test_add_func("/chain/memory/says-that-names-need-too-much",
                    test_says_that_names_need_too_much_memory);
    return g_test_run();
}
