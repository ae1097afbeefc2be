"""The lists that are searched by typing, as the script reads them: each value with all the names it is found by."""

import json
from typing import Final

from shared.vocabulary.fields import COUNTRIES, LANGUAGES, NATIONALITIES, PromptList
from shared.vocabulary.reference import (
    CATEGORIES,
    DEPARTMENTS,
    DUTY_STATIONS,
    FAMILIES,
    LEVELS,
    NETWORKS,
    ORGANISATIONS,
)

LISTS: Final = {
    prompts.name: prompts
    for prompts in (
        COUNTRIES, NATIONALITIES, LANGUAGES,
        ORGANISATIONS, DUTY_STATIONS, DEPARTMENTS, CATEGORIES, LEVELS, NETWORKS, FAMILIES,
    )
}  # fmt: skip


def listing_name(prompts: PromptList, language: str) -> str:
    """What the list in this language is called among the assets; "" if it is none of them."""
    return f"list-{prompts.name}-{language}.json" if LISTS.get(prompts.name) is prompts else ""


def listing(prompts: PromptList, language: str) -> str:
    """JSON: for each value in the list's order the value, its label, and its other keys parted by bars."""
    rows = [[value, label, "|".join(keys)] for value, label, keys in prompts.searched(language)]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
