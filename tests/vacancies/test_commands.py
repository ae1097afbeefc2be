"""The operator's import, on a real database: progress, rejections with their reasons, and a second run."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.site import prepare
from services.vacancies.domain import VACANCY, Vacancy, day_of, importing, vacancy_id
from services.vacancies.domain.openings import places_of
from services.vacancies.main import SERVICE
from shared.ops.settings import Settings
from shared.runtime.kernel import Kernel, with_kernel

GOOD = {
    "jobId": "24-1",
    "language": "FR",
    "postingTitle": "Traductrice",
    "jobDescription": "<p onclick='x()'>Traduit.</p>",
    "jobLevel": "P-3",
    "jobFamilyCode": "LAN",
    "dutyStation": [{"code": "GENEVA", "description": "GENEVA"}],
    "startDate": -3,
    "endDate": 30,
    "dept": "UNOG",
}
POSTING = {
    "@type": "JobPosting",
    "identifier": "posting-0",
    "inLanguage": "fr",
    "title": "Traductrice P-3",
    "description": "<p>Traduit.</p>",
    "occupationalCategory": "LAN",
    "validThrough": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
    "hiringOrganization": "UNOG",
    "jobLocation": {"@type": "Place", "address": {"addressLocality": "Genève"}},
}


def alone(postings: list[object]) -> object:
    return postings[0]


def graph(postings: list[object]) -> object:
    return {"@context": "https://schema.org", "@graph": postings}


def items(postings: list[object]) -> object:
    return {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": posting} for posting in postings]}


@pytest.fixture
async def service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migrated database that the command finds by its environment."""
    await prepare([SERVICE], settings)
    monkeypatch.setenv("POSTULO_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("POSTULO_DATABASE_PREFIX", settings.database_prefix)


async def run(*arguments: str) -> Result:
    """The command, in a thread, since it runs a loop of its own."""
    commands = SERVICE.commands
    assert commands
    return await asyncio.to_thread(CliRunner().invoke, commands, list(arguments))


def written(folder: Path, content: object) -> str:
    path = folder / "notices.json"
    path.write_text(json.dumps(content))
    return str(path)


def counted(result: Result) -> str:
    return result.stdout.strip().splitlines()[-1]


@pytest.mark.usefixtures("service")
async def test_each_rejected_record_is_reported_and_spoils_no_other(tmp_path: Path) -> None:
    records: Sequence[object] = [GOOD, {**GOOD, "jobId": "24-2", "jobLevel": "P-9"}, 7, {"jobId": "24-3", "endDate": 3}]
    first = await run("import", written(tmp_path, {"data": {"list": records}}))
    assert first.exit_code == 1
    assert counted(first) == "1 published, 0 changed, 0 unchanged, 3 rejected"
    assert "rejected 24-2 (FR): jobLevel: “P-9” is not a code of the list levels" in first.stderr
    assert "rejected 7: a record is a JSON object" in first.stderr
    assert "rejected 24-3 (None): language" in first.stderr


@pytest.mark.usefixtures("service")
async def test_an_import_can_be_repeated_and_brings_up_to_date(tmp_path: Path) -> None:
    assert counted(await run("import", written(tmp_path, [GOOD]))) == "1 published, 0 changed, 0 unchanged, 0 rejected"
    again = await run("import", written(tmp_path, [GOOD]))
    assert (again.exit_code, counted(again)) == (0, "0 published, 0 changed, 1 unchanged, 0 rejected")
    changed = await run("import", written(tmp_path, [{**GOOD, "postingTitle": "Traducteur"}]))
    assert counted(changed) == "0 published, 1 changed, 0 unchanged, 0 rejected"


@pytest.mark.usefixtures("service")
async def test_what_is_imported_belongs_to_the_organisation_that_is_named_and_stays_whose_it_was(
    tmp_path: Path, settings: Settings
) -> None:
    named = await run("import", written(tmp_path, [GOOD]), "--organisation", " OHRM ")
    assert counted(named) == "1 published, 0 changed, 0 unchanged, 0 rejected"
    again = await run("import", written(tmp_path, [{**GOOD, "postingTitle": "Traducteur"}, {**GOOD, "jobId": "24-2"}]))
    assert counted(again) == "1 published, 1 changed, 0 unchanged, 0 rejected"
    for number, organisation in (("24-1", "OHRM"), ("24-2", "")):
        key = vacancy_id(number)
        known = await with_kernel(SERVICE, settings, lambda kernel, key=key: kernel.state(VACANCY, key))  # type: ignore[misc]
        assert known.content is not None
        assert known.content.organisation == organisation


@pytest.mark.usefixtures("service")
async def test_a_notice_that_stands_twice_in_a_file_is_published_once(tmp_path: Path) -> None:
    twice = await run("import", written(tmp_path, [GOOD, {**GOOD, "jobId": " 24-1"}]))
    assert counted(twice) == "1 published, 0 changed, 1 unchanged, 0 rejected"


@pytest.mark.rule("R42")
@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("languages", ["fr en", "en fr", "fr", "en"])
async def test_two_vacancies_of_the_version_before_become_one_when_either_notice_is_imported_again(
    settings: Settings, tmp_path: Path, languages: str
) -> None:
    french = {**GOOD, "jobDescription": "<p>Traduit.</p>"}
    english = {**french, "language": "EN", "postingTitle": "Translator"}
    notices = {"fr": french, "en": english}
    kept, gone = places_of("24-1")[1:]

    async def before(kernel: Kernel) -> None:
        today = day_of(await kernel.now())
        for place, notice in ((kept, english), (gone, french)):
            await kernel.execute(VACANCY, place, importing.read(notice, today).announcement)

    async def now(kernel: Kernel) -> tuple[Vacancy, ...]:
        return tuple([await kernel.state(VACANCY, place) for place in places_of("24-1")])

    await with_kernel(SERVICE, settings, before)
    first = await run("import", written(tmp_path, [notices[language] for language in languages.split()]))
    assert counted(first).startswith("0 published, 1 changed")
    new, whole, other = await with_kernel(SERVICE, settings, now)
    assert (new.content, other.merged_into) == (None, kept)
    assert whole.content is not None
    assert (whole.content.title, whole.content.titles) == (
        "Translator", [{"language": "fr", "title": "Traductrice"}],
    )  # fmt: skip
    assert whole.content.absorbed == (gone,)
    again = await run("import", written(tmp_path, [english, french]))
    assert counted(again) == "0 published, 0 changed, 2 unchanged, 0 rejected"


@pytest.mark.usefixtures("service")
async def test_postings_of_schema_org_are_imported_from_any_file_that_holds_them(tmp_path: Path) -> None:
    holders: Sequence[Callable[[list[object]], object]] = (list, alone, graph, items)
    for number, hold in enumerate(holders, 1):
        posting = {**POSTING, "identifier": f"posting-{number}"}
        first = await run("import", written(tmp_path, hold([posting])))
        assert counted(first) == "1 published, 0 changed, 0 unchanged, 0 rejected", first.stderr
        again = await run("import", written(tmp_path, hold([posting])))
        assert counted(again) == "0 published, 0 changed, 1 unchanged, 0 rejected"


@pytest.mark.usefixtures("service")
async def test_both_shapes_may_stand_in_one_file_and_each_is_rejected_in_its_own_words(tmp_path: Path) -> None:
    bad = {**POSTING, "validThrough": None, "identifier": {"value": "posting-9"}}
    result = await run("import", written(tmp_path, [GOOD, POSTING, bad]))
    assert counted(result) == "2 published, 0 changed, 0 unchanged, 1 rejected"
    assert "rejected posting-9 (fr): validThrough: The closing day is missing" in result.stderr


@pytest.mark.usefixtures("service")
async def test_a_file_of_nothing_but_rejected_records_is_reported(tmp_path: Path) -> None:
    assert counted(await run("import", written(tmp_path, [7, None]))) == (
        "0 published, 0 changed, 0 unchanged, 2 rejected"
    )


@pytest.mark.usefixtures("service")
async def test_the_samples_can_be_imported_twice() -> None:
    assert counted(await run("import", "--samples")) == "200 published, 0 changed, 0 unchanged, 0 rejected"
    assert counted(await run("import", "--samples")) == "0 published, 0 changed, 200 unchanged, 0 rejected"


@pytest.mark.parametrize("content", ['{"no": "list"}', "{", "3"])
async def test_a_file_that_is_no_list_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notices.json"
    path.write_text(content)
    result = await run("import", str(path))
    assert result.exit_code == 2
    assert "notices.json" in "".join(result.stderr.replace("│", "").split()), "a path may be broken over lines"
