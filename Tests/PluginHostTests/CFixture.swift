import Foundation

/// Plugins in plain C, compiled by the test from the public header.
enum CFixture {
    /// nil where there is no C compiler.
    static let compiler: String? = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let include = root.appendingPathComponent("CShims/CPluginABI/include").path
    /// The contract as it was frozen: headers, and sources that were written against them.
    static let frozen = root.appendingPathComponent("Tests/Fixtures/abi-1.0").path

    /// Compiles the frozen fixture with the headers that were frozen with it, or with today's.
    static func buildFrozen(in folder: String, todaysHeader: Bool = false) throws -> String {
        let library = "\(folder)/\(todaysHeader ? "frozen-today" : "frozen").so"
        try compile([frozen + "/fixture.c", "-I", todaysHeader ? include : frozen + "/include"], to: library)
        return library
    }

    /// Compiles the frozen fixture as if the contract had been another: each pair replaces a text in headers or source.
    ///
    /// - Throws: when a text is not there.
    static func buildFrozen(in folder: String, replacing changes: [(String, String)]) throws -> String {
        let names = ["include/conductor_plugin.h", "include/conductor_services.h", "fixture.c"]
        var texts = try names.map { try String(contentsOfFile: frozen + "/" + $0, encoding: .utf8) }
        for (old, new) in changes {
            guard let index = texts.firstIndex(where: { $0.contains(old) }) else {
                throw CocoaError(.formatting, userInfo: [NSLocalizedDescriptionKey: old])
            }
            texts[index] = texts[index].replacingOccurrences(of: old, with: new)
        }
        let place = "\(folder)/another"
        try FileManager.default.createDirectory(atPath: place + "/include", withIntermediateDirectories: true)
        for (name, text) in zip(names, texts) {
            try text.write(toFile: "\(place)/\(name)", atomically: true, encoding: .utf8)
        }
        try? FileManager.default.copyItem(
            atPath: frozen + "/include/conductor_storage.h", toPath: place + "/include/conductor_storage.h")
        try compile([place + "/fixture.c", "-I", place + "/include"], to: place + ".so")
        return place + ".so"
    }

    static func compile(_ arguments: [String], to library: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: compiler ?? "/usr/bin/cc")
        process.arguments =
            ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"] + arguments
            + ["-o", library, "-lpthread"]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    /// Compiles the fixture with the given macros into `folder/NAME.so`.
    static func build(_ name: String, _ macros: [String] = [], in folder: String) throws -> String {
        try compile(source, name, macros, in: folder)
    }

    static func compile(
        _ source: String, _ name: String, _ macros: [String], linking libraries: [String] = [], in folder: String
    ) throws -> String {
        let file = "\(folder)/\(name).c"
        try source.write(toFile: file, atomically: true, encoding: .utf8)
        let library = "\(folder)/\(name).so"
        try compile(
            ["-I", include] + macros.map { "-D" + $0 } + ["-Wl,-soname,\(name).so", "-DNAME=\"\(name)\"", file]
                + libraries, to: library)
        return library
    }

    private static let source = #"""
        #define _GNU_SOURCE
        #include "conductor_plugin.h"
        #include <pthread.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/mman.h>
        #include <unistd.h>

        #define TEXT_OF(x) #x
        #define TEXT(x) TEXT_OF(x)
        #ifdef VERSION
        #define RELEASE TEXT(VERSION) ".0.0"
        #define SIGNATURE NAME " " TEXT(VERSION)
        #else
        #define RELEASE "1.2.3"
        #define SIGNATURE NAME
        #endif

        struct conductor_instance { const conductor_host *host; };

        __attribute__((unused)) static void say(conductor_error *error, int32_t code, const char *text) {
            error->code = code;
            error->message_len = (uint32_t)strlen(text);
            memcpy(error->message, text, error->message_len);
        }

        static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                              conductor_error *error) {
            (void)settings;
        #ifdef CREATE_FAILS
            say(error, CONDUCTOR_INVALID, "settings.rules[1].pattern: \"gr\xc3\xbc\xc3\x9f\" is no pattern");
            return CONDUCTOR_INVALID;
        #endif
        #ifdef CREATE_HANGS
            sleep(2);
        #endif
            (void)error;
            *out = malloc(sizeof **out);
            (*out)->host = host;
            const conductor_host_log *log = host->get_extension(host, CONDUCTOR_HOST_LOG);
            if (log) log->write(host, CONDUCTOR_LOG_NOTICE, (conductor_slice){"made", 4});
            return CONDUCTOR_OK;
        }

        static void start(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token) {
            (void)self, (void)call;
        #ifdef START_FAILS
            conductor_error error = {.struct_size = sizeof error};
            say(&error, CONDUCTOR_UNAVAILABLE, "the moon is not up");
            done(token, &error);
        #elif defined(START_HANGS)
            (void)done, (void)token;
        #elif defined(START_HANGS_ONCE)
            static int starts;
            if (starts++ > 0) done(token, NULL);
        #else
            done(token, NULL);
        #endif
        }

        static void destroy(conductor_instance *self) { free(self); }

        struct answer {
            conductor_responder_done done;
            uint64_t token;
            char text[256];
        };

        static void *answer(void *context) {
            struct answer *a = context;
        #ifdef SLOW
            usleep(SLOW * 1000);
        #endif
        #ifdef OLD_DECISION
            /* A writer that knew kind and text only, at the very end of its memory. */
            size_t size = offsetof(conductor_decision, reason);
            char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            mprotect(pages + 4096, 4096, PROT_NONE);
            conductor_decision *decision = (conductor_decision *)(pages + 4096 - size);
            uint32_t written = (uint32_t)size;
        #else
            conductor_decision whole = {0}, *decision = &whole;
            uint32_t written = sizeof whole;
        #endif
            decision->struct_size = written;
            decision->kind = CONDUCTOR_DECISION_REPLY;
            decision->text = (conductor_slice){a->text, strlen(a->text)};
            a->done(a->token, NULL, decision);
        #ifdef TWICE
            a->done(a->token, NULL, decision);
        #endif
            free(a);
            return NULL;
        }

        static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                            conductor_responder_done done, uint64_t token) {
            (void)self, (void)call;
        #ifdef NEVER
            (void)text, (void)done, (void)token;
        #else
            struct answer *a = calloc(1, sizeof *a);
            a->done = done;
            a->token = token;
            memcpy(a->text, SIGNATURE ": ", strlen(SIGNATURE) + 2);
            memcpy(a->text + strlen(a->text), text->content.ptr, text->content.len);
        #ifdef OTHER_THREAD
            pthread_t thread;
            pthread_create(&thread, NULL, answer, a);
            pthread_detach(thread);
        #else
            answer(a);
        #endif
        #endif
        }

        static const conductor_responder responder = {
            .struct_size = sizeof responder,
        #ifndef NO_RESPOND
            .respond = respond,
        #endif
        };

        static void put(conductor_instance *self, const conductor_call *call, conductor_array messages,
                        conductor_done done, uint64_t token) {
            (void)self, (void)call, (void)messages;
            done(token, NULL);
        }
        #ifndef LOCATION
        #define LOCATION "nowhere"
        #endif
        static void health(conductor_instance *self, const conductor_call *call, conductor_health_done done,
                           uint64_t token) {
            (void)self, (void)call;
            conductor_storage_health reply = {.struct_size = sizeof reply, .location = {LOCATION, strlen(LOCATION)}};
            done(token, NULL, &reply);
        }
        static void *none(void) { return NULL; }
        static conductor_storage storage;

        static const void *get_extension(conductor_instance *self, const char *id) {
            (void)self, (void)respond, (void)answer;
        #ifdef STORAGE
            memset(&storage, 0, sizeof storage);
            storage.struct_size = sizeof storage;
            storage.put = put;
            storage.exchange = (void *)none;
            storage.owned = (void *)none;
            storage.messages = (void *)none;
            storage.change = (void *)none;
            storage.record_consent = (void *)none;
            storage.health = health;
            return strcmp(id, CONDUCTOR_STORAGE) == 0 ? &storage : NULL;
        #else
            (void)storage, (void)put, (void)none, (void)health;
            return strcmp(id, CONDUCTOR_RESPONDER) == 0 ? &responder : NULL;
        #endif
        }

        #ifndef MAGIC
        #define MAGIC CONDUCTOR_PLUGIN_MAGIC
        #endif
        #ifndef MAJOR
        #define MAJOR 1
        #endif
        #ifndef NEEDS
        #define NEEDS 0
        #endif
        #ifndef TOOLCHAIN
        #define TOOLCHAIN NULL
        #endif
        #ifndef SIZE
        #define SIZE sizeof(conductor_plugin)
        #endif

        #ifdef STORAGE
        static const char *const capabilities[] = {CONDUCTOR_STORAGE, NULL};
        #else
        static const char *const capabilities[] = {CONDUCTOR_RESPONDER, NULL};
        #endif

        static const conductor_plugin plugin = {
            .prefix = {MAGIC, SIZE, MAJOR, 0, NEEDS, 0},
            .id = NAME,
            .name = NAME,
            .version = RELEASE,
            .toolchain = TOOLCHAIN,
            .capabilities = capabilities,
            .create = create,
            .start = start,
            .destroy = destroy,
        #ifndef NO_EXTENSIONS
            .get_extension = get_extension,
        #endif
        };

        #ifdef NO_ENTRY
        CONDUCTOR_EXPORT const void *another_name(void) { return &plugin; }
        #else
        CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void) {
            (void)get_extension;
        #ifdef ENTRY_NULL
            (void)plugin;
            return NULL;
        #else
            return &plugin;
        #endif
        }
        #endif
        """#
}
