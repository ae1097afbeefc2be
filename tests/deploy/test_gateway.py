"""The gateway's routes: each path to its service, metrics to nobody, and limits that leave our own refusals to us."""

import re
from typing import Any

import pytest
import yaml
from starlette.requests import Request

from deploy.gateway.configuration import COMMITTED, committed
from services.identity.use_cases.attempts import CODES, REGISTRATIONS, REMINDERS, TOKENS
from services.site import NAMES, chosen
from services.support.use_cases.tickets import TICKETS
from shared.http.guards import LARGEST_WITH_FILES
from shared.http.networks import network_of
from tests.containers import ROOT

STATIC = yaml.safe_load((ROOT / "deploy" / "gateway" / "envoy.yaml").read_text())["static_resources"]
MANAGER = STATIC["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
ROUTES = MANAGER["route_config"]["virtual_hosts"][0]["routes"]


def routed(path: str) -> str:
    """The cluster that the first matching route names, or the status that it answers with itself; as Envoy decides."""
    route = next(route for route in ROUTES if matches(route["match"], path))
    return str(route["route"]["cluster"] if "route" in route else route["direct_response"]["status"])


def matches(match: dict[str, Any], path: str) -> bool:
    if "path" in match:
        return bool(match["path"] == path)
    if "safe_regex" in match:
        return re.fullmatch(match["safe_regex"]["regex"], path) is not None
    if "path_separated_prefix" in match:
        prefix = match["path_separated_prefix"]
        return path == prefix or path.startswith(f"{prefix}/")
    return path.startswith(match["prefix"])


@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_reached_under_its_name(name: str) -> None:
    assert routed(f"/{name}") == routed(f"/{name}/readyz") == routed(f"/{name}/api/things/1") == name


def test_what_a_service_answers_outside_its_prefix_is_routed_to_it() -> None:
    found = {path: service.name for service in chosen(None) for path in service.addresses}
    assert (
        found
        == {path: routed(path) for path in found}
        == {
            "/.well-known/oauth-authorization-server": "identity",
            "/sitemap.xml": "vacancies",
        }
    )


@pytest.mark.parametrize("path", [
    "/", "/careers", "/.well-known/security.txt", "/help/faq", "/assets/postulo-0123.css", "/profiles", "/identityx/a",
])  # fmt: skip
def test_everything_else_is_the_careers_page_s(path: str) -> None:
    assert routed(path) == "careers"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", ["metrics", "metrics/", "%6detrics", "metric%73", "metrics/x"])
def test_metrics_are_not_shown_outside(name: str, spelling: str) -> None:
    assert routed(f"/{name}/{spelling}") == "404"


def test_a_path_has_one_spelling_before_it_is_routed() -> None:
    assert MANAGER["normalize_path"] is True
    assert MANAGER["merge_slashes"] is True
    assert MANAGER["path_with_escaped_slashes_action"] == "REJECT_REQUEST"


def test_the_caller_s_address_is_counted_from_the_right() -> None:
    assert MANAGER["use_remote_address"] is True
    assert MANAGER["xff_num_trusted_hops"] == 0


def test_a_body_of_twelve_megabytes_passes_so_that_a_service_says_what_is_too_large() -> None:
    buffer = next(it["typed_config"] for it in MANAGER["http_filters"] if it["name"].endswith("buffer"))
    assert 12_000_000 <= LARGEST_WITH_FILES <= buffer["max_request_bytes"] <= 13_000_000


def test_limits_come_first_and_leave_the_finer_ones_to_the_services() -> None:
    first, *_ = MANAGER["http_filters"]
    limits = first["typed_config"]
    assert first["name"] == "envoy.filters.http.local_ratelimit", "what is refused is not read into a buffer before"
    for share in ("filter_enabled", "filter_enforced"):
        assert limits[share]["default_value"] == {"numerator": 100, "denominator": "HUNDRED"}
    buckets = {each["entries"][0]["value"]: each["token_bucket"]["max_tokens"] for each in limits["descriptors"]}
    for limit in (REGISTRATIONS, REMINDERS, CODES, TOKENS):
        assert buckets["identity"] > limit.burst
    assert buckets["support"] > TICKETS.burst
    assert limits["max_dynamic_descriptors"] >= 10_000, "so many networks at once"


def test_the_gateway_means_the_same_by_a_network_as_the_services() -> None:
    (limits,) = [it["typed_config"] for it in MANAGER["http_filters"] if it["name"].endswith("local_ratelimit")]
    for rule in limits["rate_limits"]:
        mask = rule["actions"][-1]["masked_remote_address"]
        assert mask == {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}
    request = Request({"type": "http", "client": ("2001:db8:1:2:3:4:5:6", 1), "headers": []})
    assert network_of(request, 0) == "2001:db8:1:2::/64"


def test_the_committed_file_is_what_the_template_says_now() -> None:
    assert COMMITTED.read_text() == committed(), "python -m deploy.gateway writes it anew"


def test_every_route_ends_at_a_cluster_that_exists_and_where_nothing_moves_in_time() -> None:
    clusters = {cluster["name"] for cluster in STATIC["clusters"]}
    assert clusters == {*NAMES, "admin"}
    for route in (it["route"] for it in ROUTES if "route" in it):
        assert route["cluster"] in clusters
        assert route["timeout"] == "0s", "whoever reads slowly is not cut off"
        assert 0 < int(route["idle_timeout"].removesuffix("s")) <= 60


@pytest.mark.parametrize("name", NAMES)
def test_only_what_reads_is_asked_twice_once_it_has_left(name: str) -> None:
    """Anything else is repeated only if it cannot have been carried out."""
    reading, other = (it for it in ROUTES if it.get("route", {}).get("cluster") == name and "path" not in it["match"])
    (method,) = reading["match"]["headers"]
    assert (method["name"], method["string_match"]["safe_regex"]["regex"]) == (":method", "GET|HEAD|OPTIONS")
    assert "reset" in reading["route"]["retry_policy"]["retry_on"].split(",")
    assert "retry_policy" not in other["route"]
    host = MANAGER["route_config"]["virtual_hosts"][0]
    assert host["retry_policy"]["retry_on"] == "connect-failure,refused-stream,reset-before-request"


def test_of_its_own_door_the_gateway_shows_readiness_and_metrics_alone() -> None:
    assert STATIC["listeners"][2]["name"] == "watched"
    (shown,) = STATIC["listeners"][2]["filter_chains"][0]["filters"]
    (host,) = shown["typed_config"]["route_config"]["virtual_hosts"]
    assert [route["match"] for route in host["routes"]] == [{"path": "/ready"}, {"path": "/stats/prometheus"}]


def test_the_access_log_tells_of_nobody() -> None:
    (log,) = MANAGER["access_log"]
    said = " ".join(log["typed_config"]["log_format"]["json_format"].values())
    for word in ("ADDRESS", "PATH", "FORWARDED", "COOKIE", "AUTHORIZATION", "USER-AGENT"):
        assert word not in said.replace("UPSTREAM_HOST", "").replace("(:METHOD)", ""), word
