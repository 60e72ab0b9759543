"""The judge sees every kind of loss and copy."""

import unittest

import judge

QUESTION, NEWS = ("+16195560001", "question 1"), ("+16195550002", "news 2")
OFFER = ("+16195550003", "offer " * 40)


def world():
    """A text that came and was answered, a row of one part and one of two, as they should be."""
    events = [{"event": "arrived", "id": 1, "from": QUESTION[0], "text": QUESTION[1]}]
    rows = [{"id": 1, "direction": "inbound", "phone_number": QUESTION[0], "content": QUESTION[1], "status": "read",
             "delivery_status": None, "answers": None, "incomplete": 0}]
    ours = [(QUESTION[0], "re: question 1", "uid"), (*NEWS, None), (*OFFER, None)]
    for number, (phone, body, answers) in enumerate(ours):
        rows.append({"id": 2 + number, "direction": "outbound", "phone_number": phone, "content": body,
                     "status": "sent", "delivery_status": "delivered", "answers": answers, "incomplete": 0})
        events += [{"event": "submitted", "to": phone, "text": part} for part in judge.parts_of(body)]
    return events, rows


class JudgeTests(unittest.TestCase):
    """Of the judge alone."""

    def found(self, change, cuts=0):
        """What it says when this is changed."""
        events, rows = world()
        change(events, rows)
        return " ".join(judge.findings(events, rows, cuts))

    def test_it_has_nothing_to_say_when_all_is_well(self):
        self.assertEqual(self.found(lambda events, rows: None), "")

    def test_a_text_that_is_not_stored_or_stored_twice(self):
        self.assertIn("came 1 times and is stored 0 times", self.found(lambda events, rows: rows.pop(0)))
        self.assertIn("came 1 times and is stored 2 times", self.found(lambda events, rows: rows.append(dict(rows[0]))))
        self.assertIn("came 0 times and is stored 1 times", self.found(lambda events, rows: events.pop(0)))

    def test_a_text_that_lacks_a_part(self):
        self.assertIn("incomplete", self.found(lambda events, rows: rows[0].update(incomplete=1)))

    def test_a_text_that_is_not_answered_or_answered_twice(self):
        self.assertIn("written 0 times for 1", self.found(lambda events, rows: rows[1].update(answers=None)))
        self.assertIn("written 2 times for 1", self.found(lambda events, rows: rows.append(dict(rows[1], id=9))))

    def test_a_part_that_left_twice_or_never(self):
        self.assertIn("on the air 2 times, not 1", self.found(lambda events, rows: events.append(dict(events[-1]))))
        self.assertIn("on the air 0 times, not 1: lost", self.found(lambda events, rows: events.pop()))
        self.assertIn("not 0", self.found(lambda events, rows: events.append(dict(events[-1], text="nobody's"))))

    def test_a_row_that_did_not_come_to_its_end(self):
        self.assertIn("ended as queued/None",
                      self.found(lambda events, rows: rows[2].update(status="queued", delivery_status=None)))
        self.assertIn("1 texts have no report",
                      self.found(lambda events, rows: rows[2].update(delivery_status="accepted")))

    def test_an_unknown_row_needs_a_cut_and_excuses_a_loss_not_a_copy(self):
        def unknown(events, rows):
            rows[2].update(delivery_status="unknown")

        def lost(events, rows):
            unknown(events, rows)
            del events[2]

        def doubled(events, rows):
            unknown(events, rows)
            events.append(dict(events[2]))

        self.assertIn("1 texts are unknown", self.found(unknown))
        self.assertEqual(self.found(unknown, cuts=1), "")
        self.assertEqual(self.found(lost, cuts=1), "")
        self.assertIn("on the air 2 times", self.found(doubled, cuts=1))
