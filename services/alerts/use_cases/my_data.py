"""What alerts holds about a candidate."""

from collections.abc import AsyncIterator

from services.alerts.projections import SEARCHES, SECRETS, kept, search_key
from shared.auth import Who
from shared.files.data_export import Part, as_json
from shared.runtime.kernel import Kernel


async def my_data(kernel: Kernel, who: Who) -> AsyncIterator[Part]:
    """What alerts holds about a candidate: the saved searches, without the secrets of their unsubscribe links."""
    documents = await kernel.views.prefixed(SEARCHES, search_key(who.account_id, ""))
    searches = [{name: value for name, value in each.items() if name not in SECRETS} for each in kept(documents)]
    yield "searches.json", as_json(searches)
