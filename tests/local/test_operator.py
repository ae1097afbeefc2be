"""`make client` and `make services` before they reach a platform: what they ask for, and what they set."""

from pathlib import Path

import pytest

from deploy.local.folder import hold, master_key, write_addresses
from deploy.local.operator import adding, environment, merged
from tests.local.commands import made
from tests.local.test_options import ADDRESSES


def test_a_client_is_named_with_its_scopes_in_any_of_two_spellings() -> None:
    for scopes in ("vacancies.write events", "vacancies.write,events"):
        words = adding(["--name=-x", f"--scopes={scopes}", "--organisation=OHRM Genève"])
        assert words == [
            "identity", "add-client", "--scope", "vacancies.write", "--scope", "events", "--organisation=OHRM Genève",
            "--", "-x",
        ]  # fmt: skip


def test_what_is_missing_is_told_with_an_example(tmp_path: Path) -> None:
    status, said = made(tmp_path, "client", "NAME=hr-geneva")
    assert status == 2
    assert 'make client NAME=hr-geneva SCOPES="vacancies.write applications.read" ORGANISATION=OHRM' in said
    assert "--scopes" in said


def test_a_name_of_the_environment_is_nobody_s_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "this-machine")
    assert made(tmp_path, "client", "SCOPES=events")[0] == 2


@pytest.mark.parametrize("words", [("client", "NAME=it's x", "SCOPES=hr"), ("services", "ARGS=identity clients")])
def test_where_no_platform_runs_that_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    status, said = made(tmp_path, *words)
    assert status == 1
    assert said.startswith(f"No Postulo runs on the data in {tmp_path}.\nStart it in another window: make run")


def test_a_command_has_the_settings_of_the_platform_whatever_is_set_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSTULO_MASTER_KEY", raising=False)
    with hold(tmp_path):
        write_addresses(tmp_path, ADDRESSES)
        found = environment(ADDRESSES, tmp_path)
    assert found == {
        "POSTULO_DATABASE_URL": "postgresql://x", "POSTULO_KAFKA": "127.0.0.1:9092",
        "POSTULO_KAFKA_SECURITY": "sasl_ssl", "POSTULO_SMTP": "127.0.0.1:1025",
        "POSTULO_PUBLIC_URL": "https://careers.test", "POSTULO_MASTER_KEY": master_key(tmp_path),
    }  # fmt: skip
    around = {"PATH": "/bin", "POSTULO_KAFKA": "elsewhere:1", "POSTULO_KAFKA_FILE": "/run/kafka", "POSTULO_PORT": "1"}
    assert merged(around, found) == {"PATH": "/bin", "POSTULO_PORT": "1", **found}
