/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-descriptor.c: descriptors of directories: any bytes give an answer that can be exported. */
#include "fuzz.h"

#include "storage/describe-source.h"
#include "storage/descriptor.h"
#include "storage/registry.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(VirtProbeRecord) image = vp_image_new("a", VIRT_PROBE_DESCRIBE_FULL);
    VpSource source;

    vp_source_memory_init(&source, data, size);
    vp_image_describe_by(image, &source, "a", vp_registry_find("parallels"), VP_FORMAT_RECOGNISED,
                         VIRT_PROBE_DESCRIBE_FULL, vp_descriptor_run);
    g_assert_cmpstr(virt_probe_record_get_text(image, "format"), ==, "parallels");
    fuzz_check_outputs(image);
    return 0;
}
