"""What a person can choose about the embedded platform: by flag, else by environment, else as it is written here."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_PROCESSES = 4
"""Of each service: more would need more connections than the embedded PostgreSQL has."""


@dataclass(frozen=True)
class Options:
    """`database_url` and `kafka` are empty when the embedded ones are to be started.

    processes: so many of each service, behind the gateway; 0 is all services in this one.
    """

    host: str
    port: int
    data: Path
    mailbox_port: int
    smtp_port: int
    database_url: str
    kafka: str
    kafka_security: str
    processes: int = 0


def parse(words: Sequence[str] | None = None) -> Options:
    """Ends the program with a message on a word that it does not understand."""
    parser = argparse.ArgumentParser(
        prog="make run", description="Run all of Postulo on this machine. Each option may also be set by environment."
    )

    def option(name: str, default: str, about: str) -> None:
        variable = "POSTULO_" + name.upper().replace("-", "_")
        chosen = os.environ.get(variable, default)
        shown = f" (now {chosen})" if chosen and "://" not in chosen else ""
        kind = int if name.endswith(("port", "processes")) else str
        parser.add_argument(f"--{name}", default=chosen, type=kind, help=f"{about}; {variable}{shown}")

    option("host", "127.0.0.1", "address to listen on")
    option("port", "8000", "port of the pages")
    option("data", str(ROOT / ".postulo"), "folder of all data")
    option("mailbox-port", "8025", "port of the page that shows the mails")
    option("smtp-port", "1025", "port that mails are sent to")
    option("database-url", "", "a PostgreSQL 18 that runs elsewhere: postgresql://user:password@host:port/database")
    option("kafka", "", "a Kafka that runs elsewhere: host:port")
    option("kafka-security", "plaintext", "how Kafka is spoken to; the embedded one: plaintext or sasl_ssl")
    option("processes", "0", "so many processes of each service, behind the gateway, as in production; 0: one for all")
    chosen = vars(parser.parse_args(words))
    if not chosen["kafka"] and chosen["kafka_security"] not in ("plaintext", "sasl_ssl"):
        parser.error("--kafka-security: the embedded Kafka is spoken to by plaintext or sasl_ssl")
    if not 0 <= chosen["processes"] <= MOST_PROCESSES:
        parser.error(f"--processes: 0 to {MOST_PROCESSES}")
    return Options(**{**chosen, "data": Path(chosen["data"]).expanduser().resolve()})
