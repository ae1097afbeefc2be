"""The kernel: all that touches the world, written once for every service."""

from typing import Final

VERSION: Final = "0.1.0"
"""As pyproject.toml has it; images do not hold the package's metadata."""
