"""The profile as files: JSON Resume, Europass, our own format, and the form that is filled in without a connection."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from services.profile.domain.cv import europass_writing, form, json_resume_writing, own
from services.profile.projections import PROFILE as VIEW
from shared.auth import Who
from shared.files.data_export import HEADERS, as_json
from shared.files.fillable import Choices, Control, Form, Heading, fillable
from shared.model.errors import N_
from shared.runtime.kernel import Kernel
from shared.vocabulary.fields import Field, PromptList
from shared.web.language import Texts

Format = Literal["json-resume", "europass", "postulo", "form"]
FORMATS: Final[Mapping[Format, tuple[str, str]]] = {
    "json-resume": ("resume.json", "application/json"),
    "europass": ("europass.xml", "application/xml"),
    "postulo": ("profile.json", "application/json"),
    "form": ("profile-form.pdf", "application/pdf"),
}
"""The name of the file that each is saved as, and its media type."""

TITLE: Final = N_("My profile, to be filled in without a connection")
INTRODUCTION: Final = N_(
    "Fill in what you can, in any order, with a program that fills in PDF forms, and save the file. Nothing is"
    " mandatory here. Write dates as year, month, day: 2019-03-31. Then log in, open “My profile” and “Load a CV”, and"
    " choose this file: you are shown what it says beside what is there, and you decide what is taken. Do not print it"
    " to a new PDF: that one could not be read."
)


def headers_of(wanted: Format) -> dict[str, str]:
    """A file that is saved, never shown by the browser itself."""
    return {**HEADERS, "content-disposition": f'attachment; filename="{FORMATS[wanted][0]}"'}


async def export(kernel: Kernel, who: Who, wanted: Format, texts: Texts) -> bytes:
    """The profile in a format; the form in the language of these texts."""
    document = await kernel.views.get(VIEW, who.account_id)
    saved = document["sections"] if document else {}
    sections = {key: section["values"] for key, section in saved.items()}
    if wanted == "json-resume":
        return as_json(json_resume_writing.write(sections))
    if wanted == "europass":
        return europass_writing.write(sections, language_code=texts.language).encode()
    if wanted == "postulo":
        return as_json(own.write(sections))
    return await fillable(form_of(sections, texts), await kernel.now())


def form_of(sections: Mapping[str, Mapping[str, Any]], texts: Texts) -> Form:
    """The form with what is kept, in the language of these texts."""
    return Form(
        title=texts(TITLE),
        introduction=texts(INTRODUCTION),
        parts=list(_parts(sections, texts)),
        language=texts.language,
        marks=((form.MARK, form.VERSION),),
    )


def _parts(sections: Mapping[str, Mapping[str, Any]], texts: Texts) -> Iterator[Heading | Control]:
    for part in form.contents(sections):
        if isinstance(part, form.Title):
            words = texts(part.label)
            yield Heading(f"{words} {part.number}" if part.number else words, part.level)
        else:
            yield _control(part, texts)


def _control(box: form.Box, texts: Texts) -> Control:
    field, label = box.field, texts(box.field.label)
    options = _choices(field, texts)
    if field.kind == "date":
        label = texts(N_("%(label)s (year-month-day)"), label=label)
    elif field.kind == "textarea":
        return Control(box.name, label, "text", box.value, most=field.most)
    value = _called(field, box.value, texts) if field.kind == "lookup" and not options else box.value
    return Control(box.name, label, "choice" if options else "line", value, options, field.most)


def _choices(field: Field, texts: Texts) -> Choices:
    """What can be chosen; of a list too long for that, nothing: a name is typed."""
    if field.kind in ("yesno", "checkbox"):
        return (("yes", texts(N_("Yes"))), ("no", texts(N_("No"))))
    if isinstance(field.options, PromptList):
        return () if field.options.is_typed else tuple(field.options.labels(texts.language).items())
    return tuple((option.value, texts(option.label)) for option in field.options)


def _called(field: Field, value: str, texts: Texts) -> str:
    return field.options.label(value, texts.language) if isinstance(field.options, PromptList) and value else value
