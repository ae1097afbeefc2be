-- The keys of subjects: of those that this service makes, and of those that others have told it. Without its key, what is
-- personal in an event can be read by nobody; erasing somebody is deleting a row here.
create table subject_keys (
    subject text    collate "C" primary key, -- the stream that tells of them: account-…
    wrapped bytea   not null,                -- encrypted under the master key
    sent    boolean not null default true    -- whether the other services were told, where this one has to tell them
);
create index subject_keys_unsent on subject_keys (subject) where not sent;

-- Ids and dates only: who is erased is told from who is unknown, also after a backup was restored.
create table erased_subjects (
    subject   text        collate "C" primary key,
    erased_at timestamptz not null default clock_timestamp(),
    sent      boolean     not null default true
);
create index erased_subjects_unsent on erased_subjects (subject) where not sent;
create index erased_subjects_since on erased_subjects (erased_at);

-- Who is to be erased as soon as the service's own views have seen why, and nobody holds it up.
create table erasures (
    subject     text        collate "C" primary key,
    wanted_at   timestamptz not null default clock_timestamp(),
    transaction xid8        not null default '0',
    position    bigint      not null default 0
);

-- Legal holds: who is not erased before somebody says so.
create table holds (
    subject   text        collate "C" primary key,
    reason    text        not null,
    placed_at timestamptz not null default clock_timestamp()
);

-- How far the topics with keys were read; kept with what was learnt, so that a restored backup learns the rest again.
create table key_offsets (
    topic     text    not null,
    partition integer not null,
    next      bigint  not null,
    primary key (topic, partition)
);

-- Whose mail it is: what waits for somebody who is erased does not leave any more.
alter table mails add column whose text not null default '';
create index mails_whose on mails (whose) where whose <> '' and sent_at is null;
