"""What follows from facts about vacancies, candidates and their applications: commands, mails and timers."""

from services.alerts.reactions import mailing, openings, searches
from shared.model.reaction import Reaction, TimerRule

ALL: tuple[Reaction, ...] = (*searches.ALL, *openings.ALL, *mailing.ALL)
TIMERS: tuple[TimerRule, ...] = (*searches.TIMERS, *openings.TIMERS, *mailing.TIMERS)
