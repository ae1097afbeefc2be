"""The posting of a vacancy in a browser: data, which the policy against inline scripts leaves alone."""

from playwright.async_api import Browser

from tests.browser.person import Watch
from tests.platform import Kit
from tests.vacancies.doors import publish

LISTEN = "document.addEventListener('securitypolicyviolation', e => console.error('refused: ' + e.violatedDirective))"
READ = "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)"


async def test_a_posting_is_read_and_the_content_security_policy_has_nothing_against_it(
    platform: Kit, address: str, browser: Browser
) -> None:
    notice, vacancy, _ = await publish(platform, title="Cartographer </script> of the <b>deep</b>")
    page = await browser.new_page()
    await page.add_init_script(LISTEN)
    watch = Watch(page, address)
    await page.goto(f"{address}/vacancies/{vacancy['id']}")
    posting = await page.evaluate(READ)
    assert (posting["@type"], posting["title"]) == ("JobPosting", notice["title"])
    watch.assert_nothing_unusual()
    await page.close()
