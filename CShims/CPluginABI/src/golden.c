/* The layout and the numbers of the contract as they stand: a line here may be added, never changed or removed. */
#include "conductor_plugin.h"

#define GOLDEN(condition) _Static_assert(condition, #condition)

GOLDEN(CONDUCTOR_PLUGIN_MAGIC == 0x4E504443u && CONDUCTOR_ABI_MAJOR == 1);
GOLDEN(CONDUCTOR_OK == 0);
GOLDEN(CONDUCTOR_INVALID == 1);
GOLDEN(CONDUCTOR_UNSUPPORTED == 2);
GOLDEN(CONDUCTOR_UNAVAILABLE == 3);
GOLDEN(CONDUCTOR_DEADLINE == 4);
GOLDEN(CONDUCTOR_CANCELLED == 5);
GOLDEN(CONDUCTOR_CONFLICT == 6);
GOLDEN(CONDUCTOR_INTERNAL == 7);
GOLDEN(CONDUCTOR_LOG_DEBUG == 0);
GOLDEN(CONDUCTOR_LOG_INFO == 1);
GOLDEN(CONDUCTOR_LOG_NOTICE == 2);
GOLDEN(CONDUCTOR_LOG_WARNING == 3);
GOLDEN(CONDUCTOR_LOG_ERROR == 4);
GOLDEN(CONDUCTOR_DIRECTION_INBOUND == 1);
GOLDEN(CONDUCTOR_DIRECTION_OUTBOUND == 2);
GOLDEN(CONDUCTOR_STATUS_UNREAD == 1);
GOLDEN(CONDUCTOR_STATUS_READ == 2);
GOLDEN(CONDUCTOR_STATUS_QUEUED == 3);
GOLDEN(CONDUCTOR_STATUS_SENT == 4);
GOLDEN(CONDUCTOR_STATUS_FAILED == 5);
GOLDEN(CONDUCTOR_DELIVERY_SENDING == 1);
GOLDEN(CONDUCTOR_DELIVERY_ACCEPTED == 2);
GOLDEN(CONDUCTOR_DELIVERY_DELIVERED == 3);
GOLDEN(CONDUCTOR_DELIVERY_UNDELIVERED == 4);
GOLDEN(CONDUCTOR_DELIVERY_UNKNOWN == 5);
GOLDEN(CONDUCTOR_DELIVERY_EXPIRED == 6);
GOLDEN(CONDUCTOR_DELIVERY_OPTED_OUT == 7);
GOLDEN(CONDUCTOR_DELIVERY_REFUSED == 8);
GOLDEN(CONDUCTOR_DELIVERY_HELD == 9);
GOLDEN(CONDUCTOR_MESSAGE_HAS_STORAGE_ID == 0x1u);
GOLDEN(CONDUCTOR_MESSAGE_HAS_MODEM_TIMESTAMP == 0x2u);
GOLDEN(CONDUCTOR_MESSAGE_HAS_MODEM_UTC_OFFSET == 0x4u);
GOLDEN(CONDUCTOR_MESSAGE_HAS_MODEM_INDEX == 0x8u);
GOLDEN(CONDUCTOR_MESSAGE_HAS_LAST_RETRY_AT == 0x10u);
GOLDEN(CONDUCTOR_MESSAGE_HAS_NOT_BEFORE == 0x20u);
GOLDEN(CONDUCTOR_MESSAGE_INCOMPLETE == 0x10000u);
GOLDEN(CONDUCTOR_MESSAGE_POSSIBLE_DUPLICATE == 0x20000u);
GOLDEN(CONDUCTOR_MESSAGE_ASKS_TO_STOP == 0x40000u);
GOLDEN(CONDUCTOR_TEXT_INCOMPLETE == 0x1u);
GOLDEN(CONDUCTOR_DECISION_DECLINE == 0);
GOLDEN(CONDUCTOR_DECISION_REPLY == 1);
GOLDEN(CONDUCTOR_DECISION_APPEND == 2);
GOLDEN(CONDUCTOR_DECISION_DRAFT == 3);
GOLDEN(CONDUCTOR_DECISION_HAND_OVER == 4);
GOLDEN(CONDUCTOR_OUTCOME_HAS_STORAGE_ID == 0x1u);
GOLDEN(CONDUCTOR_OUTCOME_HAS_MODEM_TIMESTAMP == 0x2u);
GOLDEN(CONDUCTOR_OUTCOME_HAS_NOT_BEFORE == 0x4u);
GOLDEN(CONDUCTOR_QUERY_HAS_CURSOR == 0x1u);
GOLDEN(CONDUCTOR_QUERY_OLDEST_FIRST == 0x2u);
GOLDEN(CONDUCTOR_CHANGE_MARK_READ == 0);
GOLDEN(CONDUCTOR_CHANGE_REQUEUE == 1);
GOLDEN(CONDUCTOR_CHANGE_CANCEL == 2);
GOLDEN(CONDUCTOR_CONSENT_OUT == 1);
GOLDEN(CONDUCTOR_CONSENT_IN == 2);

GOLDEN(offsetof(conductor_slice, ptr) == 0);
GOLDEN(offsetof(conductor_slice, len) == 8);
GOLDEN(sizeof(conductor_slice) == 16);

GOLDEN(offsetof(conductor_array, ptr) == 0);
GOLDEN(offsetof(conductor_array, count) == 8);
GOLDEN(offsetof(conductor_array, stride) == 12);
GOLDEN(sizeof(conductor_array) == 16);

GOLDEN(offsetof(conductor_error, struct_size) == 0);
GOLDEN(offsetof(conductor_error, code) == 4);
GOLDEN(offsetof(conductor_error, retry_after_ms) == 8);
GOLDEN(offsetof(conductor_error, message_len) == 16);
GOLDEN(offsetof(conductor_error, message) == 20);
GOLDEN(sizeof(conductor_error) >= 512);

GOLDEN(offsetof(conductor_call, struct_size) == 0);
GOLDEN(offsetof(conductor_call, flags) == 4);
GOLDEN(offsetof(conductor_call, call_id) == 8);
GOLDEN(offsetof(conductor_call, deadline_ns) == 16);
GOLDEN(sizeof(conductor_call) >= 24);

GOLDEN(offsetof(conductor_host, struct_size) == 0);
GOLDEN(offsetof(conductor_host, abi_major) == 4);
GOLDEN(offsetof(conductor_host, abi_minor) == 6);
GOLDEN(offsetof(conductor_host, context) == 8);
GOLDEN(offsetof(conductor_host, instance_name) == 16);
GOLDEN(offsetof(conductor_host, base_folder) == 32);
GOLDEN(offsetof(conductor_host, get_extension) == 48);
GOLDEN(sizeof(conductor_host) >= 56);

GOLDEN(offsetof(conductor_host_log, struct_size) == 0);
GOLDEN(offsetof(conductor_host_log, flags) == 4);
GOLDEN(offsetof(conductor_host_log, write) == 8);
GOLDEN(sizeof(conductor_host_log) >= 16);

GOLDEN(offsetof(conductor_host_clock, struct_size) == 0);
GOLDEN(offsetof(conductor_host_clock, flags) == 4);
GOLDEN(offsetof(conductor_host_clock, now_ms) == 8);
GOLDEN(offsetof(conductor_host_clock, monotonic_ns) == 16);
GOLDEN(sizeof(conductor_host_clock) >= 24);

GOLDEN(offsetof(conductor_host_storage_events, struct_size) == 0);
GOLDEN(offsetof(conductor_host_storage_events, flags) == 4);
GOLDEN(offsetof(conductor_host_storage_events, rows_changed) == 8);
GOLDEN(sizeof(conductor_host_storage_events) >= 16);

GOLDEN(offsetof(conductor_message, struct_size) == 0);
GOLDEN(offsetof(conductor_message, flags) == 4);
GOLDEN(offsetof(conductor_message, storage_id) == 8);
GOLDEN(offsetof(conductor_message, uid) == 16);
GOLDEN(offsetof(conductor_message, phone) == 32);
GOLDEN(offsetof(conductor_message, content) == 48);
GOLDEN(offsetof(conductor_message, direction) == 64);
GOLDEN(offsetof(conductor_message, status) == 68);
GOLDEN(offsetof(conductor_message, delivery_status) == 72);
GOLDEN(offsetof(conductor_message, parts) == 76);
GOLDEN(offsetof(conductor_message, timestamp_ms) == 80);
GOLDEN(offsetof(conductor_message, modem_timestamp_ms) == 88);
GOLDEN(offsetof(conductor_message, last_retry_at_ms) == 96);
GOLDEN(offsetof(conductor_message, not_before_ms) == 104);
GOLDEN(offsetof(conductor_message, modem_utc_offset_minutes) == 112);
GOLDEN(offsetof(conductor_message, modem_index) == 116);
GOLDEN(offsetof(conductor_message, retry_count) == 120);
GOLDEN(offsetof(conductor_message, reserved) == 124);
GOLDEN(offsetof(conductor_message, error_code) == 128);
GOLDEN(offsetof(conductor_message, error_message) == 144);
GOLDEN(offsetof(conductor_message, message_hash) == 160);
GOLDEN(offsetof(conductor_message, sim) == 176);
GOLDEN(offsetof(conductor_message, answers) == 192);
GOLDEN(offsetof(conductor_message, origin) == 208);
GOLDEN(sizeof(conductor_message) >= 224);

GOLDEN(offsetof(conductor_inbound_text, struct_size) == 0);
GOLDEN(offsetof(conductor_inbound_text, flags) == 4);
GOLDEN(offsetof(conductor_inbound_text, uid) == 8);
GOLDEN(offsetof(conductor_inbound_text, phone) == 24);
GOLDEN(offsetof(conductor_inbound_text, content) == 40);
GOLDEN(offsetof(conductor_inbound_text, sim) == 56);
GOLDEN(offsetof(conductor_inbound_text, received_at_ms) == 72);
GOLDEN(offsetof(conductor_inbound_text, parts) == 80);
GOLDEN(offsetof(conductor_inbound_text, reserved) == 84);
GOLDEN(sizeof(conductor_inbound_text) >= 88);

GOLDEN(offsetof(conductor_decision, struct_size) == 0);
GOLDEN(offsetof(conductor_decision, kind) == 4);
GOLDEN(offsetof(conductor_decision, text) == 8);
GOLDEN(offsetof(conductor_decision, reason) == 24);
GOLDEN(offsetof(conductor_decision, cost_micros) == 40);
GOLDEN(sizeof(conductor_decision) >= 48);

GOLDEN(offsetof(conductor_responder, struct_size) == 0);
GOLDEN(offsetof(conductor_responder, flags) == 4);
GOLDEN(offsetof(conductor_responder, respond) == 8);
GOLDEN(sizeof(conductor_responder) >= 16);

GOLDEN(offsetof(conductor_event, struct_size) == 0);
GOLDEN(offsetof(conductor_event, flags) == 4);
GOLDEN(offsetof(conductor_event, id) == 8);
GOLDEN(offsetof(conductor_event, kind) == 24);
GOLDEN(offsetof(conductor_event, json) == 40);
GOLDEN(offsetof(conductor_event, at_ms) == 56);
GOLDEN(sizeof(conductor_event) >= 64);

GOLDEN(offsetof(conductor_notifier, struct_size) == 0);
GOLDEN(offsetof(conductor_notifier, flags) == 4);
GOLDEN(offsetof(conductor_notifier, notify) == 8);
GOLDEN(sizeof(conductor_notifier) >= 16);

GOLDEN(CONDUCTOR_CHANGE_REMOVE == 3);

GOLDEN(offsetof(conductor_storage_table, struct_size) == 0);
GOLDEN(offsetof(conductor_storage_table, flags) == 4);
GOLDEN(offsetof(conductor_storage_table, name) == 8);
GOLDEN(offsetof(conductor_storage_table, rows) == 24);
GOLDEN(offsetof(conductor_storage_table, bytes) == 32);
GOLDEN(sizeof(conductor_storage_table) >= 40);

GOLDEN(offsetof(conductor_storage_sizes, struct_size) == 0);
GOLDEN(offsetof(conductor_storage_sizes, flags) == 4);
GOLDEN(offsetof(conductor_storage_sizes, tables) == 8);
GOLDEN(sizeof(conductor_storage_sizes) >= 24);

GOLDEN(offsetof(conductor_prefix, magic) == 0);
GOLDEN(offsetof(conductor_prefix, struct_size) == 4);
GOLDEN(offsetof(conductor_prefix, abi_major) == 8);
GOLDEN(offsetof(conductor_prefix, abi_minor) == 10);
GOLDEN(offsetof(conductor_prefix, needs_host_minor) == 12);
GOLDEN(offsetof(conductor_prefix, flags) == 14);
GOLDEN(sizeof(conductor_prefix) == 16);

GOLDEN(offsetof(conductor_plugin, prefix) == 0);
GOLDEN(offsetof(conductor_plugin, id) == 16);
GOLDEN(offsetof(conductor_plugin, name) == 24);
GOLDEN(offsetof(conductor_plugin, version) == 32);
GOLDEN(offsetof(conductor_plugin, toolchain) == 40);
GOLDEN(offsetof(conductor_plugin, capabilities) == 48);
GOLDEN(offsetof(conductor_plugin, create) == 56);
GOLDEN(offsetof(conductor_plugin, start) == 64);
GOLDEN(offsetof(conductor_plugin, stop) == 72);
GOLDEN(offsetof(conductor_plugin, destroy) == 80);
GOLDEN(offsetof(conductor_plugin, get_extension) == 88);
GOLDEN(offsetof(conductor_plugin, cancel) == 96);
GOLDEN(sizeof(conductor_plugin) >= 104);

GOLDEN(offsetof(conductor_host, cancel) == 56);
GOLDEN(sizeof(conductor_host) >= 64);

GOLDEN(CONDUCTOR_PURPOSE_CONVERSATION == 0);
GOLDEN(CONDUCTOR_PURPOSE_NOTICE == 1);
GOLDEN(CONDUCTOR_PURPOSE_PROMOTION == 2);
GOLDEN(CONDUCTOR_SEND_HAS_NOT_BEFORE == 0x1u);
GOLDEN(CONDUCTOR_SENT_REPETITION == 0x1u);
GOLDEN(CONDUCTOR_CONVERSATION_HAS_BEFORE == 0x1u);
GOLDEN(CONDUCTOR_CONTACT_HAS_BOT_PAUSED_UNTIL == 0x1u);
GOLDEN(CONDUCTOR_CONTACT_CLOSED == 0x10000u);
GOLDEN(CONDUCTOR_CONTACT_OPTED_OUT == 0x20000u);
GOLDEN(CONDUCTOR_CONTACT_SET_NAME == 0x1u);
GOLDEN(CONDUCTOR_CONTACT_SET_NOTES == 0x2u);
GOLDEN(CONDUCTOR_CONTACT_SET_ASSIGNEE == 0x4u);
GOLDEN(CONDUCTOR_CONTACT_SET_BOT_PAUSED_UNTIL == 0x8u);
GOLDEN(CONDUCTOR_CONTACT_SET_CLOSED == 0x10u);
GOLDEN(CONDUCTOR_PRODUCT_HAS_RETAIL_PRICE == 0x1u);
GOLDEN(CONDUCTOR_PRODUCT_HAS_CURRENT_STOCK == 0x2u);
GOLDEN(CONDUCTOR_ITEM_HAS_QUANTITY == 0x1u);
GOLDEN(CONDUCTOR_ITEM_HAS_UNIT_PRICE == 0x2u);
GOLDEN(CONDUCTOR_ITEM_HAS_TOTAL_PRICE == 0x4u);
GOLDEN(CONDUCTOR_ITEM_HAS_DISCOUNT == 0x8u);
GOLDEN(CONDUCTOR_PURCHASE_HAS_NUMBER == 0x1u);
GOLDEN(CONDUCTOR_PURCHASE_HAS_TOTAL == 0x2u);
GOLDEN(CONDUCTOR_CUSTOMER_HAS_VISIT_COUNT == 0x1u);
GOLDEN(CONDUCTOR_CUSTOMER_HAS_LIFETIME_VALUE == 0x2u);
GOLDEN(CONDUCTOR_CUSTOMER_HAS_AVERAGE_TRANSACTION == 0x4u);
GOLDEN(CONDUCTOR_CUSTOMER_HAS_DAYS_SINCE_LAST_VISIT == 0x8u);
GOLDEN(CONDUCTOR_KV_HAS_EXPIRY == 0x1u);
GOLDEN(CONDUCTOR_METRIC_COUNTER == 1);
GOLDEN(CONDUCTOR_METRIC_GAUGE == 2);
GOLDEN(CONDUCTOR_METRIC_HISTOGRAM == 3);

GOLDEN(offsetof(conductor_send_request, struct_size) == 0);
GOLDEN(offsetof(conductor_send_request, flags) == 4);
GOLDEN(offsetof(conductor_send_request, phone) == 8);
GOLDEN(offsetof(conductor_send_request, text) == 24);
GOLDEN(offsetof(conductor_send_request, sim) == 40);
GOLDEN(offsetof(conductor_send_request, idempotency_key) == 56);
GOLDEN(offsetof(conductor_send_request, not_before_ms) == 72);
GOLDEN(offsetof(conductor_send_request, purpose) == 80);
GOLDEN(offsetof(conductor_send_request, reserved) == 84);
GOLDEN(sizeof(conductor_send_request) >= 88);

GOLDEN(offsetof(conductor_send_reply, struct_size) == 0);
GOLDEN(offsetof(conductor_send_reply, flags) == 4);
GOLDEN(offsetof(conductor_send_reply, uid) == 8);
GOLDEN(sizeof(conductor_send_reply) >= 24);

GOLDEN(offsetof(conductor_host_send, struct_size) == 0);
GOLDEN(offsetof(conductor_host_send, flags) == 4);
GOLDEN(offsetof(conductor_host_send, send) == 8);
GOLDEN(sizeof(conductor_host_send) >= 16);

GOLDEN(offsetof(conductor_conversation_query, struct_size) == 0);
GOLDEN(offsetof(conductor_conversation_query, flags) == 4);
GOLDEN(offsetof(conductor_conversation_query, phone) == 8);
GOLDEN(offsetof(conductor_conversation_query, before) == 24);
GOLDEN(offsetof(conductor_conversation_query, limit) == 32);
GOLDEN(offsetof(conductor_conversation_query, reserved) == 36);
GOLDEN(sizeof(conductor_conversation_query) >= 40);

GOLDEN(offsetof(conductor_conversation_page, struct_size) == 0);
GOLDEN(offsetof(conductor_conversation_page, flags) == 4);
GOLDEN(offsetof(conductor_conversation_page, messages) == 8);
GOLDEN(offsetof(conductor_conversation_page, before) == 24);
GOLDEN(sizeof(conductor_conversation_page) >= 32);

GOLDEN(offsetof(conductor_host_conversation, struct_size) == 0);
GOLDEN(offsetof(conductor_host_conversation, flags) == 4);
GOLDEN(offsetof(conductor_host_conversation, page) == 8);
GOLDEN(sizeof(conductor_host_conversation) >= 16);

GOLDEN(offsetof(conductor_contact, struct_size) == 0);
GOLDEN(offsetof(conductor_contact, flags) == 4);
GOLDEN(offsetof(conductor_contact, phone) == 8);
GOLDEN(offsetof(conductor_contact, name) == 24);
GOLDEN(offsetof(conductor_contact, notes) == 40);
GOLDEN(offsetof(conductor_contact, assignee) == 56);
GOLDEN(offsetof(conductor_contact, bot_paused_until_ms) == 72);
GOLDEN(sizeof(conductor_contact) >= 80);

GOLDEN(offsetof(conductor_contact_change, struct_size) == 0);
GOLDEN(offsetof(conductor_contact_change, flags) == 4);
GOLDEN(offsetof(conductor_contact_change, phone) == 8);
GOLDEN(offsetof(conductor_contact_change, name) == 24);
GOLDEN(offsetof(conductor_contact_change, notes) == 40);
GOLDEN(offsetof(conductor_contact_change, assignee) == 56);
GOLDEN(offsetof(conductor_contact_change, bot_paused_until_ms) == 72);
GOLDEN(offsetof(conductor_contact_change, closed) == 80);
GOLDEN(offsetof(conductor_contact_change, reserved) == 84);
GOLDEN(sizeof(conductor_contact_change) >= 88);

GOLDEN(offsetof(conductor_host_contact, struct_size) == 0);
GOLDEN(offsetof(conductor_host_contact, flags) == 4);
GOLDEN(offsetof(conductor_host_contact, get) == 8);
GOLDEN(offsetof(conductor_host_contact, change) == 16);
GOLDEN(sizeof(conductor_host_contact) >= 24);

GOLDEN(offsetof(conductor_product, struct_size) == 0);
GOLDEN(offsetof(conductor_product, flags) == 4);
GOLDEN(offsetof(conductor_product, sku) == 8);
GOLDEN(offsetof(conductor_product, name) == 24);
GOLDEN(offsetof(conductor_product, category) == 40);
GOLDEN(offsetof(conductor_product, brand) == 56);
GOLDEN(offsetof(conductor_product, thc_content) == 72);
GOLDEN(offsetof(conductor_product, cbd_content) == 88);
GOLDEN(offsetof(conductor_product, strain_type) == 104);
GOLDEN(offsetof(conductor_product, effects) == 120);
GOLDEN(offsetof(conductor_product, stock_status) == 136);
GOLDEN(offsetof(conductor_product, retail_price_micros) == 152);
GOLDEN(offsetof(conductor_product, current_stock) == 160);
GOLDEN(offsetof(conductor_product, reserved) == 164);
GOLDEN(sizeof(conductor_product) >= 168);

GOLDEN(offsetof(conductor_purchase_item, struct_size) == 0);
GOLDEN(offsetof(conductor_purchase_item, flags) == 4);
GOLDEN(offsetof(conductor_purchase_item, unit_price_micros) == 8);
GOLDEN(offsetof(conductor_purchase_item, total_price_micros) == 16);
GOLDEN(offsetof(conductor_purchase_item, discount_micros) == 24);
GOLDEN(offsetof(conductor_purchase_item, quantity) == 32);
GOLDEN(offsetof(conductor_purchase_item, reserved) == 36);
GOLDEN(offsetof(conductor_purchase_item, product) == 40);
GOLDEN(sizeof(conductor_purchase_item) >= 48);

GOLDEN(offsetof(conductor_purchase, struct_size) == 0);
GOLDEN(offsetof(conductor_purchase, flags) == 4);
GOLDEN(offsetof(conductor_purchase, number) == 8);
GOLDEN(offsetof(conductor_purchase, total_micros) == 16);
GOLDEN(offsetof(conductor_purchase, date) == 24);
GOLDEN(offsetof(conductor_purchase, payment_method) == 40);
GOLDEN(offsetof(conductor_purchase, location) == 56);
GOLDEN(offsetof(conductor_purchase, items) == 72);
GOLDEN(sizeof(conductor_purchase) >= 88);

GOLDEN(offsetof(conductor_customer, struct_size) == 0);
GOLDEN(offsetof(conductor_customer, flags) == 4);
GOLDEN(offsetof(conductor_customer, id) == 8);
GOLDEN(offsetof(conductor_customer, name) == 24);
GOLDEN(offsetof(conductor_customer, email) == 40);
GOLDEN(offsetof(conductor_customer, phone) == 56);
GOLDEN(offsetof(conductor_customer, first_visit) == 72);
GOLDEN(offsetof(conductor_customer, last_visit) == 88);
GOLDEN(offsetof(conductor_customer, vip_status) == 104);
GOLDEN(offsetof(conductor_customer, churn_risk) == 120);
GOLDEN(offsetof(conductor_customer, preferred_location) == 136);
GOLDEN(offsetof(conductor_customer, preferred_staff) == 152);
GOLDEN(offsetof(conductor_customer, lifetime_value_micros) == 168);
GOLDEN(offsetof(conductor_customer, average_transaction_micros) == 176);
GOLDEN(offsetof(conductor_customer, visit_count) == 184);
GOLDEN(offsetof(conductor_customer, days_since_last_visit) == 188);
GOLDEN(offsetof(conductor_customer, purchases) == 192);
GOLDEN(sizeof(conductor_customer) >= 208);

GOLDEN(offsetof(conductor_customer_query, struct_size) == 0);
GOLDEN(offsetof(conductor_customer_query, purchases) == 4);
GOLDEN(offsetof(conductor_customer_query, phone) == 8);
GOLDEN(sizeof(conductor_customer_query) >= 24);

GOLDEN(offsetof(conductor_customer_reply, struct_size) == 0);
GOLDEN(offsetof(conductor_customer_reply, flags) == 4);
GOLDEN(offsetof(conductor_customer_reply, customer) == 8);
GOLDEN(sizeof(conductor_customer_reply) >= 16);
GOLDEN(CONDUCTOR_CUSTOMER_AMBIGUOUS == 0x10000u);
GOLDEN(offsetof(conductor_customer_reply, others) == 16);
GOLDEN(sizeof(conductor_customer_reply) >= 32);

GOLDEN(offsetof(conductor_host_crm, struct_size) == 0);
GOLDEN(offsetof(conductor_host_crm, flags) == 4);
GOLDEN(offsetof(conductor_host_crm, customer) == 8);
GOLDEN(sizeof(conductor_host_crm) >= 16);

GOLDEN(offsetof(conductor_kv_entry, struct_size) == 0);
GOLDEN(offsetof(conductor_kv_entry, flags) == 4);
GOLDEN(offsetof(conductor_kv_entry, key) == 8);
GOLDEN(offsetof(conductor_kv_entry, value) == 24);
GOLDEN(offsetof(conductor_kv_entry, expires_at_ms) == 40);
GOLDEN(sizeof(conductor_kv_entry) >= 48);

GOLDEN(offsetof(conductor_kv_query, struct_size) == 0);
GOLDEN(offsetof(conductor_kv_query, limit) == 4);
GOLDEN(offsetof(conductor_kv_query, prefix) == 8);
GOLDEN(offsetof(conductor_kv_query, after) == 24);
GOLDEN(sizeof(conductor_kv_query) >= 40);

GOLDEN(offsetof(conductor_kv_value, struct_size) == 0);
GOLDEN(offsetof(conductor_kv_value, flags) == 4);
GOLDEN(offsetof(conductor_kv_value, value) == 8);
GOLDEN(sizeof(conductor_kv_value) >= 24);

GOLDEN(offsetof(conductor_kv_keys, struct_size) == 0);
GOLDEN(offsetof(conductor_kv_keys, flags) == 4);
GOLDEN(offsetof(conductor_kv_keys, keys) == 8);
GOLDEN(sizeof(conductor_kv_keys) >= 24);

GOLDEN(offsetof(conductor_host_kv, struct_size) == 0);
GOLDEN(offsetof(conductor_host_kv, flags) == 4);
GOLDEN(offsetof(conductor_host_kv, get) == 8);
GOLDEN(offsetof(conductor_host_kv, set) == 16);
GOLDEN(offsetof(conductor_host_kv, remove) == 24);
GOLDEN(offsetof(conductor_host_kv, list) == 32);
GOLDEN(sizeof(conductor_host_kv) >= 40);

GOLDEN(offsetof(conductor_http_header, struct_size) == 0);
GOLDEN(offsetof(conductor_http_header, flags) == 4);
GOLDEN(offsetof(conductor_http_header, name) == 8);
GOLDEN(offsetof(conductor_http_header, value) == 24);
GOLDEN(sizeof(conductor_http_header) >= 40);

GOLDEN(offsetof(conductor_http_request, struct_size) == 0);
GOLDEN(offsetof(conductor_http_request, flags) == 4);
GOLDEN(offsetof(conductor_http_request, method) == 8);
GOLDEN(offsetof(conductor_http_request, url) == 24);
GOLDEN(offsetof(conductor_http_request, headers) == 40);
GOLDEN(offsetof(conductor_http_request, body) == 56);
GOLDEN(offsetof(conductor_http_request, timeout_ms) == 72);
GOLDEN(offsetof(conductor_http_request, response_limit) == 80);
GOLDEN(sizeof(conductor_http_request) >= 88);

GOLDEN(offsetof(conductor_http_response, struct_size) == 0);
GOLDEN(offsetof(conductor_http_response, status) == 4);
GOLDEN(offsetof(conductor_http_response, headers) == 8);
GOLDEN(offsetof(conductor_http_response, body) == 24);
GOLDEN(sizeof(conductor_http_response) >= 40);

GOLDEN(offsetof(conductor_host_http, struct_size) == 0);
GOLDEN(offsetof(conductor_host_http, flags) == 4);
GOLDEN(offsetof(conductor_host_http, request) == 8);
GOLDEN(sizeof(conductor_host_http) >= 16);

GOLDEN(offsetof(conductor_label, struct_size) == 0);
GOLDEN(offsetof(conductor_label, flags) == 4);
GOLDEN(offsetof(conductor_label, name) == 8);
GOLDEN(offsetof(conductor_label, value) == 24);
GOLDEN(sizeof(conductor_label) >= 40);

GOLDEN(offsetof(conductor_metric, struct_size) == 0);
GOLDEN(offsetof(conductor_metric, kind) == 4);
GOLDEN(offsetof(conductor_metric, name) == 8);
GOLDEN(offsetof(conductor_metric, labels) == 24);
GOLDEN(offsetof(conductor_metric, value) == 40);
GOLDEN(sizeof(conductor_metric) >= 48);

GOLDEN(offsetof(conductor_host_metrics, struct_size) == 0);
GOLDEN(offsetof(conductor_host_metrics, flags) == 4);
GOLDEN(offsetof(conductor_host_metrics, record) == 8);
GOLDEN(sizeof(conductor_host_metrics) >= 16);
