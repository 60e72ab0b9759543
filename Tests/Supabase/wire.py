"""Holds the stand-in against recorded answers of a real PostgREST: runs the recorder's own script, and compares.

    wire.py FOLDER      FOLDER has wire-cases.sh, wire-postgrest-14.5.txt and the SQL that the recording was made over
"""

import asyncio
import difflib
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from database import ADMIN, Cluster, programs  # noqa: E402
from standin.server import SECRET, Server  # noqa: E402
from standin.tokens import mint  # noqa: E402

RECORDING = "wire-postgrest-14.5.txt"

# As many rows as the recording had, and the one customer whose answers are in it. Dates count back from today.
_ROWS = """
insert into public.staff (name, employee_id) select 'Staff ' || i, 'E' || i from generate_series(1, 50) i;
insert into public.products (sku, name) select 'SKU-' || lpad(i::text, 5, '0'), 'Product ' || i
  from generate_series(1, 3299) i;
insert into public.customers (name, phone, visit_count)
  select 'Customer ' || i, '+1619555' || lpad(i::text, 4, '0'), i % 70 from generate_series(1, 3186) i where i <> 1234;
insert into public.customers (id, name, phone, visit_count, lifetime_value, vip_status, last_visit_date) values
  ('f05d950e-48ee-4837-9308-b1bf384022c8', 'Customer 1234', '+16195551234', 39, 448.53, 'VIP',
   (now() at time zone 'America/Los_Angeles')::date - 4);
insert into public.transactions (transaction_id, customer_id, date, total, location)
  select case when i = 1 then 512620 else 100000 + i end, c.id, c.last_visit_date,
         case when i = 1 then 15.52 else 13.28 end, 'San Diego'
    from generate_series(1, 2) i, public.customers c where c.phone = '+16195551234' order by i;
insert into public.transactions (transaction_id, customer_id, date, total, location)
  select 200000 + i, c.id, date '2020-01-01', 1, 'San Diego'
    from generate_series(1, 186392) i join (select id, row_number() over () as n from public.customers
                                             where phone <> '+16195551234') c on c.n = 1 + i % 3185;
insert into public.transaction_items (transaction_id, product_sku, quantity) values (100002, 'SKU-02495', 4);
analyze;
"""

# What differs from run to run: row counts that the planner guesses, times, dates, and the length of the description.
_VOLATILE = [
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "DATE"),
    (re.compile(r"(days_since_last_visit\": )\d+"), r"\1N"),
]


def normalised(text):
    """The cases of an output: {title: its lines}, without what no two runs have in common."""
    text = text.replace("\r", "")
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    cases = {}
    for part in text.split("\n### ")[1:]:
        title, _, rest = part.partition("\n")
        if title == "count=estimated HEAD":
            rest = re.sub(r"0-999/\d+", "0-999/N", rest)
        if title == "OpenAPI root":
            rest = re.sub(r"(Content-Length: )\d+", r"\1N", rest)
        if "TIME" in rest:
            # The time's digits are as many as they happen to be.
            rest = re.sub(r"(Content-Length: )\d+", r"\1N", rest)
        cases[title] = rest.rstrip("\n").split("\n")
    return cases


def record(folder):
    """What the recorder's script prints when it asks the stand-in."""
    cluster = Cluster()
    try:
        cluster.sql("create database project", "postgres", ADMIN)
        cluster.load(f"{folder}/00_roles.sql", f"{folder}/01_schema.sql", user=ADMIN)
        cluster.sql(_ROWS, user=ADMIN)
        cluster.load(f"{folder}/03_gateway.sql", f"{folder}/04_rls.sql", user=ADMIN)
        ready, ended = threading.Event(), []
        thread = threading.Thread(target=_serve, args=(cluster, ready, ended), daemon=True)
        thread.start()
        if not ready.wait(30):
            raise RuntimeError("the stand-in did not start")
        server, loop, end = ended
        keys = server.keys
        environment = {
            **os.environ, "U": server.url + "/rest/v1", "ANON": keys.anon, "SERVICE": keys.service,
            "GW1": mint(SECRET, {"role": "gateway", "gateway_id": "gw-1"}),
            "GW2": mint(SECRET, {"role": "gateway", "gateway_id": "gw-2"}), "NOGW": mint(SECRET, {"role": "gateway"}),
            "NOROLE": mint(SECRET, {"role": "no_such_role"}), "EXPIRED": mint(SECRET, {"role": "anon"}, -3600),
            "BADSIG": mint("another secret of the same length, more or less", {"role": "service_role"}),
            "PUB": keys.publishable, "SEC": keys.secret_key, "PGHOST": cluster.folder, "PGPORT": "5432",
            "PGUSER": ADMIN, "PGDATABASE": "project", "PATH": programs() + ":" + os.environ["PATH"],
        }
        done = subprocess.run(["bash", f"{folder}/wire-cases.sh"], env=environment, capture_output=True, check=False,
                              timeout=120)
        loop.call_soon_threadsafe(end.set)
        thread.join(10)
        return done.stdout.decode()
    finally:
        cluster.remove()


def _serve(cluster, ready, ended):
    async def serve():
        server, end = Server(cluster), asyncio.Event()
        await server.start()
        ended.extend([server, asyncio.get_running_loop(), end])
        ready.set()
        await end.wait()
        await server.close()
    asyncio.run(serve())


def compared(recorded, answered):
    """Title and lines of each case that differs."""
    expected, got, found = normalised(recorded), normalised(answered), []
    for title in list(expected) + [title for title in got if title not in expected]:
        one, other = expected.get(title, []), got.get(title, [])
        if one != other:
            lines = difflib.unified_diff(one, other, "PostgREST", "stand-in", lineterm="")
            found.append("\n".join([title, *lines]))
    return found


def differences(folder):
    """(number of cases, [title and lines of each that differs])."""
    with open(f"{folder}/{RECORDING}", encoding="utf-8") as file:
        recorded = file.read()
    return len(normalised(recorded)), compared(recorded, record(folder))


if __name__ == "__main__":
    started = time.monotonic()
    count, wrong = differences(sys.argv[1])
    print("\n\n".join(wrong))
    print(f"{count} cases, {len(wrong)} differ, {time.monotonic() - started:.1f} s")
    sys.exit(1 if wrong else 0)
