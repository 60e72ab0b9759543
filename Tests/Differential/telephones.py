#!/usr/bin/env python3
"""Reads telephone numbers with Conductor and with phonenumbers, and holds the answers together.

    Tests/Differential/telephones.py COMMAND...       COMMAND is the conductor to be tried

phonenumbers (PyPI) is looked for where scripts/setup.sh --test puts it and on CONDUCTOR_PYTHONPATH; without it this is
left out, and that is said, but with CI=true it is an error. Five things must hold. A number that phonenumbers calls valid
is taken, and made into the same E.164. A number whose length it calls impossible is refused. What is neither is ours to
decide, by the rules below. No emergency number is taken, and short codes are left as they are. The time zones that a
number tells have every clock among them that phonenumbers tells for it.
"""

import datetime
import json
import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import packages  # noqa: E402

packages.find()

SEED = 164

FORMS = [  # of a North American number, as (area, exchange, line)
    "+1{0}{1}{2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0}{1}{2}", "1{0}{1}{2}", "1-{0}-{1}-{2}",
    "+1 ({0}) {1}-{2}", "  {0} {1} {2} ", "{0}/{1}/{2}", "tel:+1-{0}-{1}-{2}", "({0}) {1}-{2} x12",
    "{0}-{1}-{2} ext. 345", "{0}\u2011{1}\u2013{2}", "\u202a+1 {0} {1}-{2}\u202c", "011 1 {0} {1} {2}",
]

PLACEHOLDERS = [
    "", " ", "+", "0", "n/a", "none", "unknown", "-", "x", "0000000000", "1111111111", "5555555555", "9999999999",
    "+10000000000", "+11111111111", "+15555555555", "1234567890", "0123456789", "6.19337E+09", "6193376345.0E", "null",
    "1-800-FLOWERS", "AMAZON", "619-555-0123 or 619-555-0199", "619-555-01234567", "555-0123", "++16195550123",
    "+0123456789", "+999123456789", "+2101234567", "00", "000", "911", "112", "#####", "a@b.c", "😀",
]


# National forms that are read otherwise, and why.
OTHERWISE = {
    "AR": "the 15 of mobile numbers needs its area code's length",
    "ID": "62 and a mobile number is meant, not a number of 11 digits",
    "DE": "49 and a mobile number is meant, not a number of 13 digits",
    "TK": "7 digits are a national number", "WS": "10 digits are a national number",
    "XK": "383 and a mobile number is meant, not a number of 11 digits",
}

# Countries whose clocks phonenumbers tells otherwise, by calling code, and why.
OTHER_CLOCKS = {
    "7": "Bucharest stands there for Kaliningrad, which has no summer time; Kazakhstan's numbers are told by 76 and 77",
    "52": "New York stands there for Cancún, which has no summer time", "505": "Chicago has summer time, Managua none",
    "211": "South Sudan went back an hour in 2021", "212": "Morocco keeps summer time, but in Ramadan",
    "213": "Paris has summer time, Algiers none", "218": "Bucharest has summer time, Tripoli none",
}


def digits(text):
    return "".join(c for c in text if c.isdecimal()).translate({ord("０") + n: str(n) for n in range(10)})


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if c in "0123456789+" else c for c in text)


def ours(command, country, written):
    process = subprocess.run([*command, "number", "--country", country, "-"], input="\n".join(written) + "\n",
                             stdout=subprocess.PIPE, encoding="utf-8", check=True)
    lines = process.stdout.split("\n")[:-1]
    assert len(lines) == len(written), (len(lines), len(written))
    return [None if line == "-" else line for line in lines]


class Oracle:
    def __init__(self, module):
        self.module = module

    def read(self, written, country):
        """(E.164 or None, whether valid, whether possible)"""
        p = self.module
        try:
            number = p.parse(written, country)
        except p.NumberParseException:
            return None, False, False
        return (p.format_number(number, p.PhoneNumberFormat.E164), p.is_valid_number(number),
                p.is_possible_number(number))


def north_american(oracle, command):
    """Every area code in every form. [2-9]XX[2-9]XXXXXX is taken though the area code is not in use yet."""
    wrong, count = [], 0
    generator = random.Random(SEED)
    for form in FORMS:
        cases = []
        for area in range(100, 1000):
            exchange, line = generator.randrange(100, 1000), f"{generator.randrange(10000):04}"
            written = form.format(area, exchange, line)
            digits = f"{area}{exchange}{line}"
            same = len(set(digits)) == 1
            cases.append((written, f"+1{digits}" if area >= 200 and exchange >= 200 and not same else None))
        for (written, expected), got in zip(cases, ours(command, "US", [w for w, _ in cases]), strict=True):
            count += 1
            theirs, valid, _ = oracle.read(written, "US")
            if got != expected:
                wrong.append(f"{written!r}: {got}, not {expected}")
            elif valid and got != theirs and int(theirs[5:8]) >= 200:
                # Its Dominican rows take exchanges that begin with 0 or 1; the plan has none anywhere.
                wrong.append(f"{written!r}: {got}, phonenumbers {theirs}")
    return wrong, count


def international(oracle, command):
    """Each region's example numbers of every kind that takes texts, and the same with digits taken off and put on."""
    p = oracle.module
    kinds = [p.PhoneNumberType.MOBILE, p.PhoneNumberType.FIXED_LINE, p.PhoneNumberType.FIXED_LINE_OR_MOBILE,
             p.PhoneNumberType.VOIP, p.PhoneNumberType.PERSONAL_NUMBER]
    wrong, count, lax = [], 0, 0
    for region in sorted(p.SUPPORTED_REGIONS):
        examples = {p.format_number(n, p.PhoneNumberFormat.E164)
                    for kind in kinds if (n := p.example_number_for_type(region, kind))}
        written = []
        for e164 in sorted(examples):
            number = p.parse(e164, None)
            spaced = p.format_number(number, p.PhoneNumberFormat.INTERNATIONAL)
            written += [e164, spaced, "00" + e164[1:], "00 " + spaced[1:], full_width(e164), "tel:" + e164,
                        p.format_number(number, p.PhoneNumberFormat.RFC3966)]
            written += [e164[:n] for n in range(4, len(e164))] + [e164 + "7" * n for n in range(1, 8)]
        for text, got in zip(written, ours(command, "US", written), strict=True):
            count += 1
            asked = "+" + text[2:].strip() if text.startswith("00") else text
            theirs, valid, possible = oracle.read(asked, "US")
            if valid and got != theirs and theirs[1:] == digits(asked) and len(theirs) <= 16:
                # It completes local numbers behind a calling code, and takes more than E.164's 15 digits; we do neither.
                wrong.append(f"{text!r}: {got}, phonenumbers {theirs}")
            elif got and not possible:
                wrong.append(f"{text!r}: {got}, phonenumbers calls it impossible")
            lax += bool(got and not valid)
    return wrong, count, lax


def national(oracle, command):
    """Mobile numbers as people write them at home."""
    p = oracle.module
    wrong, count, other = [], 0, []
    for region in sorted(p.SUPPORTED_REGIONS):
        number = p.example_number_for_type(region, p.PhoneNumberType.MOBILE)
        if not number:
            continue
        e164 = p.format_number(number, p.PhoneNumberFormat.E164)
        home = p.format_number(number, p.PhoneNumberFormat.NATIONAL)
        written = [home, "".join(c for c in home if c.isdigit()), e164[1:], e164, str(number.national_number)]
        for text, got in zip(written, ours(command, region, written), strict=True):
            count += 1
            theirs, valid, _ = oracle.read(text, region)
            if valid and got != theirs:
                line = f"{region} {text!r}: {got}, phonenumbers {theirs}"
                if region in OTHERWISE:
                    other.append(f"{line} ({OTHERWISE[region]})")
                else:
                    wrong.append(line)
    return wrong, count, other


def short_codes(oracle, command):
    """Every emergency number of three to five digits is refused at home, and each region's example of a code is taken."""
    import phonenumbers.shortnumberinfo as short
    from phonenumbers.phonemetadata import PhoneMetadata
    wrong, count = [], 0
    for region in sorted(oracle.module.SUPPORTED_REGIONS):
        data = PhoneMetadata.short_metadata_for_region(region)
        if data is None:
            continue
        lengths = data.emergency.possible_length if data.emergency else ()
        bad = [str(n) for length in lengths if 3 <= length <= 5 for n in range(10**(length - 1), 10**length)
               if short.is_emergency_number(str(n), region)]
        example = short._example_short_number(region)  # pylint: disable=protected-access
        good = [example] if 3 <= len(example) <= 6 and example[0] != "0" and example not in [*bad, "112", "911", "999"] else []
        if not bad + good:
            continue
        for text, got in zip(bad + good, ours(command, region, bad + good), strict=True):
            count += 1
            if text in bad and got is not None:
                wrong.append(f"{region} {text!r}: {got}, an emergency number")
            elif text in good and got != text and not is_national(oracle, text, region, got):
                wrong.append(f"{region} {text!r}: {got}, a short code")
    return wrong, count


def is_national(oracle, text, region, got):
    """A code may be as long as the country's numbers are."""
    return got is not None and got == f"+{oracle.module.country_code_for_region(region)}{text}" \
        and not oracle.module.parse(got, None).italian_leading_zero


def zones(oracle, command):
    """Area codes and countries: of the zones that phonenumbers tells, each clock is among ours."""
    from phonenumbers.tzdata import TIMEZONE_DATA
    import zoneinfo
    moments = [datetime.datetime(2026, *day, tzinfo=datetime.timezone.utc)
               for day in ((1, 15), (3, 20), (7, 15), (10, 28))]

    def clock(name):
        return tuple(moment.astimezone(zoneinfo.ZoneInfo(name)).utcoffset() for moment in moments)

    p, asked = oracle.module, {}
    for area in range(200, 1000):
        told = {zone for key, zones in TIMEZONE_DATA.items() if key.startswith(f"1{area}") for zone in zones}
        if told:
            asked[f"+1{area}5550123"] = told
    for region in sorted(p.SUPPORTED_REGIONS):
        number = p.example_number_for_type(region, p.PhoneNumberType.MOBILE) or p.example_number(region)
        code = str(number.country_code)
        # The country's whole list, and what is told of this very number where its code is shared.
        told = set(TIMEZONE_DATA.get(code, ())) if code != "7" else set(p.timezone.time_zones_for_number(number))
        if code != "1" and told:
            asked[p.format_number(number, p.PhoneNumberFormat.E164)] = told
    lines = subprocess.run([*command, "number", "--country", "US", "--json", "-"], input="\n".join(asked) + "\n",
                           stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout.split("\n")[:-1]
    wrong = []
    for (number, told), line in zip(asked.items(), lines, strict=True):
        mine = json.loads(line)["zones"]
        lacks = {zone for zone in told if clock(zone) not in {clock(name) for name in mine}}
        if lacks and not any(number.startswith("+" + code) for code in OTHER_CLOCKS):
            wrong.append(f"{number}: {mine}, phonenumbers has {sorted(lacks)} besides")
    return wrong, len(asked)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    command = sys.argv[1:]
    junk = [text for text, got in zip(PLACEHOLDERS, ours(command, "US", PLACEHOLDERS), strict=True) if got]
    if junk:
        sys.exit(f"numbers: taken for numbers: {junk}")
    try:
        import phonenumbers
        import phonenumbers.timezone  # noqa: F401
    except ImportError as error:
        packages.lacks("numbers", "phonenumbers", error)
        return
    oracle = Oracle(phonenumbers)
    wrong, american = north_american(oracle, command)
    more, abroad, lax = international(oracle, command)
    wrong += more
    more, home, other = national(oracle, command)
    wrong += more
    more, codes = short_codes(oracle, command)
    wrong += more
    more, clocks = zones(oracle, command)
    wrong += more
    print(f"numbers: {codes} emergency numbers and short codes, the time zones of {clocks} areas and countries")
    print(f"numbers: {american} North American, {abroad} international, {home} national, read as phonenumbers "
          f"{phonenumbers.__version__} reads them; {lax} taken whose length is right and whose block is in no use; "
          f"{len(other)} national ones read otherwise")
    for line in other:
        print("  " + line)
    for line in wrong[:20]:
        print("  WRONG " + line)
    if wrong:
        sys.exit(f"numbers: {len(wrong)} differences")


if __name__ == "__main__":
    main()
