#!/usr/bin/python3
"""The customer look-up: what depends on today is true on every day, and in the shop's own zone."""

import datetime
import json
import unittest

from sql_rig import HOUR, DatabaseCase


class Customers(DatabaseCase):
    def setUp(self):
        super().setUp()
        self.db.call("settings", time_zone="America/Los_Angeles", vip_visits=16, high_churn_days=60)

    def customer(self, phone="+16195550101", **columns):
        columns = dict(columns, phone=phone)
        return self.db.one(f"insert into customers ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))}) "
                           "returning id", *columns.values())

    def receipt(self, customer, number, day="2026-05-01", total=10, **columns):
        columns = dict(columns, transaction_id=number, customer_id=customer, date=day, total=total)
        self.db.sql(f"insert into transactions ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))})",
                    *columns.values())

    def set_clock(self, moment):
        """The database's time is `moment`, as 2026-05-31T06:59:00Z."""
        self.db.sql("update private.test_clock set ahead = %s::timestamptz - clock_timestamp()", moment)

    def look_up(self, phone="(619) 555-0101", **more):
        return self.db.call("customer", phone=phone, **more)["matches"]

    def test_churn_by_days_since_the_last_visit(self):
        self.receipt(self.customer(), 1, "2026-05-01")
        for days, risk in ((0, "Low"), (29, "Low"), (30, "Medium"), (59, "Medium"), (60, "High"), (61, "High")):
            day = datetime.date(2026, 5, 1) + datetime.timedelta(days=days)
            # Noon in Los Angeles.
            self.set_clock(f"{day}T19:00:00Z")
            [found] = self.look_up()
            self.assertEqual((found["days_since_last_visit"], found["churn_risk"]), (days, risk))

    def test_the_day_is_the_shops(self):
        self.receipt(self.customer(), 1, "2026-05-01")
        # Midnight in Los Angeles is 07:00 UTC.
        self.set_clock("2026-05-31T06:59:00Z")
        self.assertEqual(self.look_up()[0]["churn_risk"], "Low")
        self.set_clock("2026-05-31T07:01:00Z")
        self.assertEqual(self.look_up()[0]["churn_risk"], "Medium")
        self.db.call("settings", time_zone="Europe/Berlin")
        self.set_clock("2026-05-30T22:30:00Z")
        self.assertEqual(self.look_up()[0]["churn_risk"], "Medium")

    def test_vip_by_visits(self):
        customer, made = self.customer(), 0
        for visits, status in ((1, "New"), (2, "Casual"), (5, "Casual"), (6, "Regular"), (15, "Regular"), (16, "VIP")):
            while made < visits:
                made += 1
                self.receipt(customer, made)
            [found] = self.look_up()
            self.assertEqual((found["visit_count"], found["vip_status"]), (visits, status))
        self.db.call("settings", vip_visits=20)
        self.assertEqual(self.look_up()[0]["vip_status"], "Regular")

    def test_money_and_lines_come_as_they_are(self):
        customer = self.customer(name="Ann", email="a@example.com", preferred_budtender="Sam")
        self.db.sql("insert into products (sku, name, unit_cost, retail_price, current_stock, strain_type) values "
                    "('s1', 'Gummy', 3, 12.5, 4, 'Sativa')")
        for number, total in ((1, "25.50"), (2, "-5.25"), (3, "0.10")):
            self.receipt(customer, number, f"2026-05-0{number}", total, location="Main", payment_method="cash")
        # Two equal lines of one receipt are two; an article that nobody knows has no product.
        for sku in ("s1", "s1", None):
            self.db.sql("insert into transaction_items (transaction_id, product_sku, quantity, unit_price, "
                        "total_price) values (1, %s, 1, 12.5, 12.5)", sku)
        [found] = self.look_up()
        self.assertEqual((found["lifetime_value_micros"], found["average_transaction_micros"]), (20_350_000, 6_780_000))
        self.assertEqual((found["name"], found["email"], found["phone"], found["preferred_staff"], found["first_visit"],
                          found["last_visit"], found["preferred_location"]),
                         ("Ann", "a@example.com", "+16195550101", "Sam", "2026-05-01", "2026-05-03", "Main"))
        self.assertEqual([(p["number"], p["total_micros"], len(p["items"])) for p in found["purchases"]],
                         [(3, 100_000, 0), (2, -5_250_000, 0), (1, 25_500_000, 3)])
        items = found["purchases"][2]["items"]
        self.assertEqual([item.get("product", {}).get("sku") for item in items].count("s1"), 2)
        self.assertEqual(items[0]["total_price_micros"], 12_500_000)
        # What it costs the shop is for managers.
        self.assertNotIn("cost", json.dumps(found))
        self.assertEqual(len(self.look_up(purchases=2)[0]["purchases"]), 2)
        self.assertEqual(self.look_up(purchases=0)[0]["purchases"], [])
        self.refused("22023", "customer", phone="+16195550101", purchases=101)
        self.refused("22023", "customer")

    def test_D3_the_number_is_found_in_every_form_and_two_customers_with_it_both_come(self):
        ids = {str(self.customer(phone)) for phone in ("+16195550101", "619.555.0101")}
        self.customer("+16195550102")
        for form in ("+16195550101", "(619) 555-0101", "1 619 555 0101"):
            self.assertEqual({found["id"] for found in self.look_up(form)}, ids)
        self.assertEqual(self.look_up("+16195550199"), [])
        self.assertEqual(self.look_up("N/A"), [])

    def test_who_was_here_last_comes_first_and_of_a_placeholders_number_twenty(self):
        for day in (None, "2026-05-02", "2026-05-03"):
            self.customer(name=str(day), last_visit_date=day)
        self.assertEqual([found["name"] for found in self.look_up()], ["2026-05-03", "2026-05-02", "None"])
        for _ in range(20):
            self.customer()
        self.assertEqual(len(self.look_up()), 20)

    def test_customers_are_found_by_what_somebody_types_in_the_order_of_their_names(self):
        self.customer("619-555-0103", name="cid Brandt", email="cid@example.com")
        self.customer("(619) 555-0101", name="Ana Zoë", email="ana@example.com")
        self.customer("+16195550102", name="Bo Brandt", email="bo@example.com")
        for words, names in (("zoe", ["Ana Zoë"]), ("brandt", ["Bo Brandt", "cid Brandt"]), ("EXAM", 3),
                             ("0102", ["Bo Brandt"]),
                             ("bo@example.com", ["Bo Brandt"]), ("619 555 0103", ["cid Brandt"]), ("?", []), ("", [])):
            found = self.db.call("find_customers", search=words)["matches"]
            self.assertEqual(len(found) if names == 3 else [person["name"] for person in found], names, words)
        self.assertEqual(len(self.db.call("find_customers", search="ex", limit=2)["matches"]), 2)
        self.assertNotIn("purchases", found[0] if found else {})
        self.refused("22023", "find_customers", search="ex", limit=101)
        self.refused("22023", "find_customers")

    def test_what_was_imported_stands_where_the_till_gave_no_receipts(self):
        self.customer(visit_count=7, lifetime_value="70.01", last_visit_date="2026-05-01", vip_status="New",
                      churn_risk="Low", avg_transaction_value=10)
        self.set_clock("2026-12-01T00:00:00Z")
        [found] = self.look_up()
        self.assertEqual((found["visit_count"], found["vip_status"], found["churn_risk"],
                          found["lifetime_value_micros"]), (7, "Regular", "High", 70_010_000))

    def test_D2_the_stored_columns_are_filled_for_old_readers(self):
        customer = self.customer()
        self.receipt(customer, 1, "2026-05-01", 30)
        self.set_clock("2026-05-31T19:00:00Z")
        stored = "select visit_count, lifetime_value, vip_status, churn_risk, days_since_last_visit from customers"
        self.assertEqual(self.db.call("refresh_customers"), {"changed": 1, "more": False})
        self.assertEqual(self.db.sql(stored), [(1, 30, "New", "Medium", 30)])
        self.assertEqual(self.db.call("refresh_customers"), {"changed": 0, "more": False})
        self.db.advance(24 * HOUR)
        self.assertEqual(self.db.call("refresh_customers"), {"changed": 1, "more": False})
        self.assertEqual(self.db.sql(stored), [(1, 30, "New", "Medium", 31)])

    def test_numbers_that_are_none_stop_nothing(self):
        customer = self.customer(lifetime_value="NaN")
        self.db.sql("insert into transactions (transaction_id, customer_id, total) values (1, %s, 'NaN')", customer)
        [found] = self.look_up()
        self.assertNotIn("lifetime_value_micros", found)
        self.assertNotIn("last_visit", found)


if __name__ == "__main__":
    unittest.main()
