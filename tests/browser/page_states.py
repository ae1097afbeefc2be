"""Every page in each of its states: who sees it, at which address, and what is done there before it is looked at."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

Who = Literal["visitor", "newcomer", "member", "arabic", "chinese", "long", "agent", "curator", "halfway"]
State = Literal["empty", "filled", "errors", "refused"]
Pages = Mapping[str, str]


class PageState(NamedTuple):
    """A page in one state. The path's gaps, like {draft}, are filled in by the fixtures."""

    name: str
    state: State
    who: Who
    path: str

    @property
    def status(self) -> int:
        """The answer's, as far as a page_state names it: `403-forged`."""
        number = re.match(r"\d{3}(?=-)", self.name)
        return int(number[0]) if number else 200


HELP: Final = (
    "accommodation", "alerts", "attachments", "deadline", "degrees", "logged-out", "manual", "missing", "php",
    "prepare", "problems", "received", "register", "sessions", "support", "withdraw",
)  # fmt: skip

FORMS: Final[Mapping[Who, Pages]] = {
    "visitor": {
        "login": "/identity/login",
        "register": "/identity/register",
        "verify": "/identity/verify?registration={nobody}",
        "reset": "/identity/reset?token={reset}",
        "contact-visitor": "/support",
    },
    "newcomer": {"apply-first": "/applications/new"},
    "member": {
        "account-password": "/identity/account/password",
        "account-email": "/identity/account/email",
        "security-app": "/identity/account/security/app",
        "account-email-code": "/identity/account/email/code",
        "account-close": "/identity/account/close",
        "search-save": "/alerts/new?keywords=eau&families=ECO",
        "contact": "/support",
        "ticket-reply": "/support/tickets/{ticket}",
        "feedback": "/support/feedback",
        "import": "/profile/import",
        "apply": "/applications/new?vacancy={open}",
        "report": "/applications/{draft}/diplomas/{diploma}/report",
        "accommodation": "/applications/{draft}/accommodation",
        "terms": "/applications/{draft}/terms?seen=1",
    },
    "agent": {
        "desk-ticket": "/support/desk/{ticket}",
        "security-codes": "/identity/account/security/recovery-codes",
        "security-removal": "/identity/account/security/removal?factor={factor}",
    },
    "halfway": {"login-second": "/identity/login/second"},
    "curator": {"equivalence-entry": "/applications/equivalences/entries/fr-insa-lyon-ingenieur"},
}
"""Forms that do not save themselves: seen as they come, sent as they come, and with something in every field."""

EMPTY: Final[Mapping[Who, Pages]] = {
    "visitor": {
        "search-nothing": "/vacancies?keywords=xylophone",
        "forgotten-password": "/identity/forgotten/password",
        "forgotten-user-code": "/identity/forgotten/user-code",
    },
    "newcomer": {
        "careers": "/careers",
        "profile": "/profile",
        "profile-contact": "/profile/contact",
        "profile-un-employment": "/profile/un-employment",
        "profile-family": "/profile/family",
        "profile-nationality": "/profile/nationality",
        "entry-dependant": "/profile/family/dependants/0",
        "profile-education": "/profile/education",
        "profile-skills": "/profile/skills",
        "profile-references": "/profile/references",
        "documents": "/applications/documents",
        "searches": "/alerts",
        "preferences": "/alerts/preferences",
        "tickets": "/support/tickets",
        "security": "/identity/account/security",
    },
    "member": {
        "careers-filtered": "/careers?show=selected",
        "hub": "/applications/{blank}",
        "section-screening": "/applications/{blank}/screening",
        "section-preferences": "/applications/{blank}/preferences",
        "section-education": "/applications/{blank}/education",
        "section-skills": "/applications/{blank}/skills",
        "section-references": "/applications/{blank}/references",
        "section-letter": "/applications/{blank}/letter",
        "entry-diploma": "/applications/{blank}/education/diplomas/0",
        "entry-job": "/applications/{blank}/education/jobs/0",
        "attachments": "/applications/{blank}/attachments",
        "review": "/applications/{blank}/review",
        "choose-vacancy": "/applications/{blank}/vacancy?words=xylophone",
    },
    "curator": {
        "equivalence-catalogue": "/applications/equivalences/entries?words=xylophone",
        "equivalence-new": "/applications/equivalences/entries/new",
    },
}
FILLED: Final[Mapping[Who, Pages]] = {
    "visitor": {
        "home": "/",
        "forgotten": "/identity/forgotten",
        "forgotten-password": "/identity/forgotten/password",
        "forgotten-user-code": "/identity/forgotten/user-code",
        "reminded": "/identity/forgotten/user-code",
        "help": "/help",
        "privacy": "/privacy",
        "terms-of-use": "/terms",
        "cookies": "/cookies",
        "accessibility": "/accessibility",
        "status": "/status",
        **{f"help-{name}": f"/help/{name}" for name in HELP},
        "search": "/vacancies",
        "search-facets": "/vacancies?keywords=economic&families=ECO&everything=yes",
        "vacancy": "/vacancies/{open}",
        "vacancy-long": "/vacancies/{lengthy}",
        "vacancy-galaxy": "/vacancies/{galaxy}",
        "vacancy-cancelled": "/vacancies/{cancelled}",
        "unsubscribe": "/alerts/unsubscribe/{unwanted}/{token}",
        "unsubscribed": "/alerts/unsubscribe/{unwanted}/{token}",
        "alert-confirm": "/alerts/confirm/{awaiting}/{question}",
        "mails-stop": "/alerts/mails/opening_deadlines/{member}/{mails_token}",
        "mails-stopped": "/alerts/mails/opening_changes/{member}/{mails_token}",
    },
    "member": {
        "careers": "/careers",
        "profile": "/profile",
        "profile-contact": "/profile/contact",
        "profile-un-employment": "/profile/un-employment",
        "profile-family": "/profile/family",
        "profile-nationality": "/profile/nationality",
        "profile-education": "/profile/education",
        "profile-skills": "/profile/skills",
        "profile-references": "/profile/references",
        "proposed": "/profile/import",
        "proposed-again": "/profile/import",
        "account": "/identity/account",
        "account-data": "/identity/account/data",
        "security-passkey": "/identity/account/security/passkey",
        "searches": "/alerts",
        "preferences": "/alerts/preferences",
        "opening": "/alerts/openings/{open}?next=/vacancies",
        "search-saved": "/vacancies",
        "vacancy-saved": "/vacancies/{open}",
        "saved-search": "/alerts/{alert}",
        "saved-search-expired": "/alerts/{expired}",
        "saved-search-awaiting": "/alerts/{awaiting}",
        "saved-search-delete": "/alerts/{alert}/delete",
        "tickets": "/support/tickets",
        "ticket-closed": "/support/tickets/{closed}",
        "ticket-declined": "/support/tickets/{declined}",
        "ticket-opened": "/support/opened/{ticket}",
        "apply-taken": "/applications/new?vacancy={taken}",
        "hub": "/applications/{draft}",
        "hub-cancelled": "/applications/{stranded}",
        "hub-copied": "/applications/{copied}",
        "choose-vacancy": "/applications/{draft}/vacancy",
        "section-screening": "/applications/{draft}/screening",
        "section-preferences": "/applications/{draft}/preferences",
        "section-education": "/applications/{draft}/education",
        "section-skills": "/applications/{draft}/skills",
        "section-references": "/applications/{draft}/references",
        "section-letter": "/applications/{draft}/letter",
        "entry-diploma": "/applications/{draft}/education/diplomas/0",
        "entry-job": "/applications/{draft}/education/jobs/0",
        "entry-language": "/applications/{draft}/skills/languages/0",
        "entry-referee": "/applications/{draft}/references/referees/0",
        "entry-dependant": "/profile/family/dependants/0",
        "entry-kept-job": "/profile/education/jobs/0",
        "entry-kept-language": "/profile/skills/languages/0",
        "entry-kept-referee": "/profile/references/referees/0",
        "section-screening-copied": "/applications/{copied}/screening",
        "section-letter-copied": "/applications/{copied}/letter",
        "review-copied": "/applications/{copied}/review",
        "attachments": "/applications/{draft}/attachments",
        "documents": "/applications/documents",
        "accommodation-asked": "/applications/{applied}/accommodation",
        "accommodation-withdraw": "/applications/{applied}/accommodation/withdraw",
        "discard": "/applications/{draft}/discard",
        "rename": "/applications/{draft}/rename",
        "careers-archived": "/careers?show=archived",
        "review": "/applications/{draft}/review",
        "confirmation": "/applications/{applied}/confirmation",
        "submitted": "/applications/{applied}",
        "submitted-withdrawn": "/applications/{withdrawn}",
        "withdraw": "/applications/{applied}/withdraw",
    },
    "agent": {
        "desk": "/support/desk",
        "desk-feedback": "/support/desk/feedback",
        "desk-closed": "/support/desk?state=closed",
        "security": "/identity/account/security",
        "desk-visitor": "/support/desk/{stranger}",
        "desk-ticket-declined": "/support/desk/{declined}",
    },
    "curator": {
        "equivalence-reports": "/applications/equivalences",
        "equivalence-catalogue": "/applications/equivalences/entries",
        "equivalence-new": "/applications/equivalences/entries/new?country=FR&title=Brevet",
    },
    **{
        who: {
            f"careers-{who}": "/careers",
            f"account-{who}": "/identity/account",
            f"profile-contact-{who}": "/profile/contact",
            f"contact-{who}": "/support",
            f"review-{who}": f"/applications/{{{who}}}/review",
        }
        for who in ("arabic", "chinese", "long")
    },
}  # fmt: skip
ERRORS: Final[Mapping[Who, Pages]] = {
    "visitor": {
        "search-facets": "/vacancies?families=XXX&posted_since=2099-01-41",
        "410-used-link": "/identity/reset?token=used",
        "410-used-code": "/identity/verify?registration={proven}",
    },
    "newcomer": {
        "profile-contact": "/profile/contact?check=1",
        "profile-un-employment": "/profile/un-employment?check=1",
        "profile-family": "/profile/family?check=1",
        "profile-nationality": "/profile/nationality?check=1",
    },
    "member": {
        "saved-search": "/alerts/{alert}",
        "section-screening": "/applications/{wrong}/screening?check=1",
        "section-preferences": "/applications/{wrong}/preferences?check=1",
        "section-education": "/applications/{wrong}/education?check=1",
        "section-skills": "/applications/{wrong}/skills?check=1",
        "section-references": "/applications/{wrong}/references?check=1",
        "section-letter": "/applications/{wrong}/letter?check=1",
        "entry-diploma": "/applications/{wrong}/education/diplomas/0?check=1",
        "entry-job": "/applications/{wrong}/education/jobs/0?check=1",
        "entry-language": "/applications/{wrong}/skills/languages/0?check=1",
        "entry-referee": "/applications/{wrong}/references/referees/0?check=1",
        "attachments": "/applications/{draft}/attachments",
        "documents": "/applications/documents",
        "review": "/applications/{wrong}/review",
    },
    "curator": {"equivalence-new": "/applications/equivalences/entries/new"},
}
REFUSED: Final[Mapping[Who, Pages]] = {
    "visitor": {
        "403-forged": "/identity/forgotten/user-code",
        "404-nothing": "/vacancies/nothing",
        "413-too-large": "/identity/forgotten/user-code",
        "422-unreadable": "/vacancies?keywords=%00",
        "429-crowded": "{crowded}/identity/login",
        "500-broken": "{broken}/help/php",
        "503-resting": "{resting}/vacancies",
    },
    "member": {
        "404-not-mine": "/applications/{nobody}",
        "409-somebody-else": "/identity/account/email",
        "409-profile-in-two-windows": "/profile/contact",
        "409-two-windows": "/applications/{draft}/letter",
        "409-entry-in-two-windows": "/applications/{draft}/education/jobs/0",
    },
}
NO_PAGES: Final = frozenset({
    "/applications", "/applications/{application_id:uuid}/attachments/{attachment_id:uuid}",
    "/applications/documents/{document_id:uuid}",
    "/applications/{application_id:uuid}/php",
    "/profile/export/europass", "/profile/export/form", "/profile/export/json-resume", "/profile/export/postulo",
    "/profile/import/taken",
    "/identity/my-data", "/profile/my-data", "/applications/my-data", "/alerts/my-data", "/support/my-data",
    "/.well-known/oauth-authorization-server", "/identity/.well-known/oauth-authorization-server",
    "/.well-known/security.txt", "/robots.txt", "/sitemap.xml", "/sitemap-pages.xml",
    "/vacancies/sitemap-{number}.xml", "/vacancies/feed.atom", "/vacancies/feed.rss", "/vacancies/{vacancy}.ics",
})  # fmt: skip
"""Routes beside the pages that answer with a file, a feed or another page's address."""

DARK: Final = frozenset(
    {"home", "login", "search", "vacancy", "careers", "hub", "section-education", "review", "submitted"}
)
"""Pages that are also looked at in the dark."""


def page_states() -> Iterator[PageState]:
    yield from (*_in_state("empty", FORMS), *_in_state("errors", FORMS), *_in_state("filled", FORMS))
    yield from (*_in_state("empty", EMPTY), *_in_state("errors", ERRORS), *_in_state("filled", FILLED))
    yield from _in_state("refused", REFUSED)


def _in_state(state: State, seen: Mapping[Who, Pages]) -> Iterable[PageState]:
    return (PageState(name, state, who, path) for who, pages in seen.items() for name, path in pages.items())


PAGE_STATES: Final = tuple(page_states())
AT_EVERY_RUN: Final = (*_in_state("empty", FORMS), *_in_state("errors", FORMS))
"""What the test run looks at; the others take `make screens` several times as long as all other tests together."""
