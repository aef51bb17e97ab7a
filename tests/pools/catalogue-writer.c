/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* catalogue-writer.c: writes one generation of a pool after the other into the catalogue, until it is killed. */
#include "storage/pool/catalogue.h"

#include <stdio.h>

#define POOL "00000000-0000-4000-8000-000000000001"
#define VOLUMES_MAX 200

/* What a generation's volumes have in common, and how many they are; kill.py knows it too. */
static guint64
number_of(guint64 generation)
{
    return generation % 1000003;
}

static guint
volumes_of(guint64 generation)
{
    return (guint) (20 + number_of(generation) * 37 % (VOLUMES_MAX - 20));
}

static gboolean
put_volumes(VpCatalogue *catalogue, guint64 generation, GBytes **out_known, GError **error)
{
    GByteArray *writer = vp_known_writer_begin();
    const VpFileIdentity identity = { 1, generation, 0, 0, 0, 1 };

    for (guint i = 0; i < VOLUMES_MAX; i++) {
        g_autofree char *name = g_strdup_printf("disk%u.qcow2", i);
        g_autofree char *path = g_strconcat("/pool/", name, NULL);
        g_autoptr(VirtProbeVolume) volume = NULL;
        gboolean is_done;
        VpVolumeFacts facts;

        vp_volume_facts_init(&facts);
        facts.name = name;
        facts.path = path;
        facts.state = "ok";
        facts.capacity = number_of(generation);
        facts.allocation = 1;
        volume = vp_volume_new(&facts);
        if (i < volumes_of(generation)) {
            vp_known_writer_add(writer, name, &identity);
            is_done = vp_catalogue_put(catalogue, volume, error);
        } else {
            is_done = vp_catalogue_drop(catalogue, name, error);
        }
        if (!is_done) {
            g_byte_array_unref(writer);
            return FALSE;
        }
    }
    *out_known = vp_known_writer_end(writer);
    return TRUE;
}

static gboolean
write_generation(VpCatalogue *catalogue, guint64 generation, GError **error)
{
    g_autoptr(GBytes) known = NULL;

    return vp_catalogue_begin(catalogue, POOL, "/pool", generation - 1, error)
           && put_volumes(catalogue, generation, &known, error)
           && vp_catalogue_commit(catalogue, known, error);
}

/* Nobody knows the first generation before it is written, so it has no volumes. */
static gboolean
write_first(VpCatalogue *catalogue, VpCataloguePool *pool, GError **error)
{
    GByteArray *writer = vp_known_writer_begin();
    g_autoptr(GBytes) known = vp_known_writer_end(writer);

    return vp_catalogue_begin(catalogue, POOL, "/pool", 0, error)
           && vp_catalogue_commit(catalogue, known, error)
           && vp_catalogue_get_pool(catalogue, POOL, pool, error);
}

int
main(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VpCatalogue) catalogue = vp_catalogue_open(TRUE, &error);
    VpCataloguePool pool = { 0 };

    if (catalogue != NULL && vp_catalogue_get_pool(catalogue, POOL, &pool, &error)) {
        printf("%" G_GUINT64_FORMAT "\n", pool.generation);
        fflush(stdout);
        if (pool.generation == 0 && !write_first(catalogue, &pool, &error)) {
            fprintf(stderr, "%s\n", error->message);
            return 1;
        }
        for (guint64 i = 1; write_generation(catalogue, pool.generation + i, &error); i++)
            ;
    }
    fprintf(stderr, "%s\n", error->message);
    return 1;
}
