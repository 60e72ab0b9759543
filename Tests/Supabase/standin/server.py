"""The whole of it: gateway, API, faults and the control of them, on one port of 127.0.0.1."""

import asyncio
import json
import ssl

from database import ADMIN

from .api import API
from .control import Control
from .faults import Faults
from .gateway import Keys
from .http11 import Answer, Session
from .pgwire import Connection, ConnectionLost, DatabaseError
from .pool import PoolExhausted

SECRET = "super-secret-jwt-token-with-at-least-32-characters-long"


class Server:
    """Serves a cluster's database `project` until it is closed."""

    def __init__(self, cluster, max_rows=1000, pool_size=10, port=0, certificate=None):
        self.cluster, self.keys, self.faults = cluster, Keys(SECRET), None
        self.api = API(cluster.folder, "project", SECRET, max_rows, pool_size)
        self.control, self.sessions = None, set()
        self.reload_delay, self.holds_reload = 0.0, False
        self._port, self._certificate, self._listener, self._server = port, certificate, None, None
        self._is_stale, self._reloading = False, None

    async def start(self):
        """Opens the port; the schema is read."""
        self.faults, self.control = Faults(), Control(self)
        await self.connect()
        loop = asyncio.get_running_loop()
        context = None
        if self._certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self._certificate)
        self._server = await loop.create_server(self._session, "127.0.0.1", self._port, backlog=512, ssl=context)

    @property
    def url(self):
        """Where it is; the API is under /rest/v1."""
        port = self._server.sockets[0].getsockname()[1]
        return f"https://localhost:{port}" if self._certificate else f"http://127.0.0.1:{port}"

    async def connect(self):
        """Begins to listen to the database, and reads its schema."""
        self._listener = await Connection.open(self.cluster.folder, ADMIN, "project")
        self._listener.on_notification = self._notified
        await self._listener.script("listen pgrst")
        self.api.pool.come_back()
        await self.api.reload()

    def disconnect(self):
        """Lets go of the database: until `connect`, every request is told that it is away."""
        self.api.schema = None
        if self._listener:
            self._listener.close()
        self.api.pool.go_away()

    async def close(self):
        """Ends everything but the cluster."""
        self._server.close()
        for session in list(self.sessions):
            session.transport.abort()
        self.disconnect()

    def environment(self):
        """What a test needs to know."""
        trusted = {"certificate": self._certificate[0]} if self._certificate else {}
        return {"url": self.url, "anon_key": self.keys.anon, "service_key": self.keys.service,
                "jwt_secret": self.keys.secret, "sb_secret_key": self.keys.secret_key,
                "sb_publishable_key": self.keys.publishable, "dsn": self.cluster.dsn(),
                "admin_dsn": self.cluster.dsn(user=ADMIN), "control": self.url + "/_control", **trusted}

    async def _reload(self):
        """Reads the schema again after the delay that was set, and as often as it was told of a change meanwhile."""
        while self._is_stale:
            await asyncio.sleep(self.reload_delay)
            self._is_stale = False
            try:
                await self.api.reload()
            except (ConnectionLost, DatabaseError, PoolExhausted):
                # The database is away: it is read when it is back.
                return

    def _notified(self, _, payload):
        if payload in ("", "reload schema") and not self.holds_reload:
            self._is_stale = True
            if self._reloading is None or self._reloading.done():
                self._reloading = asyncio.get_running_loop().create_task(self._reload())

    def _session(self):
        return Session(self._handle, self.sessions)

    async def _handle(self, request, session):
        if request.path.startswith("/_control"):
            return await self.control.answer(request)
        return await self.faults.around(request, session, lambda: self._work(request))

    async def _work(self, request):
        if request.method == "OPTIONS" and request.get("access-control-request-method"):
            return Answer(200, [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "*"),
                                ("Access-Control-Allow-Methods", "GET,HEAD,PATCH,POST,DELETE")], b"")
        if not request.path.startswith("/rest/v1"):
            return Answer(404, [("Content-Type", "application/json")],
                          json.dumps({"message": "no Route matched with those values"}).encode())
        refusal = self.keys.refusal(request)
        if refusal:
            return refusal
        authorization = self.keys.authorization(request)
        request.path = request.path[len("/rest/v1"):] or "/"
        return await self.api.answer(request, authorization)
