/* Texts: stored, sent once, listed, changed. */
#include "memory.h"

/* A state never goes back: what a slow call says after a newer one changes nothing. */
static int comes_late(uint32_t known, uint32_t told)
{
    if (known == CONDUCTOR_DELIVERY_DELIVERED || known == CONDUCTOR_DELIVERY_UNDELIVERED)
        return told == CONDUCTOR_DELIVERY_ACCEPTED || told == CONDUCTOR_DELIVERY_UNKNOWN;
    return known == CONDUCTOR_DELIVERY_ACCEPTED && told == CONDUCTOR_DELIVERY_UNKNOWN;
}

/* An attempt that has an outcome does not begin again; one whose report is no longer waited for does not wait. */
static int begins_again(const conductor_message *known, const conductor_message *told)
{
    if (told->delivery_status == CONDUCTOR_DELIVERY_SENDING)
        return known->delivery_status != 0 && known->delivery_status != CONDUCTOR_DELIVERY_SENDING &&
               known->delivery_status != CONDUCTOR_DELIVERY_HELD;
    return told->delivery_status == CONDUCTOR_DELIVERY_UNKNOWN && told->status == CONDUCTOR_STATUS_QUEUED &&
           known->delivery_status == CONDUCTOR_DELIVERY_UNKNOWN && known->status != CONDUCTOR_STATUS_QUEUED;
}

/* ---- put */

static int64_t last_attempt(const conductor_message *text)
{
    return text->flags & CONDUCTOR_MESSAGE_HAS_LAST_RETRY_AT ? text->last_retry_at_ms : INT64_MIN;
}

static void put_one(conductor_instance *self, conductor_message text, int64_t moment)
{
    struct row *row = by_uid(self, text.uid);
    if (!row) {
        own(&text, SLICES(text_slices));
        add(self, text, moment)->was_put = 1;
        return;
    }
    if ((comes_late(row->text.delivery_status, text.delivery_status) || begins_again(&row->text, &text)) &&
        last_attempt(&text) <= last_attempt(&row->text))
        return;
    if (row->text.status == CONDUCTOR_STATUS_READ && text.status == CONDUCTOR_STATUS_UNREAD)
        text.status = CONDUCTOR_STATUS_READ;
    if (text.status != CONDUCTOR_STATUS_QUEUED) {
        set(&row->owner, none);
        let_go(row);
    }
    text.struct_size = sizeof text;
    text.storage_id = row->text.storage_id;
    text.flags |= CONDUCTOR_MESSAGE_HAS_STORAGE_ID;
    own(&text, SLICES(text_slices));
    disown(&row->text, SLICES(text_slices));
    row->text = text;
}

void put(conductor_instance *self, const conductor_call *call, conductor_array messages, conductor_done done,
         uint64_t token)
{
    (void)call;
    conductor_message text;
    /* All or nothing: looked at first, since nothing can fail afterwards. */
    for (uint32_t index = 0; index < messages.count; index++) {
        load(&text, sizeof text, element(messages, index));
        if (!text.uid.ptr || text.uid.len == 0) {
            conductor_error error = problem(CONDUCTOR_INVALID, "a text without uid cannot be stored");
            done(token, &error);
            return;
        }
    }
    int64_t moment = begin(self);
    for (uint32_t index = 0; index < messages.count; index++) {
        load(&text, sizeof text, element(messages, index));
        put_one(self, text, moment);
    }
    commit(self);
    done(token, NULL);
}

/* ---- exchange */

static void finish(conductor_instance *self, const conductor_outcome *said, conductor_slice gateway)
{
    struct row *row = said->uid.ptr ? by_uid(self, said->uid) : by_id(self, said->storage_id);
    int stays = said->status == CONDUCTOR_STATUS_QUEUED && (said->delivery_status == CONDUCTOR_DELIVERY_SENDING ||
                                                            said->delivery_status == CONDUCTOR_DELIVERY_UNKNOWN);
    if (!row || row->text.direction != CONDUCTOR_DIRECTION_OUTBOUND)
        return;
    if (!said->uid.ptr && (!waits(row) || !same(row->claimer, gateway)))
        return;
    if (said->uid.ptr && said->status == CONDUCTOR_STATUS_QUEUED && !row->was_put && !same(row->owner, gateway))
        return;
    if (comes_late(row->text.delivery_status, said->delivery_status))
        return;
    conductor_message *text = &row->text;
    text->status = said->status;
    text->delivery_status = said->delivery_status;
    set(&text->error_code, said->error_code);
    set(&text->error_message, said->error_message);
    if (said->flags & CONDUCTOR_OUTCOME_HAS_MODEM_TIMESTAMP) {
        text->flags |= CONDUCTOR_MESSAGE_HAS_MODEM_TIMESTAMP;
        text->modem_timestamp_ms = said->modem_timestamp_ms;
    }
    text->flags &= ~CONDUCTOR_MESSAGE_HAS_NOT_BEFORE;
    if (said->flags & CONDUCTOR_OUTCOME_HAS_NOT_BEFORE) {
        text->flags |= CONDUCTOR_MESSAGE_HAS_NOT_BEFORE;
        text->not_before_ms = said->not_before_ms;
    }
    if (said->sim.ptr)
        set(&text->sim, said->sim);
    if (said->parts)
        text->parts = said->parts;
    let_go(row);
    if (!stays)
        set(&row->owner, none);
}

static uint8_t start(conductor_instance *self, const conductor_start *said, conductor_slice gateway, int64_t moment)
{
    struct row *row = by_id(self, said->storage_id);
    if (row && waits(row) && is_claimed(row, moment) && same(row->claimer, gateway)) {
        conductor_message *text = &row->text;
        set(&row->owner, gateway);
        let_go(row);
        set(&text->uid, said->uid);
        set(&text->error_code, none);
        set(&text->error_message, none);
        text->delivery_status = CONDUCTOR_DELIVERY_SENDING;
        text->flags &= ~CONDUCTOR_MESSAGE_HAS_NOT_BEFORE;
        text->flags |= CONDUCTOR_MESSAGE_HAS_LAST_RETRY_AT;
        text->last_retry_at_ms = moment;
        text->retry_count++;
        return 1;
    }
    /* The answer was lost: it is ours already, and no second attempt is counted. */
    return row && is_queued(row) && row->text.delivery_status == CONDUCTOR_DELIVERY_SENDING &&
           same(row->owner, gateway) && same(row->text.uid, said->uid);
}

/* A person gets one text at a time, in their order. */
static int is_in_the_way(const struct row *other, const struct row *row, int64_t moment)
{
    const conductor_message *text = &other->text;
    if (other == row || !is_queued(other) || row->text.phone.len == 0 || !same(text->phone, row->text.phone))
        return 0;
    if (is_claimed(other, moment))
        return 1;
    switch (text->delivery_status) {
    case CONDUCTOR_DELIVERY_SENDING:
        return !(other->was_put && text->retry_count == 0 && lies_ahead(text, moment));
    case CONDUCTOR_DELIVERY_UNKNOWN:
        return !(text->flags & CONDUCTOR_MESSAGE_HAS_NOT_BEFORE) || lies_ahead(text, moment);
    default:
        return waits(other) && text->storage_id < row->text.storage_id &&
               (!lies_ahead(text, moment) || text->retry_count > 0);
    }
}

static int is_blocked(conductor_instance *self, const struct row *row, int64_t moment)
{
    for (uint32_t index = 0; index < self->row_count; index++)
        if (is_in_the_way(self->rows[index], row, moment))
            return 1;
    return 0;
}

/* Whether the gateway has the SIM that the row names; one that has not said which it has may take any. */
static int reaches(conductor_instance *self, conductor_slice gateway, const struct row *row)
{
    const struct gateway *known = gateway_named(self, gateway);
    if (!known || row->text.sim.len == 0)
        return 1;
    for (uint32_t index = 0; index < known->said.sims.count; index++)
        if (same(known->sims[index], row->text.sim))
            return 1;
    return 0;
}

/* Since when a gateway looks, without a pause that is longer than `age`. */
static int64_t looking_since(conductor_instance *self, int64_t moment, int64_t age)
{
    if (!self->looked_last || moment - self->looked_last > age)
        self->looked_since = moment;
    self->looked_last = moment;
    return self->looked_since;
}

static int is_of_another_time(const struct row *row, int64_t since, int64_t age)
{
    const conductor_message *text = &row->text;
    if (age <= 0)
        return 0;
    if (text->flags & CONDUCTOR_MESSAGE_HAS_NOT_BEFORE)
        return text->not_before_ms < since - age;
    return text->timestamp_ms < since - age || row->arrived < since - age || text->timestamp_ms < row->arrived - age;
}

static void hold(struct row *row)
{
    row->text.delivery_status = CONDUCTOR_DELIVERY_HELD;
    set(&row->text.error_code, words("too-old"));
    set(&row->text.error_message, words("too old when a gateway first saw it; retry to send it all the same"));
    let_go(row);
}

static int64_t next_due(conductor_instance *self, conductor_slice gateway, int64_t moment)
{
    int64_t next = -1;
    for (uint32_t index = 0; index < self->row_count; index++) {
        const struct row *row = self->rows[index];
        int64_t due = -1;
        if (waits(row) && lies_ahead(&row->text, moment))
            due = row->text.not_before_ms - moment;
        else if (is_claimed(row, moment) && !same(row->claimer, gateway))
            due = row->lease_ends - moment;
        if (due >= 0 && (next < 0 || due < next))
            next = due;
    }
    return next;
}

/* Copies of texts: they are lent to the host after the lock was given back, and rows may change then. */
struct page {
    conductor_message *texts;
    uint32_t count;
};

static void tell(struct page *page, const struct row *row)
{
    page->texts = room(page->texts, (page->count + 1) * sizeof *page->texts);
    page->texts[page->count] = row->text;
    own(&page->texts[page->count++], SLICES(text_slices));
}

static conductor_array lent(const struct page *page)
{
    return (conductor_array){page->texts, page->count, sizeof *page->texts};
}

static void end(struct page *page)
{
    for (uint32_t index = 0; index < page->count; index++)
        disown(&page->texts[index], SLICES(text_slices));
    free(page->texts);
}

/* Whether it is of the contract; looked at first, since nothing can fail afterwards. */
static int is_whole(const conductor_exchange_request *request)
{
    for (uint32_t index = 0; index < request->finished.count; index++) {
        conductor_outcome outcome;
        load(&outcome, sizeof outcome, element(request->finished, index));
        if (outcome.status < CONDUCTOR_STATUS_QUEUED || outcome.status > CONDUCTOR_STATUS_FAILED)
            return 0;
    }
    for (uint32_t index = 0; index < request->starting.count; index++) {
        conductor_start beginning;
        load(&beginning, sizeof beginning, element(request->starting, index));
        if (beginning.uid.len == 0)
            return 0;
    }
    return 1;
}

void exchange(conductor_instance *self, const conductor_call *call, const conductor_exchange_request *lent_request,
              conductor_exchange_done done, uint64_t token)
{
    (void)call;
    conductor_exchange_request request;
    conductor_exchange_reply reply = {.struct_size = sizeof reply};
    struct page claimed = {NULL, 0};
    load(&request, sizeof request, lent_request);
    if (!is_whole(&request)) {
        conductor_error error = problem(CONDUCTOR_INVALID, "an outcome without a status, or a beginning without a uid");
        done(token, &error, NULL);
        return;
    }
    uint8_t *started = room(NULL, request.starting.count);
    int64_t moment = begin(self), age = request.max_age_milliseconds;
    for (uint32_t index = 0; index < request.finished.count; index++) {
        conductor_outcome outcome;
        load(&outcome, sizeof outcome, element(request.finished, index));
        finish(self, &outcome, request.gateway);
    }
    for (uint32_t index = 0; index < request.starting.count; index++) {
        conductor_start beginning;
        load(&beginning, sizeof beginning, element(request.starting, index));
        started[index] = start(self, &beginning, request.gateway, moment);
    }
    int64_t since = age > 0 ? looking_since(self, moment, age) : moment;
    for (uint32_t index = 0; index < self->row_count && (int64_t)claimed.count < request.want; index++) {
        struct row *row = self->rows[index];
        if (!waits(row) || lies_ahead(&row->text, moment) || is_claimed(row, moment) ||
            !reaches(self, request.gateway, row) || is_blocked(self, row, moment))
            continue;
        if (is_of_another_time(row, since, age)) {
            hold(row);
            continue;
        }
        set(&row->claimer, request.gateway);
        row->lease_ends = moment + request.lease_milliseconds;
        tell(&claimed, row);
    }
    reply.next_due_milliseconds = next_due(self, request.gateway, moment);
    commit(self);
    reply.started = (conductor_array){started, request.starting.count, 1};
    reply.claimed = lent(&claimed);
    done(token, NULL, &reply);
    end(&claimed);
    free(started);
}

void owned(conductor_instance *self, const conductor_call *call, conductor_slice gateway, conductor_messages_done done,
           uint64_t token)
{
    (void)call;
    conductor_messages_reply reply = {.struct_size = sizeof reply};
    struct page page = {NULL, 0};
    begin(self);
    for (uint32_t index = 0; index < self->row_count; index++) {
        struct row *row = self->rows[index];
        if (same(row->claimer, gateway))
            let_go(row);
        if (same(row->owner, gateway) && row->text.delivery_status == CONDUCTOR_DELIVERY_SENDING)
            tell(&page, row);
    }
    commit(self);
    reply.messages = lent(&page);
    done(token, NULL, &reply);
    end(&page);
}

/* ---- what people ask and change */

static int is_asked(const conductor_message_query *query, const struct row *row)
{
    const conductor_message *text = &row->text;
    int is_oldest_first = (query->flags & CONDUCTOR_QUERY_OLDEST_FIRST) != 0;
    if ((query->flags & CONDUCTOR_QUERY_HAS_CURSOR) &&
        (is_oldest_first ? text->storage_id <= query->cursor : text->storage_id >= query->cursor))
        return 0;
    return (!query->uid.ptr || same(query->uid, text->uid)) && (!query->phone.ptr || same(query->phone, text->phone)) &&
           (!query->direction || query->direction == text->direction) &&
           (!query->status || query->status == text->status) &&
           (!query->delivery_status || query->delivery_status == text->delivery_status);
}

void messages(conductor_instance *self, const conductor_call *call, const conductor_message_query *lent_query,
              conductor_messages_done done, uint64_t token)
{
    (void)call;
    conductor_message_query query;
    conductor_messages_reply reply = {.struct_size = sizeof reply};
    conductor_error error = {.struct_size = 0};
    struct page page = {NULL, 0};
    load(&query, sizeof query, lent_query);
    if (query.limit < 1 || query.limit > 1000)
        error = problem(CONDUCTOR_INVALID, "limit: must be within 1 and 1000");
    else if (query.search.ptr)
        error = problem(CONDUCTOR_UNSUPPORTED, "this storage cannot search");
    if (error.struct_size) {
        done(token, &error, NULL);
        return;
    }
    begin(self);
    for (uint32_t step = 0; step < self->row_count && page.count < (uint32_t)query.limit; step++) {
        uint32_t index = query.flags & CONDUCTOR_QUERY_OLDEST_FIRST ? step : self->row_count - 1 - step;
        if (is_asked(&query, self->rows[index]))
            tell(&page, self->rows[index]);
    }
    commit(self);
    reply.messages = lent(&page);
    done(token, NULL, &reply);
    end(&page);
}

static uint32_t mark_read(struct row *row)
{
    if (row->text.direction != CONDUCTOR_DIRECTION_INBOUND || row->text.status > CONDUCTOR_STATUS_READ)
        return 0;
    row->text.status = CONDUCTOR_STATUS_READ;
    return 1;
}

static uint32_t requeue(struct row *row, int64_t moment)
{
    conductor_message *text = &row->text;
    int was_held = text->delivery_status == CONDUCTOR_DELIVERY_HELD || same(text->error_code, words("cancelled"));
    int is_stuck = is_queued(row) && (text->delivery_status == CONDUCTOR_DELIVERY_HELD ||
                                      text->delivery_status == CONDUCTOR_DELIVERY_UNKNOWN);
    if (row->was_put || text->direction != CONDUCTOR_DIRECTION_OUTBOUND ||
        !(text->status == CONDUCTOR_STATUS_FAILED || is_stuck))
        return 0;
    if (!was_held || !lies_ahead(text, moment))
        text->not_before_ms = moment;
    text->flags |= CONDUCTOR_MESSAGE_HAS_NOT_BEFORE;
    text->status = CONDUCTOR_STATUS_QUEUED;
    text->delivery_status = 0;
    set(&text->error_code, none);
    set(&text->error_message, none);
    set(&row->owner, none);
    let_go(row);
    return 1;
}

static uint32_t cancel(struct row *row)
{
    conductor_message *text = &row->text;
    if (text->status == CONDUCTOR_STATUS_FAILED && same(text->error_code, words("cancelled")))
        return 1;
    if (!waits(row) && !(is_queued(row) && !row->was_put && text->delivery_status == CONDUCTOR_DELIVERY_HELD))
        return 0;
    text->status = CONDUCTOR_STATUS_FAILED;
    text->delivery_status = CONDUCTOR_DELIVERY_REFUSED;
    set(&text->error_code, words("cancelled"));
    set(&text->error_message, words("cancelled before any of it was sent"));
    let_go(row);
    return 1;
}

static uint32_t is_done_with(const struct row *row)
{
    const conductor_message *text = &row->text;
    if (text->direction == CONDUCTOR_DIRECTION_INBOUND)
        return text->status == CONDUCTOR_STATUS_READ;
    return text->status != CONDUCTOR_STATUS_QUEUED && text->delivery_status != CONDUCTOR_DELIVERY_SENDING &&
           text->delivery_status != CONDUCTOR_DELIVERY_UNKNOWN && text->delivery_status != CONDUCTOR_DELIVERY_HELD;
}

void change(conductor_instance *self, const conductor_call *call, const conductor_message_change *lent_change,
            conductor_change_done done, uint64_t token)
{
    (void)call;
    conductor_message_change wish;
    conductor_change_reply reply = {.struct_size = sizeof reply};
    load(&wish, sizeof wish, lent_change);
    if (wish.kind < CONDUCTOR_CHANGE_MARK_READ || wish.kind > CONDUCTOR_CHANGE_REMOVE) {
        conductor_error error = problem(CONDUCTOR_UNSUPPORTED, "this storage does not know that change");
        done(token, &error, NULL);
        return;
    }
    int64_t moment = begin(self);
    struct row *row = by_id(self, wish.storage_id);
    if (!row)
        reply.changed = wish.kind == CONDUCTOR_CHANGE_REMOVE;
    else if (wish.kind == CONDUCTOR_CHANGE_MARK_READ)
        reply.changed = mark_read(row);
    else if (wish.kind == CONDUCTOR_CHANGE_REQUEUE)
        reply.changed = requeue(row, moment);
    else if (wish.kind == CONDUCTOR_CHANGE_CANCEL)
        reply.changed = cancel(row);
    else if ((reply.changed = is_done_with(row)))
        for (uint32_t index = 0; index < self->row_count; index++)
            if (self->rows[index] == row) {
                drop(self, index);
                break;
            }
    commit(self);
    done(token, NULL, &reply);
}
