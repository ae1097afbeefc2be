"""Settings: by environment or by file; production is explicit; a service's own beside the kernel's."""

from pathlib import Path

import pytest

from shared.ops.misconfigured import Misconfigured
from shared.ops.settings import Settings, load

SECRET = "a-quiet-heron-that-nobody-is-to-see"
PRODUCTION = {
    "POSTULO_ENVIRONMENT": "production",
    "POSTULO_DATABASE_URL": "postgresql://postulo@db/postgres?sslmode=verify-full",
    "POSTULO_KAFKA": "kafka:9092",
    "POSTULO_KAFKA_SECURITY": "plaintext",
    "POSTULO_SMTP": "smtp:25",
    "POSTULO_SMTP_SECURITY": "none",
    "POSTULO_MAIL_FROM": "no-reply@un.org",
    "POSTULO_PUBLIC_URL": "https://careers.un.org",
    "POSTULO_TRUSTED_HOPS": "1",
    "POSTULO_MASTER_KEY": "k" * 32,
}


def test_the_environment_sets_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTULO_TOPIC_PARTITIONS", "12")
    monkeypatch.setenv("POSTULO_KAFKA", "elsewhere:9092")
    settings = load(kafka="here:9092")
    assert (settings.topic_partitions, settings.kafka) == (12, "here:9092")


def test_a_file_says_what_its_variable_would(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://secret@db/postgres\n")
    monkeypatch.setenv("POSTULO_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert load().database_url == "postgresql://secret@db/postgres"
    assert load().database("profile") == "postgresql://secret@db/postulo_profile"


@pytest.mark.parametrize("missing", sorted(PRODUCTION.keys() - {"POSTULO_ENVIRONMENT"}))
def test_production_does_not_start_without_what_it_needs(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    load()
    monkeypatch.delenv(missing)
    with pytest.raises(Misconfigured, match=rf"^production needs {missing} \(not set\) to be set$"):
        load()


def test_production_has_the_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**PRODUCTION, "POSTULO_DAYS_AHEAD": "1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=r"POSTULO_DAYS_AHEAD \(environment\) has to be 0 in production"):
        load()
    monkeypatch.setenv("POSTULO_ENVIRONMENT", "local")
    assert load().days_ahead == 1


@pytest.mark.parametrize("setting", ["POSTULO_DATABASE_URL", "POSTULO_DATABASE_ADMIN_URL"])
def test_production_says_whether_postgresql_is_reached_by_tls(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(setting, f"postgresql://me:{SECRET}@db/postgres")
    said = rf"{setting} \(environment\) needs sslmode in production"
    with pytest.raises(Misconfigured, match=said) as refused:
        load()
    assert SECRET not in str(refused.value)


def test_one_address_serves_all_services_each_with_its_role_and_its_file(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("p@ss/word\n")
    url = "postgresql://me_{service}@db:5433/postgres?sslmode=disable"
    settings = load(database_url=url, database_passwords=str(tmp_path), database_prefix="x")
    assert settings.database("profile") == "postgresql://me_profile:p%40ss%2Fword@db:5433/x_profile?sslmode=disable"
    assert settings.database_password("profile") == "p@ss/word"
    with pytest.raises(Misconfigured, match=r"POSTULO_DATABASE_PASSWORDS \(not set\) has no file “careers”"):
        settings.database("careers")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("database_url", ["db", "http://db/x", f"postgresql://a:{SECRET}@db:port/x", "postgresql://a:b#@db/x", "[:"]),
        ("database_admin_url", ["postgresql://db:0/x"]),
        ("kafka", ["", "kafka", ":9092", "kafka:", "kafka:0", "kafka:65536", "a:1,b", "sasl://kafka:9092"]),
        ("smtp", ["mail", "mail:smtp", "a:25,b:25"]),
        ("public_url", ["careers.un.org", "ftp://careers.un.org", "https://"]),
        ("identity_url", ["identity:8000"]),
        (
            "traces",
            ["collector", "collector:4318", "grpc://collector:4317/v1/traces", "http://collector:4318", "http:///x"],
        ),
        ("mail_from", ["", "Postulo", "Postulo <no-reply>", "a b@c", "a@", "@b", "ä@b.org"]),
        ("log_level", ["LOUD", "info"]),
    ],
)
def test_an_address_that_can_be_none_is_refused_by_its_name(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(Misconfigured, match=rf"^POSTULO_{name.upper()} \(given\): has to be ") as refused:
            load(**{name: value})
        assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "postgresql://a:b%40@one:5432,two:5432/x?target_session_attrs=primary"),
        ("database_url", "postgres:///x?host=/run/postgresql"),
        ("database_admin_url", ""),
        ("kafka", "one:9092, two:9093"),
        ("kafka", "[::1]:9092"),
        ("identity_url", ""),
        ("traces", ""),
        ("traces", "https://otel.example.org/v1/traces"),
        ("mail_from", "no-reply@un.org"),
        ("mail_from", "Postulo <no-reply@localhost>"),
        ("mail_from", "Postulo <no-reply@müller.example>"),
    ],
)
def test_every_form_of_an_address_that_our_libraries_know_is_taken(name: str, value: str) -> None:
    assert getattr(load(**{name: value}), name) == value


def test_what_a_service_declares_beside_the_kernel_is_kept_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POSTULO_ACADEMICS_CONSULT", "degrees@example.org")
    (tmp_path / "other").write_text("42\n")
    monkeypatch.setenv("POSTULO_OTHER_FILE", str(tmp_path / "other"))
    others = load().of_services
    assert (others["academics_consult"], others["other"]) == ("degrees@example.org", "42")
    assert "kafka" not in others
    assert Settings().of_services == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp_user": "postulo"}, "POSTULO_SMTP_USER .* and POSTULO_SMTP_PASSWORD .* are set together"),
        ({"smtp_password": SECRET}, "POSTULO_SMTP_USER .* and POSTULO_SMTP_PASSWORD .* are set together"),
        ({"smtp_user": "postulo", "smtp_password": SECRET}, "POSTULO_SMTP_USER .* needs POSTULO_SMTP_SECURITY"),
        ({"kafka_security": "sasl_ssl", "kafka_user": "me"}, "POSTULO_KAFKA_PASSWORD .* has to be set for"),
        ({"kafka_security": "sasl_ssl", "kafka_password": SECRET}, "POSTULO_KAFKA_USER .* has to be set for"),
        ({"kafka_security": "ssl", "kafka_user": "me"}, "POSTULO_KAFKA_USER .* is of no use with"),
        ({"kafka_password": SECRET}, "POSTULO_KAFKA_PASSWORD .* is of no use with"),
        ({"kafka_security": "ssl", "kafka_ca": SECRET}, "no certificates"),
        (
            {"database_passwords": "/x", "database_url": "postgresql://db/x"},
            "POSTULO_DATABASE_PASSWORDS .* needs a user",
        ),
        ({"smtp_security": "sometimes"}, "'none', 'starttls' or 'tls'"),
        ({"smtp_ca": f"/{SECRET}.pem"}, "no certificates"),
        ({"smtp_ca": f"-----BEGIN CERTIFICATE-----{SECRET}"}, "no certificates"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_without_their_values(given: dict[str, str], said: str) -> None:
    with pytest.raises(Misconfigured, match=said) as refused:
        load(**given)
    assert SECRET not in str(refused.value)


def test_a_password_is_not_shown_with_the_settings() -> None:
    secrets = dict.fromkeys(("smtp_password", "master_key", "kafka_password"), SECRET)
    secrets |= dict.fromkeys(("database_url", "database_admin_url"), f"postgresql://me:{SECRET}@db/postgres")
    users = {"smtp_security": "tls", "smtp_user": "me", "kafka_security": "sasl_ssl", "kafka_user": "me"}
    assert SECRET not in repr(load(**users, **secrets))
