-- What the advanced search looks up in its view (services/vacancies/projections/query.py).

-- Times are UTC and written alike, so that text order is time order.
create index search_closes_at on documents ((document->>'closes_at') collate "C") where view = 'search';

-- The stems of each notice.
create index search_words on documents using gin ((document->'words') jsonb_path_ops) where view = 'search';
