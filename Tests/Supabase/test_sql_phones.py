#!/usr/bin/python3
"""D3: PostgreSQL and SQLite make the same of a number, whoever wrote it."""

import random
import sqlite3
import unittest

from sql_rig import Database, DatabaseCase, inbound

# The one table, as in Tests/PluginTests/PhoneTests.swift: a number as tills, forms and phones write it.
AMERICAN = {
    "+16195550123": "+16195550123", "(619) 555-0123": "+16195550123", "619-555-0123": "+16195550123",
    "619.555.0123": "+16195550123", "6195550123": "+16195550123", "1-619-555-0123": "+16195550123",
    "16195550123": "+16195550123", "+1 619 555 0123": "+16195550123", "+1 (619) 555-0123": "+16195550123",
    "1 (619) 555-0123": "+16195550123", "619/555/0123": "+16195550123", "\t+16195550123": "+16195550123",
    "619\u00a0555\u20110123": "+16195550123", "\u202a+1 619-555-0123\u202c": "+16195550123",
    "tel:+1-619-555-0123": "+16195550123", "001 619 555 0123": "+16195550123", "011 44 20 7946 0018": "+442079460018",
    "0044 20 7946 0018": "+442079460018", "+442079460018": "+442079460018", "+44 (0)20 7946-0018": "+442079460018",
    "+52.55.1234.5678": "+525512345678", "+6831234": "+6831234", "+49 1512 3456789": "+4915123456789",
    "+1 (619)\u00a0555\u20110123": "+16195550123", "+1234567": None, "+1234567890123456": None, "22000": None,
}
# What only the gateway reads, and what is none.
NULL = [
    "(619) 555-0123 x12", "619-555-0123 ext. 4", "619-555-0123#12", "+1 619 555 0123 EXT345", "tel:+16195550123;ext=9",
    "sms:+16195550123?body=hi", "＋１６１９５５５０１２３", "٦١٩٥٥٥٠١٢٣", "", " ", "+", "n/a", "none", "0", "0000000000",
    "1111111111", "2222222222", "5555555555", "9999999999", "+15555555555", "(555) 555-5555", "+11111111111",
    "1234567890", "0123456789", "1195550123", "+1 119 555 0123", "+1 619 055 0123", "+1619555012", "+16195550123456",
    "555-0123", "+12345678901234567", "+123456", "++16195550123", "6.19E+09", "6.19337E+09", "555-0123 ext 4", "AMAZON",
    "1-800-FLOWERS", "00", "0012345", "+0123456789", "a@b.c", "😀", "619-555-0123 or 619-555-0199",
    "6195550123; DROP TABLE messages", "911", "12345", "611", "N/A",
]
AT_HOME = [
    ("020 7946 0018", "44", "0", "+442079460018"), ("07911 123456", "44", "0", "+447911123456"),
    ("+44 7911 123456", "44", "0", "+447911123456"), ("0171 2345678", "49", "0", "+491712345678"),
    ("55 1234 5678", "52", "", "+525512345678"), ("612 34 56 78", "34", "", "+34612345678"),
    ("0412 345 678", "61", "0", "+61412345678"), ("06 20 123 4567", "36", "06", "+36201234567"),
]
SEED = 31

AROUND = ["'(0)'", "' '", "'-'", "'('", "')'", "'.'", "'/'", "'tel:'"] + [
    f"char({n})" for n in (9, 160, 8208, 8209, 8211, 8239, 8234, 8236, 8206, 65279)]


def sqlite_form(code, trunk):
    """The SQLite plugin's expression (Schema/PhoneSQL.swift), for `?1`."""
    bare = "ifnull(?1, '')"
    for mark in AROUND:
        bare = f"replace({bare}, {mark}, '')"
    plan = "[2-9][0-9][0-9][2-9]" + "[0-9]" * 6

    def varied(text, first):
        return f"replace(substr({text}, {first}), substr({text}, {first}, 1), '') <> ''"

    def american(text, mark):
        return f"({text} GLOB '{mark}{plan}' AND {varied(text, len(mark) + 1)})"

    def international(text, mark):
        n = len(mark)
        return (f"({american(text, mark + '1')} OR {text} GLOB '{mark}[2-9]*' AND substr({text}, {n + 1}) NOT GLOB "
                f"'*[^0-9]*' AND length({text}) BETWEEN {n + 7} AND {n + 15} AND {varied(text, n + 1)})")

    cases = [(international("?1", "+"), "?1"), (international(bare, "+"), bare),
             (international(bare, "00"), f"'+' || substr({bare}, 3)")]
    if code == "1":
        cases += [(american(bare, ""), f"'+1' || {bare}"), (american(bare, "1"), f"'+' || {bare}"),
                  (international(bare, "011"), f"'+' || substr({bare}, 4)")]
    else:
        n = len(trunk)
        cases.append((f"({bare} GLOB '{trunk}[1-9]*' AND substr({bare}, {n + 1}) NOT GLOB '*[^0-9]*' AND "
                      f"length({bare}) BETWEEN {n + 7} AND {n + 12})", f"'+{code}' || substr({bare}, {n + 1})"))
    return "SELECT CASE " + " ".join(f"WHEN {when} THEN {then}" for when, then in cases) + " END"


class Phones(DatabaseCase):
    def form(self, written, code="1", trunk="1"):
        return self.db.one("select private.conductor_e164(%s, %s, %s)", written, code, trunk)

    def test_the_table(self):
        for written, expected in dict(AMERICAN, **dict.fromkeys(NULL)).items():
            self.assertEqual(self.form(written), expected, written)
        self.assertIsNone(self.form(None))

    def test_at_home_elsewhere(self):
        for written, code, trunk, expected in AT_HOME:
            self.assertEqual(self.form(written, code, trunk), expected, written)

    def test_SQLite_makes_the_same_of_anything(self):
        generator = random.Random(SEED)
        sqlite = sqlite3.connect(":memory:")
        marks = [" ", "-", "(", ")", ".", "/", "(0)", "tel:", "\t", "\u00a0", "\u2011", "\u202a", "\ufeff", "x",
                 "٣", "\n"]
        written = list(AMERICAN) + NULL + [case[0] for case in AT_HOME]
        for _ in range(12000):
            parts = [generator.choice(["+", "00", "011", "1", "0", "06", "tel:", "", "", ""])]
            digits = generator.choice(["5", "0123456789", "23456789"])
            for _ in range(generator.randrange(1, 17)):
                parts.append(generator.choice(digits))
                if generator.random() < 0.12:
                    parts.append(generator.choice(marks))
            written.append("".join(parts))
        for code, trunk in (("1", "1"), ("44", "0"), ("52", ""), ("36", "06")):
            ours = self.db.sql("select private.conductor_e164(w, %s, %s) from unnest(%s::text[]) with ordinality "
                               "as t(w, n) order by n", code, trunk, written)
            form = sqlite_form(code, trunk)
            differ = [(text, mine, theirs) for text, (mine,) in zip(written, ours, strict=True)
                      if (theirs := sqlite.execute(form, (text,)).fetchone()[0]) != mine]
            self.assertEqual(differ[:5], [], f"{len(differ)} of {len(written)} for {code}")
            self.assertGreater(sum(mine is not None for (mine,) in ours), 300)

    def test_a_change_of_country_gives_every_row_its_number_again_little_by_little(self):
        self.db.sql("insert into messages (phone_number, content, status, direction) select '07911 1' || "
                    "lpad(n::text, 5, '0'), 'x', 'read', 'inbound' from generate_series(1, 2500) n")
        self.db.foreign("07911 123456")
        self.db.sql("insert into optouts (phone_number) values ('07911 123456'); "
                    "insert into customers (phone) values ('07911 123456'); "
                    "insert into contacts (phone_number) values ('07911 123456'), ('+44 7911 123456'), "
                    "('07911 000001')")
        missing = "select count(*) from messages where phone_e164 is null"
        try:
            self.assertEqual(self.db.one(missing), 2501)
            self.db.call("settings", calling_code="44", trunk="0")
            # What is queued has it at once.
            self.assertEqual(self.db.one(missing), 2500)
            for table in ("optouts", "customers"):
                self.assertEqual(self.db.one(f"select phone_e164 from {table}"), "+447911123456")
            self.assertEqual(sorted(self.db.sql("select coalesce(phone_e164, phone_number) from contacts")),
                             [("+447911000001",), ("+447911123456",), ("07911 123456",)])
            beats = 0
            while self.db.one(missing):
                self.db.call("heartbeat", gateway="a/1")
                beats += 1
            self.assertEqual(beats, 3)
            self.assertEqual(self.db.one("select private.conductor_backfill(10)"), 0)
            updated = self.db.one("select max(updated_at) from messages where status = 'read'")
            self.assertLess(updated, self.db.one("select min(created_at) from messages where status = 'queued'"))
        finally:
            self.db.call("settings", calling_code="1", trunk="1")
            self.db.one("select private.conductor_backfill(100000)")

    def test_whoever_writes_the_normal_form_it_is_computed(self):
        program = Database(self.db.name, "authenticator")
        program.sql("set role service_role")
        number = "select phone_e164 from messages where id = %s"
        address = program.one("insert into messages (phone_number, content, status, direction, phone_e164) values "
                              "('6195550101', 'x', 'queued', 'outbound', '+16195550999') returning id")
        self.assertEqual(self.db.one(number, address), "+16195550101")
        program.sql("update messages set phone_e164 = '+16195550999'")
        self.assertEqual(self.db.one(number, address), "+16195550101")
        program.close()
        # The owner of everything, too, as long as it does not name the column.
        self.db.sql("update messages set phone_number = '619 555 0102'")
        self.assertEqual(self.db.one(number, address), "+16195550102")
        self.db.sql("update messages set phone_number = 'nobody'")
        self.assertIsNone(self.db.one(number, address))

    def test_a_put_gives_the_number_and_amends_it(self):
        for phone, expected in (("(619) 555-0101", "+16195550101"), ("22000", None), ("6195550102", "+16195550102")):
            self.db.put(inbound("u1", "x", phone=phone))
            self.assertEqual(self.db.one("select phone_e164 from messages"), expected)


if __name__ == "__main__":
    unittest.main()
