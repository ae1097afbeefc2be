"""What the dashboards draw: all services beside each other, and one service by its parts."""

from typing import Any, Final

from deploy.monitoring.drawing import Line, Panel, dashboard, variable
from services.site import NAMES

ERRORS: Final = 'status=~"5.."'
FEED: Final = 'route!~".*/api/events"'
"""The feed of events is asked to wait."""
OURS: Final = f'service=~"{"|".join([*NAMES, "gateway"])}"'
"""A Prometheus that we share knows services of others."""
SITE: Final = 'service="gateway",envoy_http_conn_manager_prefix="site"'
"""The gateway's door for people."""
ONE: Final = 'service="$service"'


def dashboards() -> list[dict[str, Any]]:
    chosen = variable("service", "label_values(postulo_build_info, service)")
    return [
        dashboard("postulo-services", "Postulo: all services", _all_services()),
        dashboard(
            "postulo-service", "Postulo: one service", [*_requests(), *_events(), *_work(), *_process()], [chosen]
        ),
    ]


def _by_service(title: str, unit: str, query: str, text: str = "") -> Panel:
    return Panel(title, unit, [Line(query, "{{service}}")], text)


def _most(metric: str) -> str:
    """Of gauges that the database tells, and so every process alike."""
    return f"max by (service) ({metric})"


def _all_services() -> list[Panel]:
    requests = "sum by (service) (rate(postulo_request_seconds_count[5m]))"
    failed = f"sum by (service) (rate(postulo_request_seconds_count{{{ERRORS}}}[5m]))"
    buckets = f"sum by (service, le) (rate(postulo_request_seconds_bucket{{{FEED}}}[5m]))"
    at_the_gateway = f"sum by (envoy_response_code_class) (rate(envoy_http_downstream_rq_xx{{{SITE}}}[5m]))"
    return [
        _by_service("Processes that answer", "short", f"sum by (service) (up{{{OURS}}})"),
        _by_service("Ready", "short", "sum by (service) (postulo_ready)", "Processes whose database answers"),
        _by_service("Requests", "reqps", requests),
        _by_service("Answers with 5xx", "percentunit", f"{failed} / {requests}"),
        Panel(
            "Answers of the gateway", "reqps", [Line(at_the_gateway, "{{envoy_response_code_class}}xx")],
            "Also those for which it asked no service",
        ),
        _by_service("Slowest twentieth of the answers", "s", f"histogram_quantile(0.95, {buckets})"),
        _by_service(
            "Events appended", "short", "sum by (service) (rate(postulo_events_appended_total[5m]))", "A second"
        ),
        _by_service("Age of the outbox", "s", _most("postulo_outbox_age_seconds")),
        _by_service("Behind on Kafka", "s", _most("postulo_consumer_lag_seconds")),
        _by_service("Behind their views", "s", _most("postulo_index_behind_seconds"), "Indexes of processes"),
        _by_service("Events parked", "short", _most("postulo_parked")),
        _by_service("Oldest mail that waits", "s", _most("postulo_mails_age_seconds")),
        _by_service("Timers late", "s", _most("postulo_timers_late_seconds")),
        _by_service("Relay leaders", "short", "sum by (service) (postulo_relay_leader)", "One a service"),
        _by_service("Age of the oldest writer", "s", _most("postulo_horizon_age_seconds"), "Readers stop below it"),
    ]  # fmt: skip


def _requests() -> list[Panel]:
    rate, route = f"rate(postulo_request_seconds_count{{{ONE}}}[5m])", "{{method}} {{route}}"
    failed = f"rate(postulo_request_seconds_count{{{ONE},{ERRORS}}}[5m])"
    buckets = f"sum by (route, le) (rate(postulo_request_seconds_bucket{{{ONE},{FEED}}}[5m]))"
    return [
        Panel("Requests by route", "reqps", [Line(f"sum by (method, route) ({rate})", route)]),
        Panel("Requests by status", "reqps", [Line(f"sum by (status) ({rate})", "{{status}}")]),
        Panel("Answers with 5xx by route", "reqps", [Line(f"sum by (method, route) ({failed})", route)]),
        Panel("Requests that wait", "short", [Line(f"postulo_requests_in_flight{{{ONE}}}", "{{instance}}")]),
        Panel("Slowest twentieth by route", "s", [Line(f"topk(10, histogram_quantile(0.95, {buckets}))", "{{route}}")]),
    ]


def _events() -> list[Panel]:
    told = {"appended": "postulo_events_appended_total", "published": "postulo_events_published_total"}
    strange = {
        "of unknown type": "postulo_events_unknown_total",
        "untrusted": "postulo_records_untrusted_total",
        "parked": "postulo_events_parked_total",
    }
    place = "{{topic}}/{{partition}}"
    return [
        Panel("Events told", "short", _rates(told), "A second"),
        Panel("Outbox", "short", [Line(f"max(postulo_outbox_events{{{ONE}}})", "events")]),
        Panel("Behind", "short", [Line(f"postulo_consumer_lag{{{ONE}}}", place)], "Records, by partition"),
        Panel("Behind in time", "s", [Line(f"postulo_consumer_lag_seconds{{{ONE}}}", place)]),
        Panel(
            "Events handled", "short",
            [Line(f"sum by (handler) (rate(postulo_events_handled_total{{{ONE}}}[5m]))", "{{handler}}")], "A second",
        ),
        Panel("Events set aside or passed over", "short", _rates(strange), "A second"),
    ]  # fmt: skip


def _rates(counters: dict[str, str]) -> list[Line]:
    return [Line(f"sum(rate({metric}{{{ONE}}}[5m]))", name) for name, metric in counters.items()]


def _work() -> list[Panel]:
    mails = {
        "waiting": "postulo_mails_waiting",
        "of them, refused for now": "postulo_mails_refused",
        "given up": "postulo_mails_failed",
    }
    return [
        Panel("Mails", "short", [Line(f"max({metric}{{{ONE}}})", name) for name, metric in mails.items()]),
        Panel("Mails sent", "short", _rates({"sent": "postulo_mails_sent_total"}), "A second"),
        Panel("Timers late", "s", [Line(f"max(postulo_timers_late_seconds{{{ONE}}})", "oldest")]),
        Panel("Loops that failed", "short", _rates({"failures": "postulo_loop_restarts_total"}), "A second"),
    ]


def _process() -> list[Panel]:
    return [
        Panel("CPU", "short", [Line(f"rate(process_cpu_seconds_total{{{ONE}}}[5m])", "{{instance}}")], "Cores"),
        Panel("Memory", "bytes", [Line(f"process_resident_memory_bytes{{{ONE}}}", "{{instance}}")]),
        Panel("Files open", "short", [Line(f"process_open_fds{{{ONE}}}", "{{instance}}")]),
        Panel(
            "Versions", "short",
            [Line(f"count by (version, python) (postulo_build_info{{{ONE}}})", "{{version}}, Python {{python}}")],
        ),
    ]  # fmt: skip
