"""The commands that a document gives to an operator, read from it by whoever tries them."""

from typing import Final

from deploy.local.install import ROOT

OPERATIONS: Final = ROOT / "docs" / "operations.md"
FENCE: Final = "```"


def blocks(text: str, heading: str) -> list[str]:
    """The blocks of code under this bold heading, up to the next one."""
    section = text.partition(f"\n**{heading}")[2].partition("\n**")[0]
    return [part.strip() for part in section.split(FENCE)[1::2]]
