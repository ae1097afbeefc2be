"""What profile holds about a candidate."""

from collections.abc import AsyncIterator

from services.profile.domain.cv import own
from services.profile.projections import PROFILE as VIEW
from shared.auth import Who
from shared.files.data_export import Part, as_json
from shared.runtime.kernel import Kernel


async def my_data(kernel: Kernel, who: Who) -> AsyncIterator[Part]:
    """The sections as they were saved last, and when, in the format that can be loaded again."""
    document = await kernel.views.get(VIEW, who.account_id)
    yield "profile.json", as_json({"format": own.FORMAT, "version": own.VERSION, **document} if document else None)
