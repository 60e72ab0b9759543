"""What the Accept header asks for, and the SQL that makes a body of it."""

from .errors import Refusal


class Media:
    """A kind of body."""

    def __init__(self, header):
        self.is_single = self.is_csv = self.is_stripped = False
        words = [word.strip() for word in (header or "*/*").split(",")]
        for word in words:
            name, _, options = word.partition(";")
            self.is_stripped = "nulls=stripped" in options
            if name in ("*/*", "application/*", "application/json", "application/vnd.pgrst.array",
                        "application/vnd.pgrst.array+json", "application/openapi+json"):
                break
            if name in ("application/vnd.pgrst.object+json", "application/vnd.pgrst.object"):
                self.is_single = True
                break
            if name == "text/csv":
                self.is_csv = True
                break
        else:
            raise Refusal(406, "PGRST107", "None of these media types are available: " + ", ".join(words))
        kind = "application/vnd.pgrst.object+json" if self.is_single else \
            "application/vnd.pgrst.array+json" if self.is_stripped else "application/json"
        if self.is_stripped:
            kind += ";nulls=stripped"
        self.content_type = "text/csv; charset=utf-8" if self.is_csv else f"{kind}; charset=utf-8"

    def body(self, is_scalar=False, is_one=False):
        """SQL: the body made of the rows `_postgrest_t`; `is_one`: a function that gives a single value."""
        if self.is_csv:
            return ("(SELECT coalesce((SELECT string_agg(k, ',') FROM (SELECT json_object_keys(r)::text AS k FROM "
                    "(SELECT row_to_json(x) AS r FROM pgrst_source AS x LIMIT 1) s) t), '')) || E'\\n' || "
                    "coalesce(string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), "
                    "E'\\n'), '')")
        rows = "_postgrest_t.pgrst_scalar" if is_scalar else "_postgrest_t"
        rows = f"json_agg({rows})"
        rows = f"json_strip_nulls({rows})" if self.is_stripped else rows
        if is_one or self.is_single:
            return f"coalesce(({rows})->0, 'null')"
        return f"coalesce({rows}, '[]')"
