"""What is written to the log, line by line as production writes it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Literal

from shared.ops.logs import configure


@contextmanager
def logged(level: Literal["DEBUG", "INFO"]) -> Iterator[io.StringIO]:
    """The log from this level on, as JSON, until the block ends."""
    with redirect_stderr(io.StringIO()) as stream:
        configure("json", level)
        try:
            yield stream
        finally:
            configure("json", "WARNING")
