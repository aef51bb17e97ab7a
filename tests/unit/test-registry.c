/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-registry.c: formats have one name each, and signatures match what they should and nothing less. */
#include "storage/registry.h"
#include "unit.h"

#include <string.h>

static void
put_version(const VpFormat *format, guint8 *head, guint64 version)
{
    const VpHeaderField *row = &format->fields[format->version.field];

    if (format->version.mode == VP_VERSION_NONE)
        return;
    if (format->order == VP_ORDER_BIG)
        put_big(head + row->offset, row->width, version);
    else
        put_little(head + row->offset, row->width, version);
}

static void
put_magic(const VpMagic *magic, guint8 *head)
{
    memcpy(head + magic->offset, magic->bytes, magic->len);
}

static void
test_names_lead_to_their_format(void)
{
    const VpFormat *format;
    guint count = 0;

    for (; (format = vp_registry_nth(count)) != NULL; count++) {
        g_assert_true(vp_registry_find(format->name) == format);
        for (guint k = 0; format->aliases != NULL && format->aliases[k] != NULL; k++)
            g_assert_true(vp_registry_find(format->aliases[k]) == format);
    }
    g_assert_cmpuint(count, >=, 9);
}

static void
test_names_and_aliases_are_unique(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        g_test_message("%s", format->name);
        g_assert_true(g_hash_table_add(seen, (gpointer) format->name));
        for (guint k = 0; format->aliases != NULL && format->aliases[k] != NULL; k++)
            g_assert_true(g_hash_table_add(seen, (gpointer) format->aliases[k]));
    }
}

static void
test_extensions_lead_to_their_formats(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        for (guint k = 0; format->extensions != NULL && format->extensions[k] != NULL; k++) {
            g_autofree char *name = g_strdup_printf("disk.%s", format->extensions[k]);

            g_assert_true(vp_format_set_meets(vp_registry_named(name), vp_registry_bit(format)));
        }
    }
}

static void
test_extensions_end_names(void)
{
    static const char *const names[] = { "a.QCow2", "a.b/c.qcow2", ".qcow2", "d.raw.qcow2" };
    static const char *const others[] = { "",          ".",        "qcow2",
                                          "a.qcow2/b", "a.qcow2.", "a/qcow2",
                                          "a.xqcow2",  "a.qcow2x", "a.xxxxxxxxxxqcow2" };
    VpFormatSet qcow2 = vp_registry_bit(vp_registry_find("qcow2"));

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_true(vp_format_set_meets(vp_registry_named(names[i]), qcow2));
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_true(vp_format_set_is_empty(vp_registry_named(others[i])));
}

/* The reader of headers asks the first and the last row how far they reach. */
static void
test_all_rows_lie_between_the_first_and_the_last(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        for (guint k = 0; k < format->n_fields; k++) {
            const VpHeaderField *row = &format->fields[k];
            const VpHeaderField *first = row;
            const VpHeaderField *last = row;

            while (first > format->fields && first[-1].part == row->part)
                first--;
            while (last < format->fields + format->n_fields - 1 && last[1].part == row->part)
                last++;
            g_test_message("%s %s", format->name, row->name);
            g_assert_cmpuint(row->offset, >=, first->offset);
            g_assert_cmpuint(row->offset + row->width, <=, last->offset + last->width);
            /* The rows of a part stand together, the parts in their order. */
            g_assert_true(k == 0 || row->part == row[-1].part || row->part == row[-1].part + 1);
            g_assert_true(row->part == 0 || format->parts[row->part].name != NULL);
        }
    }
}

static void
test_knows_no_other_names(void)
{
    static const char *const names[] = { "", "QCOW2", "qcow3", "qcow2 ", "host_device" };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_null(virt_probe_format_find(names[i]));
    g_assert_null(vp_registry_nth(G_MAXUINT));
}

static void
test_qemu_goes_by_some_names(void)
{
    static const char *const others[] = { ".dmg", "a.DMG", "dmg", "a.dmg/b", "a.qcow2", "a.dmg2" };

    g_assert_true(vp_registry_qemu_named("a.dmg", vp_registry_named("a.dmg"))
                  == vp_registry_find("dmg"));
    g_assert_true(vp_registry_qemu_named("d/.dmg", vp_registry_named("d/.dmg"))
                  == vp_registry_find("dmg"));
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_null(vp_registry_qemu_named(others[i], vp_registry_named(others[i])));
}

static void
test_qemu_does_not_know_every_signature(void)
{
    static const char script[] = "#!/bin/sh\n#V2.0 Format\nexec mount-it\n";
    VpMatches matches;

    vp_registry_match_head((const guint8 *) script, sizeof script, &matches);
    g_assert_cmpuint(matches.count, ==, 1);
    g_assert_true(matches.formats[0] == vp_registry_find("cloop"));
    g_assert_true(matches.magics[0]->is_unknown_to_qemu);
}

static void
test_public_calls_tell_about_a_format(void)
{
    const VirtProbeFormat *vpc = virt_probe_format_find("vhd");
    const VirtProbeFormat *raw = virt_probe_format_get_nth(0);

    g_assert_cmpstr(virt_probe_format_get_name(vpc), ==, "vpc");
    g_assert_cmpstr(virt_probe_format_get_libvirt_name(vpc), ==, "vpc");
    g_assert_cmpstr(virt_probe_format_get_layer(vpc), ==, "container");
    g_assert_true(g_strv_contains(virt_probe_format_get_aliases(vpc), "vhd"));
    g_assert_cmpstr(virt_probe_format_get_layer(raw), ==, "raw");
    g_assert_null(virt_probe_format_get_aliases(raw)[0]);
    g_assert_cmpstr(virt_probe_format_get_layer(virt_probe_format_find("iso")), ==, "content");
    g_assert_cmpstr(virt_probe_format_get_layer(virt_probe_format_find("gzip")), ==, "wrapper");
    g_assert_cmpuint(strlen(virt_probe_format_get_title(raw)), >, 0);
}

static void
test_public_calls_tell_what_a_format_needs(void)
{
    const VirtProbeFormat *vpc = virt_probe_format_find("vpc");
    const VirtProbeFormat *ext4 = virt_probe_format_find("ext4");

    g_assert_true(g_strv_contains(virt_probe_format_get_extensions(vpc), "vhd"));
    g_assert_null(virt_probe_format_get_extensions(ext4)[0]);
    g_assert_cmpuint(virt_probe_format_get_reads(vpc), ==, vpc->reads);
    g_assert_cmpuint(virt_probe_format_get_functions(vpc), >, 0);
    g_assert_cmpuint(virt_probe_format_get_functions(ext4), ==, 0);
}

static void
test_can_match_among_some_formats(void)
{
    const guint8 head[512] = "QFI\xfb\0\0\0\3";
    VpFormatSet qcow2 = vp_registry_bit(vp_registry_find("qcow2"));
    VpMatches matches;

    vp_registry_match_head_among(head, sizeof head, qcow2, &matches);
    g_assert_cmpuint(matches.count, ==, 1);
    vp_registry_match_head_among(head, sizeof head,
                                 vp_format_set_without(vp_format_set_all(), qcow2), &matches);
    g_assert_cmpuint(matches.count, ==, 0);
}

static void
test_public_calls_tell_abilities(void)
{
    g_autofree const char **qcow2 =
        virt_probe_format_get_abilities(virt_probe_format_find("qcow2"));
    g_autofree const char **raw = virt_probe_format_get_abilities(virt_probe_format_find("raw"));

    g_assert_cmpuint(g_strv_length((char **) qcow2), ==, 3);
    g_assert_true(g_strv_contains(qcow2, "backing"));
    g_assert_true(g_strv_contains(qcow2, "data-file"));
    g_assert_true(g_strv_contains(qcow2, "snapshots"));
    g_assert_cmpuint(g_strv_length((char **) raw), ==, 0);
}

static void
test_every_magic_is_recognised(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        if (format->layer != VP_LAYER_CONTAINER)
            continue;
        for (const VpMagic *magic = format->magics; magic->len > 0; magic++) {
            guint8 head[VP_HEAD_SIZE] = { 0 };
            VpMatches matches;

            if (magic->is_from_end)
                continue;
            g_test_message("%s", format->name);
            put_magic(magic, head);
            put_version(format, head, format->version.accepted[0]);
            vp_registry_match_head(head, sizeof head, &matches);
            g_assert_cmpuint(matches.count, ==, 1);
            g_assert_cmpstr(matches.formats[0]->name, ==, format->name);
        }
    }
}

static void
check_prefix(const VpFormat *format, const VpMagic *magic, gsize len)
{
    guint8 head[VP_HEAD_SIZE] = { 0 };
    VpMatches matches;

    g_test_message("%" G_GSIZE_FORMAT " bytes of the magic of %s", len, format->name);
    put_magic(magic, head);
    vp_registry_match_head(head, magic->offset + len, &matches);
    /* QEMU reads zeros behind the end, and takes a whole magic without version for some formats. */
    g_assert_cmpuint(matches.count, ==,
                     len >= magic->len && vp_format_is_probed_by_qemu(format, 0) ? 1 : 0);
    /* Some end with a NUL. */
    memset(head + magic->offset + len, 0xff, magic->len - len);
    if (len < magic->len) {
        vp_registry_match_head(head, sizeof head, &matches);
        /* What is left of it may be zeros anyway. */
        g_assert_cmpuint(matches.count, ==, vp_magic_matches(magic, head + magic->offset) ? 1 : 0);
    }
}

static void
test_a_piece_of_a_magic_matches_nothing(void)
{
    const VpFormat *format;

    for (guint i = 0; (format = vp_registry_nth(i)) != NULL; i++) {
        if (format->layer != VP_LAYER_CONTAINER)
            continue;
        for (const VpMagic *magic = format->magics; magic->len > 0; magic++) {
            for (gsize len = 1; len <= 4 && !magic->is_from_end; len++)
                check_prefix(format, magic, len);
        }
    }
}

static void
test_text_is_recognised_and_gives_way(void)
{
    static const struct {
        const char *text;
        const char *format;
        gboolean has_other; /* a signature behind the beginning */
    } cases[] = {
        { "version=1\n", "vmdk", FALSE },     { "# a\nversion=1\n", "vmdk", FALSE },
        { "  \nversion=1\n", "vmdk", FALSE }, { "version=1\n", "vdi", TRUE },
        { "version=9\n", NULL, FALSE },       { "#!/bin/sh\n", NULL, FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint8 head[VP_HEAD_SIZE] = { 0 };
        VpMatches matches;

        g_test_message("%s", cases[i].text);
        memcpy(head, cases[i].text, strlen(cases[i].text));
        if (cases[i].has_other)
            put_big(head + 64, 4, 0x7f10dabe);
        vp_registry_match_head(head, sizeof head, &matches);
        g_assert_cmpuint(matches.count, ==, cases[i].format != NULL ? 1 : 0);
        if (cases[i].format != NULL)
            g_assert_cmpstr(matches.formats[0]->name, ==, cases[i].format);
    }
}

static void
test_nothing_matches_no_bytes(void)
{
    VpMatches matches;

    vp_registry_match_head(NULL, 0, &matches);
    g_assert_cmpuint(matches.count, ==, 0);
}

typedef struct {
    const char *path;
    guint64 version;
    const char *format;
} VersionCase;

static const VersionCase version_cases[] = {
    { "qfi-version-0-is-qcow2", 0, "qcow2" },
    { "qfi-version-1-is-qcow", 1, "qcow" },
    { "qfi-version-2-is-qcow2", 2, "qcow2" },
    { "qfi-version-3-is-qcow2", 3, "qcow2" },
    { "qfi-version-4-is-qcow2", 4, "qcow2" },
    { "qfi-version-4294967295-is-qcow2", G_MAXUINT32, "qcow2" },
};

static void
test_version_decides(gconstpointer data)
{
    const VersionCase *row = data;
    guint8 head[512] = "QFI\xfb";
    VpMatches matches;

    put_big(head + 4, 4, row->version);
    vp_registry_match_head(head, sizeof head, &matches);
    g_assert_cmpuint(matches.count, ==, 1);
    g_assert_cmpstr(matches.formats[0]->name, ==, row->format);
}

static void
test_two_magics_make_two_matches(void)
{
    guint8 head[512] = "QFI\xfb\0\0\0\3";
    VpMatches matches;

    memcpy(head + 64, "\x7f\x10\xda\xbe\x01\x00\x01\x00", 8);
    vp_registry_match_head(head, sizeof head, &matches);
    g_assert_cmpuint(matches.count, ==, 2);
    g_assert_cmpstr(matches.formats[0]->name, ==, "qcow2");
    g_assert_cmpstr(matches.formats[1]->name, ==, "vdi");
}

static void
test_weak_magic_needs_an_expected_version(void)
{
    static const struct {
        const char *head;
        guint count;
    } cases[] = {
        { "OOOM\0\0\0\2", 1 }, { "OOOM\0\0\0\377", 1 }, { "OOOM\0\0\1\0", 0 }, { "OOOM, a text", 0 }
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint8 head[512] = { 0 };
        VpMatches matches;

        memcpy(head, cases[i].head, 8);
        vp_registry_match_head(head, sizeof head, &matches);
        g_assert_cmpuint(matches.count, ==, cases[i].count);
    }
}

static void
test_weak_magic_yields_to_a_strong_one(void)
{
    guint8 head[512] = "OOOM\0\0\0\2";
    VpMatches matches;

    memcpy(head + 64, "\x7f\x10\xda\xbe\x01\x00\x01\x00", 8);
    vp_registry_match_head(head, sizeof head, &matches);
    g_assert_cmpuint(matches.count, ==, 1);
    g_assert_cmpstr(matches.formats[0]->name, ==, "vdi");
}

static void
test_content_is_not_matched_at_the_head(void)
{
    g_autofree guint8 *head = g_malloc0(65536);
    VpMatches matches;

    memcpy(head + 32769, "CD001", 5);
    vp_registry_match_head(head, 65536, &matches);
    g_assert_cmpuint(matches.count, ==, 0);
}

static void
test_accepts_the_versions_of_a_format(void)
{
    const VpFormat *qcow2 = vp_registry_find("qcow2");

    g_assert_false(vp_format_accepts_version(qcow2, 1));
    g_assert_true(vp_format_accepts_version(qcow2, 2));
    g_assert_true(vp_format_accepts_version(qcow2, 3));
    g_assert_false(vp_format_accepts_version(qcow2, 4));
    g_assert_true(vp_format_accepts_version(vp_registry_find("raw"), 4));
}

typedef struct {
    const char *format;
    guint64 version;
    gboolean is_probed;
} QemuCase;

static void
test_knows_what_qemu_recognises(void)
{
    static const QemuCase cases[] = {
        { "qcow2", 1, FALSE }, { "qcow2", 2, TRUE },      { "qcow2", 9, TRUE },
        { "qcow", 1, TRUE },   { "qcow", 2, FALSE },      { "vdi", 0, TRUE },
        { "luks", 1, TRUE },   { "luks", 2, FALSE },      { "parallels", 2, TRUE },
        { "cow", 2, FALSE },   { "parallels", 3, FALSE }, { "iso", 0, FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s %" G_GUINT64_FORMAT, cases[i].format, cases[i].version);
        g_assert_cmpint(
            vp_format_is_probed_by_qemu(vp_registry_find(cases[i].format), cases[i].version), ==,
            cases[i].is_probed);
    }
}

static void
test_matches_extensions_of_names(void)
{
    static const struct {
        const char *name;
        gboolean matches;
    } cases[] = {
        { "disk.vhd", TRUE },      { "disk.VHD", TRUE },   { "/a.b/disk.vpc", TRUE },
        { "disk.old.vhd", TRUE },  { ".vhd", TRUE },       { "vhd", FALSE },
        { "disk.vhdx", FALSE },    { "disk.", FALSE },     { "disk.vhd.bak", FALSE },
        { "dir.vhd/disk", FALSE }, { "disk.vhd/", FALSE }, { "", FALSE },
    };
    const VpFormat *vpc = vp_registry_find("vpc");

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(vp_format_set_meets(vp_registry_named(cases[i].name), vp_registry_bit(vpc)),
                        ==, cases[i].matches);
    }
}

static void
test_boxed_copies_are_the_format_itself(void)
{
    VirtProbeFormat *format = (VirtProbeFormat *) virt_probe_format_get_nth(0);
    gpointer copy = g_boxed_copy(VIRT_PROBE_TYPE_FORMAT, format);

    g_assert_true(copy == format);
    g_boxed_free(VIRT_PROBE_TYPE_FORMAT, copy);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/registry/names-lead-to-their-format", test_names_lead_to_their_format);
    g_test_add_func("/registry/names-and-aliases-are-unique", test_names_and_aliases_are_unique);
    g_test_add_func("/registry/all-rows-lie-between-the-first-and-the-last",
                    test_all_rows_lie_between_the_first_and_the_last);
    g_test_add_func("/registry/extensions-lead-to-their-formats",
                    test_extensions_lead_to_their_formats);
    g_test_add_func("/registry/extensions-end-names", test_extensions_end_names);
    g_test_add_func("/registry/qemu-goes-by-some-names", test_qemu_goes_by_some_names);
    g_test_add_func("/registry/qemu-does-not-know-every-signature",
                    test_qemu_does_not_know_every_signature);
    g_test_add_func("/registry/knows-no-other-names", test_knows_no_other_names);
    g_test_add_func("/registry/public-calls-tell-about-a-format",
                    test_public_calls_tell_about_a_format);
    g_test_add_func("/registry/public-calls-tell-what-a-format-needs",
                    test_public_calls_tell_what_a_format_needs);
    g_test_add_func("/registry/can-match-among-some-formats", test_can_match_among_some_formats);
    g_test_add_func("/registry/public-calls-tell-abilities", test_public_calls_tell_abilities);
    g_test_add_func("/registry/head/every-magic-is-recognised", test_every_magic_is_recognised);
    g_test_add_func("/registry/head/a-piece-of-a-magic-matches-nothing",
                    test_a_piece_of_a_magic_matches_nothing);
    g_test_add_func("/registry/head/text-is-recognised-and-gives-way",
                    test_text_is_recognised_and_gives_way);
    g_test_add_func("/registry/head/nothing-matches-no-bytes", test_nothing_matches_no_bytes);
    for (guint i = 0; i < G_N_ELEMENTS(version_cases); i++)
        add_row_test("/registry/head", version_cases[i].path, &version_cases[i],
                     test_version_decides);
    g_test_add_func("/registry/head/two-magics-make-two-matches", test_two_magics_make_two_matches);
    g_test_add_func("/registry/head/weak-magic-needs-an-expected-version",
                    test_weak_magic_needs_an_expected_version);
    g_test_add_func("/registry/head/weak-magic-yields-to-a-strong-one",
                    test_weak_magic_yields_to_a_strong_one);
    g_test_add_func("/registry/head/content-is-not-matched",
                    test_content_is_not_matched_at_the_head);
    g_test_add_func("/registry/accepts-the-versions-of-a-format",
                    test_accepts_the_versions_of_a_format);
    g_test_add_func("/registry/knows-what-qemu-recognises", test_knows_what_qemu_recognises);
    g_test_add_func("/registry/matches-extensions-of-names", test_matches_extensions_of_names);
    g_test_add_func("/registry/boxed-copies-are-the-format-itself",
                    test_boxed_copies_are_the_format_itself);
    return g_test_run();
}
