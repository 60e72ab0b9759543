#!/usr/bin/env python3
"""Reads thousands of TPDUs with Conductor, with gammu and with smspdudecoder, and holds the answers together.

    Tests/Differential/differential.py COMMAND...       COMMAND is the conductor to be tried

A reader that is not installed is left out, and that is said, but with CI=true it is an error. smspdudecoder is looked for
where scripts/setup.sh --test puts it and on CONDUCTOR_PYTHONPATH;
the public vectors come in where CONDUCTOR_TEST_DATA names their folder. What the generated TPDUs say is known, so ours
is held against that first. Every way in which another reader differs is one of RULES, with the clause that decides; a
difference that is none of them fails the test.
"""

import collections
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import packages  # noqa: E402
import pdus  # noqa: E402
import readers  # noqa: E402
import rules  # noqa: E402

packages.find()

COUNT, SEED = 6000, 23040


def vectors():
    """(octets, None) of the messages from a service centre among the public vectors."""
    folder = os.environ.get("CONDUCTOR_TEST_DATA")
    if not folder:
        print("differential: CONDUCTOR_TEST_DATA names no folder: without the public vectors")
        return []
    with open(folder + "/pdu-vectors.json", encoding="utf-8") as file:
        rows = json.load(file)
    return [(bytes.fromhex(row["pdu"]), None) for row in rows
            if row["kind"] in ("deliver", "status_report") and row["has_smsc"]]


def present(reader):
    try:
        return reader()
    except ImportError as error:
        packages.lacks("differential", reader.name, error)
        return None


def check_ours(facts, ours):
    """What ours reads otherwise than the generator wrote."""
    names = [name for name in ("type", "smsc", "number", "toa", "class", "dcs", "concat", "text", "data", "time", "mr",
                               "status", "discharged", "alphabet") if name in facts]
    return [f"{name}: {ours.get(name)!r}, not {facts[name]!r}" for name in names if ours.get(name) != facts[name]]


def compare(reader, pdu, ours, theirs, seen):
    """Differences that no rule explains."""
    unknown = []
    if "refused" in theirs or "refused" in ours:
        fields = ["refused"] if ("refused" in theirs) != ("refused" in ours) else []
    else:
        fields = [name for name in theirs if name in ("type", "smsc", "number", "class", "concat", "text", "data",
                                                      "time", "utc", "mr", "status", "discharged")
                  and theirs[name] != ours.get(name)]
        fields += [name for name in ("text", "data") if name in ours and name not in theirs and
                   theirs["type"] == "deliver"]
    for field in fields:
        rule = next((rule for rule in rules.RULES if rule.reader in (reader.name, "both") and rule.field == field
                     and rule.applies(pdu, ours, theirs)), None)
        if rule:
            seen[(reader.name, rule.field, rule.what, rule.clause)] += 1
        else:
            unknown.append(f"{reader.name} {field}: {theirs.get(field)!r}, ours {ours.get(field)!r} in {pdu.hex()}")
    return unknown


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    others = [reader for reader in (present(readers.Gammu), present(readers.SMSPDUDecoder)) if reader]
    cases = pdus.some(COUNT, SEED) + vectors()
    read = readers.Ours(sys.argv[1:]).read([pdu for pdu, _ in cases])
    wrong, agreed, tried, seen = [], collections.Counter(), collections.Counter(), collections.Counter()
    for (pdu, facts), ours in zip(cases, read, strict=True):
        if facts:
            wrong += [f"ours {difference} in {pdu.hex()}" for difference in check_ours(facts, ours)]
        for reader in others:
            theirs = reader.read(pdu)
            if theirs is None:
                continue
            before = sum(seen.values())
            wrong += compare(reader, pdu, ours, theirs, seen)
            tried[reader.name] += 1
            agreed[reader.name] += sum(seen.values()) == before
    print(f"differential: {len(cases)} TPDUs" + "".join(
        f"; {name}: {agreed[name]} of {tried[name]} read alike" for name in tried))
    for (name, field, what, clause), count in sorted(seen.items(), key=lambda item: -item[1]):
        print(f"  {count:5} × {name} {field}: {what} ({clause})")
    for line in wrong[:20]:
        print("  UNKNOWN " + line)
    if wrong:
        sys.exit(f"differential: {len(wrong)} differences that no rule decides")


if __name__ == "__main__":
    main()
