"""The application file as PDF: every script, each value in its direction, nothing off the page, what comes first."""

import copy
import io
import json
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from services.applications.domain.sheet import printed
from services.applications.domain.summary import LONGEST, summary_of
from services.applications.use_cases.applications import TEMPLATE
from shared.files.pdf import FONTS, _compiler, _printable, typeset
from tests.applications.test_documents import NOW, draft, frozen
from tests.applications.values import SECTIONS
from tests.shared.vocabulary.test_printing import NAMES, is_accessible

PPI = 72
MARGIN = 20 / 25.4 * PPI


def filed(**letter: Any) -> dict[str, Any]:
    snapshot = copy.deepcopy(frozen())
    snapshot["sections"]["letter"].update(letter)
    return snapshot


async def made(snapshot: dict[str, Any], status: str = "applied") -> PdfReader:
    content = await typeset(TEMPLATE, printed(snapshot, status, "en", str), NOW)
    assert is_accessible(content)
    return PdfReader(io.BytesIO(content))


def pictures(snapshot: dict[str, Any]) -> list[Image.Image]:
    """The pages as they look, a pixel a point."""
    data = json.dumps(_printable(printed(snapshot, "applied", "en", str)))
    inputs = {"data": data, "fonts": json.dumps(FONTS)}
    pages: Any = _compiler().compile(input=TEMPLATE.read_bytes(), format="png", ppi=PPI, sys_inputs=inputs)
    made = pages if isinstance(pages, list) else [pages]
    return [Image.open(io.BytesIO(page)).convert("L").point(lambda grey: 255 if grey < 200 else 0) for page in made]


def fonts_of(page: Any) -> dict[str, bool]:
    """The fonts of a page, and whether each is embedded."""
    found = {}
    for entry in page["/Resources"]["/Font"].values():
        font = entry.get_object()
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = inner.get("/FontDescriptor")
        kept = descriptor is not None and any(key.startswith("/FontFile") for key in descriptor.get_object())
        found[str(font["/BaseFont"])] = kept or font["/Subtype"] == "/Type3"
    return found


async def test_names_in_every_script_are_set_in_embedded_fonts() -> None:
    snapshot = filed()
    references = snapshot["sections"]["references"]["referees"]
    snapshot["sections"]["references"]["referees"] = [
        {**references[0], "name": name, "occupation": script} for script, name in NAMES.items()
    ]
    reader = await made(snapshot)
    fonts = {name: kept for page in reader.pages for name, kept in fonts_of(page).items()}
    assert all(fonts.values())
    used = {name.partition("+")[2].partition("-")[0] for name in fonts}
    assert {"NotoSans", "NotoSansThai", "NotoSansHebrew", "NotoSansEthiopic", "NotoSerifTibetan"} <= used
    assert {"NotoSansThaana", "NotoSansTifinagh", "NotoSansMongolian", "NotoEmoji", "NotoSansKhmer"} <= used
    text = "".join(page.extract_text() for page in reader.pages)
    for script in ("Armenian", "Chinese", "Ethiopic", "Georgian", "Greek", "Japanese", "Korean", "Tifinagh"):
        assert NAMES[script] in text


async def test_a_sign_that_no_font_has_is_shown_by_its_code_and_the_file_stays_accessible() -> None:
    reader = await made(filed(letter="I apply \ue000 with ᚠ"))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "▯[U+E000] with " in text
    assert "▯[U+16A0]" in text


ARABIC = "أعمل في P-3 منذ 5 سنوات."
HEBREW = "עברתי ב-P-3 לפני 5 שנים."
PERSIAN = "من P-4 در تهران ۱۲ سال کار کردم."


@pytest.mark.parametrize("line", [ARABIC, HEBREW, PERSIAN], ids=["Arabic", "Hebrew", "Persian"])
def test_a_line_that_begins_from_the_right_stands_at_the_right(line: str) -> None:
    """The same line after a Latin letter stands at the left, and so do the lines of the document's own language."""
    for text, at_right in ((line, True), (f"A {line}", False), ("An English line.", False)):
        snapshot = {**filed(), "sections": {"letter": {"letter": f"{text}\n{text}"}}}
        blank = {**filed(), "sections": {"letter": {"letter": "\n"}}}
        wrote, empty = pictures(snapshot), pictures(blank)
        page = next(number for number, (one, other) in enumerate(zip(wrote, empty, strict=True)) if one != other)
        written = Image.composite(
            Image.new("L", wrote[page].size), wrote[page], empty[page]
        )  # What the letter added; labels and lines of the sheet are on both.
        left, _, right, _ = written.getbbox() or (0, 0, 0, 0)
        gap_left, gap_right = left - MARGIN, wrote[page].width - MARGIN - right
        assert (gap_right < 3 < gap_left) is at_right, (text, gap_left, gap_right)


def places(reader: PdfReader) -> list[tuple[str, float, float]]:
    """The pieces of text of all pages, with where each begins."""
    found: list[tuple[str, float, float]] = []

    def piece(text: str, matrix: list[float], *_: Any) -> None:
        found.append((text.strip(" ."), matrix[4], matrix[5]))

    for page in reader.pages:
        page.extract_text(visitor_text=piece)
    return found


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("أعمل في QX-3 منذ 57 سنوات في ZUNDP.", ("QX-3", "57", "ZUNDP")),
        ("עברתי ב QX-3 לפני 57 שנים אל ZUNDP.", ("QX-3", "57", "ZUNDP")),
        ("من QX-3 در تهران 57 سال در ZUNDP.", ("QX-3", "57", "ZUNDP")),
    ],
    ids=["Arabic", "Hebrew", "Persian"],
)
@pytest.mark.parametrize("field", ["letter", "name"])
async def test_the_parts_of_a_line_follow_one_another_from_the_right(
    line: str, parts: tuple[str, ...], field: str
) -> None:
    """In a long text and in a row of a card; after a Latin letter they follow one another from the left."""
    for text, from_the_right in ((line, True), (f"A {line}", False)):
        snapshot = filed(**({"letter": text} if field == "letter" else {}))
        if field == "name":
            snapshot["sections"]["references"]["referees"][0]["name"] = text
        known = {piece: x for piece, x, _ in places(await made(snapshot))}
        where = [known[part] for part in parts]
        assert where == sorted(where, reverse=from_the_right), (text, where)


LATIN = "W" * 300
ADDRESS = "firstname.lastname-other-names@organisation-of-the-many-states.example.org"


RUNS = {
    "Latin": "W" * 20_000,
    "Greek": "Ω" * 200,
    "accents": "e\u0301" * 100,
    "ligature": "ﷺ" * 60,
    "emoji": "🚀" * 120,
    "Han": "漢" * 200,
    "Thai": "ประสบการณ์" * 20,
    "Burmese": "အတွေ့အကြုံ" * 20,
    "Khmer": "បទពិសោធន៍" * 20,
    "Lao": "ປະສົບການ" * 20,
    "Tibetan": "བསྟན" * 40,
    "Ethiopic": "አበበ" * 60,
    "Arabic": "محمد" * 50,
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_run_without_a_break_stays_within_the_margins_of_every_page(run: str) -> None:
    """In a text, in a row, in the summary and, as the name, in the footer of every page."""
    snapshot = filed(letter=f"{run}\n{run[:119]}", other_information=run[:119])
    snapshot["candidate"]["family_name"] = snapshot["candidate"]["given_names"] = run[:200]
    for job in snapshot["sections"]["education"]["jobs"]:
        job["title"] = job["employer"] = run[:200]
    for page in pictures(snapshot):
        left, top, right, bottom = page.getbbox() or (0, 0, 0, 0)
        assert left >= MARGIN - 2
        assert right <= page.width - MARGIN + 2
        assert top >= 30
        assert bottom <= page.height - 20


async def test_what_is_broken_is_copied_whole() -> None:
    snapshot = filed()
    snapshot["sections"]["references"]["referees"][0]["email"] = ADDRESS
    text = "".join(page.extract_text() for page in (await made(snapshot)).pages)
    assert ADDRESS in text.replace("\n", "")


async def test_every_page_carries_the_name_the_reference_and_its_number() -> None:
    snapshot = filed(letter="I apply.\n" * 150)
    pages = (await made(snapshot)).pages
    assert len(pages) >= 4
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        for words in ("Anna Müller", snapshot["reference"], f"Page {number} / {len(pages)}"):
            assert words in text


async def test_a_draft_carries_the_user_code_for_a_reference() -> None:
    content = draft()
    for page in (await made(content, "draft")).pages:
        assert page.extract_text().count(content["candidate"]["user_code"]) >= 1


async def test_the_first_page_names_candidate_vacancy_languages_degrees_and_last_jobs() -> None:
    snapshot = filed()
    education = snapshot["sections"]["education"]
    job = {**education["jobs"][0], "current": "no"}
    years = ("2001", "2009", "2005", "1999")
    education["jobs"] += [
        {**job, "title": f"Clerk {year}", "started_on": f"{year}-01-01", "ended_on": f"{year}-12-31"} for year in years
    ]
    text = (await made(snapshot)).pages[0].extract_text()
    said = ("Anna Müller", "26-ECO-1", "At a glance", "French (mother tongue), English (knowledge)",
            "Economist – IRD – France – 2012–present", "Clerk 2009", "Clerk 2005",
            "Education and experience")  # fmt: skip
    places = [text.find(words) for words in said]
    assert -1 not in places
    assert places == sorted(places)
    assert "Diplôme d’ingénieur" in text[: text.find("Latest jobs")]
    assert "Clerk 1999" not in text[: text.find("Education and experience")]
    assert "Family" not in text


async def test_the_summary_stays_on_the_first_page_whatever_was_typed() -> None:
    snapshot = filed()
    long = "Very long words " * 12
    for group in ("diplomas", "jobs"):
        entry = snapshot["sections"]["education"][group][0]
        filled = dict.fromkeys(("title", "employer", "institution", "field_of_study"), long)
        snapshot["sections"]["education"][group] = [{**entry, **filled}] * 50
    snapshot["candidate"]["given_names"] = snapshot["candidate"]["family_name"] = "N" * 200
    spoken = [{"language": code} for code in ("en", "es", "ru", "ar", "zh", "de", "it", "pt", "nl", "sv")]
    snapshot["sections"]["skills"]["languages"] = spoken
    text = (await made(snapshot)).pages[0].extract_text()
    assert text.count("2012–present") == 3


def test_a_line_of_the_summary_keeps_its_order_around_a_part_from_the_right() -> None:
    jobs = [{"title": "محاسب", "employer": "UNDP", "started_on": "2001-02-03", "ended_on": "typed", "current": "no"}]
    assert summary_of({"education": {"jobs": jobs}}, "en", str) == [
        ("Latest jobs", ["\u2068محاسب\u2069 – UNDP – 2001"])
    ]
    assert summary_of({}, "en", str) == []
    long = summary_of({"education": {"jobs": [{"title": "ب" * 200}]}}, "en", str)
    assert long == [("Latest jobs", [f"\u2068{'ب' * (LONGEST - 1)}…\u2069"])]


async def test_an_entry_is_not_split_and_a_long_one_keeps_its_first_rows() -> None:
    """Wherever the cards come to stand on their pages: none leaves its title, or its first rows, behind."""
    entry = SECTIONS["education"]["jobs"][0]
    for before in range(0, 60, 6):
        snapshot = filed()
        snapshot["sections"]["education"] = {
            "diplomas": [],
            "jobs": [
                {**entry, "title": "First", "duties": "Line.\n" * before},
                {**entry, "title": "Whole", "employer": "Whole employer", "achievements": "Whole end."},
                {**entry, "title": "Long", "employer": "Long employer", "duties": "Sentence. " * 700},
            ],
        }
        pages = [page.extract_text() for page in (await made(snapshot)).pages]
        page_of = {words: next(number for number, text in enumerate(pages) if words in text)
                   for words in ("Employer Whole", "Whole end.", "Job 2", "Job 3", "Employer Long")}  # fmt: skip
        assert page_of["Job 2"] == page_of["Employer Whole"] == page_of["Whole end."]
        assert page_of["Job 3"] == page_of["Employer Long"]
