/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* empty.c: the process that does nothing, which every other process is compared with. */
int
main(void)
{
    return 0;
}
