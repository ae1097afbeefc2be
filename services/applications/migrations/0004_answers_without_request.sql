-- Whether a key was used for another request is known to the kernel (its table `requests`).
alter table answers alter column asked drop not null;
