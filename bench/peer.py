"""gammu-smsd on the same simulator in the same run: the gateway that most people know. And what is measured of a peer."""

import os
import shutil
import sqlite3
import subprocess
import time

from measures import Rig, number
from rig import Process, Simulator, family_cpu_milliseconds, now, wait_for
from smstools import Smstools

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
"""
# Without them it sends a text in some seconds, with them it never finds its device again.
QUICK = """commtimeout = 1
sendtimeout = 10
receivefrequency = 0
statusfrequency = 0
loopsleep = 0
checksecurity = 0
checkbattery = 0
checksignal = 0
checknetwork = 0
"""


class Smsd(Process):
    """gammu-smsd with SQLite, `quick` as its settings make it, or with those that it comes with."""

    NAME = "gammu-smsd"

    @staticmethod
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

    def __init__(self, folder, port, quick=True):
        os.makedirs(folder)
        self.database = folder + "/smsd.db"
        with open(SCHEMA, encoding="utf-8") as file:
            connection = sqlite3.connect(self.database)
            connection.executescript(file.read())
            connection.close()
        with open(folder + "/rc", "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(port=port, folder=folder) + (QUICK if quick else ""))
        super().__init__(
            ["gammu-smsd", "-c", folder + "/rc"], folder + "/errors", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)

    def ask(self, query):
        self.check()
        connection = sqlite3.connect(self.database, timeout=5)
        try:
            return [row[0] for row in connection.execute(query)]
        finally:
            connection.close()

    def queue(self, indexes):
        connection = sqlite3.connect(self.database, timeout=5)
        connection.executemany(
            "INSERT INTO outbox (DestinationNumber, TextDecoded, CreatorID, Coding) "
            "VALUES (?, ?, 'bench', 'Default_No_Compression')",
            [(number(index), f"Your order {index} is ready to be picked up.") for index in indexes])
        connection.commit()
        connection.close()

    def sent(self):
        """How many texts it says it has sent."""
        return self.ask("SELECT count(*) FROM sentitems")[0]

    def unsettled(self):
        """The numbers to which it has not sent yet what it was given."""
        return self.ask("SELECT DestinationNumber FROM outbox")

    def received(self):
        """The texts that came in."""
        return self.ask("SELECT TextDecoded FROM inbox")


PEERS = (Smsd, Smstools)


def measure(setting, peer, sent, received):
    """Texts per second and CPU ms per text, from the first to the last, so that its slow start does not count."""
    folder = Rig.folder(setting)
    simulator = Simulator(setting.binary, folder + "m")
    smsd = None
    try:
        smsd = peer(folder, simulator.port)
        smsd.queue([0])
        simulator.ledger.until("submitted", 1, 20)
        wait_for("its first text sent", lambda: smsd.sent() >= 1, 20, 0.05)
        spent, begun = family_cpu_milliseconds(smsd.pid), now()
        smsd.queue(range(1, sent + 1))
        wait_for("all texts sent", lambda: smsd.sent() >= sent + 1, 60, 0.05)
        sending = {"rate": sent / (now() - begun), "cpu_ms": (family_cpu_milliseconds(smsd.pid) - spent) / sent}
        time.sleep(1)
        spent, begun = family_cpu_milliseconds(smsd.pid), now()
        simulator.say(f'burst {received} modem0 +1619556{{n:4}} "Is my order {{n}} ready?"')
        wait_for("all texts received", lambda: len(smsd.received()) >= received, 60, 0.05)
        receiving = {"rate": received / (now() - begun), "cpu_ms": (family_cpu_milliseconds(smsd.pid) - spent) / received}
        return sending, receiving
    finally:
        if smsd:
            smsd.stop()
        simulator.stop()
