/* As golden.c: the layout of conductor.crm/1. */
#include "conductor_plugin.h"

#define GOLDEN(condition) _Static_assert(condition, #condition)

GOLDEN(offsetof(conductor_customers_reply, struct_size) == 0);
GOLDEN(offsetof(conductor_customers_reply, flags) == 4);
GOLDEN(offsetof(conductor_customers_reply, customers) == 8);
GOLDEN(sizeof(conductor_customers_reply) >= 24);

GOLDEN(offsetof(conductor_crm, struct_size) == 0);
GOLDEN(offsetof(conductor_crm, flags) == 4);
GOLDEN(offsetof(conductor_crm, customers) == 8);
GOLDEN(sizeof(conductor_crm) >= 16);
GOLDEN(offsetof(conductor_crm, search) == 16);
GOLDEN(sizeof(conductor_crm) >= 24);
GOLDEN(offsetof(conductor_crm, records) == 24);
GOLDEN(offsetof(conductor_crm, put_records) == 32);
GOLDEN(sizeof(conductor_crm) >= 40);
GOLDEN(offsetof(conductor_crm, import_rows) == 40);
GOLDEN(offsetof(conductor_crm, end_import) == 48);
GOLDEN(offsetof(conductor_crm, list) == 56);
GOLDEN(offsetof(conductor_crm, change_customers) == 64);
GOLDEN(sizeof(conductor_crm) >= 72);

GOLDEN(CONDUCTOR_CUSTOMERS_MERGE == 1);
GOLDEN(CONDUCTOR_CUSTOMERS_RECOUNT == 2);
GOLDEN(CONDUCTOR_CUSTOMERS_RULES == 3);
GOLDEN(CONDUCTOR_CUSTOMERS_PREVIEW == 1u << 0);
GOLDEN(CONDUCTOR_CUSTOMERS_LOWER == 1u << 1);
GOLDEN(CONDUCTOR_DIFFERENCE_STAYS == 1u << 0);
GOLDEN(offsetof(conductor_customer_change, struct_size) == 0);
GOLDEN(offsetof(conductor_customer_change, flags) == 4);
GOLDEN(offsetof(conductor_customer_change, what) == 8);
GOLDEN(offsetof(conductor_customer_change, limit) == 12);
GOLDEN(offsetof(conductor_customer_change, customers) == 16);
GOLDEN(offsetof(conductor_customer_change, rules) == 32);
GOLDEN(offsetof(conductor_customer_change, after) == 48);
GOLDEN(sizeof(conductor_customer_change) >= 64);
GOLDEN(offsetof(conductor_customer_difference, struct_size) == 0);
GOLDEN(offsetof(conductor_customer_difference, flags) == 4);
GOLDEN(offsetof(conductor_customer_difference, customer) == 8);
GOLDEN(offsetof(conductor_customer_difference, name) == 24);
GOLDEN(offsetof(conductor_customer_difference, column) == 40);
GOLDEN(offsetof(conductor_customer_difference, before) == 56);
GOLDEN(offsetof(conductor_customer_difference, after) == 72);
GOLDEN(sizeof(conductor_customer_difference) >= 88);
GOLDEN(offsetof(conductor_customer_differences, struct_size) == 0);
GOLDEN(offsetof(conductor_customer_differences, flags) == 4);
GOLDEN(offsetof(conductor_customer_differences, differences) == 8);
GOLDEN(offsetof(conductor_customer_differences, next) == 24);
GOLDEN(sizeof(conductor_customer_differences) >= 40);

GOLDEN(CONDUCTOR_LIST_DIRECTED == 1u << 0);
GOLDEN(CONDUCTOR_LIST_DESCENDING == 1u << 1);

GOLDEN(offsetof(conductor_named_value, struct_size) == 0);
GOLDEN(offsetof(conductor_named_value, flags) == 4);
GOLDEN(offsetof(conductor_named_value, name) == 8);
GOLDEN(offsetof(conductor_named_value, value) == 24);
GOLDEN(sizeof(conductor_named_value) >= 40);

GOLDEN(offsetof(conductor_list_query, struct_size) == 0);
GOLDEN(offsetof(conductor_list_query, flags) == 4);
GOLDEN(offsetof(conductor_list_query, list) == 8);
GOLDEN(offsetof(conductor_list_query, filters) == 24);
GOLDEN(offsetof(conductor_list_query, order) == 40);
GOLDEN(offsetof(conductor_list_query, after) == 56);
GOLDEN(offsetof(conductor_list_query, limit) == 72);
GOLDEN(offsetof(conductor_list_query, reserved) == 76);
GOLDEN(sizeof(conductor_list_query) >= 80);

GOLDEN(offsetof(conductor_list_page, struct_size) == 0);
GOLDEN(offsetof(conductor_list_page, flags) == 4);
GOLDEN(offsetof(conductor_list_page, rows) == 8);
GOLDEN(offsetof(conductor_list_page, next) == 24);
GOLDEN(sizeof(conductor_list_page) >= 40);

GOLDEN(CONDUCTOR_RECORDS_AFTER_ID == 1u << 0);
GOLDEN(CONDUCTOR_RECORDS_REPLACE == 1u << 0);
GOLDEN(CONDUCTOR_RECORD_KEPT == 0);
GOLDEN(CONDUCTOR_RECORD_INSERTED == 1);
GOLDEN(CONDUCTOR_RECORD_CHANGED == 2);
GOLDEN(CONDUCTOR_RECORD_ORPHAN == 3);
GOLDEN(CONDUCTOR_RECORD_REFUSED == 4);

GOLDEN(offsetof(conductor_record, struct_size) == 0);
GOLDEN(offsetof(conductor_record, flags) == 4);
GOLDEN(offsetof(conductor_record, json) == 8);
GOLDEN(sizeof(conductor_record) >= 24);

GOLDEN(offsetof(conductor_records_query, struct_size) == 0);
GOLDEN(offsetof(conductor_records_query, flags) == 4);
GOLDEN(offsetof(conductor_records_query, table) == 8);
GOLDEN(offsetof(conductor_records_query, after) == 24);
GOLDEN(offsetof(conductor_records_query, limit) == 40);
GOLDEN(offsetof(conductor_records_query, reserved) == 44);
GOLDEN(sizeof(conductor_records_query) >= 48);

GOLDEN(offsetof(conductor_records_reply, struct_size) == 0);
GOLDEN(offsetof(conductor_records_reply, flags) == 4);
GOLDEN(offsetof(conductor_records_reply, records) == 8);
GOLDEN(sizeof(conductor_records_reply) >= 24);

GOLDEN(offsetof(conductor_records_batch, struct_size) == 0);
GOLDEN(offsetof(conductor_records_batch, flags) == 4);
GOLDEN(offsetof(conductor_records_batch, table) == 8);
GOLDEN(offsetof(conductor_records_batch, records) == 24);
GOLDEN(sizeof(conductor_records_batch) >= 40);

GOLDEN(offsetof(conductor_records_outcome, struct_size) == 0);
GOLDEN(offsetof(conductor_records_outcome, flags) == 4);
GOLDEN(offsetof(conductor_records_outcome, outcomes) == 8);
GOLDEN(offsetof(conductor_records_outcome, unplaced) == 24);
GOLDEN(sizeof(conductor_records_outcome) >= 40);

GOLDEN(CONDUCTOR_CELL_ABSENT == 0);
GOLDEN(CONDUCTOR_CELL_TEXT == 1);
GOLDEN(CONDUCTOR_CELL_COUNT == 2);
GOLDEN(CONDUCTOR_CELL_MONEY == 3);
GOLDEN(CONDUCTOR_CELL_DAY == 4);
GOLDEN(CONDUCTOR_CELL_FLAG == 5);
GOLDEN(CONDUCTOR_IMPORT_FILL == 1u << 0);
GOLDEN(CONDUCTOR_IMPORT_DRY == 1u << 0);
GOLDEN(CONDUCTOR_IMPORT_UNCHANGED == 0);
GOLDEN(CONDUCTOR_IMPORT_INSERTED == 1);
GOLDEN(CONDUCTOR_IMPORT_UPDATED == 2);
GOLDEN(CONDUCTOR_IMPORT_ORPHAN == 3);
GOLDEN(CONDUCTOR_IMPORT_REFUSED == 4);
GOLDEN(CONDUCTOR_IMPORT_REPEATED == 5);
GOLDEN(CONDUCTOR_IMPORT_KEYLESS == 6);
GOLDEN(CONDUCTOR_IMPORT_LOOSE == 128);
GOLDEN(CONDUCTOR_IMPORT_COMPLETE == 0);
GOLDEN(CONDUCTOR_IMPORT_UNDO == 1);
GOLDEN(CONDUCTOR_IMPORT_FORESEE == 2);

GOLDEN(offsetof(conductor_cell, kind) == 0);
GOLDEN(offsetof(conductor_cell, reserved) == 4);
GOLDEN(offsetof(conductor_cell, number) == 8);
GOLDEN(offsetof(conductor_cell, text) == 16);
GOLDEN(sizeof(conductor_cell) == 32);

GOLDEN(offsetof(conductor_import_section, struct_size) == 0);
GOLDEN(offsetof(conductor_import_section, flags) == 4);
GOLDEN(offsetof(conductor_import_section, table) == 8);
GOLDEN(offsetof(conductor_import_section, columns) == 24);
GOLDEN(offsetof(conductor_import_section, cells) == 40);
GOLDEN(sizeof(conductor_import_section) >= 56);

GOLDEN(offsetof(conductor_import_batch, struct_size) == 0);
GOLDEN(offsetof(conductor_import_batch, flags) == 4);
GOLDEN(offsetof(conductor_import_batch, import_id) == 8);
GOLDEN(offsetof(conductor_import_batch, today) == 24);
GOLDEN(offsetof(conductor_import_batch, sequence) == 40);
GOLDEN(offsetof(conductor_import_batch, sections) == 48);
GOLDEN(sizeof(conductor_import_batch) >= 64);

GOLDEN(offsetof(conductor_import_outcome, struct_size) == 0);
GOLDEN(offsetof(conductor_import_outcome, flags) == 4);
GOLDEN(offsetof(conductor_import_outcome, outcomes) == 8);
GOLDEN(sizeof(conductor_import_outcome) >= 24);

GOLDEN(offsetof(conductor_import_end, struct_size) == 0);
GOLDEN(offsetof(conductor_import_end, what) == 4);
GOLDEN(offsetof(conductor_import_end, import_id) == 8);
GOLDEN(sizeof(conductor_import_end) >= 24);

GOLDEN(offsetof(conductor_import_table, struct_size) == 0);
GOLDEN(offsetof(conductor_import_table, flags) == 4);
GOLDEN(offsetof(conductor_import_table, table) == 8);
GOLDEN(offsetof(conductor_import_table, removed) == 24);
GOLDEN(offsetof(conductor_import_table, restored) == 32);
GOLDEN(offsetof(conductor_import_table, left) == 40);
GOLDEN(sizeof(conductor_import_table) >= 48);

GOLDEN(offsetof(conductor_import_summary, struct_size) == 0);
GOLDEN(offsetof(conductor_import_summary, flags) == 4);
GOLDEN(offsetof(conductor_import_summary, tables) == 8);
GOLDEN(sizeof(conductor_import_summary) >= 24);

GOLDEN(offsetof(conductor_customer_search, struct_size) == 0);
GOLDEN(offsetof(conductor_customer_search, limit) == 4);
GOLDEN(offsetof(conductor_customer_search, words) == 8);
GOLDEN(sizeof(conductor_customer_search) >= 24);
