"""What a parser of files is asked and answers: all that a service knows of it, whose own process parses nothing."""

from typing import Any, Final, Literal, NamedTuple

from shared.vocabulary.flaws import Flaw

READY: Final = b"\n"
"""What it says first, once it has loaded its libraries."""
LOOK, UNPACK = b"k", b"u"
"""What is asked: which kind of file it is, or what a program wrote into it."""

Kind = Literal["application/pdf", "image/png", "image/jpeg"]
Format = Literal["json", "xml", "form"]


class Found(NamedTuple):
    """What a file is; of one that is nothing we take, what is wrong with it, if that can be told."""

    kind: Kind | None = None
    flaw: Flaw | None = None


class Unpacked(NamedTuple):
    """What is in a file; of one in which nothing is that we read, what is wrong with it.

    content: of XML an object with the root element; of a form its values by field name.
    """

    format: Format | None = None
    content: Any = None
    flaw: Flaw | None = None
