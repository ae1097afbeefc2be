"""What a person chooses, and what they are told when this machine does not let it be."""

import re
import socket
from dataclasses import fields
from pathlib import Path

import pytest

from deploy.local import elsewhere, options
from deploy.local.folder import Addresses, hold, read_addresses, write_addresses
from deploy.local.platform import listening
from deploy.local.processes import free_port
from deploy.local.trouble import Trouble

ADDRESSES = Addresses(
    "http://127.0.0.1:8000",
    "http://127.0.0.1:8025",
    "127.0.0.1:1025",
    "127.0.0.1:9092",
    "postgresql://x",
    {"kafka_security": "sasl_ssl"},
    "https://careers.test",
)


def test_without_a_choice_it_is_the_address_of_the_readme_and_a_folder_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HOST", "PORT", "DATA", "MAILBOX_PORT", "SMTP_PORT", "DATABASE_URL", "KAFKA"):
        monkeypatch.delenv(f"POSTULO_{name}", raising=False)
    chosen = options.parse([])
    assert (chosen.host, chosen.port) == ("127.0.0.1", 8000)
    assert chosen.data == options.ROOT / ".postulo"
    assert not chosen.database_url
    assert not chosen.kafka


def test_the_readme_names_every_option() -> None:
    row = re.compile(r"^\| .* \| `(--[a-z-]+)` \| `(POSTULO_[A-Z_]+)` \|", re.MULTILINE)
    table = row.findall((options.ROOT / "README.md").read_text())
    names = [field.name for field in fields(options.Options)]
    assert dict(table) == {f"--{name.replace('_', '-')}": f"POSTULO_{name.upper()}" for name in names}


def test_a_flag_is_stronger_than_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSTULO_PORT", "9001")
    monkeypatch.setenv("POSTULO_DATA", str(tmp_path))
    assert options.parse([]).port == 9001
    assert options.parse(["--port", "9002"]).port == 9002
    assert options.parse(["--port", "9002"]).data == tmp_path


def test_a_word_that_is_no_port_ends_with_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse(["--port", "many"])
    assert "--port: invalid int value: 'many'" in capsys.readouterr().err


def test_the_embedded_kafka_is_spoken_to_in_the_clear_or_by_tls_and_login(capsys: pytest.CaptureFixture[str]) -> None:
    assert options.parse([]).kafka_security == "plaintext"
    assert options.parse(["--kafka-security", "sasl_ssl"]).kafka_security == "sasl_ssl"
    assert options.parse(["--kafka", "elsewhere:9092", "--kafka-security", "ssl"]).kafka_security == "ssl"
    with pytest.raises(SystemExit):
        options.parse(["--kafka-security", "ssl"])
    assert "the embedded Kafka is spoken to by plaintext or sasl_ssl" in capsys.readouterr().err


def test_the_help_shows_no_password(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("POSTULO_DATABASE_URL", "postgresql://me:secret@db/postgres")
    with pytest.raises(SystemExit):
        options.parse(["--help"])
    assert "secret" not in capsys.readouterr().out


def test_a_port_in_use_is_told_with_its_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(Trouble, match=f"Cannot listen on 127.0.0.1:{port}: Address already in use") as told,
            listening("127.0.0.1", port, "POSTULO_PORT or --port"),
        ):
            pass
    assert "POSTULO_PORT or --port" in told.value.way_out


def test_a_folder_serves_one_platform_at_a_time_and_tells_where_it_is(tmp_path: Path) -> None:
    with hold(tmp_path) as folder:
        write_addresses(folder, ADDRESSES)
        assert read_addresses(tmp_path) == ADDRESSES
        assert read_addresses(tmp_path).settings() == {
            "database_url": "postgresql://x", "kafka": "127.0.0.1:9092", "kafka_security": "sasl_ssl",
        }  # fmt: skip
        with pytest.raises(Trouble, match=r"already runs on the data in .*, at http://127.0.0.1:8000"), hold(tmp_path):
            pass
    with pytest.raises(Trouble, match="No Postulo runs"):
        read_addresses(tmp_path)
    with hold(tmp_path):
        pass


def test_the_note_with_the_password_is_for_its_owner_only(tmp_path: Path) -> None:
    write_addresses(tmp_path, ADDRESSES)
    assert (tmp_path / "addresses.json").stat().st_mode & 0o077 == 0


def test_a_file_in_place_of_the_data_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Trouble, match="cannot be used") as told, hold(tmp_path / "data"):
        pass
    assert "POSTULO_DATA or --data" in told.value.way_out


@pytest.mark.parametrize("url", ["postgresql://me@127.0.0.1:{port}/postgres", "no address at all"])
async def test_a_postgresql_elsewhere_that_does_not_answer_is_told(url: str) -> None:
    with pytest.raises(Trouble, match="does not let us in") as told:
        await elsewhere.check(url.format(port=free_port()), "")
    assert "an embedded one is started" in told.value.way_out


async def test_a_kafka_elsewhere_that_does_not_answer_is_told() -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(Trouble, match=f"does not answer at {address}"):
        await elsewhere.check("", address)
