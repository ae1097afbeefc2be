"""What four skills make of a language, and where it is read."""

from typing import Any

import pytest
from hypothesis import given as forall
from hypothesis import strategies as some

from services.applications.domain.application import APPLICATION
from services.applications.domain.languages import mastery_of
from services.applications.domain.sheet import blocks_of
from services.applications.domain.submission import content_of
from tests.applications.doors import applicant, draft, fill, publish, submitted
from tests.applications.values import CANDIDATE, READY, SECTIONS, VACANCY, saved
from tests.platform import Kit

SKILLS = ("read", "write", "speak", "understand")
LEVELS = ("", "basic", "confident", "fluent")


def spoken(*levels: str) -> dict[str, Any]:
    return {"language": "ar", **dict(zip(SKILLS, levels, strict=True))}


@pytest.mark.parametrize(
    ("levels", "mastery"),
    [
        (("fluent",) * 4, "fluent"),
        (("fluent", "fluent", "fluent", "confident"), "knowledge"),
        (("confident", "basic", "basic", "confident"), "knowledge"),
        (("fluent", "basic", "basic", "basic"), None),
        (("basic",) * 4, None),
        (("",) * 4, None),
    ],
)
def test_fluent_in_is_all_four_and_knowledge_of_at_least_two(levels: Any, mastery: str | None) -> None:
    assert mastery_of(spoken(*levels)) == mastery


@forall(levels=some.lists(some.sampled_from(LEVELS), min_size=4, max_size=4), better=some.integers(0, 3))
def test_a_better_skill_never_makes_less_of_a_language(levels: list[str], better: int) -> None:
    ranks: list[Any] = [None, "knowledge", "fluent"]
    raised = [*levels]
    raised[better] = LEVELS[min(LEVELS.index(levels[better]) + 1, 3)]
    assert ranks.index(mastery_of(spoken(*raised))) >= ranks.index(mastery_of(spoken(*levels)))


def test_the_file_says_what_is_made_of_each_language() -> None:
    languages = [spoken(*["fluent"] * 4), spoken("confident", "confident", "basic", "basic"), spoken(*["basic"] * 4)]
    state = APPLICATION.fold([*READY, saved("skills", {**SECTIONS["skills"], "languages": languages})])
    blocks = {block["name"]: block for block in blocks_of(content_of(state, VACANCY, CANDIDATE), "en", str)}
    said = [dict(card["rows"]).get("Language level") for card in blocks["skills"]["cards"]]
    assert said == ["Fluent in this language", "Knowledge of this language", None]


async def test_recruiters_read_it_of_each_language(platform: Kit) -> None:
    anna, hr = await applicant(platform), await platform.machine("hr")
    sent = await submitted(anna, await publish(platform))
    answer = (await hr.api("GET", f"/applications/api/submitted/{sent['id']}")).json()
    assert answer["languages"] == [{"language": "en", "other_language": "", "mastery": "knowledge"}]


async def test_the_list_of_languages_says_what_is_made_of_each(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    languages = [spoken("fluent", "confident", "basic", "basic"), spoken(*["basic"] * 4)]
    await fill(anna, application, {"skills": {**SECTIONS["skills"], "languages": languages}})
    page = (await anna.get(f"/applications/{application}/skills")).text
    assert page.count("Language level: Knowledge of this language") == page.count("Language level") == 1
