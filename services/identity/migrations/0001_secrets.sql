-- What must never be in an event: hashes of secrets, private keys, and counters of attempts.

create table user_codes (
    user_code  text primary key,
    account_id uuid not null unique
);

create table passwords (
    account_id uuid primary key,
    hash       text not null,
    set_at     timestamptz not null default clock_timestamp()
);

-- One code at a time for a registration. `tries` counts what was typed against it.
create table codes (
    account_id uuid        primary key,
    hash       bytea       not null,
    expires_at timestamptz not null,
    tries      integer     not null default 0
);

create table reset_links (
    hash       bytea       primary key,
    account_id uuid        not null,
    expires_at timestamptz not null
);
create index reset_links_of on reset_links (account_id);

create table sessions (
    session_id uuid        primary key,
    token_hash bytea       not null unique,
    account_id uuid        not null,
    ends_at    timestamptz not null,
    seen_at    timestamptz not null default clock_timestamp()
);
create index sessions_of on sessions (account_id);
create index sessions_ending on sessions (ends_at);

-- Failures by account typed, by network, and mails by address. The key is derived, so nothing personal is readable here.
create table attempts (
    key      uuid        primary key,
    failures integer     not null,
    since    timestamptz not null default clock_timestamp(),
    last_at  timestamptz not null default clock_timestamp(),
    turn     timestamptz not null default '-infinity'
);
create index attempts_old on attempts (last_at);

create table clients (
    name        text        primary key,
    secret_hash bytea       not null,
    scopes      text[]      not null,
    created_at  timestamptz not null default clock_timestamp()
);

create table signing_keys (
    kid         text        primary key,
    private_key jsonb       not null,
    created_at  timestamptz not null default clock_timestamp()
);
