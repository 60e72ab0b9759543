"""Reads a query string: select, filters, logic, order, limit, offset, columns, on_conflict."""

import re
import urllib.parse

from .errors import Refusal

OPERATORS = {
    "eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "like", "ilike": "ilike",
    "match": "~", "imatch": "~*", "cs": "@>", "cd": "<@", "ov": "&&", "sl": "<<", "sr": ">>", "nxr": "&<",
    "nxl": "&>", "adj": "-|-", "in": "in", "is": "is", "isdistinct": "is distinct from",
    "fts": "to_tsquery", "plfts": "plainto_tsquery", "phfts": "phraseto_tsquery", "wfts": "websearch_to_tsquery",
}
_OPERATOR = re.compile(r"(not\.)?([a-z]+)(?:\(([^)]*)\))?\.")
_FIELD = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^\s"():,.\->!]+(?:-(?!>)[^\s"():,.\->!]+)*)\s*')
_PATH = re.compile(r"(->>?)([^-,:.()]+)")
_CAST = re.compile(r"::([a-zA-Z0-9_ ]+(?:\[\])?)")


class Item:
    """One thing that a select asks for: a column, or a related resource with a select of its own."""

    def __init__(self, name, alias=None, path=(), cast=None, inner=None, hint=None, is_inner=False, is_spread=False):
        self.name, self.alias, self.path, self.cast = name, alias, path, cast
        self.inner, self.hint, self.is_inner, self.is_spread = inner, hint, is_inner, is_spread


class Filter:
    """`field operator value`, possibly negated; `quantifier` is any or all."""

    def __init__(self, field, path, operator, value, is_negated, quantifier=None):
        self.field, self.path, self.operator, self.value = field, path, operator, value
        self.is_negated, self.quantifier = is_negated, quantifier


class Logic:
    """Conditions joined by and/or, possibly negated."""

    def __init__(self, word, parts, is_negated):
        self.word, self.parts, self.is_negated = word, parts, is_negated


class Order:
    """One term of an order; `relation` when it is a column of a related row."""

    def __init__(self, field, path, direction, nulls, relation=None):
        self.field, self.path, self.direction, self.nulls, self.relation = field, path, direction, nulls, relation


class Query:
    """A query string, read. Filters, orders and ranges are keyed by the tuple of names that leads to their resource."""

    def __init__(self, text, takes_parameters=False):
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, encoding="utf-8")
        self.canonical = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in
                                  sorted(pairs, key=lambda pair: pair[0]))
        self.select, self.columns, self.on_conflict = None, None, None
        self.conditions, self.orders, self.limits, self.offsets, self.parameters = {}, {}, {}, {}, []
        for name, value in pairs:
            self._take(name, value, takes_parameters)

    def _take(self, name, value, takes_parameters):
        words = name.split(".")
        path, last = tuple(words[:-1]), words[-1]
        if name == "select":
            self.select = self.select or parsed(value, "select parameter", _select)
        elif name == "columns":
            self.columns = [column.strip().strip('"') for column in value.split(",") if column.strip()]
        elif name == "on_conflict":
            self.on_conflict = [column.strip().strip('"') for column in value.split(",") if column.strip()]
        elif last in ("limit", "offset"):
            if value.lstrip("-").isdigit():
                (self.limits if last == "limit" else self.offsets)[path] = int(value)
        elif last == "order":
            self.orders[path] = parsed(value, "order", _order)
        elif last in ("and", "or"):
            is_negated = path[-1:] == ("not",)
            path = path[:-1] if is_negated else path
            logic = parsed(value, "logic tree", lambda scan: _logic_list(scan, last, is_negated))
            self.conditions.setdefault(path, []).append(logic)
        elif takes_parameters and not path and not _OPERATOR.match(value):
            self.parameters.append((name, value))
        elif name != "apikey":
            path, field, json_path = _tree_path(name)
            self.conditions.setdefault(path, []).append(_filter(field, json_path, value))


def _quoted(text):
    return urllib.parse.quote(text, safe="")


def _tree_path(name):
    arrow = name.find("->")
    head, tail = (name, "") if arrow < 0 else (name[:arrow], name[arrow:])
    words = [word.strip('"') for word in head.split(".")]
    return tuple(words[:-1]), words[-1], tuple(_PATH.findall(tail))


def _unparsed(what, text, column, details):
    return Refusal(400, "PGRST100", f'"failed to parse {what} ({text})" (line 1, column {column})', details)


def _filter(field, path, text):
    match = _OPERATOR.match(text)
    if not match or match[2] not in OPERATORS:
        word = text[4:] if text.startswith("not.") else text
        known = max((len(name) for name in OPERATORS if word.startswith(name)), default=0)
        unexpected = f'"{word[known]}"' if known < len(word) else "end of input"
        raise _unparsed("filter", text, len(text) - len(word) + known + 1,
                        f"unexpected {unexpected} expecting " + (
                            "operator (eq, gt, ...)" if known < len(word) else '"."'))
    value = text[match.end():]
    if match[2] == "in":
        if not (value.startswith("(") and value.endswith(")")):
            raise _unparsed("filter", text, match.end() + 1, f'unexpected "{value[:1]}" expecting "("')
        value = _Scan(value[1:-1]).list_items()
    elif match[2] == "is" and value.lower() not in ("null", "not_null", "true", "false", "unknown"):
        raise _unparsed("filter", text, match.end() + 1,
                        f'unexpected "{value[:1]}" expecting isVal: (null, not_null, true, false, unknown)')
    return Filter(field, path, match[2], value, bool(match[1]), match[3])


class _Scan:
    """A text and a place in it."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def is_next(self, word):
        """Steps over the word when it comes next."""
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def match(self, pattern):
        """Steps over what the pattern finds here."""
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def name(self):
        """A field's name, quoted or not."""
        found = self.match(_FIELD)
        if not found:
            raise ValueError("field name (* or [a..z0..9_$])")
        return _unquoted(found[1])

    def path(self):
        """The arrows into JSON behind a field."""
        found, steps = self.match(_PATH), []
        while found:
            steps.append((found[1], found[2]))
            found = self.match(_PATH)
        return tuple(steps)

    def word(self, ends):
        """A value up to one of the ends: quoted, in braces, or plain."""
        if self.text.startswith('"', self.at):
            found = re.compile(r'"((?:[^"\\]|\\.)*)"').match(self.text, self.at)
            if found:
                self.at = found.end()
                return _unquoted(found[0])
        start, depth = self.at, 0
        while self.at < len(self.text) and (depth or self.text[self.at] not in ends):
            depth += (self.text[self.at] == "{") - (self.text[self.at] == "}")
            self.at += 1
        return self.text[start:self.at]

    def list_items(self):
        """The values of a list, to its end."""
        items = []
        while self.at < len(self.text):
            items.append(self.word(","))
            self.is_next(",")
        return items


def _unquoted(text):
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def parsed(text, what, rule):
    """What the rule makes of the whole text."""
    scan = _Scan(text)
    try:
        value = rule(scan)
        if scan.at < len(text):
            raise ValueError("end of input")
        return value
    except ValueError as error:
        unexpected = f'"{text[scan.at]}"' if scan.at < len(text) else "end of input"
        raise _unparsed(what, text, scan.at + 1, f"unexpected {unexpected} expecting {error}") from None


def _select(scan):
    items = []
    if not scan.text.strip():
        return items
    while True:
        items.append(_item(scan))
        if not scan.is_next(","):
            return items


def _item(scan):
    is_spread = scan.is_next("...")
    name, alias = scan.name(), None
    if scan.text.startswith(":", scan.at) and not scan.text.startswith("::", scan.at):
        scan.at += 1
        alias, name = name, scan.name()
    if name in ("count",) and scan.text.startswith("()", scan.at):
        raise Refusal(400, "PGRST123", "Use of aggregate functions is not allowed")
    hint, is_inner = None, False
    while scan.is_next("!"):
        word = scan.name()
        is_inner, hint = (True, hint) if word == "inner" else (is_inner, hint if word == "left" else word)
    if scan.is_next("("):
        inner = [] if scan.text.startswith(")", scan.at) else _select(scan)
        if not scan.is_next(")"):
            raise ValueError('")"')
        return Item(name, alias, inner=inner, hint=hint, is_inner=is_inner, is_spread=is_spread)
    path = scan.path()
    if re.compile(r"\.(count|sum|avg|min|max)\(\)").match(scan.text, scan.at):
        raise Refusal(400, "PGRST123", "Use of aggregate functions is not allowed")
    cast = scan.match(_CAST)
    return Item(name, alias, path, cast and cast[1])


def _order(scan):
    terms = []
    while True:
        field, relation = scan.name(), None
        if scan.is_next("("):
            relation, field = field, scan.name()
            path = scan.path()
            if not scan.is_next(")"):
                raise ValueError('")"')
        else:
            path = scan.path()
        direction = nulls = None
        while scan.is_next("."):
            word = scan.match(re.compile(r"[a-z]+"))
            if word and word[0] in ("asc", "desc"):
                direction = word[0]
            elif word and word[0] in ("nullsfirst", "nullslast"):
                nulls = word[0][5:]
            else:
                raise ValueError('"asc", "desc", "nullsfirst" or "nullslast"')
        terms.append(Order(field, path, direction, nulls, relation))
        if not scan.is_next(","):
            return terms


def _logic_list(scan, word, is_negated):
    if not scan.is_next("("):
        raise ValueError('"("')
    parts = []
    while True:
        parts.append(_logic_part(scan))
        if scan.is_next(","):
            continue
        if not scan.is_next(")"):
            raise ValueError('"," or ")"')
        return Logic(word, parts, is_negated)


def _logic_part(scan):
    nested = scan.match(re.compile(r"\s*(not\.)?(and|or)(?=\()"))
    if nested:
        return _logic_list(scan, nested[2], bool(nested[1]))
    field, path = scan.name(), scan.path()
    if not scan.is_next("."):
        raise ValueError('"."')
    start = scan.at
    operator = scan.match(_OPERATOR)
    if not operator or operator[2] not in OPERATORS:
        scan.at = start
        raise ValueError("operator (eq, gt, ...)")
    if operator[2] == "in":
        if not scan.is_next("("):
            raise ValueError('"("')
        value = []
        while not scan.is_next(")"):
            if scan.at >= len(scan.text):
                raise ValueError('")"')
            value.append(scan.word(",)"))
            scan.is_next(",")
    else:
        value = scan.word(",)")
    return Filter(field, path, operator[2], value, bool(operator[1]), operator[3])
