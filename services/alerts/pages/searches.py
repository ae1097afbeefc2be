"""The pages of saved searches and job alerts, for their owner."""

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.responses import Response

from services.alerts.domain import (
    FIELDS,
    LIMIT,
    NAME,
    SEARCH,
    DeleteSearch,
    DisableAlert,
    EnableAlert,
    RenameSearch,
    RenewSearch,
    SaveSearch,
    deleting,
    proposed_name,
    renewing,
)
from services.alerts.projections import SEARCHES, SearchDocument, kept, search_key
from services.alerts.use_cases import alerting, recipients
from services.alerts.use_cases.my_data import my_data as held
from services.alerts.use_cases.showing import Shown, shown
from shared.auth import Candidate, SignedIn, Who
from shared.files.data_export import zip_response
from shared.http import RequestId
from shared.http.networks import Network
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict, Invalid, NotFound, Problem, TooMany
from shared.model.reaction import Do
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import check
from shared.vocabulary.search import CRITERIA, Criteria
from shared.web import Page, PageContext, pages_router
from shared.web.forms import action, read

router = pages_router(prefix="/alerts")

SAVED = N_("Your search has been saved.")
CHANGED = N_("Your saved search has been changed.")
RENEWED = N_("Your saved search is valid for another 365 days.")
DELETED = N_("Your saved search has been deleted.")
ALERT_ON = N_("You will receive notifications for this search.")
ALERT_OFF = N_("You will receive no more notifications for this search.")

ASKED = N_("Notifications begin when somebody has followed the link that we send to %(email)s.")
ASKED_AGAIN = N_("Unless several have gone there lately, another link is on its way to %(email)s.")
CONFIRMED = N_("%(email)s is confirmed: notifications go there.")


async def _search_of(kernel: Kernel, who: Who, search_id: UUID) -> SearchDocument:
    document = await kernel.views.get(SEARCHES, search_key(who.account_id, search_id))
    if document is None or document["deleted"]:
        raise NotFound.because(N_("This saved search does not exist, or no longer exists."))
    return document


async def _rows(kernel: Kernel, *documents: SearchDocument) -> list[Mapping[str, Any]]:
    return [_row(each) for each in await shown(kernel, *documents)]


def _row(search: Shown) -> Mapping[str, Any]:
    criteria = Criteria.model_validate(search["criteria"])
    return {**search, "words": criteria.values(), "query": criteria.query()}


@router.get("")
async def saved_searches(page: Page, kernel: KernelDep, who: Candidate) -> Response:
    return await _list(page, kernel, who)


async def _list(
    page: PageContext, kernel: Kernel, who: Who, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    rows = await _rows(kernel, *kept(await kernel.views.prefixed(SEARCHES, search_key(who.account_id, ""))))
    used = sum(1 for row in rows if row["live"])
    return page.render(
        "alerts/list.html", status, rows=rows, used=used, limit=LIMIT, fields=CRITERIA, problems=problems
    )


def _criteria(page: PageContext) -> Criteria:
    """The criteria in the address, as the advanced search's button writes them there."""
    try:
        criteria = Criteria.from_items(page.request.query_params.multi_items())
    except ValidationError:
        raise Invalid.because(N_("These search criteria are not valid. Go back to the search and try again.")) from None
    if problems := criteria.problems():
        raise Invalid(*problems)
    return criteria


@router.get("/new")
async def new(page: Page, who: Candidate) -> Response:
    criteria = _criteria(page)
    alert = page.request.query_params.get("alert", "")
    return _form(page, criteria, _usual(page, who, criteria) | {"alert": alert})


def _usual(page: PageContext, who: Who, criteria: Criteria) -> dict[str, Any]:
    """A daily alert to the account's address, named after what it looks for."""
    name = proposed_name(criteria, page.language, page.texts)
    return {"name": name, "alert": "yes", "email": who.email, "rhythm": "daily"}


def _form(
    page: PageContext,
    criteria: Criteria,
    values: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    return page.render(
        "alerts/new.html", status, criteria=CRITERIA, asked=criteria.values(), query=criteria.query(), fields=FIELDS,
        values=values, limit=LIMIT, problems=problems,
    )  # fmt: skip


@router.post("/new")
async def save(page: Page, kernel: KernelDep, who: Candidate, search_id: RequestId, network: Network) -> Response:
    """With one press on the search's page, as usual; else as the form says."""
    criteria, form = _criteria(page), await page.form()
    values = _usual(page, who, criteria) if action(form) == "alert" else read(FIELDS, form)
    if problems := check(FIELDS, values):
        return _form(page, criteria, values, problems, 422)
    command = SaveSearch(
        candidate_id=who.account_id, name=values["name"], criteria=criteria, alert=values["alert"] == "yes",
        email=values["email"], rhythm=values["rhythm"] or "daily", language=page.language, token=token_urlsafe(24),
    )  # fmt: skip
    try:
        asked = await alerting.save(kernel, who, search_id, command, network)
    except (Conflict, Invalid, TooMany) as refused:
        return _form(page, criteria, values, refused.problems, status_of(refused))
    return page.redirect("/alerts", ASKED if asked else SAVED, email=values["email"])


@router.get("/{search_id:uuid}")
async def edit(page: Page, kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    document = await _search_of(kernel, who, search_id)
    values = {
        "name": document["name"], "alert": "yes" if document["alert"] else "no",
        "email": document["email"] or who.email, "rhythm": document["rhythm"],
    }  # fmt: skip
    return _edit(page, (await _rows(kernel, document))[0], values)


def _edit(
    page: PageContext,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    fields = FIELDS if row["live"] else (NAME,)
    return page.render(
        "alerts/edit.html", status, row=row, criteria=CRITERIA, fields=fields, values=values, problems=problems
    )


@router.post("/{search_id:uuid}")
async def change(  # noqa: PLR0917 - what the kernel gives a door
    page: Page, kernel: KernelDep, who: Candidate, search_id: UUID, request_id: RequestId, network: Network
) -> Response:
    (row,) = await _rows(kernel, await _search_of(kernel, who, search_id))
    fields = FIELDS if row["live"] else (NAME,)
    values = read(fields, await page.form())
    if problems := check(fields, values):
        return _edit(page, row, values, problems, 422)
    try:
        awaits = await _change(kernel, who, search_id, values, request_id=request_id, network=network)
    except (Conflict, Invalid, TooMany) as refused:
        return _edit(page, row, values, refused.problems, status_of(refused))
    return page.redirect("/alerts", ASKED if awaits else CHANGED, email=values.get("email", ""))


async def _change(
    kernel: Kernel, who: Who, search_id: UUID, values: Mapping[str, Any], *, request_id: UUID, network: str
) -> bool:
    """Whether the alert awaits a yes after it."""
    renamed = Do(SEARCH, search_id, RenameSearch(candidate_id=who.account_id, name=values["name"]))
    if values.get("alert") == "yes":
        wish = EnableAlert(
            candidate_id=who.account_id, email=values["email"], rhythm=values["rhythm"], token=token_urlsafe(24)
        )
        return await alerting.enable(kernel, who, search_id, wish, request_id, network, (renamed,))
    off = [Do(SEARCH, search_id, DisableAlert(candidate_id=who.account_id))] if "alert" in values else []
    await kernel.execute_all(renamed, *off)
    return False


@router.post("/{search_id:uuid}/alert")
async def switch(  # noqa: PLR0917 - what the kernel gives a door
    page: Page, kernel: KernelDep, who: Candidate, search_id: UUID, request_id: RequestId, network: Network
) -> Response:
    """One click on the list, or in the preferences: on with the address it had, else the account's; or off."""
    document, form = await _search_of(kernel, who, search_id), await page.form()
    if action(form) != "on":
        await kernel.execute(SEARCH, search_id, DisableAlert(candidate_id=who.account_id))
        return page.redirect(page.wanted or "/alerts", ALERT_OFF)
    address, rhythm = document["email"] or who.email, document["rhythm"]
    wish = EnableAlert.model_validate(
        {"candidate_id": who.account_id, "email": address, "rhythm": rhythm, "token": token_urlsafe(24)}
    )
    try:
        asked = await alerting.enable(kernel, who, search_id, wish, request_id, network)
    except (Conflict, TooMany) as refused:
        return await _list(page, kernel, who, refused.problems, status_of(refused))
    return page.redirect(page.wanted or "/alerts", ASKED if asked else ALERT_ON, email=address)


@router.post("/{search_id:uuid}/confirmation")
async def ask_again(  # noqa: PLR0917 - what the kernel gives a door
    page: Page, kernel: KernelDep, who: Candidate, search_id: UUID, request_id: RequestId, network: Network
) -> Response:
    """Another mail to the address that nobody has confirmed yet."""
    await page.form()
    try:
        search = await recipients.ask_again(kernel, search_id, who, request_id, network)
    except TooMany as refused:
        return await _list(page, kernel, who, refused.problems, status_of(refused))
    said = ASKED_AGAIN if search.awaits else CONFIRMED if search.alert else ALERT_OFF
    return page.redirect("/alerts", said, email=search.email)


@router.post("/{search_id:uuid}/renew")
async def renew(page: Page, kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    await page.form()
    try:
        await kernel.execute_all(*renewing(search_id, RenewSearch(candidate_id=who.account_id)))
    except Conflict as refused:
        return await _list(page, kernel, who, refused.problems, 409)
    return page.redirect("/alerts", RENEWED)


@router.get("/{search_id:uuid}/delete")
async def ask_to_delete(page: Page, kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    return page.render("alerts/delete.html", 200, search=await _search_of(kernel, who, search_id))


@router.post("/{search_id:uuid}/delete")
async def delete(page: Page, kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    await page.form()
    await kernel.execute_all(*deleting(search_id, DeleteSearch(candidate_id=who.account_id)))
    return page.redirect("/alerts", DELETED)


@router.get("/my-data")
async def my_data(kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return zip_response("alerts", who.user_code, held(kernel, who))
