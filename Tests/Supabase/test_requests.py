"""Reads, writes and calls: what is asked, and what must come."""

import unittest

from support import FOLDER, shared

P = "application/vnd.pgrst.object+json"
BEN = "00000000-0000-0000-0000-000000000001"

# (target, status, body or code, Content-Range or None)
READS = [
    ("/customers?select=name&order=name&limit=2", 200, [{"name": "Ben"}, {"name": "Cy"}], "0-1/*"),
    ("/customers?select=name&order=name.desc&limit=1&offset=1", 200, [{"name": "Cy"}], "1-1/*"),
    ("/customers?select=name&visit_count=gt.3", 200, [{"name": "Ben"}], "0-0/*"),
    ("/customers?select=name&visit_count=gte.3&order=visit_count", 200, [{"name": "Cy"}, {"name": "Ben"}], "0-1/*"),
    ("/customers?select=name&visit_count=lt.3", 200, [{"name": 'Dot, "the" one'}], "0-0/*"),
    ("/customers?select=name&visit_count=lte.1", 200, [{"name": 'Dot, "the" one'}], "0-0/*"),
    ("/customers?select=name&visit_count=neq.1&visit_count=not.eq.3", 200, [{"name": "Ben"}], "0-0/*"),
    ("/customers?select=name&phone=eq.%2B12025550101", 200, [{"name": "Ben"}], "0-0/*"),
    ("/customers?select=name&phone=eq.+12025550101", 200, [], "*/*"),
    ("/customers?select=name&name=like.B*", 200, [{"name": "Ben"}], "0-0/*"),
    ("/customers?select=name&name=ilike.b%25", 200, [{"name": "Ben"}], "0-0/*"),
    ("/customers?select=name&name=in.(Cy,%22Dot,%20%5C%22the%5C%22%20one%22)&order=name", 200,
     [{"name": "Cy"}, {"name": 'Dot, "the" one'}], "0-1/*"),
    ("/products?select=sku&sku=in.(%22C,3%22,A-1)&order=sku", 200, [{"sku": "A-1"}, {"sku": "C,3"}], "0-1/*"),
    ("/products?select=sku&sku=in.()", 200, [], "*/*"),
    ("/products?select=sku&sku=not.in.(A-1,B-2)", 200, [{"sku": "C,3"}], "0-0/*"),
    ("/customers?select=name&vip_status=is.null", 200, [{"name": "Cy"}], "0-0/*"),
    ("/customers?select=name&vip_status=not.is.null&order=name&limit=1", 200, [{"name": "Ben"}], "0-0/*"),
    ("/customers?select=name&or=(visit_count.eq.1,name.eq.Cy)&order=name", 200,
     [{"name": "Cy"}, {"name": 'Dot, "the" one'}], "0-1/*"),
    ("/customers?select=name&and=(visit_count.gte.1,or(name.eq.Ben,not.and(visit_count.gt.1,name.neq.Cy)))&order=name",
     200, [{"name": "Ben"}, {"name": "Cy"}, {"name": 'Dot, "the" one'}], "0-2/*"),
    ("/customers?select=name&not.or=(visit_count.eq.1,name.in.(Cy,%22x,y%22))", 200, [{"name": "Ben"}], "0-0/*"),
    ("/customers?select=name&name=eq(any).{Ben,Cy}&order=name", 200, [{"name": "Ben"}, {"name": "Cy"}], "0-1/*"),
    ("/products?select=name&name=wfts.tea&order=sku", 200, [{"name": "Tea"}, {"name": "Blue tea"}], "0-1/*"),
    ("/products?select=name&name=plfts(english).blue%20tea", 200, [{"name": "Blue tea"}], "0-0/*"),
    ("/customers?select=n:name,visits:visit_count::text,lifetime_value&name=eq.Ben", 200,
     [{"n": "Ben", "visits": "17", "lifetime_value": 210.5}], "0-0/*"),
    ("/customers?select=name&order=vip_status.asc.nullsfirst,name.desc", 200,
     [{"name": "Cy"}, {"name": 'Dot, "the" one'}, {"name": "Ben"}], "0-2/*"),
    ("/notes?select=id,data->a->>b,tag:data->tags->0&data->a->>b=eq.1", 200,
     [{"id": 1, "b": "1", "tag": "x"}], "0-0/*"),
    ("/customers?select=name,transactions(total,transaction_items(quantity,products(name)))&name=eq.Ben"
     "&transactions.order=date.desc&transactions.limit=1", 200,
     [{"name": "Ben", "transactions": [
         {"total": 12.25, "transaction_items": [{"quantity": 1, "products": {"name": "Cup"}}]}]}], "0-0/*"),
    ("/transactions?select=transaction_id,buyer:customers(name),staff(name)&order=transaction_id&limit=2", 200,
     [{"transaction_id": 1, "buyer": {"name": "Ben"}, "staff": {"name": "Ada"}},
      {"transaction_id": 2, "buyer": {"name": "Ben"}, "staff": None}], "0-1/*"),
    ("/transactions?select=transaction_id,staff!inner(name)", 200,
     [{"transaction_id": 1, "staff": {"name": "Ada"}}], "0-0/*"),
    ("/transactions?select=transaction_id,...customers(name)&order=customers(name).desc,transaction_id&limit=1", 200,
     [{"transaction_id": 3, "name": "Cy"}], "0-0/*"),
    ("/customers?select=name,transactions(total)&transactions.total=gt.10&transactions=not.is.null", 200,
     [{"name": "Ben", "transactions": [{"total": 12.25}]}], "0-0/*"),
    ("/customers?select=name,transactions()&transactions=is.null", 200, [{"name": 'Dot, "the" one'}], "0-0/*"),
    ("/notes?select=id,products(sku)&order=id&products.order=sku", 200,
     [{"id": 1, "products": [{"sku": "A-1"}, {"sku": "B-2"}]}, {"id": 2, "products": []}], "0-1/*"),
    ("/customers?select=name&limit=0", 200, [], "*/*"),
    ("/customers?limit=-1", 416, "PGRST103", None),
    ("/customers?select=name,products(name)", 400, "PGRST200", None),
    ("/customers?select=name&transactions.total=gt.1", 400, "PGRST108", None),
    ("/customers?select=nope", 400, "42703", None),
    ("/customers?nope=eq.1", 400, "42703", None),
    ("/customers?visit_count=eq.many", 400, "22P02", None),
    ("/customers?visit_count=equals.1", 400, "PGRST100", None),
    ("/customers?select=name(", 400, "PGRST100", None),
    ("/customers?order=name.up", 400, "PGRST100", None),
    ("/customers?or=(name.eq.x", 400, "PGRST100", None),
    ("/customers?select=visit_count.sum()", 400, "PGRST123", None),
    ("/custmers", 404, "PGRST205", None),
    ("/a/b/c", 404, "PGRST125", None),
]

# (function, body, status, answer or code)
CALLS = [
    ("echo", {"request": {"a": [1, None, "é"]}}, 200, {"a": [1, None, "é"]}),
    ("echo", {"request": None}, 200, None),
    ("add_up", {"a": 1}, 200, 11),
    ("add_up", {"a": 1, "b": 2}, 200, 3),
    ("numbers", {"n": 3}, 200, [1, 2, 3]),
    ("customers_of?select=name&order=name.desc&limit=1", {"at_least": 3}, 200, [{"name": "Cy"}]),
    ("customers_of?select=name,transactions(total)&name=eq.Cy", {"at_least": 1}, 200,
     [{"name": "Cy", "transactions": [{"total": 6}]}]),
    ("one_customer?select=name,visit_count", {"who": "Ben"}, 200, {"name": "Ben", "visit_count": 17}),
    ("pairs", {}, 200, [{"k": "a", "v": 1}, {"k": "b", "v": 2}]),
    ("pairs?k=eq.b", {}, 200, [{"k": "b", "v": 2}]),
    ("whole", {"any": "thing"}, 200, {"got": {"any": "thing"}}),
    ("whole", [1, 2], 200, {"got": [1, 2]}),
    ("who", {}, 200, "service_role service_role"),
    ("own_headers", {}, 202, "ok"),
    ("add_up", {"b": 1}, 404, "PGRST202"),
    ("add_upp", {"a": 1}, 404, "PGRST202"),
    ("add_up", {"a": "x"}, 400, "22P02"),
    ("fails", {"state": "22023", "words": "no"}, 400, "22023"),
    ("fails", {"state": "P0001", "words": "no"}, 400, "P0001"),
    ("fails", {"state": "42501", "words": "no"}, 403, "42501"),
    ("fails", {"state": "40001", "words": "no"}, 500, "40001"),
    ("fails", {"state": "40P01", "words": "no"}, 500, "40P01"),
    ("fails", {"state": "55P03", "words": "no"}, 500, "55P03"),
    ("fails", {"state": "57014", "words": "no"}, 500, "57014"),
    ("fails", {"state": "53300", "words": "no"}, 503, "53300"),
    ("fails", {"state": "PT418", "words": "no"}, 418, "PT418"),
]


class RequestTests(unittest.TestCase):
    """The API as a caller meets it."""

    @classmethod
    def setUpClass(cls):
        cls.standin = shared()
        cls.standin.reset()
        cls.standin.load(FOLDER + "/seed.sql")
        cls.standin.control("POST", "database", {"action": "snapshot", "name": "seeded"})

    def setUp(self):
        self.standin.reset("seeded")

    def test_reads(self):
        for target, status, body, ranged in READS:
            with self.subTest(target):
                reply = self.standin.request("GET", target)
                self.assertEqual((reply.status, reply.code if isinstance(body, str) else reply.json), (status, body))
                if ranged:
                    self.assertEqual(reply.headers["content-range"], ranged)
                else:
                    self.assertEqual(reply.headers["proxy-status"], f"PostgREST; error={body}")
                    self.assertEqual(list(reply.json), ["code", "details", "hint", "message"])

    def test_calls(self):
        for name, body, status, answer in CALLS:
            with self.subTest(name, body=body):
                reply = self.standin.request("POST", "/rpc/" + name, body)
                self.assertEqual((reply.status, reply.json if status < 300 else reply.code), (status, answer))

    def test_a_refusal_in_a_function_brings_its_words(self):
        reply = self.standin.request("POST", "/rpc/fails", {"state": "22023", "words": "bad request"})
        self.assertEqual(reply.json, {"code": "22023", "details": "why", "hint": "how", "message": "bad request"})

    def test_a_function_without_a_result_answers_204(self):
        reply = self.standin.request("POST", "/rpc/nothing_back", {"words": "kept"})
        self.assertEqual((reply.status, reply.body, reply.headers.get("content-length")), (204, b"", None))
        self.assertEqual(self.standin.sql("select words from notes where gateway = 'void'"), "kept")

    def test_a_function_may_set_headers_and_status(self):
        reply = self.standin.request("POST", "/rpc/own_headers", {})
        self.assertEqual((reply.status, reply.headers["x-own"]), (202, "yes"))

    def test_a_get_may_read_and_never_write(self):
        self.assertEqual(self.standin.request("GET", "/rpc/add_up?a=1&b=5").json, 6)
        self.assertEqual(self.standin.request("GET", "/rpc/customers_of?at_least=1&select=name&name=eq.Cy").json,
                         [{"name": "Cy"}])
        reply = self.standin.request("GET", "/rpc/writes")
        self.assertEqual((reply.status, reply.code), (405, "25006"))

    def test_a_range_and_a_count(self):
        reply = self.standin.request("GET", "/customers?select=name&order=name",
                                     headers={"Range": "0-1", "Prefer": "count=exact"})
        self.assertEqual((reply.status, reply.headers["content-range"], reply.headers["preference-applied"]),
                         (206, "0-1/3", "count=exact"))
        reply = self.standin.request("HEAD", "/customers", headers={"Prefer": "count=exact"})
        self.assertEqual((reply.status, reply.headers["content-range"], reply.body), (200, "0-2/3", b""))
        reply = self.standin.request("GET", "/customers?offset=9", headers={"Prefer": "count=exact"})
        self.assertEqual((reply.status, reply.code, reply.headers["content-range"]), (416, "PGRST103", "*/3"))
        reply = self.standin.request("GET", "/customers", headers={"Range": "5-2"})
        self.assertEqual((reply.status, reply.code), (416, "PGRST103"))

    def test_a_thousand_rows_and_no_sign_of_more(self):
        self.standin.sql("insert into products (sku) select 'many' || i from generate_series(1, 2500) i")
        reply = self.standin.request("GET", "/products?select=sku&limit=2000")
        self.assertEqual((reply.status, len(reply.json), reply.headers["content-range"]), (200, 1000, "0-999/*"))
        self.assertEqual(len(self.standin.request("POST", "/rpc/numbers", {"n": 1500}).json), 1000)

    def test_a_single_object_or_none(self):
        reply = self.standin.request("GET", "/customers?select=name&name=eq.Ben", headers={"Accept": P})
        self.assertEqual((reply.json, reply.headers["content-type"]), ({"name": "Ben"}, P + "; charset=utf-8"))
        reply = self.standin.request("GET", "/customers", headers={"Accept": P})
        self.assertEqual((reply.status, reply.code, reply.json["details"]),
                         (406, "PGRST116", "The result contains 3 rows"))
        reply = self.standin.request("PATCH", "/customers?visit_count=gt.1", {"name": "X"},
                                     headers={"Accept": P, "Prefer": "return=representation"})
        self.assertEqual(reply.status, 406)
        self.assertEqual(self.standin.sql("select count(*) from customers where name = 'X'"), "0")

    def test_other_media(self):
        reply = self.standin.request("GET", "/products?select=sku,name&order=sku", headers={"Accept": "text/csv"})
        self.assertEqual(reply.body.decode(), 'sku,name\nA-1,Tea\nB-2,"Blue tea"\n"C,3",Cup')
        reply = self.standin.request("GET", "/products", headers={"Accept": "text/html"})
        self.assertEqual((reply.status, reply.code), (406, "PGRST107"))
        self.assertEqual(self.standin.request("GET", "/").headers["content-type"],
                         "application/openapi+json; charset=utf-8")

    def test_an_insert(self):
        rows = [{"sku": "N-1", "name": "new"}, {"sku": "N-2", "name": None}]
        reply = self.standin.request("POST", "/products", rows)
        self.assertEqual((reply.status, reply.body, reply.headers["content-range"]), (201, b"", "*/*"))
        reply = self.standin.request("POST", "/products?select=sku,retail_price", {"sku": "N-3", "retail_price": 1.5},
                                     headers={"Prefer": "return=representation"})
        self.assertEqual((reply.status, reply.json), (201, [{"sku": "N-3", "retail_price": 1.5}]))
        self.assertEqual(reply.headers["preference-applied"], "return=representation")
        reply = self.standin.request("POST", "/notes", {"gateway": "g"}, headers={"Prefer": "return=headers-only"})
        self.assertEqual((reply.status, reply.headers["location"]), (201, "/notes?id=eq.3"))
        self.assertEqual(self.standin.request("POST", "/products", []).status, 201)
        reply = self.standin.request("POST", "/transactions?select=total,customers(name)", {
            "transaction_id": 9, "total": 1, "customer_id": BEN}, headers={"Prefer": "return=representation"})
        self.assertEqual(reply.json, [{"total": 1, "customers": {"name": "Ben"}}])

    def test_inserts_that_are_refused(self):
        for body, status, code in [
                ([{"sku": "x"}, {"name": "y"}], 400, "PGRST102"), (b'{"a":', 400, "PGRST102"), ([1], 400, "PGRST102"),
                ({"nope": 1}, 400, "PGRST204"), ({"sku": "A-1"}, 409, "23505"), ({"name": "x"}, 400, "23502"),
                ({"sku": "x", "current_stock": "many"}, 400, "22P02")]:
            with self.subTest(body):
                reply = self.standin.request("POST", "/products", body)
                self.assertEqual((reply.status, reply.code), (status, code))
        reply = self.standin.request("POST", "/transaction_items", {"product_sku": "none"})
        self.assertEqual((reply.status, reply.code), (409, "23503"))
        reply = self.standin.request("POST", "/products", b"a", headers={"Content-Type": "text/plain"})
        self.assertEqual((reply.status, reply.code), (400, "PGRST102"))

    def test_missing_values_are_null_or_the_default(self):
        columns = "/notes?columns=id,gateway,words&select=id,words"
        rows = [{"gateway": "a"}, {"gateway": "b", "words": "w"}]
        reply = self.standin.request("POST", columns, rows, headers={"Prefer": "return=representation"})
        self.assertEqual((reply.status, reply.code), (400, "23502"))
        reply = self.standin.request("POST", columns, rows, headers={
            "Prefer": "return=representation, missing=default"})
        self.assertEqual(reply.json, [{"id": 3, "words": None}, {"id": 4, "words": "w"}])
        self.assertEqual(reply.headers["preference-applied"], "missing=default, return=representation")

    def test_duplicates_are_ignored_or_merged(self):
        target = "/products?on_conflict=sku&select=sku,name"
        rows = [{"sku": "A-1", "name": "T"}, {"sku": "N", "name": "n"}]
        reply = self.standin.request("POST", target, rows, headers={
            "Prefer": "resolution=ignore-duplicates,return=representation"})
        self.assertEqual((reply.status, reply.json), (201, [{"sku": "N", "name": "n"}]))
        merge = {"Prefer": "resolution=merge-duplicates,return=representation"}
        reply = self.standin.request("POST", target, rows, headers=merge)
        self.assertEqual((reply.status, reply.json), (200, rows))
        reply = self.standin.request("POST", target, rows + [{"sku": "O", "name": "o"}], headers=merge)
        self.assertEqual((reply.status, len(reply.json)), (201, 3))
        reply = self.standin.request("POST", "/products?on_conflict=name", rows, headers=merge)
        self.assertEqual((reply.status, reply.code), (400, "42P10"))

    def test_an_update(self):
        reply = self.standin.request("PATCH", "/customers?name=eq.Ben", {"visit_count": 18})
        self.assertEqual((reply.status, reply.body, reply.headers["content-range"]), (204, b"", "0-0/*"))
        reply = self.standin.request("PATCH", "/customers?visit_count=gt.1&select=name,visit_count&order=name",
                                     {"visit_count": 2}, headers={"Prefer": "return=representation,count=exact"})
        self.assertEqual((reply.status, reply.headers["content-range"]), (200, "0-1/2"))
        self.assertEqual(reply.json, [{"name": "Ben", "visit_count": 2}, {"name": "Cy", "visit_count": 2}])
        reply = self.standin.request("PATCH", "/customers?name=eq.Ben", {}, headers={"Prefer": "return=representation"})
        self.assertEqual((reply.status, reply.json), (200, []))
        reply = self.standin.request("PATCH", "/customers?name=eq.Ben", {"nope": 1})
        self.assertEqual((reply.status, reply.code), (400, "PGRST204"))

    def test_a_delete(self):
        reply = self.standin.request("DELETE", "/transaction_items?quantity=eq.1")
        self.assertEqual((reply.status, reply.headers["content-range"]), (204, "*/*"))
        reply = self.standin.request("DELETE", "/transaction_items?select=quantity",
                                     headers={"Prefer": "return=representation"})
        self.assertEqual((reply.status, reply.json), (200, [{"quantity": 2}]))

    def test_no_more_rows_than_wished_are_touched(self):
        wish = {"Prefer": "handling=strict, max-affected=1"}
        reply = self.standin.request("PATCH", "/customers", {"name": "all"}, headers=wish)
        self.assertEqual((reply.status, reply.code, reply.json["details"]),
                         (400, "PGRST124", "The query affects 3 rows"))
        self.assertEqual(self.standin.request("DELETE", "/transaction_items", headers=wish).code, "PGRST124")
        self.assertEqual(self.standin.sql("select count(*) from customers where name = 'all'"), "0")
        reply = self.standin.request("PATCH", "/customers?name=eq.Cy", {"name": "one"}, headers=wish)
        self.assertEqual((reply.status, reply.headers["preference-applied"]), (204, "handling=strict, max-affected=1"))
        reply = self.standin.request("GET", "/customers", headers={"Prefer": "handling=strict, anything"})
        self.assertEqual((reply.status, reply.code), (400, "PGRST122"))
        reply = self.standin.request("POST", "/rpc/echo", {"request": 1}, headers=wish)
        self.assertEqual((reply.status, reply.code), (400, "PGRST128"))

    def test_a_form_is_read_as_an_object(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.standin.request("POST", "/rpc/add_up", b"a=1&b=4", headers=form).json, 5)
        self.assertEqual(self.standin.request("POST", "/products", b"sku=F&name=form", headers=form).status, 201)

    def test_a_chunked_body(self):
        reply = self.standin.raw("POST", "/rest/v1/rpc/echo", iter([b'{"request":', b'{"n": 1}}']), {
            "apikey": self.standin.environment["sb_secret_key"], "Content-Type": "application/json",
            "User-Agent": "conductor-test"})
        self.assertEqual(reply.json, {"n": 1})

    def test_a_thousand_rows_in_one_request(self):
        rows = [{"sku": f"bulk-{index}", "name": "x" * 100} for index in range(1000)]
        self.assertEqual(self.standin.request("POST", "/products", rows).status, 201)
        self.assertEqual(self.standin.sql("select count(*) from products where sku like 'bulk-%'"), "1000")


if __name__ == "__main__":
    unittest.main()
