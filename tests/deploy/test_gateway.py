"""The gateway's routes: each path to its service, metrics to nobody, and limits that leave our own refusals to us."""

import json
import re
from typing import Any

import pytest
import yaml
from starlette.requests import Request

from deploy.gateway.configuration import COMMITTED, committed
from services.identity.use_cases.attempts import CODES, REGISTRATIONS, REMINDERS, TOKENS
from services.site import NAMES, chosen
from services.support.use_cases.tickets import TICKETS
from shared.http.guards import LARGEST, LARGEST_WITH_FILES
from shared.http.networks import network_of
from tests.containers import ROOT
from tests.deploy.gateway import memory_limits

STATIC = yaml.safe_load((ROOT / "deploy" / "gateway" / "envoy.yaml").read_text())["static_resources"]
MANAGERS = {it["name"]: it["filter_chains"][0]["filters"][0]["typed_config"] for it in STATIC["listeners"]}
MANAGER = MANAGERS["site"]
HOSTS = {name: manager["route_config"]["virtual_hosts"][0] for name, manager in MANAGERS.items()}
ROUTES = HOSTS["site"]["routes"]
BUFFER = "envoy.filters.http.buffer"


def routed(path: str, method: str = "GET") -> str:
    """The cluster that the first matching route names, or the status that it answers with itself; as Envoy decides."""
    route = route_of("site", path, method)
    if "route" not in route:
        return str(route["direct_response"]["status"])
    cluster = str(route["route"]["cluster"])
    return str(route_of("bodies", path, method)["route"]["cluster"]) if cluster == "bodies" else cluster


def route_of(door: str, path: str, method: str) -> dict[str, Any]:
    return next(route for route in HOSTS[door]["routes"] if matches(route["match"], path, method))


def matches(match: dict[str, Any], path: str, method: str) -> bool:
    for header in match.get("headers", ()):
        if re.fullmatch(header["string_match"]["safe_regex"]["regex"], method) is None:
            return False
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
    for method in ("GET", "POST"):
        assert {routed(f"/{name}{path}", method) for path in ("", "/readyz", "/api/things/1")} == {name}


def test_what_a_service_answers_outside_its_prefix_is_routed_to_it() -> None:
    found = {path: service.name for service in chosen(None) for path in service.addresses}
    assert (
        found
        == {path: routed(path) for path in found}
        == {path: routed(path, "POST") for path in found}
        == {
            "/.well-known/oauth-authorization-server": "identity",
            "/sitemap.xml": "vacancies",
        }
    )


@pytest.mark.parametrize("path", [
    "/", "/careers", "/.well-known/security.txt", "/help/faq", "/assets/postulo-0123.css", "/profiles", "/identityx/a",
])  # fmt: skip
def test_everything_else_is_the_careers_page_s(path: str) -> None:
    assert routed(path) == routed(path, "POST") == "careers"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", ["metrics", "metrics/", "%6detrics", "metric%73", "metrics/x"])
def test_metrics_are_not_shown_outside(name: str, spelling: str) -> None:
    assert routed(f"/{name}/{spelling}") == routed(f"/{name}/{spelling}", "POST") == "404"


def test_a_path_has_one_spelling_before_it_is_routed() -> None:
    assert MANAGER["normalize_path"] is True
    assert MANAGER["merge_slashes"] is True
    assert MANAGER["path_with_escaped_slashes_action"] == "REJECT_REQUEST"


def test_the_caller_s_address_is_counted_from_the_right() -> None:
    assert MANAGER["use_remote_address"] is True
    assert MANAGER["xff_num_trusted_hops"] == 0


def most_of(path: str) -> int:
    """So many bytes of a body pass, posted to this path."""
    (buffer,) = [it["typed_config"] for it in MANAGERS["bodies"]["http_filters"] if it["name"] == BUFFER]
    own = route_of("bodies", path, "POST").get("typed_per_filter_config", {}).get(BUFFER, {"buffer": buffer})
    return int(own["buffer"]["max_request_bytes"])


@pytest.mark.parametrize("path", ["/", "/identity/login", "/applications/6f1c", "/support/api/tickets", "/supported"])
def test_more_passes_than_a_service_takes_so_that_it_says_itself_what_is_too_large(path: str) -> None:
    assert LARGEST < most_of(path) <= 2.1 * 1024 * 1024


def test_twelve_megabytes_pass_where_files_are_taken_and_nowhere_else() -> None:
    declared = {re.sub(r"{\w+}", "6f1c", path) for service in chosen(None) for path in service.uploads}
    assert declared == {*forms_with_files(), *operations_with_files()}
    for path in declared:
        assert LARGEST_WITH_FILES < most_of(path) <= 13_000_000
        assert routed(path, "POST") == path.split("/")[1]


def forms_with_files() -> set[str]:
    """Where pages post what is sent as the parts of one body."""
    texts = [each.read_text() for each in (ROOT / "services").glob("*/templates/**/*.html")]
    actions = [it for text in texts for it in re.findall(r"form_start\(([^)]*), multipart=true\)", text)]
    assert len(actions) == sum(text.count("multipart=true") for text in texts) > 0
    return {"".join(word.strip('" ') if '"' in word else "6f1c" for word in it.split("~")) for it in actions}


def operations_with_files() -> set[str]:
    documents = [json.loads(each.read_text()) for each in (ROOT / "contracts").glob("*/openapi.json")]
    found = {
        path for document in documents for path, operations in document["paths"].items()
        for operation in operations.values()
        if isinstance(operation, dict)
        and "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    }  # fmt: skip
    assert found
    return {re.sub(r"{\w+}", "6f1c", path) for path in found}


def test_bodies_are_read_where_their_memory_is_counted() -> None:
    """Envoy counts that of HTTP/2 streams alone."""
    (own,) = [it["typed_config"] for it in MANAGER["http_filters"] if it["name"] == BUFFER]
    assert own["max_request_bytes"] <= 1024
    assert [it["name"] for it in STATIC["listeners"] if "internal_listener" in it] == ["bodies"]
    assert MANAGERS["bodies"]["codec_type"] == "HTTP2"
    assert route_of("site", "/identity/login", "POST")["typed_per_filter_config"][BUFFER]["disabled"] is True


def test_what_ends_the_largest_bodies_begins_long_before_nobody_is_let_in() -> None:
    manager = yaml.safe_load(COMMITTED.read_text())["overload_manager"]
    (heap,) = [it["typed_config"] for it in manager["resource_monitors"] if it["name"].endswith("fixed_heap")]
    assert 2 * heap["max_heap_size_bytes"] <= min(memory_limits()), "what is not its heap needs room, too"
    triggers = {it["name"].rpartition(".")[2]: it["triggers"][0] for it in manager["actions"]}
    ends = triggers["reset_high_memory_stream"]["scaled"]["scaling_threshold"]
    assert triggers["reduce_timeouts"]["scaled"]["scaling_threshold"] < ends
    assert ends + 0.3 <= triggers["stop_accepting_requests"]["threshold"]["value"] < 1


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
    assert clusters == {*NAMES, "bodies", "admin"}
    for route in (it["route"] for it in ROUTES if "route" in it):
        assert route["cluster"] in clusters
        assert route["timeout"] == "0s", "whoever reads slowly is not cut off"
        assert 0 < int(route["idle_timeout"].removesuffix("s")) <= 60


@pytest.mark.parametrize("name", NAMES)
def test_only_what_reads_is_asked_twice_once_it_has_left(name: str) -> None:
    """Anything else is repeated only if it cannot have been carried out."""
    reading, other = route_of("site", f"/{name}", "GET"), route_of("bodies", f"/{name}", "POST")
    assert reading["route"]["cluster"] == other["route"]["cluster"] == name
    (method,) = reading["match"]["headers"]
    assert (method["name"], method["string_match"]["safe_regex"]["regex"]) == (":method", "GET|HEAD|OPTIONS")
    assert "reset" in reading["route"]["retry_policy"]["retry_on"].split(",")
    assert "retry_policy" not in other["route"]
    assert HOSTS["bodies"]["retry_policy"]["retry_on"] == "connect-failure,refused-stream,reset-before-request"
    before = route_of("site", f"/{name}", "POST")
    assert "retry_policy" not in before["route"]
    assert "retry_policy" not in HOSTS["site"]


def test_of_its_own_door_the_gateway_shows_readiness_and_metrics_alone() -> None:
    (host,) = MANAGERS["watched"]["route_config"]["virtual_hosts"]
    assert [route["match"] for route in host["routes"]] == [{"path": "/ready"}, {"path": "/stats/prometheus"}]


def test_every_door_but_the_one_within_is_closed_when_the_gateway_leaves() -> None:
    """What is under way behind the others still passes it."""
    closed = [it["name"] for it in STATIC["listeners"] if it.get("traffic_direction") == "INBOUND"]
    assert closed == ["site", "inside", "watched"]
    assert "/drain_listeners?inboundonly" in (ROOT / "deploy" / "gateway" / "run.sh").read_text()


def test_the_access_log_tells_of_nobody() -> None:
    (log,) = MANAGER["access_log"]
    said = " ".join(log["typed_config"]["log_format"]["json_format"].values())
    for word in ("ADDRESS", "PATH", "FORWARDED", "COOKIE", "AUTHORIZATION", "USER-AGENT"):
        assert word not in said.replace("UPSTREAM_HOST", "").replace("(:METHOD)", ""), word
