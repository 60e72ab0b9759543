/// A responder in plain C that signs its answers with its version: built anew for each version from one source.
enum Signer {
    /// Builds `FOLDER/signer-VERSION.so`.
    static func build(_ version: Int, in folder: String) async throws -> String {
        try await CPlugin.build(
            "signer-\(version)", source, in: folder, options: ["-DVERSION=\(version)", "-lpthread"])
    }

    private static let source = #"""
        #include "conductor_plugin.h"
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        #define TEXT_OF(x) #x
        #define TEXT(x) TEXT_OF(x)

        struct conductor_instance { const conductor_host *host; };
        struct answer {
            conductor_responder_done done;
            uint64_t token;
            char text[512];
        };

        static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                              conductor_error *error) {
            (void)settings, (void)error;
            *out = malloc(sizeof **out);
            (*out)->host = host;
            return CONDUCTOR_OK;
        }

        static void start(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token) {
            (void)self, (void)call;
            done(token, NULL);
        }

        static void destroy(conductor_instance *self) {
            memset(self, 0xEE, sizeof *self);
            free(self);
        }

        /* Slow enough that calls are always under way when versions change. */
        static void *answer(void *context) {
            struct answer *a = context;
            usleep(20000);
            conductor_decision decision = {.struct_size = sizeof decision, .kind = CONDUCTOR_DECISION_REPLY};
            decision.text = (conductor_slice){a->text, strlen(a->text)};
            a->done(a->token, NULL, &decision);
            free(a);
            return NULL;
        }

        static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                            conductor_responder_done done, uint64_t token) {
            (void)self, (void)call;
            struct answer *a = calloc(1, sizeof *a);
            a->done = done;
            a->token = token;
            snprintf(a->text, sizeof a->text, "v%d: %.*s", VERSION, (int)text->content.len,
                     (const char *)text->content.ptr);
            pthread_t thread;
            pthread_create(&thread, NULL, answer, a);
            pthread_detach(thread);
        }

        static const conductor_responder responder = {.struct_size = sizeof responder, .respond = respond};

        static const void *get_extension(conductor_instance *self, const char *id) {
            (void)self;
            return strcmp(id, CONDUCTOR_RESPONDER) == 0 ? &responder : NULL;
        }

        static const char *const capabilities[] = {CONDUCTOR_RESPONDER, NULL};
        static const conductor_plugin plugin = {
            .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof(conductor_plugin), CONDUCTOR_ABI_MAJOR, 0, 0, 0},
            .id = "signer", .name = "Signer", .version = TEXT(VERSION) ".0.0", .capabilities = capabilities,
            .create = create, .start = start, .destroy = destroy, .get_extension = get_extension,
        };

        CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void) { return &plugin; }
        """#
}
