/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-name-mask.c: credentials in names are never printed. */
#include "locations.h"
#include "qcow2-image.h"
#include "unit.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *masked; /* NULL: as it is */
} Case;

static void
check_case(const char *name, const char *expected)
{
    g_autofree char *masked = virt_probe_name_mask(name);

    g_assert_cmpstr(masked, ==, expected != NULL ? expected : name);
    check_hostile_name(name);
}

static void
check_cases(const Case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++)
        check_case(cases[i].name, cases[i].masked);
}

static void
test_paths_hide_nothing(void)
{
    static const Case cases[] = {
        { "/images/user:password@host", NULL },
        { "images/http://user:password@host", NULL },
        { "user@host", NULL },
        { "/json:{\"password\":\"x\"}", NULL },
        { "", NULL },
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_users_of_uris_are_hidden(void)
{
    static const Case cases[] = {
        { "http://host/x", NULL },
        { "http://host:80/x@y", NULL },
        { "http://user:secret@host/x", "http://***@host/x" },
        { "http://user%3Asecret%40host/x", "http://***/x" },
        { "http://user:#secret@host/", "http://***@host/" },
        { "http://us?er:secret@host/", "http://***@host/" },
        { "ssh://user;password=ab@host/x", "ssh://***@host/x" },
        { "ssh://user@host:secret/x", "ssh://***/x" },
        { "HTTP://user:secret@host/x", "HTTP://***@host/x" },
        { "http://user@host/x", "http://***@host/x" },
        { "http://user:sec%40ret@host:80/x", "http://***@host:80/x" },
        { "http://user:se@cr@et@host/x", "http://***@host/x" },
        { "http://user:sec/ret@host/x", "http://***@host/x" },
        { "http://user:sec?r#et@host/x", "http://***@host/x" },
        { "http://user:sec/r@et@host/x", "http://***@host/x" },
        { "http://us:er:sec/ret@[::1]:80/x", "http://***@[::1]:80/x" },
        { "http://user:secret%40host/x", "http://***/x" },
        { "http://user:secret@[::1]/x", "http://***@[::1]/x" },
        { "iscsi://user%secret@host/target/1", "iscsi://***@host/target/1" },
        { "ssh://user@host/x", NULL },
        { "ssh://user:secret@host/x", "ssh://***@host/x" },
        { "nbd+unix://user:secret@/x?socket=/s", "nbd+unix://***@/x?socket=/s" },
        { "file://user:secret@host/x", "file://***@host/x" },
        { "unknown://user:secret@host/x", "unknown://***@host/x" },
        { "blkdebug:rules:http://user:secret@host/x", "blkdebug:rules:http://***@host/x" },
        { "blkverify:http://a:b@h:https://c:d@i", "blkverify:http://***@i" },
        { "http://h/?via=http://user:secret@host/", "http://h/?via=http://***@host/" },
        { "http://user:secret@", "http://***@" },
        { "http://@host", NULL },
        { "root:secret@host:/x", "***@host:/x" },
        { "root:sec/ret@host:/x", "***@host:/x" },
        { "nbd:user:secret@host:10809", "***@host:10809" },
        { "nbd:user:sec/ret@host:10809:exportname=x", "***@host:10809:exportname=x" },
        { "nbd:secret@host:10809", "***@host:10809" },
        { "file:user:secret@host", "file:***@host" },
        { "file:user:sec/ret@host", "file:***@host" },
        { "file:user%3Asecret@host", "file:***@host" },
        { "FILE:user:secret@host", "***@host" },
        { "fat:rw:user:secret@h", "fat:***@h" },
        { "host_device:user:secret@h", "host_device:***@h" },
        { "rbd:user:secret@h", "rbd:***@h" },
        { "blkdebug:x:user:secret@h", "***@h" },
        { "nvme://0000:01:00.0/1", NULL },
        { "nbd://[::1]:10/x", NULL },
        { "nbd:unix:/srv/a@b", NULL },
        { "rbd:pool/image@snap", NULL },
        { "rbd:image@snap:id=a", NULL },
        { "rbd:pool/im\\:a@snap", NULL },
        { "file:disk@snap", NULL },
        { "file:/a:b@c", NULL },
        { "fat:rw:/dir@x", NULL },
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_parameters_of_uris_are_hidden(void)
{
    static const Case cases[] = {
        { "https://h/x?a=1&token=abc&b=2", "https://h/x?a=1&token=***&b=2" },
        { "https://h/x?X-Amz-Signature=ab&X-Amz-Date=1",
          "https://h/x?X-Amz-Signature=***&X-Amz-Date=1" },
        { "https://h/x?x-amz-CREDENTIAL=ab", "https://h/x?x-amz-CREDENTIAL=***" },
        { "https://h/x?AWSAccessKeyId=ab&Signature=c",
          "https://h/x?AWSAccessKeyId=***&Signature=***" },
        { "https://h/x?access_token=ab#frag", "https://h/x?access_token=***" },
        { "https://h/x#access-token=ab", "https://h/x#access-token=***" },
        { "https://h/x?p%61ssword=ab", "https://h/x?p%61ssword=***" },
        { "https://h/x?a=1;password=a;b", "https://h/x?a=1;password=***" },
        { "https://h/x?sig=", NULL },
        { "https://h/x?monkey=1&keys=2", NULL },
        { "https://h/x?compass=1&design=2&author=3&auth_supported=4&pass-discard-request=5", NULL },
        { "https://h/x?dcPath=a&dsName=b&X-Amz-Date=c&Expires=d", NULL },
        { "https://h/x?proxy-password=ab", "https://h/x?proxy-password=***" },
        { "https://h/x?private_token=ab", "https://h/x?private_token=***" },
        { "https://h/x?my.sig=ab&se=1", "https://h/x?my.sig=***&se=1" },
        { "https://h/x?privateToken=ab", "https://h/x?privateToken=***" },
        { "https://h/x?apiKey=ab&userPass=c", "https://h/x?apiKey=***&userPass=***" },
        { "https://h/x?OAUTHTOKEN=ab", "https://h/x?OAUTHTOKEN=***" },
        /* Ids of secrets are an idea of QEMU's options; in a URI this is anybody's word. */
        { "https://h/x?password-secret=ab", "https://h/x?password-secret=***" },
        { "gluster+unix:///v/x?socket=/s?token=ab", "gluster+unix:///v/x?socket=/s?token=***" },
        { "nbd+unix:///x?socket=/s%3Ftoken=ab&a=b", "nbd+unix:///x?socket=***&a=b" },
        { "https://h/x?via=http%3A%2F%2Fu%3Ap%40h", "https://h/x?via=***" },
        { "https://h/x?a=b%20c%40d", NULL },
        { "https://h/key=x", NULL },
        { "https://h/x?password[]=ab", "https://h/x?password[]=***" },
        { "https://h/x?auth[password]=ab", "https://h/x?auth[password]=***" },
        { "https://h/x?password+=ab", "https://h/x?password+=***" },
        { "https://h/x?p%2561ssword=ab", "https://h/x?p%2561ssword=***" },
        { "https://h/x;token=ab", "https://h/x;token=***" },
        { "https://u:p@h/x?key=1", "https://***@h/x?key=***" },
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_options_of_rbd_are_hidden(void)
{
    static const Case cases[] = {
        { "rbd:pool/image@snap:id=admin:conf=/c", NULL },
        { "rbd:pool/image:id=a:key=AQB\\:x==:conf=/c", "rbd:pool/image:id=a:key=***:conf=/c" },
        { "rbd:pool/image:Password=x", "rbd:pool/image:Password=***" },
        { "rbd:pool/image:k\\ey=x", "rbd:pool/image:k\\ey=***" },
        { "rbd:pool/image:keyring=/etc/x", NULL },
        { "RBD:pool/image:key=x", "RBD:pool/image:key=***" },
        { "blkdebug::rbd:pool/image:key=x", "blkdebug::rbd:pool/image:key=***" },
        { "image:key=x", "image:key=***" },
        { "rbd:pool/image:auth_client_key=x", "rbd:pool/image:auth_client_key=***" },
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_members_of_json_are_hidden(void)
{
    static const Case cases[] = {
        { "json:{ \"driver\" : \"file\" }", NULL },
        { "json:{ \"b\" : 1, \"password\" : \"x\", \"a\" : 1.5 }",
          "json:{\"b\":1,\"password\":\"***\",\"a\":1.5}" },
        { "json:{\"\\u0070assword\":\"x\"}", "json:{\"password\":\"***\"}" },
        { "json:{\"file.Password\":\"x\"}", "json:{\"file.Password\":\"***\"}" },
        { "json:{\"file\":{\"cookie\":\"a=b\"}}", "json:{\"file\":{\"cookie\":\"***\"}}" },
        { "json:{\"key\":[1,{\"a\":2}]}", "json:{\"key\":\"***\"}" },
        { "json:{\"password\":\"\",\"cookie\":null}", NULL },
        { "json:{\"password-secret\":\"sec0\",\"user\":\"u\"}", NULL },
        { "json:{\"url\":\"http://u:p@h/x\"}", "json:{\"url\":\"http://***@h/x\"}" },
        { "json:{\"url\":\"http:\\/\\/u:\\u0070@h/x\"}", "json:{\"url\":\"http://***@h/x\"}" },
        { "json:{\"a\":[\"http://u:p@h/x\",\"y\"]}", "json:{\"a\":[\"http://***@h/x\",\"y\"]}" },
        { "json:{\"a\":\"rbd:p/i:key=x\"}", "json:{\"a\":\"rbd:p/i:key=***\"}" },
        { "json:{\"driver\":\"rbd\",\"filename\":\"pool/image:key=x\"}",
          "json:{\"driver\":\"rbd\",\"filename\":\"pool/image:key=***\"}" },
        { "json:{\"file.driver\":\"rbd\",\"file.filename\":\"p/i:id=a:key=x\"}",
          "json:{\"file.driver\":\"rbd\",\"file.filename\":\"p/i:id=a:key=***\"}" },
        { "json:{\"file\":[{\"driver\":\"rbd\",\"filename\":\"image:key=x\"}]}",
          "json:{\"file\":[{\"driver\":\"rbd\",\"filename\":\"image:key=***\"}]}" },
        { "json:{\"driver\":\"file\",\"filename\":\"dir/image:key=x\"}", NULL },
        { "json:{\"proxy-password\":\"x\"}", "json:{\"proxy-password\":\"***\"}" },
        { "json:{\"file.private_token\":\"x\"}", "json:{\"file.private_token\":\"***\"}" },
        { "json:{\"my-secret\":\"x\"}", "json:{\"my-secret\":\"***\"}" },
        { "json:{\"key-secret\":\"a\",\"cookie-secret\":\"b\",\"tls-creds\":\"c\"}", NULL },
        { "json:{\"file.proxy-password-secret\":\"a\",\"host-key-check\":\"b\"}", NULL },
        { "json:{\"a\":\"json:{\\\"key\\\":\\\"x\\\"}\"}",
          "json:{\"a\":\"json:{\\\"key\\\":\\\"***\\\"}\"}" },
        { "json:{\"=keyvalue-pairs\":\"[\\\"key\\\",\\\"x\\\"]\"}",
          "json:{\"=keyvalue-pairs\":\"***\"}" },
        { "json:{'password':'it\\'s'}", "json:{\"password\":\"***\"}" },
        { "json:{\"http://u:p@h\":1}", "json:***" },
        { "blkdebug::json:{\"password\":\"x\"}", "blkdebug::json:{\"password\":\"***\"}" },
        { "JSON:{\"password\":\"x\"}", "JSON:{\"password\":\"***\"}" },
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_broken_json_is_hidden(void)
{
    static const Case cases[] = {
        { "json:{\"driver\":\"file\"", "json:***" },
        { "json:{\"url\":\"http:\\/\\/user:abc@host\\/x\"", "json:***" },
        { "file:/a/json:1", NULL },
        { "json:{\"password\":\"x\"", "json:***" },
        { "json:{\"PassWord\":\"x\"", "json:***" },
        { "json:{\"url\":\"http://u:p@h/x\"", "json:***" },
        { "json:{\"p\\u0061ssword\":\"x\"", "json:***" },
        { "json:{\"x\":\"http://u:p@h\",\"x\":\"y\"}", "json:***" },
        { "json:{\"password\":\"\xff\"}", "json:***" },
    };

    check_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_bytes_behind_a_nul_are_hidden_too(void)
{
    gsize len = 0;
    g_autofree char *uri = vp_name_mask(BYTES("http://h/\0http://u:p@h"), &len);
    g_autofree char *user = NULL;
    g_autofree char *json = NULL;

    assert_same_bytes(uri, len, BYTES("http://h/\0http://***@h"));
    user = vp_name_mask(BYTES("http://u:\0p@h"), &len);
    assert_same_bytes(user, len, BYTES("http://***@h"));
    json = vp_name_mask(BYTES("json:{}\0{\"password\":\"x\"}"), &len);
    assert_same_bytes(json, len, BYTES("json:***"));
}

static void
test_all_secrets_of_all_tables_are_gone(void)
{
    static const char *const tables[] = { "backing-strings.txt", "qemu-names.txt" };
    static const char *const secrets[] = { "testpass", "0c8db8511", "user:pass", "AQBsecret" };

    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autoptr(GPtrArray) rows = names_load(tables[i]);

        for (guint row = 0; row < rows->len; row++) {
            const char *name = ((char **) g_ptr_array_index(rows, row))[0];
            g_autofree char *masked = virt_probe_name_mask(name);

            for (guint secret = 0; secret < G_N_ELEMENTS(secrets); secret++)
                g_assert_null(strstr(masked, secrets[secret]));
        }
    }
}

static void
test_masking_twice_changes_nothing(void)
{
    g_autofree char *once = virt_probe_name_mask("http://u:p@h/x?token=a");
    g_autofree char *twice = virt_probe_name_mask(once);

    g_assert_cmpstr(once, ==, twice);
}

/* Neither the name nor its exact bytes nor a finding about them gives the password away. */
static void
check_description_hides(const char *backing, const char *hex)
{
    g_autoptr(Qcow2Image) qcow2 = qcow2_image_new(9);
    g_autoptr(VirtProbeRecord) image = NULL;
    g_autofree char *json = NULL;
    g_autofree char *text = NULL;

    qcow2_set_backing(qcow2, backing);
    image = qcow2_describe(qcow2);
    json = virt_probe_record_to_json(image);
    text = virt_probe_image_to_text(image);
    g_assert_nonnull(strstr(json, "***"));
    g_assert_nonnull(strstr(text, "***"));
    g_assert_null(strstr(json, "secret"));
    g_assert_null(strstr(text, "secret"));
    g_assert_null(strstr(json, hex));
    g_assert_cmpstr(virt_probe_record_get_text(image, "backing-filename"), ==, backing);
}

static void
test_descriptions_show_no_credentials(void)
{
    static const char hex[] = "736563726574";

    check_description_hides("http://user:secret@host/x", hex);
    check_description_hides("http://user:secret\xff\n@host/x\xff", hex);
    check_description_hides("json:{\"driver\":\"file\",\"filename\":\"http://u:secret@h/\"}", hex);
    check_description_hides("json:{\"driver\":\"https\",\"url\":\"https://h/?token=secret\"}", hex);
    check_description_hides("file://user:secret@host/x", hex);
    check_description_hides("fat://user:secret@host/x", hex);
    check_description_hides("file:./rbd:key=secret", hex);
    check_description_hides("json:{\"password\":\"secret\xff\"", hex);
    check_description_hides("gluster+unix:///v/x?socket=/s?token=secret", hex);
    check_description_hides("nbd+unix:///x?socket=/s%3Ftoken=secret", hex);
    check_description_hides("rbd:p/i:conf=http\\://u\\:secret@h", hex);
    check_description_hides("nbd:unix:u:secret@h", hex);
    check_description_hides("file:user:secret@host", hex);
    check_description_hides("json:{\"driver\":\"rbd\",\"filename\":\"p/i:key=secret\"}", hex);
    check_description_hides("json:{\"driver\":\"file\",\"filename\":\"x\",\"http://u:secret@h\":1}",
                            hex);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/name-mask/leaves-paths-alone", test_paths_hide_nothing);
    g_test_add_func("/name-mask/hides-users-of-uris", test_users_of_uris_are_hidden);
    g_test_add_func("/name-mask/hides-parameters-of-uris", test_parameters_of_uris_are_hidden);
    g_test_add_func("/name-mask/hides-options-of-rbd", test_options_of_rbd_are_hidden);
    g_test_add_func("/name-mask/hides-members-of-json", test_members_of_json_are_hidden);
    g_test_add_func("/name-mask/hides-broken-json", test_broken_json_is_hidden);
    g_test_add_func("/name-mask/hides-what-stands-behind-a-nul",
                    test_bytes_behind_a_nul_are_hidden_too);
    g_test_add_func("/name-mask/leaves-no-secret-of-the-tables",
                    test_all_secrets_of_all_tables_are_gone);
    g_test_add_func("/name-mask/is-idempotent", test_masking_twice_changes_nothing);
    g_test_add_func("/name-mask/keeps-credentials-out-of-descriptions",
                    test_descriptions_show_no_credentials);
    return g_test_run();
}
