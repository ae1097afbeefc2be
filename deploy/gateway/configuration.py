"""Envoy's configuration: one template, in which the addresses are all that differs from one installation to another."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.gateway.answers import answers
from services.site import NAMES, SITE, chosen

FOLDER: Final = Path(__file__).parent
COMMITTED: Final = FOLDER / "envoy.yaml"


class Address(NamedTuple):
    """Where something listens; port 0 lets the system choose."""

    host: str
    port: int


class Addresses(NamedTuple):
    """Of the gateway's four doors: the site, what services ask, what operators watch, and Envoy's own."""

    site: Address
    inside: Address
    watched: Address
    admin: Address


IN_CONTAINERS: Final = Addresses(
    Address("0.0.0.0", 8080),  # noqa: S104 - the container's own network
    Address("0.0.0.0", 8081),  # noqa: S104
    Address("0.0.0.0", 8082),  # noqa: S104
    Address("127.0.0.1", 9901),
)


class Patience(NamedTuple):
    """In seconds: a service has to begin its answer so soon, or go on with it; a request has to arrive so soon."""

    answer_within: float = 45
    arrive_within: float = 300


USUAL: Final = Patience()


def configuration(addresses: Addresses, upstreams: Mapping[str, Sequence[Address]], patience: Patience = USUAL) -> str:
    """The file's text. upstreams: where the processes of each service are."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False,  # noqa: S701 - YAML, of our own words
    )  # fmt: skip
    return environment.get_template("envoy.yaml.j2").render(
        addresses._asdict(),
        addresses={path: service.name for service in chosen(None) for path in service.addresses},
        uploads={service.name: _any_of(service.uploads) for service in chosen(None) if service.uploads},
        upstreams=upstreams,
        home=SITE.home,
        answers=answers(),
        patience=patience,
    )


def _any_of(paths: Sequence[str]) -> str:
    """A pattern of these paths, whatever stands in the place of their parameters."""
    return "|".join(re.sub(r"\{\w+\}", "[^/]+", path) for path in paths)


def committed() -> str:
    """What containers are given: each service has its name there, and one port."""
    return configuration(IN_CONTAINERS, {name: [Address(name, 8000)] for name in NAMES})
