""" "My data": what identity holds about a person as a download, and where the other services hand out theirs.

Each service hands out what it holds itself, so that nobody has to ask the others for it.
"""

from typing import Final

from starlette.responses import Response

from services.identity.use_cases import my_data as held
from shared.auth import SignedIn
from shared.files.data_export import zip_response
from shared.model.errors import N_
from shared.runtime.kernel import KernelDep
from shared.web import Page, pages_router

router = pages_router()

DOWNLOADS: Final = (
    (
        "/identity/my-data",
        N_("My account"),
        N_("Your registration, your addresses and roles, your sessions, and the history of your account."),
    ),
    (
        "/profile/my-data",
        N_("My profile"),
        N_("What you last saved in each of its sections, and in each section of the CV that you keep with it."),
    ),
    (
        "/applications/my-data",
        N_("My applications"),
        N_(
            "Your drafts and submitted applications with all their sections, each as PDF too,"
            " the files that you attached, the documents that you keep, and your requests for reasonable accommodation."
        ),
    ),
    (
        "/alerts/my-data",
        N_("Saved searches and job openings"),
        N_("Criteria, where and how often you are notified, what you have saved, and which e-mails you want."),
    ),
    (
        "/support/my-data",
        N_("My requests to support"),
        N_("Your tickets with everything that was written, and your screenshots."),
    ),
)


@router.get("/identity/account/data")
async def downloads(page: Page, _: SignedIn) -> Response:
    return page.render("identity/account_data.html", downloads=DOWNLOADS)


@router.get("/identity/my-data")
async def my_data(kernel: KernelDep, who: SignedIn) -> Response:
    """Everything that this service holds about whoever asks."""
    return zip_response("identity", who.user_code, held.my_data(kernel, who))
