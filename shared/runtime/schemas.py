"""The schemas of all that a service publishes and ever published, as `ce_dataschema` names them."""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from shared.kafka.cloudevents import schema_address
from shared.model.message import Published
from shared.model.schemas import schemas_of

CONTRACTS: Final = Path(__file__).parents[2] / "contracts"
"""What was published: by service, documents, schemas of every version, and samples."""
SAMPLE: Final = UUID("0199c3a2-7b10-7c41-9d52-0123456789ab")
"""The event that every sample is, to whose id what is sealed in it is bound."""
STREAM: Final = UUID("0199c3a2-7b10-7c41-9d52-000000000001")
"""And the aggregate that it is of."""


class Version(NamedTuple):
    """A version of an event type."""

    type: str
    version: int


def all_schemas(published: Published, folder: Path = CONTRACTS) -> dict[Version, dict[str, Any]]:
    """The schema of every version: the present ones as the models say, the former ones as they were kept."""
    return {**former_schemas(published, folder), **present_schemas(published)}


def present_schemas(published: Published) -> dict[Version, dict[str, Any]]:
    versions = {event.__name__: event.schema_version for event in published.events}
    return {Version(name, versions[name]): schema for name, schema in schemas_of(published).items()}


def former_schemas(published: Published, folder: Path = CONTRACTS) -> dict[Version, dict[str, Any]]:
    """The schemas of versions and types that are not written any more."""
    present = {Version(event.__name__, event.schema_version) for event in published.events}
    kept = kept_schemas(published.service, folder)
    return {version: schema for version, schema in kept.items() if version not in present}


def kept_schemas(service: str, folder: Path = CONTRACTS) -> dict[Version, dict[str, Any]]:
    """The schemas in `contracts/`."""
    files = sorted((folder / service / "schemas").glob("*/*.json"))
    return {Version(file.parent.name, int(file.stem)): json.loads(file.read_text("utf-8")) for file in files}


def samples_of(service: str, folder: Path = CONTRACTS) -> dict[Version, dict[str, Any]]:
    """The data of one event of every version, in clear, as it was stored before the personal part was sealed."""
    return _samples(folder / service / "samples.json")


def sealed_of(service: str, folder: Path = CONTRACTS) -> dict[Version, dict[str, Any]]:
    """The same for each version of each type with personal fields, as it is stored: the personal part sealed."""
    return _samples(folder / service / "sealed.json")


def _samples(file: Path) -> dict[Version, dict[str, Any]]:
    stored = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return {Version(name, int(version)): data for name, of in stored.items() for version, data in of.items()}


def addressed(schema: dict[str, Any], public_url: str, service: str, version: Version) -> dict[str, Any]:
    """The schema as it is served, with the address that it is served at."""
    return {"$schema": schema["$schema"], "$id": schema_address(public_url, service, *version), **schema}
