"""Texts both ways, always more of them, while modems are pulled."""

import random

from judge import parts_of
from machine import until

DATABASE = "/var/lib/conductor/messages.db"
# By its path: the guest's shell has a setpriv of its own, which can do less.
AS_GATEWAY = "/usr/bin/setpriv --reuid 900 --regid 900 --clear-groups"


def sql(machine, statement, *words):
    """Has the guest's sqlite3, another program on the table, run this."""
    return machine.run(f'{AS_GATEWAY} sqlite3 -cmd ".timeout 20000" {" ".join(words)} {DATABASE} "{statement}"')


class Traffic:
    """Keeps texts in flight: some for each modem, and some of ours."""

    LEAST = 6

    def __init__(self, machine, modems, seed):
        self._machine, self._modems = machine, modems
        self._dice = random.Random(seed)
        self._number = 0
        # The last part of each row that has not been on the air.
        self._waiting, self._seen = set(), 0

    def instant(self, seconds):
        """Some time up to so many seconds: when a plug is pulled."""
        return self._dice.uniform(0, seconds)

    def fill(self):
        """Adds texts until there are enough each way; true when there were."""
        dense = True
        for modem in range(2):
            if self._modems.ledger.waiting(modem) < self.LEAST:
                dense = False
                self._receive(modem)
        if self.outward() < self.LEAST:
            dense = False
            self._send()
        return dense

    def outward(self):
        """How many rows have not wholly been on the air."""
        submitted = self._modems.ledger.all("submitted")
        for event in submitted[self._seen:]:
            self._waiting.discard((event["to"], event["text"]))
        self._seen = len(submitted)
        return len(self._waiting)

    def _receive(self, modem):
        for turn in range(self.LEAST):
            self._number += 1
            body = self._long("story") if turn == 0 else f"question {self._number}"
            self._modems.tell(f'text modem{modem} +1619556{self._number % 10_000:04} "{body}"')

    def _send(self):
        rows = []
        for turn in range(self.LEAST):
            self._number += 1
            body = self._long("offer") if turn == 0 else f"news {self._number}"
            number = f"+1619555{self._number % 10_000:04}"
            rows.append(f"('{number}', '{body}', 'outbound', 'queued')")
            self._waiting.add((number, parts_of(body)[-1]))
        sql(self._machine,
            f"INSERT INTO messages (phone_number, content, direction, status) VALUES {', '.join(rows)}")

    def _long(self, word):
        """Two or three parts, each of which says whose it is."""
        return "; ".join([f"{word} {self._number}"] * self._dice.choice([16, 32]))

    def drain(self, within):
        """Waits until nothing is on its way any more, in the modems and in the table."""
        ledger = self._modems.ledger
        until("nothing waits in the modems", ledger.is_settled, within)
        texts = len({event["id"] for event in ledger.all("arrived") if event.get("from")})
        until("every text is stored", lambda: self._count("direction = 'inbound'") >= texts, within, 0.5)
        unsettled = ("direction = 'outbound' AND (status = 'queued' OR ifnull(delivery_status, '') NOT IN "
                     "('delivered', 'unknown', 'accepted'))")
        until("every text of ours has left", lambda: not self._count(unsettled), within, 0.5)
        until("every report that was not dropped is here",
              lambda: self._count("delivery_status = 'accepted'") <= ledger.count("dropped"), within, 0.5)
        until("nothing waits in the modems", ledger.is_settled, within)

    def _count(self, condition):
        return int(sql(self._machine, f"SELECT count(*) FROM messages WHERE {condition}"))
