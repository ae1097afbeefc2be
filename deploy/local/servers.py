"""PostgreSQL and Kafka together, side by side; each may be replaced by one that runs elsewhere."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import kafka, kafka_security, postgres
from deploy.local.processes import Program


@dataclass(frozen=True)
class Servers:
    """Where the two servers are: `database_url` is a DSN to a maintenance database, `kafka` is host:port.

    access: the settings of those whom our own servers let in.
    """

    database_url: str
    kafka: str
    programs: tuple[Program, ...] = ()
    access: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def servers(
    folder: Path, *, database_url: str = "", kafka_address: str = "", durable: bool = True
) -> Iterator[Servers]:
    """Both servers until the block ends, as `start` and `stop` do it."""
    try:
        yield start(folder, database_url=database_url, kafka_address=kafka_address, durable=durable)
    finally:
        stop(folder)


def start(
    folder: Path, *, database_url: str = "", kafka_address: str = "", security: str = "plaintext", durable: bool = True
) -> Servers:
    """Start both servers with their data in `folder`; one whose address is given is only used.

    security: how our own Kafka is spoken to, plaintext or sasl_ssl.
    `durable=False` spares the disk: for data that may be lost when the machine itself (not a program) goes down.
    Raises Trouble when one cannot start; the other may then still run: `stop` it.
    """
    with ThreadPoolExecutor(2) as pool:
        database = pool.submit(postgres.start, folder / "postgres", durable=durable) if not database_url else None
        broker = pool.submit(kafka.start, folder / "kafka", security=security) if not kafka_address else None
    programs = [*_results(database), *_results(broker)]
    addresses = {program.name: address for program, address in programs}
    ours = addresses.get(postgres.NAME)
    access = (
        {"kafka_security": security} if kafka_address else kafka_security.services_access(folder / "kafka", security)
    )
    return Servers(
        database_url=database_url or addresses[postgres.NAME],
        kafka=kafka_address or addresses[kafka.NAME],
        programs=tuple(program for program, _ in programs),
        access={**access, **(postgres.access(folder / "postgres", ours) if ours else {})},
    )


def stop(folder: Path) -> None:
    """Stop whatever of the two runs on the data in `folder`, also when another process started it."""
    with ThreadPoolExecutor(2) as pool:
        stopped = [pool.submit(postgres.stop, folder / "postgres"), pool.submit(kafka.stop, folder / "kafka")]
    for each in stopped:
        each.result()


def _results(started: Future[tuple[Program, str]] | None) -> list[tuple[Program, str]]:
    return [] if started is None else [started.result()]
