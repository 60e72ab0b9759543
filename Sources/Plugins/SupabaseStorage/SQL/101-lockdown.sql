-- The lock-down: nobody reads or writes rows without a role that needs it. First look at
-- `select * from private.conductor_lockdown_report()`, and give n8n its new credential, which works already.
-- 102-rollback.sql undoes it; `select script from private.conductor_rollbacks` is what that will do.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

do $$
declare
  wrong text;
begin
  if not exists (select from private.conductor_migrations where version = 100) then
    raise exception 'run the file 100-before-lockdown.sql first, and read its report' using errcode = '55000';
  end if;
  -- Conductor's functions read as their owner: row level security must not bind them.
  select string_agg(c.oid::regclass::text, ', ') into wrong
    from private.conductor_locked() l join pg_catalog.pg_class c on c.oid = l.place
    where not l.is_view and (c.relforcerowsecurity or not pg_has_role(
      (select p.proowner from pg_catalog.pg_proc p where p.oid = 'public.conductor_exchange(jsonb)'::regprocedure),
      c.relowner, 'usage'));
  if wrong is not null then
    raise exception
      'row level security of % would bind Conductor''s own functions: the owner is another, or it is forced', wrong
      using errcode = '55000';
  end if;
  -- As it is before the first lock-down.
  if not exists (select from private.conductor_migrations where version = 101) then
    insert into private.conductor_rollbacks (script) values (private.conductor_rollback_script());
  end if;
end $$;

-- A person of the staff: Supabase Auth signs what an administrator wrote into app_metadata; people cannot change it.
create or replace function private.conductor_is_staff() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'app_metadata' ->> 'role' = 'staff',
    false) $$;
revoke all on function private.conductor_is_staff() from public;
grant execute on function private.conductor_is_staff() to authenticated;

do $$
declare
  locked record;
begin
  for locked in select * from private.conductor_locked() loop
    if not locked.is_view then
      execute format('alter table %s enable row level security', locked.place);
    end if;
    execute format('revoke all on %s from public, anon, authenticated', locked.place);
  end loop;
  if exists (select from private.conductor_rights() r where r.grantee in ('public', 'anon', 'authenticated')) then
    raise exception 'some rights were given by another role than the owner, and only that role can take them: %', (
      select string_agg(distinct r.grantee || ' on ' || r.place, ', ') from private.conductor_rights() r
        where r.grantee in ('public', 'anon', 'authenticated')) using errcode = '55000';
  end if;
end $$;

-- What people of the staff do: read, answer, mark as read, look after contacts, take an opt-out down. What an article
-- costs the shop is for managers: it is read in the console.
grant select on public.messages, public.customers, public.transactions, public.transaction_items, public.staff,
  public.optouts, public.contacts, public.conductor_customers to authenticated;
do $$
begin
  execute (select format('grant select (%s) on public.products to authenticated',
      string_agg(quote_ident(attname), ', '))
    from pg_catalog.pg_attribute
    where attrelid = 'public.products'::regclass and attnum > 0 and not attisdropped and attname <> 'unit_cost');
end $$;
grant insert (phone_number, content, "timestamp", status, direction, not_before) on public.messages to authenticated;
grant update (status, seen_at, updated_at) on public.messages to authenticated;
grant insert (phone_number, action, "timestamp", source) on public.optouts to authenticated;
grant insert (phone_number, name, notes, bot_paused_until, assignee, closed),
  update (phone_number, name, notes, bot_paused_until, assignee, closed, updated_at)
  on public.contacts to authenticated;

select private.conductor_policy('authenticated', place, 'select', '(select private.conductor_is_staff())', null)
  from private.conductor_locked() where not is_view;
select private.conductor_policy('authenticated', 'public.messages', 'insert', null,
  $$(select private.conductor_is_staff()) and direction = 'outbound' and status = 'queued'$$);
select private.conductor_policy('authenticated', 'public.messages', 'update',
  $$(select private.conductor_is_staff()) and direction = 'inbound'$$,
  $$(select private.conductor_is_staff()) and direction = 'inbound' and status in ('read', 'unread')$$);
select private.conductor_policy('authenticated', 'public.optouts', 'insert', null,
  '(select private.conductor_is_staff())');
select private.conductor_policy('authenticated', 'public.contacts', command, seen,
    '(select private.conductor_is_staff())')
  from (values ('insert', null), ('update', '(select private.conductor_is_staff())')) v(command, seen);

insert into private.conductor_migrations (version, name) values (101, 'lock-down') on conflict (version) do nothing;
commit;
