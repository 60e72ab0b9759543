/* The shortest plugin in C: it says again what it was told. */
#include "conductor_plugin.h"

#include <string.h>

static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                      conductor_error *error)
{
    (void)settings, (void)error;
    /* It keeps nothing, so any pointer serves as its instance. */
    *out = (conductor_instance *)(uintptr_t)host;
    return CONDUCTOR_OK;
}

static void destroy(conductor_instance *self)
{
    (void)self;
}

static int is_blank(conductor_slice text)
{
    const unsigned char *bytes = text.ptr;
    for (uint64_t index = 0; index < text.len; index++) {
        if (bytes[index] > ' ')
            return 0;
    }
    return 1;
}

/* Both are lent: the text for the call, the decision for the completion. */
static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                    conductor_responder_done done, uint64_t token)
{
    (void)self, (void)call;
    conductor_decision decision = {.struct_size = sizeof decision, .kind = CONDUCTOR_DECISION_DECLINE};
    if (!is_blank(text->content)) {
        decision.kind = CONDUCTOR_DECISION_REPLY;
        decision.text = text->content;
    }
    done(token, NULL, &decision);
}

static const conductor_responder responder = {.struct_size = sizeof responder, .respond = respond};

static const void *get_extension(conductor_instance *self, const char *id)
{
    (void)self;
    return strcmp(id, CONDUCTOR_RESPONDER) == 0 ? &responder : NULL;
}

static const char *const capabilities[] = {CONDUCTOR_RESPONDER, NULL};

static const conductor_plugin plugin = {
    .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, CONDUCTOR_ABI_MINOR, 0, 0},
    .id = "echo",
    .name = "Echo",
    .version = "1.0.0",
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
