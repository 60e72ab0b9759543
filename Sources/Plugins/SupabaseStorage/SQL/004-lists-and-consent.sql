-- Lists of texts, what people change in them, and who may be texted.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

-- ---- words ----

-- Small letters without accents, and between words one space. What is a letter is Unicode's to say, also where the
-- database has been made for another language: so by ICU, if the server has it, as Supabase's does. Scripts that put
-- no spaces between words have one word up to the next sign, as in SQLite.
do $$
begin
  execute format($make$
    create or replace function private.conductor_fold(written text) returns text
    language plpgsql immutable parallel safe set search_path = '' as $fold$
    declare
      folded text := lower(written %1$s);
    begin
      if octet_length(folded) > length(folded) then
        folded := translate(normalize(regexp_replace(normalize(folded, nfd), U&'[\0300-\036F]+', '', 'g'), nfc),
          U&'\03C2', U&'\03C3');
      end if;
      return btrim(regexp_replace(folded %1$s, '[^[:alnum:]]+', ' ', 'g'));
    end $fold$ $make$,
    case when exists (select from pg_catalog.pg_collation c where c.collname = 'und-x-icu'
        and c.collnamespace = 'pg_catalog'::regnamespace) then 'collate pg_catalog."und-x-icu"' else '' end);
end $$;

-- What a row is found by: its words, and of its number the digits as people type them: all, without the country, the
-- last seven, the last four. An index has a limit for a word and for a text; what is beyond is not found, and is no
-- reason to refuse a row. Whoever writes a row has this called, so all may call it, and it reads nothing.
create or replace function private.conductor_words(written text, number text) returns tsvector
language plpgsql immutable parallel safe cost 500 security definer set search_path = '' as $$
declare
  digits text := case when number ~ '^\+[0-9]+$' then substr(number, 2) end;
  words text[] := string_to_array(private.conductor_fold(left(written, 100000)), ' ');
begin
  -- The empty place keeps the last word of the text and the number from being neighbours.
  words := words || '{""}' || case when digits is null
    then string_to_array(private.conductor_fold(left(number, 1000)), ' ')
    else array[left(digits, 255), right(digits, 10), right(digits, 7), right(digits, 4)] end;
  return (
    select coalesce(string_agg(quote_literal(left(w.word, 255)) || ':' || least(w.place, 16383), ' '), '')::tsvector
    from unnest(words) with ordinality w(word, place) where w.word <> '');
end $$;
grant execute on function private.conductor_words(text, text) to public;

-- What somebody typed: all words, each as the beginning of one; what stands in it between signs (`don't`) side by side.
-- Or a number, as people write it. Null where there is neither a letter nor a digit. Nothing in it is an operator.
create or replace function private.conductor_sought(typed text) returns tsquery
language plpgsql immutable strict set search_path = '' as $$
declare
  digits text := translate(left(typed, 1000), U&'+-()./ \00A0', '');
  word text;
  sought text;
begin
  foreach word in array regexp_split_to_array(left(typed, 1000), '\s+') loop
    word := private.conductor_fold(word);
    if word <> '' then
      sought := coalesce(sought || ' & ', '') || (
        select '(' || string_agg(quote_literal(left(w.part, 255)), ' <-> ' order by w.place) || ':*)'
          from unnest(string_to_array(word, ' ')) with ordinality w(part, place));
    end if;
  end loop;
  if digits ~ '^[0-9]{4,}$' then sought := '(' || sought || ') | ' || quote_literal(left(digits, 255)) || ':*'; end if;
  return sought::tsquery;
end $$;

drop index if exists public.conductor_messages_words;
create index if not exists conductor_messages_search on public.messages
  using gin (private.conductor_words(content, coalesce(phone_e164, phone_number)));

-- Texts, newest first unless asked otherwise. `search`: words that begin so, all of them; or a number; nothing
-- where there is neither.
create or replace function public.conductor_messages(request jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  rows_wanted int := private.conductor_limit(request, 50);
  forward boolean := coalesce((request ->> 'oldest_first')::boolean, false);
  recipient text := private.conductor_recipient(request ->> 'phone');
  words text := request ->> 'search';
  sought tsquery := private.conductor_sought(request ->> 'search');
  conditions text := '';
  place text := 'm.id';
  texts jsonb;
begin
  if request ->> 'uid' is not null then conditions := conditions || ' and m.uid = $1 ->> ''uid'''; end if;
  if request ->> 'direction' is not null then
    conditions := conditions || ' and m.direction = $1 ->> ''direction''';
  end if;
  if request ->> 'status' is not null then conditions := conditions || ' and m.status = $1 ->> ''status'''; end if;
  if request ->> 'delivery_status' is not null then
    conditions := conditions || ' and m.delivery_status = $1 ->> ''delivery_status''';
  end if;
  if recipient is not null then
    conditions := conditions || ' and left(coalesce(m.phone_e164, m.phone_number), 64) = $2';
  end if;
  if words is not null then
    if sought is null then return '{"messages": []}'::jsonb; end if;
    conditions := conditions || ' and (private.conductor_words(m.content, coalesce(m.phone_e164, m.phone_number)) @@ $3
      or left(coalesce(m.phone_e164, m.phone_number), 64) = $4)';
  end if;
  -- What has an index of its own is found by it, then sorted: walking through the whole list in its order to find a few
  -- rows reads all of it.
  if words is not null or recipient is not null or request ->> 'delivery_status' is not null
      or request ->> 'direction' is not null and request ->> 'status' is not null then
    place := 'm.id + 0';
  end if;
  if request ->> 'cursor' is not null then
    conditions := conditions || format(' and %s %s ($1 ->> ''cursor'')::bigint', place,
      case when forward then '>' else '<' end);
  end if;
  execute format('select coalesce(jsonb_agg(p.text order by p.place %2$s), ''[]''::jsonb) from (
      select private.conductor_message(m) as text, m.id as place from public.messages m where true %1$s
      order by %3$s %2$s limit $5) p', conditions, case when forward then 'asc' else 'desc' end, place)
    into texts using request, recipient, sought, private.conductor_recipient(words), rows_wanted;
  return jsonb_build_object('messages', texts);
end $$;

-- A person's change to one row, by its address.
create or replace function public.conductor_change(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  address bigint := (request ->> 'storage_id')::bigint;
  kind text := request ->> 'kind';
  moment timestamptz := private.conductor_now();
begin
  if address is null then raise exception 'storage_id: is missing' using errcode = '22023'; end if;
  if kind = 'mark_read' then
    update public.messages m set status = 'read', updated_at = moment
      where m.id = address and coalesce(m.direction = 'inbound' and m.status = 'unread', false);
    return jsonb_build_object('changed', found or exists (select from public.messages m
      where m.id = address and coalesce(m.direction = 'inbound' and m.status = 'read', false)));
  elsif kind = 'requeue' then
    -- A text born in a journal is sent from there only. `not_before` says that somebody wants it now, so that it is not
    -- held again; one that was held, or cancelled, keeps the moment that lies ahead.
    update public.messages m set status = 'queued', delivery_status = null, error_code = null, error_message = null,
        not_before = case when (m.delivery_status = 'held' or m.error_code = 'cancelled') and m.not_before > moment
          then m.not_before else moment end,
        owner = null, claimed_by = null, claim_until = null, updated_at = moment
      where m.id = address and m.owner is distinct from '@journal' and coalesce(m.direction = 'outbound'
        and (m.status = 'failed' or (m.status = 'queued' and m.delivery_status in ('held', 'unknown'))), false);
    return jsonb_build_object('changed', found);
  elsif kind = 'cancel' then
    -- One that a gateway has claimed may be cancelled: its begin finds the row gone. One that is begun may not.
    update public.messages m set status = 'failed', delivery_status = 'refused', error_code = 'cancelled',
        error_message = 'cancelled before any of it was sent', claimed_by = null, claim_until = null,
        updated_at = moment
      where m.id = address and coalesce(m.direction = 'outbound' and m.status = 'queued', false) and m.owner is null
        and coalesce(m.delivery_status, '') not in ('sending', 'unknown');
    return jsonb_build_object('changed', found or exists (select from public.messages m
      where m.id = address
        and coalesce(m.direction = 'outbound' and m.status = 'failed' and m.error_code = 'cancelled', false)));
  elsif kind = 'remove' then
    -- Nobody waits for such a row any more.
    delete from public.messages m where m.id = address
      and coalesce(m.direction = 'inbound' and m.status = 'read'
        or m.direction = 'outbound' and m.status in ('sent', 'failed'), false)
      and coalesce(m.delivery_status, '') not in ('sending', 'unknown', 'held');
    return jsonb_build_object('changed', found or not exists (select from public.messages m where m.id = address));
  end if;
  raise exception 'kind: must be mark_read, requeue, cancel or remove' using errcode = '22023';
end $$;

-- Events, append-only; the latest of a number wins, a tie means out. A program that knows a number and no more may
-- append it: the rest has defaults.
create table if not exists public.optouts (
  id bigint generated by default as identity primary key,
  uid text not null default replace(gen_random_uuid()::text, '-', ''),
  phone_number text not null,
  action text not null default 'out',
  "timestamp" timestamptz not null default now(),
  source text,
  message_uid text,
  created_at timestamptz default now(),
  phone_e164 text);
do $$
begin
  if (select count(*) from pg_catalog.pg_attribute where attrelid = 'public.optouts'::regclass and not attisdropped
      and attname in ('id', 'uid', 'phone_number', 'action', 'timestamp', 'source', 'message_uid', 'phone_e164')) < 8
  then
    raise exception 'this project has a table optouts that is not Conductor''s: it needs a project without one'
      using errcode = '42P07';
  end if;
end $$;
create unique index if not exists conductor_optouts_uid on public.optouts (uid);
create index if not exists conductor_optouts_recipient
  on public.optouts (left(coalesce(phone_e164, phone_number), 64), "timestamp");

drop trigger if exists conductor_phone on public.optouts;
create trigger conductor_phone before insert or update on public.optouts for each row
  execute function private.conductor_phone();

-- Ids in the order in which rows are committed: a reader that has seen one row must never miss an earlier one that was
-- committed later, since that may be a STOP. So one writer at a time, and no id is given before its turn.
create or replace function private.conductor_in_turn() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(1129270852, 2);
  return null;
end $$;
drop trigger if exists conductor_in_turn on public.optouts;
create trigger conductor_in_turn before insert on public.optouts for each statement
  execute function private.conductor_in_turn();

-- Appends consent events by their uid.
create or replace function public.conductor_record_consent(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  events jsonb := private.conductor_list(request, 'events');
begin
  if exists (select from jsonb_to_recordset(events) as e(uid text, phone text, action text, at bigint)
      where coalesce(e.uid, '') = '' or e.phone is null or coalesce(e.action, '') not in ('out', 'in')
        or e.at is null) then
    raise exception 'events: each needs uid, phone, action (out or in) and at' using errcode = '22023';
  end if;
  insert into public.optouts (uid, phone_number, action, "timestamp", source, message_uid)
    select e.uid, e.phone, e.action, private.conductor_time(e.at), e.source, e.message_uid
      from rows from (jsonb_to_recordset(events) as (uid text, phone text, action text, at bigint, source text,
        message_uid text)) with ordinality as e (uid, phone, action, at, source, message_uid, place)
      order by e.place
    on conflict (uid) do nothing;
  return '{}'::jsonb;
end $$;

-- One event as the gateway reads it. Only the word `in` lets a number in again: whatever else another program calls it,
-- a row here means out.
create or replace function private.conductor_event(o public.optouts) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'uid', coalesce(o.uid, 'row-' || o.id), 'phone', coalesce(o.phone_e164, o.phone_number, ''),
    'action', case when lower(btrim(o.action)) = 'in' then 'in' else 'out' end,
    'at', coalesce(private.conductor_ms(coalesce(o."timestamp", o.created_at)), 0),
    'source', coalesce(o.source, 'table'), 'message_uid', o.message_uid)) $$;

-- Consent of everybody, in the order in which it came.
create or replace function public.conductor_consent(request jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  wanted int := private.conductor_limit(request, 1000);
  place bigint := coalesce((request ->> 'after')::bigint, 0);
  events jsonb;
  upto bigint;
begin
  -- A project that was put in the place of another one may have fewer rows: it begins anew.
  if place > coalesce((select max(id) from public.optouts), 0) then place := 0; end if;
  select coalesce(jsonb_agg(private.conductor_event(o) order by o.id), '[]'::jsonb), max(o.id) into events, upto
    from (select * from public.optouts where id > place order by id limit wanted) p
    join public.optouts o on o.id = p.id;
  return jsonb_build_object('events', events, 'next', coalesce(upto, place));
end $$;

-- Whether reads and writes would work now, how many texts there are, and how large everything is. Rows are counted up
-- to a hundred thousand, and estimated beyond.
create or replace function public.conductor_health(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  counted bigint;
begin
  if current_setting('transaction_read_only') = 'on' then
    raise exception 'this database takes no writes now: is its disk full?' using errcode = '25006';
  end if;
  select count(*) into counted from (select from public.messages limit 100000) r;
  if counted = 100000 then
    select greatest(counted, c.reltuples::bigint) into counted
      from pg_catalog.pg_class c where c.oid = 'public.messages'::regclass;
  end if;
  return jsonb_build_object('rows', counted, 'bytes', pg_database_size(current_database()),
    'version', (select max(version) from private.conductor_migrations where version < 100),
    'locked', exists (select from private.conductor_migrations where version = 101),
    'now', private.conductor_ms(private.conductor_now()));
end $$;

-- Rows (as the database last counted them) and bytes of each table that people care about.
create or replace function public.conductor_sizes(request jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('tables', coalesce(jsonb_agg(jsonb_build_object('name', c.relname,
      'rows', case when pg_catalog.pg_stat_get_live_tuples(c.oid) > 0 then pg_catalog.pg_stat_get_live_tuples(c.oid)
        else greatest(0, c.reltuples::bigint) end, 'bytes', pg_total_relation_size(c.oid)) order by c.relname), '[]'))
    from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' $$;

insert into private.conductor_migrations (version, name) values (4, 'lists and consent')
  on conflict (version) do nothing;
commit;
