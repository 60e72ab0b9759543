/*
 * Makes every type of the contract reachable from an exported function, for abidiff (scripts/abi.sh): what is only
 * behind a `void *` would not be compared. scripts/abi.sh fails when a type of the headers is missing here.
 */
#include "conductor_plugin.h"

#define PROBE(type) CONDUCTOR_EXPORT void probe_##type(const type *value);
#define SEEN(type)                                                                                                     \
    PROBE(type)                                                                                                        \
    void probe_##type(const type *value)                                                                               \
    {                                                                                                                  \
        (void)value;                                                                                                   \
    }

SEEN(conductor_slice)
SEEN(conductor_array)
SEEN(conductor_error)
SEEN(conductor_call)
SEEN(conductor_instance)
SEEN(conductor_host)
SEEN(conductor_host_log)
SEEN(conductor_host_clock)
SEEN(conductor_host_storage_events)
SEEN(conductor_message)
SEEN(conductor_inbound_text)
SEEN(conductor_decision)
SEEN(conductor_responder)
SEEN(conductor_event)
SEEN(conductor_notifier)
SEEN(conductor_prefix)
SEEN(conductor_plugin)
SEEN(conductor_done)
SEEN(conductor_responder_done)
SEEN(conductor_send_request)
SEEN(conductor_send_reply)
SEEN(conductor_host_send)
SEEN(conductor_conversation_query)
SEEN(conductor_conversation_page)
SEEN(conductor_host_conversation)
SEEN(conductor_contact)
SEEN(conductor_contact_change)
SEEN(conductor_host_contact)
SEEN(conductor_product)
SEEN(conductor_purchase_item)
SEEN(conductor_purchase)
SEEN(conductor_customer)
SEEN(conductor_customer_query)
SEEN(conductor_customer_reply)
SEEN(conductor_host_crm)
SEEN(conductor_kv_entry)
SEEN(conductor_kv_query)
SEEN(conductor_kv_value)
SEEN(conductor_kv_keys)
SEEN(conductor_host_kv)
SEEN(conductor_http_header)
SEEN(conductor_http_request)
SEEN(conductor_http_response)
SEEN(conductor_host_http)
SEEN(conductor_label)
SEEN(conductor_metric)
SEEN(conductor_host_metrics)
SEEN(conductor_send_done)
SEEN(conductor_conversation_done)
SEEN(conductor_contact_done)
SEEN(conductor_customer_done)
SEEN(conductor_kv_value_done)
SEEN(conductor_kv_keys_done)
SEEN(conductor_http_done)
SEEN(conductor_outcome)
SEEN(conductor_start)
SEEN(conductor_exchange_request)
SEEN(conductor_exchange_reply)
SEEN(conductor_message_query)
SEEN(conductor_messages_reply)
SEEN(conductor_message_change)
SEEN(conductor_change_reply)
SEEN(conductor_consent_event)
SEEN(conductor_storage_health)
SEEN(conductor_erasure_request)
SEEN(conductor_erasure_reply)
SEEN(conductor_stored_contact)
SEEN(conductor_storage)
SEEN(conductor_exchange_done)
SEEN(conductor_messages_done)
SEEN(conductor_change_done)
SEEN(conductor_health_done)
SEEN(conductor_erasure_done)
SEEN(conductor_stored_contact_done)

const conductor_plugin *conductor_plugin_entry(void)
{
    return NULL;
}
