"""What goes wrong on purpose, how often and where; and a count of what was asked."""

import asyncio
import collections
import itertools
import random
import re
import socket
import struct

from .errors import body as error_body
from .errors import compact
from .gateway import html
from .http11 import Answer

# The answers of what stands in front of the database, by status: (content type or None for a page, body or title).
_JSON, _CODED = "application/json", "application/json; charset=utf-8"
_BODIES = {
    401: (_JSON, compact({"message": "Invalid API key",
                          "hint": "Double check your Supabase `anon` or `service_role` API key."})),
    402: (_JSON, compact({"message": "Service for this project is restricted due to the following violations: "
                                     "exceed_db_size_quota."})),
    404: (_JSON, compact({"message": "no Route matched with those values"})),
    409: (_CODED, error_body("40001", "could not serialize access due to concurrent update")),
    429: (_JSON, compact({"message": "Too many requests"})),
    500: (_CODED, error_body("57014", "canceling statement due to statement timeout")),
    502: (None, "Bad gateway"),
    503: (_CODED, error_body("PGRST002", "Could not query the database for the schema cache. Retrying.")),
    504: (_CODED, error_body("PGRST003", "Timed out acquiring connection from connection pool.")),
    520: (None, "Web server is returning an unknown error"),
    521: (None, "Web server is down"),
    522: (None, "Connection timed out"),
    523: (None, "Origin is unreachable"),
    524: (None, "A timeout occurred"),
    525: (None, "SSL handshake failed"),
    530: (None, "Origin DNS error"),
    540: (_JSON, compact({"message": "Project paused"})),
    544: (_JSON, compact({"message": "The request timed out"})),
}

# kind: whether the work is done although the caller does not learn of it in order
KINDS = {
    "status": False, "empty": False, "cut": True, "slow": True, "trickle": True, "hang": False, "reset_before": False,
    "reset_after": True, "late_answer": True, "late_work": True, "hold_before": True, "hold_after": True,
}


class Fault:
    """One thing that goes wrong, for the next `next` requests that fit or for each with `probability`."""

    _numbers = itertools.count(1)

    def __init__(self, wish):
        unknown = set(wish) - {"kind", "status", "path", "method", "next", "skip", "probability", "seconds", "html",
                               "body", "content_type", "headers", "retry_after", "done"}
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        self.kind = wish.get("kind", "status")
        if self.kind not in KINDS:
            raise ValueError(f"no fault is of kind {self.kind}; there are {', '.join(KINDS)}")
        if self.kind == "status" and not 100 <= wish.get("status", 0) <= 599:
            raise ValueError("a fault of kind status needs a status")
        self.wish, self.number = wish, next(self._numbers)
        self.left = wish.get("next", None if "probability" in wish else 1)
        self.to_skip, self.hits = wish.get("skip", 0), 0
        self._path = re.compile(wish["path"]) if wish.get("path") else None

    def fits(self, request, chance):
        """Whether it hits this request; counts it then."""
        if self.left == 0 or self.wish.get("method", request.method) != request.method:
            return False
        if self._path and not self._path.search(request.target):
            return False
        if self.to_skip:
            self.to_skip -= 1
            return False
        if "probability" in self.wish and chance.random() >= self.wish["probability"]:
            return False
        self.hits += 1
        if self.left is not None:
            self.left -= 1
        return True

    def answer(self):
        """The answer that it gives in place of the real one."""
        status, wish = self.wish.get("status", 200), self.wish
        kind, content = _BODIES.get(status, (_JSON, compact({"message": f"status {status}"})))
        if wish.get("html") or kind is None:
            made = html(status, content if kind is None else "Something is wrong")
        else:
            made = Answer(status, [("Content-Type", kind)], content)
            if kind == _CODED:
                made.headers.append(("Proxy-Status", f"PostgREST; error={error_code(content)}"))
        if "body" in wish:
            made.body = wish["body"].encode()
        if "content_type" in wish:
            made.headers[0] = ("Content-Type", wish["content_type"])
        if "retry_after" in wish:
            made.headers.append(("Retry-After", str(wish["retry_after"])))
        made.headers += list(wish.get("headers", {}).items())
        return made

    def shown(self):
        """What it is and has done, for the control."""
        return dict(self.wish, kind=self.kind, number=self.number, hits=self.hits, left=self.left)


def error_code(content):
    """The code in the body of an error."""
    return re.search(rb'"code":"([^"]*)"', content)[1].decode()


class Faults:
    """All faults, and what they do to a request."""

    def __init__(self):
        self.all, self.chance = [], random.Random(1)
        self.counts, self.statuses = collections.Counter(), collections.Counter()
        self.waiting, self.released = 0, asyncio.Event()
        self.log = collections.deque(maxlen=2000)

    def add(self, wishes):
        """Adds faults; those added first are asked first."""
        made = [Fault(wish) for wish in wishes]
        self.all += made
        return made

    def clear(self):
        """Nothing goes wrong any more; what is held goes on."""
        self.all = []
        self.release()

    def release(self):
        """Lets go on what is held."""
        self.released.set()
        self.released = asyncio.Event()

    async def around(self, request, session, work):
        """The answer to a request, spoilt if it is its turn; None when there is to be none."""
        self.counts[f"{request.method} {request.path}"] += 1
        fault = next((fault for fault in self.all if fault.fits(request, self.chance)), None)
        record = {"method": request.method, "path": request.path, "fault": fault and fault.number, "status": None}
        self.log.append(record)
        answer = await (work() if fault is None else self._spoilt(fault, session, work))
        if answer is not None:
            record["status"] = answer.status
            self.statuses[answer.status] += 1
        return answer

    async def _spoilt(self, fault, session, work):
        kind, seconds = fault.kind, fault.wish.get("seconds", 1)
        if kind in ("status", "empty"):
            if fault.wish.get("done"):
                await work()
            return fault.answer() if kind == "status" else Answer(
                fault.wish.get("status", 200), [("Content-Type", _CODED)], b"")
        if kind == "reset_before":
            _reset(session)
            return None
        if kind == "hang":
            await self._until(session.given_up)
            return None
        if kind == "hold_before":
            await self._until(asyncio.ensure_future(self.released.wait()))
        elif kind in ("slow", "late_work"):
            # The work is done even when the caller gave up meanwhile.
            await asyncio.sleep(seconds)
        answer = await work()
        if kind == "reset_after":
            _reset(session)
            return None
        if kind == "hold_after":
            await self._until(asyncio.ensure_future(self.released.wait()))
        elif kind == "late_answer":
            await asyncio.sleep(seconds)
        elif kind == "cut":
            answer.fault = _cut
        elif kind == "trickle":
            answer.fault = lambda session, octets: _trickle(session, octets, seconds)
        return answer

    async def _until(self, future):
        self.waiting += 1
        try:
            await future
        finally:
            self.waiting -= 1


def _reset(session):
    raw = session.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    session.reset()


async def _cut(session, octets):
    """Half of the body, and the end of the connection."""
    head = octets.index(b"\r\n\r\n") + 4
    session.transport.write(octets[:head + max(1, (len(octets) - head) // 2)])
    session.transport.close()
    session.is_open = False


async def _trickle(session, octets, seconds):
    """The answer in twenty pieces, spread over so many seconds."""
    size = max(1, len(octets) // 20)
    for at in range(0, len(octets), size):
        if not session.is_open:
            return
        session.transport.write(octets[at:at + size])
        await asyncio.sleep(seconds / 20)
