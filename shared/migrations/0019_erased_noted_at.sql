-- When this service learnt it: processes ask for what they have not seen yet, however long ago somebody was erased.
-- Null for those before, whom no process has a key of.
alter table erased_subjects add column noted_at timestamptz;
alter table erased_subjects alter column noted_at set default clock_timestamp();
create index erased_subjects_noted on erased_subjects (noted_at);
