/*
 * A whole storage in C, written against the contract as it was frozen (include/): conductor.storage/1 with everything
 * but search. It keeps texts in memory, so that nothing stands between the reader and what a storage must do. The
 * host's tests build it with the headers beside it and with today's, and hold it against the rules of storages; it must
 * go on working for ever, so it is never changed.
 *
 * memory.c stands for the database, texts.c is the sending and listing of texts, here are consent, what is done for
 * people and for operators, and the plugin itself.
 *
 * Other programs write to it, too: they append lines to the file `foreign-rows` in the folder that the host names,
 * fields parted by tabs, \N for none:
 *   row NUMBER TEXT      a text that is to be sent
 *   sim SIM TEXT         rows with this text are to go from this SIM
 *   later MILLISECONDS   the storage's clock goes on by so much, for tests
 */
#include "memory.h"

#include <stdio.h>
#include <unistd.h>

static const size_t event_slices[] = {
    offsetof(conductor_consent_event, uid),
    offsetof(conductor_consent_event, phone),
    offsetof(conductor_consent_event, source),
    offsetof(conductor_consent_event, message_uid),
};

/* ---- consent */

static int is_known(conductor_instance *self, conductor_slice uid)
{
    for (uint32_t index = 0; index < self->event_count; index++)
        if (same(self->events[index].uid, uid))
            return 1;
    return 0;
}

static void record_consent(conductor_instance *self, const conductor_call *call, conductor_array events,
                           conductor_done done, uint64_t token)
{
    (void)call;
    conductor_consent_event event;
    for (uint32_t index = 0; index < events.count; index++) {
        load(&event, sizeof event, element(events, index));
        if (event.uid.len == 0) {
            conductor_error error = problem(CONDUCTOR_INVALID, "a consent event without uid cannot be stored");
            done(token, &error);
            return;
        }
    }
    begin(self);
    for (uint32_t index = 0; index < events.count; index++) {
        load(&event, sizeof event, element(events, index));
        if (is_known(self, event.uid))
            continue;
        own(&event, SLICES(event_slices));
        event.struct_size = sizeof event;
        self->events = room(self->events, (self->event_count + 1) * sizeof event);
        self->places = room(self->places, (self->event_count + 1) * sizeof *self->places);
        self->places[self->event_count] = ++self->last_place;
        self->events[self->event_count++] = event;
    }
    commit(self);
    done(token, NULL);
}

/* Copies of events, lent to the host after the lock was given back. */
struct events {
    conductor_consent_event *all;
    uint32_t count;
};

static void tell(struct events *told, const conductor_consent_event *event)
{
    told->all = room(told->all, (told->count + 1) * sizeof *told->all);
    told->all[told->count] = *event;
    own(&told->all[told->count++], SLICES(event_slices));
}

static conductor_array lent(const struct events *told)
{
    return (conductor_array){told->all, told->count, sizeof *told->all};
}

static void end(struct events *told)
{
    for (uint32_t index = 0; index < told->count; index++)
        disown(&told->all[index], SLICES(event_slices));
    free(told->all);
}

static void consent(conductor_instance *self, const conductor_call *call, const conductor_consent_query *lent_query,
                    conductor_consent_done done, uint64_t token)
{
    (void)call;
    conductor_consent_query query;
    conductor_consent_reply reply = {.struct_size = sizeof reply};
    struct events told = {NULL, 0};
    load(&query, sizeof query, lent_query);
    if (query.limit < 1 || query.limit > 1000) {
        conductor_error error = problem(CONDUCTOR_INVALID, "limit: must be within 1 and 1000");
        done(token, &error, NULL);
        return;
    }
    begin(self);
    /* A place that was never given here is another storage's: this one is read from its beginning. */
    reply.next = query.after > self->last_place ? 0 : query.after;
    for (uint32_t index = 0; index < self->event_count && told.count < (uint32_t)query.limit; index++) {
        if (self->places[index] <= reply.next)
            continue;
        tell(&told, &self->events[index]);
        reply.next = self->places[index];
    }
    commit(self);
    reply.events = lent(&told);
    done(token, NULL, &reply);
    end(&told);
}

/* ---- for people: what is kept of a person, and its end */

static void contact(conductor_instance *self, const conductor_call *call, conductor_slice phone,
                    conductor_stored_contact_done done, uint64_t token)
{
    (void)call;
    conductor_stored_contact reply = {.struct_size = sizeof reply};
    struct events told = {NULL, 0};
    begin(self);
    for (uint32_t index = 0; index < self->row_count; index++)
        reply.texts += same(self->rows[index]->text.phone, phone);
    for (uint32_t index = 0; index < self->event_count; index++)
        if (same(self->events[index].phone, phone))
            tell(&told, &self->events[index]);
    commit(self);
    for (uint32_t index = 1; index < told.count; index++)
        for (uint32_t place = index; place && told.all[place - 1].at_ms > told.all[place].at_ms; place--) {
            conductor_consent_event later = told.all[place - 1];
            told.all[place - 1] = told.all[place];
            told.all[place] = later;
        }
    reply.consent = lent(&told);
    done(token, NULL, &reply);
    end(&told);
}

static int is_of_person(const conductor_erasure_request *request, const struct row *row)
{
    int64_t from = row->text.timestamp_ms < row->arrived ? row->text.timestamp_ms : row->arrived;
    return same(row->text.phone, request->phone) && from <= request->before_ms;
}

static int is_old(const conductor_erasure_request *request, const struct row *row)
{
    return row->text.timestamp_ms < request->before_ms && !is_queued(row) &&
           row->text.delivery_status != CONDUCTOR_DELIVERY_SENDING &&
           row->text.delivery_status != CONDUCTOR_DELIVERY_UNKNOWN;
}

static void erase(conductor_instance *self, const conductor_call *call, const conductor_erasure_request *lent_request,
                  conductor_erasure_done done, uint64_t token)
{
    (void)call;
    conductor_erasure_request request;
    conductor_erasure_reply reply = {.struct_size = sizeof reply};
    load(&request, sizeof request, lent_request);
    int counts = (request.flags & CONDUCTOR_ERASE_COUNT_ONLY) != 0, is_person = request.phone.ptr != NULL;
    int64_t limit = is_person || request.limit <= 0 ? INT64_MAX : request.limit;
    begin(self);
    for (uint32_t index = 0; index < self->row_count && reply.texts < limit;) {
        const struct row *row = self->rows[index];
        if (!(is_person ? is_of_person(&request, row) : is_old(&request, row))) {
            index++;
            continue;
        }
        reply.texts++;
        if (counts)
            index++;
        else
            drop(self, index);
    }
    for (uint32_t index = 0; index < self->event_count;) {
        if (!same(self->events[index].phone, request.phone)) {
            index++;
            continue;
        }
        reply.consent++;
        if (counts) {
            index++;
            continue;
        }
        /* The others keep their places: whoever reads on misses none. */
        disown(&self->events[index], SLICES(event_slices));
        uint32_t rest = --self->event_count - index;
        memmove(self->events + index, self->events + index + 1, rest * sizeof *self->events);
        memmove(self->places + index, self->places + index + 1, rest * sizeof *self->places);
    }
    commit(self);
    reply.flags = !counts && reply.texts == limit ? CONDUCTOR_ERASED_MORE : 0;
    done(token, NULL, &reply);
}

/* ---- for operators */

static int64_t bytes_of_texts(conductor_instance *self)
{
    int64_t bytes = 0;
    for (uint32_t index = 0; index < self->row_count; index++)
        bytes += (int64_t)(sizeof(struct row) + self->rows[index]->text.content.len);
    return bytes;
}

static void health(conductor_instance *self, const conductor_call *call, conductor_health_done done, uint64_t token)
{
    (void)call;
    conductor_storage_health reply = {.struct_size = sizeof reply};
    begin(self);
    reply.location = words("memory");
    reply.identity = words(self->identity);
    reply.rows = self->row_count;
    reply.bytes = bytes_of_texts(self) + (int64_t)(self->event_count * sizeof *self->events);
    commit(self);
    done(token, NULL, &reply);
}

static void sizes(conductor_instance *self, const conductor_call *call, conductor_sizes_done done, uint64_t token)
{
    (void)call;
    conductor_storage_table tables[] = {
        {.struct_size = sizeof *tables, .name = words("gateways"), .bytes = -1},
        {.struct_size = sizeof *tables, .name = words("messages")},
        {.struct_size = sizeof *tables, .name = words("optouts")},
    };
    conductor_storage_sizes reply = {.struct_size = sizeof reply, .tables = {tables, 3, sizeof *tables}};
    begin(self);
    tables[0].rows = self->gateway_count;
    tables[1].rows = self->row_count;
    tables[1].bytes = bytes_of_texts(self);
    tables[2].rows = self->event_count;
    tables[2].bytes = (int64_t)(self->event_count * sizeof *self->events);
    commit(self);
    done(token, NULL, &reply);
}

/* ---- several gateways */

static const size_t gateway_slices[] = {
    offsetof(conductor_gateway_presence, gateway),
    offsetof(conductor_gateway_presence, version),
};

static void own_gateway(struct gateway *known)
{
    conductor_array said = known->said.sims;
    own(&known->said, SLICES(gateway_slices));
    known->sims = room(NULL, said.count * sizeof *known->sims);
    for (uint32_t index = 0; index < said.count; index++)
        known->sims[index] = kept(*(const conductor_slice *)element(said, index));
    known->said.sims = (conductor_array){known->sims, said.count, sizeof *known->sims};
}

static void disown_gateway(struct gateway *known)
{
    for (uint32_t index = 0; index < known->said.sims.count; index++)
        free((void *)known->sims[index].ptr);
    free(known->sims);
    disown(&known->said, SLICES(gateway_slices));
}

static int order(const void *one, const void *other)
{
    conductor_slice a = ((const struct gateway *)one)->said.gateway, b = ((const struct gateway *)other)->said.gateway;
    int first = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return first ? first : (a.len > b.len) - (a.len < b.len);
}

static void count_rows(conductor_instance *self, conductor_gateway_presence *said, int64_t moment)
{
    said->claimed = said->sending = 0;
    for (uint32_t index = 0; index < self->row_count; index++) {
        const struct row *row = self->rows[index];
        said->claimed += is_claimed(row, moment) && same(row->claimer, said->gateway);
        said->sending += row->text.delivery_status == CONDUCTOR_DELIVERY_SENDING && same(row->owner, said->gateway);
    }
}

static void heartbeat(conductor_instance *self, const conductor_call *call, const conductor_gateway_presence *presence,
                      conductor_fleet_done done, uint64_t token)
{
    (void)call;
    const int64_t forgotten = INT64_C(30) * 86400000;
    conductor_fleet_reply reply = {.struct_size = sizeof reply};
    struct gateway spoken = {.sims = NULL};
    load(&spoken.said, sizeof spoken.said, presence);
    spoken.said.struct_size = sizeof spoken.said;
    own_gateway(&spoken);
    int64_t moment = begin(self);
    spoken.said.seen_ms = moment;
    struct gateway *known = gateway_named(self, spoken.said.gateway);
    if (known) {
        disown_gateway(known);
        *known = spoken;
    } else {
        self->gateways = room(self->gateways, (self->gateway_count + 1) * sizeof spoken);
        self->gateways[self->gateway_count++] = spoken;
        qsort(self->gateways, self->gateway_count, sizeof spoken, order);
    }
    struct gateway *told = room(NULL, self->gateway_count * sizeof *told);
    conductor_gateway_presence *list = room(NULL, self->gateway_count * sizeof *list);
    for (uint32_t index = 0; index < self->gateway_count;) {
        known = &self->gateways[index];
        count_rows(self, &known->said, moment);
        if (known->said.seen_ms < moment - forgotten && known->said.sending == 0) {
            disown_gateway(known);
            memmove(known, known + 1, (--self->gateway_count - index) * sizeof *known);
            continue;
        }
        told[index] = *known;
        own_gateway(&told[index]);
        list[index] = told[index].said;
        index++;
    }
    uint32_t count = self->gateway_count;
    commit(self);
    reply.gateways = (conductor_array){list, count, sizeof *list};
    done(token, NULL, &reply);
    for (uint32_t index = 0; index < count; index++)
        disown_gateway(&told[index]);
    free(told);
    free(list);
}

/* ---- the plugin */

static const conductor_storage storage = {
    .struct_size = sizeof storage,
    .put = put,
    .exchange = exchange,
    .owned = owned,
    .messages = messages,
    .change = change,
    .record_consent = record_consent,
    .health = health,
    .consent = consent,
    .erase = erase,
    .contact = contact,
    .sizes = sizes,
    .heartbeat = heartbeat,
};

static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                      conductor_error *error)
{
    if (!same(settings, words("{}"))) {
        conductor_error refusal = problem(CONDUCTOR_INVALID, "settings: this storage has none");
        error->code = refusal.code;
        error->message_len = refusal.message_len;
        memcpy(error->message, refusal.message, refusal.message_len);
        return CONDUCTOR_INVALID;
    }
    conductor_instance *self = memset(room(NULL, sizeof *self), 0, sizeof *self);
    static const char name[] = "/foreign-rows";
    self->host = host;
    pthread_mutex_init(&self->lock, NULL);
    self->foreign = room(NULL, host->base_folder.len + sizeof name);
    memcpy(self->foreign, host->base_folder.ptr, host->base_folder.len);
    memcpy(self->foreign + host->base_folder.len, name, sizeof name);
    /* What is in memory is another storage after each start. */
    snprintf(self->identity, sizeof self->identity, "memory-%d-%p-%lld", (int)getpid(), (void *)self,
             (long long)time(NULL));
    *out = self;
    return CONDUCTOR_OK;
}

static void destroy(conductor_instance *self)
{
    while (self->row_count)
        drop(self, self->row_count - 1);
    for (uint32_t index = 0; index < self->event_count; index++)
        disown(&self->events[index], SLICES(event_slices));
    for (uint32_t index = 0; index < self->gateway_count; index++)
        disown_gateway(&self->gateways[index]);
    free(self->rows);
    free(self->events);
    free(self->places);
    free(self->gateways);
    free(self->foreign);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const void *get_extension(conductor_instance *self, const char *id)
{
    (void)self;
    return strcmp(id, CONDUCTOR_STORAGE) == 0 ? &storage : NULL;
}

static const char *const capabilities[] = {CONDUCTOR_STORAGE, NULL};

static const conductor_plugin plugin = {
    .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, CONDUCTOR_ABI_MINOR, 0, 0},
    .id = "memory",
    .name = "Texts in memory",
    .version = "1.0.0",
    .capabilities = capabilities,
    .create = create,
    .destroy = destroy,
    .get_extension = get_extension,
};

const conductor_plugin *conductor_plugin_entry(void)
{
    return &plugin;
}
