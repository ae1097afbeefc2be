-- What a bulk request was answered, so that its retry (the same Idempotency-Key) is answered the same; kept for 30 days.

create table answers (
    request  uuid        primary key,
    asked    text        not null,
    answer   jsonb       not null,
    given_at timestamptz not null default clock_timestamp()
);
create index on answers (given_at);
