"""A queued mail as the message that goes out: its headers are lines that machines read, never anybody's text."""

from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any, Final, cast
from urllib.parse import urlsplit

import orjson

from shared.ops.addresses import deliverable
from shared.ops.settings import Settings

LONGEST_LINE: Final = 998
"""Signs of a line (RFC 5322 §2.1.1)."""


class Structured(UniqueUnstructuredHeader):
    """A header that machines read: in one line, however long, and never encoded (RFC 2369, RFC 8058)."""

    name: str

    def fold(self, *, policy: Any) -> str:
        line = f"{self.name}: {self}"
        if not line.isascii() or len(line) > LONGEST_LINE:
            raise ValueError(f"{self.name} is no line of a mail")
        return line + str(policy.linesep)


def _policy() -> Any:
    headers = HeaderRegistry()
    for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-ID"):
        headers.map_to_type(name, cast(Any, Structured))
    return SMTP.clone(header_factory=headers)


POLICY: Final[Any] = _policy()


def message_of(row: Any, settings: Settings) -> EmailMessage:
    """The mail as it goes out. Raises ValueError for a recipient that is not one, or a line break in a header."""
    message = EmailMessage(POLICY)
    name, address = parseaddr(settings.mail_from)
    message["From"] = Address(name, addr_spec=deliverable(address))
    message["To"] = Address(addr_spec=deliverable(row["recipient"]))
    message["Subject"] = row["subject"]
    message["Date"] = row["queued_at"]
    host = str(urlsplit(settings.public_url).hostname)
    message["Message-ID"] = f"<{row['id']}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Postulo-Template"] = row["template"]
    if row["correlation"]:
        message["X-Correlation-ID"] = str(row["correlation"])
    for header, value in orjson.loads(row["headers"]).items():
        message[header] = value.replace("{public_url}", settings.public_url).replace("{host}", host)
    message.set_content(row["body_text"])
    message.add_alternative(row["body_html"], subtype="html")
    return message
