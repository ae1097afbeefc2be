-- A client may have two secrets while one takes the other's place. Each has a random id, which its tokens name.
create table client_secrets (
    id         uuid        primary key default gen_random_uuid(),
    client     text        not null references clients (name) on delete cascade,
    hash       bytea       not null,
    created_at timestamptz not null default clock_timestamp(),
    used_at    timestamptz
);
create index client_secrets_of on client_secrets (client);
insert into client_secrets (client, hash, created_at) select name, secret_hash, created_at from clients;
alter table clients drop column secret_hash;

-- Ids of tokens, and of secrets with all their tokens, that are refused until the last of them is over anyway.
create table revoked (
    id    uuid        primary key,
    until timestamptz not null
);
