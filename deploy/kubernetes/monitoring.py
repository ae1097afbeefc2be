"""What Prometheus' operator is told: where the metrics are, and the rules of deploy/monitoring where there are any."""

from pathlib import Path
from typing import Any, Final

import yaml

from deploy.kubernetes.pods import COMPONENT, NAME, PART

RULES: Final = Path(__file__).resolve().parents[1] / "monitoring"


def monitors() -> list[dict[str, Any]]:
    """Each service's own path is made of its name, and so is the label `service`, by which the rules know it."""
    named = {"sourceLabels": [f"__meta_kubernetes_service_label_{NAME.replace('.', '_').replace('/', '_')}"]}
    name = {**named, "targetLabel": "service"}
    path = {
        **named,
        "regex": "(.+)",
        "replacement": "/$1/metrics",
        "targetLabel": "__metrics_path__",
    }
    return [
        _monitor("services", {COMPONENT: "service", **PART}, {"port": "http", "relabelings": [name, path]}),
        _monitor(
            "gateway",
            {COMPONENT: "gateway", **PART},
            {"port": "watched", "path": "/stats/prometheus", "relabelings": [name]},
        ),
    ]


def _monitor(name: str, matching: dict[str, str], endpoint: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": name, "labels": dict(PART)},
        "spec": {
            "selector": {"matchLabels": matching},
            "endpoints": [{"interval": "30s", "scrapeTimeout": "10s", "honorLabels": True, **endpoint}],
        },
    }


def rules() -> dict[str, Any]:
    """All groups of rules that stand in deploy/monitoring, its own unit tests aside; none where it is not there."""
    files = [yaml.safe_load(file.read_text()) for file in sorted(RULES.rglob("*.y*ml"))]
    groups = [group for file in files if isinstance(file, dict) for group in file.get("groups", [])]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "postulo", "labels": dict(PART)},
        "spec": {"groups": groups},
    }
