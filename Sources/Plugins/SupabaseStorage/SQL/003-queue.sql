-- The queue: storing texts, and the one round trip of sending. Every function may be repeated.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

-- A query uses an index only if it repeats its words. The conditions are wrapped in coalesce, and each key has a form
-- of its own, so that no query of the queue can take another index than the one that is meant: statistics know nothing
-- yet of a queue that has just been filled, and a plan made for an empty table is kept for a while. A number is kept to
-- 64 characters: other programs write what they like, and a longer key would refuse their row.
create index if not exists conductor_messages_ready on public.messages ((id + 0))
  where coalesce(direction = 'outbound' and status = 'queued' and owner is null
      and coalesce(delivery_status, '') not in ('held', 'unknown', 'sending'), false) and not_before is null;
create index if not exists conductor_messages_due on public.messages (not_before)
  where coalesce(direction = 'outbound' and status = 'queued' and owner is null
      and coalesce(delivery_status, '') not in ('held', 'unknown', 'sending'), false) and not_before is not null;
create index if not exists conductor_messages_queue
  on public.messages ((left(coalesce(phone_e164, phone_number), 64) || ''), id)
  where coalesce(direction = 'outbound' and status = 'queued', false);
create index if not exists conductor_messages_busy
  on public.messages (('' || left(coalesce(phone_e164, phone_number), 64)))
  where coalesce(direction = 'outbound' and status = 'queued', false) and claimed_by is not null;
create index if not exists conductor_messages_sending on public.messages (owner) where delivery_status = 'sending';
create index if not exists conductor_messages_recipient
  on public.messages (left(coalesce(phone_e164, phone_number), 64), (id + 0));
create index if not exists conductor_messages_status on public.messages (direction, status, (id + 0));
create index if not exists conductor_messages_delivery on public.messages (delivery_status, (id + 0))
  where delivery_status is not null;

-- Since when a gateway has looked at this table without a longer pause.
create table if not exists private.conductor_contact (
  id int primary key default 1 check (id = 1), since timestamptz not null, last timestamptz not null);

-- ---- storing ----

-- Volatile: it must not be asked while a plan is made.
create or replace function private.conductor_refuse(reason text) returns boolean
language plpgsql volatile as $$
begin
  raise exception '%', reason using errcode = '22023';
end $$;

-- What was uncertain is accepted, then delivered or not, and never the other way round in one attempt: a call that is
-- done late, after a newer one, changes nothing.
create or replace function private.conductor_comes_late(known text, told text) returns boolean
language sql immutable as $$
  select coalesce(known in ('delivered', 'undelivered') and told in ('accepted', 'unknown')
    or known = 'accepted' and told = 'unknown', false) $$;

-- An attempt that has an outcome does not begin again, and one whose report is no longer waited for does not wait: of a
-- text that is sent again, last_retry_at is another.
create or replace function private.conductor_begins_again(known text, known_status text, told text, told_status text)
returns boolean language sql immutable as $$
  select coalesce(told = 'sending' and known in ('unknown', 'accepted', 'delivered', 'undelivered', 'refused', 'expired',
      'opted_out')
    or told = 'unknown' and told_status = 'queued' and known = 'unknown' and known_status is distinct from 'queued',
    false) $$;

-- Rows by uid, in their order, no uid twice. What a person has read stays so; a row that began in the table stays its
-- gateway's until it is settled.
create or replace function private.conductor_store(messages jsonb, moment timestamptz) returns void
language plpgsql volatile as $$
begin
  with given as materialized (
    select * from rows from (jsonb_to_recordset(messages) as (uid text, direction text, phone text, content text,
      status text, delivery_status text, error_code text, error_message text, "timestamp" bigint,
      modem_timestamp bigint, modem_utc_offset int, modem_index int, message_hash text, retry_count int,
      last_retry_at bigint, not_before bigint, sim text, parts int, incomplete boolean, possible_duplicate boolean,
      asks_to_stop boolean, answers text, origin text)) with ordinality as t (uid, direction, phone, content, status,
      delivery_status, error_code, error_message, "timestamp", modem_timestamp, modem_utc_offset, modem_index,
      message_hash, retry_count, last_retry_at, not_before, sim, parts, incomplete, possible_duplicate, asks_to_stop,
      answers, origin, place)),
  checked as (
    select case when bool_or(coalesce(g.uid, '') = '')
        then private.conductor_refuse('a text without uid cannot be stored')
      when not bool_and(coalesce(g.direction in ('inbound', 'outbound') and g."timestamp" is not null
          and g.status in ('unread', 'read', 'queued', 'sent', 'failed'), false))
        then private.conductor_refuse('a text needs a direction, a status and a timestamp')
      else true end as fine from given g)
  insert into public.messages as m (uid, status, created_at, updated_at, owner, claimed_by, phone_number, content,
    "timestamp", modem_timestamp, direction, modem_index, message_hash, retry_count, last_retry_at, delivery_status,
    error_code, error_message, modem_utc_offset, not_before, sim, parts, incomplete, possible_duplicate, asks_to_stop,
    answers, origin, phone_e164)
  select t.uid, t.status, moment, moment, case t.direction when 'outbound' then '@journal' end,
    case when t.direction = 'outbound' and t.status = 'queued' and t.delivery_status in ('sending', 'unknown')
      then '@journal' end,
    coalesce(t.phone, ''), coalesce(t.content, ''), private.conductor_time(t."timestamp"),
    private.conductor_time(t.modem_timestamp), t.direction, t.modem_index,
    -- For old readers; it never decides. The uid is part of it, so that a table that has it unique takes equal texts.
    coalesce(t.message_hash, case t.direction when 'inbound' then left(encode(sha256(convert_to(
      concat_ws(E'\x1f', t.phone, t.content, t."timestamp", t.uid), 'UTF8')), 'hex'), 16) end),
    coalesce(t.retry_count, 0), private.conductor_time(t.last_retry_at), t.delivery_status, t.error_code,
    t.error_message, t.modem_utc_offset, private.conductor_time(t.not_before), t.sim, coalesce(t.parts, 0),
    coalesce(t.incomplete, false), coalesce(t.possible_duplicate, false), nullif(t.asks_to_stop, false), t.answers,
    t.origin, private.conductor_e164(t.phone, s.calling_code, s.trunk)
  from given t, checked c, private.conductor_settings s where c.fine
  order by t.place
  on conflict (uid) do update set
    status = case when m.status = 'read' and excluded.status = 'unread' then 'read' else excluded.status end,
    updated_at = excluded.updated_at,
    owner = case when m.owner is null or m.owner = '@journal' or excluded.status = 'queued' then m.owner end,
    claimed_by = case when m.owner = '@journal' then excluded.claimed_by
      when excluded.status = 'queued' then m.claimed_by end,
    phone_number = excluded.phone_number, content = excluded.content, "timestamp" = excluded."timestamp",
    modem_timestamp = excluded.modem_timestamp, direction = excluded.direction, modem_index = excluded.modem_index,
    message_hash = excluded.message_hash, retry_count = excluded.retry_count, last_retry_at = excluded.last_retry_at,
    delivery_status = excluded.delivery_status, error_code = excluded.error_code,
    error_message = excluded.error_message, modem_utc_offset = excluded.modem_utc_offset,
    not_before = excluded.not_before, sim = excluded.sim, parts = excluded.parts, incomplete = excluded.incomplete,
    possible_duplicate = excluded.possible_duplicate, asks_to_stop = excluded.asks_to_stop,
    answers = excluded.answers, origin = excluded.origin, phone_e164 = excluded.phone_e164
  where (m.status, m.phone_number, m.content, m."timestamp", m.modem_timestamp, m.direction, m.modem_index,
      m.message_hash, m.retry_count, m.last_retry_at, m.delivery_status, m.error_code, m.error_message,
      m.modem_utc_offset, m.not_before, m.sim, m.parts, m.incomplete, m.possible_duplicate, m.asks_to_stop, m.answers,
      m.origin)
    is distinct from
      (case when m.status = 'read' and excluded.status = 'unread' then 'read' else excluded.status end,
      excluded.phone_number, excluded.content, excluded."timestamp", excluded.modem_timestamp, excluded.direction,
      excluded.modem_index, excluded.message_hash, excluded.retry_count, excluded.last_retry_at,
      excluded.delivery_status, excluded.error_code, excluded.error_message, excluded.modem_utc_offset,
      excluded.not_before, excluded.sim, excluded.parts, excluded.incomplete, excluded.possible_duplicate,
      excluded.asks_to_stop, excluded.answers, excluded.origin)
    and not ((private.conductor_comes_late(m.delivery_status, excluded.delivery_status)
        or private.conductor_begins_again(m.delivery_status, m.status, excluded.delivery_status, excluded.status))
      and coalesce(excluded.last_retry_at, '-infinity') <= coalesce(m.last_retry_at, '-infinity'));
end $$;

-- Stores texts by uid, all or nothing.
create or replace function public.conductor_put(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  texts jsonb := private.conductor_list(request, 'messages');
  moment timestamptz := private.conductor_now();
  text jsonb;
begin
  perform private.conductor_gateway(request);
  begin
    perform private.conductor_store(texts, moment);
  exception when cardinality_violation then
    -- A uid comes twice, and one statement changes a row once only.
    for text in select t.value from jsonb_array_elements(texts) t loop
      perform private.conductor_store(jsonb_build_array(text), moment);
    end loop;
  end;
  return '{}'::jsonb;
end $$;

-- ---- settling ----

-- How one text of the gateway stands now. A uid is proof: the journal that minted it sent the row. Giving a row back,
-- and refusing one that was only claimed, needs the row to be the asker's still; a repetition finds it gone.
create or replace function private.conductor_finish(asker text, outcome jsonb, moment timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
declare
  o record;
  address bigint;
  kept boolean;
begin
  select * into o from jsonb_to_record(outcome) as o(uid text, storage_id bigint, status text, delivery_status text,
    error_code text, error_message text, modem_timestamp bigint, not_before bigint, sim text, parts int);
  if coalesce(o.status, '') not in ('queued', 'sent', 'failed') then
    raise exception 'finished: an outcome is queued, sent or failed' using errcode = '22023';
  end if;
  -- An unsettled row stays with its gateway; all others are let go.
  kept := o.status = 'queued' and coalesce(o.delivery_status, '') in ('unknown', 'sending');
  address := case when o.uid is null then o.storage_id
    else (select m.id from public.messages m where m.uid = o.uid) end;
  update public.messages m set status = o.status, delivery_status = o.delivery_status, error_code = o.error_code,
      error_message = o.error_message,
      modem_timestamp = coalesce(private.conductor_time(o.modem_timestamp), m.modem_timestamp),
      not_before = private.conductor_time(o.not_before), sim = coalesce(o.sim, m.sim),
      parts = coalesce(nullif(o.parts, 0), m.parts),
      owner = case when kept or m.owner = '@journal' then m.owner end,
      claimed_by = case when kept then m.claimed_by end, claim_until = null, updated_at = moment
    where m.id = address
      and case when o.uid is null then m.claimed_by = asker and m.owner is null and m.status = 'queued'
        when o.status = 'queued' then m.uid || '' = o.uid and m.owner in (asker, '@journal')
        else m.uid || '' = o.uid end
      and coalesce(m.direction = 'outbound', false)
      and not private.conductor_comes_late(m.delivery_status, o.delivery_status)
      and (m.status, m.delivery_status, m.error_code, m.error_message, m.not_before, m.claim_until,
          coalesce(private.conductor_time(o.modem_timestamp), m.modem_timestamp), coalesce(o.sim, m.sim),
          coalesce(nullif(o.parts, 0), m.parts), kept or m.claimed_by is null)
        is distinct from (o.status, o.delivery_status, o.error_code, o.error_message,
          private.conductor_time(o.not_before), null::timestamptz, m.modem_timestamp, m.sim, m.parts, true);
end $$;

-- Turns a claimed row to sending by the asker, which no expiry returns, and counts the attempt. False when the row is
-- not the asker's: the claim ended, or somebody changed the row meanwhile.
create or replace function private.conductor_start(asker text, address bigint, minted text, moment timestamptz)
returns boolean
language plpgsql volatile set search_path = '' as $$
begin
  if address is null or coalesce(minted, '') = '' then
    raise exception 'starting: needs storage_id and uid' using errcode = '22023';
  end if;
  update public.messages m set owner = asker, delivery_status = 'sending', uid = minted, claim_until = null,
      not_before = null, error_code = null, error_message = null, retry_count = coalesce(m.retry_count, 0) + 1,
      last_retry_at = moment, updated_at = moment
    where m.id = address and coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
        and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false)
      and m.claimed_by = asker and m.claim_until > moment;
  return found or exists (select from public.messages m
    where m.id = address and m.uid = minted and m.owner = asker and m.delivery_status = 'sending');
end $$;

-- ---- choosing ----

-- Notes that a gateway looks now, and tells since when one does. Writes at most every quarter of `max_age`.
create or replace function private.conductor_looks(moment timestamptz, max_age interval) returns timestamptz
language plpgsql volatile set search_path = '' as $$
declare
  seen private.conductor_contact;
  silence interval;
begin
  select * into seen from private.conductor_contact where id = 1;
  silence := moment - seen.last;
  if silence <= max_age then
    if silence < interval '0' or silence >= least(max_age / 4, interval '1 minute') then
      update private.conductor_contact set last = moment where id = 1;
    end if;
    return seen.since;
  end if;
  insert into private.conductor_contact (id, since, last) values (1, moment, moment)
    on conflict (id) do update set since = excluded.since, last = excluded.last;
  return moment;
end $$;

-- Whether a row was due long before anyone looked, or says it is much older than its arrival here: a copy.
create or replace function private.conductor_stale(
  told timestamptz, arrived timestamptz, due timestamptz, before timestamptz, copy interval) returns boolean
language sql immutable as $$
  select before is not null and case when due is not null then due < before
    else least(coalesce(told, arrived, '-infinity'), coalesce(arrived, told, '-infinity')) < before
      or coalesce(told < arrived - copy, false) end $$;

-- Whether the number has something before this row: one that is claimed or being sent anywhere, or an earlier one that
-- waits. A text that a gateway was asked to send later is not: until its time it holds up nobody.
create or replace function private.conductor_blocked(address bigint, recipient text, moment timestamptz)
returns boolean
language plpgsql stable as $$
begin
  if recipient is null then return false; end if;
  perform from public.messages e
    where coalesce(e.direction = 'outbound' and e.status = 'queued', false) and e.claimed_by is not null
      and '' || left(coalesce(e.phone_e164, e.phone_number), 64) = recipient and e.id <> address
      and (e.claim_until > moment
        or (e.delivery_status = 'sending'
          and not coalesce(e.owner = '@journal' and e.not_before > moment and e.retry_count = 0, false))
        or (e.delivery_status = 'unknown' and (e.not_before is null or e.not_before > moment)))
    limit 1;
  if found then return true; end if;
  perform from public.messages e
    where coalesce(e.direction = 'outbound' and e.status = 'queued', false)
      and left(coalesce(e.phone_e164, e.phone_number), 64) || '' = recipient and e.id < address
      and e.owner is null and coalesce(e.delivery_status, '') not in ('held', 'unknown')
      and (e.not_before is null or e.not_before <= moment or e.retry_count > 0)
    limit 1;
  return found;
end $$;

-- The oldest rows that may be chosen, of the first `span` of the queue. `mine`: the SIMs that the asker has; null where
-- it has not said so, and nothing is asked of it.
drop function if exists private.conductor_near(timestamptz, int, int, timestamptz, interval);
create or replace function private.conductor_near(
  moment timestamptz, wanted int, span int, before timestamptz, copy interval, mine jsonb)
returns table (id bigint, stale boolean)
language plpgsql stable set search_path = '' as $$
begin
  return query
  with near as (
    (select m.id, left(coalesce(m.phone_e164, m.phone_number), 64) as recipient, m."timestamp" as told,
        m.created_at as arrived, m.not_before as due, m.sim
      from public.messages m
      where coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
          and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false) and m.not_before is null
        and (m.claimed_by is null or m.claim_until <= moment)
      order by m.id + 0 limit span)
    union all
    (select m.id, left(coalesce(m.phone_e164, m.phone_number), 64), m."timestamp", m.created_at, m.not_before,
        m.sim
      from public.messages m
      where coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
          and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false) and m.not_before is not null
        and m.not_before <= moment and (m.claimed_by is null or m.claim_until <= moment)
      order by m.not_before limit span))
  select n.id, private.conductor_stale(n.told, n.arrived, n.due, before, copy)
    from (select * from near order by near.id offset 0) n
    where (mine is null or coalesce(n.sim, '') = '' or mine ? n.sim)
      and not private.conductor_blocked(n.id, n.recipient, moment)
    limit wanted;
end $$;

-- Where the head of a long queue is full of numbers that must wait, every number is asked for its first row instead.
drop function if exists private.conductor_by_number(timestamptz, int, timestamptz, interval);
create or replace function private.conductor_by_number(
  moment timestamptz, wanted int, before timestamptz, copy interval, mine jsonb)
returns table (id bigint, stale boolean)
language plpgsql stable set search_path = '' as $$
begin
  return query
  with recursive number(value) as (
    (select left(coalesce(m.phone_e164, m.phone_number), 64) || '' from public.messages m
      where coalesce(m.direction = 'outbound' and m.status = 'queued', false)
        and left(coalesce(m.phone_e164, m.phone_number), 64) || '' is not null
      order by left(coalesce(m.phone_e164, m.phone_number), 64) || '' limit 1)
    union all
    select (select left(coalesce(m.phone_e164, m.phone_number), 64) || '' from public.messages m
        where coalesce(m.direction = 'outbound' and m.status = 'queued', false)
          and left(coalesce(m.phone_e164, m.phone_number), 64) || '' > number.value
        order by left(coalesce(m.phone_e164, m.phone_number), 64) || '' limit 1)
      from number where number.value is not null)
  select f.id, private.conductor_stale(f.told, f.arrived, f.due, before, copy)
    from number cross join lateral (
      select m.id, m."timestamp" as told, m.created_at as arrived, m.not_before as due, m.sim
        from public.messages m
        where coalesce(m.direction = 'outbound' and m.status = 'queued', false)
          and left(coalesce(m.phone_e164, m.phone_number), 64) || '' = number.value and m.owner is null
          and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending')
          and (m.not_before is null or m.not_before <= moment)
          and (m.claimed_by is null or m.claim_until <= moment)
        order by m.id limit 1) f
    where (mine is null or coalesce(f.sim, '') = '' or mine ? f.sim)
      and not private.conductor_blocked(f.id, number.value, moment)
    limit wanted;
end $$;

-- Holds the given rows, and what else is stale at the head of the queue: listed, never sent. Says how many.
create or replace function private.conductor_hold(
  addresses bigint[], moment timestamptz, before timestamptz, copy interval) returns bigint
language plpgsql volatile set search_path = '' as $$
declare
  held bigint;
begin
  addresses := addresses || array(
    select h.id from (
      select m.id, m."timestamp" as told, m.created_at as arrived, m.not_before as due from public.messages m
        where coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
            and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false) and m.not_before is null
          and (m.claimed_by is null or m.claim_until <= moment)
        order by m.id + 0 limit 2000) h
    where private.conductor_stale(h.told, h.arrived, h.due, before, copy));
  with free as materialized (
    select m.id from public.messages m
      where m.id = any (addresses) and coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
          and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false)
        and (m.claimed_by is null or m.claim_until <= moment)
      for update skip locked)
  update public.messages m set delivery_status = 'held', error_code = 'too-old', claimed_by = null,
      claim_until = null, updated_at = moment,
      error_message = 'too old when the gateway first saw it; retry to send it all the same'
    where m.id = any (array(select f.id from free f));
  get diagnostics held = row_count;
  return held;
end $$;

-- Takes rows of the queue, oldest first, one a number, none that names a SIM which the asker lacks. What it found
-- may have been changed since by a program that waits for nobody: so the conditions are asked again of the row
-- itself. A row that somebody has locked is left for the next time: nobody's unfinished work stops the queue.
create or replace function private.conductor_claim(
  asker text, wanted int, lease interval, moment timestamptz, before timestamptz, copy interval,
  out claimed jsonb, out unfinished boolean)
language plpgsql volatile set search_path = '' as $$
declare
  span int := greatest(256, wanted * 8);
  found_ids bigint[];
  stale_ids bigint[];
  mine jsonb := (select g.sims from private.conductor_gateways g where g.gateway = asker);
begin
  unfinished := true;
  for round in 1..4 loop
    select array_agg(c.id) filter (where not c.stale), array_agg(c.id) filter (where c.stale)
      into found_ids, stale_ids from private.conductor_near(moment, wanted, span, before, copy, mine) c;
    if stale_ids is null and coalesce(cardinality(found_ids), 0) < wanted and span <= (
        select count(*) from (select from public.messages m
          where coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
              and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false) and m.not_before is null
          limit span) r) then
      select array_agg(c.id) filter (where not c.stale), array_agg(c.id) filter (where c.stale)
        into found_ids, stale_ids from private.conductor_by_number(moment, wanted, before, copy, mine) c;
    end if;
    -- Where nothing could be held, somebody has those rows, and asking again at once would change nothing.
    unfinished := stale_ids is not null and private.conductor_hold(stale_ids, moment, before, copy) > 0;
    exit when not unfinished;
  end loop;
  with free as materialized (
    select m.id from public.messages m
      where m.id = any (found_ids) and coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
          and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false)
        and (m.claimed_by is null or m.claim_until <= moment)
      for update skip locked),
  taken as (
    update public.messages m set claimed_by = asker, claim_until = moment + lease,
        "timestamp" = coalesce(m."timestamp", m.created_at)
      where m.id = any (array(select f.id from free f))
      returning m.id, private.conductor_message(m) as text)
  select coalesce(jsonb_agg(t.text order by t.id), '[]'::jsonb) into claimed from taken t;
end $$;

-- Milliseconds until a waiting row comes due, or another gateway's claim ends; -1 when none.
create or replace function private.conductor_next_due(asker text, moment timestamptz) returns bigint
language plpgsql stable set search_path = '' as $$
declare
  due timestamptz;
begin
  select least(
    (select min(m.not_before) from public.messages m
      where coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
          and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false) and m.not_before is not null
        and m.not_before > moment),
    (select min(m.claim_until) from public.messages m
      where coalesce(m.direction = 'outbound' and m.status = 'queued', false) and m.claimed_by is not null
        and m.claim_until > moment and m.claimed_by <> asker)) into due;
  if due is null or not isfinite(due) then return -1; end if;
  return greatest(0, ceil(extract(epoch from due - moment) * 1000));
end $$;

-- What finished, what begins, what may be chosen from next. One gateway at a time begins or chooses: the order of a
-- number's texts holds over all gateways, and no snapshot of one shows what another is about to do. The lock is taken
-- first, so that the moment by which leases are judged is that of the work, and nobody waits while holding rows.
create or replace function public.conductor_exchange(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = ''
-- Rows are found by index, however little the statistics know of a table that has just been filled.
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set jit = off as $$
declare
  asker text := private.conductor_gateway(request);
  finished jsonb := private.conductor_list(request, 'finished');
  starting jsonb := private.conductor_list(request, 'starting');
  wanted int := least(coalesce((request ->> 'want')::int, 0), 1000);
  lease interval := coalesce((request ->> 'lease_ms')::bigint, 0) * interval '1 millisecond';
  max_age interval := coalesce((request ->> 'max_age_ms')::bigint, 0) * interval '1 millisecond';
  moment timestamptz;
  before timestamptz;
  started jsonb := '[]'::jsonb;
  item jsonb;
  claimed jsonb := '[]'::jsonb;
  unfinished boolean := false;
begin
  if wanted > 0 or starting <> '[]'::jsonb then
    if current_setting('transaction_isolation') <> 'read committed' then
      raise exception 'an exchange needs transactions that read what others committed' using errcode = '25001';
    end if;
    perform pg_advisory_xact_lock(1129270852, 1);
  end if;
  moment := private.conductor_now();
  for item in select f.value from jsonb_array_elements(finished) f loop
    perform private.conductor_finish(asker, item, moment);
  end loop;
  for item in select s.value from jsonb_array_elements(starting) s loop
    started := started || to_jsonb(private.conductor_start(
      asker, (item ->> 'storage_id')::bigint, item ->> 'uid', moment));
  end loop;
  if max_age > interval '0' then before := private.conductor_looks(moment, max_age) - max_age; end if;
  if wanted > 0 then
    select c.claimed, c.unfinished into claimed, unfinished
      from private.conductor_claim(asker, wanted, lease, moment, before, max_age) c;
  end if;
  return jsonb_build_object('started', started, 'claimed', claimed,
    'next_due_ms', case when unfinished then 0 else private.conductor_next_due(asker, moment) end);
end $$;

-- Rows that are sending by this gateway: what it must settle from its journal. Lets go of what it claimed and did not
-- begin.
create or replace function public.conductor_owned(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  asker text := private.conductor_gateway(request);
begin
  update public.messages m set claimed_by = null, claim_until = null
    where coalesce(m.direction = 'outbound' and m.status = 'queued', false) and m.claimed_by is not null
      and m.claimed_by = asker and m.owner is null;
  return jsonb_build_object('messages', (
    select coalesce(jsonb_agg(private.conductor_message(m) order by m.id), '[]'::jsonb) from public.messages m
      where m.delivery_status = 'sending' and m.owner = asker and m.status = 'queued'));
end $$;

insert into private.conductor_migrations (version, name) values (3, 'queue') on conflict (version) do nothing;
commit;
