"""Who may do what: every operation of every service under the kind of access that it grants."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

Outcome = Literal["let in", "asked to log in", "refused", "nothing there"]
Asker = str

IN: Final = "let in"
LOGIN: Final = "asked to log in"
REFUSED: Final = "refused"
NOTHING: Final = "nothing there"

STAFF: Final = (
    "accommodation_officer", "curator", "publisher", "reader", "recruiter", "registrar", "subscriber", "support", "hr",
    "administrator",
)  # fmt: skip
"""People with one role each."""

SCOPES: Final = (
    "vacancies.write", "applications.read", "applications.status", "accommodations.read", "equivalences.write",
    "duplicates.read", "events", "support", "hr",
)  # fmt: skip
OF_ORGANISATIONS: Final = (
    "vacancies.write", "applications.read", "applications.status", "accommodations.read", "hr",
)  # fmt: skip
"""Scopes with which it matters whose the vacancy is."""

MACHINES: Final = tuple(f"machine: {scope}" for scope in SCOPES)
"""Clients with one scope each, of the organisation whose vacancies are asked about."""

STRANGERS: Final = tuple(f"stranger: {scope}" for scope in OF_ORGANISATIONS)
"""Clients of another organisation."""

ASKERS: Final[tuple[Asker, ...]] = ("nobody", "another candidate", *STAFF, *MACHINES, *STRANGERS, "owner")
"""The owner comes last: what the others could have broken is found out before it is used up."""


def _row(rest: Outcome, told: Mapping[Outcome, Iterable[Asker]]) -> Mapping[Asker, Outcome]:
    named = {asker: outcome for outcome, askers in told.items() for asker in askers}
    assert named.keys() <= set(ASKERS)
    return {asker: named.get(asker, rest) for asker in ASKERS}


def _staff(*let_in: Asker, nothing: Iterable[Asker] = ()) -> Mapping[Asker, Outcome]:
    return _row(REFUSED, {LOGIN: ["nobody"], IN: [*let_in, "administrator"], NOTHING: nothing})


_NO_PERSON: Final = ("nobody", *MACHINES, *STRANGERS)

MATRIX: Final[Mapping[str, Mapping[Asker, Outcome]]] = {
    "public": _row(IN, {}),
    "with a secret": _row(NOTHING, {}),
    "with a client's secret": _row(LOGIN, {}),
    "after a first step": _row(LOGIN, {}),
    "person": _row(IN, {LOGIN: _NO_PERSON}),
    "own": _row(NOTHING, {LOGIN: _NO_PERSON, IN: ["owner"]}),
    "catalogue of degrees": _staff("curator", "hr", "machine: equivalences.write", "machine: hr", "stranger: hr"),
    "possible duplicates": _staff("registrar", "hr", "machine: duplicates.read", "machine: hr", "stranger: hr"),
    "vacancy of an organisation": _staff("publisher", "hr", "machine: vacancies.write", "machine: hr"),
    "application for an organisation": _staff(
        "reader", "recruiter", "hr", "machine: applications.read", "machine: hr",
        nothing=("stranger: applications.read", "stranger: hr"),
    ),
    "applications of an organisation": _staff(
        "reader", "recruiter", "hr", "machine: applications.read", "machine: hr", "stranger: applications.read",
        "stranger: hr",
    ),
    "accommodation for an organisation": _staff(
        "accommodation_officer", "machine: accommodations.read", nothing=("stranger: accommodations.read",)
    ),
    "accommodations of an organisation": _staff(
        "accommodation_officer", "machine: accommodations.read", "stranger: accommodations.read"
    ),
    "status for an organisation": _staff(
        "recruiter", "hr", "machine: applications.status", "machine: hr",
        nothing=("stranger: applications.status", "stranger: hr"),
    ),
    "each status by itself": _staff(
        "recruiter", "hr", "machine: applications.status", "machine: hr", "stranger: applications.status",
        "stranger: hr",
    ),
    "published events": _staff("subscriber", "hr", "machine: events", "machine: hr", "stranger: hr"),
    "support": _staff("support", "machine: support"),
}  # fmt: skip
"""What each kind of access means. Somebody else's things do not exist; what needs a permission is refused without it.

Vacancies are public, so that a stranger to one is told that it is another's. A bulk of statuses is taken from whoever
may set any; what becomes of each is asked in tests/security/test_v8_authorization.py.
"""

_TABLE: Final = {
    "public": """
        GET /
        GET /.well-known/oauth-authorization-server
        GET /.well-known/security.txt
        GET /accessibility
        GET /cookies
        GET /help
        GET /help/{topic}
        GET /privacy
        GET /robots.txt
        GET /sitemap-pages.xml
        GET /sitemap.xml
        GET /status
        GET /terms
        GET /identity/.well-known/oauth-authorization-server
        GET /identity/api/jwks.json
        GET /identity/api/oauth/revoked
        POST /identity/api/login
        POST /identity/api/passwords
        POST /identity/api/registrations
        POST /identity/api/registrations/{account_id}/codes
        POST /identity/api/registrations/{account_id}/verification
        POST /identity/api/reminders/password
        POST /identity/api/reminders/user-code
        GET /identity/forgotten
        GET /identity/forgotten/password
        POST /identity/forgotten/password
        GET /identity/forgotten/user-code
        POST /identity/forgotten/user-code
        GET /identity/login
        POST /identity/login
        POST /identity/logout
        GET /identity/register
        POST /identity/register
        GET /identity/reset
        POST /identity/reset
        GET /identity/verify
        POST /identity/verify
        POST /identity/verify/again
        GET /alerts/api/mails/{kind}/{candidate_id}/{token}
        GET /alerts/api/unsubscribe/{search_id}/{token}
        GET /profile/api/{section}/fields
        GET /support
        POST /support
        POST /support/api/tickets
        GET /support/opened/{ticket}
        GET /vacancies
        GET /vacancies/api/lists
        GET /vacancies/api/vacancies
        GET /vacancies/api/vacancies/{vacancy_id}
        GET /vacancies/api/vacancies/{vacancy_id}/similar
        GET /vacancies/feed.atom
        GET /vacancies/feed.rss
        GET /vacancies/sitemap-{number}.xml
        GET /vacancies/{vacancy}
        GET /vacancies/{vacancy}.ics
    """,
    "with a secret": """
        POST /alerts/api/confirmations/{search_id}/{token}
        POST /alerts/api/confirmations/{search_id}/{token}/refusal
        POST /alerts/api/mails/{kind}/{candidate_id}/{token}
        POST /alerts/api/unsubscribe/{search_id}/{token}
        GET /alerts/confirm/{search_id}/{token}
        POST /alerts/confirm/{search_id}/{token}
        GET /alerts/mails/{kind}/{candidate_id}/{token}
        POST /alerts/mails/{kind}/{candidate_id}/{token}
        GET /alerts/unsubscribe/{search_id}/{token}
        POST /alerts/unsubscribe/{search_id}/{token}
    """,
    "with a client's secret": """
        POST /identity/api/oauth/revocation
        POST /identity/api/oauth/token
    """,
    "after a first step": """
        POST /identity/api/login/second-factor
        GET /identity/login/second
        POST /identity/login/second
    """,
    "person": """
        GET /alerts
        GET /alerts/api/openings
        PUT /alerts/api/openings/{vacancy_id}
        DELETE /alerts/api/openings/{vacancy_id}
        GET /alerts/api/preferences
        PUT /alerts/api/preferences
        GET /alerts/api/searches
        POST /alerts/api/searches
        GET /alerts/my-data
        GET /alerts/new
        POST /alerts/new
        GET /alerts/openings/{vacancy_id}
        POST /alerts/openings/{vacancy_id}
        GET /alerts/preferences
        POST /alerts/preferences
        GET /applications
        GET /applications/api/applications
        POST /applications/api/applications
        GET /applications/api/documents
        POST /applications/api/documents
        GET /applications/documents
        POST /applications/documents
        GET /applications/my-data
        GET /applications/new
        POST /applications/new
        GET /careers
        GET /careers/api/overview
        GET /identity/account
        GET /identity/account/close
        POST /identity/account/close
        GET /identity/account/data
        GET /identity/account/email
        POST /identity/account/email
        GET /identity/account/email/code
        POST /identity/account/email/code
        GET /identity/account/password
        POST /identity/account/password
        GET /identity/account/security
        GET /identity/account/security/app
        POST /identity/account/security/app
        GET /identity/account/security/passkey
        POST /identity/account/security/passkey
        GET /identity/account/security/removal
        POST /identity/account/security/removal
        POST /identity/api/account/second-factors/{factor_id}/removal
        GET /identity/account/security/recovery-codes
        POST /identity/account/security/recovery-codes
        POST /identity/account/sessions
        POST /identity/api/account/closure
        POST /identity/api/account/email
        POST /identity/api/account/email/verification
        PUT /identity/api/account/password
        POST /identity/api/account/recovery-codes
        GET /identity/api/account/second-factors
        GET /identity/api/account/second-factors/app
        POST /identity/api/account/second-factors/app
        GET /identity/api/account/second-factors/passkey
        POST /identity/api/account/second-factors/passkey
        GET /identity/api/account/sessions
        DELETE /identity/api/account/sessions
        POST /identity/api/logout
        GET /identity/api/session
        GET /identity/my-data
        GET /profile
        GET /profile/api/completeness
        GET /profile/api/exports/{wanted}
        POST /profile/api/imports
        POST /profile/api/imports/read
        GET /profile/api/{section}
        PUT /profile/api/{section}
        GET /profile/contact
        POST /profile/contact
        GET /profile/education
        POST /profile/education
        GET /profile/education/{group}/{number}
        POST /profile/education/{group}/{number}
        GET /profile/export/europass
        GET /profile/export/form
        GET /profile/export/json-resume
        GET /profile/export/postulo
        GET /profile/family
        POST /profile/family
        GET /profile/family/{group}/{number}
        POST /profile/family/{group}/{number}
        GET /profile/import
        POST /profile/import
        GET /profile/import/taken
        POST /profile/import/taken
        GET /profile/my-data
        GET /profile/nationality
        POST /profile/nationality
        GET /profile/references
        POST /profile/references
        GET /profile/references/{group}/{number}
        POST /profile/references/{group}/{number}
        GET /profile/skills
        POST /profile/skills
        GET /profile/skills/{group}/{number}
        POST /profile/skills/{group}/{number}
        GET /profile/un-employment
        POST /profile/un-employment
        GET /support/api/feedback
        PUT /support/api/feedback
        GET /support/api/tickets
        GET /support/feedback
        POST /support/feedback
        GET /support/my-data
        GET /support/tickets
    """,
    "own": """
        GET /alerts/api/searches/{search_id}
        DELETE /alerts/api/searches/{search_id}
        PUT /alerts/api/searches/{search_id}/alert
        DELETE /alerts/api/searches/{search_id}/alert
        POST /alerts/api/searches/{search_id}/confirmation
        PUT /alerts/api/searches/{search_id}/name
        POST /alerts/api/searches/{search_id}/renewal
        GET /alerts/{search_id}
        POST /alerts/{search_id}
        POST /alerts/{search_id}/alert
        POST /alerts/{search_id}/confirmation
        GET /alerts/{search_id}/delete
        POST /alerts/{search_id}/delete
        POST /alerts/{search_id}/renew
        GET /applications/api/applications/{application_id}
        DELETE /applications/api/applications/{application_id}
        POST /applications/api/applications/{application_id}/attachments
        POST /applications/api/applications/{application_id}/attachments/documents
        GET /applications/api/applications/{application_id}/attachments/{attachment_id}
        DELETE /applications/api/applications/{application_id}/attachments/{attachment_id}
        GET /applications/api/applications/{application_id}/accommodation
        PUT /applications/api/applications/{application_id}/accommodation
        DELETE /applications/api/applications/{application_id}/accommodation
        GET /applications/api/applications/{application_id}/blockers
        GET /applications/api/applications/{application_id}/diplomas
        POST /applications/api/applications/{application_id}/diplomas/{diploma_id}/proposal
        POST /applications/api/applications/{application_id}/diplomas/{diploma_id}/report
        GET /applications/api/applications/{application_id}/php
        PUT /applications/api/applications/{application_id}/archive
        DELETE /applications/api/applications/{application_id}/archive
        PUT /applications/api/applications/{application_id}/name
        PUT /applications/api/applications/{application_id}/sections/{section}
        POST /applications/api/applications/{application_id}/submission
        PUT /applications/api/applications/{application_id}/vacancy
        POST /applications/api/applications/{application_id}/withdrawal
        GET /applications/api/documents/{document_id}
        DELETE /applications/api/documents/{document_id}
        GET /applications/documents/{document_id}
        POST /applications/documents/{document_id}/remove
        GET /applications/{application_id}
        POST /applications/{application_id}
        GET /applications/{application_id}/accommodation
        POST /applications/{application_id}/accommodation
        GET /applications/{application_id}/accommodation/withdraw
        POST /applications/{application_id}/accommodation/withdraw
        GET /applications/{application_id}/attachments
        POST /applications/{application_id}/attachments
        POST /applications/{application_id}/attachments/documents
        GET /applications/{application_id}/attachments/{attachment_id}
        POST /applications/{application_id}/attachments/{attachment_id}/remove
        GET /applications/{application_id}/confirmation
        GET /applications/{application_id}/diplomas/{diploma_id}/report
        POST /applications/{application_id}/diplomas/{diploma_id}/report
        GET /applications/{application_id}/discard
        POST /applications/{application_id}/discard
        GET /applications/{application_id}/php
        POST /applications/{application_id}/archive
        POST /applications/{application_id}/restore
        GET /applications/{application_id}/rename
        POST /applications/{application_id}/rename
        GET /applications/{application_id}/review
        POST /applications/{application_id}/review
        GET /applications/{application_id}/terms
        POST /applications/{application_id}/terms
        GET /applications/{application_id}/vacancy
        POST /applications/{application_id}/vacancy
        GET /applications/{application_id}/withdraw
        POST /applications/{application_id}/withdraw
        GET /applications/{application_id}/{name}
        POST /applications/{application_id}/{name}
        GET /applications/{application_id}/{name}/{group}/{number}
        POST /applications/{application_id}/{name}/{group}/{number}
        DELETE /identity/api/account/sessions/{session_id}
        GET /support/api/tickets/{ticket}
        POST /support/api/tickets/{ticket}/closure
        POST /support/api/tickets/{ticket}/reading
        POST /support/api/tickets/{ticket}/replies
        GET /support/api/tickets/{ticket}/screenshots/{screenshot}
        GET /support/tickets/{ticket}
        POST /support/tickets/{ticket}/close
        POST /support/tickets/{ticket}/read
        POST /support/tickets/{ticket}/reply
    """,
    "catalogue of degrees": """
        GET /applications/api/equivalence-reports
        GET /applications/api/equivalences
        POST /applications/api/equivalences
        GET /applications/api/equivalences/{entry_id}
        PUT /applications/api/equivalences/{entry_id}
        GET /applications/equivalences
        GET /applications/equivalences/entries
        GET /applications/equivalences/entries/new
        POST /applications/equivalences/entries/new
        GET /applications/equivalences/entries/{entry_id}
        POST /applications/equivalences/entries/{entry_id}
    """,
    "application for an organisation": """
        GET /applications/api/submitted/{application_id}
        GET /applications/api/submitted/{application_id}/attachments/{attachment_id}
        GET /applications/api/submitted/{application_id}/php
    """,
    "applications of an organisation": """
        GET /applications/api/submitted
    """,
    "accommodation for an organisation": """
        GET /applications/api/submitted/{application_id}/accommodation
    """,
    "accommodations of an organisation": """
        GET /applications/api/accommodations
    """,
    "status for an organisation": """
        POST /applications/api/submitted/{application_id}/status
        DELETE /applications/api/submitted/{application_id}/file
    """,
    "each status by itself": """
        POST /applications/api/statuses
    """,
    "possible duplicates": """
        GET /identity/api/duplicates
    """,
    "vacancy of an organisation": """
        POST /vacancies/api/galaxy-notices
        POST /vacancies/api/vacancies
        PUT /vacancies/api/vacancies/{vacancy_id}
        PUT /vacancies/api/vacancies/{vacancy_id}/cancellation
        PUT /vacancies/api/vacancies/{vacancy_id}/deadline
    """,
    "published events": """
        GET /alerts/api/events
        GET /applications/api/events
        GET /identity/api/events
        GET /profile/api/events
        GET /support/api/events
        GET /vacancies/api/events
    """,
    "support": """
        GET /support/api/desk
        GET /support/api/desk/{ticket}
        POST /support/api/desk/{ticket}/answers
        POST /support/api/desk/{ticket}/closure
        POST /support/api/desk/{ticket}/decline
        POST /support/api/desk/{ticket}/reopening
        GET /support/api/desk/{ticket}/screenshots/{screenshot}
        GET /support/desk
        GET /support/desk/feedback
        GET /support/desk/{ticket}
        POST /support/desk/{ticket}/answers
        POST /support/desk/{ticket}/close
        POST /support/desk/{ticket}/decline
        POST /support/desk/{ticket}/reopen
    """,
}

SCOPE_OF: Final[Mapping[str, str]] = {
    "catalogue of degrees": "equivalences.write",
    "possible duplicates": "duplicates.read",
    "vacancy of an organisation": "vacancies.write",
    "application for an organisation": "applications.read",
    "applications of an organisation": "applications.read",
    "accommodation for an organisation": "accommodations.read",
    "accommodations of an organisation": "accommodations.read",
    "status for an organisation": "applications.status",
    "each status by itself": "applications.status",
    "published events": "events",
    "support": "support",
}
"""The scope that the documentation names for operations of this kind; none for other kinds."""

ACCESS: Final[Mapping[str, str]] = {
    line.strip(): kind for kind, lines in _TABLE.items() for line in lines.strip().splitlines()
}
"""Operation → kind of access. An operation that is not here fails the test."""
