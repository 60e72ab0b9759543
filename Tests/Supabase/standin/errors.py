"""Error answers: the body, the status and the headers that PostgREST gives to each."""

import json

# SQLSTATE, or how it begins, and the status; the longest that fits decides. Everything else is the caller's fault: 400.
_STATUS = {
    "08": 503, "09": 500, "0L": 403, "0P": 403, "23503": 409, "23505": 409, "25006": 405, "21000": 500, "25": 500,
    "28": 403, "2D": 500, "38": 500, "39": 500, "3B": 500, "40": 500, "53": 503, "53400": 500, "54": 500, "55": 500,
    "57": 500, "57P01": 503, "58": 500, "F0": 500, "HV": 500, "P0": 500, "P0001": 400, "XX": 500, "42883": 404,
    "42P01": 404, "42P17": 500,
}


class Refusal(Exception):
    """A request that ends in an error answer."""

    def __init__(self, status, code, message, details=None, hint=None, headers=()):
        super().__init__(message)
        self.status, self.code, self.headers = status, code, list(headers)
        self.body = body(code, message, details, hint)

    def all_headers(self):
        """The headers of the answer."""
        answer = [("Content-Type", "application/json; charset=utf-8"),
                  ("Proxy-Status", f"PostgREST; error={self.code}")]
        if self.status == 503:
            answer.append(("Retry-After", "1"))
        return answer + self.headers


def body(code, message, details=None, hint=None):
    """The JSON of an error, its keys in PostgREST's order."""
    return compact({"code": code, "details": details, "hint": hint, "message": message})


def compact(value):
    """JSON without blanks, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def of_database(error, is_anonymous):
    """The refusal for what PostgreSQL refused."""
    code, message = error.code, error.message
    if code == "PGRST":
        return _raised(error)
    status = next((_STATUS[code[:length]] for length in (5, 2) if code[:length] in _STATUS), 400)
    if code == "42501":
        status = 401 if is_anonymous else 403
    elif code == "22023" and message.startswith("role") and message.endswith("does not exist"):
        status = 401
    elif code == "21000" and message.endswith("requires a WHERE clause"):
        status = 400
    elif code.startswith("PT") and code[2:].isdigit():
        status = int(code[2:])
    headers = [("WWW-Authenticate", "Bearer")] if status == 401 else []
    return Refusal(status, code, message, error.details, error.hint, headers)


def _raised(error):
    """RAISE SQLSTATE 'PGRST': message and detail are JSON and decide the whole answer."""
    try:
        what, how = json.loads(error.message), json.loads(error.details or "")
        return Refusal(how["status"], what["code"], what["message"], what.get("details"), what.get("hint"),
                       list(how["headers"].items()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refusal(500, "PGRST121", "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error",
                       "DETAIL is missing in the RAISE statement" if not error.details else
                       f"Invalid JSON value for DETAIL: '{error.details}'")


def of_token(refused):
    """The refusal for a token that does not count."""
    return Refusal(401, refused.code, refused.message, refused.details, None,
                   [("WWW-Authenticate", f'Bearer error="invalid_token", error_description="{refused.message}"')])
