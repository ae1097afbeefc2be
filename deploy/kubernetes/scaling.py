"""How many pods: by their work (HPA), and for services that listen to others also by how far behind they are (KEDA)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from deploy.kubernetes.kafka import SETTINGS
from deploy.kubernetes.pods import metadata
from deploy.kubernetes.services import COMPONENT
from shared.runtime.declaration import Service, Site

LEAST: Final = 2
MOST: Final = 6
BUSY: Final = "700m"
"""Of the one core that a process can fill, on average; not of what a pod asks for, which is what it needs at rest."""
BEHIND: Final = 500
"""Records of lag, a pod."""
USERS: Final = "kafka-users"
"""KEDA takes a user's name from where it takes the password, but Strimzi's secret holds the password alone."""
OLDEST_SPOKEN: Final = "2.1.0"
"""The oldest Kafka whose requests Kafka 4 understands; KEDA's own default is older."""
SCALE_DOWN: Final = {
    "stabilizationWindowSeconds": 600,
    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
}
"""A pod that goes takes its partitions with it: seldom, and one at a time."""


def by_work(name: str, component: str) -> dict[str, Any]:
    """An HPA on the CPU that is used."""
    busy = {"name": "cpu", "target": {"type": "AverageValue", "averageValue": BUSY}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(name, component),
        "spec": {
            "scaleTargetRef": _target(name),
            "minReplicas": LEAST,
            "maxReplicas": MOST,
            "metrics": [{"type": "Resource", "resource": busy}],
            "behavior": {"scaleDown": SCALE_DOWN},
        },
    }


def listening(services: Sequence[Service], site: Site) -> list[str]:
    """The names of those that read topics of others."""
    prefix = SETTINGS.topic_prefix
    return [
        each.name for each in services
        if each.party(site.sessions, prefix).reads - set(each.published.all_topics(prefix))
    ]  # fmt: skip


def users(names: Sequence[str]) -> dict[str, Any]:
    """Whom KEDA asks as, by service."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(USERS, "scaling"),
        "data": {name: f"postulo-{name}" for name in names},
    }


def by_lag(name: str) -> Iterator[dict[str, Any]]:
    """A ScaledObject, and the login with which KEDA asks Kafka: the service's own, for it may know its group."""
    yield {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "TriggerAuthentication",
        "metadata": metadata(name, COMPONENT),
        "spec": {
            "configMapTargetRef": [{"parameter": "username", "name": USERS, "key": name}],
            "secretTargetRef": [
                {"parameter": "password", "name": f"postulo-{name}", "key": "password"},
                {"parameter": "ca", "name": "kafka-cluster-ca-cert", "key": "ca.crt"},
            ],
        },
    }
    yield {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": metadata(name, COMPONENT),
        "spec": {
            "scaleTargetRef": _target(name),
            "minReplicaCount": LEAST,
            "maxReplicaCount": MOST,
            "advanced": {"horizontalPodAutoscalerConfig": {"name": name, "behavior": {"scaleDown": SCALE_DOWN}}},
            "triggers": [
                {"type": "cpu", "metricType": "AverageValue", "metadata": {"value": BUSY}},
                {"type": "kafka", "authenticationRef": {"name": name}, "metadata": _lag(name)},
            ],
        },
    }


def _lag(name: str) -> dict[str, str]:
    """Of all topics that the group reads."""
    return {
        "bootstrapServers": "kafka-kafka-bootstrap:9093",
        "consumerGroup": f"{SETTINGS.topic_prefix}.{name}",
        "lagThreshold": str(BEHIND),
        "offsetResetPolicy": "earliest",
        "sasl": "scram_sha512",
        "tls": "enable",
        "version": OLDEST_SPOKEN,
    }


def _target(name: str) -> dict[str, str]:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
