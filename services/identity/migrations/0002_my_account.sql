-- What a candidate sees of the own sessions, and addresses that wait for their proof.

-- over_at: a session that is over stays known for a day, so that a form posted in it can be kept for its owner (R20).
alter table sessions
    add column started_at timestamptz not null default clock_timestamp(),
    add column browser    text        not null default '',
    add column over_at    timestamptz;

-- One change at a time for an account. `tries` counts what was typed against the code.
create table address_changes (
    account_id uuid        primary key,
    email      text        not null,
    hash       bytea       not null,
    expires_at timestamptz not null,
    tries      integer     not null default 0
);
