/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-target-judge.c: what the rules of targets accept and refuse, with the sentences. */
#include "storage/target.h"
#include "unit.h"

#include <string.h>

/* Sentences of one judgement, each on a line. (transfer full) */
static char *
judge(const VirtProbeTarget *target, const VirtProbeRecord *image)
{
    g_auto(GStrv) sentences = virt_probe_target_judge(target, image);

    return g_strjoinv("\n", sentences);
}

static VirtProbeRecord *
describe_fixture(const char *file)
{
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "..", file, NULL);
    g_autoptr(GError) error = NULL;
    VirtProbeRecord *image =
        virt_probe_describe_file(path, NULL, VIRT_PROBE_DESCRIBE_RECOGNISE, &error);

    g_assert_no_error(error);
    return image;
}

static VirtProbeTarget *
target_of(const char *text)
{
    g_autoptr(VirtProbeTarget) target = vp_target_new("here");
    g_autoptr(GError) error = NULL;

    vp_target_parse(target, text, strlen(text), &error);
    g_assert_no_error(error);
    return g_steal_pointer(&target);
}

/* A key at a time: the same image is accepted with one value and refused with another. */
static const struct Rule {
    const char *key;
    const char *image;
    const char *good;
    const char *bad;
    const char *sentence;
} rules[] = {
    { "Versions", "qcow2data/v2-plain.qcow2", "2;3", "3", "the version 2 is not accepted, only 3" },
    { "Encryption", "qcow2data/luks.qcow2", "luks", "none;aes",
      "the encryption luks is not accepted, only none, aes" },
    { "Encryption", "qcow2data/v3-plain.qcow2", "none;luks", "luks",
      "the encryption none is not accepted, only luks" },
    { "CompressionTypes", "qcow2data/v3-plain.qcow2", "zlib", "zstd",
      "the compression type zlib is not accepted, only zstd" },
    { "CreateTypes", "imagedata/vmdk-stream.vmdk", "streamOptimized", "monolithicSparse;vmfs",
      "the createType streamOptimized is not accepted, only monolithicSparse, vmfs" },
    { "IncompatibleFeatures", "qcow2data/v3-extended-l2.qcow2", "extended L2 entries", "none",
      "the incompatible feature \"extended L2 entries\" is not accepted" },
    { "References", "qcow2data/backing-with-format.qcow2", "backing", "none",
      "the image stands on a backing file, which is not accepted" },
    { "References", "qcow2data/data-file.qcow2", "data-file;backing", "backing;parent",
      "the guest data is in an external data file, which is not accepted" },
    { "References", "imagedata/vmdk-flat.vmdk", "extent", "none",
      "the guest data is in files of extents, which is not accepted" },
    { "References", "imagedata/vpc-differencing.vhd", "parent", "none",
      "the image stands on a parent, which is not accepted" },
    { "BackingFormats", "qcow2data/backing-with-format.qcow2", "qcow2", "raw;vmdk",
      "the backing format qcow2 is not accepted, only raw, vmdk" },
    { "SnapshotsMaximum", "qcow2data/snapshots-several.qcow2", "3", "0",
      "the image has 3 internal snapshots, at most 0 are accepted" },
    { "BitmapsMaximum", "qcow2data/bitmaps-several.qcow2", "9", "1",
      "the image has 4 persistent bitmaps, at most 1 are accepted" },
    { "ClusterSizeMinimum", "qcow2data/v3-cluster-4096.qcow2", "4 KiB", "4097",
      "the cluster size of 4096 bytes is too small, at least 4097 are needed" },
    { "ClusterSizeMaximum", "qcow2data/v3-cluster-4096.qcow2", "4096", "4095",
      "the cluster size of 4096 bytes is too large, at most 4095 are accepted" },
    { "SizeMultiple", "imagedata/vpc-fixed.vhd", "17408", "1 MiB",
      "the virtual size of 34816 bytes is not a multiple of 1048576" },
    { "SizeMinimum", "imagedata/vpc-fixed.vhd", "34816", "34817",
      "the virtual size of 34816 bytes is too small, at least 34817 are needed" },
    { "SizeMaximum", "imagedata/vpc-fixed.vhd", "34 KiB", "33 KiB",
      "the virtual size of 34816 bytes is too large, at most 33792 are accepted" },
    { "FileSizeMaximum", "imagedata/vpc-fixed.vhd", "35328", "35327",
      "the file size of 35328 bytes is too large, at most 35327 are accepted" },
    { "RefuseContents", "imagedata/gpt.disk", "iso", "mbr;gpt",
      "the payload holds gpt, which is not accepted" },
    { "RequireContents", "imagedata/gpt.disk", "iso;gpt", "iso;udf",
      "the payload holds none of these: iso, udf" },
    { "Refuse", "qcow2data/v3-corrupt.qcow2", "truncated", "truncated;corrupt",
      "the image is marked as corrupt (corrupt)" },
    { "Tolerate", "imagedata/vhdx-4k.vhdx", "qemu-unsupported", "truncated",
      "logical sectors have 4096 bytes, QEMU knows no others than 512 (qemu-unsupported)" },
};

static char *
judge_by(const char *key, const char *value, const VirtProbeRecord *image, const char *group)
{
    g_autofree char *text = g_strdup_printf(
        "[Target]\nTitle=t\nSource=s\nDate=2026-01-01\n[Accept]\nFormats=raw;qcow2;vmdk;vpc;vhdx\n"
        "[%s]\n%s=%s\n",
        group, key, value);
    g_autoptr(VirtProbeTarget) target = target_of(text);

    return judge(target, image);
}

static void
test_rule(gconstpointer data)
{
    const struct Rule *row = data;
    g_autoptr(VirtProbeRecord) image = describe_fixture(row->image);
    g_autofree char *expected = g_strconcat("here: ", row->sentence, NULL);
    g_autofree char *group =
        g_strconcat("Rules ", virt_probe_record_get_text(image, "format"), NULL);
    const char *groups[] = { "Rules", group };

    for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
        g_autofree char *good = judge_by(row->key, row->good, image, groups[i]);
        g_autofree char *bad = judge_by(row->key, row->bad, image, groups[i]);

        g_assert_cmpstr(good, ==, "");
        g_assert_cmpstr(bad, ==, expected);
    }
}

/* Every key has a row above. */
static void
test_every_key_is_tested(void)
{
    for (guint i = 0; i < VP_TARGET_KEY_COUNT; i++) {
        gboolean is_there = FALSE;

        for (guint row = 0; row < G_N_ELEMENTS(rules); row++)
            is_there |= strcmp(rules[row].key, vp_target_keys[i].name) == 0;
        if (!is_there)
            g_error("no row for %s", vp_target_keys[i].name);
    }
}

static void
test_a_rule_for_one_format_leaves_others_alone(void)
{
    g_autoptr(VirtProbeRecord) image = describe_fixture("qcow2data/v3-plain.qcow2");
    g_autofree char *sentences = judge_by("SizeMaximum", "1", image, "Rules vhd");

    g_assert_cmpstr(sentences, ==, "");
}

static void
test_what_is_not_known_is_not_accepted(void)
{
    g_autoptr(VirtProbeRecord) image = describe_fixture("imagedata/raw-zeros.raw");
    g_autofree char *version = judge_by("Versions", "1", image, "Rules raw");
    g_autofree char *everywhere = judge_by("Versions", "1", image, "Rules");
    g_autofree char *backing = NULL;
    g_autoptr(VirtProbeRecord) overlay = describe_fixture("qcow2data/backing-without-format.qcow2");
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "it is gone");
    g_autoptr(VirtProbeRecord) gone = virt_probe_image_new_unreadable("x", error);
    g_autofree char *unreadable = judge_by("SizeMaximum", "1", gone, "Rules");

    g_assert_cmpstr(version, ==, "here: the version is not known");
    g_assert_cmpstr(everywhere, ==, "");
    backing = judge_by("BackingFormats", "raw", overlay, "Rules");
    g_assert_cmpstr(backing, ==, "here: the backing format is not recorded");
    g_assert_cmpstr(unreadable, ==, "here: the format is not known\nhere: it is gone");
}

/* A bit that only the image names counts by its number, whatever name that is. */
static void
test_a_spoofed_feature_is_not_accepted(void)
{
    g_autoptr(VirtProbeRecord) image =
        describe_fixture("qcow2data/unknown-incompatible-spoofed.qcow2");
    g_autofree char *sentences = judge_by("IncompatibleFeatures", "dirty bit", image, "Rules");

    g_assert_nonnull(strstr(sentences, "here: incompatible feature bit 5 is not accepted"));
}

/* What is tolerated does not hide what is missing. */
static void
test_a_tolerated_finding_hides_nothing(void)
{
    static const char text[] = "[Target]\nTitle=t\nSource=s\nDate=2026-01-01\n"
                               "[Accept]\nFormats=qcow2\n"
                               "[Rules qcow2]\nCompressionTypes=zlib\nTolerate=compression-type\n";
    g_autoptr(VirtProbeRecord) image = describe_fixture("qcow2data/compression-type-2.qcow2");
    g_autoptr(VirtProbeTarget) target = target_of(text);
    g_autofree char *sentences = judge(target, image);

    g_assert_cmpstr(sentences, ==, "here: the compression type is not known");
}

static void
test_a_parent_without_name_counts(void)
{
    g_autoptr(VirtProbeRecord) image = describe_fixture("imagedata/vdi-differencing.vdi");
    g_autofree char *none = judge_by("References", "none", image, "Rules");
    g_autofree char *parent = judge_by("References", "parent", image, "Rules");

    g_assert_nonnull(strstr(none, "here: the image stands on a parent, which is not accepted"));
    g_assert_null(strstr(parent, "stands on a parent"));
}

static void
test_damage_is_not_accepted(void)
{
    g_autoptr(VirtProbeRecord) image = describe_fixture("qcow2data/truncated-72.qcow2");
    g_autofree char *sentences = judge_by("SizeMinimum", "1", image, "Rules vhd");

    g_assert_nonnull(strstr(sentences, "(truncated)"));
}

static void
test_names_are_escaped(void)
{
    g_autoptr(VirtProbeTarget) target = vp_target_new("a\x1b");
    g_autoptr(VirtProbeRecord) image = describe_fixture("imagedata/vpc-fixed.vhd");
    static const char text[] =
        "[Target]\nTitle=t\nSource=s\nDate=2026-01-01\n[Accept]\nFormats=raw\n";
    g_autofree char *sentences = NULL;

    g_assert_true(vp_target_parse(target, text, strlen(text), NULL));
    sentences = judge(target, image);
    g_assert_cmpstr(sentences, ==, "a\\x1b: the format vpc/fixed is not accepted, only raw");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autofree char *name = g_strdup_printf("%s-of-%s", rules[i].key, rules[i].image);

        add_row_test("/target/judge/key", g_strdelimit(name, "/", '-'), &rules[i], test_rule);
    }
    g_test_add_func("/target/judge/every-key-is-tested", test_every_key_is_tested);
    g_test_add_func("/target/judge/a-rule-for-one-format-leaves-others-alone",
                    test_a_rule_for_one_format_leaves_others_alone);
    g_test_add_func("/target/judge/what-is-not-known-is-not-accepted",
                    test_what_is_not_known_is_not_accepted);
    g_test_add_func("/target/judge/a-spoofed-feature-is-not-accepted",
                    test_a_spoofed_feature_is_not_accepted);
    g_test_add_func("/target/judge/a-tolerated-finding-hides-nothing",
                    test_a_tolerated_finding_hides_nothing);
    g_test_add_func("/target/judge/a-parent-without-name-counts",
                    test_a_parent_without_name_counts);
    g_test_add_func("/target/judge/damage-is-not-accepted", test_damage_is_not_accepted);
    g_test_add_func("/target/judge/names-are-escaped", test_names_are_escaped);
    return g_test_run();
}
