-- Which tickets an account has, for when it is erased: its screenshots are found without reading every event.
create index events_of_candidates on events ((data->>'candidate_id')) where type = 'TicketOpened';
