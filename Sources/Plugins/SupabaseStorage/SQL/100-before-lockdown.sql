-- Before the lock-down: what it will take from whom, how it is undone, and the new credentials. Changes nothing else.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

do $$
begin
  if coalesce((select max(version) from private.conductor_migrations where version < 100), 0) < 9 then
    raise exception 'the additive steps come first: run the files 001 to 010' using errcode = '55000';
  end if;
end $$;

-- What is locked: the shared tables, Conductor's own, and every view of the project that shows rows of them. A view
-- reads with its owner's rights, so that row level security does not reach behind it.
create or replace function private.conductor_locked() returns table (place regclass, is_view boolean)
language sql stable set search_path = '' as $$
  with recursive named(place) as (
    select c.oid from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and c.relname in ('messages', 'customers', 'transactions', 'transaction_items', 'products', 'staff', 'optouts',
          'contacts')
    union
    select r.ev_class from named n
      join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = n.place
        and d.classid = 'pg_catalog.pg_rewrite'::regclass
      join pg_catalog.pg_rewrite r on r.oid = d.objid)
  select c.oid::regclass, c.relkind in ('v', 'm') from named n join pg_catalog.pg_class c on c.oid = n.place $$;

-- Rights as they are: of tables, and of single columns.
create or replace function private.conductor_rights()
returns table (place regclass, grantee text, privilege text, column_name text, grantable boolean)
language sql stable set search_path = '' as $$
  select l.place, coalesce(r.rolname, 'public'), a.privilege_type, null, a.is_grantable
    from private.conductor_locked() l join pg_catalog.pg_class c on c.oid = l.place
      cross join lateral aclexplode(c.relacl) a left join pg_catalog.pg_roles r on r.oid = a.grantee
    where a.grantee <> c.relowner
  union all
  select l.place, coalesce(r.rolname, 'public'), a.privilege_type, t.attname, a.is_grantable
    from private.conductor_locked() l join pg_catalog.pg_class c on c.oid = l.place
      join pg_catalog.pg_attribute t on t.attrelid = l.place and not t.attisdropped
      cross join lateral aclexplode(t.attacl) a left join pg_catalog.pg_roles r on r.oid = a.grantee
    where a.grantee <> c.relowner $$;

-- Who has access now, and what becomes of it: `select * from private.conductor_lockdown_report()`. Last come things of
-- the project that nobody but its owner can judge.
create or replace function private.conductor_lockdown_report()
returns table (who text, what text, now text, afterwards text)
language sql stable set search_path = '' as $$
  select l.who, l.what, l.now, l.afterwards from (
  select 1 as part, r.grantee as who, r.place::text as what,
      string_agg(distinct lower(r.privilege) || coalesce(' (' || r.column_name || ')', ''), ', ')
        || case when not c.relrowsecurity and c.relkind in ('r', 'p') then ' of every row' else '' end as now,
      case when r.grantee in ('anon', 'public') then 'nothing'
        when r.grantee = 'authenticated' then case
          when c.relkind not in ('r', 'p') and r.place <> 'public.conductor_customers'::regclass then 'nothing'
          else 'nothing, without the staff claim in its token' end
        when r.grantee = 'service_role' then 'as before'
        when r.grantee in ('gateway', 'n8n') then 'what README.md says of this role'
        else 'the same rights, and only rows that a policy shows' end as afterwards
    from private.conductor_rights() r join pg_catalog.pg_class c on c.oid = r.place
    group by r.grantee, r.place, c.relrowsecurity, c.relkind
  union all
  select 2, r.rolname, p.oid::regprocedure::text, 'execute, with the rights of ' || pg_get_userbyid(p.proowner),
      'the same: look whether it shows rows to everybody'
    from pg_catalog.pg_proc p join pg_catalog.pg_roles r on r.rolname in ('anon', 'authenticated')
    where p.pronamespace = 'public'::regnamespace and p.prosecdef and p.proname not like 'conductor\_%'
      and has_function_privilege(r.oid, p.oid, 'execute')
      and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
  ) l order by l.part, l.who, l.what $$;

-- A script that puts rights and row level security back to what they are now. Policies of the project's own are not
-- touched by the lock-down.
create or replace function private.conductor_rollback_script() returns text
language sql stable set search_path = '' as $$
  select 'begin;' || E'\n' || string_agg(l.line, E'\n' order by l.part, l.line) || E'\n'
      || 'delete from private.conductor_migrations where version = 101;' || E'\n' || 'commit;' || E'\n'
  from (
    select 1 as part, format('alter table %s %s row level security;', l.place,
        case when c.relrowsecurity then 'enable' else 'disable' end) as line
      from private.conductor_locked() l join pg_catalog.pg_class c on c.oid = l.place where not l.is_view
    union all
    select 2, format('drop policy if exists %I on %s;', format('conductor_authenticated_%s_%s', command, half), l.place)
      from private.conductor_locked() l, unnest(array['all', 'select', 'insert', 'update', 'delete']) command,
        unnest(array['given', 'no_more']) half
      where not l.is_view
    union all
    select 3, format('revoke all on %s from public, anon, authenticated;', l.place) from private.conductor_locked() l
    union all
    select 4, format('grant %s%s on %s to %s%s;', r.privilege,
        coalesce(' (' || quote_ident(r.column_name) || ')', ''), r.place,
        case r.grantee when 'public' then 'public' else quote_ident(r.grantee) end,
        case when r.grantable then ' with grant option' else '' end)
      from private.conductor_rights() r where r.grantee in ('public', 'anon', 'authenticated')) l $$;

create table if not exists private.conductor_rollbacks (
  id bigint generated always as identity primary key, made_at timestamptz not null default now(), script text not null);

-- A token for a role, signed as the project's legacy tokens are (HS256). What n8n gets instead of the service key:
-- `select private.conductor_token('the JWT secret', 'n8n')`; a gateway's own:
-- `select private.conductor_token('the JWT secret', 'gateway', '{"gateway_id": "shop-1"}')`.
create or replace function private.conductor_token(
  secret text, role_name text, claims jsonb default '{}', days int default 3650) returns text
language plpgsql volatile set search_path = '' as $$
declare
  key bytea := convert_to(secret, 'UTF8');
  inner_pad bytea := ''::bytea;
  outer_pad bytea := ''::bytea;
  octet int;
  signed text;
begin
  if length(key) > 64 then key := sha256(key); end if;
  for place in 0..63 loop
    octet := case when place < length(key) then get_byte(key, place) else 0 end;
    inner_pad := inner_pad || set_byte('\x00', 0, octet # 54);
    outer_pad := outer_pad || set_byte('\x00', 0, octet # 92);
  end loop;
  signed := private.conductor_base64url('{"alg":"HS256","typ":"JWT"}') || '.' || private.conductor_base64url(convert_to(
    (claims || jsonb_build_object('role', role_name, 'iss', 'supabase', 'iat', extract(epoch from now())::bigint, 'exp',
      extract(epoch from now() + days * interval '1 day')::bigint))::text, 'UTF8'));
  return signed || '.'
    || private.conductor_base64url(sha256(outer_pad || sha256(inner_pad || convert_to(signed, 'UTF8'))));
end $$;
create or replace function private.conductor_base64url(octets bytea) returns text
language sql immutable set search_path = '' as $$
  select rtrim(translate(encode(octets, 'base64'), E'+/\n', '-_'), '=') $$;

revoke all on function private.conductor_locked(), private.conductor_rights(), private.conductor_lockdown_report(),
  private.conductor_rollback_script(), private.conductor_token(text, text, jsonb, int),
  private.conductor_base64url(bytea) from public, anon, authenticated, service_role, gateway, n8n;
revoke all on private.conductor_rollbacks from public, anon, authenticated, service_role, gateway, n8n;

insert into private.conductor_migrations (version, name) values (100, 'before the lock-down')
  on conflict (version) do nothing;
commit;
