"""Modems: one and 64 of them at full speed, with a storage and with the journal alone; how soon they work again."""

import sqlite3
import time
import uuid

import hotplug
import measures
import replug
from measures import Rig, number
from rig import Gateway, Simulator, Trouble, now, wait_for

MANY = 64
# Of the issue: one modem, all modems; ms of CPU for each text; MB.
RATE, RATE_OF_ALL, CPU, MEMORY, FAIR = ("≥", 3_000), ("≥", 10_000), ("≤", 0.15), ("≤", 80), ("≤", 10)


def measure(setting, table, quick):
    """Prints all of it; rates of one modem with a storage, by `sending` and `receiving`."""
    rates = {}
    repeats, texts = (1, 1_000) if quick else (3, 4_000)
    # What is sent waits in the gateway's memory, what is received does not; and modems are read a hundred texts at a time,
    # which would be all that there is, or much of what one may be before another.
    each = {"sending": 100, "receiving": 200} if quick else {"sending": 200, "receiving": 2_000}
    for name, way, run in ways():
        results = [run(setting, texts, 1) for _ in range(repeats)]
        rate = lines(table, f"one modem, {name} {way}", results, RATE)
        if way == "with SQLite":
            rates[name] = rate
    for name, way, run in ways():
        lines(table, f"{MANY} modems, {name} {way}", [run(setting, MANY * each[name], MANY)], RATE_OF_ALL)
    replug.measure(setting, table, quick)
    hotplug.measure(setting, table, quick)
    return rates


def ways():
    """(what, with what, how it is measured)."""
    return (
        ("sending", "by the journal", sending_alone),
        ("sending", "with SQLite", lambda setting, texts, modems: measures.sending(setting, texts, modems=modems)),
        ("receiving", "by the journal",
         lambda setting, texts, modems: measures.receiving(setting, texts, modems, plugins=())),
        ("receiving", "with SQLite", measures.receiving))


def lines(table, what, results, rate):
    def of(name):
        return [result[name] for result in results]

    middle = table.line(what, of("rate"), "texts/s", rate)
    table.line("... CPU of the gateway", of("cpu_ms"), "ms/text", CPU, digits=3)
    table.line("... CPU of the simulator", of("simulator_cpu_ms"), "ms/text", digits=3)
    if rate is RATE_OF_ALL:
        table.line("... the first before the last modem", of("spread"), "% of mean", FAIR)
        table.line("... highest memory of the gateway", of("high_water_mb"), "MB", MEMORY)
        table.line("... threads", of("threads"), "")
        table.line("... descriptors", of("descriptors"), "")
    if any(of("twice")):
        raise Trouble(f"{what}: {sum(of('twice'))} texts more than there should be")
    return middle


def sending_alone(setting, texts, modems):
    """Texts that stand in the journal, all for one moment → accepted, as the journal has it. There is no storage."""
    folder = Rig.folder(setting)
    simulator = Simulator(setting.binary, folder + "m", modems)
    try:
        # The first run makes the journal.
        Gateway(setting.binary, folder, simulator.ports, {}).stop()
        begun = now() + 4
        due = int((time.time() + 4) * 1_000)
        with sqlite3.connect(folder + "/journal.db") as journal:
            journal.executemany(
                "INSERT INTO outbound (uid, origin, purpose, phone, content, created_at, not_before, state) "
                "VALUES (?, 'api', 'conversation', ?, ?, ?, ?, 'waiting')",
                ((str(uuid.uuid4()), number(index), f"Your order {index} is ready to be picked up.", due - 4_000, due)
                 for index in range(texts)))
        journal.close()
        with Rig(setting, plugins=(), modems=modems, simulator=simulator, folder=folder) as rig:
            if now() > begun - 0.3:
                raise Trouble("the modems were not ready in time")
            time.sleep(begun - now() - 0.2)
            before = rig.spent()
            simulator.ledger.pass_by("submitted", texts)
            wait_for(
                "every text accepted",
                lambda: rig.gateway.journaled("outbound", "state IN ('accepted', 'delivered')") >= texts, 30, 0.01)
            return measures.sent(rig, texts, begun, before)
    finally:
        simulator.stop()
