"""`make contracts`: writes contracts/ anew and prints the difference, unless somebody's software would break.

--accept: write OpenAPI documents that older clients stumble over all the same; of events there is no accepting that.
"""

import difflib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.runtime.declaration import Service
from shared.runtime.schemas import CONTRACTS, sealed_of
from tests.contracts.gate import all_services, kept, made, sentences
from tests.contracts.sealing import all_sealed, by_type


def text_of(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def difference(old: Any, new: Any, path: str) -> str:
    """As a unified diff; empty if they are the same."""
    before = text_of(old) if old is not None else ""
    lines = difflib.unified_diff(before.splitlines(), text_of(new).splitlines(), path, path, lineterm="", n=2)
    return "\n".join(lines)


def renew(services: Sequence[Service], folder: Path, *, accept: bool = False) -> int:
    """Writes the folder anew and prints the difference; the exit status: 1 if something must not land."""
    wrong = [each for service in services for each in sentences(service, folder, operations=not accept)]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    for service in services:
        before = kept(service.name, folder)
        if (sealed := all_sealed(service.published, folder)) != sealed_of(service.name, folder):
            (folder / service.name / "sealed.json").write_text(text_of(by_type(sealed)), "utf-8")
        for path, document in made(service).items():
            if told := difference(before.get(path), document, f"contracts/{service.name}/{path}"):
                print(told)
                file = folder / service.name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text_of(document), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(renew(all_services(), CONTRACTS, accept="--accept" in sys.argv[1:]))
