"""What an operator watches, one registry a service: appends, outbox, consumers, parking, timers, mails, requests."""

import platform
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.metrics_core import Metric

from shared import VERSION

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""HEAD is counted as the GET that it is; a method that nobody knows as `other`."""


class Registry(CollectorRegistry):
    """Everything in it is the service's: its name is a label of every sample. When a series began is not told."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def collect(self) -> Iterable[Metric]:
        for metric in super().collect():
            metric.samples = [
                sample._replace(labels={**sample.labels, "service": self.service})
                for sample in metric.samples
                if not sample.name.endswith("_created")
            ]
            yield metric


class Metrics:
    """The service's metrics; no label holds anything personal.

    publishes: whether it has a relay; where there is none, nothing is shown of one, and nobody misses its leader.
    """

    def __init__(self, service: str, *, publishes: bool = True) -> None:
        self.registry = Registry(service)
        common: dict[str, Any] = {"registry": self.registry, "namespace": "postulo"}
        relay: dict[str, Any] = {**common, "registry": self.registry if publishes else None}
        self.appended = Counter("events_appended", "Events appended to the store", **common)
        self.published = Counter("events_published", "Events acknowledged by Kafka", **relay)
        self.handled = Counter("events_handled", "Events passed to a handler", ["handler"], **common)
        self.unknown = Counter("events_unknown", "Events of a type this version does not know", ["source"], **common)
        self.untrusted = Counter("records_untrusted", "Records that their topic's service did not write", **common)
        self.parked = Counter("events_parked", "Events set aside because a handler failed on them", **common)
        self.parked_now = Gauge("parked", "Events in parking now", **common)
        self.outbox = Gauge("outbox_events", "Events that the relay has not looked at yet", **relay)
        self.outbox_age = Gauge("outbox_age_seconds", "Age of the oldest event not yet on Kafka", **relay)
        self.ready = Gauge("ready", "1 while the database answers and is migrated", **common)
        self.horizon_age = Gauge("horizon_age_seconds", "How long one write transaction holds readers back", **common)
        place = ["topic", "partition"]
        self.lag = Gauge("consumer_lag", "Records behind the end of the topic", place, **common)
        self.lag_seconds = Gauge("consumer_lag_seconds", "Since when the oldest record waits at most", place, **common)
        self.index_behind = Gauge(
            "index_behind_seconds", "Since this process's index last held all that its view holds", ["index"], **common
        )
        self.leader = Gauge("relay_leader", "1 while this process publishes", **relay)
        self.mails_waiting = Gauge("mails_waiting", "Mails not yet sent", **common)
        self.mails_refused = Gauge("mails_refused", "Mails not yet sent whose recipient is refused for now", **common)
        self.mails_age = Gauge("mails_age_seconds", "Age of the oldest mail not yet sent nor refused", **common)
        self.mails_failed = Gauge("mails_failed", "Mails given up after three days of attempts", **common)
        self.mails_sent = Counter("mails_sent", "Mails accepted by the relay", **common)
        self.timers_late = Gauge("timers_late_seconds", "How late the oldest due timer is", **common)
        self.restarts = Counter("loop_restarts", "Failures of this process's loops", **common)
        self.requests = Histogram("request_seconds", "Time to answer", ["method", "route", "status"], **common)
        self.in_flight = Gauge("requests_in_flight", "Requests that are not answered yet", **common)
        build = Gauge("build_info", "What runs here", ["version", "python"], **common)
        build.labels(VERSION, platform.python_version()).set(1)
        ProcessCollector(registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request. route: the template, of which there are so many; a path would be anybody's choice."""
        self.requests.labels(known_method(method), route, str(status)).observe(seconds)


def known_method(method: str) -> str:
    """One of METHODS, or `other`."""
    return method if method in METHODS else "other"
