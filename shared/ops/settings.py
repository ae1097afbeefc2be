"""What an operator sets by environment: POSTULO_X, or POSTULO_X_FILE to read X from a file."""

import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated, Final, Literal
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.ops import addresses
from shared.ops.misconfigured import FILE, PREFIX, Misconfigured, with_sources
from shared.ops.tls import client_context

EXPLICIT: Final = frozenset(
    {
        "database_url", "kafka", "kafka_security", "smtp", "smtp_security", "mail_from", "public_url", "trusted_hops",
        "master_key",
    }
)  # fmt: skip
"""What production does not start without."""


DatabaseUrl = Annotated[str, AfterValidator(addresses.database)]
Servers = Annotated[str, AfterValidator(addresses.servers)]
SiteUrl = Annotated[str, AfterValidator(addresses.site)]
MaybeDatabaseUrl = Annotated[str, AfterValidator(lambda value: value and addresses.database(value))]
MaybeSiteUrl = Annotated[str, AfterValidator(lambda value: value and addresses.site(value))]


def words(value: object) -> object:
    """What is separated by blanks or commas, one by one."""
    return value.replace(",", " ").split() if isinstance(value, str) else value


class Settings(BaseSettings):
    """What the kernel needs of an operator; none has a secret default in production.

    of_services: what services declare beside it, by name in lower case, where the environment sets it.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", secrets_dir=None, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    environment: Literal["local", "test", "production"] = "local"
    """`production` starts only with every setting that has to be chosen."""
    database_url: DatabaseUrl = Field("postgresql://postulo@127.0.0.1:5432/postgres", repr=False)
    """PostgreSQL, and the role of the service: `{service}` stands for its name. The database is the service's own."""
    database_passwords: str = ""
    """A folder with a file a service, named as it, that holds its role's password; read at each new connection."""
    database_admin_url: MaybeDatabaseUrl = Field("", repr=False)
    """For `migrate` alone: a role that may create roles and databases. Empty where the databases are there, or where
    the role of `POSTULO_DATABASE_URL` may create them."""
    database_prefix: str = "postulo"
    """What the names of all databases begin with: `<prefix>_<service>`."""
    database_connections: int = 6
    """How many connections one process of a service opens at most."""
    kafka: Servers = "127.0.0.1:9092"
    """Brokers to begin with: `host:port`, several separated by commas."""
    kafka_security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    """How Kafka is spoken to: `ssl` is TLS, `sasl` is with a login."""
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """How the login goes."""
    kafka_user: str = ""
    """Whom Kafka knows us as, where it asks for a login: `{service}` stands for the service's name."""
    kafka_password: str = Field("", repr=False)
    """The password that belongs to `POSTULO_KAFKA_USER`."""
    kafka_passwords: str = ""
    """A folder with a file a service, named as it, that holds its user's password, instead of one for all."""
    kafka_admin_user: str = ""
    """For `topics` alone: a user who may create topics and access rules. Empty where `POSTULO_KAFKA_USER` may."""
    kafka_admin_password: str = Field("", repr=False)
    """The password that belongs to `POSTULO_KAFKA_ADMIN_USER`."""
    kafka_readers: Annotated[list[str], NoDecode, BeforeValidator(words)] = []
    """Users from outside, separated by blanks, whom `topics` lets read every topic, in groups called `<user>.…`."""
    kafka_ca: str = Field("", repr=False)
    """Whose signature on a broker's certificate counts: a PEM file, or its text; empty: the system's authorities."""
    kafka_public: Annotated[str, AfterValidator(lambda value: value and addresses.servers(value))] = ""
    """The brokers as subscribers reach them, for the AsyncAPI documents: `host:port`, several separated by commas;
    empty: those of `POSTULO_KAFKA`."""
    topic_prefix: str = "postulo"
    """What the names of all topics and groups begin with."""
    topic_partitions: int = 3
    """Partitions of a topic that `topics` creates."""
    topic_replicas: int = 1
    """Copies of a topic that `topics` creates."""
    smtp: Annotated[str, AfterValidator(addresses.server)] = "127.0.0.1:1025"
    """The mail relay: `host:port`."""
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    """`starttls` begins in the clear and goes no further without TLS, `tls` is encrypted from the first byte."""
    smtp_user: str = ""
    """Whom the mail relay knows us as; empty where it asks for no login. Never sent without TLS."""
    smtp_password: str = Field("", repr=False)
    """The password that belongs to `POSTULO_SMTP_USER`."""
    smtp_ca: str = Field("", repr=False)
    """Whose signature on the relay's certificate counts: a PEM file, or its text; empty: the system's authorities."""
    mail_from: Annotated[str, AfterValidator(addresses.sender)] = "Postulo <no-reply@careers.un.org>"
    """Who mails are from."""
    security_contact: Annotated[str, AfterValidator(lambda value: value and addresses.contact(value))] = ""
    """Who is told of weaknesses, in `/.well-known/security.txt`: `mailto:` or `https:`; empty: `security@` the domain
    of `POSTULO_MAIL_FROM`."""
    scanner: Annotated[str, AfterValidator(lambda value: value and addresses.scanner(value))] = ""
    """What looks for viruses in uploads before they are accepted: `clamd://host:port` or `icap://host:port/service`;
    empty: nothing does."""
    public_url: SiteUrl = "http://127.0.0.1:8000"
    """The address under which people see the site."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = 8000
    """The port to listen on."""
    identity_url: MaybeSiteUrl = ""
    """Where the other services ask who is logged in, and which services are ready; empty: at `POSTULO_PUBLIC_URL`."""
    leaving_seconds: float = Field(3.0, ge=0, le=60)
    """How long a process that is told to stop still answers, and says that it is not ready, so that gateways send
    nothing more when it ends. Twice the time in which they notice."""
    log_format: Literal["console", "json"] = "console"
    """`console` is for people, `json` for what collects logs."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    """What is logged: this and what is worse."""
    traces: Annotated[str, AfterValidator(lambda value: value and addresses.collector(value))] = Field("", repr=False)
    """Where spans of requests and of all that they lead to are sent (OpenTelemetry, OTLP over HTTP):
    `http://host:4318/v1/traces`; empty: none are made."""
    trusted_hops: int = Field(0, ge=0, le=10)
    """How many proxies of ours stand before a service; the address before them is the client's."""
    master_key: str = Field(default_factory=partial(token_urlsafe, 32), min_length=32, repr=False)
    """What signatures and the keys of sealed secrets are derived from, the same for all processes of a site; 32
    characters or more."""
    master_key_before: str = Field("", repr=False)
    """The master key until a moment ago, while it is changed: what it sealed is opened, and sealed anew when the
    services start and by `reseal`."""
    master_key_next: str = Field("", repr=False)
    """The master key of which other processes may have begun to make use, before this one does: what it sealed is
    opened, and stays as it is."""
    indexes: str = ""
    """A folder for what processes keep from one start to the next, such as the search's index, and make anew where it
    is lost; each takes a place of its own in it. Empty: in memory."""
    session_idle_minutes: int = 60
    """After how long without a click a session is over."""
    session_absolute_hours: int = 12
    """After how long a session is over in any case."""
    poll_seconds: float = 0.5
    """How often loops look for work that nobody told them of."""
    lease_seconds: float = 10.0
    """After how long another process relays events when the one that did is silent."""
    days_ahead: int = Field(0, ge=0, le=3650)
    """For trials of what takes long, such as the end of a saved search: how many days the clock is ahead of the real
    one. Not in production; data from the future stay so."""
    of_services: dict[str, str] = {}

    def database(self, service: str) -> str:
        """The address of a service's own database, with the login of its role."""
        parts = urlsplit(self.database_url.replace("{service}", service))
        if password := self.database_password(service):
            login = f"{parts.username}:{quote(password, safe='')}"
            parts = parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}")
        return str(urlunsplit(parts._replace(path=f"/{self.database_prefix}_{service}")))

    def database_password(self, service: str) -> str | None:
        """The password of a service's role as its file says it now; None where there are no such files.

        Raises Misconfigured where its file cannot be read.
        """
        return _password_of(service, self.database_passwords, "POSTULO_DATABASE_PASSWORDS")

    def kafka_user_of(self, service: str) -> str:
        """Whom Kafka knows this service as."""
        return self.kafka_user.replace("{service}", service)

    def of_service(self, service: str) -> "Settings":
        """The same, for the Kafka clients of this service: with its user's login.

        Raises Misconfigured where its password cannot be read.
        """
        password = _password_of(service, self.kafka_passwords, "POSTULO_KAFKA_PASSWORDS")
        login = {"kafka_user": self.kafka_user_of(service), "kafka_password": password or self.kafka_password}
        return self.model_copy(update=login)

    def of_kafka_s_administrator(self) -> "Settings":
        """The same, with the Kafka user who may create topics and access rules."""
        if not self.kafka_admin_user:
            return self
        return self.model_copy(
            update={"kafka_user": self.kafka_admin_user, "kafka_password": self.kafka_admin_password}
        )

    @field_validator("kafka_ca", "smtp_ca")
    @classmethod
    def _has_certificates(cls, value: str) -> str:
        if value:
            client_context(value)
        return value

    @model_validator(mode="after")
    def _production_is_explicit(self) -> "Settings":
        if self.environment == "production":
            unset = EXPLICIT - self.model_fields_set
            if unset:
                names = ", ".join(sorted("POSTULO_" + name.upper() for name in unset))
                raise ValueError(f"production needs {names} to be set")
            for name in ("database_url", "database_admin_url"):
                url = getattr(self, name)
                if url and "sslmode" not in parse_qs(urlsplit(url).query):
                    raise ValueError(
                        f"POSTULO_{name.upper()} needs sslmode in production: verify-full with sslrootcert, or disable"
                        " on a network of your own"
                    )
        return self

    @model_validator(mode="after")
    def _production_has_the_real_time(self) -> "Settings":
        if self.environment == "production" and self.days_ahead:
            raise ValueError("POSTULO_DAYS_AHEAD has to be 0 in production")
        return self

    @property
    def now(self) -> datetime:
        """The time as the site's databases have it, but for what machines' clocks differ."""
        return datetime.now(UTC) + timedelta(days=self.days_ahead)

    @model_validator(mode="after")
    def _passwords_belong_to_somebody(self) -> "Settings":
        if self.database_passwords and not urlsplit(self.database_url).username:
            raise ValueError("POSTULO_DATABASE_PASSWORDS needs a user in POSTULO_DATABASE_URL, such as {service}")
        return self

    @model_validator(mode="after")
    def _kafka_knows_who_we_are(self) -> "Settings":
        login = self.kafka_security.startswith("sasl")
        for name in ("kafka_user", "kafka_password"):
            given = getattr(self, name) or (name == "kafka_password" and self.kafka_passwords)
            if bool(given) != login:
                needs = "has to be set for" if login else "is of no use with"
                raise ValueError(f"POSTULO_{name.upper()} {needs} POSTULO_KAFKA_SECURITY={self.kafka_security}")
        return self

    @model_validator(mode="after")
    def _passwords_are_not_sent_in_the_clear(self) -> "Settings":
        if bool(self.smtp_user) != bool(self.smtp_password):
            raise ValueError("POSTULO_SMTP_USER and POSTULO_SMTP_PASSWORD are set together or not at all")
        if self.smtp_user and self.smtp_security == "none":
            raise ValueError("POSTULO_SMTP_USER needs POSTULO_SMTP_SECURITY to be starttls or tls")
        return self


def load(**overrides: object) -> Settings:
    """Settings from the environment; POSTULO_X_FILE names a file whose content is X. Raises Misconfigured."""
    given = {name.removeprefix(PREFIX): value for name, value in os.environ.items() if name.startswith(PREFIX)}
    files = {name.removesuffix(FILE): path for name, path in given.items() if name.endswith(FILE)}
    values = {name.lower(): value for name, value in given.items() if not name.endswith(FILE)}
    values |= {name.lower(): _content(PREFIX + name, path) for name, path in files.items()}
    kernels = {name: value for name, value in values.items() if name in Settings.model_fields}
    others = {name: value for name, value in values.items() if name not in kernels}
    try:
        return Settings.model_validate({**kernels, "of_services": others, **overrides})
    except ValidationError as error:
        raise Misconfigured.by(error, overrides) from None


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{name} (file {path}) cannot be read: correct {name}{FILE}, or let us read it") from error


def _password_of(service: str, folder: str, name: str) -> str | None:
    """What the service's file in a folder of passwords says now; None without a folder. Raises Misconfigured."""
    if not folder:
        return None
    try:
        return Path(folder, service).read_text().strip()
    except OSError as error:
        raise Misconfigured(with_sources(f"{name} has no file “{service}” that can be read: put it there")) from error
