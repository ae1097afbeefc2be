-- Each changed document is found by its key. A join of a view's documents with the changed keys would read the whole view
-- wherever its statistics are young.
create or replace function write_documents(
    of_view text, of_generation integer, new_keys text[], new_documents jsonb[],
    kept_keys text[], kept_revisions bigint[], kept_documents jsonb[], gone_keys text[], gone_revisions bigint[]
) returns boolean language plpgsql as $$
declare
    done bigint;
begin
    if cardinality(new_keys) > 0 then
        insert into documents (view, generation, key, document)
            select of_view, of_generation, n.key, n.document from unnest(new_keys, new_documents) as n (key, document)
            on conflict do nothing;
        get diagnostics done = row_count;
        if done < cardinality(new_keys) then
            return false;
        end if;
    end if;
    for i in 1 .. cardinality(kept_keys) loop
        update documents set document = kept_documents[i], revision = revision + 1
            where view = of_view and generation = of_generation and key = kept_keys[i] and revision = kept_revisions[i];
        if not found then
            return false;
        end if;
    end loop;
    for i in 1 .. cardinality(gone_keys) loop
        delete from documents
            where view = of_view and generation = of_generation and key = gone_keys[i] and revision = gone_revisions[i];
        if not found then
            return false;
        end if;
    end loop;
    return true;
end
$$;
