"""How fast texts are decoded and encoded: the codec alone, one core, beside python3-gammu and libgammu."""

import glob
import os
import random
import statistics
import subprocess
import sys
import time
import zlib

from rig import Trouble

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HERE = ROOT + "/bench/codec"
COUNT, QUICK, SEED = 100_000, 20_000, 23038

PHRASES = (
    "Your code is 482913. Do not share it with anyone.", "See you at 8 pm? Bring the papers, please!",
    "Invoice #20117 is due: 1,250.00 EUR (incl. 19% VAT)", "Thanks, got it :-)", "STOP", "Call me back @ noon",
    "¿Dónde estás? ¡Ya llegué a la estación!", "Größe und Maße: Ä Ö Ü ß à è ì", "Prix: 25 € [offre] ~ 10 % {net}",
    "Встреча в 18:30, не опаздывай", "आपका ऑर्डर भेज दिया गया है", "您的验证码是 482913，请勿泄露", "Good morning 😀🎉 see you 👍",
    "Üçüncü görüşme yarın sabah, değil mi?", "Olá, amanhã às 9h; não te atrases")


def message(pdus, dice):
    """A text of one part, or a part of a longer one; one in twenty is data."""
    text = " ".join(dice.choice(PHRASES) for _ in range(dice.randint(1, 3)))
    header = b""
    if dice.random() < 0.2:
        total = dice.randint(2, 5)
        header = bytes([5, 0, 3, dice.randint(0, 255), total, dice.randint(1, total)])
    room = 140 - len(header)
    if dice.random() < 0.05:
        coding, data = 0x04, dice.randbytes(dice.randint(1, room))
        body, length = data, len(header) + len(data)
        shown = data.hex().upper()
    elif all(c in pdus.PLAIN or c in pdus.EXTENSION for c in text):
        skipped = (len(header) * 8 + 6) // 7
        while len(pdus.septets(text)) + skipped > 160:
            text = text[:-1]
        codes = pdus.septets(text)
        coding, body = 0x00, pdus.pack(codes, skipped * 7 - len(header) * 8)
        length, shown = skipped + len(codes), text
    else:
        while len(text.encode("utf-16-be")) > room:
            text = text[:-1]
        coding, body, shown = 0x08, text.encode("utf-16-be"), text
        length = len(header) + len(body)
    sender, _ = pdus.address(dice)
    stamp, _, _ = pdus.time(dice)
    octets = (b"\x07\x91\x51\x55\x10\x10\x00\xf0" + bytes([0x44 if header else 0x04]) + sender + bytes([0, coding])
              + stamp + bytes([length]) + header + body)
    return octets, shown


def made(folder):
    """Ours, built as a library is for a release, and libgammu's where its headers are: (path, path or why not)."""
    ours = folder + "/codec-ours"
    sources = sorted(glob.glob(ROOT + "/Sources/SMSCodec/**/*.swift", recursive=True))
    fast = ["swiftc", "-O", "-whole-module-optimization", "-swift-version", "6", "-parse-as-library"]
    run(fast + ["-enable-upcoming-feature", "ExistentialAny", "-enable-upcoming-feature", "InternalImportsByDefault",
                "-enable-default-cmo", "-emit-library", "-static", "-emit-module", "-module-name", "SMSCodec",
                *sources, "-o", folder + "/libSMSCodec.a"], folder)
    run(fast + ["-I", folder, "-L", folder, "-lSMSCodec", HERE + "/ours.swift", "-o", ours], folder)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gammu"], capture_output=True, text=True, check=False)
    if flags.returncode != 0:
        return ours, None
    theirs = folder + "/codec-gammu"
    run(["cc", "-O2", "-D_GNU_SOURCE", HERE + "/gammu.c", "-o", theirs, *flags.stdout.split()], folder)
    return ours, theirs


def run(words, folder):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"{words[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


def alone(words, folder):
    """What a program prints that has one core for itself: name → values.

    TZ is set, for libgammu is four times slower without: it then looks for the machine's zone with each time stamp.
    """
    core = max(os.sched_getaffinity(0))
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False,
                          env=os.environ | {"TZ": "UTC0"},
                          preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    if done.returncode != 0:
        raise Trouble(f"{words[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    lines = [line.split() for line in done.stdout.splitlines()]
    return {line[0]: [float(value) for value in line[1:]] for line in lines}


# Run by Debian's own Python, which has the module; prints rates, and for each line whether its text was right.
GAMMU = """
import sys, time, zlib
import gammu
path, truth, times, out = sys.argv[1:]
lines = open(path).read().split()
shown = open(truth, encoding="utf-8", newline="").read().split("\\0")[:-1]
def text(said):
    words = said["Text"]
    return words.hex().upper() if isinstance(words, bytes) else words
rates = []
for _ in range(int(times)):
    begun = time.perf_counter()
    for line in lines:
        gammu.DecodePDU(bytes.fromhex(line))["Text"]
    rates.append(len(lines) / (time.perf_counter() - begun))
right, total = [], 0
for line, wanted in zip(lines, shown):
    found = text(gammu.DecodePDU(bytes.fromhex(line)))
    right.append("1" if found == wanted else "0")
    if found == wanted:
        total = zlib.crc32(found.encode(), total)
open(out, "w").write("".join(right))
print("decode", *map(int, rates))
print("checksum", total)
"""


def measure(table, folder, quick):
    sys.path.insert(0, ROOT + "/Tests/Differential")
    import pdus  # pylint: disable=import-outside-toplevel
    dice, times = random.Random(SEED), 3 if quick else 7
    count = QUICK if quick else COUNT
    cases = [message(pdus, dice) for _ in range(count)]
    path, truth, right = folder + "/pdus.txt", folder + "/texts", folder + "/right"
    with open(path, "w", encoding="ascii") as file:
        file.writelines(octets.hex().upper() + "\n" for octets, _ in cases)
    with open(truth, "w", encoding="utf-8", newline="") as file:
        file.writelines(shown + "\0" for _, shown in cases)
    begun = time.perf_counter()
    ours, theirs = made(folder)
    table.say(f"codec: {count} DELIVER TPDUs in hex, one core (built in {time.perf_counter() - begun:.0f} s)")
    python = None
    if subprocess.run(["/usr/bin/python3", "-c", "import gammu"], capture_output=True, check=False).returncode == 0:
        python = alone(["/usr/bin/python3", "-c", GAMMU, path, truth, "1" if quick else "3", right], folder)
    else:
        with open(right, "w", encoding="ascii") as file:
            file.write("1" * count)
    found = alone([ours, path, right, str(times)], folder)
    decoded = table.line("codec: decode, hex to text", found["decode"], "TPDUs/s", ("≥", 1_000_000))
    table.line("codec: encode, text to hex", found["encode"], "parts/s", ("≥", 500_000))
    wanted = 0
    with open(right, encoding="ascii") as file:
        marks = file.read()
    for (_, shown), mark in zip(cases, marks, strict=True):
        if mark == "1":
            wanted = zlib.crc32(shown.encode(), wanted)
    for whose, rates in (("python3-gammu", python), ("libgammu, C", alone([theirs, path, str(times)], folder)
                                                     if theirs else None)):
        if rates is None:
            table.say(f"codec: {whose}: skipped, it is not installed (apt-get install python3-gammu libgammu-dev)")
            continue
        table.line(f"codec: {whose}: decode", rates["decode"], "TPDUs/s")
        table.line(f"codec: ratio to {whose}", [decoded / statistics.median(rates["decode"])], "×")
    sums = [int(found["checksum"][0])] + ([int(python["checksum"][0])] if python else [])
    table.say(f"codec: checksum of {marks.count('1')} texts" + (" that python3-gammu reads right" if python else "")
              + ": " + ", ".join(f"{whose} {value:08x}" for whose, value in zip(("ours", "python3-gammu"), sums)))
    if any(value != wanted for value in sums):
        raise Trouble(f"codec: a checksum is not {wanted:08x}")
    table.lines.append({"what": "codec: checksum", "value": f"{wanted:08x}", "texts": marks.count("1")})
