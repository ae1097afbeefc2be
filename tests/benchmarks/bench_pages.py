"""The pages a candidate opens most, beside a page of the same framework that asks nothing and shows as much text."""

import time
from collections.abc import Mapping, Sequence
from statistics import median, quantiles
from typing import Final

import httpx
from fastapi import FastAPI, Response
from jinja2 import DictLoader, Environment

from deploy.local.servers import Servers
from tests.applications.doors import applicant, draft, fill, publish, submit
from tests.applications.values import ANSWERS, SECTIONS
from tests.benchmarks.bench_end_to_end import ms
from tests.benchmarks.places import on_a_platform
from tests.benchmarks.table import Row
from tests.platform import ORIGIN, Kit

ROUNDS, CALLS = 6, 40
QUICK: Final = 0.010
"""The aim: seconds of a page, in the median."""
EMPTY: Final = """<!doctype html><html lang="{{ language }}"><head><title>{{ title }}</title></head><body>
{% for line in lines %}<p class="line">{{ line }}</p>{% endfor %}</body></html>"""
PIECE: Final = "Nothing is asked of anybody, and nothing but this sentence is said & escaped."
NOTICES: Final = 40


async def rows(servers: Servers) -> Sequence[Row]:
    async with on_a_platform(servers) as platform:
        anna, paths = await prepared(platform)
        found = []
        for name, path in paths.items():
            shown = await anna.get(path)
            assert shown.status_code == 200, f"{path}: {shown.status_code}"
            found.append(await beside(name, anna, path, len(shown.content)))
        return found


async def prepared(platform: Kit) -> tuple[httpx.AsyncClient, Mapping[str, str]]:
    """Somebody with a draft and an application, on a site with some notices."""
    for _ in range(NOTICES):
        await publish(platform)
    vacancy, anna = await publish(platform), await applicant(platform)
    sent = await draft(anna, vacancy)
    ready = await fill(anna, sent, {**SECTIONS, "screening": ANSWERS})
    assert (await submit(anna, sent, ready["revision"])).status_code == 200
    unfinished = await draft(anna)
    await fill(anna, unfinished, {name: values for name, values in SECTIONS.items() if name != "screening"})
    await platform.settled()
    return anna.client, {
        "home": "/",
        "search": "/vacancies",
        "a notice": f"/vacancies/{vacancy['id']}",
        "Careers": "/careers",
        "the hub of a draft": f"/applications/{unfinished}",
        "a section of a draft": f"/applications/{unfinished}/letter",
        "the profile's contact page": "/profile/contact",
        "saved searches": "/alerts",
        "help": "/help",
        "a PDF": f"/applications/{sent}/php",
    }


async def beside(name: str, client: httpx.AsyncClient, path: str, size: int) -> Row:
    peer = empty(size)
    await timed(client, path), await timed(peer, "/")
    pairs = [(await timed(client, path), await timed(peer, "/")) for _ in range(ROUNDS)]
    ours, theirs = ([each for pair in pairs for each in pair[side]] for side in (0, 1))
    ratio = median(ours) / median(theirs)
    said = f"{ms(median(ours))}, p95 {ms(quantiles(ours, n=20)[18])}, {1 / median(ours):,.0f}/s"
    return Row(f"{name} ({size // 1000} kB)", said, "a page that asks nothing", ms(median(theirs)), ratio,
               f"< {ms(QUICK)}", median(ours) < QUICK)  # fmt: skip


async def timed(client: httpx.AsyncClient, path: str) -> list[float]:
    times = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        answer = await client.get(path)
        times.append(time.perf_counter() - begun)
        assert answer.status_code == 200
    return times


def empty(size: int) -> httpx.AsyncClient:
    """Through the same client, by the same framework and template engine, as many bytes."""
    app = FastAPI()
    template = Environment(autoescape=True, loader=DictLoader({"page": EMPTY})).get_template("page")
    lines = [PIECE] * max(1, size // (len(PIECE) + 26))

    @app.get("/")
    async def page() -> Response:
        return Response(template.render(language="en", title="Nothing", lines=lines), media_type="text/html")

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN)
