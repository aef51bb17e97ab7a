/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* describe.h: describing an image, and what can be done with the description. */
#pragma once

#include <virtprobe/record.h>

G_BEGIN_DECLS
#pragma GCC visibility push(default)

/**
 * VirtProbeDescribeFlags:
 * @VIRT_PROBE_DESCRIBE_DEFAULT: the format must be declared
 * @VIRT_PROBE_DESCRIBE_RECOGNISE: without a declared format, find out from the bytes which it is. A guest that
 *   owns a raw disk decides what is found
 * @VIRT_PROBE_DESCRIBE_FULL: also the header field by field, and lists as long as memory allows; the limits
 *   on reads, memory and findings of one rule stay
 * @VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING: in a chain, recognise the format of a backing file when its overlay does not
 *   record it. A guest that owns a raw backing file decides what is found, and which file is opened next
 * @VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE: the same, but an image so recognised may name no backing file itself, and
 *   its data file stays closed: libvirt's rule, by which a wrong guess opens no further file
 * @VIRT_PROBE_DESCRIBE_BRIEF: for lists of many images: only format, virtual size, names of other files, the flags dirty,
 *   encrypted and corrupt, state, error and findings that are at least a notice, in less time. What is
 *   recognised by bytes behind the first 4096 (a fixed VHD, an ISO 9660 image in a raw disk) is not looked for in a file
 *   whose name has the extension of another known format, such as .raw, which saves two reads; QEMU does not look for it
 *   in any file. Findings about what a description had to leave out do not arise
 * @VIRT_PROBE_DESCRIBE_AUDIT: also look for what only an audit asks: signatures of other formats in the image, images in
 *   its partitions, texts that are nearly a descriptor. See virt_probe_audit_new()
 *
 * How to describe an image.
 *
 * Since: 0.1
 */
typedef enum {
    VIRT_PROBE_DESCRIBE_DEFAULT = 0,
    VIRT_PROBE_DESCRIBE_RECOGNISE = 1 << 0,
    VIRT_PROBE_DESCRIBE_FULL = 1 << 1,
    VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING = 1 << 2,
    VIRT_PROBE_DESCRIBE_RECOGNISE_BACKING_SAFE = 1 << 3,
    VIRT_PROBE_DESCRIBE_BRIEF = 1 << 4,
    VIRT_PROBE_DESCRIBE_AUDIT = 1 << 5,
} VirtProbeDescribeFlags;

/**
 * virt_probe_describe_file:
 * @path: (type filename): name of a regular file or block device
 * @format: (nullable): its format, as virt_probe_format_find() knows it; %NULL to have it recognised, which
 *   needs %VIRT_PROBE_DESCRIBE_RECOGNISE
 * @flags: how to describe it
 * @error: return location for an error
 *
 * Describes an image from its own bytes. Nothing that it names is opened, no lock is taken, and no more than
 * 64 reads, 4 MiB and 8 MiB of memory are used whatever the image claims. An image that is damaged or of an
 * unknown version is described as far as it goes: see virt_probe_image_verify().
 *
 * Returns: (transfer full): the image's record, or %NULL: %G_FILE_ERROR when it cannot be opened,
 *   %VIRT_PROBE_ERROR_REFUSED when it is neither a regular file nor a block device,
 *   %VIRT_PROBE_ERROR_UNSUPPORTED when no format is called @format
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_describe_file(const char *path, const char *format,
                                          VirtProbeDescribeFlags flags, GError **error);

/**
 * VirtProbeConfinement:
 * @seccomp: whether system calls that describing does not need end the process
 * @landlock: version of the kernel's Landlock interface that files are closed by; 0: they are not
 *
 * What holds a process that reads an image: "sandbox" in its description.
 *
 * Since: 0.1
 */
typedef struct {
    gboolean seccomp;
    guint landlock;
} VirtProbeConfinement;

/**
 * VirtProbeConfineFunc: (skip)
 * @out_confinement: (out): what holds the process from now on
 * @user_data: data of the caller
 * @error: return location for an error
 *
 * Confines the calling process. From then on a description reads the file that is open, asks for its attributes and locks,
 * allocates memory, and needs nothing else of the system; the first date of a snapshot in virt_probe_image_to_text() needs
 * the time zone, which tzset(3) reads.
 *
 * Returns: %FALSE when the file shall not be read
 *
 * Since: 0.1
 */
typedef gboolean (*VirtProbeConfineFunc)(VirtProbeConfinement *out_confinement, gpointer user_data,
                                         GError **error);

/**
 * virt_probe_describe_file_confined: (skip)
 * @path: (type filename): name of a regular file or block device
 * @format: (nullable): as for virt_probe_describe_file()
 * @flags: how to describe it
 * @confine: (scope call): is called once, when the file is open and before anything of it is read; not when it cannot
 *   be opened
 * @user_data: for @confine
 * @error: return location for an error
 *
 * As virt_probe_describe_file(), for processes that give up what they do not need before they read bytes of strangers. The
 * library never confines a process by itself.
 *
 * Returns: (transfer full): the image's record, or %NULL, also when @confine failed
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_describe_file_confined(const char *path, const char *format,
                                                   VirtProbeDescribeFlags flags,
                                                   VirtProbeConfineFunc confine, gpointer user_data,
                                                   GError **error);

/**
 * virt_probe_image_set_confinement: (skip)
 * @image: a description of an image that nobody else has got yet
 * @confinement: what held the process while it read the image
 *
 * Says so in the description, as virt_probe_describe_file_confined() does by itself.
 *
 * Since: 0.1
 */
void virt_probe_image_set_confinement(VirtProbeRecord *image,
                                      const VirtProbeConfinement *confinement);

/**
 * virt_probe_describe_fd:
 * @fd: a descriptor open for reading; it stays open, and its position does not matter
 * @name: (type filename) (nullable): what to call the image
 * @format: (nullable): as for virt_probe_describe_file()
 * @flags: how to describe it
 * @error: return location for an error
 *
 * As virt_probe_describe_file(), for a file that is open already. For a pipe or socket see virt_probe_stream_feed_fd().
 *
 * Returns: (transfer full): the image's record, or %NULL; %G_FILE_ERROR also when @fd is not open for reading
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_describe_fd(int fd, const char *name, const char *format,
                                        VirtProbeDescribeFlags flags, GError **error);

/**
 * virt_probe_describe_memory:
 * @data: (array length=size) (element-type guint8): all bytes of the image; not changed meanwhile, not needed afterwards
 * @size: how many they are
 * @name: (type filename) (nullable): what to call the image
 * @format: (nullable): as for virt_probe_describe_file()
 * @flags: how to describe it
 * @error: return location for an error
 *
 * As virt_probe_describe_file(), for an image in memory. Facts that only a file has are absent.
 *
 * Returns: (transfer full): the image's record, or %NULL
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_describe_memory(const void *data, gsize size, const char *name,
                                            const char *format, VirtProbeDescribeFlags flags,
                                            GError **error);

/**
 * VirtProbeReadFunc: (skip)
 * @buffer: where to put the bytes
 * @length: how many are wanted
 * @offset: where they stand in the image
 * @user_data: data of the caller
 *
 * Reads as pread(2) does. It is called by the thread that describes, and not after that has returned.
 *
 * Returns: how many bytes were read, 0 at the end of the image, -1 on failure with errno set
 *
 * Since: 0.1
 */
typedef gssize (*VirtProbeReadFunc)(gpointer buffer, gsize length, guint64 offset,
                                    gpointer user_data);

/**
 * virt_probe_describe_reader: (skip)
 * @size: how many bytes the image has
 * @read_at: (scope call): reads some of them
 * @user_data: for @read_at
 * @name: (type filename) (nullable): what to call the image
 * @format: (nullable): as for virt_probe_describe_file()
 * @flags: how to describe it
 * @error: return location for an error
 *
 * As virt_probe_describe_file(), for bytes that the caller reads itself, from wherever they are. Nothing else is asked
 * of anybody: no locks, no times, no allocated size, so facts that only a file has are absent. The first read is of 4096
 * bytes, or of all when the image is shorter; for a sound qcow2 image without snapshots it is the only one.
 *
 * Returns: (transfer full): the image's record, or %NULL
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_describe_reader(guint64 size, VirtProbeReadFunc read_at,
                                            gpointer user_data, const char *name,
                                            const char *format, VirtProbeDescribeFlags flags,
                                            GError **error);

/**
 * virt_probe_image_new_unreadable:
 * @name: (type filename): what to call the image
 * @error: why it could not be described
 *
 * Makes the record of an image that could not be described at all, so that a list of images can show it
 * beside the others.
 *
 * Returns: (transfer full): the record, with state "unreadable"
 *
 * Since: 0.1
 */
VirtProbeRecord *virt_probe_image_new_unreadable(const char *name, const GError *error);

/**
 * virt_probe_image_verify:
 * @image: an image's record
 * @error: return location for an error
 *
 * Says whether the description is whole: nothing is damaged, truncated, ambiguous or of an unknown version. It
 * says nothing about whether the image is safe to use.
 *
 * Returns: %TRUE when it is; else %FALSE and the first reason, a %VIRT_PROBE_ERROR or %G_FILE_ERROR
 *
 * Since: 0.1
 */
gboolean virt_probe_image_verify(const VirtProbeRecord *image, GError **error);

/**
 * virt_probe_image_to_text:
 * @image: an image's record
 *
 * Writes what `qemu-img info` prints, and below it what we know beyond that. For people: the layout may change,
 * and bytes that could harm a terminal are escaped.
 *
 * Returns: (transfer full): lines of text, each ended by a newline; to be freed with g_free()
 *
 * Since: 0.1
 */
char *virt_probe_image_to_text(const VirtProbeRecord *image);

/**
 * virt_probe_text_escape:
 * @text: text of an image or a name of a file: any bytes
 *
 * Makes text fit to be shown: control characters, bytes that are no UTF-8, and characters that are invisible or
 * change the direction of the text become \\xNN.
 *
 * Returns: (transfer full): the text to show
 *
 * Since: 0.1
 */
char *virt_probe_text_escape(const char *text);

/**
 * virt_probe_size_to_text:
 * @size: bytes
 *
 * Writes a size as qemu-img and people do, three digits and a binary unit: 10 MiB, 1.32 GiB.
 *
 * Returns: (transfer full): the text; to be freed with g_free()
 *
 * Since: 0.1
 */
char *virt_probe_size_to_text(guint64 size);

#pragma GCC visibility pop
G_END_DECLS
