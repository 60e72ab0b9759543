"""Makes the guest: Debian's kernel, and a file system of busybox, udevd, our rules and our programs. scripts/setup.sh
gets the packages; they are unpacked, never installed."""

import glob
import os
import re
import subprocess
import tempfile

from archive import Archive

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
PACKAGES = os.path.join(ROOT, ".build/hotplug/packages")

# Those that /init loads, and those that udevd loads when it sees what they are for.
MODULES = ["virtio_pci", "virtio_console", "virtio_rng", "xhci_pci", "dummy_hcd", "libcomposite", "usb_f_serial",
           "usbserial", "ftdi_sio", "option"]
PROGRAMS = ["conductor", "conductor-worker", "libconductor-sqlite.so", "libconductor-auto-reply.so"]
# Of this machine: another program that works on the table, and what starts the gateway as its own user.
TOOLS = {"sqlite3": "/usr/bin/sqlite3", "setpriv": "/usr/bin/setpriv"}

# The gateway is not root: what it may open is what the rules give to its group. The other groups are those of Debian's
# rules.
USER = 900
PASSWD = f"root:x:0:0:root:/root:/bin/sh\nconductor:x:{USER}:{USER}::/var/lib/conductor:/bin/sh\n"
GROUP = "".join(f"{name}:x:{number}:\n" for name, number in [
    ("root", 0), ("tty", 5), ("disk", 6), ("lp", 7), ("kmem", 15), ("dialout", 20), ("cdrom", 24), ("audio", 29),
    ("video", 44), ("input", 102), ("sgx", 103), ("kvm", 104), ("render", 105), ("conductor", USER)])


class Missing(Exception):
    """Something that the guest is made of is not there; the text says what, and how to get it."""


class Guest:
    """Where the parts of a guest are, and how its file system is made of them."""

    def __init__(self, programs):
        self.programs = programs
        kernels = sorted(glob.glob(f"{PACKAGES}/boot/vmlinuz-*"))
        if not kernels or not os.path.exists(f"{PACKAGES}/.complete"):
            raise Missing("Debian's packages for the guest are not there: scripts/setup.sh --test gets them")
        self.kernel = kernels[-1]
        self.version = os.path.basename(self.kernel).partition("-")[2]
        for name in PROGRAMS:
            if not os.path.exists(f"{programs}/{name}"):
                raise Missing(f"{programs}/{name} is not built: scripts/torture.sh build makes it")
        for path in TOOLS.values():
            if not os.path.exists(path):
                raise Missing(f"{path} is not installed: scripts/setup.sh --test gets it")

    def write(self, path):
        """Writes the file system."""
        with open(path, "wb") as file:
            archive = Archive(file)
            for folder in ("dev", "proc", "sys", "run", "tmp", "root", "var/lib", "usr/local/bin"):
                archive.folder(folder)
            archive.text("etc/passwd", PASSWD)
            archive.text("etc/group", GROUP)
            archive.copy("bin/busybox", f"{PACKAGES}/bin/busybox")
            archive.link("bin/sh", "busybox")
            archive.copy("bin/udevadm", f"{PACKAGES}/bin/udevadm")
            archive.link("lib/systemd/systemd-udevd", "/bin/udevadm")
            archive.tree("lib/udev", f"{PACKAGES}/lib/udev")
            archive.text("etc/udev/udev.conf", "")
            for rules in glob.glob(f"{ROOT}/udev/*.rules"):
                archive.copy(f"lib/udev/rules.d/{os.path.basename(rules)}", rules)
            for name in ("init", "modem"):
                with open(f"{FOLDER}/guest/{name}.sh", encoding="utf-8") as script:
                    archive.text("init" if name == "init" else f"bin/{name}.sh", script.read(), 0o755)
            archive.tree("etc/conductor/plugins.d", f"{FOLDER}/guest/plugins.d")
            archive.copy("etc/conductor/conductor.yaml", f"{FOLDER}/guest/conductor.yaml")
            self._add_modules(archive)
            self._add_programs(archive)
            archive.end()

    def _add_programs(self, archive):
        elves = [f"{PACKAGES}/bin/udevadm"]
        for name in PROGRAMS:
            archive.copy(f"usr/local/bin/{name}", f"{self.programs}/{name}")
            elves.append(f"{self.programs}/{name}")
        for name, path in TOOLS.items():
            archive.copy(f"usr/bin/{name}", path)
            elves.append(path)
        for inside, path in libraries(elves).items():
            archive.copy(inside, path)

    def _add_modules(self, archive):
        """The modules and those that they need, with the indexes by which udevd finds the driver of a device."""
        tree = f"lib/modules/{self.version}"
        known = {}
        for path in glob.glob(f"{PACKAGES}/{tree}/kernel/**/*.ko", recursive=True):
            known[os.path.basename(path)[:-3].replace("-", "_")] = path
        wanted, waiting = {}, list(MODULES)
        while waiting:
            name = waiting.pop()
            if name in wanted or (name not in known and name not in MODULES):
                continue
            if name not in known:
                raise Missing(f"Debian's kernel {self.version} has no module {name}: is it one for clouds?")
            with open(known[name], "rb") as file:
                wanted[name] = file.read()
            for needs in re.findall(rb"\0depends=([^\0]*)\0", wanted[name]):
                waiting += [need.decode().replace("-", "_") for need in needs.split(b",") if need]
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/{tree}/kernel")
            for name, octets in wanted.items():
                with open(f"{folder}/{tree}/kernel/{name}.ko", "wb") as file:
                    file.write(octets)
            for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
                with open(f"{folder}/{tree}/{name}", "wb") as file, open(f"{PACKAGES}/{tree}/{name}", "rb") as origin:
                    file.write(origin.read())
            # kmod is what its links call it.
            subprocess.run(["depmod", "-b", folder, self.version], executable=f"{PACKAGES}/bin/kmod", check=True,
                           env=own_libraries_first())
            archive.tree(tree, f"{folder}/{tree}")


def own_libraries_first():
    """The environment in which the unpacked programs find the libraries that were unpacked beside them."""
    folders = f"{PACKAGES}/lib/x86_64-linux-gnu:{PACKAGES}/usr/lib/x86_64-linux-gnu"
    return dict(os.environ, LD_LIBRARY_PATH=folders)


def libraries(elves):
    """The libraries that these programs need: where the guest looks for each, and where it is here."""
    found = {}
    for elf in elves:
        said = subprocess.run(["ldd", elf], capture_output=True, text=True, check=True, env=own_libraries_first())
        for line in said.stdout.splitlines():
            words = line.split()
            if "not found" in line:
                raise Missing(f"{elf} needs {words[0]}, which this machine has not: is a package of it not installed?")
            path = next((word for word in words if word.startswith("/")), None)
            if path:
                found[path.removeprefix(PACKAGES)] = path
    return found
