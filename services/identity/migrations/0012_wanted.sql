-- The page that somebody was on the way to when they registered: the code may be entered in another browser.
alter table codes add column wanted text not null default '';
