"""Documents that a candidate keeps: the rules, attaching them, both doors, and what is left when they go."""

import io
import json
import zipfile
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.applications.domain.inputs import FileFacts
from services.applications.domain.library import (
    LIBRARY,
    MOST_DOCUMENTS,
    EraseDocuments,
    KeepDocument,
    RemoveDocument,
    attachments_of,
)
from services.applications.events.library import DocumentKept, DocumentKind, DocumentRemoved, DocumentsErased
from services.applications.projections import LIBRARY as VIEW
from shared.files.uploads import detach
from shared.model.errors import Conflict, Gone, Invalid, NotFound
from shared.model.testing import given, history, recorded
from tests.applications.doors import API, applicant, draft, kept, publish, submitted
from tests.applications.test_erased_doors import HELD, until_gone
from tests.applications.values import ANNA, pdf
from tests.platform import PASSWORD, Kit, hidden_fields

DOCUMENTS = "/applications/api/documents"
WISH = UUID(int=0xF0)


def file(number: int = 1, **changes: Any) -> FileFacts:
    facts: dict[str, Any] = {
        "id": UUID(int=0xD0 + number), "name": f"AM_{number}.pdf", "size": 1_000, "sha256": "0" * 64,
        "content_type": "application/pdf",
    }  # fmt: skip
    return FileFacts(**{**facts, **changes})


def keeping(number: int = 1, **changes: Any) -> KeepDocument:
    return KeepDocument(candidate_id=ANNA, file=file(number, **changes), kind=DocumentKind.DIPLOMA)


def was_kept(number: int = 1) -> DocumentKept:
    facts = file(number)
    return DocumentKept(
        candidate_id=ANNA, document_id=facts.id, kind=DocumentKind.DIPLOMA, name=facts.name,
        content_type="application/pdf", size=facts.size, sha256=facts.sha256,
    )  # fmt: skip


def removing(number: int = 1) -> RemoveDocument:
    return RemoveDocument(candidate_id=ANNA, document_id=file(number).id)


REMOVED = DocumentRemoved(candidate_id=ANNA, document_id=file().id)
ERASED = DocumentsErased(candidate_id=ANNA)


def test_a_document_is_kept_once_and_removed_once() -> None:
    given(LIBRARY).when(keeping()).then(was_kept())
    given(LIBRARY, was_kept()).when(keeping()).then()
    given(LIBRARY, was_kept()).when(removing()).then(REMOVED)
    given(LIBRARY, was_kept(), REMOVED).when(removing()).then()
    given(LIBRARY, was_kept(), REMOVED, was_kept()).when(removing()).then(REMOVED)
    given(LIBRARY, was_kept(), REMOVED, was_kept(), REMOVED).when(removing()).then()
    given(LIBRARY, was_kept()).when(removing(2)).refused(NotFound)


def test_a_document_is_what_could_be_attached_and_has_a_name_of_its_own() -> None:
    given(LIBRARY).when(keeping(name="Mon diplôme.pdf")).refused(Invalid, "file")
    given(LIBRARY).when(keeping(content_type=None)).refused(Invalid, "file")
    given(LIBRARY).when(keeping(size=1_000_000)).refused(Invalid, "file")
    given(LIBRARY, was_kept()).when(keeping(2, name="am_1.PDF")).refused(Invalid, "file")


def test_there_is_room_for_so_many_and_again_once_one_is_removed() -> None:
    full = [was_kept(number) for number in range(1, MOST_DOCUMENTS + 1)]
    given(LIBRARY, *full[:-1]).when(keeping(MOST_DOCUMENTS)).then(full[-1])
    given(LIBRARY, *full).when(keeping(MOST_DOCUMENTS + 1)).refused(Conflict, "file")
    given(LIBRARY, *full, REMOVED).when(keeping(MOST_DOCUMENTS + 1)).then(was_kept(MOST_DOCUMENTS + 1))


def test_with_the_account_they_go_and_none_comes_after() -> None:
    closing = EraseDocuments(candidate_id=ANNA)
    for past in ((), (was_kept(),), (was_kept(), REMOVED)):
        given(LIBRARY, *past).when(closing).then(ERASED)
        given(LIBRARY, *past, ERASED).when(closing).then()
        given(LIBRARY, *past, ERASED).when(keeping(2)).refused(Gone)


def test_of_what_was_removed_no_more_is_remembered_than_can_be_kept() -> None:
    past: list[Any] = []
    for number in range(MOST_DOCUMENTS + 5):
        past += [was_kept(number), DocumentRemoved(candidate_id=ANNA, document_id=file(number).id)]
    assert len(LIBRARY.fold(past).removed) == MOST_DOCUMENTS
    given(LIBRARY, *past).when(removing(MOST_DOCUMENTS + 4)).then()
    given(LIBRARY, *past).when(removing(0)).refused(NotFound)


def test_what_is_ticked_becomes_a_file_of_the_draft_with_an_id_of_its_own() -> None:
    library = LIBRARY.fold([was_kept(1), was_kept(2)])
    ids = [file(2).id, file(1).id, file(2).id]
    first, second = attachments_of(library, ANNA, WISH, ids)
    assert (first.file.name, second.file.name) == ("AM_2.pdf", "AM_1.pdf")
    assert not {first.file.id, second.file.id} & {*ids}
    assert attachments_of(library, ANNA, WISH, ids) == [first, second]
    assert attachments_of(library, ANNA, UUID(int=0xF1), ids)[0].file.id != first.file.id
    for wanted, refusal in (([], Invalid), ([file(3).id], NotFound)):
        with pytest.raises(refusal):
            attachments_of(library, ANNA, WISH, wanted)


def test_the_view_has_what_is_kept_and_nothing_of_who_is_erased() -> None:
    document: Any = None
    for event in history(f"library-{ANNA}", was_kept(1), was_kept(2), REMOVED):
        document = VIEW.evolve(document, event)
    assert [each["name"] for each in document["documents"]] == ["AM_2.pdf"]
    assert VIEW.evolve(document, recorded(ERASED, f"library-{ANNA}")) is None
    emptied = recorded(was_kept().model_copy(update={"name": ""}), f"library-{ANNA}")._replace(erased=True)
    assert VIEW.evolve(None, emptied) is None


async def test_a_document_is_kept_once_and_attached_without_being_sent_again(platform: Kit) -> None:
    anna, vacancy = await applicant(platform), await publish(platform)
    document, other = await kept(anna), await kept(anna, "AM_CV.pdf", "cv")
    [listed, _] = (await anna.api("GET", DOCUMENTS)).json()
    assert (listed["id"], listed["kind"], listed["name"]) == (document, "diploma", "AM_Diploma.pdf")
    sent = (await submitted(anna, vacancy))["id"]
    refused = await anna.api("POST", f"{API}/{sent}/attachments/documents", json={"document_ids": [document]})
    assert refused.status_code == 409
    unfinished = await draft(anna)
    path, wish = f"{API}/{unfinished}/attachments/documents", {"document_ids": [document, other]}
    key = {"Idempotency-Key": str(uuid4())}
    answer = await anna.api("POST", path, json=wish, headers=key)
    assert answer.status_code == 201, answer.text
    assert (await anna.api("POST", path, json=wish, headers=key)).json() == answer.json()
    assert (await anna.api("POST", path, json={"document_ids": [other]})).status_code == 422
    stranger = await platform.candidate()
    for call in (("GET", f"{DOCUMENTS}/{document}"), ("DELETE", f"{DOCUMENTS}/{document}")):
        assert (await stranger.api(*call)).status_code == 404
    theirs = await draft(stranger)
    stolen = await stranger.api("POST", f"{API}/{theirs}/attachments/documents", json={"document_ids": [document]})
    assert stolen.status_code == 404

    assert (await anna.api("DELETE", f"{DOCUMENTS}/{document}")).status_code == 204
    assert (await anna.api("GET", f"{DOCUMENTS}/{document}")).status_code == 404
    attached = await anna.api("GET", f"{API}/{unfinished}/attachments/{answer.json()['ids'][0]}")
    assert (attached.status_code, attached.content) == (200, pdf())


async def test_the_pages_keep_tick_and_remove(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    page = "/applications/documents"
    assert (await anna.post_form(page, {"kind": "diploma"})).status_code == 422
    upload = {"file": ("AM_Certificate.pdf", pdf(), "application/pdf")}
    assert "Certificate.pdf" in (await anna.post_form(page, {"kind": "certificate"}, files=upload)).text
    [document] = (await anna.api("GET", DOCUMENTS)).json()
    attachments = f"/applications/{application}/attachments"
    assert (await anna.post_form(f"{attachments}/documents", {}, page=attachments)).status_code == 422
    form = {**hidden_fields((await anna.get(attachments)).text), "documents": document["id"]}
    for _ in range(2):
        done = await anna.post(f"{attachments}/documents", form)
        assert "The documents are attached" in unescape(done.text)
    again = await anna.post_form(f"{attachments}/documents", {"documents": document["id"]}, page=attachments)
    assert again.status_code == 422
    removed = await anna.post_form(f"{page}/{document['id']}/remove", {}, page=page)
    assert "You keep no document yet." in unescape(removed.text)
    assert (await anna.api("GET", f"{API}/{application}")).json()["attachments"][0]["name"] == "AM_Certificate.pdf"


async def test_they_are_handed_out_and_go_with_the_account(platform: Kit) -> None:
    anna = await applicant(platform)
    document, going = await kept(anna), await kept(anna, "AM_CV.pdf", "cv")
    pool = platform.service("applications").kernel.pool
    async with pool.acquire() as connection, connection.transaction():
        await detach(connection, [UUID(going)])  # as one is that is removed while the answer is on its way
    data = await anna.get("/applications/my-data")
    archive = zipfile.ZipFile(io.BytesIO(data.content))
    assert [each["id"] for each in json.loads(archive.read("applications.json"))["documents"]] == [document, going]
    assert [name for name in archive.namelist() if name.startswith("documents/")] == ["documents/1-AM_Diploma.pdf"]
    assert archive.read("documents/1-AM_Diploma.pdf") == pdf()
    closing = await anna.api("POST", "/identity/api/account/closure", json={"current_password": PASSWORD})
    assert closing.status_code < 300, closing.text
    await until_gone(platform, f"account-{anna.account_id}")
    await platform.settled()
    assert await pool.fetchval(HELD, UUID(document)) is False
    left = "select count(*) from documents where view = 'library' and key = $1"
    assert await pool.fetchval(left, str(anna.account_id)) == 0
