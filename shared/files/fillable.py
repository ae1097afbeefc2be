"""A PDF to be filled in (AcroForm): words set by typst, and over them controls with names, which any reader of PDF has.

Readers draw the controls themselves, in fonts of theirs, so that every script can be typed.
"""

import asyncio
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from shared.files.pdf import typeset
from shared.vocabulary.official import RIGHT_TO_LEFT

TEMPLATE: Final = Path(__file__).with_name("fillable.typ")

WIDTH, HEIGHT, MARGIN, BOTTOM = 595.0, 842.0, 42.0, 50.0
GAP: Final = 14.0
"""Points, as all that follows: between the two columns."""
LABEL, LINE, TEXT, BELOW = 24.0, 17.0, 96.0, 5.0
HEADINGS: Final = (0.0, 38.0, 29.0, 22.0)
INTRODUCTION: Final = 66.0

PRINTED, HIDDEN = 4, 2
READ_ONLY, MULTILINE, COMBO = 1, 1 << 12, 1 << 17

Choices = tuple[tuple[str, str], ...]


class Heading(NamedTuple):
    """Words of level 1 to 3 across the page; without any, room between what stands above and below."""

    text: str
    level: int


class Control(NamedTuple):
    """A control. kind: one line, several lines, or a list to choose from. most: characters; 0 if it does not matter."""

    name: str
    label: str
    kind: Literal["line", "text", "choice"] = "line"
    value: str = ""
    options: Choices = ()
    most: int = 0


class Form(NamedTuple):
    """What is to be filled in, in the words of a language. marks: hidden controls, by name, that say what it is."""

    title: str
    introduction: str
    parts: Sequence[Heading | Control]
    language: str
    marks: tuple[tuple[str, str], ...] = ()


@dataclass
class _Layout:
    """Where everything stands. y runs from the top."""

    form: Form
    pages: list[list[dict[str, Any]]] = field(default_factory=lambda: [[]])
    controls: list[tuple[int, Control, tuple[float, float, float, float]]] = field(default_factory=list)
    _y: float = MARGIN
    _second: bool = False

    def heading(self, text: str, level: int, height: float, *, followed: float = 0.0) -> None:
        self._row_ends()
        self._room(height + followed)
        if text:
            self._say(MARGIN, WIDTH - 2 * MARGIN, height - 2 * BELOW, text, level)
        self._y += height

    def control(self, control: Control) -> None:
        """In one of two columns, from where the language begins; several lines take both."""
        wide = control.kind == "text"
        height = LABEL + (TEXT if wide else LINE) + BELOW
        if wide:
            self._row_ends()
        if not self._second:
            self._room(height)
        column = (WIDTH - 2 * MARGIN - GAP) / 2
        width = WIDTH - 2 * MARGIN if wide else column
        far = self._second != (self.form.language in RIGHT_TO_LEFT)
        x = MARGIN if wide or not far else MARGIN + column + GAP
        self._say(x, width, LABEL - 4, control.label, 0)
        top = self._y + LABEL
        self.controls.append((len(self.pages) - 1, control, (x, top, x + width, top + height - LABEL - BELOW)))
        if wide or self._second:
            self._y, self._second = self._y + height, False
        else:
            self._second = True

    def _row_ends(self) -> None:
        if self._second:
            self._y, self._second = self._y + LABEL + LINE + BELOW, False

    def _room(self, height: float) -> None:
        if self._y + height > HEIGHT - BOTTOM:
            self.pages.append([])
            self._y = MARGIN

    def _say(self, x: float, width: float, height: float, text: str, level: int) -> None:
        piece = {"x": x, "y": self._y, "width": width, "height": height, "text": text, "level": level}
        self.pages[-1].append(piece)


def _laid_out(form: Form) -> _Layout:
    layout = _Layout(form)
    layout.heading(form.title, 1, HEADINGS[1])
    layout.heading(form.introduction, 9, INTRODUCTION)
    for part in form.parts:
        if isinstance(part, Heading):
            layout.heading(part.text, part.level, HEADINGS[part.level], followed=3 * (LABEL + LINE))
        else:
            layout.control(part)
    return layout


async def fillable(form: Form, at: datetime) -> bytes:
    """The form as PDF, dated `at`."""
    layout = _laid_out(form)
    data = {"title": form.title, "footer": form.title, "language": form.language, "pages": layout.pages}
    words = await typeset(TEMPLATE, data, at, "1.7")
    return await asyncio.to_thread(_with_controls, words, layout)


def _with_controls(words: bytes, layout: _Layout) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(words))
    lists: dict[Choices, IndirectObject] = {}
    made: list[IndirectObject] = []
    on_page: list[list[IndirectObject]] = [[] for _ in layout.pages]
    for number, control, box in layout.controls:
        widget = _widget(control, box)
        if control.options:
            if control.options not in lists:
                lists[control.options] = writer._add_object(_options(control.options))  # noqa: SLF001 - pypdf makes no controls of its own
            widget[NameObject("/Opt")] = lists[control.options]
        _put(writer, widget, made, on_page[number])
    for name, value in layout.form.marks:
        hidden = _widget(Control(name, name, value=value), (0, 0, 0, 0), flags=HIDDEN)
        hidden[NameObject("/Ff")] = NumberObject(READ_ONLY)
        _put(writer, hidden, made, on_page[0])
    for page, widgets in zip(writer.pages, on_page, strict=True):
        page[NameObject("/Annots")] = ArrayObject(widgets)
        page[NameObject("/Tabs")] = NameObject("/R")
    writer.root_object[NameObject("/AcroForm")] = _form(made)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _put(writer: PdfWriter, widget: DictionaryObject, *places: list[IndirectObject]) -> None:
    reference = writer._add_object(widget)  # noqa: SLF001 - pypdf makes no controls of its own
    for place in places:
        place.append(reference)


def _form(controls: Iterable[IndirectObject]) -> DictionaryObject:
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"),
        NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })  # fmt: skip
    fonts = DictionaryObject({NameObject("/Helv"): font})
    return DictionaryObject({
        NameObject("/Fields"): ArrayObject(controls),
        NameObject("/NeedAppearances"): BooleanObject(value=True),
        NameObject("/DA"): TextStringObject("/Helv 9 Tf 0 g"),
        NameObject("/DR"): DictionaryObject({NameObject("/Font"): fonts}),
    })  # fmt: skip


def _options(options: Choices) -> ArrayObject:
    """What is written, and what is read, of each value; nothing chosen comes first."""
    return ArrayObject([ArrayObject(map(TextStringObject, each)) for each in (("", " "), *options)])


def _widget(control: Control, box: tuple[float, float, float, float], flags: int = PRINTED) -> DictionaryObject:
    left, top, right, bottom = box
    corners = (left, HEIGHT - bottom, right, HEIGHT - top)
    widget = DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"),
        NameObject("/Subtype"): NameObject("/Widget"),
        NameObject("/FT"): NameObject("/Ch" if control.kind == "choice" else "/Tx"),
        NameObject("/T"): TextStringObject(control.name),
        NameObject("/TU"): TextStringObject(control.label),
        NameObject("/F"): NumberObject(flags),
        NameObject("/Rect"): ArrayObject(map(FloatObject, corners)),
        NameObject("/DA"): TextStringObject("/Helv 9 Tf 0 g"),
        NameObject("/MK"): DictionaryObject({NameObject("/BC"): _grey(0.35), NameObject("/BG"): _grey(0.97)}),
    })  # fmt: skip
    widget.update(dict(_more(control)))
    return widget


def _more(control: Control) -> Iterator[tuple[NameObject, Any]]:
    kinds = {"text": MULTILINE, "choice": COMBO}
    if control.kind in kinds:
        yield NameObject("/Ff"), NumberObject(kinds[control.kind])
    if control.most and control.kind != "choice":
        yield NameObject("/MaxLen"), NumberObject(control.most)
    if control.value:
        yield NameObject("/V"), TextStringObject(control.value)


def _grey(value: float) -> ArrayObject:
    return ArrayObject([FloatObject(value)])
