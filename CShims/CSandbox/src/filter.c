#define _GNU_SOURCE
#include "csandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#endif

/* Refused whatever their arguments. Numbers above 423 are the same on every architecture, and headers may be older. */
static const uint32_t refused[] = {
    /* into other processes */
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_perf_event_open,
    438 /* pidfd_getfd */,
    440 /* process_madvise */,
    SYS_setns,
    SYS_unshare,
    /* around the fence */
    425 /* io_uring_setup */,
    426 /* io_uring_enter */,
    427 /* io_uring_register */,
    SYS_userfaultfd,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_bpf,
    /* files by path that Landlock does not watch */
    SYS_truncate,
    SYS_fchmodat,
    452 /* fchmodat2 */,
    SYS_fchownat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    463 /* setxattrat */,
    466 /* removexattrat */,
    /* mounts */
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    428 /* open_tree */,
    429 /* move_mount */,
    430 /* fsopen */,
    431 /* fsconfig */,
    432 /* fsmount */,
    433 /* fspick */,
    442 /* mount_setattr */,
    SYS_quotactl,
    443 /* quotactl_fd */,
    SYS_swapon,
    SYS_swapoff,
    SYS_fanotify_init,
    /* the machine */
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_acct,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    /* keys */
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef __x86_64__
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
    SYS_uselib,
#endif
};

/* Refused to those that may start no other program, beside `clone` without a thread's flags. */
static const uint32_t programs[] = {
    SYS_execve, SYS_execveat, SYS_tkill, 424 /* pidfd_send_signal */, 434 /* pidfd_open */,
#ifdef __x86_64__
    SYS_fork,   SYS_vfork,
#endif
};

/* Their first argument is the process that is signalled. */
static const uint32_t signals[] = {SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo};

enum { PROGRAM_LIMIT = 512 };

struct program {
    struct sock_filter code[PROGRAM_LIMIT];
    unsigned short count;
};

static void emit(struct program *p, struct sock_filter instruction)
{
    p->code[p->count++] = instruction;
}

static void load(struct program *p, size_t offset)
{
    emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void give(struct program *p, uint32_t action)
{
    emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void jump(struct program *p, uint16_t test, uint32_t value, uint8_t then, uint8_t otherwise)
{
    emit(p, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | test | BPF_K), value, then, otherwise));
}

static const uint32_t DENY = SECCOMP_RET_ERRNO | EPERM;

static void refuse(struct program *p, uint32_t number, uint32_t action)
{
    jump(p, BPF_JEQ, number, 0, 1);
    give(p, action);
}

/* The low half of an argument; both machines we know have it first. */
static size_t argument(int index)
{
    return offsetof(struct seccomp_data, args) + (size_t)index * 8;
}

/* The rules for one system call follow, `length` instructions whose last ones return. */
static void only(struct program *p, uint32_t number, uint8_t length)
{
    jump(p, BPF_JEQ, number, 0, length);
}

/* Threads, and processes where they are allowed; never with a namespace of their own. */
static void clone_rules(struct program *p, bool may_start)
{
    const uint32_t namespaces =
        CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;
    /* Its flags lie in memory, where no filter looks; the C library then falls back to clone. */
    refuse(p, 435 /* clone3 */, SECCOMP_RET_ERRNO | ENOSYS);
    only(p, SYS_clone, 5);
    load(p, argument(0));
    jump(p, BPF_JSET, namespaces, 1, 0);
    jump(p, BPF_JSET, may_start ? 0xFFFFFFFFU : CLONE_THREAD, 1, 0);
    give(p, DENY);
    give(p, SECCOMP_RET_ALLOW);
}

static void socket_rules(struct program *p, bool network)
{
    /* A pair of datagram sockets could be sent elsewhere. */
    only(p, SYS_socketpair, 5);
    load(p, argument(1));
    emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xF));
    jump(p, BPF_JEQ, SOCK_STREAM, 1, 0);
    give(p, DENY);
    give(p, SECCOMP_RET_ALLOW);
    if (!network) {
        refuse(p, SYS_socket, DENY);
        refuse(p, SYS_connect, DENY);
        refuse(p, SYS_bind, DENY);
        return;
    }
    only(p, SYS_socket, 5);
    load(p, argument(0));
    jump(p, BPF_JEQ, AF_INET, 2, 0);
    jump(p, BPF_JEQ, AF_INET6, 1, 0);
    give(p, DENY);
    give(p, SECCOMP_RET_ALLOW);
}

static void signal_rules(struct program *p, bool may_start)
{
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (may_start) {
            /* Everything but the host and everybody; Landlock keeps to the own children, where it can. */
            only(p, signals[i], 5);
            load(p, argument(0));
            jump(p, BPF_JEQ, (uint32_t)getppid(), 1, 0);
            jump(p, BPF_JEQ, (uint32_t)-1, 0, 1);
            give(p, DENY);
            give(p, SECCOMP_RET_ALLOW);
        } else {
            only(p, signals[i], 4);
            load(p, argument(0));
            jump(p, BPF_JEQ, (uint32_t)getpid(), 1, 0);
            give(p, DENY);
            give(p, SECCOMP_RET_ALLOW);
        }
    }
}

int csandbox_filter(uint32_t allowed)
{
#ifndef OWN_ARCH
    (void)allowed;
    return -ENOSYS;
#else
    bool may_start = allowed & CSANDBOX_PROGRAMS;
    struct program p = {.count = 0};
    load(&p, offsetof(struct seccomp_data, arch));
    jump(&p, BPF_JEQ, OWN_ARCH, 1, 0);
    give(&p, SECCOMP_RET_KILL_PROCESS);
    load(&p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    /* The same calls under other numbers (x32). */
    jump(&p, BPF_JGE, 0x40000000, 0, 1);
    give(&p, DENY);
#endif
    clone_rules(&p, may_start);
    socket_rules(&p, allowed & CSANDBOX_NETWORK);
    signal_rules(&p, may_start);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        refuse(&p, refused[i], DENY);
    for (size_t i = 0; i < sizeof programs / sizeof *programs && !may_start; i++)
        refuse(&p, programs[i], DENY);
    give(&p, SECCOMP_RET_ALLOW);

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    struct sock_fprog program = {.len = p.count, .filter = p.code};
    long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    /* A positive number is a thread that could not be brought along. */
    return failed < 0 ? -errno : failed > 0 ? -EBUSY : 0;
#endif
}
