"""A server that answers like a Supabase project's REST API, over a real PostgreSQL. See ../README.md."""
