"""What Prometheus is told: names and labels that rules and dashboards count on, and no more than there may be."""

import tomllib
from typing import Final

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shared import VERSION
from shared.ops.metrics import METHODS, Metrics
from tests.containers import ROOT

SHOWN: Final = {
    "postulo_events_appended_total": (),
    "postulo_events_published_total": (),
    "postulo_events_handled_total": ("handler",),
    "postulo_events_unknown_total": ("source",),
    "postulo_records_untrusted_total": (),
    "postulo_events_parked_total": (),
    "postulo_parked": (),
    "postulo_outbox_events": (),
    "postulo_outbox_age_seconds": (),
    "postulo_horizon_age_seconds": (),
    "postulo_consumer_lag": ("partition", "topic"),
    "postulo_consumer_lag_seconds": ("partition", "topic"),
    "postulo_index_behind_seconds": ("index",),
    "postulo_relay_leader": (),
    "postulo_mails_waiting": (),
    "postulo_mails_refused": (),
    "postulo_mails_age_seconds": (),
    "postulo_mails_failed": (),
    "postulo_mails_sent_total": (),
    "postulo_timers_late_seconds": (),
    "postulo_loop_restarts_total": (),
    "postulo_ready": (),
    "postulo_requests_in_flight": (),
    "postulo_request_seconds_bucket": ("le", "method", "route", "status"),
    "postulo_request_seconds_count": ("method", "route", "status"),
    "postulo_request_seconds_sum": ("method", "route", "status"),
    "postulo_build_info": ("python", "version"),
}


HELP: Final = {
    "postulo_events_appended": "Events appended to the store",
    "postulo_events_published": "Events acknowledged by Kafka",
    "postulo_events_handled": "Events passed to a handler",
    "postulo_events_unknown": "Events of a type this version does not know",
    "postulo_records_untrusted": "Records that their topic's service did not write",
    "postulo_events_parked": "Events set aside because a handler failed on them",
    "postulo_parked": "Events in parking now",
    "postulo_outbox_events": "Events that the relay has not looked at yet",
    "postulo_outbox_age_seconds": "Age of the oldest event not yet on Kafka",
    "postulo_ready": "1 while the database answers and is migrated",
    "postulo_horizon_age_seconds": "How long one write transaction holds readers back",
    "postulo_consumer_lag": "Records behind the end of the topic",
    "postulo_consumer_lag_seconds": "Since when the oldest record waits at most",
    "postulo_index_behind_seconds": "Since this process's index last held all that its view holds",
    "postulo_relay_leader": "1 while this process publishes",
    "postulo_mails_waiting": "Mails not yet sent",
    "postulo_mails_refused": "Mails not yet sent whose recipient is refused for now",
    "postulo_mails_age_seconds": "Age of the oldest mail not yet sent nor refused",
    "postulo_mails_failed": "Mails given up after three days of attempts",
    "postulo_mails_sent": "Mails accepted by the relay",
    "postulo_timers_late_seconds": "How late the oldest due timer is",
    "postulo_loop_restarts": "Failures of this process's loops",
    "postulo_request_seconds": "Time to answer",
    "postulo_requests_in_flight": "Requests that are not answered yet",
    "postulo_build_info": "What runs here",
}


def at_work() -> Metrics:
    """Of a service that has done everything once."""
    metrics = Metrics("identity")
    metrics.handled.labels("mailing").inc()
    metrics.unknown.labels("profile").inc()
    for gauge in (metrics.lag, metrics.lag_seconds):
        gauge.labels("postulo.profile.v1", "0").set(2)
    metrics.index_behind.labels("search").set(0.1)
    metrics.answered("GET", "/identity/login", 200, 0.2)
    return metrics


def shown(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_names_and_labels_are_those_that_rules_and_dashboards_count_on() -> None:
    samples = [sample for family in text_string_to_metric_families(shown(at_work())) for sample in family.samples]
    ours = {each.name: tuple(sorted(each.labels)) for each in samples if each.name.startswith("postulo_")}
    assert ours == {name: tuple(sorted((*labels, "service"))) for name, labels in SHOWN.items()}
    assert {each.labels["service"] for each in samples} == {"identity"}
    assert {"process_cpu_seconds_total", "process_resident_memory_bytes"} <= {each.name for each in samples}


def test_labels_come_in_the_order_that_is_searched_for() -> None:
    text = shown(at_work())
    assert 'postulo_consumer_lag{partition="0",service="identity",topic="postulo.profile.v1"} 2.0' in text
    assert 'postulo_relay_leader{service="identity"} 0.0' in text


def test_each_family_says_what_it_is_and_in_which_unit() -> None:
    families = [each for each in at_work().registry.collect() if each.name.startswith("postulo_")]
    assert {each.name: each.documentation for each in families} == HELP
    in_time = {each.name for each in families if "age" in each.name or "late" in each.name}
    assert {name for name in in_time if not name.endswith("_seconds")} == set()


def test_what_runs_is_told() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert f'service="identity",version="{VERSION}"}} 1.0' in shown(Metrics("identity"))


def test_of_a_service_that_publishes_nothing_no_leader_is_missed() -> None:
    text = shown(Metrics("careers", publishes=False))
    assert "relay_leader" not in text
    assert "outbox" not in text


@pytest.mark.parametrize("method", [*sorted(METHODS), "BREW", "get", "X" * 1000])
def test_a_method_that_nobody_knows_makes_no_series_of_its_own(method: str) -> None:
    metrics = Metrics("identity")
    metrics.answered(method, "unknown", 405, 0.1)
    labels = {"method": method if method in METHODS else "other", "route": "unknown", "status": "405"}
    asked = {"service": "identity", **labels}
    assert metrics.registry.get_sample_value("postulo_request_seconds_count", asked) == 1
