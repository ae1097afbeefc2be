"""Who reaches whom by an overlay's network policies, decided as a cluster's network would."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from itertools import product
from typing import Any, Final

from tests.deploy.kubernetes.rendered import STAGES, manifests, of_kind

HERE: Final = "postulo"
NAMESPACE: Final = "kubernetes.io/metadata.name"
NAME: Final = "app.kubernetes.io/name"
PART: Final = "app.kubernetes.io/part-of"

Flow = tuple[str, str, int]
"""From, to, at which port."""
Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Pod:
    """Or whoever else speaks or is spoken to; namespace: empty for what is outside of the cluster."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    namespace: str = HERE
    address: str = ""

    @property
    def ours(self) -> bool:
        return PART in self.labels


OTHERS: Final = (
    Pod("postgres", {"cnpg.io/cluster": "postgres"}),
    Pod("kafka", {"strimzi.io/name": "kafka-kafka"}),
    Pod("scanner", {NAME: "scanner"}),
    Pod("Prometheus", {NAME: "prometheus"}, "monitoring"),
    Pod("collector", {NAME: "opentelemetry-collector"}, "monitoring"),
    Pod("CloudNativePG", namespace="cnpg-system"),
    Pod("KEDA", namespace="keda"),
    Pod("DNS", namespace="kube-system"),
    Pod("neighbour", namespace="default"),
    Pod("relay", namespace="", address="192.0.2.25"),
    Pod("internet", namespace="", address="203.0.113.1"),
)


def pods(overlay: str) -> list[Pod]:
    """Ours, the job `topics` too, which a site without Strimzi has; and all others."""
    workloads = of_kind("base/jobs", "Job")
    for stage in STAGES:
        workloads |= of_kind(f"overlays/{overlay}/{stage}", "Deployment", "Job")
    return [*(Pod(name, each["spec"]["template"]["metadata"]["labels"]) for name, each in workloads.items()), *OTHERS]


def policies(overlay: str) -> list[Rule]:
    """The specifications: those that are written down, and the one that Strimzi makes of the listener."""
    everything = [each for stage in STAGES for each in manifests(f"overlays/{overlay}/{stage}")]
    listeners = [it for each in everything if each["kind"] == "Kafka" for it in each["spec"]["kafka"]["listeners"]]
    return [
        *(each["spec"] for each in everything if each["kind"] == "NetworkPolicy"),
        *map(_of_listener, listeners),
    ]


def _of_listener(listener: Rule) -> Rule:
    return {
        "podSelector": {"matchLabels": {"strimzi.io/name": "kafka-kafka"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": listener["networkPolicyPeers"], "ports": [{"port": listener["port"]}]}],
    }


def reached(overlay: str) -> set[Flow]:
    """Every connection that is let through, of or to what is in our namespace; of servers, those to it alone."""
    there, rules = pods(overlay), policies(overlay)
    ports = {port["port"] for policy in rules for _, rule in _rules(policy) for port in rule.get("ports", ())}
    return {
        (source.name, target.name, port)
        for source, target, port in product(there, there, sorted(ports | {22, 8025, 9901}))
        if (source.ours or target.namespace == HERE)
        and _lets(rules, "Egress", source, target, port)
        and _lets(rules, "Ingress", target, source, port)
    }


def _lets(policies: Iterable[Rule], way: str, pod: Pod, peer: Pod, port: int) -> bool:
    """Whom no policy selects may do anything; whom any does, what one of them says."""
    selecting = [
        each for each in policies
        if way in each["policyTypes"] and pod.namespace == HERE and _selects(each["podSelector"], pod.labels)
    ]  # fmt: skip
    rules = [rule for each in selecting for kind, rule in _rules(each) if kind == way]
    return not selecting or any(_allows(rule, way, peer, port) for rule in rules)


def _rules(policy: Rule) -> Iterator[tuple[str, Rule]]:
    for kind in ("Ingress", "Egress"):
        yield from ((kind, rule) for rule in policy.get(kind.lower()) or ())


def _allows(rule: Rule, way: str, peer: Pod, port: int) -> bool:
    """A rule without peers is for all, one without ports for every port."""
    peers = rule.get("from" if way == "Ingress" else "to")
    at = not rule.get("ports") or port in {each["port"] for each in rule["ports"]}
    return at and (not peers or any(_is(each, peer) for each in peers))


def _is(described: Rule, peer: Pod) -> bool:
    if "ipBlock" in described:
        return bool(peer.address) and ip_address(peer.address) in ip_network(described["ipBlock"]["cidr"])
    if not peer.namespace:
        return False
    if "namespaceSelector" not in described:
        where = peer.namespace == HERE
    else:
        where = _selects(described["namespaceSelector"], {NAMESPACE: peer.namespace})
    return where and _selects(described.get("podSelector", {}), peer.labels)


def _selects(selector: Rule, labels: Mapping[str, str]) -> bool:
    """As Kubernetes does: `NotIn` holds too where there is no such label."""
    for each in selector.get("matchExpressions", ()):
        if (labels.get(each["key"]) in each["values"]) is not {"In": True, "NotIn": False}[each["operator"]]:
            return False
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
