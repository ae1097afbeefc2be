"""The registration form: its fields, who may register (R2, R3), and what is a private address and a birth date (R9)."""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from shared.model.errors import N_, Invalid, Problem
from shared.vocabulary.addresses import one_spelling
from shared.vocabulary.fields import LINE, OFFICIAL_LANGUAGES, Field, Option, check

STAFF_LINKS: Final = ("fixed_term", "continuing", "permanent")
"""Contracts with the Secretariat, missions included, whose holders apply as staff (R2)."""

LINKS: Final = (
    Option("none", N_("None")),
    Option("un_volunteer", N_("United Nations Volunteer")),
    Option("temporary", N_("Temporary appointment")),
    Option("associate_expert", N_("Associate expert (Junior Professional Officer)")),
    Option("consultant", N_("Consultant or individual contractor")),
    Option("intern", N_("Intern")),
    Option("police_military", N_("Police officer or member of the military")),
    Option("other_organisation", N_("Staff of another organisation of the United Nations system")),
    Option("fixed_term", N_("Fixed-term appointment, field missions included")),
    Option("continuing", N_("Continuing appointment, field missions included")),
    Option("permanent", N_("Permanent appointment, field missions included")),
)

TITLES: Final = (
    Option("mr", N_("Mr")),
    Option("ms", N_("Ms")),
    Option("dr", N_("Dr")),
    Option("prof", N_("Professor")),
    Option("mx", N_("No title")),
)

EMAIL: Final = Field("email", N_("E-mail address of your registration"), "email", required=True, autocomplete="email")
LOGIN: Final = Field("login", N_("User ID or e-mail address"), required=True, autocomplete="username")
"""What is asked of somebody who comes back."""

FIELDS: Final = (
    Field(
        "link",
        N_("Your current link with the UN Secretariat"),
        "choice",
        required=True,
        options=LINKS,
        hint=N_("Staff of the Secretariat and its missions apply with their staff account"),
    ),
    Field(
        "title",
        N_("Title"),
        "choice",
        required=True,
        options=TITLES,
    ),
    Field(
        "only_name",
        N_("I have only one name"),
        "checkbox",
        hint=N_("Then enter it as the family name"),
    ),
    Field(
        "given_names",
        N_("Given names"),
        required=True,
        length=100,
        when=("only_name", ("", "no")),
        autocomplete="given-name",
    ),
    Field("family_name", N_("Family name"), required=True, length=100, autocomplete="family-name"),
    Field(
        "birth_date",
        N_("Date of birth"),
        "date",
        required=True,
        past=True,
        hint=N_("Check that it is correct"),
        autocomplete="bday",
    ),
    Field(
        "email",
        N_("Private e-mail address"),
        "email",
        required=True,
        hint=N_("An address that is yours and will stay valid: all news about your applications goes there"),
        autocomplete="email",
    ),
    Field(
        "language",
        N_("Language of the e-mails to you"),
        "choice",
        required=True,
        options=OFFICIAL_LANGUAGES,
    ),
)

OFFICIAL_DOMAIN: Final = "un.org"
YOUNGEST, OLDEST = 14, 100

GUIDANCE: Final = N_(
    "Staff of the UN Secretariat with a fixed-term, continuing or permanent appointment, missions included, do not"
    " register as external candidates. Apply with your staff account; if you have lost access to it, ask your human"
    " resources office"
)

_ADDRESSES: Final = UUID("5f0f5a2e-6f0c-5c52-9a55-3f6f5a1a7c01")


def is_staff(values: Mapping[str, Any]) -> bool:
    """Whether the form says that a staff contract exists: no registration then (R2)."""
    return values.get("link") in STAFF_LINKS


def problems(values: Mapping[str, Any], today: date) -> list[Problem]:
    """Everything to correct in the form but the password."""
    found = check(FIELDS, values, today)
    at_fault = {problem.field for problem in found}
    return found + [problem for problem in _further(values, today) if problem.field not in at_fault]


def address_problems(email: str) -> list[Problem]:
    """What is wrong with an address for an account: it must be one, and private (R9)."""
    values = {"email": email}
    return check([field for field in FIELDS if field.name == "email"], values) or list(_official(values))


def _further(values: Mapping[str, Any], today: date) -> Iterator[Problem]:
    """Asked only of values that are well-formed by themselves."""
    yield from _official(values)
    try:
        age = _age(date.fromisoformat(str(values.get("birth_date", ""))), today)
    except ValueError:
        return
    if not YOUNGEST <= age <= OLDEST:
        message = N_("Check your date of birth: it would make you %(age)s years old")
        yield Problem("birth_date", message, {"age": age})


def _official(values: Mapping[str, Any]) -> Iterator[Problem]:
    domain = _as_mailed(str(values.get("email", "")).strip().rpartition("@")[2])
    if domain == OFFICIAL_DOMAIN or domain.endswith("." + OFFICIAL_DOMAIN):
        message = N_("“%(value)s” is an official address, which ends with the contract. Give a private address")
        yield Problem("email", message, {"value": values["email"]})


def _as_mailed(domain: str) -> str:
    """However it was typed: full-width letters and dots name the same domain (UTS 46)."""
    return unicodedata.normalize("NFKC", domain[:LINE]).replace("。", ".").casefold().rstrip(".")


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def staff_refusal() -> Invalid:
    """The refusal of R2, with what to do instead."""
    return Invalid(Problem("link", GUIDANCE))


def address_id(email: str) -> UUID:
    """The key under which an address is claimed: case never makes two addresses of one."""
    return uuid5(_ADDRESSES, one_spelling(email))
