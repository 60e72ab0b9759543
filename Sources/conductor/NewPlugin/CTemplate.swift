/// One file of C, and a host in one file that asks it.
extension PluginTemplate {
    var cFiles: [File] {
        let responder = kind == .responder
        let shared = Self.cHead + (responder ? Self.cResponder : Self.cNotifier) + Self.cTail
        let pairs =
            responder
            ? [("@KIND@", "responder"), ("@ID@", "CONDUCTOR_RESPONDER")]
            : [("@KIND@", "notifier"), ("@ID@", "CONDUCTOR_NOTIFIER")]
        let source = pairs.reduce(shared) { text, pair in
            text.split(separator: pair.0, omittingEmptySubsequences: false).joined(separator: pair.1)
        }
        return [
            File(path: "@NAME@.c", text: source),
            File(path: "test.c", text: Self.cTestHead + (responder ? Self.cResponderTest : Self.cNotifierTest)),
            File(path: "Makefile", text: Self.cMakefile),
            File(
                path: "plugins.d/60-@NAME@.yaml",
                text: responder
                    ? "# Answers texts that hold one of the words in its source.\nplugin: ./@NAME@.so\n"
                    : "# Writes what happens to the gateway's log.\nplugin: ./@NAME@.so\n"),
        ]
    }

    private static let cMakefile = """
        # The gateway that `make run` starts, and the folder that `make install` fills.
        CONDUCTOR ?= @CONDUCTOR@
        PLUGINS_D ?= /etc/conductor/plugins.d
        CFLAGS ?= -O2 -g
        CFLAGS += -std=gnu11 -Wall -Wextra -Iinclude

        .PHONY: all test run install clean

        all: plugins.d/@NAME@.so

        plugins.d/@NAME@.so: @NAME@.c $(wildcard include/*.h)
        \t$(CC) $(CFLAGS) -shared -fPIC -fvisibility=hidden $< -o $@.part && mv $@.part $@

        test: all
        \t$(CC) $(CFLAGS) test.c -o test -ldl && ./test plugins.d/@NAME@.so

        run: all
        \t$(CONDUCTOR) run --simulate 1 --state .state --plugins plugins.d

        # The library first: a gateway that watches the folder finds it when the drop-in comes.
        install: all
        \tinstall -m 0644 plugins.d/@NAME@.so $(PLUGINS_D)/@NAME@.so.part
        \tmv $(PLUGINS_D)/@NAME@.so.part $(PLUGINS_D)/@NAME@.so
        \t[ -e $(PLUGINS_D)/60-@NAME@.yaml ] || install -m 0644 plugins.d/60-@NAME@.yaml $(PLUGINS_D)/

        clean:
        \trm -rf test .state plugins.d/*.so

        """

    private static let cHead = #"""
        #include "conductor_plugin.h"

        #include <ctype.h>
        #include <stdlib.h>
        #include <string.h>

        /* One instance: made from a drop-in, asked from many threads at once. */
        struct conductor_instance {
            const conductor_host *host;
        };

        /* `settings` is a JSON object. Must not block; 0, or a class of error with its text. */
        static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                              conductor_error *error)
        {
            (void)settings;
            *out = calloc(1, sizeof **out);
            if (!*out) {
                error->code = CONDUCTOR_INTERNAL;
                return CONDUCTOR_INTERNAL;
            }
            (*out)->host = host;
            return CONDUCTOR_OK;
        }

        static void destroy(conductor_instance *self)
        {
            free(self);
        }


        """#

    private static let cResponder = #"""
        /* Whether a text holds a word, whatever the case. A slice ends after `len` bytes, not with a NUL. */
        static int holds(conductor_slice text, const char *word)
        {
            size_t length = strlen(word);
            const char *bytes = text.ptr;
            for (uint64_t start = 0; start + length <= text.len; start++) {
                size_t same = 0;
                while (same < length && tolower((unsigned char)bytes[start + same]) == word[same]) same++;
                if (same == length) return 1;
            }
            return 0;
        }

        /* What it is lent is borrowed for the call, and what it lends for the completion. Must not block: work that takes
           long goes to a thread of one's own, which calls `done` then, once. */
        static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                            conductor_responder_done done, uint64_t token)
        {
            static const char answer[] = "We are open from 9 to 6.";
            (void)self, (void)call;
            conductor_decision decision = {.struct_size = sizeof decision, .kind = CONDUCTOR_DECISION_DECLINE};
            if (holds(text->content, "open") || holds(text->content, "hours")) {
                decision.kind = CONDUCTOR_DECISION_REPLY;
                decision.text = (conductor_slice){answer, sizeof answer - 1};
            }
            done(token, NULL, &decision);
        }

        static const conductor_responder responder = {.struct_size = sizeof responder, .respond = respond};


        """#

    private static let cNotifier = #"""
        /* What it is lent is borrowed for the call. Must not block: work that takes long goes to a thread of one's own, which
           calls `done` then, once. */
        static void notify(conductor_instance *self, const conductor_call *call, const conductor_event *event,
                           conductor_done done, uint64_t token)
        {
            (void)call;
            const conductor_host_log *log = self->host->get_extension(self->host, CONDUCTOR_HOST_LOG);
            if (log) log->write(self->host, CONDUCTOR_LOG_INFO, event->kind);
            done(token, NULL);
        }

        static const conductor_notifier notifier = {.struct_size = sizeof notifier, .notify = notify};


        """#

    private static let cTail = #"""
        static const void *get_extension(conductor_instance *self, const char *id)
        {
            (void)self;
            return strcmp(id, @ID@) == 0 ? &@KIND@ : NULL;
        }

        static const char *const capabilities[] = {@ID@, NULL};

        static const conductor_plugin plugin = {
            .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, CONDUCTOR_ABI_MINOR, 0, 0},
            .id = "@NAME@",
            .name = "@TYPE@",
            .version = "0.1.0",
            .capabilities = capabilities,
            .create = create,
            .destroy = destroy,
            .get_extension = get_extension,
        };

        /* The one symbol that is exported. */
        CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void)
        {
            return &plugin;
        }

        """#

    private static let cTestHead = #"""
        /* A host in one file: opens the plugin, makes an instance, asks it. */
        #include "conductor_plugin.h"

        #include <dlfcn.h>
        #include <stdio.h>
        #include <string.h>

        static int failures, answers;

        static void check(int condition, const char *what)
        {
            printf("%s: %s\n", condition ? "fine" : "FAILED", what);
            failures += !condition;
        }

        static void log_write(const conductor_host *host, int32_t level, conductor_slice line)
        {
            (void)host;
            printf("log %d: %.*s\n", level, (int)line.len, (const char *)line.ptr);
        }

        static const void *services(const conductor_host *host, const char *id)
        {
            static const conductor_host_log log = {.struct_size = sizeof log, .write = log_write};
            (void)host;
            return strcmp(id, CONDUCTOR_HOST_LOG) == 0 ? &log : NULL;
        }

        static conductor_slice slice(const char *text)
        {
            return (conductor_slice){text, strlen(text)};
        }


        """#

    private static let cResponderTest = #"""
        static conductor_decision last;

        static void answered(uint64_t token, const conductor_error *error, const conductor_decision *decision)
        {
            (void)token;
            answers++;
            last = decision ? *decision : (conductor_decision){.kind = -1};
            if (error) printf("error %d: %.*s\n", error->code, (int)error->message_len, error->message);
            if (decision) printf("%d: %.*s\n", decision->kind, (int)decision->text.len, (const char *)decision->text.ptr);
        }

        static void ask(const conductor_responder *responder, conductor_instance *instance, const char *content)
        {
            static uint64_t number;
            conductor_call call = {.struct_size = sizeof call, .call_id = ++number};
            conductor_inbound_text text = {.struct_size = sizeof text, .parts = 1};
            text.uid = slice("u1"), text.phone = slice("+15005550100"), text.sim = slice("s");
            text.content = slice(content);
            printf("> %s\n", content);
            responder->respond(instance, &call, &text, answered, number);
        }

        int main(int count, char **words)
        {
            void *library = dlopen(count > 1 ? words[1] : "plugins.d/@NAME@.so", RTLD_NOW);
            if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
            const conductor_plugin *(*entry)(void) = (const conductor_plugin *(*)(void))dlsym(library, "conductor_plugin_entry");
            if (!entry) return fprintf(stderr, "%s\n", dlerror()), 1;
            const conductor_plugin *plugin = entry();
            conductor_host host = {.struct_size = sizeof host, .get_extension = services};
            conductor_instance *instance = NULL;
            conductor_error error = {.struct_size = sizeof error};
            check(plugin->create(&host, slice("{}"), &instance, &error) == CONDUCTOR_OK, "it is made");
            const conductor_responder *responder = plugin->get_extension(instance, CONDUCTOR_RESPONDER);
            check(responder != NULL, "it is a responder");
            ask(responder, instance, "Are you OPEN today?");
            check(last.kind == CONDUCTOR_DECISION_REPLY && last.text.len > 0, "it answers texts with its words");
            ask(responder, instance, "Thank you!");
            check(last.kind == CONDUCTOR_DECISION_DECLINE, "it leaves the others");
            ask(responder, instance, "");
            check(last.kind == CONDUCTOR_DECISION_DECLINE && answers == 3, "an empty text harms nobody");
            plugin->destroy(instance);
            return failures != 0;
        }

        """#

    private static let cNotifierTest = #"""
        static void taken(uint64_t token, const conductor_error *error)
        {
            (void)token;
            answers += error == NULL;
        }

        int main(int count, char **words)
        {
            void *library = dlopen(count > 1 ? words[1] : "plugins.d/@NAME@.so", RTLD_NOW);
            if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
            const conductor_plugin *(*entry)(void) = (const conductor_plugin *(*)(void))dlsym(library, "conductor_plugin_entry");
            if (!entry) return fprintf(stderr, "%s\n", dlerror()), 1;
            const conductor_plugin *plugin = entry();
            conductor_host host = {.struct_size = sizeof host, .get_extension = services};
            conductor_instance *instance = NULL;
            conductor_error error = {.struct_size = sizeof error};
            check(plugin->create(&host, slice("{}"), &instance, &error) == CONDUCTOR_OK, "it is made");
            const conductor_notifier *notifier = plugin->get_extension(instance, CONDUCTOR_NOTIFIER);
            check(notifier != NULL, "it is a notifier");
            conductor_call call = {.struct_size = sizeof call, .call_id = 1};
            conductor_event event = {.struct_size = sizeof event, .at_ms = 1790000000000};
            event.id = slice("e1"), event.kind = slice("alarm"), event.json = slice("{}");
            notifier->notify(instance, &call, &event, taken, 1);
            check(answers == 1, "it takes an event");
            plugin->destroy(instance);
            return failures != 0;
        }

        """#
}
