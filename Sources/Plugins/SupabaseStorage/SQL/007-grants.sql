-- Who may call what. Tables and functions made since 2026-10-30 have no grants of themselves; older projects grant
-- everything to everybody. Here it is said.
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
  if exists (select from pg_catalog.pg_roles where rolname = 'authenticator') then
    grant gateway, n8n to authenticator;
  end if;
end $$;

revoke all on all functions in schema private from public, anon, authenticated, service_role, gateway, n8n;
revoke all on all tables in schema private from public, anon, authenticated, service_role, gateway, n8n;
grant usage on schema public to service_role, gateway, n8n;

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

-- Consent is appended, and never changed: no more than that, by the service key either.
revoke all on public.optouts from anon, authenticated, service_role, gateway, n8n;
grant select, insert on public.optouts to service_role;
grant insert on public.optouts to n8n;

insert into private.conductor_migrations (version, name) values (7, 'grants') on conflict (version) do nothing;
commit;
