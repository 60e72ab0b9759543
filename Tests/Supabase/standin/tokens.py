"""JSON Web Tokens signed with HS256: minting them for tests, and refusing them as PostgREST does."""

import base64
import hashlib
import hmac
import json
import time

_SKEW = 30


class TokenRefused(Exception):
    """A token that does not count, with PostgREST's code and words for it."""

    def __init__(self, code, message, details=None):
        super().__init__(message)
        self.code, self.message, self.details = code, message, details


def _encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def _decoded(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def mint(secret, claims, lifetime=10 * 365 * 86400):
    """A token with these claims; without `exp` it is valid for so many seconds."""
    claims = dict(claims)
    claims.setdefault("exp", int(time.time()) + lifetime)
    head = _encoded(b'{"alg":"HS256","typ":"JWT"}') + b"." + _encoded(json.dumps(claims).encode())
    return (head + b"." + _encoded(hmac.new(secret.encode(), head, hashlib.sha256).digest())).decode()


class Verifier:
    """Reads tokens; one seen before costs a look into a table."""

    def __init__(self, secret):
        self._secret = secret.encode()
        self._seen = {}

    def claims(self, token):
        """The claims of a valid token."""
        claims = self._seen.get(token)
        if claims is None:
            claims = self._read(token)
            if len(self._seen) > 1000:
                self._seen.clear()
            self._seen[token] = claims
        now = time.time()
        for name in ("exp", "nbf", "iat"):
            if name in claims and not isinstance(claims[name], (int, float)):
                raise TokenRefused("PGRST303", f"The JWT '{name}' claim must be a number")
        if now > claims.get("exp", now) + _SKEW:
            raise TokenRefused("PGRST303", "JWT expired")
        if now < claims.get("nbf", now) - _SKEW:
            raise TokenRefused("PGRST303", "JWT not yet valid")
        if now < claims.get("iat", now) - _SKEW:
            raise TokenRefused("PGRST303", "JWT issued at future")
        return claims

    def _read(self, token):
        if not token:
            raise TokenRefused("PGRST301", "Empty JWT is sent in Authorization header")
        parts = token.encode().split(b".")
        if len(parts) != 3:
            raise TokenRefused("PGRST301", f"Expected 3 parts in JWT; got {len(parts)}")
        no_key = TokenRefused("PGRST301", "No suitable key or wrong key type",
                              "None of the keys was able to decode the JWT")
        try:
            header, signature = json.loads(_decoded(parts[0])), _decoded(parts[2])
        except ValueError:
            raise TokenRefused("PGRST301", "JWT cryptographic operation failed") from None
        expected = hmac.new(self._secret, parts[0] + b"." + parts[1], hashlib.sha256).digest()
        if header.get("alg") != "HS256" or not hmac.compare_digest(expected, signature):
            raise no_key
        try:
            claims = json.loads(_decoded(parts[1]))
        except ValueError:
            claims = None
        if not isinstance(claims, dict):
            raise TokenRefused("PGRST303", "Parsing claims failed")
        return claims
