"""The profile's JSON door: read and save a section, and ask how complete the profile is, field by field."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import BaseModel, Field, WithJsonSchema

from services.profile.domain import ALL_SECTIONS, PROFILE, SAVES, Section, completeness
from services.profile.domain.cv import BOUNDS
from services.profile.projections import PROFILE as VIEW
from shared.auth import Candidate, Who
from shared.http import api_router
from shared.model.errors import Problem, refuse_if
from shared.runtime.kernel import Kernel, KernelDep
from shared.vocabulary.fields import AnyField, Entries, PromptList, misshapen
from shared.web.environment import web_of
from shared.web.language import Texts, accepted

router = api_router("profile", {"section": PROFILE})

_TEXT = {"type": "string", "maxLength": BOUNDS.characters}
_ENTRY = {"type": "object", "additionalProperties": _TEXT}
Typings = Annotated[
    dict[str, Any],
    Field(
        description="What was typed, by field: text, dates as 2026-11-23, codes of lists, yes or no; groups as lists.",
        examples=[{"birth_nationality": "PL", "nationality": "FR", "permanent_resident": "no"}],
    ),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"anyOf": [_TEXT, {"type": "array", "items": _ENTRY, "maxItems": BOUNDS.entries}]},
        }
    ),
]
Slug = StrEnum("Slug", {section.key: section.slug for section in ALL_SECTIONS})  # type: ignore[misc]


class ToMend(BaseModel):
    """A field that is missing something or holds something wrong, and what to do about it."""

    field: str
    message: str


class SectionToSave(BaseModel):
    """A whole section. `seen` is the version it is based on: 409 if another was saved since.

    Without it, whatever arrives last counts, be it a request that was held up and had been sent again long since.
    """

    values: Typings
    seen: int | None = Field(None, ge=0, le=1_000_000_000)


class SavedSection(BaseModel):
    """A section as it is kept. `version` counts its saves; `percent` is that of the whole profile."""

    section: str
    version: int
    saved_at: datetime | None
    values: dict[str, Any]
    problems: list[ToMend]
    percent: int


class Asked(BaseModel):
    """One field that a complete profile needs: done, missing, or wrong with the reason."""

    section: str
    field: str
    label: str
    state: Literal["done", "missing", "wrong"]
    message: str


class HowComplete(BaseModel):
    """`complete` is true exactly at 100 percent."""

    percent: int
    complete: bool
    fields: list[Asked]


class Choice(BaseModel):
    value: str
    label: str


class Described(BaseModel):
    """A field of a section: what kind it is, whether it is mandatory, when it counts, what it can hold."""

    name: str
    label: str
    kind: str
    required: bool
    counts_only_if: dict[str, list[str]]
    choices: list[Choice]
    fields: list["Described"]


@router.get("/completeness")
async def how_complete(who: Candidate, kernel: KernelDep, request: Request) -> HowComplete:
    """How complete the profile is, explained field by field in the language accepted."""
    texts, today = texts_of(request), await _today(kernel)
    document = await kernel.views.get(VIEW, who.account_id)
    saved = document["sections"] if document else {}
    now = completeness({key: section["values"] for key, section in saved.items()}, today)
    fields = [
        Asked(
            section=step.section.slug,
            field=step.field,
            label=texts(step.label),
            state="done" if not step.problem else "missing" if step.missing else "wrong",
            message=texts.problem(Problem(step.field, step.problem, step.params)),
        )
        for step in now.steps
    ]
    return HowComplete(percent=now.percent, complete=now.complete, fields=fields)


@router.get("/{section}")
async def read_section(section: Slug, who: Candidate, kernel: KernelDep, request: Request) -> SavedSection:
    """A section as it was saved last, and what is missing or wrong in it."""
    return await _section(_named(section), who, kernel, texts_of(request))


@router.put("/{section}")
async def save_section(
    section: Slug, body: SectionToSave, who: Candidate, kernel: KernelDep, request: Request
) -> SavedSection:
    """Saves a whole section. Nothing typed is refused; what is missing or wrong in it is listed in the answer."""
    named = _named(section)
    refuse_if(misshapen(named.fields, body.values, BOUNDS))
    command = SAVES[named.key](candidate_id=who.account_id, values=dict(body.values), seen=body.seen)
    await kernel.execute(PROFILE, who.account_id, command)
    return await _section(named, who, kernel, texts_of(request))


@router.get("/{section}/fields")
async def describe_fields(section: Slug, request: Request) -> list[Described]:
    """The fields of a section, with the values that lists accept, in the language accepted."""
    return _described(_named(section).fields, texts_of(request))


def _named(slug: Slug) -> Section:
    return next(section for section in ALL_SECTIONS if section.slug == slug.value)


def texts_of(request: Request) -> Texts:
    """The texts in the language that the client asks for."""
    return web_of(request).texts(accepted(request.headers.get("accept-language", "")))


async def _today(kernel: Kernel) -> date:
    return (await kernel.now()).date()


async def _section(section: Section, who: Who, kernel: Kernel, texts: Texts) -> SavedSection:
    document = await kernel.current(VIEW, PROFILE, who.account_id)
    saved = document["sections"] if document else {}
    today = await _today(kernel)
    mine = saved.get(section.key)
    values = mine["values"] if mine else {}
    return SavedSection(
        section=section.slug,
        version=mine["version"] if mine else 0,
        saved_at=datetime.fromisoformat(str(mine["saved_at"])) if mine else None,
        values=values,
        problems=[ToMend(field=p.field, message=texts.problem(p)) for p in section.problems(values, today)],
        percent=completeness({key: each["values"] for key, each in saved.items()}, today).percent,
    )


def _described(fields: Sequence[AnyField], texts: Texts) -> list[Described]:
    return [
        Described(
            name=field.name,
            label=texts(field.label),
            kind="entries" if isinstance(field, Entries) else field.kind,
            required=field.minimum > 0 if isinstance(field, Entries) else field.required,
            counts_only_if={field.when[0]: list(field.when[1])} if field.when else {},
            choices=_choices(field, texts),
            fields=_described(field.fields, texts) if isinstance(field, Entries) else [],
        )
        for field in fields
    ]


def _choices(field: AnyField, texts: Texts) -> list[Choice]:
    if isinstance(field, Entries):
        return []
    if isinstance(field.options, PromptList):
        return [Choice(value=value, label=label) for value, label in field.options.labels(texts.language).items()]
    return [Choice(value=option.value, label=texts(option.label)) for option in field.options]
