"""What was read from a file as its page shows it, field by field beside what is there."""

from collections.abc import Iterable
from typing import Any

from services.profile.domain import Section
from services.profile.domain.cv import Proposal
from services.profile.use_cases.importing import Compared
from shared.model.errors import N_
from shared.vocabulary.fields import Entries, Field, applies, display
from shared.web import PageContext
from shared.web.widgets import gist

ROUGH = N_("%(day)s (the file does not say the day: correct it if you know it)")


def shown(page: PageContext, section: Section, compared: Compared) -> dict[str, Any] | None:
    """A section with what can be taken into it; None if that is nothing."""
    found = [each for each in compared.found if each.section is section and each.state != "same"]
    if not found:
        return None
    fields = [_field(page, each, compared) for each in found if isinstance(each.field, Field)]
    entries = [_entry(page, each, compared) for each in found if isinstance(each.field, Entries)]
    return {"title": section.title, "fields": fields, "entries": entries}


def _field(page: PageContext, proposal: Proposal, compared: Compared) -> dict[str, Any]:
    field: Any = proposal.field
    return {
        "id": proposal.id,
        "label": page._(field.label_read),
        "before": _said(page, field, proposal.before),
        "value": _dated(page, field, proposal.value, proposal.id, compared),
        "replaces": proposal.state == "differs",
    }


def _entry(page: PageContext, proposal: Proposal, compared: Compared) -> dict[str, Any]:
    group: Any = proposal.field
    fields = [field for field in group.fields if _is_told(field, proposal)]
    rows = [
        (field, _dated(page, field, proposal.value.get(field.name), f"{proposal.id}.{field.name}", compared))
        for field in fields
    ]
    return {
        "id": proposal.id,
        "one": page._(group.one),
        "gist": gist(group, proposal.value, page.texts),
        "rows": _rows(page, rows),
        "before": _rows(page, [(field, _said(page, field, proposal.before.get(field.name))) for field in fields]),
        "completes": proposal.state == "completes",
        "replaces": proposal.state == "differs",
    }


def _rows(page: PageContext, pairs: Iterable[tuple[Field, str]]) -> list[tuple[str, str]]:
    return [(page._(field.label_read), words) for field, words in pairs if words]


def _is_told(field: Field, proposal: Proposal) -> bool:
    """Of an entry that is there already only what it lacks is told, or what it says otherwise."""
    value, before = proposal.value.get(field.name), proposal.before.get(field.name)
    return applies(field, proposal.value) and (value != before if proposal.state == "differs" else not before)


def _said(page: PageContext, field: Field, value: Any) -> str:
    return display(field, value, page.language, page._)


def _dated(page: PageContext, field: Field, value: Any, name: str, compared: Compared) -> str:
    words = _said(page, field, value)
    return page._(ROUGH, day=words) if words and name in compared.reading.rough else words
