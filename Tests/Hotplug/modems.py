"""The simulated modems on this side of the bus, what they wrote down, and the line from each to QEMU."""

import contextlib
import json
import os
import select
import socket
import subprocess
import termios
import threading

from machine import until


class Modems:
    """`conductor simulate` as a child. It outlives every plugging and pulling: its ledger is the truth."""

    def __init__(self, program, folder, count):
        self.links = f"{folder}/modems"
        self.ledger = Ledger(f"{folder}/ledger")
        self._process = subprocess.Popen(
            [program, "simulate", "--modems", str(count), "--link", self.links, "--ledger", f"{folder}/ledger",
             "--script", "-", "--die-with-parent"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=open(f"{folder}/simulator", "wb"), text=True)
        until("the simulated modems are there", lambda: self.ledger.count("plugged") == count)

    def tell(self, line):
        """A line of the simulator's script, obeyed at once."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end(self):
        """Ends it at once."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()


class Ledger:
    """What truly happened, read on as it grows."""

    def __init__(self, path):
        self._path, self._offset = path, 0
        self.events = []
        # Parts of texts to us that the gateway has not taken out of the modem: by text, its modem and how many.
        self.unfinished = {}

    def refresh(self):
        """Reads what is new, and returns all."""
        if os.path.exists(self._path):
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                octets = file.read()
            whole = octets[:octets.rfind(b"\n") + 1]
            self._offset += len(whole)
            for line in whole.splitlines():
                self._take(json.loads(line))
        return self.events

    def _take(self, event):
        self.events.append(event)
        kind, text = event["event"], event.get("id")
        if kind == "arrived":
            modem, left = self.unfinished.get(text, (event["modem"], 0))
            self.unfinished[text] = (modem, left + 1)
        elif kind in ("deleted", "acknowledged") and text in self.unfinished:
            modem, left = self.unfinished[text]
            if left > 1:
                self.unfinished[text] = (modem, left - 1)
            else:
                del self.unfinished[text]

    def waiting(self, modem):
        """How many texts and reports are on their way to the gateway through this modem."""
        self.refresh()
        return sum(of == modem for of, _ in self.unfinished.values())

    def is_settled(self):
        """Whether the gateway has taken all that was for it."""
        self.refresh()
        return not self.unfinished

    def all(self, kind):
        """The events of one kind."""
        return [event for event in self.refresh() if event["event"] == kind]

    def count(self, kind):
        """How many there are of one kind."""
        return len(self.all(kind))


class Line:
    """The line from a modem to QEMU: joined or cut. What the modem says while it is cut is heard by nobody."""

    def __init__(self, port, socket_path):
        self._path = socket_path
        # QEMU's end, and those that were let go of and are still to be closed.
        self._end, self._cut = None, []
        self._lock = threading.Lock()
        self._port = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        termios.tcflush(self._port, termios.TCIFLUSH)
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def join(self):
        """QEMU's end is connected."""
        end = socket.socket(socket.AF_UNIX)
        end.connect(self._path)
        end.setblocking(False)
        with self._lock:
            self._end = end
        os.write(self._waker, b"!")

    def cut(self):
        """QEMU's end is let go of."""
        with self._lock:
            end, self._end = self._end, None
            if end:
                self._cut.append(end)
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        os.write(self._waker, b"!")

    def close(self):
        """The modem is gone: its port, too."""
        self.cut()
        os.write(self._waker, b"q")
        self._thread.join(10)
        for descriptor in (self._port, self._wake, self._waker):
            os.close(descriptor)

    def _carry(self):
        to_port, to_end = b"", b""
        gone = False
        while True:
            with self._lock:
                end = self._end
                while self._cut:
                    self._cut.pop().close()
            if not end:
                to_port = to_end = b""
            reading = [self._wake] + ([] if gone else [self._port]) + ([end] if end else [])
            writing = ([self._port] if to_port and not gone else []) + ([end] if end and to_end else [])
            ready, writable, _ = select.select(reading, writing, [])
            if self._wake in ready and b"q" in os.read(self._wake, 64):
                return
            try:
                if self._port in ready:
                    octets = os.read(self._port, 4_096)
                    gone = not octets
                    to_end += octets if end else b""
                if self._port in writable:
                    to_port = to_port[os.write(self._port, to_port):]
            except BlockingIOError:
                pass
            except OSError:
                gone = True
            try:
                if end and end in ready:
                    octets = end.recv(4_096)
                    to_port += octets
                    if not octets:
                        self.cut()
                if end and end in writable:
                    to_end = to_end[end.send(to_end):]
            except BlockingIOError:
                pass
            except OSError:
                self.cut()
