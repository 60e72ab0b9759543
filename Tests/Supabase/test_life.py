"""The stand-in as a child: how it starts, and that it leaves nothing."""

import glob
import json
import os
import pwd
import signal
import subprocess
import tempfile
import time
import unittest

import database
from support import FOLDER, Standin, shared
from standin.tokens import TokenRefused, Verifier

RUN = ["/usr/bin/python3", FOLDER + "/run.py"]


def folder_of(standin):
    """The cluster's folder."""
    return standin.environment["dsn"].split()[0].partition("=")[2]


def servers_of(folder):
    """The processes that serve a folder."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                if folder.encode() in file.read():
                    found.append(path)
        except OSError:
            continue
    return found


class LifeTests(unittest.TestCase):
    """Starts and ends."""

    def until(self, condition):
        """Waits until it is so."""
        deadline = time.monotonic() + 30
        while not condition():
            if time.monotonic() > deadline:
                self.fail("it never came to be")

    def test_it_ends_with_its_standard_input_and_leaves_nothing(self):
        standin = Standin("--no-tables", "--new-grants", "--tls")
        folder = folder_of(standin)
        self.assertTrue(standin.url.startswith("https://localhost:"))
        self.assertEqual(standin.request("GET", "/messages").status, 404)
        self.assertTrue(servers_of(folder))
        standin.close()
        self.assertEqual((standin.process.returncode, os.path.exists(folder), servers_of(folder)), (0, False, []))

    def test_a_killed_one_leaves_no_server_and_the_next_one_sweeps(self):
        ended = subprocess.Popen(["true"])
        ended.wait()
        left = tempfile.mkdtemp(prefix=f"{database.PREFIX}{ended.pid}-")
        database.sweep()
        self.assertFalse(os.path.exists(left))
        standin = Standin()
        folder = folder_of(standin)
        standin.process.send_signal(signal.SIGKILL)
        standin.process.wait()
        standin.close()
        self.until(lambda: not servers_of(folder))
        database.sweep()
        self.assertFalse(os.path.exists(folder))

    def test_more_sql_is_part_of_the_pristine_project(self):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write("insert into products (sku) values ('first')")
            file.flush()
            os.chmod(file.name, 0o644)
            standin = Standin("--sql", file.name)
        try:
            standin.sql("delete from products")
            standin.reset()
            self.assertEqual(standin.request("GET", "/products?select=sku").json, [{"sku": "first"}])
        finally:
            standin.close()

    def test_a_mistake_in_the_sql_is_said(self):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write("select nonsense")
            file.flush()
            done = subprocess.run(RUN + ["--sql", file.name], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn('column "nonsense" does not exist', done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "only root can start it as somebody else")
    def test_it_needs_no_root(self):
        nobody = pwd.getpwnam("nobody")
        somebody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
        if subprocess.run(["test", "-r", RUN[1]], check=False, **somebody).returncode:
            self.skipTest("the project's folder is closed to others")
        process = subprocess.Popen(RUN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **somebody)
        line = process.stdout.readline()
        process.communicate("", timeout=60)
        self.assertIn("anon_key", json.loads(line))
        self.assertEqual(process.returncode, 0)

    def test_a_token_is_minted_on_the_command_line(self):
        token = subprocess.run(RUN + ["mint", "gateway", "gateway_id=gw-1"], capture_output=True, text=True,
                               check=True).stdout.strip()
        claims = Verifier(shared().environment["jwt_secret"]).claims(token)
        self.assertEqual((claims["role"], claims["gateway_id"]), ("gateway", "gw-1"))
        token = subprocess.run(RUN + ["mint", "gateway", "--lifetime", "-60"], capture_output=True, text=True,
                               check=True).stdout.strip()
        with self.assertRaisesRegex(TokenRefused, "JWT expired"):
            Verifier(shared().environment["jwt_secret"]).claims(token)


if __name__ == "__main__":
    unittest.main()
