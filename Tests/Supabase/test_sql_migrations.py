#!/usr/bin/python3
"""The steps on what users have: nothing of theirs changes, and every step may be run again."""

import subprocess
import unittest

import psycopg2

from database import FOLDER, programs
from sql_rig import HOUR, NEWEST, Database, cluster, steps

OLD = """id, phone_number, content, "timestamp", modem_timestamp, status, direction, modem_index, message_hash,
    retry_count, last_retry_at, created_at, updated_at"""
# Equal hashes, equal texts, null where it may be, numbers in every form, a status of long ago.
OLD_ROWS = """
insert into messages (phone_number, content, status, direction, message_hash, retry_count, timestamp, created_at) values
    ('+16195550101', 'Yes', 'unread', 'inbound', 'h1', null, '2024-05-01T10:00:00Z', '2024-05-01T10:00:01Z'),
    ('+16195550101', 'Yes', 'unread', 'inbound', 'h1', 0, '2024-05-01T10:00:00Z', '2024-05-01T10:00:02Z'),
    ('(619) 555-0102', 'old out', 'queued', 'outbound', null, null, '2024-05-01T10:00:00Z', '2024-05-01T10:00:03Z'),
    ('6195550102', 'later out', 'queued', 'outbound', null, null, '2024-05-01T10:00:00Z', '2024-05-01T10:00:04Z'),
    ('', '', 'failed', 'outbound', null, 7, '2024-05-01T10:00:00Z', '2024-05-01T10:00:05Z'),
    ('AMAZON', 'code 1234', 'read', 'inbound', 'h2', 0, '2024-05-01T10:00:00Z', '2024-05-01T10:00:06Z');
insert into customers (name, phone) values ('Ann', '(619) 555-0101'), ('Ann', '(619) 555-0101'), ('Bob', null);
"""


def fresh(name, tables=True, rows=True):
    cluster().create(name, "bare")
    if tables:
        cluster().load(f"{FOLDER}/sql/tables.sql", database=name)
    database = Database(name)
    if tables and rows:
        database.sql(OLD_ROWS)
    return database


def run(database, first=1, last=99):
    for _, text in steps(first, last):
        database.sql(text)


def schema(name):
    """What pg_dump says of the database, rows of ours included."""
    dump = subprocess.run([programs() + "/pg_dump", "-d", cluster().dsn(name), "--no-comments"], check=True,
                          capture_output=True, text=True).stdout
    return [line for line in dump.splitlines() if not line.startswith(("--", "\\restrict", "\\unrestrict"))]


class Migrations(unittest.TestCase):
    def setUp(self):
        self.db = None

    def tearDown(self):
        if self.db:
            self.db.close()

    def test_an_empty_project_gets_the_shared_tables(self):
        self.db = fresh("m_empty", tables=False)
        run(self.db)
        self.assertEqual(self.db.call("health")["version"], NEWEST)
        self.db.foreign("+16195550101")
        self.assertEqual(len(self.db.claim("a/1", max_age=HOUR)), 1)

    def test_old_rows_and_duplicates_stay_as_they_are(self):
        self.db = fresh("m_old")
        before = self.db.sql(f"select {OLD} from messages order by id")
        customers = self.db.sql("select id, name, phone, updated_at from customers order by id")
        run(self.db)
        self.assertEqual(self.db.sql(f"select {OLD} from messages order by id"), before)
        self.assertEqual(self.db.sql("select id, name, phone, updated_at from customers order by id"), customers)
        self.assertEqual([row["phone"] for row in self.db.all()],
                         ["+16195550101", "+16195550101", "+16195550102", "+16195550102", "", "AMAZON"])
        self.assertEqual(len(self.db.call("customer", phone="+16195550101")["matches"]), 2)
        # Decision 7: nothing of it is sent.
        self.assertEqual(self.db.claim("a/1", max_age=HOUR), [])
        held = self.db.sql("select content, delivery_status from messages where status = 'queued' order by id")
        self.assertEqual(held, [("old out", "held"), ("later out", "held")])

    def test_every_step_may_be_run_again(self):
        for name, tables in (("m_twice", True), ("m_twice_empty", False)):
            self.db = fresh(name, tables)
            run(self.db)
            run(self.db, 100, 100)
            before = schema(name)
            run(self.db)
            run(self.db, 100, 100)
            self.assertEqual(schema(name), before)
            self.db.close()

    def test_a_project_of_before_the_search_has_it_when_the_steps_are_run_again(self):
        self.db = fresh("m_search")
        run(self.db, last=8)
        # As the steps of then left it.
        self.db.sql("create index conductor_messages_words on messages using gin (to_tsvector('simple'::regconfig, "
                    "coalesce(content, '')))")
        self.assertEqual(self.db.call("health")["version"], 8)
        with self.assertRaises(psycopg2.errors.UndefinedFunction):
            self.db.call("find_customers", search="ann")
        run(self.db)
        self.assertEqual(self.db.call("health")["version"], NEWEST)
        self.assertEqual([row["content"] for row in self.db.call("messages", search="LÁTER")["messages"]],
                         ["later out"])
        self.assertEqual(len(self.db.call("messages", search="555-0101")["messages"]), 2)
        self.assertEqual([found["phone"] for found in self.db.call("find_customers", search="ann")["matches"]],
                         ["+16195550101"] * 2)
        self.assertEqual(self.db.one("select count(*) from pg_indexes where indexname = 'conductor_messages_words'"), 0)
        for role, function in (("service_role", "messages"), ("gateway", "find_customers")):
            self.assertTrue(self.db.one(f"select has_function_privilege(%s, 'conductor_{function}(jsonb)', 'execute')",
                                        role))
        for role in ("anon", "authenticated", "n8n"):
            for function in ("messages", "find_customers"):
                self.assertFalse(self.db.one(f"select has_function_privilege(%s, 'conductor_{function}(jsonb)', "
                                             "'execute')", role))

    def test_a_step_that_gets_no_lock_changes_nothing_and_may_be_run_again(self):
        self.db = fresh("m_lock")
        reader = Database("m_lock")
        reader.connection.autocommit = False
        reader.sql("select count(*) from messages")
        before = schema("m_lock")
        with self.assertRaises(psycopg2.errors.LockNotAvailable):
            self.db.sql(dict(steps())["001-columns.sql"].replace("'5s'", "'50ms'"))
        self.db.connection.rollback()
        self.db.close()
        self.assertEqual(schema("m_lock"), before)
        reader.connection.rollback()
        reader.close()
        self.db = Database("m_lock")
        run(self.db)
        self.assertEqual(self.db.call("health")["rows"], 6)

    def test_a_large_table_gets_its_numbers_little_by_little(self):
        self.db = fresh("m_large", rows=False)
        self.db.sql("insert into messages (phone_number, content, status, direction) select '(619) 555-' || "
                    "lpad((n % 5000)::text, 4, '0'), n, 'read', 'inbound' from generate_series(1, 22500) n; "
                    "insert into messages (phone_number, content, status, direction) values "
                    "('(619) 555-0101', 'queued', 'queued', 'outbound')")
        run(self.db)
        self.assertEqual(self.db.one("select count(*) from messages where phone_e164 is null"), 2500)
        self.assertEqual(len(self.db.claim("a/1")), 1)
        left = [self.db.one("select private.conductor_backfill(1000)") for _ in range(4)]
        self.assertEqual(left, [1501, 501, 0, 0])
        self.assertEqual(len(self.db.call("messages", phone="+16195550007")["messages"]), 5)

    def test_a_program_that_knows_the_old_columns_only_goes_on(self):
        self.db = fresh("m_program")
        for _ in range(2):
            for direction, status in (("outbound", "queued"), ("inbound", "unread")):
                self.db.sql("insert into messages (phone_number, content, status, direction) values (%s, 'x', %s, %s)",
                            "619-555-0101", status, direction)
            self.db.sql("update messages set status = 'read' where id = (select min(id) from messages where status = "
                        "'unread')")
            self.db.sql("delete from messages where status = 'failed'")
            run(self.db)
        self.assertEqual(self.db.one("select count(*) from messages where status = 'read'"), 3)

    def test_what_is_not_the_shared_table_is_left_alone(self):
        for number, (made, code) in enumerate((
                ("create table messages (id bigint primary key, body text)", "42703"),
                ("create table messages (id bigint, phone_number text, content text, status text, direction text)",
                 "42830"),
                ("create table messages (id uuid primary key, phone_number text, content text, status text, "
                 "direction text)", "42804"),
                ("create view messages as select 1 as id", "42809"),
                ("create schema private; create table private.conductor_migrations (version int primary key, name text "
                 "not null, applied_at timestamptz not null default now()); insert into private.conductor_migrations "
                 "values (99, 'later')", "55000"),
                ("create table contacts (id int primary key, email text)", "42P07"),
                ("create table optouts (id int primary key)", "42P07"))):
            self.db = fresh(f"m_wrong{number}", tables=False)
            self.db.sql(made)
            with self.assertRaises(psycopg2.Error) as raised:
                run(self.db)
            self.assertEqual(raised.exception.pgcode, code, made)
            self.db.close()
        self.db = None


if __name__ == "__main__":
    unittest.main()
