"""The operator's import: `python -m services vacancies import FILE` or `--samples`."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from services.vacancies.api.cleaning import clean
from services.vacancies.domain import VACANCY, day_of, importing, samples
from shared.errors import Refused
from shared.runtime import Kernel, Service, with_kernel
from shared.settings import load

Record = Mapping[str, Any]


class Report:
    """What became of each record: how many were published, changed or already as they are, and which were rejected."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter({"published": 0, "changed": 0, "unchanged": 0, "rejected": 0})
        self.rejections: list[str] = []

    def rejected(self, record: Any, *reasons: str) -> None:
        known = isinstance(record, Mapping)
        name = f"{record.get('jobId')} ({record.get('language')})" if known else repr(record)[:60]
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
        file: Annotated[Path | None, typer.Argument(help="JSON in the shape of careers.un.org.")] = None,
        samples_: Annotated[bool, typer.Option("--samples", help="About 200 notices of our own.")] = False,
    ) -> None:
        """Imports notices; those that are known already are brought up to date. Can be repeated."""
        records = list(samples.records()) if samples_ else _read(file)
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Importing notices", total=len(records))
            work = import_records(records, lambda: progress.advance(task))
            report = asyncio.run(with_kernel(service(), load(), work))
        for rejection in report.rejections:
            typer.echo(f"rejected {rejection}", err=True)
        typer.echo(str(report))
        raise typer.Exit(1 if report.rejections else 0)

    return app


def import_records(records: Iterable[Any], advance: Callable[[], object]) -> Callable[[Kernel], Awaitable[Report]]:
    """Work for a kernel: every record on its own, so that one bad record spoils no other; gives the Report."""

    async def work(kernel: Kernel) -> Report:
        report, today = Report(), day_of(await kernel.now())
        for record in records:
            await _import(kernel, record, today, report)
            advance()
        return report

    return work


async def _import(kernel: Kernel, record: Any, today: date, report: Report) -> None:
    if not isinstance(record, Mapping):
        return report.rejected(record, "a record is a JSON object")
    try:
        report.counts[await _bring_in(kernel, importing.read(_cleaned(record), today))] += 1
    except Refused as refusal:
        report.rejected(record, *map(importing.rejected, refusal.problems))


async def _bring_in(kernel: Kernel, notice: importing.Notice) -> str:
    known = await kernel.state(VACANCY, notice.key)
    happened = 0
    for command in importing.steps(notice, known):
        written = await kernel.execute(VACANCY, notice.key, command.model_copy(update={"by": "operator:import"}))
        happened += len(written.events)
    return "published" if known.content is None else "changed" if happened else "unchanged"


def _cleaned(record: Record) -> Record:
    return {**record, "jobDescription": clean(str(record.get("jobDescription") or ""))}


def _read(file: Path | None) -> list[Any]:
    """The records of a file: a list, or an object that holds one under data (and list), as careers.un.org answers."""
    if file is None:
        raise typer.BadParameter("Name a file, or ask for --samples")
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read as JSON: {error}") from error
    for name in ("data", "list"):
        content = content.get(name, content) if isinstance(content, dict) else content
    if not isinstance(content, list):
        raise typer.BadParameter(f"{file} holds no list of records")
    return content
