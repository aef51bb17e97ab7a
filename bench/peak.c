/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* peak.c: runs a command and prints the most memory that it had, in KiB, on standard error. The kernel counts for a process also what the
 * one had that started it, so a small one has to. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
    struct rusage usage;
    int status = 0;
    pid_t child = argc > 1 ? fork() : -1;

    if (child == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 1;
    fprintf(stderr, "%ld\n", usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
