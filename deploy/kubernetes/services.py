"""One pattern for all services: an account, an address, a deployment that is replaced pod by pod, a budget."""

from typing import Any, Final

from deploy.kubernetes.pods import (
    COMMON,
    INDEXES,
    NAME,
    TEMPORARY,
    account,
    database_password,
    environment,
    kafka_password,
    labels,
    metadata,
    pod,
)
from shared.runtime.declaration import Service

PORT: Final = 8000
COMPONENT: Final = "service"
MEMORY: Final = "640Mi"
"""A service, and a file that is parsed, or an index, or hashes: `tests/deploy/test_memory.py` adds them up."""


def service(declared: Service) -> list[dict[str, Any]]:
    """Everything that runs one service."""
    name = declared.name
    return [account(name, COMPONENT), _address(name), _deployment(declared), _budget(name)]


def _address(name: str) -> dict[str, Any]:
    """Headless: the gateway sees every pod, asks each for its health, and sends nothing to one that leaves."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(name, COMPONENT),
        "spec": {
            "clusterIP": "None",
            "selector": {NAME: name},
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "appProtocol": "http"}],
        },
    }


def _deployment(declared: Service) -> dict[str, Any]:
    """Nothing leaves before its successor has been ready for so long that the gateway's DNS knows it."""
    name, folders = declared.name, TEMPORARY | (INDEXES if declared.keeps_files else {})
    secrets = (*COMMON, database_password(name), kafka_password(name))
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, COMPONENT),
        "spec": {
            "replicas": 2,
            "revisionHistoryLimit": 5,
            "minReadySeconds": 15,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": {"matchLabels": {NAME: name}},
            "template": {
                "metadata": {"labels": labels(name, COMPONENT)},
                "spec": {
                    "topologySpreadConstraints": [
                        _spread(name, "kubernetes.io/hostname"),
                        _spread(name, "topology.kubernetes.io/zone"),
                    ],
                    **pod(name, _container(name), secrets, folders),
                },
            },
        },
    }


def _container(name: str) -> dict[str, Any]:
    return {
        "command": ["python", "-m", "services", "run", name],
        **environment(),
        "ports": [{"name": "http", "containerPort": PORT}],
        "startupProbe": _probe(f"/{name}/livez", periodSeconds=2, timeoutSeconds=2, failureThreshold=60),
        "readinessProbe": _probe(f"/{name}/readyz", periodSeconds=5, timeoutSeconds=4, failureThreshold=2),
        "livenessProbe": _probe(f"/{name}/livez", periodSeconds=10, timeoutSeconds=5, failureThreshold=6),
        "resources": {
            "requests": {"cpu": "100m", "memory": "160Mi"},
            "limits": {"memory": MEMORY},
        },
    }


def _probe(path: str, **times: int) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": "http"}, **times}


def _spread(name: str, key: str) -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {NAME: name}},
        "matchLabelKeys": ["pod-template-hash"],
    }


def _budget(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(name, COMPONENT),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": {NAME: name}},
        },
    }
