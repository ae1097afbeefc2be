"""The lists of a draft's sections: the most recent first, with dates, and languages with all four skills."""

import re
from html import unescape
from typing import Any

from tests.applications.doors import API
from tests.applications.rules.test_recency import JOBS, SORTED, job
from tests.applications.test_pages import start, text_of
from tests.applications.values import SECTIONS
from tests.filling import fill_in, typed
from tests.platform import Candidate, Kit, hidden_fields

[JOB] = SECTIONS["education"]["jobs"]


ENTRY = re.compile(
    r'<div class="postulo-entry" role="group".*?(?=<div class="postulo-entry" role|<button type="submit" name="_add")',
    re.DOTALL,
)


def listed(page: Any, one: str) -> list[str]:
    """What the page says of each entry of a group, in its order."""
    said = [" ".join(unescape(re.sub(r"<[^>]+>", " ", entry)).split()) for entry in ENTRY.findall(page.text)]
    return [each for each in said if each.startswith(one)]


async def jobs(anna: Candidate, hub: str) -> list[str]:
    read = (await anna.api("GET", f"{API}/{hub.rpartition('/')[2]}")).json()
    return [each["title"] for each in read["sections"]["education"]["values"]["jobs"]]


async def test_jobs_are_listed_most_recent_first_with_their_dates_whatever_order_they_were_typed_in(
    platform: Kit,
) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    page = await fill_in(anna, f"{hub}/education", {**SECTIONS["education"], "jobs": JOBS})
    assert await jobs(anna, hub) == SORTED
    now, second, first = listed(page, "Emploi")
    assert now.startswith("Emploi 1")
    assert now.endswith("Now, IRD 1er janvier 2015 – aujourd’hui")
    assert second.endswith("Second, IRD 1er janvier 2002 – 31 décembre 2014")
    assert first.startswith("Emploi 3")
    [diploma] = listed(page, "Diplôme 1")
    assert "1er septembre 2008 – 30 juin 2011 Date d’obtention : 30 juin 2011" in diploma


async def test_after_a_save_the_entry_with_a_problem_is_shown_where_it_stands_by_then(platform: Kit) -> None:
    anna = await platform.candidate()
    hub = await start(anna)
    await fill_in(anna, f"{hub}/education", {"jobs": JOBS[:1]})
    unfinished = {**job("Latest", "2020-01-01"), "duties": ""}
    here = await anna.post_form(f"{hub}/education/jobs/1", {**typed(unfinished), "_action": "save"})
    assert here.url.path == f"{hub}/education/jobs/0"
    assert 'value="Latest"' in here.text
    assert "Enter: Duties" in text_of(here)


async def test_an_entry_that_saves_itself_keeps_its_place_until_a_button_is_pressed(platform: Kit) -> None:
    """Else its page would go on saving over another entry."""
    anna = await platform.candidate()
    hub = await start(anna)
    await fill_in(anna, f"{hub}/education", {"jobs": JOBS[:1]})
    path = f"{hub}/education/jobs/1"
    hidden = hidden_fields((await anna.get(path)).text)
    anna.client.headers["postulo-autosave"] = "1"
    for title in ("Lat", "Latest"):
        answer = await anna.post(path, {**hidden, **typed(job(title, "2020-01-01"))})
        hidden["_version"] = answer.headers["postulo-version"]
    del anna.client.headers["postulo-autosave"]
    assert 'value="Latest"' in (await anna.get(path)).text
    section = await anna.get(f"{hub}/education")
    assert [each.partition(" Remove Job ")[2] for each in listed(section, "Job")] == [
        "2 Latest, IRD 1 January 2020 – present",
        "1 First, IRD 1 January 1999 – 31 December 2001",
    ]
    assert await jobs(anna, hub) == ["Latest", "First"]
    changed = await anna.post_form(f"{hub}/education", {"_change": "jobs.1"})
    assert changed.url.path == f"{hub}/education/jobs/0"
    assert 'value="Latest"' in changed.text
    assert len(await jobs(anna, hub)) == 2


async def test_a_language_is_listed_with_its_four_skills(platform: Kit) -> None:
    anna = await platform.candidate(language="fr")
    hub = await start(anna)
    reads = {"language": "en", "read": "fluent", "write": "basic", "speak": "confident", "understand": "basic"}
    other = {**reads, "language": "mis", "other_language": "Klingon"}
    page = await fill_in(anna, f"{hub}/skills", {**SECTIONS["skills"], "languages": [reads, other]})
    english, klingon = listed(page, "Langue")
    assert "Anglais Lire : Courant · Écrire : Notions · Parler : Intermédiaire · Comprendre : Notions" in english
    assert "Autre langue, Klingon Lire : Courant" in klingon
