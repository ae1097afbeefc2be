"""What programs look for at a fixed address: what they may read, which pages there are, whom to tell of a weakness."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final

from starlette.responses import PlainTextResponse, Response

from services.careers.pages.helping import TITLES
from shared.ops.settings import Settings
from shared.runtime.kernel import KernelDep
from shared.web import pages_router
from shared.web.sitemaps import Address, urlset

router = pages_router()

GOOD_FOR: Final = timedelta(days=180)
"""RFC 9116 wants less than a year."""


PAGES: Final = (
    "/", "/help", *(f"/help/{topic}" for topic in TITLES), "/vacancies", "/identity/register", "/privacy", "/terms",
    "/cookies", "/accessibility",
)  # fmt: skip
"""Those that everybody may find; job openings have sitemaps of their own."""

PERSONAL: Final = (
    "/careers", "/applications", "/profile", "/alerts", "/support", "/identity",
)  # fmt: skip
"""Below these, everything is somebody's own, or a form that is of no use in a list of results."""

OPEN: Final = ("/identity/register",)
"""What may be read all the same."""


@router.get("/robots.txt")
async def robots(kernel: KernelDep) -> Response:
    return PlainTextResponse("\n".join((*_robots(kernel.settings.public_url), "")))


@router.get("/sitemap-pages.xml")
async def sitemap(kernel: KernelDep) -> Response:
    """The pages that are always there; /sitemap.xml, the job openings', leads to it."""
    site = kernel.settings.public_url
    return urlset(Address(f"{site}{path}") for path in PAGES)


def _robots(site: str) -> Iterator[str]:
    """RFC 9309. The longest rule that fits a path has its say."""
    yield "User-agent: *"
    yield from (f"Allow: {path}" for path in OPEN)
    yield from (f"Disallow: {path}" for path in PERSONAL)
    yield "Disallow: /vacancies/api/"
    yield f"Sitemap: {site}/sitemap.xml"


@router.get("/.well-known/security.txt")
async def whom_to_tell(kernel: KernelDep) -> Response:
    return PlainTextResponse(security_txt(kernel.settings, await kernel.now()))


def security_txt(settings: Settings, now: datetime) -> str:
    """RFC 9116. Its web addresses begin with https:, so that a site without TLS names no canonical one."""
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    expires = (now + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.security_contact or f'mailto:security@{domain}'}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, fr",
    ]
    if settings.public_url.startswith("https://"):
        lines.append(f"Canonical: {settings.public_url}/.well-known/security.txt")
    return "\n".join(lines) + "\n"
