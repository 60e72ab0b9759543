"""What PostgREST knows of the database: read at the start and at NOTIFY pgrst, and stale in between."""

import json

_TABLES = """
select coalesce(json_agg(t), '[]') from (
  select c.relname as name, c.relkind in ('r', 'p') as "isTable",
         (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                    'base', format_type(case when y.typtype = 'd' then y.typbasetype else a.atttypid end, null),
                    'required', a.attnotnull and not a.atthasdef and a.attidentity = '',
                    'default', case when a.attidentity <> ''
                      then format('nextval(%L)', pg_get_serial_sequence(c.oid::regclass::text, a.attname))
                      else pg_get_expr(d.adbin, d.adrelid) end) order by a.attnum), '[]')
            from pg_attribute a join pg_type y on y.oid = a.atttypid
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
         (select coalesce(json_agg(a.attname order by array_position(i.indkey::int2[], a.attnum)), '[]')
            from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
           where i.indrelid = c.oid and i.indisprimary) as key,
         (select coalesce(json_agg((select json_agg(a.attname order by a.attname) from pg_attribute a
                    where a.attrelid = c.oid and a.attnum = any(i.indkey))), '[]')
            from pg_index i where i.indrelid = c.oid and i.indisunique and i.indpred is null) as uniques
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition) t"""

_KEYS = """
select coalesce(json_agg(t), '[]') from (
  select k.conname as name, c.relname as "from", f.relname as "to",
         (select json_agg(a.attname order by array_position(k.conkey, a.attnum)) from pg_attribute a
           where a.attrelid = k.conrelid and a.attnum = any(k.conkey)) as "fromColumns",
         (select json_agg(a.attname order by array_position(k.confkey, a.attnum)) from pg_attribute a
           where a.attrelid = k.confrelid and a.attnum = any(k.confkey)) as "toColumns"
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class f on f.oid = k.confrelid
    join pg_namespace n on n.oid = c.relnamespace join pg_namespace m on m.oid = f.relnamespace
   where k.contype = 'f' and n.nspname = 'public' and m.nspname = 'public' order by k.conname) t"""

_FUNCTIONS = """
select coalesce(json_agg(t), '[]') from (
  select p.proname as name, p.proretset as "isSet", p.provolatile as volatility,
         p.pronargs - p.pronargdefaults as "requiredCount", p.provariadic <> 0 as "isVariadic",
         y.oid = 'void'::regtype as "isVoid",
         y.typtype = 'c' or (y.oid = 'record'::regtype) or coalesce(p.proargmodes && '{o,b,t}', false) as "isRow",
         (select json_agg(json_build_object('name', coalesce(p.proargnames[i], ''),
                    'type', format_type(p.proargtypes[i - 1], null)) order by i)
            from generate_series(1, p.pronargs) i) as parameters,
         (select c.relname from pg_class c join pg_namespace m on m.oid = c.relnamespace
           where c.oid = y.typrelid and m.nspname = 'public') as "rowOf"
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_type y on y.oid = p.prorettype
   where n.nspname = 'public' and p.prokind = 'f') t"""

_ROLES = """
select coalesce(json_object_agg(rolname, settings), '{}') from (
  select r.rolname, (select json_object_agg(split_part(w, '=', 1), substr(w, strpos(w, '=') + 1))
                       from unnest(s.setconfig) w) as settings
    from pg_db_role_setting s join pg_roles r on r.oid = s.setrole
   where s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname = current_database())
 ) x where settings is not null"""

_ZONES = "select coalesce(json_agg(name), '[]') from pg_timezone_names"


class Relation:
    """A way from one table to another. `pairs` are (column here, column there)."""

    def __init__(self, name, kind, near, far, pairs, junction=None):
        self.name, self.kind, self.near, self.far, self.pairs, self.junction = name, kind, near, far, pairs, junction

    @property
    def is_to_one(self):
        """Whether there is one row at the other end, at most."""
        return self.kind in ("many-to-one", "one-to-one")


class Schema:
    """Tables, their relations, functions and the settings of roles."""

    def __init__(self, tables, keys, functions, roles, zones):
        self.tables = {table["name"]: table for table in tables}
        for table in tables:
            table["types"] = {column["name"]: column for column in table["columns"]}
        self.functions = {}
        for function in functions:
            function["parameters"] = function["parameters"] or []
            self.functions.setdefault(function["name"], []).append(function)
        self.roles, self.zones = roles, frozenset(zones)
        self.relations = self._related(keys)

    @classmethod
    async def read(cls, connection):
        """Reads all of it from the database, in one round trip."""
        queries = (_TABLES, _KEYS, _FUNCTIONS, _ROLES, _ZONES)
        answers = await connection.run([(query, []) for query in queries])
        return cls(*(json.loads(rows[0][0]) for rows in answers))

    def _related(self, keys):
        relations = {}
        for key in keys:
            pairs = list(zip(key["fromColumns"], key["toColumns"]))
            uniques = [sorted(columns) for columns in self.tables.get(key["from"], {}).get("uniques", [])]
            is_unique = sorted(key["fromColumns"]) in uniques
            one, many = ("one-to-one", "one-to-one") if is_unique else ("many-to-one", "one-to-many")
            relations.setdefault(key["from"], []).append(Relation(key["name"], one, key["from"], key["to"], pairs))
            relations.setdefault(key["to"], []).append(
                Relation(key["name"], many, key["to"], key["from"], [(far, near) for near, far in pairs]))
        for first in keys:
            for second in keys:
                table = self.tables.get(first["from"])
                if table is None or first is second or first["from"] != second["from"]:
                    continue
                if not set(first["fromColumns"] + second["fromColumns"]) <= set(table["key"]):
                    continue
                junction = (first["from"], list(zip(first["toColumns"], first["fromColumns"])),
                            list(zip(second["fromColumns"], second["toColumns"])))
                relations.setdefault(first["to"], []).append(
                    Relation(first["from"], "many-to-many", first["to"], second["to"], [], junction))
        return relations
