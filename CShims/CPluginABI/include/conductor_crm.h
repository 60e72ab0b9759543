/*
 * conductor_crm.h: the capability conductor.crm/1, who the business's customers are. Part of conductor_plugin.h, which
 * includes it. Frozen (README.md): Tests/Fixtures/crm-1.0 has it as it was, and somebody who knows customers in C. A
 * storage that keeps customers offers it beside conductor.storage/1; the types of customers are those of the host's
 * service, in conductor_services.h.
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

/* ---- imports: rows of the till's files, known by what people know them by ---- */

#define CONDUCTOR_CELL_ABSENT 0 /* the file says nothing: what is known stays as it is */
#define CONDUCTOR_CELL_TEXT 1   /* text */
#define CONDUCTOR_CELL_COUNT 2  /* number */
#define CONDUCTOR_CELL_MONEY 3  /* number: millionths of the shop's currency */
#define CONDUCTOR_CELL_DAY 4    /* text: YYYY-MM-DD */
#define CONDUCTOR_CELL_FLAG 5   /* number: 0 or 1 */

/* One value. Fixed for ever, as conductor_slice is: 32 bytes. */
typedef struct conductor_cell {
    uint32_t kind;     /* CONDUCTOR_CELL_* */
    uint32_t reserved; /* 0 */
    int64_t number;
    conductor_slice text;
} conductor_cell;

#define CONDUCTOR_IMPORT_FILL (1u << 0) /* what stands there stays: rows are new, or fill what is empty */

/* Rows of one table. What the cells of a row are, in their order: columns of the table, and by what it refers to
   others: customers.member_id, customers.phone, customers.email, customers.name, staff.employee_id, staff.name,
   products.name. `occurrence`, of transaction_items: how many lines of the file up to this one are the same. */
typedef struct conductor_import_section {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_IMPORT_FILL */
    conductor_slice table;
    conductor_array columns; /* of conductor_slice */
    conductor_array cells;   /* of conductor_cell, row after row */
} conductor_import_section;

#define CONDUCTOR_IMPORT_DRY (1u << 0) /* tell what would come of it, and keep nothing */

typedef struct conductor_import_batch {
    uint32_t struct_size;
    uint32_t flags;            /* CONDUCTOR_IMPORT_DRY */
    conductor_slice import_id; /* the import: an opaque id */
    conductor_slice today;     /* YYYY-MM-DD at the shop: what a file states without a date of its own is of this day */
    uint64_t sequence;         /* from 1; each batch that is kept has the next one */
    conductor_array sections;  /* of conductor_import_section, in the order in which they are put */
} conductor_import_batch;

#define CONDUCTOR_IMPORT_UNCHANGED 0
#define CONDUCTOR_IMPORT_INSERTED 1
#define CONDUCTOR_IMPORT_UPDATED 2
#define CONDUCTOR_IMPORT_ORPHAN 3   /* not put: it refers to a row that is not there, and the table wants that row */
#define CONDUCTOR_IMPORT_REFUSED 4  /* not put: it breaks another rule of the table */
#define CONDUCTOR_IMPORT_REPEATED 5 /* not put: this import has put a row with this key, and it says otherwise */
#define CONDUCTOR_IMPORT_KEYLESS 6  /* not put: it has nothing to be known by */
#define CONDUCTOR_IMPORT_LOOSE 128  /* beside one of the first three: put without what it names, which is not there */

typedef struct conductor_import_outcome {
    uint32_t struct_size;
    uint32_t flags;           /* 0 */
    conductor_array outcomes; /* of uint8_t, one for each row of each section, in their order: CONDUCTOR_IMPORT_* */
} conductor_import_outcome;

typedef void (*conductor_import_rows_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                           const conductor_import_outcome *CONDUCTOR_NULLABLE outcome);

#define CONDUCTOR_IMPORT_COMPLETE 0 /* all of the file has come */
#define CONDUCTOR_IMPORT_UNDO 1     /* take it back */
#define CONDUCTOR_IMPORT_FORESEE 2  /* tell what taking it back would do, and keep everything */

typedef struct conductor_import_end {
    uint32_t struct_size;
    uint32_t what; /* CONDUCTOR_IMPORT_COMPLETE, _UNDO, _FORESEE */
    conductor_slice import_id;
} conductor_import_end;

typedef struct conductor_import_table {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    conductor_slice table;
    uint64_t removed;  /* rows that the import had inserted, and that are gone */
    uint64_t restored; /* rows that are again as before it */
    uint64_t left;     /* rows that others refer to, or that were changed since: they stay */
} conductor_import_table;

typedef struct conductor_import_summary {
    uint32_t struct_size;
    uint32_t flags;         /* 0 */
    conductor_array tables; /* of conductor_import_table; empty after CONDUCTOR_IMPORT_COMPLETE */
} conductor_import_summary;

typedef void (*conductor_end_import_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                          const conductor_import_summary *CONDUCTOR_NULLABLE summary);

/* ---- lists ---- */

typedef struct conductor_named_value {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    conductor_slice name;
    conductor_slice value;
} conductor_named_value;

#define CONDUCTOR_LIST_DIRECTED (1u << 0)   /* the next flag says the direction; else it is the list's usual one */
#define CONDUCTOR_LIST_DESCENDING (1u << 1) /* from the end */

/* Lists, their filters and orders (the usual one first; * is from the end):
   customers: search vip_status churn_risk location; name last_visit_date* visit_count* lifetime_value*
   transactions: customer_id from to location staff_id payment_method; date*
   transaction_items: transaction_id product_sku; id
   products: search category brand vendor stock_status; name sku* current_stock*
   staff: location; name
   spend_by_category, spend_by_brand: customer_id; total*      visits_by_month: customer_id; month*
   bestsellers: from to; total*                                duplicates: -; value
   receipts_without_items, receipts_without_customer: -; date*
   items_without_receipt, items_without_product: -; id */
typedef struct conductor_list_query {
    uint32_t struct_size;
    uint32_t flags; /* CONDUCTOR_LIST_* */
    conductor_slice list;
    conductor_array filters; /* of conductor_named_value: all must hold */
    conductor_slice order;   /* absent: the usual one */
    conductor_slice after;   /* `next` of the page before; absent for the first page */
    int32_t limit;           /* 1 to 1000 */
    uint32_t reserved;       /* 0 */
} conductor_list_query;

typedef struct conductor_list_page {
    uint32_t struct_size;
    uint32_t flags;       /* 0 */
    conductor_array rows; /* of conductor_record */
    conductor_slice next; /* opaque; absent: there are no more */
} conductor_list_page;

typedef void (*conductor_list_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                    const conductor_list_page *CONDUCTOR_NULLABLE page);

/* ---- what people change ---- */

#define CONDUCTOR_CUSTOMERS_MERGE 1   /* the first of `customers` takes over all that the others have; they are gone */
#define CONDUCTOR_CUSTOMERS_RECOUNT 2 /* what is made of receipts is made anew, customer after customer */
#define CONDUCTOR_CUSTOMERS_RULES 3   /* what is made of receipts goes by other rules from now on */

#define CONDUCTOR_CUSTOMERS_PREVIEW (1u << 0) /* tell what would be different, and keep everything */
#define CONDUCTOR_CUSTOMERS_LOWER                                                                                      \
    (1u << 1) /* RECOUNT: forget what was stated beside the receipts, where there are any */

/* Rules: zone (IANA); casual_visits, regular_visits, vip_visits (each more than the one before); medium_risk_days,
   high_risk_days (the second more than the first); low_stock. */
typedef struct conductor_customer_change {
    uint32_t struct_size;
    uint32_t flags;            /* CONDUCTOR_CUSTOMERS_PREVIEW, _LOWER */
    uint32_t what;             /* CONDUCTOR_CUSTOMERS_MERGE, _RECOUNT, _RULES */
    int32_t limit;             /* RECOUNT: so many customers, 1 to 1000 */
    conductor_array customers; /* MERGE: of conductor_slice, 2 to 21 ids */
    conductor_array rules;     /* RULES: of conductor_named_value; those that are not named stay. None: only tell */
    conductor_slice after;     /* RECOUNT: `next` of the page before; absent for the first one */
} conductor_customer_change;

#define CONDUCTOR_DIFFERENCE_STAYS (1u << 0) /* it would become less, and nobody asked for that: it is as before */

typedef struct conductor_customer_difference {
    uint32_t struct_size;
    uint32_t flags;           /* CONDUCTOR_DIFFERENCE_STAYS */
    conductor_slice customer; /* an id; absent: it is a rule */
    conductor_slice name;     /* the customer's */
    conductor_slice column; /* of the table customers, or the rule's name. MERGE also: transactions (how many), and id,
                               of which nothing is after it where the customer is gone */
    conductor_slice before; /* absent: nothing */
    conductor_slice after;  /* absent: nothing. RULES: each of them comes, also one that stays */
} conductor_customer_difference;

typedef struct conductor_customer_differences {
    uint32_t struct_size;
    uint32_t flags;              /* 0 */
    conductor_array differences; /* of conductor_customer_difference */
    conductor_slice next;        /* RECOUNT: opaque; absent: there are no more customers */
} conductor_customer_differences;

typedef void (*conductor_change_customers_done)(uint64_t token, const conductor_error *CONDUCTOR_NULLABLE error,
                                                const conductor_customer_differences *CONDUCTOR_NULLABLE differences);

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
    /* Puts rows of a file: the rows, and that this batch was put, in one transaction. A row is known by the first of
       these that it tells: customers by member_id, phone (E.164), email (without regard to capitals), and where the row
       tells none of them by name; products by sku, name; staff by employee_id, name; transactions by transaction_id;
       transaction_items by all that they tell and `occurrence`. What a row does not tell of stays as it is. The last
       batch that was put, put again under its sequence, changes nothing and has the same outcomes. As above; CONFLICT
       for a sequence that is neither that nor the next one. NULL: cannot. */
    void (*CONDUCTOR_NULLABLE import_rows)(conductor_instance *CONDUCTOR_NONNULL self,
                                           const conductor_call *CONDUCTOR_NONNULL call,
                                           const conductor_import_batch *CONDUCTOR_NONNULL batch,
                                           conductor_import_rows_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Ends an import, or takes it back; repeating it changes nothing. Taking back: UNSUPPORTED where nobody keeps what
       was there before. As above. NULL: cannot. */
    void (*CONDUCTOR_NULLABLE end_import)(conductor_instance *CONDUCTOR_NONNULL self,
                                          const conductor_call *CONDUCTOR_NONNULL call,
                                          const conductor_import_end *CONDUCTOR_NONNULL request,
                                          conductor_end_import_done CONDUCTOR_NONNULL done, uint64_t token);
    /* A page of a list. A list that changes meanwhile shows no row twice unless its place in the order has changed. As
       above; INVALID for a filter, an order or a cursor that is not the list's. NULL: cannot. */
    void (*CONDUCTOR_NULLABLE list)(conductor_instance *CONDUCTOR_NONNULL self,
                                    const conductor_call *CONDUCTOR_NONNULL call,
                                    const conductor_list_query *CONDUCTOR_NONNULL query,
                                    conductor_list_done CONDUCTOR_NONNULL done, uint64_t token);
    /* Changes what people ask for, in one transaction, or tells what would be different. As above; INVALID for an id
       that nobody has, and for rules that cannot be beside each other. NULL: cannot. */
    void (*CONDUCTOR_NULLABLE change_customers)(conductor_instance *CONDUCTOR_NONNULL self,
                                                const conductor_call *CONDUCTOR_NONNULL call,
                                                const conductor_customer_change *CONDUCTOR_NONNULL change,
                                                conductor_change_customers_done CONDUCTOR_NONNULL done, uint64_t token);
} conductor_crm;

#ifdef __cplusplus
}
#endif
#endif
