-- Who may call what. Tables and functions made since 2026-10-30 have no grants of themselves; older projects grant
-- everything to everybody. Here it is said, for what is Conductor's; who reads the old tables is for the lock-down.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

-- The roles of a project, where this database has none yet; `gateway` and `n8n` are Conductor's.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['anon', 'authenticated', 'service_role', 'gateway', 'n8n'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      execute format('create role %I nologin noinherit', wanted);
    end if;
  end loop;
  -- A token that names a role can be used if the API's own role may become it.
  foreach wanted in array array['gateway', 'n8n'] loop
    if exists (select from pg_catalog.pg_roles where rolname = 'authenticator')
        and not pg_has_role('authenticator', wanted, 'member') then
      execute format('grant %I to authenticator', wanted);
    end if;
  end loop;
end $$;

grant usage on schema public to service_role, gateway, n8n;
revoke all on all functions in schema private from public, anon;
do $$
begin
  -- The indexes of words call it for whoever writes a row; where this step is run again they are there.
  if to_regprocedure('private.conductor_words(text, text)') is not null then
    grant execute on function private.conductor_words(text, text) to public;
  end if;
end $$;
revoke all on all tables in schema private from public, anon, authenticated, service_role, gateway, n8n;

-- Functions: the gateway's own token, and the service key.
do $$
declare
  made record;
begin
  for made in select p.oid::regprocedure as name from pg_catalog.pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proname like 'conductor\_%' loop
    execute format('revoke all on function %s from public, anon, authenticated, n8n', made.name);
    execute format('grant execute on function %s to service_role, gateway', made.name);
  end loop;
end $$;
-- A table bot asks about one number at a time; it lists no customers.
grant execute on function public.conductor_customer(jsonb) to n8n;

-- Tables of Conductor's are never open, whatever the project grants by itself. Consent is appended and never changed,
-- with the service key either.
alter table public.optouts enable row level security;
alter table public.contacts enable row level security;
revoke all on public.optouts, public.contacts, public.conductor_customers
  from public, anon, service_role, gateway, n8n;
do $$
begin
  -- The lock-down gives the staff its part, which this step leaves alone when it is run again.
  if not exists (select from private.conductor_migrations where version = 101) then
    revoke all on public.optouts, public.contacts, public.conductor_customers from authenticated;
  end if;
end $$;
grant select, insert on public.optouts to service_role;
grant insert (phone_number, action, "timestamp", source) on public.optouts to n8n;
grant select, insert, update, delete on public.contacts to service_role, gateway;

-- The tables that programs share: for the service key as ever, also where this file has just made them.
grant select, insert, update, delete on public.messages, public.customers, public.transactions,
  public.transaction_items, public.products, public.staff to service_role;
-- Imports come through the gateway; a receipt that is imported again gets its lines anew.
grant select, insert, update on public.customers, public.transactions, public.transaction_items, public.products,
  public.staff to gateway;
grant delete on public.transaction_items to gateway;
-- A table bot: what is unread, a queued answer, read. The old columns, and `not_before`.
grant select on public.messages to n8n;
grant insert (phone_number, content, "timestamp", modem_timestamp, status, direction, modem_index, message_hash,
  retry_count, last_retry_at, created_at, updated_at, not_before) on public.messages to n8n;
grant update (status, updated_at) on public.messages to n8n;

-- The view computes with these.
grant usage on schema private to authenticated, service_role, gateway;
grant execute on function private.conductor_today(), private.conductor_vip(bigint), private.conductor_churn(int)
  to authenticated, service_role, gateway;
grant select on public.conductor_customers to service_role, gateway;

-- What a role sees where row level security is on. Policies of the project's own may say more: so each is there twice,
-- once to give it and once to give no more.
create or replace function private.conductor_policy(
  role_name text, place regclass, command text, seen text, written text) returns void
language plpgsql volatile set search_path = '' as $$
declare
  name text;
  kind text;
begin
  foreach kind in array array['permissive', 'restrictive'] loop
    name := format('conductor_%s_%s_%s', role_name, command,
      case kind when 'permissive' then 'given' else 'no_more' end);
    execute format('drop policy if exists %I on %s', name, place);
    execute format('create policy %I on %s as %s for %s to %I', name, place, kind, command, role_name)
      || coalesce(' using (' || seen || ')', '') || coalesce(' with check (' || written || ')', '');
  end loop;
end $$;
revoke all on function private.conductor_policy(text, regclass, text, text, text) from public;

-- A row that was just written is seen by who wrote it: the API gives it back.
select private.conductor_policy('n8n', 'public.messages', 'select',
  $$direction = 'inbound' and (status = 'unread' or status = 'read' and updated_at > now() - interval '1 minute')
    or direction = 'outbound' and status = 'queued' and created_at > now() - interval '1 minute'$$, null);
select private.conductor_policy('n8n', 'public.messages', 'insert', null,
  $$direction = 'outbound' and status = 'queued' and coalesce(message_hash, '') not like 'conductor:%'$$);
select private.conductor_policy('n8n', 'public.messages', 'update', $$direction = 'inbound' and status = 'unread'$$,
  $$direction = 'inbound' and status = 'read'$$);
select private.conductor_policy('n8n', 'public.optouts', 'insert', null, 'true');
select private.conductor_policy('gateway', place::regclass, 'all', 'true', 'true')
  from unnest(array['public.customers', 'public.transactions', 'public.transaction_items', 'public.products',
    'public.staff', 'public.contacts']) place;

insert into private.conductor_migrations (version, name) values (7, 'grants') on conflict (version) do nothing;
commit;
