#!/usr/bin/python3
"""Many gateways on one queue, and queries that read indexes however long it is."""

import json
import random
import threading
import unittest

import psycopg2

from database import ADMIN
from sql_rig import HOUR, Database, DatabaseCase

SEED = 8


class Claimers(DatabaseCase):
    def test_8_gateways_claim_begin_and_settle_each_row_once_in_the_order_of_its_number(self):
        numbers, each = 60, 10
        self.db.sql("insert into messages (phone_number, content, status, direction) select "
                    "case n %% 2 when 0 then '+1619555' else '(619) 555-' end || lpad((n / 2 %% %s)::text, 4, '0'), "
                    "n, 'queued', 'outbound' from generate_series(0, %s) n", numbers, 2 * numbers * each // 2 - 1)
        total = numbers * each
        lock, radio, errors = threading.Lock(), [], []
        done = threading.Event()

        def gateway(index):
            name, mine = f"g{index}/1", Database(self.db.name)
            generator = random.Random(SEED + index)
            held, finished = [], []
            try:
                while not done.is_set():
                    starting = [dict(storage_id=row["id"], uid=f"{row['id']}-{row['retry_count']}-{name}")
                                for row in held]
                    if starting and generator.random() < 0.1:
                        # It was cut off after it claimed: the rows come back when the lease ends.
                        starting = []
                    repeat = 2 if generator.random() < 0.2 else 1
                    for _ in range(repeat):
                        reply = mine.exchange(name, generator.randrange(1, 9), lease=400, finished=finished,
                                              starting=starting)
                    begun = [start for start, ok in zip(starting, reply["started"], strict=True) if ok]
                    with lock:
                        radio.extend((start["storage_id"], name) for start in begun)
                    finished = [dict(uid=start["uid"], status="sent", delivery_status="accepted", parts=1)
                                for start in begun]
                    # A repeated exchange claimed twice; what its first answer said is lost until the lease ends.
                    held = reply["claimed"]
                    with lock:
                        if len(radio) >= total and not finished:
                            done.set()
            except Exception as error:  # noqa: BLE001: told by the test, not by the thread
                errors.append(error)
                done.set()
            finally:
                mine.close()

        def watch():
            """No number has two rows claimed or being sent at any moment."""
            mine = Database(self.db.name)
            try:
                while not done.is_set():
                    double = mine.sql(
                        "select phone_e164, count(*) from messages where direction = 'outbound' and status = 'queued' "
                        "and claimed_by is not null "
                        "and (claim_until > clock_timestamp() or delivery_status = 'sending') "
                        "group by 1 having count(*) > 1")
                    if double:
                        errors.append(AssertionError(f"two at a time: {double}"))
                        done.set()
            finally:
                mine.close()

        threads = [threading.Thread(target=gateway, args=(n,)) for n in range(8)] + [threading.Thread(target=watch)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        self.assertEqual(errors, [])
        self.assertEqual(len(radio), total)
        self.assertEqual(len({address for address, _ in radio}), total, "a row went twice")
        self.assertEqual(self.db.sql("select status, delivery_status, retry_count, count(*) from messages "
                                     "group by 1, 2, 3"), [("sent", "accepted", 1, total)])
        # Begun in the order of the number's rows: last_retry_at is the moment of begin.
        self.assertEqual(self.db.sql(
            "select id from (select id, last_retry_at, max(last_retry_at) over (partition by phone_e164 order by id "
            "rows between unbounded preceding and 1 preceding) as before from messages) r "
            "where last_retry_at < before"), [])
        self.assertGreater(len({name for _, name in radio}), 5)

    def test_a_begin_that_is_under_way_is_seen_by_every_claim(self):
        # The lease of the later row is about to end while its gateway begins it; the earlier row becomes due.
        first = self.db.foreign("+16195550101", "1", not_before="2100-01-01T00:00:00Z")
        second = self.db.foreign("+16195550101", "2")
        self.assertEqual([row["id"] for row in self.db.claim("a/1")], [second])
        beginning = Database(self.db.name)
        beginning.connection.autocommit = False
        self.assertTrue(beginning.start("a/1", second, "x"))
        self.db.sql("update private.test_clock set ahead = interval '100 years'")
        claiming = Database(self.db.name)
        claimed = []
        thread = threading.Thread(target=lambda: claimed.extend(claiming.claim("b/1")))
        thread.start()
        self.wait_for("select count(*) from pg_locks where locktype = 'advisory' and not granted", 1)
        beginning.connection.commit()
        thread.join(30)
        self.assertEqual(claimed, [])
        self.assertEqual(self.db.one("select claimed_by from messages where id = %s", first), None)
        beginning.close()
        claiming.close()

    def test_a_cancel_that_is_under_way_wins_or_loses_whole(self):
        address = self.db.foreign("+16195550101")
        self.db.claim("a/1")
        cancelling = Database(self.db.name)
        cancelling.connection.autocommit = False
        self.assertEqual(cancelling.call("change", storage_id=address, kind="cancel"), {"changed": True})
        beginning, begun = Database(self.db.name), []
        thread = threading.Thread(target=lambda: begun.append(beginning.start("a/1", address, "x")))
        thread.start()
        self.wait_for("select count(*) from pg_locks where locktype = 'transactionid' and not granted", 1)
        cancelling.connection.commit()
        thread.join(30)
        self.assertEqual(begun, [False])
        self.assertEqual(self.db.all()[0]["error_code"], "cancelled")
        cancelling.close()
        beginning.close()

    def test_a_row_that_somebody_has_locked_stops_nobody(self):
        locked, free = self.db.foreign("+16195550101"), self.db.foreign("+16195550102")
        self.db.foreign("+16195550101", "behind it")
        editor = Database(self.db.name)
        editor.connection.autocommit = False
        editor.sql("update messages set content = 'being edited' where id = %s", locked)
        self.db.sql("set lock_timeout = '1s'")
        self.assertEqual([row["id"] for row in self.db.claim("a/1")], [free])
        self.db.advance(2 * HOUR)
        reply = self.db.exchange("b/1", 8, HOUR)
        self.assertEqual((reply["claimed"], reply["next_due_ms"]), ([], -1))
        editor.connection.rollback()
        editor.close()
        self.assertEqual(self.db.sql("select id from messages where delivery_status = 'held' order by id"),
                         [(free,), (free + 1,)])
        self.assertEqual(self.db.claim("b/1", max_age=HOUR), [])
        self.assertEqual(self.db.one("select count(*) from messages where delivery_status = 'held'"), 3)
        self.db.sql("set lock_timeout = 0")

    def test_another_isolation_is_refused(self):
        self.db.connection.set_session(isolation_level="REPEATABLE READ", autocommit=False)
        try:
            self.refused("25001", "exchange", gateway="a/1", want=1)
        finally:
            self.db.connection.rollback()
            self.db.connection.set_session(isolation_level="READ COMMITTED", autocommit=True)

    def wait_for(self, query, value):
        for _ in range(10_000):
            if self.db.one(query) == value:
                return
        self.fail(f"{query} never gave {value}")


class Notices:
    """All of them: of a list, the driver keeps the last fifty."""

    def __init__(self):
        self.texts = []

    def append(self, text):
        self.texts.append(text)


class Plans(DatabaseCase):
    """What the functions do, told by the database itself (auto_explain)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.db.close()
        # Only a superuser may ask for plans.
        cls.db = Database(cls.db.name, ADMIN)
        cls.db.sql("load 'auto_explain'; set auto_explain.log_nested_statements = on; "
                   "set auto_explain.log_analyze = off; set client_min_messages = log; "
                   "set auto_explain.log_level = notice; set auto_explain.log_format = json")

    def plans(self, function, **request):
        """What a call answers, and the nodes of the plans that it used: (type, table, index, query's beginning)."""
        notices = self.db.connection.notices = Notices()
        self.db.sql("set auto_explain.log_min_duration = 0")
        reply = self.db.call(function, **request)
        self.db.sql("set auto_explain.log_min_duration = -1")
        nodes = []

        def walk(node, query):
            nodes.append((node["Node Type"], node.get("Relation Name"), node.get("Index Name"), query))
            for below in node.get("Plans", []):
                walk(below, query)

        for notice in notices.texts:
            if "plan:" in notice:
                plan = json.loads(notice[notice.index("plan:") + 5:])
                walk(plan["Plan"], " ".join(plan["Query Text"].split())[:400])
        return reply, nodes

    def no_scan(self, nodes, table="messages"):
        self.assertEqual([node for node in nodes if node[0] == "Seq Scan" and node[1] == table], [])

    def test_a_claim_of_200000_queued_rows_reads_indexes(self):
        # Not analysed: a queue is filled faster than statistics are taken.
        self.db.sql("insert into messages (phone_number, content, status, direction) select '+1619555' || "
                    "lpad((n % 10000)::text, 4, '0'), n, 'queued', 'outbound' from generate_series(1, 200000) n")
        for _ in range(2):
            reply, nodes = self.plans("exchange", gateway="a/1", want=32, lease_ms=10_000, max_age_ms=HOUR)
            self.assertEqual(len(reply["claimed"]), 32)
            self.no_scan(nodes)
            meant = [f"conductor_messages_{index}" for index in ("ready", "due", "queue", "busy")] + ["messages_pkey"]
            self.assertEqual([node for node in nodes if node[1] == "messages" and node[2] not in meant
                              and node[0] != "ModifyTable"], [])
            self.assertLessEqual(set(meant), {node[2] for node in nodes})
            self.db.sql("analyze messages")
        started = [dict(storage_id=row["id"], uid=f"u{row['id']}") for row in reply["claimed"]]
        reply, nodes = self.plans("exchange", gateway="a/1", want=0, lease_ms=10_000, starting=started)
        self.assertEqual(reply["started"], [True] * 32)
        finished = [dict(uid=start["uid"], status="sent", delivery_status="accepted") for start in started]
        reply, more = self.plans("exchange", gateway="a/1", want=0, lease_ms=10_000, finished=finished)
        self.no_scan(nodes + more)
        self.assertEqual(self.db.one("select count(*) from messages where status = 'sent'"), 32)
        for function, request in (("owned", dict(gateway="a/1")), ("heartbeat", dict(gateway="a/1")), ("sight", {})):
            self.no_scan(self.plans(function, **request)[1])
        # One number's long queue keeps nobody waiting.
        self.db.sql("delete from messages; insert into messages (phone_number, content, status, direction) select "
                    "'+16195550001', n, 'queued', 'outbound' from generate_series(0, 99999) n; "
                    "insert into messages (phone_number, content, status, direction) values "
                    "('+16195550002', 'other', 'queued', 'outbound')")
        reply, nodes = self.plans("exchange", gateway="b/1", want=8, lease_ms=10_000, max_age_ms=HOUR)
        self.assertEqual([row["content"] for row in reply["claimed"]], ["0", "other"])
        self.no_scan(nodes)

    def without_statistics(self, table):
        """As where nobody has counted the rows yet."""
        of_it = (f"select '{table}'::regclass union all select indexrelid from pg_index where indrelid = "
                 f"'{table}'::regclass")
        self.db.sql(f"delete from pg_statistic where starelid in ({of_it}); "
                    f"update pg_class set reltuples = -1, relpages = 0, relallvisible = 0 where oid in ({of_it})")

    def each_state_of_statistics(self, table):
        """What was true of three rows, nothing, and what is true."""
        yield "old"
        self.without_statistics(table)
        yield "none"
        self.db.sql(f"analyze {table}")
        yield "new"

    def test_D4_lists_of_100000_messages_read_indexes(self):
        # The rows come when the table has been counted; nobody counts them by the way.
        rows = ("insert into messages (phone_number, content, status, direction) select '(619) 555-' || "
                "lpad((n % 5000)::text, 4, '0'), 'it''s text ' || n, case n % 500 when 0 then 'unread' else 'read' "
                "end, 'inbound' from generate_series({}, {}) n")
        self.db.sql("alter table messages set (autovacuum_enabled = off); " + rows.format(1, 3) + "; analyze messages; "
                    + rows.format(4, 100_001))
        lists = ((dict(phone="+16195550007"), 20), (dict(phone="619 555 0007", oldest_first=True), 20),
                 (dict(uid="absent"), 0), (dict(direction="inbound", status="unread"), 50),
                 (dict(delivery_status="held"), 0), (dict(cursor=500), 50), (dict(direction="inbound"), 50))
        searches = ((dict(search="77777"), 1), (dict(search="6195550007"), 20), (dict(search="text 7777"), 11),
                    (dict(search="555-0007"), 20), (dict(search="TÉXT 77777"), 1), (dict(search="te"), 50),
                    (dict(search="text", cursor=500, limit=7), 7), (dict(search="absent"), 0),
                    (dict(search="te", direction="inbound", status="unread"), 50), (dict(search="it's"), 50),
                    (dict(search="te", oldest_first=True, phone="+16195550007"), 20),
                    (dict(search="77777", uid="absent"), 0), (dict(search="te", delivery_status="held"), 0))
        for state in self.each_state_of_statistics("messages"):
            for query, count in lists + searches:
                reply, nodes = self.plans("messages", **query)
                self.assertEqual(len(reply["messages"]), count, query)
                self.no_scan(nodes)
                if "search" in query:
                    used = {node[2] for node in nodes if node[2] and "messages" in node[2]}
                    self.assertEqual(used, {"conductor_messages_search", "conductor_messages_recipient",
                                            "messages_pkey"}, (state, query))
        for function in ("contact", "erase"):
            self.no_scan(self.plans(function, phone="+16195550007", before=1, count_only=True)[1])
        seen, cursor = 0, None
        while page := self.db.call("messages", limit=1000, cursor=cursor)["messages"]:
            seen, cursor = seen + len(page), page[-1]["id"]
        self.assertEqual(seen, 100_001)

    def test_a_customer_among_3000_with_180000_receipts_is_found_by_index(self):
        self.db.sql("insert into customers (name, phone, email) select n, '(619) 555-' || "
                    "lpad(n::text, 4, '0'), n || '@shop.example' from "
                    "generate_series(1, 3000) n; insert into transactions (transaction_id, customer_id, date, total) "
                    "select row_number() over (), c.id, date '2026-01-01' + n, 10 from customers c, "
                    "generate_series(1, 60) n; insert into products (sku, name) values ('s', 'n'); "
                    "insert into transaction_items (transaction_id, product_sku, quantity) "
                    "select transaction_id, 's', 1 from transactions")
        for table in ("customers", "transactions", "transaction_items"):
            self.without_statistics(table)
        for state in ("none", "new"):
            reply, nodes = self.plans("customer", phone="+16195550007", purchases=5)
            self.assertEqual(len(reply["matches"][0]["purchases"]), 5)
            for table in ("customers", "transactions", "transaction_items"):
                self.no_scan(nodes, table)
            for words, count in (("2999", 1), ("619 555 0007", 1), ("29", 20), ("shop", 20), ("shop.example", 20)):
                reply, nodes = self.plans("find_customers", search=words)
                self.assertEqual(len(reply["matches"]), count, words)
                for table in ("customers", "transactions"):
                    self.no_scan(nodes, table)
                self.assertIn("conductor_customers_search", {node[2] for node in nodes}, (state, words))
            self.db.sql("analyze")


if __name__ == "__main__":
    unittest.main()
