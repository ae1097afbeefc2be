"""All settings as a table in Markdown, which docs/operations.md holds."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from shared.model.setting import Setting
from shared.ops.misconfigured import PREFIX
from shared.ops.settings import EXPLICIT, Settings
from shared.runtime.declaration import Service

HEAD: Final = (
    "| Setting | Default | Required in production | From a file | Meaning |",
    "|---|---|---|---|---|",
)
RANDOM: Final = "random at each start"


def settings_table(services: Iterable[Service]) -> str:
    """A row a setting: those of the kernel, then what services declare beside them."""
    kernels = [
        _row(name, _default(name), "yes" if name in EXPLICIT else "", _meaning(field))
        for name, field in Settings.model_fields.items()
        if name != "of_services"
    ]
    declared = [
        _row(name, f"`{setting.default}`", "", f"{setting.meaning} Of {' and '.join(users)}.")
        for name, (setting, users) in _declared(services).items()
    ]
    return "\n".join((*HEAD, *kernels, *declared)) + "\n"


def _declared(services: Iterable[Service]) -> Mapping[str, tuple[Setting, list[str]]]:
    found = dict[str, tuple[Setting, list[str]]]()
    for service in services:
        for name, setting in service.settings.items():
            found.setdefault(name, (setting, []))[1].append(service.name)
    return found


def _row(name: str, default: str, required: str, meaning: str) -> str:
    variable = PREFIX + name.upper()
    cells = (f"`{variable}`", default, required, f"`{variable}_FILE`", " ".join(meaning.split()))
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _meaning(field: FieldInfo) -> str:
    """What is said where it is declared; where one of several words is chosen, they follow."""
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    listed = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return (field.description or "") + listed


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    if value is PydanticUndefined:
        return RANDOM
    return f"`{value}`" if value != "" else ""
