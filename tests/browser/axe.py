"""axe-core in a page: which rules of accessibility are broken, and where. Loaded once; only what is found leaves."""

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

FIND: Final = """options => axe.run(document, options).then(found => found.violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${rule.help} – ${node.target.join(' ')} – ${node.html.slice(0, 200)}`)))"""


async def broken_rules(page: Page, **options: Any) -> list[str]:
    """A line for each element that breaks a rule; the options are axe's own."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(FIND, {"resultTypes": ["violations"], **options})
    return found
