-- Undoes the lock-down: rights and row level security are again what they were before it. May be run again.
do $$
declare
  undo text;
begin
  if not exists (select from private.conductor_migrations where version = 101) then return; end if;
  select script into undo from private.conductor_rollbacks order by id desc limit 1;
  if undo is null then
    raise exception 'there is no script of before the lock-down in private.conductor_rollbacks' using errcode = '55000';
  end if;
  -- One transaction: this one.
  undo := replace(replace(undo, E'begin;\n', ''), E'commit;\n', '');
  execute undo;
end $$;
