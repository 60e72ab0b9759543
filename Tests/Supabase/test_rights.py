"""Keys, tokens, roles and row level security: who may come in, and what each may do."""

import unittest

from support import FOLDER, shared
from standin.tokens import mint

SECRET_OF_NOBODY = "another secret, as long as the one of the project is"


class RightsTests(unittest.TestCase):
    """The gateway before the API, and PostgreSQL's own rights behind it."""

    @classmethod
    def setUpClass(cls):
        cls.standin = shared()
        cls.standin.reset()
        cls.standin.load(FOLDER + "/seed.sql")
        cls.publishable = cls.standin.environment["sb_publishable_key"]
        cls.secret = cls.standin.environment["sb_secret_key"]
        cls.one = cls.standin.mint(role="gateway", gateway_id="gw-1")
        cls.two = cls.standin.mint(role="gateway", gateway_id="gw-2")

    def who(self, **words):
        """Status, and who the database takes the caller for or the code."""
        reply = self.standin.request("POST", "/rpc/who", {}, **words)
        return reply.status, reply.json if reply.status == 200 else reply.code

    def test_keys_stand_for_roles(self):
        for words, expected in [
                ({}, (200, "service_role service_role")),
                ({"key": self.standin.anon}, (200, "anon anon")),
                ({"key": self.publishable}, (200, "anon anon")),
                ({"key": self.secret}, (200, "service_role service_role")),
                ({"key": self.publishable, "token": self.one}, (200, "gateway gateway")),
                ({"key": self.standin.anon, "token": self.two}, (200, "gateway gateway")),
                # Clients of Supabase send a new key twice; the gateway takes the one for the other.
                ({"key": self.secret, "token": self.secret}, (200, "service_role service_role")),
                ({"key": self.standin.anon, "token": self.secret}, (401, "PGRST301")),
        ]:
            with self.subTest(expected=expected):
                self.assertEqual(self.who(**words), expected)

    def test_an_old_key_without_a_token_is_nobody(self):
        reply = self.standin.raw("POST", "/rest/v1/rpc/who", b"{}", {"apikey": self.standin.service})
        self.assertEqual(reply.json, "anon anon")

    def test_a_key_may_stand_in_the_query(self):
        reply = self.standin.raw("GET", f"/rest/v1/customers?select=name&limit=1&apikey={self.secret}")
        self.assertEqual((reply.status, len(reply.json)), (200, 1))

    def test_without_a_key_nobody_comes_in(self):
        for key, message in (("", "No API key found in request"), ("nonsense", "Invalid API key")):
            with self.subTest(key=key):
                reply = self.standin.request("GET", "/customers", key=key)
                self.assertEqual((reply.status, reply.json["message"]), (401, message))
                self.assertNotIn("code", reply.json)
                self.assertNotIn("proxy-status", reply.headers)

    def test_a_secret_key_in_a_browser_is_refused(self):
        browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"}
        reply = self.standin.request("GET", "/customers", key=self.secret, headers=browser)
        self.assertEqual((reply.status, "code" in reply.json), (401, False))
        self.assertEqual(self.standin.request("GET", "/customers", key=self.publishable, headers=browser).status, 200)

    def test_tokens_that_do_not_count(self):
        for token, code, described in [
                (self.standin.mint(-60, role="gateway"), "PGRST303", "JWT expired"),
                (mint(SECRET_OF_NOBODY, {"role": "service_role"}), "PGRST301", "No suitable key or wrong key type"),
                ("abc", "PGRST301", "Expected 3 parts in JWT; got 1"),
                (self.standin.mint(role="gateway", nbf=4102444800), "PGRST303", "JWT not yet valid"),
        ]:
            with self.subTest(described):
                reply = self.standin.request("GET", "/customers", key=self.publishable, token=token)
                self.assertEqual((reply.status, reply.code), (401, code))
                self.assertEqual(reply.headers["www-authenticate"],
                                 f'Bearer error="invalid_token", error_description="{described}"')
        self.assertEqual(self.who(key=self.publishable, token=self.standin.mint(role="nobody_known")), (401, "22023"))
        self.assertEqual(self.who(key=self.publishable, token=self.standin.mint(role="supabase_admin")), (403, "42501"))

    def test_a_missing_right_is_401_for_nobody_and_403_for_somebody(self):
        reply = self.standin.request("GET", "/notes", key=self.publishable)
        self.assertEqual((reply.status, reply.code, reply.headers["www-authenticate"]), (401, "42501", "Bearer"))
        reply = self.standin.request("GET", "/customers", key=self.publishable, token=self.one)
        self.assertEqual((reply.status, reply.code), (403, "42501"))
        self.assertEqual(self.standin.request("POST", "/rpc/for_gateways", {}, key=self.publishable).status, 401)
        self.assertEqual(self.standin.request("POST", "/rpc/for_gateways", {}, token=self.one).json, "in")

    def test_row_level_security_shows_each_its_own(self):
        for token, words in ((self.one, "one"), (self.two, "two")):
            reply = self.standin.request("GET", "/notes?select=words&words=in.(one,two)", token=token)
            self.assertEqual(reply.json, [{"words": words}])
        reply = self.standin.request("POST", "/notes", {"gateway": "gw-2"}, token=self.one)
        self.assertEqual((reply.status, reply.code), (403, "42501"))
        reply = self.standin.request("PATCH", "/notes", {"gateway": "gw-1"}, token=self.one)
        self.assertEqual((reply.status, reply.code), (403, "42501"))
        reply = self.standin.request("DELETE", "/notes?words=eq.two", token=self.one,
                                     headers={"Prefer": "return=representation"})
        self.assertEqual((reply.status, reply.json), (200, []))
        self.assertEqual(len(self.standin.request("GET", "/notes?words=in.(one,two)").json), 2)

    def test_a_role_does_not_stay_with_the_connection(self):
        for _ in range(30):
            self.assertEqual(self.who(token=self.one), (200, "gateway gateway"))
            self.assertEqual(self.who(key=self.publishable), (200, "anon anon"))

    def test_a_role_has_its_own_time_out(self):
        self.standin.sql("alter role gateway set statement_timeout = '20ms'")
        self.standin.control("POST", "schema", {"reload": True})
        try:
            reply = self.standin.request("POST", "/rpc/sleeps", {"seconds": 5}, token=self.one)
            self.assertEqual((reply.status, reply.code), (500, "57014"))
            self.assertEqual(self.standin.request("POST", "/rpc/sleeps", {"seconds": 0.1}).status, 204)
        finally:
            self.standin.sql("alter role gateway reset statement_timeout")

    def test_a_head_of_more_than_16_kilobytes_is_refused_as_a_page(self):
        reply = self.standin.request("GET", "/customers?name=in.(" + "x," * 8200 + "x)")
        self.assertEqual((reply.status, reply.headers["content-type"]), (520, "text/html; charset=UTF-8"))


class SchemaTests(unittest.TestCase):
    """The schema cache, and a database that comes and goes."""

    def setUp(self):
        self.standin = shared()
        self.standin.reset()

    def ask(self, target, body=None):
        """Status and code of an answer."""
        reply = self.standin.request("GET" if body is None else "POST", target, body)
        return reply.status, reply.code if reply.status >= 400 else None

    def until(self, expected, target, body=None):
        """Asks until this is the answer: the cache follows a moment later."""
        for _ in range(2000):
            got = self.ask(target, body)
            if got == expected:
                return
        self.fail(f"{got}, and never {expected}")

    def test_what_is_new_is_not_known_until_the_cache_is_read(self):
        self.standin.control("POST", "schema", {"hold": True})
        self.standin.sql("""create table fresh (id int primary key); alter table products add column extra text;
            create function fresh_one(request jsonb) returns jsonb language sql as $$ select request $$""")
        asked = [("/fresh", None, "PGRST205", 404), ("/products", {"sku": "q", "extra": "e"}, "PGRST204", 400),
                 ("/rpc/fresh_one", {"request": {}}, "PGRST202", 404)]
        for target, body, code, status in asked:
            self.assertEqual(self.ask(target, body), (status, code))
        self.standin.control("POST", "schema", {"hold": False})
        self.standin.sql("notify pgrst, 'reload schema'")
        for target, body, _, _ in asked:
            self.until((201 if target == "/products" else 200, None), target, body)

    def test_a_change_of_tables_is_heard_of_by_itself(self):
        self.standin.sql("create table heard (id int primary key)")
        self.until((200, None), "/heard")
        self.standin.sql("drop table heard")
        self.until((404, "PGRST205"), "/heard")

    def test_an_old_project_grants_by_itself_and_a_new_one_does_not(self):
        self.standin.sql("""create table granted (id int);
            alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
            create table kept (id int)""")
        self.until((200, None), "/granted")
        self.until((403, "42501"), "/kept")

    def test_the_owner_of_a_project_is_no_superuser(self):
        with self.assertRaisesRegex(RuntimeError, "must be superuser"):
            self.standin.sql("alter role anon superuser")
        self.standin.sql("create role made nologin; grant made to authenticator; drop role made")

    def test_a_database_that_is_away_and_comes_back(self):
        for how in ("stop", "crash"):
            with self.subTest(how):
                self.standin.control("POST", "database", {"action": how})
                reply = self.standin.request("GET", "/products")
                self.assertEqual((reply.status, reply.code), (503, "PGRST002"))
                self.assertTrue(int(reply.headers["retry-after"]))
                self.standin.control("POST", "database", {"action": "start"})
                self.assertEqual(self.ask("/products"), (200, None))

    def test_a_pool_that_is_used_up(self):
        self.standin.control("POST", "pool", {"size": 0, "patience": 0.01})
        try:
            reply = self.standin.request("GET", "/products")
            self.assertEqual((reply.status, reply.code), (504, "PGRST003"))
        finally:
            self.standin.control("POST", "pool", {"size": 10, "patience": 10})
        self.assertEqual(self.ask("/products"), (200, None))

    def test_another_schema_is_not_exposed(self):
        reply = self.standin.request("GET", "/products", headers={"Accept-Profile": "auth"})
        self.assertEqual((reply.status, reply.code), (406, "PGRST106"))
        self.assertEqual(self.standin.request("GET", "/products", headers={"Accept-Profile": "public"}).status, 200)

    def test_a_snapshot_is_gone_back_to(self):
        self.standin.sql("insert into products (sku) values ('kept')")
        self.standin.control("POST", "database", {"action": "snapshot", "name": "with_one"})
        self.standin.sql("delete from products")
        self.standin.reset("with_one")
        self.assertEqual(self.standin.request("GET", "/products?select=sku").json, [{"sku": "kept"}])
        self.standin.reset()
        self.assertEqual(self.standin.request("GET", "/products?select=sku").json, [])


if __name__ == "__main__":
    unittest.main()
