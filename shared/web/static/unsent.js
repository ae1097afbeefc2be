/* What was typed and is not known to be saved, in this browser's storage (R20).

   Each entry belongs to one account and one form (its path), and is found only by pages made for that account. It goes
   when it is saved or discarded, at the log-out, or after a week. An entry: {id, at (milliseconds), title (of its page),
   version (of the section it was typed over), fields ([name, value] pairs), pending (the fields of a save that was on
   its way), sent (whether the browser was left with it to send)}. */
const unsent = (() => {
  "use strict";

  const PREFIX = "postulo:unsent:";
  const PRESSED = "postulo:pressed";
  const LASTS = 7 * 24 * 3600000;
  const owner = document.body.dataset.owner;
  const mine = `${PREFIX}${owner}:`;
  let closed = !owner;

  /* A browser may have no storage for us, or no room in it: then it throws. */
  const attempt = (act, otherwise) => {
    try {
      return act();
    } catch {
      return otherwise;
    }
  };
  const keys = () => attempt(() => Object.keys(localStorage), []).filter((key) => key.startsWith(PREFIX));
  const read = (key) => attempt(() => JSON.parse(localStorage.getItem(key)), null) ?? [];
  const write = (key, entries) => attempt(() => {
    if (entries.length) localStorage.setItem(key, JSON.stringify(entries));
    else localStorage.removeItem(key);
    return true;
  }, false);

  const of = (path) => (owner ? read(mine + path) : []);
  const without = (path, ids) => of(path).filter((entry) => !ids.has(entry.id));

  for (const key of keys()) {
    const entries = read(key);
    const fresh = entries.filter((entry) => entry.at > Date.now() - LASTS);
    if (fresh.length < entries.length) write(key, fresh);
  }

  return {
    of,
    /* Keeps an entry in the place of those with these ids. Whether that worked. */
    keep: (path, entry, ids) => !closed && write(mine + path, [...without(path, ids), entry]),
    drop: (path, ids) => { if (owner) write(mine + path, without(path, ids)); },
    /* The paths below this one with something that is not saved. */
    below: (path) => (owner ? keys().filter((key) => key.startsWith(mine + path)).map((key) => key.slice(mine.length)) : []),
    /* Nothing is left for whoever comes next, and nothing more is kept. */
    forget: () => {
      closed = true;
      keys().forEach((key) => write(key, []));
      attempt(() => sessionStorage.removeItem(PRESSED));
    },
    reopen: () => { closed = !owner; },
    /* A form is posted: the next page in this window tells whether it arrived. */
    press: (path, ids) => attempt(() => sessionStorage.setItem(PRESSED, JSON.stringify({ owner, path, ids: [...ids] }))),
    pressed: () => attempt(() => {
      const found = JSON.parse(sessionStorage.getItem(PRESSED));
      sessionStorage.removeItem(PRESSED);
      return found?.owner === owner ? { path: found.path, ids: new Set(found.ids) } : null;
    }, null),
  };
})();
