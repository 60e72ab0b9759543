-- What receipts say of customers, kept right whoever writes them, and the till's files, put by what people know rows by.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

alter table public.customers add column if not exists member_id text, add column if not exists import_id bigint;
alter table public.products add column if not exists import_id bigint;
alter table public.staff add column if not exists import_id bigint;
alter table public.transactions add column if not exists import_id bigint;
alter table public.transaction_items add column if not exists import_id bigint;
alter table private.conductor_settings
  add column if not exists low_stock int not null default 5 check (low_stock >= 0),
  add column if not exists refreshed_for date;

create index if not exists conductor_customers_member on public.customers (member_id) where member_id is not null;
create index if not exists conductor_customers_email on public.customers (lower(email));
create index if not exists conductor_customers_name on public.customers (lower(name));
create index if not exists conductor_products_name on public.products (name);
create index if not exists conductor_staff_employee on public.staff (employee_id);
create index if not exists conductor_staff_name on public.staff (lower(name));

-- What somebody said of a customer, and of which day that is: receipts of later days add to it.
create table if not exists private.conductor_openings (
  customer_id uuid primary key, visits int, value numeric, first_visit date, last_visit date, location text, staff text,
  as_of date not null);
-- Whose receipts have changed since the stored columns were made right.
create table if not exists private.conductor_dirty (customer_id uuid primary key);
-- Imports, how far each has come, and what came of its last batch.
create table if not exists private.conductor_imports (
  id bigint generated always as identity primary key, uid text not null unique, sequence bigint not null default 0,
  outcomes int[] not null default '{}');
revoke all on private.conductor_openings, private.conductor_dirty, private.conductor_imports
  from public, anon, authenticated, service_role, gateway, n8n;

-- ---- what receipts say ----

-- Of a customer whose stored columns do not say it any more; no row for others. A visit is a receipt.
create or replace function private.conductor_counted(
  customer uuid, out visits bigint, out spent numeric, out first_date date, out last_date date, out place text,
  out seller text) returns setof record
language sql stable security definer set search_path = '' as $$
  select nullif(greatest(t.n, coalesce(o.visits + t.n_later, 0)), 0),
    case when o.value is null or o.visits + t.n_later <= t.n then t.s else o.value + coalesce(t.s_later, 0) end,
    least(t.first_date, o.first_visit), greatest(t.last_date, o.last_visit),
    coalesce((select r.location from public.transactions r where r.customer_id = d.customer_id and r.location <> ''
        group by r.location order by count(*) desc, max(r.date) desc nulls last, r.location collate "C" limit 1),
      o.location),
    coalesce((select min(s.name) from public.transactions r join public.staff s on s.id = r.staff_id
        where r.customer_id = d.customer_id and s.name <> ''
        group by s.id order by count(*) desc, max(r.date) desc nulls last, s.id limit 1), o.staff)
  from private.conductor_dirty d left join private.conductor_openings o on o.customer_id = d.customer_id
    cross join lateral (
      select count(*) as n, sum(r.total) as s, min(r.date) as first_date, max(r.date) as last_date,
          count(*) filter (where r.date > o.as_of) as n_later, sum(r.total) filter (where r.date > o.as_of) as s_later
        from public.transactions r where r.customer_id = d.customer_id) t
  where d.customer_id = customer $$;

-- `greatest` passes over what is null.
create or replace function private.conductor_days_since(last date) returns int
language sql volatile security definer set search_path = '' as $$
  select case when last is not null then greatest(0, private.conductor_today() - last) end $$;

create or replace view public.conductor_customers with (security_invoker = on) as
  select c.id, c.name, c.email, c.phone, c.phone_e164,
    coalesce(t.visits, c.visit_count)::bigint as visit_count,
    coalesce(t.spent, c.lifetime_value) as lifetime_value,
    coalesce(t.first_date, c.first_visit_date) as first_visit_date,
    coalesce(t.last_date, c.last_visit_date) as last_visit_date,
    coalesce(private.conductor_vip(coalesce(t.visits, c.visit_count)), c.vip_status) as vip_status,
    coalesce(private.conductor_churn(private.conductor_days_since(coalesce(t.last_date, c.last_visit_date))),
      c.churn_risk) as churn_risk,
    coalesce(round(t.spent / t.visits, 2), c.avg_transaction_value) as avg_transaction_value,
    private.conductor_days_since(coalesce(t.last_date, c.last_visit_date)) as days_since_last_visit,
    coalesce(t.place, c.preferred_location) as preferred_location,
    coalesce(t.seller, c.preferred_budtender) as preferred_budtender, c.member_id
  from public.customers c left join lateral private.conductor_counted(c.id) t on true;

create or replace function private.conductor_stock(stock int, stored text) returns text
language sql stable security definer set search_path = '' as $$
  select case when stock is null then stored when stock <= 0 then 'Out of stock'
    when stock <= s.low_stock then 'Low' else 'In stock' end
  from private.conductor_settings s $$;

create or replace view public.conductor_products with (security_invoker = on) as
  select p.id, p.sku, p.name, p.category, p.brand, p.thc_content, p.cbd_content, p.strain_type, p.effects, p.unit_cost,
    p.retail_price, p.current_stock, private.conductor_stock(p.current_stock, p.stock_status) as stock_status, p.vendor,
    p.last_restocked, p.created_at, p.updated_at
  from public.products p;

-- ---- whoever writes ----

create or replace function private.conductor_note_receipts() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op <> 'DELETE' then
    insert into private.conductor_dirty select distinct n.customer_id from after_rows n where n.customer_id is not null
      order by 1 on conflict do nothing;
  end if;
  if tg_op <> 'INSERT' then
    insert into private.conductor_dirty select distinct o.customer_id from before_rows o where o.customer_id is not null
      order by 1 on conflict do nothing;
  end if;
  return null;
end $$;
drop trigger if exists conductor_receipts_come on public.transactions;
create trigger conductor_receipts_come after insert on public.transactions
  referencing new table as after_rows for each statement execute function private.conductor_note_receipts();
drop trigger if exists conductor_receipts_change on public.transactions;
create trigger conductor_receipts_change after update on public.transactions
  referencing old table as before_rows new table as after_rows for each statement
  execute function private.conductor_note_receipts();
drop trigger if exists conductor_receipts_go on public.transactions;
create trigger conductor_receipts_go after delete on public.transactions
  referencing old table as before_rows for each statement execute function private.conductor_note_receipts();

-- What a program says of a customer is an opening balance, as of the last visit, or of today.
create or replace function private.conductor_take_down() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if current_setting('conductor.refreshing', true) = 'on' then return null; end if;
  insert into private.conductor_openings (customer_id, visits, value, first_visit, last_visit, as_of)
    values (new.id, new.visit_count, new.lifetime_value, new.first_visit_date, new.last_visit_date,
      coalesce(new.last_visit_date, private.conductor_today()))
    on conflict (customer_id) do update set visits = excluded.visits, value = excluded.value,
      first_visit = excluded.first_visit, last_visit = excluded.last_visit, as_of = excluded.as_of;
  insert into private.conductor_dirty values (new.id) on conflict do nothing;
  return null;
end $$;
drop trigger if exists conductor_stated on public.customers;
create trigger conductor_stated after insert on public.customers for each row
  when (new.visit_count > 0 or new.lifetime_value <> 0 or new.first_visit_date is not null
    or new.last_visit_date is not null)
  execute function private.conductor_take_down();
drop trigger if exists conductor_restated on public.customers;
create trigger conductor_restated after update of visit_count, lifetime_value, first_visit_date, last_visit_date
  on public.customers for each row
  when ((new.visit_count, new.lifetime_value, new.first_visit_date, new.last_visit_date)
    is distinct from (old.visit_count, old.lifetime_value, old.first_visit_date, old.last_visit_date))
  execute function private.conductor_take_down();

create or replace function private.conductor_customer_gone() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from private.conductor_openings where customer_id = old.id;
  delete from private.conductor_dirty where customer_id = old.id;
  delete from private.conductor_aliases where customer_id = old.id;
  return null;
end $$;
drop trigger if exists conductor_gone on public.customers;
create trigger conductor_gone after delete on public.customers for each row
  execute function private.conductor_customer_gone();

create or replace function private.conductor_product_stock() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.stock_status := private.conductor_stock(new.current_stock, new.stock_status);
  return new;
end $$;
drop trigger if exists conductor_stock on public.products;
create trigger conductor_stock before insert or update of current_stock, stock_status on public.products for each row
  execute function private.conductor_product_stock();

-- Stores what is counted of these customers, and says of how many.
create or replace function private.conductor_store_counted(ids uuid[]) returns bigint
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  changed bigint;
begin
  perform set_config('conductor.refreshing', 'on', true);
  update public.customers c set visit_count = v.visit_count, lifetime_value = v.lifetime_value,
      first_visit_date = v.first_visit_date, last_visit_date = v.last_visit_date, vip_status = v.vip_status,
      churn_risk = v.churn_risk, avg_transaction_value = v.avg_transaction_value,
      days_since_last_visit = v.days_since_last_visit, preferred_location = v.preferred_location,
      preferred_budtender = v.preferred_budtender
    from public.conductor_customers v where v.id = c.id and c.id = any (ids);
  get diagnostics changed = row_count;
  delete from private.conductor_dirty where customer_id = any (ids);
  perform set_config('conductor.refreshing', '', true);
  return changed;
end $$;

-- Makes the stored columns right, for readers that know no view: of at most so many customers whose receipts have
-- changed, and once a day of all whose days have gone by. {limit} -> {changed, more}
create or replace function public.conductor_refresh_customers(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  most int := coalesce((request ->> 'limit')::int, 100000);
  today date := private.conductor_today();
  ids uuid[];
  changed bigint := 0;
  more_changed bigint;
begin
  select array_agg(d.customer_id) into ids from (
    select customer_id from private.conductor_dirty order by customer_id limit most for update skip locked) d;
  if ids is not null then changed := private.conductor_store_counted(ids); end if;
  if coalesce(cardinality(ids), 0) < most
      and (select refreshed_for from private.conductor_settings) is distinct from today then
    update public.customers c set vip_status = v.vip_status, churn_risk = v.churn_risk,
        days_since_last_visit = v.days_since_last_visit
      from public.conductor_customers v
      where v.id = c.id and (c.vip_status, c.churn_risk, c.days_since_last_visit)
        is distinct from (v.vip_status, v.churn_risk, v.days_since_last_visit);
    get diagnostics more_changed = row_count;
    changed := changed + more_changed;
    update private.conductor_settings set refreshed_for = today;
  end if;
  return jsonb_build_object('changed', changed, 'more', coalesce(cardinality(ids), 0) >= most);
end $$;

-- ---- imports ----

-- The one customer that a row means: by member id, then phone, then e-mail; where it tells none of them, by a name that
-- only one has of whom nothing else is known. `several`: it may mean more than one.
drop function if exists private.conductor_import_who(jsonb);
create or replace function private.conductor_import_who(
  told jsonb, out id uuid, out several boolean, out keyless boolean, out by_alias boolean)
language plpgsql stable set search_path = '' as $$
declare
  found_ids uuid[];
  is_told boolean := told ? 'member_id';
begin
  several := false;
  keyless := false;
  by_alias := false;
  if told ? 'member_id' then
    select c.id into id from public.customers c where c.member_id = told ->> 'member_id' limit 1;
    if id is not null then return; end if;
  end if;
  -- Whoever has another number at the till is another person, though the phone be the same.
  if told ->> 'phone' like '+%' then
    is_told := true;
    found_ids := array(select c.id from public.customers c
      where left(coalesce(c.phone_e164, c.phone), 64) = told ->> 'phone' and (not told ? 'member_id' or c.member_id is null) limit 2);
  end if;
  if coalesce(cardinality(found_ids), 0) = 0 and told ->> 'email' like '%@%' then
    is_told := true;
    found_ids := array(select c.id from public.customers c
      where lower(c.email) = lower(told ->> 'email') and (not told ? 'member_id' or c.member_id is null) limit 2);
  end if;
  if not is_told then
    if not told ? 'name' then
      keyless := true;
      return;
    end if;
    found_ids := array(select c.id from public.customers c
      where lower(c.name) = lower(told ->> 'name') and c.name = told ->> 'name'
        and c.member_id is null and c.phone is null and c.email is null limit 2);
    several := cardinality(found_ids) > 1;
  elsif cardinality(found_ids) > 1 then
    several := not told ? 'member_id';
    found_ids := '{}';
  end if;
  if not several then id := found_ids[1]; end if;
  -- Somebody who was merged into another.
  if id is null and not several then
    select a.customer_id into id from private.conductor_aliases a join public.customers c on c.id = a.customer_id
      where (a.kind, a.value) in (('member_id', told ->> 'member_id'), ('phone', told ->> 'phone'),
          ('email', lower(told ->> 'email')))
        and (not told ? 'member_id' or a.kind = 'member_id' or c.member_id is null)
      order by array_position(array['member_id', 'phone', 'email'], a.kind) limit 1;
    by_alias := id is not null;
  end if;
end $$;

-- Of a row that stands there: what it has once the told values are in it, or, with `fills`, in what is empty.
create or replace function private.conductor_import_merged(present jsonb, told jsonb, fills boolean) returns jsonb
language sql immutable set search_path = '' as $$
  select case when fills then told - array(
      select k from jsonb_object_keys(told) k where coalesce(present ->> k, '') <> '')
    else told end $$;

-- Customers, one after the other: they are few.
create or replace function private.conductor_import_customers(
  names text[], lines jsonb, fills boolean, import bigint, today date) returns int[]
language plpgsql volatile set search_path = '' as $$
declare
  outcomes int[] := '{}';
  outcome int;
  line jsonb;
  told jsonb;
  stated jsonb;
  who record;
  present public.customers;
  newer public.customers;
  opening private.conductor_openings;
  wanted private.conductor_openings;
begin
  for line in select value from jsonb_array_elements(lines) with ordinality order by ordinality loop
    select coalesce(jsonb_object_agg(c.name, line -> (c.place - 1)::int)
          filter (where c.name in ('name', 'email', 'phone', 'member_id')), '{}'),
        coalesce(jsonb_object_agg(c.name, line -> (c.place - 1)::int)
          filter (where c.name not in ('name', 'email', 'phone', 'member_id')), '{}')
      into told, stated
      from unnest(names) with ordinality c(name, place) where line -> (c.place - 1)::int <> 'null';
    select * into who from private.conductor_import_who(told);
    if who.keyless or who.several then
      outcomes := outcomes || 6;
      continue;
    end if;
    begin
      if who.id is null then
        insert into public.customers (name, email, phone, member_id, import_id)
          values (told ->> 'name', told ->> 'email', told ->> 'phone', told ->> 'member_id', import)
          returning id into who.id;
        outcome := 1;
      else
        select * into present from public.customers c where c.id = who.id;
        -- In other letters it is the same address.
        if lower(present.email) = lower(told ->> 'email') then told := told - 'email'; end if;
        -- A row of one who was merged into another tells what that one lacks, and no more.
        newer := jsonb_populate_record(present,
          private.conductor_import_merged(to_jsonb(present), told, fills or who.by_alias));
        outcome := case when newer is not distinct from present then 0
          when not fills and not who.by_alias and present.import_id = import then 5 else 2 end;
        if outcome = 2 then
          update public.customers c set name = newer.name, email = newer.email, phone = newer.phone,
              member_id = newer.member_id, updated_at = private.conductor_now(), import_id = import
            where c.id = who.id;
        end if;
      end if;
      -- Of several who became one, each row states a part; their receipts are all there is to add.
      if not fills and outcome <> 5 and stated <> '{}'
          and not exists (select from private.conductor_aliases a where a.customer_id = who.id) then
        select * into opening from private.conductor_openings o where o.customer_id = who.id;
        wanted := jsonb_populate_record(opening, (
          select jsonb_object_agg(case s.key when 'visit_count' then 'visits' when 'lifetime_value' then 'value'
              when 'first_visit_date' then 'first_visit' when 'last_visit_date' then 'last_visit'
              when 'preferred_location' then 'location' else 'staff' end, s.value)
            from jsonb_each(stated) s));
        wanted.customer_id := who.id;
        wanted.as_of := coalesce((stated ->> 'last_visit_date')::date, today);
        if opening.customer_id is null
            or (to_jsonb(wanted) - 'as_of' is distinct from to_jsonb(opening) - 'as_of'
              -- An older file knows less.
              and wanted.as_of >= opening.as_of) then
          if outcome = 0 and (select c.import_id from public.customers c where c.id = who.id) = import then
            outcome := 5;
          else
            insert into private.conductor_openings values (wanted.*)
              on conflict (customer_id) do update set visits = excluded.visits, value = excluded.value,
                first_visit = excluded.first_visit, last_visit = excluded.last_visit, location = excluded.location,
                staff = excluded.staff, as_of = excluded.as_of;
            insert into private.conductor_dirty values (who.id) on conflict do nothing;
            if outcome = 0 then
              update public.customers c set import_id = import where c.id = who.id;
              outcome := 2;
            end if;
          end if;
        end if;
      end if;
      outcomes := outcomes || outcome;
    exception when integrity_constraint_violation then
      outcomes := outcomes || 4;
    end;
  end loop;
  return outcomes;
end $$;

-- Articles and staff: known by their number, else by a name that only one has.
create or replace function private.conductor_import_named(
  place regclass, names text[], lines jsonb, fills boolean, import bigint) returns int[]
language plpgsql volatile set search_path = '' as $$
declare
  is_staff boolean := place = 'public.staff'::regclass;
  key text := case when place = 'public.staff'::regclass then 'employee_id' else 'sku' end;
  outcomes int[] := '{}';
  outcome int;
  line jsonb;
  told jsonb;
  wanted jsonb;
  ids uuid[];
  present jsonb;
  changed boolean;
begin
  for line in select value from jsonb_array_elements(lines) with ordinality order by ordinality loop
    select coalesce(jsonb_object_agg(c.name, line -> (c.place - 1)::int), '{}') into told
      from unnest(names) with ordinality c(name, place) where line -> (c.place - 1)::int <> 'null';
    if not told ? key and not told ? 'name' then
      outcomes := outcomes || 6;
      continue;
    end if;
    ids := '{}';
    if told ? key then
      if is_staff then
        ids := array(select s.id from public.staff s where s.employee_id = told ->> key limit 1);
      else
        ids := array(select p.id from public.products p where p.sku = told ->> key limit 1);
      end if;
    end if;
    if cardinality(ids) = 0 and told ? 'name' and (is_staff or not told ? key) then
      if is_staff then
        ids := array(select s.id from public.staff s where lower(s.name) = lower(told ->> 'name')
          and (not key = any (names) or s.employee_id is null) limit 2);
      else
        ids := array(select p.id from public.products p where p.name = told ->> 'name' limit 2);
      end if;
    end if;
    if cardinality(ids) > 1 then
      outcomes := outcomes || 6;
      continue;
    end if;
    begin
      if cardinality(ids) = 0 then
        -- A new article without a number has its name for that.
        if not is_staff and not told ? key then told := told || jsonb_build_object('sku', told -> 'name'); end if;
        execute format('insert into %s (%s, import_id) select %s, $2 from jsonb_populate_record(null::%1$s, $1) w', place,
          (select string_agg(quote_ident(k), ', ' order by k) from jsonb_object_keys(told) k),
          (select string_agg('w.' || quote_ident(k), ', ' order by k) from jsonb_object_keys(told) k)) using told, import;
        outcome := 1;
      else
        execute format('select to_jsonb(t) from %s t where t.id = $1', place) into present using ids[1];
        wanted := private.conductor_import_merged(present, told, fills);
        execute format('select to_jsonb(w) is distinct from to_jsonb(t) from %s t, jsonb_populate_record(t, $2) w
          where t.id = $1', place) into changed using ids[1], wanted;
        outcome := case when not changed then 0
          when not fills and (present ->> 'import_id')::bigint = import then 5 else 2 end;
        if outcome = 2 then
          execute format('update %s t set (%s, import_id%s) = (select %s, $3%s from jsonb_populate_record(t, $2) w)
            where t.id = $1', place,
            (select string_agg(quote_ident(k), ', ' order by k) from jsonb_object_keys(wanted) k),
            case when is_staff then '' else ', updated_at' end,
            (select string_agg('w.' || quote_ident(k), ', ' order by k) from jsonb_object_keys(wanted) k),
            case when is_staff then '' else ', private.conductor_now()' end) using ids[1], wanted, import;
        end if;
      end if;
      outcomes := outcomes || outcome;
    exception when integrity_constraint_violation then
      outcomes := outcomes || 4;
    end;
  end loop;
  return outcomes;
end $$;

-- The value of a row's cell under one of these names, as SQL; null where the file has no such column.
create or replace function private.conductor_cell(names text[], name text, type text default 'text') returns text
language sql immutable set search_path = '' as $$
  select case when name = any (names) then format('(t.v ->> %s)::%s', array_position(names, name) - 1, type)
    else format('null::%s', type) end $$;

-- Receipts, all at once: known by the till's number. Whose they are, and who sold, is found by what the row says.
create or replace function private.conductor_import_receipts(
  names text[], lines jsonb, fills boolean, import bigint) returns int[]
language plpgsql volatile set search_path = '' set jit = off as $$
declare
  own text[] := array(select k from unnest(names) k where k not like '%.%' and k <> 'transaction_id');
  ways text := '';
  sellers text := '';
  told text;
  types jsonb;
  outcomes int[];
  way record;
begin
  for way in select * from (values
      ('customers.member_id', 'x.member_id = %s'),
      ('customers.phone', 'left(coalesce(x.phone_e164, x.phone), 64) = %s'),
      ('customers.email', 'lower(x.email) = lower(%s)'), ('customers.name', 'lower(x.name) = lower(%s)'))
      w(name, condition) where w.name = any (names) loop
    ways := ways || format(', (select case when count(distinct w.id) = 1 then min(w.id::text)::uuid end from (
        select x.id from public.customers x where %1$s union all
        select a.customer_id from private.conductor_aliases a where a.kind = %2$L and a.value = %3$s) w)',
      format(way.condition, private.conductor_cell(names, way.name)), split_part(way.name, '.', 2),
      format(case way.name when 'customers.email' then 'lower(%s)' else '%s' end,
        private.conductor_cell(names, way.name)));
  end loop;
  for way in select * from (values
      ('staff.employee_id', 'x.employee_id = %s'), ('staff.name', 'lower(x.name) = lower(%s)'))
      w(name, condition) where w.name = any (names) loop
    sellers := sellers
      || format(', (select case when count(*) = 1 then min(x.id::text)::uuid end from public.staff x where %s)',
        format(way.condition, private.conductor_cell(names, way.name)));
  end loop;
  select coalesce(jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)), '{}') into types
    from pg_catalog.pg_attribute a where a.attrelid = 'public.transactions'::regclass and a.attnum > 0
      and not a.attisdropped;
  told := (select string_agg(format(', %s as %I', private.conductor_cell(names, k, types ->> k), k), '') from unnest(own) k);
  -- Whom a row tells of is a column of it, too.
  if ways <> '' then own := array_append(own, 'customer_id'); end if;
  if sellers <> '' then own := array_append(own, 'staff_id'); end if;
  execute format($make$
    with told as materialized (
      select r.n::int as n, r.v, row_number() over (partition by %1$s order by r.n) as turn,
          first_value(r.v) over (partition by %1$s order by r.n) as head, %1$s as transaction_id
        from (select value as v, ordinality as n from jsonb_array_elements($1) with ordinality) r, lateral (select r.v) t),
    line as materialized (
      select t.n, t.turn, t.v = t.head as same, t.transaction_id %2$s,
          coalesce(null::uuid %3$s) as customer_id, coalesce(null::uuid %4$s) as staff_id,
          (%5$s) as tells_customer, (%6$s) as tells_staff
        from told t),
    seen as materialized (
      select l.*, e.id as known, e.import_id as last_import, (%7$s) as differs
        from line l left join public.transactions e on e.transaction_id = l.transaction_id),
    judged as materialized (
      select s.*, case when s.transaction_id is null then 6
          when s.turn > 1 then case when s.same or $3 then 0 else 5 end
          when s.known is null then 1 when not s.differs then 0
          when not $3 and s.last_import = $2 then 5 else 2 end as outcome from seen s),
    added as (
      insert into public.transactions (transaction_id, import_id %8$s) select j.transaction_id, $2 %9$s
        from judged j where j.outcome = 1),
    changed as (
      update public.transactions e set import_id = $2 %10$s from judged j where j.outcome = 2 and e.id = j.known)
    select array_agg(j.outcome + case when j.outcome < 3 and (j.tells_customer and j.customer_id is null
        or j.tells_staff and j.staff_id is null) then 128 else 0 end order by j.n) from judged j
    $make$,
    replace(private.conductor_cell(names, 'transaction_id', types ->> 'transaction_id'), 't.v', 'r.v'), told, ways, sellers,
    coalesce((select string_agg(private.conductor_cell(names, k) || ' is not null', ' or ')
      from unnest(names) k where k like 'customers.%'), 'false'),
    coalesce((select string_agg(private.conductor_cell(names, k) || ' is not null', ' or ')
      from unnest(names) k where k like 'staff.%'), 'false'),
    coalesce((select string_agg(case when fills then format('e.%1$I is null and l.%1$I is not null', k)
        else format('l.%1$I is not null and l.%1$I is distinct from e.%1$I', k) end, ' or ') from unnest(own) k), 'false'),
    (select string_agg(format(', %I', k), '') from unnest(own) k),
    (select string_agg(format(', j.%I', k), '') from unnest(own) k),
    (select string_agg(case when fills then format(', %1$I = coalesce(e.%1$I, j.%1$I)', k)
      else format(', %1$I = coalesce(j.%1$I, e.%1$I)', k) end, '') from unnest(own) k))
    into outcomes using lines, import, fills;
  return outcomes;
end $$;

-- Lines of receipts, all at once: known by all that they tell; of lines that are the same, by how many there are.
create or replace function private.conductor_import_lines(
  names text[], lines jsonb, import bigint) returns int[]
language plpgsql volatile set search_path = '' set jit = off as $$
declare
  own text[] := array(select k from unnest(names) k where k not like '%.%'
    and k not in ('transaction_id', 'product_sku', 'occurrence'));
  types jsonb;
  wants text[] := array(select a.attname::text from pg_catalog.pg_constraint c
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.conrelid = 'public.transaction_items'::regclass and c.contype = 'f' and cardinality(c.conkey) = 1);
  outcomes int[];
begin
  select coalesce(jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)), '{}') into types
    from pg_catalog.pg_attribute a where a.attrelid = 'public.transaction_items'::regclass and a.attnum > 0
      and not a.attisdropped;
  execute format($make$
    with line as materialized (
      select t.n::int as n, %1$s as transaction_id, coalesce(%2$s,
            (select case when count(*) = 1 then min(p.sku) end from public.products p where p.name = %3$s), %3$s)
            as product_sku, coalesce(%4$s, 1) as occurrence %5$s
        from (select value as v, ordinality as n from jsonb_array_elements($1) with ordinality) t),
    judged as materialized (
      select l.*, r.there as has_receipt, p.there as has_article,
          case when l.transaction_id is null then 6
            when not r.there and 'transaction_id' = any ($3)
              or l.product_sku is not null and not p.there and 'product_sku' = any ($3) then 3
            when (select count(*) from public.transaction_items i where i.transaction_id = l.transaction_id
              and i.product_sku is not distinct from l.product_sku %6$s) >= l.occurrence then 0 else 1 end as outcome
        from line l
          cross join lateral (select exists (select from public.transactions x
            where x.transaction_id = l.transaction_id) as there) r
          cross join lateral (select exists (select from public.products x where x.sku = l.product_sku) as there) p),
    added as (
      insert into public.transaction_items (transaction_id, product_sku, import_id %7$s)
        select j.transaction_id, j.product_sku, $2 %8$s from judged j where j.outcome = 1 order by j.n)
    select array_agg(j.outcome + case when j.outcome < 3 and (not j.has_receipt
        or j.product_sku is not null and not j.has_article) then 128 else 0 end order by j.n) from judged j
    $make$,
    private.conductor_cell(names, 'transaction_id', 'int'), private.conductor_cell(names, 'product_sku'),
    private.conductor_cell(names, 'products.name'), private.conductor_cell(names, 'occurrence', 'bigint'),
    (select string_agg(format(', %s as %I', private.conductor_cell(names, k, types ->> k), k), '') from unnest(own) k),
    (select string_agg(format(' and i.%1$I is not distinct from l.%1$I', k), '') from unnest(own) k),
    (select string_agg(format(', %I', k), '') from unnest(own) k),
    (select string_agg(format(', j.%I', k), '') from unnest(own) k))
    into outcomes using lines, import, wants;
  return outcomes;
end $$;

create or replace function private.conductor_import_section(
  section jsonb, lines jsonb, import bigint, today date) returns int[]
language plpgsql volatile set search_path = '' as $$
declare
  place regclass := private.conductor_crm_table(section ->> 'table');
  names text[] := array(select jsonb_array_elements_text(section -> 'columns'));
  fills boolean := coalesce((section ->> 'fills')::boolean, false);
begin
  return case section ->> 'table'
    when 'customers' then private.conductor_import_customers(names, lines, fills, import, today)
    when 'transactions' then private.conductor_import_receipts(names, lines, fills, import)
    when 'transaction_items' then private.conductor_import_lines(names, lines, import)
    else private.conductor_import_named(place, names, lines, fills, import) end;
end $$;

-- {import_id, sequence, today, dry, sections: [{table, columns, fills, rows: [[value]]}]} -> {outcomes: [n]}, one for each
-- row: 0 unchanged, 1 inserted, 2 updated, 3 it refers to nothing, 4 it breaks another rule of the table, 5 this import has
-- put a row with its key that says otherwise, 6 nothing to know it by; and 128 more where it names something that is not
-- there. The last batch, put once more, has the same outcomes.
create or replace function public.conductor_import_rows(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  known private.conductor_imports;
  wanted bigint := (request ->> 'sequence')::bigint;
  is_dry boolean := coalesce((request ->> 'dry')::boolean, false);
  today date := coalesce((request ->> 'today')::date, private.conductor_today());
  results int[] := '{}';
  section jsonb;
  line jsonb;
  count_of_rows bigint := (select coalesce(sum(jsonb_array_length(s -> 'rows')), 0)
    from jsonb_array_elements(request -> 'sections') s);
begin
  if request ->> 'import_id' is null or wanted is null then
    raise exception 'import_id and sequence are missing' using errcode = '22023';
  end if;
  if not is_dry then
    insert into private.conductor_imports (uid) values (request ->> 'import_id') on conflict (uid) do nothing;
    select * into known from private.conductor_imports where uid = request ->> 'import_id' for update;
    if known.sequence = wanted then
      if cardinality(known.outcomes) <> count_of_rows then
        raise exception 'batch % of this import was another one: begin the import anew', wanted using errcode = '22023';
      end if;
      return jsonb_build_object('outcomes', known.outcomes);
    elsif known.sequence + 1 <> wanted then
      raise exception 'batch % of this import is not the one after %: begin the import anew', wanted, known.sequence
        using errcode = '22023';
    end if;
  end if;
  begin
    for section in select value from jsonb_array_elements(request -> 'sections') with ordinality order by ordinality loop
      if jsonb_array_length(section -> 'rows') = 0 then continue; end if;
      begin
        results := results || private.conductor_import_section(section, section -> 'rows', known.id, today);
      exception when integrity_constraint_violation then
        -- One of them breaks a rule: each is tried by itself.
        for line in select value from jsonb_array_elements(section -> 'rows') with ordinality order by ordinality loop
          begin
            results := results
              || private.conductor_import_section(section, jsonb_build_array(line), known.id, today);
          exception when integrity_constraint_violation then
            results := results || 4;
          end;
        end loop;
      end;
    end loop;
    if is_dry then raise exception 'nothing of it is kept' using errcode = 'CD001'; end if;
  exception when sqlstate 'CD001' then
    return jsonb_build_object('outcomes', results);
  end;
  update private.conductor_imports i set sequence = wanted, outcomes = results where i.id = known.id;
  return jsonb_build_object('outcomes', results);
end $$;

-- {import_id}: all of the file has come. Receipts whose sum no line told have that of their lines.
create or replace function public.conductor_end_import(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  import bigint := (select id from private.conductor_imports where uid = request ->> 'import_id');
begin
  update public.transactions t set total = l.total
    from (select i.transaction_id, sum(i.total_price) as total from public.transaction_items i
      where i.transaction_id in (select r.transaction_id from public.transactions r
        where r.import_id = import and r.total is null) group by i.transaction_id) l
    where t.import_id = import and t.total is null and t.transaction_id = l.transaction_id;
  return '{}';
end $$;

-- ---- lists ----

create index if not exists conductor_customers_list
  on public.customers ((lower(coalesce(name, '')) collate "C"), (id::text collate "C"));
create index if not exists conductor_transactions_list
  on public.transactions ((coalesce(date, '-infinity'::date)), (id::text collate "C"));
create index if not exists conductor_products_list
  on public.products ((lower(coalesce(name, '')) collate "C"), (id::text collate "C"));

-- Where the rows of a list come from and what they tell, as SQL: `told` members of an object, `id` what tells rows apart,
-- `orders` what they may be ordered by, each with its type.
create or replace function private.conductor_list_shape(
  list text, out source text, out told text, out id text, out condition text, out grouped text, out orders jsonb)
language plpgsql immutable set search_path = '' as $$
declare
  receipts text := 'public.transactions t left join public.customers c on c.id = t.customer_id
    left join public.staff s on s.id = t.staff_id';
  receipt text := $f$'id', t.id, 'transaction_id', t.transaction_id, 'date', t.date, 'total', t.total,
    'payment_method', t.payment_method, 'location', t.location, 'customer_id', t.customer_id, 'customer', c.name,
    'staff_id', t.staff_id, 'staff', s.name,
    'items', (select count(*) from public.transaction_items i where i.transaction_id = t.transaction_id)$f$;
  lines text := 'public.transaction_items i left join public.products p on p.sku = i.product_sku';
  line text := $f$'id', i.id, 'transaction_id', i.transaction_id, 'product_sku', i.product_sku, 'product', p.name,
    'category', p.category, 'brand', p.brand, 'quantity', i.quantity, 'unit_price', i.unit_price,
    'total_price', i.total_price, 'discount', i.discount$f$;
  sold text := 'public.transactions t join public.transaction_items i on i.transaction_id = t.transaction_id
    left join public.products p on p.sku = i.product_sku';
  by_name text := $f$lower(coalesce(%s.name, '')) collate "C"$f$;
begin
  condition := 'true';
  case list
    when 'customers' then
      source := 'public.customers u cross join lateral (
        select v.* from public.conductor_customers v where v.id = u.id limit 1) c';
      told := $f$'id', c.id, 'member_id', c.member_id, 'name', c.name, 'email', c.email,
        'phone', coalesce(c.phone_e164, c.phone), 'visit_count', c.visit_count, 'lifetime_value', c.lifetime_value,
        'first_visit_date', c.first_visit_date, 'last_visit_date', c.last_visit_date, 'vip_status', c.vip_status,
        'churn_risk', c.churn_risk, 'avg_transaction_value', c.avg_transaction_value,
        'days_since_last_visit', c.days_since_last_visit, 'preferred_location', c.preferred_location,
        'preferred_budtender', c.preferred_budtender$f$;
      id := 'u.id::text';
      orders := jsonb_build_object('name', array[format(by_name, 'u'), 'text'],
        'last_visit_date', array[$f$coalesce(c.last_visit_date, '-infinity'::date)$f$, 'date'],
        'visit_count', array['coalesce(c.visit_count, 0)', 'bigint'],
        'lifetime_value', array['coalesce(c.lifetime_value, 0)', 'numeric']);
    when 'transactions', 'receipts_without_customer', 'receipts_without_items' then
      source := receipts;
      told := receipt;
      id := 't.id::text';
      orders := jsonb_build_object('date', array[$f$coalesce(t.date, '-infinity'::date)$f$, 'date']);
      condition := case list when 'transactions' then 'true' when 'receipts_without_customer' then 'c.id is null'
        else 'not exists (select from public.transaction_items x where x.transaction_id = t.transaction_id)' end;
    when 'transaction_items', 'items_without_receipt', 'items_without_product' then
      source := lines;
      told := line;
      id := 'i.id::text';
      orders := jsonb_build_object('id', array['i.id', 'uuid']);
      condition := case list when 'transaction_items' then 'true' when 'items_without_product' then 'p.sku is null'
        else 'not exists (select from public.transactions x where x.transaction_id = i.transaction_id)' end;
    when 'products' then
      source := 'public.products p';
      told := $f$'id', p.id, 'sku', p.sku, 'name', p.name, 'category', p.category, 'brand', p.brand,
        'thc_content', p.thc_content, 'cbd_content', p.cbd_content, 'strain_type', p.strain_type, 'effects', p.effects,
        'unit_cost', p.unit_cost, 'retail_price', p.retail_price, 'current_stock', p.current_stock,
        'stock_status', private.conductor_stock(p.current_stock, p.stock_status), 'vendor', p.vendor,
        'last_restocked', p.last_restocked$f$;
      id := 'p.id::text';
      orders := jsonb_build_object('name', array[format(by_name, 'p'), 'text'],
        'sku', array[$f$coalesce(p.sku, '') collate "C"$f$, 'text'],
        'current_stock', array['coalesce(p.current_stock, 0)', 'bigint']);
    when 'staff' then
      source := 'public.staff s';
      told := $f$'id', s.id, 'employee_id', s.employee_id, 'name', s.name, 'role', s.role, 'location', s.location,
        'hire_date', s.hire_date, 'active', s.active$f$;
      id := 's.id::text';
      orders := jsonb_build_object('name', array[format(by_name, 's'), 'text']);
    when 'spend_by_category', 'spend_by_brand' then
      source := sold;
      grouped := format($f$coalesce(p.%I, '')$f$, substr(list, 10));
      told := format($f$'name', nullif(%s, ''), 'quantity', sum(i.quantity), 'total', sum(i.total_price)$f$, grouped);
      id := grouped;
      orders := jsonb_build_object('total', array['coalesce(sum(i.total_price), 0)', 'numeric']);
    when 'visits_by_month' then
      source := 'public.transactions t';
      grouped := $f$coalesce(to_char(t.date, 'YYYY-MM'), '')$f$;
      told := format($f$'month', nullif(%s, ''), 'visits', count(*), 'total', sum(t.total)$f$, grouped);
      id := grouped;
      orders := jsonb_build_object('month', array[grouped || ' collate "C"', 'text']);
    when 'bestsellers' then
      source := sold;
      condition := 'i.product_sku is not null';
      grouped := 'i.product_sku';
      told := $f$'sku', i.product_sku, 'name', min(p.name), 'quantity', sum(i.quantity), 'total', sum(i.total_price)$f$;
      id := grouped;
      orders := jsonb_build_object('total', array['coalesce(sum(i.total_price), 0)', 'numeric']);
    when 'duplicates' then
      source := $f$(select 'phone' as what, coalesce(u.phone_e164, u.phone) as value, count(*) as n,
            jsonb_agg(u.id order by u.id)::text as ids from public.customers u
          where coalesce(u.phone_e164, u.phone) like '+%' group by 2 having count(*) > 1
        union all select 'email', lower(u.email), count(*), jsonb_agg(u.id order by u.id)::text from public.customers u
          where lower(u.email) like '%@%' group by 2 having count(*) > 1) d$f$;
      told := $f$'by', d.what, 'value', d.value, 'count', d.n, 'ids', d.ids$f$;
      id := 'd.what';
      orders := jsonb_build_object('value', array['d.value collate "C"', 'text']);
    else raise exception 'list: there is none of this name' using errcode = '22023';
  end case;
end $$;

-- The condition that a filter is, with its value; null where the list has none of this name.
create or replace function private.conductor_list_filter(list text, name text, value text) returns text
language sql immutable set search_path = '' as $$
  select format(case list || ' ' || name
    when 'customers search' then $f$private.conductor_words(coalesce(u.name, '') || ' ' || coalesce(u.email, ''),
      coalesce(u.phone_e164, u.phone)) @@ private.conductor_sought(%L)$f$
    when 'customers vip_status' then 'c.vip_status = %L'
    when 'customers churn_risk' then 'c.churn_risk = %L'
    when 'customers location' then 'c.preferred_location = %L'
    when 'transactions customer_id' then 't.customer_id = %L::uuid'
    when 'transactions from' then $f$coalesce(t.date, '-infinity'::date) >= %L::date$f$
    when 'transactions to' then $f$coalesce(t.date, '-infinity'::date) <= %L::date and t.date is not null$f$
    when 'transactions location' then 't.location = %L'
    when 'transactions staff_id' then 't.staff_id = %L::uuid'
    when 'transactions payment_method' then 't.payment_method = %L'
    when 'transaction_items transaction_id' then 'i.transaction_id = %L::bigint'
    when 'transaction_items product_sku' then 'i.product_sku = %L'
    when 'products search' then '(strpos(lower(p.name), lower(%1$L)) > 0 or starts_with(lower(p.sku), lower(%1$L))
      or starts_with(lower(p.brand), lower(%1$L)))'
    when 'products category' then 'p.category = %L'
    when 'products brand' then 'p.brand = %L'
    when 'products vendor' then 'p.vendor = %L'
    when 'products stock_status' then 'private.conductor_stock(p.current_stock, p.stock_status) = %L'
    when 'staff location' then 's.location = %L'
    when 'spend_by_category customer_id' then 't.customer_id = %L::uuid'
    when 'spend_by_brand customer_id' then 't.customer_id = %L::uuid'
    when 'visits_by_month customer_id' then 't.customer_id = %L::uuid'
    when 'bestsellers from' then 't.date >= %L::date'
    when 'bestsellers to' then 't.date <= %L::date' end, value)
$$;

-- {list, filters, order, descending, after, limit} -> {rows, next}: a page of a list, which begins behind the last row of the
-- page before (`after` is its `next`). conductor_crm.h says which lists, filters and orders there are.
create or replace function public.conductor_crm_list(request jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  shape record;
  wanted int := coalesce((request ->> 'limit')::int, 50);
  turn text := case when (request ->> 'descending')::boolean then 'desc' else 'asc' end;
  sign text := case when (request ->> 'descending')::boolean then '<' else '>' end;
  place jsonb;
  key text;
  type text;
  filter record;
  condition text;
  answer jsonb;
begin
  begin
    place := (request ->> 'after')::jsonb;
  exception when data_exception then
    raise exception 'after: this is no place in the list' using errcode = '22023';
  end;
  if wanted not between 1 and 1000 then
    raise exception 'limit: % is not within 1 and 1000', wanted using errcode = '22023';
  end if;
  shape := private.conductor_list_shape(request ->> 'list');
  key := shape.orders -> (request ->> 'order') ->> 0;
  type := shape.orders -> (request ->> 'order') ->> 1;
  if key is null then raise exception 'order: the list has none of this name' using errcode = '22023'; end if;
  if place is not null and (jsonb_typeof(place) <> 'array' or jsonb_array_length(place) <> 2) then
    raise exception 'after: this is no place in the list' using errcode = '22023';
  end if;
  condition := shape.condition;
  for filter in select f.key as name, f.value from jsonb_each_text(coalesce(request -> 'filters', '{}')) f order by 1 loop
    condition := condition || ' and '
      || nullif(private.conductor_list_filter(request ->> 'list', filter.name, filter.value), '');
    if condition is null then
      raise exception 'filters: the list has none of the name %', left(filter.name, 40) using errcode = '22023';
    end if;
  end loop;
  execute format($make$
    select jsonb_build_object('rows', coalesce(jsonb_agg(p.line order by p.n) filter (where p.n <= $3), '[]'),
        'next', case when max(p.n) > $3 then (array_agg(p.place order by p.n) filter (where p.n = $3))[1]::text end)
      from (
        select l.*, row_number() over () as n from (
          select jsonb_strip_nulls(jsonb_build_object(%1$s)) as line, jsonb_build_array(%2$s, %3$s) as place
            from %4$s where %5$s %6$s order by %2$s %7$s, (%3$s) collate "C" %7$s limit $3 + 1) l) p $make$,
    shape.told, key, shape.id, shape.source, condition,
    coalesce(' group by ' || shape.grouped, '') || case when place is null then '' else format(
      ' %1$s %2$s %4$s= $1::%5$s and (%2$s, (%3$s) collate "C") %4$s ($1::%5$s, $2)',
      case when shape.grouped is null then 'and' else 'having' end, key, shape.id, sign, type) end, turn)
    into answer using place ->> 0, place ->> 1, wanted;
  return answer;
end $$;

-- ---- what is stored now is what is known of everybody ----

insert into private.conductor_openings (customer_id, visits, value, first_visit, last_visit, as_of)
  select c.id, c.visit_count, c.lifetime_value, c.first_visit_date, c.last_visit_date,
      coalesce(c.last_visit_date, private.conductor_today())
    from public.customers c
    where not exists (select from private.conductor_migrations where version = 11)
      and (c.visit_count > 0 or c.lifetime_value <> 0 or c.first_visit_date is not null
        or c.last_visit_date is not null)
    on conflict do nothing;
insert into private.conductor_dirty select c.id from public.customers c
  where not exists (select from private.conductor_migrations where version = 11) on conflict do nothing;

do $$
declare
  made record;
begin
  for made in select p.oid::regprocedure as name from pg_catalog.pg_proc p
      where p.pronamespace = 'private'::regnamespace
        and (p.proname like 'conductor\_import\_%' or p.proname like 'conductor\_list\_%' or p.proname in ('conductor_cell', 'conductor_counted', 'conductor_store_counted',
          'conductor_stock', 'conductor_days_since', 'conductor_note_receipts', 'conductor_take_down', 'conductor_customer_gone',
          'conductor_product_stock')) loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role, gateway, n8n', made.name);
  end loop;
end $$;
-- The views compute with these.
grant execute on function private.conductor_counted(uuid), private.conductor_stock(int, text),
    private.conductor_days_since(date)
  to authenticated, service_role, gateway;
revoke all on public.conductor_products from public, anon, authenticated, service_role, gateway, n8n;
grant select on public.conductor_products to service_role, gateway;
revoke all on function public.conductor_import_rows(jsonb), public.conductor_end_import(jsonb),
    public.conductor_crm_list(jsonb) from public, anon, authenticated, n8n;
grant execute on function public.conductor_import_rows(jsonb), public.conductor_end_import(jsonb),
    public.conductor_crm_list(jsonb) to service_role, gateway;

insert into private.conductor_migrations (version, name) values (11, 'imports') on conflict (version) do nothing;
commit;
