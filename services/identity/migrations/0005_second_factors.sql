-- What proves, beside the password, that it is the holder who logs in.

-- totp: `sealed` is the shared secret under the master key, `last_step` the last interval whose code was used.
-- passkey: the credential's id, its public key (COSE) and how often it has signed as far as it tells.
create table second_factors (
    factor_id     uuid        primary key,
    account_id    uuid        not null,
    kind          text        not null check (kind in ('totp', 'passkey')),
    name          text        not null default '',
    sealed        bytea,
    last_step     bigint      not null default 0,
    credential_id bytea       unique,
    public_key    bytea,
    sign_count    bigint      not null default 0,
    added_at      timestamptz not null default clock_timestamp(),
    used_at       timestamptz
);
create index second_factors_of on second_factors (account_id);

-- Each lets in once, then its row goes. The codes are long enough that nobody finds one by its hash.
create table recovery_codes (
    account_id uuid  not null,
    hash       bytea not null,
    primary key (account_id, hash)
);

-- The password was right; the second factor is awaited.
create table pending_logins (
    token_hash bytea       primary key,
    account_id uuid        not null,
    challenge  bytea       not null,
    tries      integer     not null default 0,
    expires_at timestamptz not null
);
create index pending_logins_over on pending_logins (expires_at);

-- strong: begun with a second factor; roles work in such sessions only.
alter table sessions add column strong boolean not null default false;
