-- Signing keys, the private half sealed under the master key. Those in clear move here at the first start, sealed.
create table sealed_keys (
    kid        text        primary key,
    public_key jsonb       not null,
    sealed     bytea       not null,
    created_at timestamptz not null default clock_timestamp()
);
