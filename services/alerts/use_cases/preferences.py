"""Which mails a candidate receives: chosen by themselves, or ended by a mail's link."""

from collections.abc import Collection
from uuid import UUID

from services.alerts.domain import MAILING, NO_LINK, ChooseMails, StopMails, check_token
from services.alerts.events import MailKind
from services.alerts.projections import MAILS
from shared.auth import Who
from shared.model.errors import NotFound
from shared.runtime.kernel import Kernel


async def wanted(kernel: Kernel, who: Who) -> list[MailKind]:
    """The kinds that are on."""
    document = await kernel.current(MAILS, MAILING, who.account_id)
    off = document["off"] if document else []
    return [kind for kind in MailKind if kind.value not in off]


async def choose(kernel: Kernel, who: Who, kinds: Collection[MailKind]) -> None:
    """These are on from now on, the others off."""
    chosen = ChooseMails(candidate_id=who.account_id, kinds=frozenset(kinds))
    await kernel.execute(MAILING, who.account_id, chosen)


def kind_named(text: str) -> MailKind:
    """Raises NotFound."""
    if text not in set(MailKind):
        raise NotFound.because(NO_LINK)
    return MailKind.of(text)


async def is_stopped(kernel: Kernel, kind: MailKind, candidate_id: UUID, token: str) -> bool:
    """Whether mails of this kind are off already. Raises NotFound unless the token is that of the mails' links."""
    mailing = await kernel.state(MAILING, candidate_id)
    check_token(token, mailing.token)
    return kind in mailing.off


async def stop(kernel: Kernel, kind: MailKind, candidate_id: UUID, token: str) -> None:
    """Whoever holds the link of a mail may. Raises NotFound."""
    stopping = StopMails(candidate_id=candidate_id, kind=kind, token=token)
    await kernel.execute(MAILING, candidate_id, stopping)
