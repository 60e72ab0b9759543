"""Turns POST, PATCH and DELETE on a table into SQL."""

import json
import urllib.parse

from .errors import Refusal
from .reading import Reading, ident


class Payload:
    """The body of a write: its text as a JSON array or object, and the keys of its objects."""

    def __init__(self, body, content_type, columns=None):
        self.text, self.is_array = body, False
        kind = content_type.split(";")[0].strip()
        if kind == "application/x-www-form-urlencoded":
            fields = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            self.text, self.keys = json.dumps(fields).encode(), list(fields)
            self.count = 1
            return
        if kind not in ("", "application/json", "application/vnd.pgrst.object+json",
                        "application/vnd.pgrst.array+json"):
            raise Refusal(400, "PGRST102", f"Content-Type not acceptable: {kind}")
        try:
            value = json.loads(body)
        except ValueError:
            raise Refusal(400, "PGRST102", "Empty or invalid json") from None
        self.is_array = isinstance(value, list)
        rows = value if self.is_array else [value]
        if not all(isinstance(row, dict) for row in rows):
            raise Refusal(400, "PGRST102", "All object keys must match")
        self.keys, self.count = columns if columns is not None else (list(rows[0]) if rows else []), len(rows)
        if columns is None and any(row.keys() != rows[0].keys() for row in rows):
            raise Refusal(400, "PGRST102", "All object keys must match")

    def rows(self):
        """The text, as an array."""
        return self.text if self.is_array else b"[" + self.text + b"]"


class Writing:
    """Builds the statement of one write, with the rows that it gives back."""

    def __init__(self, schema, query, values, table):
        self.schema, self.query, self.values, self.table = schema, query, values, table
        self.reading = Reading(schema, query, values, None)
        self.target = f'"public".{ident(table["name"])}'

    def insert(self, payload, preferences, is_full):
        """INSERT … RETURNING …"""
        names = self._checked(payload.keys)
        columns = ", ".join(ident(name) for name in names)
        sql = f"INSERT INTO {self.target}"
        if names:
            sql += f"({columns}) SELECT " + ", ".join(f"pgrst_body.{ident(name)}" for name in names)
            sql += f" FROM {self._body(payload, names, preferences.get('missing') == 'default')}"
        elif payload.count == 1:
            sql += " DEFAULT VALUES"
        else:
            sql += f" SELECT * FROM {self.target} WHERE false"
        merges = self._merges(preferences)
        if merges:
            # What is inserted and what is merged is counted apart: the status depends on it.
            sql += " WHERE set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')" \
                "::int, 0) + 1)::text, true) <> '0'" if names else ""
        sql += self._conflict(names, preferences)
        if merges and names:
            sql += " WHERE set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')" \
                "::int, 0) - 1)::text, true) <> '-1'"
        return sql + self._returning(is_full, self.table["key"] if preferences.get("return") == "headers-only" else [])

    def update(self, payload, preferences, is_full):
        """UPDATE … RETURNING …; without columns it touches nothing."""
        names = self._checked(payload.keys)
        if not names:
            return f"SELECT * FROM {self.target} WHERE false"
        assignments = ", ".join(f"{ident(name)} = pgrst_body.{ident(name)}" for name in names)
        return (f"UPDATE {self.target} SET {assignments} "
                f"FROM {self._body(payload, names, preferences.get('missing') == 'default')}"
                + self.reading.conditions(self.table["name"]) + self._returning(is_full))

    def delete(self, is_full):
        """DELETE … RETURNING …"""
        return f"DELETE FROM {self.target}" + self.reading.conditions(self.table["name"]) + self._returning(is_full)

    def result(self, is_full):
        """The SELECT that shapes what was given back."""
        if not is_full:
            return "SELECT * FROM pgrst_source"
        name = self.table["name"]
        shaped = Reading(self.schema, _embedded_only(self.query), self.values, None)
        return shaped.select(name, self.query.select, "pgrst_source", name)

    def _merges(self, preferences):
        return preferences.get("resolution") == "merge-duplicates" and bool(self.query.on_conflict or self.table["key"])

    def _checked(self, keys):
        for key in keys:
            if key not in self.table["types"]:
                raise Refusal(400, "PGRST204",
                              f"Could not find the '{key}' column of '{self.table['name']}' in the schema cache")
        return sorted(keys)

    def _body(self, payload, names, has_defaults):
        types = self.table["types"]
        shape = ", ".join(f"{ident(name)} {types[name]['base']}" for name in names)
        listed = ", ".join(ident(name) for name in names)
        place = self.values.add(payload.rows())
        if not has_defaults:
            return (f"(SELECT {place}::json AS json_data) pgrst_payload, LATERAL (SELECT {listed} FROM "
                    f"json_to_recordset(pgrst_payload.json_data) AS _({shape})) pgrst_body")
        pairs = ", ".join(f"'{name}', {types[name]['default']}" for name in names
                          if types[name]["default"] and "'" not in name)
        defaults = f"jsonb_build_object({pairs})" if pairs else "'{}'::jsonb"
        return (f"(SELECT {place}::jsonb AS json_data) pgrst_payload, LATERAL (SELECT coalesce(jsonb_agg({defaults} || "
                f"elem), '[]') AS val FROM jsonb_array_elements(pgrst_payload.json_data) elem) pgrst_uniform, LATERAL "
                f"(SELECT {listed} FROM jsonb_to_recordset(pgrst_uniform.val) AS _({shape})) pgrst_body")

    def _conflict(self, names, preferences):
        resolution = preferences.get("resolution")
        columns = self.query.on_conflict or self.table["key"]
        if not resolution or not columns:
            return ""
        sql = f" ON CONFLICT({', '.join(ident(name) for name in columns)})"
        if resolution == "ignore-duplicates" or not names:
            return sql + " DO NOTHING"
        return sql + " DO UPDATE SET " + ", ".join(f"{ident(name)} = EXCLUDED.{ident(name)}" for name in names)

    def _returning(self, is_full, key=()):
        if not is_full:
            return " RETURNING " + (", ".join(f"{self.target}.{ident(name)}" for name in key) or "1")
        needed = self.reading.columns_needed(self.table["name"], self.query.select)
        return " RETURNING " + (", ".join(f"{self.target}." + (name if name == "*" else ident(name))
                                          for name in needed) or "1")


class _embedded_only:
    """The query without the conditions on the table itself: those were the write's."""

    def __init__(self, query):
        self.conditions = {path: parts for path, parts in query.conditions.items() if path}
        self.orders, self.limits, self.offsets = query.orders, query.limits, query.offsets
