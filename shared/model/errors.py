"""Refusals: a rule says no; only the doors know status codes.

Refused → Invalid | Forbidden | NotFound | Gone | Conflict → (ChangedElsewhere | MadeForAnother) | Unauthenticated
| TooMany | NoLongerSo | Unavailable.

Anything else that is raised is a fault of ours or of the world, never an answer to a user.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, NamedTuple, Self

from shared.model.reasons import Reason


def N_(message: str) -> str:
    """Marks an English sentence for the catalogues; the doors translate it into the reader's language."""
    return message


class Verbatim(str):
    """Somebody's own words where a catalogue key could stand: nothing translates them."""

    __slots__ = ()


class Problem(NamedTuple):
    """One thing to correct: the field, an English sentence (a catalogue key) with `%(name)s` gaps, and their values.

    A field inside repeating entries is written `jobs.0.title`. path: its parts, where they are known as they were sent.
    """

    field: str
    message: str
    params: Mapping[str, Any] = {}
    path: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class Refused(Exception):
    """A rule says no, with the problems that it found.

    reason: the name that a program goes by; that of the kind where none is given.
    """

    usual: ClassVar[Reason] = Reason.INVALID

    def __init__(self, *problems: Problem, reason: Reason | None = None) -> None:
        super().__init__(
            "; ".join(f"{problem.field}: {problem}" if problem.field else str(problem) for problem in problems)
        )
        self.problems = problems
        self.reason = reason or self.usual

    @classmethod
    def because(cls, message: str, field: str = "", *, reason: Reason | None = None, **params: Any) -> Self:
        """One problem, said in one sentence."""
        return cls(Problem(field, message, params), reason=reason)


class Invalid(Refused):
    """What was sent cannot be accepted as it is; the problems name the fields."""


class Forbidden(Refused):
    """Whoever asks may not do this."""

    usual = Reason.FORBIDDEN


class NotFound(Refused):
    """There is no such thing, or not for whoever asks."""

    usual = Reason.NOT_FOUND


class Gone(Refused):
    """It was there and is erased for ever."""

    usual = Reason.ERASED


class Conflict(Refused):
    """The state of things forbids it now, or somebody else was faster."""

    usual = Reason.CONFLICT


class ChangedElsewhere(Conflict):
    """What somebody saves was made from an older version than the one that is saved: nothing is overwritten unseen."""

    usual = Reason.CHANGED_ELSEWHERE


class NoLongerSo(Refused):
    """The wish was made for another state of the thing than it is in: nothing was done."""

    usual = Reason.VERSION_CHANGED


CHANGED_SINCE: Final = N_("This has changed since you read it. Read it again and decide anew")


class MadeForAnother(Conflict):
    """Who is logged in now is not who the page was made for."""

    usual = Reason.MADE_FOR_ANOTHER


class Unauthenticated(Refused):
    """Nobody is logged in, or the session or token has expired."""

    usual = Reason.NOT_AUTHENTICATED


class TooMany(Refused):
    """Whoever asks has asked too often; after `seconds` it will do."""

    usual = Reason.TOO_MANY_REQUESTS
    seconds: int = 1

    @classmethod
    def after(cls, seconds: int, message: str, field: str = "") -> Self:
        """`message` may say the `%(seconds)s` or the `%(minutes)s`."""
        refusal = cls.because(message, field, seconds=seconds, minutes=-(-seconds // 60))
        refusal.seconds = seconds
        return refusal


class Unavailable(Refused):
    """What is needed for it is away for the moment; nothing was done, and it can be tried again as it is."""

    usual = Reason.UNAVAILABLE


def refuse_if(problems: Iterable[Problem], reason: Reason = Reason.INVALID) -> None:
    """Raises Invalid with all problems, if there is any."""
    if found := tuple(problems):
        raise Invalid(*found, reason=reason)
