"""How soon a modem works again that was pulled out while texts flowed, and what became of them; of the peers, too."""

import collections
import sqlite3
import threading
import time

from measures import Rig, number
from peer import PEERS
from rig import Simulator, Trouble, now, wait_for

AWAY = 3


def measure(setting, table, quick):
    """Prints ours, and those of the peers, which are measured beside each other: they wait most of the time."""
    times = 2 if quick else 5
    ours(setting, table, times)
    limit = 45 if quick else 200
    results = {}
    threads = []
    for peer in PEERS:
        why = peer.missing()
        if why:
            table.say(f"replug, {peer.NAME}: skipped, {why}")
            continue
        threads.append(threading.Thread(target=pull_from_peer, args=(setting, peer, limit, results)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, result in results.items():
        if isinstance(result, Trouble):
            # What a peer does not get done is told, and no reason to measure nothing else.
            table.say(f"replug, {name}: not measured, {result}")
        elif isinstance(result, Exception):
            raise result
        else:
            show(table, f"replug, {name}", [result], limit=limit)


def show(table, what, results, target=None, limit=None):
    for name, words in (("sent", "to the first text out"), ("received", "to the first text in")):
        taken = [result[name] for result in results]
        if None in taken:
            table.say(f"{what}: {words}: none within {limit} s")
            table.lines.append({"what": f"{what}: {words}", "more_than_s": limit})
        else:
            table.line(f"{what}: {words}", taken, "s", target, digits=3)
    counts = {name: sum(result[name] for result in results) for name in ("texts", "twice", "lost", "open", "again")}
    table.say("... of {texts} texts: {twice} sent twice, {again} received twice, {lost} lost, {open} not sent "
              "or not known to be".format(**counts))
    table.lines.append({"what": f"{what}: texts", **counts})


class Ours:
    """The gateway as a peer sees itself."""

    # A part that is cut off leaves a text to a person: it is not sent again.
    LEFT_OPEN = 1

    def __init__(self, gateway):
        self.gateway = gateway
        self.check = gateway.check

    def ask(self, query):
        connection = sqlite3.connect(f"file:{self.gateway.database}?mode=ro", uri=True, timeout=5)
        try:
            return [row[0] for row in connection.execute(query)]
        finally:
            connection.close()

    def queue(self, indexes):
        connection = sqlite3.connect(self.gateway.database, timeout=10)
        connection.executemany(
            "INSERT INTO messages (phone_number, content, status, direction) VALUES (?, ?, 'queued', 'outbound')",
            [(number(index), f"Your order {index} is ready to be picked up.") for index in indexes])
        connection.commit()
        connection.close()

    def unsettled(self):
        return self.ask("SELECT phone_number FROM messages WHERE direction = 'outbound' AND status <> 'sent'")

    def received(self):
        return self.ask("SELECT content FROM messages WHERE direction = 'inbound'")


def ours(setting, table, times):
    results = []
    with Rig(setting) as rig:
        # A part takes this long on the air, so that each pull meets one.
        rig.simulator.say("radio modem0 10ms")
        for turn in range(times):
            results.append(pull(rig.simulator, Ours(rig.gateway), turn, 250, 20, 20, 1.0))
    show(table, "replug, after 3 s", results, ("≤", 1), limit=20)


def pull_from_peer(setting, peer, limit, results):
    folder = Rig.folder(setting)
    simulator = Simulator(setting.binary, folder + "m")
    subject = None
    try:
        simulator.say("radio modem0 10ms")
        # gammu-smsd starts its modem anew when it is back: where the port goes away with that, it never comes to an end.
        simulator.say("reenumerate modem0 off")
        subject = peer(folder, simulator.port, quick=False)
        results[peer.NAME] = pull(simulator, subject, 0, 20, 500, limit, 3.0)
    except Exception as trouble:  # pylint: disable=broad-except
        # Raised by who waits for this thread.
        results[peer.NAME] = trouble
    finally:
        if subject:
            subject.stop()
        simulator.stop()


def pull(simulator, subject, turn, texts, every, limit, flows):
    """One modem is pulled out after texts went both ways for `flows` seconds, and plugged in 3 s later: seconds from
    then to the first text either way, None where there was none within `limit`."""
    ledger = simulator.ledger
    ledger.fresh()
    indexes = range(turn * 1_000, turn * 1_000 + texts)
    # Half of them are given while it is away, so that there is something to do when it is back.
    subject.queue(indexes[:texts // 2])
    come = f"text modem0 +1619557{{n:4}} \"Is my order {turn}"
    simulator.say(f'every {every}ms count {int(flows * 1_000 / every)} {come}/{{n}} ready?"')
    # A peer sends what it has before it looks for what came, and may sleep in between.
    events = ledger.until("submitted", 1, 60)
    events += ledger.until("deleted", 1, 120)
    time.sleep(flows)
    simulator.say(f"replug modem0 after {AWAY}s")
    simulator.say(f'every {every}ms count {int((AWAY + 2) * 1_000 / every)} {come}/away/{{n}} ready?"')
    events += ledger.until("unplugged", 1, 10)
    subject.queue(indexes[texts // 2:])
    events += ledger.until("plugged", 1, 10)
    came = [event for event in events if event["event"] == "plugged"][-1]["t"] / 1_000
    arrived = set()
    first = {}

    def both():
        subject.check()
        more = ledger.fresh()
        events.extend(more)
        arrived.update(event["id"] for event in events if event["event"] == "arrived")
        for event in events:
            at = event["t"] / 1_000
            if at < came:
                continue
            if event["event"] == "submitted":
                first.setdefault("sent", at - came)
            if event["event"] == "deleted" and event["id"] in arrived:
                first.setdefault("received", at - came)
        return len(first) == 2 or now() - came > limit

    wait_for("traffic after the replug", both, limit + 10, 0.02)
    return {"sent": first.get("sent"), "received": first.get("received"),
            **balance(ledger, subject, events, {number(index) for index in indexes}, first)}


def balance(ledger, subject, events, numbers, first):
    """What became of all texts, once what can be done is done."""
    def done():
        events.extend(ledger.fresh())
        deleted = {event["id"] for event in events if event["event"] == "deleted"}
        come = {event["id"] for event in events if event["event"] == "arrived"}
        open_ones = numbers.intersection(subject.unsettled())
        return len(open_ones) <= getattr(subject, "LEFT_OPEN", 0) and come <= deleted

    if len(first) == 2:
        try:
            wait_for("all texts", done, 20, 0.1)
        except Trouble:
            # Then they are counted as not sent.
            pass
        # A text that is sent once more has its chance.
        time.sleep(1)
    events.extend(ledger.fresh())
    left = collections.Counter(event["to"] for event in events if event["event"] == "submitted")
    unsettled = numbers.intersection(subject.unsettled())
    ids = {event["id"]: event["text"] for event in events if event["event"] == "arrived"}
    received = collections.Counter(subject.received())
    taken = {ids[event["id"]] for event in events if event["event"] == "deleted" and event["id"] in ids}
    return {
        "texts": len(numbers) + len(ids), "twice": sum(left[to] > 1 for to in numbers), "open": len(unsettled),
        "again": sum(received[text] > 1 for text in ids.values()),
        "lost": len(numbers - unsettled - set(left)) + len(taken - set(received))}
