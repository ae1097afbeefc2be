"""What the index holds of a vacancy. Words are our own analyser's stems, parted by blanks: tantivy changes none."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from tantivy import Document, Schema, SchemaBuilder

from services.vacancies.projections.vacancies import Searched
from services.vacancies.use_cases.index.ranks import DEADLINE, NEWEST
from shared.vocabulary.search import FACETS, LANGUAGES

KEY: Final = "key"
STATUS: Final = "status"
POSTED: Final = "posted"
MARK: Final = "mark"
"""The key of the one document that is no vacancy, and its field: up to where the index has come."""


def text_in(language: str) -> str:
    """The field with all words of the notice in this language; a bar parts its passages, which nobody can ask for."""
    return f"text_{language}"


def heading_in(language: str) -> str:
    """The field with the words of its title."""
    return f"heading_{language}"


def schema() -> Schema:
    """Positions are kept where phrases are looked for; only the key and the mark can be read back."""
    builder = SchemaBuilder()
    for name in (KEY, MARK):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in (STATUS, *FACETS):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for language in LANGUAGES:
        for name in (text_in(language), heading_in(language)):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in (POSTED, NEWEST.field, DEADLINE.field):
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def document_of(key: str, vacancy: Mapping[str, Any]) -> Document:
    """What is put into the index for a document of the view `search`."""
    document = Document()
    document.add_text(KEY, key)
    document.add_text(STATUS, vacancy["status"])
    for name in FACETS:
        for value in vacancy["facets"][name]:
            document.add_text(name, value)
    for language, notice in _notices(vacancy):
        document.add_text(text_in(language), notice["text"])
        document.add_text(heading_in(language), notice["heading"])
    document.add_unsigned(POSTED, date.fromisoformat(vacancy["posted"]).toordinal())
    document.add_unsigned(NEWEST.field, NEWEST.standing(vacancy["opens_at"], key).rank)
    document.add_unsigned(DEADLINE.field, DEADLINE.standing(vacancy["closes_at"], key).rank)
    return document


def _notices(vacancy: Mapping[str, Any]) -> Iterator[tuple[str, Searched]]:
    yield vacancy["language"], Searched(text=vacancy["text"], heading=vacancy["heading"])
    yield from vacancy.get("translated", {}).items()


def mark_of(text: str) -> Document:
    document = Document()
    document.add_text(KEY, MARK)
    document.add_text(MARK, text)
    return document
