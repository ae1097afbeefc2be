-- Tries are counted before they are judged, so that trying in parallel gains nothing; mails have limits of their own.
-- `trying`: tries that nobody has judged yet, since `tried_at`; `last_at` is when the last one failed.
alter table attempts
    add column trying   integer     not null default 0,
    add column tried_at timestamptz not null default clock_timestamp(),
    drop column since;
delete from attempts;

-- used_at: a code proves an address once; until it would have expired, it is known as used.
alter table codes add column used_at timestamptz;
