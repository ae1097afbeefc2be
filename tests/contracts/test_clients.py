"""Clients that generators made of the documents work: they decode what is published, and call what is served."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import httpx
import openapi_python_client
import pytest
from datamodel_code_generator import InputFileType, generate
from datamodel_code_generator.enums import DataModelType
from datamodel_code_generator.format import Formatter, PythonVersion
from openapi_python_client.config import Config, ConfigFile, MetaType

from services.site import NAMES
from shared.runtime.schemas import CONTRACTS
from tests.applications.doors import applicant, publish, submitted
from tests.platform import ORIGIN, Kit, Visitor

PUBLISHING: Final = [name for name in NAMES if name != "careers"]
BINARY: Final = ("application/pdf", "image/png", "image/jpeg", "application/zip")


def loaded(name: str, path: Path) -> ModuleType:
    """A generated module or package, imported from its file."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("service", PUBLISHING)
def test_models_generated_of_the_events_read_every_sample_as_what_it_is(service: str, tmp_path: Path) -> None:
    source, made = CONTRACTS / service / "asyncapi.json", tmp_path / "events.py"
    generate(
        source, input_file_type=InputFileType.AsyncAPI, output=made, formatters=[Formatter.BUILTIN],
        output_model_type=DataModelType.PydanticV2BaseModel, target_python_version=PythonVersion.PY_311,
    )  # fmt: skip
    module = loaded(f"events_of_{service}", made)
    messages = json.loads(source.read_text("utf-8"))["components"]["messages"]
    for key, message in messages.items():
        [example] = message["examples"]
        model = getattr(module, key)
        read = model.model_validate(example["payload"])
        described = model.model_json_schema().get("properties", {}).keys()
        assert read.model_dump(by_alias=True, exclude_unset=True).keys() == example["payload"].keys() & described, key
        headers = getattr(module, f"{key}Headers").model_validate(example["headers"])
        assert headers.ce_type == message["name"]


@pytest.fixture(scope="module")
def client_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModuleType]:
    """Generates the client of a service, and imports it."""
    folder = tmp_path_factory.mktemp("clients")

    def made(service: str) -> ModuleType:
        name = f"client_of_{service}"
        overrides = dict.fromkeys(BINARY, "application/octet-stream")
        config = Config.from_sources(
            ConfigFile(post_hooks=[], package_name_override=name, content_type_overrides=overrides),
            MetaType.NONE, document_source=CONTRACTS / service / "openapi.json", file_encoding="utf-8",
            overwrite=True, output_path=folder / name,
        )  # fmt: skip
        complaints = openapi_python_client.generate(config=config)
        assert [f"{each.header} {each.detail}" for each in complaints] == []
        return loaded(name, folder / name / "__init__.py")

    return made


@pytest.mark.parametrize("service", NAMES)
def test_a_client_can_be_generated_for_every_service_without_a_complaint(
    client_of: Callable[[str], ModuleType], service: str
) -> None:
    assert client_of(service).Client is not None


def connected(module: ModuleType, visitor: Visitor) -> Any:
    """The generated client, calling the platform as this visitor does."""
    client = module.Client(base_url=ORIGIN)
    transport, headers = visitor.client._transport, visitor.client.headers
    return client.set_async_httpx_client(httpx.AsyncClient(base_url=ORIGIN, transport=transport, headers=headers))


async def test_a_generated_client_fetches_a_submitted_file_and_knows_its_fields(
    platform: Kit, client_of: Callable[[str], ModuleType]
) -> None:
    vacancy = await publish(platform)
    sent = await submitted(await applicant(platform), vacancy)
    await platform.settled()
    module = client_of("applications")
    operation = importlib.import_module(f"{module.__name__}.api.applications.read_submitted")
    answer = await operation.asyncio(sent["id"], client=connected(module, await platform.machine("applications.read")))
    [job] = answer.snapshot.sections.education.jobs
    assert (answer.job_opening_number, job.employer) == (vacancy["job_opening_number"], "IRD")
    assert job.started_on.isoformat() == "2012-01-01"
    assert answer.snapshot.profile.contact.birth_date.year == 1990


async def test_a_generated_client_finds_a_vacancy(platform: Kit, client_of: Callable[[str], ModuleType]) -> None:
    vacancy = await publish(platform, title="Hydrographer of the generated client")
    module = client_of("vacancies")
    operation = importlib.import_module(f"{module.__name__}.api.vacancies.search_vacancies")
    found = await operation.asyncio(client=connected(module, platform.visitor()), keywords="hydrographer")
    assert [each.job_opening_number for each in found.vacancies] == [vacancy["job_opening_number"]]
