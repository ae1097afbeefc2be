"""Whether a problem document says what can be relied on: its pointers lead somewhere, and its type is explained."""

import json
import re
from typing import Any, Final

from shared.http.problems import type_of
from shared.vocabulary.problems import EXPLANATIONS

_STATUS: Final = {type_of(reason): told.status for reason, told in EXPLANATIONS.items()}
_INDEX: Final = re.compile("0|[1-9][0-9]{0,5}")


def misplaced(pointer: str, body: Any) -> str:
    """What is wrong with this pointer (RFC 6901), "" if it leads to a value, or to where an object lacks one."""
    if pointer and not pointer.startswith("/"):
        return f"{pointer!r} does not begin with a slash"
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    for number, name in enumerate(names, 1):
        if isinstance(body, dict) and name in body:
            body = body[name]
        elif isinstance(body, list) and _INDEX.fullmatch(name) and int(name) < len(body):
            body = body[int(name)]
        elif isinstance(body, dict) and number == len(names):
            return ""
        else:
            return f"{pointer!r} leads nowhere from {name!r} on"
    return ""


def astray(document: dict[str, Any], sent: bytes) -> list[str]:
    """What is wrong with the pointers of a problem document about this body."""
    try:
        body = json.loads(sent)
    except ValueError:
        return [str(error) for error in document["errors"] if error["pointer"] not in ("", None)]
    wrong = (misplaced(error["pointer"], body) for error in document["errors"] if error["pointer"] is not None)
    return [each for each in wrong if each]


def unexplained(document: dict[str, Any]) -> list[str]:
    """Whether the type is in the table of /help/problems, with this status."""
    kind, status = document["type"], document["status"]
    return [] if _STATUS.get(kind) == status else [f"{kind} is not explained for {status}"]
