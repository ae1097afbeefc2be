"""The declaration of a view: which events it folds into which documents. Pure; `store/documents.py` keeps them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.model.message import Event, Recorded

D = TypeVar("D", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Projection(Generic[D]):
    """A view: documents (JSON objects, a TypedDict each) under text keys, folded from events.

    name: unique in its service, snake_case.
    on: the event types it folds; all of its own service, or all of other services.
    keys: the keys of the documents that an event touches.
    evolve: the document after the event, None to have none. Called once for each key.
    """

    name: str
    on: tuple[type[Event], ...]
    keys: Callable[[Recorded[Any]], Iterable[str]]
    evolve: Callable[[D | None, Recorded[Any]], D | None]


AnyProjection = Projection[Any]


def by_key(event: Recorded[Any]) -> tuple[str]:
    """One document an aggregate, under the aggregate's id."""
    return (event.key,)
