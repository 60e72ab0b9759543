/*
 * conductor_storage.h: the capability conductor.storage/1, where the business's texts live. Part of conductor_plugin.h,
 * which includes it. Frozen (README.md): Tests/Fixtures/storage-1.0 has it as it was, and a whole storage in C.
 *
 * Rows
 * - A row is one text, a conductor_message. Its storage_id is its address: above 0, never another row's, and higher
 *   than those of all rows that came before. Its uid is its identity: no two rows have the same.
 * - A gateway puts rows by uid (`put`): what came in, and what its journal sends. Other programs insert rows on their
 *   own, OUTBOUND and QUEUED, with a number, a text and nothing else: those are to be sent, and a gateway fetches them
 *   (`exchange`). Such a row is
 *     waiting  QUEUED, delivery_status 0: any gateway may claim it, not before its not_before;
 *     claimed  the same, and one gateway alone may begin it until its lease ends;
 *     begun    QUEUED and SENDING, or UNKNOWN: that gateway's own. No time that passes and no other gateway takes it
 *              away, only its outcome, or a person's REQUEUE of an UNKNOWN one: else a text would be sent twice;
 *     held     QUEUED and HELD: nobody claims it until a person's REQUEUE;
 *     settled  SENT or FAILED.
 *   A row that `put` brought is never claimed, whatever its state: its journal alone sends it. The storage must know
 *   the two apart, for ever.
 * - Rows of other programs may lack everything and say anything. What comes out of storage is a conductor_message all
 *   the same: no number and no text are empty ones; an unknown direction is INBOUND; an unknown status is FAILED, or
 *   UNREAD for an inbound row, with error_code "foreign-status"; no timestamp is the time at which the row came. One
 *   number that is not of this contract makes the whole answer INTERNAL.
 * - Two numbers are the same person's when they are the same in the normal form: E.164 where it is a telephone number,
 *   however it is written, as "(619) 555-0123" for +16195550123; what is none, as a sender's name, is compared as it
 *   stands. Rows come out with the normal form, `put` and queries bring it.
 *
 * Once only
 * - An answer may be lost, and the call is repeated then; the first one may still be at work, or be done after newer
 *   ones. So every function says what a repetition does, and a state that comes late never takes a newer one back.
 * - `done` without an error means durable: the gateway does not bring it again.
 * - What changes several rows is one transaction: all of it, or none.
 * - Calls overlap, those of one function, too; only of its exchanges a gateway has one at a time. Several gateways may
 *   work on one database: exchanges and changes must be as if one came after the other.
 *
 * Times and sizes
 * - Leases, not_before and ages are judged by one clock for all gateways: the database's, or the host's
 *   (conductor.host.clock/1) where only one gateway can work. *_milliseconds are durations, all other times *_ms.
 * - An array from the host has at most 1000 elements; a uid that a gateway made is a UUID in its text form, and others
 *   (a copied text's, an opt-out of another program's) are opaque. An answer has at most 64 MiB.
 * - `call->deadline_ns` is the drop-in's deadline_ms from now, 10 s where it says nothing.
 *
 * Errors: what the host does
 * - UNAVAILABLE: the database is away, busy or full. INVALID: the request breaks this contract. CONFLICT: a rule of the
 *   table's refuses a row. UNSUPPORTED: this storage cannot. CANCELLED, INTERNAL as everywhere.
 * - Where nothing else is said, the call is repeated whatever the class: after 250 ms, doubling up to 5 s, or after
 *   retry_after_ms, of which 5 s count at most. Meanwhile the alarm "storage.down" shows the message; texts are
 *   received, answered and kept in the journal.
 * - So one text that is refused stops all that come after it: `put` takes whatever has a uid, and replaces characters
 *   that the database cannot hold (NUL, or what lies outside of a narrow character set) by U+FFFD or "?".
 * - A database that is away is no reason not to start: `start` completes, and calls answer UNAVAILABLE.
 *
 * A storage to which other programs write tells the host of it (conductor.host.storage_events/1). Without, it is asked
 * every 30 seconds.
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

/*
 * How a row stands now that this gateway claimed or began.
 *
 * With a uid it is about the row that has it, which must be OUTBOUND; storage_id, if it came along, does not count
 * then. A QUEUED one changes the row only while it is begun by this gateway, or was put. Without a uid, sending never
 * began: it is about the row storage_id, and changes it only while this gateway has claimed it (also when the lease has
 * ended and nobody else claimed it). An outcome that finds no such row is a repetition, or came too late: it is no
 * error.
 *
 * An outcome comes late, and changes nothing, where the row is DELIVERED or UNDELIVERED and it says ACCEPTED or
 * UNKNOWN, or the row is ACCEPTED and it says UNKNOWN.
 */
typedef struct conductor_outcome {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_OUTCOME_* */
    conductor_slice uid;
    int64_t storage_id; /* HAS_STORAGE_ID */
    /* SENT, FAILED, or QUEUED: with SENDING or UNKNOWN the row stays this gateway's, else it is let go, and waits until
       not_before, or for a person (HELD). Anything else: INVALID. */
    uint32_t status;
    uint32_t delivery_status;      /* CONDUCTOR_DELIVERY_*; 0 means none, and takes away what there was */
    int64_t modem_timestamp_ms;    /* HAS_MODEM_TIMESTAMP; else the row keeps its own */
    int64_t not_before_ms;         /* HAS_NOT_BEFORE; else the row has none any more */
    conductor_slice error_code;    /* absent: the row has none any more */
    conductor_slice error_message; /* absent: the row has none any more */
    conductor_slice sim;           /* absent: the row keeps its own */
    int32_t parts;                 /* 0: the row keeps its own */
    uint32_t reserved;             /* 0 */
} conductor_outcome;

/*
 * A claimed row whose sending begins. Where the row waits, this gateway has claimed it and its lease lasts, it becomes
 * SENDING, this gateway's own, and gets this uid in place of any other; retry_count goes up by one, last_retry_at_ms is
 * now, not_before_ms, error_code and error_message go. Repeated (the row is SENDING, of this gateway and this uid)
 * it is begun, and nothing is counted. Anything else is not begun.
 */
typedef struct conductor_start {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    int64_t storage_id;
    conductor_slice uid; /* never absent */
} conductor_start;

/* One transaction: `finished` in its order, then `starting`, then the claim. */
typedef struct conductor_exchange_request {
    uint32_t struct_size;
    int32_t want; /* claim at most so many: 0, which claims and holds none, to 1000 */
    /* Who asks, and whose the rows are then: the gateway's id, a slash, its journal's id. Compared byte by byte. */
    conductor_slice gateway;
    conductor_array finished;   /* of conductor_outcome */
    conductor_array starting;   /* of conductor_start */
    int64_t lease_milliseconds; /* how long what is claimed now may be begun; above 0 */
    /*
     * A row that was due longer ago than this when a gateway began to look is from another time, as an old table's, and
     * so is one whose timestamp is so much older than its arrival: it is not claimed but becomes HELD, with error_code
     * "too-old", and stays QUEUED. A gateway looks with every exchange, and began to look with the first one after none
     * had for so long. So a row that came while one looked is not held, however long the queue; nor is one that a
     * person put back (REQUEUE). 0 holds none.
     */
    int64_t max_age_milliseconds;
} conductor_exchange_request;

typedef struct conductor_exchange_reply {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Of uint8_t, one for each of `starting`: 1 begun, the row is sent; 0 not begun, it is not. Another count is
       INTERNAL. */
    conductor_array started;
    /*
     * Of conductor_message, in the order of their storage_ids, each with that: rows that waited and are claimed by this
     * gateway now, their lease counted from this exchange. A claim whose answer is lost ends with its lease, and is not
     * given again before, also not to the same gateway. Claimed is a waiting row that is due, unless
     * - it names a SIM and the gateway has said (`heartbeat`) that it has others;
     * - another row of the same person is claimed, or is QUEUED and SENDING or UNKNOWN, whoever sends it. Where it
     *   has a not_before, an UNKNOWN one counts only until then, and a SENDING one that was put and never tried
     *   (retry_count 0) only from then on;
     * - an earlier row of the same person waits, and is due or has been tried before.
     * So a person's texts go one at a time and in their order, whoever sends them.
     */
    conductor_array claimed;
    /* Until a waiting row comes due, or the claim of another gateway ends; 0: there is more to look at; -1: nothing to
       wait for. A hint: the gateway asks again then. */
    int64_t next_due_milliseconds;
} conductor_exchange_reply;

#define CONDUCTOR_QUERY_HAS_CURSOR (1u << 0)
#define CONDUCTOR_QUERY_OLDEST_FIRST (1u << 1)

/* All that is said must hold. */
typedef struct conductor_message_query {
    uint32_t struct_size;
    uint32_t flags;           /* CONDUCTOR_QUERY_*; without OLDEST_FIRST the newest comes first */
    conductor_slice uid;      /* absent: any */
    conductor_slice phone;    /* absent: any */
    uint32_t direction;       /* 0: any */
    uint32_t status;          /* 0: any */
    uint32_t delivery_status; /* 0: any */
    int32_t limit;            /* 1 to 1000; else INVALID */
    int64_t cursor;           /* HAS_CURSOR: rows with a lower storage_id; with OLDEST_FIRST, a higher one */
    /* Absent: any. Words that must all be there, each as the beginning of one of the text's, or of its number in any
       form or of the number's last digits. Case and accents do not matter, and nothing in it is an operator or an
       error; without any letter or digit it finds nothing. UNSUPPORTED where a storage cannot search. */
    conductor_slice search;
} conductor_message_query;

typedef struct conductor_messages_reply {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    conductor_array messages; /* of conductor_message, each with its storage_id and in the order of these */
} conductor_messages_reply;

/* An inbound UNREAD text becomes READ. Changed, too: one that is READ. */
#define CONDUCTOR_CHANGE_MARK_READ 0
/* An outbound row that is FAILED, HELD or UNKNOWN, and that no journal put, waits again: QUEUED, without delivery
   status, error and owner, its retry_count kept. Its not_before becomes now, which says that somebody wants it; one
   that was HELD or cancelled keeps a not_before that lies ahead. Not changed: one that waits, as after a repetition. */
#define CONDUCTOR_CHANGE_REQUEUE 1
/* A QUEUED row that waits, is claimed or held, and that no journal put, becomes FAILED and REFUSED with error_code
   "cancelled"; a claim of it ends. Changed, too: one that is cancelled. A row that is begun is not. */
#define CONDUCTOR_CHANGE_CANCEL 2
/* A row that nobody waits for is deleted: inbound and READ, or outbound and SENT or FAILED, and neither SENDING,
   UNKNOWN nor HELD. Changed, too: one that is not there. */
#define CONDUCTOR_CHANGE_REMOVE 3

typedef struct conductor_message_change {
    uint32_t struct_size;
    int32_t kind; /* CONDUCTOR_CHANGE_*; another: UNSUPPORTED */
    int64_t storage_id;
} conductor_message_change;

typedef struct conductor_change_reply {
    uint32_t struct_size;
    uint32_t changed; /* 1, or 0: no such row, or not legal from its state */
} conductor_change_reply;

#define CONDUCTOR_CONSENT_OUT 1
#define CONDUCTOR_CONSENT_IN 2

/* A person may not be texted any more, or may again. Of a person's events the latest counts, and of two with the same
   time OUT: that is the host's to say. Events are appended, and changed by nobody. */
typedef struct conductor_consent_event {
    uint32_t struct_size;
    uint32_t action;     /* CONDUCTOR_CONSENT_*; what another program called anything but "in" is OUT */
    conductor_slice uid; /* never absent */
    /* To storage: in the normal form. From it: in that, else as it stands there; empty, or no number: it binds nobody,
       and people are told. */
    conductor_slice phone;
    int64_t at_ms;
    conductor_slice source;      /* a word: sms, cli, api, import; table for one of another program that says none */
    conductor_slice message_uid; /* the text that said so, or absent */
} conductor_consent_event;

/* Consent events as storage has them, whoever wrote them. */
typedef struct conductor_consent_query {
    uint32_t struct_size;
    int32_t limit; /* 1 to 1000; else INVALID */
    /* Events behind this place, a `next` of this storage's; 0: from the first. One that lies behind its last event is
       of a storage that was replaced: it counts as 0. */
    int64_t after;
} conductor_consent_query;

typedef struct conductor_consent_reply {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Of conductor_consent_event, in the order in which they were committed: an event that is committed later must
       never stand before a `next` that was given, or a STOP is missed. A counter of the database's alone does not give
       that, since transactions commit in another order than they took their numbers: let one write at a time. */
    conductor_array events;
    int64_t next; /* `after` of the next query; the same again when there is no event */
} conductor_consent_reply;

typedef struct conductor_storage_health {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    conductor_slice location; /* for people, as "SQLite /var/lib/texts.db"; no password. Never absent */
    int64_t rows;             /* texts; may be an estimate where there are many */
    int64_t bytes;            /* of all that counts against the quota, what is free within files not; 0: not known */
    conductor_slice database_file; /* the one SQLite file that holds everything, absolute: the host copies it for
                                      backups and never writes to it; absent where there is none */
    /* The same as long as storage_ids mean the same rows, wherever these are kept, and no other storage's. What this
       gateway began in one storage it settles only there. Absent: `location` stands for it. */
    conductor_slice identity;
    int64_t quota_bytes; /* what `bytes` may come to; 0: not known */
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
/* With a phone: when it completes, no file of this storage's own holds what was deleted, no log and no free page, also
   where the rows were gone before. A storage that keeps no files itself, as one in a database server, passes over it.
 */
#define CONDUCTOR_ERASE_SCRUB (1u << 1)

/*
 * With a phone: all that is kept of this person, in every form of the number: texts in any state, consent events,
 * other tables. Texts stay that are later than before_ms both by their timestamp and by their arrival: they are of a
 * new person. Consent events go, all of them: the gateway keeps what binds it. What was sold stays, and is nobody's.
 * `limit` does not count.
 *
 * Without a phone: texts of anybody that are older than before_ms by their timestamp; none that is outbound and QUEUED,
 * and none that is SENDING or UNKNOWN.
 */
typedef struct conductor_erasure_request {
    uint32_t struct_size;
    uint32_t flags;        /* CONDUCTOR_ERASE_* */
    conductor_slice phone; /* in the normal form, or absent */
    int64_t before_ms;
    int32_t limit;     /* at most so many texts; 0: all */
    uint32_t reserved; /* 0 */
} conductor_erasure_request;

#define CONDUCTOR_ERASED_MORE (1u << 0) /* the limit was reached: the host asks again at once */

/* What was deleted by this call, or with COUNT_ONLY would be: a repetition finds nothing. */
typedef struct conductor_erasure_reply {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_ERASED_* */
    int64_t texts;
    int64_t consent; /* consent events */
    int64_t others;  /* rows of other tables */
} conductor_erasure_reply;

typedef struct conductor_stored_contact {
    uint32_t struct_size;
    uint32_t flags;          /* 0 */
    int64_t texts;           /* how many */
    conductor_array consent; /* of conductor_consent_event, by their time, the oldest first; all of them */
    conductor_slice other;   /* a JSON object with what else is kept of the person, or absent */
} conductor_stored_contact;

/* A gateway that works on this storage. What it says of itself has 0 for seen_ms, claimed and sending. */
typedef struct conductor_gateway_presence {
    uint32_t struct_size;
    int32_t modems;          /* how many it has */
    conductor_slice gateway; /* as in conductor_exchange_request */
    conductor_slice version; /* of its program */
    conductor_array sims;    /* of conductor_slice: the SIMs in its modems, as the `sim` of rows names them */
    int64_t seen_ms;         /* when it said so last, by the clock of where this is kept */
    int64_t claimed;         /* rows that it may begin now */
    int64_t sending;         /* rows that are SENDING and its own */
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

/*
 * Every function: [any]. Borrows its arguments for the call, as `done` borrows what it gets for the completion. Must
 * not block: a database is asked on a thread of the plugin's. Errors: those above, and what is said here. Required, but
 * for those whose comment says what NULL means; a storage that finds out only later that it cannot (an old schema)
 * completes with UNSUPPORTED, which means the same.
 */
typedef struct conductor_storage {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Inserts texts by uid, or gives the row of that uid all fields as they are now, the absent ones, too; only
       storage_id does not count, and an inbound text's absent message_hash may be filled for old readers. In their
       order, where a uid comes twice. A READ row stays READ where the text is UNREAD. Nothing changes where
       delivery_status comes late, as an outcome does, or where it is SENDING and the row's neither that nor HELD nor
       none, or where both are UNKNOWN and only the row is no longer QUEUED, unless last_retry_at is later than the
       row's. A row that a gateway began stays its own while it is QUEUED. `messages` is of conductor_message.
       Repeated: changes nothing.
       INVALID: a text without uid. */
    void (*CONDUCTOR_NULLABLE put)(conductor_instance *CONDUCTOR_NONNULL self,
                                   const conductor_call *CONDUCTOR_NONNULL call, conductor_array messages,
                                   conductor_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Settles, begins and claims. Repeated: outcomes change nothing, what is begun is told so again; further rows may
       be claimed, while those of a lost answer wait for the end of their lease or for `owned`. */
    void (*CONDUCTOR_NULLABLE exchange)(conductor_instance *CONDUCTOR_NONNULL self,
                                        const conductor_call *CONDUCTOR_NONNULL call,
                                        const conductor_exchange_request *CONDUCTOR_NONNULL request,
                                        conductor_exchange_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Lets go of the rows that this gateway has claimed and not begun; then all rows that are SENDING and its own,
       oldest first, so that it settles them from its journal. Asked at its start and when the answer to an exchange was
       lost; also about a name that its journal had before. Repeated: the same rows. */
    void (*CONDUCTOR_NULLABLE owned)(conductor_instance *CONDUCTOR_NONNULL self,
                                     const conductor_call *CONDUCTOR_NONNULL call, conductor_slice gateway,
                                     conductor_messages_done CONDUCTOR_NONNULL done, uint64_t token);
    /* One page of texts. Fewer than `limit` means that there are no more. An error is told to whoever asked. */
    void (*CONDUCTOR_NULLABLE messages)(conductor_instance *CONDUCTOR_NONNULL self,
                                        const conductor_call *CONDUCTOR_NONNULL call,
                                        const conductor_message_query *CONDUCTOR_NONNULL query,
                                        conductor_messages_done CONDUCTOR_NONNULL done, uint64_t token);
    /* A person's change to one row. Repeated: as each kind says. An error is told to whoever asked. */
    void (*CONDUCTOR_NULLABLE change)(conductor_instance *CONDUCTOR_NONNULL self,
                                      const conductor_call *CONDUCTOR_NONNULL call,
                                      const conductor_message_change *CONDUCTOR_NONNULL change,
                                      conductor_change_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Appends consent events; those whose uid is there change nothing. `events` is of conductor_consent_event, all or
       none. INVALID: one without uid. UNSUPPORTED: there is no place for them; they bind this gateway alone, people are
       told, and it asks again after ten minutes. */
    void (*CONDUCTOR_NULLABLE record_consent)(conductor_instance *CONDUCTOR_NONNULL self,
                                              const conductor_call *CONDUCTOR_NONNULL call, conductor_array events,
                                              conductor_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Whether reads and writes would work now (an error: they would not), where, and how much there is. Cheap: the
       gateway asks before anything else, then every half minute. */
    void (*CONDUCTOR_NULLABLE health)(conductor_instance *CONDUCTOR_NONNULL self,
                                      const conductor_call *CONDUCTOR_NONNULL call,
                                      conductor_health_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Consent that other programs and gateways wrote, too, so that it binds here before anything is claimed. NULL: this
       storage only records. */
    void (*CONDUCTOR_NULLABLE consent)(conductor_instance *CONDUCTOR_NONNULL self,
                                       const conductor_call *CONDUCTOR_NONNULL call,
                                       const conductor_consent_query *CONDUCTOR_NONNULL query,
                                       conductor_consent_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Deletes for good: what a person asked to be forgotten, or texts that are older than they are to be kept. May take
       longer than its deadline: the repetition finds done what is done. NULL: this storage cannot, and people are told.
     */
    void (*CONDUCTOR_NULLABLE erase)(conductor_instance *CONDUCTOR_NONNULL self,
                                     const conductor_call *CONDUCTOR_NONNULL call,
                                     const conductor_erasure_request *CONDUCTOR_NONNULL request,
                                     conductor_erasure_done CONDUCTOR_NONNULL done, uint64_t token);
    /* What is kept of a person beside the texts, which `messages` lists; `phone` in the normal form. Nobody: no texts,
       no events. NULL: this storage cannot tell. */
    void (*CONDUCTOR_NULLABLE contact)(conductor_instance *CONDUCTOR_NONNULL self,
                                       const conductor_call *CONDUCTOR_NONNULL call, conductor_slice phone,
                                       conductor_stored_contact_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Rows and bytes of each table that people care about; a person waits for it, and it may read through the whole of
       a file. NULL: this storage cannot tell. */
    void (*CONDUCTOR_NULLABLE sizes)(conductor_instance *CONDUCTOR_NONNULL self,
                                     const conductor_call *CONDUCTOR_NONNULL call,
                                     conductor_sizes_done CONDUCTOR_NONNULL done, uint64_t token);
    /* A gateway says that it is there, some times a minute and when its SIMs change, and hears of all that are, itself
       among them. From then on a row that names a SIM is claimed by it only while it has that SIM; without SIMs it
       claims none that names one. One that was not heard of for 30 days and owns no SENDING row is forgotten. NULL:
       only one gateway can work here, or they do not see each other. */
    void (*CONDUCTOR_NULLABLE heartbeat)(conductor_instance *CONDUCTOR_NONNULL self,
                                         const conductor_call *CONDUCTOR_NONNULL call,
                                         const conductor_gateway_presence *CONDUCTOR_NONNULL presence,
                                         conductor_fleet_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_storage;

#ifdef __cplusplus
}
#endif
#endif
