"""What the tests of this folder share: one stand-in, started at the first use, and requests to it."""

import atexit
import http.client
import json
import os
import ssl
import subprocess
import sys
import urllib.parse

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Reply:
    """Status, headers (names in lower case) and body of an answer."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}

    @property
    def json(self):
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def code(self):
        """The code of an error."""
        return self.json.get("code")


class Standin:
    """A stand-in as a child process."""

    def __init__(self, *words):
        self.process = subprocess.Popen(["/usr/bin/python3", FOLDER + "/run.py", *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the stand-in did not start: its reason is above")
        self.environment = json.loads(line)
        self.url, self.anon, self.service = (self.environment[name] for name in ("url", "anon_key", "service_key"))

    def close(self):
        """Ends it in order."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(30)
        self.process.stdout.close()

    def request(self, method, target, body=None, key=None, token=None, headers=None):
        """Asks the API as service_role, or with another key or token; `target` comes after /rest/v1."""
        key = self.service if key is None else key
        sent = {"apikey": key, "User-Agent": "conductor-test"} if key else {}
        token = token or (key if key and key.count(".") == 2 else None)
        if token:
            sent["Authorization"] = "Bearer " + token
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        octets = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        return self.raw(method, "/rest/v1" + target, octets, sent)

    def raw(self, method, target, body=None, headers=None, timeout=30):
        """Asks on a connection of its own."""
        address = urllib.parse.urlparse(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)
        if "certificate" in self.environment:
            context = ssl.create_default_context(cafile=self.environment["certificate"])
            connection = http.client.HTTPSConnection(address.hostname, address.port, timeout=timeout, context=context)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return Reply(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def control(self, method, name, wish=None):
        """Asks the control; what it answered."""
        reply = self.raw(method, "/_control/" + name, None if wish is None else json.dumps(wish).encode())
        if reply.status != 200:
            raise RuntimeError(f"the control refused {method} {name}: {reply.body.decode()}")
        return reply.json

    def sql(self, script):
        """Runs a script as `postgres`; what its queries answered."""
        return self.control("POST", "sql", {"sql": script})["output"]

    def load(self, path):
        """Runs a file of SQL; the API knows of what is new in it."""
        with open(path, encoding="utf-8") as file:
            self.sql(file.read())
        self.control("POST", "schema", {"reload": True})

    def mint(self, lifetime=3600, **claims):
        """A token with these claims."""
        return self.control("POST", "mint", {"claims": claims, "lifetime": lifetime})["token"]

    def reset(self, snapshot="pristine"):
        """The database as it was at the start, or as it was kept; nothing goes wrong, nothing is counted."""
        self.control("DELETE", "faults")
        self.control("POST", "schema", {"delay": 0, "hold": False})
        self.control("POST", "database", {"action": "reset", "snapshot": snapshot})
        self.control("DELETE", "counters")


_SHARED = []


def shared():
    """The stand-in that the tests of this process share."""
    if not _SHARED:
        sys.dont_write_bytecode = True
        _SHARED.append(Standin())
        atexit.register(_SHARED[0].close)
    return _SHARED[0]
