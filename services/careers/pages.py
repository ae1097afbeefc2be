"""The portal's home, the Careers page, the help pages, and whom to tell of a weakness."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse, Response

from services.applications.events import OFFICE, Status
from services.careers.projections import (
    OVERVIEW,
    VACANCIES,
    attention,
    careers_view,
    nothing_yet,
    places,
    vacancy_ids,
)  # fmt: skip
from shared.auth import Candidate
from shared.http.problems import TYPE
from shared.model.errors import N_, NotFound
from shared.model.setting import Setting
from shared.ops.settings import Settings
from shared.runtime.kernel import KernelDep
from shared.vocabulary.problems import EXPLANATIONS
from shared.web import Page, pages_router

router = pages_router()

ALL: Final = "all"

STATUSES: Final[Mapping[str, Status]] = {status.value: status for status in Status}
COLOURS: Final[Mapping[str, str]] = {
    Status.DRAFT: "yellow",
    Status.APPLIED: "blue",
    Status.UNDER_CONSIDERATION: "blue",
    Status.SELECTED: "green",
    Status.ROSTERED: "green",
}
"""Of a status's tag; grey where nothing is to be expected any more."""

OFFICIAL_SITE: Final = "official_site"
SETTINGS: Final = {OFFICIAL_SITE: Setting("https://careers.un.org/", "To which official site the manual refers.")}

AFFIN: Final = "https://www.facebook.com/search/groups/?q=AFFIN%20New%20York"
"""Where the group is found (R75); the guide gives its name and no address."""

HELP: Final = (
    (N_("Before you apply"), {
        "manual": N_("Manual for the applicant"),
        "register": N_("Register and log in"),
        "prepare": N_("Prepare your application offline"),
        "alerts": N_("Job alerts"),
    }),
    (N_("Your application"), {
        "sessions": N_("Sessions and saving"),
        "attachments": N_("I cannot attach one of my files. What can I do?"),
        "degrees": N_("The level proposed for my diploma is wrong. What can I do?"),
        "deadline": N_("When should I submit, and how are candidates selected?"),
    }),
    (N_("Frequently asked questions"), {
        "received": N_("I received no confirmation e-mail. How do I know that my application was received?"),
        "php": N_("Nothing happens when I press “View/Print PHP”. What can I do?"),
        "logged-out": N_("I am logged out right after logging in. What can I do?"),
        "missing": N_("My application is not on the Careers page. Where can I find it?"),
        "withdraw": N_("Can I change or withdraw an application that I have submitted?"),
        "support": N_("How to ask the Technical Support Centre"),
    }),
    (N_("For programs"), {"problems": N_("What the refusals of the API mean")}),
)  # fmt: skip
"""The help pages by their names in the address, in groups."""
TITLES: Final = {name: title for _, topics in HELP for name, title in topics.items()}

GOOD_FOR: Final = timedelta(days=180)
"""RFC 9116 wants less than a year."""


@router.get("/")
async def home(page: Page) -> Response:
    return page.render("careers/home.html")


@router.get("/careers")
async def careers(page: Page, kernel: KernelDep, who: Candidate, show: str = ALL) -> Response:
    """ "Afficher candidatures" filters; "Actualiser" is the same page again, which is never stale (R58, R59)."""
    known = await kernel.views.get(OVERVIEW, who.account_id) or nothing_yet()
    now = await kernel.now()
    seen = careers_view(known, await kernel.views.many(VACANCIES, vacancy_ids(known)), now, page.language)
    chosen = show if show in STATUSES else ALL
    rows = [row for row in seen["applications"] if chosen in (ALL, row["status"])]
    return page.render(
        "careers/careers.html", 200, rows=rows, total=len(seen["applications"]), chosen=chosen, statuses=STATUSES,
        colours=COLOURS, seen=seen, todo=attention(seen, now), places=places,
    )  # fmt: skip


@router.get("/help")
async def help_index(page: Page) -> Response:
    return page.render("careers/help/index.html", 200, groups=HELP)


@router.get("/help/{topic}")
async def help_page(page: Page, topic: str, kernel: KernelDep) -> Response:
    if topic not in TITLES:
        raise NotFound.because(N_("There is no help page with this name."))
    sender = parseaddr(kernel.settings.mail_from)[1]
    return page.render(
        f"careers/help/{topic}.html", 200, title=TITLES[topic], sender=sender,
        site=urlsplit(kernel.settings.public_url).hostname, office=kernel.setting(OFFICE), affin=AFFIN,
        official_site=kernel.setting(OFFICIAL_SITE),
        explanations=EXPLANATIONS, before_reason=TYPE,
    )  # fmt: skip


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
        lines.append(f"Canonical: {settings.public_url.rstrip('/')}/.well-known/security.txt")
    return "\n".join(lines) + "\n"
