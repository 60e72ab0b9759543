-- Lists of texts, and what is found by words: texts and customers.
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

-- The same words anywhere: all that an index can tell, since it does not know what stands side by side.
create or replace function private.conductor_loose(sought tsquery) returns tsquery
language sql immutable strict set search_path = '' as $$ select replace(sought::text, '<->', '&')::tsquery $$;

create index if not exists conductor_messages_search on public.messages
  using gin (private.conductor_words(content, coalesce(phone_e164, phone_number)));
create index if not exists conductor_customers_search on public.customers using gin (
  private.conductor_words(coalesce(name, '') || ' ' || coalesce(email, ''), coalesce(phone_e164, phone)));

-- ---- lists ----

-- Texts, newest first unless asked otherwise. `search`: words that begin so, all of them; or a number; nothing
-- where there is neither.
create or replace function public.conductor_messages(request jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  rows_wanted int := private.conductor_limit(request, 50);
  forward boolean := coalesce((request ->> 'oldest_first')::boolean, false);
  turn text := case when forward then 'asc' else 'desc' end;
  recipient text := private.conductor_recipient(request ->> 'phone');
  words text := request ->> 'search';
  sought tsquery := private.conductor_sought(request ->> 'search');
  loose tsquery := private.conductor_loose(sought);
  conditions text := '';
  place text := 'm.id';
  ids bigint[];
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
  if words is not null then
    if sought is null then return '{"messages": []}'::jsonb; end if;
    -- Words by their index and the number by its own, each alone behind `offset 0`, where no other condition can call
    -- for another index: to a planner without statistics one looks as good as the other, and to cut every text of a
    -- large table into its words takes a minute. What stands side by side is looked for in the texts that have all of
    -- it, newest first, until there are enough.
    execute format('select array(select u.id from (
          (select c.id from (
              select m.id from (select t.* from public.messages t
                  where private.conductor_words(t.content, coalesce(t.phone_e164, t.phone_number)) @@ $3 offset 0) m
                where true %1$s order by m.id %2$s offset 0) c
            where true %3$s order by c.id %2$s limit $6)
          union
          (select m.id from (select t.* from public.messages t
              where left(coalesce(t.phone_e164, t.phone_number), 64) = $4 offset 0) m
            where true %1$s order by m.id %2$s limit $6)) u
        order by u.id %2$s limit $6)', conditions, turn, case when sought <> loose then
          'and (select private.conductor_words(t.content, coalesce(t.phone_e164, t.phone_number)) @@ $5
            from public.messages t where t.id = c.id)' else '' end)
      into ids using request, recipient, loose, private.conductor_recipient(words), sought, rows_wanted;
    conditions := ' and m.id = any ($3)';
  end if;
  execute format('select coalesce(jsonb_agg(p.text order by p.place %2$s), ''[]''::jsonb) from (
      select private.conductor_message(m) as text, m.id as place from public.messages m where true %1$s
      order by %3$s %2$s limit $4) p', conditions, turn, place)
    into texts using request, recipient, ids, rows_wanted;
  return jsonb_build_object('messages', texts);
end $$;

-- Customers by what somebody typed of name, e-mail or number, by name, without receipts.
create or replace function public.conductor_find_customers(request jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  sought tsquery := private.conductor_sought(request ->> 'search');
  loose tsquery := private.conductor_loose(sought);
  wanted int := coalesce((request ->> 'limit')::int, 20);
begin
  if request ->> 'search' is null then raise exception 'search: is missing' using errcode = '22023'; end if;
  if wanted not between 1 and 100 then
    raise exception 'limit: % is not within 1 and 100', wanted using errcode = '22023';
  end if;
  return jsonb_build_object('matches', (
    with found as materialized (
      select p.id, p.place from (
          select c.id, row_number() over (order by lower(c.name) collate "C", c.id) as place
            from (select u.id, u.name from public.customers u
              where private.conductor_words(coalesce(u.name, '') || ' ' || coalesce(u.email, ''),
                coalesce(u.phone_e164, u.phone)) @@ loose offset 0) c
            order by place offset 0) p
        where sought = loose or (select private.conductor_words(coalesce(u.name, '') || ' ' || coalesce(u.email, ''),
            coalesce(u.phone_e164, u.phone)) @@ sought from public.customers u where u.id = p.id)
        order by p.place limit wanted)
    -- Receipts are counted for those only who are told of.
    select coalesce(jsonb_agg(p.person order by f.place), '[]'::jsonb) from found f cross join lateral (
      select private.conductor_person(c) as person from public.conductor_customers c where c.id = f.id limit 1) p));
end $$;

revoke all on function private.conductor_fold(text), private.conductor_sought(text),
    private.conductor_loose(tsquery) from public, anon, authenticated, service_role, gateway, n8n;
revoke all on function public.conductor_messages(jsonb), public.conductor_find_customers(jsonb)
  from public, anon, authenticated, n8n;
grant execute on function public.conductor_messages(jsonb), public.conductor_find_customers(jsonb)
  to service_role, gateway;

commit;

-- An index of before this step. In a transaction of its own: nobody who reads waits while the new ones are built.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;
drop index if exists public.conductor_messages_words;

insert into private.conductor_migrations (version, name) values (9, 'search') on conflict (version) do nothing;
commit;
