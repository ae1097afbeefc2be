"""Hashing passwords: argon2id, few hashes at once, and as much work where there is no password."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.identity.domain.secrets import LONGEST, normal

HASHER: Final = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
"""OWASP's first choice for argon2id: 46 MiB, one pass."""

_COMPARING: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
"""Not as many as there are cores: those are the machine's, while the memory is the container's, 46 MiB a hash."""
_NEW: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argon2-new")
"""New passwords queue behind each other: whoever logs in does not wait for ninety strangers who register."""


async def digest(password: str) -> str:
    """The hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_NEW, HASHER.hash, normal(password))


async def matches(password: str, known: str | None) -> bool:
    """Whether it is this password; takes as long when there is none to compare with."""
    tried = normal(password)[: LONGEST + 1]
    return await asyncio.get_running_loop().run_in_executor(_COMPARING, _matches, tried, known)


def needs_rehash(known: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return HASHER.check_needs_rehash(known)


def _matches(password: str, known: str | None) -> bool:
    try:
        HASHER.verify(known or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


@cache
def _nobodys() -> str:
    return HASHER.hash(os.urandom(16))
