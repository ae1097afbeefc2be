-- What is looked up in the lists of submitted applications (services/applications/use_cases/submissions.py).

-- Of a job opening, of an organisation, of one that is not told, and of all: in the order of the last change, by status.
create index submissions_of_vacancy on documents (
    (document->>'vacancy_id'), (document->>'status'), ((document->>'changed_at') collate "C"), key
) where view = 'submissions';
create index submissions_of_organisation on documents (
    (document->>'organisation'), (document->>'status'), ((document->>'changed_at') collate "C"), key
) where view = 'submissions';
create index submissions_of_unknown on documents (
    (document->>'status'), ((document->>'changed_at') collate "C"), key
) where view = 'submissions' and document->>'organisation' is null;
create index submissions_of_all on documents (
    (document->>'status'), ((document->>'changed_at') collate "C"), key
) where view = 'submissions';
