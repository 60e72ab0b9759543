"""Turns a select with its filters, orders and embedded resources into SQL."""

from .closest import closest
from .errors import Refusal
from .query import OPERATORS, Filter, Item

MAX_ROWS = 1000


def ident(name):
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    """A quoted text."""
    return "'" + text.replace("'", "''") + "'"


class Values:
    """The values of a statement's $1, $2, …"""

    def __init__(self):
        self.values = []

    def add(self, value):
        """A place for this value."""
        self.values.append(value.encode() if isinstance(value, str) else value)
        return f"${len(self.values)}"


class Reading:
    """Builds the SELECT of one request, from a table or from the rows that a write or a function gave."""

    def __init__(self, schema, query, values, max_rows=MAX_ROWS):
        self.schema, self.query, self.values, self.max_rows = schema, query, values, max_rows
        self._count = 0

    def check_paths(self, items):
        """Refuses conditions and orders on resources that are not in the select."""
        def walk(items, path):
            for item in items or []:
                if item.inner is not None:
                    here = path + (item.alias or item.name,)
                    yield here
                    yield path + (item.name,)
                    yield from walk(item.inner, here)
        known = set(walk(items, ())) | {()}
        for path in list(self.query.conditions) + list(self.query.orders):
            if path not in known:
                raise _not_embedded(path[-1])

    def select(self, table, items, source=None, alias=None, path=(), joins=(), is_limited=True, extra=()):
        """SELECT … FROM table (or `source` AS alias); `joins` are conditions with the row around."""
        name = ident(alias) if alias else f'"public".{ident(table)}'
        columns, lateral, embedded = [], [], {}
        for item in items if items is not None else [Item("*")]:
            if item.inner is None:
                columns.append(self._column(name, item))
            else:
                column, join = self._embed(table, name, item, path, embedded)
                columns += column
                lateral.append(join)
        where = list(joins) + list(extra) + [self._condition(name, part, embedded)
                                             for part in self._conditions(path)]
        sql = f"SELECT {', '.join(columns) or 'NULL'} FROM {source or 'public.' + ident(table)}"
        sql += f" AS {ident(alias)}" if alias else ""
        sql += "".join(" " + join for join in lateral)
        sql += f" WHERE {' AND '.join(where)}" if where else ""
        if is_limited:
            sql += self._order(name, path, embedded) + self.range_of(path)
        return sql

    def conditions(self, table):
        """WHERE … of a write: the conditions on the table itself."""
        name = f'"public".{ident(table)}'
        parts = [self._condition(name, part, {}) for part in self.query.conditions.get((), [])]
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def columns_needed(self, table, items):
        """The columns that a write has to return for this select."""
        needed = []
        for item in items if items is not None else [Item("*")]:
            if item.inner is None:
                needed.append(item.name)
            else:
                relation = self._relation(table, item)
                needed += [near for near, _ in (relation.junction[1] if relation.junction else relation.pairs)]
        if "*" in needed:
            needed = ["*"]
        return list(dict.fromkeys(needed))

    def _conditions(self, path):
        return self.query.conditions.get(path, [])

    def range_of(self, path):
        """LIMIT and OFFSET of a resource."""
        limit, offset = self.query.limits.get(path), self.query.offsets.get(path)
        if self.max_rows is not None:
            limit = self.max_rows if limit is None else min(limit, self.max_rows)
        sql = "" if limit is None else f" LIMIT {self.values.add(str(limit))}"
        return sql + (f" OFFSET {self.values.add(str(offset))}" if offset else "")

    def _path(self, name, field, path):
        if not path:
            return f"{name}.{ident(field)}"
        sql = f"to_jsonb({name}.{ident(field)})"
        for arrow, step in path:
            sql += arrow + (step if step.lstrip("-").isdigit() else literal(step))
        return f"({sql})"

    def _column(self, name, item):
        if item.name == "*":
            return f"{name}.*"
        sql = self._path(name, item.name, item.path)
        if item.cast:
            sql = f"CAST({sql} AS {item.cast})"
        label = item.alias or (item.path[-1][1] if item.path else item.name)
        return sql if not item.alias and not item.path and not item.cast else f"{sql} AS {ident(label)}"

    def _condition(self, name, part, embedded):
        if not isinstance(part, Filter):
            inner = f" {part.word.upper()} ".join(self._condition(name, inner, embedded) for inner in part.parts)
            return ("NOT " if part.is_negated else "") + f"({inner})"
        if part.field in embedded and part.operator == "is":
            is_null = (part.value == "null") != part.is_negated
            return f"{embedded[part.field]} IS {'NOT ' if is_null else ''}DISTINCT FROM NULL"
        field, operator, value = self._path(name, part.field, part.path), part.operator, part.value
        if operator == "is":
            sql = f"{field} IS {value.upper().replace('_', ' ')}"
        elif operator == "in":
            sql = f"{field} = ANY ({self.values.add(array(value))})"
        elif operator.endswith("fts"):
            words = f"{literal(part.quantifier)}, " if part.quantifier else ""
            sql = f"to_tsvector({words}{field}) @@ {OPERATORS[operator]}({words}{self.values.add(value)})"
        else:
            if operator in ("like", "ilike"):
                value = value.replace("*", "%")
            place = self.values.add(value)
            place = f"{part.quantifier.upper()} ({place})" if part.quantifier in ("any", "all") else place
            sql = f"{field} {OPERATORS[operator]} {place}"
        return f"NOT {sql}" if part.is_negated else sql

    def _order(self, name, path, embedded):
        terms = []
        for term in self.query.orders.get(path, []):
            if term.relation:
                if term.relation not in embedded:
                    raise _not_embedded(term.relation)
                sql = self._path(embedded[term.relation], term.field, term.path)
            else:
                sql = self._path(name, term.field, term.path)
            terms.append(sql + (f" {term.direction.upper()}" if term.direction else "")
                         + (f" NULLS {term.nulls.upper()}" if term.nulls else ""))
        return f" ORDER BY {', '.join(terms)}" if terms else ""

    def _embed(self, table, name, item, path, embedded):
        relation = self._relation(table, item)
        self._count += 1
        label = item.alias or item.name
        alias, rows = f"{relation.far}_{self._count}", ident(f"{table}_{label}_{self._count}")
        inner_path = path + (label,)
        if inner_path not in self.query.conditions and path + (item.name,) in self.query.conditions:
            inner_path = path + (item.name,)
        far, source, joins = ident(alias), f'"public".{ident(relation.far)}', []
        if relation.junction:
            junction, near_pairs, far_pairs = relation.junction
            middle = ident(f"{junction}_{self._count}")
            joins = [f"{name}.{ident(near)} = {middle}.{ident(column)}" for near, column in near_pairs]
            joins += [f"{middle}.{ident(column)} = {far}.{ident(other)}" for column, other in far_pairs]
            source = f'"public".{ident(junction)} AS {middle}, {source}'
        else:
            joins = [f"{name}.{ident(near)} = {far}.{ident(other)}" for near, other in relation.pairs]
        inner = self.select(relation.far, item.inner, source, alias, inner_path, joins)
        kind = "INNER" if item.is_inner else "LEFT"
        embedded[label] = embedded[item.name] = rows
        if relation.is_to_one:
            column = f"{rows}.*" if item.is_spread else f"row_to_json({rows}.*)::jsonb AS {ident(label)}"
            columns = [column] if item.inner else []
            return columns, f"{kind} JOIN LATERAL ({inner}) AS {rows} ON TRUE"
        if item.is_spread:
            raise Refusal(400, "PGRST127", "Feature not implemented", "Spreading a to-many relationship")
        columns = [f"COALESCE({rows}.{rows}, '[]') AS {ident(label)}"] if item.inner else []
        condition = f"{rows}.{rows} IS NOT NULL" if item.is_inner else "TRUE"
        embedded[label] = embedded[item.name] = f"{rows}.{rows}"
        return columns, (f"{kind} JOIN LATERAL (SELECT json_agg({rows})::jsonb AS {rows} FROM ({inner}) AS {rows}) "
                         f"AS {rows} ON {condition}")

    def _relation(self, table, item):
        every = self.schema.relations.get(table, [])
        found = [one for one in every if item.name in (one.far, one.name)
                 or one.kind in ("many-to-one", "one-to-one") and [near for near, _ in one.pairs] == [item.name]]
        if item.hint:
            found = [one for one in found if item.hint in (one.name, one.far)
                     or item.hint in [column for pair in one.pairs for column in pair]
                     or one.junction and item.hint == one.junction[0]]
        if not found:
            using = f"' using the hint '{item.hint}" if item.hint else ""
            far = closest(item.name, {one.far for one in every} - {item.name}, 0.33)
            near = None if every else closest(table, set(self.schema.relations) - {table}, 0.33)
            hint = f"Perhaps you meant '{far}' instead of '{item.name}'." if far else (
                f"Perhaps you meant '{near}' instead of '{table}'." if near else None)
            raise Refusal(400, "PGRST200",
                          f"Could not find a relationship between '{table}' and '{item.name}' in the schema cache",
                          f"Searched for a foreign key relationship between '{table}' and '{item.name}{using}' in the "
                          "schema 'public', but no matches were found.", hint)
        if len(found) > 1:
            raise _ambiguous(table, item.name, found)
        return found[0]


def _not_embedded(name):
    return Refusal(400, "PGRST108", f"'{name}' is not an embedded resource in this request", None,
                   f"Verify that '{name}' is included in the 'select' query parameter.")


def _ambiguous(table, name, found):
    def columns(pairs, side):
        return "(" + ", ".join(pair[side] for pair in pairs) + ")"
    details, words = [], []
    for one in found:
        if one.junction:
            how, word = f"{one.junction[0]} using {columns(one.junction[1], 1)} and {columns(one.junction[2], 0)}", \
                one.junction[0]
        else:
            how, word = f"{one.name} using {one.near}{columns(one.pairs, 0)} and {one.far}{columns(one.pairs, 1)}", \
                one.name
        details.append({"cardinality": one.kind, "embedding": f"{table} with {one.far}", "relationship": how})
        words.append(f"'{one.far}!{word}'")
    return Refusal(300, "PGRST201",
                   f"Could not embed because more than one relationship was found for '{table}' and '{name}'", details,
                   f"Try changing '{name}' to one of the following: {', '.join(words)}. "
                   "Find the desired relationship in the 'details' key.")


def array(items):
    """An array of PostgreSQL, as text."""
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"
