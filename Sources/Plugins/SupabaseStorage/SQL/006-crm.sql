-- The customers, and the look-up by number. What depends on today is computed when it is read.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

create table if not exists public.staff (
  id uuid primary key default gen_random_uuid(), name text, employee_id text, role text, location text, hire_date date,
  active boolean default true, created_at timestamptz default now());
create table if not exists public.customers (
  id uuid primary key default gen_random_uuid(), name text, email text, phone text, visit_count int,
  lifetime_value numeric, first_visit_date date, last_visit_date date, vip_status text, churn_risk text,
  avg_transaction_value numeric, days_since_last_visit int, preferred_location text, preferred_budtender text,
  created_at timestamptz default now(), updated_at timestamptz default now());
create table if not exists public.products (
  id uuid primary key default gen_random_uuid(), sku text unique, name text, category text, brand text,
  thc_content text, cbd_content text, strain_type text, effects text, unit_cost numeric, retail_price numeric,
  current_stock int, stock_status text, vendor text, last_restocked date, created_at timestamptz default now(),
  updated_at timestamptz default now());
create table if not exists public.transactions (
  id uuid primary key default gen_random_uuid(), transaction_id int unique,
  customer_id uuid references public.customers (id), date date, total numeric, payment_method text, location text,
  staff_id uuid references public.staff (id), created_at timestamptz default now());
create table if not exists public.transaction_items (
  id uuid primary key default gen_random_uuid(),
  transaction_id int references public.transactions (transaction_id),
  product_sku text references public.products (sku), quantity int, unit_price numeric, total_price numeric,
  discount numeric, created_at timestamptz default now());

alter table public.customers add column if not exists phone_e164 text;

-- As on messages: whoever writes the row.
create or replace function private.conductor_customer_phone() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.phone_e164 := private.conductor_e164(new.phone);
  return new;
end $$;
drop trigger if exists conductor_phone on public.customers;
drop trigger if exists conductor_phone_changed on public.customers;
create trigger conductor_phone before insert on public.customers for each row
  execute function private.conductor_customer_phone();
create trigger conductor_phone_changed before update of phone, phone_e164 on public.customers for each row
  when ((new.phone, new.phone_e164) is distinct from (old.phone, old.phone_e164))
  execute function private.conductor_customer_phone();

create index if not exists conductor_customers_recipient on public.customers (left(coalesce(phone_e164, phone), 64));
create index if not exists conductor_transactions_customer
  on public.transactions (customer_id, date desc nulls last, transaction_id desc);
create index if not exists conductor_items_transaction on public.transaction_items (transaction_id);
create index if not exists conductor_items_product on public.transaction_items (product_sku);
create index if not exists conductor_products_sku on public.products (sku);

-- ---- rules, in one place each ----

create or replace function private.conductor_today() returns date
language sql volatile security definer set search_path = '' as $$
  select (private.conductor_now() at time zone s.time_zone)::date from private.conductor_settings s $$;

create or replace function private.conductor_vip(visits bigint) returns text
language sql stable security definer set search_path = '' as $$
  select case when visits is null then null when visits >= s.vip_visits then 'VIP'
    when visits >= s.regular_visits then 'Regular' when visits >= s.casual_visits then 'Casual' else 'New' end
  from private.conductor_settings s $$;

create or replace function private.conductor_churn(days int) returns text
language sql stable security definer set search_path = '' as $$
  select case when days is null then null when days >= s.high_churn_days then 'High'
    when days >= s.medium_churn_days then 'Medium' else 'Low' end
  from private.conductor_settings s $$;

-- Millionths of the shop's currency.
create or replace function private.conductor_micros(amount numeric) returns bigint
language sql immutable set search_path = '' as $$
  select case when abs(amount) < 9000000000000 then round(amount * 1000000)::bigint end $$;

-- Every customer as of now. A later step has a view that also knows opening balances: where it is there, it stays.
do $view$
begin
  if to_regclass('private.conductor_openings') is not null then return; end if;
  create or replace view public.conductor_customers with (security_invoker = on) as
    select c.id, c.name, c.email, c.phone, c.phone_e164,
      case when t.visits > 0 then t.visits else c.visit_count end as visit_count,
      case when t.visits > 0 then t.spent else c.lifetime_value end as lifetime_value,
      coalesce(t.first_date, c.first_visit_date) as first_visit_date,
      coalesce(t.last_date, c.last_visit_date) as last_visit_date,
      private.conductor_vip(case when t.visits > 0 then t.visits else c.visit_count end) as vip_status,
      private.conductor_churn(private.conductor_today() - coalesce(t.last_date, c.last_visit_date)) as churn_risk,
      case when t.visits > 0 then round(t.spent / t.visits, 2) else c.avg_transaction_value end as avg_transaction_value,
      private.conductor_today() - coalesce(t.last_date, c.last_visit_date) as days_since_last_visit,
      coalesce(c.preferred_location, t.usual_location) as preferred_location, c.preferred_budtender
    from public.customers c
      cross join lateral (
        select count(*) as visits, coalesce(sum(r.total), 0) as spent, min(r.date) as first_date,
            max(r.date) as last_date, mode() within group (order by r.location) as usual_location
          from public.transactions r where r.customer_id = c.id) t;
end $view$;

-- A customer as callers read it. What an article costs the shop is in none of these answers.
create or replace function private.conductor_person(c public.conductor_customers) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'id', c.id, 'name', c.name, 'email', c.email, 'phone', coalesce(c.phone_e164, c.phone),
    'visit_count', c.visit_count, 'lifetime_value_micros', private.conductor_micros(c.lifetime_value),
    'first_visit', c.first_visit_date, 'last_visit', c.last_visit_date, 'vip_status', c.vip_status,
    'churn_risk', c.churn_risk, 'average_transaction_micros', private.conductor_micros(c.avg_transaction_value),
    'days_since_last_visit', c.days_since_last_visit, 'preferred_location', c.preferred_location,
    'preferred_staff', c.preferred_budtender)) $$;

-- A customer by phone, with the last receipts, their lines and articles: one round trip. Two customers may have one
-- phone: both come, who was here last first; more than twenty have a placeholder's.
create or replace function public.conductor_customer(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  recipient text := private.conductor_recipient(request ->> 'phone');
  receipts int := coalesce((request ->> 'purchases')::int, 10);
  ids uuid[] := private.conductor_customers_of(recipient);
begin
  if recipient is null then raise exception 'phone: is missing' using errcode = '22023'; end if;
  if receipts not between 0 and 100 then
    raise exception 'purchases: % is not within 0 and 100', receipts using errcode = '22023';
  end if;
  return jsonb_build_object('matches', (
    select coalesce(jsonb_agg(m.person || jsonb_build_object('purchases',
        jsonb_strip_nulls(private.conductor_purchases(m.id, receipts)))
        order by m.last_visit_date desc nulls last, m.id), '[]'::jsonb)
      from (
        select c.id, c.last_visit_date, private.conductor_person(c) as person from public.conductor_customers c
          where c.id = any (ids)
          order by c.last_visit_date desc nulls last, c.id limit 20) m));
end $$;

create or replace function private.conductor_purchases(customer uuid, receipts int) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('number', t.transaction_id, 'date', t.date,
      'total_micros', private.conductor_micros(t.total), 'payment_method', t.payment_method, 'location', t.location,
      'items', (
        select coalesce(jsonb_agg(jsonb_build_object('quantity', i.quantity,
            'unit_price_micros', private.conductor_micros(i.unit_price),
            'total_price_micros', private.conductor_micros(i.total_price),
            'discount_micros', private.conductor_micros(i.discount),
            'product', case when p.sku is not null then jsonb_build_object('sku', p.sku, 'name', p.name,
              'category', p.category, 'brand', p.brand, 'thc_content', p.thc_content, 'cbd_content', p.cbd_content,
              'strain_type', p.strain_type, 'effects', p.effects,
              'retail_price_micros', private.conductor_micros(p.retail_price), 'current_stock', p.current_stock,
              'stock_status', p.stock_status) end) order by i.created_at, i.id), '[]'::jsonb)
          from public.transaction_items i left join public.products p on p.sku = i.product_sku
          where i.transaction_id = t.transaction_id)) order by t.date desc nulls last, t.transaction_id desc),
    '[]'::jsonb)
  from (select * from public.transactions r where r.customer_id = customer
    order by r.date desc nulls last, r.transaction_id desc limit receipts) t $$;

-- Fills the stored columns for readers that know no view: once a day. `select conductor_refresh_customers('{}')`.
create or replace function public.conductor_refresh_customers(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  changed bigint;
begin
  update public.customers c set visit_count = v.visit_count, lifetime_value = v.lifetime_value,
      first_visit_date = v.first_visit_date, last_visit_date = v.last_visit_date, vip_status = v.vip_status,
      churn_risk = v.churn_risk, avg_transaction_value = v.avg_transaction_value,
      days_since_last_visit = v.days_since_last_visit
    from public.conductor_customers v
    where v.id = c.id and (c.visit_count, c.lifetime_value, c.first_visit_date, c.last_visit_date, c.vip_status,
        c.churn_risk, c.avg_transaction_value, c.days_since_last_visit)
      is distinct from (v.visit_count, v.lifetime_value, v.first_visit_date, v.last_visit_date, v.vip_status,
        v.churn_risk, v.avg_transaction_value, v.days_since_last_visit);
  get diagnostics changed = row_count;
  return jsonb_build_object('changed', changed);
end $$;

-- What is set for this project; with a service key, what is named is set first.
create or replace function public.conductor_settings(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' as $$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  settings private.conductor_settings;
  wrong text;
begin
  select string_agg(k.key, ', ' order by k.key) into wrong from jsonb_object_keys(request) k(key)
    where k.key in ('id', 'refreshed_for') or not exists (select from pg_catalog.pg_attribute a
      where a.attrelid = 'private.conductor_settings'::regclass and a.attname = k.key and a.attnum > 0);
  if wrong is not null then raise exception '%: there is no such setting', wrong using errcode = '22023'; end if;
  if request <> '{}'::jsonb then
    if coalesce(claims ->> 'role', 'service_role') <> 'service_role' then
      raise exception 'settings are changed with the service key' using errcode = '42501';
    end if;
    execute (
      select format('update private.conductor_settings s set %s from jsonb_populate_record(null::private.conductor_settings,
          $1) n', string_agg(format('%1$I = n.%1$I', k.key), ', '))
        from jsonb_object_keys(request) k(key)) using request;
  end if;
  select * into settings from private.conductor_settings;
  return to_jsonb(settings) - array['id', 'refreshed_for'];
end $$;

commit;

begin;
set local lock_timeout = '5s';
-- Customers are few.
update public.customers c set phone_e164 = private.conductor_e164(c.phone)
  where c.phone_e164 is distinct from private.conductor_e164(c.phone);

insert into private.conductor_migrations (version, name) values (6, 'crm') on conflict (version) do nothing;
commit;
