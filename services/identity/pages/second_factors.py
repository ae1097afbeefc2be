"""Second factors as pages: those one has, adding an app or a passkey, recovery codes, and the login's second step."""

from typing import Annotated, Any, Final
from uuid import UUID

import segno
from fastapi import Query
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.responses import Response

from services.identity.domain.codes import NAME_LENGTH
from services.identity.pages.account import CURRENT, HERE
from services.identity.pages.entrance import HOME, of_controls, password, unfilled
from services.identity.use_cases import logging_in, my_account, second_factors, sessions
from services.identity.use_cases.logging_in import PENDING
from services.identity.use_cases.passkeys import LONGEST
from services.identity.use_cases.relying_party import NO_NAME, RelyingParty, relying_party
from services.identity.use_cases.second_factors import Added
from services.identity.use_cases.sessions import Browser
from shared.auth import SignedIn
from shared.http.networks import Network
from shared.http.problems import status_of
from shared.model.errors import N_, Invalid, NotFound, Refused, TooMany, Unauthenticated
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import Field
from shared.web import Page, PageContext, pages_router
from shared.web.forms import text

router = pages_router()

SECURITY: Final = HERE + "/security"
STEP: Final = "/identity/login/second"

APP_CODE: Final = Field(
    "code",
    N_("Code that the app shows"),
    required=True,
    hint=N_("Six digits, like 123 456"),
    autocomplete="one-time-code",
)
CODE: Final = Field(
    "code",
    N_("Code of your app, or a recovery code"),
    required=True,
    hint=N_("Six digits, like 123 456, or a recovery code, like ABCD-EFGH-JKMN-PQRS"),
    autocomplete="one-time-code",
)
NAME: Final = Field(
    "name",
    N_("Name of the passkey"),
    hint=N_("So that you recognise it later, like “My telephone”"),
    length=NAME_LENGTH,
)

Chosen = Annotated[UUID, Query()]


@router.get(SECURITY)
async def show(page: Page, who: SignedIn, kernel: KernelDep) -> Response:
    mine = await second_factors.factors_of(kernel, who.account_id)
    left = await second_factors.codes_left(kernel, who.account_id)
    return page.render("identity/security.html", factors=mine, left=left, passkeys=_party(page, kernel) is not None)


def _party(page: PageContext, kernel: Kernel) -> RelyingParty | None:
    return relying_party(kernel.settings, page.request.headers.get("host", ""))


@router.get(SECURITY + "/app")
async def app_form(page: Page, who: SignedIn, kernel: KernelDep) -> Response:
    return await _app(page, who, kernel)


async def _app(
    page: PageContext, who: SignedIn, kernel: Kernel, state: str = "", refusal: Refused | None = None
) -> Response:
    """The same picture again after a mistake: the app knows it already."""
    enrolment = await second_factors.begin_totp(kernel, who, state)
    picture = Markup(segno.make(enrolment.uri, error="m").svg_inline(scale=5, light="#fff", border=4))  # noqa: S704
    return _render(page, "security_app", refusal, enrolment=enrolment, picture=picture, code=APP_CODE)


def _render(page: PageContext, template: str, refusal: Refused | None, **context: Any) -> Response:
    problems = of_controls(refusal.problems, "code", "name", my_account.PASSWORD) if refusal else ()
    status = status_of(refusal) if refusal else 200
    return page.render(f"identity/{template}.html", status, problems=problems, **context)


@router.post(SECURITY + "/app")
async def add_app(page: Page, who: SignedIn, kernel: KernelDep, network: Network) -> Response:
    form = await page.form()
    state = text(form, "state")
    try:
        _all_filled(form, ("code", APP_CODE.label), CURRENT)
        await my_account.confirm(kernel, who, _current(form), network)
        added = await second_factors.add_totp(kernel, who, state, text(form, "code"), Browser.of(page.request))
    except (Invalid, TooMany) as refusal:
        return await _app(page, who, kernel, state, refusal)
    return _done(page, added)


def _all_filled(form: FormData, *asked: tuple[str, str]) -> None:
    if missing := unfilled(form, *asked):
        raise Invalid(*missing)


def _current(form: FormData) -> str:
    return password(form, my_account.PASSWORD)


def _done(page: PageContext, added: Added) -> Response:
    """The recovery codes are shown this once; nothing of them is in an address or a cookie."""
    sessions.ended(page.request, added.began.replaced, *added.over)
    if added.codes:
        response: Response = page.render("identity/recovery_codes.html", codes=added.codes)
    else:
        response = page.redirect(SECURITY, N_("The second factor is added. All other sessions have ended"))
    sessions.give(response, added.began.token)
    return response


@router.get(SECURITY + "/passkey")
async def passkey_form(page: Page, who: SignedIn, kernel: KernelDep) -> Response:
    return await _passkey(page, who, kernel, {})


async def _passkey(
    page: PageContext, who: SignedIn, kernel: Kernel, values: dict[str, str], refusal: Refused | None = None
) -> Response:
    options, state = await second_factors.begin_passkey(kernel, who, _named_party(page, kernel))
    return _render(page, "security_passkey", refusal, options=options, state=state, name=NAME, values=values)


def _named_party(page: PageContext, kernel: Kernel) -> RelyingParty:
    if party := _party(page, kernel):
        return party
    raise NotFound.because(NO_NAME)


@router.post(SECURITY + "/passkey")
async def add_passkey(page: Page, who: SignedIn, kernel: KernelDep, network: Network) -> Response:
    form, party = await page.form(), _named_party(page, kernel)
    name, credential = text(form, "name"), text(form, "credential", LONGEST + 1)
    try:
        _all_filled(form, CURRENT)
        await my_account.confirm(kernel, who, _current(form), network)
        added = await second_factors.add_passkey(
            kernel,
            who,
            text(form, "state"),
            credential,
            name=name,
            party=party,
            browser=Browser.of(page.request),
        )
    except (Invalid, TooMany) as refusal:
        return await _passkey(page, who, kernel, {"name": name}, refusal)
    return _done(page, added)


@router.get(SECURITY + "/removal")
async def removal_form(page: Page, who: SignedIn, kernel: KernelDep, factor: Chosen) -> Response:
    return await _removal(page, who, kernel, factor)


async def _removal(
    page: PageContext, who: SignedIn, kernel: Kernel, chosen: UUID, refusal: Refused | None = None
) -> Response:
    mine = await second_factors.factors_of(kernel, who.account_id)
    factor = next((each for each in mine if each.factor_id == chosen), None)
    if factor is None:
        raise NotFound.because(second_factors.NO_SUCH_FACTOR)
    return _render(page, "security_removal", refusal, factor=factor, last=len(mine) == 1)


@router.post(SECURITY + "/removal")
async def remove(page: Page, who: SignedIn, kernel: KernelDep, factor: Chosen, network: Network) -> Response:
    form = await page.form()
    try:
        _all_filled(form, CURRENT)
        await my_account.confirm(kernel, who, _current(form), network)
    except (Invalid, TooMany) as refusal:
        return await _removal(page, who, kernel, factor, refusal)
    await second_factors.remove(kernel, who.account_id, [factor])
    return page.redirect(SECURITY, N_("The second factor is removed"))


@router.get(SECURITY + "/recovery-codes")
async def codes_form(page: Page, _: SignedIn) -> Response:
    return _render(page, "security_codes", None)


@router.post(SECURITY + "/recovery-codes")
async def new_codes(page: Page, who: SignedIn, kernel: KernelDep, network: Network) -> Response:
    form = await page.form()
    try:
        _all_filled(form, CURRENT)
        await my_account.confirm(kernel, who, _current(form), network)
        codes = await second_factors.new_codes(kernel, who.account_id)
    except (Invalid, TooMany) as refusal:
        return _render(page, "security_codes", refusal)
    return page.render("identity/recovery_codes.html", codes=codes)


@router.get(STEP)
async def step_form(page: Page, kernel: KernelDep) -> Response:
    return await _step(page, kernel)


async def _step(page: PageContext, kernel: Kernel, refusal: Refused | None = None) -> Response:
    awaited = await logging_in.awaited(kernel, page.request.cookies.get(PENDING, ""))
    if awaited is None:
        return page.redirect(page.onward("/identity/login"), logging_in.OVER)
    options = logging_in.passkey_options(awaited, _party(page, kernel))
    return _render(page, "login_second", refusal, code=CODE, options=options)


@router.post(STEP)
async def finish(page: Page, kernel: KernelDep, network: Network) -> Response:
    form = await page.form()
    credential = text(form, "credential", LONGEST + 1)
    try:
        if not credential:
            _all_filled(form, ("code", CODE.label))
        began = await logging_in.finish(
            kernel,
            page.request.cookies.get(PENDING, ""),
            code=text(form, "code"),
            credential=credential,
            party=_party(page, kernel),
            network=network,
            browser=Browser.of(page.request),
        )
    except (Invalid, TooMany) as refusal:
        return await _step(page, kernel, refusal)
    except Unauthenticated:
        return page.redirect(page.onward("/identity/login"), logging_in.OVER)
    sessions.ended(page.request, began.replaced)
    response = page.redirect(page.wanted or HOME)
    logging_in.forget_here(response)
    sessions.give(response, began.token)
    return response
