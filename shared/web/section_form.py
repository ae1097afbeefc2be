"""One form for sections: a section's own page and the pages of its entries, saved as one thing with one version.

Whoever saves from an older version than the saved one is shown both: nothing is overwritten unseen.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, NamedTuple, TypeVar

from starlette.datastructures import FormData
from starlette.responses import Response

from shared.model.errors import N_, ChangedElsewhere, Invalid, Problem, refuse_if
from shared.vocabulary.fields import TEXT, AnyField, Values, excess
from shared.web.conflicts import Difference, differences, seen
from shared.web.entries import EntryRef, blank, entry_ref, pressed, section_values
from shared.web.forms import action, read
from shared.web.page import PageContext

D = TypeVar("D")

NOT_REMOVED: Final = N_(
    "This section was saved in another window meanwhile, so nothing was removed. Look at it once more"
)


class Saved(NamedTuple, Generic[D]):
    """A section as it is saved: its values, their version, and the service's own document around them."""

    values: Values
    version: int
    document: D


class Overtaken(NamedTuple):
    """Another window saved the section first; what the rule says of it."""

    problems: tuple[Problem, ...]


class Unkept(NamedTuple):
    """There is too much of it to be kept; what the rule says of it."""

    problems: tuple[Problem, ...]


class Unsaved(NamedTuple):
    """What was typed and could not be saved, for a page that shows it again; the entry if it is one's."""

    typed: Values
    problems: tuple[Problem, ...]
    entry: EntryRef | None


@dataclass(frozen=True)
class SectionForm(Generic[D]):
    """The form that was posted about a section or one of its entries.

    address: the section's page. saved: the section as it is saved now. success: what is said once it is saved.
    write: saves these values, made from this version (None: unknown); raises ChangedElsewhere.
    reread: the section as it is saved after that. title: what the section is called, in the reader's language.
    again: the page with what was typed and is too long to be kept; a little too long is kept, as everything wrong is.
    """

    page: PageContext
    form: FormData
    address: str
    fields: Sequence[AnyField]
    saved: Saved[D]
    success: str
    write: Callable[[dict[str, Any], int | None], Awaitable[Saved[D]]]
    reread: Callable[[], Awaitable[Saved[D]]]
    title: str
    again: Callable[["SectionForm[D]", Unsaved], Awaitable[Response]]

    async def save_section(self, then: Callable[[Saved[D]], Awaitable[Response]]) -> Response:
        """Saves the section's own fields; a button of an entry leads on to its page. `then`: where to go otherwise."""
        values = section_values(self.fields, self.form, self.saved.values)
        button = pressed(self.fields, self.form, values)
        removing = button is not None and button.verb == "remove"
        kept = await self._save(button.entry.without(values) if button and removing else values, self.fields, values)
        if not isinstance(kept, Saved):
            return await self._not_saved(kept, values)
        if self.page.autosave:
            return self.page.saved(kept.version)
        if button is None:
            return await then(kept)
        there = button._replace(entry=button.entry.moved(values, kept.values))
        return self.page.redirect(self.address + there.leads_to)

    async def save_entry(
        self, group: str, number: int, problems: Callable[[Saved[D], EntryRef], Awaitable[Sequence[Problem]]]
    ) -> Response:
        """Saves one entry: back to the section, on to one more, or here again with what still needs attention (R12)."""
        here = entry_ref(self.fields, group, number, self.saved.values)
        entry, button = read(here.group.fields, self.form), action(self.form)
        if self.page.autosave and blank(entry):
            return self.page.saved()  # Emptied for the moment; it goes, and the others move up, when Save is pressed.
        removing, saved = button == "remove", self.saved.values
        values = here.without(saved) if removing else here.put(saved, entry)
        kept = await self._save(values, here.group.fields, {} if removing else entry)
        if not isinstance(kept, Saved):
            return await self._not_saved(kept, entry, here)
        if self.page.autosave:
            return self.page.saved(kept.version)
        if button == "more":
            return self.page.redirect(f"{self.address}/{here.after(kept.values).path}", self.success)
        there = here.moved(values, kept.values)
        if not removing and await problems(kept, there):
            return self.page.redirect(f"{self.address}/{there.path}?check=1", self.success)
        return self.page.redirect(f"{self.address}#{here.group.name}", None if removing else self.success)

    async def _save(
        self, values: dict[str, Any], fields: Sequence[AnyField], typed: Values
    ) -> Saved[D] | Overtaken | Unkept:
        """A background save raises what it is refused for: nobody looks at its answer."""
        try:
            refuse_if(excess(fields, typed, kept=TEXT))
            return await self.write(values, seen(self.form))
        except Invalid as refusal:
            if self.page.autosave:
                raise
            return Unkept(refusal.problems)
        except ChangedElsewhere as refusal:
            if self.page.autosave:
                raise
            return Overtaken(refusal.problems)

    async def _not_saved(self, why: Overtaken | Unkept, typed: Values, entry: EntryRef | None = None) -> Response:
        if isinstance(why, Overtaken):
            return await self._both(typed, entry)
        return await self.again(self, Unsaved(typed, why.problems, entry))

    async def _both(self, typed: Values, entry: EntryRef | None = None) -> Response:
        """A page that lets choose. If the versions do not differ, it was a removal that another window came before.

        The other window may have saved after this one read: what is shown is read again.
        """
        now = replace(self, saved=await self.reread())
        fields, saved = (
            (entry.group.fields, entry.entry(now.saved.values)) if entry else (self.fields, now.saved.values)
        )
        found = differences(fields, self.page.texts, saved, typed)
        if not found:
            return self.page.redirect(self.address, NOT_REMOVED)
        return _choice(now, found, entry)


def _choice(posted: SectionForm[Any], found: Sequence[Difference], entry: EntryRef | None) -> Response:
    """The section as another window saved it, as it was typed here, or, of an entry, both of them."""
    page, form = posted.page, posted.form
    title = f"{page._(entry.group.one)} {entry.number + 1}" if entry else posted.title
    typed = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name[:1] != "_"]
    return page.render(
        "conflict.html",
        409,
        title=title,
        here=f"{posted.address}/{entry.path}" if entry else posted.address,
        other=f"{posted.address}/{entry.after(posted.saved.values).path}" if entry else "",
        clash=found,
        typed=typed,
        version=posted.saved.version,
    )
