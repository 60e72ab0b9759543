/*
 * conductor_plugin.h: the contract between the Conductor host and its plugins. C11, nothing but the C library.
 *
 * A plugin is a shared library with one exported symbol, conductor_plugin_entry. Everything else goes through tables.
 *
 * Rules that hold everywhere
 * - Memory: whatever a pointer leads to is borrowed for the call, or for the completion it is passed to. The receiver
 *   copies what it keeps. Nobody frees the other's memory.
 * - Growth: a struct begins with struct_size, the size its WRITER knows; new fields come at the tail only, and a field
 *   of zero bits means "absent". Read a peer's struct only through a copy of min(struct_size, sizeof), never beyond.
 *   The structs tagged "frozen" have no struct_size and never change.
 * - Text is UTF-8 without a terminator unless it is a `const char *`. A slice of ptr NULL is "absent"; a slice of len 0
 *   with another ptr is the empty text.
 * - Times: *_ms are milliseconds since 1970-01-01T00:00:00Z, and milliseconds where the name is of a duration
 *   (retry_after_ms, timeout_ms, *_milliseconds); *_ns are nanoseconds of CLOCK_MONOTONIC.
 * - A capability call is asynchronous: its `done` is called exactly once, from any thread, perhaps before the call
 *   returns. `token` is a number of the host's, passed back as it came; a second completion is counted and ignored.
 * - The host holds no lock across a call or a completion, and neither may a plugin.
 * - No exception, longjmp or Swift error crosses.
 *
 * Thread tags
 *   [any]     any thread, and several at once.
 *   [serial]  any thread, but never two calls of this tag for one plugin at once.
 * Functions say what they own, and how they fail. "Must not block" means: return within a millisecond.
 *
 * Rules of change: README.md beside this folder. conductor_services.h holds the host's services, conductor_storage.h
 * the capability conductor.storage/1; both are included here.
 */
#ifndef CONDUCTOR_PLUGIN_H
#define CONDUCTOR_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#define CONDUCTOR_NULLABLE _Nullable
#define CONDUCTOR_NONNULL _Nonnull
#else
#define CONDUCTOR_NULLABLE
#define CONDUCTOR_NONNULL
#endif

#if defined(__GNUC__)
#define CONDUCTOR_EXPORT __attribute__((visibility("default")))
#else
#define CONDUCTOR_EXPORT
#endif

#define CONDUCTOR_PLUGIN_MAGIC 0x4E504443u /* the bytes C D P N */
#define CONDUCTOR_ABI_MAJOR 1
#define CONDUCTOR_ABI_MINOR 1
#define CONDUCTOR_ENTRY_SYMBOL "conductor_plugin_entry"

/* ------------------------------------------------------------------ values */

/* Borrowed bytes. Frozen. */
typedef struct conductor_slice {
    const void *CONDUCTOR_NULLABLE ptr;
    uint64_t len;
} conductor_slice;

/* Borrowed array of structs that may grow: element i begins at ptr + i * stride. Frozen. */
typedef struct conductor_array {
    const void *CONDUCTOR_NULLABLE ptr;
    uint32_t count;
    uint32_t stride;
} conductor_array;

/* Classes of failure. A number that is not listed counts as INTERNAL. */
#define CONDUCTOR_OK 0
#define CONDUCTOR_INVALID 1     /* the request or a setting is wrong; repeating does not help */
#define CONDUCTOR_UNSUPPORTED 2 /* not offered by this plugin, or not of this version */
#define CONDUCTOR_UNAVAILABLE 3 /* not now; repeating may help */
#define CONDUCTOR_DEADLINE 4    /* took too long */
#define CONDUCTOR_CANCELLED 5   /* the caller gave up */
#define CONDUCTOR_CONFLICT 6    /* somebody else changed it first */
#define CONDUCTOR_INTERNAL 7    /* a defect of the callee */

/* Why something failed. Written by the callee, in storage of whoever passes the pointer. */
typedef struct conductor_error {
    uint32_t struct_size;
    int32_t code;           /* one of the classes above, never OK */
    int64_t retry_after_ms; /* when to try again; 0 means unknown */
    uint32_t message_len;   /* bytes used of message */
    char message[492];      /* UTF-8, cut at a character, no terminator; no number and no text of a person */
} conductor_error;

/* One call, of a capability by the host or of a host service by a plugin. */
typedef struct conductor_call {
    uint32_t struct_size;
    uint32_t flags;      /* 0 */
    uint64_t call_id;    /* the caller's choice, and what its `cancel` names; never used twice for one instance */
    int64_t deadline_ns; /* nobody waits for the answer after it; 0 means none */
} conductor_call;

/* An instance of a plugin: owned by the plugin, opaque to the host. */
typedef struct conductor_instance conductor_instance;

/* Completion of a call that answers nothing. `error` is NULL for success. [any] Must not be called twice. */
typedef void (*conductor_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error);

/* ------------------------------------------------------------------ the host, as a plugin sees it */

/* Given to `create`, valid until `destroy` has returned. One per instance. */
typedef struct conductor_host {
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint64_t context;              /* the host's own */
    conductor_slice instance_name; /* name of the drop-in, as 10-sqlite */
    conductor_slice base_folder;   /* absolute; relative paths in settings are meant from here */
    /* The table of a host service by its id, or NULL when this host does not have it or the drop-in does not grant it.
       The table is immortal. [any] Must not be called after `destroy` has returned. */
    const void *
    CONDUCTOR_NULLABLE (*CONDUCTOR_NULLABLE get_extension)(const struct conductor_host *CONDUCTOR_NONNULL host,
                                                           const char *CONDUCTOR_NONNULL id);
    /* The plugin does not wait for the answer of this call of a host service any more: it is completed soon, with
       CANCELLED where nothing better is known. It may name a call that has ended, which is ignored. [any] Never fails,
       does not block. NULL when calls cannot be cancelled. */
    void (*CONDUCTOR_NULLABLE cancel)(const struct conductor_host *CONDUCTOR_NONNULL host, uint64_t call_id);
} conductor_host;

/* Log levels. */
#define CONDUCTOR_LOG_DEBUG 0
#define CONDUCTOR_LOG_INFO 1
#define CONDUCTOR_LOG_NOTICE 2
#define CONDUCTOR_LOG_WARNING 3
#define CONDUCTOR_LOG_ERROR 4

#define CONDUCTOR_HOST_LOG "conductor.host.log/1"
typedef struct conductor_host_log {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Writes one line to the host's log; an unknown level counts as ERROR. Borrows the text for the call. [any] Never
       fails, does not block. */
    void (*CONDUCTOR_NULLABLE write)(const conductor_host *CONDUCTOR_NONNULL host, int32_t level,
                                     conductor_slice message);
} conductor_host_log;

#define CONDUCTOR_HOST_CLOCK "conductor.host.clock/1"
typedef struct conductor_host_clock {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* The time of day in milliseconds since the epoch. [any] Never fails. */
    int64_t (*CONDUCTOR_NULLABLE now_ms)(const conductor_host *CONDUCTOR_NONNULL host);
    /* The clock of deadlines in nanoseconds. [any] Never fails. */
    int64_t (*CONDUCTOR_NULLABLE monotonic_ns)(const conductor_host *CONDUCTOR_NONNULL host);
} conductor_host_clock;

#define CONDUCTOR_HOST_STORAGE_EVENTS "conductor.host.storage_events/1"
typedef struct conductor_host_storage_events {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* A storage says that rows changed that it did not change for this host: the host asks it soon. Calls that come
       close together are merged. [any] Never fails, does not block. */
    void (*CONDUCTOR_NULLABLE rows_changed)(const conductor_host *CONDUCTOR_NONNULL host);
} conductor_host_storage_events;

/* Ids of other people begin with their domain reversed, as org.example.thing/1. */

/* ------------------------------------------------------------------ a text */

#define CONDUCTOR_DIRECTION_INBOUND 1
#define CONDUCTOR_DIRECTION_OUTBOUND 2

#define CONDUCTOR_STATUS_UNREAD 1
#define CONDUCTOR_STATUS_READ 2
#define CONDUCTOR_STATUS_QUEUED 3
#define CONDUCTOR_STATUS_SENT 4
#define CONDUCTOR_STATUS_FAILED 5

/* 0 means none: other programs' rows have none. */
#define CONDUCTOR_DELIVERY_SENDING 1
#define CONDUCTOR_DELIVERY_ACCEPTED 2
#define CONDUCTOR_DELIVERY_DELIVERED 3
#define CONDUCTOR_DELIVERY_UNDELIVERED 4
#define CONDUCTOR_DELIVERY_UNKNOWN 5
#define CONDUCTOR_DELIVERY_EXPIRED 6
#define CONDUCTOR_DELIVERY_OPTED_OUT 7
#define CONDUCTOR_DELIVERY_REFUSED 8
#define CONDUCTOR_DELIVERY_HELD 9

/* Bits of conductor_message.flags. HAS_*: the field of that name is there. */
#define CONDUCTOR_MESSAGE_HAS_STORAGE_ID (1u << 0)
#define CONDUCTOR_MESSAGE_HAS_MODEM_TIMESTAMP (1u << 1)
#define CONDUCTOR_MESSAGE_HAS_MODEM_UTC_OFFSET (1u << 2)
#define CONDUCTOR_MESSAGE_HAS_MODEM_INDEX (1u << 3)
#define CONDUCTOR_MESSAGE_HAS_LAST_RETRY_AT (1u << 4)
#define CONDUCTOR_MESSAGE_HAS_NOT_BEFORE (1u << 5)
#define CONDUCTOR_MESSAGE_INCOMPLETE (1u << 16)         /* parts of it are missing */
#define CONDUCTOR_MESSAGE_POSSIBLE_DUPLICATE (1u << 17) /* same bytes as an earlier one that was not a re-read */
#define CONDUCTOR_MESSAGE_ASKS_TO_STOP (1u << 18)       /* speaks of stopping without being the word: people look */

/* A text, as a row of a storage. All slices but phone and content may be absent. */
typedef struct conductor_message {
    uint32_t struct_size;
    uint32_t flags;           /* CONDUCTOR_MESSAGE_* */
    int64_t storage_id;       /* the storage's address; never an identity */
    conductor_slice uid;      /* a UUID in text form; absent for a row no gateway has begun to send */
    conductor_slice phone;    /* the other party: E.164 where it is a telephone number, else as it came; may be empty */
    conductor_slice content;  /* may be empty, and of any length */
    uint32_t direction;       /* CONDUCTOR_DIRECTION_* */
    uint32_t status;          /* CONDUCTOR_STATUS_*: the coarse state that other programs read and write */
    uint32_t delivery_status; /* CONDUCTOR_DELIVERY_*: the finer state of an outbound text; 0: none */
    int32_t parts;            /* SMS parts; 0 where not known yet */
    int64_t timestamp_ms;     /* when the journal, or the program that inserted the row, had it */
    int64_t modem_timestamp_ms; /* inbound: what the service centre says; outbound: when the last part was accepted */
    int64_t last_retry_at_ms;   /* when the last attempt began */
    int64_t not_before_ms;      /* not to be sent before; of an UNKNOWN one: until when it holds up its number */
    int32_t modem_utc_offset_minutes; /* of the service centre's clock */
    int32_t modem_index;              /* slot in the modem's memory that it was read from */
    int32_t retry_count;              /* attempts to send that began */
    uint32_t reserved;                /* 0 */
    conductor_slice error_code;       /* a stable word, as cms-38, invalid-number, opted-out */
    conductor_slice error_message;    /* a sentence for people; no number and no text of a person */
    conductor_slice message_hash;     /* for old readers; never decides anything */
    conductor_slice sim;     /* ICCID, else IMSI, of our SIM: inbound, that it came to; outbound, that it goes from */
    conductor_slice answers; /* uid of the inbound text that this one answers */
    conductor_slice origin;  /* where an outbound text was born: table, api, cli, responder:NAME, policy */
} conductor_message;

#include "conductor_services.h"

/* ------------------------------------------------------------------ responder/1 */

#define CONDUCTOR_RESPONDER "conductor.responder/1"

#define CONDUCTOR_TEXT_INCOMPLETE (1u << 0)

/* An inbound text, as a responder sees it. */
typedef struct conductor_inbound_text {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_TEXT_* */
    conductor_slice uid;
    conductor_slice phone;
    conductor_slice content;
    conductor_slice sim;
    int64_t received_at_ms;
    int32_t parts;
    uint32_t reserved; /* 0 */
} conductor_inbound_text;

#define CONDUCTOR_DECISION_DECLINE 0   /* the next responder is asked */
#define CONDUCTOR_DECISION_REPLY 1     /* answer with `text`; the chain ends */
#define CONDUCTOR_DECISION_APPEND 2    /* keep `text`; the next responder may add to it */
#define CONDUCTOR_DECISION_DRAFT 3     /* `text` is for a person to approve; the chain ends */
#define CONDUCTOR_DECISION_HAND_OVER 4 /* a person must answer; the chain ends */

typedef struct conductor_decision {
    uint32_t struct_size;
    int32_t kind;
    conductor_slice text;
    conductor_slice reason; /* for people and logs; no text of a person */
    int64_t cost_micros;    /* millionths of the plugin's currency */
} conductor_decision;

/* `decision` is NULL when, and only when, `error` is not. [any] Exactly once. */
typedef void (*conductor_responder_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                         const conductor_decision *CONDUCTOR_NULLABLE decision);

typedef struct conductor_responder {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Decides about one text; may be asked again after a crash. Borrows `call` and `text` for the call. [any] Must not
       block. Errors: any class; the next responder is asked then. Required. */
    void (*CONDUCTOR_NULLABLE respond)(conductor_instance *CONDUCTOR_NONNULL self,
                                       const conductor_call *CONDUCTOR_NONNULL call,
                                       const conductor_inbound_text *CONDUCTOR_NONNULL text,
                                       conductor_responder_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_responder;

/* ------------------------------------------------------------------ notifier/1 */

#define CONDUCTOR_NOTIFIER "conductor.notifier/1"

typedef struct conductor_event {
    uint32_t struct_size;
    uint32_t flags;       /* 0 */
    conductor_slice id;   /* UUIDv7; the same when an event is repeated */
    conductor_slice kind; /* message.received, message.sent, alarm, ... */
    conductor_slice json; /* an object whose keys depend on kind */
    int64_t at_ms;
} conductor_event;

typedef struct conductor_notifier {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Takes one event. Borrows `call` and `event` for the call. [any] Must not block. Errors are counted, and the event
       is not repeated. Required. */
    void (*CONDUCTOR_NULLABLE notify)(conductor_instance *CONDUCTOR_NONNULL self,
                                      const conductor_call *CONDUCTOR_NONNULL call,
                                      const conductor_event *CONDUCTOR_NONNULL event,
                                      conductor_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_notifier;

#include "conductor_storage.h"

#include "conductor_crm.h"

/* ------------------------------------------------------------------ the plugin */

/* The first 16 bytes of every descriptor, in every version of this contract. Frozen for ever. */
typedef struct conductor_prefix {
    uint32_t magic;            /* CONDUCTOR_PLUGIN_MAGIC */
    uint32_t struct_size;      /* of the whole descriptor */
    uint16_t abi_major;        /* must equal the host's */
    uint16_t abi_minor;        /* of the header it was built with */
    uint16_t needs_host_minor; /* an older host is refused */
    uint16_t flags;            /* 0 */
} conductor_prefix;

/* The descriptor: immortal, the same at every call of the entry function. */
typedef struct conductor_plugin {
    conductor_prefix prefix;
    const char *CONDUCTOR_NULLABLE id;      /* lower-case letters, digits, hyphens, dots. Required */
    const char *CONDUCTOR_NULLABLE name;    /* for people. Required */
    const char *CONDUCTOR_NULLABLE version; /* Required */
    /* Set by the Swift SDK to the exact compiler; NULL or empty for a library that brings no Swift. */
    const char *CONDUCTOR_NULLABLE toolchain;
    /* Ids that get_extension answers, the last entry NULL. Lets a host say what a file is without running it.
       Required. */
    const char *CONDUCTOR_NULLABLE const *CONDUCTOR_NULLABLE capabilities;

    /* Makes an instance from the drop-in's settings, a JSON object. Borrows `settings` for the call and `host` until
       destroy. On OK *out is owned by the plugin until destroy. [serial] Must not block, connect or write.
       Errors: INVALID for a wrong setting, its message beginning with the key's path; returns the class, and fills
       *error. Required. */
    int32_t (*CONDUCTOR_NULLABLE create)(const conductor_host *CONDUCTOR_NONNULL host, conductor_slice settings,
                                         conductor_instance *CONDUCTOR_NULLABLE *CONDUCTOR_NONNULL out,
                                         conductor_error *CONDUCTOR_NONNULL error);
    /* Opens what the instance needs; once, before any capability call. [serial] Must not block. Errors: any class. NULL
       when there is nothing to do. */
    void (*CONDUCTOR_NULLABLE start)(conductor_instance *CONDUCTOR_NONNULL self,
                                     const conductor_call *CONDUCTOR_NONNULL call,
                                     conductor_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Gives back what start opened; once, after the last capability call has completed. [serial] Must not block. Its
       error is logged only. NULL when there is nothing to do. */
    void (*CONDUCTOR_NULLABLE stop)(conductor_instance *CONDUCTOR_NONNULL self,
                                    const conductor_call *CONDUCTOR_NONNULL call, conductor_done CONDUCTOR_NONNULL done,
                                    uint64_t token);
    /* Frees the instance; after the completion of stop and of every other call. A host never destroys an instance that
       still owes a completion. [serial] Must not block. Never fails. Required. */
    void (*CONDUCTOR_NULLABLE destroy)(conductor_instance *CONDUCTOR_NONNULL self);
    /* The table of a capability by its id, or NULL. Immortal, owned by the plugin. [any] Must not block. Required. */
    const void *CONDUCTOR_NULLABLE (*CONDUCTOR_NULLABLE get_extension)(conductor_instance *CONDUCTOR_NONNULL self,
                                                                       const char *CONDUCTOR_NONNULL id);
    /* Nobody waits for this call any more: complete it soon, with anything (CANCELLED where nothing better is known).
       It may name a call that has ended, which is ignored. [any] Must not block. Never fails. NULL when calls cannot
       be cancelled. */
    void (*CONDUCTOR_NULLABLE cancel)(conductor_instance *CONDUCTOR_NONNULL self, uint64_t call_id);
} conductor_plugin;

/* The one symbol a plugin exports: a pure function without side effects, callable any number of times. NULL means that
   the plugin refuses this machine. [any] */
CONDUCTOR_EXPORT const conductor_plugin *CONDUCTOR_NULLABLE conductor_plugin_entry(void);

#ifdef __cplusplus
}
#endif
#endif
