/*
 * conductor_storage.h: the capability conductor.storage/1. Part of conductor_plugin.h, which includes it; not frozen
 * yet (README.md): a storage plugin is built with the host's own header.
 */
#ifndef CONDUCTOR_STORAGE_H
#define CONDUCTOR_STORAGE_H

#include "conductor_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CONDUCTOR_STORAGE "conductor.storage/1"

#define CONDUCTOR_OUTCOME_HAS_STORAGE_ID (1u << 0)
#define CONDUCTOR_OUTCOME_HAS_MODEM_TIMESTAMP (1u << 1)
#define CONDUCTOR_OUTCOME_HAS_NOT_BEFORE (1u << 2)

/* How a text of ours stands now. Status QUEUED gives the row back. */
typedef struct conductor_outcome {
    uint32_t struct_size;
    uint32_t flags;      /* CONDUCTOR_OUTCOME_* */
    conductor_slice uid; /* absent when sending never began: then storage_id is the address */
    int64_t storage_id;
    uint32_t status;
    uint32_t delivery_status; /* 0 means none */
    int64_t modem_timestamp_ms;
    int64_t not_before_ms;
    conductor_slice error_code;
    conductor_slice error_message;
    conductor_slice sim;
    int32_t parts;
    uint32_t reserved; /* 0 */
} conductor_outcome;

/* A claimed row whose sending begins: it gets this uid, and one attempt is counted. */
typedef struct conductor_start {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    int64_t storage_id;
    conductor_slice uid;
} conductor_start;

/* One transaction: `finished`, then `starting`, then the claim. */
typedef struct conductor_exchange_request {
    uint32_t struct_size;
    int32_t want; /* claim at most so many; 0 claims none */
    conductor_slice gateway;
    conductor_array finished; /* of conductor_outcome */
    conductor_array starting; /* of conductor_start */
    int64_t lease_milliseconds;
    int64_t max_age_milliseconds; /* older queued rows become HELD; 0 holds none */
} conductor_exchange_request;

typedef struct conductor_exchange_reply {
    uint32_t struct_size;
    uint32_t flags;                /* 0 */
    conductor_array started;       /* of uint8_t, one per `starting`: 1 means the row is ours, 0 do not send */
    conductor_array claimed;       /* of conductor_message, oldest first, at most one a phone number */
    int64_t next_due_milliseconds; /* until a waiting row comes due; -1 when there is none */
} conductor_exchange_reply;

#define CONDUCTOR_QUERY_HAS_CURSOR (1u << 0)
#define CONDUCTOR_QUERY_OLDEST_FIRST (1u << 1)

typedef struct conductor_message_query {
    uint32_t struct_size;
    uint32_t flags;           /* CONDUCTOR_QUERY_* */
    conductor_slice uid;      /* absent: any */
    conductor_slice phone;    /* absent: any */
    uint32_t direction;       /* 0: any */
    uint32_t status;          /* 0: any */
    uint32_t delivery_status; /* 0: any */
    int32_t limit;            /* 1 to 1000 */
    int64_t cursor;           /* rows with a smaller storage_id; with OLDEST_FIRST a larger one */
    /* Absent: any. Words that must all be there, each as the beginning of one of the text's or of its number. Case and
       accents do not matter, and nothing in it is an operator. UNSUPPORTED where a storage cannot. */
    conductor_slice search;
} conductor_message_query;

typedef struct conductor_messages_reply {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    conductor_array messages; /* of conductor_message */
} conductor_messages_reply;

#define CONDUCTOR_CHANGE_MARK_READ 0
#define CONDUCTOR_CHANGE_REQUEUE 1
/* A queued row that no gateway has begun becomes failed, refused, with error_code "cancelled". */
#define CONDUCTOR_CHANGE_CANCEL 2
/* A row that nobody waits for any more is deleted: read, or sent or failed and neither sending, unknown nor held.
   Changed is also one that is gone already. A storage of before there was this answers UNSUPPORTED. */
#define CONDUCTOR_CHANGE_REMOVE 3

typedef struct conductor_message_change {
    uint32_t struct_size;
    int32_t kind;
    int64_t storage_id;
} conductor_message_change;

typedef struct conductor_change_reply {
    uint32_t struct_size;
    uint32_t changed; /* 1, or 0: no such row, or not legal from its state */
} conductor_change_reply;

#define CONDUCTOR_CONSENT_OUT 1
#define CONDUCTOR_CONSENT_IN 2

typedef struct conductor_consent_event {
    uint32_t struct_size;
    uint32_t action;
    conductor_slice uid;
    conductor_slice phone;
    int64_t at_ms;
    conductor_slice source;      /* sms, cli, api, import */
    conductor_slice message_uid; /* the text that said so, or absent */
} conductor_consent_event;

/* Consent events as storage has them, whoever wrote them. */
typedef struct conductor_consent_query {
    uint32_t struct_size;
    int32_t limit; /* 1 to 1000 */
    int64_t after; /* events behind this place; 0: from the first */
} conductor_consent_query;

typedef struct conductor_consent_reply {
    uint32_t struct_size;
    uint32_t flags;         /* 0 */
    conductor_array events; /* of conductor_consent_event, in the order in which storage got them */
    int64_t next;           /* `after` of the next query; the query's own when there is no event */
} conductor_consent_reply;

typedef struct conductor_storage_health {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    conductor_slice location; /* for people */
    int64_t rows;
    int64_t bytes;
    conductor_slice database_file; /* the one SQLite file that holds everything, absolute; absent where there is none */
    conductor_slice identity; /* the same as long as storage_ids mean the same rows; absent: `location` stands for it */
    int64_t quota_bytes;      /* what `bytes` may come to; 0: not known */
} conductor_storage_health;

/* What one table takes. */
typedef struct conductor_storage_table {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    conductor_slice name;
    int64_t rows;  /* as the database last counted them */
    int64_t bytes; /* with its indexes; negative: not known */
} conductor_storage_table;

typedef struct conductor_storage_sizes {
    uint32_t struct_size;
    uint32_t flags;         /* 0 */
    conductor_array tables; /* of conductor_storage_table, in the order of their names */
} conductor_storage_sizes;

#define CONDUCTOR_ERASE_COUNT_ONLY (1u << 0) /* deletes nothing, says what it would */
#define CONDUCTOR_ERASE_SCRUB (1u << 1)      /* no file may hold what was deleted any more: no log, no free page */

/* With a phone: all that is kept of this person. Without: texts of anybody that are settled and older. */
typedef struct conductor_erasure_request {
    uint32_t struct_size;
    uint32_t flags;
    conductor_slice phone; /* normalised, or absent */
    int64_t before_ms;     /* what is later stays: it is of a new person, or young */
    int32_t limit;         /* at most so many texts; 0: all */
    uint32_t reserved;     /* 0 */
} conductor_erasure_request;

#define CONDUCTOR_ERASED_MORE (1u << 0) /* the limit was reached */

typedef struct conductor_erasure_reply {
    uint32_t struct_size;
    uint32_t flags;
    int64_t texts;
    int64_t consent; /* consent events */
    int64_t others;  /* rows of other tables */
} conductor_erasure_reply;

typedef struct conductor_stored_contact {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    int64_t texts;
    conductor_array consent; /* of conductor_consent_event, oldest first */
    conductor_slice other;   /* a JSON object with what else is kept of the person, or absent */
} conductor_stored_contact;

/* A gateway that works on this storage. What it says of itself has no seen_ms, claimed and sending. */
typedef struct conductor_gateway_presence {
    uint32_t struct_size;
    int32_t modems;
    conductor_slice gateway; /* as it claims: its id and its journal's */
    conductor_slice version;
    conductor_array sims; /* of conductor_slice: the SIMs in its modems, as the `sim` of rows names them */
    int64_t seen_ms;      /* when it said so last, by the clock of where this is kept */
    int64_t claimed;      /* rows that it may begin now */
    int64_t sending;      /* rows that are its own until it settles them */
} conductor_gateway_presence;

typedef struct conductor_fleet_reply {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    conductor_array gateways; /* of conductor_gateway_presence, the asker among them, in the order of their names */
} conductor_fleet_reply;

/* In each: the reply is NULL when, and only when, `error` is not. [any] Exactly once. */
typedef void (*conductor_exchange_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                        const conductor_exchange_reply *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_messages_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                        const conductor_messages_reply *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_change_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                      const conductor_change_reply *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_consent_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                       const conductor_consent_reply *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_health_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                      const conductor_storage_health *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_erasure_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                       const conductor_erasure_reply *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_sizes_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                     const conductor_storage_sizes *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_stored_contact_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                              const conductor_stored_contact *CONDUCTOR_NULLABLE reply);
typedef void (*conductor_fleet_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                     const conductor_fleet_reply *CONDUCTOR_NULLABLE reply);

/* Every function: idempotent, since the host repeats a call whose answer it did not get; borrows its arguments for the
   call; [any]; must not block; required, but for those whose comment says what NULL means. Errors: UNAVAILABLE when the
   database is away, CONFLICT, INVALID, INTERNAL. */
typedef struct conductor_storage {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Inserts or updates texts by uid, all or nothing. `messages` is of conductor_message. */
    void (*CONDUCTOR_NULLABLE put)(conductor_instance *CONDUCTOR_NONNULL self,
                                   const conductor_call *CONDUCTOR_NONNULL call, conductor_array messages,
                                   conductor_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Settles, begins and claims in one transaction. */
    void (*CONDUCTOR_NULLABLE exchange)(conductor_instance *CONDUCTOR_NONNULL self,
                                        const conductor_call *CONDUCTOR_NONNULL call,
                                        const conductor_exchange_request *CONDUCTOR_NONNULL request,
                                        conductor_exchange_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Rows that are SENDING by this gateway. */
    void (*CONDUCTOR_NULLABLE owned)(conductor_instance *CONDUCTOR_NONNULL self,
                                     const conductor_call *CONDUCTOR_NONNULL call, conductor_slice gateway,
                                     conductor_messages_done CONDUCTOR_NONNULL done, uint64_t token);
    /* One page of texts. */
    void (*CONDUCTOR_NULLABLE messages)(conductor_instance *CONDUCTOR_NONNULL self,
                                        const conductor_call *CONDUCTOR_NONNULL call,
                                        const conductor_message_query *CONDUCTOR_NONNULL query,
                                        conductor_messages_done CONDUCTOR_NONNULL done, uint64_t token);
    /* A person's change to one row. */
    void (*CONDUCTOR_NULLABLE change)(conductor_instance *CONDUCTOR_NONNULL self,
                                      const conductor_call *CONDUCTOR_NONNULL call,
                                      const conductor_message_change *CONDUCTOR_NONNULL change,
                                      conductor_change_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Appends consent events by uid. `events` is of conductor_consent_event. */
    void (*CONDUCTOR_NULLABLE record_consent)(conductor_instance *CONDUCTOR_NONNULL self,
                                              const conductor_call *CONDUCTOR_NONNULL call, conductor_array events,
                                              conductor_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Whether it would work now, and how much there is. */
    void (*CONDUCTOR_NULLABLE health)(conductor_instance *CONDUCTOR_NONNULL self,
                                      const conductor_call *CONDUCTOR_NONNULL call,
                                      conductor_health_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Consent that other programs and gateways wrote, too, so that it binds here; NULL in a storage that only records.
     */
    void (*CONDUCTOR_NULLABLE consent)(conductor_instance *CONDUCTOR_NONNULL self,
                                       const conductor_call *CONDUCTOR_NONNULL call,
                                       const conductor_consent_query *CONDUCTOR_NONNULL query,
                                       conductor_consent_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Deletes for good: what a person asked to be forgotten, or texts that are older than they are to be kept. NULL:
       this storage cannot, and people must be told so. */
    void (*CONDUCTOR_NULLABLE erase)(conductor_instance *CONDUCTOR_NONNULL self,
                                     const conductor_call *CONDUCTOR_NONNULL call,
                                     const conductor_erasure_request *CONDUCTOR_NONNULL request,
                                     conductor_erasure_done CONDUCTOR_NONNULL done, uint64_t token);
    /* What is kept of a person beside the texts, which `messages` lists. NULL: this storage cannot tell. */
    void (*CONDUCTOR_NULLABLE contact)(conductor_instance *CONDUCTOR_NONNULL self,
                                       const conductor_call *CONDUCTOR_NONNULL call, conductor_slice phone,
                                       conductor_stored_contact_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Rows and bytes of each table that people care about; may read through the whole of a file. NULL: this storage
       cannot tell. */
    void (*CONDUCTOR_NULLABLE sizes)(conductor_instance *CONDUCTOR_NONNULL self,
                                     const conductor_call *CONDUCTOR_NONNULL call,
                                     conductor_sizes_done CONDUCTOR_NONNULL done, uint64_t token);
    /* A gateway says that it is there, some times a minute and when its SIMs change, and hears of the others. From then
       on a row that names a SIM is claimed by it only while it has that SIM. NULL: only one gateway can work here, or
       they do not see each other. */
    void (*CONDUCTOR_NULLABLE heartbeat)(conductor_instance *CONDUCTOR_NONNULL self,
                                         const conductor_call *CONDUCTOR_NONNULL call,
                                         const conductor_gateway_presence *CONDUCTOR_NONNULL presence,
                                         conductor_fleet_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_storage;

#ifdef __cplusplus
}
#endif
#endif
