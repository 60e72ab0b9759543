"""Connections to the database as the role `authenticator`, handed out one request at a time."""

import asyncio
import collections

from .pgwire import Connection, ConnectionLost


class PoolExhausted(Exception):
    """No connection became free in time."""


class Pool:
    """At most `size` sessions; the one used last is used next."""

    def __init__(self, folder, database, size=10, patience=10.0):
        self.folder, self.database, self.size, self.patience = folder, database, size, patience
        self._free = collections.deque()
        self._all = set()
        self._opening = 0
        self._waiting = collections.deque()
        self._generation = 0
        self._is_away = False

    async def take(self):
        """A session of this caller's own, until `give`."""
        while True:
            if self._is_away:
                raise ConnectionLost("the database is away")
            while self._free:
                connection = self._free.pop()
                if connection.is_open:
                    return connection
                self._all.discard(connection)
            if len(self._all) + self._opening < self.size:
                return await self._open()
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await asyncio.wait_for(waiter, self.patience)
            except asyncio.TimeoutError:
                raise PoolExhausted() from None

    async def _open(self):
        self._opening += 1
        generation = self._generation
        try:
            connection = await Connection.open(
                self.folder, "authenticator", self.database, {"search_path": "public,extensions"})
        finally:
            self._opening -= 1
        if generation != self._generation:
            connection.close()
            raise ConnectionLost("the database was changed meanwhile")
        self._all.add(connection)
        return connection

    def give(self, connection):
        """Takes a session back."""
        if connection in self._all:
            if connection.is_open:
                self._free.append(connection)
            else:
                self._all.discard(connection)
        else:
            connection.close()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    def resize(self, size):
        """At most so many sessions from now on; those that are free are closed."""
        self.size = size
        while self._free:
            connection = self._free.pop()
            self._all.discard(connection)
            connection.close()

    def come_back(self):
        """The database is there again."""
        self._is_away = False

    def go_away(self):
        """Closes every session: the database is replaced or stopped."""
        self._is_away = True
        self._generation += 1
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._free.clear()
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
