"""A machine in which a gateway runs, modems outside of it, and the plugs between them."""

import json
import os
import shutil
import tempfile

from guest import ROOT, Guest, Missing
from machine import Machine, until
from modems import Line, Modems
from traffic import AS_GATEWAY, sql

PROGRAMS = os.path.abspath(os.environ.get("CONDUCTOR_HOTPLUG_PROGRAMS") or f"{ROOT}/.build/torture/release")


class Adapter:
    """A modem with power of its own, behind QEMU's usb-serial, an FTDI adapter: it goes on while the plug is out, and
    what it says then is heard by nobody."""

    name, link, interfaces = "usb-serial", "/dev/conductor/ADAPTER0-if00", 1

    def __init__(self, world, modem):
        self.modem, self._machine = modem, world.machine
        self._line = Line(f"{world.modems.links}/modem{modem}", f"{world.folder}/{Machine.SERIAL}")

    def plug(self):
        """Into a socket of the xHCI."""
        self._line.join()
        self._machine.monitor("device_add", driver="usb-serial", id="adapter", chardev="serial", serial="ADAPTER0")

    def pull(self):
        """Out of it, at once: the guest is not asked."""
        self._machine.monitor("device_del", id="adapter")
        self._line.cut()

    def close(self):
        """Lets go of the modem."""
        self._line.close()


class Stick:
    """A modem of four ports that lives on the bus's power: with the plug it loses all but its memories and its SIM."""

    name, link, interfaces = "EC25", "/dev/conductor/STICK1-if02", 4

    def __init__(self, world, modem):
        self.modem, self._world, self._machine = modem, world, world.machine
        self._line = None
        self._plugged = 1
        self._machine.run("modem.sh make STICK1")

    def plug(self):
        """Onto the bus of dummy_hcd."""
        modems = self._world.modems
        if self._plugged > 1:
            modems.tell(f"replug modem{self.modem}")
        until("the modem has power again", lambda: self._starts() == self._plugged)
        self._line = Line(f"{modems.links}/modem{self.modem}", f"{self._world.folder}/{Machine.AT}")
        self._line.join()
        self._machine.run("modem.sh plug")

    def wire_again(self):
        """After a reset of its USB device: the modem behind it goes on."""
        self._machine.run("modem.sh wire_again")

    def pull(self):
        """Off it; the modem is without power in the same moment."""
        self._world.modems.tell(f"unplug modem{self.modem}")
        self._machine.run("modem.sh pull")
        self._line.close()
        self._line = None
        self._plugged += 1

    def _starts(self):
        return sum(event["modem"] == self.modem for event in self._world.modems.ledger.all("plugged"))

    def close(self):
        """Lets go of the modem."""
        if self._line:
            self._line.close()


class World:
    """All of it, from `with` on. Raises `Missing` when something that it is made of is not there."""

    def __init__(self):
        self._guest = Guest(PROGRAMS)
        if not shutil.which("qemu-system-x86_64"):
            raise Missing("QEMU is not installed: scripts/setup.sh --test gets it")
        self.folder = self.modems = self.machine = None
        self.plugs = []

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="conductor-hotplug-")
        try:
            self._guest.write(f"{self.folder}/initramfs")
            self.modems = Modems(f"{PROGRAMS}/conductor", self.folder, 2)
            self.machine = Machine(self._guest.kernel, f"{self.folder}/initramfs", self.folder).__enter__()
            self.plugs = [Adapter(self, 0), Stick(self, 1)]
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.machine:
            self.machine.end()
        for plug in self.plugs:
            plug.close()
        if self.modems:
            self.modems.end()
        if not os.environ.get("CONDUCTOR_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # The gateway in the guest.

    def start_gateway(self):
        """Starts it as its own user, which is in no group but its own."""
        self.machine.run(f"({AS_GATEWAY} conductor run --config /etc/conductor/conductor.yaml"
                         " --state /var/lib/conductor --plugins /etc/conductor/plugins.d >/dev/virtio-ports/log 2>&1;"
                         " echo $? >/run/ended) >/dev/null 2>&1 &")
        until("the gateway runs", lambda: any(" runs. " in line for _, line in self.machine.log), 60)

    def stop_gateway(self):
        """Asks it to end, and returns its status."""
        self.machine.run("kill -TERM $(pidof conductor)")
        until("the gateway ends", lambda: self.has("test -s /run/ended"), 60, 0.2)
        return int(self.machine.run("cat /run/ended"))

    def command(self, words):
        """A command of a person in the group of the gateway."""
        return self.machine.run(f"CONDUCTOR_SOCKET=/var/lib/conductor/control.sock {AS_GATEWAY} conductor {words}")

    def has(self, condition):
        """Whether a shell in the guest finds it so."""
        return self.machine.run(f"{condition} && echo yes || echo no") == "yes"

    def tty(self, plug):
        """The tty that a plug's link leads to; None while there is no link."""
        return self.machine.run(f"readlink -f {plug.link} || true") if self.has(f"test -e {plug.link}") else None

    def heard(self, message, tty, since):
        """When the gateway, from this line of its log on, said this of this tty; None where it did not."""
        return next((instant for instant, said in self._said(message, tty, since)), None)

    def imei(self, tty):
        """The modem that was last ready on this tty."""
        return [said["metadata"]["modem"] for _, said in self._said("The modem is ready", tty, 0)][-1]

    def _said(self, message, tty, since):
        for instant, line in self.machine.log[since:]:
            # The greeting is for people.
            said = json.loads(line) if line.startswith("{") else {}
            if said.get("message") == message and said["metadata"].get("port") == tty:
                yield instant, said

    def rows(self):
        """The table of texts."""
        wanted = "id, direction, phone_number, content, status, delivery_status, answers, incomplete"
        printed = sql(self.machine, f"SELECT {wanted} FROM messages ORDER BY id", "-json")
        return json.loads(printed or "[]")
