"""A Kafka of a test module's own, behind TLS, logins and access rules."""

from dataclasses import dataclass

from shared.ops.settings import Settings


@dataclass(frozen=True)
class Broker:
    """access: the settings of its administrator. of_services: those of the services, each a user of its own."""

    address: str
    access: dict[str, str]
    of_services: dict[str, str]


def chosen(settings: Settings, **values: str) -> Settings:
    return Settings.model_validate({**settings.model_dump(), **values})
