/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-audit.c: what an audit finds in the bytes of an image. */
#include "audit-fixture.h"
#include "qcow2-image.h"
#include "unit-images.h"
#include "util/checksum.h"
#include "virtprobe/stream.h"

#include <errno.h>
#include <string.h>

static void
put_partition(GByteArray *bytes, guint32 first_sector, guint32 sectors)
{
    bytes->data[446 + 4] = 0x83;
    put_little(bytes->data + 446 + 8, 4, first_sector);
    put_little(bytes->data + 446 + 12, 4, sectors);
    audit_put(bytes, 510, BYTES("\x55\xaa"));
}

/* What makes an image polyglot, and what is only near it. */
static void
test_finds_other_formats(void)
{
    static const struct {
        const char *format;
        guint offset;
        const char *bytes;
        guint len;
        const char *severity;
    } cases[] = {
        { "qcow2", 510, BYTES("\x55\xaa"), "deny" },
        { "qcow2", 510, BYTES("\x55\xab"), "none" },
        { "qcow2", 512, BYTES("\x55\xaa"), "none" },
        { "qcow2", 32769, BYTES("CD001\1"), "deny" },
        { "qcow2", 32768, BYTES("CD001\1"), "none" },
        { "qcow2", 2048, BYTES("OCFSV2"), "deny" },
        /* Four bytes of a table or of data may be anything. */
        { "qcow2", 1024, BYTES("H+\0\4"), "none" },
        { "qcow2", 1024, BYTES("\xe2\xe1\xf5\xe0"), "none" },
        { "qcow2", 9564, BYTES("\x19\x01\x54\x19"), "none" },
        { "qcow2", 32768, BYTES("JFS1"), "none" },
        { "vdi", 510, BYTES("\x55\xaa"), "deny" },
        /* Salt of a key slot: a field of the format itself. */
        { "luks", 510, BYTES("\x55\xaa"), "none" },
        { "vhdx", 510, BYTES("\x55\xaa"), "deny" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = audit_healthy_new(cases[i].format, 40 * KIB);

        g_test_message("%s at %u", cases[i].format, cases[i].offset);
        audit_put(bytes, cases[i].offset, cases[i].bytes, cases[i].len);
        audit_assert_severity(bytes, cases[i].format, "polyglot", cases[i].severity);
    }
}

/* The last cluster of many an image holds the end of the guest's partition table. */
static void
test_guest_data_at_the_end_is_no_other_format(void)
{
    g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 256 * KIB);

    audit_put(bytes, bytes->len - 512, BYTES("EFI PART"));
    audit_assert_severity(bytes, NULL, "polyglot", "none");
}

static void
test_finds_a_sound_footer_behind_another_format(void)
{
    g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 256 * KIB);
    g_autoptr(GByteArray) footer = vpc_fixed_image_new();
    guint8 *copy = footer->data + footer->len - 512;

    put_big(copy + 40, 8, bytes->len);
    put_big(copy + 48, 8, bytes->len);
    vpc_footer_seal(copy);
    g_byte_array_append(bytes, copy, 512);
    audit_assert_severity(bytes, NULL, "polyglot", "deny");
    bytes->data[bytes->len - 1] ^= 1;
    bytes->data[bytes->len - 440] ^= 1;
    audit_assert_severity(bytes, NULL, "polyglot", "none");
}

/* Both can be right at once, since they stand at different distances from the end. Whichever it was recognised by, there is the
 * other one. */
static void
test_finds_a_second_signature_at_the_end(void)
{
    g_autoptr(GByteArray) bytes = audit_zeros_new(4 * KIB);
    g_autoptr(GByteArray) vhd = vpc_fixed_image_new();
    guint8 *footer;
    guint8 *trailer;

    g_byte_array_append(bytes, vhd->data + vhd->len - 512, 512);
    trailer = bytes->data + bytes->len - 1276;
    put_big(trailer + 52, 4, 20);
    put_big(trailer + 136, 4, 40);
    put_big(trailer + 436, 4, 48);
    footer = bytes->data + bytes->len - 512;
    put_big(footer + 40, 8, 4 * KIB);
    put_big(footer + 48, 8, 4 * KIB);
    vpc_footer_seal(footer);
    audit_assert_severity(bytes, NULL, "polyglot", "none");
    audit_put(bytes, bytes->len - 8, BYTES("cdsaencr"));
    vpc_footer_seal(footer);
    audit_assert_severity(bytes, NULL, "polyglot", "deny");
    audit_assert_severity(bytes, "vpc", "polyglot", "deny");
    audit_assert_severity(bytes, "dmg-encrypted", "polyglot", "deny");
    audit_assert_severity(bytes, "raw", "declared-format-mismatch", "deny");
}

static void
test_finds_images_in_partitions(void)
{
    g_autoptr(GByteArray) bytes = audit_zeros_new(2 * MIB);

    put_partition(bytes, 2048, 2048);
    audit_assert_severity(bytes, "raw", "nested-format", "none");
    audit_put(bytes, MIB, BYTES("QFI\xfb\0\0\0\3"));
    audit_assert_severity(bytes, "raw", "nested-format", "notice");
    put_partition(bytes, 2047, 2048);
    audit_assert_severity(bytes, "raw", "nested-format", "none");
}

/* A GUID partition table with so many partitions, each at a place that needs a read of its own. */
static void
put_gpt(GByteArray *bytes, guint count)
{
    guint8 *header = bytes->data + 512;
    guint8 *table = bytes->data + 1024;

    memcpy(header, "EFI PART\0\0\1\0\x5c", 13);
    put_little(header + 24, 8, 1);
    put_little(header + 32, 8, bytes->len / 512 - 1);
    put_little(header + 40, 8, 34);
    put_little(header + 48, 8, bytes->len / 512 - 34);
    put_little(header + 72, 8, 2);
    put_little(header + 80, 4, 128);
    put_little(header + 84, 4, 128);
    for (guint i = 0; i < count; i++) {
        memset(table + 128 * i, (int) i + 1, 32);
        put_little(table + 128 * i + 32, 8, 256 + 64 * i);
        put_little(table + 128 * i + 40, 8, 256 + 64 * i);
    }
    put_little(header + 88, 4, vp_checksum(VP_CHECKSUM_CRC32, table, 16384, 16384));
    put_little(header + 16, 4, 0);
    put_little(header + 16, 4, vp_checksum(VP_CHECKSUM_CRC32, header, 92, 16));
}

/* No partition is passed over in silence, whatever their number. */
static void
test_says_which_partitions_it_did_not_look_into(void)
{
    static const struct {
        guint count;
        guint with_image; /* which of them */
        const char *nested;
        const char *unread;
    } cases[] = {
        { 9, 9, "notice", "none" },      { 32, 32, "notice", "none" },
        { 33, 33, "none", "warning" },   { 33, 32, "notice", "warning" },
        { 128, 128, "none", "warning" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = audit_zeros_new(8 * MIB);

        g_test_message("%u of %u", cases[i].with_image, cases[i].count);
        put_gpt(bytes, cases[i].count);
        audit_put(bytes, 512 * (256 + 64 * (cases[i].with_image - 1)), BYTES("QFI\xfb\0\0\0\3"));
        audit_assert_severity(bytes, "raw", "nested-format", cases[i].nested);
        audit_assert_severity(bytes, "raw", "not-examined", cases[i].unread);
        audit_assert_severity(bytes, "raw", "limit", "none");
    }
}

static void
test_finds_a_hybrid_disc(void)
{
    g_autoptr(GByteArray) bytes = audit_zeros_new(256 * KIB);

    audit_put(bytes, 32768, BYTES("\1CD001\1"));
    audit_assert_severity(bytes, NULL, "hybrid-iso-gpt", "none");
    audit_put(bytes, 512, BYTES("EFI PART\0\0\1\0\x5c\0\0\0"));
    audit_assert_severity(bytes, NULL, "hybrid-iso-gpt", "notice");
}

static void
test_finds_zeros_in_front(void)
{
    g_autoptr(GByteArray) bytes = audit_zeros_new(64 * KIB);

    audit_assert_severity(bytes, NULL, "sparse-header", "notice");
    bytes->data[4096] = 1;
    audit_assert_severity(bytes, NULL, "sparse-header", "notice");
    bytes->data[4095] = 1;
    audit_assert_severity(bytes, NULL, "sparse-header", "none");
}

/* A descriptor for QEMU is ASCII without a mark. */
static void
test_finds_what_is_nearly_a_descriptor(void)
{
    static const char text[] = "# Disk DescriptorFile\nversion=1\n";
    g_autoptr(GByteArray) marked = g_byte_array_new();
    g_autoptr(GByteArray) wide = g_byte_array_new();
    g_autoptr(GByteArray) big = g_byte_array_new();
    g_autoptr(GByteArray) other = g_byte_array_new();

    g_byte_array_append(marked, (const guint8 *) "\xef\xbb\xbf", 3);
    g_byte_array_append(marked, (const guint8 *) text, sizeof text - 1);
    g_byte_array_append(big, (const guint8 *) "\xfe\xff", 2);
    for (guint i = 0; text[i] != '\0'; i++) {
        const guint8 low_first[2] = { (guint8) text[i], 0 };
        const guint8 high_first[2] = { 0, (guint8) text[i] };

        g_byte_array_append(wide, low_first, 2);
        g_byte_array_append(big, high_first, 2);
    }
    g_byte_array_append(other, (const guint8 *) "\xef\xbb\xbf# a script\n", 14);
    audit_assert_severity(marked, NULL, "near-signature", "notice");
    audit_assert_severity(wide, NULL, "near-signature", "notice");
    audit_assert_severity(big, NULL, "near-signature", "notice");
    audit_assert_severity(other, NULL, "near-signature", "none");
}

static void
test_finds_weak_signatures(void)
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_autoptr(GByteArray) qcow2 = audit_healthy_new("qcow2", 0);
    static const char descriptor[] = "#\nversion=1\nCID=1\nparentCID=ffffffff\n"
                                     "createType=\"monolithicFlat\"\nRW 1 FLAT \"a\" 0\n";

    g_byte_array_append(text, (const guint8 *) descriptor, sizeof descriptor - 1);
    audit_assert_severity(text, NULL, "weak-signature", "notice");
    audit_assert_severity(qcow2, NULL, "weak-signature", "none");
}

/* A description that was made for something else has not looked for what an audit asks. */
static void
test_denies_what_was_not_described_for_it(void)
{
    static const char *const allowed[] = { "not-examined", NULL };
    static const struct {
        VirtProbeDescribeFlags flags;
        VirtProbeProfile profile;
        const char *severity;
    } cases[] = {
        { VIRT_PROBE_DESCRIBE_AUDIT, VIRT_PROBE_PROFILE_UPLOAD, "none" },
        { VIRT_PROBE_DESCRIBE_AUDIT | VIRT_PROBE_DESCRIBE_FULL, VIRT_PROBE_PROFILE_UPLOAD, "none" },
        { VIRT_PROBE_DESCRIBE_DEFAULT, VIRT_PROBE_PROFILE_UPLOAD, "deny" },
        { VIRT_PROBE_DESCRIBE_DEFAULT, VIRT_PROBE_PROFILE_POOL, "deny" },
        { VIRT_PROBE_DESCRIBE_DEFAULT, VIRT_PROBE_PROFILE_REPORT, "warning" },
        { VIRT_PROBE_DESCRIBE_FULL, VIRT_PROBE_PROFILE_UPLOAD, "deny" },
        { VIRT_PROBE_DESCRIBE_BRIEF, VIRT_PROBE_PROFILE_UPLOAD, "deny" },
        { VIRT_PROBE_DESCRIBE_AUDIT | VIRT_PROBE_DESCRIBE_BRIEF, VIRT_PROBE_PROFILE_UPLOAD,
          "deny" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const VirtProbeAuditSettings settings = { .profile = cases[i].profile, .allowed = allowed };
        g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 0);
        g_autoptr(VirtProbeRecord) image = virt_probe_describe_memory(
            bytes->data, bytes->len, NULL, "qcow2", cases[i].flags, NULL);
        g_autoptr(VirtProbeRecord) audit = virt_probe_audit_new(image, &settings);
        g_autofree char *found = audit_severity_of(audit, "not-examined");

        g_test_message("row %u", i);
        g_assert_cmpstr(found, ==, cases[i].severity);
        g_assert_cmpint(virt_probe_audit_is_denied(audit), ==,
                        strcmp(cases[i].severity, "deny") == 0);
    }
}

static void
test_passes_what_was_described_for_it(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 0);
    g_autoptr(VirtProbeStream) stream =
        virt_probe_stream_new("disk", "qcow2", VIRT_PROBE_DESCRIBE_AUDIT, NULL);
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autoptr(VirtProbeRecord) audit = NULL;

    virt_probe_stream_feed(stream, bytes->data, bytes->len);
    image = virt_probe_stream_finish(stream, TRUE);
    audit = virt_probe_audit_new(image, &settings);
    g_assert_false(virt_probe_audit_is_denied(audit));
    g_assert_cmpuint(virt_probe_record_get_length(audit, "findings"), ==, 0);
}

typedef struct {
    const GByteArray *bytes;
    guint64 broken_at; /* reading this byte fails */
} Disk;

static gssize
disk_read(gpointer buffer, gsize len, guint64 offset, gpointer user_data)
{
    const Disk *disk = user_data;

    if (offset <= disk->broken_at && disk->broken_at < offset + len) {
        errno = EIO;
        return -1;
    }
    memcpy(buffer, disk->bytes->data + offset, len);
    return (gssize) len;
}

/* How grave an error of reading one byte of a disk of 256 KiB is. (transfer full) */
static char *
severity_of_broken(guint64 broken_at)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 256 * KIB);
    Disk disk = { bytes, broken_at };
    g_autoptr(VirtProbeRecord) image = virt_probe_describe_reader(
        bytes->len, disk_read, &disk, NULL, "qcow2", VIRT_PROBE_DESCRIBE_AUDIT, NULL);
    g_autoptr(VirtProbeRecord) audit = virt_probe_audit_new(image, &settings);

    g_assert_cmpuint(broken_at, <, bytes->len);
    return audit_severity_of(audit, "io-error");
}

/* What could not be looked at may hold anything. */
static void
test_denies_what_it_cannot_read(void)
{
    g_autofree char *found = severity_of_broken(40 * KIB);

    g_assert_cmpstr(found, ==, "deny");
}

static void
test_passes_what_it_need_not_read(void)
{
    g_autofree char *found = severity_of_broken(160 * KIB);

    g_assert_cmpstr(found, ==, "none");
}

/* A description that needs all reads leaves none for the audit. */
static void
test_denies_what_it_has_no_reads_for(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(Qcow2Image) image = qcow2_image_new(21);
    g_autoptr(VirtProbeRecord) audit = NULL;
    g_autofree char *found = NULL;

    for (guint i = 0; i < 65536; i++)
        qcow2_add_snapshot(image, "1", "a");
    audit = audit_bytes(image->bytes, image->size, NULL, "qcow2", &settings);
    found = audit_severity_of(audit, "limit");
    g_assert_cmpstr(found, ==, "deny");
}

/* QEMU reads all of the table; a description stops listing long before. */
static void
test_reads_snapshots_that_are_not_listed(void)
{
    const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
    g_autoptr(Qcow2Image) image = qcow2_image_new(16);
    g_autoptr(VirtProbeRecord) sound = NULL;
    g_autoptr(VirtProbeRecord) audit = NULL;
    g_autofree char *before = NULL;
    g_autofree char *found = NULL;
    gsize last = 0;

    for (guint i = 0; i < 2000; i++)
        last = qcow2_add_snapshot(image, "1", "a");
    sound = audit_bytes(image->bytes, image->size, NULL, "qcow2", &settings);
    before = audit_severity_of(sound, "table-invalid");
    g_assert_cmpstr(before, ==, "none");
    g_assert_false(virt_probe_audit_is_denied(sound));
    qcow2_put(image, last + 36, 4, 1025); /* bytes of extra data, of which 1024 are possible */
    audit = audit_bytes(image->bytes, image->size, NULL, "qcow2", &settings);
    found = audit_severity_of(audit, "table-invalid");
    g_assert_cmpstr(found, ==, "deny");
    g_assert_true(virt_probe_audit_is_denied(audit));
}

/* Table by table: what lies in one place, and what only touches. */
static void
test_finds_tables_that_overlap(void)
{
    static const struct {
        guint64 refcount_table;
        guint64 l1_table;
        const char *severity;
    } cases[] = {
        { 4096, 3 * 4096, "none" }, { 4096, 2 * 4096, "none" }, { 4096, 4096, "deny" },
        { 0, 3 * 4096, "deny" },    { 4096, 0, "deny" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const VirtProbeAuditSettings settings = { .profile = VIRT_PROBE_PROFILE_UPLOAD };
        g_autoptr(Qcow2Image) image = qcow2_image_new(12);
        g_autoptr(VirtProbeRecord) audit = NULL;
        g_autofree char *found = NULL;

        qcow2_put(image, 48, 8, cases[i].refcount_table);
        qcow2_put(image, 40, 8, cases[i].l1_table);
        audit = audit_bytes(image->bytes, image->size, NULL, "qcow2", &settings);
        found = audit_severity_of(audit, "table-overlap");
        g_test_message("row %u", i);
        g_assert_cmpstr(found, ==, cases[i].severity);
    }
}

/* A name that was not looked at may be anything, also when the extents themselves are allowed. */
static void
test_denies_extents_whose_names_it_did_not_see(void)
{
    static const char *const allowed[] = { "vmdk-extent-external", NULL };
    const VirtProbeAuditSettings settings = { .allowed = allowed };
    g_autoptr(GString) text = g_string_new("# Disk DescriptorFile\nversion=1\nCID=1\n"
                                           "parentCID=ffffffff\n"
                                           "createType=\"twoGbMaxExtentFlat\"\n");
    g_autoptr(VirtProbeRecord) few = NULL;
    g_autoptr(VirtProbeRecord) many = NULL;

    g_string_append(text, "RW 1 FLAT \"a\" 0\n");
    few = audit_bytes(text->str, text->len, NULL, "vmdk", &settings);
    for (guint i = 0; i < 2000; i++)
        g_string_append(text, "RW 1 FLAT \"a\" 0\n");
    many = audit_bytes(text->str, text->len, NULL, "vmdk", &settings);
    g_assert_false(virt_probe_audit_is_denied(few));
    g_assert_true(virt_probe_audit_is_denied(many));
}

/* Without the flag an image is described as ever, and nothing of the audit changes its state. */
static void
test_description_stays_what_it_is(void)
{
    g_autoptr(GByteArray) bytes = audit_healthy_new("qcow2", 40 * KIB);
    g_autoptr(VirtProbeRecord) plain = NULL;
    g_autoptr(VirtProbeRecord) audited = NULL;

    audit_put(bytes, 510, BYTES("\x55\xaa"));
    plain = virt_probe_describe_memory(bytes->data, bytes->len, NULL, NULL,
                                       VIRT_PROBE_DESCRIBE_RECOGNISE, NULL);
    audited =
        virt_probe_describe_memory(bytes->data, bytes->len, NULL, NULL,
                                   VIRT_PROBE_DESCRIBE_RECOGNISE | VIRT_PROBE_DESCRIBE_AUDIT, NULL);
    assert_findings(plain, "");
    assert_findings(audited, "polyglot");
    assert_state(plain, "ok");
    assert_state(audited, "ok");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audit/finds-other-formats", test_finds_other_formats);
    g_test_add_func("/audit/guest-data-at-the-end-is-no-other-format",
                    test_guest_data_at_the_end_is_no_other_format);
    g_test_add_func("/audit/finds-a-sound-footer-behind-another-format",
                    test_finds_a_sound_footer_behind_another_format);
    g_test_add_func("/audit/finds-a-second-signature-at-the-end",
                    test_finds_a_second_signature_at_the_end);
    g_test_add_func("/audit/finds-images-in-partitions", test_finds_images_in_partitions);
    g_test_add_func("/audit/says-which-partitions-it-did-not-look-into",
                    test_says_which_partitions_it_did_not_look_into);
    g_test_add_func("/audit/finds-a-hybrid-disc", test_finds_a_hybrid_disc);
    g_test_add_func("/audit/finds-zeros-in-front", test_finds_zeros_in_front);
    g_test_add_func("/audit/finds-what-is-nearly-a-descriptor",
                    test_finds_what_is_nearly_a_descriptor);
    g_test_add_func("/audit/finds-weak-signatures", test_finds_weak_signatures);
    g_test_add_func("/audit/reads-snapshots-that-are-not-listed",
                    test_reads_snapshots_that_are_not_listed);
    g_test_add_func("/audit/denies-what-it-cannot-read", test_denies_what_it_cannot_read);
    g_test_add_func("/audit/passes-what-it-need-not-read", test_passes_what_it_need_not_read);
    g_test_add_func("/audit/denies-what-it-has-no-reads-for", test_denies_what_it_has_no_reads_for);
    g_test_add_func("/audit/denies-what-was-not-described-for-it",
                    test_denies_what_was_not_described_for_it);
    g_test_add_func("/audit/passes-what-was-described-for-it",
                    test_passes_what_was_described_for_it);
    g_test_add_func("/audit/finds-tables-that-overlap", test_finds_tables_that_overlap);
    g_test_add_func("/audit/denies-extents-whose-names-it-did-not-see",
                    test_denies_extents_whose_names_it_did_not_see);
    g_test_add_func("/audit/description-stays-what-it-is", test_description_stays_what_it_is);
    return g_test_run();
}
