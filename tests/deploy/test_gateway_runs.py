"""The gateway at work: what Envoy itself makes of the committed configuration."""

import itertools
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.containers import compose
from tests.deploy.gateway import CONFIGURATION, ENVOY, Gateway, running_gateway

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
    command = [str(ENVOY), "--mode", "validate", "--config-path", str(CONFIGURATION), "--log-level", "warning"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, f"configuration '{CONFIGURATION}' OK")
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
    assert await gateway.raw(target) == status
    assert len(gateway.behind.arrived) - before == (1 if status == 200 else 0)


async def test_a_header_that_could_be_read_as_another_is_refused(gateway: Gateway) -> None:
    assert await gateway.raw("/", headers={"x_forwarded_for": "203.0.113.9"}) == 400


async def test_the_entrance_is_limited_by_network_and_the_others_are_still_served(gateway: Gateway) -> None:
    async with gateway.client(address()) as flood, gateway.client(address()) as neighbour:
        passed, refused = await until_refused(flood, "/identity/api/login")
        assert passed >= OFFICE, "an office behind one address is let in"
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json() == {
            "type": "about:blank", "title": "Too Many Requests", "status": 429,
            "detail": "Too many requests come from your network. Wait a minute, then try again.",
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


async def test_people_are_told_in_both_languages(gateway: Gateway) -> None:
    async with gateway.client(address()) as client:
        _, page = await until_refused(client, "/identity/login")
    assert (page.status_code, page.headers["retry-after"]) == (429, "60")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for words in ("Too many requests come from your network.", "Trop de requêtes proviennent de votre réseau."):
        assert words in page.text


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
