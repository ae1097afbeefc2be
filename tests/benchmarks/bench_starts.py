"""Alerts ready to match after a start: the index of a million saved searches read from its file, or folded anew."""

import gc
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

import psutil

from deploy.local.servers import Servers
from services.alerts.domain import SearchIndex
from services.alerts.reactions.searches import INDEX
from shared.model.message import Position
from shared.ops.sealing import Sealer
from shared.processing.memories import Files, Folded
from tests.benchmarks.saved_searches import notices, searches
from tests.benchmarks.table import Row

COUNT: Final = 1_000_000
SECONDS, MEGABYTES = 5.0, 500
"""The aims."""


async def rows(_: Servers) -> Sequence[Row]:
    """Each in a fresh process, whose memory holds nothing else."""
    with TemporaryDirectory() as folder:
        added, found, size = alone(write, folder)
        read_in, again, held = alone(read, folder)
    assert found == again
    return [
        Row(f"alerts ready with {COUNT:,} searches", f"{read_in:.1f} s", "added again, decoding apart",
            f"{added:.1f} s", read_in / added, f"< {SECONDS:g} s", read_in < SECONDS),
        Row("its file, and its memory", f"{size:.0f} MB, {held:.0f} MB", "", "", 0.0, f"< {MEGABYTES} MB",
            held < MEGABYTES),
    ]  # fmt: skip


def alone(work: object, folder: str) -> tuple[float, list[int], float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        result: tuple[float, list[int], float] = process.submit(work, folder).result()  # type: ignore[arg-type]
        return result


def write(folder: str) -> tuple[float, list[int], float]:
    """Seconds to add all, how many each vacancy finds, and the file's MB."""
    begun, index = time.perf_counter(), SearchIndex()
    for number, criteria in enumerate(searches(COUNT)):
        index.add(f"{number:08x}-0000-4000-8000-{number:012x}", criteria)
    added = time.perf_counter() - begun
    kept = _files(folder)
    kept.write(INDEX, Folded(index, Position(1, 1), UUID(int=1)), index.dump())
    kept.close()
    (file,) = Path(folder).glob("*/*.memory")
    return added, _found(index), file.stat().st_size / 1e6


def read(folder: str) -> tuple[float, list[int], float]:
    """Seconds to read it, how many each vacancy finds, and what the process grew by in MB."""
    before, begun, kept = _resident(), time.perf_counter(), _files(folder)
    index: SearchIndex = kept.read(INDEX).fold
    seconds = time.perf_counter() - begun
    kept.close()
    return seconds, _found(index), _resident() - before


def _files(folder: str) -> Files:
    return Files(Path(folder), Sealer("a master key of this benchmark"), "today's")


def _found(index: SearchIndex) -> list[int]:
    return [len(index.find(notice)) for notice in notices()[:5]]


def _resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6
