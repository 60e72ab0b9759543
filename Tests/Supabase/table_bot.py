#!/usr/bin/python3
"""A program as others build them beside the gateway, as a workflow of n8n: it knows nothing but the table.

    table_bot.py URL KEY_FILE
        Every 50 ms: selects what is unread, inserts an answer that is queued, marks the text read. Ends with its
        standard input.
"""

import http.client
import json
import select
import sys
import urllib.parse

PERIOD = 0.05


class Table:
    """`messages` over REST."""

    def __init__(self, url, key):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        self.path = f"{parts.path}/rest/v1/messages"
        self.headers = {"apikey": key, "Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method, query="", body=None):
        """What the request answers; whatever goes wrong ends the program."""
        self.connection.request(
            method, self.path + query, None if body is None else json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method}: {answer.status} {content.decode()}")
        return json.loads(content) if content else None


def main(url, key_file):
    """Until the standard input ends."""
    with open(key_file, encoding="utf-8") as file:
        table = Table(url, file.read().strip())
    while not select.select([sys.stdin], [], [], PERIOD)[0]:
        unread = table.ask(
            "GET", "?select=id,phone_number,content&direction=eq.inbound&status=eq.unread&order=id&limit=20")
        for row in unread:
            table.ask("POST", "", {"phone_number": row["phone_number"], "content": f"bot: {row['content']}",
                                   "direction": "outbound", "status": "queued"})
            table.ask("PATCH", f"?id=eq.{row['id']}", {"status": "read"})


if __name__ == "__main__":
    main(*sys.argv[1:])
