-- What a gateway looks at while it waits, and what one that came before these steps has written.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

-- What other programs left: the newest rows that wait to be claimed, and the last word of consent. Asked many times a
-- minute, so it reads from indexes only and writes nothing.
create or replace function public.conductor_sight(request jsonb) returns jsonb
language sql stable security definer set search_path = ''
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set jit = off as $$
  select jsonb_build_object(
    'waiting', (select coalesce(jsonb_agg(w.id), '[]'::jsonb) from (
      (select m.id from public.messages m
        where coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
            and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false) and m.not_before is null
        order by m.id + 0 desc limit 100)
      union all
      (select m.id from public.messages m
        where coalesce(m.direction = 'outbound' and m.status = 'queued' and m.owner is null
            and coalesce(m.delivery_status, '') not in ('held', 'unknown', 'sending'), false)
          and m.not_before is not null
        order by m.not_before limit 100)) w),
    'consent', (select coalesce(max(o.id), 0) from public.optouts o)) $$;

-- Before these steps a gateway keeps what it knows of a row in `message_hash`, as
-- `conductor:UID:STATE:CODE:OWNER` with `-` for what is not known. Each such mark becomes columns: those that are
-- there, and those that a gateway still writes which has not found these steps yet. Without it, what it is sending
-- would look as if nobody had it.
create or replace function private.conductor_marked(m public.messages, moment timestamptz) returns public.messages
language plpgsql stable set search_path = '' as $$
declare
  minted text := nullif(split_part(m.message_hash, ':', 2), '-');
  state text := nullif(split_part(m.message_hash, ':', 3), '-');
  code text := nullif(split_part(m.message_hash, ':', 4), '-');
  holder text := nullif(regexp_replace(m.message_hash, '^([^:]*:){4}', ''), '-');
  on_its_way boolean := coalesce(state in ('sending', 'unknown'), false) and m.status = 'queued';
begin
  if m.uid is null and minted not like '@%' and not exists (
      select from public.messages o where o.uid = minted and o.id <> m.id) then
    m.uid := minted;
  end if;
  if m.direction <> 'outbound' then return m; end if;
  m.delivery_status := state;
  m.error_code := case when code <> 'wanted' then code end;
  -- A person wanted it: it is not held for its age.
  if code = 'wanted' then m.not_before := coalesce(m.not_before, moment); end if;
  m.owner := case when on_its_way or holder = '@journal' then holder end;
  m.claimed_by := case when on_its_way then holder end;
  m.claim_until := null;
  return m;
end $$;

create or replace function private.conductor_mark() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new := private.conductor_marked(new, private.conductor_now());
  return new;
end $$;
drop trigger if exists conductor_mark on public.messages;
drop trigger if exists conductor_mark_changed on public.messages;
create trigger conductor_mark before insert on public.messages for each row
  when (new.message_hash like 'conductor:%:%:%:%') execute function private.conductor_mark();
create trigger conductor_mark_changed before update of message_hash on public.messages for each row
  when (new.message_hash like 'conductor:%:%:%:%' and new.message_hash is distinct from old.message_hash)
  execute function private.conductor_mark();

revoke all on function private.conductor_marked(public.messages, timestamptz), private.conductor_mark()
  from public, anon, authenticated, service_role, gateway, n8n;
revoke all on function public.conductor_sight(jsonb) from public, anon, authenticated, n8n;
grant execute on function public.conductor_sight(jsonb) to service_role, gateway;

commit;

begin;
set local lock_timeout = '5s';
update public.messages m set (uid, delivery_status, error_code, not_before, owner, claimed_by, claim_until) = (
    select k.uid, k.delivery_status, k.error_code, k.not_before, k.owner, k.claimed_by, k.claim_until
      from private.conductor_marked(m, private.conductor_now()) k)
  where m.message_hash like 'conductor:%:%:%:%' and m.uid is null and m.owner is null and m.delivery_status is null;

insert into private.conductor_migrations (version, name) values (8, 'watch') on conflict (version) do nothing;
commit;
