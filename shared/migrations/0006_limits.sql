-- How much of a limit somebody has used (GCRA): `until` moves on by the limit's interval with each use and may stand no
-- further ahead than its burst allows. The key is derived, so nothing personal is readable here.
create table limits (
    key   uuid        primary key,
    until timestamptz not null
);
create index limits_over on limits (until);
