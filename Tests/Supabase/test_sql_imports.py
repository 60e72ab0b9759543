#!/usr/bin/python3
"""Files of the till's: rows known by what people know them by. What every storage keeps is in StorageContract; this is what
only a database can do."""

import unittest

import psycopg2

from sql_rig import DatabaseCase


def section(table, columns, *rows, fills=False):
    return {"table": table, "columns": columns, "rows": [list(row) for row in rows], "fills": fills}


MEMBERS = section("customers", ["member_id", "phone", "name"], ("M1", "+16195550101", "Ana"),
                  ("M2", "+16195550102", "Bo"))
ARTICLES = section("products", ["sku", "name", "retail_price"], ("T1", "Tea", 5.5), ("C1", "Cake", 9.99))
RECEIPTS = section("transactions", ["transaction_id", "date", "total", "customers.member_id"],
                   (501, "2026-05-03", 10.5, "M1"), (502, "2026-05-04", 20, "M1"), (503, "2026-05-04", 1, "M9"))
LINES = section("transaction_items", ["transaction_id", "product_sku", "quantity", "total_price", "occurrence"],
                (501, "T1", 1, 5.5, 1), (501, "T1", 1, 5.5, 2), (501, "C1", 1, -0.5, 1))


class Imports(DatabaseCase):
    def put(self, *sections, import_id="i", sequence=1, **more):
        return self.db.call("import_rows", import_id=import_id, sequence=sequence, today="2026-06-01",
                            sections=list(sections), **more)["outcomes"]

    def test_all_tables_in_one_batch_and_again(self):
        everything = (MEMBERS, ARTICLES, RECEIPTS, LINES)
        first = [1, 1, 1, 1, 1, 1, 1 + 128, 1, 1, 1]
        self.assertEqual(self.put(*everything), first)
        self.assertEqual(self.put(*everything), first, "the same batch has the same outcomes")
        self.assertEqual(self.put(*everything, import_id="again"), [0, 0, 0, 0, 0, 0, 128, 0, 0, 0])
        self.assertEqual(self.db.one("select count(*) from transaction_items"), 3)

    def test_a_line_whose_receipt_or_article_is_not_there_is_told_and_the_rest_is_put(self):
        self.put(ARTICLES, RECEIPTS)
        lines = section("transaction_items", ["transaction_id", "product_sku", "quantity"], (999, "T1", 1), (501, "X", 1),
                        (501, "T1", 7))
        wants = self.db.one("select count(*) from pg_constraint where conrelid = 'transaction_items'::regclass "
                            "and contype = 'f'")
        self.assertEqual(wants, 2, "the table wants both")
        self.assertEqual(self.put(lines, import_id="j"), [3, 3, 1])

    def test_a_rule_of_somebodys_own_costs_its_row_and_no_other(self):
        self.db.sql("alter table transactions add constraint positive check (total > 0)")
        rows = section("transactions", ["transaction_id", "total"], (1, 5), (2, -5), (3, 6))
        self.assertEqual(self.put(rows), [1, 4, 1])
        self.db.sql("alter table customers add constraint named check (name <> 'X')")
        people = section("customers", ["member_id", "name"], ("A", "X"), ("B", "Y"))
        self.assertEqual(self.put(people, import_id="j"), [4, 1])

    def test_columns_of_another_type_are_filled(self):
        self.db.sql("alter table transactions alter transaction_id type bigint, alter total type numeric(12, 2)")
        rows = section("transactions", ["transaction_id", "total"], (3_000_000_000, 5.5))
        self.assertEqual(self.put(rows), [1])
        self.assertEqual(self.put(rows, import_id="j"), [0])

    def test_articles_by_name_where_the_file_has_no_number(self):
        self.put(ARTICLES)
        named = section("products", ["name", "category"], ("Tea", "Drinks"), ("Cup", "Things"))
        self.assertEqual(self.put(named, import_id="j"), [2, 1])
        self.assertEqual(self.db.sql("select sku, name, category from products order by sku"),
                         [("C1", "Cake", None), ("Cup", "Cup", "Things"), ("T1", "Tea", "Drinks")])
        self.put(RECEIPTS, import_id="k")
        lines = section("transaction_items", ["transaction_id", "products.name", "quantity"], (501, "Tea", 1),
                        (501, "Cup", 1))
        self.assertEqual(self.put(lines, import_id="l"), [1, 1])
        self.assertEqual(self.db.sql("select product_sku from transaction_items order by 1"), [("Cup",), ("T1",)])

    def test_receipts_without_a_sum_have_that_of_their_lines(self):
        self.put(ARTICLES, section("transactions", ["transaction_id", "date"], (501, "2026-05-03")), LINES)
        self.db.call("end_import", import_id="i")
        self.assertEqual(float(self.db.one("select total from transactions")), 10.5)

    def test_the_wrong_batch_is_refused(self):
        for sequence in (0, 2):
            with self.assertRaises(psycopg2.Error) as caught:
                self.put(MEMBERS, sequence=sequence)
            self.assertEqual(caught.exception.pgcode, "22023")
        self.put(MEMBERS)
        with self.assertRaises(psycopg2.Error):
            self.put(MEMBERS, ARTICLES)
        self.assertEqual(self.put(ARTICLES, sequence=2), [1, 1])

    def test_stated_visits_are_an_opening_balance(self):
        columns = ["member_id", "phone", "visit_count", "lifetime_value", "last_visit_date"]
        stated = section("customers", columns, ("M1", "+16195550101", 15, 1000, "2026-05-03"))
        self.assertEqual(self.put(stated), [1])
        self.put(RECEIPTS, import_id="j")
        [found] = self.db.call("customer", phone="+16195550101")["matches"]
        self.assertEqual((found["visit_count"], found["lifetime_value_micros"]), (16, 1_020_000_000))
        self.assertEqual(self.put(stated, import_id="k"), [0])
        self.assertEqual(self.db.call("refresh_customers")["more"], False)
        self.assertEqual(self.db.sql("select visit_count, vip_status, lifetime_value from customers"), [(16, "VIP", 1020)])
        # An older file knows less; a newer one takes the balance's place.
        older = section("customers", columns, ("M1", "+16195550101", 3, 10, "2025-01-01"))
        self.assertEqual(self.put(older, import_id="l"), [0])
        newer = section("customers", columns, ("M1", "+16195550101", 17, 1100, "2026-05-30"))
        self.assertEqual(self.put(newer, import_id="m"), [2])
        [found] = self.db.call("customer", phone="+16195550101")["matches"]
        self.assertEqual(found["visit_count"], 17)


if __name__ == "__main__":
    unittest.main()
