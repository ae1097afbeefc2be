"""An application submitted before the catalogue of equivalences is in force: the operator's day, through the pages."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from services.applications.events import CATALOGUE_FROM, SETTINGS
from services.applications.main import SERVICE
from shared.ops.misconfigured import Misconfigured
from shared.runtime.kernel import Kernel
from tests.applications.degrees import education
from tests.applications.doors import API, applicant, draft, fill, publish, submit
from tests.applications.test_equivalence_doors import diplomas, engineer
from tests.applications.test_pages import text_of
from tests.applications.values import ANSWERS, SECTIONS
from tests.platform import Candidate, Kit

TOMORROW = f"{datetime.now(UTC).year + 1}-03-11"
STATED = "Indiqués dans la candidature, soumise avant l’entrée en vigueur du catalogue des équivalences"


Starts = Callable[[str], Awaitable[None]]


@pytest.fixture
async def starts_with(platform: Kit, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Starts]:
    """The service starts once more, with this day of the operator's; afterwards with the default again."""
    kernel = platform.service("applications").kernel

    async def starts(day: str) -> None:
        monkeypatch.setitem(kernel.settings.of_services, CATALOGUE_FROM, day)
        await begin(kernel)
        await platform.settled()

    yield starts
    await starts(SETTINGS[CATALOGUE_FROM].default)


async def begin(kernel: Kernel) -> None:
    assert SERVICE.on_start
    await SERVICE.on_start(kernel)


async def file_of(anna: Candidate, application: str) -> str:
    """The PDF's first page, in words."""
    content = (await anna.api("GET", f"{API}/{application}/php")).content
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


@pytest.mark.rule("R69")
@pytest.mark.rule("R74")
async def test_what_was_submitted_before_the_catalogue_says_so_and_stays_valid_while_drafts_get_proposals(
    platform: Kit, starts_with: Starts
) -> None:
    school = engineer("INSA de Rennes")
    vacancy, anna = await publish(platform), await applicant(platform, language="fr")
    await starts_with(TOMORROW)
    early, prepared = await draft(anna, vacancy), await draft(anna)
    for application in (early, prepared):
        answers = {"screening": ANSWERS} if application == early else {}
        ready = await fill(anna, application, {**SECTIONS, **answers, "education": education(school, level="master")})
        assert "Correspond à" not in text_of(await anna.get(f"/applications/{application}/education"))
        if application == early:
            assert (await submit(anna, early, ready["revision"])).status_code == 200
    await starts_with("2012-03-11")
    shown = " ".join(text_of(await anna.get(f"/applications/{early}")).split())
    assert f"Niveaux des diplômes {STATED} (11 mars {TOMORROW[:4]}). Elle reste valable." in shown
    assert "Postulé" in shown
    assert "Niveau proposé par le catalogue" not in shown
    assert STATED in await file_of(anna, early)
    [frozen] = await diplomas(anna, early)
    assert (frozen["proposed"], frozen["chosen"], frozen["offered"]) == (None, "master", None)
    listed = text_of(await anna.get(f"/applications/{prepared}/education"))
    assert "Correspond à « Diplôme d’ingénieur » (INSA Rennes) dans le catalogue (France)" in listed
    assert STATED not in text_of(await anna.get(f"/applications/{prepared}/review"))


@pytest.mark.rule("R74")
async def test_what_is_submitted_once_the_catalogue_is_in_force_does_not_speak_of_it(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await applicant(platform, language="fr")
    application = await draft(anna, vacancy)
    ready = await fill(anna, application)
    assert (await submit(anna, application, ready["revision"])).status_code == 200
    assert "Niveaux des diplômes" not in text_of(await anna.get(f"/applications/{application}"))
    assert STATED not in await file_of(anna, application)


async def test_a_day_that_is_none_is_named_and_the_service_does_not_start(
    platform: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = platform.service("applications").kernel
    monkeypatch.setitem(kernel.settings.of_services, CATALOGUE_FROM, "11/03/2012")
    with pytest.raises(Misconfigured, match=r"POSTULO_CATALOGUE_FROM .* has to be a day, like 2012-03-11"):
        await begin(kernel)
