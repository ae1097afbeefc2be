"""The reasons of refusals: each is explained, and answered with the status that its explanation says."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import shared.auth
import shared.model.errors
from shared.http.problems import REASONS, TITLES, Answer, answer_to, type_of
from shared.model.errors import Refused
from shared.model.reasons import Reason
from shared.vocabulary.problems import EXPLANATIONS

ROOT: Final = Path(__file__).parents[3]
KINDS: Final = {
    name: kind
    for module in (shared.model.errors, shared.auth)
    for name, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, Refused)
}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the sources, with where it stands."""
    for folder in ("shared", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.Call):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def named(node: ast.expr | None) -> str | None:
    """`X` of `Reason.X`."""
    is_reason = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Reason"
    return node.attr if is_reason and isinstance(node, ast.Attribute) else None


def called(node: ast.Call) -> str:
    """The class in `Conflict(…)` and in `Conflict.because(…)`, else the function's name."""
    function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return function.id if isinstance(function, ast.Name) else ""


def given() -> list[tuple[str, str, Reason]]:
    """Where a refusal is raised with a reason: the place, the kind of refusal, the reason."""
    found = []
    for place, node in calls():
        reasons = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
        kind = called(node)
        if kind == "refuse_if":
            kind, reasons = "Invalid", [*reasons, *node.args[1:]]
        found += [(place, kind, Reason[name]) for each in reasons if kind in KINDS and (name := named(each))]
    return found


def test_every_reason_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Reason)
    assert list(EXPLANATIONS) == sorted(EXPLANATIONS, key=lambda reason: EXPLANATIONS[reason].status)
    for reason, told in EXPLANATIONS.items():
        assert told.meaning.endswith("."), reason
        assert told.remedy.endswith("."), reason
        assert told.status in TITLES


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_refusal_is_answered_with_the_status_of_its_reason(name: str) -> None:
    answer = answer_to(KINDS[name].because("Page not found"))
    assert answer.status == EXPLANATIONS[KINDS[name].usual].status
    assert answer.known_as == KINDS[name].usual


@pytest.mark.parametrize("status", sorted({*(told.status for told in EXPLANATIONS.values()), 500}))
def test_a_status_that_says_nothing_more_has_a_reason_of_its_own(status: int) -> None:
    assert EXPLANATIONS[Answer(status).known_as].status == status


@pytest.mark.parametrize(("status", "reason"), [(418, Reason.MALFORMED), (502, Reason.INTERNAL)])
def test_another_status_is_somebody_s_fault(status: int, reason: Reason) -> None:
    assert Answer(status).known_as == reason


def test_a_refusal_with_a_reason_has_the_status_of_its_kind() -> None:
    usual = {kind: EXPLANATIONS[refusal.usual].status for kind, refusal in KINDS.items()}
    wrong = [
        f"{place}: {kind} is {usual[kind]}, {reason} is {EXPLANATIONS[reason].status}"
        for place, kind, reason in given()
        if usual[kind] != EXPLANATIONS[reason].status
    ]
    assert wrong == []


BY_STATUS: Final = {
    Reason.MALFORMED,
    Reason.METHOD_NOT_ALLOWED,
    Reason.TOO_SLOW,
    Reason.TOO_LARGE,
    Reason.ADDRESS_TOO_LONG,
    Reason.UNSUPPORTED_FORMAT,
    Reason.HEADERS_TOO_LARGE,
    Reason.INTERNAL,
}
"""What the framework, the server, the gateway and the kernel answer without a refusal."""


def test_no_reason_is_explained_that_nothing_is_refused_for() -> None:
    """What is raised with a reason, what a kind of refusal or a status says by itself, and the kernel's own answers."""
    answered = {Reason.KEY_MISSING, Reason.UNSTORABLE}
    usual = {kind.usual for kind in KINDS.values()}
    assert {reason for _, _, reason in given()} | usual | BY_STATUS | answered == set(Reason)


def test_every_status_that_the_doors_raise_has_a_title_and_a_reason() -> None:
    raised = {
        value
        for _, node in calls()
        if called(node) == "HTTPException" and isinstance(node.args[0], ast.Constant)
        for value in [node.args[0].value]
    }
    assert {404, 413, 415} <= raised
    assert raised <= REASONS.keys() & TITLES.keys()


def test_types_are_names_that_never_change() -> None:
    """A name that goes or means something else breaks somebody's program: new ones are added here."""
    known: Any = sorted(type_of(reason) for reason in Reason)
    assert known == [f"urn:postulo:problem:{name}" for name in NAMES.split()]


NAMES: Final = """
address-too-long already-applied already-there application-not-complete application-not-editable changed-elsewhere
code-used conflict erased forbidden headers-too-large idempotency-key-in-use idempotency-key-missing
idempotency-key-reused insufficient-scope internal-error invalid-input invalid-token made-for-another
malformed-request method-not-allowed not-authenticated not-found of-another-organisation role-rests search-expired
sent-from-elsewhere status-not-possible ticket-closed too-large too-many-kept too-many-requests too-slow unavailable
unknown-place unstorable-text unsupported-format vacancy-known-otherwise vacancy-not-open version-changed
"""
