-- What was typed into a form whose session had ended, until its owner has logged in again (R20). Minutes to hours, no record.
create table kept_forms (
    browser bytea       not null, -- SHA-256 of a random cookie: nobody else's browser finds it
    action  text        not null,
    owner   uuid        not null, -- whose session it was: nobody else sees it
    page    text        not null,
    fields  jsonb       not null,
    kept_at timestamptz not null default clock_timestamp(),
    primary key (browser, action)
);
create index kept_forms_of on kept_forms (owner, kept_at);
create index kept_forms_old on kept_forms (kept_at);
