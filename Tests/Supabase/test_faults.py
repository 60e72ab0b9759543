"""What goes wrong on purpose: what the caller gets, and whether the work was done."""

import http.client
import json
import socket
import subprocess
import threading
import unittest
import urllib.parse

from support import shared

NEW = {"sku": "written"}


class FaultTests(unittest.TestCase):
    """Every fault that a test can switch on."""

    def setUp(self):
        self.standin = shared()
        self.standin.reset()

    def fault(self, **wish):
        """Switches a fault on."""
        return self.standin.control("POST", "faults", wish)

    def is_written(self):
        """Whether the row of NEW is there."""
        return self.standin.sql("select count(*) from products where sku = 'written'") == "1"

    def until(self, condition):
        """Asks until it is so."""
        for _ in range(5000):
            if condition():
                return
        self.fail("it never came to be")

    def give_up(self, condition):
        """Writes NEW, and closes the connection without an answer as soon as it is so."""
        address = urllib.parse.urlparse(self.standin.url)
        body = json.dumps(NEW)
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall((f"POST /rest/v1/products HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                f"apikey: {self.standin.environment['sb_secret_key']}\r\n"
                                f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
            self.until(condition)

    def test_every_status_with_the_body_that_goes_with_it(self):
        for status, kind, code in [
                (401, "application/json", None), (402, "application/json", None), (404, "application/json", None),
                (409, "application/json; charset=utf-8", "40001"), (429, "application/json", None),
                (500, "application/json; charset=utf-8", "57014"), (502, "text/html; charset=UTF-8", None),
                (503, "application/json; charset=utf-8", "PGRST002"),
                (504, "application/json; charset=utf-8", "PGRST003"),
                *((status, "text/html; charset=UTF-8", None) for status in (520, 521, 522, 523, 524, 525, 530)),
                (540, "application/json", None), (544, "application/json", None)]:
            with self.subTest(status):
                self.fault(status=status)
                reply = self.standin.request("POST", "/products", NEW)
                self.assertEqual((reply.status, reply.headers["content-type"]), (status, kind))
                if "json" in kind:
                    self.assertEqual(reply.json.get("code"), code)
                self.assertEqual(reply.headers.get("proxy-status"), code and f"PostgREST; error={code}")
                self.assertEqual(self.standin.request("GET", "/products").json, [])

    def test_a_status_with_words_of_the_test(self):
        self.fault(status=429, retry_after=7, headers={"X-Own": "1"}, body="slow down", content_type="text/plain")
        reply = self.standin.request("GET", "/products")
        self.assertEqual((reply.status, reply.headers["retry-after"], reply.headers["x-own"], reply.body),
                         (429, "7", "1", b"slow down"))
        self.fault(status=500, html=True)
        self.assertIn(b"<html", self.standin.request("GET", "/products").body)

    def test_a_status_although_the_work_was_done(self):
        self.fault(status=502, done=True)
        self.assertEqual(self.standin.request("POST", "/products", NEW).status, 502)
        self.assertTrue(self.is_written())

    def test_an_empty_answer(self):
        self.fault(kind="empty")
        reply = self.standin.request("GET", "/products")
        self.assertEqual((reply.status, reply.body), (200, b""))

    def test_half_an_answer(self):
        self.fault(kind="cut")
        with self.assertRaises(http.client.IncompleteRead):
            self.standin.request("POST", "/products", NEW, headers={"Prefer": "return=representation"})
        self.assertTrue(self.is_written())

    def test_a_reset_before_and_after_the_work(self):
        for kind, is_done in (("reset_before", False), ("reset_after", True)):
            with self.subTest(kind):
                self.fault(kind=kind)
                with self.assertRaises(ConnectionResetError):
                    self.standin.request("POST", "/products", NEW)
                self.assertEqual(self.is_written(), is_done)

    def test_a_reset_on_a_connection_that_was_kept(self):
        address = urllib.parse.urlparse(self.standin.url)
        connection = http.client.HTTPConnection(address.hostname, address.port)
        sent = {"apikey": self.standin.environment["sb_secret_key"], "Content-Type": "application/json"}
        self.fault(kind="reset_after", skip=1)
        connection.request("GET", "/rest/v1/products", headers=sent)
        connection.getresponse().read()
        connection.request("POST", "/rest/v1/products", b'{"sku":"written"}', sent)
        with self.assertRaises(ConnectionResetError):
            connection.getresponse()
        connection.close()
        self.assertTrue(self.is_written())

    def test_curl_repeats_a_write_by_itself(self):
        """Why every write of ours has to bear being done twice: the second one looks as if nothing had happened."""
        words = ["-s", "-H", "apikey: " + self.standin.environment["sb_secret_key"]]
        self.fault(kind="reset_after", skip=1)
        done = subprocess.run(
            ["curl", *words, self.standin.url + "/rest/v1/products", "--next", *words, "-d", "payment_method=twice",
             "-d", "transaction_id=1", self.standin.url + "/rest/v1/transactions"],
            capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, json.loads(done.stdout.partition("]")[2])["code"]), (0, "23505"))
        self.assertEqual(self.standin.control("GET", "counters")["paths"]["POST /rest/v1/transactions"], 2)

    def test_the_work_goes_on_when_the_caller_gave_up(self):
        for kind, is_done in (("hold_before", False), ("hold_after", True)):
            with self.subTest(kind):
                self.standin.sql("delete from products")
                self.fault(kind=kind)
                self.give_up(lambda: self.standin.control("GET", "counters")["waiting"] == 1)
                self.assertEqual(self.is_written(), is_done)
                self.standin.control("POST", "release")
                self.until(self.is_written)
        for kind in ("late_work", "late_answer"):
            with self.subTest(kind):
                self.standin.reset()
                self.fault(kind=kind, seconds=0.2)
                self.give_up(lambda: self.standin.control("GET", "log") != [])
                self.until(self.is_written)

    def test_a_hanging_request_is_never_done(self):
        self.fault(kind="hang")
        self.give_up(lambda: self.standin.control("GET", "counters")["waiting"] == 1)
        self.until(lambda: self.standin.control("GET", "counters")["waiting"] == 0)
        self.assertFalse(self.is_written())

    def test_what_is_held_is_answered_at_the_release(self):
        self.fault(kind="hold_before")
        replies = []
        thread = threading.Thread(target=lambda: replies.append(self.standin.request("GET", "/products")))
        thread.start()
        self.until(lambda: self.standin.control("GET", "counters")["waiting"] == 1)
        self.assertEqual(self.standin.request("GET", "/customers").status, 200)
        self.standin.control("POST", "release")
        thread.join(10)
        self.assertEqual(replies[0].status, 200)

    def test_slow_answers_are_whole(self):
        for kind in ("slow", "trickle"):
            self.fault(kind=kind, seconds=0.1)
            self.assertEqual(self.standin.request("GET", "/products").json, [])

    def test_a_fault_hits_what_it_is_for_and_no_more(self):
        self.fault(status=503, path="/rpc/|limit=7", method="GET", next=2, skip=1)
        asked = ["/products?limit=7", "/products", "/products?limit=7", "/products?limit=7", "/products?limit=7"]
        self.assertEqual([self.standin.request("GET", target).status for target in asked], [200, 200, 503, 503, 200])
        fault = self.standin.control("GET", "faults")[0]
        self.assertEqual((fault["hits"], fault["left"]), (2, 0))

    def test_dice_fall_the_same_way_again(self):
        seen = []
        for _ in range(2):
            self.standin.control("DELETE", "faults")
            self.standin.control("POST", "faults", [{"seed": 7}, {"status": 429, "probability": 0.4}])
            seen.append([self.standin.request("GET", "/products").status for _ in range(40)])
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(set(seen[0]), {200, 429})

    def test_requests_are_counted_and_written_down(self):
        self.fault(kind="reset_before", path="/customers")
        self.standin.request("GET", "/products?limit=1")
        self.standin.request("GET", "/products?limit=2")
        with self.assertRaises(ConnectionResetError):
            self.standin.request("GET", "/customers")
        counters = self.standin.control("GET", "counters")
        self.assertEqual(counters["paths"], {"GET /rest/v1/products": 2, "GET /rest/v1/customers": 1})
        self.assertEqual((counters["statuses"], counters["total"]), ({"200": 2}, 3))
        self.assertEqual([one["status"] for one in self.standin.control("GET", "log")], [200, 200, None])

    def test_a_fault_that_there_is_not_is_refused(self):
        for wish in ({"kind": "nonsense"}, {"status": 9}, {"sort": "cut"}):
            with self.assertRaises(RuntimeError):
                self.fault(**wish)


if __name__ == "__main__":
    unittest.main()
