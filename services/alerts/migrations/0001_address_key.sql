-- With what addresses are hashed, so that who unsubscribed is known without being listed. Sealed under the master key.
create table address_key (
    only_row boolean primary key default true check (only_row),
    sealed   bytea   not null
);
