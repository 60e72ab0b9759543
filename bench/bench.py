#!/usr/bin/env python3
"""Measures the gateway end to end: the release build as processes, one modem on a pty with zero radio delay, storage
SQLite, everything durable. Prints one table: fewest, median and most of what was repeated, beside the target.

    bench/bench.py                all of it, some ten minutes
    bench/bench.py --quick        fewer texts, no repetitions
    bench/bench.py --only send,receive

Only Python's standard library is used. With a real modem attached it refuses: the gateway would use that, too.
"""

import argparse
import glob
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import codec_speed  # noqa: E402
import crm  # noqa: E402
import measures  # noqa: E402
import modems  # noqa: E402
import peer  # noqa: E402
import supabase  # noqa: E402
from rig import Trouble, now  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PARTS = ("machine", "codec", "send", "rules", "receive", "reply", "start", "idle", "memory", "modems", "plugins", "storage",
         "supabase", "crm", "peer")


class Setting:
    """What all measurements share."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.drop_ins = ROOT + "/plugins.d"


class Table:
    """Prints lines as they become known and keeps them for --json."""

    def __init__(self):
        self.lines = []
        print(f"{'':44}{'least':>10}{'median':>10}{'most':>10}  unit")

    def line(self, what, values, unit, target=None, digits=None):
        """`target`: ("≥" or "≤", bound), held against the median."""
        low, middle, high = min(values), statistics.median(values), max(values)
        verdict = ""
        if target:
            met = middle >= target[1] if target[0] == "≥" else middle <= target[1]
            verdict = f"   {'ok' if met else 'MISSED'}: {target[0]} {target[1]:g}"
        print(f"{what:44}" + "".join(f"{shown(v, digits):>10}" for v in (low, middle, high)) + f"  {unit}{verdict}",
              flush=True)
        self.lines.append({"what": what, "least": low, "median": middle, "most": high, "unit": unit,
                           **({"target": f"{target[0]} {target[1]}", "met": met} if target else {})})
        return middle

    @staticmethod
    def say(words):
        print(words, flush=True)


def shown(value, digits=None):
    if digits is None:
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def release_folder():
    answer = subprocess.run(
        ["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or ROOT + "/.build/release"


def state_folder():
    """A folder on the disk of the checkout, whose sockets have short enough paths (107 bytes)."""
    base = ROOT + "/bench-out"
    if len(base) > 70:
        base = "/var/tmp"
    os.makedirs(base, exist_ok=True)
    return tempfile.mkdtemp(prefix="", dir=base)


def machine(setting, table):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    table.say(f"machine: {len(os.sched_getaffinity(0))} × {names[0] if names else platform.machine()}, "
              f"Linux {platform.release()}")
    table.line("a page made durable (append, fdatasync)", measures.syncing(setting, 300), "ms")
    table.line("a row made durable (SQLite, WAL, FULL)", measures.committing(setting, 300), "ms")
    table.line("bare AT+CMGS loop on the simulator", [measures.bare_sending(setting, 2000) for _ in range(5)], "texts/s")


def throughput(setting, table, what, measure, texts, repeats):
    results = [measure(setting, texts) for _ in range(repeats)]
    rate = table.line(f"{what}: {texts} texts end to end", [r["rate"] for r in results], "texts/s", ("≥", 500))
    if "wire_rate" in results[0]:
        table.line(f"{what}: until the last is on the wire", [r["wire_rate"] for r in results], "texts/s")
        table.line(f"{what}: first of them on the wire after", [r["first_ms"] for r in results], "ms")
    table.line(f"{what}: CPU of the gateway", [r["cpu_ms"] for r in results], "ms/text")
    table.line(f"{what}: CPU of the simulator", [r["simulator_cpu_ms"] for r in results], "ms/text")
    table.line(f"{what}: AT commands", [r["commands"] for r in results], "/text")
    table.line(f"{what}: highest memory of the gateway", [r["high_water_mb"] for r in results], "MB")
    for result in results:
        if result["twice"]:
            raise Trouble(f"{what}: {result['twice']} texts more than there should be")
    return rate


def compare(setting, table, rates, quick):
    for other in peer.PEERS:
        why = other.missing()
        if why:
            table.say(f"{other.NAME}: skipped, {why}")
            continue
        sending, receiving = peer.measure(setting, other, *((5, 60) if quick else (15, 300)))
        for what, theirs in (("sending", sending), ("receiving", receiving)):
            rate = table.line(f"{other.NAME} {what}", [theirs["rate"]], "texts/s")
            table.line(f"{other.NAME} {what}: its CPU", [theirs["cpu_ms"]], "ms/text")
            if what in rates:
                table.line(f"{what}: ratio to {other.NAME}", [rates[what] / rate], "×")


def run(setting, table, parts, quick):
    repeats, texts = (1, 500) if quick else (3, 2000)
    rates = {}
    if "machine" in parts:
        machine(setting, table)
    if "codec" in parts:
        codec_speed.measure(table, setting.folder, quick)
    if "send" in parts:
        rates["sending"] = throughput(setting, table, "sending", measures.sending, texts, repeats)
    if "rules" in parts:
        # Side by side, since a shared machine is never the same twice.
        pairs = [(measures.sending(setting, texts), measures.sending(setting, texts, measures.Gateway.ASKED))
                 for _ in range(repeats)]
        table.line("sending with every rule asked", [asked["rate"] for _, asked in pairs], "texts/s", ("≥", 500))
        table.line("... share of the rate without", [asked["rate"] / free["rate"] for free, asked in pairs], "×")
        table.line("... CPU of the gateway for the rules",
                   [asked["cpu_ms"] - free["cpu_ms"] for free, asked in pairs], "ms/text", digits=3)
    if "receive" in parts:
        rates["receiving"] = throughput(setting, table, "receiving", measures.receiving, texts, repeats)
    if "reply" in parts:
        taken = [measures.replying(setting, 30 if quick else 100) for _ in range(repeats)]
        table.line("a text to its reply on the wire: median", [statistics.median(t) for t in taken], "ms", ("≤", 10))
        table.line("a text to its reply on the wire: p99", [percentile(t, 0.99) for t in taken], "ms")
    if "start" in parts:
        first, others = measures.starting(setting, 3 if quick else 10)
        table.line("start to READY=1 and an answer", [o[0] for o in others], "ms", ("≤", 200))
        table.line("start to a ready modem", [o[1] for o in others], "ms", ("≤", 200))
        table.line("very first start to a ready modem", [first[1]], "ms")
    if "idle" in parts:
        table.line("idle with a ready modem", measures.idling(setting, 5 if quick else 20, repeats), "% of a core",
                   ("≤", 0.2), digits=3)
    if "memory" in parts:
        before = None
        for name, rss, pss in measures.resident(setting):
            added = f"   {pss - before:+.1f} PSS" if before is not None else ""
            table.say(f"memory, {name:36}RSS {rss:6.1f} MB  PSS {pss:6.1f} MB{added}")
            table.lines.append({"what": f"memory, {name}", "rss_mb": rss, "pss_mb": pss})
            before = pss
    if "modems" in parts:
        of_one = modems.measure(setting, table, quick)
        rates = {**of_one, **rates}
    if "plugins" in parts:
        runs = [measures.calling(setting, quick) for _ in range(repeats)]

        def of(name):
            return [figures[name] for figures in runs]

        table.line("the machine: a socket pair's round", of("raw_socket_us"), "µs")
        table.line("the machine: a task's round", of("raw_task_us"), "µs")
        table.line("a responder's answer in-process", of("inproc_median_us"), "µs", ("≤", 3))
        table.line("... from the plugin's own threads", of("own_threads_median_us"), "µs")
        table.line("... of the automatic reply", of("auto_reply_inproc_median_us"), "µs")
        table.line("a responder's answer in a worker", of("process_median_us"), "µs", ("≤", 40))
        table.line("a responder's answer in a worker: p99", of("process_p99_us"), "µs")
        table.line("... of the automatic reply in a worker", of("auto_reply_process_median_us"), "µs")
        table.line("answers in a worker, 64 in flight", of("process_pipelined_per_s"), "/s", ("≥", 100_000))
        table.line("a 5 ms tick late while four plugins block", of("worst_tick_ms"), "ms", ("≤", 20))
        table.line("a worker killed, to the next answer", of("worker_restart_ms"), "ms")
        table.line("memory of a worker (PSS)", of("worker_pss_mb"), "MB")
    if "storage" in parts:
        bare, runs = [], []
        # By turns, since a shared machine is never the same twice.
        for _ in range(repeats):
            bare.append(measures.bulk_committing(setting, 20_000 if quick else 100_000))
            runs.append(measures.storing(setting, quick))

        def stored(name):
            return [figures[name] for figures in runs]

        table.line("SQLite: texts stored one by one, durable", stored("single_per_s"), "/s", ("≥", 3_000))
        table.line("SQLite: a bulk load, by 1,000 texts, durable", stored("bulk_per_s"), "/s", ("≥", 100_000))
        table.line("... one call after the other", stored("bulk_alone_per_s"), "/s")
        table.line("... a bare table without an index, by Python", bare, "/s")
        table.line("... share of that", [run["bulk_per_s"] / rate for run, rate in zip(runs, bare)], "×")
        table.line("... until all of them can be searched", stored("indexed_s"), "s")
        table.line("SQLite: a search, median", stored("search_median_ms"), "ms", ("≤", 10))
        table.line("SQLite: a search, the slowest", stored("search_most_ms"), "ms")
        table.line("SQLite: a customer with five purchases", stored("customer_median_ms"), "ms", ("≤", 0.2), digits=3)
        table.line("SQLite: the file", stored("file_mb"), "MB")
    if "supabase" in parts:
        supabase.measure(setting, table, quick)
    if "crm" in parts:
        crm.measure(setting, table, quick)
    if "peer" in parts:
        compare(setting, table, rates, quick)


def arguments():
    parser = argparse.ArgumentParser(description="Measures the gateway end to end.")
    parser.add_argument("--quick", action="store_true", help="fewer texts, no repetitions")
    parser.add_argument("--only", metavar="PARTS", help="some of: " + ",".join(PARTS))
    parser.add_argument("--json", metavar="FILE", help="writes the lines there, too")
    parser.add_argument("--binary", metavar="FILE", help="another build of conductor")
    parser.add_argument("--keep", action="store_true", help="keeps the folders with logs and databases")
    chosen = parser.parse_args()
    chosen.parts = chosen.only.split(",") if chosen.only else list(PARTS)
    for part in chosen.parts:
        if part not in PARTS:
            parser.error(f"there is no part {part}; there are {', '.join(PARTS)}")
    return chosen


def main():
    chosen = arguments()
    if glob.glob("/sys/class/tty/ttyUSB*") + glob.glob("/sys/class/tty/ttyACM*"):
        sys.exit("bench: a modem is attached, and the gateway would send with it: unplug it first")
    binary = chosen.binary or release_folder() + "/conductor"
    if not os.access(binary, os.X_OK):
        sys.exit(f"bench: there is no {binary}: run `make release` first")
    folder = state_folder()
    begun, busy = now(), os.getloadavg()[0]
    table = Table()
    try:
        run(Setting(binary, folder), table, chosen.parts, chosen.quick)
    except Trouble as trouble:
        chosen.keep = True
        sys.exit(f"bench: {trouble} (logs: {folder})")
    finally:
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)
        if chosen.json:
            with open(chosen.json, "w", encoding="utf-8") as file:
                json.dump(table.lines, file, indent=1, ensure_ascii=False)
    load = os.getloadavg()[0]
    others = "; other programs took part of the machine, so rates are lower than they could be" if busy > 1 else ""
    table.say(f"took {now() - begun:.0f} s; load {busy:.1f} before, {load:.1f} after{others}")


if __name__ == "__main__":
    main()
