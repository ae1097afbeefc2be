"""Identity's wiring."""

from services.identity import api, domain, pages, projections, reactions
from services.identity.api.operator import COMMANDS
from services.identity.domain.account import ACCOUNT, EraseAccount
from services.identity.events import PUBLISHED
from services.identity.use_cases import forgetting, second_factors, signing_keys
from shared.auth.tokens import METADATA_PATH
from shared.model.reaction import Do
from shared.ops.sealing import Resealed
from shared.runtime.declaration import Service
from shared.runtime.kernel import Kernel


async def prepare(kernel: Kernel) -> None:
    """What has to be so before the first request: keys to sign with, and secrets under the master key of today."""
    await signing_keys.prepare_keys(kernel)
    await second_factors.reseal(kernel)


async def reseal(kernel: Kernel) -> Resealed:
    """Seals anew what the master key of before has sealed."""
    return await signing_keys.reseal(kernel) + await second_factors.reseal(kernel)


SERVICE = Service(
    name="identity",
    published=PUBLISHED,
    deciders=domain.ALL,
    projections=projections.ALL,
    reactions=reactions.ALL,
    timers=reactions.TIMERS,
    routers=(*api.ROUTERS, *pages.ROUTERS),
    commands=COMMANDS,
    on_start=prepare,
    reseal=reseal,
    addresses=(METADATA_PATH,),
    on_erased={"account": lambda key: Do(ACCOUNT, key, EraseAccount())},
    forgets=forgetting.forget,
)
