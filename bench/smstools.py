"""smstools3 on the same simulator: texts are files in folders."""

import os
import shutil
import subprocess

from measures import number
from rig import Process

FOLDERS = ("outgoing", "checked", "failed", "incoming", "sent")
CONFIGURATION = """devices = GSM1
{folders}
logfile = {folder}/log
infofile = {folder}/working
pidfile = {folder}/pid
loglevel = 4
autosplit = 3
{quick}
[GSM1]
device = {port}
incoming = yes
check_memory_method = 31
"""
# It looks for work without a pause, and not for priorities; texts are taken out of one listing either way.
QUICK = """delaytime = 1
delaytime_mainprocess = 0
ignore_outgoing_priority = yes
trust_outgoing = yes
"""


class Smstools(Process):
    """smsd of smstools3, `quick` as its settings make it, or with those that it comes with."""

    NAME = "smstools3"

    @staticmethod
    def missing():
        """Why it cannot be measured; None when it can."""
        if not shutil.which("smsd"):
            return "smstools3 is not installed (apt-get install smstools)"
        return None

    def __init__(self, folder, port, quick=True):
        self.folder = folder
        for name in FOLDERS:
            os.makedirs(f"{folder}/{name}")
        with open(folder + "/conf", "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(
                port=port, folder=folder, quick=QUICK if quick else "",
                folders="\n".join(f"{name} = {folder}/{name}" for name in FOLDERS)))
        super().__init__(
            ["smsd", "-t", f"-c{folder}/conf"], folder + "/errors", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)

    def read(self, folder):
        """(headers, text) of each text there; what is moved away meanwhile is left out."""
        texts = []
        for name in os.listdir(f"{self.folder}/{folder}"):
            try:
                with open(f"{self.folder}/{folder}/{name}", encoding="utf-8", errors="replace") as file:
                    head, _, body = file.read().partition("\n\n")
            except FileNotFoundError:
                continue
            texts.append((dict(line.split(": ", 1) for line in head.splitlines() if ": " in line), body.strip()))
        return texts

    def queue(self, indexes):
        # Made elsewhere and moved: it may look at any moment.
        for index in indexes:
            with open(f"{self.folder}/new", "w", encoding="ascii") as file:
                file.write(f"To: {number(index)[1:]}\n\nYour order {index} is ready to be picked up.\n")
            os.rename(f"{self.folder}/new", f"{self.folder}/outgoing/{index:05}")

    def sent(self):
        """How many texts it says it has sent."""
        self.check()
        return len(os.listdir(self.folder + "/sent"))

    def unsettled(self):
        """The numbers to which it has not sent yet what it was given, those that it gave up included."""
        places = ("outgoing", "checked", "failed")
        return ["+" + head["To"] for place in places for head, _ in self.read(place) if "To" in head]

    def received(self):
        """The texts that came in."""
        self.check()
        return [text for head, text in self.read("incoming") if "From" in head]
