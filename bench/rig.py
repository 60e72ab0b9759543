"""What is measured, as processes: the simulator, the gateway, and what the kernel knows about them."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


class Trouble(Exception):
    """A sentence for the person who runs the benchmark."""


def now():
    """Seconds of CLOCK_MONOTONIC: the clock of the simulator's ledger, too."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def wait_for(what, condition, seconds=60.0, pause=0.005):
    """The first true value of `condition`; Trouble when there is none in time."""
    deadline = now() + seconds
    while True:
        value = condition()
        if value:
            return value
        if now() > deadline:
            raise Trouble(f"{what} did not happen within {seconds:g} s")
        time.sleep(pause)


def cpu_milliseconds(pid):
    """User and system time of all threads of a process, those that ended included."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000.0 / TICK


def family_cpu_milliseconds(pid):
    """The same of a process and its children: some programs serve each modem in one."""
    spent = cpu_milliseconds(pid)
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return spent + sum(family_cpu_milliseconds(int(child)) for child in file.read().split())


def fine_cpu_milliseconds(pid):
    """CPU time of each thread in nanosecond steps: {thread: milliseconds}; empty where the kernel does not tell."""
    result = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                result[thread] = int(file.read().split()[0]) / 1e6
        except OSError:
            continue
    return result


def memory(pid):
    """(RSS, PSS, highest RSS so far) in MB."""
    sizes = {}
    for name in ("smaps_rollup", "status"):
        with open(f"/proc/{pid}/{name}", encoding="ascii") as file:
            sizes.update((key, int(value)) for key, value in re.findall(r"^(\w+):\s+(\d+) kB", file.read(), re.M))
    return sizes["Rss"] / 1024, sizes["Pss"] / 1024, sizes["VmHWM"] / 1024


class Ledger:
    """The simulator's file of events, read as it grows."""

    def __init__(self, path):
        self.path = path
        self.offset = 0
        self.rest = b""

    def fresh(self):
        """The events since the last call."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return []
        self.offset += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def pass_by(self, event, count, seconds=120.0, pause=0.01):
        """Waits for `count` further events of this name and takes none of them: for runs in which to read each line
        would cost as much as what is measured."""
        word = f'"event":"{event}"'.encode()
        place, found, rest = self.offset, 0, b""

        def enough():
            nonlocal place, found, rest
            with open(self.path, "rb") as file:
                file.seek(place)
                data = file.read()
            place += len(data)
            lines, _, rest = (rest + data).rpartition(b"\n")
            found += lines.count(word)
            return found >= count

        wait_for(f"{count} × {event}", enough, seconds, pause)

    def until(self, event, count, seconds=120.0, pause=0.005):
        """Waits for `count` further events of this name and returns all events that came meanwhile."""
        seen = []
        found = 0

        def enough():
            nonlocal found
            more = self.fresh()
            seen.extend(more)
            found += sum(one["event"] == event for one in more)
            return found >= count

        wait_for(f"{count} × {event}", enough, seconds, pause)
        return seen


class Process:
    """A child that is ended by its id, never by its name."""

    def __init__(self, words, log, **options):
        with open(log, "ab") as output:
            self.child = subprocess.Popen(words, stderr=output, start_new_session=True, **options)
        self.log = log

    @property
    def pid(self):
        return self.child.pid

    def check(self):
        if self.child.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                words = file.read().strip().splitlines()[-3:]
            raise Trouble(f"{self.child.args[0]} ended with {self.child.returncode}: " + " / ".join(words))

    def stop(self, seconds=15):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Simulator(Process):
    """Modems on ptys with zero radio delay, obeying the lines given to `say`."""

    def __init__(self, binary, folder, modems=1):
        os.makedirs(folder)
        self.ports = [f"{folder}/m/modem{index}" for index in range(modems)]
        self.port = self.ports[0]
        self.ledger = Ledger(folder + "/ledger")
        super().__init__(
            [binary, "simulate", "--modems", str(modems), "--link", folder + "/m", "--ledger", self.ledger.path,
             "--script", "-", "--die-with-parent"],
            folder + "/log", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        wait_for("the simulated modems", lambda: self.check() or os.path.exists(self.ports[-1]), 10)

    def say(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()


class Gateway(Process):
    """`conductor run` on the simulator's ports, with the drop-ins given by name; without ports, on what udev tells."""

    # No rule counts or looks at hours: what is measured then is the way itself.
    FREE = "  limits: off\n"
    # Every rule is asked of every text, and none of them keeps it back.
    ASKED = ("  limits:\n    per_sim: {per_minute: 1000000, per_day: 1000000, recipients_per_day: 1000000}\n"
             "    per_recipient: {per_minute: 1000000, per_day: 1000000}\n"
             "  budget: {per_day: 10000000}\n"
             "  windows: {conversation: [\"00:00-12:00\", \"12:00-24:00\"]}\n")

    def __init__(self, binary, folder, ports, plugins, policy=FREE, environment=()):
        self.state = folder
        self.database = folder + "/messages.db"
        os.makedirs(folder + "/plugins.d", exist_ok=True)
        for name in plugins:
            shutil.copy(f"{plugins[name]}/{name}.yaml", folder + "/plugins.d/")
        with open(folder + "/conductor.yaml", "w", encoding="ascii") as file:
            named = "".join(f"  - match:\n      port: {port}\n" for port in ports)
            file.write("gateway:\n  id: bench\n" + ("modems:\n" + named if named else "")
                       + f"policy:\n  loop_guard: {{enabled: false}}\n{policy}log:\n  level: warning\n")
        notified = folder + "/notify"
        if os.path.exists(notified):
            os.unlink(notified)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(notified)
        listener.settimeout(30)
        environment = dict(os.environ, NOTIFY_SOCKET=notified, **dict(environment))
        environment.pop("WATCHDOG_USEC", None)
        self.started = now()
        super().__init__(
            [binary, "run", "--config", folder + "/conductor.yaml", "--state", folder, "--plugins",
             folder + "/plugins.d"],
            folder + "/log", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)
        try:
            while b"READY=1" not in listener.recv(4096):
                self.check()
        except socket.timeout:
            self.check()
            raise Trouble("the gateway did not say READY=1 within 30 s") from None
        finally:
            listener.close()
        self.ask("/api/v1/status")
        self.ready_after = now() - self.started

    def ask(self, path):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.state + "/control.sock")
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise Trouble(f"GET {path}: {answer.status} {body[:200]!r}")
        return json.loads(body)

    def modems(self):
        answer = self.ask("/api/v1/modems")
        return answer["modems"] if isinstance(answer, dict) else answer

    def modem(self):
        """The first modem; {} before it is known."""
        return next(iter(self.modems()), {})

    def wait_modem(self, count=1):
        """Waits until so many modems are ready; seconds since the start of the process."""
        def ready():
            self.check()
            return sum(modem.get("state") == "ready" for modem in self.modems()) >= count

        wait_for(f"{count} ready modems", ready, 30, 0.002)
        return now() - self.started

    def rows(self, condition):
        """How many rows of `messages` fulfil it."""
        return count_rows(self.database, "messages", condition)

    def journaled(self, table, condition):
        """How many rows of a table of the journal fulfil it: what is there is durable."""
        return count_rows(self.state + "/journal.db", table, condition)


def count_rows(path, table, condition):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        return connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()[0]
    finally:
        connection.close()
