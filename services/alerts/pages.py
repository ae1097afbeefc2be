"""The pages of saved searches and job alerts, and the door of the unsubscribe link."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from starlette.responses import Response

from services.alerts import use_cases
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
    Unsubscribe,
    check_link,
    deleting,
    proposed_name,
    renewing,
    saving,
)
from services.alerts.projections import SEARCHES, SearchDocument, days_left, kept, live, search_key
from shared.auth import Candidate, SignedIn, Who
from shared.files.data_export import zip_response
from shared.http import RequestId
from shared.model.errors import N_, Conflict, Invalid, NotFound, Problem, Refused
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


def _status(refused: Refused) -> int:
    return 409 if isinstance(refused, Conflict) else 422


async def _search_of(kernel: Kernel, who: Who, search_id: UUID) -> SearchDocument:
    document = await kernel.views.get(SEARCHES, search_key(who.account_id, search_id))
    if document is None or document["deleted"]:
        raise NotFound.because(N_("This saved search does not exist, or is no longer there."))
    return document


def _row(document: SearchDocument, now: datetime) -> Mapping[str, Any]:
    criteria = Criteria.model_validate(document["criteria"])
    words, query = criteria.values(), criteria.query()
    return {
        **document,
        "live": live(document, now),
        "days_left": days_left(document, now),
        "words": words,
        "query": query,
    }


@router.get("")
async def saved_searches(page: Page, kernel: KernelDep, who: Candidate) -> Response:
    return await _list(page, kernel, who)


async def _list(
    page: PageContext, kernel: Kernel, who: Who, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    now = await kernel.now()
    documents = await kernel.views.prefixed(SEARCHES, search_key(who.account_id, ""))
    rows = [_row(document, now) for document in kept(documents)]
    used = sum(1 for row in rows if row["live"])
    return page.render(
        "alerts/list.html", status, rows=rows, used=used, limit=LIMIT, fields=CRITERIA, problems=problems
    )


def _criteria(page: PageContext) -> Criteria:
    """The criteria in the address, as the advanced search's button writes them there."""
    try:
        criteria = Criteria.from_items(page.request.query_params.multi_items())
    except ValidationError:
        raise Invalid.because(
            N_("These search criteria cannot be read. Go back to the search and try again.")
        ) from None
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
async def save(page: Page, kernel: KernelDep, who: Candidate, search_id: RequestId) -> Response:
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
        await kernel.execute_all(*saving(search_id, command))
    except (Conflict, Invalid) as refused:
        return _form(page, criteria, values, refused.problems, _status(refused))
    return page.redirect("/alerts", SAVED)


@router.get("/{search_id:uuid}")
async def edit(page: Page, kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    document = await _search_of(kernel, who, search_id)
    values = {
        "name": document["name"], "alert": "yes" if document["alert"] else "no",
        "email": document["email"] or who.email, "rhythm": document["rhythm"],
    }  # fmt: skip
    return _edit(page, _row(document, await kernel.now()), values)


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
async def change(page: Page, kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    row = _row(await _search_of(kernel, who, search_id), await kernel.now())
    fields = FIELDS if row["live"] else (NAME,)
    values = read(fields, await page.form())
    if problems := check(fields, values):
        return _edit(page, row, values, problems, 422)
    try:
        await kernel.execute_all(*_changes(search_id, who.account_id, values))
    except (Conflict, Invalid) as refused:
        return _edit(page, row, values, refused.problems, _status(refused))
    return page.redirect("/alerts", CHANGED)


def _changes(search_id: UUID, candidate_id: UUID, values: Mapping[str, Any]) -> Sequence[Do]:
    renamed = Do(SEARCH, search_id, RenameSearch(candidate_id=candidate_id, name=values["name"]))
    if "alert" not in values:
        return (renamed,)
    if values["alert"] == "yes":
        command = EnableAlert(candidate_id=candidate_id, email=values["email"], rhythm=values["rhythm"])
        return renamed, Do(SEARCH, search_id, command)
    return renamed, Do(SEARCH, search_id, DisableAlert(candidate_id=candidate_id))


@router.post("/{search_id:uuid}/alert")
async def switch(page: Page, kernel: KernelDep, who: Candidate, search_id: UUID) -> Response:
    """One click on the list: on with the address it had, else the account's; or off."""
    document, form = await _search_of(kernel, who, search_id), await page.form()
    if action(form) != "on":
        await kernel.execute(SEARCH, search_id, DisableAlert(candidate_id=who.account_id))
        return page.redirect("/alerts", ALERT_OFF)
    address, rhythm = document["email"] or who.email, document["rhythm"]
    command = EnableAlert.model_validate({"candidate_id": who.account_id, "email": address, "rhythm": rhythm})
    try:
        await kernel.execute(SEARCH, search_id, command)
    except Conflict as refused:
        return await _list(page, kernel, who, refused.problems, 409)
    return page.redirect("/alerts", ALERT_ON)


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


@router.get("/unsubscribe/{search_id:uuid}/{token}")
async def ask_to_unsubscribe(page: Page, kernel: KernelDep, search_id: UUID, token: str) -> Response:
    """Reading changes nothing: mail programs and scanners follow links by themselves."""
    name, action = await _named(kernel, search_id, token), f"/alerts/unsubscribe/{search_id}/{token}"
    return page.render("alerts/unsubscribe.html", 200, name=name, action=action, done=False)


async def _named(kernel: Kernel, search_id: UUID, token: str) -> str:
    """What the search is called, for whoever holds its link."""
    search = await kernel.state(SEARCH, search_id)
    check_link(token, search)
    return search.name


@router.post("/unsubscribe/{search_id:uuid}/{token}")
async def unsubscribe(page: Page, kernel: KernelDep, search_id: UUID, token: str) -> Response:
    """RFC 8058: whoever holds the link may, without cookies and without a form's token; the answer is no redirect."""
    await kernel.execute(SEARCH, search_id, Unsubscribe(token=token))
    name = await _named(kernel, search_id, token)
    return page.render("alerts/unsubscribe.html", 200, name=name, action="", done=True)


@router.get("/my-data")
async def my_data(kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return zip_response("alerts", who.user_code, use_cases.my_data(kernel, who))
