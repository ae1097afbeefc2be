"""The site: which services there are, and what has to be there before they run."""

from collections.abc import Iterator, Sequence
from importlib import import_module

import typer

from services.identity.events import PUBLISHED as SESSIONS
from services.identity.events import SessionEnded
from shared.kafka.access import Rule, let_in, rules_of
from shared.kafka.topics import create_topics
from shared.ops.settings import Settings
from shared.runtime.declaration import Service, SessionKeeper, Site
from shared.runtime.refusal import ADMINISTRATOR
from shared.store.database import all_migrations, create_database, migrate
from shared.store.roles import check_roles, provide

NAMES = ("identity", "profile", "applications", "vacancies", "alerts", "support", "careers")
SITE = Site(NAMES, home="careers", sessions=SessionKeeper(SESSIONS, SessionEnded))


def service(name: str) -> Service:
    """The declaration of one service; exits with a list of the names if there is no such service."""
    if name not in NAMES:
        raise typer.BadParameter(f"no service is called “{name}”; there are {', '.join(NAMES)}")
    declared: Service = import_module(f"services.{name}.main").SERVICE
    return declared


def chosen(names: list[str] | None) -> list[Service]:
    return [service(name) for name in names or NAMES]


async def prepare(services: Sequence[Service], settings: Settings) -> list[str]:
    """Creates missing databases, each with a role of its own where an administrator is named, and migrates all.

    Prints the name of each migration. Returns the names of the services that had nothing to apply.
    """
    if settings.database_admin_url:
        check_roles([settings.database(each.name) for each in services])
    unchanged: list[str] = []
    for each in services:
        dsn = settings.database(each.name)
        if settings.database_admin_url:
            await _provide(settings.database_admin_url, dsn)
        else:
            await create_database(dsn)
        applied = await migrate(dsn, all_migrations(each.name))
        unchanged += [] if applied else [each.name]
        for name in applied:
            print(f"{each.name}: {name}")
    return unchanged


def rules(services: Sequence[Service], settings: Settings) -> Iterator[Rule]:
    """Who may do what on Kafka."""
    return rules_of([each.party(SITE.sessions, settings.topic_prefix) for each in services], settings)


async def provision(services: Sequence[Service], settings: Settings) -> list[str]:
    """Creates topics and access rules that are missing; returns what was done, line by line."""
    administrator = settings.of_kafka_s_administrator()
    created = await create_topics(administrator, [each.published for each in services])
    made = await let_in(administrator, rules(services, settings))
    open_to_all = ["This Kafka checks no access: whoever reaches it may write every topic"] if made is None else []
    return [*(created or ["every topic is there"]), *map(str, made or ()), *open_to_all]


async def _provide(administrator: str, dsn: str) -> None:
    try:
        await provide(administrator, dsn)
    except Exception as error:
        error.add_note(ADMINISTRATOR)
        raise
