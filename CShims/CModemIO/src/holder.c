/* Who holds a port: people are told a pid, not just "busy". All of this is best effort. */
#include "internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A line: `1: FLOCK  ADVISORY  WRITE 4711 00:05:93 0 EOF`, the device in hexadecimal; waiters have `->` after `1:`. */
static pid_t holder_in_line(const char *line, const struct stat *tty)
{
    const char *kind = strstr(line, "FLOCK");
    int pid = 0;
    unsigned device_major = 0;
    unsigned device_minor = 0;
    unsigned long inode = 0;
    if (!kind || strstr(line, "->"))
        return 0;
    /* NOLINTNEXTLINE(cert-err34-c): the kernel writes these numbers, and the count is checked. */
    if (sscanf(kind, "FLOCK %*s %*s %d %x:%x:%lu", &pid, &device_major, &device_minor, &inode) != 4)
        return 0;
    bool same = device_major == major(tty->st_dev) && device_minor == minor(tty->st_dev) && inode == tty->st_ino;
    return same && pid > 0 ? pid : 0;
}

pid_t cmodemio_holder_by_lock(const struct stat *tty)
{
    FILE *locks = fopen("/proc/locks", "re");
    if (!locks)
        return 0;
    char line[256];
    pid_t holder = 0;
    while (holder == 0 && fgets(line, sizeof line, locks))
        holder = holder_in_line(line, tty);
    fclose(locks);
    return holder;
}

static pid_t pid_of_name(const char *name)
{
    char *end = NULL;
    errno = 0;
    long pid = strtol(name, &end, 10);
    return errno == 0 && *end == '\0' && isdigit((unsigned char)name[0]) && pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

static bool has_descriptor_of(int process_fd, const struct stat *tty)
{
    int folder_fd = openat(process_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return false;
    DIR *folder = fdopendir(folder_fd);
    if (!folder) {
        close(folder_fd);
        return false;
    }
    bool found = false;
    const struct dirent *entry;
    while (!found && (entry = readdir(folder))) {
        struct stat held;
        found = entry->d_name[0] != '.' && fstatat(folder_fd, entry->d_name, &held, 0) == 0 && S_ISCHR(held.st_mode) &&
                held.st_rdev == tty->st_rdev && held.st_ino == tty->st_ino;
    }
    closedir(folder);
    return found;
}

pid_t cmodemio_holder_by_descriptor(const struct stat *tty)
{
    DIR *processes = opendir("/proc");
    if (!processes)
        return 0;
    pid_t holder = 0;
    pid_t self = getpid();
    const struct dirent *entry;
    while (holder == 0 && (entry = readdir(processes))) {
        pid_t pid = pid_of_name(entry->d_name);
        if (pid == 0 || pid == self)
            continue;
        int process_fd = openat(dirfd(processes), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (process_fd < 0)
            continue;
        if (has_descriptor_of(process_fd, tty))
            holder = pid;
        close(process_fd);
    }
    closedir(processes);
    return holder;
}

/* The lock file holds the pid as text, or, in an old dialect, as a binary int. */
static pid_t pid_in_lock_file(const char *name)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "/run/lock/LCK..%s", name);
    if (length < 0 || (size_t)length >= sizeof path)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return 0;
    char content[32] = {0};
    ssize_t size = read(fd, content, sizeof content - 1);
    close(fd);
    if (size == (ssize_t)sizeof(int)) {
        bool is_text = true;
        for (ssize_t i = 0; i < size; i++)
            is_text = is_text && (isdigit((unsigned char)content[i]) || isspace((unsigned char)content[i]));
        if (!is_text) {
            int pid;
            memcpy(&pid, content, sizeof pid);
            return pid > 0 ? pid : 0;
        }
    }
    char *end = NULL;
    errno = 0;
    long pid = strtol(content, &end, 10);
    return size > 0 && end != content && errno == 0 && pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

static pid_t live_foreign_pid(const char *name)
{
    pid_t pid = pid_in_lock_file(name);
    if (pid == 0 || pid == getpid())
        return 0;
    return kill(pid, 0) == 0 || errno == EPERM ? pid : 0;
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

pid_t cmodemio_holder_by_lock_file(int fd)
{
    /* The open descriptor knows the device behind names like /dev/serial/by-id/…, and its lock file counts. */
    char link[64];
    char device[PATH_MAX];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, device, sizeof device - 1);
    if (length <= 0)
        return 0;
    device[length] = '\0';
    return live_foreign_pid(last_component(device));
}
