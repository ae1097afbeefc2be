-- The name of this store, made with its database and kept by every copy of it: its records on Kafka bear it.
alter table epoch add column lineage text not null default gen_random_uuid()::text;

-- The token of the last leader whose records bore it. After another, which knew of none, everything leaves once more.
alter table relay add column lineage_token bigint not null default -1;
