"""The answers of a real PostgREST 14.5, recorded: ours are the same."""

import os
import unittest

import wire


def recording():
    """The folder of the recording, beside the shared test data; None when it is not at hand."""
    data = os.environ.get("CONDUCTOR_TEST_DATA")
    folder = data and os.path.join(data, "..", "reference", "supabase")
    return folder if folder and os.path.exists(f"{folder}/{wire.RECORDING}") else None


REASON = "no recorded answers of PostgREST: CONDUCTOR_TEST_DATA names no folder beside them"


def setUpModule():
    if not recording():
        print("wire: " + REASON)


class WireTests(unittest.TestCase):
    """The recorder's own script asks the stand-in."""

    @unittest.skipUnless(recording(), REASON)
    def test_every_answer_is_the_recorded_one(self):
        count, found = wire.differences(recording())
        self.assertEqual("\n\n".join(found), "")
        self.assertGreater(count, 50)

    def test_a_difference_is_seen(self):
        one = "\n### a\nHTTP/1.1 200 OK\nContent-Length: 2\n\n[]\n\n### b\nHTTP/1.1 404 Not Found\n"
        self.assertEqual(wire.compared(one, one), [])
        self.assertEqual(len(wire.compared(one, one.replace("200", "201"))), 1)
        self.assertEqual(len(wire.compared(one, one.replace("[]", "[1]"))), 1)
        self.assertEqual(len(wire.compared(one, one.split("\n### b")[0])), 1)
        self.assertEqual(len(wire.compared(one.split("\n### b")[0], one)), 1)


if __name__ == "__main__":
    unittest.main()
