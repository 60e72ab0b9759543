/*
 * conductor_services.h: what the host does for plugins, beside its log and its clock. Part of conductor_plugin.h, which
 * includes it.
 *
 * Rules that hold for every function with a `done`
 * - It borrows `call` and its arguments for the call. `call->call_id` is the plugin's choice: what
 * conductor_host.cancel names. `call->deadline_ns` 0 means the host's own limit, 60 seconds.
 * - `done` is called exactly once, on a thread of the host's, perhaps before the function returns, and never after
 *   `destroy` has been called: what is still on its way then ends as CANCELLED first. It must not block. What it gets
 * is borrowed for the completion; `token` comes back as it was. The reply is NULL when, and only when, `error` is not.
 * - [any] Does not block. Must not be called after `destroy` has returned.
 * - Errors: INVALID when the request is wrong, CONFLICT when consent or a limit of the drop-in's forbids it,
 *   UNSUPPORTED when this gateway cannot do it or the grant does not go so far, UNAVAILABLE when it cannot now,
 * DEADLINE, CANCELLED, INTERNAL. The message is for people and names what to change.
 * - Numbers of people may be in any form that the gateway's normaliser reads. Unless the grant says `numbers: any`,
 *   conversation, contact and crm answer only about a number that the plugin is asked about at that moment, written as
 * the text brought it.
 */
#ifndef CONDUCTOR_SERVICES_H
#define CONDUCTOR_SERVICES_H

#include "conductor_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ send/1 */

#define CONDUCTOR_HOST_SEND "conductor.host.send/1"

/* Why a text is sent. Consent binds all of them. */
#define CONDUCTOR_PURPOSE_CONVERSATION 0
#define CONDUCTOR_PURPOSE_NOTICE 1
#define CONDUCTOR_PURPOSE_PROMOTION 2

#define CONDUCTOR_SEND_HAS_NOT_BEFORE (1u << 0)

typedef struct conductor_send_request {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_SEND_* */
    conductor_slice phone;
    conductor_slice text;
    conductor_slice sim;             /* ICCID or IMSI; absent: the gateway chooses */
    conductor_slice idempotency_key; /* 1 to 128 bytes, the plugin's own; absent: none */
    int64_t not_before_ms;
    uint32_t purpose;
    uint32_t reserved; /* 0 */
} conductor_send_request;

#define CONDUCTOR_SENT_REPETITION (1u << 0) /* the idempotency key was known: nothing new is sent */

typedef struct conductor_send_reply {
    uint32_t struct_size;
    uint32_t flags;      /* CONDUCTOR_SENT_* */
    conductor_slice uid; /* of the text */
} conductor_send_reply;

/* [any] Exactly once. Borrows `error` and `reply` to the plugin for the completion. */
typedef void (*conductor_send_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                    const conductor_send_reply *CONDUCTOR_NULLABLE reply);

typedef struct conductor_host_send {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Writes a text down to be sent; completes when it is durable, not when it is sent. Borrows `call` and `request`
       for the call. [any] Does not block. Errors: CONFLICT when the person has said STOP or the grant's rate is used up
       (with retry_after_ms), INVALID for a number or a text that cannot be sent, and those of all services. */
    void (*CONDUCTOR_NULLABLE send)(const conductor_host *CONDUCTOR_NONNULL host,
                                    const conductor_call *CONDUCTOR_NONNULL call,
                                    const conductor_send_request *CONDUCTOR_NONNULL request,
                                    conductor_send_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_host_send;

/* ------------------------------------------------------------------ conversation/1 */

#define CONDUCTOR_HOST_CONVERSATION "conductor.host.conversation/1"

#define CONDUCTOR_CONVERSATION_HAS_BEFORE (1u << 0)

typedef struct conductor_conversation_query {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_CONVERSATION_* */
    conductor_slice phone;
    int64_t before;    /* of the page that came last */
    int32_t limit;     /* 1 to 200 */
    uint32_t reserved; /* 0 */
} conductor_conversation_query;

typedef struct conductor_conversation_page {
    uint32_t struct_size;
    uint32_t flags;           /* CONDUCTOR_CONVERSATION_*: HAS_BEFORE when there may be more */
    conductor_array messages; /* of conductor_message, newest first */
    int64_t before;
} conductor_conversation_page;

/* [any] Exactly once. Borrows `error` and `page` to the plugin for the completion. */
typedef void (*conductor_conversation_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                            const conductor_conversation_page *CONDUCTOR_NULLABLE page);

typedef struct conductor_host_conversation {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Texts from and to one person. Borrows `call` and `query` for the call. [any] Does not block. Errors: those of all
       services. */
    void (*CONDUCTOR_NULLABLE page)(const conductor_host *CONDUCTOR_NONNULL host,
                                    const conductor_call *CONDUCTOR_NONNULL call,
                                    const conductor_conversation_query *CONDUCTOR_NONNULL query,
                                    conductor_conversation_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_host_conversation;

/* ------------------------------------------------------------------ contact/1 */

#define CONDUCTOR_HOST_CONTACT "conductor.host.contact/1"

#define CONDUCTOR_CONTACT_HAS_BOT_PAUSED_UNTIL (1u << 0)
#define CONDUCTOR_CONTACT_CLOSED (1u << 16)
#define CONDUCTOR_CONTACT_OPTED_OUT (1u << 17)

typedef struct conductor_contact {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_CONTACT_* */
    conductor_slice phone;
    conductor_slice name;
    conductor_slice notes;
    conductor_slice assignee;
    int64_t bot_paused_until_ms;
} conductor_contact;

/* SET_*: the field of that name is set, or cleared where it is absent or 0. */
#define CONDUCTOR_CONTACT_SET_NAME (1u << 0)
#define CONDUCTOR_CONTACT_SET_NOTES (1u << 1)
#define CONDUCTOR_CONTACT_SET_ASSIGNEE (1u << 2)
#define CONDUCTOR_CONTACT_SET_BOT_PAUSED_UNTIL (1u << 3)
#define CONDUCTOR_CONTACT_SET_CLOSED (1u << 4)

typedef struct conductor_contact_change {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_CONTACT_SET_* */
    conductor_slice phone;
    conductor_slice name;
    conductor_slice notes;
    conductor_slice assignee;
    int64_t bot_paused_until_ms;
    uint32_t closed;   /* 0 or 1 */
    uint32_t reserved; /* 0 */
} conductor_contact_change;

/* [any] Exactly once. Borrows `error` and `contact` to the plugin for the completion. */
typedef void (*conductor_contact_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                       const conductor_contact *CONDUCTOR_NULLABLE contact);

typedef struct conductor_host_contact {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* What the business keeps about a person; one that nobody wrote about is an empty one. Borrows `call` and `phone`
       for the call. [any] Does not block. Errors: those of all services. */
    void (*CONDUCTOR_NULLABLE get)(const conductor_host *CONDUCTOR_NONNULL host,
                                   const conductor_call *CONDUCTOR_NONNULL call, conductor_slice phone,
                                   conductor_contact_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Changes fields of a contact; completes with the contact as it is then. Borrows `call` and `change` for the call.
       [any] Does not block. Errors: those of all services. */
    void (*CONDUCTOR_NULLABLE change)(const conductor_host *CONDUCTOR_NONNULL host,
                                      const conductor_call *CONDUCTOR_NONNULL call,
                                      const conductor_contact_change *CONDUCTOR_NONNULL change,
                                      conductor_contact_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_host_contact;

/* ------------------------------------------------------------------ crm/1 */

/* Amounts (*_micros) are millionths of the shop's currency; dates are YYYY-MM-DD. */
#define CONDUCTOR_HOST_CRM "conductor.host.crm/1"

#define CONDUCTOR_PRODUCT_HAS_RETAIL_PRICE (1u << 0)
#define CONDUCTOR_PRODUCT_HAS_CURRENT_STOCK (1u << 1)

typedef struct conductor_product {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_PRODUCT_* */
    conductor_slice sku;
    conductor_slice name;
    conductor_slice category;
    conductor_slice brand;
    conductor_slice thc_content;
    conductor_slice cbd_content;
    conductor_slice strain_type;
    conductor_slice effects;
    conductor_slice stock_status;
    int64_t retail_price_micros;
    int32_t current_stock;
    uint32_t reserved; /* 0 */
} conductor_product;

#define CONDUCTOR_ITEM_HAS_QUANTITY (1u << 0)
#define CONDUCTOR_ITEM_HAS_UNIT_PRICE (1u << 1)
#define CONDUCTOR_ITEM_HAS_TOTAL_PRICE (1u << 2)
#define CONDUCTOR_ITEM_HAS_DISCOUNT (1u << 3)

/* One line of a receipt. */
typedef struct conductor_purchase_item {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_ITEM_* */
    int64_t unit_price_micros;
    int64_t total_price_micros;
    int64_t discount_micros;
    int32_t quantity;
    uint32_t reserved;                                   /* 0 */
    const conductor_product *CONDUCTOR_NULLABLE product; /* NULL when the CRM does not know it */
} conductor_purchase_item;

#define CONDUCTOR_PURCHASE_HAS_NUMBER (1u << 0)
#define CONDUCTOR_PURCHASE_HAS_TOTAL (1u << 1)

/* One receipt. */
typedef struct conductor_purchase {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_PURCHASE_* */
    int64_t number; /* the till's */
    int64_t total_micros;
    conductor_slice date;
    conductor_slice payment_method;
    conductor_slice location;
    conductor_array items; /* of conductor_purchase_item */
} conductor_purchase;

#define CONDUCTOR_CUSTOMER_HAS_VISIT_COUNT (1u << 0)
#define CONDUCTOR_CUSTOMER_HAS_LIFETIME_VALUE (1u << 1)
#define CONDUCTOR_CUSTOMER_HAS_AVERAGE_TRANSACTION (1u << 2)
#define CONDUCTOR_CUSTOMER_HAS_DAYS_SINCE_LAST_VISIT (1u << 3)
#define CONDUCTOR_CUSTOMER_AMBIGUOUS (1u << 16) /* others have the same number; since 1.1 */

typedef struct conductor_customer {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_CUSTOMER_* */
    conductor_slice id;
    conductor_slice name;
    conductor_slice email;
    conductor_slice phone;
    conductor_slice first_visit;
    conductor_slice last_visit;
    conductor_slice vip_status;
    conductor_slice churn_risk;
    conductor_slice preferred_location;
    conductor_slice preferred_staff;
    int64_t lifetime_value_micros;
    int64_t average_transaction_micros;
    int32_t visit_count;
    int32_t days_since_last_visit;
    conductor_array purchases; /* of conductor_purchase, newest first */
} conductor_customer;

typedef struct conductor_customer_query {
    uint32_t struct_size;
    int32_t purchases; /* at most so many come along; 0 to 100 */
    conductor_slice phone;
} conductor_customer_query;

#define CONDUCTOR_CUSTOMER_REPLY_OPTED_OUT (1u << 0) /* the number has said STOP; since 1.1 */
#define CONDUCTOR_CUSTOMER_REPLY_OPEN (1u << 1)      /* there were texts lately, and nobody closed them; since 1.1 */

typedef struct conductor_customer_reply {
    uint32_t struct_size;
    uint32_t flags;                                        /* CONDUCTOR_CUSTOMER_REPLY_* */
    const conductor_customer *CONDUCTOR_NULLABLE customer; /* NULL when nobody has this number */
    conductor_array others; /* of conductor_customer: the rest of an ambiguous number; since 1.1 */
} conductor_customer_reply;

/* [any] Exactly once. Borrows `error` and `reply` to the plugin for the completion. */
typedef void (*conductor_customer_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                        const conductor_customer_reply *CONDUCTOR_NULLABLE reply);

typedef struct conductor_host_crm {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* The customer with this number, and what they bought. Borrows `call` and `query` for the call. [any] Does not
       block. Errors: UNSUPPORTED while no plugin offers conductor.crm/1, and those of all services. */
    void (*CONDUCTOR_NULLABLE customer)(const conductor_host *CONDUCTOR_NONNULL host,
                                        const conductor_call *CONDUCTOR_NONNULL call,
                                        const conductor_customer_query *CONDUCTOR_NONNULL query,
                                        conductor_customer_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_host_crm;

/* ------------------------------------------------------------------ kv/1 */

/* Small values that outlive the plugin, apart for each drop-in. A key has 1 to 256 bytes of UTF-8, a value at most
   65,536 bytes of any kind; all keys and values of a drop-in together at most 1 MiB. */
#define CONDUCTOR_HOST_KV "conductor.host.kv/1"

#define CONDUCTOR_KV_HAS_EXPIRY (1u << 0)

typedef struct conductor_kv_entry {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_KV_* */
    conductor_slice key;
    conductor_slice value;
    int64_t expires_at_ms; /* forgotten by itself then */
} conductor_kv_entry;

typedef struct conductor_kv_query {
    uint32_t struct_size;
    int32_t limit;          /* 1 to 1000 */
    conductor_slice prefix; /* empty: all keys */
    conductor_slice after;  /* only keys after this one, in the order of bytes; absent: from the first */
} conductor_kv_query;

typedef struct conductor_kv_value {
    uint32_t struct_size;
    uint32_t flags;        /* 0 */
    conductor_slice value; /* absent: there is none */
} conductor_kv_value;

typedef struct conductor_kv_keys {
    uint32_t struct_size;
    uint32_t flags;       /* 0 */
    conductor_array keys; /* of conductor_slice, in the order of bytes */
} conductor_kv_keys;

/* [any] Exactly once. Borrows `error` and `value` to the plugin for the completion. */
typedef void (*conductor_kv_value_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                        const conductor_kv_value *CONDUCTOR_NULLABLE value);
/* [any] Exactly once. Borrows `error` and `keys` to the plugin for the completion. */
typedef void (*conductor_kv_keys_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                       const conductor_kv_keys *CONDUCTOR_NULLABLE keys);

typedef struct conductor_host_kv {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* The value of a key. Borrows `call` and `key` for the call. [any] Does not block. Errors: those of all services.
     */
    void (*CONDUCTOR_NULLABLE get)(const conductor_host *CONDUCTOR_NONNULL host,
                                   const conductor_call *CONDUCTOR_NONNULL call, conductor_slice key,
                                   conductor_kv_value_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Sets a value, whatever was there; durable when it completes. Borrows `call` and `entry` for the call. [any] Does
       not block. Errors: INVALID for a key or a value that is too long, CONFLICT when the room is used up, and those of
       all services. */
    void (*CONDUCTOR_NULLABLE set)(const conductor_host *CONDUCTOR_NONNULL host,
                                   const conductor_call *CONDUCTOR_NONNULL call,
                                   const conductor_kv_entry *CONDUCTOR_NONNULL entry,
                                   conductor_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Forgets a key; one that is not there is no error. Borrows `call` and `key` for the call. [any] Does not block.
       Errors: those of all services. */
    void (*CONDUCTOR_NULLABLE remove)(const conductor_host *CONDUCTOR_NONNULL host,
                                      const conductor_call *CONDUCTOR_NONNULL call, conductor_slice key,
                                      conductor_done CONDUCTOR_NONNULL done, uint64_t token);
    /* One page of keys. Borrows `call` and `query` for the call. [any] Does not block. Errors: those of all services.
     */
    void (*CONDUCTOR_NULLABLE list)(const conductor_host *CONDUCTOR_NONNULL host,
                                    const conductor_call *CONDUCTOR_NONNULL call,
                                    const conductor_kv_query *CONDUCTOR_NONNULL query,
                                    conductor_kv_keys_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_host_kv;

/* ------------------------------------------------------------------ http/1 */

#define CONDUCTOR_HOST_HTTP "conductor.host.http/1"

typedef struct conductor_http_header {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    conductor_slice name;
    conductor_slice value;
} conductor_http_header;

typedef struct conductor_http_request {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    conductor_slice method;
    conductor_slice url;     /* absolute, and within the grant */
    conductor_array headers; /* of conductor_http_header */
    conductor_slice body;
    int64_t timeout_ms;     /* for all of it, redirects included; 1 to 600000; 0 means 10000 */
    int64_t response_limit; /* bytes of a body; a longer one fails; 0 means 1 MiB; at most 8 MiB */
} conductor_http_request;

typedef struct conductor_http_response {
    uint32_t struct_size;
    int32_t status;          /* 100 to 599 */
    conductor_array headers; /* of conductor_http_header */
    conductor_slice body;
} conductor_http_response;

/* [any] Exactly once. Borrows `error` and `response` to the plugin for the completion. */
typedef void (*conductor_http_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                    const conductor_http_response *CONDUCTOR_NULLABLE response);

typedef struct conductor_host_http {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* One request; redirects are followed within the grant. Whatever a server answers is a success here. Borrows `call`
       and `request` for the call. [any] Does not block. Errors: UNSUPPORTED for a URL outside the grant, UNAVAILABLE
       when the server cannot be reached or its certificate is wrong, CONFLICT when the response is too long, and those
       of all services. */
    void (*CONDUCTOR_NULLABLE request)(const conductor_host *CONDUCTOR_NONNULL host,
                                       const conductor_call *CONDUCTOR_NONNULL call,
                                       const conductor_http_request *CONDUCTOR_NONNULL request,
                                       conductor_http_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_host_http;

/* ------------------------------------------------------------------ metrics/1 */

#define CONDUCTOR_HOST_METRICS "conductor.host.metrics/1"

#define CONDUCTOR_METRIC_COUNTER 1
#define CONDUCTOR_METRIC_GAUGE 2
#define CONDUCTOR_METRIC_HISTOGRAM 3

typedef struct conductor_label {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    conductor_slice name;
    conductor_slice value;
} conductor_label;

/* One figure; /metrics shows it as conductor_plugin_NAME, a counter as conductor_plugin_NAME_total, with the drop-in's
   name as a label. */
typedef struct conductor_metric {
    uint32_t struct_size;
    uint32_t kind;        /* CONDUCTOR_METRIC_* */
    conductor_slice name; /* lower-case letters, digits, _ ; a letter first; at most 64 bytes; no _bucket, _count, _sum
                             at its end, and _total at a counter's only */
    conductor_array labels; /* of conductor_label, at most 8; no numbers of people */
    double value;           /* a counter: what is added; a gauge: what it is; a histogram: what was observed */
} conductor_metric;

typedef struct conductor_host_metrics {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Takes figures; `metrics` is of conductor_metric. One that is wrong, or one series too many, is dropped and told
       in the log once. Borrows `metrics` for the call. [any] Never fails, does not block. */
    void (*CONDUCTOR_NULLABLE record)(const conductor_host *CONDUCTOR_NONNULL host, conductor_array metrics);
} conductor_host_metrics;

#ifdef __cplusplus
}
#endif
#endif
