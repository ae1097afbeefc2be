"""What an operator sets by environment: POSTULO_X, or POSTULO_X_FILE to read X from a file."""

import os
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "POSTULO_"
EXPLICIT: Final = frozenset({"database_url", "kafka", "smtp", "mail_from", "public_url", "trusted_hops", "master_key"})
"""What production does not start without."""


class Settings(BaseSettings):
    """What the kernel needs of an operator; none has a secret default in production.

    trusted_hops: how many proxies of ours stand before a service; the address before them is the client's.
    master_key: what signatures are derived from, the same for all processes of a site.
    of_services: what services declare beside it, by name in lower case, where the environment sets it.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", secrets_dir=None, hide_input_in_errors=True)

    environment: Literal["local", "test", "production"] = "local"
    database_url: str = "postgresql://postulo@127.0.0.1:5432/postgres"
    database_prefix: str = "postulo"
    database_connections: int = 6
    kafka: str = "127.0.0.1:9092"
    topic_prefix: str = "postulo"
    topic_partitions: int = 3
    topic_replicas: int = 1
    smtp: str = "127.0.0.1:1025"
    mail_from: str = "Postulo <no-reply@careers.un.org>"
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    identity_url: str = ""
    log_format: Literal["console", "json"] = "console"
    log_level: str = "INFO"
    trusted_hops: int = Field(0, ge=0, le=10)
    master_key: str = Field(default_factory=partial(token_urlsafe, 32), min_length=32, repr=False)
    session_idle_minutes: int = 60
    session_absolute_hours: int = 12
    poll_seconds: float = 0.5
    lease_seconds: float = 10.0
    of_services: dict[str, str] = {}

    def database(self, service: str) -> str:
        """The address of a service's own database."""
        return str(urlunsplit(urlsplit(self.database_url)._replace(path=f"/{self.database_prefix}_{service}")))

    @model_validator(mode="after")
    def _production_is_explicit(self) -> "Settings":
        if self.environment == "production":
            unset = EXPLICIT - self.model_fields_set
            if unset:
                names = ", ".join(sorted("POSTULO_" + name.upper() for name in unset))
                raise ValueError(f"production needs {names} to be set")
        return self


def load(**overrides: object) -> Settings:
    """Settings from the environment; POSTULO_X_FILE names a file whose content is X."""
    given = {name.removeprefix(PREFIX): value for name, value in os.environ.items() if name.startswith(PREFIX)}
    files = {name.removesuffix("_FILE"): Path(path) for name, path in given.items() if name.endswith("_FILE")}
    values = {name.lower(): value for name, value in given.items() if not name.endswith("_FILE")}
    values |= {name.lower(): path.read_text().strip() for name, path in files.items()}
    kernels = {name: value for name, value in values.items() if name in Settings.model_fields}
    others = {name: value for name, value in values.items() if name not in kernels}
    return Settings.model_validate({**kernels, "of_services": others, **overrides})
