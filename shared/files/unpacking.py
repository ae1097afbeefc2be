"""What a program wrote into a file: JSON, XML, and a PDF's form or the data attached to it, as plain lists and objects.

Only for a process that may be killed: strangers choose what it reads. XML is read without document types, and so
without entities; what is nested too deep or holds too much is refused.
"""

import io
import json
from typing import Any, Final
from xml.parsers import expat

from pypdf import PdfReader
from pypdf.generic import IndirectObject

from shared.files.answers import Unpacked
from shared.vocabulary import flaws
from shared.vocabulary.flaws import Flaw

DEEPEST: Final = 40
MOST_VALUES: Final = 20_000
"""Of all lists and objects; elements and attributes of XML."""
MOST_CHARACTERS: Final = 400_000
"""Of all texts in it: so much comes back from a page that shows it."""
MOST_ATTACHED: Final = 10

TEXT: Final = "#"
"""The key under which an XML element has its text; its attributes have theirs behind an @, its elements a list each."""

_PDF: Final = b"%PDF-"
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class _TooMuch(ValueError):
    """It holds more, or deeper, than is read."""


class _DocumentType(ValueError):
    """It declares a document type."""


def unpack(content: bytes) -> Unpacked:
    """Reads all of it."""
    plain = content.lstrip(b" \t\r\n\0")
    if not plain:
        return Unpacked(flaw=flaws.EMPTY)
    return _guarded(_pdf, plain, flaws.DAMAGED_PDF) if plain.startswith(_PDF) else _written(plain)


def _written(plain: bytes) -> Unpacked:
    """What is text in a language for data."""
    bare = plain.removeprefix(_MARKS[0]).lstrip()
    if bare.startswith(b"<") or plain.startswith(_MARKS[1:]):
        return _guarded(_xml, plain, flaws.DAMAGED_XML)
    if bare.startswith((b"{", b"[")):
        return _guarded(_json, bare, flaws.DAMAGED_JSON)
    return Unpacked(flaw=flaws.NO_DATA)


def _guarded(read: Any, content: bytes, otherwise: Flaw) -> Unpacked:
    try:
        found: Unpacked = read(content)
    except (_TooMuch, RecursionError):
        return Unpacked(flaw=flaws.TOO_MUCH_DATA)
    except _DocumentType:
        return Unpacked(flaw=flaws.DOCUMENT_TYPE)
    except Exception:  # noqa: BLE001 - whatever a parser says of a damaged file, it is one
        return Unpacked(flaw=otherwise)
    return found


def _json(content: bytes) -> Unpacked:
    read = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    _bound(read)
    return Unpacked("json", read)


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _bound(value: Any) -> None:
    """Raises what is too much; level by level, so that no depth is."""
    level, values, characters = [value], 0, 0
    for _ in range(DEEPEST):
        values += len(level)
        characters += sum(len(each) for each in level if isinstance(each, str))
        if values > MOST_VALUES or characters > MOST_CHARACTERS:
            raise _TooMuch
        level = [part for each in level for part in _parts(each)]
        if not level:
            return
    raise _TooMuch


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


class _Tree:
    """The elements as they come, each in the one around it."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open = [self.root]
        self._values = self._characters = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element: dict[str, Any] = {f"@{_local(key)}": value for key, value in attributes.items()}
        self._count(1 + len(attributes), len(name) + sum(len(key) + len(value) for key, value in attributes.items()))
        self._open[-1].setdefault(_local(name), []).append(element)
        self._open.append(element)
        if len(self._open) > DEEPEST:
            raise _TooMuch

    def end(self, _name: str) -> None:
        element = self._open.pop()
        if TEXT in element:
            element[TEXT] = "".join(element[TEXT]).strip()

    def text(self, data: str) -> None:
        self._count(0, len(data))
        self._open[-1].setdefault(TEXT, []).append(data)

    def _count(self, values: int, characters: int) -> None:
        self._values += values
        self._characters += characters
        if self._values > MOST_VALUES or self._characters > MOST_CHARACTERS:
            raise _TooMuch


def _local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition(" ")[2]


def _xml(content: bytes) -> Unpacked:
    tree = _Tree()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_type
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler = tree.text
    parser.ParseFile(io.BytesIO(content))
    return Unpacked("xml", tree.root)


def _refuse_type(*_: Any) -> None:
    raise _DocumentType


def _pdf(content: bytes) -> Unpacked:
    """What is attached says more than a form that stands beside it."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return Unpacked(flaw=flaws.LOCKED)
    found = _attached(reader)
    if found is not None:
        return found
    values = {name: _value(field.get("/V")) for name, field in (reader.get_fields() or {}).items()}
    if not values:
        return Unpacked(flaw=flaws.PDF_WITHOUT_DATA)
    _bound(values)
    return Unpacked("form", values)


def _attached(reader: PdfReader) -> Unpacked | None:
    """The first attached file that is XML or JSON, or what is wrong with it."""
    for number, attached in enumerate(reader.attachment_list):
        if number >= MOST_ATTACHED:
            break
        if attached.name.lower().endswith((".xml", ".json")):
            held = _written(attached.content.strip(b" \t\r\n\0"))
            return held if held.flaw != flaws.NO_DATA else None
    return None


def _value(value: Any) -> str:
    plain = value.get_object() if isinstance(value, IndirectObject) else value
    if isinstance(plain, bytes):
        return plain.decode("utf-8", "replace")
    return "" if plain is None else str(plain)
