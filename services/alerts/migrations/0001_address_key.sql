-- With what addresses are hashed, so that who unsubscribed is known without being listed. Sealed under the master key; one
-- that cannot be opened stays, for the day on which its master key is there again.
create table address_keys (
    sealed     bytea       primary key,
    created_at timestamptz not null
);
