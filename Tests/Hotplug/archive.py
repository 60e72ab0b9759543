"""The first file system of a kernel: a cpio archive of the kind "newc". All in it belongs to root, whoever makes it."""

import os
import stat


class Archive:
    """Writes one. Folders come before what is in them, as the kernel wants it."""

    def __init__(self, file):
        self._file, self._number, self._known = file, 0, {""}

    def folder(self, path, mode=0o755):
        """A folder, and those above it."""
        path = path.strip("/")
        if path not in self._known:
            self.folder(os.path.dirname(path))
            self._known.add(path)
            self._entry(path, stat.S_IFDIR | mode, b"")

    def text(self, path, text, mode=0o644):
        """A file with this text."""
        self._place(path, stat.S_IFREG | mode, text.encode())

    def copy(self, path, source):
        """A copy of a file of this machine; what a link leads to, not the link."""
        with open(source, "rb") as file:
            mode = 0o755 if os.access(source, os.X_OK) else 0o644
            self._place(path, stat.S_IFREG | mode, file.read())

    def tree(self, path, source):
        """A copy of a folder, links included."""
        for folder, _, names in os.walk(source):
            inside = os.path.normpath(os.path.join(path, os.path.relpath(folder, source)))
            self.folder(inside)
            for name in sorted(names):
                origin = os.path.join(folder, name)
                if os.path.islink(origin):
                    self.link(f"{inside}/{name}", os.readlink(origin))
                else:
                    self.copy(f"{inside}/{name}", origin)

    def link(self, path, target):
        """A symbolic link."""
        self._place(path, stat.S_IFLNK | 0o777, target.encode())

    def end(self):
        """Writes the end of it."""
        self._entry("TRAILER!!!", 0, b"")

    def _place(self, path, mode, octets):
        path = path.strip("/")
        if path not in self._known:
            self.folder(os.path.dirname(path))
            self._known.add(path)
            self._entry(path, mode, octets)

    def _entry(self, path, mode, octets):
        self._number += 1
        name = path.encode() + b"\0"
        fields = [self._number, mode, 0, 0, 1, 0, len(octets), 0, 0, 0, 0, len(name), 0]
        self._file.write(b"070701" + b"".join(b"%08X" % field for field in fields))
        self._padded(name, 110)
        self._padded(octets, 0)

    def _padded(self, octets, before):
        self._file.write(octets)
        self._file.write(b"\0" * (-(before + len(octets)) % 4))
