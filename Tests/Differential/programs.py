#!/usr/bin/env python3
"""Other programs on the simulated modem: what is a modem to them is one.

    Tests/Differential/programs.py COMMAND...       COMMAND is the conductor to be tried

python-gsmmodem-new (PyPI) is looked for where scripts/setup.sh --test puts it and on CONDUCTOR_PYTHONPATH, gammu-smsd (Debian)
on PATH; without one it is left out, and that is said, but with CI=true it is an error. Each receives texts and sends one,
and the simulator's own ledger must show just these.
"""

import glob
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import packages  # noqa: E402

packages.find()

LIMIT = 60
TEXTS = ["Grüße, hours?", "€5 or £4 [now]", "long text " * 30, "日本語のテキスト"]


class Simulator:
    """`conductor simulate` with one modem, and what it says that happened."""

    def __init__(self, command, folder):
        self.folder = folder
        self.port = folder + "/modem0"
        self.events = []
        self.process = subprocess.Popen(
            [*command, "simulate", "--modems", "1", "--link", folder, "--script", "-", "--json", "--die-with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False)
        self.rest = b""
        self.until("plugged", 1)

    def say(self, line):
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()

    def until(self, event, count, step=lambda: None):
        """Reads events until there are so many of one kind; `step` is done meanwhile."""
        deadline = time.monotonic() + LIMIT
        while sum(e["event"] == event for e in self.events) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{event} was not seen {count} times: {[e['event'] for e in self.events]}")
            step()
            if not select.select([self.process.stdout], [], [], 0.05)[0]:
                continue
            octets = os.read(self.process.stdout.fileno(), 65536)
            if not octets:
                raise EOFError("the simulator has ended")
            *lines, self.rest = (self.rest + octets).split(b"\n")
            self.events += [json.loads(line) for line in lines]

    def stop(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(10)


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, and not {wanted!r}")


def sent_by(simulator):
    return [(e["to"], e["text"]) for e in simulator.events if e["event"] == "submitted"]


def give(simulator):
    for number, text in enumerate(TEXTS):
        simulator.say(f'text modem0 +1619555010{number} "{text}"')


def gsmmodem(simulator):
    from gsmmodem.modem import GsmModem

    received = []
    modem = GsmModem(simulator.port, 115200, smsReceivedCallbackFunc=lambda sms: received.append((sms.number, sms.text)))
    modem.connect()
    try:
        expect("the IMEI", modem.imei, "352099001700000")
        expect("the IMSI", modem.imsi, "310260000000000")
        expect("the signal", modem.waitForNetworkCoverage(10) > 0, True)
        modem.smsTextMode = False
        short = [text for text in TEXTS if len(text) < 160]
        for number, text in enumerate(short):
            simulator.say(f'text modem0 +1619555010{number} "{text}"')
            simulator.until("stored", number + 1)
            deadline = time.monotonic() + LIMIT
            while len(received) <= number:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{text!r} was not received")
                time.sleep(0.02)
            # It does not hear what is announced while a command of its own is answered.
            simulator.until("deleted", number + 1)
        expect("what came", [text for _, text in received], short)
        sent = modem.sendSms("+16195550125", "Welcome, Grüße", waitForDeliveryReport=True, deliveryTimeout=LIMIT)
        expect("the report", sent.status, sent.DELIVERED)
        simulator.until("submitted", 1)
        expect("the ledger", sent_by(simulator), [("+16195550125", "Welcome, Grüße")])
    finally:
        modem.close()


def smsd(simulator):
    """gammu-smsd with its files service: a folder for what comes, one for what is to go."""
    folder = simulator.folder + "-smsd"
    for name in ["in", "out", "sent", "error"]:
        os.makedirs(f"{folder}/{name}")
    with open(folder + "/smsdrc", "w", encoding="utf-8") as file:
        file.write(
            f"[gammu]\ndevice = {simulator.port}\nconnection = at\n[smsd]\nservice = files\nlogfile = {folder}/log\n"
            f"inboxpath = {folder}/in/\noutboxpath = {folder}/out/\nsentsmspath = {folder}/sent/\n"
            f"errorsmspath = {folder}/error/\ninboxformat = unicode\ncommtimeout = 1\nsendtimeout = 10\n")
    process = subprocess.Popen(
        ["gammu-smsd", "-c", folder + "/smsdrc"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        give(simulator)
        parts = sum(2 if len(text) > 160 else 1 for text in TEXTS)
        simulator.until("deleted", parts)
        deadline = time.monotonic() + LIMIT
        while len(names := sorted(glob.glob(folder + "/in/*.txt"))) < parts:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{names} is all that came")
            time.sleep(0.05)
        texts = []
        for name in names:
            with open(name, "rb") as file:
                # A zero ends the text; what is behind it is not its own.
                texts.append(file.read().decode("utf-16").partition("\0")[0])
        # Parts of a long text have a file each.
        expect("what came", "".join(texts), "".join(TEXTS))
        with open(folder + "/out/OUT+16195550125.txt", "w", encoding="utf-8") as file:
            file.write("Welcome")
        simulator.until("submitted", 1)
        expect("the ledger", sent_by(simulator), [("+16195550125", "Welcome")])
    finally:
        process.terminate()
        process.wait(30)


def main(command):
    failed = False
    tried = []
    for name, package, run in [("gsmmodem", "python-gsmmodem-new", gsmmodem), ("gammu-smsd", "gammu-smsd", smsd)]:
        try:
            if name == "gsmmodem":
                __import__("gsmmodem.modem")
            elif not shutil.which("gammu-smsd"):
                raise ImportError("it is not on PATH")
        except ImportError as error:
            packages.lacks("programs", package, error)
            continue
        folder = tempfile.mkdtemp(prefix="conductor-programs-")
        simulator = None
        try:
            simulator = Simulator(command, folder + "/modems")
            run(simulator)
            tried.append(package)
        except (AssertionError, TimeoutError, EOFError, OSError) as error:
            print(f"FAIL: programs: {package}: {error}")
            failed = True
        finally:
            if simulator:
                simulator.stop()
            shutil.rmtree(folder, ignore_errors=True)
    print(f"programs: {', '.join(tried) or 'none'} received and sent on the simulated modem")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["conductor"]))
