#!/usr/bin/python3
"""Who may do what: before the steps, between them, after the lock-down, and after its rollback."""

import base64
import contextlib
import hashlib
import hmac
import json
import unittest

import psycopg2

from database import ADMIN, FOLDER
from sql_rig import Database, cluster, inbound, steps

STAFF = {"app_metadata": {"role": "staff"}}
SHARED = ("messages", "customers", "transactions", "transaction_items", "products", "staff")
# What a project may have of its own, and what would let people in behind our back.
THEIRS = """
create view public.inbox as select * from public.messages;
create view public.unread as select id from public.inbox where status = 'unread';
create function public.peek() returns bigint language sql security definer as
    $$ select count(*) from public.messages $$;
create role viewer nologin;
grant select on public.messages to viewer with grant option;
grant select (name), update (phone) on public.customers to viewer;
alter table public.staff enable row level security;
create policy everybody on public.staff for select to public using (true);
create policy "for those who signed up" on public.messages for all to authenticated using (true) with check (true);
"""


class Access(unittest.TestCase):
    def setUp(self):
        cluster().create("access", "bare")
        cluster().load(f"{FOLDER}/sql/tables.sql", database="access")
        self.forget_viewer()
        self.db = Database("access")
        self.db.sql(THEIRS)
        self.db.sql("insert into messages (phone_number, content, status, direction) values "
                    "('+16195550101', 'hello', 'unread', 'inbound'), ('+16195550102', 'older', 'read', 'inbound'), "
                    "('+16195550103', 'out', 'sent', 'outbound'); update messages set updated_at = '2024-01-01'; "
                    "insert into customers (name, phone) values ('Ann', '+16195550101'); "
                    "insert into products (sku, name, unit_cost) values ('s', 'n', 1); "
                    "insert into transactions (transaction_id) values (1); insert into staff (name) values ('Sam')")

    def tearDown(self):
        self.db.close()
        self.forget_viewer()

    def forget_viewer(self):
        if cluster().sql("select 1 from pg_roles where rolname = 'viewer'", "access", ADMIN):
            cluster().sql("drop owned by viewer cascade; drop role viewer", "access", ADMIN)

    def run_steps(self, first, last):
        for _, text in steps(first, last):
            try:
                self.db.sql(text)
            except psycopg2.Error:
                self.db.sql("rollback")
                raise

    @contextlib.contextmanager
    def as_role(self, role, **claims):
        """As the API does it: the authenticator becomes the role of the token."""
        database = Database("access", "authenticator")
        try:
            database.sql(f"set role {role}")
            database.sql("select set_config('request.jwt.claims', %s, false)", json.dumps(dict(claims, role=role)))
            yield database
        finally:
            database.close()

    def refused(self, database, text, *values, code="42501"):
        with self.assertRaises(psycopg2.Error) as raised:
            database.sql(text, *values)
        self.assertEqual(raised.exception.pgcode, code, text)

    def table_bot(self, role):
        """What an n8n workflow does over the API: it reads what is unread, queues an answer, and marks it read."""
        address = self.db.one("insert into messages (phone_number, content, status, direction) values "
                              "('(619) 555-0177', 'a question', 'unread', 'inbound') returning id")
        with self.as_role(role) as bot:
            unread = bot.sql("select id, phone_number, content from messages where direction = 'inbound' and "
                             "status = 'unread' order by id")
            self.assertIn((address, "(619) 555-0177", "a question"), unread)
            answer = bot.one("insert into messages (phone_number, content, status, direction) values "
                             "('(619) 555-0177', 'an answer', 'queued', 'outbound') returning *")
            changed = bot.sql("update messages set status = 'read' where id = %s returning *", address)
            self.assertEqual([row[0] for row in changed], [address])
        self.assertEqual(self.db.sql("select status from messages where id in (%s, %s) order by id", address, answer),
                         [("read",), ("queued",)])
        return answer

    def rights(self):
        """Rights, row level security and policies of everything that was there before Conductor's own roles."""
        return (set(self.db.sql("select place::text, grantee, privilege, column_name, grantable from "
                                "private.conductor_rights()")),
                set(self.db.sql("select relname, relrowsecurity, relforcerowsecurity from pg_class where "
                                "relnamespace = 'public'::regnamespace and relkind = 'r'")),
                set(self.db.sql("select polname, polrelid::regclass::text, polcmd, polpermissive, polroles::text, "
                                "pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) from pg_policy")))

    def test_a_table_bot_passes_before_between_and_after(self):
        self.table_bot("anon")
        self.run_steps(1, 99)
        self.table_bot("anon")
        answer = self.table_bot("n8n")
        self.assertEqual(self.db.one("select phone_e164 from messages where id = %s", answer), "+16195550177")
        self.run_steps(100, 101)
        answer = self.table_bot("n8n")
        self.assertEqual(self.db.one("select phone_e164 from messages where id = %s", answer), "+16195550177")
        self.run_steps(102, 102)
        self.table_bot("anon")
        self.table_bot("n8n")

    def test_C1_the_anonymous_role_reads_nothing(self):
        self.run_steps(1, 99)
        with self.as_role("anon") as anon:
            for place in ("optouts", "contacts", "conductor_customers"):
                self.refused(anon, f"select * from public.{place}")
        self.run_steps(100, 101)
        self.nobody_reads("anon")

    def nobody_reads(self, role, **claims):
        places = self.db.sql("select oid::regclass::text, relname from pg_class where relkind in ('r', 'v', 'm', 'p') "
                             "and relnamespace in ('public'::regnamespace, 'private'::regnamespace)")
        self.assertGreater(len(places), 14)
        with self.as_role(role, **claims) as person:
            for place, _ in places:
                try:
                    self.assertEqual(person.sql(f"select * from {place}"), [], place)
                except psycopg2.Error as error:
                    self.assertEqual(error.pgcode, "42501", place)
            for function, in self.db.sql("select oid::regprocedure::text from pg_proc where proname like 'conductor%' "
                                         "and pronamespace = 'public'::regnamespace"):
                self.refused(person, f"select {function.replace('(jsonb)', '')}('{{}}')")
            for statement in ("insert into messages (phone_number, content, status, direction) values "
                              "('1', 'x', 'queued', 'outbound')", "insert into optouts (phone_number) values ('1')",
                              "insert into contacts (phone_number) values ('1')", "delete from messages",
                              "truncate messages"):
                self.refused(person, statement)
            with contextlib.suppress(psycopg2.errors.InsufficientPrivilege):
                person.sql("update messages set status = 'read' where status = 'unread'")
        self.assertEqual(self.db.one("select count(*) from messages where status = 'unread'"), 1)

    def test_C1_who_signed_up_is_not_staff(self):
        self.run_steps(1, 101)
        for claims in ({}, {"user_metadata": {"role": "staff"}}, {"app_metadata": {"role": "owner"}}):
            self.nobody_reads("authenticated", **claims)

    def test_the_staff_reads_answers_and_marks(self):
        self.run_steps(1, 101)
        with self.as_role("authenticated", **STAFF) as person:
            for place in ("messages", "customers", "transactions", "staff", "conductor_customers"):
                self.assertGreater(person.one(f"select count(*) from {place}"), 0, place)
            self.assertEqual(person.sql("select sku, name from products"), [("s", "n")])
            self.refused(person, "select unit_cost from products")
            person.sql("insert into messages (phone_number, content, status, direction) values "
                       "('+16195550101', 'hi', 'queued', 'outbound')")
            marked = person.sql("update messages set status = 'read' where status = 'unread' returning id")
            self.assertEqual(len(marked), 1)
            person.sql("insert into optouts (phone_number) values ('+16195550101')")
            person.sql("insert into contacts (phone_number, notes) values ('+16195550101', 'tea')")
            person.sql("update contacts set notes = 'coffee'")
            for statement in ("insert into messages (phone_number, content, status, direction) values "
                              "('1', 'x', 'unread', 'inbound')", "update customers set name = 'x'",
                              "delete from optouts", "update messages set content = 'x'", "delete from messages",
                              "insert into messages (phone_number, content, status, direction, owner) values "
                              "('1', 'x', 'queued', 'outbound', 'a/1')"):
                self.refused(person, statement)
            # A text that went is nobody's to change.
            self.assertEqual(person.sql("update messages set status = 'read' where status = 'sent' returning id"), [])

    def test_a_table_bot_sees_and_writes_no_more_than_it_needs(self):
        self.run_steps(1, 101)
        with self.as_role("n8n") as bot:
            self.assertEqual(bot.sql("select content from messages"), [("hello",)])
            self.assertEqual([m["name"] for m in bot.call("customer", phone="(619) 555-0101")["matches"]], ["Ann"])
            bot.sql("insert into optouts (phone_number) values ('+16195550101')")
            for statement in ("select * from customers", "select * from optouts", "select * from contacts",
                              "insert into messages (phone_number, content, status, direction) values "
                              "('1', 'x', 'unread', 'inbound')", "update messages set content = 'x'",
                              "update messages set status = 'unread' where status = 'unread'",
                              "update messages set status = 'sent' where status = 'unread'", "delete from messages",
                              "insert into messages (phone_number, content, status, direction, delivery_status) values "
                              "('1', 'x', 'queued', 'outbound', 'sending')",
                              "insert into messages (phone_number, content, status, direction, message_hash) values "
                              "('1', 'x', 'queued', 'outbound', 'conductor:u:sending:-:@journal')",
                              "select conductor_messages('{}')", "select conductor_exchange('{\"gateway\": \"a/1\"}')"):
                self.refused(bot, statement)

    def test_a_gateways_token_is_for_that_gateway(self):
        self.run_steps(1, 101)
        self.db.sql("insert into messages (phone_number, content, status, direction) values "
                    "('6195550101', 'x', 'queued', 'outbound')")
        for claims in ({"gateway_id": "shop-1"}, {"app_metadata": {"gateway_id": "shop-1"}}):
            with self.as_role("gateway", **claims) as gateway:
                for function in ("put", "exchange", "owned", "heartbeat"):
                    for other in ("shop-2/1", "shop-1x/1", "/1"):
                        self.refused(gateway, f"select conductor_{function}(%s)", json.dumps({"gateway": other}))
                gateway.call("put", gateway="shop-1/j", messages=[inbound("u1", "x")])
                self.assertEqual(len(gateway.call("messages", phone="+16195550123")["messages"]), 1)
        with self.as_role("gateway", gateway_id="shop-1") as gateway:
            [row] = gateway.claim("shop-1/j")
            self.assertTrue(gateway.start("shop-1/j", row["id"], "s1"))
            gateway.exchange("shop-1/j", finished=[dict(uid="s1", status="sent", delivery_status="accepted")])
            for function in ("health", "consent", "sizes", "settings", "refresh_customers"):
                gateway.call(function)
            self.refused(gateway, "select conductor_settings('{\"time_zone\": \"UTC\"}')")
            # An import: what is there is changed, what is new is added.
            gateway.sql("insert into products (sku, name) values ('s', 'other') on conflict (sku) do update set name = "
                        "excluded.name")
            gateway.sql("update customers set name = 'Anna'; delete from transaction_items")
            for statement in ("select * from messages", "delete from customers", "select * from optouts",
                              "insert into messages (phone_number, content, status, direction) values "
                              "('1', 'x', 'queued', 'outbound')"):
                self.refused(gateway, statement)
        with self.as_role("gateway") as nameless:
            self.refused(nameless, "select conductor_exchange('{\"gateway\": \"shop-1/j\"}')")
        self.assertEqual(self.db.one("select status from messages where uid = 's1'"), "sent")

    def test_the_service_key_may_do_everything_but_rewrite_consent(self):
        self.run_steps(1, 101)
        with self.as_role("service_role") as service:
            for place in SHARED + ("contacts", "conductor_customers"):
                service.sql(f"select * from {place}")
            service.sql("update messages set status = 'read' where status = 'unread'")
            service.sql("insert into optouts (phone_number) values ('+16195550101')")
            self.refused(service, "delete from optouts")
            self.refused(service, "update optouts set action = 'in'")
            self.assertEqual(service.call("settings", time_zone="Europe/Berlin")["time_zone"], "Europe/Berlin")
            self.refused(service, "select conductor_settings('{\"time_zone\": \"Mars/Base\"}')", code="22023")
            self.refused(service, "select conductor_settings('{\"id\": 2}')", code="22023")
            self.refused(service, "select conductor_settings('{\"vip_visits\": 1}')", code="23514")
            self.assertEqual(service.claim("any/1"), [])

    def test_the_report_names_who_loses_what(self):
        self.run_steps(1, 99)
        self.run_steps(100, 100)
        report = self.db.sql("select * from private.conductor_lockdown_report()")
        found = {(who, what): (now, then) for who, what, now, then in report}
        self.assertIn("select", found["anon", "public.messages"][0])
        for place in SHARED + ("inbox", "unread"):
            self.assertEqual(found["anon", f"public.{place}"][1], "nothing", place)
            self.assertIn("nothing", found["authenticated", f"public.{place}"][1], place)
        self.assertIn("of every row", found["anon", "public.messages"][0])
        self.assertIn(("viewer", "public.customers"), found)
        self.assertIn("update (phone)", found["viewer", "public.customers"][0])
        self.assertIn("look", found["anon", "public.peek()"][1])
        self.assertEqual({what for _, what, _, _ in report[-2:]}, {"public.peek()"})
        self.assertNotIn(("anon", "public.optouts"), found)

    def test_the_rollback_puts_back_what_was(self):
        self.run_steps(1, 99)
        self.run_steps(100, 100)
        before = self.rights()
        self.run_steps(101, 101)
        self.assertNotEqual(self.rights(), before)
        locked = self.rights()
        # Whichever step is run again, in whatever order.
        for first, last in ((101, 101), (1, 99), (100, 100)):
            self.run_steps(first, last)
            self.assertEqual(self.rights(), locked, first)
        with self.as_role("authenticated", **STAFF) as person:
            self.assertEqual(person.one("select count(*) from customers"), 1)
        script = self.db.one("select script from private.conductor_rollbacks")
        for _ in range(2):
            self.run_steps(102, 102)
            self.assertEqual(self.rights(), before)
        # The written file does the same as the step.
        self.run_steps(101, 101)
        self.assertEqual(self.db.one("select count(*) from private.conductor_rollbacks"), 2)
        self.assertTrue(self.db.call("health")["locked"])
        self.db.sql(script)
        self.assertEqual(self.rights(), before)
        self.assertFalse(self.db.call("health")["locked"])

    def test_the_lock_down_is_refused_where_it_would_lock_conductor_out(self):
        with self.assertRaises(psycopg2.Error):
            self.run_steps(100, 100)
        self.run_steps(1, 99)
        with self.assertRaises(psycopg2.Error) as raised:
            self.run_steps(101, 101)
        self.assertEqual(raised.exception.pgcode, "55000")
        self.run_steps(100, 100)
        self.db.sql("alter table customers force row level security")
        with self.assertRaises(psycopg2.Error) as raised:
            self.run_steps(101, 101)
        self.assertIn("customers", str(raised.exception))

    def test_a_token_is_one_that_the_api_takes(self):
        self.run_steps(1, 99)
        self.run_steps(100, 100)
        for secret in ("a secret of usual length, thirty-two octets", "x" * 90):
            token = self.db.one("select private.conductor_token(%s, 'gateway', %s, 30)", secret,
                                json.dumps({"gateway_id": "shop-1"}))
            head, body, signature = token.split(".")

            def octets(text):
                return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

            self.assertEqual(json.loads(octets(head)), {"alg": "HS256", "typ": "JWT"})
            claims = json.loads(octets(body))
            self.assertEqual((claims["role"], claims["gateway_id"]), ("gateway", "shop-1"))
            self.assertEqual(claims["exp"] - claims["iat"], 30 * 86400)
            self.assertEqual(hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest(),
                             octets(signature))
            self.assertNotRegex(token, r"[+/=\n]")


if __name__ == "__main__":
    unittest.main()
