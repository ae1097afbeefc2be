-- What a mail is about: the id of what a page shows, on which whoever waits for it learns that it was given up.
alter table mails add column about text not null default '';
create index mails_about on mails (about, queued_at) where about <> '';
