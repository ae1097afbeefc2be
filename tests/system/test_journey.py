"""The platform as it is deployed, and the journey played against it over HTTP, mail and Kafka."""

import re
from pathlib import Path

import asyncpg
import pytest

from deploy.local.folder import read_addresses
from deploy.local.processes import free_port
from shared.ops.settings import load
from tests.system.answers import SECTIONS
from tests.system.guide import Shell, follow, shell
from tests.system.journey import entering, play
from tests.system.journey.traveller import Traveller, until

pytestmark = pytest.mark.timeout(900)  # Where it comes first, the platform's start besides.


async def test_a_candidates_whole_journey_on_the_platform_as_it_is_deployed(apart: Path) -> None:
    said: list[str] = []
    addresses = read_addresses(apart)
    assert addresses.access["kafka_security"] == "sasl_ssl"
    settings = load(**addresses.settings(), public_url=addresses.url)
    await play(addresses, settings, said.append)
    seen = {match[1] for line in said if (match := re.search(r"⟵ (\w+) ", line))}
    assert {"CandidateRegistered", "DraftSaved", "VacancyPublished", "VacancyMatched", "ApplicationSubmitted"} <= seen


async def test_whoever_follows_the_guide_gets_on_the_platform_what_it_says(apart: Path, tmp_path: Path) -> None:
    addresses = read_addresses(apart)
    settings = load(**addresses.settings(), public_url=addresses.url)

    async def somebody_applies(reader: Shell) -> None:
        vacancy = (await reader.run("echo $VACANCY")).strip()
        async with Traveller(addresses, settings, lambda _: None) as anna:
            await entering.registers(anna)
            await entering.completes_the_profile(anna)
            await applies_for(anna, vacancy)

    async def somebody_closes_their_account(_: Shell) -> None:
        """And is erased, once the last mail has gone."""
        identity = await asyncpg.connect(settings.database_admin_url, database=f"{settings.database_prefix}_identity")
        said = "select count(*) from events where stream like 'account-%' and type = 'PersonalDataErased'"
        before = await identity.fetchval(said)

        async def told() -> bool:
            return bool(await identity.fetchval(said) > before)

        try:
            async with Traveller(addresses, settings, lambda _: None) as boris:
                await entering.registers(boris)
                wish = {"current_password": boris.password}
                await boris.call("POST", "/identity/api/account/closure", 204, json=wish)
            await until(told, "that they are to be forgotten")
        finally:
            await identity.close()

    acts = {"somebody applies": somebody_applies, "somebody closes their account": somebody_closes_their_account}
    variables = {"SITE": addresses.url, "PORT": str(free_port())}
    async with shell(tmp_path, apart, variables) as reader:
        said = await follow(reader, tmp_path, acts)
    assert re.search(r"^ApplicationSubmitted application-[0-9a-f-]{36} ", said, re.MULTILINE), said
    assert "All 8 scenarios went well." in said


async def applies_for(anna: Traveller, vacancy: str) -> None:
    async def known() -> bool:
        return (await anna.anna.get("/applications/new", params={"vacancy": vacancy})).status_code == 200

    await until(known, "the vacancy in applications")
    application = await anna.new_draft(start="start_blank", vacancy_id=vacancy)
    for section, values in {**SECTIONS, "screening": {"years": "12"}}.items():
        await anna.save(application, section, values)
    await anna.submit(application)
