"""What applications holds about a candidate: every application with its PDF and its files, and what was reported."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import orjson

from services.applications.projections import ACCOMMODATION, APPLICATION, REPORT, ApplicationDocument
from services.applications.use_cases import applications, library
from shared.auth import Who
from shared.files import uploads
from shared.files.data_export import Part, as_json
from shared.runtime.kernel import Kernel
from shared.web.language import Texts

_REPORTS = """select document::text from documents_of_view where document->'report'->>'candidate_id' = $2
    order by document->>'reported_at'"""


async def my_data(kernel: Kernel, who: Who, texts: Callable[[str], Texts]) -> AsyncIterator[Part]:
    """One JSON file, then a folder for each application. texts: gives the translations of a language."""
    ids = [row["id"] for row in await applications.all_of(kernel, who)]
    rows = await kernel.views.fetch(REPORT, _REPORTS, str(who.account_id))
    found = await kernel.views.many(APPLICATION, ids)
    documents = [found[each] for each in ids if each in found]
    asked = await kernel.views.many(ACCOMMODATION, ids)
    held = {
        "applications": documents,
        "reports": [orjson.loads(row[0]) for row in rows],
        "accommodations": [asked[each] for each in ids if each in asked],
    }
    documents_kept = await library.kept_by(kernel, who)
    yield "applications.json", as_json({**held, "documents": documents_kept})
    for number, kept in enumerate(documents_kept, 1):
        # One that was removed meanwhile is left out: the answer has begun, and nothing can be refused any more.
        if (content := await uploads.content_of(kernel.pool, UUID(kept["id"]))) is not None:
            yield f"documents/{number}-{kept['name']}", content
    for document in documents:
        if "erased_at" in document:
            continue
        async for part in _files(kernel, document, texts):
            yield part


async def _files(kernel: Kernel, document: ApplicationDocument, texts: Callable[[str], Texts]) -> AsyncIterator[Part]:
    folder = _folder(document)
    yield f"{folder}/{applications.php_name(document)}", await applications.php(kernel, document, texts)
    for number, file in enumerate(document["attachments"], 1):
        known, content = await applications.attached(kernel, document, UUID(file["attachment_id"]))
        yield f"{folder}/{number}-{known['name']}", content


def _folder(document: ApplicationDocument) -> str:
    submitted: dict[str, Any] | None = document["submitted"]
    return str(submitted["reference"]) if submitted else f"draft-{document['id']}"
