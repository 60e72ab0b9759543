#!/usr/bin/python3
"""Rows of the CRM as a whole: what a project's own rules, columns and triggers do to copies."""

import json
import unittest

import psycopg2

from sql_rig import Database, DatabaseCase


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012d}"


class Records(DatabaseCase):
    def put(self, table, *rows, **more):
        return self.db.call("put_records", table=table, records=list(rows), **more)["outcomes"]

    def pages(self, table, limit=2):
        """All rows, page by page, as a gateway asks for them."""
        key = {"transactions": "transaction_id", "products": "sku"}.get(table, "id")
        rows, place = [], {}
        while True:
            page = self.db.call("records", table=table, limit=limit, **place)["records"]
            rows += page
            if len(page) < limit:
                return rows
            last = page[-1]
            place = {"after": str(last["id"] if last[key] is None else last[key]), "after_id": last[key] is None}

    def test_rows_without_a_key_come_last_by_their_id(self):
        self.db.sql("insert into transactions (id, transaction_id) values (%s, null), (%s, null), (%s, 10), (%s, 9)",
                    uuid(2), uuid(1), uuid(4), uuid(3))
        for limit in (1, 2, 3, 4, 5):
            self.assertEqual([row["id"] for row in self.pages("transactions", limit)],
                             [uuid(number) for number in (3, 4, 1, 2)])
        self.db.sql("insert into products (id, sku) values (%s, null), (%s, 'b'), (%s, 'B'), (%s, 'ä')",
                    *(uuid(number) for number in range(1, 5)))
        self.assertEqual([row["sku"] for row in self.pages("products", 1)], ["B", "b", "ä", None])
        self.assertEqual(self.put("products", {"id": uuid(1), "name": "x"}, by_id=True, replace=True), [2])
        self.assertEqual(self.db.one("select count(*) from products where name = 'x' and sku is null"), 1)

    def test_what_is_not_told_takes_its_default_or_stays(self):
        self.assertEqual(self.put("staff", {"id": uuid(1), "name": "a"}, {"id": uuid(2), "active": None},
                                  {"id": uuid(3), "name": "c"}), [1, 1, 1])
        self.assertEqual(self.db.sql("select active, created_at is null from staff order by id"),
                         [(True, False), (None, False), (True, False)])
        self.assertEqual(self.put("staff", {"id": uuid(1), "role": "r"}, replace=True), [2])
        self.assertEqual(self.db.sql("select name, role, active from staff order by id limit 1"), [("a", "r", True)])

    def test_amounts_that_are_equal_are_not_changed(self):
        self.db.sql("insert into transactions (transaction_id, total) values (1, 12.50)")
        self.assertEqual(self.put("transactions", {"transaction_id": 1, "total": 12.5}, replace=True), [0])

    def test_a_row_that_breaks_a_rule_is_refused_alone(self):
        self.db.sql("alter table customers add constraint one_email unique (email); "
                    "alter table customers add constraint kind check (vip_status in ('New', 'VIP'))")
        self.addCleanup(self.db.sql, "alter table customers drop constraint one_email, drop constraint kind")
        rows = [{"id": uuid(1), "email": "a@b"}, {"id": uuid(2), "email": "a@b"}, {"id": uuid(3), "vip_status": "Odd"},
                {"id": uuid(4), "vip_status": "VIP"}]
        self.assertEqual(sorted(self.put("customers", *rows)), [1, 1, 4, 4])
        self.assertEqual(self.db.one("select count(*) from customers"), 2)
        self.assertEqual(self.put("customers", {"id": uuid(4), "vip_status": "Odd"}, replace=True), [4])
        # A receipt of nobody's, beside one of somebody's.
        self.assertEqual(self.put("transactions", {"transaction_id": 1, "customer_id": uuid(9)},
                                  {"transaction_id": 2, "customer_id": uuid(4)}, {"transaction_id": 3}), [3, 1, 1])

    def test_columns_of_somebodys_own_keep_their_rules(self):
        self.db.sql("alter table products add column tags text[] not null default '{}', add column \"Shelf No\" int, "
                    "add column margin numeric generated always as (retail_price - unit_cost) stored")
        self.addCleanup(self.db.sql, "alter table products drop column tags, drop column \"Shelf No\", "
                                     "drop column margin")
        self.assertEqual(self.put("products", {"sku": "a", "Shelf No": 3, "retail_price": 5, "unit_cost": 2},
                                  {"sku": "b", "tags": ["x"]}), [1, 1])
        [first, second] = self.pages("products")
        self.assertEqual((first["Shelf No"], first["tags"], second["tags"]), (3, [], ["x"]))
        self.assertNotIn("margin", first)
        self.assertEqual(self.put("products", dict(first, name="n"), replace=True), [2])
        self.assertEqual(self.db.one("select margin from products where sku = 'a'"), 3)

    def test_a_key_of_another_type_is_another_contract(self):
        self.db.sql("begin; alter table staff rename to staff_here; create table staff (id bigint primary key, name text)")
        self.addCleanup(self.db.sql, "rollback")
        self.refused("0A000", "records", table="staff")

    def test_requests_that_are_wrong(self):
        for request in ({"table": "messages"}, {}, {"table": "staff", "limit": 0}, {"table": "staff", "limit": 1001}):
            self.refused("22023", "records", **request)
        self.refused("22023", "put_records", table="pg_class", records=[])
        self.refused("22023", "put_records", table="staff", records={})
        self.refused("22P02", "put_records", table="staff", records=[{"id": "no uuid"}])
        self.assertEqual(self.put("staff"), [])

    def test_only_gateways_and_the_service_key_may(self):
        for role, may in (("service_role", True), ("gateway", True), ("n8n", False), ("authenticated", False),
                          ("anon", False)):
            other = Database(self.db.name, "authenticator")
            self.addCleanup(other.close)
            other.sql(f"set role {role}")
            for call in (lambda: other.call("records", table="staff"),
                         lambda: other.call("put_records", table="staff", records=[])):
                if may:
                    self.assertIn(json.dumps(call()), ('{"records": []}', '{"outcomes": [], "unplaced": []}'))
                else:
                    with self.assertRaises(psycopg2.errors.InsufficientPrivilege):
                        call()


if __name__ == "__main__":
    unittest.main()
