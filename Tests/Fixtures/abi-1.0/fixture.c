/*
 * A plugin written against the contract as it was frozen: responder/1, notifier/1 and every host service. The host's
 * tests build it with the frozen headers beside it and load it; it must go on working for ever, so it is never changed.
 *
 * The first word of a text says what to do; the answer tells how it went.
 */
#define _GNU_SOURCE
#include "conductor_plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conductor_instance {
    const conductor_host *host;
};

/* One text that waits for the answer of a host service. */
struct asking {
    conductor_instance *self;
    conductor_responder_done done;
    uint64_t token;
};

static uint64_t last_call;

static conductor_slice slice(const char *text)
{
    return (conductor_slice){text, strlen(text)};
}

static uint64_t ask(conductor_instance *self, conductor_responder_done done, uint64_t token)
{
    struct asking *asking = malloc(sizeof *asking);
    *asking = (struct asking){self, done, token};
    return (uint64_t)(uintptr_t)asking;
}

static void reply(conductor_responder_done done, uint64_t token, const char *text)
{
    conductor_decision decision = {.struct_size = sizeof decision, .kind = CONDUCTOR_DECISION_REPLY};
    decision.text = slice(text);
    decision.reason = slice("frozen");
    decision.cost_micros = 7;
    done(token, NULL, &decision);
}

static void answer(uint64_t token, const char *text)
{
    struct asking *asking = (struct asking *)(uintptr_t)token;
    reply(asking->done, asking->token, text);
    free(asking);
}

/* Answers with the error; false when there is none. */
static int failed(uint64_t token, const conductor_error *error)
{
    char text[600];
    if (!error)
        return 0;
    snprintf(text, sizeof text, "error %d: %.*s (retry after %" PRId64 ")", (int)error->code, (int)error->message_len,
             error->message, error->retry_after_ms);
    answer(token, text);
    return 1;
}

static const char *text_of(conductor_slice part, char *room, size_t size)
{
    snprintf(room, size, "%.*s", (int)part.len, part.ptr ? (const char *)part.ptr : "-");
    return part.ptr ? room : "-";
}

static void sent(uint64_t token, const conductor_error *error, const conductor_send_reply *result)
{
    char text[128], uid[64];
    if (failed(token, error))
        return;
    snprintf(text, sizeof text, "sent %s %u", text_of(result->uid, uid, sizeof uid), (unsigned)result->flags);
    answer(token, text);
}

static void paged(uint64_t token, const conductor_error *error, const conductor_conversation_page *page)
{
    char text[256], content[64];
    if (failed(token, error))
        return;
    const conductor_message *first = page->messages.ptr;
    snprintf(text, sizeof text, "%u texts, the newest \"%s\" from %" PRId64 ", before %" PRId64,
             (unsigned)page->messages.count, first ? text_of(first->content, content, sizeof content) : "",
             first ? first->timestamp_ms : 0, page->flags & CONDUCTOR_CONVERSATION_HAS_BEFORE ? page->before : -1);
    answer(token, text);
}

static void contacted(uint64_t token, const conductor_error *error, const conductor_contact *contact)
{
    char text[256], name[64], assignee[64];
    if (failed(token, error))
        return;
    snprintf(text, sizeof text, "%s, looked after by %s, flags 0x%x, until %" PRId64,
             text_of(contact->name, name, sizeof name), text_of(contact->assignee, assignee, sizeof assignee),
             (unsigned)contact->flags, contact->bot_paused_until_ms);
    answer(token, text);
}

static void known(uint64_t token, const conductor_error *error, const conductor_customer_reply *result)
{
    char text[256], name[64], product[64];
    if (failed(token, error))
        return;
    const conductor_customer *customer = result->customer;
    if (!customer) {
        answer(token, "nobody");
        return;
    }
    const conductor_purchase *purchase = customer->purchases.ptr;
    const conductor_purchase_item *item = purchase ? purchase->items.ptr : NULL;
    snprintf(text, sizeof text, "%s, %d visits, bought %s", text_of(customer->name, name, sizeof name),
             (int)customer->visit_count,
             item && item->product ? text_of(item->product->name, product, sizeof product) : "nothing");
    answer(token, text);
}

static void got(uint64_t token, const conductor_error *error, const conductor_kv_value *result)
{
    char text[128], value[64];
    if (failed(token, error))
        return;
    snprintf(text, sizeof text, "value %s", text_of(result->value, value, sizeof value));
    answer(token, text);
}

static void listed(uint64_t token, const conductor_error *error, const conductor_kv_keys *result)
{
    char text[256] = "keys", key[64];
    if (failed(token, error))
        return;
    for (uint32_t index = 0; index < result->keys.count; index++) {
        const char *start = result->keys.ptr;
        const conductor_slice *next = (const conductor_slice *)(start + (size_t)index * result->keys.stride);
        strcat(text, " ");
        strcat(text, text_of(*next, key, sizeof key));
    }
    answer(token, text);
}

static void finished(uint64_t token, const conductor_error *error)
{
    if (!failed(token, error))
        answer(token, "done");
}

static void responded(uint64_t token, const conductor_error *error, const conductor_http_response *response)
{
    char text[256], body[64], type[64];
    if (failed(token, error))
        return;
    const conductor_http_header *header = response->headers.ptr;
    snprintf(text, sizeof text, "%d %s: %s", (int)response->status,
             header ? text_of(header->value, type, sizeof type) : "-", text_of(response->body, body, sizeof body));
    answer(token, text);
}

static void say(const conductor_host *host, const char *text)
{
    const conductor_host_log *log = host->get_extension(host, CONDUCTOR_HOST_LOG);
    if (log)
        log->write(host, CONDUCTOR_LOG_NOTICE, slice(text));
}

/* Of a request that nobody waits for. */
static void left_behind(uint64_t token, const conductor_error *error, const conductor_http_response *response)
{
    char text[64];
    (void)response;
    snprintf(text, sizeof text, "left behind: %d", error ? (int)error->code : 0);
    say((const conductor_host *)(uintptr_t)token, text);
}

static void respond(conductor_instance *self, const conductor_call *call, const conductor_inbound_text *text,
                    conductor_responder_done done, uint64_t token)
{
    (void)call;
    const conductor_host *host = self->host;
    conductor_call mine = {.struct_size = sizeof mine, .call_id = __atomic_add_fetch(&last_call, 1, __ATOMIC_RELAXED)};
    char word[64];
    text_of(text->content, word, sizeof word);

#define TABLE(type, id)                                                                                                \
    const type *table = host->get_extension(host, id);                                                                 \
    if (!table) {                                                                                                      \
        reply(done, token, "no " id);                                                                                  \
        return;                                                                                                        \
    }

    if (strcmp(word, "send") == 0) {
        TABLE(conductor_host_send, CONDUCTOR_HOST_SEND)
        conductor_send_request request = {.struct_size = sizeof request, .phone = text->phone};
        request.flags = CONDUCTOR_SEND_HAS_NOT_BEFORE;
        request.text = slice("a word of ours");
        request.idempotency_key = text->uid;
        request.not_before_ms = 5;
        request.purpose = CONDUCTOR_PURPOSE_NOTICE;
        table->send(host, &mine, &request, sent, ask(self, done, token));
    } else if (strcmp(word, "conversation") == 0) {
        TABLE(conductor_host_conversation, CONDUCTOR_HOST_CONVERSATION)
        conductor_conversation_query query = {.struct_size = sizeof query, .phone = text->phone, .limit = 3};
        query.flags = CONDUCTOR_CONVERSATION_HAS_BEFORE;
        query.before = 9;
        table->page(host, &mine, &query, paged, ask(self, done, token));
    } else if (strcmp(word, "contact") == 0) {
        TABLE(conductor_host_contact, CONDUCTOR_HOST_CONTACT)
        table->get(host, &mine, text->phone, contacted, ask(self, done, token));
    } else if (strcmp(word, "change") == 0) {
        TABLE(conductor_host_contact, CONDUCTOR_HOST_CONTACT)
        conductor_contact_change change = {.struct_size = sizeof change, .phone = text->phone};
        change.flags = CONDUCTOR_CONTACT_SET_BOT_PAUSED_UNTIL | CONDUCTOR_CONTACT_SET_ASSIGNEE |
                       CONDUCTOR_CONTACT_SET_NOTES | CONDUCTOR_CONTACT_SET_CLOSED;
        change.assignee = slice("Ana");
        change.bot_paused_until_ms = 77;
        change.closed = 1;
        table->change(host, &mine, &change, contacted, ask(self, done, token));
    } else if (strcmp(word, "customer") == 0) {
        TABLE(conductor_host_crm, CONDUCTOR_HOST_CRM)
        conductor_customer_query query = {.struct_size = sizeof query, .phone = text->phone, .purchases = 2};
        table->customer(host, &mine, &query, known, ask(self, done, token));
    } else if (strcmp(word, "get") == 0) {
        TABLE(conductor_host_kv, CONDUCTOR_HOST_KV)
        table->get(host, &mine, slice("a key"), got, ask(self, done, token));
    } else if (strcmp(word, "set") == 0) {
        TABLE(conductor_host_kv, CONDUCTOR_HOST_KV)
        conductor_kv_entry entry = {.struct_size = sizeof entry, .flags = CONDUCTOR_KV_HAS_EXPIRY};
        entry.key = slice("a key");
        entry.value = (conductor_slice){"\0\1", 2};
        entry.expires_at_ms = 99;
        table->set(host, &mine, &entry, finished, ask(self, done, token));
    } else if (strcmp(word, "remove") == 0) {
        TABLE(conductor_host_kv, CONDUCTOR_HOST_KV)
        table->remove(host, &mine, slice("a key"), finished, ask(self, done, token));
    } else if (strcmp(word, "list") == 0) {
        TABLE(conductor_host_kv, CONDUCTOR_HOST_KV)
        conductor_kv_query query = {.struct_size = sizeof query, .limit = 5};
        query.prefix = slice("a");
        table->list(host, &mine, &query, listed, ask(self, done, token));
    } else if (strcmp(word, "http") == 0 || strcmp(word, "cancel") == 0 || strcmp(word, "deadline") == 0) {
        TABLE(conductor_host_http, CONDUCTOR_HOST_HTTP)
        conductor_http_header header = {.struct_size = sizeof header, .name = slice("X-Word"), .value = slice("yes")};
        conductor_http_request request = {.struct_size = sizeof request, .method = slice("POST"), .body = slice("hi")};
        request.url = slice("http://127.0.0.1:9/api?x=1");
        request.headers = (conductor_array){&header, 1, sizeof header};
        request.timeout_ms = 20000;
        request.response_limit = 1000;
        const conductor_host_clock *clock = host->get_extension(host, CONDUCTOR_HOST_CLOCK);
        if (strcmp(word, "deadline") == 0 && clock)
            mine.deadline_ns = clock->monotonic_ns(host) + 30000000;
        table->request(host, &mine, &request, responded, ask(self, done, token));
        if (strcmp(word, "cancel") == 0)
            host->cancel(host, mine.call_id);
    } else if (strcmp(word, "leave") == 0) {
        TABLE(conductor_host_http, CONDUCTOR_HOST_HTTP)
        conductor_http_request request = {.struct_size = sizeof request, .method = slice("GET")};
        request.url = slice("http://127.0.0.1:9/api");
        table->request(host, &mine, &request, left_behind, (uint64_t)(uintptr_t)host);
        reply(done, token, "left");
    } else if (strcmp(word, "metrics") == 0) {
        TABLE(conductor_host_metrics, CONDUCTOR_HOST_METRICS)
        conductor_label label = {.struct_size = sizeof label, .name = slice("kind"), .value = slice("good")};
        conductor_metric metrics[2] = {
            {.struct_size = sizeof metrics[0], .kind = CONDUCTOR_METRIC_COUNTER, .name = slice("texts"), .value = 2},
            {.struct_size = sizeof metrics[1], .kind = CONDUCTOR_METRIC_HISTOGRAM, .name = slice("wait"), .value = 0.5},
        };
        metrics[0].labels = (conductor_array){&label, 1, sizeof label};
        table->record(host, (conductor_array){metrics, 2, sizeof metrics[0]});
        reply(done, token, "recorded");
    } else {
        reply(done, token, word);
    }
}

static void notify(conductor_instance *self, const conductor_call *call, const conductor_event *event,
                   conductor_done done, uint64_t token)
{
    char kind[64];
    (void)call;
    say(self->host, text_of(event->kind, kind, sizeof kind));
    done(token, NULL);
}

static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                      conductor_error *error)
{
    if (settings.len != 2) {
        const char *reason = "settings.colour: unknown key";
        error->code = CONDUCTOR_INVALID;
        error->message_len = (uint32_t)strlen(reason);
        memcpy(error->message, reason, error->message_len);
        return CONDUCTOR_INVALID;
    }
    *out = malloc(sizeof **out);
    (*out)->host = host;
    return CONDUCTOR_OK;
}

static void start(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token)
{
    (void)call;
    say(self->host, "started");
    done(token, NULL);
}

static void stop(conductor_instance *self, const conductor_call *call, conductor_done done, uint64_t token)
{
    (void)call;
    say(self->host, "stopped");
    done(token, NULL);
}

static void destroy(conductor_instance *self)
{
    say(self->host, "destroyed");
    free(self);
}

static void cancel(conductor_instance *self, uint64_t call_id)
{
    (void)self, (void)call_id;
}

static const conductor_responder responder = {.struct_size = sizeof responder, .respond = respond};
static const conductor_notifier notifier = {.struct_size = sizeof notifier, .notify = notify};

static const void *get_extension(conductor_instance *self, const char *id)
{
    (void)self;
    if (strcmp(id, CONDUCTOR_RESPONDER) == 0)
        return &responder;
    return strcmp(id, CONDUCTOR_NOTIFIER) == 0 ? &notifier : NULL;
}

static const char *const capabilities[] = {CONDUCTOR_RESPONDER, CONDUCTOR_NOTIFIER, NULL};

static const conductor_plugin plugin = {
    .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, CONDUCTOR_ABI_MINOR, 0, 0},
    .id = "frozen",
    .name = "Frozen",
    .version = "1.0.0",
    .capabilities = capabilities,
    .create = create,
    .start = start,
    .stop = stop,
    .destroy = destroy,
    .get_extension = get_extension,
    .cancel = cancel,
};

CONDUCTOR_EXPORT const conductor_plugin *conductor_plugin_entry(void)
{
    return &plugin;
}
