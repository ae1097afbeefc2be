-- A client belongs to an organisation, which owns the vacancies that it publishes. Until now each stood for itself.

alter table clients add column organisation text;
update clients set organisation = name;
alter table clients alter column organisation set not null;
