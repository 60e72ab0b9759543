#!/usr/bin/python3
"""The SQL behind the API: keys and tokens as programs send them, over HTTP."""

import unittest

from sql_rig import inbound, steps
from support import shared

REPRESENTATION = {"Prefer": "return=representation"}


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.standin = shared()
        cls.publishable = cls.standin.environment["sb_publishable_key"]
        cls.secret = cls.standin.environment["sb_secret_key"]

    def setUp(self):
        self.standin.reset()
        self.standin.control("POST", "schema", {"reload": True})
        self.standin.sql("insert into messages (phone_number, content, status, direction, updated_at) values "
                         "('(619) 555-0100', 'of old', 'read', 'inbound', '2024-05-01T10:00:00Z'); "
                         "insert into customers (name, phone) values ('Ann', '(619) 555-0177'); "
                         "insert into products (sku, unit_cost) values ('s', 1)")

    def tearDown(self):
        # Others find the project as it was.
        self.standin.reset()
        self.standin.control("POST", "schema", {"reload": True})

    def run_steps(self, first, last):
        for _, text in steps(first, last):
            self.standin.sql(text)
        self.standin.control("POST", "schema", {"reload": True})

    def token(self, role, claims="{}"):
        """What an administrator makes in the SQL editor."""
        return self.standin.sql(f"select private.conductor_token('{self.standin.environment['jwt_secret']}', '{role}', "
                                f"'{claims}')")

    def call(self, function, request, **words):
        return self.standin.request("POST", f"/rpc/conductor_{function}", {"request": request}, **words)

    def table_bot(self, round_number, **words):
        """An n8n workflow: select unread, insert queued, patch read, each giving the rows back."""
        self.standin.sql("insert into messages (phone_number, content, status, direction) values "
                         f"('(619) 555-0177', 'question {round_number}', 'unread', 'inbound')")
        unread = self.standin.request(
            "GET", "/messages?select=*&direction=eq.inbound&status=eq.unread&order=timestamp.asc", **words)
        self.assertEqual((unread.status, [row["content"] for row in unread.json]), (200, [f"question {round_number}"]))
        answer = self.standin.request("POST", "/messages", {
            "phone_number": unread.json[0]["phone_number"], "content": f"answer {round_number}", "status": "queued",
            "direction": "outbound"}, headers=REPRESENTATION, **words)
        self.assertEqual((answer.status, answer.json[0]["status"]), (201, "queued"))
        read = self.standin.request("PATCH", f"/messages?id=eq.{unread.json[0]['id']}", {"status": "read"},
                                    headers=REPRESENTATION, **words)
        self.assertEqual((read.status, [row["status"] for row in read.json]), (200, ["read"]))

    def test_a_table_bot_passes_before_between_and_after(self):
        self.table_bot(1, key=self.standin.anon)
        self.run_steps(1, 99)
        self.table_bot(2, key=self.standin.anon)
        self.run_steps(100, 100)
        n8n = {"key": self.publishable, "token": self.token("n8n")}
        self.table_bot(3, **n8n)
        self.run_steps(101, 101)
        self.table_bot(4, **n8n)
        self.assertEqual(self.standin.request("GET", "/messages?content=eq.of%20old", **n8n).json, [])
        found = self.call("customer", {"phone": "+16195550177"}, **n8n)
        self.assertEqual([match["name"] for match in found.json["matches"]], ["Ann"])
        stop = self.standin.request("POST", "/optouts", {"phone_number": "(619) 555-0177"}, **n8n)
        self.assertEqual(stop.status, 201)
        # A key that could do everything before can do nothing now, and everything again after the rollback.
        self.assertIn(self.standin.request("GET", "/messages", key=self.standin.anon).status, (401, 403))
        self.run_steps(102, 102)
        self.table_bot(5, key=self.standin.anon)
        queued = self.call("exchange", {"gateway": "shop/1", "want": 8, "lease_ms": 60_000})
        self.assertEqual([text["content"] for text in queued.json["claimed"]], ["answer 1"])

    def test_C1_the_anonymous_key_reads_no_row_of_anything(self):
        self.run_steps(1, 101)
        places = self.standin.sql("select relname from pg_class where relkind in ('r', 'v') and relnamespace = "
                                  "'public'::regnamespace").split()
        functions = self.standin.sql("select proname from pg_proc where pronamespace = 'public'::regnamespace").split()
        self.assertTrue(len(places) > 8 and len(functions) > 14)
        for key in (self.standin.anon, self.publishable):
            for place in places:
                reply = self.standin.request("GET", f"/{place}?select=*", key=key)
                self.assertEqual((reply.status, reply.code), (401, "42501"), place)
            for function in functions:
                reply = self.standin.request("POST", f"/rpc/{function}", {"request": {}}, key=key)
                self.assertEqual((reply.status, reply.code), (401, "42501"), function)

    def test_a_gateway_is_who_its_token_says(self):
        self.run_steps(1, 101)
        gateway = {"key": self.publishable, "token": self.token("gateway", '{"gateway_id": "shop-1"}')}
        put = {"gateway": "shop-1/j1", "messages": [inbound("u1", "hello")]}
        self.assertEqual((self.call("put", put, **gateway).status, self.call("put", put, **gateway).json), (200, {}))
        self.assertEqual(len(self.call("messages", {"phone": "6195550123"}, **gateway).json["messages"]), 1)
        for function in ("put", "exchange", "owned", "heartbeat"):
            reply = self.call(function, {"gateway": "shop-2/j1"}, **gateway)
            self.assertEqual((reply.status, reply.code), (403, "42501"), function)
        nameless = {"key": self.publishable, "token": self.token("gateway")}
        self.assertEqual(self.call("owned", {"gateway": "shop-1/j1"}, **nameless).code, "42501")
        for key in (self.standin.service, self.secret):
            self.assertEqual(self.call("owned", {"gateway": "any/j"}, key=key).json, {"messages": []})
        wrong = self.call("put", {"gateway": "shop-1/j1", "messages": [inbound(None, "secret words")]}, **gateway)
        self.assertEqual((wrong.status, wrong.code), (400, "22023"))
        self.assertNotIn("secret", wrong.body.decode())

    def test_a_project_with_the_grants_of_today_works_too(self):
        # Nothing is granted to anybody by itself.
        self.standin.sql("alter default privileges in schema public revoke all on tables from anon, authenticated, "
                         "service_role; alter default privileges in schema public revoke all on functions from anon, "
                         "authenticated, service_role; drop table messages")
        self.run_steps(1, 99)
        self.assertEqual(self.call("health", {}).json["rows"], 0)
        row = {"phone_number": "6195550101", "content": "x", "status": "queued", "direction": "outbound"}
        self.assertEqual(self.standin.request("POST", "/messages", row).status, 201)
        self.assertEqual(len(self.call("exchange", {"gateway": "a/1", "want": 1, "lease_ms": 1000}).json["claimed"]), 1)
        self.assertEqual(self.standin.request("GET", "/messages", key=self.publishable).code, "42501")


if __name__ == "__main__":
    unittest.main()
