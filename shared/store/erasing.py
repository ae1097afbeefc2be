"""Erasing a subject: its key goes, and with it all that is personal in every event of it, in every copy of them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from shared.store.database import Also, Connection, Pool
from shared.store.folding import BEHIND, Naming, columns

Forgets = Callable[[Connection, str], Awaitable[None]]
"""Deletes what a service keeps of a subject beside events, views, mails and forms; doing it again changes nothing."""

_ERASE: Final = """with key as (delete from subject_keys where subject = $1),
    wish as (delete from erasures where subject = $1),
    snapshot as (delete from snapshots where subject = $1),
    form as (delete from kept_forms where owner::text = substr($1, strpos($1, '-') + 1)),
    mail as (update mails set due = null, error = 'erased', recipient = '', subject = '', body_text = '',
        body_html = '', headers = '{}' where whose = $1 and sent_at is null)
    insert into erased_subjects (subject, erased_at, sent) values ($1, coalesce($2, clock_timestamp()), $3)
    on conflict (subject) do nothing"""

_WANT: Final = """insert into erasures (subject, transaction, position)
    select wish.subject, coalesce(e.transaction, '0'), coalesce(e.position, 0)
    from unnest($1::text[]) as wish (subject) left join events as e on e.id = $2
    where not exists (select from erased_subjects as gone where gone.subject = wish.subject)
    on conflict (subject) do nothing"""

_DUE: Final = f"""select subject from erasures as wish
    where not exists (select from holds as h where h.subject = wish.subject)
    and not exists ({BEHIND.format("$1", "$2", "$3", at="wish")})
    and (wanted_at < clock_timestamp() - interval '10 minutes' or not exists (select from mails as m
        where m.whose = wish.subject and m.due is not null and m.queued_at <= wish.wanted_at))
    order by wanted_at limit 50 for update skip locked"""  # noqa: S608 - of our own constant


async def is_held(connection: Connection | Pool, subject: str) -> bool:
    """Whether a legal hold keeps the subject from being erased."""
    return bool(await connection.fetchval("select exists (select from holds where subject = $1)", subject))


_HOLD_KEY: Final = "select from subject_keys where subject = $1 for key share"
_IS_ERASED: Final = "select exists (select from erased_subjects where subject = $1)"


def unless_erased(subject: str, also: Also) -> Also:
    """What is to be done in a command's transaction, but not for who was erased while a file was being inspected.

    Whose key is to be destroyed at this moment waits for the transaction's end.
    """

    async def guarded(connection: Connection) -> None:
        await connection.execute(_HOLD_KEY, subject)
        if not await connection.fetchval(_IS_ERASED, subject):
            await also(connection)

    return guarded


async def nothing_more(_connection: Connection, _subject: str) -> None:
    """Of a service that keeps nothing else."""


async def erase(
    connection: Connection, subject: str, at: datetime | None = None, *, told: bool = True,
    forgets: Forgets = nothing_more,
) -> None:  # fmt: skip
    """Destroys the subject's key and what waits to be sent to it. at: since when it is erased; now if not told.

    told: whether the other services know already, or are told by another one.
    """
    await connection.execute(_ERASE, subject, at, told)
    await forgets(connection, subject)


async def want_erased(connection: Connection, subjects: Sequence[str], because: object) -> None:
    """They are erased once the service's own views have seen the event that is the cause, if one of its own is."""
    await connection.execute(_WANT, list(subjects), because)


class Erasures:
    """Erases whoever is to be erased, once the mails that waited for them have left, or have not in ten minutes."""

    def __init__(self, pool: Pool, forgets: Forgets = nothing_more) -> None:
        self.pool, self._forgets = pool, forgets

    async def erase_due(self, views: Sequence[Naming]) -> list[str]:
        """Erases up to a batch of those whom nobody holds; returns them.

        views: the handlers of the service's own views.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            due = [row["subject"] for row in await connection.fetch(_DUE, *columns(views))]
            for subject in due:
                await erase(connection, subject, told=False, forgets=self._forgets)
        return due
