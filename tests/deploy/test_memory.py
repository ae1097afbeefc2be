"""What a process may take at most, together, fits into what its container is given: else the kernel ends all of it."""

from typing import Any, Final

import pytest

from services.identity.use_cases import passwords
from services.site import NAMES
from shared.files import parser, parsing
from shared.http import room
from tests.containers import compose
from tests.deploy.kubernetes.rendered import OVERLAYS, of_kind, pod_of

AFTER_A_JOURNEY: Final = 175_000_000
"""What a service takes by itself, with a parser that waits: `make containers` measures it."""

BODIES: Final = 4 * room.BODIES
UNITS: Final = {"m": 2**20, "g": 2**30, "Mi": 2**20, "Gi": 2**30}
FILES: Final = parsing.AT_ONCE * parser.MEMORY
HASHES: Final = (4 + 1) * passwords.HASHER.memory_cost * 1024
INDEX: Final = 256 * 2**20
"""Compose keeps it in memory; in a cluster it lies on a node's disk."""


def size(text: str) -> int:
    unit = text.lstrip("0123456789")
    return int(text.removesuffix(unit)) * UNITS[unit]


def given() -> list[tuple[str, dict[str, Any], int]]:
    """Every container that runs a service: which, where, and its bytes."""
    containers = compose()["services"]
    found = [(name, {"in": "compose"}, size(containers[name]["mem_limit"])) for name in NAMES]
    for overlay in OVERLAYS:
        deployments = of_kind(f"overlays/{overlay}/services", "Deployment")
        for name in NAMES:
            limit = pod_of(deployments[name])["containers"][0]["resources"]["limits"]["memory"]
            found.append((name, {"in": overlay}, size(limit)))
    return found


@pytest.mark.parametrize("more", [FILES, HASHES, INDEX], ids=["files", "hashes", "index"])
def test_a_container_holds_its_service_what_is_sent_to_it_and_what_it_does_with_it(more: int) -> None:
    small = [(name, where) for name, where, limit in given() if AFTER_A_JOURNEY + BODIES + more > limit]
    assert small == []


def test_a_machine_with_many_cores_compares_no_more_passwords_at_once() -> None:
    assert passwords.COMPARED_AT_ONCE <= 4
    assert passwords._COMPARING._max_workers == passwords.COMPARED_AT_ONCE
