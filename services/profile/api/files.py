"""The profile's JSON door for files: read a CV, take what is wanted of it, and have the profile in other formats."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Request, Response, UploadFile
from pydantic import BaseModel, Field

from services.profile.api.sections import Typings, texts_of
from services.profile.domain import ALL_SECTIONS
from services.profile.domain.cv import Proposal, Reading, made
from services.profile.domain.cv.comparing import State
from services.profile.use_cases.exporting import FORMATS, Format, export, headers_of
from services.profile.use_cases.importing import Compared, compare, read_file, take
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime.kernel import KernelDep
from shared.web.language import Texts

router = api_router("profile")

FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {kind: {} for _, kind in FORMATS.values()}, "description": "The file, to be saved"}
}
SLUGS: Final[Mapping[str, str]] = {section.key: section.slug for section in ALL_SECTIONS}
KEYS: Final[Mapping[str, str]] = {slug: key for key, slug in SLUGS.items()}


class Proposed(BaseModel):
    """A field or an entry that can be taken, by its `id`.

    state: `new` fills what is empty or adds an entry, `completes` fills what is empty in an entry that is there,
    `differs` replaces what is there, `same` is there already.
    """

    id: str
    section: str
    label: str
    state: State
    before: str | dict[str, Any]
    value: Any


class NotTaken(BaseModel):
    """What was not understood or has no place here: where it stands in the file, and its words."""

    where: str
    words: str


class ReadFile(BaseModel):
    """What a file says. Nothing is kept of it: send `sections` and `seen` back with what is to be taken.

    rough: days of which the file says the month or the year alone, as `education.jobs.0.started_on`.
    more: how many pieces were not understood besides those that are listed.
    """

    sections: dict[str, dict[str, Any]]
    seen: dict[str, int]
    proposals: list[Proposed]
    rough: list[str]
    not_taken: list[NotTaken]
    more: int


class ToTake(BaseModel):
    """What is taken of what was read: the ids of proposals. seen: the sections' versions that it was compared with."""

    sections: dict[Annotated[str, Field(max_length=100)], Typings]
    take: list[Annotated[str, Field(max_length=100)]] = Field(max_length=1_000)
    seen: dict[Annotated[str, Field(max_length=100)], Annotated[int, Field(ge=0, le=1_000_000_000)]]


class Took(BaseModel):
    """What was taken, or was there already."""

    taken: list[str]


@router.post("/imports/read")
async def read_cv(file: UploadFile, who: Candidate, kernel: KernelDep, request: Request) -> ReadFile:
    """Reads a CV of fewer than 2,000,000 bytes and says what of it can be taken: JSON Resume, Europass, ours."""
    return _answer(await compare(kernel, who, await read_file(kernel, file)), texts_of(request))


@router.post("/imports")
async def take_from_cv(body: ToTake, who: Candidate, kernel: KernelDep) -> Took:
    """Takes what is named. Refused (409) if one of the sections was saved since; taking it again changes nothing."""
    reading = made({KEYS.get(slug, slug): values for slug, values in body.sections.items()})
    seen = {KEYS.get(slug, slug): version for slug, version in body.seen.items()}
    return Took(taken=[each.id for each in await take(kernel, who, reading, frozenset(body.take), seen)])


@router.get("/exports/{wanted}", responses=FILES, response_class=Response)
async def export_profile(wanted: Format, who: Candidate, kernel: KernelDep, request: Request) -> Response:
    """The profile and the CV kept with it as a file; the form is a PDF to be filled in, in the language accepted."""
    content = await export(kernel, who, wanted, texts_of(request))
    return Response(content, media_type=FORMATS[wanted][1], headers=headers_of(wanted))


def _answer(compared: Compared, texts: Texts) -> ReadFile:
    reading: Reading = compared.reading
    return ReadFile(
        sections={SLUGS[key]: dict(values) for key, values in reading.sections.items() if values},
        seen={SLUGS[key]: version for key, version in compared.seen.items()},
        proposals=[_proposed(each, texts) for each in compared.found],
        rough=sorted(reading.rough),
        not_taken=[NotTaken(where=each.where, words=each.words) for each in reading.left],
        more=reading.more,
    )


def _proposed(proposal: Proposal, texts: Texts) -> Proposed:
    field: Any = proposal.field
    return Proposed(
        id=proposal.id,
        section=proposal.section.slug,
        label=texts(getattr(field, "one", field.label)),
        state=proposal.state,
        before=proposal.before,
        value=proposal.value,
    )
