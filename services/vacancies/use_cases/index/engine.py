"""The index itself: opened, written by one thread, asked by many."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tantivy import Index, IndexWriter, Query, Searcher

from services.vacancies.projections.query import Alike, Counts, Likeness, Row, Search
from services.vacancies.use_cases.index.asking import Asking
from services.vacancies.use_cases.index.fields import KEY, MARK, STATUS, document_of, mark_of, schema
from services.vacancies.use_cases.index.intact import META, verify
from services.vacancies.use_cases.index.likeness import MOST_PLACES, alike, of_its_kind
from services.vacancies.use_cases.index.walking import Walk
from shared.model.local_index import Damaged
from shared.vocabulary.search import FACETS

HEAP: Final = 64_000_000
"""Bytes of memory in which the writer gathers what it then writes."""
PLACES: Final = "duty_stations"
PANIC: Final = "PanicException"
MOST_VALUES: Final = 10_000
"""More than any facet has, so that all are counted exactly."""


@contextmanager
def _intact() -> Iterator[None]:
    """What tantivy cannot read is damaged, be it that it says so or that it panics."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Damaged(str(error)) from error
    except BaseException as error:
        if type(error).__name__ == PANIC:
            raise Damaged(str(error)) from error
        raise


@contextmanager
def _asking(folder: Path | None) -> Iterator[None]:
    """What cannot be answered is damaged if its files are; else it was asked wrongly, which harms no index."""
    try:
        yield
    except BaseException as error:
        if folder is not None and (isinstance(error, ValueError | OSError) or type(error).__name__ == PANIC):
            verify(folder)
        if type(error).__name__ == PANIC:
            raise RuntimeError(str(error)) from error
        raise


class VacancyIndex:
    """The documents of the view `search`, to be searched. Without a folder it is in memory. Raises Damaged anywhere."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        if folder is not None and (folder / META).exists():
            verify(folder)
        with _intact():
            self._schema = schema()
            self._index = Index(self._schema, path=None if folder is None else str(folder))
            self._index.config_reader("manual")
            self._index.reload()
            self._asking = Asking(self._schema)
            self.mark = self._read_mark()
        self._writer: IndexWriter | None = None

    def put(self, documents: Mapping[str, Any | None]) -> None:
        """Replaces these; in a new index there is nothing to replace, as long as each comes once."""
        made = {key: None if each is None else document_of(key, each) for key, each in documents.items()}
        with _intact():
            writer = self._writing()
            for key, document in made.items():
                if self.mark:
                    writer.delete_documents_by_term(KEY, key)
                if document is not None:
                    writer.add_document(document)

    def commit(self, mark: str) -> None:
        with _intact():
            writer = self._writing()
            writer.delete_documents_by_term(KEY, MARK)
            writer.add_document(mark_of(mark))
            writer.commit()
            self._index.reload()
        self.mark = mark

    def found(self, search: Search) -> tuple[list[Row], Counts]:
        """The page asked for and all counts, of one moment; see `page_of`."""
        with _asking(self._folder):
            searcher = self._index.searcher()
            return self._rows(searcher, search), self._counts(searcher, search)

    def rows(self, search: Search) -> list[Row]:
        """The page asked for alone."""
        with _asking(self._folder):
            return self._rows(self._index.searcher(), search)

    def alike(self, to: Likeness, now: datetime) -> Alike:
        """What is like a vacancy, and where else there are vacancies of its family and level; of one moment."""
        with _asking(self._folder):
            searcher, kind = self._index.searcher(), of_its_kind(to, now)
            places = _tally(searcher, self._asking.found(kind), [PLACES])[PLACES] if kind else {}
            others = sorted((-found, place) for place, found in places.items() if place not in to.stations)
            elsewhere = {place: -found for found, place in others[:MOST_PLACES]}
            return Alike(alike(searcher, self._asking, to, now), elsewhere)

    def close(self) -> None:
        self._writer = None

    def _writing(self) -> IndexWriter:
        """Opened at the first change: whoever only asks needs none."""
        if self._writer is None:
            self._writer = self._index.writer(HEAP, 1)
        return self._writer

    def _rows(self, searcher: Searcher, search: Search) -> list[Row]:
        return Walk(searcher, self._asking, search).rows()

    def _counts(self, searcher: Searcher, search: Search) -> Counts:
        """Facets of which nothing is asked are counted together, each other one as if nothing were asked of it.

        Every vacancy has one status: to count these costs less than to count the vacancies once more.
        """
        asked = [name for name in FACETS if search.criteria.facet(name)]
        unasked = [name for name in FACETS if name not in asked]
        facets = _tally(searcher, self._asking.found(search), [STATUS, *unasked])
        total = sum(facets.pop(STATUS).values())
        for name in asked:
            facets |= _tally(searcher, self._asking.found(search, but=name), [name])
        return Counts(total, facets)

    def _read_mark(self) -> str:
        searcher = self._index.searcher()
        hits = searcher.search(Query.term_query(self._schema, KEY, MARK, "basic"), 1).hits
        return str(searcher.doc(hits[0][1]).get_first(MARK)) if hits else ""


def _tally(searcher: Searcher, query: Query, names: list[str]) -> dict[str, dict[str, int]]:
    asked = {name: {"terms": {"field": name, "size": MOST_VALUES}} for name in names}
    answer = searcher.aggregate(query, asked)
    return {name: {each["key"]: each["doc_count"] for each in answer[name]["buckets"]} for name in names}
