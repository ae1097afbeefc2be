"""The declaration of a local index: what each process of a service keeps of a view, to ask what SQL answers slowly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from shared.model.projection import AnyProjection, by_key


class Damaged(Exception):
    """What was kept cannot be read, or not any more: it has to be built anew."""


class Engine(Protocol):
    """What keeps the documents of a view so that it can be asked. One thread at a time puts and commits."""

    @property
    def mark(self) -> str:
        """What the last commit was told; "" for a new one."""

    def put(self, documents: Mapping[str, Any | None]) -> None:
        """Replaces the documents under these keys, None leaving nothing; seen by nobody before the commit."""

    def commit(self, mark: str) -> None:
        """Shows what was put, and keeps the mark with it: both or neither."""

    def close(self) -> None:
        """Lets go of its folder. Who asks at this moment is answered."""


E = TypeVar("E", bound=Engine)


@dataclass(frozen=True)
class LocalIndex(Generic[E]):
    """An index of a view of the service's own events that has one document an aggregate, under its key.

    Nothing in it is personal: nothing erases from it.

    version: another one wherever something else is put into it; then it is built anew.
    open: an engine on what is in this folder, a new one if that is empty, or in memory; raises Damaged.
    """

    view: AnyProjection
    version: int
    open: Callable[[Path | None], E]

    def __post_init__(self) -> None:
        if self.view.keys is not by_key:
            raise TypeError(f"the view {self.view.name} has other documents than one an aggregate: no index follows it")
