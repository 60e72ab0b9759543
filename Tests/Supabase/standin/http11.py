"""HTTP/1.1 with connections that are kept, for one handler: small enough to break answers on purpose."""

import asyncio
import email.utils
import http
import time
import traceback

_REASONS = {402: "Payment Required", 520: "Web Server Returned an Unknown Error", 522: "Connection Timed Out",
            540: "Project Paused", 544: "Project API Gateway Timeout"}
_MOST = 64 * 1024 * 1024


class Answer:
    """Status, headers and body. `fault` is how it is spoilt on its way, if it is."""

    def __init__(self, status, headers, body, fault=None):
        self.status, self.headers, self.body, self.fault = status, headers, body, fault


class Request:
    """One request. Names of headers are in lower case."""

    def __init__(self, method, target, headers):
        self.method, self.headers = method, headers
        self.path, _, self.query = target.partition("?")
        self.target, self.body, self.head_size = target, b"", 0

    def get(self, name, default=None):
        """The first header of this name."""
        return next((value for key, value in self.headers if key == name), default)

    def all(self, name):
        """All headers of this name."""
        return [value for key, value in self.headers if key == name]


class Session(asyncio.Protocol):
    """One connection: requests are answered one after the other. While it is open it is one of `sessions`."""

    def __init__(self, handler, sessions):
        self._handler, self._sessions = handler, sessions
        self._buffer = bytearray()
        self._request = None
        self._needed = None
        self._task = None
        self._wants_end = False
        self.transport = None
        self.is_open = True
        self.given_up = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        self._sessions.add(self)

    def connection_lost(self, _):
        self.is_open = False
        self._sessions.discard(self)
        if not self.given_up.done():
            self.given_up.set_result(None)

    def eof_received(self):
        if self._task is None:
            return False
        # A caller that only shut down its side still waits for the answer; nobody can see the difference.
        self._wants_end = True
        self.given_up.set_result(None)
        return True

    def data_received(self, data):
        self._buffer += data
        if self._task is None:
            self._next()

    def reset(self):
        """Ends the connection with a reset, not in order."""
        self.is_open = False
        self.transport.abort()

    def _next(self):
        try:
            if self._request is None and not self._read_head():
                return
            body = self._read_body()
        except ValueError:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self.transport.close()
            return
        if body is None:
            return
        request, self._request = self._request, None
        request.body = body
        self._task = asyncio.get_running_loop().create_task(self._serve(request))

    def _read_head(self):
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _MOST:
                raise ValueError("too much")
            return False
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[:end + 4]
        method, target, _ = lines[0].split(" ")
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.append((name.strip().lower(), value.strip()))
        self._request = Request(method, target, headers)
        self._request.head_size = end
        self._needed = None if "chunked" in (self._request.get("transfer-encoding") or "").lower() else int(
            self._request.get("content-length", "0"))
        if (self._request.get("expect") or "").lower() == "100-continue":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _read_body(self):
        if self._needed is not None:
            if self._needed > _MOST:
                raise ValueError("too much")
            if len(self._buffer) < self._needed:
                return None
            body = bytes(self._buffer[:self._needed])
            del self._buffer[:self._needed]
            return body
        body, at = bytearray(), 0
        while True:
            end = self._buffer.find(b"\r\n", at)
            if end < 0:
                return None
            size = int(self._buffer[at:end].split(b";")[0], 16)
            if len(self._buffer) < end + 4 + size:
                return None
            body += self._buffer[end + 2:end + 2 + size]
            at = end + 4 + size
            if size == 0:
                del self._buffer[:at]
                return bytes(body)

    async def _serve(self, request):
        try:
            answer = await self._handler(request, self)
        except Exception:  # pylint: disable=broad-except
            # A mistake of the stand-in's own: said aloud, and no test waits for an answer that never comes.
            traceback.print_exc()
            answer = Answer(500, [("Content-Type", "text/plain")], b"the stand-in failed: see its standard error\n")
        self._task = None
        if answer is None or not self.is_open:
            self.transport.close()
            return
        is_last = self._wants_end or (request.get("connection") or "").lower() == "close"
        octets = rendered(answer, request.method, is_last)
        if answer.fault:
            await answer.fault(self, octets)
        else:
            self.transport.write(octets)
        if is_last:
            self.transport.close()
        elif self.is_open and self._buffer:
            self._next()


def rendered(answer, method, is_last):
    """The octets of an answer."""
    reason = _REASONS.get(answer.status)
    if reason is None:
        try:
            reason = http.HTTPStatus(answer.status).phrase
        except ValueError:
            reason = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    headers = answer.headers
    # A body there cannot be has no length; HEAD's is not known without making it.
    if answer.status != 204 and answer.status != 304 and method != "HEAD":
        place = 1 if headers and headers[0][0] == "Content-Type" else 0
        headers = headers[:place] + [("Content-Length", str(len(answer.body)))] + headers[place:]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += ["Date: " + _now(), "Connection: " + ("close" if is_last else "keep-alive"), "", ""]
    body = b"" if method == "HEAD" or answer.status == 204 else answer.body
    return "\r\n".join(lines).encode("latin-1", "replace") + body


_DATE = [0, ""]


def _now():
    second = int(time.time())
    if _DATE[0] != second:
        _DATE[:] = [second, email.utils.formatdate(second, usegmt=True)]
    return _DATE[1]
