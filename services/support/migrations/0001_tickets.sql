-- What tickets need besides their events: numbers that no two tickets share, and the screenshots (shared/files.py).

create sequence ticket_numbers;

-- A year and a number that goes on through the years, such as 2026-000123. A sequence, because two visitors at the same
-- moment must not wait for each other; a number that was taken for nothing is no loss.
create function next_ticket_number() returns text language sql volatile as $$
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-') || lpad(n::text, greatest(6, length(n::text)), '0')
    from nextval('ticket_numbers') as n
$$;

create table files (
    sha256  text  primary key,
    content bytea not null
);
alter table files alter column content set storage external;

create table file_holders (
    holder uuid primary key,
    sha256 text not null references files
);
create index on file_holders (sha256);
