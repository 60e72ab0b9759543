/* Rows in memory, and the lines of other programs. */
#include "memory.h"

#include <stdio.h>
#include <time.h>

void *room(void *old, size_t size)
{
    void *place = realloc(old, size ? size : 1);
    if (!place)
        abort();
    return place;
}

void load(void *copy, size_t size, const void *lent)
{
    uint32_t written = *(const uint32_t *)lent;
    memset(copy, 0, size);
    memcpy(copy, lent, written < size ? written : size);
}

const void *element(conductor_array array, uint32_t index)
{
    return (const char *)array.ptr + (size_t)index * array.stride;
}

conductor_slice words(const char *text)
{
    return (conductor_slice){text, strlen(text)};
}

conductor_slice kept(conductor_slice lent)
{
    if (!lent.ptr)
        return lent;
    return (conductor_slice){memcpy(room(NULL, lent.len), lent.ptr, lent.len), lent.len};
}

void set(conductor_slice *place, conductor_slice value)
{
    conductor_slice old = *place;
    *place = kept(value);
    free((void *)old.ptr);
}

int same(conductor_slice one, conductor_slice other)
{
    return one.ptr && other.ptr && one.len == other.len && memcmp(one.ptr, other.ptr, one.len) == 0;
}

void own(void *value, const size_t *slices, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        conductor_slice *slice = (conductor_slice *)((char *)value + slices[index]);
        *slice = kept(*slice);
    }
}

void disown(void *value, const size_t *slices, size_t count)
{
    for (size_t index = 0; index < count; index++)
        free((void *)((conductor_slice *)((char *)value + slices[index]))->ptr);
}

/* As far as this example needs it: international numbers, and North American ones. */
conductor_slice normal(conductor_slice phone)
{
    const char *letters = phone.ptr;
    char form[24] = "+1";
    size_t count = 2;
    int is_international = 0;
    for (uint64_t index = 0; index < phone.len; index++) {
        char letter = letters[index];
        if (letter >= '0' && letter <= '9' && count < 17)
            form[count++] = letter;
        else if (letter == '+' && count == 2)
            is_international = 1;
        else if (!letter || !strchr(" -().", letter))
            return kept(phone);
    }
    if (!is_international && count == 12)
        return kept((conductor_slice){form, count});
    if ((is_international && count >= 9) || (count == 13 && form[2] == '1')) {
        form[1] = '+';
        return kept((conductor_slice){form + 1, count - 1});
    }
    return kept(phone);
}

conductor_error problem(int32_t code, const char *sentence)
{
    conductor_error error = {.struct_size = sizeof error, .code = code, .message_len = (uint32_t)strlen(sentence)};
    memcpy(error.message, sentence, error.message_len);
    return error;
}

/* ---- what other programs wrote */

static int64_t now_of(conductor_instance *self)
{
    const conductor_host_clock *clock = self->host->get_extension(self->host, CONDUCTOR_HOST_CLOCK);
    struct timespec time = {0, 0};
    if (clock)
        return clock->now_ms(self->host) + self->ahead;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000 + self->ahead;
}

struct row *add(conductor_instance *self, conductor_message text, int64_t moment)
{
    struct row *row = memset(room(NULL, sizeof *row), 0, sizeof *row);
    row->text = text;
    row->text.struct_size = sizeof row->text;
    row->text.flags |= CONDUCTOR_MESSAGE_HAS_STORAGE_ID;
    row->text.storage_id = ++self->last_id;
    row->arrived = moment;
    self->rows = room(self->rows, (self->row_count + 1) * sizeof(struct row *));
    self->rows[self->row_count++] = row;
    return row;
}

static void foreign_line(conductor_instance *self, char *line)
{
    const char *verb = strsep(&line, "\t"), *first = strsep(&line, "\t\n"), *second = strsep(&line, "\n");
    if (!first)
        return;
    if (strcmp(verb, "later") == 0)
        self->ahead += strtoll(first, NULL, 10);
    else if (second && strcmp(verb, "row") == 0) {
        int64_t moment = now_of(self);
        conductor_message text = {.direction = CONDUCTOR_DIRECTION_OUTBOUND, .status = CONDUCTOR_STATUS_QUEUED};
        text.timestamp_ms = moment;
        text.phone = normal(words(strcmp(first, "\\N") == 0 ? "" : first));
        text.content = kept(words(strcmp(second, "\\N") == 0 ? "" : second));
        add(self, text, moment);
    } else if (second && strcmp(verb, "sim") == 0) {
        for (uint32_t index = 0; index < self->row_count; index++)
            if (same(self->rows[index]->text.content, words(second)))
                set(&self->rows[index]->text.sim, words(first));
    }
}

/* A storage with a database would do no such thing on the host's thread; and where it notices by itself that others
   wrote, it tells the host (conductor.host.storage_events/1). */
int64_t begin(conductor_instance *self)
{
    pthread_mutex_lock(&self->lock);
    FILE *file = fopen(self->foreign, "r");
    if (file) {
        char *line = NULL;
        size_t size = 0;
        fseek(file, self->foreign_read, SEEK_SET);
        for (ssize_t length; (length = getline(&line, &size, file)) > 0 && line[length - 1] == '\n';) {
            self->foreign_read += length;
            foreign_line(self, line);
        }
        free(line);
        fclose(file);
    }
    return now_of(self);
}

void commit(conductor_instance *self)
{
    pthread_mutex_unlock(&self->lock);
}

/* ---- rows */

struct row *by_id(conductor_instance *self, int64_t id)
{
    for (uint32_t index = 0; index < self->row_count; index++)
        if (self->rows[index]->text.storage_id == id)
            return self->rows[index];
    return NULL;
}

struct row *by_uid(conductor_instance *self, conductor_slice uid)
{
    for (uint32_t index = 0; index < self->row_count; index++)
        if (same(self->rows[index]->text.uid, uid))
            return self->rows[index];
    return NULL;
}

void drop(conductor_instance *self, uint32_t index)
{
    struct row *row = self->rows[index];
    disown(&row->text, SLICES(text_slices));
    free((void *)row->claimer.ptr);
    free((void *)row->owner.ptr);
    free(row);
    self->row_count--;
    memmove(self->rows + index, self->rows + index + 1, (self->row_count - index) * sizeof(struct row *));
}

void let_go(struct row *row)
{
    set(&row->claimer, none);
    row->lease_ends = 0;
}

int is_queued(const struct row *row)
{
    return row->text.direction == CONDUCTOR_DIRECTION_OUTBOUND && row->text.status == CONDUCTOR_STATUS_QUEUED;
}

int waits(const struct row *row)
{
    return is_queued(row) && !row->was_put && !row->owner.ptr && row->text.delivery_status == 0;
}

int is_claimed(const struct row *row, int64_t moment)
{
    return row->claimer.ptr && row->lease_ends > moment;
}

int lies_ahead(const conductor_message *text, int64_t moment)
{
    return (text->flags & CONDUCTOR_MESSAGE_HAS_NOT_BEFORE) && text->not_before_ms > moment;
}

struct gateway *gateway_named(conductor_instance *self, conductor_slice name)
{
    for (uint32_t index = 0; index < self->gateway_count; index++)
        if (same(self->gateways[index].said.gateway, name))
            return &self->gateways[index];
    return NULL;
}
