-- A new Supabase project as far as its REST API goes: the API's roles, schemas, and what Supabase grants by itself.
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
-- The role of a gateway with a token of its own: users create it with our SQL, tests may use it at once.
create role gateway nologin noinherit;
create role authenticator login noinherit;
grant anon, authenticated, service_role, gateway to authenticator;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

create schema auth;
create schema extensions;
create extension pgcrypto with schema extensions;
grant usage on schema public, auth, extensions to anon, authenticated, service_role, gateway;

create function auth.jwt() returns jsonb language sql stable as
$$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.uid() returns uuid language sql stable as
$$ select nullif(auth.jwt() ->> 'sub', '')::uuid $$;
create function auth.role() returns text language sql stable as
$$ select nullif(auth.jwt() ->> 'role', '') $$;

-- The API learns of changed tables and functions by itself, a moment later.
create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as
$$ begin notify pgrst, 'reload schema'; end $$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.pgrst_ddl_watch();

-- Supabase leaves to `postgres` what it needs to run what one pastes into the SQL editor.
create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;
grant anon, authenticated, service_role to postgres with admin option;
grant all on schema auth, extensions to postgres;
