-- Each change of a list is answered by itself, in the transaction that carries it out: after a request that broke off,
-- its retry does what is left, and no more. The table `answers` stays for processes of the version before.

create table answers_by_change (
    request  uuid        not null,
    number   int         not null,
    answer   jsonb       not null,
    given_at timestamptz not null default clock_timestamp(),
    primary key (request, number)
);
create index on answers_by_change (given_at);
insert into answers_by_change (request, number, answer, given_at)
    select request, place - 1, result, given_at
        from answers, jsonb_array_elements(answer->'results') with ordinality as each (result, place);
