-- What an unproven registration leaves behind goes when its time is over, as it goes when an account is closed.

-- lapses_at: when the password goes unless the address is proven before; null once it is.
alter table passwords add column lapses_at timestamptz;
create index passwords_lapsing on passwords (lapses_at) where lapses_at is not null;
