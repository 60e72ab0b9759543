"""The Prefer header: what a caller wishes, and what of it was granted."""

from .errors import Refusal

_KNOWN = {
    "resolution": ("merge-duplicates", "ignore-duplicates"),
    "return": ("representation", "minimal", "headers-only"),
    "count": ("exact", "planned", "estimated"),
    "missing": ("default", "null"),
    "handling": ("strict", "lenient"),
    # Known, and without effect: Supabase does not let callers undo their transactions.
    "tx": ("commit", "rollback"),
}
# In this order they are confirmed.
_ORDER = ("resolution", "missing", "return", "count", "handling", "timezone", "max-affected")


class Preferences:
    """The wishes of one request; the first of a kind counts."""

    def __init__(self, headers, timezones=()):
        self.wishes, unknown = {}, []
        for word in [word.strip() for value in headers for word in value.split(",") if word.strip()]:
            name, _, value = word.partition("=")
            is_known = value in _KNOWN.get(name, ()) or (name == "timezone" and value in timezones) or (
                name == "max-affected")
            if not is_known:
                unknown.append(word)
            elif name not in self.wishes:
                self.wishes[name] = value
        if unknown and self.wishes.get("handling") == "strict":
            raise Refusal(400, "PGRST122", "Invalid preferences given with handling=strict",
                          "Invalid preferences: " + ", ".join(unknown))

    def get(self, name):
        """The wish of this kind, or None."""
        return self.wishes.get(name)

    @property
    def max_affected(self):
        """The most rows that a write may touch; only strict handling makes it count."""
        value = self.wishes.get("max-affected", "")
        return int(value) if self.wishes.get("handling") == "strict" and value.isdigit() else None

    def applied(self, *names):
        """The header that confirms the wishes of these kinds, as a list of none or one."""
        granted = [f"{name}={self.wishes[name]}" for name in _ORDER if name in names and name in self.wishes
                   and (name != "max-affected" or self.max_affected is not None)]
        return [("Preference-Applied", ", ".join(granted))] if granted else []
