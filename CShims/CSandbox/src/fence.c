#define _GNU_SOURCE
#include "csandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int csandbox_die_with_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return -errno;
    /* It may have ended before the kernel knew. */
    return getppid() == parent ? 0 : -ESRCH;
}

static int cap(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0)
        return -errno;
    if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max)
        value = limit.rlim_max;
    limit.rlim_cur = limit.rlim_max = value;
    return setrlimit(resource, &limit) < 0 ? -errno : 0;
}

int csandbox_limit(const csandbox_limits *limits)
{
    int error = cap(RLIMIT_CORE, 0);
    if (error == 0 && limits->descriptors != 0)
        error = cap(RLIMIT_NOFILE, limits->descriptors);
    if (error == 0 && limits->data_bytes != 0)
        error = cap(RLIMIT_DATA, limits->data_bytes);
    if (error == 0 && limits->file_bytes != 0)
        error = cap(RLIMIT_FSIZE, limits->file_bytes);
    return error;
}

int csandbox_become(uid_t uid, gid_t gid)
{
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        return -errno;
    /* The change made this process's own /proc entries root's; they are its own again. */
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int csandbox_memory_copy(const char *path)
{
    int source = open(path, O_RDONLY | O_CLOEXEC);
    if (source < 0)
        return -errno;
    int copy = memfd_create("plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int error = copy < 0 ? errno : 0;
    while (error == 0) {
        ssize_t count = sendfile(copy, source, NULL, 1 << 24);
        if (count == 0)
            break;
        if (count < 0 && errno != EINTR)
            error = errno;
    }
    if (error == 0 && fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
        error = errno;
    close(source);
    if (error != 0 && copy >= 0)
        close(copy);
    return error != 0 ? -error : copy;
}

/* ------------------------------------------------------------------ Landlock; headers may be older than the kernel */

enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_DIR = 1 << 4,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_DIR = 1 << 7,
    FS_MAKE_REG = 1 << 8,
    FS_MAKE_FIFO = 1 << 10,
    FS_MAKE_SYM = 1 << 12,
    FS_REFER = 1 << 13,
    FS_TRUNCATE = 1 << 14,
    FS_REVISION_1 = (1 << 13) - 1,
    FS_REVISION_2 = (1 << 14) - 1,
    FS_REVISION_3 = (1 << 15) - 1,
    FS_REVISION_5 = (1 << 16) - 1, /* and ioctl of devices */
    FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
    NET_TCP = 3,
    SCOPE_ALL = 3,
    RULE_PATH_BENEATH = 1,
    CREATE_VERSION = 1
};

struct ruleset {
    uint64_t fs;
    uint64_t net;   /* from revision 4 */
    uint64_t scope; /* from revision 6 */
};

struct __attribute__((packed)) path_beneath {
    uint64_t access;
    int32_t parent;
};

enum { LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446 };

int csandbox_landlock_revision(void)
{
    long revision = syscall(LANDLOCK_CREATE, NULL, 0, CREATE_VERSION);
    return revision < 0 ? 0 : (int)revision;
}

static int add(int rules, const csandbox_path *path, uint64_t handled)
{
    int parent = open(path->path, O_PATH | O_CLOEXEC);
    if (parent < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
    uint64_t access = 0;
    if (path->access & CSANDBOX_READ)
        access |= FS_READ_FILE | FS_READ_DIR;
    if (path->access & CSANDBOX_WRITE) {
        access |= FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG |
                  FS_MAKE_FIFO | FS_MAKE_SYM | FS_REFER;
    }
    if (path->access & CSANDBOX_EXECUTE)
        access |= FS_EXECUTE | FS_READ_FILE;
    struct stat status;
    if (fstat(parent, &status) == 0 && !S_ISDIR(status.st_mode))
        access &= FS_OF_FILES;
    struct path_beneath rule = {.access = access & handled, .parent = parent};
    int error = 0;
    if (rule.access != 0 && syscall(LANDLOCK_ADD, rules, RULE_PATH_BENEATH, &rule, 0) < 0)
        error = -errno;
    close(parent);
    return error;
}

int csandbox_landlock(const csandbox_path *paths, size_t count, int network)
{
    int revision = csandbox_landlock_revision();
    if (revision == 0)
        return -ENOSYS;
    struct ruleset set = {
        .fs = revision >= 5   ? FS_REVISION_5
              : revision >= 3 ? FS_REVISION_3
              : revision == 2 ? FS_REVISION_2
                              : FS_REVISION_1,
        .net = revision >= 4 && !network ? NET_TCP : 0,
        .scope = revision >= 6 ? SCOPE_ALL : 0,
    };
    size_t size = revision >= 6 ? 24 : revision >= 4 ? 16 : 8;
    int rules = (int)syscall(LANDLOCK_CREATE, &set, size, 0);
    if (rules < 0)
        return -errno;
    int error = 0;
    for (size_t i = 0; i < count && error == 0; i++)
        error = add(rules, &paths[i], set.fs);
    if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        error = -errno;
    if (error == 0 && syscall(LANDLOCK_RESTRICT, rules, 0) < 0)
        error = -errno;
    close(rules);
    return error != 0 ? error : revision;
}
