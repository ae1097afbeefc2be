"""PostgreSQL and Kafka in containers, from the images and settings of docker-compose.yml, for `pytest --containers`."""

import time
from pathlib import Path
from typing import Any, Final

import yaml
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.local.processes import free_port
from deploy.local.servers import Servers

ROOT = Path(__file__).resolve().parents[1]
STARTING_SECONDS: Final = 120


def start() -> Servers:
    """Start both; testcontainers removes them when the test run is gone."""
    return Servers(database_url=_postgres(), kafka=_kafka())


def compose() -> dict[str, Any]:
    """docker-compose.yml with the images that its variables stand for where nobody has set them."""
    composed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for container in composed["services"].values():
        container["image"] = default_of(container["image"])
    return composed


def default_of(value: str) -> str:
    """What stands in `${NAME:-value}`; anything else is itself."""
    return value.partition(":-")[2].removesuffix("}") if value.startswith("${") else value


def _postgres() -> str:
    """The image makes its cluster with a server that nobody reaches: ready is the one that its health check reaches."""
    settings = compose()["services"]["postgres"]
    container = DockerContainer(settings["image"]).with_exposed_ports(5432)
    container.with_env("POSTGRES_PASSWORD", "test").start()
    end = time.monotonic() + STARTING_SECONDS
    while container.exec(settings["healthcheck"]["test"][1:]).exit_code:
        assert time.monotonic() < end, container.get_logs()
        time.sleep(0.2)
    return f"postgresql://postgres:test@{container.get_container_host_ip()}:{container.get_exposed_port(5432)}/postgres"


def _kafka() -> str:
    """Clients are sent to the advertised address, so its port is chosen before the broker starts."""
    port = free_port()
    settings = compose()["services"]["kafka"]
    container = DockerContainer(settings["image"]).with_bind_ports(9092, port)
    container.with_volume_mapping(str(ROOT / "deploy" / "kafka"), "/mnt/shared/config", "ro")
    advertised = {"KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}"}
    for name, value in {**settings["environment"], **advertised}.items():
        container.with_env(name, value)
    ready = LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(STARTING_SECONDS)
    container.waiting_for(ready).start()
    return f"127.0.0.1:{port}"
