"""What stands in front of PostgREST: it looks at `apikey`, and hands the request on with a token."""

import re

from .errors import compact
from .http11 import Answer
from .tokens import mint

_BROWSER = re.compile(r"Mozilla/|Chrome/|Safari/|Gecko/|Opera/")
_MOST_HEAD = 16 * 1024


class Keys:
    """The keys of a project: old ones, which are tokens, and new ones, which are not."""

    def __init__(self, secret):
        self.secret = secret
        self.anon = mint(secret, {"iss": "supabase", "ref": "standin", "role": "anon"})
        self.service = mint(secret, {"iss": "supabase", "ref": "standin", "role": "service_role"})
        self.publishable = "sb_publishable_c29tZXRoaW5nIG9wZW4_standin1"
        self.secret_key = "sb_secret_bm90aGluZyB0byBoaWRlIGhlcmU_standin2"
        self._tokens = {self.publishable: self.anon, self.secret_key: self.service}

    def refusal(self, request):
        """The gateway's own answer, when it does not let the request through."""
        if request.head_size + len(request.target) > _MOST_HEAD:
            return html(520, "Web server is returning an unknown error")
        key = self._key(request)
        if not key:
            return _refused("No API key found in request", "No `apikey` request header or url param was found.")
        if key not in self._tokens and key not in (self.anon, self.service):
            return _refused("Invalid API key", "Double check your Supabase `anon` or `service_role` API key.")
        if key == self.secret_key and _BROWSER.search(request.get("user-agent") or ""):
            return _refused("Forbidden use of secret API key in browser",
                            "Secret API keys can only be used in a protected environment and should never be used in a "
                            "browser. Delete this secret API key immediately.")
        return None

    def authorization(self, request):
        """The Authorization that PostgREST gets: the caller's, or the token that a new key stands for.

        An old key in `apikey` alone opens the gate and no more: PostgREST sees nobody, which is anon.
        """
        given, key = request.get("authorization"), self._key(request)
        if given and not (key in self._tokens and given == f"Bearer {key}"):
            return given
        return "Bearer " + self._tokens[key] if key in self._tokens else None

    def _key(self, request):
        key = request.get("apikey")
        if not key:
            found = re.search(r"(?:^|&)apikey=([^&]*)", request.query)
            key = found and found[1]
        return key


def _refused(message, hint):
    return Answer(401, [("Content-Type", "application/json")], compact({"message": message, "hint": hint}))


def html(status, title):
    """An error page as a content network makes it."""
    page = (f"<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>supabase.co | {status}: {title}</title></head>"
            f"<body><h1>{title}</h1><p>Error code {status}</p></body></html>\n")
    return Answer(status, [("Content-Type", "text/html; charset=UTF-8")], page.encode())
