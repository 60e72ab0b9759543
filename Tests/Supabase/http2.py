#!/usr/bin/python3
"""HTTP/2 over TLS before the stand-in, as Supabase has it: what is asked goes on to it, and may be ended on the way.

    http2.py URL
        Prints one line of JSON when it is ready: `good`, `expired` and `elsewhere`, each the https URL of a listener
        whose certificate is that; `plain`, which offers HTTP/1.1 only; `authority`, the file that vouches for all of
        them, and `stranger`, one that vouches for none. Then it obeys lines of JSON on its standard input, and answers
        each with a line:
            {"do": "fault", "kind": K, "path": P, "next": N}    harms the next N requests with P in their path
            {"do": "figures"}    requests by protocol, connections, and how many requests were under way at once
            {"do": "reset"}      forgets both
        It ends, and leaves nothing, with its standard input.

What a fault does with a request:
    refuse          RST_STREAM REFUSED_STREAM; nothing is done
    reset_before    RST_STREAM INTERNAL_ERROR; nothing is done
    reset_early     the same before the request's body is there
    reset_after     it is done; then RST_STREAM INTERNAL_ERROR
    cut             it is done; half of the answer, then RST_STREAM CANCEL
    goaway_before   GOAWAY that leaves it out, then the end of the connection; nothing is done
    goaway_early    the same before the request's body is there
    goaway_after    it is done; GOAWAY that leaves it out, then the end: a server that lies
    goaway_with     GOAWAY that counts it, then its answer, then the end
    close_after     it is done; the end of the connection
    slow            it is done and answered after half a second
    freeze          it is done; from now on the connection stays open, and nothing is read from it or written to it
"""

import asyncio
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.parse

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

EARLY = ("reset_early", "goaway_early")


class Certificates:
    """An authority, and what it has signed, in a folder."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="conductor-http2-")
        for name in ("authority", "stranger"):
            self._openssl("req", "-x509", "-days", "30", "-subj", f"/CN={name}", "-out", self.path(name),
                          *self._key(name))
        self._sign("good", "localhost", 30)
        self._sign("expired", "localhost", -1)
        self._sign("elsewhere", "elsewhere.example", 30)

    def path(self, name, kind="pem"):
        """The certificate's file, or its key's."""
        return f"{self.folder}/{name}.{kind}"

    def context(self, name, *protocols):
        """For a listener."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path(name), self.path(name, "key"))
        context.set_alpn_protocols(list(protocols))
        return context

    def _key(self, name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                self.path(name, "key"))

    def _sign(self, name, host, days):
        self._openssl("req", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-out",
                      self.path(name, "csr"), *self._key(name))
        self._openssl("x509", "-req", "-in", self.path(name, "csr"), "-days", str(days), "-copy_extensions", "copy",
                      "-CA", self.path("authority"), "-CAkey", self.path("authority", "key"), "-CAcreateserial",
                      "-out", self.path(name))

    @staticmethod
    def _openssl(*words):
        done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit("http2.py: openssl: " + done.stderr.strip())


class Front:
    """What all connections know."""

    def __init__(self, url):
        self.target = urllib.parse.urlsplit(url).netloc
        self.faults, self.figures, self.under_way = [], {}, 0
        self.reset()

    def reset(self):
        """As at the start."""
        self.faults, self.figures = [], {"h2": 0, "http/1.1": 0, "connections": 0, "together": 0}

    def fault(self, path):
        """What is to happen to a request, once."""
        for fault in self.faults:
            if fault["path"] in path and fault["next"] > 0:
                fault["next"] -= 1
                return fault["kind"]
        return None

    async def ask(self, method, path, headers, body):
        """What the stand-in answers."""
        self.under_way += 1
        self.figures["together"] = max(self.figures["together"], self.under_way)
        try:
            return await asyncio.to_thread(self._ask, method, path, headers, body)
        finally:
            self.under_way -= 1

    def _ask(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self.target, timeout=30)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            kept = [(name.lower(), value) for name, value in answer.getheaders()
                    if name.lower() not in ("connection", "keep-alive", "transfer-encoding")]
            return answer.status, kept, answer.read()
        finally:
            connection.close()

    def obey(self, line):
        """One line of the standard input."""
        word = json.loads(line)
        if word["do"] == "fault":
            self.faults.append({"kind": word["kind"], "path": word["path"], "next": word["next"]})
        if word["do"] == "reset":
            self.reset()
        return self.figures


class Connection(asyncio.Protocol):
    """One connection; HTTP/2, or the little of HTTP/1.1 that is needed."""

    def __init__(self, front):
        self.front, self.transport, self.protocol = front, None, None
        self.h2, self.requests, self.windows, self.tasks = None, {}, asyncio.Event(), set()
        self.buffer, self.is_frozen = b"", False

    def connection_made(self, transport):
        self.transport = transport
        self.front.figures["connections"] += 1
        self.protocol = transport.get_extra_info("ssl_object").selected_alpn_protocol() or "http/1.1"
        if self.protocol == "h2":
            self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
            self.h2.initiate_connection()
            self.flush()

    def connection_lost(self, exc):
        self.windows.set()

    def flush(self):
        """Sends what is to be sent."""
        data = self.h2.data_to_send()
        if data and not self.is_frozen and not self.transport.is_closing():
            self.transport.write(data)

    def spawn(self, work):
        """Goes on with something."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def data_received(self, data):
        if self.protocol != "h2":
            return self._plain(data)
        try:
            events = self.h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self.flush()
            return self.transport.close()
        for event in events:
            if isinstance(event, h2.events.RequestReceived):
                self._head(event)
            elif isinstance(event, h2.events.DataReceived):
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if event.stream_id in self.requests:
                    self.requests[event.stream_id][1].append(event.data)
            elif isinstance(event, h2.events.StreamEnded) and event.stream_id in self.requests:
                head, body, fault = self.requests.pop(event.stream_id)
                self.spawn(self._serve(event.stream_id, head, b"".join(body), fault))
            elif isinstance(event, h2.events.StreamReset):
                self.requests.pop(event.stream_id, None)
            elif isinstance(event, h2.events.WindowUpdated):
                self.windows.set()
        self.flush()
        return None

    def _head(self, event):
        head = dict(event.headers)
        self.front.figures["h2"] += 1
        fault = self.front.fault(head[":path"])
        if fault in EARLY:
            self._break(event.stream_id, fault)
        else:
            self.requests[event.stream_id] = (head, [], fault)

    def _break(self, stream, fault):
        """Ends a request, or all of the connection."""
        if fault.startswith("goaway"):
            self.h2.close_connection(h2.errors.ErrorCodes.NO_ERROR, last_stream_id=max(0, stream - 2))
            self.flush()
            self.transport.close()
        elif fault == "close_after":
            self.transport.abort()
        else:
            code = {"refuse": h2.errors.ErrorCodes.REFUSED_STREAM, "cut": h2.errors.ErrorCodes.CANCEL}
            self.h2.reset_stream(stream, code.get(fault, h2.errors.ErrorCodes.INTERNAL_ERROR))
            self.flush()

    async def _serve(self, stream, head, body, fault):
        if fault in ("refuse", "reset_before", "goaway_before"):
            return self._break(stream, fault)
        headers = {name: value for name, value in head.items() if not name.startswith(":")}
        status, kept, answer = await self.front.ask(head[":method"], head[":path"], headers, body)
        if fault == "slow":
            await asyncio.sleep(0.5)
        if fault == "freeze":
            self.is_frozen = True
            self.transport.pause_reading()
        if self.transport.is_closing() or self.is_frozen:
            return None
        try:
            if fault in ("reset_after", "goaway_after", "close_after"):
                return self._break(stream, fault)
            self.h2.send_headers(stream, [(":status", str(status)), *kept])
            await self._send(stream, answer[:len(answer) // 2] if fault == "cut" else answer)
            if fault == "cut":
                return self._break(stream, fault)
            if fault == "goaway_with":
                self._goodbye(stream)
            self.h2.end_stream(stream)
            self.flush()
            if fault == "goaway_with":
                self.transport.close()
        except h2.exceptions.ProtocolError:
            # The client has given it up.
            pass
        return None

    def _goodbye(self, stream):
        """A frame of its own: the library would not send the rest of an answer behind it."""
        self.flush()
        self.transport.write(b"\0\0\x08\x07\0\0\0\0\0" + stream.to_bytes(4, "big") + b"\0\0\0\0")

    async def _send(self, stream, body):
        while body and not self.transport.is_closing():
            size = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size, len(body))
            if size <= 0:
                self.windows.clear()
                self.flush()
                await self.windows.wait()
                continue
            self.h2.send_data(stream, body[:size])
            body = body[size:]
        self.flush()

    def _plain(self, data):
        self.buffer += data
        head, mark, body = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        size = int(next((value for name, value in headers.items() if name.lower() == "content-length"), 0))
        if not mark or len(body) < size:
            return
        self.buffer = body[size:]
        self.front.figures["http/1.1"] += 1
        method, path = lines[0].split(" ")[:2]
        self.spawn(self._answer(method, path, headers, body[:size]))

    async def _answer(self, method, path, headers, body):
        status, kept, answer = await self.front.ask(method, path, headers, body)
        lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in kept if name != "content-length"),
                 f"content-length: {len(answer)}", "", ""]
        self.transport.write("\r\n".join(lines).encode() + answer)


async def main(url):
    """Serves until the standard input ends."""
    loop, certificates, front = asyncio.get_running_loop(), Certificates(), Front(url)
    try:
        said = {name: certificates.path(name) for name in ("authority", "stranger")}
        for name in ("good", "expired", "elsewhere", "plain"):
            offers = ("http/1.1",) if name == "plain" else ("h2", "http/1.1")
            context = certificates.context("good" if name == "plain" else name, *offers)
            server = await loop.create_server(lambda: Connection(front), "127.0.0.1", 0, ssl=context)
            said[name] = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        print(json.dumps(said), flush=True)
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            print(json.dumps(front.obey(line)), flush=True)
    finally:
        shutil.rmtree(certificates.folder)


if __name__ == "__main__":
    os.umask(0o022)
    asyncio.run(main(sys.argv[1]))
