-- Rows of the CRM's tables as a whole, to copy them and to put them: by their keys, whatever else a table has.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

-- Pages of articles come in the order of bytes, which is the same everywhere.
create index if not exists conductor_products_key on public.products (sku collate "C");

-- A table that may be asked for.
create or replace function private.conductor_crm_table(name text) returns regclass
language plpgsql stable set search_path = '' as $$
begin
  if name is null or name not in ('customers', 'products', 'staff', 'transactions', 'transaction_items') then
    raise exception 'table: there is none of this name' using errcode = '22023';
  end if;
  return format('public.%I', name)::regclass;
end $$;

-- What its rows are told apart by: the column, its type, and how it is sorted. A key of another type is another contract.
create or replace function private.conductor_crm_key(
  place regclass, by_id boolean, out name text, out type text, out turn text)
language plpgsql stable set search_path = '' as $$
begin
  name := case when by_id then 'id' when place = 'public.transactions'::regclass then 'transaction_id'
    when place = 'public.products'::regclass then 'sku' else 'id' end;
  select format_type(a.atttypid, null) into type from pg_catalog.pg_attribute a
    where a.attrelid = place and a.attname = name and a.attnum > 0 and not a.attisdropped;
  if type is null or type not in ('uuid', 'integer', 'bigint', 'text', 'character varying')
      or (name = 'id') <> (type = 'uuid') or (name = 'transaction_id') <> (type in ('integer', 'bigint')) then
    raise exception '%.%: is not there, or of another type than programs know', place, name using errcode = '0A000';
  end if;
  turn := format('t.%I', name) || case when name = 'sku' then ' collate "C"' else '' end;
end $$;

-- The columns that can be given a value. What is made of the number, or of other columns, is not among them.
create or replace function private.conductor_crm_columns(place regclass) returns text[]
language sql stable set search_path = '' as $$
  select array_agg(a.attname::text order by a.attnum) from pg_catalog.pg_attribute a
    where a.attrelid = place and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      and a.attidentity <> 'a' and a.attname <> 'phone_e164' $$;

-- {table, after, after_id, limit} -> {records: [row]}, in the order of keys; rows without one come last, by their id.
create or replace function public.conductor_records(request jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  place regclass := private.conductor_crm_table(request ->> 'table');
  most int := coalesce((request ->> 'limit')::int, 500);
  after text := request ->> 'after';
  is_id boolean := coalesce((request ->> 'after_id')::boolean, false);
  columns text[] := private.conductor_crm_columns(place);
  key record;
  page jsonb := '[]';
  rest jsonb;
begin
  if most not between 1 and 1000 then
    raise exception 'limit: % is not within 1 and 1000', most using errcode = '22023';
  end if;
  key := private.conductor_crm_key(place, false);
  if not is_id then
    execute format('select to_jsonb(array(select to_jsonb(t) from %s t where %s order by %s limit $2))', place,
        case when after is null then format('t.%I is not null', key.name)
          else format('%s > $1::%s', key.turn, key.type) end, key.turn)
      into page using after, most;
  end if;
  if key.name <> 'id' and jsonb_array_length(page) < most then
    perform private.conductor_crm_key(place, true);
    execute format('select to_jsonb(array(select to_jsonb(t) from %s t
        where t.%I is null and ($1 is null or t.id > $1::uuid) order by t.id limit $2))', place, key.name)
      into rest using case when is_id then after end, most - jsonb_array_length(page);
    page := page || rest;
  end if;
  return jsonb_build_object('records', (
    select coalesce(jsonb_agg((
        select coalesce(jsonb_object_agg(m.key, m.value), '{}') from jsonb_each(r.value) m where m.key = any (columns))
      order by r.ordinality), '[]')
    from jsonb_array_elements(page) with ordinality r));
end $$;

-- Whether what a row refers to is not there, for each column that a rule of the table keeps so; null where there is none.
create or replace function private.conductor_crm_orphan(place regclass) returns text
language sql stable set search_path = '' as $$
  select string_agg(format('(g.line).%1$I is not null and not exists (select from %2$s o where o.%3$I = (g.line).%1$I)',
      a.attname, c.confrelid::regclass, f.attname), ' or ')
    from pg_catalog.pg_constraint c
      join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      join pg_catalog.pg_attribute f on f.attrelid = c.confrelid and f.attnum = c.confkey[1]
    where c.conrelid = place and c.contype = 'f' and cardinality(c.conkey) = 1 $$;

-- Puts what `statement` says of some of the records ($1, by the numbers $2), which gives back the numbers of those that it
-- has put. Where one breaks a rule of the table, each is tried by itself.
create or replace function private.conductor_crm_put(
  statement text, records jsonb, numbers int[], words text[], inout done int[], inout refused int[])
language plpgsql volatile set search_path = '' set jit = off as $$
declare
  found_now int[];
  number int;
begin
  begin
    execute statement into found_now using records, numbers, words;
    done := done || coalesce(found_now, '{}');
  exception when integrity_constraint_violation then
    foreach number in array numbers loop
      begin
        execute statement into found_now using records, array[number], words;
        done := done || coalesce(found_now, '{}');
      exception when integrity_constraint_violation then
        refused := refused || number;
      end;
    end loop;
  end;
end $$;

-- {table, by_id, replace, records: [row]} -> {outcomes: [n], unplaced: [column]}: 0 it stood there and was not changed,
-- 1 inserted, 2 changed, 3 it refers to nothing, 4 it breaks another rule of the table. No key may be there twice. What a
-- row does not tell of stays, or takes its default.
create or replace function public.conductor_put_records(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  place regclass := private.conductor_crm_table(request ->> 'table');
  columns text[] := private.conductor_crm_columns(place);
  key record := private.conductor_crm_key(place, coalesce((request ->> 'by_id')::boolean, false));
  orphan text := private.conductor_crm_orphan(place);
  changed int[] := '{}';
  inserted int[] := '{}';
  refused int[] := '{}';
  given text;
  names text[];
  members text[];
  records jsonb;
  known int[];
  lost int[];
begin
  if jsonb_typeof(request -> 'records') is distinct from 'array' or jsonb_array_length(request -> 'records') > 1000 then
    raise exception 'records: must be a list of at most 1000' using errcode = '22023';
  end if;
  select jsonb_agg((select coalesce(jsonb_object_agg(m.key, m.value), '{}') from jsonb_each(r.value) m
      where m.key = any (columns)) order by r.ordinality) into records
    from jsonb_array_elements(request -> 'records') with ordinality r;
  if records is null then return '{"outcomes": [], "unplaced": []}'; end if;
  given := format('(select a.ordinality::int as n, a.value as told, jsonb_populate_record(null::%s, a.value) as line
    from jsonb_array_elements($1) with ordinality a)', place);

  execute format('select array_agg(g.n) from %s g join %s t on t.%3$I = (g.line).%3$I', given, place, key.name)
    into known using records;
  if orphan is not null then
    execute format('select array_agg(g.n) from %s g where %s', given, orphan) into lost using records;
  end if;
  known := coalesce(known, '{}');
  lost := coalesce(lost, '{}');

  if coalesce((request ->> 'replace')::boolean, false) then
    -- A row that is changed says when, unless it is told.
    names := array_remove(columns, 'id');
    select * into changed, refused from private.conductor_crm_put(
      format('with put as (
          update %1$s t set (%2$s) = (select %3$s from jsonb_populate_record(t,
              (case when g.told ? ''updated_at'' or not ''updated_at'' = any ($3) then g.told
                else g.told || jsonb_build_object(''updated_at'', private.conductor_now()) end) - ''id'') w)
            from %4$s g
            where g.n = any ($2) and t.%5$I = (g.line).%5$I
              and to_jsonb(t) is distinct from to_jsonb(jsonb_populate_record(t, g.told - ''id''))
            returning g.n)
          select array_agg(n) from put', place,
        (select string_agg(quote_ident(c), ', ') from unnest(names) c),
        (select string_agg('w.' || quote_ident(c), ', ') from unnest(names) c), given, key.name),
      records, array(select k from unnest(known) k where not k = any (lost)), columns, changed, refused) p;
  end if;

  -- Rows that tell of the same columns go together: what a row does not tell of takes the default.
  for members in
    select distinct array(select k from jsonb_object_keys(r.value) k order by k)
      from jsonb_array_elements(records) with ordinality r
      where not r.ordinality = any (known) and not r.ordinality = any (lost)
  loop
    select * into inserted, refused from private.conductor_crm_put(
      format('with put as (
          insert into %1$s (%2$s) select %3$s from %4$s g where g.n = any ($2)
            on conflict do nothing returning %5$I as key)
          select array_agg(g.n) from %4$s g join put on put.key = (g.line).%5$I', place,
        (select string_agg(quote_ident(c), ', ') from unnest(members) c),
        -- Nobody refers to the id of a row that has another key: where it is taken, the row gets one of its own.
        (select string_agg(case when c = 'id' and key.name <> 'id' then
            format('case when exists (select from %s o where o.id = (g.line).id) then gen_random_uuid() '
              'else (g.line).id end', place) else '(g.line).' || quote_ident(c) end, ', ') from unnest(members) c),
        given, key.name),
      records, array(
        select r.ordinality::int from jsonb_array_elements(records) with ordinality r
          where not r.ordinality = any (known) and not r.ordinality = any (lost)
            and array(select k from jsonb_object_keys(r.value) k order by k) = members),
      columns, inserted, refused) p;
  end loop;

  return jsonb_build_object('outcomes', (
    select jsonb_agg(case when n = any (lost) then 3 when n = any (refused) then 4 when n = any (changed) then 2
        when n = any (inserted) then 1 when n = any (known) then 0 else 4 end order by n)
      from generate_series(1, jsonb_array_length(records)) n), 'unplaced', (
    select coalesce(jsonb_agg(u.key order by u.key), '[]') from (
      select distinct m.key from jsonb_array_elements(request -> 'records') r cross join jsonb_each(r.value) m
        where m.value <> 'null' and not m.key = any (columns) and m.key <> 'phone_e164') u));
end $$;

revoke all on function private.conductor_crm_table(text), private.conductor_crm_key(regclass, boolean),
    private.conductor_crm_columns(regclass), private.conductor_crm_orphan(regclass),
    private.conductor_crm_put(text, jsonb, int[], text[], int[], int[])
  from public, anon, authenticated, service_role, gateway, n8n;
revoke all on function public.conductor_records(jsonb), public.conductor_put_records(jsonb)
  from public, anon, authenticated, n8n;
grant execute on function public.conductor_records(jsonb), public.conductor_put_records(jsonb)
  to service_role, gateway;

insert into private.conductor_migrations (version, name) values (10, 'records') on conflict (version) do nothing;
commit;
