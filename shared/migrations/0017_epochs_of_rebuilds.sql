-- Rebuilding a view by hand kept its checkpoint without saying of which cluster it is, and the next start refused it.
update checkpoints set epoch = (select cluster from epoch) where epoch = '';
