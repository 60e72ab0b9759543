"""Answers requests as PostgREST does: which statements one needs, and what its answer looks like."""

import asyncio
import json
import re

from . import errors
from .calling import Call
from .closest import closest
from .errors import Refusal
from .http11 import Answer
from .media import Media
from .openapi import described
from .pgwire import ConnectionLost, DatabaseError
from .pool import Pool, PoolExhausted
from .preferences import Preferences
from .query import Query
from .reading import MAX_ROWS, Reading, Values
from .schema import Schema
from .tokens import TokenRefused, Verifier
from .writing import Payload, Writing

_OUT = ("nullif(current_setting('response.headers', true), '')", "nullif(current_setting('response.status', true), '')")
_RANGE = re.compile(r"(?:items=)?(\d+)-(\d*)$")


class API:
    """One exposed database."""

    def __init__(self, folder, database, secret, max_rows=MAX_ROWS, pool_size=10):
        self.pool = Pool(folder, database, pool_size)
        self.schema, self.max_rows, self._verifier = None, max_rows, Verifier(secret)
        # One reading after the other: an older one must not replace a newer one.
        self._reading = asyncio.Lock()

    async def reload(self):
        """Reads the schema again."""
        async with self._reading:
            connection = await self.pool.take()
            try:
                self.schema = await Schema.read(connection)
            finally:
                self.pool.give(connection)

    async def answer(self, request, authorization):
        """The answer to a request that the gateway let through; `authorization` is what it passed on."""
        try:
            return await self._answer(request, authorization)
        except Refusal as refusal:
            return Answer(refusal.status, refusal.all_headers(), refusal.body)

    async def _answer(self, request, authorization):
        claims = {}
        if authorization and authorization.lower().startswith("bearer "):
            try:
                claims = self._verifier.claims(authorization[7:].strip())
            except TokenRefused as refused:
                raise errors.of_token(refused) from None
        if self.schema is None:
            raise Refusal(503, "PGRST002", "Could not query the database for the schema cache. Retrying.")
        role = claims.get("role", "anon")
        turn = _Turn(self, request, role, claims)
        try:
            return await turn.answer()
        except DatabaseError as error:
            raise errors.of_database(error, role == "anon") from None
        except ConnectionLost as lost:
            raise Refusal(503, "PGRST001", "Database client error. Retrying the connection.", str(lost)) from None
        except PoolExhausted:
            raise Refusal(504, "PGRST003", "Timed out acquiring connection from connection pool.") from None


class _Turn:
    """The work for one request."""

    def __init__(self, api, request, role, claims):
        self.api, self.request, self.role, self.claims = api, request, role, claims
        self.schema, self.method = api.schema, request.method
        self.preferences = Preferences(request.all("prefer"), self.schema.zones)
        self.values = Values()

    async def answer(self):
        """Finds out what is asked, and does it."""
        self._check_profile()
        words = [word for word in self.request.path.split("/") if word]
        if not words:
            return described(self.schema, self.method)
        if len(words) == 2 and words[0] == "rpc":
            return await self._call(words[1])
        if len(words) != 1:
            raise Refusal(404, "PGRST125", "Invalid path specified in request URL")
        table = self.schema.tables.get(words[0])
        if table is None:
            near = closest(words[0], self.schema.tables)
            raise Refusal(404, "PGRST205", f"Could not find the table 'public.{words[0]}' in the schema cache", None,
                          near and f"Perhaps you meant the table 'public.{near}'")
        if self.method == "OPTIONS":
            return Answer(200, [("Allow", "OPTIONS,GET,HEAD,POST,PATCH,DELETE")], b"")
        if self.method in ("GET", "HEAD"):
            return await self._read(table)
        if self.method in ("POST", "PATCH", "DELETE"):
            return await self._write(table)
        raise Refusal(405, "PGRST117", f"Unsupported HTTP method: {self.method}")

    def _check_profile(self):
        """A caller may name the schema; there is one."""
        name = "accept-profile" if self.method in ("GET", "HEAD") else "content-profile"
        profile = self.request.get(name)
        if profile not in (None, "public"):
            raise Refusal(406, "PGRST106", f"Invalid schema: {profile}", None,
                          "Only the following schemas are exposed: public")

    async def _read(self, table):
        query, media = Query(self.request.query), Media(self.request.get("accept"))
        offset = self._apply_range(query)
        reading = Reading(self.schema, query, self.values, self.api.max_rows)
        reading.check_paths(query.select)
        source = reading.select(table["name"], query.select)
        before, total = await self._total(table["name"], query)
        sql = (f"WITH pgrst_source AS ({source}){before} SELECT {total}, count(_postgrest_t), {media.body()}, "
               f"{_OUT[0]}, {_OUT[1]} FROM (SELECT * FROM pgrst_source) _postgrest_t")
        row = (await self._run(sql, is_read_only=True))[0]
        total, count, body = self._counted(row[0]), int(row[1]), row[2]
        location = f"/{table['name']}" + (f"?{query.canonical}" if query.canonical else "")
        status, ranged = _ranged(offset, count, total)
        tail = [("Content-Range", ranged), ("Content-Location", location)] + self.preferences.applied(
            "count", "handling", "timezone")
        if status == 416:
            body = _beyond(offset, total)
            media.content_type = "application/json; charset=utf-8"
        elif media.is_single and count != 1:
            raise _not_single(count)
        return _overridden(Answer(status, [("Content-Type", media.content_type)] + tail,
                                  b"" if self.method == "HEAD" else body), row[3:])

    async def _write(self, table):
        query, media, preferences = Query(self.request.query), Media(self.request.get("accept")), self.preferences
        is_full = preferences.get("return") == "representation"
        writing = Writing(self.schema, query, self.values, table)
        writing.reading.check_paths(query.select)
        if self.method == "DELETE":
            statement = writing.delete(is_full)
        else:
            payload = Payload(self.request.body, self.request.get("content-type", "application/json"), query.columns)
            statement = (writing.insert if self.method == "POST" else writing.update)(payload, preferences, is_full)
        wants_location = self.method == "POST" and preferences.get("return") == "headers-only" and table["key"]
        place = "'' " if not wants_location else (
            "(SELECT json_build_object(" + ", ".join(
                f"'{name}', (json_agg(_postgrest_t)->0->>'{name}')" for name in table["key"]) + ")::text)")
        sql = (f"WITH pgrst_source AS ({statement}) SELECT {place}, count(_postgrest_t), "
               f"{media.body() if is_full else repr('')}, {_OUT[0]}, {_OUT[1]}, "
               "nullif(current_setting('pgrst.inserted', true), '') "
               f"FROM ({writing.result(is_full)}) _postgrest_t")
        check = _check(media.is_single and is_full, preferences.max_affected if self.method != "POST" else None)
        row = (await self._run(sql, check=check))[0]
        return _overridden(self._written(query, table, media, is_full, row, wants_location), row[3:5])

    def _written(self, query, table, media, is_full, row, wants_location):
        count, preferences = int(row[1]), self.preferences
        total = str(count) if preferences.get("count") in ("exact", "estimated") else "*"
        if self.method == "POST":
            inserted = int(row[5]) if row[5] is not None else None
            status = 200 if preferences.get("resolution") == "merge-duplicates" and inserted is not None and \
                inserted <= 0 else 201
            kinds = ["return", "count", "missing", "handling", "timezone"]
            if table["key"] or query.on_conflict:
                kinds.append("resolution")
            ranged = f"*/{total}"
        else:
            status = 200 if is_full else 204
            kinds = ["return", "count", "handling", "timezone", "max-affected"]
            kinds += ["missing"] if self.method == "PATCH" else []
            ranged = f"0-{count - 1}/{total}" if self.method == "PATCH" and count else f"*/{total}"
        headers = [("Content-Type", media.content_type)] if is_full else []
        headers += [("Content-Range", ranged)] + preferences.applied(*kinds)
        if wants_location and count == 1:
            key = json.loads(row[0])
            headers.append(("Location", f"/{table['name']}?" + "&".join(f"{name}=eq.{key[name]}" for name in key)))
        return Answer(status, headers, row[2] if is_full else b"")

    async def _call(self, name):
        if self.method == "OPTIONS":
            return Answer(200, [("Allow", "OPTIONS,GET,HEAD,POST")], b"")
        if self.method not in ("GET", "HEAD", "POST"):
            raise Refusal(405, "PGRST101", f"Cannot use the {self.method} method on RPC")
        query, media = Query(self.request.query, self.method != "POST"), Media(self.request.get("accept"))
        call = Call(self.schema, name, self.method, query, self.request.body,
                    self.request.get("content-type", "application/json"))
        function, limit = call.function, self.preferences.max_affected
        if limit is not None and not function["isSet"]:
            raise Refusal(400, "PGRST128", "Function must return SETOF or TABLE when max-affected preference is used "
                          "with handling=strict")
        offset = self._apply_range(query)
        source, shaped = call.source(self.values), "SELECT pgrst_source.* FROM pgrst_source"
        if not call.is_scalar:
            reading = Reading(self.schema, query, self.values, self.api.max_rows)
            reading.check_paths(query.select)
            shaped = reading.select(function["rowOf"] or name, query.select, "pgrst_source", function["rowOf"] or name)
        elif function["isSet"]:
            shaped += Reading(self.schema, query, self.values, self.api.max_rows).range_of(())
        total = "(SELECT count(*) FROM pgrst_source)" if self.preferences.get("count") else "NULL"
        is_one = not function["isSet"]
        sql = (f"WITH pgrst_source AS ({source}) SELECT {total}, count(_postgrest_t), "
               f"{media.body(call.is_scalar, is_one)}, {_OUT[0]}, {_OUT[1]} FROM ({shaped}) _postgrest_t")
        row = (await self._run(sql, call.is_read_only, _check(media.is_single and not is_one, limit)))[0]
        total, count = self._counted(row[0]), int(row[1])
        status, ranged = _ranged(offset, count, total)
        headers = [("Content-Range", ranged)]
        headers += self.preferences.applied("count", "handling", "timezone", "max-affected")
        if function["isVoid"]:
            return _overridden(Answer(204, headers, b""), row[3:])
        body = _beyond(offset, total) if status == 416 else b"" if self.method == "HEAD" else row[2]
        return _overridden(Answer(status, [("Content-Type", media.content_type)] + headers, body), row[3:])

    async def _total(self, name, query):
        """SQL that counts all rows: a further common table, and the expression."""
        wish = self.preferences.get("count")
        if not wish:
            return "", "NULL"
        uncut = Reading(self.schema, query, self.values, None).select(name, query.select, is_limited=False)
        if wish == "exact":
            return f", pgrst_total AS ({uncut})", "(SELECT count(*) FROM pgrst_total)"
        guess = Values()
        plain = Reading(self.schema, query, guess, None).select(name, query.select, is_limited=False)
        plan = await self._run("EXPLAIN (FORMAT JSON) " + plain, True, values=guess.values)
        planned = int(json.loads(plan[0][0])[0]["Plan"]["Plan Rows"])
        if wish == "planned" or planned > self.api.max_rows:
            return "", str(planned)
        return f", pgrst_total AS ({uncut})", "(SELECT count(*) FROM pgrst_total)"

    def _counted(self, value):
        return None if value is None else int(value)

    def _apply_range(self, query):
        """Brings the Range header into the query; the offset of the first row."""
        header = self.request.get("range") if self.method in ("GET", "HEAD") else None
        found = _RANGE.match(header.strip()) if header else None
        if found:
            first, last = int(found[1]), int(found[2]) if found[2] else None
            if last is not None and last < first:
                raise Refusal(416, "PGRST103", "Requested range not satisfiable", "The lower boundary must be lower "
                              "than or equal to the upper boundary in the Range header.")
            query.offsets[()] = max(first, query.offsets.get((), 0))
            if last is not None:
                query.limits[()] = min(last - first + 1, query.limits.get((), last - first + 1))
        if query.limits.get((), 0) < 0:
            raise Refusal(416, "PGRST103", "Requested range not satisfiable",
                          "Limit should be greater than or equal to zero.")
        return query.offsets.get((), 0)

    async def _run(self, sql, is_read_only=False, check=None, values=None):
        """Runs the statement as the caller's role; `check` may still undo what it did."""
        main = (sql, self.values.values if values is None else values)
        settings = self._settings(is_read_only)
        try:
            connection = await self.api.pool.take()
        except ConnectionLost as lost:
            raise Refusal(503, "PGRST000", "Database connection error. Retrying the connection.", str(lost)) from None
        # Whatever becomes of the caller, the work is done to its end: as in PostgREST.
        return await asyncio.shield(self._on(connection, settings, main, check))

    async def _on(self, connection, settings, main, check):
        try:
            if check is None:
                return (await connection.run([settings, main]))[1]
            try:
                rows = (await connection.run([("begin", []), settings, main]))[2]
                check(rows[0])
            except (Refusal, DatabaseError):
                if connection.is_open:
                    await connection.run([("rollback", [])])
                raise
            await connection.run([("commit", [])])
            return rows
        finally:
            self.api.pool.give(connection)

    def _settings(self, is_read_only):
        words = [("role", self.role), ("request.jwt.claims", errors.compact(self.claims or {"role": "anon"})),
                 ("request.method", self.method), ("request.path", "/" + self.request.path.strip("/")),
                 ("request.headers", errors.compact(dict(self.request.headers)))]
        words += list((self.schema.roles.get(self.role) or {}).items())
        if self.preferences.get("timezone"):
            words.append(("timezone", self.preferences.get("timezone")))
        if is_read_only:
            words.append(("transaction_read_only", "on"))
        sql = ", ".join(f"set_config('{name}', ${index}, true)" for index, (name, _) in enumerate(words, 1))
        return f"SELECT {sql}", [value.encode() if isinstance(value, str) else value for _, value in words]


def _ranged(offset, count, total):
    last = offset + count - 1
    status = 200
    if total is not None:
        status = 416 if offset > total else 206 if count < total else 200
    shown = f"{offset}-{last}" if count and status != 416 else "*"
    return status, f"{shown}/{'*' if total is None else total}"


def _beyond(offset, total):
    return errors.body("PGRST103", "Requested range not satisfiable",
                       f"An offset of {offset} was requested, but there are only {total} rows.")


def _check(is_single, limit):
    """What undoes a statement that touched more rows than it may; None when nothing does."""
    if not is_single and limit is None:
        return None

    def check(row):
        count = int(row[1])
        if is_single and count != 1:
            raise _not_single(count)
        if limit is not None and count > limit:
            raise Refusal(400, "PGRST124", "Query result exceeds max-affected preference constraint",
                          f"The query affects {count} rows")
    return check


def _not_single(count):
    return Refusal(406, "PGRST116", "Cannot coerce the result to a single JSON object",
                   f"The result contains {count} rows")


def _overridden(answer, wishes):
    """Functions may set response.headers and response.status."""
    headers, status = wishes
    if status is not None:
        if not status.isdigit():
            raise Refusal(500, "PGRST112", "response.status guc must be a valid status code")
        answer.status = int(status)
    if headers is not None:
        try:
            own = [pair for one in json.loads(headers) for pair in one.items()]
        except (ValueError, AttributeError):
            raise Refusal(500, "PGRST111", "response.headers guc must be a JSON array composed of objects with a "
                          "single key and a string value") from None
        names = {name.lower() for name, _ in own}
        answer.headers = [pair for pair in answer.headers if pair[0].lower() not in names] + own
    return answer
