-- The trace that a mail belongs to (W3C Trace Context), so that its sending is shown with what it follows from.
alter table mails add column trace text not null default '';
