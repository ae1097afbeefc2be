"""What both doors of profile do beyond one command or one view."""

from collections.abc import AsyncIterator

from services.profile.projections import PROFILE as VIEW
from shared.auth import Who
from shared.files.data_export import Part, as_json
from shared.runtime.kernel import Kernel


async def my_data(kernel: Kernel, who: Who) -> AsyncIterator[Part]:
    """What profile holds about a candidate: the sections as they were saved last, and when."""
    yield "profile.json", as_json(await kernel.views.get(VIEW, who.account_id))
