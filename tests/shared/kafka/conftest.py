"""A Kafka behind TLS, logins and access rules, for the modules that ask for one."""

import gc
from collections.abc import Iterator

import pytest

from deploy.local import kafka, kafka_security
from shared.ops.settings import Settings
from tests.shared.kafka.secured import Broker, chosen


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("kafka")
    _, address = kafka.start(folder, security="sasl_ssl")
    yield Broker(
        address, kafka_security.access(folder, "sasl_ssl"), kafka_security.services_access(folder, "sasl_ssl")
    )  # fmt: skip
    kafka.stop(folder)
    gc.collect()


@pytest.fixture
def secured(settings: Settings, broker: Broker) -> Settings:
    return chosen(settings, kafka=broker.address, **broker.access)
