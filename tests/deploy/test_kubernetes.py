"""The manifests for Kubernetes: written by the code, valid against the API's own schemas, restricted, and true."""

import re
from itertools import chain, product
from typing import Any, Final

import pytest
import yaml

from deploy.kubernetes.written import FOLDER, written
from services.site import NAMES
from shared.ops.settings import EXPLICIT
from tests.containers import ROOT
from tests.deploy.kubernetes.peers import OTHERS, Flow, pods, reached
from tests.deploy.kubernetes.rendered import ALL, BASES, OVERLAYS, STAGES, manifests, of_kind, pod_of
from tests.deploy.kubernetes.schemas import problems
from tests.deploy.test_operations import KNOWN, PAGE

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


@pytest.mark.parametrize("name", [*ALL, *BASES])
def test_every_setting_that_a_pod_is_given_exists(name: str) -> None:
    given = [
        each["name"]
        for workload in of_kind(name, *WORKLOADS).values()
        for container in pod_of(workload)["containers"]
        for each in container.get("env", ())
    ]
    named = {each.removesuffix("_FILE") for each in given if not each.startswith("GATEWAY_")}
    assert named <= KNOWN


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_exists_and_production_has_all_that_it_needs(overlay: str) -> None:
    (settings,) = (
        each["data"]
        for each in manifests(f"overlays/{overlay}/services")
        if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("settings-")
    )
    named = {name.removesuffix("_FILE") for name in settings}
    assert named <= KNOWN
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
def test_the_gateway_is_replaced_without_a_gap_and_has_time_for_what_is_under_way(overlay: str) -> None:
    gateway = of_kind(f"overlays/{overlay}/services", "Deployment")["gateway"]
    assert gateway["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert gateway["spec"]["minReadySeconds"] == 5
    pod = pod_of(gateway)
    (container,) = pod["containers"]
    takes = {each["name"]: int(each["value"]) for each in container["env"]}
    assert sum(takes.values()) < pod["terminationGracePeriodSeconds"] == 45
    spread = {each["topologyKey"] for each in pod["topologySpreadConstraints"]}
    assert spread == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_of_each_service_and_the_gateway_one_may_be_away(overlay: str) -> None:
    budgets = of_kind(f"overlays/{overlay}/services", "PodDisruptionBudget")
    assert budgets.keys() == {*NAMES, "gateway"}
    assert {each["spec"]["maxUnavailable"] for each in budgets.values()} == {1}
    selectors = {name: each["spec"]["selector"] for name, each in budgets.items()}
    deployments = of_kind(f"overlays/{overlay}/services", "Deployment")
    assert selectors == {name: deployments[name]["spec"]["selector"] for name in budgets}


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
def test_the_documentation_makes_every_secret_that_no_operator_makes(overlay: str) -> None:
    needed = {
        (source["secret"]["name"], item["key"])
        for stage in ("prepare", "services")
        for workload in of_kind(f"overlays/{overlay}/{stage}", *WORKLOADS).values()
        for volume in pod_of(workload)["volumes"]
        for source in volume.get("projected", {}).get("sources", ())
        for item in source["secret"]["items"]
    }
    by_operators = {(f"postulo-{name}", "password") for name in NAMES}
    by_operators |= {("kafka-cluster-ca-cert", "ca.crt"), ("postgres-ca", "ca.crt")}
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    looped = re.findall(r"^for name in (.*); do$", page, re.MULTILINE)
    assert looped == [" ".join(NAMES)]
    made = {("master-key", key) for key in ("master-key", "before", "next")}
    made |= {("smtp", "password"), ("database-admin", "url")}
    for name, key in made:
        assert re.search(rf"^secret {name} (.*\\\n)*.*--from-literal={key}=", page, re.MULTILINE), name
    assert needed == by_operators | made | {(f"database-{name}", "password") for name in NAMES}


@pytest.mark.parametrize("chapter", ["The first time", "Another version"])
def test_all_stages_are_applied_in_their_order_each_once_that_before_is_done(chapter: str) -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    said = page.partition(f"## {chapter}\n")[2].partition("\n## ")[0]
    order = [f"-k deploy/kubernetes/overlays/production/{stage}\n" for stage in STAGES]
    order[1:1] = ["wait --for=condition=Ready kafkatopic,kafkauser --all"]
    order[3:3] = ["wait --for=condition=Complete job/migrate"]
    places = [said.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)


def test_what_the_cluster_has_to_have_is_said_as_the_manifests_need_it() -> None:
    needs = (ROOT / "docs" / "kubernetes.md").read_text().partition("The cluster has to have")[2].partition("\n## ")[0]
    rules = of_kind("overlays/production/services", "ServiceMonitor", "PrometheusRule").values()
    for each in rules:
        ((label, value),) = each["metadata"]["labels"].items()
        assert f"`{label}: {value}`" in needs
    (egress,) = of_kind("overlays/production/servers", "NetworkPolicy")["to-names"]["spec"]["egress"]
    (peer,) = egress["to"]
    ((_, namespace),) = peer["namespaceSelector"]["matchLabels"].items()
    assert {port["port"] for port in egress["ports"]} == {53}
    assert f"pods of `{namespace}`, at port 53" in needs


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_gateway_s_doors_are_those_of_its_configuration(overlay: str) -> None:
    (container,) = pod_of(of_kind(f"overlays/{overlay}/services", "Deployment")["gateway"])["containers"]
    doors = {
        it["name"]: it["address"]["socket_address"]["port_value"]
        for it in GATEWAY["static_resources"]["listeners"]
        if "internal_listener" not in it
    }
    assert {port["containerPort"] for port in container["ports"]} == set(doors.values())
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    readiness = container["readinessProbe"]["httpGet"]
    assert readiness["path"] == "/ready"
    assert ports.get(readiness["port"], readiness["port"]) == doors["watched"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_where_the_gateway_sends_there_is_a_service(overlay: str) -> None:
    addresses = of_kind(f"overlays/{overlay}/services", "Service")
    sent = {
        endpoint["endpoint"]["address"]["socket_address"]["address"]: endpoint["endpoint"]["address"]["socket_address"]
        for cluster in GATEWAY["static_resources"]["clusters"]
        if cluster["name"] != "bodies"
        for group in cluster["load_assignment"]["endpoints"]
        for endpoint in group["lb_endpoints"]
    }
    assert sent.keys() - {"127.0.0.1"} == set(NAMES)
    for name in NAMES:
        (port,) = addresses[name]["spec"]["ports"]
        (container,) = pod_of(of_kind(f"overlays/{overlay}/services", "Deployment")[name])["containers"]
        assert addresses[name]["spec"]["clusterIP"] == "None", "the gateway has to see every pod"
        assert port["port"] == sent[name]["port_value"]
        assert {port["targetPort"]: port["port"]} == {it["name"]: it["containerPort"] for it in container["ports"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_address_leads_to_a_port_of_a_pod_and_every_route_to_an_address(overlay: str) -> None:
    deployments = of_kind(f"overlays/{overlay}/services", "Deployment")
    addresses = of_kind(f"overlays/{overlay}/services", "Service")
    for address in addresses.values():
        pods = [
            pod_of(each) for each in deployments.values()
            if address["spec"]["selector"].items() <= each["spec"]["template"]["metadata"]["labels"].items()
        ]  # fmt: skip
        assert len(pods) == 1, address["metadata"]["name"]
        there = {port["name"] for container in pods[0]["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in address["spec"]["ports"]} <= there
    published = {
        (name, port["port"]) for name, address in addresses.items() for port in address["spec"]["ports"]
    }  # fmt: skip
    routes = of_kind(f"overlays/{overlay}/services", "HTTPRoute").values()
    backends = {
        (it["name"], it["port"])
        for route in routes for rule in route["spec"]["rules"] for it in rule.get("backendRefs", ())
    }  # fmt: skip
    assert backends == ({("gateway", 80)} if overlay == "production" else set())
    assert backends <= published


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_proxy_more_is_known_to_the_gateway_and_to_the_services(overlay: str) -> None:
    maps = {
        name.rpartition("-")[0]: each["data"]
        for name, each in of_kind(f"overlays/{overlay}/services", "ConfigMap").items()
    }
    before = 1 if of_kind(f"overlays/{overlay}/services", "Gateway") else 0
    envoy = yaml.safe_load(maps["gateway"]["envoy.yaml"])
    manager = envoy["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    assert manager["xff_num_trusted_hops"] == before
    assert int(maps["settings"]["POSTULO_TRUSTED_HOPS"]) == 1 + before


LISTED: Final = PAGE.partition("## Between services")[2].partition("Nothing else is needed")[0]
"""The table in docs/operations.md."""


def flows(overlay: str) -> dict[tuple[str, str], set[Flow]]:
    """What each of the table's rows, by its `to` and `from`, is in this overlay."""
    mail = ("relay", 587) if overlay == "production" else ("mail", 1025)
    outside = {pod.name for pod in OTHERS}
    to_services = {("gateway", name, 8000) for name in NAMES}
    return {
        ("gateway", "everybody"): {(name, "gateway", 8080) for name in outside},
        ("each service", "gateway"): to_services,
        ("identity", "every other service"): {(name, "gateway", 8081) for name in NAMES if name != "identity"},
        ("each service", "Prometheus"): {("Prometheus", name, 8000) for name in NAMES},
        ("each service", "the cluster's probes, gateway"): to_services,
        ("PostgreSQL", "every service, `migrate`"): {(name, "postgres", 5432) for name in (*NAMES, "migrate")},
        ("Kafka", "every service, `topics`, subscribers"): {(name, "kafka", 9093) for name in (*NAMES, "topics")},
        ("mail relay", "every service"): {(name, *mail) for name in NAMES},
        ("trace collector", "every service"): {(name, "collector", 4318) for name in NAMES},
        ("virus scanner", "applications, profile, support"): {
            (name, "scanner", 3310) for name in ("applications", "profile", "support")
        },
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_exactly_who_is_listed_is_let_through(overlay: str) -> None:
    ours = {pod.name for pod in pods(overlay) if pod.ours}
    of_the_cluster = {
        ("Prometheus", "gateway", 8082),
        ("Prometheus", "postgres", 9187),
        *product(("postgres", "CloudNativePG"), ("postgres",), (5432, 8000)),
        ("KEDA", "kafka", 9093),
        *((name, "DNS", 53) for name in ours),
    }
    assert reached(overlay) == set().union(of_the_cluster, *flows(overlay).values())


def test_the_list_is_the_one_in_the_documentation() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in LISTED.splitlines() if "|" in line]
    assert {(to, whence) for to, _, whence, _ in rows[2:]} == flows("local").keys()


def test_keda_takes_each_value_from_where_it_looks_for_it() -> None:
    """What belongs to the login is passed over in silence where it stands in the trigger, and no API server minds."""
    name = "overlays/production/services"
    users = of_kind(name, "ConfigMap")["kafka-users"]["data"]
    scaled, logins = of_kind(name, "ScaledObject"), of_kind(name, "TriggerAuthentication")
    assert scaled.keys() == logins.keys() == users.keys() == set(NAMES) - {"identity"}
    assert users == {service: f"postulo-{service}" for service in users}
    assert set(users.values()) <= of_kind("overlays/production/servers", "KafkaUser").keys()
    for service, login in logins.items():
        by_map, by_secret = login["spec"]["configMapTargetRef"], login["spec"]["secretTargetRef"]
        assert {it["parameter"]: it["key"] for it in by_map} == {"username": service}
        assert {it["parameter"]: it["name"] for it in by_secret} == {
            "password": f"postulo-{service}", "ca": "kafka-cluster-ca-cert",
        }  # fmt: skip
        (trigger,) = (it for it in scaled[service]["spec"]["triggers"] if it["type"] == "kafka")
        assert trigger["authenticationRef"] == {"name": service}
        assert trigger["metadata"].keys() == {
            "bootstrapServers", "consumerGroup", "lagThreshold", "offsetResetPolicy", "sasl", "tls", "version",
        }  # fmt: skip


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kafka_keeps_what_the_small_one_keeps(overlay: str) -> None:
    small = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy" / "kafka" / "server.properties").read_text().splitlines()
        if line and not line.startswith("#")
    )
    kafka = of_kind(f"overlays/{overlay}/servers", "Kafka")["kafka"]["spec"]["kafka"]["config"]
    for name in ("auto.create.topics.enable", "offsets.retention.minutes"):
        assert str(kafka[name]).lower() == small[name]
    copies = {"production": 3, "local": 1}[overlay]
    topics = of_kind(f"overlays/{overlay}/servers", "KafkaTopic").values()
    assert {each["spec"]["replicas"] for each in topics} == {copies} == {kafka["default.replication.factor"]}
    facts = [each["spec"]["config"] for each in topics if each["spec"]["config"]["cleanup.policy"] == "delete"]
    assert facts
    assert {each["retention.ms"] for each in facts} == {int(small["log.retention.ms"])}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_relay_makes_a_missing_topic_with_as_many_partitions_as_strimzi(overlay: str) -> None:
    """Otherwise Strimzi raises those of the topic that the relay has made, and streams go on in other partitions."""
    topics = of_kind(f"overlays/{overlay}/servers", "KafkaTopic").values()
    partitions = {each["spec"]["partitions"] for each in topics if each["spec"]["config"]["cleanup.policy"] == "delete"}
    for stage in ("prepare", "services"):
        maps = of_kind(f"overlays/{overlay}/{stage}", "ConfigMap").items()
        (told,) = (each["data"] for name, each in maps if name.startswith("settings-"))
        assert partitions == {int(told.get("POSTULO_TOPIC_PARTITIONS", 0))}


def test_one_autoscaler_a_deployment_which_says_no_number_of_its_own() -> None:
    name = "overlays/production/services"
    by_work = {each["spec"]["scaleTargetRef"]["name"] for each in of_kind(name, "HorizontalPodAutoscaler").values()}
    by_lag = {each["spec"]["scaleTargetRef"]["name"] for each in of_kind(name, "ScaledObject").values()}
    deployments = of_kind(name, "Deployment")
    assert not by_work & by_lag
    assert by_work | by_lag == deployments.keys()
    assert not [each for each in deployments.values() if "replicas" in each["spec"]]


def test_pods_are_added_when_those_that_are_there_fill_most_of_a_core() -> None:
    """Each process fills one at most; what its pod asks for is less, and no measure of that."""
    name = "overlays/production/services"
    scalers = of_kind(name, "HorizontalPodAutoscaler", "ScaledObject")
    targets = {
        scaler: [
            *(each["resource"]["target"].get("averageValue") for each in spec.get("metrics", ())),
            *(each["metadata"]["value"] for each in spec.get("triggers", ()) if each["type"] == "cpu"
              and each["metricType"] == "AverageValue"),
        ]
        for scaler, spec in ((scaler, it["spec"]) for scaler, it in scalers.items())
    }  # fmt: skip
    assert targets.keys() == of_kind(name, "Deployment").keys()
    for scaler, (target,) in targets.items():
        assert 300 <= int(target.removesuffix("m")) <= 800, scaler


def test_the_rules_of_prometheus_know_each_by_its_name() -> None:
    label = "__meta_kubernetes_service_label_app_kubernetes_io_name"
    for monitor in of_kind("overlays/production/services", "ServiceMonitor").values():
        (endpoint,) = monitor["spec"]["endpoints"]
        assert {"sourceLabels": [label], "targetLabel": "service"} in endpoint["relabelings"]
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        watched = [
            address for address in of_kind("overlays/production/services", "Service").values()
            if wanted <= address["metadata"]["labels"].items()
        ]  # fmt: skip
        assert watched
        for address in watched:
            assert endpoint["port"] in {port["name"] for port in address["spec"]["ports"]}
