-- Which topic of its name an offset is of: one that was made anew counts from its beginning. Null until it is known.
alter table consumed add column topic_id uuid;
alter table key_offsets add column topic_id uuid;
