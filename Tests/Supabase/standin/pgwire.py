"""A PostgreSQL connection for asyncio: the extended query protocol, pipelined, so that a request costs one round trip.

All statements of one call run in one transaction: PostgreSQL opens it at the first and commits it at the Sync that ends
the pipeline. A statement of its own ("begin") keeps it open for a second call.
"""

import asyncio
import collections
import struct

_KEPT_STATEMENTS = 400


class DatabaseError(Exception):
    """What the server refused, with its SQLSTATE."""

    def __init__(self, fields):
        super().__init__(fields.get("M", ""))
        self.code = fields.get("C", "XX000")
        self.message = fields.get("M", "")
        self.details = fields.get("D")
        self.hint = fields.get("H")


class ConnectionLost(Exception):
    """The server ended the connection, or there was none."""


class Connection(asyncio.Protocol):
    """One session. Only one call may be under way at a time."""

    def __init__(self):
        self.transport = None
        self.on_notification = None
        self.is_open = True
        self._buffer = bytearray()
        self._waiting = None
        self._results = []
        self._rows = []
        self._error = None
        self._statements = collections.OrderedDict()
        self._parsing = collections.deque()
        self._count = 0

    @classmethod
    async def open(cls, folder, user, database, settings=None):
        """Connects to the socket in a folder; authentication is the cluster's trust."""
        loop = asyncio.get_running_loop()
        try:
            _, self = await loop.create_unix_connection(cls, f"{folder}/.s.PGSQL.5432")
        except OSError as error:
            raise ConnectionLost(f"the database's socket in {folder} does not answer: {error}") from error
        words = [("user", user), ("database", database), ("client_encoding", "UTF8")]
        words += [("options", " ".join(f"-c {name}={value}" for name, value in (settings or {}).items()))]
        body = struct.pack("!i", 196608) + b"".join(
            name.encode() + b"\0" + value.encode() + b"\0" for name, value in words if value) + b"\0"
        await self._send(struct.pack("!i", len(body) + 4) + body)
        return self

    async def run(self, statements):
        """Runs [(sql, [bytes or None])] in one round trip and one transaction; the rows of each."""
        out = bytearray()
        self._parsing.clear()
        for sql, values in statements:
            name = self._statements.get(sql)
            if name is None:
                self._count += 1
                name = b"s%d" % self._count
                out += _message(b"P", name + b"\0" + sql.encode() + b"\0\0\0")
                self._parsing.append((sql, name))
            else:
                self._statements.move_to_end(sql)
            bind = [b"\0" + name + b"\0\0\0" + struct.pack("!h", len(values))]
            for value in values:
                bind.append(b"\xff\xff\xff\xff" if value is None else struct.pack("!i", len(value)) + value)
            out += _message(b"B", b"".join(bind) + b"\0\0")
            out += b"E\0\0\0\x09\0\0\0\0\0"
        while len(self._statements) > _KEPT_STATEMENTS:
            _, name = self._statements.popitem(last=False)
            out += _message(b"C", b"S" + name + b"\0")
        out += b"S\0\0\0\x04"
        return await self._send(bytes(out))

    async def script(self, sql):
        """Runs SQL of any number of statements without values."""
        return await self._send(_message(b"Q", sql.encode() + b"\0"))

    def close(self):
        """Ends the session; what is under way fails."""
        if self.is_open and self.transport:
            self.transport.write(b"X\0\0\0\x04")
            self.transport.close()
        self.is_open = False

    async def _send(self, octets):
        if not self.is_open:
            raise ConnectionLost("the connection to the database is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._results, self._rows, self._error = [], [], None
        self.transport.write(octets)
        return await self._waiting

    # asyncio.Protocol

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _):
        self.is_open = False
        if self._waiting and not self._waiting.done():
            error = DatabaseError(self._error) if self._error else ConnectionLost("the database went away")
            self._waiting.set_exception(error)

    def data_received(self, data):
        buffer = self._buffer
        buffer += data
        at, end = 0, len(buffer)
        while end - at >= 5:
            length = int.from_bytes(buffer[at + 1:at + 5], "big")
            if end - at < length + 1:
                break
            self._take(buffer[at], bytes(buffer[at + 5:at + 1 + length]))
            at += length + 1
        del buffer[:at]

    def _take(self, kind, body):
        if kind == 0x44:  # D: a row
            row, at = [], 2
            for _ in range(int.from_bytes(body[:2], "big")):
                length = int.from_bytes(body[at:at + 4], "big", signed=True)
                at += 4
                if length < 0:
                    row.append(None)
                else:
                    row.append(body[at:at + length])
                    at += length
            self._rows.append(row)
        elif kind in (0x43, 0x49):  # C, I: a statement is complete
            self._results.append(self._rows)
            self._rows = []
        elif kind == 0x31:  # 1: parsed
            sql, name = self._parsing.popleft()
            self._statements[sql] = name
        elif kind == 0x45:  # E: refused
            self._error = _fields(body)
        elif kind == 0x5A:  # Z: ready
            if self._waiting and not self._waiting.done():
                if self._error:
                    self._waiting.set_exception(DatabaseError(self._error))
                else:
                    self._waiting.set_result(self._results)
        elif kind == 0x41 and self.on_notification:  # A: NOTIFY
            channel, payload = body[4:].split(b"\0")[:2]
            self.on_notification(channel.decode(), payload.decode())
        elif kind == 0x52 and body[:4] != b"\0\0\0\0":  # R: authentication
            self._error = {"C": "28000", "M": "the test's cluster must trust its socket"}
            self.transport.close()


def _message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


def _fields(body):
    return {part[:1].decode(): part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
