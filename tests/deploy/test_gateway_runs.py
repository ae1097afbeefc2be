"""The gateway at work: what Envoy itself makes of the committed configuration."""

import asyncio
import itertools
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import httpx
import pytest

from deploy.gateway.configuration import COMMITTED
from services.site import NAMES
from shared.http.guards import LARGEST
from shared.http.middleware import SECURITY
from tests.containers import compose
from tests.deploy.gateway import ENVOY, Gateway, memory_limits, running_gateway
from tests.deploy.test_monitoring import BY_NAME, ENVOYS
from tests.platform import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere loopback is one address")

ADDRESSES = itertools.count(2)
OFFICE, DESK = 300, 120
"""Posts that one network has at once, at the entrance and at the support desk."""

ENTRANCE = ("/identity/api/oauth/token", "/identity/api/registrations", "/identity/verify/again",
            "/identity/forgotten/password")  # fmt: skip
MOST = 3_000
"""So many requests are refused by any limit here, however slowly they are sent."""


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


def address() -> str:
    """One of this machine's that no other test comes from."""
    return f"127.0.0.{next(ADDRESSES)}"


async def until_refused(client: httpx.AsyncClient, path: str, **headers: str) -> tuple[int, httpx.Response]:
    """How many posts passed before the first that did not, and its answer."""
    for passed in range(MOST):
        if (answer := await client.post(path, data={"a": "b"}, headers=headers)).status_code != 200:
            return passed, answer
    raise AssertionError(f"{MOST} posts to {path} passed")


def test_envoy_accepts_the_committed_configuration_whole() -> None:
    command = [str(ENVOY), "--mode", "validate", "--config-path", str(COMMITTED), "--log-level", "warning"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, f"configuration '{COMMITTED}' OK")
    assert "deprecated" not in done.stderr.lower()


def test_the_envoy_that_is_tested_is_the_one_of_the_containers() -> None:
    version = subprocess.run([str(ENVOY), "--version"], capture_output=True, text=True, check=True).stdout
    image = compose()["services"]["gateway"]["image"]
    assert f"/{image.rpartition(':v')[2]}/" in version


async def test_a_request_passes_with_the_address_that_the_gateway_saw_at_the_right_end(gateway: Gateway) -> None:
    source = address()
    async with gateway.client(source) as client:
        plain = (await client.get("/profile/api/sections?a=b")).json()
        forged = (await client.post("/identity/login", headers={"x-forwarded-for": "203.0.113.9"}, content="x")).json()
    assert (plain["method"], plain["path"]) == ("GET", "/profile/api/sections?a=b")
    assert plain["headers"]["x-forwarded-for"] == source
    assert (forged["method"], forged["length"]) == ("POST", 1)
    assert forged["headers"]["x-forwarded-for"].replace(" ", "") == f"203.0.113.9,{source}"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/identity/metrics", 404), ("/alerts/metrics/", 404), ("//identity//metrics", 404),
        ("/careers/../identity/metrics", 404), ("/identity/%6detrics", 404), ("/identity%2flogin", 400),
        ("/profile/..%2fidentity/metrics", 400), ("/profile/%5c..%5cidentity", 400), ("/identity/login", 200),
    ],
)  # fmt: skip
async def test_no_other_spelling_of_a_path_passes_a_rule_by(gateway: Gateway, target: str, status: int) -> None:
    before = len(gateway.behind.arrived)
    assert (await gateway.raw(target)).status_code == status
    assert len(gateway.behind.arrived) - before == (1 if status == 200 else 0)


async def test_a_header_that_could_be_read_as_another_is_refused(gateway: Gateway) -> None:
    assert (await gateway.raw("/", headers={"x_forwarded_for": "203.0.113.9"})).status_code == 400


async def test_the_entrance_is_limited_by_network_and_the_others_are_still_served(gateway: Gateway) -> None:
    async with gateway.client(address()) as flood, gateway.client(address()) as neighbour:
        passed, refused = await until_refused(flood, "/identity/api/login")
        assert passed >= OFFICE, "an office behind one address is let in"
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json() == {
            "type": "urn:postulo:problem:too-many-requests", "title": "Too many requests come from your network",
            "status": 429, "reference": refused.headers["x-correlation-id"], "errors": [],
            "detail": "Too many requests come from your network. Wait a minute, then try again. "
            "What you saved before is safe.",
        }  # fmt: skip
        assert (await neighbour.post("/identity/api/login")).status_code == 200
        for path in ("/identity/login", "/vacancies", "/identity/api/session"):
            assert (await flood.get(path)).status_code == 200, "reading goes on"
        for path in ("/applications/api/drafts", "/support"):
            assert (await flood.post(path)).status_code == 200, "each limit is for its own doors"


async def test_the_doors_of_the_entrance_share_one_limit_which_no_header_renews(gateway: Gateway) -> None:
    """What trickles back meanwhile lets a few more in, not another office."""
    async with gateway.client(address()) as client:
        await until_refused(client, "/identity/api/login")
        for path in ENTRANCE:
            passed, refused = await until_refused(client, path, **{"x-forwarded-for": "203.0.113.9"})
            assert (passed < OFFICE / 2, refused.status_code, refused.headers["retry-after"]) == (True, 429, "60")


@pytest.mark.parametrize("path", ["/support", "/support/api/tickets"])
async def test_tickets_are_limited(gateway: Gateway, path: str) -> None:
    async with gateway.client(address()) as client:
        passed, refused = await until_refused(client, path)
        assert (passed >= DESK, refused.status_code, refused.headers["retry-after"]) == (True, 429, "60")
        assert (await client.post("/identity/login")).status_code == 200


async def test_a_refusal_of_a_service_keeps_its_own_words(gateway: Gateway) -> None:
    async with gateway.client(address()) as client:
        answer = await client.post("/identity/busy")
    assert (answer.status_code, answer.json()["path"]) == (429, "/identity/busy")


SAID = {
    "en": {
        400: "The request cannot be understood", 404: "Page not found", 408: "The request took too long to arrive",
        413: "This is too large", 429: "Too many requests come from your network",
        503: "The service is temporarily unavailable", 504: "The service is temporarily unavailable",
    },
    "fr": {
        400: "La demande n’a pas été comprise", 404: "Page introuvable",
        408: "La demande a mis trop de temps à arriver", 413: "Envoi trop volumineux",
        429: "Trop de demandes viennent de votre réseau", 503: "Le service est temporairement indisponible",
        504: "Le service est temporairement indisponible",
    },
}  # fmt: skip
REASONS = {
    400: "malformed-request", 404: "not-found", 408: "too-slow", 413: "too-large", 429: "too-many-requests",
    503: "unavailable", 504: "unavailable",
}  # fmt: skip

HASTY = {408, 503, 504}
"""What comes of waiting, or of a service that is away; for the others a slow machine has to have its time."""


@pytest.fixture(scope="module")
async def hasty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """A gateway that waits for four seconds only, and a service that is away."""
    folder = tmp_path_factory.mktemp("hasty")
    async with running_gateway(folder, away={"alerts"}, answer_within=4, arrive_within=4) as running:
        yield running


@pytest.fixture
def refusing(gateway: Gateway, hasty: Gateway, status: int) -> Gateway:
    """One that answers with this status, as patient as can be."""
    return hasty if status in HASTY else gateway


async def answered(gateway: Gateway, status: int, area: str, **headers: str) -> httpx.Response:
    """An answer of the gateway's own with this status."""
    paths = {400: f"{area}/x%2fy", 404: f"/x/metrics{area}", 503: f"/alerts{area}", 504: f"/careers{area}/silent"}
    if status == 408:
        return await gateway.raw(f"/careers{area}", "POST", {**headers, "content-length": "1"})
    if status == 413:
        return await gateway.raw(f"/careers{area}", "POST", {**headers, "content-length": "11000000"}, megabytes=11)
    async with gateway.client(address()) as client:
        if status == 429:
            return (await until_refused(client, f"/identity/x{area}", **headers))[1]
        return await client.get(paths[status], headers=headers)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("status", REASONS)
async def test_what_the_gateway_answers_is_ours_in_the_reader_s_language(
    refusing: Gateway, status: int, language: str
) -> None:
    page = await answered(refusing, status, "", **{"accept-language": f"{language}, de;q=0.5"})
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{SAID[language][status]}</h1>" in page.text
    reference = page.headers["x-correlation-id"] if status != 400 else ""
    assert re.findall("<code>(.*)</code>", page.text) == [reference][: bool(reference)]
    assert not {"%%", "%REQ"} & {page.text[at : at + length] for at in range(len(page.text)) for length in (2, 4)}
    own = {"content-security-policy", "cache-control"}
    assert {name: page.headers.get(name) for name in SECURITY.keys() - own} == {
        name: value for name, value in SECURITY.items() if name not in own
    }
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert (page.headers["cache-control"], page.headers["content-language"]) == ("no-store", language)
    assert page.headers.get("retry-after") == {429: "60", 503: "5", 504: "5"}.get(status)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("status", REASONS)
async def test_programs_get_a_problem_document_of_the_gateway_too(
    refusing: Gateway, status: int, language: str
) -> None:
    answer = await answered(refusing, status, "/api/things", **{"accept-language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    document = answer.json()
    assert document["detail"].startswith(f"{SAID[language][status]}. ")
    assert {**document, "detail": ""} == {
        "type": f"urn:postulo:problem:{REASONS[status]}", "title": SAID[language][status], "status": status,
        "reference": answer.headers["x-correlation-id"] if status != 400 else "", "errors": [], "detail": "",
    }  # fmt: skip


async def test_what_is_refused_before_it_is_read_is_answered_with_a_page_of_ours(gateway: Gateway) -> None:
    """Headers that are too long: neither where they went to nor in which language is known."""
    async with gateway.client() as client:
        page = await client.get("/x/api/y", headers={"accept-language": "fr", "x-long": "x" * 70_000})
    assert (page.status_code, page.headers["content-type"]) == (431, "text/html; charset=utf-8")
    assert '<html lang="en">' in page.text
    assert "<h1>This is too large</h1>" in page.text
    assert "<code>" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en"), ({"accept-language": "fr"}, "fr"), ({"accept-language": "fr-CH, en;q=0.9"}, "fr"),
        ({"accept-language": "en-GB, fr"}, "en"), ({"accept-language": "de, fr;q=0.8"}, "fr"),
        ({"accept-language": "de"}, "en"), ({"accept-language": "en", "cookie": "a=b; lang=fr"}, "fr"),
        ({"accept-language": "fr", "cookie": "lang=en"}, "en"), ({"accept-language": "fr", "cookie": "lang=xx"}, "fr"),
        ({"accept-language": "frisian"}, "en"), ({"cookie": "slang=fr"}, "en"),
    ],
)  # fmt: skip
async def test_the_reader_s_choice_comes_before_what_the_browser_wants(
    hasty: Gateway, headers: dict[str, str], language: str
) -> None:
    answer = await answered(hasty, 503, "", **headers)
    assert answer.headers["content-language"] == language


async def test_an_answer_that_comes_bit_by_bit_takes_as_long_as_it_needs(
    hasty: Gateway,
) -> None:
    """Each part before the gateway's patience ends, all together after it."""
    bits, got = hasty.behind.bits, b""
    async with hasty.client() as client, client.stream("GET", "/careers/bit-by-bit") as answer:
        parts = answer.aiter_raw()
        for _ in range(bits.maxsize):
            await asyncio.sleep(0.6)
            bits.put(b"x")
            got += await anext(parts)
    assert (answer.status_code, got) == (200, b"x" * bits.maxsize)


class Sample(NamedTuple):
    name: str
    labels: dict[str, str]
    value: float


async def shown(gateway: Gateway) -> list[Sample]:
    """Line by line: the client's own parser gives counters other names."""
    async with httpx.AsyncClient(base_url=gateway.admin, timeout=60) as admin:
        text = (await admin.get("/stats/prometheus")).text
    lines = re.findall(r"^(\w+)\{(.*)\} (\S+)$", text, re.MULTILINE)
    return [Sample(name, dict(re.findall(r'(\w+)="([^"]*)"', labels)), float(value)) for name, labels, value in lines]


async def test_envoy_shows_the_metrics_that_alerts_and_pages_ask_it_for(hasty: Gateway) -> None:
    samples = await shown(hasty)
    assert {each.name for each in samples} >= ENVOYS
    healthy = {
        each.labels["envoy_cluster_name"]: each.value
        for each in samples
        if each.name == "envoy_cluster_membership_healthy"
    }
    assert healthy == {"admin": 1, "bodies": 1, **{name: name != "alerts" for name in NAMES}}


async def test_what_no_service_was_asked_is_counted_where_the_alert_looks(hasty: Gateway) -> None:
    """By the alert's own labels; `service` is given by Prometheus."""
    selectors = re.findall(r"\b(envoy_\w+)\{([^}]*)\}", BY_NAME["GatewayErrors"]["expr"])
    wanted = [(metric, dict(re.findall(r'(\w+)="(\w+)"', labels))) for metric, labels in selectors]
    assert {labels.pop("service") for _, labels in wanted} == {"gateway"}

    async def counted() -> list[float]:
        samples = await shown(hasty)
        return [
            sum(each.value for each in samples if each.name == metric and labels.items() <= each.labels.items())
            for metric, labels in wanted
        ]

    before = await counted()
    async with hasty.client(address()) as client:
        assert [(await client.get(path)).status_code for path in ("/alerts", "/careers")] == [503, 200]
    failed, every = (now - then for now, then in zip(await counted(), before, strict=True))
    assert (failed, every) == (1, 2)


async def test_a_request_is_known_by_an_id_of_the_gateway_s_own(gateway: Gateway) -> None:
    async with gateway.client() as client:
        arrived = (await client.get("/profile/x", headers={"x-request-id": "forged"})).json()["headers"]
    assert str(UUID(arrived["x-request-id"])) == arrived["x-request-id"]


async def test_an_upload_that_is_under_way_when_the_gateway_is_told_to_stop_arrives_whole(tmp_path: Path) -> None:
    async with running_gateway(tmp_path) as gateway, gateway.client() as client:
        begun, rest = asyncio.Event(), asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"x" * 1000
            begun.set()
            await rest.wait()
            yield b"x" * 1000

        upload = asyncio.create_task(client.post("/applications/upload", content=body()))
        await begun.wait()
        async with httpx.AsyncClient(base_url=gateway.admin, timeout=60) as admin:

            async def has(said: str, path: str = "/ready") -> bool:
                return said in (await admin.get(path)).text

            await until(lambda: has("rq_active: 1", "/stats?filter=http.site.downstream_rq_active"), "the upload")
            gateway.process.terminate()
            await until(lambda: has("DRAINING"), "the gateway says that it leaves")
            await until(lambda: is_refused(gateway), "no new connection is taken")
        rest.set()
        answer = await upload
        assert (answer.status_code, answer.json()["length"]) == (200, 2000)
        assert answer.headers["connection"] == "close"
        await asyncio.to_thread(gateway.process.wait)
    assert gateway.process.returncode == 0


HALF_SENT = {"content-length": "12000000", "content-type": "multipart/form-data; boundary=x"}
FILES = ("/applications/6f1c/attachments", "/applications/api/documents", "/profile/import", "/support",
         "/support/tickets/6f1c/reply")  # fmt: skip


@pytest.mark.parametrize("path", FILES)
async def test_ten_megabytes_pass_where_files_are_taken(gateway: Gateway, path: str) -> None:
    async with gateway.client(address()) as client:
        answer = await client.post(path, content=b"x" * 10_000_000)
    assert (answer.status_code, answer.json()["length"]) == (200, 10_000_000)


async def test_so_much_passes_everywhere_that_a_service_says_itself_what_is_too_large(gateway: Gateway) -> None:
    async with gateway.client(address()) as client:
        answer = await client.post("/careers/api/things", content=b"x" * (LARGEST + 1))
    assert (answer.status_code, answer.json()["length"]) == (200, LARGEST + 1)


async def test_what_only_reads_brings_no_body(gateway: Gateway) -> None:
    headers = {"content-length": "1000000"}
    assert (await gateway.raw("/careers", "GET", headers, megabytes=1)).status_code == 413


async def test_large_bodies_that_are_held_open_end_before_the_memory_does(tmp_path: Path) -> None:
    async with running_gateway(tmp_path) as gateway, gateway.client(address()) as neighbour:

        async def held(path: str, language: str) -> httpx.Response | None:
            """The answer to a body of which a megabyte never comes; none if it was cut before there was one."""
            try:
                return await gateway.raw(path, "POST", {**HALF_SENT, "accept-language": language}, megabytes=11)
            except ConnectionError:
                return None

        kinds = [("/applications/documents", "fr"), ("/applications/api/documents", "en")] * 30
        all_held = [asyncio.create_task(held(*kind)) for kind in kinds]
        shown, told = all_held[::2], all_held[1::2]

        async def many_have_ended() -> bool:
            assert (await neighbour.get("/careers")).status_code == 200, "others are served meanwhile"
            return sum(each.done() for each in all_held) >= 30

        await until(many_have_ended, "memory for the neighbours")
        for each in all_held:
            each.cancel()
        await asyncio.gather(*all_held, return_exceptions=True)
        assert gateway.most_memory() < min(memory_limits())
        pages, documents = ([it.result() for it in ended if not it.cancelled()] for ended in (shown, told))
        assert {it.status_code for it in (*pages, *documents) if it} == {503}
        assert {SAID["fr"][503] in it.text for it in pages if it} == {True}
        assert {it.json()["title"] for it in documents if it} == {SAID["en"][503]}

        async def a_file_passes() -> bool:
            """Not before the gateway has noticed that the others are gone."""
            try:
                answer = await neighbour.post("/applications/documents", content=b"x" * 10_000_000)
            except httpx.TransportError:
                return False
            assert answer.status_code in {200, 503}
            return answer.status_code == 200 and answer.json()["length"] == 10_000_000

        await until(a_file_passes, "room for a file, once nobody holds one")


async def is_refused(gateway: Gateway) -> bool:
    try:
        async with gateway.client() as client:
            await client.get("/")
    except httpx.ConnectError:
        return True
    except httpx.TransportError:  # It was let in as the door closed.
        return False
    return False
