"""The operator's import: `python -m services vacancies import FILE` or `--samples`."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress

from services.vacancies.api.cleaning import clean
from services.vacancies.domain import VACANCY, Vacancy, VacancyCommand, day_of, importing, samples
from services.vacancies.domain.commands import Announcement
from services.vacancies.domain.openings import Opening, merging, opening_of, places_of
from services.vacancies.domain.postings import is_posting
from shared.model.errors import Refused
from shared.model.reaction import Do
from shared.ops.settings import load
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel, with_kernel

Record = Mapping[str, Any]

BATCH: Final = 50
HOLDERS: Final = ("data", "list", "@graph", "itemListElement")
"""Where a file's list may be found: as careers.un.org answers, as JSON-LD, as a schema.org ItemList."""


class Report:
    """What became of each record: how many were published, changed or already as they are, and which were rejected."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter({"published": 0, "changed": 0, "unchanged": 0, "rejected": 0})
        self.rejections: list[str] = []

    def rejected(self, record: Any, *reasons: str) -> None:
        name = importing.name_of(record) if isinstance(record, Mapping) else repr(record)[:60]
        self.counts["rejected"] += 1
        self.rejections.append(f"{name}: {'; '.join(reasons)}")

    def __str__(self) -> str:
        return ", ".join(f"{number} {word}" for word, number in self.counts.items())


def commands(service: Callable[[], Service]) -> typer.Typer:
    """The commands of this service for the operator."""
    app = typer.Typer(help="Job openings.", no_args_is_help=True)

    @app.callback()
    def _group() -> None:
        """Job openings."""

    @app.command("import")
    def import_notices(
        file: Annotated[
            Path | None, typer.Argument(help="JSON in the shape of careers.un.org, or JobPostings of schema.org.")
        ] = None,
        samples_: Annotated[bool, typer.Option("--samples", help="About 200 notices of our own.")] = False,
        organisation: Annotated[
            str,
            typer.Option(help="Whose the new ones are, for its clients to see to; without it, nobody's."),
        ] = "",
    ) -> None:
        """Imports notices; those that are known already are brought up to date. Can be repeated."""
        records = list(samples.records()) if samples_ else _read(file)
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Importing notices", total=len(records))
            work = import_records(records, lambda done: progress.advance(task, done), organisation.strip())
            report = asyncio.run(with_kernel(service(), load(), work))
        for rejection in report.rejections:
            typer.echo(f"rejected {rejection}", err=True)
        typer.echo(str(report))
        raise typer.Exit(1 if report.rejections else 0)

    return app


def import_records(
    records: Sequence[Any], advance: Callable[[int], object], organisation: str = ""
) -> Callable[[Kernel], Awaitable[Report]]:
    """Work for a kernel: records in batches, each on its own, so that one bad record spoils no other.

    advance: told how many more records are done. organisation: whose the notices are that were not known before.
    """

    async def work(kernel: Kernel) -> Report:
        report = Report()
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            await _import(kernel, batch, report, organisation)
            advance(len(batch))
        return report

    return work


async def _import(kernel: Kernel, records: Sequence[Any], report: Report, organisation: str) -> None:
    """Loads what is known of the whole batch, decides each record, appends what follows from all of them at once."""
    read = list(_read_notices(records, day_of(await kernel.now()), report))
    if not read:
        return
    places = {place for _, notice in read for place in places_of(notice.number)}
    states = await kernel.states(*((VACANCY, place) for place in places))
    known = {place: states.state(VACANCY, place) for place in places}
    todo: list[Do] = []
    for record, notice in read:
        opening = opening_of(notice.number, notice.language, known.__getitem__)
        try:
            after, steps = _decided(notice, opening, states.now, organisation)
        except Refused as refusal:
            report.rejected(record, *(importing.rejected(problem, record) for problem in refusal.problems))
        else:
            todo += steps
            known |= after
            is_there = opening.speaks(notice.language)
            report.counts["published" if not is_there else "changed" if steps else "unchanged"] += 1
    if todo:
        await kernel.execute_all(*todo)


def _read_notices(records: Iterable[Any], today: date, report: Report) -> Iterator[tuple[Record, importing.Notice]]:
    for record in records:
        if not isinstance(record, Mapping):
            report.rejected(record, "a record is a JSON object")
            continue
        try:
            yield record, importing.read(_cleaned(record), today)
        except Refused as refusal:
            report.rejected(record, *(importing.rejected(problem, record) for problem in refusal.problems))


def _decided(
    notice: importing.Notice, opening: Opening, now: datetime, organisation: str
) -> tuple[dict[UUID, Vacancy], list[Do]]:
    """The vacancies afterwards, and the commands that change something. Raises what a rule refuses with."""
    after = {opening.key: opening.vacancy, **dict(opening.twins)}
    todo: list[Do] = []

    def decide(steps: Iterable[tuple[UUID, VacancyCommand]]) -> None:
        for key, step in steps:
            owner = {"organisation": organisation} if isinstance(step, Announcement) else {}
            command = step.model_copy(update={"by": "operator:import", **owner})
            if events := VACANCY.decide(command.model_copy(update={"at": now}), after[key]):
                todo.append(Do(VACANCY, str(key), command))
                after[key] = reduce(VACANCY.evolve, events, after[key])

    decide(merging(opening))
    decide((opening.key, step) for step in importing.steps(notice, after[opening.key]))
    return after, todo


def _cleaned(record: Record) -> Record:
    """In one shape, its HTML cleaned: in this order, since a posting's may be escaped."""
    notice = importing.shaped(record)
    return {**notice, "jobDescription": clean(str(notice.get("jobDescription") or ""))}


def _read(file: Path | None) -> list[Any]:
    """The records of a file: a list, an object that holds one, or a single JobPosting."""
    if file is None:
        raise typer.BadParameter("Name a file, or ask for --samples")
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise typer.BadParameter(f"{file} cannot be read as JSON: {error}") from error
    for name in HOLDERS:
        content = content.get(name, content) if isinstance(content, dict) else content
    if isinstance(content, dict) and is_posting(content):
        content = [content]
    if not isinstance(content, list):
        raise typer.BadParameter(f"{file} holds no list of records")
    return [_item(record) for record in content]


def _item(record: Any) -> Any:
    """A record, or what a schema.org ListItem holds."""
    return record["item"] if isinstance(record, dict) and isinstance(record.get("item"), dict) else record
