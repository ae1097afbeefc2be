"""The help pages: the manual, the guide's questions, and what the API's refusals mean."""

from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import Response

from services.applications.events import OFFICE
from shared.http.problems import TYPE
from shared.model.errors import N_, NotFound
from shared.model.setting import Setting
from shared.runtime.kernel import KernelDep
from shared.vocabulary.problems import EXPLANATIONS
from shared.web import Page, pages_router

router = pages_router()

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
        "accommodation": N_("Can tests and interviews be arranged for my disability?"),
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
