#!/usr/bin/python3
"""The SQL's functions against the rules that every storage keeps (Sources/PluginTestKit/Rules)."""

import unittest

import psycopg2

from sql_rig import HOUR, NEWEST, Database, DatabaseCase, born, inbound


class Inbound(DatabaseCase):
    def test_A3_two_identical_texts_of_one_second_are_two_texts(self):
        self.db.put(inbound("u1", "Yes"), inbound("u2", "Yes"))
        self.assertEqual(len(self.db.all()), 2)

    def test_putting_again_changes_nothing_and_a_text_that_was_read_stays_read(self):
        self.db.put(inbound("u1", "hello"))
        row = self.db.all()[0]
        self.assertEqual(self.db.call("change", storage_id=row["id"], kind="mark_read"), {"changed": True})
        before = self.db.sql("select *, xmin from messages")
        self.db.put(inbound("u1", "hello"))
        self.assertEqual(self.db.sql("select *, xmin from messages"), before)
        self.assertEqual(self.db.call("change", storage_id=row["id"], kind="mark_read"), {"changed": True})

    def test_a_late_part_amends_the_text_it_belongs_to(self):
        self.db.put(inbound("u1", "[…] world", incomplete=True))
        self.db.put(inbound("u1", "hello world", parts=2))
        [row] = self.db.all()
        self.assertEqual((row["content"], row["parts"], row["incomplete"]), ("hello world", 2, False))

    def test_a_put_is_all_or_nothing(self):
        self.refused("22023", "put", gateway="a/1", messages=[inbound("u1", "a"), inbound(None, "b")])
        self.refused("22023", "put", gateway="a/1", messages=[inbound("u1", "a"), inbound("u2", "b", status="odd")])
        self.refused("22023", "put", gateway="a/1", messages=[inbound("u1", "a", direction=None)])
        self.refused("22023", "put", gateway="", messages=[])
        self.refused("22023", "put", gateway="a/1", messages={})
        self.assertEqual(self.db.all(), [])

    def test_a_put_that_is_done_late_takes_no_outcome_of_the_attempt_back(self):
        def put(delivery_status, attempt):
            status = {"undelivered": "failed"}.get(delivery_status, "sent")
            self.db.put(inbound("u1", "x", direction="outbound", status=status, delivery_status=delivery_status,
                                last_retry_at=attempt))

        for earlier, later in [("unknown", "accepted"), ("accepted", "delivered"), ("unknown", "undelivered")]:
            self.db.sql("delete from messages")
            for state, stands in [(earlier, earlier), (later, later), (earlier, later)]:
                put(state, 1_000)
                self.assertEqual(self.db.all()[0]["delivery_status"], stands)
            put(earlier, 2_000)
            self.assertEqual(self.db.all()[0]["delivery_status"], earlier)

    def test_every_field_comes_back(self):
        text = inbound("u1", "Café 😀 €5", modem_timestamp=1_700_000_000_123, modem_utc_offset=-480, modem_index=7,
                       sim="8901", parts=3, possible_duplicate=True, answers="u0", origin="policy", message_hash="h",
                       asks_to_stop=True, incomplete=False, retry_count=0)
        self.db.put(text)
        [row] = self.db.all()
        row.pop("id")
        self.assertEqual(row, text)
        text = born("u2", "x", status="failed", delivery_status="refused", error_code="cms-38", error_message="no",
                    last_retry_at=-5, not_before=1_790_000_000_001, retry_count=4, parts=1, incomplete=True,
                    possible_duplicate=False, asks_to_stop=False)
        self.db.put(text)
        row = self.db.all()[1]
        row.pop("id")
        self.assertEqual(row, text)

    def test_the_order_of_a_put_is_the_order_of_the_rows_and_a_uid_may_come_twice_in_it(self):
        self.db.put(*(inbound(f"u{n}", str(n)) for n in range(50)))
        self.assertEqual([row["content"] for row in self.db.all()], [str(n) for n in range(50)])
        self.db.put(inbound("x", "first"), inbound("y", "other"), inbound("x", "last"))
        self.assertEqual([row["content"] for row in self.db.all()[50:]], ["last", "other"])

    def test_old_readers_find_a_hash_that_is_of_this_text_alone(self):
        self.db.put(inbound("u1", "Yes"), inbound("u2", "Yes"), born("u3", "out"))
        hashes = [row.get("message_hash") for row in self.db.all()]
        self.assertEqual((len(hashes[0]), hashes[2]), (16, None))
        self.assertNotEqual(hashes[0], hashes[1])


class Outbound(DatabaseCase):
    def test_texts_born_in_a_journal_are_never_claimed(self):
        self.db.put(born("u1", "reply"), born("u2", "x", delivery_status="unknown"))
        self.assertEqual(self.db.claim("a/1"), [])

    def test_a_foreign_row_is_claimed_once_begun_once_and_settled(self):
        self.db.foreign("(619) 555-0123")
        [row] = self.db.claim("a/1")
        self.assertEqual((row["phone"], row["content"], row.get("uid")), ("+16195550123", "hi", None))
        self.assertEqual(self.db.claim("b/1"), [])
        for _ in range(2):
            self.assertTrue(self.db.start("a/1", row["id"], "x1"))
        self.assertFalse(self.db.start("b/1", row["id"], "x1"))
        [owned] = self.db.call("owned", gateway="a/1")["messages"]
        self.assertEqual((owned["uid"], owned["retry_count"], owned["delivery_status"]), ("x1", 1, "sending"))
        done = dict(uid="x1", status="sent", delivery_status="accepted", parts=1)
        for _ in range(2):
            self.db.exchange("a/1", finished=[done])
        self.db.exchange("a/1", finished=[dict(uid="x1", status="sent", delivery_status="delivered")])
        self.db.exchange("a/1", finished=[done])
        [row] = self.db.all()
        self.assertEqual((row["status"], row["parts"], row["delivery_status"]), ("sent", 1, "delivered"))
        self.assertEqual(self.db.call("owned", gateway="a/1"), {"messages": []})

    def test_a_claim_that_ended_cannot_begin_and_the_row_can_be_claimed_by_another(self):
        address = self.db.foreign("+16195550123")
        self.db.claim("a/1")
        self.db.advance(10_001)
        self.assertFalse(self.db.start("a/1", address, "x"))
        self.assertEqual(len(self.db.claim("b/1")), 1)
        self.assertFalse(self.db.start("a/1", address, "x"))

    def test_B1_a_row_that_is_being_sent_is_never_claimed_again(self):
        address = self.db.foreign("+16195550123")
        self.db.claim("a/1")
        self.db.start("a/1", address, "x")
        self.db.advance(24 * HOUR)
        for gateway in ("b/1", "a/1", "a/2"):
            self.assertEqual(self.db.claim(gateway), [])

    def test_B11_one_row_a_number_oldest_first_and_none_beside_one_that_is_being_sent(self):
        for phone, text in (("+16195550101", "1"), ("6195550101", "2"), ("+16195550102", "3")):
            self.db.foreign(phone, text)
        first = self.db.claim("a/1")
        self.assertEqual([row["content"] for row in first], ["1", "3"])
        self.assertEqual(self.db.claim("a/1"), [])
        self.assertTrue(self.db.start("a/1", first[0]["id"], "x1"))
        self.assertEqual(self.db.claim("b/1"), [])
        again = dict(uid="x1", status="queued", error_code="cms-38", not_before=self.db.now() + 60_000)
        reply = self.db.exchange("a/1", 8, finished=[again])
        self.assertEqual(reply["claimed"], [])
        # The other claim ends in ten seconds, but it is the asker's own.
        self.assertTrue(50_000 < reply["next_due_ms"] <= 60_000, reply)
        self.assertLessEqual(self.db.exchange("b/1", 8)["next_due_ms"], 10_000)
        self.db.advance(60_001)
        later = self.db.claim("b/1")
        self.assertIn(("1", 1), [(row["content"], row["retry_count"]) for row in later])
        self.assertNotIn("2", [row["content"] for row in later])

    def test_B11_a_text_that_a_journal_sends_later_holds_up_no_row_until_then(self):
        self.db.put(born("u1", "in an hour", delivery_status="sending", not_before=self.db.now() + HOUR))
        self.db.foreign("+16195550123", "now")
        now = self.db.claim("a/1")
        self.assertEqual([row["content"] for row in now], ["now"])
        self.db.exchange("a/1", finished=[dict(storage_id=now[0]["id"], status="failed", error_code="invalid-number")])
        self.db.advance(HOUR + 1)
        self.db.foreign("+16195550123", "after it")
        self.assertEqual(self.db.claim("a/1"), [])

    def test_an_unknown_text_holds_back_its_number_until_its_deadline(self):
        address = self.db.foreign("+16195550123", "1")
        self.db.foreign("+16195550123", "2")
        self.db.claim("a/1")
        self.db.start("a/1", address, "x")
        self.db.exchange("a/1", finished=[dict(uid="x", status="queued", delivery_status="unknown",
                                               not_before=self.db.now() + 60_000)])
        self.assertEqual(self.db.claim("b/1"), [])
        self.db.advance(60_001)
        self.assertEqual([row["content"] for row in self.db.claim("b/1")], ["2"])

    def test_B4_a_refused_row_is_visible_its_number_is_free_and_one_step_puts_it_back(self):
        self.db.foreign(None)
        self.db.foreign("+16195550101", None)
        rows = self.db.claim("a/1")
        self.assertEqual([(row["phone"], row["content"]) for row in rows], [("", "hi"), ("+16195550101", "")])
        self.db.exchange("a/1", finished=[dict(storage_id=row["id"], status="failed", delivery_status="refused",
                                               error_code="invalid-number", error_message="there is no number")
                                          for row in rows])
        failed = self.db.call("messages", status="failed")["messages"]
        self.assertEqual([(row["error_code"], row["retry_count"]) for row in failed], [("invalid-number", 0)] * 2)
        self.assertEqual(self.db.call("change", storage_id=failed[0]["id"], kind="requeue"), {"changed": True})
        self.assertEqual(self.db.call("change", storage_id=failed[0]["id"], kind="requeue"), {"changed": False})
        self.assertEqual([row["id"] for row in self.db.claim("b/1")], [failed[0]["id"]])

    def test_only_the_claimer_gives_back_or_refuses_a_row_that_is_not_begun(self):
        address = self.db.foreign("+16195550101")
        self.db.claim("a/1")
        self.db.exchange("b/1", finished=[dict(storage_id=address, status="failed", delivery_status="refused")])
        self.assertEqual(self.db.all()[0]["status"], "queued")
        self.db.exchange("a/1", finished=[dict(storage_id=address, status="queued")])
        self.assertEqual(len(self.db.claim("b/1")), 1)

    def test_a_row_is_cancelled_or_begun_never_both(self):
        for number in (1, 2):
            self.db.foreign(f"+1619555010{number}")
        ids = [row["id"] for row in self.db.claim("a/1")]
        for _ in range(2):
            self.assertEqual(self.db.call("change", storage_id=ids[0], kind="cancel"), {"changed": True})
        begun = self.db.exchange("a/1", starting=[dict(storage_id=n, uid=f"u{n}") for n in ids])
        self.assertEqual(begun["started"], [False, True])
        self.assertEqual(self.db.call("change", storage_id=ids[1], kind="cancel"), {"changed": False})
        [failed] = self.db.call("messages", status="failed")["messages"]
        self.assertEqual((failed["id"], failed["error_code"], failed["delivery_status"]),
                         (ids[0], "cancelled", "refused"))

    def test_decision_7_what_waits_since_before_anybody_looked_is_held(self):
        self.db.foreign("+16195550101", "old")
        self.db.advance(2 * HOUR)
        self.assertEqual(self.db.claim("a/1", max_age=HOUR), [])
        [held] = self.db.call("messages", delivery_status="held")["messages"]
        self.assertEqual((held["content"], held["status"]), ("old", "queued"))
        self.assertEqual(self.db.call("change", storage_id=held["id"], kind="requeue"), {"changed": True})
        self.assertEqual([row["content"] for row in self.db.claim("a/1", max_age=HOUR)], ["old"])

    def test_decision_7_what_came_while_somebody_looked_waits_for_its_turn(self):
        self.db.claim("a/1", max_age=HOUR)
        self.db.foreign("+16195550101", "meanwhile")
        for _ in range(12):
            self.db.advance(HOUR // 4)
            self.db.exchange("a/1", max_age=HOUR)
        self.assertEqual([row["content"] for row in self.db.claim("a/1", max_age=HOUR)], ["meanwhile"])
        self.db.advance(3 * HOUR)
        self.db.foreign("+16195550102", "a copy of long ago", timestamp="2024-05-01T10:00:00Z")
        self.assertEqual(self.db.claim("a/1", max_age=HOUR), [])

    def test_decision_7_a_long_queue_of_old_rows_is_held_in_a_few_steps(self):
        self.db.sql("insert into messages (phone_number, content, status, direction) "
                    "select '+1619555' || lpad(n::text, 4, '0'), n, 'queued', 'outbound' from "
                    "generate_series(1, 9000) n")
        self.db.advance(2 * HOUR)
        for _ in range(20):
            reply = self.db.exchange("a/1", 8, HOUR)
            self.assertEqual(reply["claimed"], [])
            if reply["next_due_ms"] != 0:
                break
        self.assertEqual(self.db.one("select count(*) from messages where delivery_status = 'held'"), 9000)

    def test_owned_lets_go_of_claims_that_were_not_begun(self):
        self.db.foreign("+16195550101")
        self.db.claim("a/1")
        self.assertEqual(self.db.call("owned", gateway="a/1"), {"messages": []})
        self.assertEqual(len(self.db.claim("b/1")), 1)

    def test_rows_of_the_old_schema_are_claimed_and_begun(self):
        address = self.db.foreign("+16195550101", retry_count=None, timestamp=None, created_at=None, updated_at=None)
        [row] = self.db.claim("a/1", max_age=HOUR)
        self.assertEqual(row["retry_count"], 0)
        self.assertTrue(self.db.start("a/1", address, "x"))
        self.assertEqual(self.db.all()[0]["retry_count"], 1)

    def test_a_claim_is_no_change_for_readers_and_everything_else_is(self):
        address = self.db.foreign("+16195550101", updated_at="2020-01-01T00:00:00Z")
        stamp = "select updated_at from messages"
        before = self.db.one(stamp)
        self.db.claim("a/1")
        self.assertEqual(self.db.one(stamp), before)
        for change in ("content = 'x'", "phone_number = '6195550102'", "status = 'failed'"):
            self.db.sql(f"update messages set {change}")
            self.assertGreater(self.db.one(stamp), before, change)
            before = self.db.one(stamp)
        self.assertEqual(self.db.one("select phone_e164 from messages where id = %s", address), "+16195550102")

    def test_times_that_never_come_stop_nothing(self):
        self.db.foreign("+16195550101", not_before="infinity")
        self.db.foreign("+16195550102", timestamp="-infinity", created_at="infinity")
        self.db.foreign("+16195550103", modem_timestamp="infinity")
        reply = self.db.exchange("a/1", 8)
        self.assertEqual((len(reply["claimed"]), reply["next_due_ms"]), (2, -1))
        self.assertEqual(len(self.db.all()), 3)

    def test_no_index_refuses_what_another_program_writes(self):
        long = "".join(chr(0x4E00 + n * 7 % 20000) for n in range(5000))
        address = self.db.foreign(long, long)
        self.assertEqual([row["id"] for row in self.db.claim("a/1")], [address])

    def test_a_request_that_is_wrong_is_refused_as_such(self):
        self.refused("22023", "exchange", gateway="@journal", want=1)
        self.refused("22023", "exchange", want=1)
        self.refused("22023", "exchange", gateway="a/1", finished=[dict(uid="x", status="unread")])
        self.refused("22023", "exchange", gateway="a/1", starting=[dict(uid="x")])
        self.refused("22023", "change", storage_id=1, kind="odd")
        self.refused("22023", "messages", limit=1001)
        self.refused("22023", "messages", limit=0)
        self.refused("22023", "record_consent", events=[dict(uid="c")])
        self.refused("22023", "erase", phone="x")


class Lists(DatabaseCase):
    def test_lists_are_paged_by_a_cursor_both_ways(self):
        self.db.put(*(inbound(f"u{n}", str(n)) for n in range(7)))
        for forward in (True, False):
            seen, cursor = [], None
            while page := self.db.call("messages", oldest_first=forward, limit=3, cursor=cursor)["messages"]:
                seen += [int(row["content"]) for row in page]
                cursor = page[-1]["id"]
            self.assertEqual(seen, list(range(7)) if forward else list(range(6, -1, -1)))

    def test_D3_every_form_of_a_number_is_found_by_every_other(self):
        for form in ("+16195550123", "(619) 555-0123", "1-619-555-0123", "619.555.0123"):
            self.db.foreign(form)
        self.db.foreign("22000")
        for form in ("+1 619 555 0123", "6195550123"):
            self.assertEqual(len(self.db.call("messages", phone=form)["messages"]), 4)
        self.assertEqual(len(self.db.call("messages", phone="22000")["messages"]), 1)

    def test_filters(self):
        self.db.put(inbound("u1", "a"), born("u2", "b", delivery_status="sending"), born("u3", "c", status="failed"))
        for query, uids in ((dict(uid="u2"), ["u2"]), (dict(direction="outbound"), ["u3", "u2"]),
                            (dict(status="failed"), ["u3"]), (dict(delivery_status="sending"), ["u2"]),
                            (dict(uid="u1", direction="outbound"), []), (dict(phone="+16195550199"), [])):
            self.assertEqual([row["uid"] for row in self.db.call("messages", **query)["messages"]], uids, query)

    def test_search_finds_beginnings_of_words_and_numbers(self):
        for uid, text in (("u1", "Where is my Order?"), ("u2", "ordering again: it's late"), ("u3", "Größe M, 5€"),
                          ("u4", "nothing")):
            self.db.put(inbound(uid, text, phone="+16195550101" if uid == "u4" else "+16195550123"))
        for words, uids in (("order", ["u2", "u1"]), ("ORDER where", ["u1"]), ("größ", ["u3"]), ("it's", ["u2"]),
                            ("619-555-0101", ["u4"]), ("absent", []), ("'); drop", []), ("?", []), ("  ", []), ("", []),
                            ("late it's", ["u2"]), ("it'late", []), ("s'it", []), ("0101", ["u4"]), ("5550101", ["u4"]),
                            ("1619555", ["u4", "u3", "u2", "u1"]), ("101", []),
                            ("order | nothing", []), ("!order", ["u2", "u1"])):
            found = [row["uid"] for row in self.db.call("messages", search=words)["messages"]]
            self.assertEqual(found, uids, words)

    def test_search_finds_what_stands_side_by_side_behind_newer_texts_that_have_it_apart(self):
        self.db.put(*(inbound(f"u{n}", "don't" if n in (1, 2) else "t don") for n in range(100)))
        for request, uids in ((dict(limit=1), ["u2"]), (dict(limit=1, oldest_first=True), ["u1"]), ({}, ["u2", "u1"])):
            found = self.db.call("messages", search="DON'T", **request)["messages"]
            self.assertEqual([row["uid"] for row in found], uids)
        [first] = self.db.call("messages", search="don't", limit=1)["messages"]
        found = self.db.call("messages", search="don't", cursor=first["id"])["messages"]
        self.assertEqual([row["uid"] for row in found], ["u1"])
        self.assertEqual(self.db.call("messages", search="don't", phone="+16195550199")["messages"], [])

    def test_search_knows_every_script(self):
        texts = ("ΟΔΟΣ Αθήνα", "Ёлка и йод", "今日は 天気がいい", "नमस्ते दुनिया", "مرحبا، بالعالم", "한국어 각각",
                 "Ångström I\u0307", "ถนน กรุงเทพ")
        for place, text in enumerate(texts):
            self.db.put(inbound(f"u{place}", text))
        for words, place in (("οδος", 0), ("ΟΔΟ αθηνα", 0), ("елка", 1), ("天気", 2), ("気", None), ("नमस्", 3),
                             ("दुन", 3),
                             ("بالعالم مرحبا", 4), ("한국 각각", 5), ("angstrom", 6), ("A\u030angst", 6),
                             ("กรุง", 7), ("พ", None)):
            found = [row["uid"] for row in self.db.call("messages", search=words)["messages"]]
            self.assertEqual(found, [] if place is None else [f"u{place}"], words)

    def test_search_follows_what_programs_write(self):
        address = self.db.foreign("619-555-0199", "early")
        self.db.sql("update messages set content = 'late' where id = %s", address)
        self.assertEqual(self.db.call("messages", search="early")["messages"], [])
        self.assertEqual(len(self.db.call("messages", search="late 0199")["messages"]), 1)
        # More than an index can hold of one text or word is no reason to refuse a row.
        for long in ("x" * 3_000_000, " ".join(str(n) for n in range(300_000)), "\u4e2d" * 50_000):
            self.db.foreign("9" * 5000, "first " + long)
            self.assertEqual(len(self.db.call("messages", search="firs " + long[:2000])["messages"]), 1)
            self.db.sql("delete from messages where content like 'first %%'")

    def test_rows_of_other_programs_are_read_as_far_as_they_can_be(self):
        self.db.sql("insert into messages (phone_number, content, status, direction, delivery_status, timestamp) "
                    "values (null, null, null, null, 'odd', null), ('x', 'y', 'SENT', 'Outbound', 'DELIVERED', now()), "
                    "('x', 'y', 'waiting', 'outbound', null, now())")
        rows = self.db.all()
        self.assertEqual([(row["direction"], row["status"], row.get("delivery_status"), row.get("error_code"))
                          for row in rows],
                         [("inbound", "unread", None, "foreign-status"), ("outbound", "sent", "delivered", None),
                          ("outbound", "failed", None, "foreign-status")])
        self.assertEqual((rows[0]["phone"], rows[0]["content"]), ("", ""))
        self.assertGreater(rows[0]["timestamp"], 1_700_000_000_000)

    def test_a_row_that_nobody_waits_for_is_removed_and_no_other(self):
        self.db.put(inbound("u1", "read", status="read"), inbound("u2", "unread"))
        rows = {row["content"]: row["id"] for row in self.db.call("messages", limit=10)["messages"]}
        for _ in range(2):
            self.assertEqual(self.db.call("change", storage_id=rows["read"], kind="remove"), {"changed": True})
        self.assertEqual(self.db.call("change", storage_id=rows["unread"], kind="remove"), {"changed": False})
        self.assertEqual([row["content"] for row in self.db.call("messages", limit=10)["messages"]], ["unread"])

    def test_health_says_how_many_and_how_large(self):
        self.db.put(inbound("u1", "x"))
        health = self.db.call("health")
        self.assertEqual((health["rows"], health["version"], health["locked"]), (1, NEWEST, False))
        self.assertGreater(health["bytes"], 1_000_000)
        self.db.sql("set default_transaction_read_only = on")
        self.refused("25006", "health")
        self.db.sql("set default_transaction_read_only = off")
        self.assertIn("messages", [table["name"] for table in self.db.call("sizes")["tables"]])


class Consent(DatabaseCase):
    def test_consent_is_recorded_once(self):
        event = dict(uid="c1", phone="+16195550101", action="out", at=1_790_000_000_000, source="sms", message_uid="u1")
        for _ in range(2):
            self.db.call("record_consent", events=[event])
        page = self.db.call("consent")
        self.assertEqual(page["events"], [event])
        self.assertEqual(self.db.call("consent", after=page["next"]), {"events": [], "next": page["next"]})

    def test_B10_consent_is_given_back_in_the_order_in_which_it_came(self):
        events = [dict(uid=f"c{n}", phone=f"+1619555010{n}", action="in" if n == 3 else "out", at=100 - n,
                       source="import") for n in range(1, 6)]
        self.db.call("record_consent", events=events)
        seen, after = [], 0
        while (page := self.db.call("consent", after=after, limit=2))["events"]:
            seen, after = seen + page["events"], page["next"]
        self.assertEqual(seen, events)

    def test_B10_what_another_program_appends_is_read_and_only_the_word_in_lets_a_number_in_again(self):
        self.db.sql("insert into optouts (phone_number) values ('(619) 555-0101')")
        self.db.sql("insert into optouts (phone_number, action, timestamp, source) values "
                    "('+16195550102', 'STOPPED', '2026-05-03 10:00:00+00', 'crm'), "
                    "('+16195550101', ' IN ', '2026-05-04+00', null)")
        events = self.db.call("consent")["events"]
        self.assertEqual([(e["phone"], e["action"], e["source"]) for e in events],
                         [("+16195550101", "out", "table"), ("+16195550102", "out", "crm"),
                          ("+16195550101", "in", "table")])
        self.assertEqual([e["at"] for e in events[1:]], [1_777_802_400_000, 1_777_852_800_000])
        self.assertEqual(len({e["uid"] for e in events}), 3)
        self.assertEqual(len(self.db.call("consent", after=99)["events"]), 3)

    def test_B10_no_event_is_committed_behind_a_reader(self):
        # One that is written first and committed last would have a smaller id than what a reader has seen already.
        other = Database(self.db.name)
        other.connection.autocommit = False
        other.sql("insert into optouts (phone_number) values ('+16195550101')")
        late = Database(self.db.name)
        late.sql("set lock_timeout = '100ms'")
        with self.assertRaises(psycopg2.errors.LockNotAvailable):
            late.sql("insert into optouts (phone_number) values ('+16195550102')")
        other.connection.commit()
        late.sql("insert into optouts (phone_number) values ('+16195550102')")
        self.assertEqual([e["phone"] for e in self.db.call("consent")["events"]], ["+16195550101", "+16195550102"])
        other.close()
        late.close()


class Erasure(DatabaseCase):
    LATER = 4_000_000_000_000

    def test_a_persons_rows_are_erased_in_every_form_of_the_number_and_nobody_elses(self):
        self.db.put(inbound("u1", "mine"), inbound("u2", "mine too"), inbound("u3", "another's", phone="+16195550199"))
        self.db.foreign("(619) 555-0123", "queued by a program")
        self.db.call("record_consent", events=[dict(uid="c1", phone="+16195550123", action="out", at=1, source="sms")])
        self.db.sql("insert into contacts (phone_number, notes) values ('619 555 0123', 'likes tea')")
        kept = self.db.call("contact", phone="+16195550123")
        self.assertEqual((kept["texts"], [e["uid"] for e in kept["consent"]], kept["other"]["contact"]["notes"]),
                         (3, ["c1"], "likes tea"))
        request = dict(phone="+16195550123", before=self.LATER)
        expected = {"texts": 3, "consent": 1, "others": 1, "more": False}
        self.assertEqual(self.db.call("erase", count_only=True, **request), expected)
        self.assertEqual(len(self.db.all()), 4)
        self.assertEqual(self.db.call("erase", **request), expected)
        self.assertEqual([row["content"] for row in self.db.all()], ["another's"])
        self.assertEqual(self.db.call("erase", **request), {"texts": 0, "consent": 0, "others": 0, "more": False})
        self.assertEqual(self.db.call("contact", phone="+16195550123"), {"texts": 0, "consent": []})

    def test_a_person_who_is_erased_is_no_customer_and_what_was_sold_stays(self):
        for phone, number in (("(619) 555-0123", 1), ("+16195550199", 2)):
            customer = self.db.one("insert into customers (name, phone) values ('Ann', %s) returning id", phone)
            self.db.sql("insert into transactions (transaction_id, customer_id, total) values (%s, %s, 5)",
                        number, customer)
        request = dict(phone="+16195550123", before=self.LATER)
        self.assertEqual(self.db.call("erase", count_only=True, **request)["others"], 1)
        self.assertEqual(self.db.call("erase", **request)["others"], 1)
        self.assertEqual(self.db.call("erase", **request)["others"], 0)
        self.assertEqual(self.db.call("contact", phone="+16195550123"), {"texts": 0, "consent": []})
        self.assertEqual(self.db.sql("select transaction_id, total, customer_id is null from transactions order by 1"),
                         [(1, 5, True), (2, 5, False)])
        # A table of the project's own that refers to the person keeps a row that says nothing of whom.
        self.db.sql("create table loyalty (customer_id uuid not null references customers (id)); "
                    "insert into loyalty select id from customers")
        self.assertEqual(self.db.call("erase", phone="+16195550199", before=self.LATER)["others"], 1)
        self.assertEqual(self.db.sql("select name, phone, phone_e164 from customers"), [(None, None, None)])
        self.db.sql("drop table loyalty")

    def test_texts_need_no_customers(self):
        tables = "transaction_items, transactions, customers"
        self.db.sql("begin")
        self.db.sql(f"drop table {tables} cascade")
        self.db.put(inbound("u1", "mine"))
        self.assertEqual(self.db.call("contact", phone="+16195550123"), {"texts": 1, "consent": []})
        self.assertEqual(len(self.db.call("messages", search="mine")["messages"]), 1)
        self.assertEqual(self.db.call("erase", phone="+16195550123", before=self.LATER)["texts"], 1)
        self.refused("42P01", "customer", phone="+16195550123")
        self.db.sql("rollback")

    def test_what_came_after_the_erasure_began_stays(self):
        self.db.put(inbound("u1", "old"), inbound("u2", "new", timestamp=self.db.now()))
        self.db.call("erase", phone="+16195550123", before=1_790_000_001_000)
        self.assertEqual([row["content"] for row in self.db.all()], ["new"])

    def test_old_texts_go_in_batches_and_what_is_queued_or_on_its_way_stays(self):
        self.db.put(*(inbound(f"u{n}", str(n)) for n in range(5)))
        address = self.db.foreign("+16195550111", "queued")
        self.db.claim("a/1")
        self.db.start("a/1", address, "s1")
        request = dict(before=self.LATER, limit=3)
        self.assertEqual(self.db.call("erase", **request), {"texts": 3, "consent": 0, "others": 0, "more": True})
        self.assertEqual(self.db.call("erase", **request), {"texts": 2, "consent": 0, "others": 0, "more": False})
        self.assertEqual([row["content"] for row in self.db.all()], ["queued"])
        self.db.put(inbound("u9", "young"))
        self.assertEqual(self.db.call("erase", before=1000, limit=3)["texts"], 0)


class Fleet(DatabaseCase):
    def test_gateways_hear_of_each_other(self):
        for n in range(3):
            self.db.foreign(f"+1619555010{n}")
        ids = [row["id"] for row in self.db.claim("a/1")]
        self.db.start("a/1", ids[0], "x")
        self.db.call("heartbeat", gateway="a/1", version="1.0", sims=["89"], modems=1)
        gateways = self.db.call("heartbeat", gateway="b/2", version="1.1", modems=2)["gateways"]
        self.assertEqual([(g["gateway"], g["sims"], g["modems"], g["claimed"], g["sending"]) for g in gateways],
                         [("a/1", ["89"], 1, 2, 1), ("b/2", [], 2, 0, 0)])
        self.db.advance(31 * 24 * HOUR)
        self.db.call("heartbeat", gateway="c/1")
        # One that still has a row to settle is not forgotten.
        self.assertEqual([g["gateway"] for g in self.db.call("heartbeat", gateway="c/1")["gateways"]], ["a/1", "c/1"])

    def test_a_row_that_names_a_sim_goes_to_the_gateway_that_has_it(self):
        self.db.sql("insert into messages (phone_number, content, status, direction, sim) select '+1619556' || "
                    "lpad(n::text, 4, '0'), 'theirs', 'queued', 'outbound', '8902' from generate_series(0, 999) n")
        self.db.foreign("+16195550002", "ours", sim="8901")
        self.db.foreign("+16195550003", "any", sim="")
        self.db.call("heartbeat", gateway="a/1", sims=["8901", "890"])
        self.db.call("heartbeat", gateway="b/2", sims=["8902"])
        self.assertEqual([row["content"] for row in self.db.claim("a/1")], ["ours", "any"])
        self.assertEqual({row["content"] for row in self.db.claim("b/2")}, {"theirs"})
        # One that has not said which it has is asked nothing.
        self.assertEqual({row["content"] for row in self.db.claim("c/3")}, {"theirs"})


class InboundOverOldTables(Inbound):
    old_tables = True


class ConsentOverOldTables(Consent):
    old_tables = True


class ErasureOverOldTables(Erasure):
    old_tables = True


class OutboundOverOldTables(Outbound):
    old_tables = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # For the rows that lack something.
        cls.db.sql("alter table messages alter phone_number drop not null, alter content drop not null")


if __name__ == "__main__":
    unittest.main()
