-- Attachments by content (shared/files.py), and the PDF of each submitted application as it was first made.

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

create table documents_of_record (
    application_id uuid        primary key,
    content        bytea       not null,
    made_at        timestamptz not null default clock_timestamp()
);
alter table documents_of_record alter column content set storage external;
