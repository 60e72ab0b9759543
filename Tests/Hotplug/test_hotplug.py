"""Modems are plugged into and pulled out of a real kernel while texts flow: nothing is lost, nothing doubled."""

import os
import time
import unittest

import judge
from guest import USER, Missing
from machine import until
from traffic import Traffic
from world import World

ROUNDS = int(os.environ.get("CONDUCTOR_HOTPLUG_ROUNDS") or 3)
SEED = int(os.environ.get("CONDUCTOR_SEED") or time.time())


def say(line):
    """Tells a figure."""
    print(f"hot-plug: {line}", flush=True)


class HotplugTests(unittest.TestCase):
    """One machine, one gateway, two modems."""

    def test_modems_are_pulled_while_texts_flow(self):
        try:
            world = World()
        except Missing as missing:
            if os.environ.get("CI") == "true":
                self.fail(f"where CI=true this must run, and it cannot: {missing}")
            say(f"skipped: {missing}")
            self.skipTest(str(missing))
        with world:
            try:
                Scenario(self, world).run()
            except Exception:
                log = "\n".join(line for _, line in world.machine.log[-25:])
                print(f"The gateway's last lines:\n{log}\n{world.machine.console()}", flush=True)
                raise


class Scenario:
    """What happens to the modems, and what must be true meanwhile and afterwards."""

    def __init__(self, test, world):
        self.test, self.world = test, world
        self.adapter, self.stick = world.plugs
        self.traffic = Traffic(world.machine, world.modems, SEED)
        self.flows = False
        self.cuts = 0
        # How often in a row a thread of the gateway was seen to wait for a device, and when it was looked at last.
        self.waits, self.looked = 0, 0.0

    def run(self):
        """All of it, in this order."""
        say(f"seed {SEED}; the guest was up after {self.world.machine.booted:.1f} s")
        for modem in (0, 1):
            for line in ("latency {} 500us jitter 1ms", "radio {} 30ms jitter 30ms", "reports {} delay 150ms"):
                self.world.modems.tell(line.format(f"modem{modem}"))
        self.world.start_gateway()
        for plug in self.world.plugs:
            start, tty, ready = self.plug(plug)
            say(f"{plug.name}: ready on {tty} {ready - start:.1f} s after it was plugged in")
            self.expect_rules(plug, tty)
        self.flows = True
        for _ in range(ROUNDS):
            for plug in self.world.plugs:
                self.pull_and_plug(plug)
        self.swap()
        self.reset()
        self.finish()

    def until(self, what, condition, within=60):
        """Waits for a condition; texts flow meanwhile."""
        def holds():
            if self.flows:
                self.traffic.fill()
            self.expect_no_wait()
            return condition()
        return until(what, holds, within)

    def expect_no_wait(self):
        """The stick has a port that takes nothing: the gateway asks it, gives up and closes it. The kernel would have
        that wait for half a minute, and with it all modems, whose ports the same thread serves."""
        if time.monotonic() - self.looked < 0.5:
            return
        self.looked = time.monotonic()
        seen = self.world.has("grep -q tty_wait_until_sent /proc/$(pidof conductor)/task/*/stack 2>/dev/null")
        self.waits = self.waits + 1 if seen else 0
        self.test.assertLess(self.waits, 5, "a thread of the gateway waits in close for a device that takes nothing")

    def plug(self, plug):
        """Plugs it in: when that was, the tty of its modem, and when that was ready."""
        since = len(self.world.machine.log)
        start = time.monotonic()
        plug.plug()
        tty = self.until(f"udev links the port of {plug.name}", lambda: self.world.tty(plug))
        return start, tty, self.until("its modem is ready", lambda: self.world.heard("The modem is ready", tty, since))

    def pull(self, plugs):
        """Pulls these under dense traffic, all at some instant; how long it took until the gateway had noticed."""
        until("traffic is dense", self.traffic.fill)
        since = len(self.world.machine.log)
        ttys = [self.world.tty(plug) for plug in plugs]
        time.sleep(self.traffic.instant(0.3))
        start = time.monotonic()
        for plug in plugs:
            plug.pull()
            self.cuts += 1
        lost = [self.until("the gateway notices", lambda tty=tty: self.world.heard("The port was lost", tty, since))
                for tty in ttys]
        for plug in plugs:
            self.until("its link is gone", lambda plug=plug: not self.world.has(f"test -e {plug.link}"))
            self.until("texts wait for it",
                       lambda plug=plug: self.world.modems.ledger.waiting(plug.modem) >= Traffic.LEAST)
        return max(lost) - start

    def pull_and_plug(self, plug):
        """Once out and in again."""
        lost = self.pull([plug])
        start, tty, ready = self.plug(plug)
        first = self.until("its traffic goes on", lambda: self.first(plug, start))
        say(f"{plug.name}: lost {lost:.2f} s after it was pulled; plugged in again, it was ready on {tty} after "
            f"{ready - start:.1f} s, and its next text was through after {first - start:.1f} s")
        self.expect_rules(plug, tty)

    def swap(self):
        """Both are pulled together and come back in the other order: each has the other's name, and its own link."""
        before = [self.world.tty(plug) for plug in self.world.plugs]
        self.pull(self.world.plugs)
        after = {}
        for plug in reversed(self.world.plugs):
            start, after[plug], _ = self.plug(plug)
            self.until("its traffic goes on", lambda plug=plug, start=start: self.first(plug, start))
            self.expect_rules(plug, after[plug])
        self.test.assertNotIn(after[self.adapter], before, "the names have moved")
        names = [f"{old} is {after[plug]}" for old, plug in zip(before, self.world.plugs)]
        say(f"both pulled together: they came back under other names, {', '.join(names)}")

    def reset(self):
        """The gateway resets the stick's USB device, when nothing is on its way: not as root, but because our rule gives
        it to its group."""
        self.flows = False
        self.traffic.drain(180)
        since, tty = len(self.world.machine.log), self.world.tty(self.stick)
        start = time.monotonic()
        self.world.command(f"modems reset {self.world.imei(tty)} --step usb --wait 0")
        self.until("the bus hangs it up", lambda: self.world.heard("The port was lost", tty, since))
        self.stick.wire_again()
        tty = self.until("udev links its port", lambda: self.world.tty(self.stick))
        ready = self.until("its modem is ready", lambda: self.world.heard("The modem is ready", tty, since))
        self.flows = True
        self.until("its traffic goes on", lambda: self.first(self.stick, ready))
        self.expect_rules(self.stick, tty)
        say(f"{self.stick.name}: reset by the gateway, and ready again on {tty} after {ready - start:.1f} s")

    def first(self, plug, since):
        """When a text first went through this modem after that instant."""
        for event in self.world.modems.ledger.refresh():
            through = event["modem"] == plug.modem and event["event"] in ("submitted", "deleted")
            if through and event["t"] > since * 1_000:
                return event["t"] / 1_000
        return None

    def expect_rules(self, plug, tty):
        """Our rules were applied by udevd: group, mode, what ModemManager is told, and the link."""
        machine, equal = self.world.machine, self.test.assertEqual
        facts = machine.run(f"stat -c '%u:%g %a' {tty}")
        equal(facts, f"0:{USER} 660", "the port belongs to the gateway's group")
        properties = dict(line.split("=", 1) for line in
                          machine.run(f"udevadm info --query=property --name={tty}").splitlines())
        equal(properties.get("ID_MM_PORT_IGNORE"), "1", "ModemManager is kept away")
        self.test.assertIn(plug.link, properties["DEVLINKS"].split())
        self.test.assertIn(":systemd:", properties["TAGS"])
        serial = properties["ID_SERIAL_SHORT"]
        equal(len(machine.run(f"ls -d /dev/conductor/{serial}-if*").split()), plug.interfaces, "each port has a link")
        # Only the devices of makers of modems are the group's own: an FTDI adapter may be anything.
        device = machine.run(f"cd /sys/class/tty/{os.path.basename(tty)}/device && cd -P . && while [ ! -e busnum ];"
                             " do cd ..; done && printf /dev/bus/usb/%03d/%03d $(cat busnum) $(cat devnum)")
        equal(machine.run(f"stat -c '%u:%g %a' {device}"), f"0:{USER if plug is self.stick else 0} 664")

    def finish(self):
        """Everything comes to its end, the gateway too; then what it has is compared with what truly happened."""
        self.flows = False
        self.traffic.drain(180)
        start = time.monotonic()
        self.test.assertEqual(self.world.stop_gateway(), 0, "SIGTERM ends it in order")
        ended = time.monotonic() - start
        rows, events = self.world.rows(), self.world.modems.ledger.refresh()
        inbound = sum(row["direction"] == "inbound" for row in rows)
        unknown = sum(row["delivery_status"] == "unknown" for row in rows)
        submitted = self.world.modems.ledger.count("submitted")
        say(f"pulled {self.cuts} times: {inbound} texts in, {len(rows) - inbound} out in {submitted} parts, "
            f"{unknown} unknown; SIGTERM took {ended:.1f} s")
        self.test.assertGreater(inbound, 0)
        self.test.assertEqual(judge.findings(events, rows, self.cuts), [])
