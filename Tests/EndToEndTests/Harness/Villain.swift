/// A responder in plain C that does to its process, and to its host, what the text says; it declines all other texts.
enum Villain {
    /// Builds `FOLDER/villain.so`.
    static func build(in folder: String) async throws -> String {
        try await CPlugin.build("villain", source, in: folder)
    }

    private static let source = #"""
        #include "conductor_plugin.h"
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>

        struct conductor_instance { const conductor_host *host; };
        static struct conductor_instance only;
        static volatile int *volatile nothing;
        static volatile int turns;

        static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                              conductor_error *error) {
            (void)settings, (void)error;
            only.host = host;
            *out = &only;
            return CONDUCTOR_OK;
        }
        static void start(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token) {
            (void)self, (void)call;
            done(token, NULL);
        }
        static void destroy(conductor_instance *self) { (void)self; }

        static void sent(uint64_t token, const conductor_error *error, const conductor_send_reply *reply) {
            (void)token, (void)error, (void)reply;
        }

        /* Nobody granted it; it asks all the same. */
        static void answer_another(const conductor_host *host, const conductor_call *call) {
            static const char phone[] = "+16195559999", text[] = "to another";
            const conductor_host_send *table = host->get_extension(host, CONDUCTOR_HOST_SEND);
            if (!table) return;
            conductor_send_request request = {.struct_size = sizeof request};
            request.phone = (conductor_slice){phone, sizeof phone - 1};
            request.text = (conductor_slice){text, sizeof text - 1};
            table->send(host, call, &request, sent, 1);
        }

        static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                            conductor_responder_done done, uint64_t token) {
            char word[16] = {0};
            for (size_t i = 0; i < text->content.len && i < sizeof word - 1; i++) {
                char letter = ((const char *)text->content.ptr)[i];
                if (letter == ' ') break;
                word[i] = letter;
            }
            conductor_decision decision = {.struct_size = sizeof decision, .kind = CONDUCTOR_DECISION_DECLINE};
            char *large = NULL;
            if (!strcmp(word, "null")) *nothing = 1;
            if (!strcmp(word, "abort")) abort();
            if (!strcmp(word, "loop")) for (;;) turns++;
            if (!strcmp(word, "sleep")) sleep(1000);
            if (!strcmp(word, "never")) return;
            if (!strcmp(word, "leak")) memset(malloc(1 << 20), 1, 1 << 20);
            if (!strcmp(word, "other")) answer_another(self->host, call);
            if (!strcmp(word, "pipe")) {
                int ends[2];
                if (pipe(ends) == 0) {
                    close(ends[0]);
                    ssize_t count = write(ends[1], "x", 1);
                    (void)count;
                    close(ends[1]);
                }
            }
            if (!strcmp(word, "large")) {
                large = malloc(10 << 20);
                memset(large, 'a', 10 << 20);
                decision.kind = CONDUCTOR_DECISION_REPLY;
                decision.text = (conductor_slice){large, 10 << 20};
            }
            if (!strcmp(word, "bytes")) {
                decision.kind = CONDUCTOR_DECISION_REPLY;
                decision.text = (conductor_slice){"\xff\xfe", 2};
            }
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
            .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, 0, 0, 0},
            .id = "villain", .name = "Villain", .version = "1.0.0", .capabilities = capabilities,
            .create = create, .destroy = destroy, .start = start, .get_extension = get_extension,
        };
        CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void) { return &plugin; }
        """#
}
