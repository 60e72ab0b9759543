-- Numbers in one form, by SQL alone: other programs insert rows. The rules are those of the SQLite plugin.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

-- One row: what is set for this project. `update private.conductor_settings set time_zone = 'America/Los_Angeles'`.
create table if not exists private.conductor_settings (
  id int primary key default 1 check (id = 1),
  -- How other programs write numbers that have no country: calling code, and what is dialled before a national number.
  calling_code text not null default '1' check (calling_code ~ '^[1-9][0-9]{0,2}$'),
  trunk text not null default '1' check (trunk ~ '^[0-9]{0,2}$'),
  -- The shop's: visits are days there.
  time_zone text not null default 'UTC',
  casual_visits int not null default 2,
  regular_visits int not null default 6,
  vip_visits int not null default 16,
  medium_churn_days int not null default 30,
  high_churn_days int not null default 60,
  check (casual_visits < regular_visits and regular_visits < vip_visits),
  check (medium_churn_days < high_churn_days));
insert into private.conductor_settings default values on conflict do nothing;

-- How far old rows have their number in the one form: up to `place`, of what there was when the triggers came.
create table if not exists private.conductor_phones (
  table_name text primary key, form text not null, place bigint not null, last bigint not null);

-- `+` or `00` and 7 to 15 digits stand for themselves; at home in North America, so does `011`, and ten digits, or
-- eleven that begin with 1, are of its plan, and must have its form. Elsewhere 7 to 12 digits behind the trunk prefix
-- are national ones. One digit said over and over is what people type where a number is demanded. Null for all else.
create or replace function private.conductor_e164(written text, calling_code text, trunk text) returns text
language plpgsql immutable parallel safe as $$
declare
  bare text := written;
  digits text;
begin
  if bare is null then return null; end if;
  if bare !~ '^\+[0-9]+$' then
    bare := replace(translate(replace(bare, '(0)', ''), ' -()./', ''), 'tel:', '');
    bare := translate(bare, U&'\0009\00A0\2010\2011\2013\202F\202A\202C\200E\FEFF', '');
  end if;
  digits := case when bare ~ '^\+' then substr(bare, 2) when bare ~ '^00' then substr(bare, 3)
    when calling_code = '1' and bare ~ '^011' then substr(bare, 4) end;
  if digits ~ '^[2-9][0-9]{6,14}$' and replace(digits, left(digits, 1), '') <> ''
    or digits ~ '^1[2-9][0-9]{2}[2-9][0-9]{6}$' and replace(substr(digits, 2), substr(digits, 2, 1), '') <> '' then
    return '+' || digits;
  end if;
  if calling_code = '1' then
    digits := case when bare ~ '^1[2-9][0-9]{2}[2-9][0-9]{6}$' then substr(bare, 2)
      when bare ~ '^[2-9][0-9]{2}[2-9][0-9]{6}$' then bare end;
    if replace(digits, left(digits, 1), '') <> '' then return '+1' || digits; end if;
  elsif bare ~ ('^' || trunk || '[1-9][0-9]{6,11}$') then
    return '+' || calling_code || substr(bare, length(trunk) + 1);
  end if;
  return null;
end $$;

-- As this project is set.
create or replace function private.conductor_e164(written text) returns text
language sql stable as $$
  select private.conductor_e164(written, s.calling_code, s.trunk) from private.conductor_settings s $$;

-- Who a question is about: the normalised number, else what was written, as far as the index goes.
create or replace function private.conductor_recipient(written text) returns text
language sql stable set search_path = '' as $$
  select left(coalesce(private.conductor_e164(written), written), 64) $$;

-- Whoever writes the row, and whatever they say its normal form is.
create or replace function private.conductor_phone() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  home record;
begin
  select s.calling_code, s.trunk into home from private.conductor_settings s;
  new.phone_e164 := private.conductor_e164(new.phone_number, home.calling_code, home.trunk);
  return new;
end $$;
drop trigger if exists conductor_phone on public.messages;
drop trigger if exists conductor_phone_changed on public.messages;
do $$
begin
  -- Conductor's own functions, which run as their owner, give the number with the row, which saves a fifth of the time
  -- of a large put.
  execute format('create trigger conductor_phone before insert on public.messages for each row
    when (new.phone_e164 is null or current_user <> %L) execute function private.conductor_phone()', current_user);
  execute format('create trigger conductor_phone_changed before update of phone_number, phone_e164 on public.messages
    for each row when ((new.phone_number, new.phone_e164) is distinct from (old.phone_number, old.phone_e164)
      and (new.phone_e164 is null or new.phone_e164 is not distinct from old.phone_e164 or current_user <> %L))
    execute function private.conductor_phone()', current_user);
end $$;

-- Begins anew where the rules or the country changed.
create or replace function private.conductor_phones_begin() returns void
language plpgsql security definer set search_path = '' as $$
declare
  wanted text := (select '1 ' || calling_code || ' ' || trunk from private.conductor_settings);
begin
  insert into private.conductor_phones as p (table_name, form, place, last)
    values ('messages', wanted, 0, coalesce((select max(id) from public.messages), 0))
    on conflict (table_name) do update set form = excluded.form, place = 0, last = excluded.last
    where p.form <> excluded.form;
  -- What is to be sent comes first: its order goes by the number.
  update public.messages m set phone_e164 = private.conductor_e164(m.phone_number)
    where m.direction = 'outbound' and m.status = 'queued'
      and m.phone_e164 is distinct from private.conductor_e164(m.phone_number);
end $$;

-- Gives at most so many old rows their number, and says how many are left to look at. Short locks: repeat it until
-- nothing is left. `select private.conductor_backfill(5000)`.
create or replace function private.conductor_backfill(rows int) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  at private.conductor_phones;
  upto bigint;
begin
  select * into at from private.conductor_phones where table_name = 'messages' for update skip locked;
  if not found or at.place >= at.last then return 0; end if;
  select max(id) into upto from (
    select id from public.messages where id > at.place and id <= at.last order by id limit rows) batch;
  upto := coalesce(upto, at.last);
  update public.messages m set phone_e164 = private.conductor_e164(m.phone_number)
    where m.id > at.place and m.id <= upto
      and m.phone_e164 is distinct from private.conductor_e164(m.phone_number);
  update private.conductor_phones set place = upto where table_name = 'messages';
  return at.last - upto;
end $$;

create or replace function private.conductor_settings_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from pg_catalog.pg_timezone_names z where z.name = new.time_zone) then
    raise exception 'time_zone: there is no zone of this name, as America/Los_Angeles' using errcode = '22023';
  end if;
  return new;
end $$;
-- Messages have their number again little by little; the other tables are small.
create or replace function private.conductor_home_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.conductor_phones_begin();
  if to_regclass('public.optouts') is not null then
    update public.optouts o set phone_e164 = private.conductor_e164(o.phone_number)
      where o.phone_e164 is distinct from private.conductor_e164(o.phone_number);
  end if;
  if to_regclass('public.contacts') is not null then
    -- Of two rows that turn out to be one person's, the other keeps its form.
    update public.contacts c set phone_e164 = private.conductor_e164(c.phone_number)
      where c.phone_e164 is distinct from private.conductor_e164(c.phone_number)
        and not exists (select from public.contacts d where d.id <> c.id
          and private.conductor_recipient(d.phone_number) = private.conductor_recipient(c.phone_number));
  end if;
  if to_regclass('public.customers') is not null then
    update public.customers c set phone_e164 = private.conductor_e164(c.phone)
      where c.phone_e164 is distinct from private.conductor_e164(c.phone);
  end if;
  return null;
end $$;
drop trigger if exists conductor_zone on private.conductor_settings;
create trigger conductor_zone before insert or update on private.conductor_settings for each row
  execute function private.conductor_settings_changed();
drop trigger if exists conductor_home on private.conductor_settings;
create trigger conductor_home after update of calling_code, trunk on private.conductor_settings for each row
  when ((new.calling_code, new.trunk) is distinct from (old.calling_code, old.trunk))
  execute function private.conductor_home_changed();

commit;

-- Rows are filled in transactions of their own: nobody waits for more than a row.
begin;
set local lock_timeout = '5s';
select private.conductor_phones_begin();
commit;

-- A small table is done now; of a large one the gateway does the rest, some rows at a time.
begin;
set local lock_timeout = '5s';
select private.conductor_backfill(20000);

insert into private.conductor_migrations (version, name) values (2, 'phone') on conflict (version) do nothing;
commit;
