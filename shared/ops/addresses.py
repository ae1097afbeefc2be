"""Whether an address that an operator set can be one. It may hold a password, so that nothing said quotes it."""

from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final
from urllib.parse import SplitResult, urlsplit

import idna

DATABASE: Final = "has to be like postgresql://user:password@host:port/database, with %-encoded user and password"
SERVERS: Final = "has to be like host:port"
SITE: Final = "has to be like https://host"
SENDER: Final = "has to be like Name <name@host>"
SCANNER: Final = "has to be like clamd://host:port or icap://host:port/service"
COLLECTOR: Final = "has to be like http://host:4318/v1/traces"
CONTACT: Final = "has to be like mailto:name@host or https://host/page"


def database(value: str) -> str:
    """Raises ValueError for what is no address of a PostgreSQL."""
    parts = _split(value, DATABASE)
    if parts.scheme not in ("postgresql", "postgres") or parts.fragment:
        raise ValueError(DATABASE)
    return value


def servers(value: str) -> str:
    """Raises ValueError for what is not one `host:port`, or several separated by commas."""
    for each in value.split(","):
        server(each.strip())
    return value


def server(value: str) -> str:
    """Raises ValueError for what is not one `host:port`."""
    host, _, port = value.rpartition(":")
    if not host or "/" in host or "," in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(SERVERS)
    return value


def site(value: str) -> str:
    """The address without a stroke at its end, so that paths follow it. Raises ValueError for no web site's address."""
    parts = _split(value, SITE)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(SITE)
    return value.rstrip("/")


def collector(value: str) -> str:
    """Raises ValueError for what takes no spans over HTTP."""
    parts = _split(value, COLLECTOR)
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.path.strip("/"):
        raise ValueError(COLLECTOR)
    return value


def sender(value: str) -> str:
    """Raises ValueError for what nobody can be written to."""
    try:
        deliverable(parseaddr(value)[1])
    except ValueError as error:
        raise ValueError(SENDER) from error
    return value


def deliverable(address: str) -> str:
    """The address as every relay takes it: the name of its domain in ASCII (RFC 5891). Raises ValueError for none."""
    try:
        parsed = Address(addr_spec=address)
        domain = parsed.domain if parsed.domain.isascii() else idna.encode(parsed.domain, uts46=True).decode()
    except (LookupError, MessageError, ValueError) as error:
        raise ValueError("not an address") from error
    if not (parsed.username and domain and parsed.username.isascii()):
        raise ValueError("not an address that every relay takes")
    return Address(username=parsed.username, domain=domain).addr_spec


def contact(value: str) -> str:
    """Raises ValueError for what RFC 9116 does not allow as a contact."""
    if value.startswith("mailto:"):
        try:
            deliverable(value.removeprefix("mailto:"))
        except ValueError as error:
            raise ValueError(CONTACT) from error
        return value
    parts = _split(value, CONTACT)
    if parts.scheme != "https" or not parts.hostname or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(CONTACT)
    return value


def scanner(value: str) -> str:
    """Raises ValueError for what is no address of a virus scanner."""
    parts = _split(value, SCANNER)
    named = parts.scheme == "icap" or not parts.path
    if parts.scheme not in ("clamd", "icap") or not parts.hostname or not named or parts.username or " " in value:
        raise ValueError(SCANNER)
    if not value.isascii() or not value.isprintable():
        raise ValueError(SCANNER)
    return value


def _split(value: str, said: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = 1 if "," in parts.netloc else parts.port  # PostgreSQL may have several.
    except ValueError as error:  # Its message quotes the value.
        raise ValueError(said) from error
    if port == 0:
        raise ValueError(said)
    return parts
