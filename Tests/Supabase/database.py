"""A real PostgreSQL 15 in a folder of its own: made in a second, reached through its socket only, gone afterwards."""

import ctypes
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
ADMIN = "supabase_admin"
PREFIX = "conductor-pg-"
# Nothing here outlives a test: nothing needs to be on the disk.
_SETTINGS = {
    "listen_addresses": "''", "fsync": "off", "full_page_writes": "off",
    "max_connections": "60", "shared_buffers": "64MB", "wal_level": "minimal", "max_wal_senders": "0",
    "max_wal_size": "1GB", "autovacuum_naptime": "10s", "log_min_messages": "fatal", "timezone": "UTC",
    "log_timezone": "UTC", "client_min_messages": "warning",
}


class ClusterError(RuntimeError):
    """The database could not be made or asked; the text says why."""


def programs():
    """The folder of PostgreSQL's programs: of version 15, or what CONDUCTOR_POSTGRES names, `17` or the folder itself."""
    wanted = os.environ.get("CONDUCTOR_POSTGRES") or "15"
    folder = wanted if "/" in wanted else f"/usr/lib/postgresql/{wanted}/bin"
    if os.path.exists(folder + "/postgres"):
        return folder
    raise ClusterError(f"there is no PostgreSQL in {folder}: install Debian's postgresql-15, or name another version or "
                       "the folder of its programs in CONDUCTOR_POSTGRES")


def owner():
    """Whom the server runs as: PostgreSQL refuses to be root. None: the caller."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterError("PostgreSQL does not run as root, and there is no user postgres or nobody")


class Cluster:
    """A running server. `folder` has its socket. As at Supabase, `postgres` owns the project and may make roles, but is
    no superuser; that is `supabase_admin`."""

    def __init__(self):
        self._owner = owner()
        self._server = None
        sweep()
        # A socket's path has 107 octets at most, and another user must get there.
        parent = tempfile.gettempdir()
        if len(parent) > 60 or self._owner and not os.stat(parent).st_mode & 0o001:
            parent = "/tmp"
        self.folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent)
        try:
            if self._owner:
                os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
            self._run("initdb", "-D", self.folder + "/data", "--no-sync", "-A", "trust", "-U", ADMIN, "-E", "UTF8",
                      "--locale", "C.UTF-8")
            with open(self.folder + "/data/postgresql.conf", "a", encoding="utf-8") as file:
                for name, value in dict(_SETTINGS, unix_socket_directories=f"'{self.folder}'").items():
                    file.write(f"{name} = {value}\n")
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def start(self):
        """Starts the server and waits until it answers. It ends with this process, whatever ends that."""
        log = open(self.folder + "/log", "ab")
        self._server = subprocess.Popen(
            [programs() + "/postgres", "-D", self.folder + "/data"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=_die_with_parent, **self._as_owner())
        log.close()
        deadline = time.monotonic() + 60
        while not self._is_ready():
            if self._server.poll() is not None or time.monotonic() > deadline:
                with open(self.folder + "/log", encoding="utf-8", errors="replace") as file:
                    raise ClusterError("PostgreSQL did not start: " + file.read()[-2000:])
            time.sleep(0.02)

    def stop(self, at_once=False):
        """Stops the server; at once is as a crash."""
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self._server.wait(60)
        self._server = None

    def remove(self):
        """Stops the server and removes all of it."""
        self.stop(at_once=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database="project", user="postgres"):
        """Where a client finds a database, in libpq's words."""
        return f"host={self.folder} port=5432 user={user} dbname={database}"

    def sql(self, script, database="project", user="postgres"):
        """Runs a script; what its queries answered, unaligned, without headers."""
        done = subprocess.run([programs() + "/psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", self.dsn(database, user),
                               "-f", "-"], input=script, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClusterError("SQL failed: " + done.stderr.strip())
        return done.stdout.rstrip("\n")

    def load(self, *files, database="project", user="postgres"):
        """Runs files of SQL."""
        for path in files:
            with open(path, encoding="utf-8") as file:
                self.sql(file.read(), database, user)

    def create(self, database, template="template1"):
        """Makes a database as a copy of another; whoever uses either is thrown out."""
        names = ", ".join(f"'{name}'" for name in (database, template))
        self.sql(f"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname in ({names}) "
                 f"and pid <> pg_backend_pid(); drop database if exists {database} with (force);", "postgres", ADMIN)
        self.sql(f"create database {database} template {template} owner postgres strategy file_copy", "postgres", ADMIN)

    def create_project(self, tables=True, old_grants=True):
        """Makes the database `project` as a Supabase project is, and keeps a copy as `pristine` for quick resets."""
        self.sql("create role postgres login createrole createdb bypassrls", "postgres", ADMIN)
        self.create("project")
        self.load(f"{FOLDER}/sql/roles.sql", user=ADMIN)
        self.load(*(f"{FOLDER}/sql/{name}.sql" for name, is_wanted in (("old_grants", old_grants), ("tables", tables))
                    if is_wanted))
        self.create("pristine", "project")

    def certificate(self):
        """A certificate for localhost that nobody has signed but itself, and its key."""
        paths = self.folder + "/certificate.pem", self.folder + "/key.pem"
        done = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", paths[0],
             "-keyout", paths[1]], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClusterError("openssl made no certificate: " + done.stderr.strip())
        os.chmod(self.folder, 0o711)
        return paths

    def _as_owner(self):
        if not self._owner:
            return {}
        return {"user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": [], "cwd": "/"}

    def _run(self, program, *words):
        done = subprocess.run([programs() + "/" + program, *words], capture_output=True, text=True, check=False,
                              **self._as_owner())
        if done.returncode:
            raise ClusterError(f"{program} failed: {done.stderr.strip()}")

    def _is_ready(self):
        if not os.path.exists(self.folder + "/.s.PGSQL.5432"):
            return False
        asked = [programs() + "/pg_isready", "-q", "-h", self.folder, "-U", ADMIN, "-d", "postgres"]
        return subprocess.run(asked, check=False).returncode == 0


def _die_with_parent():
    """PR_SET_PDEATHSIG: a killed test leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def sweep():
    """Removes what killed runs left."""
    for folder in glob.glob(os.path.join(tempfile.gettempdir(), PREFIX + "*")):
        process = os.path.basename(folder)[len(PREFIX):].split("-")[0]
        if process.isdigit() and not os.path.exists(f"/proc/{process}"):
            shutil.rmtree(folder, ignore_errors=True)
