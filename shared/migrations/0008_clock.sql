-- For trials of what takes long (POSTULO_DAYS_AHEAD): where `public` stands before `pg_catalog` in the search path, the clock
-- of all statements is as far ahead as postulo.ahead says. Everywhere else it is PostgreSQL's own, which is found first.
create function public.clock_timestamp() returns timestamptz language sql volatile as $$
    select pg_catalog.clock_timestamp() + current_setting('postulo.ahead')::interval
$$;
create function public.statement_timestamp() returns timestamptz language sql stable as $$
    select pg_catalog.statement_timestamp() + current_setting('postulo.ahead')::interval
$$;
create function public.now() returns timestamptz language sql stable as $$
    select pg_catalog.now() + current_setting('postulo.ahead')::interval
$$;

-- As in 0001_kernel.sql, but the time comes from the clock of this statement.
create or replace function append_events(
    names text[], expected bigint[], counts bigint[],
    ids uuid[], owners integer[], places integer[], types text[], schema_versions smallint[], payloads jsonb[],
    correlations uuid[], causations uuid[], traces text[], actor_name text
) returns table (event_transaction xid8, event_position bigint, event_version bigint, event_at timestamptz)
language plpgsql as $$
declare
    base bigint[] := expected;
    i integer;
begin
    -- Neither the lock nor the reading takes a transaction id, so that whoever appends later has the larger one.
    for i in 1 .. cardinality(names) loop
        if expected[i] = -1 then
            perform pg_advisory_xact_lock(hashtextextended(names[i], 0));
            base[i] := coalesce((select s.version from streams s where s.stream = names[i]), 0);
        end if;
    end loop;
    for i in 1 .. cardinality(names) loop
        if base[i] = 0 then
            insert into streams values (names[i], counts[i]) on conflict do nothing;
        else
            update streams set version = version + counts[i] where stream = names[i] and version = base[i];
        end if;
        if not found then
            raise exception 'stream % is not at version %', names[i], base[i] using errcode = 'PS409';
        end if;
    end loop;
    return query
        insert into events (id, stream, version, type, schema_version, data, correlation, causation, actor, trace, at)
        select e.id, names[e.owner], base[e.owner] + e.place,
               e.type, e.schema_version, e.payload, e.correlation, e.causation, actor_name, e.trace, clock_timestamp()
        from unnest(ids, owners, places, types, schema_versions, payloads, correlations, causations, traces) with ordinality
             as e (id, owner, place, type, schema_version, payload, correlation, causation, trace, n)
        order by e.n
        returning transaction, position, version, at;
end
$$;
