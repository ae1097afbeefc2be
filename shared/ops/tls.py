"""How we know the servers that we talk to: by certificates that authorities of the operator's choice have signed."""

import ssl
from typing import Final

BEGIN: Final = "-----BEGIN CERTIFICATE-----"


def client_context(authorities: str = "") -> ssl.SSLContext:
    """TLS that checks the server's certificate and name.

    authorities: a PEM file, or its text (as POSTULO_X_FILE gives it); empty: the ones that the system trusts.
    Raises ValueError when there are no certificates in it.
    """
    where = {"cadata": authorities} if BEGIN in authorities else {"cafile": authorities or None}
    try:
        return ssl.create_default_context(**where)
    except OSError as error:  # Of ssl too; its message may quote what was set.
        raise ValueError("no certificates (PEM) can be read there") from error
