"""The way in as pages: register, prove the address, log in and out, and get back in."""

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from starlette.datastructures import FormData
from starlette.responses import Response

from services.identity.domain.registration import EMAIL, FIELDS, LOGIN
from services.identity.domain.secrets import BOUND
from services.identity.pages import mailed
from services.identity.use_cases import leaving, logging_in, recovery, registering, sessions
from services.identity.use_cases.logging_in import Pending
from services.identity.use_cases.sessions import Browser
from shared.http import RequestId
from shared.http.networks import Network
from shared.http.problems import status_of
from shared.model.errors import N_, Conflict, Invalid, Problem, Refused, TooMany, Unauthenticated, refuse_if
from shared.processing.mail import given_up
from shared.runtime.kernel import KernelDep
from shared.vocabulary.fields import REQUIRED, Field, excess
from shared.web import Page, PageContext, pages_router
from shared.web.forms import as_typed, read, text
from shared.web.page import LONGEST_NEXT

router = pages_router()

HOME = "/careers"
CODE = Field(
    "code",
    N_("Code from the e-mail"),
    required=True,
    hint=N_("Eight digits, like 1234 5678"),
    autocomplete="one-time-code",
)

Token = Annotated[str, Query(max_length=LONGEST_NEXT)]
Registration = Annotated[UUID | None, Query()]


@router.get("/identity/register")
async def registration_form(page: Page) -> Response:
    return _registration(page, {"language": page.language})


@router.post("/identity/register")
async def register(page: Page, kernel: KernelDep, request_id: RequestId, network: Network) -> Response:
    form = await page.form()
    values = read(FIELDS, form)
    try:
        refuse_if(excess(FIELDS, values))
        account_id = registering.account_for(request_id, values)
        await registering.register(kernel, account_id, values, password(form), network, wanted=page.wanted)
    except (Invalid, TooMany) as refusal:
        return _registration(page, values, refusal)
    response = page.redirect(_waiting(page, account_id))
    mailed.remember(page, response, account_id, str(values["email"]))
    return response


def _waiting(page: PageContext, registration: UUID) -> str:
    return page.onward("/identity/verify?" + urlencode({"registration": registration}))


def _registration(page: PageContext, values: dict[str, Any], refusal: Refused | None = None) -> Response:
    context = {"declared": FIELDS, "values": values, "problems": refusal.problems if refusal else ()}
    return page.render("identity/register.html", status_of(refusal) if refusal else 200, **context)


@router.get("/identity/verify")
async def code_form(page: Page, kernel: KernelDep, registration: Registration = None) -> Response:
    """A code that has been used says so before anybody looks for it in the mailbox."""
    if await registering.is_proven(kernel, registration):
        return _code(page, registration, (Problem("code", registering.USED_CODE),), 410)
    return _code(page, registration, undelivered=bool(await given_up(kernel.pool, registration)))


@router.post("/identity/verify")
async def verify(page: Page, kernel: KernelDep, registration: Registration = None) -> Response:
    form = await page.form()
    if missing := unfilled(form, ("code", CODE.label)):
        return _code(page, registration, missing)
    if registration is None:
        return _code(page, None, (Problem("code", registering.WRONG_CODE),))
    try:
        proven = await registering.verify(kernel, registration, text(form, "code"))
    except (Invalid, Conflict) as refusal:
        return _code(page, registration, refusal.problems, status_of(refusal))
    message = N_("Your address is confirmed. Your user ID is %(user_code)s: we have e-mailed it to you. Now log in")
    page.wanted = page.wanted or proven.wanted
    return page.redirect(page.onward("/identity/login"), message, user_code=proven.user_code)


@router.post("/identity/verify/again")
async def another_code(page: Page, kernel: KernelDep, network: Network, registration: Registration = None) -> Response:
    await page.form()
    if registration is None:
        return page.redirect(page.onward("/identity/register"))
    try:
        await registering.send_another_code(kernel, registration, network)
    except TooMany as refusal:
        return _code(page, registration, refusal.problems, status_of(refusal))
    message = N_("If the registration still waits for its code, another is on its way. Earlier codes no longer work")
    return page.redirect(_waiting(page, registration), message)


def _code(
    page: PageContext,
    registration: UUID | None,
    problems: tuple[Problem, ...] = (),
    status: int = 422,
    *,
    undelivered: bool = False,
) -> Response:
    used = any(problem.message == registering.USED_CODE for problem in problems)
    context = {
        "code": CODE,
        "registration": registration,
        "address": mailed.mailed_to(page, registration),
        "problems": of_controls(problems, *() if used else ("code",)),
        "used": used,
        "undelivered": undelivered,
    }
    return page.render("identity/verify.html", status if problems else 200, **context)


@router.get("/identity/login")
async def login_form(page: Page) -> Response:
    return page.redirect(page.wanted or HOME) if page.who else _login(page, "")


@router.post("/identity/login")
async def log_in(page: Page, kernel: KernelDep, network: Network) -> Response:
    form = await page.form()
    login = text(form, "login")
    if missing := unfilled(form, ("login", LOGIN.label), ("password", N_("Password"))):
        return _login(page, login, missing)
    try:
        began = await logging_in.log_in(kernel, login, password(form), network, Browser.of(page.request))
    except (Unauthenticated, TooMany) as refusal:
        return _login(page, login, refusal.problems, 429 if isinstance(refusal, TooMany) else 422)
    if isinstance(began, Pending):
        response = page.redirect(page.onward("/identity/login/second"))
        logging_in.await_here(response, began)
        return response
    sessions.ended(page.request, began.replaced)
    response = page.redirect(page.wanted or HOME)
    sessions.give(response, began.token)
    return response


def _login(page: PageContext, login: str, problems: tuple[Problem, ...] = (), status: int = 422) -> Response:
    context = {"login": LOGIN, "values": {"login": login}, "problems": problems}
    return page.render("identity/login.html", status if problems else 200, **context)


@router.post("/identity/logout")
async def log_out(page: Page, kernel: KernelDep) -> Response:
    await page.form()
    if page.who and page.who.session_id:
        await sessions.end(kernel, page.who.session_id, "logout")
        sessions.ended(page.request, page.who.session_id)
    response = page.redirect("/", N_("You are logged out"))
    leaving.forget(response)
    return response


@router.get("/identity/forgotten")
async def forgotten(page: Page) -> Response:
    return page.render("identity/forgotten.html")


@router.get("/identity/forgotten/user-code")
async def user_code_form(page: Page) -> Response:
    return _forgotten(page, "user_code", EMAIL, "")


@router.post("/identity/forgotten/user-code")
async def remind_of_user_code(page: Page, kernel: KernelDep, network: Network) -> Response:
    email = read((EMAIL,), await page.form())["email"]
    try:
        await recovery.remind_of_user_code(kernel, email, network)
    except (Invalid, TooMany) as refusal:
        return _forgotten(page, "user_code", EMAIL, email, refusal)
    return page.render("identity/reminded.html", kind="user_code")


@router.get("/identity/forgotten/password")
async def password_form(page: Page) -> Response:
    return _forgotten(page, "password", LOGIN, "")


@router.post("/identity/forgotten/password")
async def send_reset_link(page: Page, kernel: KernelDep, network: Network) -> Response:
    login = read((LOGIN,), await page.form())["login"]
    try:
        await recovery.send_reset_link(kernel, login, network)
    except (Invalid, TooMany) as refusal:
        return _forgotten(page, "password", LOGIN, login, refusal)
    return page.render("identity/reminded.html", kind="password")


def _forgotten(page: PageContext, kind: str, field: Field, typed: str, refusal: Refused | None = None) -> Response:
    context = {"field": field, "values": {field.name: typed}, "problems": refusal.problems if refusal else ()}
    return page.render(f"identity/forgotten_{kind}.html", status_of(refusal) if refusal else 200, **context)


@router.get("/identity/reset")
async def new_password_form(page: Page, kernel: KernelDep, token: Token = "") -> Response:
    """A link that has been used, or is over, says so before anybody thinks up a password."""
    if await recovery.is_alive(kernel, token):
        return page.render("identity/reset.html", token=token, void=False)
    return page.render("identity/reset.html", 410, token="", problems=(Problem("", recovery.DEAD_LINK),), void=True)


@router.post("/identity/reset")
async def reset_password(page: Page, kernel: KernelDep) -> Response:
    form = await page.form()
    token = text(form, "token", LONGEST_NEXT)
    try:
        sessions_ended = await recovery.reset_password(kernel, token, password(form))
    except Invalid as refusal:
        problems = of_controls(refusal.problems, "password")
        void = all(not problem.field for problem in problems)
        return page.render("identity/reset.html", 422, token=token, problems=problems, void=void)
    sessions.ended(page.request, *sessions_ended)
    return page.redirect("/identity/login", N_("Your new password is set. Log in with it"))


def of_controls(problems: Iterable[Problem], *shown: str) -> tuple[Problem, ...]:
    """Problems of fields that nobody sees (a token, what a script brought) are said without one."""
    return tuple(problem if problem.field in shown else Problem("", *problem[1:]) for problem in problems)


def unfilled(form: FormData, *asked: tuple[str, str]) -> tuple[Problem, ...]:
    """What was asked for and not given, by the names and labels of the controls."""
    return tuple(Problem(name, REQUIRED, {"label": label}) for name, label in asked if not password(form, name).strip())


def password(form: FormData, name: str = "password") -> str:
    """As typed, as far as it is looked at: blanks belong to a password."""
    return as_typed(form, name)[:BOUND]
