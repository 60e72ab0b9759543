import Foundation

/// A responder in plain C that does to its process what the text says.
enum WorkerFixture {
    static func build(_ name: String, _ macros: [String] = [], in folder: String) throws -> String {
        try CFixture.compile(source, name, macros, in: folder)
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include "conductor_plugin.h"
        #include <arpa/inet.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <netinet/in.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/socket.h>
        #include <sys/un.h>
        #include <unistd.h>

        #ifndef VERSION
        #define VERSION "1"
        #endif

        #ifdef ABORT_ON_LOAD
        __attribute__((constructor)) static void loaded(void) { abort(); }
        #endif

        struct conductor_instance { int unused; };
        static struct conductor_instance only;

        static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                              conductor_error *error) {
            (void)host, (void)settings, (void)error;
        #ifdef CREATE_CRASHES
            abort();
        #endif
            *out = &only;
            return CONDUCTOR_OK;
        }
        static void start(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token) {
            (void)self, (void)call;
        #ifdef START_CRASHES
            abort();
        #endif
        #ifdef START_IS_KILLED_ONCE
            if (open("killed", O_CREAT | O_EXCL, 0600) >= 0) raise(SIGKILL);
        #endif
            done(token, NULL);
        }
        static void stop(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token) {
            (void)self, (void)call;
        #ifdef STOP_CRASHES
            abort();
        #endif
        #ifdef STOP_HANGS
            (void)done, (void)token;
        #else
            done(token, NULL);
        #endif
        }
        static void destroy(conductor_instance *self) { (void)self; }

        static volatile int *volatile nothing;
        static volatile int zero;

        static const char *outcome(int result) {
            static char text[64];
            snprintf(text, sizeof text, "%s", result < 0 ? strerrorname_np(errno) : "open");
            return text;
        }
        static const char *try_open(const char *path) { return outcome(open(path, O_RDONLY)); }
        static const char *try_write(const char *path) { return outcome(open(path, O_WRONLY | O_CREAT, 0600)); }
        static const char *try_tcp(void) {
            int s = socket(AF_INET, SOCK_STREAM, 0);
            struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
            return outcome(s < 0 ? s : connect(s, (struct sockaddr *)&a, sizeof a));
        }
        static const char *try_unix(const char *path) {
            int s = socket(AF_UNIX, SOCK_STREAM, 0);
            struct sockaddr_un a = {.sun_family = AF_UNIX};
            snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
            return outcome(s < 0 ? s : connect(s, (struct sockaddr *)&a, sizeof a));
        }

        static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                            conductor_responder_done done, uint64_t token) {
            (void)self, (void)call;
            char word[512] = {0};
            memcpy(word, text->content.ptr, text->content.len < 511 ? text->content.len : 511);
            char *rest = strchr(word, ' ');
            if (rest) *rest++ = 0;
            conductor_decision decision = {.struct_size = sizeof decision, .kind = CONDUCTOR_DECISION_REPLY};
            const char *said = word;
            size_t length = 0;
            char *large = NULL;
            char number[32];
            if (!strcmp(word, "null")) *nothing = 1;
            if (!strcmp(word, "trap")) __builtin_trap();
            if (!strcmp(word, "divide")) zero = 1000 / zero;
            if (!strcmp(word, "exit")) exit(3);
            if (!strcmp(word, "loop")) for (;;) zero++;
            if (!strcmp(word, "sleep")) sleep(1000);
            if (!strcmp(word, "stopped")) { kill(getpid(), SIGSTOP); sleep(1000); }
            if (!strcmp(word, "never")) return;
            if (!strcmp(word, "leak")) { memset(malloc(1 << 20), 1, 1 << 20); }
            if (!strcmp(word, "rubbish")) { ssize_t n = write(3, "\xff\xff\xff\xff rubbish", 12); (void)n; }
            if (!strcmp(word, "pipe")) {
                int ends[2];
                if (pipe(ends) == 0) { close(ends[0]); said = outcome((int)write(ends[1], "x", 1)); }
            }
            if (!strcmp(word, "large") || !strcmp(word, "huge")) {
                length = (size_t)(word[0] == 'l' ? 10 : 70) << 20;
                said = large = malloc(length);
                memset(large, 'a', length);
            }
            if (!strcmp(word, "bytes")) said = "\xff\xfe ok";
            if (!strcmp(word, "print")) { printf("said aloud\n"); fflush(stdout); }
            if (!strcmp(word, "open")) said = try_open(rest);
            if (!strcmp(word, "write")) said = try_write(rest);
            if (!strcmp(word, "tcp")) said = try_tcp();
            if (!strcmp(word, "unix")) said = try_unix(rest);
            if (!strcmp(word, "exec")) said = outcome(execl("/bin/true", "true", NULL));
            if (!strcmp(word, "environment")) said = getenv("CONDUCTOR_SECRET_OF_THE_TEST") ? "leaked" : "clean";
            if (!strcmp(word, "pid")) { snprintf(number, sizeof number, "%d", getpid()); said = number; }
            decision.text = (conductor_slice){said, length ? length : strlen(said)};
            done(token, NULL, &decision);
            if (!strcmp(word, "twice")) done(token, NULL, &decision);
            free(large);
        }

        static const conductor_responder responder = {.struct_size = sizeof responder, .respond = respond};
        static const void *get_extension(conductor_instance *self, const char *id) {
            (void)self;
            return strcmp(id, CONDUCTOR_RESPONDER) == 0 ? &responder : NULL;
        }
        static const char *const capabilities[] = {CONDUCTOR_RESPONDER, NULL};
        static const conductor_plugin plugin = {
            .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof(conductor_plugin), 1, 0, 0, 0},
            .id = NAME, .name = NAME, .version = VERSION, .capabilities = capabilities,
            .create = create, .start = start, .stop = stop, .destroy = destroy, .get_extension = get_extension,
        };
        CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void) { return &plugin; }
        """#
}
