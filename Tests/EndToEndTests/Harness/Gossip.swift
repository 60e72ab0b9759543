import Foundation

/// Plugins that tell everybody the settings they were given: one in C, one in Python, and a server that answers with what it
/// was asked.
enum Gossip {
    /// Builds `FOLDER/gossip.so`: it prints its settings when it is made, writes them into the log, fails its start with them
    /// where they hold the word `refuse`, answers a text with an error that holds them, and dies of the text "die".
    static func build(in folder: String) async throws -> String {
        try await CPlugin.build("gossip", source, in: folder)
    }

    private static let source = #"""
        #include "conductor_plugin.h"
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>

        struct conductor_instance { const conductor_host *host; };
        static struct conductor_instance only;
        static char settings[4096];

        static int32_t create(const conductor_host *host, conductor_slice given, conductor_instance **out,
                              conductor_error *error) {
            (void)error;
            snprintf(settings, sizeof settings, "%.*s", (int)given.len, (const char *)given.ptr);
            fprintf(stderr, "made with %s\n", settings);
            only.host = host;
            *out = &only;
            return CONDUCTOR_OK;
        }
        static void fail(conductor_error *error, const char *words) {
            *error = (conductor_error){.struct_size = sizeof *error, .code = CONDUCTOR_UNAVAILABLE};
            int length = snprintf(error->message, sizeof error->message, "%s %s", words, settings);
            size_t most = sizeof error->message - 1;
            error->message_len = (uint32_t)((size_t)length < most ? (size_t)length : most);
        }
        static void start(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token) {
            (void)call;
            const conductor_host_log *log = self->host->get_extension(self->host, CONDUCTOR_HOST_LOG);
            if (log) log->write(self->host, 3, (conductor_slice){settings, strlen(settings)});
            conductor_error error;
            fail(&error, "it does not like");
            done(token, strstr(settings, "refuse") ? &error : NULL);
        }
        static void destroy(conductor_instance *self) { (void)self; }
        static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                            conductor_responder_done done, uint64_t token) {
            (void)self, (void)call;
            if (text->content.len >= 3 && !memcmp(text->content.ptr, "die", 3)) {
                fprintf(stderr, "dying with %s\n", settings);
                abort();
            }
            conductor_error error;
            fail(&error, "it cannot answer with");
            done(token, &error, NULL);
        }
        static const conductor_responder responder = {.struct_size = sizeof responder, .respond = respond};
        static const void *get_extension(conductor_instance *self, const char *id) {
            (void)self;
            return strcmp(id, CONDUCTOR_RESPONDER) == 0 ? &responder : NULL;
        }
        static const char *const capabilities[] = {CONDUCTOR_RESPONDER, NULL};
        static const conductor_plugin plugin = {
            .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, 0, 0, 0},
            .id = "gossip", .name = "Gossip", .version = "1.0.0", .capabilities = capabilities,
            .create = create, .destroy = destroy, .start = start, .get_extension = get_extension,
        };
        CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void) { return &plugin; }
        """#

    /// Does the same in Python.
    static let program = """
        import base64, json, sys, urllib.parse

        for line in sys.stdin:
            ask = json.loads(line)
            if "settings" in ask:
                known = json.dumps(ask["settings"])
                value = ask["settings"]["api_key"]
                print(line, file=sys.stderr)
                print(urllib.parse.quote(value, safe=""), file=sys.stderr)
                print(base64.b64encode(("user:" + value).encode()).decode(), file=sys.stderr, flush=True)
                if "refuse" not in known:
                    print(json.dumps({"id": ask["id"]}), flush=True)
                    continue
            if ask.get("text", "").startswith("die"):
                sys.exit("dying with " + known)
            print(json.dumps({"id": ask["id"], "error": "no answer with " + known}), flush=True)

        """

    /// An API that repeats what it was sent: as an error of the database, as a page, as the place to go to, as a code. Its
    /// first line of output is its port.
    static let server = """
        import http.server, json, os, threading

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                said = str(self.headers) + self.rfile.read(size).decode(errors="replace") + self.path
                kind = self.path.split("/")[1]
                body = json.dumps({"code": "42501", "message": said, "details": said, "hint": said})
                if kind == "page":
                    body = "<html>" + said
                if kind == "code":
                    body = json.dumps({"code": self.headers["apikey"], "message": said})
                self.send_response({"page": 500, "elsewhere": 302, "fine": 200}.get(kind, 401))
                self.send_header("Content-Type", "text/html" if kind == "page" else "application/json")
                if kind == "elsewhere":
                    self.send_header("Location", "/there?" + self.headers["apikey"])
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *words):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()

        """
}
