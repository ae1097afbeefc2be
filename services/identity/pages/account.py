""" "My account" as pages: the sessions that go on, another password, another address, and the account's end."""

from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from services.identity.domain.account import ACCOUNT
from services.identity.pages.entrance import CODE, password, unfilled
from services.identity.pages.mailed import hidden_in_part
from services.identity.use_cases import leaving, my_account, sessions
from services.identity.use_cases.sessions import Browser
from shared.auth import SignedIn, Who
from shared.http.networks import Network
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict, Invalid, NotFound, Problem, TooMany
from shared.processing.mail import given_up
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Field
from shared.web import Page, PageContext, pages_router
from shared.web.forms import read, text

router = pages_router()

HERE = "/identity/account"
EMAIL = Field(
    "email",
    N_("New e-mail address"),
    "email",
    required=True,
    hint=N_("A private address that will stay valid. We send a code to it"),
    autocomplete="email",
)


CURRENT = (my_account.PASSWORD, N_("Your current password"))


@router.get(HERE)
async def show(page: Page, who: SignedIn, kernel: KernelDep) -> Response:
    account = await kernel.state(ACCOUNT, who.account_id)
    return page.render("identity/account.html", account=account, sessions=await sessions.live(kernel, who))


@router.post(HERE + "/sessions")
async def end_session(page: Page, who: SignedIn, kernel: KernelDep) -> Response:
    """One of them, or all but this one."""
    chosen = text(await page.form(), "session")
    if chosen == "others":
        over = await sessions.end_others(kernel, who)
    else:
        over = [_session(chosen)]
        await sessions.end_one(kernel, who, over[0])
    sessions.ended(page.request, *over)
    return page.redirect(HERE, N_("Sessions ended: %(number)s"), number=len(over))


def _session(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise NotFound.because(N_("This session does not exist or has ended already")) from None


@router.get(HERE + "/password")
async def password_form(page: Page, _: SignedIn) -> Response:
    return page.render("identity/account_password.html")


@router.post(HERE + "/password")
async def change_password(page: Page, who: SignedIn, kernel: KernelDep, network: Network) -> Response:
    form = await page.form()
    if missing := unfilled(form, CURRENT, ("password", N_("New password"))):
        return page.render("identity/account_password.html", 422, problems=missing)
    try:
        await my_account.confirm(kernel, who, _current(form), network)
        began, over = await my_account.change_password(kernel, who, password(form), Browser.of(page.request))
    except (Invalid, TooMany) as refusal:
        return page.render("identity/account_password.html", status_of(refusal), problems=refusal.problems)
    sessions.ended(page.request, began.replaced, *over)
    response = page.redirect(HERE, N_("Your password is changed. All other sessions have ended"))
    sessions.give(response, began.token)
    return response


@router.get(HERE + "/email")
async def address_form(page: Page, _: SignedIn) -> Response:
    return _address(page, {})


@router.post(HERE + "/email")
async def ask_for_address(page: Page, who: SignedIn, kernel: KernelDep, network: Network) -> Response:
    form = await page.form()
    email = read((EMAIL,), form)["email"]
    if missing := unfilled(form, ("email", EMAIL.label), CURRENT):
        return _address(page, {"email": email}, missing)
    try:
        await my_account.confirm(kernel, who, _current(form), network)
        await my_account.ask_for_address(kernel, who, email, network)
    except (Invalid, TooMany) as refusal:
        return _address(page, {"email": email}, refusal.problems, status_of(refusal))
    return page.redirect(HERE + "/email/code")


def _address(
    page: PageContext, values: dict[str, Any], problems: tuple[Problem, ...] = (), status: int = 422
) -> Response:
    context = {"email": EMAIL, "values": values, "problems": problems}
    return page.render("identity/account_email.html", status if problems else 200, **context)


@router.get(HERE + "/email/code")
async def code_form(page: Page, who: SignedIn, kernel: KernelDep) -> Response:
    return await _code(page, who, kernel)


async def _code(
    page: PageContext, who: Who, kernel: Kernel, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response:
    wanted = await my_account.wanted_address(kernel, who)
    about = my_account.new_address_of(who.account_id)
    lost = (await given_up(kernel.pool, about)).get(str(about))
    context = {
        "code": CODE,
        "address": hidden_in_part(wanted) if wanted else "",
        "undelivered": bool(wanted) and lost == wanted,
        "problems": problems,
    }
    return page.render("identity/account_email_code.html", status, **context)


@router.post(HERE + "/email/code")
async def change_address(page: Page, who: SignedIn, kernel: KernelDep) -> Response:
    form = await page.form()
    if missing := unfilled(form, ("code", CODE.label)):
        return await _code(page, who, kernel, missing, 422)
    try:
        email = await my_account.change_address(kernel, who, text(form, "code"))
    except (Invalid, Conflict) as refusal:
        return await _code(page, who, kernel, refusal.problems, status_of(refusal))
    return page.redirect(HERE, N_("Your address is now %(email)s. We have told the old one"), email=email)


@router.get(HERE + "/close")
async def closing_form(page: Page, _: SignedIn) -> Response:
    return page.render("identity/account_close.html")


@router.post(HERE + "/close")
async def close_account(page: Page, who: SignedIn, kernel: KernelDep, network: Network) -> Response:
    form = await page.form()
    if missing := unfilled(form, CURRENT):
        return page.render("identity/account_close.html", 422, problems=missing)
    try:
        await my_account.confirm(kernel, who, _current(form), network)
        over = await my_account.close(kernel, who)
    except (Invalid, TooMany) as refusal:
        return page.render("identity/account_close.html", status_of(refusal), problems=refusal.problems)
    sessions.ended(page.request, *over)
    response = page.redirect("/", N_("Your account is closed"))
    leaving.forget(response)
    return response


def _current(form: FormData) -> str:
    return password(form, my_account.PASSWORD)
