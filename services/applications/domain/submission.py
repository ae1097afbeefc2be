"""What a submission needs: everything that still stands in its way, and the frozen snapshot that it leaves."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from services.applications.domain.equivalence.catalogue import Catalogue
from services.applications.domain.equivalence.levels import assessed, level_problems
from services.applications.domain.inputs import CandidateFacts, VacancyFacts
from services.applications.domain.questionnaire import fields_of
from services.applications.domain.state import EDUCATION, Application
from services.applications.events.file import as_file
from services.applications.events.sections import DIPLOMAS, JOBS, SCREENING, SECTIONS
from services.profile.events.fields import PROFILE_FIELDS
from shared.model.errors import N_, Problem
from shared.vocabulary.fields import AnyField, Entries, applies, check, in_order
from shared.vocabulary.printing import unprintable_in

TERMS: Final = "2026-01"
"""The version of the terms that are shown after "Soumettre" (R39)."""

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WHO: Final = {"id", "user_code", "title", "given_names", "family_name", "birth_date", "email"}
_WHAT: Final = {"id", "job_opening_number", "title", "language", "version", "closes_at"}
_SPANS: Final = (DIPLOMAS, JOBS)


def fields_in(state: Application, name: str, language: str) -> tuple[AnyField, ...]:
    """The fields of a section of this application; those of the first come from the job opening (R18)."""
    if name != SCREENING:
        return SECTIONS[name].fields
    files = {str(key): file.name for key, file in state.attachments.items()}
    return fields_of(state.questions if state.target else (), language, files)


def problems_in(state: Application, name: str, today: date, language: str = "en") -> list[Problem]:
    """Everything to correct or to add in a section; field names as in the section's form."""
    values = state.sections.get(name, {})
    problems = check(fields_in(state, name, language), values, today)
    if name != EDUCATION:
        return problems
    problems += [*_spans(values), *level_problems(values, state.proposals)]
    return sorted(problems, key=lambda problem: _rank(SECTIONS[EDUCATION].fields, problem.field))


def _rank(fields: Sequence[AnyField], path: str) -> tuple[int, ...]:
    """Where a form with these fields shows the one with this path: its place, its entry's number, its place there."""
    name, _, rest = path.partition(".")
    number, _, inner = rest.partition(".")
    place, group = next((found for found in enumerate(fields) if found[1].name == name), (len(fields), None))
    if not isinstance(group, Entries) or not inner:
        return (place,)
    return (place, int(number), *_rank(group.fields, inner))


def _spans(values: Mapping[str, Any]) -> Iterator[Problem]:
    for group in _SPANS:
        for index, entry in enumerate(values.get(group.name) or ()):
            if isinstance(entry, Mapping) and _ends_before_it_starts(group, entry):
                yield Problem(
                    f"{group.name}.{index}.ended_on", N_("The end is before the start. Correct one of the two dates")
                )


def _ends_before_it_starts(group: Entries, entry: Mapping[str, Any]) -> bool:
    """An end that does not count, as one typed before the job was said to be the present one, is not judged."""
    if not any(field.name == "ended_on" and applies(field, entry) for field in group.fields):
        return False
    first, last = _day(entry.get("started_on")), _day(entry.get("ended_on"))
    return first is not None and last is not None and last < first


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def content_problems(state: Application, today: date, language: str = "en") -> Iterator[Problem]:
    """Everything to correct or to add in all six sections, as `section.field`."""
    for name in SECTIONS:
        for problem in problems_in(state, name, today, language):
            yield problem._replace(field=f"{name}.{problem.field}")


def unprintable_problems(state: Application, name: str, language: str = "en") -> list[Problem]:
    """What the PDF cannot show of a section as it was typed. It stands in the way of nothing."""
    return unprintable_in(fields_in(state, name, language), state.sections.get(name, {}))


def unprintable_content(
    state: Application, candidate: CandidateFacts | None, language: str = "en"
) -> Iterator[Problem]:
    """What the PDF cannot show of the whole file, as `section.field`; of the profile, as `profile`."""
    known = candidate.profile if candidate else {}
    for name, _, fields in PROFILE_FIELDS:
        for problem in unprintable_in(fields, known.get(name, {})):
            yield problem._replace(field="profile")
    for name in SECTIONS:
        for problem in unprintable_problems(state, name, language):
            yield problem._replace(field=f"{name}.{problem.field}")


def profile_problems(candidate: CandidateFacts | None) -> Iterator[Problem]:
    """Why the profile stands in the way (R22)."""
    if candidate is None or not candidate.complete:
        percent = candidate.percent if candidate else 0
        yield Problem(
            "profile",
            N_("Your profile is %(percent)s%% complete. Fill in the missing fields"),
            {"percent": percent},
        )


def blockers(
    state: Application,
    vacancy: VacancyFacts | None,
    candidate: CandidateFacts | None,
    at: datetime,
    language: str = "en",
) -> Iterator[Problem]:
    """Everything that blocks submission, except whether the job opening still takes applications."""
    if state.target is None:
        yield Problem("vacancy", N_("Choose the job opening that you apply for"))
    elif vacancy and vacancy.version != state.target.vacancy_version:
        yield Problem("vacancy", N_("The job opening was amended. Read it and its questions again"))
    yield from profile_problems(candidate)
    yield from content_problems(state, at.date(), language)


def reference_of(application_id: UUID, at: datetime) -> str:
    """A number to quote, like 2026-7K4M-Q2XD-09TB: 60 bits of the application's id, in Crockford's base 32."""
    number = int.from_bytes(hashlib.sha256(application_id.bytes).digest()[:8], "big") >> 4
    letters = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(55, -1, -5))
    return f"{at.year}-{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def content_of(state: Application, vacancy: VacancyFacts | None, candidate: CandidateFacts | None) -> dict[str, Any]:
    """The whole file as it is at this moment, profile included, JSON values only: what counts of all that was typed."""
    who = candidate or CandidateFacts(id=state.candidate_id or UUID(int=0))
    sections = {name: in_order(section.fields, state.sections.get(name, {})) for name, section in SECTIONS.items()}
    content = {
        "language": who.language,
        "candidate": _named(who),
        "profile": who.profile,
        "vacancy": vacancy.in_language(who.language).model_dump(mode="json", include=_WHAT) if vacancy else None,
        "questions": [question.model_dump(mode="json") for question in (state.questions if state.target else ())],
        "sections": sections,
        "equivalences": assessed(sections[EDUCATION], state.proposals),
        "attachments": [file.model_dump(mode="json", exclude={"candidate_id"}) for file in state.attachments.values()],
    }
    return as_file(content)


def _named(who: CandidateFacts) -> dict[str, Any]:
    """Who applies, under the name that the profile gives: people marry and correct what they registered with."""
    contact = who.profile.get("contact", {})
    names = {name: contact[name] for name in ("given_names", "family_name") if str(contact.get(name) or "").strip()}
    only = {"given_names": ""} if contact.get("only_name") == "yes" else {}
    return who.model_dump(mode="json", include=_WHO) | names | only


def snapshot_of(  # noqa: PLR0917 - one argument a fact
    application_id: UUID,
    state: Application,
    vacancy: VacancyFacts,
    candidate: CandidateFacts,
    at: datetime,
    catalogue: Catalogue | None = None,
) -> dict[str, Any]:
    """What is submitted: the file with its reference and its time; `before_catalogue`: if that came later (R74)."""
    reference = {"reference": reference_of(application_id, at), "submitted_at": at.isoformat()}
    day = catalogue.effective_on if catalogue and not catalogue.in_force(at) else None
    early = {"before_catalogue": day.isoformat()} if day else {}
    return reference | early | content_of(state, vacancy, candidate)
