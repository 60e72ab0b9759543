"""The root of the API: a description of its tables and functions in OpenAPI 2."""

from .errors import compact
from .http11 import Answer


def described(schema, method):
    """The answer to a request for the root."""
    definitions, paths = {}, {"/": {"get": {"tags": ["Introspection"]}}}
    for name, table in sorted(schema.tables.items()):
        properties = {column["name"]: {"format": column["type"], "type": _kind(column["type"])}
                      for column in table["columns"]}
        definitions[name] = {"type": "object", "properties": properties,
                             "required": [column["name"] for column in table["columns"] if column["required"]]}
        paths[f"/{name}"] = {word: {"tags": [name]} for word in ("get", "post", "patch", "delete")}
    for name in sorted(schema.functions):
        paths[f"/rpc/{name}"] = {"post": {"tags": [f"(rpc) {name}"]}}
    body = compact({"swagger": "2.0", "info": {"title": "PostgREST API", "version": "14.5"}, "paths": paths,
                    "definitions": definitions})
    return Answer(200, [("Content-Type", "application/openapi+json; charset=utf-8")], b"" if method == "HEAD" else body)


def _kind(kind):
    if kind.endswith("[]"):
        return "array"
    if kind in ("smallint", "integer", "bigint"):
        return "integer"
    return "number" if kind in ("numeric", "real", "double precision") else \
        "boolean" if kind == "boolean" else "string"
