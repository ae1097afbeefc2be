"""What both doors do: look up what a wish needs, carry it out with its files, and say what has become of it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from starlette.datastructures import UploadFile

from services.applications.domain import steps
from services.applications.domain.application import APPLICATION
from services.applications.domain.commands import (
    AddAttachment,
    ArchiveApplication,
    NameDraft,
    RemoveAttachment,
    RestoreApplication,
    SaveDraft,
    WithdrawApplication,
)
from services.applications.domain.draft import UNKNOWN
from services.applications.domain.inputs import CandidateFacts, VacancyFacts, not_open
from services.applications.domain.sheet import Translate, printed
from services.applications.domain.slot import SLOT, TAKEN, Slot, slot_key
from services.applications.domain.state import EDUCATION, restored
from services.applications.domain.submission import blockers, content_of, unprintable_content
from services.applications.events import ApplicationSubmitted, WithdrawalReason
from services.applications.events.sections import SECTIONS
from services.applications.projections import (
    APPLICATION as APPLICATION_VIEW,
)
from services.applications.projections import (
    APPLICATIONS_OF,
    CANDIDATE,
    VACANCY,
    ApplicationDocument,
    CandidateDocument,
    Listed,
    VacancyDocument,
)
from services.applications.use_cases.equivalence import catalogue
from services.applications.use_cases.files import releasing, uploaded
from services.identity.events import account_of
from shared.auth import Who
from shared.files import uploads
from shared.files.pdf import typeset
from shared.model.errors import N_, Gone, NotFound, Problem
from shared.runtime.kernel import Kernel, Written
from shared.store.database import Connection
from shared.store.erasing import unless_erased
from shared.vocabulary.fields import in_order

TEMPLATE: Final = Path(__file__).parents[1] / "templates" / "applications" / "php.typ"
_KEEP: Final = """insert into documents_of_record (application_id, content) select $1::uuid, $2
    where not exists (select from erased_subjects where subject = 'application-' || $1::uuid) on conflict do nothing"""
"""Not for one that was erased while its file was being made."""
NO_VACANCY: Final = N_("There is no such job opening")


def ordered(document: ApplicationDocument) -> ApplicationDocument:
    """With the entries of a draft in their order: one that only saved itself in the background has them as typed."""
    sections = {name: in_order(SECTIONS[name].fields, values) for name, values in document["sections"].items()}
    return cast(ApplicationDocument, {**document, "sections": sections})


async def own(kernel: Kernel, who: Who, application_id: UUID) -> ApplicationDocument:
    """The candidate's application; NotFound for anybody else's."""
    document = await kernel.current(APPLICATION_VIEW, APPLICATION, application_id)
    if document is None or document["candidate_id"] != str(who.account_id):
        raise NotFound.because(UNKNOWN)
    refuse_erased(document)
    return document


def refuse_erased(document: ApplicationDocument) -> None:
    """Raises Gone where nothing is left of what was submitted."""
    if erased_at := document.get("erased_at"):
        raise Gone.because(N_("What was submitted has been erased on %(day)s"), day=erased_at[:10])


async def folded(kernel: Kernel, application_id: UUID) -> ApplicationDocument | None:
    """The application straight from the store: one that was created a moment ago may be missing in the view."""
    return (await all_folded(kernel, [application_id])).get(application_id)


async def all_folded(kernel: Kernel, ids: Collection[UUID]) -> dict[UUID, ApplicationDocument]:
    """Those of these that there are, straight from the store."""
    if not ids:
        return {}
    streams, nothing = (await kernel.store.load(*map(APPLICATION.stream, ids))).streams, cast("Any", None)
    found = {each: reduce(APPLICATION_VIEW.evolve, streams[APPLICATION.stream(each)], nothing) for each in ids}
    return {each: document for each, document in found.items() if document is not None}


async def _after(kernel: Kernel, document: ApplicationDocument, written: Written) -> ApplicationDocument:
    """The application after what was just written; the view may still be behind."""
    ours = [event for event in written.events if event.stream == APPLICATION.stream(document["id"])]
    if not ours or ours[0].version != document["revision"] + 1:
        return await folded(kernel, UUID(document["id"])) or document
    return reduce(lambda known, event: APPLICATION_VIEW.evolve(known, event) or known, ours, document)


async def all_of(kernel: Kernel, who: Who) -> list[Listed]:
    """The candidate's applications, the last created first (R53)."""
    document = await kernel.views.get(APPLICATIONS_OF, who.account_id)
    return document["applications"] if document else []


def to_copy(rows: Iterable[Listed]) -> list[Listed]:
    """Those in which there is something to copy: nothing is left in what was erased."""
    return [row for row in rows if not row.get("erased")]


async def vacancy_of(kernel: Kernel, vacancy_id: object) -> VacancyDocument:
    """The job opening; NotFound for one that is not known."""
    document = await kernel.views.get(VACANCY, vacancy_id)
    if document is None:
        raise NotFound.because(NO_VACANCY, "vacancy")
    return document


async def targeted(kernel: Kernel, document: ApplicationDocument) -> VacancyDocument | None:
    """The job opening that the application is meant for."""
    target = document["target"]
    return await kernel.views.get(VACANCY, target["vacancy_id"]) if target else None


async def candidate_of(kernel: Kernel, candidate_id: object) -> CandidateDocument | None:
    """What is known of the candidate."""
    return await kernel.views.get(CANDIDATE, candidate_id)


async def slot_of(kernel: Kernel, who: Who, vacancy: VacancyDocument) -> Slot:
    """Whether the candidate has submitted for this job opening, be it for a notice that is part of it now."""
    ids = (vacancy["id"], *vacancy.get("absorbed", ()))
    keys = [slot_key(who.account_id, UUID(vacancy_id)) for vacancy_id in ids]
    known = await kernel.states(*((SLOT, key) for key in keys))
    slots = (known.state(SLOT, key) for key in keys)
    return next((slot for slot in slots if slot.application_id), Slot())


async def create(
    kernel: Kernel, who: Who, new_id: UUID, *, confirmed: bool, start: str, source: UUID | None, vacancy_id: UUID | None
) -> None:
    """A draft (R15, R16, R34, R35), for a job opening if one is named. Doing it again changes nothing.

    It begins with an earlier application, with the CV kept with the profile, or with nothing.

    Raises Gone if the source is erased.
    """
    state = await kernel.state(APPLICATION, new_id)
    if state.candidate_id == who.account_id:
        return
    vacancy = await vacancy_of(kernel, vacancy_id) if vacancy_id else None
    slot = await slot_of(kernel, who, vacancy) if vacancy else Slot()
    rows = await all_of(kernel, who)
    source_id = steps.chosen_source(start, source, _ids(rows), _ids(to_copy(rows)))
    copied = None
    if source_id:
        await own(kernel, who, source_id)
        copied = steps.copied(new_id, source_id, await kernel.state(APPLICATION, source_id))
    elif start == steps.FROM_CV:
        copied = steps.from_cv(await candidate_of(kernel, who.account_id))
    degrees = await catalogue(kernel) if copied else None
    wishes = steps.to_create(new_id, who.account_id, confirmed, copied, vacancy, slot, who.language, degrees)

    async def hold_copies(connection: Connection) -> None:
        for file in copied.files if copied else ():
            await uploads.attach(connection, file.id, file.sha256)

    holds = unless_erased(account_of(who.account_id), hold_copies) if copied and copied.files else None
    await kernel.execute_all(*wishes, also=holds)


def _ids(rows: Iterable[Listed]) -> list[UUID]:
    return [UUID(row["id"]) for row in rows]


async def aim(kernel: Kernel, who: Who, application_id: UUID, vacancy: VacancyDocument) -> None:
    """The draft is meant for this job opening from now on."""
    slot = await slot_of(kernel, who, vacancy)
    await kernel.execute_all(steps.to_target(application_id, who.account_id, vacancy, slot, who.language))


async def save(
    kernel: Kernel, who: Who, document: ApplicationDocument, section: str, *,
    values: dict[str, Any], seen: int | None, in_place: bool = False,
) -> ApplicationDocument:  # fmt: skip
    """Saves one section, whatever it holds; returns the application."""
    degrees = await catalogue(kernel) if section == EDUCATION else None
    command = SaveDraft(
        candidate_id=who.account_id, section=section, values=values, seen=seen, in_place=in_place, catalogue=degrees
    )
    return await _after(kernel, document, await kernel.execute(APPLICATION, document["id"], command))


async def attach(kernel: Kernel, who: Who, application_id: UUID, file_id: UUID, upload: UploadFile) -> None:
    """Attaches an uploaded file (R61, R62), content and event in one transaction."""
    facts, hold = await uploaded(kernel, who, file_id, upload)
    command = AddAttachment(candidate_id=who.account_id, file=facts)
    await kernel.execute(APPLICATION, application_id, command, also=hold)


async def detach(kernel: Kernel, who: Who, application_id: UUID, file_id: UUID) -> None:
    """Removes an attached file."""
    owned = file_id in (await kernel.state(APPLICATION, application_id)).attachments
    command = RemoveAttachment(candidate_id=who.account_id, attachment_id=file_id)
    await kernel.execute(APPLICATION, application_id, command, also=releasing([file_id] if owned else []))


async def discard(kernel: Kernel, who: Who, application_id: UUID) -> None:
    """Throws a draft away, with its files."""
    held = (await kernel.state(APPLICATION, application_id)).attachments
    await kernel.execute_all(*steps.to_discard(application_id, who.account_id), also=releasing(held))


async def rename(kernel: Kernel, who: Who, application_id: UUID, name: str) -> None:
    """Calls a draft by a name."""
    await kernel.execute(APPLICATION, application_id, NameDraft(candidate_id=who.account_id, name=name))


async def archive(kernel: Kernel, who: Who, application_id: UUID) -> None:
    """Puts an application that is over out of the way."""
    await kernel.execute(APPLICATION, application_id, ArchiveApplication(candidate_id=who.account_id))


async def restore(kernel: Kernel, who: Who, application_id: UUID) -> None:
    """Takes an application back from the archive."""
    await kernel.execute(APPLICATION, application_id, RestoreApplication(candidate_id=who.account_id))


async def submit(kernel: Kernel, who: Who, application_id: UUID, seen: int, accepted: bool) -> ApplicationDocument:
    """Submits what was reviewed (R38) and accepted (R39), slot and application in one append (R42)."""
    document = await own(kernel, who, application_id)
    vacancy, candidate = await targeted(kernel, document), await candidate_of(kernel, who.account_id)
    degrees = await catalogue(kernel)
    wishes = steps.to_submit(application_id, who.account_id, seen, accepted, vacancy, candidate, degrees)
    return await _after(kernel, document, await kernel.execute_all(*wishes))


async def submission_of(kernel: Kernel, who: Who, application_id: UUID) -> ApplicationSubmitted | None:
    """What the candidate submitted. Raises Gone if it is erased."""
    submitted = (await own(kernel, who, application_id))["submitted"]
    return ApplicationSubmitted.model_validate(submitted) if submitted else None


async def withdraw(
    kernel: Kernel, who: Who, application_id: UUID, reason: WithdrawalReason | None, explanation: str
) -> None:
    """Withdraws a submitted application (R43), whether or not the candidate says why. Raises Gone if it is erased."""
    await own(kernel, who, application_id)
    wish = WithdrawApplication(candidate_id=who.account_id, reason=reason, explanation=explanation)
    await kernel.execute(APPLICATION, application_id, wish)


async def snapshot(kernel: Kernel, document: ApplicationDocument) -> dict[str, Any]:
    """The whole file: frozen if it was submitted (R40), else as it is now."""
    if document["submitted"]:
        return cast("dict[str, Any]", document["submitted"]["snapshot"])
    vacancy, candidate = await targeted(kernel, document), await candidate_of(kernel, document["candidate_id"])
    return content_of(
        restored(document),
        VacancyFacts.model_validate(vacancy) if vacancy else None,
        CandidateFacts.model_validate(candidate) if candidate else None,
    )


async def php(kernel: Kernel, document: ApplicationDocument, texts: Any) -> bytes:
    """The PDF (R27), in the candidate's language. A submitted one is made once and stays the same bytes for ever.

    texts: gives the translations of a language.
    """
    submitted = document["submitted"]
    if submitted and (kept := await _kept(kernel, document["id"])):
        return kept
    content = await snapshot(kernel, document)
    language = content["language"]
    translate: Translate = texts(language)
    at = datetime.fromisoformat(content["submitted_at"] if submitted else document["saved_at"])
    made = await typeset(TEMPLATE, printed(content, document["status"], language, translate), at)
    if not submitted:
        return made
    await kernel.pool.execute(_KEEP, UUID(document["id"]), made)
    return await _kept(kernel, document["id"]) or made


async def _kept(kernel: Kernel, application_id: str) -> bytes | None:
    sql = "select content from documents_of_record where application_id = $1"
    return cast("bytes | None", await kernel.pool.fetchval(sql, UUID(application_id)))


async def attached(kernel: Kernel, document: ApplicationDocument, file_id: UUID) -> tuple[dict[str, Any], bytes]:
    """An attached file: what is known of it, and its content."""
    found = next((file for file in document["attachments"] if file["attachment_id"] == str(file_id)), None)
    content = await uploads.content_of(kernel.pool, file_id) if found else None
    if found is None or content is None:
        raise NotFound.because(N_("There is no such file in this application"))
    return found, content


def php_name(document: ApplicationDocument) -> str:
    """What the PDF is called when it is saved."""
    submitted = document["submitted"]
    return f"PHP-{submitted['reference']}.pdf" if submitted else "PHP-draft.pdf"


async def what_blocks(kernel: Kernel, who: Who, document: ApplicationDocument, language: str) -> list[Any]:
    """The problems that submitting this draft now would meet."""
    vacancy, candidate = await targeted(kernel, document), await candidate_of(kernel, who.account_id)
    facts = VacancyFacts.model_validate(vacancy) if vacancy else None
    person = CandidateFacts.model_validate(candidate) if candidate else None
    now = await kernel.now()
    closed = not_open(facts, now) if facts else None
    holder = (await slot_of(kernel, who, vacancy)).application_id if vacancy else None
    taken = holder not in (None, UUID(document["id"]))
    obstacle = Problem("vacancy", TAKEN) if taken else closed
    return [*([obstacle] if obstacle else []), *blockers(restored(document), facts, person, now, language)]


async def unprintable(kernel: Kernel, document: ApplicationDocument, language: str) -> list[Problem]:
    """What the PDF would show stand-ins for."""
    candidate = await candidate_of(kernel, document["candidate_id"])
    person = CandidateFacts.model_validate(candidate) if candidate else None
    return list(unprintable_content(restored(document), person, language))
