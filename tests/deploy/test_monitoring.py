"""Rules that are tried, pages that can be followed, and queries that ask for what services show."""

import json
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from deploy.local.promtool import executable
from deploy.monitoring.written import FOLDER, written
from services.site import NAMES, service
from shared.ops.metrics import Metrics
from shared.ops.settings import Settings
from shared.runtime.process import doors_of
from tests.containers import ROOT
from tests.deploy.test_commands import commands, is_command
from tests.shared.ops.test_metrics import at_work

BOOKS: Final = ROOT / "docs" / "runbooks"
ALERTS: Final[list[dict[str, Any]]] = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"][0]["rules"]
BY_NAME: Final = {alert["alert"]: alert for alert in ALERTS}
PROMETHEUS_OWN: Final = {"up"}
ENVOYS: Final = {
    "envoy_http_downstream_rq_xx", "envoy_cluster_membership_total", "envoy_cluster_membership_healthy"
}  # fmt: skip
"""What the gateway shows of all that Envoy does; test_gateway_runs.py asks it."""
WORDS: Final = {"by", "on", "and", "or", "unless", "offset", "group_left"}
CHAPTERS: Final = ["## How to look", "## What to do", "## When to escalate"]

__all__ = ("commands",)


def exported() -> set[str]:
    registry = at_work().registry
    return {sample.name for family in registry.collect() for sample in family.samples} | PROMETHEUS_OWN | ENVOYS


def asked_for(query: str) -> set[str]:
    """The metrics in a query of PromQL: what is left without labels, durations, functions and words of the language."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(by|on)\s*\([^)]*\)|\boffset \w+", " ", query)
    return set(re.findall(r"\b[a-z_]\w*\b(?!\s*\()", bare)) - WORDS


def promtool(*words: str) -> str:
    program = executable()
    assert program, "`make test` installs it: python -m deploy.local.promtool"
    done = subprocess.run([program, *words], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_no_metric_in_a_query_is_not_taken_for_one() -> None:
    query = 'sum by (service) (rate(a_total{status=~"5.."}[5m])) / on (x) max(b) > 0 and c offset 1h unless on (d) e'
    assert asked_for(query) == {"a_total", "b", "c", "e"}


def test_every_alert_comes_when_it_should_and_not_before() -> None:
    assert "SUCCESS" in promtool("test", "rules", "rules.test.yaml")
    tried = yaml.safe_load((FOLDER / "rules.test.yaml").read_text())["tests"]
    cases = [case for each in tried for case in each["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == set(BY_NAME)
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == set(BY_NAME)


def test_prometheus_takes_the_configuration_and_finds_every_service() -> None:
    promtool("check", "config", "prometheus.yaml")
    jobs = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"]
    assert [job["job_name"] for job in jobs] == [*NAMES, "gateway"]
    assert {name: job["metrics_path"] for name, job in zip(NAMES, jobs, strict=False)} == {
        name: f"/{name}/metrics" for name in NAMES
    }


def test_the_alert_that_a_service_is_down_is_of_each_of_ours_and_of_no_other() -> None:
    ours, expression = [*NAMES, "gateway"], BY_NAME["ServiceDown"]["expr"]
    assert f'up{{service=~"{"|".join(ours)}"}}' in expression
    assert re.findall(r'absent\(up\{service="(\w+)"\}\)', expression) == ours


def test_whom_prometheus_asks_bears_the_name_that_alerts_look_for() -> None:
    for job in yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["scrape_configs"]:
        given = [each["replacement"] for each in job.get("relabel_configs", []) if each["target_label"] == "service"]
        known = [each["labels"]["service"] for each in job.get("static_configs", [])]
        assert given + known == [job["job_name"]]


@pytest.mark.parametrize("name", BY_NAME)
def test_an_alert_asks_for_what_services_show(name: str) -> None:
    asked = asked_for(BY_NAME[name]["expr"])
    assert asked
    assert asked <= exported()


@pytest.mark.parametrize("name", BY_NAME)
def test_an_alert_says_how_urgent_it_is_and_has_a_page(name: str) -> None:
    alert = BY_NAME[name]
    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    assert alert["annotations"]["runbook"] == f"docs/runbooks/{kebab}.md"
    assert alert["annotations"]["summary"]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    page = (ROOT / alert["annotations"]["runbook"]).read_text()
    assert page.startswith(f"# {name}\n")
    assert re.findall(r"^## .*$", page, re.MULTILINE) == CHAPTERS
    assert f"[{name}]({kebab}.md)" in (BOOKS / "README.md").read_text()


def test_there_is_no_page_without_an_alert() -> None:
    pages = {f"docs/runbooks/{page.name}" for page in BOOKS.glob("*.md")} - {"docs/runbooks/README.md"}
    assert pages == {alert["annotations"]["runbook"] for alert in ALERTS}


@pytest.mark.parametrize("page", sorted(BOOKS.glob("*.md")), ids=lambda page: page.name)
def test_what_a_page_names_is_there(page: Path, commands: Any) -> None:
    text = page.read_text()
    named = set(re.findall(r"python -m services ([a-z]+(?: [a-z-]+)?)", text))
    assert {words for words in named if not is_command(words.split(), commands)} == set()
    assert set(re.findall(r"\b(?:postulo|process|envoy)_[a-z_]+", text)) <= exported()
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", sorted(BOOKS.glob("*.md")), ids=lambda page: page.name)
def test_what_no_service_may_do_itself_is_said_as_it_can_be_done(page: Path) -> None:
    """On Kubernetes no service's user may see rights on Kafka; nowhere has one every database's password."""
    text = page.read_text()
    for line in text.splitlines():
        if "services topics NAME" in line:
            assert "kubectl apply --server-side -k deploy/kubernetes/overlays/production/servers" in line
    if "`reconcile`" in text:
        assert "`docker compose run --rm --no-deps migrate python -m services reconcile`" in text
        assert "../operations.md#backup-and-restore" in text


@pytest.mark.parametrize("page", sorted(BOOKS.glob("*.md")), ids=lambda page: page.name)
def test_a_logger_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    assert all(hasattr(import_module(name), "log") for name in re.findall(r"logger `([a-z_.]+)`", text))
    assert "`waiting`" not in text or "`shared.kafka.consumer`, `waiting`" in text


def queries(content: Any) -> Iterator[str]:
    for panel in content["panels"]:
        assert panel["targets"]
        yield from (target["expr"] for target in panel["targets"])
    for variable in content["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"].removeprefix("label_values(").partition(",")[0]


def test_what_is_written_is_what_would_be_written() -> None:
    found = {path: (FOLDER / path).read_text() for path in written()}
    assert found == written(), "python -m deploy.monitoring"
    assert {f"dashboards/{each.name}" for each in (FOLDER / "dashboards").iterdir()} == set(found) - {"prometheus.yaml"}


@pytest.mark.parametrize("path", sorted(set(written()) - {"prometheus.yaml"}))
def test_a_dashboard_asks_for_what_services_show(path: str) -> None:
    for query in queries(json.loads((FOLDER / path).read_text())):
        assert asked_for(query), query
        assert asked_for(query) <= exported(), query


def test_whatever_services_show_is_drawn() -> None:
    drawn = [query for path in written() if path.endswith(".json") for query in queries(json.loads(written()[path]))]
    ours = {name for name in exported() if name.startswith("postulo_")}
    assert ours - set().union(*map(asked_for, drawn)) == {"postulo_request_seconds_sum"}


@pytest.mark.parametrize("name", NAMES)
def test_the_feed_that_is_asked_to_wait_has_the_route_that_rules_leave_out(name: str, settings: Settings) -> None:
    routes = [getattr(route, "path", "") for door in doors_of(service(name), settings) for route in door.routes]
    assert (f"/{name}/api/events" in routes) is bool(service(name).published.aggregates)
    assert ".*/api/events" in BY_NAME["SlowAnswers"]["expr"]


def test_where_nothing_is_published_no_leader_is_missed() -> None:
    silent = [name for name in NAMES if not service(name).published.aggregates]
    for name in silent:
        shown = Metrics(name, publishes=False).registry
        assert shown.get_sample_value("postulo_relay_leader", {"service": name}) is None
