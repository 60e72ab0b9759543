"""The measurements of the gateway, each in a fresh folder with processes of its own."""

import collections
import json
import os
import sqlite3
import subprocess
import time

from rig import Gateway, Simulator, cpu_milliseconds, fine_cpu_milliseconds, memory, now, wait_for


def number(index):
    """A number of its own for each person of the benchmark; the simulated SIMs have those from +16195550000 on."""
    return f"+1619{5_560_000 + index}"


class Rig:
    """One simulator and one gateway with its modems ready, in a folder of their own."""

    made = 0
    PLUGINS = ("10-sqlite", "50-auto-reply", "90-log")

    @staticmethod
    def folder(setting):
        """The path of a folder that nobody has yet."""
        Rig.made += 1
        return f"{setting.folder}/{Rig.made}"

    def __init__(self, setting, plugins=PLUGINS, policy=Gateway.FREE, modems=1, simulator=None, folder=None):
        """`simulator` and `folder`: those of an earlier run."""
        folder = folder or Rig.folder(setting)
        self.simulator = simulator or Simulator(setting.binary, folder + "m", modems)
        self.gateway = None
        try:
            sources = {name: setting.drop_ins for name in plugins}
            self.gateway = Gateway(setting.binary, folder, self.simulator.ports, sources, policy)
            self.ready_after = self.gateway.wait_modem(modems)
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.gateway:
            self.gateway.stop()
        self.simulator.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def spent(self):
        """(CPU ms of the gateway, CPU ms of the simulator, AT commands)."""
        return (
            cpu_milliseconds(self.gateway.pid), cpu_milliseconds(self.simulator.pid),
            sum(modem.get("commands", 0) for modem in self.gateway.modems()))


def per_text(before, after, texts):
    cpu, simulator, commands = (b - a for a, b in zip(before, after))
    return {"cpu_ms": cpu / texts, "simulator_cpu_ms": simulator / texts, "commands": commands / texts}


def sending(setting, texts, policy=Gateway.FREE, modems=1):
    """Rows that a foreign program queues in one commit → on the wire → `sent`."""
    with Rig(setting, policy=policy, modems=modems) as rig:
        time.sleep(0.3)
        connection = sqlite3.connect(rig.gateway.database, timeout=10, isolation_level=None)
        before = rig.spent()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO messages (phone_number, content, status, direction) VALUES (?, ?, 'queued', 'outbound')",
            [(number(index), f"Your order {index} is ready to be picked up.") for index in range(texts)])
        begun = now()
        connection.execute("COMMIT")
        connection.close()
        rig.simulator.ledger.pass_by("submitted", texts)
        wait_for("every row sent", lambda: rig.gateway.rows("status = 'sent'") >= texts, 30, 0.01)
        return sent(rig, texts, begun, before)


def sent(rig, texts, begun, before):
    """What is told of a run of sending that has come to its end."""
    ended, after = now(), rig.spent()
    wire = [event for event in rig.simulator.ledger.fresh() if event["event"] == "submitted"]
    last, first = wire[-1]["t"] / 1000, wire[0]["t"] / 1000
    return {
        "rate": texts / (ended - begun), "wire_rate": texts / (last - begun), "first_ms": (first - begun) * 1000,
        "twice": len(wire) - len({event["to"] for event in wire}), "spread": spread(wire, len(rig.simulator.ports)),
        **weight(rig), **per_text(before, after, texts)}


def receiving(setting, texts, modems=1, plugins=Rig.PLUGINS):
    """Texts that arrive at once, the network keeping what finds no free slot → rows in `messages`, or in the journal
    where there is no storage."""
    with Rig(setting, plugins=plugins, modems=modems) as rig:
        def rows():
            if plugins:
                return rig.gateway.rows("direction = 'inbound'")
            return rig.gateway.journaled("inbound", "visible = 1")

        time.sleep(0.3)
        before = rig.spent()
        rig.simulator.say(f'burst {texts // modems} all +1619556{{n:4}} "Is my order {{n}} ready?"')
        # Rows are cheap to count only now and then: the first looks come when most must be there.
        rig.simulator.ledger.pass_by("deleted", texts - modems)
        wait_for("every text in its row", lambda: rows() >= texts, 90, 0.005)
        ended, after = now(), rig.spent()
        events = rig.simulator.ledger.fresh()
        begun = next(event["t"] for event in events if event["event"] == "arrived") / 1000
        return {
            "rate": texts / (ended - begun), "twice": rows() - texts,
            "spread": spread([event for event in events if event["event"] == "deleted"], modems),
            **weight(rig), **per_text(before, after, texts)}


def weight(rig):
    """What the gateway holds after its work."""
    process = f"/proc/{rig.gateway.pid}"
    return {
        "high_water_mb": memory(rig.gateway.pid)[2], "threads": len(os.listdir(process + "/task")),
        "descriptors": len(os.listdir(process + "/fd"))}


def spread(events, modems):
    """By how much the modem that did most is before the one that did least when four fifths of the work are done: a
    percentage of the mean."""
    done = collections.Counter(event["modem"] for event in events[:len(events) * 4 // 5])
    counts = [done[modem] for modem in range(modems)]
    return 100 * (max(counts) - min(counts)) * modems / sum(counts)


def replying(setting, texts):
    """One text at a time → its automatic answer on the wire: milliseconds each."""
    with Rig(setting) as rig:
        time.sleep(0.3)
        ledger = rig.simulator.ledger
        taken = []
        for index in range(texts):
            ledger.fresh()
            rig.simulator.say(f'text modem0 {number(index)} "What are your hours?"')
            events = ledger.until("submitted", 1, 10, 0.002)
            at = {event["event"]: event["t"] for event in reversed(events)}
            taken.append(at["submitted"] - at["arrived"])
            # Its delivery report and its row are done with before the next text comes.
            time.sleep(0.03)
        return taken


def starting(setting, times):
    """Process start → READY=1 and an answer to GET /status; → the modem is ready. Milliseconds, (first, others)."""
    folder = Rig.folder(setting)
    simulator = Simulator(setting.binary, folder + "m")
    result = []
    try:
        plugins = {name: setting.drop_ins for name in Rig.PLUGINS}
        for _ in range(times + 1):
            gateway = Gateway(setting.binary, folder, simulator.ports, plugins)
            try:
                result.append((gateway.ready_after * 1000, gateway.wait_modem() * 1000))
            finally:
                gateway.stop()
    finally:
        simulator.stop()
    return result[0], result[1:]


def idling(setting, seconds, repeats):
    """Percent of one core that the gateway takes while nothing happens, for each span."""
    result = []
    with Rig(setting) as rig:
        time.sleep(3)
        for _ in range(repeats):
            begun, whole, before = now(), cpu_milliseconds(rig.gateway.pid), fine_cpu_milliseconds(rig.gateway.pid)
            time.sleep(seconds)
            after = fine_cpu_milliseconds(rig.gateway.pid)
            fine = sum(spent - before.get(thread, 0) for thread, spent in after.items())
            # The whole counts threads that ended, in steps of 10 ms; the fine figure counts less than a step.
            spent = max(fine, cpu_milliseconds(rig.gateway.pid) - whole - 10)
            result.append(spent / (now() - begun) / 10)
    return result


def resident(setting):
    """(plugins, RSS MB, PSS MB) with one ready modem, a plugin more each time."""
    result = []
    for count in range(len(Rig.PLUGINS) + 1):
        with Rig(setting, plugins=Rig.PLUGINS[:count]) as rig:
            time.sleep(1)
            rss, pss, _ = memory(rig.gateway.pid)
            result.append((Rig.PLUGINS[count - 1] if count else "no plugin", rss, pss))
    return result


def calling(setting, quick):
    """What plugin-bench prints: calls of the automatic reply, in the gateway's way, in this process and in a worker."""
    folder = Rig.folder(setting)
    binaries = os.path.dirname(setting.binary)
    answer = subprocess.run(
        [binaries + "/plugin-bench", binaries, folder, setting.drop_ins + "/50-auto-reply.yaml"]
        + (["quick"] if quick else []), capture_output=True, text=True, check=True, timeout=120)
    return json.loads(answer.stdout)


def storing(setting, quick):
    """What storage-bench prints: puts, searches and look-ups of the SQLite storage, as the gateway calls it."""
    folder = Rig.folder(setting)
    binaries = os.path.dirname(setting.binary)
    answer = subprocess.run([binaries + "/storage-bench", binaries, folder] + (["quick"] if quick else []),
                            capture_output=True, text=True, check=True, timeout=300)
    return json.loads(answer.stdout)


# What the machine and the simulator can do at most.


def syncing(setting, times):
    """Milliseconds of one appended page made durable by fdatasync, each."""
    path = setting.folder + "/sync"
    page = b"x" * 4096
    taken = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(times):
            begun = now()
            file.write(page)
            os.fdatasync(file.fileno())
            taken.append((now() - begun) * 1000)
    os.unlink(path)
    return taken


def committing(setting, times):
    """Milliseconds of one row committed by SQLite as the gateway does (WAL, FULL), each."""
    connection = sqlite3.connect(setting.folder + "/commit.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
    taken = []
    for _ in range(times):
        begun = now()
        connection.execute("INSERT INTO t (body) VALUES ('some words of a text')")
        taken.append((now() - begun) * 1000)
    connection.close()
    return taken


def bulk_committing(setting, rows):
    """Rows per second that Python's sqlite3 stores 1,000 at a time in a bare table of as many columns as ours, without
    any index (WAL, FULL): what is left of it with ours is the price of uids, queue, lists and search."""
    connection = sqlite3.connect(setting.folder + "/bulk.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, " + ", ".join(f"c{i}" for i in range(27)) + ")")
    words = "INSERT INTO t VALUES (NULL" + ", ?" * 27 + ")"
    moment, none = "2026-01-01T10:00:00.000Z", [None] * 19
    batches = [
        [(f"0190-{i}", "unread", moment, moment, number(i % 9_000), "some words of a text " * 4, moment, "inbound", *none)
         for i in range(start, start + 1_000)] for start in range(0, rows, 1_000)]
    begun = now()
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(words, batch)
        connection.execute("COMMIT")
    taken = now() - begun
    connection.close()
    for end in ("", "-wal", "-shm"):
        if os.path.exists(setting.folder + "/bulk.db" + end):
            os.unlink(setting.folder + "/bulk.db" + end)
    return rows / taken


def bare_sending(setting, texts):
    """Texts per second of a loop that does nothing but AT+CMGS on the simulator: the ceiling of this rig."""
    simulator = Simulator(setting.binary, Rig.folder(setting) + "m")
    port = os.open(simulator.port, os.O_RDWR | os.O_NOCTTY)
    try:
        def ask(words, end):
            os.write(port, words)
            answer = b""
            while end not in answer:
                answer += os.read(port, 4096)

        length, pdu = submit_pdu()
        ask(b"ATE0\r", b"OK\r\n")
        ask(b"AT+CMGF=0\r", b"OK\r\n")
        begun = now()
        for _ in range(texts):
            ask(f"AT+CMGS={length}\r".encode(), b"> ")
            ask(pdu.encode() + b"\x1a", b"OK\r\n")
        return texts / (now() - begun)
    finally:
        os.close(port)
        simulator.stop()


def submit_pdu():
    """(length, hex) of a SUBMIT of "hi there" to +16195550123."""
    digits = "16195550123F"
    address = "".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2))
    septets = [ord(letter) for letter in "hi there"]
    packed, bits, held = bytearray(), 0, 0
    for septet in septets:
        held |= septet << bits
        bits += 7
        while bits >= 8:
            packed.append(held & 0xFF)
            held >>= 8
            bits -= 8
    if bits:
        packed.append(held)
    tpdu = f"01000B91{address}0000{len(septets):02X}{packed.hex().upper()}"
    return len(tpdu) // 2, "00" + tpdu
