/*
 * Who knows customers, written against conductor.crm/1 as it was frozen: never changed. It keeps nothing; each answer says
 * what was asked, so that a field that is lost, or read from another place, shows.
 */
#define _GNU_SOURCE
#include "conductor_plugin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conductor_instance {
    const conductor_host *host;
};

static conductor_slice slice(const char *text)
{
    return (conductor_slice){text, strlen(text)};
}

/* What is absent is told as "-". */
static const char *text_of(conductor_slice part, char *room, size_t size)
{
    snprintf(room, size, "%.*s", (int)part.len, part.ptr ? (const char *)part.ptr : "-");
    return part.ptr ? room : "-";
}

static const void *element(conductor_array array, size_t index)
{
    return (const char *)array.ptr + index * array.stride;
}

static void customers(conductor_instance *self, const conductor_call *call, const conductor_customer_query *query,
                      conductor_customers_done done, uint64_t token)
{
    (void)self, (void)call;
    conductor_product product = {.struct_size = sizeof product};
    product.sku = slice("T1");
    product.name = slice("Tea");
    conductor_purchase_item item = {.struct_size = sizeof item, .flags = CONDUCTOR_ITEM_HAS_QUANTITY};
    item.quantity = 2;
    item.product = &product;
    conductor_purchase purchase = {.struct_size = sizeof purchase, .flags = CONDUCTOR_PURCHASE_HAS_NUMBER};
    purchase.number = query->purchases;
    purchase.items = (conductor_array){&item, 1, sizeof item};
    conductor_customer found[2] = {{.struct_size = sizeof found[0]}, {.struct_size = sizeof found[1]}};
    found[0].flags = CONDUCTOR_CUSTOMER_HAS_VISIT_COUNT | CONDUCTOR_CUSTOMER_HAS_LIFETIME_VALUE;
    found[0].id = slice("a");
    found[0].phone = query->phone;
    found[0].visit_count = 16;
    found[0].lifetime_value_micros = 5000000;
    found[0].vip_status = slice("VIP");
    found[0].purchases = (conductor_array){&purchase, 1, sizeof purchase};
    found[1].id = slice("b");
    conductor_customers_reply reply = {.struct_size = sizeof reply};
    reply.customers = (conductor_array){found, 2, sizeof found[0]};
    done(token, NULL, &reply);
}

static void search(conductor_instance *self, const conductor_call *call, const conductor_customer_search *query,
                   conductor_customers_done done, uint64_t token)
{
    (void)self, (void)call;
    char id[16];
    snprintf(id, sizeof id, "%d", (int)query->limit);
    conductor_customer found = {.struct_size = sizeof found};
    found.id = slice(id);
    found.name = query->words;
    conductor_customers_reply reply = {.struct_size = sizeof reply};
    reply.customers = (conductor_array){&found, 1, sizeof found};
    done(token, NULL, &reply);
}

static void records(conductor_instance *self, const conductor_call *call, const conductor_records_query *query,
                    conductor_records_done done, uint64_t token)
{
    (void)self, (void)call;
    char json[256], table[32], after[64];
    snprintf(json, sizeof json, "{\"name\":\"%s %s %u\",\"visit_count\":%d}", text_of(query->table, table, sizeof table),
             text_of(query->after, after, sizeof after), (unsigned)query->flags, (int)query->limit);
    conductor_record record = {.struct_size = sizeof record};
    record.json = slice(json);
    conductor_records_reply reply = {.struct_size = sizeof reply};
    reply.records = (conductor_array){&record, 1, sizeof record};
    done(token, NULL, &reply);
}

static void put_records(conductor_instance *self, const conductor_call *call, const conductor_records_batch *batch,
                        conductor_put_records_done done, uint64_t token)
{
    (void)self, (void)call;
    uint8_t outcomes[64];
    for (size_t index = 0; index < batch->records.count && index < sizeof outcomes; index++)
        outcomes[index] = (uint8_t)(batch->flags & CONDUCTOR_RECORDS_REPLACE ? CONDUCTOR_RECORD_CHANGED
                                                                             : CONDUCTOR_RECORD_KEPT);
    const conductor_record *first = element(batch->records, 0);
    conductor_records_outcome outcome = {.struct_size = sizeof outcome};
    outcome.outcomes = (conductor_array){outcomes, batch->records.count, 1};
    outcome.unplaced = (conductor_array){&first->json, 1, sizeof first->json};
    done(token, NULL, &outcome);
}

/* A row is known by what its first cell is. */
static void import_rows(conductor_instance *self, const conductor_call *call, const conductor_import_batch *batch,
                        conductor_import_rows_done done, uint64_t token)
{
    (void)self, (void)call;
    if (batch->sequence != 3 || batch->sections.count != 1) {
        conductor_error error = {.struct_size = sizeof error, .code = CONDUCTOR_CONFLICT};
        char id[32], today[16];
        error.message_len = (uint32_t)snprintf(error.message, sizeof error.message, "%s %" PRIu64 " %s %u",
                                               text_of(batch->import_id, id, sizeof id), batch->sequence,
                                               text_of(batch->today, today, sizeof today), (unsigned)batch->flags);
        done(token, &error, NULL);
        return;
    }
    uint8_t outcomes[64];
    const conductor_import_section *section = element(batch->sections, 0);
    size_t rows = section->cells.count / section->columns.count;
    for (size_t row = 0; row < rows && row < sizeof outcomes; row++) {
        const conductor_cell *cell = element(section->cells, row * section->columns.count);
        switch (cell->kind) {
        case CONDUCTOR_CELL_TEXT: outcomes[row] = (uint8_t)(cell->text.len == 2 ? CONDUCTOR_IMPORT_INSERTED : 99); break;
        case CONDUCTOR_CELL_COUNT: outcomes[row] = (uint8_t)cell->number; break;
        case CONDUCTOR_CELL_ABSENT: outcomes[row] = CONDUCTOR_IMPORT_KEYLESS; break;
        default: outcomes[row] = CONDUCTOR_IMPORT_UPDATED | CONDUCTOR_IMPORT_LOOSE;
        }
    }
    conductor_import_outcome outcome = {.struct_size = sizeof outcome};
    outcome.outcomes = (conductor_array){outcomes, rows, 1};
    done(token, NULL, &outcome);
}

static void end_import(conductor_instance *self, const conductor_call *call, const conductor_import_end *request,
                       conductor_end_import_done done, uint64_t token)
{
    (void)self, (void)call;
    conductor_import_table table = {.struct_size = sizeof table};
    table.table = slice("staff");
    table.removed = request->what;
    table.restored = request->import_id.len;
    table.left = UINT64_MAX;
    conductor_import_summary summary = {.struct_size = sizeof summary};
    summary.tables = (conductor_array){&table, 1, sizeof table};
    done(token, NULL, &summary);
}

static void list(conductor_instance *self, const conductor_call *call, const conductor_list_query *query,
                 conductor_list_done done, uint64_t token)
{
    (void)self, (void)call;
    char json[512], name[40], value[40], of[40], order[40], after[40];
    const conductor_named_value *filter = query->filters.count ? element(query->filters, 0) : NULL;
    snprintf(json, sizeof json, "{\"name\":\"%s %s=%s %s %s %u\",\"count\":%d}", text_of(query->list, of, sizeof of),
             filter ? text_of(filter->name, name, sizeof name) : "", filter ? text_of(filter->value, value, sizeof value) : "",
             text_of(query->order, order, sizeof order), text_of(query->after, after, sizeof after), (unsigned)query->flags,
             (int)query->limit);
    conductor_record row = {.struct_size = sizeof row};
    row.json = slice(json);
    conductor_list_page page = {.struct_size = sizeof page};
    page.rows = (conductor_array){&row, 1, sizeof row};
    page.next = query->after.ptr ? (conductor_slice){0} : slice("next");
    done(token, NULL, &page);
}

static void change_customers(conductor_instance *self, const conductor_call *call,
                             const conductor_customer_change *change, conductor_change_customers_done done,
                             uint64_t token)
{
    (void)self, (void)call;
    char asked[256], after[40], first[40], value[40];
    const conductor_slice *id = change->customers.count ? element(change->customers, 0) : NULL;
    const conductor_named_value *rule = change->rules.count ? element(change->rules, 0) : NULL;
    snprintf(asked, sizeof asked, "%u of %u %s %d %s %s", (unsigned)change->what, (unsigned)change->customers.count,
             id ? text_of(*id, first, sizeof first) : rule ? text_of(rule->name, first, sizeof first) : "",
             (int)change->limit, text_of(change->after, after, sizeof after),
             rule ? text_of(rule->value, value, sizeof value) : "");
    conductor_customer_difference difference = {.struct_size = sizeof difference};
    difference.flags = change->flags & CONDUCTOR_CUSTOMERS_LOWER ? 0 : CONDUCTOR_DIFFERENCE_STAYS;
    difference.customer = slice("a");
    difference.column = slice("name");
    difference.before = slice(asked);
    if (change->flags & CONDUCTOR_CUSTOMERS_PREVIEW)
        difference.after = slice("preview");
    conductor_customer_differences differences = {.struct_size = sizeof differences};
    differences.differences = (conductor_array){&difference, 1, sizeof difference};
    differences.next = change->after;
    done(token, NULL, &differences);
}

static const conductor_crm crm = {
    .struct_size = sizeof crm,
    .customers = customers,
    .search = search,
    .records = records,
    .put_records = put_records,
    .import_rows = import_rows,
    .end_import = end_import,
    .list = list,
    .change_customers = change_customers,
};

static int32_t create(const conductor_host *host, conductor_slice settings, conductor_instance **out,
                      conductor_error *error)
{
    (void)settings, (void)error;
    *out = malloc(sizeof **out);
    (*out)->host = host;
    return CONDUCTOR_OK;
}

static void destroy(conductor_instance *self)
{
    free(self);
}

static const void *get_extension(conductor_instance *self, const char *id)
{
    (void)self;
    return strcmp(id, CONDUCTOR_CRM) == 0 ? &crm : NULL;
}

static const char *const capabilities[] = {CONDUCTOR_CRM, NULL};

static const conductor_plugin plugin = {
    .prefix = {CONDUCTOR_PLUGIN_MAGIC, sizeof plugin, CONDUCTOR_ABI_MAJOR, CONDUCTOR_ABI_MINOR, 0, 0},
    .id = "directory",
    .name = "Somebody who knows customers",
    .version = "1.0.0",
    .capabilities = capabilities,
    .create = create,
    .destroy = destroy,
    .get_extension = get_extension,
};

const conductor_plugin *conductor_plugin_entry(void)
{
    return &plugin;
}
