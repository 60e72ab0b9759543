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
} conductor_crm;

#ifdef __cplusplus
}
#endif
#endif
