"""The folds that reactions keep in the process: read from the file of an earlier start, then brought up to date.

The file saves time and decides nothing: where it is missing, damaged, of other code or of another store, the events are
folded from the first one on. It is encrypted under the master key; what it says of somebody who is erased goes with the
next one, which is written minutes after any change.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast
from uuid import UUID

import orjson
import structlog

from shared.model.message import START, Position
from shared.model.reaction import BrokenMemory, Memory
from shared.ops.sealing import Sealer
from shared.processing.slots import Slot
from shared.processing.transient import transient
from shared.store.database import Connection
from shared.store.event_store import Store

log = structlog.get_logger(__name__)

PURPOSE: Final = "memory"
BATCH: Final = 1000
EVERY: Final = 300.0
"""Seconds between two files of a memory that changes."""
_LENGTH: Final = 8
_MOST: Final = 1 << 30
_IS_THERE: Final = "select exists (select from events where (transaction, position) = ($1, $2) and id = $3)"


class Unusable(Exception):
    """A file that says nothing to this process."""


class Folded(NamedTuple):
    """A memory's object and the last event that it has seen."""

    fold: Any
    position: Position = START
    event: UUID | None = None


class Files:
    """Keeps memories in files of a place below `folder` that no other process has. rules: names the code that folds."""

    def __init__(self, folder: Path, sealer: Sealer, rules: str) -> None:
        self._folder, self._slot = folder, cast("Slot | None", None)
        self.sealer, self.rules = sealer, rules

    def write(self, memory: Memory, folded: Folded, parts: Iterable[bytes]) -> None:
        """The parts that were dumped of what was folded. Raises OSError."""
        path = self._path(memory)
        unfinished = path.with_suffix(".new")
        head = orjson.dumps({"rules": self.rules, "position": [*folded.position], "event": str(folded.event)})
        unfinished.unlink(missing_ok=True)
        unfinished.touch(0o600)
        with unfinished.open("wb") as file:
            self._put(file, head, f"{memory.name}/head")
            of, number = f"{memory.name}/{folded.event}", 0
            for number, part in enumerate(parts, 1):
                self._put(file, part, f"{of}/{number}")
            self._put(file, b"", f"{of}/{number + 1}/end")
        unfinished.replace(path)

    def read(self, memory: Memory) -> Folded:
        """Raises Unusable, or FileNotFoundError where there is none."""
        with self._path(memory).open("rb") as file:
            head = orjson.loads(self._take(file, f"{memory.name}/head"))
            if head["rules"] != self.rules:
                raise Unusable("other code wrote it")
            parts = self._parts(file, f"{memory.name}/{head['event']}")
            fold = memory.load(parts)
            if any(parts):
                raise Unusable("more is in it than there should be")
        return Folded(fold, Position(*head["position"]), UUID(head["event"]))

    def _parts(self, file: BinaryIO, of: str) -> Iterator[bytes]:
        number = 1
        while (sealed := _next(file)) and (part := self.sealer.opened(PURPOSE, sealed, f"{of}/{number}")) is not None:
            yield part
            number += 1
        if self.sealer.opened(PURPOSE, sealed, f"{of}/{number}/end") is None:
            raise Unusable("it is damaged")

    def _put(self, file: BinaryIO, part: bytes, name: str) -> None:
        sealed = self.sealer.sealed(PURPOSE, part, name)
        file.write(len(sealed).to_bytes(_LENGTH, "big"))
        file.write(sealed)

    def _take(self, file: BinaryIO, name: str) -> bytes:
        part = self.sealer.opened(PURPOSE, _next(file), name)
        if part is None:
            raise Unusable("it is damaged, or sealed under another master key")
        return part

    def _path(self, memory: Memory) -> Path:
        self._slot = self._slot or Slot(self._folder)
        return self._slot.folder / f"{memory.name}.memory"

    def close(self) -> None:
        if self._slot:
            self._slot.close()


def _next(file: BinaryIO) -> bytes:
    length = int.from_bytes(file.read(_LENGTH), "big")
    return file.read(length) if length < _MOST else b""


class Memories:
    """The folds that a process keeps; each is brought up to date whenever it is asked for."""

    def __init__(self, store: Store, memories: Iterable[Memory] = (), files: Files | None = None) -> None:
        self.store, self.files = store, files
        self._memories = {memory.name: memory for memory in memories}
        self._folds: dict[str, Folded] = {}
        self._written: dict[str, Position] = {}
        self._lock = asyncio.Lock()

    def close(self) -> None:
        """Lets go of the place of its files."""
        if self.files:
            self.files.close()

    async def current(self, memories: Sequence[Memory], connection: Connection) -> dict[str, Any]:
        """Each memory's object, having folded every settled event of the store. Raises BrokenMemory."""
        async with self._lock:
            return {memory.name: await self._refreshed(memory, connection) for memory in memories}

    async def keep(self) -> None:
        """Has every memory ready from the start on, and keeps it in a file for the next; until cancelled."""
        while True:
            try:
                await self.keep_once()
            except OSError as error:
                log.warning("a memory is not kept: the next start takes longer", reason=str(error))
            except Exception as error:
                if not transient(error):
                    raise
            await asyncio.sleep(EVERY)

    async def keep_once(self) -> None:
        """Brings every memory up to date, and writes what has changed since. Raises OSError."""
        for memory in self._memories.values():
            await self._kept(memory)

    async def _kept(self, memory: Memory) -> None:
        """A connection first, as reactions have one when they ask; and of what is done under the lock, for which they
        wait in a transaction, only what needs it.
        """
        async with self.store.pool.acquire() as connection, self._lock:
            await self._refreshed(memory, connection)
            folded = self._folds[memory.name]
            if self.files is None or folded.event is None or folded.position == self._written.get(memory.name):
                return
            parts = await asyncio.to_thread(list, memory.dump(folded.fold))
        await asyncio.to_thread(self.files.write, memory, folded, parts)
        self._written[memory.name] = folded.position

    async def _refreshed(self, memory: Memory, connection: Connection) -> Any:
        folded = self._folds.get(memory.name) or await self._first(memory, connection)
        wanted = {event.__name__ for event in memory.on}
        self._folds[memory.name] = folded
        while raws := await self.store.read(folded.position, BATCH, connection):
            self._folds.pop(memory.name, None)  # Half folded is worse than not at all, if one of these fails.
            try:
                taken = [raw for raw in raws if raw.type in wanted]
                for event in await self.store.keys.decoded(self.store.codec, taken, connection):
                    memory.fold(folded.fold, event)
            except Exception as error:
                raise BrokenMemory(f"{memory.name}: {type(error).__name__}") from error
            folded = Folded(folded.fold, raws[-1].position, raws[-1].id)
            self._folds[memory.name] = folded
        return folded.fold

    async def _first(self, memory: Memory, connection: Connection) -> Folded:
        found = await self._read(self.files, memory, connection) if self.files else None
        return found or Folded(memory.start())

    async def _read(self, files: Files, memory: Memory, connection: Connection) -> Folded | None:
        """What a file says, if it is of this store: the event that it saw last is there."""
        try:
            found = await asyncio.to_thread(files.read, memory)
        except FileNotFoundError:
            return None
        except (Unusable, ValueError, KeyError, TypeError, IndexError, OSError) as error:
            log.warning("a memory is folded anew", memory=memory.name, reason=str(error) or type(error).__name__)
            return None
        if not await connection.fetchval(_IS_THERE, *found.position, found.event):
            log.warning("a memory is folded anew", memory=memory.name, reason="its file is of another store")
            return None
        self._written[memory.name] = found.position
        return found
