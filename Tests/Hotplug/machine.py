"""A machine of QEMU's that runs the guest: its monitor (QMP), a shell in it, and what its gateway logs."""

import json
import os
import select
import socket
import subprocess
import threading
import time


class Failure(Exception):
    """The machine, or something in it, did not do what it should."""


def until(what, condition, within=60.0, every=0.02):
    """Waits for a condition and returns what it gave; says what was waited for when it never came."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"after {within:.0f} s it was still not so: {what}")
        time.sleep(every)


class Lines:
    """Lines of a socket that QEMU made."""

    def __init__(self, path, patience=30):
        self._socket = socket.socket(socket.AF_UNIX)
        until(f"QEMU listens at {path}", lambda: os.path.exists(path), patience)
        self._socket.connect(path)
        self._rest = b""

    def say(self, line):
        """Sends one."""
        self._socket.sendall(line.encode() + b"\n")

    def hear(self, within=60.0):
        """The next line; None where none came in time, or the other side is gone."""
        deadline = time.monotonic() + within
        while b"\n" not in self._rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                return None
            octets = self._socket.recv(65_536)
            if not octets:
                return None
            self._rest += octets
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")


class Machine:
    """Runs from `with` on. `folder` holds its sockets and what its kernel says."""

    # Sockets to which a line to a modem is joined: that of usb-serial, and the port behind the composite modem.
    SERIAL, AT = "serial", "at"

    def __init__(self, kernel, initramfs, folder):
        self.folder = folder
        self.log = []
        ports = "".join(f" -chardev socket,id={name},path={folder}/{name},server=on,wait=off"
                        f" -device virtserialport,chardev={name},name={name}" for name in ("control", "log", self.AT))
        words = (f"-machine q35 -accel {os.environ.get('CONDUCTOR_HOTPLUG_ACCEL', 'tcg,thread=multi')} -cpu max -smp 2"
                 " -m 1024 -nodefaults -no-user-config -display none -no-reboot"
                 f" -kernel {kernel} -initrd {initramfs} -serial file:{folder}/console"
                 f" -qmp unix:{folder}/qmp,server=on,wait=off -device virtio-rng-pci -device virtio-serial-pci{ports}"
                 f" -device qemu-xhci,id=usb -chardev socket,id=serial,path={folder}/{self.SERIAL},server=on,wait=off")
        # It ends with whoever started it.
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *words.split(),
             "-append", "console=ttyS0 panic=-1 quiet"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(f"{folder}/qemu", "wb"))
        self.started = time.monotonic()
        self.booted = None

    def __enter__(self):
        try:
            self._qmp = Lines(f"{self.folder}/qmp")
            self._qmp.hear()
            self.monitor("qmp_capabilities")
            self._control = Lines(f"{self.folder}/control")
            if self._control.hear(180) != "=== ready":
                raise Failure(f"the guest did not start; the end of what its kernel said:\n{self.console()}")
            self.booted = time.monotonic() - self.started
            self._listener = threading.Thread(target=self._listen, args=(Lines(f"{self.folder}/log"),), daemon=True)
            self._listener.start()
            return self
        except BaseException:
            self.end()
            raise

    def __exit__(self, *_):
        self.end()

    def end(self):
        """The plug is pulled."""
        self._process.kill()
        self._process.wait()

    def console(self):
        """The end of what the guest's kernel and QEMU said."""
        said = ""
        for name in ("qemu", "console"):
            with open(f"{self.folder}/{name}", encoding="utf-8", errors="replace") as file:
                said += file.read()[-3_000:]
        return said

    def monitor(self, command, **arguments):
        """A command of QMP; what it returned."""
        self._qmp.say(json.dumps({"execute": command, "arguments": arguments}))
        while True:
            line = self._qmp.hear()
            if line is None:
                raise Failure(f"QEMU did not answer {command}:\n{self.console()}")
            answer = json.loads(line)
            if "error" in answer:
                raise Failure(f"QEMU refused {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def run(self, command, within=120.0):
        """Runs a line of shell in the guest as root, and returns what it printed; it must end with status 0."""
        self._control.say(command)
        printed = []
        while True:
            line = self._control.hear(within)
            if line is None:
                raise Failure(f"the guest did not end within {within:.0f} s: {command}\n{self.console()}")
            if line.startswith("=== "):
                break
            printed.append(line)
        if line != "=== 0":
            raise Failure(f"in the guest, {command} ended with {line[4:]}:\n" + "\n".join(printed))
        return "\n".join(printed)

    def _listen(self, lines):
        with open(f"{self.folder}/gateway", "w", encoding="utf-8") as file:
            while (line := lines.hear(3_600)) is not None:
                self.log.append((time.monotonic(), line))
                print(f"{time.monotonic():.3f} {line}", file=file, flush=True)
