-- What SQL searched with; each process asks an index of its own now (services/vacancies/use_cases/index).
drop index search_closes_at;
drop index search_words;
drop index search_words_en;
drop index search_words_fr;
