"""Grafana's words for a panel and a dashboard."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

SOURCE: Final = {"type": "prometheus", "uid": "${source}"}
WIDE: Final = 24
"""Columns of a dashboard."""


class Line(NamedTuple):
    """A query, and how its series are called."""

    query: str
    legend: str


class Panel(NamedTuple):
    """Queries of one unit (`s`, `reqps`, `percentunit`, `bytes`, `short`), drawn over time."""

    title: str
    unit: str
    lines: Sequence[Line]
    help: str = ""


def dashboard(
    uid: str, title: str, panels: Sequence[Panel], variables: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Two panels a row, in this order."""
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": uid,
        "title": title,
        "tags": ["postulo"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [source, *variables]},
        "panels": [_drawn(number, panel) for number, panel in enumerate(panels)],
    }


def variable(name: str, query: str) -> dict[str, Any]:
    """One that the reader chooses among what Prometheus knows."""
    return {"name": name, "type": "query", "datasource": SOURCE, "query": query, "refresh": 2, "sort": 1}


def _drawn(number: int, panel: Panel) -> dict[str, Any]:
    width, height = WIDE // 2, 8
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.help,
        "datasource": SOURCE,
        "gridPos": {"h": height, "w": width, "x": number % 2 * width, "y": number // 2 * height},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": line.query, "legendFormat": line.legend}
            for place, line in enumerate(panel.lines)
        ],
    }
