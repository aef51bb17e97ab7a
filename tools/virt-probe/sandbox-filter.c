/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sandbox-filter.c: the system calls that a confined process may make, as a table, and the filter that is made of it.
 *
 * Any other call ends the process at once. The filter is written here and not by libseccomp because that takes a tenth of
 * a millisecond longer, half of it at every start of the program (docs/sandbox.md has the figures), and because the table
 * says everything as it is. */
#define _GNU_SOURCE /* syscall numbers */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Only 64-bit systems whose calls have the arguments that the table looks at. */
#if defined(__x86_64__) && defined(__LP64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__LP64__) && G_BYTE_ORDER == G_LITTLE_ENDIAN
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && G_BYTE_ORDER == G_LITTLE_ENDIAN
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#endif

#ifdef ARCHITECTURE

/* Calls from here on are newer than this table (Linux 6.5; the same numbers everywhere). A C library that tries one gets
 * told that the kernel does not know it, and does without. */
#define FIRST_NEWER 451

#define WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)
#define BOTH (SANDBOX_READER | SANDBOX_SCANNER)

/* Looks at the lower half of an argument. */
typedef enum {
    ALWAYS,
    EQUAL,       /* to the value */
    ANY_BIT,     /* of the value is set */
    NO_BIT,      /* of the value is set */
    OWN_PROCESS, /* equal to the number of the process */
    NOT_KNOWN,   /* not allowed, but the C library is told that the kernel does not know it */
} Condition;

typedef struct {
    int call;
    guint8 kinds;
    guint8 condition;
    guint8 argument;
    guint32 value;
} Rule;

/* Rows of the same call are alternatives. */
static const Rule rules[] = {
    /* Bytes and facts of what is open. */
    { SYS_read, BOTH, ALWAYS, 0, 0 },
    { SYS_write, BOTH, ALWAYS, 0, 0 },
    { SYS_writev, BOTH, ALWAYS, 0, 0 },
    { SYS_pread64, BOTH, ALWAYS, 0, 0 },
    { SYS_lseek, BOTH, ALWAYS, 0, 0 },
#ifdef SYS_poll
    { SYS_poll, BOTH, ALWAYS, 0, 0 },
#endif
    { SYS_ppoll, BOTH, ALWAYS, 0, 0 },
    { SYS_close, BOTH, ALWAYS, 0, 0 },
    { SYS_fstat, BOTH, ALWAYS, 0, 0 },
    { SYS_newfstatat, SANDBOX_READER, ANY_BIT, 3, AT_EMPTY_PATH },
    { SYS_statx, SANDBOX_READER, ANY_BIT, 2, AT_EMPTY_PATH },
    { SYS_fstatfs, BOTH, ALWAYS, 0, 0 },
    { SYS_fcntl, BOTH, EQUAL, 1, F_OFD_GETLK },
    { SYS_fcntl, BOTH, EQUAL, 1, F_DUPFD_CLOEXEC },
    { SYS_fcntl, BOTH, EQUAL, 1, F_GETFL },
    { SYS_fcntl, BOTH, EQUAL, 1, F_GETFD },
    { SYS_ioctl, BOTH, EQUAL, 1, (guint32) BLKGETSIZE64 },
    { SYS_ioctl, BOTH, EQUAL, 1, (guint32) FS_IOC_FSGETXATTR },
    /* Memory, never to be executed. */
    { SYS_brk, BOTH, ALWAYS, 0, 0 },
    { SYS_mmap, BOTH, NO_BIT, 2, PROT_EXEC },
    { SYS_mprotect, BOTH, NO_BIT, 2, PROT_EXEC },
    { SYS_munmap, BOTH, ALWAYS, 0, 0 },
    { SYS_mremap, BOTH, ALWAYS, 0, 0 },
    { SYS_madvise, BOTH, ALWAYS, 0, 0 },
    /* The process itself: its time, its locks, its end. abort() sends itself a signal. */
    { SYS_futex, BOTH, ALWAYS, 0, 0 },
    { SYS_getrandom, BOTH, ALWAYS, 0, 0 },
    { SYS_clock_gettime, BOTH, ALWAYS, 0, 0 },
    { SYS_getpid, BOTH, ALWAYS, 0, 0 },
    { SYS_gettid, BOTH, ALWAYS, 0, 0 },
    { SYS_rt_sigaction, BOTH, ALWAYS, 0, 0 },
    { SYS_rt_sigprocmask, BOTH, ALWAYS, 0, 0 },
    { SYS_rt_sigreturn, BOTH, ALWAYS, 0, 0 },
    { SYS_sigaltstack, BOTH, ALWAYS, 0, 0 },
    { SYS_tgkill, BOTH, OWN_PROCESS, 0, 0 },
    { SYS_restart_syscall, BOTH, ALWAYS, 0, 0 },
    { SYS_sched_yield, BOTH, ALWAYS, 0, 0 },
    { SYS_exit, BOTH, ALWAYS, 0, 0 },
    { SYS_exit_group, BOTH, ALWAYS, 0, 0 },
/* Opening for reading, where Landlock allows it, and listing. */
#ifdef SYS_open
    { SYS_open, SANDBOX_SCANNER, NO_BIT, 1, WRITING },
    { SYS_access, SANDBOX_SCANNER, ALWAYS, 0, 0 },
#endif
    { SYS_openat, SANDBOX_SCANNER, NO_BIT, 2, WRITING },
    { SYS_getdents64, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_newfstatat, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_statx, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_faccessat, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_faccessat2, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_ioctl, SANDBOX_SCANNER, EQUAL, 1, TCGETS },
    { SYS_ioctl, SANDBOX_SCANNER, EQUAL, 1, TIOCGWINSZ },
    /* Threads of the same process. The arguments of clone3 cannot be looked at. */
    { SYS_clone, SANDBOX_SCANNER, ANY_BIT, 0, CLONE_THREAD },
    { SYS_clone3, SANDBOX_SCANNER, NOT_KNOWN, 0, 0 },
    { SYS_set_robust_list, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_rseq, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_prctl, SANDBOX_SCANNER, EQUAL, 0, PR_SET_NAME },
    { SYS_sched_getaffinity, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_sysinfo, SANDBOX_SCANNER, ALWAYS, 0, 0 },
    { SYS_clock_nanosleep, SANDBOX_SCANNER, ALWAYS, 0, 0 },
};

#define CODE_MAX 512

typedef struct {
    struct sock_filter code[CODE_MAX];
    guint len;
    Rule rules[G_N_ELEMENTS(rules)]; /* those of the kind, by number of the call */
    gboolean is_too_far;             /* a jump is */
} Filter;

static void
emit(Filter *filter, guint code, guint32 value, guint if_true, guint if_false)
{
    if (filter->len == CODE_MAX || if_true > G_MAXUINT8 || if_false > G_MAXUINT8) {
        filter->is_too_far = TRUE;
        return;
    }
    filter->code[filter->len++] =
        (struct sock_filter) { (guint16) code, (guint8) if_true, (guint8) if_false, value };
}

static void
emit_return(Filter *filter, guint32 action)
{
    emit(filter, BPF_RET | BPF_K, action, 0, 0);
}

static void
emit_load(Filter *filter, gsize offset)
{
    emit(filter, BPF_LD | BPF_W | BPF_ABS, (guint32) offset, 0, 0);
}

static void
emit_rule(Filter *filter, const Rule *rule)
{
    /* Little-endian: the lower half comes first. */
    gsize offset = offsetof(struct seccomp_data, args) + rule->argument * sizeof(guint64);
    guint32 value = rule->condition == OWN_PROCESS ? (guint32) getpid() : rule->value;
    guint test = rule->condition == EQUAL || rule->condition == OWN_PROCESS ? BPF_JEQ : BPF_JSET;
    guint is_negated = rule->condition == NO_BIT ? 1 : 0;

    if (rule->condition == NOT_KNOWN) {
        emit_return(filter, SECCOMP_RET_ERRNO | ENOSYS);
        return;
    }
    if (rule->condition != ALWAYS) {
        emit_load(filter, offset);
        emit(filter, BPF_JMP | test | BPF_K, value, is_negated, 1 - is_negated);
    }
    emit_return(filter, SECCOMP_RET_ALLOW);
}

/* All alternatives of a call; gives the first rule behind them. */
static guint
emit_call(Filter *filter, guint first, guint end)
{
    guint at = filter->len;
    guint i;

    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, (guint32) filter->rules[first].call, 0, 0);
    for (i = first; i < end && filter->rules[i].call == filter->rules[first].call; i++)
        emit_rule(filter, &filter->rules[i]);
    emit_return(filter, SECCOMP_RET_KILL_PROCESS);
    filter->is_too_far |= filter->len - at - 1 > G_MAXUINT8;
    if (at < G_N_ELEMENTS(filter->code))
        filter->code[at].jf = (guint8) (filter->len - at - 1);
    return i;
}

/* Halves the table again and again: the kernel runs the filter for every number when it takes it, so its length costs
 * time. */
static void
emit_calls(Filter *filter, guint first, guint end)
{
    guint middle = (first + end) / 2;
    guint at = filter->len;

    while (middle > first && filter->rules[middle - 1].call == filter->rules[middle].call)
        middle--;
    if (end - first <= 4 || middle == first) {
        while (first < end)
            first = emit_call(filter, first, end);
        emit_return(filter, SECCOMP_RET_KILL_PROCESS);
        return;
    }
    emit(filter, BPF_JMP | BPF_JGE | BPF_K, (guint32) filter->rules[middle].call, 0, 0);
    emit_calls(filter, first, middle);
    filter->is_too_far |= filter->len - at - 1 > G_MAXUINT8;
    filter->code[at].jt = (guint8) (filter->len - at - 1);
    emit_calls(filter, middle, end);
}

static int
compare_calls(const void *a, const void *b)
{
    return ((const Rule *) a)->call - ((const Rule *) b)->call;
}

/* FALSE: the table has grown too long for the jumps. */
static gboolean
filter_make(Filter *filter, SandboxKind kind)
{
    guint count = 0;

    filter->len = 0;
    filter->is_too_far = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        if ((rules[i].kinds & kind) != 0)
            filter->rules[count++] = rules[i];
    }
    qsort(filter->rules, count, sizeof(Rule), compare_calls);
    emit_load(filter, offsetof(struct seccomp_data, arch));
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    emit_return(filter, SECCOMP_RET_KILL_PROCESS);
    emit_load(filter, offsetof(struct seccomp_data, nr));
    emit(filter, BPF_JMP | BPF_JGE | BPF_K, FIRST_NEWER, 0, 1);
    emit_return(filter, SECCOMP_RET_ERRNO | ENOSYS);
    emit_calls(filter, 0, count);
    return !filter->is_too_far;
}

/* A kernel that has it complains of the pointer. */
gboolean
sandbox_filter_exists(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 && errno == EFAULT;
}

gboolean
sandbox_filter_enter(SandboxKind kind, GError **error)
{
    Filter filter;
    struct sock_fprog program;

    if (!filter_make(&filter, kind)) {
        g_set_error_literal(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                            "system calls cannot be filtered: the table is too long");
        return FALSE;
    }
    program = (struct sock_fprog) { (guint16) filter.len, filter.code };
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
        return TRUE;
    g_set_error(error, VIRT_PROBE_ERROR, VIRT_PROBE_ERROR_REFUSED,
                "system calls cannot be filtered: %s", g_strerror(errno));
    return FALSE;
}

#else

gboolean
sandbox_filter_exists(void)
{
    return FALSE;
}

gboolean
sandbox_filter_enter(G_GNUC_UNUSED SandboxKind kind, G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

#endif
