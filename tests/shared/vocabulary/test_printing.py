"""The table of signs that our documents can show is that of the fonts, and what stands for the others."""

import io
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from pypdf import PdfReader

from shared.files.pdf import FONTS, typeset
from shared.vocabulary.fields import Entries, Field
from shared.vocabulary.printing import SHAPING, STAND_IN, printable, ranges, unprintable, unprintable_in
from tests.shared.vocabulary.fonts import as_ranges, covered, written

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAIN = """
#let data = json(bytes(sys.inputs.data))
#set document(title: "Signs")
#set text(lang: "en", font: json(bytes(sys.inputs.fonts)))
#for line in data.lines { par(line) }
"""
NAMES = {
    "Arabic": "محمد عبد الله",
    "Armenian": "Արմեն Գրիգորյան",
    "Bengali": "রহিম উদ্দিন",
    "Burmese": "အောင်ဆန်းစုကြည်",
    "Chinese": "李小龙",
    "Cyrillic": "Іван Өмірбек Ђорђе",
    "Ethiopic": "አበበ ቢቂላ",
    "Georgian": "გიორგი მარგველაშვილი",
    "Greek": "Ωμέγα Ἀλέξανδρος",
    "Gujarati": "નરેન્દ્ર",
    "Gurmukhi": "ਮਨਮੋਹਨ ਸਿੰਘ",
    "Hebrew": "דוד כהן",
    "Hindi": "अमित शर्मा",
    "Japanese": "山田 太郎 さくら",
    "Kannada": "ಕನ್ನಡ",
    "Khmer": "សុខា ហ៊ុន",
    "Korean": "김철수",
    "Lao": "ສົມສັກ",
    "Malayalam": "മോഹൻലാൽ",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "Oriya": "ଓଡ଼ିଆ",
    "Persian": "پریسا گچ‌پژ",
    "Sinhala": "සිංහල",
    "Tamil": "முருகன்",
    "Telugu": "తెలుగు",
    "Thaana": "އަހުމަދު",
    "Thai": "สมชาย ใจดี",
    "Tibetan": "བསྟན་འཛིན",
    "Tifinagh": "ⴰⵎⴰⵣⵉⵖ",
    "Vietnamese": "Nguyễn Văn Đức",
    "emoji": "🚀 👨‍👩‍👧 🇫🇷 ❤️",
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "signs.typ"
    path.write_text(PLAIN)
    return path


def is_accessible(content: bytes) -> bool:
    metadata = PdfReader(io.BytesIO(content)).xmp_metadata
    return metadata is not None and "pdfuaid" in metadata.rdf_root.toxml()


def test_the_table_holds_the_signs_of_the_installed_fonts() -> None:
    """If it does not: `python -m tests.shared.vocabulary.fonts`."""
    signs = covered()
    assert set(signs) == set(FONTS)
    kept = (files("shared.vocabulary") / "printing.txt").read_text("ascii")
    assert kept == written(as_ranges(set().union(*signs.values())))


async def test_every_sign_of_the_table_is_set_accessibly(template: Path) -> None:
    pieces = (chr(sign) for first, last in ranges() for sign in range(first, last + 1))
    text = " ".join([*pieces, *SHAPING.replace("-", "")])
    lines = [text[start : start + 400] for start in range(0, len(text), 400)]
    assert is_accessible(await typeset(template, {"lines": lines}, NOW))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_of_every_member_state_can_be_printed(name: str) -> None:
    assert unprintable(name) == []
    assert printable(name) == name


@pytest.mark.parametrize(
    ("typed", "shown", "named"),
    [
        ("plain", "plain", []),
        ("x\ue000y", f"x{STAND_IN}[U+E000]y", ["\ue000"]),
        ("ᚠᚢᚦᚨᚠ", f"{STAND_IN * 5}[U+16A0 U+16A2 U+16A6 …]", ["ᚠ", "ᚢ", "ᚦ", "ᚨ"]),
        ("\uf0b7 First", "• First", ["\uf0b7"]),
        ("𝗕old", "Bold", ["𝗕"]),
        ("\ufeffone\x07\r\ntwo\x0bthree", "one\ntwo\nthree", []),
        ("ไทย\u200bไทย\u00ad", "ไทย\u200bไทย\u00ad", []),
        ("\uffff", f"{STAND_IN}[U+FFFF]", ["\uffff"]),
    ],
    ids=["plain", "private", "a run", "Word's bullet", "mathematical", "unseen", "shaping", "no character"],
)
def test_what_cannot_be_printed_is_named_and_stood_in_for(typed: str, shown: str, named: list[str]) -> None:
    assert printable(typed) == shown
    assert unprintable(typed) == named
    assert unprintable(shown) == []


def test_fields_with_unprintable_signs_are_named_those_of_entries_by_their_path() -> None:
    fields = (
        Field("letter", "Letter", "textarea"),
        Field("why", "Why", when=("letter", ("never",))),
        Entries("jobs", "Jobs", "Job", (Field("title", "Title"),)),
    )
    values = {"letter": "a ᚠ b ᚠ", "why": "ᚠ", "jobs": [{"title": "Chief"}, {"title": "\ue000ᚠᚢᚦᚨᚱ"}, "ᚠ"]}
    found = unprintable_in(fields, values)
    assert [problem.field for problem in found] == ["letter", "jobs.1.title"]
    assert str(found[0]) == (
        "Letter contains characters that cannot be printed: ᚠ (U+16A0). They are saved as you typed them; "
        "the PDF shows stand-ins in their place"
    )
    assert found[1].params["signs"].endswith("ᚨ (U+16A8) …")
    assert unprintable_in(fields, {"letter": ["ᚠ"], "jobs": "ᚠ"}) == []
