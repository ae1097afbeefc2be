"""The files of this folder that are written, by name: a test compares them with those that are committed."""

from pathlib import Path
from typing import Final

from deploy.kubernetes.jobs import jobs
from deploy.kubernetes.kafka import kafka_topics, kafka_users
from deploy.kubernetes.monitoring import monitors, rules
from deploy.kubernetes.scaling import by_lag, by_work, listening, users
from deploy.kubernetes.services import COMPONENT, service
from deploy.kubernetes.yaml_text import HEAD, text_of
from services.site import NAMES, SITE, chosen

FOLDER: Final = Path(__file__).parent
GATEWAY: Final = FOLDER.parent / "gateway"
LONG_LINES: Final = f"{HEAD}# yamllint disable rule:line-length\n"
BEHIND_NOBODY: Final = "xff_num_trusted_hops: 0"
BEHIND_A_BALANCER: Final = "xff_num_trusted_hops: 1"


def written() -> dict[str, str]:
    """The text of each."""
    services = chosen(None)
    others = listening(services, SITE)
    return {
        **{f"base/services/{each.name}.yaml": text_of(service(each)) for each in services},
        "base/jobs/jobs.yaml": text_of(jobs(NAMES)),
        "components/gateway-api/envoy.yaml": _behind_a_balancer(),
        "components/strimzi/topics.yaml": text_of(kafka_topics(services)),
        "components/strimzi/users.yaml": text_of(kafka_users(services, SITE)),
        "components/hpa/scaling.yaml": text_of(
            [by_work("gateway", "gateway"), *(by_work(name, COMPONENT) for name in NAMES)]
        ),
        "components/keda/scaling.yaml": text_of([users(others), *(each for name in others for each in by_lag(name))]),
        "components/monitoring/monitors.yaml": text_of(monitors()),
        "components/monitoring/rules.yaml": LONG_LINES + text_of([rules()]).removeprefix(HEAD),
    }


def _behind_a_balancer() -> str:
    """The gateway's configuration with one more proxy before it."""
    envoy = LONG_LINES + (GATEWAY / "envoy.yaml").read_text()
    if envoy.count(BEHIND_NOBODY) != 1:
        raise ValueError(f"deploy/gateway/envoy.yaml has to say “{BEHIND_NOBODY}” once")
    return envoy.replace(BEHIND_NOBODY, BEHIND_A_BALANCER)
