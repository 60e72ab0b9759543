/*
 * conductor_crm.h: the capability conductor.crm/1, who the business's customers are. Part of conductor_plugin.h, which
 * includes it; not frozen yet (README.md). A storage that keeps customers offers it beside conductor.storage/1; the
 * types of customers are those of the host's service, in conductor_services.h.
 */
#ifndef CONDUCTOR_CRM_H
#define CONDUCTOR_CRM_H

#include "conductor_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CONDUCTOR_CRM "conductor.crm/1"

typedef struct conductor_customers_reply {
    uint32_t struct_size;
    uint32_t flags;            /* 0 */
    conductor_array customers; /* of conductor_customer: all with this number, who was here last comes first */
} conductor_customers_reply;

/* The reply is NULL when, and only when, `error` is not. [any] Exactly once. */
typedef void (*conductor_customers_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                         const conductor_customers_reply *CONDUCTOR_NULLABLE reply);

typedef struct conductor_customer_search {
    uint32_t struct_size;
    int32_t limit;         /* 1 to 100 */
    conductor_slice words; /* all of them must be there, each as the beginning of a word of name, e-mail or number */
} conductor_customer_search;

/* A row of a table of the CRM: customers, products, staff, transactions, transaction_items (data known by these names
   to all programs of the business). */
typedef struct conductor_record {
    uint32_t struct_size;
    uint32_t flags;       /* 0 */
    conductor_slice json; /* one JSON object, a member for each column that is told of. Amounts are numbers of at most
                             six decimals, days YYYY-MM-DD, moments YYYY-MM-DDTHH:MM:SS.sssZ, ids lower-case UUIDs */
} conductor_record;

#define CONDUCTOR_RECORDS_AFTER_ID (1u << 0) /* `after` is the id of a row that has no key */

typedef struct conductor_records_query {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_RECORDS_AFTER_ID */
    conductor_slice table;
    conductor_slice after; /* the key of the last row of the page before; absent for the first page */
    int32_t limit;         /* 1 to 1000 */
    uint32_t reserved;     /* 0 */
} conductor_records_query;

typedef struct conductor_records_reply {
    uint32_t struct_size;
    uint32_t flags;          /* 0 */
    conductor_array records; /* of conductor_record; fewer than `limit`: there are no more */
} conductor_records_reply;

typedef void (*conductor_records_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                       const conductor_records_reply *CONDUCTOR_NULLABLE reply);

#define CONDUCTOR_RECORDS_REPLACE (1u << 0) /* what stands there takes what the record tells; else it stays */

typedef struct conductor_records_batch {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_RECORDS_REPLACE */
    conductor_slice table;
    conductor_array records; /* of conductor_record, at most 1000, no key twice */
} conductor_records_batch;

#define CONDUCTOR_RECORD_KEPT 0     /* it stood there, and nothing of it was changed */
#define CONDUCTOR_RECORD_INSERTED 1 /* it is new */
#define CONDUCTOR_RECORD_CHANGED 2  /* it stood there, and has what the record tells */
#define CONDUCTOR_RECORD_ORPHAN 3   /* not put: it refers to a row that is not there, and the table wants that row */
#define CONDUCTOR_RECORD_REFUSED 4  /* not put: it breaks another rule of the table */

typedef struct conductor_records_outcome {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    conductor_array outcomes; /* of uint8_t, one per record: CONDUCTOR_RECORD_* */
    conductor_array unplaced; /* of conductor_slice: columns that records had a value for and this table has not */
} conductor_records_outcome;

typedef void (*conductor_put_records_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                           const conductor_records_outcome *CONDUCTOR_NULLABLE outcome);

typedef struct conductor_crm {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    /* Everybody with this number, and what they bought: one round trip to wherever that is kept. Borrows `call` and
       `query` for the call. [any] Must not block. Errors: UNSUPPORTED when no customers are kept here, UNAVAILABLE,
       INVALID, INTERNAL. Required. */
    void (*CONDUCTOR_NULLABLE customers)(conductor_instance *CONDUCTOR_NONNULL self,
                                         const conductor_call *CONDUCTOR_NONNULL call,
                                         const conductor_customer_query *CONDUCTOR_NONNULL query,
                                         conductor_customers_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Customers by what somebody types, in the order of their names, without purchases. As above. NULL: cannot. */
    void (*CONDUCTOR_NULLABLE search)(conductor_instance *CONDUCTOR_NONNULL self,
                                      const conductor_call *CONDUCTOR_NONNULL call,
                                      const conductor_customer_search *CONDUCTOR_NONNULL query,
                                      conductor_customers_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Rows of a table as they are kept, with all their columns, in the order of their keys: transactions by
       `transaction_id` as a number, products by the bytes of `sku`, customers, staff and transaction_items by `id`. A
       row without a key comes behind those that have one, by its `id`. Borrows `call` and `query` for the call. [any]
       Must not block. Errors: UNSUPPORTED, CONFLICT when a row cannot be told as the table's columns are known (in
       words that say which and how to mend it), UNAVAILABLE, INVALID, INTERNAL. NULL: cannot. */
    void (*CONDUCTOR_NULLABLE records)(conductor_instance *CONDUCTOR_NONNULL self,
                                       const conductor_call *CONDUCTOR_NONNULL call,
                                       const conductor_records_query *CONDUCTOR_NONNULL query,
                                       conductor_records_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Puts rows by their keys, all in one transaction; repeating it changes nothing. What a record does not tell of
       stays as it is, or takes its default; a member of null empties the column. A row that is replaced keeps its `id`,
       and gets `updated_at` of now unless the record tells another. As above. NULL: cannot. */
    void (*CONDUCTOR_NULLABLE put_records)(conductor_instance *CONDUCTOR_NONNULL self,
                                           const conductor_call *CONDUCTOR_NONNULL call,
                                           const conductor_records_batch *CONDUCTOR_NONNULL batch,
                                           conductor_put_records_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_crm;

#ifdef __cplusplus
}
#endif
#endif
