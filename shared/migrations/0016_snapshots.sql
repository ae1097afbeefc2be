-- What aggregates had become at a version of their streams, so that a command need not read all that came before. Never
-- the truth: whatever stands here may be deleted at any time.
create table snapshots (
    stream  text   collate "C" primary key,
    version bigint not null,
    rules   text   not null, -- a digest of the code that had folded it: any other code reads the events instead
    subject text   not null, -- under whose key the state is encrypted; '' where nothing in it is personal
    state   bytea  not null
);
create index snapshots_subject on snapshots (subject) where subject <> '';
