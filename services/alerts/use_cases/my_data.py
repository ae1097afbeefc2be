"""What alerts holds about a candidate."""

from collections.abc import AsyncIterator

from services.alerts.events import MailKind
from services.alerts.projections import OPENINGS, SEARCHES, SECRETS, kept, search_key
from services.alerts.use_cases import preferences
from shared.auth import Who
from shared.files.data_export import Part, as_json
from shared.runtime.kernel import Kernel


async def my_data(kernel: Kernel, who: Who) -> AsyncIterator[Part]:
    """Saved searches, without the secrets of unsubscribe links; what else there is: saved job openings, mails."""
    documents = await kernel.views.prefixed(SEARCHES, search_key(who.account_id, ""))
    searches = [{name: value for name, value in each.items() if name not in SECRETS} for each in kept(documents)]
    yield "searches.json", as_json(searches)
    if openings := await kernel.views.get(OPENINGS, who.account_id):
        yield "openings.json", as_json(openings["openings"])
    wanted = await preferences.wanted(kernel, who)
    if len(wanted) < len(MailKind):
        yield "mails.json", as_json({kind.value: kind in wanted for kind in MailKind})
