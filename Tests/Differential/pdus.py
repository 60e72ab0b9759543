"""Random valid TPDUs, written from TS 23.040 and TS 23.038 without the codec's help, each with what it says."""

import random

BASIC = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
         "abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENSION = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40,
             "€": 0x65}
PLAIN = BASIC.replace("\x1b", "")
WIDE = ("~жшАЯñ€漢字तुम שלום عرب ğışİ\"\\abc XYZ 019_-\n", "😀🎉👍🏽", "")
DIGITS = "0123456789*#abc"


def septets(text):
    codes = []
    for character in text:
        if character in EXTENSION:
            codes += [0x1B, EXTENSION[character]]
        else:
            codes.append(BASIC.index(character))
    return codes


def pack(codes, fill=0):
    number, bits = 0, fill
    for code in codes:
        number |= code << bits
        bits += 7
    return number.to_bytes((bits + 7) // 8, "little")


def semi_octets(digits):
    values = [DIGITS.index(digit) for digit in digits] + ([0xF] if len(digits) % 2 else [])
    return bytes(values[i] | values[i + 1] << 4 for i in range(0, len(values), 2))


def address(dice):
    """(octets with length and type, what is shown)."""
    if dice.random() < 0.25:
        pool = PLAIN if dice.random() < 0.5 else "".join(c for c in PLAIN if c.isascii() and c.isalnum()) + "@"
        name = "".join(dice.choice(pool) for _ in range(dice.randint(1, 11)))
        if dice.random() < 0.2:
            name = name[:9] + dice.choice("€[~")
        codes = septets(name)
        return bytes([(len(codes) * 7 + 3) // 4, 0xD0]) + pack(codes), name
    digits = "".join(dice.choice("0123456789" if dice.random() < 0.97 else DIGITS) for _ in range(dice.randint(1, 20)))
    kind = dice.choice((0, 1, 1, 1, 2, 3, 4, 6))
    plan = dice.choice((1, 1, 1, 1, 0, 3, 8, 9))
    shown = "+" + digits if kind == 1 else digits
    return bytes([len(digits), 0x80 | kind << 4 | plan]) + semi_octets(digits), shown


def service_centre(dice):
    if dice.random() < 0.2:
        return b"\0", None
    digits = "".join(dice.choice("0123456789") for _ in range(dice.randint(3, 16)))
    kind = dice.choice((0, 1, 1))
    octets = semi_octets(digits)
    return bytes([len(octets) + 1, 0x81 | kind << 4]) + octets, ("+" if kind else "") + digits


def swapped(number):
    return number % 10 << 4 | number // 10


def time(dice):
    """(octets, (year, …, second), quarters of an hour ahead of UTC)."""
    moment = (dice.randint(2000, 2098), dice.randint(1, 12), dice.randint(1, 28), dice.randint(0, 23),
              dice.randint(0, 59), dice.randint(0, 59))
    quarters = dice.choice((0, 4, 8, 22, 23, -20, -28, -14, dice.randint(-48, 56)))
    octets = [swapped(moment[0] - 2000)] + [swapped(n) for n in moment[1:]] + [
        swapped(abs(quarters)) | (8 if quarters < 0 else 0)]
    return bytes(octets), moment, quarters


def header(dice):
    """(octets without the length before them, the place or None)."""
    octets, place = b"", None
    if dice.random() < 0.3:
        octets += bytes([0x05, 4]) + dice.randbytes(4)
    if dice.random() < 0.2:
        octets += bytes([0x70, 2]) + dice.randbytes(2)
    if dice.random() < 0.7 or not octets:
        total = dice.randint(1, 9)
        sequence, reference = dice.randint(1, total), dice.randint(0, 255)
        if dice.random() < 0.5:
            octets += bytes([0x00, 3, reference, total, sequence])
        else:
            reference = dice.randint(0, 65535)
            octets += bytes([0x08, 4, reference >> 8, reference & 255, total, sequence])
        place = (reference, total, sequence)
    return octets, place


def user_data(dice, facts, coding):
    """(TP-UDL and TP-UD)."""
    head, facts["concat"] = header(dice) if facts["udhi"] else (None, None)
    before = b"" if head is None else bytes([len(head)]) + head
    room = 140 - len(before)
    if coding == "gsm7":
        text = "".join(dice.choice(PLAIN if dice.random() < 0.9 else "".join(EXTENSION) + "@@")
                       for _ in range(dice.randint(0, 160)))
        skipped = (len(before) * 8 + 6) // 7
        while len(septets(text)) + skipped > 160:
            text = text[:-1]
        codes = septets(text)
        body = pack(codes, skipped * 7 - len(before) * 8) if codes else b"\0" * (skipped * 7 > len(before) * 8)
        facts["text"] = text
        return bytes([skipped + len(codes)]) + before + body
    if coding == "ucs2":
        # No character outside the basic plane in two cases of three.
        pool = WIDE[0] + (WIDE[1] * 3 if dice.random() < 0.33 else "")
        text = ""
        for _ in range(dice.randint(0, 70)):
            more = text + dice.choice(pool)
            if len(more.encode("utf-16-be")) > room:
                break
            text = more
        facts["text"], body = text, text.encode("utf-16-be")
    else:
        body = dice.randbytes(dice.randint(0, room))
        facts["data"] = body
    return bytes([len(before) + len(body)]) + before + body


CODINGS = (
    [(0x00, "gsm7")] * 12 + [(0x08, "ucs2")] * 10 + [(0x04, "8bit")] * 3
    + [(0x10 + c, "gsm7") for c in range(4)] + [(0x18 + c, "ucs2") for c in range(4)] + [(0x14, "8bit")]
    + [(0xF0 + c, "gsm7") for c in range(4)] + [(0xF4 + c, "8bit") for c in range(4)]
    + [(0xC8, "gsm7"), (0xD0, "gsm7"), (0xD9, "gsm7"), (0xE8, "ucs2"), (0xE1, "ucs2")]
    + [(0x40, "gsm7"), (0x48, "ucs2"), (0x51, "gsm7"), (0x0C, "gsm7"), (0x80, "gsm7"), (0xBF, "gsm7")])


def message_class(coding):
    if coding & 0x80 == 0:
        return coding & 3 if coding & 0x10 else None
    return coding & 3 if coding >> 4 == 0xF else None


def deliver(dice):
    facts = {"type": "deliver", "udhi": dice.random() < 0.35}
    centre, facts["smsc"] = service_centre(dice)
    sender, facts["number"] = address(dice)
    facts["toa"] = sender[1]
    facts["dcs"], alphabet = dice.choice(CODINGS)
    facts["alphabet"], facts["class"] = alphabet, message_class(facts["dcs"])
    stamp, facts["time"], facts["quarters"] = time(dice)
    facts["pid"] = dice.choice((0, 0, 0, 0, 0x41, 0x5F, 0x20, 0x7F))
    first = (0x04 if dice.random() < 0.8 else 0) | 0x40 * facts["udhi"] | (0x80 if dice.random() < 0.1 else 0)
    octets = centre + bytes([first]) + sender + bytes([facts["pid"], facts["dcs"]]) + stamp
    return octets + user_data(dice, facts, alphabet), facts


def status_report(dice):
    facts = {"type": "status_report", "udhi": False, "concat": None, "class": None}
    centre, facts["smsc"] = service_centre(dice)
    recipient, facts["number"] = address(dice)
    facts["toa"], facts["mr"], facts["status"] = recipient[1], dice.randint(0, 255), dice.randint(0, 255)
    stamp, facts["time"], facts["quarters"] = time(dice)
    discharged, facts["discharged"], _ = time(dice)
    return centre + bytes([0x06, facts["mr"]]) + recipient + stamp + discharged + bytes([facts["status"]]), facts


def some(count, seed):
    dice = random.Random(seed)
    return [deliver(dice) if dice.random() < 0.85 else status_report(dice) for _ in range(count)]
