"""The till's exports: how fast they are read into SQLite and into a Supabase project, beside sqlite3's own .import."""

import csv
import datetime
import json
import os
import shutil
import sqlite3
import subprocess

import supabase
from rig import Gateway, Trouble, now, wait_for

KINDS = (("customers", "members"), ("products", "products"), ("staff", "staff"), ("transactions", "transactions"),
         ("items", "items"))
# The same columns and indexes as the storage's table, and the till's number made one row of the file each.
BARE = """
CREATE TABLE transactions (id TEXT PRIMARY KEY, transaction_id INTEGER, date TEXT, customer_id TEXT, total NUMERIC,
    payment_method TEXT, location TEXT, staff_id TEXT);
CREATE INDEX a ON transactions(transaction_id); CREATE INDEX b ON transactions(customer_id, date);
CREATE INDEX c ON transactions(date);
"""


def measure(setting, table, quick):
    folder = setting.folder + "/shop"
    os.makedirs(folder)
    scale = 0.1 if quick else 1
    subprocess.run([setting.binary, "simulate", "crm", folder, "--scale", str(scale)], check=True, capture_output=True)
    bare, runs = [], []
    for index in range(1 if quick else 3):
        bare.append(import_bare(setting, folder, index))
        runs.append(import_all(setting, folder, f"crm{index}", {"10-sqlite": setting.drop_ins}))
    for kind, _ in KINDS:
        rates = [run[kind] for run in runs]
        target = ("≥", 100_000) if kind == "transactions" else None
        table.line(f"SQLite: import of {kind}", rates, "rows/s", target)
    table.line("sqlite3 .import of the same transactions", bare, "rows/s")
    table.line("... as many times as fast as ours", [one / run["transactions"] for one, run in zip(bare, runs)], "×",
               ("≤", 3))
    table.line("SQLite: the same transactions once more", [run["again"] for run in runs], "rows/s")
    table.line("SQLite: until the stored columns are right", [run["refreshed_s"] for run in runs], "s")
    table.line("SQLite: highest memory of the gateway", [run["high_water_mb"] for run in runs], "MB")
    for size in (1,) if quick else (1, 100):
        customers(setting, table, size)
    lists(setting, table, 1_001 if quick else 100_001)
    why = supabase.missing()
    if why:
        return table.say(f"imports into Supabase: skipped, {why}")
    drop_ins = setting.folder + "/supabase.d"
    os.makedirs(drop_ins)
    with supabase.Project(setting.folder) as project:
        with open(drop_ins + "/20-supabase.yaml", "w", encoding="utf-8") as file:
            file.write("plugin: supabase\nenabled: true\ndeadline_ms: 60000\nsettings:\n"
                       f"  url: {project.url}\n  key_file: {project.key_file}\n")
        rates = import_all(setting, folder, "crm-supabase", {"20-supabase": drop_ins})
        for kind, _ in KINDS:
            table.line(f"Supabase: import of {kind}", [rates[kind]], "rows/s",
                       ("≥", 15_000) if kind == "transactions" else None)
    return None


def storage_bench(setting, *words):
    """What storage-bench prints, of a file of its own."""
    folder = f"{setting.folder}/{'-'.join(map(str, words))}"
    os.makedirs(folder)
    binaries = os.path.dirname(setting.binary)
    answer = subprocess.run([binaries + "/storage-bench", binaries, folder, *map(str, words)], capture_output=True,
                            text=True, check=False, timeout=1_800)
    shutil.rmtree(folder)
    if answer.returncode != 0:
        raise Trouble(f"storage-bench {words[0]}: {answer.stderr.strip()[-500:]}")
    return json.loads(answer.stdout)


def customers(setting, table, size):
    """Look-ups and searches behind the host, in a shop as large as this times the one that it is made for."""
    if size > 1 and shutil.disk_usage(setting.folder).free < 20 << 30:
        return table.say(f"customers at {size} times the size: skipped, 20 GB of the disk would have to be free")
    found = storage_bench(setting, "crm", size)
    name = f"{3_186 * size:,} customers, a file of {found['file_mb']:,.0f} MB"
    table.line(f"{name}: look-up with five purchases", [found["customer_median_ms"]], "ms",
               ("≤", 0.2 if size == 1 else 0.4), 3)
    table.line("... of a hundred, the slowest", [found["customer_p99_ms"]], "ms", None, 3)
    table.line("... search as somebody types", [found["typing_median_ms"]], "ms", ("≤", 10), 3)
    return table.line("... the slowest (a letter that all have)", [found["typing_most_ms"]], "ms")


def lists(setting, table, rows):
    """Every list, from its first row to its last in pages of 1,000; storage-bench fails where a row is missing or doubled."""
    found = storage_bench(setting, "lists", rows)
    names = sorted({key.split()[0] for key in found})
    table.say(f"{len(names)} lists of {rows:,} rows and more: each row once")
    for name in names:
        table.line(f"... a page of 1,000 rows of {name}", [found[f"{name} median_ms"]], "ms")


def import_bare(setting, folder, index):
    """Rows a second of sqlite3's .import, with an id and a name for each row as a file would have them; durable."""
    if not shutil.which("sqlite3"):
        raise Trouble("there is no sqlite3 (scripts/setup.sh --bench)")
    path = f"{setting.folder}/bare{index}.db"
    source = setting.folder + "/bare.csv"
    if not os.path.exists(source):
        with open(folder + "/transactions.csv", encoding="utf-8") as given, open(source, "w", encoding="utf-8") as file:
            writer = csv.writer(file)
            for number, row in enumerate(csv.DictReader(given)):
                month, day, year = row["Date"].split("/")
                writer.writerow([f"01a22dab-adc8-73d5-890a-{number:012x}", row["Trans No"], f"{year}-{month}-{day}",
                                 f"01a22dab-adc8-73d5-{row['Member ID']:0>17}", row["Total"], row["Payment Type"],
                                 row["Shop Location"], row["Employee Name"]])
    with sqlite3.connect(path) as connection:
        connection.executescript("PRAGMA journal_mode = WAL;" + BARE)
    connection.close()
    begun = now()
    subprocess.run(["sqlite3", path, "-cmd", ".mode csv", f".import {source} transactions"], check=True,
                   capture_output=True)
    taken = now() - begun
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT count(*) FROM transactions").fetchone()[0]
    connection.close()
    return rows / taken


def import_all(setting, folder, name, plugins):
    """Rows a second of each file, and of the transactions once more."""
    state = f"{setting.folder}/{name}"
    os.makedirs(state)
    gateway = Gateway(setting.binary, state, [], plugins)
    try:
        rates = {kind: imported(setting, state, kind, f"{folder}/{file}.csv") for kind, file in KINDS}
        if "10-sqlite" in plugins:
            begun = now()
            wait_for("the stored columns", lambda: dirty(gateway.database) == 0, 120, 0.05)
            rates["refreshed_s"] = now() - begun
            rates["again"] = imported(setting, state, "transactions", f"{folder}/transactions.csv")
            with open(f"/proc/{gateway.pid}/status", encoding="ascii") as file:
                rates["high_water_mb"] = next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024
        return rates
    finally:
        gateway.stop()


def dirty(path):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        return connection.execute("SELECT count(*) FROM conductor_crm_dirty").fetchone()[0]
    finally:
        connection.close()


def imported(setting, state, kind, file):
    """By the gateway's own times: the command looks five times a second."""
    answer = subprocess.run(
        [setting.binary, "import", kind, file, "--json"], capture_output=True, text=True, check=False,
        env=dict(os.environ, CONDUCTOR_SOCKET=state + "/control.sock"))
    if answer.returncode != 0:
        raise Trouble(f"import {kind}: {answer.stderr.strip() or answer.stdout[:300]}")
    report = json.loads(answer.stdout)

    def moment(key):
        return datetime.datetime.fromisoformat(report[key].replace("Z", "+00:00")).timestamp()

    return report["read"] / max(0.001, moment("ended_at") - moment("started_at"))
