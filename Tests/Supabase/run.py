#!/usr/bin/python3
"""Starts a PostgreSQL of its own with a Supabase-like REST API before it, for tests and benchmarks.

    run.py [--sql FILE]... [--no-tables] [--new-grants] [--max-rows N] [--port N] [--pool N] [--tls]
        Prints one line of JSON when it is ready: url, anon_key, service_key, jwt_secret, sb_secret_key,
        sb_publishable_key, dsn, admin_dsn, control. With --tls it is https, and `certificate` names the file of the
        only certificate to trust. Ends, and leaves nothing, when its standard input closes.
    run.py mint ROLE [CLAIM=VALUE]... [--lifetime SECONDS] [--secret SECRET]
        Prints a token, as `run.py mint gateway gateway_id=gw-1`.
"""

import argparse
import asyncio
import json
import os
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from database import Cluster, ClusterError  # noqa: E402
from standin.server import SECRET, Server  # noqa: E402
from standin.tokens import mint  # noqa: E402


async def serve(cluster, options):
    """Serves until the standard input ends, or a signal says so."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = Server(cluster, options.max_rows, options.pool, options.port,
                    cluster.certificate() if options.tls else None)
    await server.start()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    if not options.stay:
        loop.add_reader(sys.stdin.fileno(), lambda: os.read(sys.stdin.fileno(), 4096) or ended.set())
    print(json.dumps(server.environment()), flush=True)
    await ended.wait()
    await server.close()


def run(words):
    """`run.py` without a command."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--print-env", action="store_true", help="what it does anyway")
    parser.add_argument("--sql", action="append", default=[], help="a file to load into the project")
    parser.add_argument("--no-tables", action="store_true", help="without the six tables of the old system")
    parser.add_argument("--new-grants", action="store_true", help="as a project made since 2026-10-30")
    parser.add_argument("--max-rows", type=int, default=1000)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pool", type=int, default=10, help="connections to the database")
    parser.add_argument("--tls", action="store_true", help="https, with a certificate for localhost")
    parser.add_argument("--stay", action="store_true", help="do not end with the standard input")
    options = parser.parse_args(words)
    cluster = Cluster()
    try:
        cluster.create_project(not options.no_tables, not options.new_grants)
        if options.sql:
            cluster.load(*options.sql)
            cluster.create("pristine", "project")
        asyncio.run(serve(cluster, options))
    finally:
        cluster.remove()


def print_token(words):
    """`run.py mint`."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("role")
    parser.add_argument("claims", nargs="*")
    parser.add_argument("--lifetime", type=int, default=10 * 365 * 86400)
    parser.add_argument("--secret", default=SECRET)
    options = parser.parse_args(words)
    claims = dict(word.split("=", 1) for word in options.claims)
    print(mint(options.secret, {"role": options.role, **claims}, options.lifetime))


if __name__ == "__main__":
    try:
        print_token(sys.argv[2:]) if sys.argv[1:2] == ["mint"] else run(sys.argv[1:])
    except ClusterError as error:
        sys.exit(f"run.py: {error}")
