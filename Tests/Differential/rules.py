"""How the other readers differ, and the clause that decides. In every rule ours is what the clause says."""

import dataclasses
from typing import Callable

import pdus

EXTENSION = set("\f^{}\\[~]|€")


@dataclasses.dataclass
class Rule:
    reader: str
    field: str
    what: str
    clause: str
    # (octets, ours, theirs) → True when the difference is of this kind and no other.
    applies: Callable


def is_name(ours):
    return ours["toa"] >> 4 & 7 == 5


def elements(ours):
    return [element["iei"] for element in ours.get("udh", [])]


def group(ours):
    """The coding group, the high half of TP-DCS."""
    return ours["dcs"] >> 4


def is_reserved_coding(ours):
    return ours["dcs"] in range(0x80, 0xC0) or ours["dcs"] & 0xCC == 0x0C or ours["dcs"] & 0xCC == 0x4C


def in_the_ninth_decade(ours, theirs):
    """Years from 90 on lose ten, for their tens digit is taken as if it were of an offset."""
    return ours and theirs and ours[0] >= 2090 and theirs == (ours[0] - 10,) + ours[1:]


def is_padded(ours, theirs):
    """The text is right, and a zero and what else is in memory follow: as many units as the text has escapes."""
    if ours["alphabet"] != "gsm7" or "text" not in theirs or not theirs["text"].startswith(ours["text"]):
        return False
    rest = theirs["text"][len(ours["text"]):]
    return rest.startswith("\0") and len(rest) <= sum(c in EXTENSION for c in ours["text"])


def is_doubled(ours, theirs):
    """Each tilde stands twice, and the end is missing for it."""
    if "text" not in theirs:
        return False
    doubled = ours["text"].replace("~", "~~").encode("utf-16-le", "surrogatepass")
    found = theirs["text"].encode("utf-16-le", "surrogatepass")
    return ours["alphabet"] == "ucs2" and "~" in ours["text"] and doubled.startswith(found)


def as_ascii(name):
    """A name as gammu shows it: the GSM codes as if they were ASCII ones, up to the first zero."""
    return "".join(map(chr, pdus.septets(name))).partition("\0")[0]


def has_spare_septet(ours, theirs):
    """The text and an @ more: escapes leave room in the count of characters for the bits that only fill."""
    return ours["alphabet"] == "gsm7" and EXTENSION & set(ours["text"]) and theirs["text"] == ours["text"] + "@"


def lost_its_start(ours, theirs):
    """Text under a header whose octets, read as septets, have escapes: as many characters are cut off the text."""
    text = theirs.get("text", "").removesuffix("@")
    lost = len(ours.get("text", "")) - len(text)
    return ours["alphabet"] == "gsm7" and "udh" in ours and lost > 0 and ours["text"].removesuffix("@").endswith(text)


RULES = [
    # gammu
    Rule("gammu", "number", "a name is shown as if GSM codes were ASCII ones", "TS 23.040 §9.1.2.5: 7-bit alphabet",
         lambda pdu, ours, theirs: is_name(ours) and theirs["number"] == as_ascii(ours["number"])),
    Rule("gammu", "number", "the digits *#abc are left out", "TS 23.040 §9.1.2.3",
         lambda pdu, ours, theirs: not is_name(ours)
         and theirs["number"] == "".join(c for c in ours["number"] if c not in "*#abc")),
    Rule("gammu", "time", "years from 2090 on are ten less", "TS 23.040 §9.2.3.11: two semi-octets of digits",
         lambda pdu, ours, theirs: in_the_ninth_decade(ours.get("time"), theirs["time"])),
    Rule("gammu", "discharged", "years from 2090 on are ten less", "TS 23.040 §9.2.3.13",
         lambda pdu, ours, theirs: in_the_ninth_decade(ours.get("discharged"), theirs["discharged"])),
    Rule("gammu", "text", "what was in memory follows the text, for its length counts escapes",
         "TS 23.038 §6.2.1.1: an escape and its code are one character",
         lambda pdu, ours, theirs: is_padded(ours, theirs)),
    Rule("gammu", "text", "a tilde is doubled in UCS-2", "TS 23.038 §6.2.3",
         lambda pdu, ours, theirs: is_doubled(ours, theirs)),
    Rule("gammu", "class", "no class in the group for automatic deletion", "TS 23.038 §4: 01xx as 00xx",
         lambda pdu, ours, theirs: ours["dcs"] & 0xD0 == 0x50 and theirs["class"] is None),
    Rule("gammu", "concat", "a place is read only in a header that has nothing else", "TS 23.040 §9.2.3.24",
         lambda pdu, ours, theirs: theirs["concat"] is None and len(elements(ours)) > 1),
    Rule("gammu", "refused", "a reserved coding is refused as corrupt", "TS 23.038 §4: reserved is the default alphabet",
         lambda pdu, ours, theirs: is_reserved_coding(ours)),
    Rule("gammu", "data", "a reserved coding is taken as octets", "TS 23.038 §4: reserved is the default alphabet",
         lambda pdu, ours, theirs: is_reserved_coding(ours)),
    Rule("gammu", "text", "a reserved coding is taken as octets", "TS 23.038 §4: reserved is the default alphabet",
         lambda pdu, ours, theirs: is_reserved_coding(ours) and "data" in theirs),
    Rule("gammu", "refused", "what was in memory behind a text with escapes is no text",
         "TS 23.038 §6.2.1.1: an escape and its code are one character",
         lambda pdu, ours, theirs: "Unicode" in theirs["refused"] and bool(EXTENSION & set(ours.get("text", "")))),
    Rule("gammu", "refused", "group 1111 with its reserved bit is refused as corrupt", "TS 23.038 §4: bit 3 is reserved",
         lambda pdu, ours, theirs: ours["dcs"] & 0xF8 == 0xF8),
    # smspdudecoder
    Rule("smspdudecoder", "number", "the digits *#abc are shown as A to E", "TS 23.040 §9.1.2.3",
         lambda pdu, ours, theirs: not is_name(ours)
         and theirs["number"] == ours["number"].translate(str.maketrans("*#abc", "ABCDE"))),
    Rule("smspdudecoder", "number", "a name gets an @ from the bits that only fill", "TS 23.040 §9.1.2.5",
         lambda pdu, ours, theirs: is_name(ours) and theirs["number"] == ours["number"] + "@"),
    Rule("smspdudecoder", "refused", "bits 2 and 3 of TP-DCS are read as an alphabet in each group",
         "TS 23.038 §4: groups 1100 to 1110 have none there",
         lambda pdu, ours, theirs: group(ours) in (0xC, 0xD, 0xE) and "UnicodeDecodeError" in theirs["refused"]),
    Rule("smspdudecoder", "text", "bits 2 and 3 of TP-DCS are read as an alphabet in each group",
         "TS 23.038 §4: groups 1100 to 1110 have none there",
         lambda pdu, ours, theirs: group(ours) in (0xC, 0xD, 0xE)),
    Rule("smspdudecoder", "data", "bits 2 and 3 of TP-DCS are read as an alphabet in each group",
         "TS 23.038 §4: groups 1000 to 1110 have none there",
         lambda pdu, ours, theirs: group(ours) in range(0x8, 0xF)),
    Rule("smspdudecoder", "text", "bits 2 and 3 of TP-DCS are read as an alphabet in each group",
         "TS 23.038 §4: groups 1000 to 1011 are reserved, and the default alphabet",
         lambda pdu, ours, theirs: group(ours) in range(0x8, 0xC)),
    Rule("smspdudecoder", "text", "an @ more for a text with escapes", "TS 23.040 §9.2.3.16: TP-UDL counts septets",
         lambda pdu, ours, theirs: has_spare_septet(ours, theirs)),
    Rule("smspdudecoder", "text", "characters are lost behind a header that looks like escapes",
         "TS 23.040 §9.2.3.24: the header is octets", lambda pdu, ours, theirs: lost_its_start(ours, theirs)),
    Rule("smspdudecoder", "text", "group 1111 with its reserved bit is UCS-2", "TS 23.038 §4: bit 2 alone tells",
         lambda pdu, ours, theirs: ours["dcs"] & 0xF8 == 0xF8),
    Rule("both", "number", "the half octet that only fills is a digit", "TS 23.040 §9.1.2.5: the length counts",
         lambda pdu, ours, theirs: not is_name(ours) and theirs["number"][:-1] == ours["number"]),
]
