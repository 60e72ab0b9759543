-- What people change of customers: several into one, what is made of receipts anew, and the shop's rules.
begin;
set local lock_timeout = '5s';
set local client_min_messages = warning;

-- A rule counts at once, whoever changes it.
create or replace function private.conductor_rules_changed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update private.conductor_settings set refreshed_for = null;
  if new.low_stock is distinct from old.low_stock then
    update public.products p set stock_status = private.conductor_stock(p.current_stock, p.stock_status)
      where p.stock_status is distinct from private.conductor_stock(p.current_stock, p.stock_status);
  end if;
  return null;
end $$;
drop trigger if exists conductor_rules_changed on private.conductor_settings;
create trigger conductor_rules_changed after update of time_zone, casual_visits, regular_visits, vip_visits,
    medium_churn_days, high_churn_days, low_stock on private.conductor_settings for each row
  execute function private.conductor_rules_changed();

-- ---- what a customer's row tells ----

create or replace function private.conductor_change_made() returns text[]
language sql immutable set search_path = '' as $$
  select array['visit_count', 'lifetime_value', 'first_visit_date', 'last_visit_date', 'vip_status', 'churn_risk',
    'avg_transaction_value', 'days_since_last_visit', 'preferred_location', 'preferred_budtender'] $$;

-- The stored columns as texts, and how many receipts there are; null where nobody has the id. Amounts have no more digits
-- than they need.
create or replace function private.conductor_change_snapshot(customer uuid) returns jsonb
language sql volatile set search_path = '' as $$
  select (select jsonb_object_agg(e.key, case jsonb_typeof(e.value)
          when 'number' then trim_scale(e.value::text::numeric)::text else e.value #>> '{}' end)
        from jsonb_each(jsonb_strip_nulls(to_jsonb(c) - array['id', 'updated_at', 'import_id', 'phone_e164'])) e
        where e.value <> '""')
      || jsonb_build_object('transactions',
        (select count(*) from public.transactions t where t.customer_id = customer)::text)
    from public.customers c where c.id = customer $$;

create or replace function private.conductor_change_difference(
  customer uuid, name text, col text, before text, after text, stays boolean default false) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object('customer', customer, 'name', name, 'column', col, 'before', before,
    'after', after, 'stays', stays)) $$;

create or replace function private.conductor_change_differences(customer uuid, before jsonb, after jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(private.conductor_change_difference(customer, before ->> 'name', k, before ->> k, after ->> k)
      order by k <> 'transactions', k collate "C"), '[]')
    from jsonb_object_keys(before || after) k where before ->> k is distinct from after ->> k $$;

-- Makes one customer's stored columns right, whatever has changed.
create or replace function private.conductor_change_recount(customer uuid) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into private.conductor_dirty select c.id from public.customers c where c.id = customer on conflict do nothing;
  perform private.conductor_store_counted(array[customer]);
end $$;

-- ---- several into one ----

-- All balances, brought to the day of the latest: until then each customer's receipts are added to it, or count alone where
-- they say more.
create or replace function private.conductor_change_opening(ids uuid[]) returns private.conductor_openings
language sql volatile set search_path = '' as $$
  select row(ids[1],
      sum(greatest(coalesce(o.visits + t.n_later, 0), t.n))::int,
      sum(case when o.value is null or o.visits + t.n_later <= t.n then t.s else o.value + coalesce(t.s_later, 0) end),
      min(o.first_visit), max(o.last_visit),
      (array_agg(o.location order by i.place) filter (where o.location is not null))[1],
      (array_agg(o.staff order by i.place) filter (where o.staff is not null))[1], d.day)::private.conductor_openings
    from (select max(p.as_of) as day from private.conductor_openings p where p.customer_id = any (ids)) d
      cross join unnest(ids) with ordinality i(id, place)
      left join private.conductor_openings o on o.customer_id = i.id
      cross join lateral (
        select count(*) as n, sum(r.total) as s, count(*) filter (where r.date > o.as_of) as n_later,
            sum(r.total) filter (where r.date > o.as_of) as s_later
          from public.transactions r where r.customer_id = i.id and (r.date > d.day) is not true) t
    where d.day is not null group by d.day $$;

create or replace function private.conductor_change_merge(ids uuid[]) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  kept uuid := ids[1];
  other uuid;
  rows_before jsonb[] := '{}';
  opening private.conductor_openings;
  filled jsonb := '{}';
  present jsonb;
  gone jsonb := '[]';
  snapshot jsonb;
begin
  if cardinality(ids) not between 2 and 21 or (select count(distinct i) from unnest(ids) i) <> cardinality(ids) then
    raise exception 'customers: name one and 1 to 20 others, each once' using errcode = '22023';
  end if;
  foreach other in array ids loop
    perform 1 from public.customers c where c.id = other for update;
    if not found then raise exception 'customers: nobody has the id %', other using errcode = '22023'; end if;
    perform private.conductor_change_recount(other);
    rows_before := rows_before || private.conductor_change_snapshot(other);
  end loop;
  opening := private.conductor_change_opening(ids);
  present := (select to_jsonb(c) from public.customers c where c.id = kept);
  for i in 2..cardinality(ids) loop
    other := ids[i];
    update private.conductor_aliases a set customer_id = kept where a.customer_id = other;
    insert into private.conductor_aliases (kind, value, customer_id)
      select k.kind, k.value, kept from public.customers c cross join lateral (values
          ('member_id', c.member_id), ('phone', left(coalesce(c.phone_e164, c.phone), 64)), ('email', lower(c.email)))
          k(kind, value)
        where c.id = other and k.value <> ''
      on conflict (kind, value) do update set customer_id = excluded.customer_id;
    update public.transactions t set customer_id = kept where t.customer_id = other;
    filled := (select coalesce(jsonb_object_agg(e.key, e.value), '{}') from public.customers c
        cross join lateral jsonb_each(to_jsonb(c)) e
        where c.id = other and coalesce(present ->> e.key, '') = '' and coalesce(e.value #>> '{}', '') <> ''
          and e.key <> all (private.conductor_change_made())
          and e.key not in ('id', 'created_at', 'updated_at', 'import_id', 'phone_e164')) || filled;
    begin
      delete from public.customers c where c.id = other;
    exception when foreign_key_violation then
      raise exception 'customers: a table of the project''s own refers to %: point it to % first', other, kept
        using errcode = '22023';
    end;
    snapshot := rows_before[i];
    gone := gone || (select jsonb_agg(private.conductor_change_difference(other, snapshot ->> 'name', k.name,
          case k.name when 'id' then other::text else snapshot ->> k.name end, null) order by k.place)
        from unnest(array['id', 'name', 'email', 'phone', 'member_id', 'transactions', 'visit_count', 'lifetime_value'])
          with ordinality k(name, place)
        where k.name = 'id' or snapshot ->> k.name is not null);
  end loop;
  if filled <> '{}' then
    execute (select format('update public.customers c set %s, updated_at = private.conductor_now()
        from jsonb_populate_record(null::public.customers, $1) n where c.id = $2',
      string_agg(format('%1$I = n.%1$I', k), ', ')) from jsonb_object_keys(filled) k) using filled, kept;
  end if;
  -- What it is known by itself is no alias.
  delete from private.conductor_aliases a using public.customers c where c.id = kept and a.customer_id = kept
    and a.value = case a.kind when 'member_id' then c.member_id when 'email' then lower(c.email)
      else left(coalesce(c.phone_e164, c.phone), 64) end;
  if opening.as_of is not null then
    delete from private.conductor_openings o where o.customer_id = kept;
    insert into private.conductor_openings values (opening.*);
  end if;
  perform private.conductor_change_recount(kept);
  return private.conductor_change_differences(kept, rows_before[1], private.conductor_change_snapshot(kept)) || gone;
end $$;

-- ---- anew ----

create or replace function private.conductor_change_page(after uuid, most int, lowers boolean) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  ids uuid[];
  customer uuid;
  before jsonb;
  newer jsonb;
  differences jsonb := '[]';
begin
  if most is null or most not between 1 and 1000 then
    raise exception 'limit: % is not within 1 and 1000', most using errcode = '22023';
  end if;
  ids := array(select c.id from public.customers c where after is null or c.id > after order by c.id limit most + 1);
  foreach customer in array ids[:most] loop
    before := private.conductor_change_snapshot(customer);
    if lowers then
      delete from private.conductor_openings o where o.customer_id = customer
        and exists (select from public.transactions t where t.customer_id = customer);
    end if;
    perform private.conductor_change_recount(customer);
    newer := private.conductor_change_snapshot(customer);
    differences := differences || private.conductor_change_differences(customer, before, newer);
    if not lowers then
      differences := differences || (
        select coalesce(jsonb_agg(private.conductor_change_difference(customer, newer ->> 'name', k.name, newer ->> k.name,
              k.counted, true) order by k.name desc), '[]')
          from (select count(*) as n, trim_scale(sum(t.total)) as s from public.transactions t
              where t.customer_id = customer
                and exists (select from private.conductor_openings o where o.customer_id = customer)) t
            cross join lateral (values ('visit_count', t.n::text), ('lifetime_value', t.s::text)) k(name, counted)
          where t.n > 0 and newer ->> k.name is not null and newer ->> k.name is distinct from k.counted);
    end if;
  end loop;
  return jsonb_build_object('differences', differences,
    'next', case when cardinality(ids) > most then ids[most] end);
end $$;

-- ---- rules ----

create or replace function private.conductor_change_rules(rules jsonb) returns jsonb
language plpgsql volatile set search_path = '' as $$
declare
  before private.conductor_settings;
  newer private.conductor_settings;
  names constant jsonb := '{"zone": "time_zone", "casual_visits": "casual_visits", "regular_visits": "regular_visits",
    "vip_visits": "vip_visits", "medium_risk_days": "medium_churn_days", "high_risk_days": "high_churn_days",
    "low_stock": "low_stock"}';
  wrong text := (select string_agg(k, ', ' order by k) from jsonb_object_keys(rules) k where not names ? k);
begin
  if wrong is not null then raise exception '%: there is no such rule', wrong using errcode = '22023'; end if;
  if rules ? 'zone' and not exists (select from pg_catalog.pg_timezone_names z where z.name = rules ->> 'zone') then
    raise exception 'zone: % is no time zone that is known here: write one as America/Los_Angeles', rules ->> 'zone'
      using errcode = '22023';
  end if;
  select * into before from private.conductor_settings for update;
  newer := jsonb_populate_record(before,
    (select coalesce(jsonb_object_agg(names ->> r.key, r.value), '{}') from jsonb_each(rules) r));
  if newer is distinct from before then
    update private.conductor_settings s set time_zone = newer.time_zone, casual_visits = newer.casual_visits,
      regular_visits = newer.regular_visits, vip_visits = newer.vip_visits, medium_churn_days = newer.medium_churn_days,
      high_churn_days = newer.high_churn_days, low_stock = newer.low_stock;
  end if;
  return (select jsonb_agg(private.conductor_change_difference(null, null, n.key, to_jsonb(before) ->> n.value,
        to_jsonb(newer) ->> n.value) order by n.place)
    from (select t.key, t.value #>> '{}' as value, array_position(array['zone', 'casual_visits', 'regular_visits',
        'vip_visits', 'medium_risk_days', 'high_risk_days', 'low_stock'], t.key) as place from jsonb_each(names) t) n);
exception when check_violation then
  raise exception 'the rules cannot be so beside each other: each of casual_visits, regular_visits and vip_visits must be more '
    'than the one before, and high_risk_days more than medium_risk_days' using errcode = '22023';
end $$;

-- {what: merge, customers} or {what: recount, after, limit, lower} or {what: rules, rules}, each with {preview}
-- -> {differences: [{customer, name, column, before, after, stays}], next}: what is different, or with `preview` would be.
create or replace function public.conductor_change_customers(request jsonb) returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  answer jsonb;
begin
  begin
    case request ->> 'what'
      when 'merge' then answer := jsonb_build_object('differences', private.conductor_change_merge(
        array(select i::uuid from jsonb_array_elements_text(request -> 'customers') with ordinality l(i, n) order by n)));
      when 'recount' then answer := private.conductor_change_page(nullif(request ->> 'after', '')::uuid,
        (request ->> 'limit')::int, coalesce((request ->> 'lower')::boolean, false));
      when 'rules' then answer := jsonb_build_object('differences',
        private.conductor_change_rules(coalesce(request -> 'rules', '{}')));
      else raise exception 'what: merge, recount or rules' using errcode = '22023';
    end case;
    if coalesce((request ->> 'preview')::boolean, false) then
      raise exception 'nothing of it is kept' using errcode = 'CD001';
    end if;
  exception when sqlstate 'CD001' then
    return answer;
  end;
  return answer;
end $$;

do $$
declare
  made record;
begin
  for made in select p.oid::regprocedure as name from pg_catalog.pg_proc p
      where p.pronamespace = 'private'::regnamespace and (p.proname like 'conductor\_change\_%'
        or p.proname in ('conductor_rules_changed', 'conductor_receipts_of', 'conductor_customers_of')) loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role, gateway, n8n', made.name);
  end loop;
end $$;
revoke all on private.conductor_aliases from public, anon, authenticated, service_role, gateway, n8n;
revoke all on function public.conductor_change_customers(jsonb) from public, anon, authenticated, n8n;
grant execute on function public.conductor_change_customers(jsonb) to service_role, gateway;

insert into private.conductor_migrations (version, name) values (12, 'changes') on conflict (version) do nothing;
commit;
