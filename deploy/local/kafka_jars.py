"""Kafka's jars: fetched once from Maven's repository by `jgo`, checked against a committed list, kept in a folder.

`python -m deploy.local.kafka_jars` resolves the list anew, for a new Kafka. The resolver is imported where it is used:
a start that finds all jars in place has no time for it.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.trouble import Trouble

if TYPE_CHECKING:
    from jgo.maven import Artifact, MavenContext

# Kafka itself, and the binding that carries its log to a file.
WANTED = ("org.apache.kafka:kafka_2.13:4.3.1", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4")
LIST = Path(__file__).with_name("kafka-jars.sha256")
FOLDER = Path(__file__).resolve().parents[2] / "build" / "kafka"
TRIES = 3


def listed() -> dict[str, str]:
    """Coordinates (`group:artifact:version`) and the SHA-256 sum that each jar must have."""
    lines = (line.split() for line in LIST.read_text().splitlines() if line)
    return {coordinates: digest for digest, coordinates in lines}


def classpath(folder: Path = FOLDER) -> str:
    return ":".join(str(_path(folder, coordinates)) for coordinates in listed())


def missing(folder: Path = FOLDER) -> list[str]:
    """Which jars are not there. They are moved into the folder only after their sum was checked."""
    return [coordinates for coordinates in listed() if not _path(folder, coordinates).exists()]


def fetch(folder: Path = FOLDER, say: Callable[[str], None] = print) -> None:
    """Download what is missing, several at a time; raises Trouble when it cannot be had or is not what we know."""
    wanted = missing(folder)
    if not wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    sums = listed()
    with ThreadPoolExecutor(6) as pool:
        done = pool.map(lambda coordinates: _fetch_one(folder, coordinates, sums[coordinates]), wanted)
        for count, name in enumerate(done, 1):
            say(f"Kafka: {count} of {len(wanted)} files ({name})")
    shutil.rmtree(folder / "download")


def _fetch_one(folder: Path, coordinates: str, digest: str) -> str:
    downloaded = _download(folder, coordinates)
    if hashlib.sha256(downloaded.read_bytes()).hexdigest() != digest:
        downloaded.unlink()
        raise Trouble(
            f"The downloaded file of {coordinates} is not the one we know: its SHA-256 sum differs.",
            "Something between this machine and Maven's repository changed it. Try again on another network.",
        )
    final = _path(folder, coordinates)
    downloaded.replace(final)
    return final.name


def _download(folder: Path, coordinates: str) -> Path:
    from requests import RequestException  # noqa: PLC0415

    for tries_left in reversed(range(TRIES)):
        artifact = _context(folder).create_dependency(coordinates).artifact
        if artifact.cached_path:
            artifact.cached_path.unlink(missing_ok=True)  # A piece of an interrupted download.
        try:
            return artifact.resolve()
        except (RequestException, RuntimeError) as error:
            if not tries_left:
                raise Trouble(
                    f"Maven's repository does not give {coordinates}: {error}",
                    "Check the network and run the same command again; or use a Kafka that runs elsewhere, with "
                    "POSTULO_KAFKA=host:port or --kafka.",
                ) from error
    raise AssertionError


def _context(folder: Path) -> "MavenContext":
    from jgo.maven import MavenContext  # noqa: PLC0415

    logging.getLogger("jgo").setLevel(logging.ERROR)
    return MavenContext(repo_cache=folder / "download", timeout=60)


def _path(folder: Path, coordinates: str) -> Path:
    _, artifact, version = coordinates.split(":")
    return folder / f"{artifact}-{version}.jar"


def _resolved(folder: Path, wanted: str) -> "Iterator[Artifact]":
    context = _context(folder)
    inputs, others = context.resolver.resolve([context.create_dependency(wanted)])
    yield from (found.artifact for found in (*inputs, *others) if found.scope in {"compile", "runtime", None})


def write_list(folder: Path = FOLDER) -> None:
    """Resolve what we want with all it needs, and write down the sums."""
    found: dict[str, Artifact] = {}
    for wanted in WANTED:  # One by one: together, the managed versions of one would rule over the other's.
        for jar in _resolved(folder, wanted):
            found.setdefault(f"{jar.groupId}:{jar.artifactId}", jar)
    jars = sorted((f"{name}:{jar.version}", jar.resolve()) for name, jar in found.items())
    LIST.write_text("".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in jars))


if __name__ == "__main__":
    write_list()
