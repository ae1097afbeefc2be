"""What an operator watches, one registry a service: appends, outbox, consumers, parking, requests."""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The service's metrics; no label holds anything personal."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        common: dict[str, Any] = {"registry": self.registry, "namespace": "postulo", "subsystem": service}
        self.appended = Counter("events_appended", "Events appended to the store", **common)
        self.published = Counter("events_published", "Events acknowledged by Kafka", **common)
        self.handled = Counter("events_handled", "Events passed to a handler", ["handler"], **common)
        self.unknown = Counter("events_unknown", "Events of a type this version does not know", ["source"], **common)
        self.untrusted = Counter("records_untrusted", "Records that their topic's service did not write", **common)
        self.parked = Counter("events_parked", "Events set aside because a handler failed on them", **common)
        self.outbox_age = Gauge("outbox_age_seconds", "Age of the oldest event not yet on Kafka", **common)
        self.horizon_age = Gauge("horizon_age_seconds", "How long one write transaction holds readers back", **common)
        self.parked_now = Gauge("parked", "Events in parking now", **common)
        self.lag = Gauge("consumer_lag", "Records behind the end of the topic", ["topic", "partition"], **common)
        self.leader = Gauge("relay_leader", "1 while this process publishes", **common)
        self.mails_waiting = Gauge("mails_waiting", "Mails not yet sent", **common)
        self.mails_failed = Gauge("mails_failed", "Mails given up after three days of attempts", **common)
        self.restarts = Gauge("loop_restarts", "Failures of this process's loops", **common)
        self.mails_sent = Counter("mails_sent", "Mails accepted by the relay", **common)
        self.requests = Histogram("request_seconds", "Time to answer", ["method", "route", "status"], **common)
