-- What tickets need besides their events: numbers that no two tickets share, and the screenshots (shared/files.py).

create sequence ticket_numbers;

create table files (
    sha256  text  primary key,
    content bytea not null
);

create table file_holders (
    holder uuid primary key,
    sha256 text not null references files
);
create index file_holders_of on file_holders (sha256);
