"""Compares what the network gave and got with what the gateway's table says. Knows neither QEMU nor the simulator."""

from collections import Counter

# Letters of the default alphabet in each of several parts (TS 23.040 §9.2.3.24.1), and in a single one.
LETTERS_OF_PART, LETTERS = 153, 160


def parts_of(body):
    """The parts in which a text of plain letters leaves."""
    if len(body) <= LETTERS:
        return [body]
    return [body[begin:begin + LETTERS_OF_PART] for begin in range(0, len(body), LETTERS_OF_PART)]


def findings(events, rows, cuts):
    """What is wrong, one sentence each; `cuts` is how often a modem was pulled."""
    return [*stored_once(events, rows), *answered_once(events, rows), *sent_once(events, rows, cuts)]


def given(events):
    """The texts that the network gave to the modems: number and whole body."""
    texts = {event["id"]: (event["from"], event["text"]) for event in events
             if event["event"] == "arrived" and event.get("from")}
    return Counter(texts.values())


def stored_once(events, rows):
    """Every text that the network gave is in the table once."""
    stored = Counter((row["phone_number"], row["content"]) for row in rows if row["direction"] == "inbound")
    for text in given(events) | stored:
        came = given(events)[text]
        if stored[text] != came:
            yield f"{text[1][:40]!r} came {came} times and is stored {stored[text]} times"
    for row in rows:
        if row["direction"] == "inbound" and row["incomplete"]:
            yield f"{row['content'][:40]!r} is incomplete though all its parts came"


def answered_once(events, rows):
    """Every text is answered once."""
    answers = Counter((row["phone_number"], row["content"]) for row in rows if row["answers"])
    wanted = Counter({(number, "re: " + body): count for (number, body), count in given(events).items()})
    for text in wanted | answers:
        if answers[text] != wanted[text]:
            yield f"{text[1][:40]!r} was written {answers[text]} times for {wanted[text]} texts"


def sent_once(events, rows, cuts):
    """Every part of ours was on the air once, or its row says that this is not known; at most one row for each cut."""
    wired = Counter((event["to"], event["text"]) for event in events if event["event"] == "submitted")
    wanted, doubtful, open_rows, unreported, unknown = Counter(), Counter(), 0, 0, 0
    for row in rows:
        if row["direction"] != "outbound":
            continue
        if row["status"] != "sent" or row["delivery_status"] not in ("delivered", "accepted", "unknown"):
            open_rows += 1
            yield f"row {row['id']} ended as {row['status']}/{row['delivery_status']}"
        unreported += row["delivery_status"] == "accepted"
        unknown += row["delivery_status"] == "unknown"
        for part in parts_of(row["content"]):
            wanted[row["phone_number"], part] += 1
            doubtful[row["phone_number"], part] += row["delivery_status"] == "unknown"
    for part in wanted | wired:
        if wired[part] > wanted[part]:
            yield f"{part[1][:40]!r} was on the air {wired[part]} times, not {wanted[part]}"
        if wired[part] < wanted[part] - doubtful[part]:
            yield f"{part[1][:40]!r} was on the air {wired[part]} times, not {wanted[part]}: lost"
    dropped = sum(event["event"] == "dropped" for event in events)
    if unreported > dropped:
        yield f"{unreported} texts have no report, and the modems dropped {dropped}"
    if unknown > cuts:
        yield f"{unknown} texts are unknown, and a modem was pulled {cuts} times: one for each at most"
