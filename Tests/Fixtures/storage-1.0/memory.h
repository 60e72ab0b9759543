/* What the storage keeps, and how the rest of it reaches that. In a storage with a database, this is the database. */
#ifndef MEMORY_H
#define MEMORY_H

#define _GNU_SOURCE
#include "conductor_plugin.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct row {
    conductor_message text; /* its slices are ours, its phone is in the normal form */
    int64_t arrived;
    int was_put;             /* its journal alone sends it */
    conductor_slice claimer; /* may begin it until lease_ends */
    int64_t lease_ends;
    conductor_slice owner; /* has begun it */
};

struct gateway {
    conductor_gateway_presence said; /* its slices are ours */
    conductor_slice *sims;
};

struct conductor_instance {
    const conductor_host *host;
    pthread_mutex_t lock;
    struct row **rows; /* in the order of their storage_ids */
    uint32_t row_count;
    int64_t last_id;
    conductor_consent_event *events; /* in the order in which they came; their slices are ours */
    int64_t *places;                 /* of each event: none is ever given again */
    uint32_t event_count;
    int64_t last_place;
    struct gateway *gateways; /* in the order of their names */
    uint32_t gateway_count;
    int64_t looked_since, looked_last; /* 0: nobody looked yet */
    char *foreign;                     /* path of the file of other programs */
    long foreign_read;                 /* bytes of it that are taken over */
    int64_t ahead;                     /* of the host's clock */
    char identity[64];
};

/* A transaction: what other programs committed before is there, and nobody else changes anything until commit, which
   comes before any completion. Returns the moment by which it judges. */
int64_t begin(conductor_instance *self);
void commit(conductor_instance *self);

/* A copy of what the host lent, as much as it wrote and the rest zero: it may know less of the struct than we do. */
void load(void *copy, size_t size, const void *lent);
const void *element(conductor_array array, uint32_t index);

conductor_slice words(const char *text);
int same(conductor_slice one, conductor_slice other); /* whether both are there and equal */
conductor_slice kept(conductor_slice lent);           /* a copy of ours, to be freed */
void set(conductor_slice *place, conductor_slice value);
void *room(void *old, size_t size);
conductor_error problem(int32_t code, const char *sentence);
conductor_slice normal(conductor_slice phone); /* the normal form, ours */
static const conductor_slice none;

/* Makes all slices of a struct copies of ours, or frees them. */
void own(void *value, const size_t *slices, size_t count);
void disown(void *value, const size_t *slices, size_t count);
#define SLICES(list) list, sizeof list / sizeof *list
static const size_t text_slices[] = {
    offsetof(conductor_message, uid),           offsetof(conductor_message, phone),
    offsetof(conductor_message, content),       offsetof(conductor_message, error_code),
    offsetof(conductor_message, error_message), offsetof(conductor_message, message_hash),
    offsetof(conductor_message, sim),           offsetof(conductor_message, answers),
    offsetof(conductor_message, origin),
};

/* Takes a text whose slices are ours. */
struct row *add(conductor_instance *self, conductor_message text, int64_t moment);
void drop(conductor_instance *self, uint32_t index);
struct row *by_id(conductor_instance *self, int64_t id);
struct row *by_uid(conductor_instance *self, conductor_slice uid);
struct gateway *gateway_named(conductor_instance *self, conductor_slice name);

/* QUEUED and OUTBOUND. */
int is_queued(const struct row *row);
/* Any gateway may claim it, when it is due and nobody has. */
int waits(const struct row *row);
int is_claimed(const struct row *row, int64_t moment);
int lies_ahead(const conductor_message *text, int64_t moment);
void let_go(struct row *row);

/* texts.c */
void put(conductor_instance *self, const conductor_call *call, conductor_array messages, conductor_done done,
         uint64_t token);
void exchange(conductor_instance *self, const conductor_call *call, const conductor_exchange_request *request,
              conductor_exchange_done done, uint64_t token);
void owned(conductor_instance *self, const conductor_call *call, conductor_slice gateway, conductor_messages_done done,
           uint64_t token);
void messages(conductor_instance *self, const conductor_call *call, const conductor_message_query *query,
              conductor_messages_done done, uint64_t token);
void change(conductor_instance *self, const conductor_call *call, const conductor_message_change *change,
            conductor_change_done done, uint64_t token);

#endif
