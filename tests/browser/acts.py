"""What is done on a page before it is looked at: a form sent as it comes or filled in, and what leads to a refusal."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from playwright.async_api import Page, expect

from tests.browser.page_states import PageState
from tests.profile.cv.test_samples import SAMPLES

Act = Callable[[Page], Awaitable[None]]

FORM: Final = "main form:not([role=search])"
WITH_FIELDS: Final = f"{FORM}:has(.govuk-form-group)"
SEND: Final = "button.govuk-button[type=submit]"
SUMMARY: Final = "[data-error-summary]"

EMPTY: Final = """form => form.querySelectorAll('input[type=text], input[type=email], input:not([type]), textarea')
    .forEach(control => { control.value = ''; })"""
FILL: Final = """() => {
    const kinds = {email: 'anna@example.org', tel: '+33 1 23 45 67 89', password: 'seven quiet herons at dawn'};
    const text = 'Spécialiste hors classe des questions humanitaires et de la coordination';
    for (const form of document.querySelectorAll('main form:not([role=search]):not([data-autosave])'))
        for (const control of form.elements) {
            if (control.type === 'radio' || control.type === 'checkbox') control.checked = true;
            else if (control.tagName === 'SELECT') control.selectedIndex = control.options.length - 1;
            else if (control.matches('input:not([type=hidden]):not([type=file]), textarea')) {
                control.value = control.value || kinds[control.type] || text;
                control.dispatchEvent(new Event('input', {bubbles: true}));
            }
            control.dispatchEvent(new Event('change', {bubbles: true}));
        }
}"""
"""Something in every field that is empty; forms that save themselves are filled from what was saved."""


async def act(page: Page, page_state: PageState) -> None:
    if page_state.name in BY_NAME:
        await BY_NAME[page_state.name](page)
    elif page_state.state == "errors":
        await _send(page)
    elif page_state.state == "filled":
        await page.evaluate(FILL)
    if page_state.state == "errors":
        await expect(page.locator(SUMMARY)).to_be_visible()


async def _send(page: Page) -> None:
    """Sends the page's form, one with fields if there is one, with nothing in it, unless it says what is wrong."""
    if not await page.locator(SUMMARY).count():
        form = page.locator(WITH_FIELDS if await page.locator(WITH_FIELDS).count() else FORM).first
        await form.evaluate(EMPTY)
        await form.locator(SEND).first.click()


def with_hidden(name: str, value: str) -> Act:
    """The form is sent with another value in this hidden field."""

    async def acted(page: Page) -> None:
        await page.locator(f"{WITH_FIELDS} [name={name}]").first.evaluate(
            "(field, value) => { field.value = value; }", value
        )
        await _leave(page)

    return acted


def in_another_window(field: str) -> Act:
    """Something else was typed here than in the window that has saved meanwhile."""

    async def acted(page: Page) -> None:
        await page.locator(f"{WITH_FIELDS} [name={field}]").first.fill("Geneva")
        await with_hidden("_version", "0")(page)

    return acted


async def _leave(page: Page) -> None:
    async with page.expect_navigation():
        await page.locator(f"{FORM} {SEND}").first.click()


async def _leaves_unless_done(page: Page) -> None:
    """In another language it was done already, and the page says so."""
    if await page.locator(f"{FORM} {SEND}").count():
        await _leave(page)


async def _asks_to_be_reminded(page: Page) -> None:
    await page.locator("[name=email]").fill("nobody@example.org")
    await _leave(page)


async def _sends_two_megabytes(page: Page) -> None:
    await page.locator("[name=email]").evaluate("field => { field.value = 'x'.repeat(2100000); }")
    await _leave(page)


async def _guesses(page: Page) -> None:
    await page.locator("[name=login]").fill("anna@example.org")
    await page.locator("[name=password]").fill("not her password at all")
    await _leave(page)


def uploads(name: str) -> Act:
    """A CV of the tests is read."""

    async def acted(page: Page) -> None:
        await page.locator("[name=file]").set_input_files(SAMPLES / name)
        await _leave(page)

    return acted


BY_NAME: Final[Mapping[str, Act]] = {
    "reminded": _asks_to_be_reminded,
    "unsubscribed": _leaves_unless_done,
    "proposed": uploads("europass-passport.xml"),
    "proposed-again": uploads("resume.json"),
    "409-profile-in-two-windows": in_another_window("birth_place"),
    "403-forged": with_hidden("_token", "forged"),
    "409-somebody-else": with_hidden("_for", "0191d2d4-0000-7000-8000-000000000001"),
    "409-two-windows": in_another_window("letter"),
    "409-entry-in-two-windows": in_another_window("title"),
    "413-too-large": _sends_two_megabytes,
    "429-crowded": _guesses,
}
