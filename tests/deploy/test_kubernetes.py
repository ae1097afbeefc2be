"""The manifests for Kubernetes: written by the code, valid against the API's own schemas, restricted, and true."""

from itertools import chain
from typing import Any, Final

import pytest
import yaml

from deploy.kubernetes.written import FOLDER, written
from services.__main__ import NAMES
from shared.ops.settings import EXPLICIT
from tests.containers import ROOT
from tests.deploy.kubernetes.rendered import ALL, OVERLAYS, manifests, of_kind, pod_of
from tests.deploy.kubernetes.schemas import problems
from tests.deploy.test_operations import KNOWN

WORKLOADS: Final = ("Deployment", "Job")
GATEWAY: Final = yaml.safe_load((ROOT / "deploy" / "gateway" / "envoy.yaml").read_text())


def workloads(*stages: str) -> list[tuple[str, dict[str, Any]]]:
    """Each of ours with its name, in every overlay."""
    return [
        (f"{overlay}-{name}", workload)
        for overlay in OVERLAYS
        for stage in stages
        for name, workload in of_kind(f"overlays/{overlay}/{stage}", *WORKLOADS).items()
    ]


OURS: Final = workloads("prepare", "services")
SERVICES: Final = [
    (f"{overlay}-{name}", of_kind(f"overlays/{overlay}/services", "Deployment")[name])
    for overlay in OVERLAYS
    for name in NAMES
]


def test_what_is_committed_is_what_the_code_writes() -> None:
    different = [name for name, text in written().items() if (FOLDER / name).read_text() != text]
    assert different == [], "python -m deploy.kubernetes writes them anew"


@pytest.mark.parametrize("name", ALL)
def test_every_manifest_is_valid_and_has_no_field_that_there_is_not(name: str) -> None:
    found = [
        f"{each['kind']} {each['metadata']['name']}: {wrong}" for each in manifests(name) for wrong in problems(each)
    ]
    assert found == []


def test_a_field_that_there_is_not_is_found() -> None:
    deployment = of_kind("overlays/local/services", "Deployment")["identity"]
    assert problems({**deployment, "spec": {**deployment["spec"], "replicass": 3}}) != []
    assert problems({**deployment, "kind": "Deploymint"}) != []


@pytest.mark.parametrize(("name", "workload"), OURS, ids=[name for name, _ in OURS])
def test_a_pod_has_no_rights_that_it_does_not_need(name: str, workload: dict[str, Any]) -> None:
    pod = pod_of(workload)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    for container in pod["containers"]:
        rights = container["securityContext"]
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", ALL)
def test_no_secret_is_written_down(name: str) -> None:
    for manifest in manifests(name):
        assert not (manifest["kind"] == "Secret" and (manifest.get("data") or manifest.get("stringData")))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_exists_and_production_has_all_that_it_needs(overlay: str) -> None:
    (settings,) = (
        each["data"]
        for each in manifests(f"overlays/{overlay}/services")
        if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("settings")
    )
    named = {name.removesuffix("_FILE") for name in settings}
    assert {name for name in named if name.startswith("POSTULO_")} <= KNOWN
    assert {f"POSTULO_{name.upper()}" for name in EXPLICIT} <= named
    assert settings["POSTULO_ENVIRONMENT"] == "production"
    assert settings["POSTULO_IDENTITY_URL"] == "http://gateway-inside:8081"


@pytest.mark.parametrize(("name", "deployment"), SERVICES, ids=[name for name, _ in SERVICES])
def test_a_service_is_probed_where_it_answers_and_replaced_without_a_gap(name: str, deployment: dict[str, Any]) -> None:
    service = name.partition("-")[2]
    (container,) = pod_of(deployment)["containers"]
    assert container["command"] == ["python", "-m", "services", "run", service]
    asked = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    alive, ready = f"/{service}/livez", f"/{service}/readyz"
    assert asked == {"startupProbe": alive, "readinessProbe": ready, "livenessProbe": alive}
    specification = deployment["spec"]
    assert specification["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert specification["minReadySeconds"] >= 5, "the gateway has noticed by then"
    assert pod_of(deployment)["terminationGracePeriodSeconds"] == 45
    spread = {each["topologyKey"] for each in pod_of(deployment)["topologySpreadConstraints"]}
    assert spread == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_of_each_service_and_the_gateway_one_may_be_away(overlay: str) -> None:
    budgets = of_kind(f"overlays/{overlay}/services", "PodDisruptionBudget")
    assert budgets.keys() == {*NAMES, "gateway"}
    assert {each["spec"]["maxUnavailable"] for each in budgets.values()} == {1}


@pytest.mark.parametrize(("name", "deployment"), SERVICES, ids=[name for name, _ in SERVICES])
def test_a_service_is_given_its_own_secrets_and_no_other_s(name: str, deployment: dict[str, Any]) -> None:
    service = name.partition("-")[2]
    sources = chain.from_iterable(
        volume["projected"]["sources"] for volume in pod_of(deployment)["volumes"] if "projected" in volume
    )
    names = {source["secret"]["name"] for source in sources}
    others = {each for each in NAMES if each != service}
    assert not {given for given in names if given.rpartition("-")[2] in others}
    assert {f"database-{service}", "master-key"} <= names


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_gateway_s_doors_are_those_of_its_configuration(overlay: str) -> None:
    (container,) = pod_of(of_kind(f"overlays/{overlay}/services", "Deployment")["gateway"])["containers"]
    doors = {
        it["name"]: it["address"]["socket_address"]["port_value"] for it in GATEWAY["static_resources"]["listeners"]
    }
    assert {port["containerPort"] for port in container["ports"]} == set(doors.values())
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    readiness = container["readinessProbe"]["httpGet"]
    assert readiness["path"] == "/ready"
    assert ports.get(readiness["port"], readiness["port"]) == doors["watched"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_is_not_let_in_stays_out(overlay: str) -> None:
    stages = [f"overlays/{overlay}/{stage}" for stage in ("servers", "prepare", "services")]
    policies = {name: each for stage in stages for name, each in of_kind(stage, "NetworkPolicy").items()}
    closed = [each for each in policies.values() if not each["spec"].get("ingress") and not each["spec"].get("egress")]
    assert {kind for each in closed for kind in each["spec"]["policyTypes"]} == {"Ingress", "Egress"}
    open_to_all = [
        name for name, each in policies.items() for rule in each["spec"].get("ingress", ()) if "from" not in rule
    ]
    assert open_to_all == ["gateway"], "only the site's door is everybody's"
