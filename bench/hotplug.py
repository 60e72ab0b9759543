"""From udev's word that a modem's port is there to a modem that is ready."""

import os
import shutil
import subprocess

from measures import Rig
from rig import Gateway, Process, Simulator, Trouble, now, wait_for

TESTBED = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/CShims/CModemIO/tests/testbed.c"
PRELOAD = "libumockdev-preload.so.0"


class Bus(Process):
    """A USB bus that the processes see which are given its `environment`; the test bed of the C tests."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        program = folder + "/testbed"
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", "umockdev-1.0"], capture_output=True, text=True, check=True).stdout
        subprocess.run(
            ["cc", "-std=c17", "-D_GNU_SOURCE", "-o", program, TESTBED, *flags.split()], check=True, timeout=60)
        super().__init__(
            [program], folder + "/bus-log", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, LD_PRELOAD=PRELOAD))
        self.environment = {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": self.child.stdout.readline().strip()}

    @staticmethod
    def missing():
        """Why there can be none; None when there can."""
        if not shutil.which("pkg-config") or not shutil.which("cc"):
            return "it needs a C compiler and pkg-config (apt-get install build-essential pkg-config)"
        if subprocess.run(["pkg-config", "--exists", "umockdev-1.0"], check=False).returncode:
            return "umockdev is not installed (apt-get install umockdev libumockdev-dev)"
        return None

    def say(self, line):
        """When it was begun, in seconds of the monotonic clock."""
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        if not answer:
            raise Trouble(f"the USB test bed did not obey: {line}")
        return float(answer) / 1_000

    def plug(self, usb, ports, at, target):
        """When the port `at` was told of; the others never answer."""
        self.say(f"plug 2 {usb} SERIAL")
        told = None
        for port in reversed(ports):
            moment = self.say(f"port 2 {port} ttyUSB{port} {target if port == at else 'silent'} ID_MM_PORT_IGNORE=1")
            told = moment if port == at else told
        return told

    def pull(self, ports):
        for port in ports:
            self.say(f"pull 2 {port} ttyUSB{port}")
        self.say("unplug 2")


def measure(setting, table, quick):
    times = 2 if quick else 5
    why = Bus.missing()
    if why:
        return table.say(f"udev event to ready: skipped, {why}")
    folder = Rig.folder(setting)
    simulator = Simulator(setting.binary, folder + "m")
    bus = gateway = None
    try:
        bus = Bus(folder)
        gateway = Gateway(setting.binary, folder, (), {}, environment=bus.environment)
        kinds = (("2c7c:0125", (0, 1, 2, 3), 2, "udev event to ready, four ports", ("≤", 300)),
                 ("1234:5678", (0,), 0, "... a product that no table knows", None))
        for usb, ports, at, what, target in kinds:
            taken = [plugged(simulator, bus, gateway, usb, ports, at) for _ in range(times)]
            table.line(what, [time * 1_000 for time, _ in taken], "ms", target)
            table.line("... AT commands meanwhile", [commands for _, commands in taken], "")
    finally:
        for process in (gateway, bus, simulator):
            if process:
                process.stop()
    return None


def plugged(simulator, bus, gateway, usb, ports, at):
    """(seconds from the event of the modem's port to ready, commands that were asked), and the modem is gone again."""
    told = bus.plug(usb, ports, at, os.readlink(simulator.port))
    wait_for("a ready modem", lambda: gateway.check() or gateway.modem().get("state") == "ready", 30, 0.001)
    taken = now() - told
    commands = gateway.modem().get("commands", 0)
    simulator.say("unplug modem0")
    bus.pull(ports)
    wait_for("a modem that is gone", lambda: gateway.modem().get("state") == "gone", 30)
    simulator.ledger.fresh()
    simulator.say("replug modem0")
    simulator.ledger.until("plugged", 1, 10)
    return taken, commands
