-- Where a reader of the feed stands is said by the last event that it has read: its id is the same after every restore.
create index events_by_id on events (id);
