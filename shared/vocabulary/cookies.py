"""Every cookie that the site sets: its name, what it is for, and how long a browser keeps it. There are no others."""

from datetime import timedelta
from typing import Final, NamedTuple

from shared.model.errors import N_


class Cookie(NamedTuple):
    """A cookie. purpose: a catalogue key. lasts: nothing for one that goes when the browser is closed."""

    name: str
    purpose: str
    lasts: timedelta

    @property
    def seconds(self) -> int | None:
        """As Set-Cookie's Max-Age says it."""
        return int(self.lasts.total_seconds()) or None


_YEAR: Final = timedelta(days=365)

SESSION: Final = Cookie("__Host-session", N_("Keeps you logged in."), timedelta())
FORM: Final = Cookie(
    "__Host-form", N_("Shows that a form that you send was opened here, and that no other site sends it."), _YEAR
)
LANGUAGE: Final = Cookie("lang", N_("Remembers the language that you have chosen."), _YEAR)
TIME_ZONE: Final = Cookie("__Host-zone", N_("Tells your time zone, so that times are shown in it."), _YEAR)
NOTICE: Final = Cookie(
    "__Host-flash", N_("Carries a sentence such as “saved” to the next page, which shows it once."),
    timedelta(minutes=1),
)  # fmt: skip
WROTE: Final = Cookie(
    "__Host-wrote", N_("Remembers what you saved last, so that no page shows something older."), timedelta(minutes=15)
)
KEPT: Final = Cookie(
    "__Host-kept", N_("Finds the form again that you sent after your session had ended."), timedelta(hours=2)
)
SECOND_FACTOR: Final = Cookie(
    "__Host-second-factor", N_("Remembers that your password was right while you are asked for your second factor."),
    timedelta(minutes=10),
)  # fmt: skip
MAILED: Final = Cookie(
    "__Host-mailed", N_("Remembers to which address a code was sent, hidden in part."), timedelta(minutes=30)
)

COOKIES: Final = (SESSION, FORM, LANGUAGE, TIME_ZONE, NOTICE, WROTE, KEPT, SECOND_FACTOR, MAILED)
