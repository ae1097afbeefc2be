"""The files of this folder that are written: Prometheus' configuration, and the dashboards."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.monitoring.panels import dashboards
from services.site import NAMES

FOLDER: Final = Path(__file__).parent
HEAD: Final = (
    "# Written by `python -m deploy.monitoring`; change it there. For containers, beside docker-compose.yml.\n"
)


def written() -> dict[str, str]:
    """Their texts, by their paths in this folder."""
    drawn = {f"dashboards/{each['uid']}.json": f"{json.dumps(each, indent=2)}\n" for each in dashboards()}
    return {"prometheus.yaml": HEAD + _yaml(_prometheus(NAMES)), **drawn}


def _prometheus(names: Sequence[str]) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": "30s", "scrape_timeout": "10s", "evaluation_interval": "30s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [*map(_service, names), _gateway()],
    }


def _service(name: str) -> dict[str, Any]:
    """Every process that the name stands for; `up` and what it says itself bear the same label."""
    return {
        "job_name": name,
        "honor_labels": True,
        "metrics_path": f"/{name}/metrics",
        "dns_sd_configs": [{"names": [name], "type": "A", "port": 8000}],
        "relabel_configs": [{"target_label": "service", "replacement": name}],
    }


def _gateway() -> dict[str, Any]:
    return {
        "job_name": "gateway",
        "metrics_path": "/stats/prometheus",
        "static_configs": [{"targets": ["gateway:8082"], "labels": {"service": "gateway"}}],
    }


class _Indented(yaml.SafeDumper):
    """As our linter wants lists."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - its name
        super().increase_indent(flow, indentless=False)


def _yaml(content: dict[str, Any]) -> str:
    return yaml.dump(content, Dumper=_Indented, sort_keys=False)
