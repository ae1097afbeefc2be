"""Keeping a process's index of a view: built from the view's documents, then following the events that the view folded.

Whatever changes a document can be told twice and in any order, since the document is read when it is put in. How far
the index is, it keeps with itself (`Mark`): what does not belong to this store, or is of another make, is built anew.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

import orjson
import structlog

from shared.model.errors import N_, Unavailable
from shared.model.local_index import Damaged, E, LocalIndex
from shared.model.message import START, Position
from shared.ops.context import current
from shared.ops.logs import safe_message
from shared.ops.waiting import Waiting
from shared.ops.wakeup import Wakeup
from shared.processing.answering import answering
from shared.processing.marks import Mark, belongs, state_of
from shared.processing.slots import FolderUnusable, Slot
from shared.processing.transient import transient
from shared.store.documents import Views, holding
from shared.store.event_store import Store, may_be_cut

log = structlog.get_logger(__name__)

T = TypeVar("T")

EVENTS: Final = 500
"""So many events are followed at a time."""
DOCUMENTS: Final = 500
"""So many documents are in the memory at a time while an index is built."""
LOOKS: Final = 0.1
"""Seconds between two looks at what another process may have folded."""
LONGEST: Final = 0.2
"""Seconds for which events are gathered before they are shown."""
BUILDING: Final = N_("The search is being prepared. Please try again in a few minutes")

_DOCUMENTS: Final = "select key, document::text from documents where view = $1 and generation = $2"


class _Kept(NamedTuple, Generic[E]):
    """An engine at work, its mark, and the folder that it is in."""

    engine: E
    mark: Mark
    folder: Path | None


class Indexing(Generic[E]):
    """One index of one process. folder: under which it has a place of its own; None: it is in memory.

    `shown` fires whenever it shows something new.
    """

    def __init__(self, index: LocalIndex[E], store: Store, views: Views, folder: Path | None = None) -> None:
        self.index, self.store, self.views, self.shown = index, store, views, Wakeup()
        self._folder, self._slot = folder, cast("Slot | None", None)
        self._kept: _Kept[E] | None = None
        self._keys = f"{store.source}:{index.view.name}"
        self._up_to_date = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether it can be asked."""
        return self._kept is not None

    @property
    def position(self) -> Position:
        """The last event that it knows of."""
        return self._kept.mark.position if self._kept else START

    def behind(self) -> float:
        """Seconds since it was last seen to hold all that the view holds."""
        return time.monotonic() - self._up_to_date

    async def ask(self, work: Callable[[E], T]) -> T:
        """What this work finds, in a thread; it holds what this context wrote, or the context is `stale`.

        Raises Unavailable while it is being built.
        """
        await self._caught_up()
        if self._kept is None:
            raise Unavailable.because(BUILDING)
        kept = self._kept
        try:
            return await asyncio.to_thread(work, kept.engine)
        except Damaged as error:
            await self._give_up(kept, error)
            raise Unavailable.because(BUILDING) from error

    async def _caught_up(self) -> None:
        wrote = current().wrote.get(self.store.source)

        async def holds() -> bool:
            return self.ready and (wrote is None or self.position >= wrote.position)

        if not await holds():
            await holding(holds, self.shown)

    async def run(self) -> None:
        """Builds what is missing, then follows for ever."""
        waiting = Waiting("index", index=self.index.view.name)
        while True:
            seen = self.views.folded.count
            try:
                begun = time.monotonic()
                moved = await self.advance()
            except Exception as error:
                if not transient(error):
                    raise
                of = "its folder" if isinstance(error, FolderUnusable) else "the database"
                await waiting.after(error, partial(answering, self.store.pool), of=of)
                continue
            waiting.over()
            if moved:  # As long again as it took, so that many small changes leave the machine to others.
                await asyncio.sleep(min(time.monotonic() - begun, LOOKS))
            else:
                await self.views.folded.wait(seen, LOOKS)

    async def advance(self) -> bool:
        """Brings it up to what the view holds; whether there was anything to do."""
        state = await state_of(self.store.pool, self.index.view.name, self.index.version)
        if self._folder and self._slot is None:
            self._slot = await asyncio.to_thread(Slot, self._folder)
        kept = self._kept or await asyncio.to_thread(self._opened)
        self._kept = kept if kept and await belongs(self.store.pool, kept.mark, state) else None
        if kept is None or self._kept is None or kept.mark.generation != state.generation:
            await self._rebuild(kept, state)
            return True
        try:
            return await self._follow(kept, state)
        except Damaged as error:
            await self._give_up(kept, error)
            return True

    async def _follow(self, kept: _Kept[E], state: Mark) -> bool:
        if kept.mark == state:
            self._up_to_date = time.monotonic()
            return False
        parked = kept.mark.parked.items() ^ state.parked.items()
        keys, mark = {_key(stream) for stream, _ in parked}, kept.mark
        end = time.monotonic() + LONGEST
        while True:
            mark, touched = await self._next(mark, state)
            await self._put(kept.engine, keys | touched, state.generation)
            keys = set()
            if mark.position >= state.position or time.monotonic() > end:
                break
        if not await self._is_live(state):
            return True
        await self._commit(kept, mark)
        if mark == state:
            self._up_to_date = time.monotonic()
        return True

    async def _next(self, mark: Mark, state: Mark) -> tuple[Mark, set[str]]:
        """The mark after the next events that the view has folded, and the keys that they touch."""
        raws = await self.store.read(mark.position, EVENTS)
        folded = [raw for raw in raws if raw.position <= state.position]
        more = len(folded) == len(raws) and (len(raws) == EVENTS or may_be_cut(raws))
        wanted = {event.__name__ for event in self.index.view.on}
        keys = {_key(raw.stream) for raw in folded if raw.type in wanted}
        if not more:
            return state, keys
        last = folded[-1]
        return Mark(state.version, state.store, state.generation, last.position, str(last.id), state.parked), keys

    async def _put(self, engine: E, keys: Iterable[str], generation: int) -> None:
        wanted = list(keys)
        rows = await self.store.pool.fetch(f"{_DOCUMENTS} and key = any($3)", self.index.view.name, generation, wanted)
        documents = dict.fromkeys(wanted) | _read(rows)
        await asyncio.to_thread(engine.put, documents)

    async def _is_live(self, state: Mark) -> bool:
        """Whether what was read was there until now: the documents of a former generation go when there is another."""
        now = await state_of(self.store.pool, self.index.view.name, self.index.version)
        return now.generation == state.generation

    async def _commit(self, kept: _Kept[E], mark: Mark) -> None:
        await asyncio.to_thread(kept.engine.commit, mark.text())
        self._kept = kept._replace(mark=mark)
        self.shown.fire()

    async def _rebuild(self, old: _Kept[E] | None, state: Mark) -> None:
        begun = time.monotonic()
        folder = await asyncio.to_thread(self._cleared, old.folder if old else None)
        engine = await asyncio.to_thread(self.index.open, folder)
        count = await self._fill(engine, state)
        if not await self._is_live(state):
            return
        await self._commit(_Kept(engine, state, folder), state)
        if old is not None:
            await asyncio.to_thread(old.engine.close)
        if self._slot:
            await asyncio.to_thread(self._slot.clear, folder)
        log.info("index built", index=self._keys, documents=count, seconds=round(time.monotonic() - begun, 1))

    def _cleared(self, but: Path | None) -> Path | None:
        """A new folder, after what is left of builds that came to no end has gone."""
        if self._slot is None:
            return None
        self._slot.clear(but)
        return self._slot.fresh()

    async def _fill(self, engine: E, state: Mark) -> int:
        """Puts all documents of the view in, as they are by now."""
        sql, last, count = f"{_DOCUMENTS} and key > $3 order by key limit {DOCUMENTS}", "", 0
        while rows := await self.store.pool.fetch(sql, self.index.view.name, state.generation, last):
            await asyncio.to_thread(lambda rows=rows: engine.put(_read(rows)))  # type: ignore[misc]
            last, count = rows[-1][0], count + len(rows)
        return count

    def _opened(self) -> _Kept[E] | None:
        """What a former process left, if it is whole and of ours."""
        for folder in self._slot.kept() if self._slot else ():
            try:
                engine = self.index.open(folder)
            except Damaged as error:
                log.warning("index is damaged", index=self._keys, error=safe_message(error))
                continue
            if mark := Mark.of(engine.mark):
                return _Kept(engine, mark, folder)
            engine.close()
        return None

    async def _give_up(self, kept: _Kept[E], error: Damaged) -> None:
        """Another that is being built at this moment has a folder of its own."""
        log.error("index is damaged and built anew", index=self._keys, error=safe_message(error))
        if self._kept is not None and self._kept.engine is kept.engine:
            self._kept = None
        if kept.folder is not None:
            await asyncio.to_thread(shutil.rmtree, kept.folder, ignore_errors=True)

    async def close(self) -> None:
        if self._kept is not None:
            await asyncio.to_thread(self._kept.engine.close)
            self._kept = None
        if self._slot:
            self._slot.close()


def _key(stream: str) -> str:
    return stream.partition("-")[2]


def _read(rows: Iterable[Any]) -> dict[str, Any]:
    return {key: orjson.loads(document) for key, document in rows}
