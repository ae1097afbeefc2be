-- Which request an Idempotency-Key was first used for, so that it stands for no other one, and whether that still runs.
create table requests (
    id            uuid        primary key, -- derived from the actor, the address and the key
    fingerprint   bytea       not null,    -- of the request, keyed with the key itself, which is not kept
    done          boolean     not null default false,
    running_until timestamptz,
    at            timestamptz not null
);
create index requests_old on requests (at);
