-- Writing what folding changed in a view's documents, in one round trip; false if somebody else changed one meanwhile.
create function write_documents(
    of_view text, of_generation integer, new_keys text[], new_documents jsonb[],
    kept_keys text[], kept_revisions bigint[], kept_documents jsonb[], gone_keys text[], gone_revisions bigint[]
) returns boolean language plpgsql as $$
declare
    done bigint := 0;
    part bigint;
begin
    if cardinality(new_keys) > 0 then
        insert into documents (view, generation, key, document)
            select of_view, of_generation, n.key, n.document from unnest(new_keys, new_documents) as n (key, document)
            on conflict do nothing;
        get diagnostics part = row_count;
        done := done + part;
    end if;
    if cardinality(kept_keys) > 0 then
        update documents d set document = k.document, revision = k.revision + 1
            from unnest(kept_keys, kept_revisions, kept_documents) as k (key, revision, document)
            where d.view = of_view and d.generation = of_generation and d.key = k.key and d.revision = k.revision;
        get diagnostics part = row_count;
        done := done + part;
    end if;
    if cardinality(gone_keys) > 0 then
        delete from documents d using unnest(gone_keys, gone_revisions) as g (key, revision)
            where d.view = of_view and d.generation = of_generation and d.key = g.key and d.revision = g.revision;
        get diagnostics part = row_count;
        done := done + part;
    end if;
    return done = cardinality(new_keys) + cardinality(kept_keys) + cardinality(gone_keys);
end
$$;

-- The same with the marks of the events, under the lock, if the handler still has that name and none of their streams is
-- parked. SQLSTATE PS410: something is different now, and nothing was written.
create function write_at_once(
    title text, naming_view text, suffix text, handler_then text, events uuid[], streams text[],
    of_view text, of_generation integer, new_keys text[], new_documents jsonb[],
    kept_keys text[], kept_revisions bigint[], kept_documents jsonb[], gone_keys text[], gone_revisions bigint[]
) returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended(title, 0));
    if handler_name(title, naming_view, suffix) <> handler_then
        or exists (select from parked p where p.handler = handler_then and p.stream = any(streams))
        or not write_documents(of_view, of_generation, new_keys, new_documents,
                               kept_keys, kept_revisions, kept_documents, gone_keys, gone_revisions)
    then
        raise exception 'something is different now' using errcode = 'PS410';
    end if;
    insert into handled select handler_then, unnest(events);
end
$$;

-- What folding other services' events at once begins with. is_not_simple: some were handled, or wait behind a parked one.
-- One plan for all: planning would cost more than these look-ups.
create function read_at_once(
    title text, naming_view text, suffix text, events uuid[], streams text[], of_view text, keys text[]
) returns table (name text, is_not_simple boolean, present text)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
    name := handler_name(title, naming_view, suffix);
    is_not_simple := exists (select from handled h where h.handler = name and h.event = any(events))
        or exists (select from parked p where p.handler = name and (p.id = any(events) or p.stream = any(streams)));
    present := (
        select coalesce(json_object_agg(d.key, json_build_array(d.revision, d.document)), '{}') from documents d
        where d.view = of_view and d.generation = substring(name from '[0-9]+$')::integer and d.key = any(keys)
    );
    return next;
end
$$;
