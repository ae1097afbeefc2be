"""The commands that a document gives to an operator, read from it by whoever tries them."""

import re
from typing import Final

from deploy.local.install import ROOT

OPERATIONS: Final = ROOT / "docs" / "operations.md"
_BLOCK: Final = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[str]:
    """The blocks of code in a text."""
    return _BLOCK.findall(text)


def blocks_under(heading: str, text: str) -> list[str]:
    """Those under this bold heading, up to the next one."""
    return blocks(text.partition(f"\n**{heading}**")[2].partition("\n**")[0])
