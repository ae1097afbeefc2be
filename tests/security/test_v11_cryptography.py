"""V11, cryptography: algorithms and lengths of today, randomness from the system, nothing of our own making."""

import re
from pathlib import Path
from typing import Final

from services.identity.domain.codes import RECOVERY_LENGTH
from services.identity.domain.secrets import ALPHABET
from services.identity.use_cases.passwords import HASHER
from shared.ops.sealing import Sealer
from shared.ops.signing import LENGTH
from tests.containers import ROOT

SOURCES: Final = sorted(path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py"))
WEAK: Final = re.compile(r"\b(md5|sha1|DES|RC4|Blowfish|ECB)\b|\bimport random\b|\bfrom random\b")
RANDOM_FOR_PAUSES: Final = {
    "shared/ops/waiting.py",
    "shared/store/appending.py",
}
"""Where chance spreads retries and keeps no secret."""


def test_passwords_cost_what_owasp_asks_for() -> None:
    """argon2id, 46 MiB, one pass."""
    parameters = HASHER.hash("seven quiet herons at dawn").split("$")
    assert parameters[1:4] == ["argon2id", "v=19", "m=47104,t=1,p=1"]


def test_a_signature_and_a_recovery_code_are_too_long_to_be_guessed() -> None:
    assert LENGTH * 8 >= 128
    assert len(ALPHABET) ** RECOVERY_LENGTH > 2**76


def test_what_is_sealed_is_random_each_time_and_authenticated() -> None:
    sealer = Sealer("a master key that is long enough for a test")
    one, other = (sealer.sealed("test", b"secret") for _ in range(2))
    assert one[:12] != other[:12]
    assert len(one) == 12 + len(b"secret") + 16


def test_nothing_weak_and_no_chance_that_can_be_foreseen_is_used() -> None:
    found = {str(path.relative_to(ROOT)) for path in SOURCES if WEAK.search(_code(path))}
    assert found == RANDOM_FOR_PAUSES


def _code(path: Path) -> str:
    """Without comments and docstrings, in which words may stand."""
    return re.sub(r'"""[\s\S]*?"""|#[^\n]*', "", path.read_text())
