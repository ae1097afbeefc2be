"""How somebody handles the controls of a page: with a mouse, or with nothing but the keyboard."""

from typing import Any, Final, Protocol

from playwright.async_api import FileChooser, FilePayload, Locator, Page, expect
from playwright.async_api import TimeoutError as NothingOpened

FARTHEST: Final = 400
"""So many times one presses Tab before one gives up."""
FIRST_TRY: Final = 5_000
"""Milliseconds in which a window should have opened."""

FOCUSED: Final = """() => {
    const seen = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
            && style.outlineColor !== 'rgba(0, 0, 0, 0)'
        || style.boxShadow !== 'none';
    const focused = document.activeElement, label = focused.labels?.[0];
    if (focused === document.body || focused.tagName === 'MAIN') return '';
    const visible = seen(getComputedStyle(focused)) || label && seen(getComputedStyle(label, '::before'));
    return visible ? '' : focused.outerHTML.slice(0, 200);
}"""
"""The focused element, if nothing shows that it has the focus; the page itself needs no mark."""

WAY: Final = """target => {
    const focused = document.activeElement;
    if (focused === target) return 'there';
    if (focused === document.body) return 'outside';
    return focused.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING ? 'back' : 'on';
}"""
MARK: Final = "document.querySelectorAll('html, #search').forEach(part => { part.dataset.left = ''; })"
ANSWERED: Final = "html:not([data-left]), #search:not([data-left])"
CHOSEN: Final = "select => select.selectedIndex"
INDEX: Final = "(select, label) => [...select.options].findIndex(option => option.text === label)"
GROUP: Final = "radio => [...radio.form.elements[radio.name]].map(each => each.checked || each === radio)"


class Driver(Protocol):
    """What every kind of hand can do with a control that is found already."""

    def __init__(self, page: Page) -> None: ...

    async def follow(self, control: Locator) -> None:
        """A link or a button that leads to another page."""

    async def press(self, control: Locator) -> None:
        """A link or a button that does something else."""

    async def write(self, control: Locator, text: str) -> None: ...

    async def pick(self, control: Locator, label: str) -> None:
        """From a select, or from the list of a lookup field; without a script a long list is typed into."""

    async def tick(self, control: Locator, wanted: bool = True) -> None:
        """A checkbox or a radio button."""

    async def attach(self, control: Locator, file: FilePayload) -> None: ...


async def is_lookup(control: Locator) -> bool:
    return await control.get_attribute("role") == "combobox"


class Mouse:
    """Clicks, and types where it has clicked."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def follow(self, control: Locator) -> None:
        await control.click()

    async def press(self, control: Locator) -> None:
        await control.click()

    async def write(self, control: Locator, text: str) -> None:
        await control.fill(text)

    async def pick(self, control: Locator, label: str) -> None:
        if not await is_lookup(control):
            listed = await control.evaluate("control => control.matches('select')")
            await (control.select_option(label=label) if listed else control.fill(label))
            return
        await control.fill(label)
        listed = self.page.get_by_role("listbox").filter(visible=True)
        await listed.get_by_role("option", name=label, exact=True).first.click()

    async def tick(self, control: Locator, wanted: bool = True) -> None:
        await control.set_checked(wanted)

    async def attach(self, control: Locator, file: FilePayload) -> None:
        await control.set_input_files(file)


class Keyboard:
    """Tab, Shift and Tab, Enter, Space, arrows and letters; wherever the focus goes, it can be seen."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, page.keyboard
        self.past_the_menu = page.locator("body > a[href='#main-content']")

    async def follow(self, control: Locator) -> None:
        """Returns on the next page, or when the search has answered in place."""
        await self._reach(control)
        await self.page.evaluate(MARK)
        await self.keys.press("Enter")
        await expect(self.page.locator(ANSWERED).first).to_be_attached()

    async def press(self, control: Locator) -> None:
        await self._reach(control)
        await self.keys.press("Enter")

    async def write(self, control: Locator, text: str) -> None:
        await self._reach(control)
        await self.keys.press("Control+A")
        await self.keys.type(text) if text else await self.keys.press("Delete")

    async def pick(self, control: Locator, label: str) -> None:
        if await is_lookup(control):
            return await self._look_up(control, label)
        await self._reach(control)
        steps = await control.evaluate(INDEX, label) - await control.evaluate(CHOSEN)
        for _ in range(abs(steps)):
            await self.keys.press("ArrowDown" if steps > 0 else "ArrowUp")
        return None

    async def _look_up(self, control: Locator, label: str) -> None:
        """Types the name, goes down the list to it, takes it."""
        await self.write(control, label)
        marked = self.page.get_by_role("option", name=label, exact=True, selected=True)
        for _ in range(FARTHEST):
            await self.keys.press("ArrowDown")
            if await marked.count():
                break
        await self.keys.press("Enter")
        await expect(control).to_have_value(label)

    async def tick(self, control: Locator, wanted: bool = True) -> None:
        if await control.is_checked() == wanted:
            return
        if await control.get_attribute("type") == "radio":
            await self._choose(control)
        else:
            await self._reach(control)
            await self.keys.press("Space")
        await expect(control).to_be_checked(checked=wanted)

    async def _choose(self, radio: Locator) -> None:
        """Tab leads into the group, the arrows choose in it."""
        name = await radio.get_attribute("name")
        group = self.page.locator(f'input[type=radio][name="{name}"]')
        chosen = group.and_(self.page.locator(":checked"))
        await self._reach(chosen if await chosen.count() else group.first)
        if not await chosen.count():
            await self.keys.press("Space")
        for _ in range(await group.count()):
            if await radio.is_checked():
                return
            await self.keys.press("ArrowDown")

    async def attach(self, control: Locator, file: FilePayload) -> None:
        """Presses once more if no window has opened, as somebody would who sees none."""
        await self._reach(control)
        try:
            chooser = await self._opened("Enter", FIRST_TRY)
        except NothingOpened:
            chooser = await self._opened("Space", 3 * FIRST_TRY)
        await chooser.set_files(file)

    async def _opened(self, key: str, patience: int) -> FileChooser:
        async with self.page.expect_file_chooser(timeout=patience) as opening:
            await self.keys.press(key)
        return await opening.value

    async def _reach(self, control: Locator) -> None:
        await control.wait_for(state="attached")
        target = await control.element_handle()
        for _ in range(FARTHEST):
            way = await self.page.evaluate(WAY, target)
            if way == "there":
                return
            await self._step(target, way)
            unseen = await self.page.evaluate(FOCUSED)
            assert not unseen, f"nothing shows the focus on {unseen}"
        raise AssertionError(f"Tab does not lead to {control}")

    async def _step(self, target: Any, way: str) -> None:
        await self.keys.press("Shift+Tab" if way == "back" else "Tab")
        if way == "outside" and await target.evaluate("element => !!element.closest('main')"):
            await expect(self.past_the_menu).to_be_focused()
            await self.keys.press("Enter")
            await expect(self.page.locator("main")).to_be_focused()
