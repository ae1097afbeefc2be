-- The conversation that a mail belongs to, so that one id in the logs tells from the form to the mail.
alter table mails add column correlation uuid;
