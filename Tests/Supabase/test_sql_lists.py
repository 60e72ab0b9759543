#!/usr/bin/python3
"""Lists of the CRM, page by page: each row once, in its order, whatever the page holds."""

import unittest

import psycopg2

from sql_rig import DatabaseCase

ORDERS = {
    "customers": ("name", "last_visit_date", "visit_count", "lifetime_value"), "transactions": ("date",),
    "receipts_without_items": ("date",), "receipts_without_customer": ("date",), "transaction_items": ("id",),
    "items_without_receipt": ("id",), "items_without_product": ("id",), "products": ("name", "sku", "current_stock"),
    "staff": ("name",), "spend_by_category": ("total",), "spend_by_brand": ("total",), "visits_by_month": ("month",),
    "bestsellers": ("total",), "duplicates": ("value",),
}


class Lists(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.db.sql("""
            insert into customers (name, email, phone, member_id)
                select (array['Ana', 'bo', 'Cy', null])[1 + i % 4], 'm' || i / 2 || '@example.com',
                    '+161955501' || lpad((i / 3)::text, 2, '0'), 'M' || i from generate_series(1, 40) i;
            insert into products (sku, name, category, brand, current_stock)
                select 'S' || i, 'Product ' || i % 7, (array['a', 'b'])[1 + i % 2], 'Brand ' || i % 3, i - 3
                from generate_series(1, 20) i;
            insert into staff (name, location) values ('Lee', 'Uptown'), ('Mo', 'Downtown'), (null, null);
            insert into transactions (transaction_id, date, total, customer_id, location)
                select i, case when i % 9 > 0 then date '2026-01-01' + i / 4 end, i,
                    case when i % 5 > 0 then (select id from customers where member_id = 'M' || 1 + i % 40) end,
                    (array['Uptown', 'Downtown'])[1 + i % 2] from generate_series(1, 100) i;
            insert into transaction_items (transaction_id, product_sku, quantity, total_price)
                select 1 + i % 60, 'S' || 1 + i % 20, 1, i from generate_series(1, 150) i""")

    def page(self, name, order, descending=False, limit=1000, after=None, **filters):
        return self.db.call("crm_list", list=name, order=order, descending=descending, limit=limit, after=after,
                            filters=filters)

    def rows(self, name, order, descending=False, limit=1000, **filters):
        """All pages of a list."""
        found, after = [], None
        while True:
            page = self.page(name, order, descending, limit, after, **filters)
            self.assertLessEqual(len(page["rows"]), limit)
            found += page["rows"]
            after = page["next"]
            if not after:
                return found

    def test_every_list_in_pages_is_the_list(self):
        for name, orders in ORDERS.items():
            for order in orders:
                for descending in (False, True):
                    whole = self.rows(name, order, descending)
                    for limit in (1, 7):
                        self.assertEqual(self.rows(name, order, descending, limit), whole, (name, order, limit))
                self.assertEqual(self.rows(name, order, True), self.rows(name, order)[::-1], (name, order))

    def test_what_lists_have(self):
        self.assertEqual(len(self.rows("customers", "name")), 40)
        self.assertEqual(len(self.rows("transactions", "date")), 100)
        self.assertEqual(len(self.rows("receipts_without_customer", "date")), 20)
        self.assertEqual(len(self.rows("receipts_without_items", "date")), 40)
        self.assertEqual(len(self.rows("items_without_product", "id")), 0)
        self.assertEqual({row["by"] for row in self.rows("duplicates", "value")}, {"phone", "email"})
        self.assertEqual(self.rows("customers", "lifetime_value", True)[0]["lifetime_value"],
                         float(self.db.one("select max(lifetime_value) from conductor_customers")))
        self.assertEqual([row["name"] for row in self.rows("spend_by_category", "total", True)],
                         [name for (name,) in self.db.sql(
                             "select p.category from transactions t join transaction_items i using (transaction_id) "
                             "join products p on p.sku = i.product_sku group by 1 order by sum(i.total_price) desc")])

    def test_filters(self):
        self.assertEqual(len(self.rows("customers", "name", search="an")), 10)
        self.assertEqual(len(self.rows("customers", "name", search="(619) 555-0101")), 3)
        customer = self.db.one("select id from customers where member_id = 'M2'")
        self.assertEqual({row["customer_id"] for row in self.rows("transactions", "date", customer_id=str(customer))},
                         {str(customer)})
        within = self.rows("transactions", "date", **{"from": "2026-01-03", "to": "2026-01-05"})
        self.assertEqual({row["date"] for row in within}, {"2026-01-03", "2026-01-04", "2026-01-05"})
        self.assertEqual({row["location"] for row in self.rows("transactions", "date", location="Uptown")}, {"Uptown"})
        self.assertEqual({row["stock_status"] for row in self.rows("products", "name", stock_status="Low")}, {"Low"})
        self.assertEqual(len(self.rows("transaction_items", "id", transaction_id="5")), 3)

    def test_what_is_wrong_is_refused(self):
        wrong = (dict(name="nothing", order="name"), dict(name="staff", order="total"),
                 dict(name="staff", order="name", colour="red"), dict(name="staff", order="name", after='"x"'),
                 dict(name="staff", order="name", limit=0))
        for words in wrong:
            with self.assertRaises(psycopg2.Error) as caught:
                self.page(**words)
            self.assertEqual(caught.exception.pgcode, "22023", words)

    def test_a_value_is_no_sql(self):
        for value in ("' or true --", "%L", "\\", "$1"):
            self.assertEqual(self.rows("products", "name", category=value), [])
            self.rows("customers", "name", search=value)


if __name__ == "__main__":
    unittest.main()
