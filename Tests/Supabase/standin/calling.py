"""Finds the function that an RPC means, and turns the call into SQL."""

import json
import urllib.parse

from .closest import closest
from .errors import Refusal
from .reading import ident


class Call:
    """A function and its arguments. `arguments` is the text of a JSON object, or any body for an unnamed parameter."""

    def __init__(self, schema, name, method, query, body, content_type):
        self.name, self.is_post = name, method == "POST"
        if self.is_post:
            self.arguments, keys = _posted(body, content_type)
        else:
            fields = {}
            for key, value in query.parameters:
                fields[key] = value
            self.arguments, keys = json.dumps(fields).encode(), list(fields)
        self.function, self.is_unnamed = _found(schema, name, keys, self.is_post)
        self.keys = keys

    @property
    def is_read_only(self):
        """Whether it runs in a transaction that may not write."""
        return not self.is_post or self.function["volatility"] != "v"

    @property
    def is_scalar(self):
        """Whether its rows are bare values."""
        return not self.function["isRow"]

    def source(self, values):
        """SELECT … of the call's rows."""
        target = f'"public".{ident(self.name)}'
        given = [one for one in self.function["parameters"] if one["name"] in self.keys]
        before, words = "", ""
        if self.is_unnamed:
            words = f"{values.add(self.arguments)}::{self.function['parameters'][0]['type']}"
        elif given:
            shape = ", ".join(f"{ident(one['name'])} {one['type']}" for one in given)
            before = (f"(SELECT {values.add(self.arguments)}::json AS json_data) pgrst_payload, LATERAL (SELECT * FROM "
                      f"json_to_record(pgrst_payload.json_data) AS _({shape})) pgrst_body, LATERAL ")
            last = self.function["parameters"][-1]
            words = ", ".join(
                ("VARIADIC " if self.function["isVariadic"] and one is last else "")
                + f"{ident(one['name'])} := pgrst_body.{ident(one['name'])}" for one in given)
        if self.is_scalar:
            return f"SELECT pgrst_call.pgrst_scalar FROM {before}(SELECT {target}({words}) pgrst_scalar) pgrst_call"
        return f"SELECT pgrst_call.* FROM {before}{target}({words}) pgrst_call"


def _posted(body, content_type):
    kind = content_type.split(";")[0].strip()
    if kind == "application/x-www-form-urlencoded":
        fields = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return json.dumps(fields).encode(), list(fields)
    if not body:
        return b"{}", []
    try:
        value = json.loads(body)
    except ValueError:
        raise Refusal(400, "PGRST102", "Empty or invalid json") from None
    return body, list(value) if isinstance(value, dict) else []


def _found(schema, name, keys, is_post):
    overloaded = schema.functions.get(name, [])
    fitting = []
    for function in overloaded:
        names = [one["name"] for one in function["parameters"]]
        if set(keys) <= set(names) and set(names[:function["requiredCount"]]) <= set(keys) and all(names):
            fitting.append(function)
    if len(fitting) > 1:
        options = ", ".join(f"public.{name}(" + ", ".join(f"{one['name']} => {one['type']}"
                                                          for one in function["parameters"]) + ")"
                            for function in fitting)
        raise Refusal(300, "PGRST203", f"Could not choose the best candidate function between: {options}", None,
                      "Try renaming the parameters or the function itself in the database so function overloading can "
                      "be resolved")
    if fitting:
        return fitting[0], False
    for function in overloaded:
        if is_post and len(function["parameters"]) == 1 and not function["parameters"][0]["name"] and \
                function["parameters"][0]["type"] in ("json", "jsonb"):
            return function, True
    raise _missing(schema, name, sorted(keys), overloaded, is_post)


def _missing(schema, name, keys, overloaded, is_post):
    if overloaded:
        names = [sorted(one["name"] for one in function["parameters"]) for function in overloaded]
        best = closest("(" + ", ".join(keys) + ")", ["(" + ", ".join(words) + ")" for words in names], 0.33)
        hint = f"Perhaps you meant to call the function public.{name}{best}" if best else None
    else:
        best = closest(name, schema.functions)
        hint = f"Perhaps you meant to call the function public.{best}" if best else None
    listed = ", ".join(keys)
    sought = f" with parameter{'s' if len(keys) > 1 else ''} {listed}" if keys else " without parameters"
    if is_post:
        sought += " or with a single unnamed json/jsonb parameter"
    called = f"({listed})" if keys else " without parameters"
    return Refusal(404, "PGRST202", f"Could not find the function public.{name}{called} in the schema cache",
                   f"Searched for the function public.{name}{sought}, but no matches were found in the schema cache.",
                   hint)
