"""The checkboxes of a long list, as `govukCheckboxes` makes them one by one: two hundred are a tenth of a second."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from markupsafe import Markup, escape

_BOX: Final = Markup(
    '<div class="govuk-checkboxes__item">'
    '<input class="govuk-checkboxes__input" id="{id}" name="{name}" type="checkbox" value="{value}"{checked}>'
    '<label class="govuk-label govuk-checkboxes__label" for="{id}">{text}</label>'
    "</div>\n"
)
_CHECKED: Final = Markup(" checked")


def boxes(name: str, prefix: str, items: Iterable[Mapping[str, Any]]) -> Markup:
    """What stands before the inputs of `govukCheckboxes`, for these. Each has a value, a text, and may be checked.

    prefix: of the ids of those that have none of their own; the first is named by the prefix alone.
    """
    made = (
        _BOX.format(
            id=item.get("id") or (f"{prefix}-{number}" if number > 1 else prefix),
            name=name,
            value=item["value"],
            text=escape(item["text"]),
            checked=_CHECKED if item.get("checked") else "",
        )
        for number, item in enumerate(items, 1)
    )
    return Markup("").join(made)
