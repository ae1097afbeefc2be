-- The stems of the notices that are translations of another.
create index search_words_en on documents using gin ((document->'translated'->'en'->'words') jsonb_path_ops)
    where view = 'search';
create index search_words_fr on documents using gin ((document->'translated'->'fr'->'words') jsonb_path_ops)
    where view = 'search';
