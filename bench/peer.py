"""gammu-smsd on the same simulator in the same run: the gateway that most people know."""

import os
import shutil
import sqlite3
import subprocess
import time

from measures import Rig, number
from rig import Process, Simulator, cpu_milliseconds, now, wait_for

SCHEMA = "/usr/share/doc/gammu-smsd/examples/sqlite.sql"
CONFIGURATION = """[gammu]
device = {port}
connection = at

[smsd]
service = sql
driver = sqlite3
dbdir = {folder}
database = smsd.db
logfile = {folder}/log
debuglevel = 0
commtimeout = 1
sendtimeout = 10
receivefrequency = 0
statusfrequency = 0
loopsleep = 0
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
"""


def missing():
    """Why it cannot be measured; None when it can."""
    if not shutil.which("gammu-smsd"):
        return "gammu-smsd is not installed (apt-get install gammu-smsd libdbd-sqlite3)"
    found = subprocess.run(["dpkg-query", "-W", "libdbd-sqlite3"], capture_output=True, check=False).returncode == 0
    if not found:
        return "its SQLite driver is not installed (apt-get install libdbd-sqlite3)"
    if not os.path.exists(SCHEMA):
        return f"its tables' definition {SCHEMA} is not there"
    return None


class Smsd(Process):
    def __init__(self, folder, port):
        os.makedirs(folder)
        self.database = folder + "/smsd.db"
        with open(SCHEMA, encoding="utf-8") as file:
            connection = sqlite3.connect(self.database)
            connection.executescript(file.read())
            connection.close()
        with open(folder + "/rc", "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(port=port, folder=folder))
        super().__init__(
            ["gammu-smsd", "-c", folder + "/rc"], folder + "/errors", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)

    def count(self, table):
        connection = sqlite3.connect(self.database, timeout=5)
        try:
            return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        finally:
            connection.close()

    def queue(self, texts):
        connection = sqlite3.connect(self.database, timeout=5)
        connection.executemany(
            "INSERT INTO outbox (DestinationNumber, TextDecoded, CreatorID, Coding) "
            "VALUES (?, ?, 'bench', 'Default_No_Compression')",
            [(number(index), f"Your order {index} is ready to be picked up.") for index in range(texts)])
        connection.commit()
        connection.close()


def measure(setting, sent, received):
    """Texts per second and CPU ms per text, from the first to the last, so that its slow start does not count."""
    Rig.made += 1
    folder = f"{setting.folder}/{Rig.made}"
    simulator = Simulator(setting.binary, folder + "m")
    smsd = None
    try:
        smsd = Smsd(folder, simulator.port)
        smsd.queue(1)
        simulator.ledger.until("submitted", 1, 20)
        wait_for("its first text in sentitems", lambda: smsd.check() or smsd.count("sentitems") >= 1, 20, 0.05)
        spent, begun = cpu_milliseconds(smsd.pid), now()
        smsd.queue(sent)
        wait_for("all texts in sentitems", lambda: smsd.count("sentitems") >= sent + 1, 60, 0.05)
        sending = {"rate": sent / (now() - begun), "cpu_ms": (cpu_milliseconds(smsd.pid) - spent) / sent}
        time.sleep(1)
        spent, begun = cpu_milliseconds(smsd.pid), now()
        simulator.say(f'burst {received} modem0 +1619555{{n:4}} "Is my order {{n}} ready?"')
        wait_for("all texts in inbox", lambda: smsd.count("inbox") >= received, 60, 0.05)
        receiving = {"rate": received / (now() - begun), "cpu_ms": (cpu_milliseconds(smsd.pid) - spent) / received}
        return sending, receiving
    finally:
        if smsd:
            smsd.stop()
        simulator.stop()
