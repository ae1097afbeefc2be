"""What a request for help must say (R65-R68): the fields of the form "Contactez-nous"."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from services.support.domain.passwords import looks_like_password
from services.support.domain.screenshots import Screenshot, screenshot_problems
from shared.model.errors import N_, Problem
from shared.model.message import derived_id
from shared.vocabulary.fields import Field, Option, Values, applies, check

PROBLEM, QUESTION = "problem", "question"
TECHNICAL = frozenset({PROBLEM, QUESTION})
"""The natures that support answers; all others get the standard answer (R68)."""

NATURES = (
    Option(PROBLEM, N_("Technical problem: something does not work")),
    Option(QUESTION, N_("Technical question: how to use the site")),
    Option("submitted", N_("Enquiry about an application already submitted")),
    Option("unsolicited", N_("Unsolicited application")),
    Option("other", N_("Another request, not technical")),
)

USER_CODE = Field("user_code", N_("User ID"), required=True, length=64)
_FULL_NAME = Field("full_name", N_("Full name"), required=True, autocomplete="name")
_EMAIL = Field(
    "email",
    N_("E-mail address"),
    "email",
    required=True,
    hint=N_("The answer goes to this address"),
    autocomplete="email",
)
_REST = (
    Field("nature", N_("Nature of the request"), "choice", required=True, options=NATURES),
    Field("about_opening", N_("Does it concern a job opening?"), "yesno", required=True),
    Field(
        "job_opening_number",
        N_("Number of the targeted job opening"),
        required=True,
        length=64,
        when=("about_opening", ("yes",)),
    ),
    Field("subject", N_("Subject"), required=True, length=120),
    Field("description", N_("Description"), "textarea", required=True, length=5000),
    Field(
        "steps",
        N_("Steps that led to the problem"),
        "textarea",
        required=True,
        length=5000,
        hint=N_("What you did, step by step, and what then appeared"),
        when=("nature", (PROBLEM,)),
    ),
)

CANDIDATE_REQUEST = (_FULL_NAME, USER_CODE, _EMAIL, *_REST)
VISITOR_REQUEST = (
    _FULL_NAME,
    Field("has_user_code", N_("Do you have a user ID?"), "yesno", required=True),
    Field("user_code", N_("User ID"), required=True, length=64, when=("has_user_code", ("yes",))),
    _EMAIL,
    *_REST,
)

STANDARD_ANSWER = N_(
    "The Technical Support Centre can answer technical questions only. It does not process applications, and therefore"
    " can follow up neither unsolicited applications nor enquiries about applications already submitted."
    " Thank you for your understanding."
)
"""What a request gets that is not technical (R68)."""

NEEDS_SCREENSHOT = N_("Add at least one screenshot of the error message and of the page on which it appeared")
PASSWORD = N_(
    "This looks like a password. Remove it: the Technical Support Centre never needs it, and nothing has been kept"
)


def fields_of(candidate: bool) -> tuple[Field, ...]:
    """The form of a logged-in candidate, or of a visitor."""
    return CANDIDATE_REQUEST if candidate else VISITOR_REQUEST


def ticket_id(request: UUID, values: Values, screenshots: Sequence[Screenshot]) -> UUID:
    """The id of the ticket that this request opens: a retry opens no second one, other words under the same key do."""
    said = json.dumps([dict(values), [screenshot.sha256 for screenshot in screenshots]], sort_keys=True)
    return derived_id(request, said)


def problems_of(candidate: bool, values: Values, screenshots: Sequence[Screenshot]) -> list[Problem]:
    """Everything that keeps this request from being taken."""
    problems = [*check(fields_of(candidate), values), *password_problems(values)]
    if values.get("nature") == PROBLEM and not screenshots:
        problems.append(Problem("screenshots", NEEDS_SCREENSHOT))
    return [*problems, *screenshot_problems(screenshots)]


def password_problems(values: Values) -> Iterable[Problem]:
    """The fields in which a password seems to stand (R65)."""
    return (Problem(name, PASSWORD) for name, text in values.items() if looks_like_password(str(text)))


def counted(candidate: bool, values: Values) -> dict[str, Any]:
    """Only the fields that count, given the others; the rest is not kept."""
    fields = fields_of(candidate)
    return {field.name: str(values.get(field.name) or "").strip() for field in fields if applies(field, values)}
