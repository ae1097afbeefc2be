"""The operator's command line: runs services, prepares what they need, mends, erases and restores."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
import typer
import uvicorn
import uvloop
from rich.console import Console

from services.site import NAMES, SITE, chosen, prepare, provision, rules, service
from shared.kafka.rebuild import rebuild_foreign, rebuild_own
from shared.kafka.relay import republish as republish_store
from shared.model.projection import Projection
from shared.ops.logs import configure
from shared.ops.misconfigured import Misconfigured
from shared.ops.settings import Settings, load
from shared.processing.parking import listed, try_again
from shared.processing.reconciling import forget_unsaid
from shared.runtime.declaration import Service
from shared.runtime.encrypting import encrypt_parked, encrypt_store, publish_anew
from shared.runtime.host import run_services
from shared.runtime.kernel import Kernel, open_database, with_kernel
from shared.runtime.process import ServiceProcess
from shared.runtime.refusal import in_one_line
from shared.runtime.resealing import reseal_all
from shared.runtime.retention import apply_list, end_hold, list_of, place_hold, retention_of, with_those_before
from shared.runtime.server import Server
from shared.runtime.settings_table import settings_table
from shared.store.database import Pool
from shared.store.epoch import EpochChanged, alone, check_epoch
from shared.store.epoch import adopt as adopt_epoch

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_show_locals=False)
console = Console()
log = structlog.get_logger(__name__)

Names = Annotated[list[str] | None, typer.Argument(help="Services; all when none is named.")]
Name = Annotated[str, typer.Argument(help="The service.")]
Subject = Annotated[str, typer.Argument(help="Whom, named as the stream that tells of them: account-… or another.")]


@app.command()
def access(names: Names = None) -> None:
    """Prints who may do what on Kafka, one rule a line, for where the rules are made by other means."""
    for rule in rules(chosen(names), load()):
        print(rule)


async def serve(services: Sequence[Service], settings: Settings) -> None:
    """Serves these services on one address until SIGTERM or Ctrl-C, then drains and stops."""
    async with run_services(SITE, services, settings) as host:
        config = uvicorn.Config(
            host, host=settings.host, port=settings.port, lifespan="off", log_config=None, access_log=False,
            server_header=False, proxy_headers=False, timeout_graceful_shutdown=10,
        )  # fmt: skip
        names = [service.name for service in services]
        log.info("started", services=names, host=settings.host, port=settings.port)
        await Server(config, settings.leaving_seconds).serve()
        log.info("stopped", services=names)


@app.command()
def run(names: Names = None) -> None:
    """Serves services on POSTULO_HOST:POSTULO_PORT. Their databases must be migrated."""
    settings = load()
    configure(settings.log_format, settings.log_level)
    uvloop.run(serve(chosen(names), settings))


@app.command("migrate")
def migrate_databases(names: Names = None) -> None:
    """Creates missing roles and databases and applies the migrations that have not been applied."""
    for name in asyncio.run(prepare(chosen(names), load())):
        print(f"{name}: nothing to apply")


@app.command()
def topics(names: Names = None) -> None:
    """Creates the topics that are missing, and lets in whoever may read or write them."""
    for line in asyncio.run(provision(chosen(names), load())):
        print(line)


@app.command("settings")
def show_settings() -> None:
    """Prints all settings as a table in Markdown, with their defaults and what they mean."""
    print(settings_table(chosen(None)), end="")


@app.command()
def rebuild(
    name: Annotated[str, typer.Argument(help="The service; all when none is named.")] = "",
    view: Annotated[str, typer.Argument(help="The view; all when none is named.")] = "",
) -> None:
    """Folds views anew beside the live ones and switches to them; the services may run meanwhile."""

    async def work(kernel: Kernel) -> None:
        wanted = [each for each in kernel.service.projections if not view or each.name == view]
        if view and not wanted:
            there = ", ".join(each.name for each in kernel.service.projections)
            raise typer.BadParameter(f"{name} has no view “{view}”; there are {there}")
        for projection in wanted:
            generation = await _rebuilt(kernel, projection)
            print(f"{kernel.service.name} {projection.name}: generation {generation} is live")

    _for_each([name] if name else None, work)


def _for_each(names: list[str] | None, work: Callable[[Kernel], Awaitable[None]]) -> None:
    settings = load()
    for each in chosen(names):
        asyncio.run(with_kernel(each, settings, work))


async def _rebuilt(kernel: Kernel, projection: Projection[Any]) -> int:
    process = ServiceProcess(kernel, await check_epoch(kernel.pool))
    with _counted("events folded") as progress:
        if kernel.service.is_own(projection):
            return await rebuild_own(process.subscription, projection, progress)
        topics = kernel.service.topics(kernel.settings.topic_prefix)
        return await rebuild_foreign(process.subscription, projection, topics, process.lineages, progress)


@contextmanager
def _counted(what: str) -> Iterator[Callable[[int], None]]:
    """Shows how many there have been; told of more, it adds them."""
    with console.status(f"{what}: 0") as status:
        total = 0

        def progress(count: int) -> None:
            nonlocal total
            total += count
            status.update(f"{what}: {total}")

        yield progress


@app.command()
def republish(name: Name) -> None:
    """Publishes a service's whole store to Kafka again, with the same ids: nothing happens twice."""
    asyncio.run(with_kernel(service(name), load(), lambda kernel: republish_store(kernel.store)))
    print("the relay starts again from the first event")


@app.command()
def adopt(name: Name) -> None:
    """Accepts a database restored into another cluster; the service must stand still."""
    done = asyncio.run(with_kernel(service(name), load(), _adopted))
    print(f"{name}: adopted" if done else f"{name}: nothing to adopt, the database is of this cluster")


async def _adopted(kernel: Kernel) -> bool:
    """Whether there was anything to do."""
    async with kernel.pool.acquire() as connection:
        await alone(connection)
    with suppress(EpochChanged):
        await check_epoch(kernel.pool)
        return False
    await _adopt(kernel)
    return True


async def _adopt(kernel: Kernel) -> None:
    async with kernel.pool.acquire() as connection:
        await alone(connection)
        await adopt_epoch(connection)


@app.command()
def restored(erased_lists: Annotated[Path, typer.Argument(help="What `erased --into` has written last.")]) -> None:
    """Makes restored databases fit to run; every service must stand still. deploy/restore.sh calls it.

    Accepts the cluster, erases whom the lists name, and deletes from Kafka what the services had published, which they
    publish again when they start.
    """
    settings, lists = load(), {name: _text(erased_lists / name) for name in NAMES}

    async def work(kernel: Kernel) -> None:
        name = kernel.service.name
        administrator = settings.of_service(name).of_kafka_s_administrator()
        await _adopt(kernel)
        await apply_list(kernel, lists[name], whose=name)
        await publish_anew(kernel, administrator)
        print(f"{name} may start")

    _for_each(None, work)


@app.command()
def reconcile(names: Names = None) -> None:
    """Has services forget that they handled what no store holds any more, since who had said it was put back."""
    asyncio.run(_reconciled([each for each in chosen(names) if each.consumes], load()))


async def _reconciled(services: Sequence[Service], settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        pools: dict[str, Pool] = {}
        for name in NAMES:
            pools[name] = await open_database(settings, name, 1, "-command")
            stack.push_async_callback(pools[name].close)
        for each in services:
            count = await forget_unsaid(pools[each.name], pools.values())
            print(f"{each.name}: {_many(count, 'event')} that it had handled, in no store any more")


@app.command()
def parked(name: Name) -> None:
    """Lists the streams that wait because an event of theirs failed, a line each."""
    streams = asyncio.run(with_kernel(service(name), load(), lambda kernel: listed(kernel.pool)))
    for each in streams:
        print(f"{each.stream} {each.handler}: {_many(each.events, 'event')}, tried {each.attempts} times: {each.error}")
    if not streams:
        print("nothing is parked")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@app.command()
def unpark(name: Name, stream: Annotated[str, typer.Argument(help="One stream; all when none is named.")] = "") -> None:
    """Has parked events tried again, in order, by the running service."""
    events, streams = asyncio.run(with_kernel(service(name), load(), lambda kernel: try_again(kernel.pool, stream)))
    if not streams:
        print("nothing is parked there")
        raise typer.Exit(1)
    print(f"{_many(events, 'event')} of {_many(streams, 'stream')} {'is' if events == 1 else 'are'} tried again")


@app.command()
def encrypt(name: Name) -> None:
    """Encrypts what is personal in events from before there were keys, and publishes them anew; services may run.

    Broken off, it goes on at the next run. Run it for identity before the others.
    """
    settings = load()

    async def work(kernel: Kernel) -> int:
        administrator = settings.of_service(name).of_kafka_s_administrator()
        with _counted("events looked at") as progress:
            done = await encrypt_store(kernel, progress)
        done += await encrypt_parked(kernel, kernel.service.foreign_codec())
        await publish_anew(kernel, administrator)
        return done

    print(f"{asyncio.run(with_kernel(service(name), settings, work))} events are encrypted now")


@app.command()
def reseal(names: Names = None) -> None:
    """Seals anew what POSTULO_MASTER_KEY_BEFORE has sealed, and says what no master key opens; services may run."""
    lost = 0

    async def work(kernel: Kernel) -> None:
        nonlocal lost
        done = await reseal_all(kernel)
        lost += done.closed
        print(f"{kernel.service.name}: {_many(done.anew, 'secret')} sealed anew, {done.closed} cannot be opened")

    _for_each(names, work)
    if lost:
        raise typer.Exit(1)


@app.command()
def erased(
    name: Annotated[str, typer.Argument(help="The service; all when none is named, with --into.")] = "",
    apply: Annotated[Path | None, typer.Option(help="Erases whom this list of the same service names.")] = None,
    into: Annotated[Path | None, typer.Option(help="Writes the list of each service into this folder.")] = None,
) -> None:
    """Prints who was erased and when, a line each, to be kept beside the backups; or applies such a list to one.

    Services may run meanwhile. What --apply has erased cannot be brought back.
    """
    if not name and (into is None or apply is not None):
        raise typer.BadParameter("name a service, or the folder of all lists with --into")
    given = None if apply is None else _text(apply)

    async def work(kernel: Kernel) -> None:
        if given is not None:
            done = await apply_list(kernel, given)
            print(f"{done.now} erased now, {done.already} {'was' if done.already == 1 else 'were'} already")
        if into is not None:
            _kept(into / kernel.service.name, await list_of(kernel))
        elif given is None:
            print(await list_of(kernel), end="")

    _for_each([name] if name else None, work)


def _text(file: Path) -> str:
    """What stands in a file. Raises Misconfigured."""
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None


def _kept(file: Path, listed: str) -> None:
    """With whom the file named before, and at once: whoever reads it meanwhile finds the old text or the new one."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(with_those_before(_text(file) if file.exists() else "", listed))
    new.replace(file)


@app.command()
def hold(name: Name, subject: Subject, reason: Annotated[str, typer.Option(help="Why; it is shown.")]) -> None:
    """Keeps a subject from being erased until it is released (legal hold); a further reason is kept with the first."""
    asyncio.run(with_kernel(service(name), load(), lambda kernel: place_hold(kernel, subject, reason)))
    print(f"{subject} is held")


@app.command()
def release(name: Name, subject: Subject) -> None:
    """Ends a hold, whatever reasons it had: whoever is to be erased then is erased."""
    reasons = asyncio.run(with_kernel(service(name), load(), lambda kernel: end_hold(kernel, subject)))
    print(f"{subject} was not held" if reasons is None else f"{subject} is released, which was held for: {reasons}")


@app.command()
def retention(name: Name) -> None:
    """Shows what falls due to be erased, what is held, and what went, a line each."""
    for subject, state, when, why in asyncio.run(with_kernel(service(name), load(), retention_of)):
        print(f"{subject} {state} {when}{why and f', for: {why}'}")


KIT: Final = "conformance"
BRINGING: Final = (*NAMES, KIT)
"""What brings commands of its own: the services, and the conformance kit for whoever subscribes."""


def with_commands_of(name: str) -> None:
    """Adds what a service brings, or the kit."""
    if name == KIT:
        app.command(KIT)(import_module("services.conformance").play)
    elif (commands := service(name).commands) is not None:
        app.add_typer(commands, name=name)


def main(words: Sequence[str]) -> None:
    """Runs the command that these words ask for; what an operator can mend is said in one line."""
    for name in BRINGING if set(words) <= {"--help"} else words[:1]:
        if name in BRINGING:  # Only what is asked for is imported; for the list of all commands, all is.
            with_commands_of(name)
    with in_one_line():
        app(list(words))


if __name__ == "__main__":
    main(sys.argv[1:])
