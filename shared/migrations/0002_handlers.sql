-- What a handler must know before a batch, in one round trip: first the lock, then, seeing what its last holder did, the rest.
-- The locks take no transaction id. A handler's name ends with its view's generation, unless `suffix` is the whole ending.

create function handler_name(title text, of_view text, suffix text) returns text language sql stable as $$
    select title || coalesce((select ':' || live from views where view = of_view), suffix)
$$;

-- For own events. forgettable: a view and its checkpoint may be lost together in a crash, and are folded again.
create function begin_own(title text, of_view text, suffix text, forgettable boolean)
returns table (name text, after_transaction xid8, after_position bigint, held text[])
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(title, 0));
    perform set_config('synchronous_commit', 'off', true) where forgettable;
    name := handler_name(title, of_view, suffix);
    select c.transaction, c.position into after_transaction, after_position from checkpoints c where c.handler = name;
    held := array(select distinct p.stream from parked p where p.handler = name);
    return next;
end
$$;

-- For other services' events: others may deliver beside, but nobody resumes or switches. done: what needs no handling.
create function begin_foreign(title text, of_view text, suffix text, events uuid[])
returns table (name text, done uuid[], held text[])
language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended(title, 0));
    name := handler_name(title, of_view, suffix);
    done := array(
        select h.event from handled h where h.handler = name and h.event = any(events)
        union all select p.id from parked p where p.handler = name and p.id = any(events)
    );
    held := array(select distinct p.stream from parked p where p.handler = name);
    return next;
end
$$;
