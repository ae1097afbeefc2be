-- Up to where this database has handled what other services said: its copy that is restored goes on from there, wherever
-- Kafka remembers the group to have been.
create table consumed (
    topic     text   not null,
    partition int    not null,
    next      bigint not null,
    primary key (topic, partition)
);
