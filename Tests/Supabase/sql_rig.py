"""What the tests of the SQL share: one server, databases with the steps applied, and a clock that can be set."""

import atexit
import glob
import json
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import psycopg2  # noqa: E402

from database import Cluster, FOLDER  # noqa: E402

SQL = os.path.join(FOLDER, "../../Sources/Plugins/SupabaseStorage/SQL")
HOUR = 3_600_000

# Time is what the test says; without a word of it, the database's own.
CLOCK = """
create table private.test_clock (ahead interval not null);
insert into private.test_clock values ('0');
create or replace function private.conductor_now() returns timestamptz language sql volatile set search_path = '' as
$$ select pg_catalog.clock_timestamp() + ahead from private.test_clock $$;
"""

_cluster = None


def cluster():
    """The one server, with the database `bare`: roles and grants of an old project, no tables."""
    global _cluster
    if not _cluster:
        _cluster = Cluster()
        atexit.register(_cluster.remove)
        _cluster.create_project(tables=False)
        _cluster.create("bare", "project")
    return _cluster


def steps(first=1, last=99):
    """The ordered files whose number is within first and last, as (name, text)."""
    found = []
    for path in sorted(glob.glob(os.path.join(SQL, "*.sql"))):
        if first <= int(os.path.basename(path)[:3]) <= last:
            with open(path, encoding="utf-8") as file:
                found.append((os.path.basename(path), file.read()))
    return found


def connect(database, user="postgres"):
    """A connection that commits each statement."""
    connection = psycopg2.connect(cluster().dsn(database, user))
    connection.autocommit = True
    return connection


# The number of the last additive step.
NEWEST = int(steps()[-1][0][:3])


def make(name, old_tables):
    """A database with all additive steps, over the old system's tables or none."""
    cluster().create(name, "bare")
    if old_tables:
        cluster().load(f"{FOLDER}/sql/tables.sql", database=name)
    for _, text in steps():
        cluster().sql(text, name)
    return name


class Database:
    """One connection, and the functions by their names."""

    def __init__(self, name, user="postgres"):
        self.name = name
        self.connection = connect(name, user)

    def close(self):
        self.connection.close()

    def sql(self, text, *values):
        """Rows of a statement; none for one that gives none."""
        with self.connection.cursor() as cursor:
            cursor.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, text, *values):
        """The first column of the first row."""
        return self.sql(text, *values)[0][0]

    def call(self, function, **request):
        return self.one(f"select public.conductor_{function}(%s)", json.dumps(request))

    def advance(self, milliseconds):
        self.sql("update private.test_clock set ahead = ahead + %s * interval '1 ms'", milliseconds)

    def now(self):
        return self.one("select private.conductor_ms(private.conductor_now())")

    # ---- shorter words ----

    def foreign(self, phone, content="hi", **columns):
        """A row as another program inserts it."""
        columns = dict(phone_number=phone, content=content, status="queued", direction="outbound", **columns)
        return self.one(f"insert into messages ({', '.join(columns)}) values ({', '.join(['%s'] * len(columns))}) "
                        "returning id", *columns.values())

    def exchange(self, gateway, want=0, max_age=0, lease=10_000, **more):
        return self.call("exchange", gateway=gateway, want=want, lease_ms=lease, max_age_ms=max_age, **more)

    def claim(self, gateway, want=8, max_age=0):
        return self.exchange(gateway, want, max_age)["claimed"]

    def start(self, gateway, address, uid):
        return self.exchange(gateway, starting=[{"storage_id": address, "uid": uid}])["started"][0]

    def put(self, *texts, gateway="a/1"):
        return self.call("put", gateway=gateway, messages=list(texts))

    def all(self):
        return self.call("messages", oldest_first=True, limit=1000)["messages"]


def inbound(uid, content, **more):
    return dict(dict(uid=uid, direction="inbound", phone="+16195550123", content=content, status="unread",
                     timestamp=1_790_000_000_000), **more)


def born(uid, content, **more):
    return inbound(uid, content, **dict(dict(direction="outbound", status="queued"), **more))


class DatabaseCase(unittest.TestCase):
    """Each class has a database, each test finds it empty."""

    old_tables = False

    @classmethod
    def setUpClass(cls):
        name = cls.__name__.lower()
        make(name, cls.old_tables)
        cls.db = Database(name)
        cls.db.sql(CLOCK)

    @classmethod
    def tearDownClass(cls):
        cls.db.close()

    def setUp(self):
        self.db.sql("truncate messages, optouts, contacts, customers, transactions, transaction_items, products, "
                    "staff, private.conductor_contact, private.conductor_gateways, private.conductor_openings, "
                    "private.conductor_dirty, private.conductor_imports restart identity cascade; "
                    "update private.test_clock set ahead = '0'")

    def refused(self, code, function, **request):
        """The call is refused with this SQLSTATE."""
        with self.assertRaises(psycopg2.Error) as raised:
            self.db.call(function, **request)
        self.assertEqual(raised.exception.pgcode, code)
        return str(raised.exception)
