"""Declared fields as form controls: GOV.UK components filled from a Field, its value and its problems."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any, Final, cast

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.datastructures import FormData

from shared.model.errors import N_, Problem
from shared.vocabulary import official
from shared.vocabulary.fields import ISO_DATE, AnyField, Entries, Field, Option, PromptList, Values, applies, display
from shared.web.assets import listing_address
from shared.web.boxes import boxes
from shared.web.entries import element_id, entries_of, mending, named
from shared.web.expired_forms import SavedForm
from shared.web.forms import ACTION, read
from shared.web.frames import HOLE, filled, hole
from shared.web.language import Texts

MANY = 12
LONG = 100
GIST = 2
OUTSIDE = N_("This is not in the list. Clear the field, then pick a value from the list")
Params = dict[str, Any]
_BREAKS: Final = dict.fromkeys(map(ord, "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "")


def gist(group: Entries, entry: Values, texts: Texts) -> str:
    """What an entry is known by, in words."""
    named = [field for field in group.fields if applies(field, entry) and field.name in group.gist]
    words = (display(field, entry.get(field.name), texts.language, texts) for field in named or group.fields)
    return ", ".join(islice(filter(None, words), None if named else GIST))


@dataclass(frozen=True)
class Sheet:
    """The form being drawn: its values, its problems, and the language."""

    macros: Mapping[str, Callable[[Params], Markup]]
    texts: Texts
    values: Values
    problems: Sequence[Problem]
    typed: FormData | None = None
    """What was typed before the session ended: it stands in for the values (R20)."""

    def gists(self, group: Entries) -> list[tuple[int, str]]:
        """The entries in their order, each with its number and what it is known by; nothing of an empty one."""
        entries = entries_of(self.values, group)
        return [(number, gist(group, entries[number], self.texts)) for number in group.numbers(entries)]

    def of_entry(self, group: Entries, number: int) -> list[Problem]:
        """What is wrong in an entry."""
        return [problem for problem in self.problems if f"{problem.field}.".startswith(f"{group.name}.{number}.")]

    def control(self, field: Field) -> Markup:
        """The field with label, hint and problem; one that depends on another says so to the script."""
        return self.conditional(field, _KINDS.get(field.kind, _input)(self, field))

    def conditional(self, field: AnyField, html: Markup) -> Markup:
        """Without a script it is always shown; saving does not mind what does not count."""
        if field.when is None:
            return html
        other, values = field.when[0], "|".join(field.when[1])
        return Markup('<div class="postulo-when" data-when="{}" data-values="{}">{}</div>').format(other, values, html)

    def value(self, field: Field) -> Any:
        value = (self.values if self.typed is None else read((field,), self.typed)).get(field.name)
        return "" if value is None else value

    def message(self, path: str) -> str:
        return " ".join(self.texts.problem(problem) for problem in self.problems if problem.field == path)

    def common(self, field: Field) -> Params:
        """What all components take: id, name, hint, the problem in words."""
        params: Params = {"id": element_id(field.name), "name": field.name, "attributes": {}}
        if field.hint:
            params["hint"] = {"text": self.texts(field.hint)}
        if message := self.message(field.name):
            params["errorMessage"] = {"text": message, "visuallyHiddenText": self.texts(N_("Error:")).removesuffix(":")}
            params["attributes"]["aria-invalid"] = "true"
        return params

    def label(self, field: Field) -> str:
        return self.texts(field.label) + ("\u00a0*" if field.required else "")

    def labelled(self, field: Field) -> Params:
        attributes = {"aria-required": "true"} if field.required else {}
        params = self.common(field)
        params["attributes"] |= attributes
        return params | {"label": {"text": self.label(field), "classes": "govuk-label--s"}}

    def grouped(self, field: Field) -> Params:
        params = self.common(field)
        params.pop("attributes")
        if field.button:
            params["formGroup"] = {"beforeInputs": {"html": _button(self, field.button)}}
        legend = {"text": self.label(field), "classes": "govuk-fieldset__legend--s"}
        return params | {"idPrefix": params["id"], "fieldset": {"legend": legend}}

    def options(self, field: Field) -> list[tuple[str, str]]:
        if isinstance(field.options, PromptList):
            return list(field.options.labels(self.texts.language).items())
        if field.kind == "yesno":
            return [("yes", self.texts(N_("Yes"))), ("no", self.texts(N_("No")))]
        return [(option.value, self.texts(option.label)) for option in field.options]


def _button(sheet: Sheet, button: Option) -> Markup:
    return Markup(
        '<p><button type="submit" name="{}" value="{}" class="govuk-button govuk-button--secondary postulo-small">{}'
        "</button></p>"
    ).format(ACTION, button.value, sheet.texts(button.label))


def _input(sheet: Sheet, field: Field) -> Markup:
    value = _on_one_line(field, str(sheet.value(field)))
    params = sheet.labelled(field) | {"value": hole(value)}
    if field.kind == "text":
        params["attributes"]["dir"] = "auto"
    if field.length > LONG:
        params["classes"] = "postulo-sentence"
    if field.autocomplete:
        params["autocomplete"] = field.autocomplete
    if field.kind in ("email", "tel"):
        params |= {"type": field.kind, "spellcheck": False}
    if field.kind == "number":
        params |= {"inputmode": "decimal", "classes": "govuk-input--width-10"}
    return filled(sheet.macros["govukInput"], params, value)


def _on_one_line(field: Field, value: str) -> str:
    """Browsers take line breaks out of a line; the macros indent each of them, which takes seconds for a million."""
    return value if len(value) <= field.most else value.translate(_BREAKS)


def _textarea(sheet: Sheet, field: Field) -> Markup:
    value = str(sheet.value(field))
    params = sheet.labelled(field) | {"value": hole(value), "rows": 8 if field.most > 1000 else 4}
    params["attributes"] |= {"data-count": str(field.most), "dir": "auto"}
    if field.length:
        counter = params["id"] + "-count"
        params["describedBy"] = counter
        params["formGroup"] = {"afterInput": {"html": _counter(sheet, counter, field.most)}}
    return filled(sheet.macros["govukTextarea"], params, value)


def _counter(sheet: Sheet, counter: str, most: int) -> Markup:
    return Markup('<p class="govuk-hint postulo-count" id="{}" data-left="{}" data-over="{}">{}</p>').format(
        counter,
        sheet.texts(N_("Characters left: {count}")),
        sheet.texts(N_("Characters too many: {count}")),
        sheet.texts(N_("At most %(maximum)s characters"), maximum=most),
    )


def _date(sheet: Sheet, field: Field) -> Markup:
    """Nobody types a text into a box for a day: one that is longer than a line is only begun."""
    day, month, year = (box[: field.most] for box in _boxes(_on_one_line(field, str(sheet.value(field)))))
    params = sheet.grouped(field)
    name, identity = params.pop("name"), params.pop("id")
    boxes = (
        ("day", N_("Day"), day, 2, identity),
        ("month", N_("Month"), month, 2, f"{identity}-month"),
        ("year", N_("Year"), year, 4, f"{identity}-year"),
    )
    wrong = " govuk-input--error" if "errorMessage" in params else ""
    items = [
        {
            "name": part,
            "label": sheet.texts(label),
            "value": hole(box),
            "id": box_id,
            "classes": f"govuk-input--width-{width}{wrong}",
            "autocomplete": f"{field.autocomplete}-{part}" if field.autocomplete else None,
            "inputmode": "text" if part == "month" else "numeric",
        }
        for part, label, box, width, box_id in boxes
    ]
    params.pop("idPrefix")
    params |= {"id": f"{identity}-date", "namePrefix": name, "items": items}
    return filled(sheet.macros["govukDateInput"], params, day, month, year)


def _boxes(value: str) -> tuple[str, str, str]:
    """Day, month and year of an ISO date; anything else was typed with a blank between its parts."""
    if len(value) == len("2026-11-23") and ISO_DATE.fullmatch(value):
        year, month, day = value.split("-")
        return day.lstrip("0"), month.lstrip("0"), year
    day, month, year = [*value.split(" ", 2), "", ""][:3]
    return day, month, year


def _radios(sheet: Sheet, field: Field) -> Markup:
    options = sheet.options(field)
    if isinstance(field.options, PromptList) or len(options) > MANY:
        return _select(sheet, field)
    told = {each.value: _told(sheet, each) for each in field.options}
    items = [{"value": value, "text": label, **told.get(value, {})} for value, label in options]
    inline = {"classes": "govuk-radios--inline"} if field.kind == "yesno" else {}
    chosen = {"value": value if (value := sheet.value(field)) in dict(options) else ""}
    params = sheet.grouped(field) | {"items": items} | chosen | inline
    return filled(sheet.macros["govukRadios"], params, kept=not field.own)


def _told(sheet: Sheet, option: Option) -> Params:
    """What choosing it means, and whether it can be chosen."""
    hint = {"hint": {"text": sheet.texts(option.hint)}} if option.hint else {}
    return hint if option.offered else hint | {"disabled": True}


def _checkboxes(sheet: Sheet, field: Field) -> Markup:
    """Of many, those that are chosen come first: the others are reached by scrolling in a box."""
    chosen = frozenset(sheet.value(field) or ())
    items = [{"value": value, "text": label, "checked": value in chosen} for value, label in sheet.options(field)]
    if len(items) > MANY:
        items.sort(key=lambda item: not item["checked"])
    params, scroll = sheet.grouped(field), {"classes": "postulo-scroll"} if len(items) > MANY else {}
    frame = params | {"items": [], "formGroup": {"beforeInputs": {"html": HOLE}}} | scroll
    return filled(sheet.macros["govukCheckboxes"], frame, boxes(params["name"], params["idPrefix"], items))


@pass_context
def small_boxes(context: Context, name: str, legend: str, items: Sequence[Mapping[str, Any]]) -> Markup:
    """Small checkboxes under a legend that only screen readers say."""
    prefix = f"{element_id(name)}-value"
    params: Params = {
        "name": name, "idPrefix": prefix, "items": [], "formGroup": {"beforeInputs": {"html": HOLE}},
        "classes": "govuk-checkboxes--small" + (" postulo-scroll" if len(items) > MANY else ""),
        "fieldset": {"legend": {"text": legend, "classes": "govuk-visually-hidden"}},
    }  # fmt: skip
    return filled(context.environment.globals["govukCheckboxes"], params, boxes(name, prefix, items))  # type: ignore[arg-type]


def _checkbox(sheet: Sheet, field: Field) -> Markup:
    params = sheet.common(field)
    params.pop("attributes")
    item = {"value": "yes", "text": sheet.label(field), "checked": sheet.value(field) == "yes"}
    hint = {"hint": params.pop("hint")} if "hint" in params else {}
    return filled(sheet.macros["govukCheckboxes"], params | {"idPrefix": params["id"], "items": [item | hint]})


def _select(sheet: Sheet, field: Field) -> Markup:
    """A value outside the list stays visible and chosen, so that it can be seen and corrected (R23).

    It was not typed: whatever is longer than a value can be is only begun.
    """
    value, options = str(sheet.value(field))[: field.most], sheet.options(field)
    missing = bool(value) and value not in dict(options)
    former = missing and isinstance(field.options, PromptList) and value in field.options
    unknown = [(value, display(field, value, sheet.texts.language, sheet.texts))] if missing else []
    choose = ("", sheet.texts(N_("Choose from the list")))
    params = sheet.labelled(field) | {"items": []}
    if field.autocomplete:
        params["attributes"]["autocomplete"] = field.autocomplete
    if field.kind == "lookup":
        params["attributes"] |= _searching(sheet, field)
    if unknown and not former:
        params["attributes"]["data-typed"] = ""
    frame, end, rest = filled(sheet.macros["govukSelect"], params).partition("</select>")
    listed = _each(options) if field.own else _options(tuple(options))
    items = _option(*choose) + _each(unknown) + listed
    plain = Markup('<option value="{}">').format(value)
    return frame + items.replace(plain, plain[:-1] + Markup(" selected>"), 1) + end + rest


def _lookup(sheet: Sheet, field: Field) -> Markup:
    """A list that is too long for a page is typed into; the words are read by the door, and by the script before."""
    if not isinstance(field.options, PromptList) or not field.options.is_typed:
        return _select(sheet, field)
    value = str(sheet.value(field))[: field.most]
    label = field.options.label(value, sheet.texts.language)
    params = sheet.labelled(field) | {"value": hole(label), "spellcheck": False}
    code = {"data-code": HOLE} if value in field.options else {}
    params["attributes"] |= {"dir": "auto", **code, **_searching(sheet, field)}
    return filled(sheet.macros["govukInput"], params, label, value if code else "")


def _searching(sheet: Sheet, field: Field) -> dict[str, str]:
    """What the script needs: the remedy in words, and where the list is with all the names that it is searched by."""
    address = listing_address(field.options, sheet.texts.language) if isinstance(field.options, PromptList) else ""
    return {"data-lookup": sheet.texts(OUTSIDE)} | ({"data-list": address} if address else {})


@lru_cache(maxsize=256)
def _options(options: tuple[tuple[str, str], ...]) -> Markup:
    """Ours and kept, since the list of all countries through the macro takes longer than the rest of a page."""
    return _each(options)


def _each(options: Iterable[tuple[str, str]]) -> Markup:
    return Markup("").join(_option(value, label) for value, label in options)


def _option(value: str, label: str) -> Markup:
    return Markup('<option value="{}">{}</option>').format(value, label)


_KINDS: Mapping[str, Callable[[Sheet, Field], Markup]] = {
    "textarea": _textarea,
    "date": _date,
    "yesno": _radios,
    "choice": _radios,
    "choices": _checkboxes,
    "checkbox": _checkbox,
    "lookup": _lookup,
}


@pass_context
def sheet(context: Context, values: Values, problems: Iterable[Problem] = ()) -> Sheet:
    kept: SavedForm | None = context["page"].refilled()
    drawn = Sheet(context.environment.globals, cast(Texts, context["_"]), values, tuple(problems))  # type: ignore[arg-type]
    return replace(drawn, typed=kept.form) if kept else drawn


@pass_context
def rows(context: Context, fields: Sequence[AnyField], values: Values) -> list[tuple[str, str]]:
    """Declared fields as (label, value in words), for a summary; what does not count or holds nothing is left out."""
    texts = cast(Texts, context["_"])
    plain = [field for field in fields if isinstance(field, Field)]
    pairs = [(texts(field.label), display(field, values.get(field.name), texts.language, texts)) for field in plain]
    return [(label, text) for label, text in pairs if text]


def is_group(field: AnyField) -> bool:
    return isinstance(field, Entries)


def has_mandatory(fields: Sequence[AnyField]) -> bool:
    return any(field.minimum > 0 if isinstance(field, Entries) else field.required for field in fields)


GLOBALS: Mapping[str, Any] = {
    "form_sheet": sheet,
    "field_rows": rows,
    "small_boxes": small_boxes,
    "is_group": is_group,
    "has_mandatory": has_mandatory,
    "element_id": element_id,
    "entry_named": named,
    "mending": mending,
    "language_names": official.NAMES,
}
