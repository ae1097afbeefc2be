"""A service's templates and texts: strict Jinja templates of ours over the GOV.UK macros, which need lenient ones."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    nodes,
    pass_context,
    select_autoescape,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from starlette.requests import Request

from shared.model.errors import Problem
from shared.web import assets, dates, widgets
from shared.web.language import Catalogues, Texts

OURS = Path(__file__).parent / "templates"
SERVICES = Path(__file__).parents[2] / "services"
COMPILED = Path(__file__).parents[2] / "build" / "templates"


@dataclass(frozen=True)
class Web:
    """What a service's pages and mails are made with."""

    service: str
    templates: Environment
    languages: Catalogues

    @classmethod
    def of(cls, service: str, folder: Path | None = None) -> "Web":
        """`folder`: the service's templates, unless they are in services/<service>/templates."""
        folders = [folder or SERVICES / service / "templates", OURS]
        return cls(service, environment(folders), Catalogues(folders))

    def texts(self, language: str) -> Texts:
        return self.languages[language]

    def texts_of(self, service: str, language: str) -> Texts:
        """Those of another service, for what it said before it sent the reader here."""
        return self.texts(language) if service == self.service else _catalogues_of(service)[language]


@cache
def _catalogues_of(service: str) -> Catalogues:
    return Catalogues([SERVICES / service / "templates", OURS])


def web_of(request: Request) -> Web:
    return cast(Web, request.app.state.web)


class ImportsSeeContext(CodeGenerator):
    """Every imported macro sees the page's variables, so that forms.html can translate without being told how."""

    def visit_Import(self, node: nodes.Import, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        node.with_context = True
        super().visit_Import(node, frame)

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        node.with_context = True
        super().visit_FromImport(node, frame)


class Templates(Environment):
    code_generator_class = ImportsSeeContext


def environment(folders: list[Path]) -> Environment:
    """Templates from these folders, the first that has a name wins. HTML is escaped; a text mail is not."""
    made = Templates(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=select_autoescape(["html", "xml"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled(),
    )
    made.globals.update(govuk_macros(), asset=assets.address, **widgets.GLOBALS)
    made.filters.update(
        date=_in_language(dates.date),
        datetime=_datetime,
        deadline=_in_language(dates.deadline),
        problem=_problem,
    )
    return made


def _compiled() -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept from one start to the next, if the set-up made a folder for them."""
    return FileSystemBytecodeCache(str(COMPILED)) if os.access(COMPILED, os.W_OK) else None


def _in_language(show: Any) -> Any:
    @pass_context
    def filtered(context: Context, value: Any, *args: Any) -> str:
        return cast(str, show(value, context["_"], *args))

    return filtered


@pass_context
def _datetime(context: Context, value: dates.Moment) -> str:
    """Of a page in its reader's zone, of a mail in UTC."""
    return dates.datetime(value, context["_"], getattr(context.get("page"), "zone", None))


@pass_context
def _problem(context: Context, problem: Problem) -> str:
    return cast(Texts, context["_"]).problem(problem)


@cache
def govuk_macros() -> Mapping[str, Any]:
    """`govukButton` and the other macros, by name. They test for what is undefined: an environment of their own.

    Compiled once a process: half a second, which seven services would pay seven times.
    """
    package = PackageLoader("govuk_frontend_jinja")
    lenient = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": package}), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False, bytecode_cache=_compiled(),
    )  # fmt: skip
    return {
        name: getattr(lenient.get_template(f"govuk_frontend_jinja/{path}").module, name)
        for path in package.list_templates()
        if path.endswith("/macro.html")
        for name in re.findall(r"{%-?\s*macro (govuk\w+)", package.get_source(lenient, path)[0])
    }
