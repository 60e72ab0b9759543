"""The Supabase storage against the stand-in of the tests: a real PostgreSQL behind a server that answers as Supabase's
REST API does. Beside it curl with the same batches, and what the tables weigh."""

import glob
import json
import os
import subprocess
import sys

from rig import Trouble, now

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SQL = sorted(glob.glob(ROOT + "/Sources/Plugins/SupabaseStorage/SQL/0*.sql"))
BATCH = 1_000

# As many customers and receipts as the shop has.
SHOP = """
    insert into customers (id, name, phone, visit_count, last_visit_date)
        select md5('c' || i)::uuid, 'Customer ' || i, '+1619555' || (1000 + i), i % 40, '2026-01-01'
        from generate_series(0, 2999) i;
    insert into products (sku, name) select 's' || i, 'Article ' || i from generate_series(0, 3298) i;
    insert into transactions (transaction_id, customer_id, date, total)
        select i, md5('c' || i % 3000)::uuid, date '2024-01-01' + i / 300, i % 100 + 0.5
        from generate_series(0, 186393) i;
    insert into transaction_items (transaction_id, product_sku, quantity, unit_price)
        select i * 8 / 5, 's' || i % 3299, 1, 9.99 from generate_series(0, 114135) i;
    analyze;
"""

# The table of the old system with the same rows.
OLD = """
    create table old_messages (id bigint primary key, phone_number text, content text, "timestamp" timestamptz,
        modem_timestamp timestamptz, status text, direction text, modem_index integer, message_hash text,
        retry_count integer, last_retry_at timestamptz, created_at timestamptz, updated_at timestamptz);
    insert into old_messages select id, phone_number, content, "timestamp", modem_timestamp, status, direction,
        modem_index, message_hash, retry_count, last_retry_at, created_at, updated_at from messages
"""


def missing():
    """Why it cannot be measured here; None where it can."""
    for program in ("/usr/lib/postgresql/15/bin/postgres", "/usr/bin/curl", "/usr/bin/psql"):
        if not os.access(program, os.X_OK):
            return f"there is no {program} (scripts/setup.sh --bench)"
    return None


class Project:
    """The stand-in with the additive migration, and a file with its key."""

    def __init__(self, folder):
        self._server = subprocess.Popen(
            [sys.executable, ROOT + "/Tests/Supabase/run.py"] + [word for file in SQL for word in ("--sql", file)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self._server.stdout.readline()
        if not line:
            raise Trouble("the stand-in for Supabase did not start")
        self.environment = json.loads(line)
        self.url = self.environment["url"]
        self.folder = folder
        self.key_file = folder + "/key"
        with open(os.open(self.key_file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(self.environment["service_key"] + "\n")

    def sql(self, script):
        """What a query answers, as text."""
        return subprocess.run(
            ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", self.environment["dsn"], "-c", script],
            capture_output=True, text=True, check=True).stdout.strip()

    def requests(self):
        """Requests since the start."""
        answer = subprocess.run(["curl", "-sS", self.environment["control"] + "/counters"], capture_output=True,
                                text=True, check=True)
        return json.loads(answer.stdout)["total"]

    def close(self):
        self._server.stdin.close()
        self._server.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def bodies(project, first, texts):
    """The files of the requests that put these texts, as the plugin words them."""
    files = []
    for start in range(first, first + texts, BATCH):
        rows = [{
            "uid": f"0190-{number}", "direction": "inbound", "phone": f"+1619555{number % 9_000 + 1_000}",
            "content": f"hello please order pickup today tomorrow café thanks open hours menu delivery {number}",
            "status": "unread", "timestamp": 1_790_000_000_000 + number, "retry_count": 0, "parts": 1,
        } for number in range(start, start + BATCH)]
        path = f"{project.folder}/batch-{start}.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"request": {"gateway": "bench/0", "messages": rows}}, file, ensure_ascii=False)
        files.append(path)
    return files


def curl(project, first, texts):
    """Texts a second that one curl puts over one connection."""
    files = bodies(project, first, texts)
    key = project.environment["service_key"]
    words = []
    for path in files:
        words += ([] if not words else ["--next"]) + [
            "-sS", "--fail", "-o", "/dev/null", "-H", f"apikey: {key}", "-H", f"Authorization: Bearer {key}", "-H",
            "Content-Type: application/json", "--data-binary", "@" + path, project.url + "/rest/v1/rpc/conductor_put"]
    begun = now()
    subprocess.run(["curl"] + words, check=True)
    taken = now() - begun
    for path in files:
        os.unlink(path)
    return texts / taken


def ours(setting, project, *words):
    """What storage-bench prints."""
    folder = f"{project.folder}/{len(os.listdir(project.folder))}"
    os.mkdir(folder)
    binaries = os.path.dirname(setting.binary)
    answer = subprocess.run(
        [binaries + "/storage-bench", binaries, folder, "supabase", project.url, project.key_file, *map(str, words)],
        capture_output=True, text=True, check=False, timeout=300)
    if answer.returncode:
        raise Trouble(f"storage-bench: {answer.stderr.strip()[-500:]}")
    return json.loads(answer.stdout)


def weigh(project, table):
    """What so many texts take in the project's database, of which a free one has 500 MB."""
    project.sql("delete from messages where uid in (select uid from messages order by id offset 50000)")
    project.sql("vacuum full messages")
    project.sql(OLD)
    kept = int(project.sql("select count(*) from messages"))
    for name, what in (("messages", "with our columns and indexes"), ("old_messages", "as the old system has them")):
        octets = int(project.sql(f"select pg_total_relation_size('{name}')"))
        table.line(f"Supabase: {kept:,} texts {what}", [octets / 1_048_576], "MB")
    project.sql("drop table old_messages")


def measure(setting, table, quick):
    """Prints the lines of this part."""
    why = missing()
    if why:
        return table.say(f"Supabase: skipped, {why}")
    rounds, texts, asked = (2, 4_000, 50) if quick else (5, 10_000, 500)
    folder = setting.folder + "/supabase"
    os.mkdir(folder)
    with Project(folder) as project:
        # By turns, since a shared machine is never the same twice; the first round of both warms the server up.
        first, pairs = 0, []
        for _ in range(rounds + 1):
            mine = ours(setting, project, "put", first, texts)["bulk_per_s"]
            pairs.append((mine, curl(project, first + texts, texts)))
            first += 2 * texts
        stored = int(project.sql("select count(*) from messages"))
        if stored != first:
            raise Trouble(f"Supabase: {stored} texts are stored of {first}")
        table.line("Supabase: texts stored 1,000 at a time", [mine for mine, _ in pairs[1:]], "/s")
        table.line("... by curl with the same batches", [other for _, other in pairs[1:]], "/s")
        table.line("... share of curl's rate", [mine / other for mine, other in pairs[1:]], "×", ("≥", 0.8))
        weigh(project, table)
        project.sql(SHOP)
        # A start with one look-up, and the same with so many more.
        before = project.requests()
        ours(setting, project, "customers", 1)
        begins = project.requests() - before
        before = project.requests()
        figures = ours(setting, project, "customers", 1 + asked)
        table.line("Supabase: a customer with five purchases", [figures["customer_median_ms"]], "ms")
        table.line("... requests", [(project.requests() - before - begins) / asked], "each", ("≤", 1))
    return None
