"""What a process may take at most, together, fits into what its container is given: else the kernel ends all of it."""

import subprocess
import sys
from typing import Final

from services.site import NAMES
from shared.files import parser, parsing
from shared.http import room
from shared.http.guards import LARGEST, LARGEST_WITH_FILES
from tests.containers import ROOT, compose
from tests.deploy.kubernetes.rendered import OVERLAYS, of_kind, pod_of

AFTER_A_JOURNEY: Final = 175_000_000
"""What a service takes by itself, with a parser that waits: `make containers` measures it."""

BODIES: Final = 4 * room.BODIES
ON_MANY_CORES: Final = """import os
os.cpu_count = lambda: 64
from services.identity.use_cases import passwords as here
print((here._COMPARING._max_workers + here._NEW._max_workers) * here.HASHER.memory_cost * 1024)"""
UNITS: Final = {"m": 2**20, "g": 2**30, "Mi": 2**20, "Gi": 2**30}
FILES: Final = parsing.AT_ONCE * parser.MEMORY
INDEX: Final = 256 * 2**20
"""Compose keeps it in memory; in a cluster it lies on a node's disk."""


def hashes() -> int:
    """What passwords take, by a process of its own: the node has more cores than this machine."""
    return int(subprocess.check_output([sys.executable, "-c", ON_MANY_CORES], cwd=ROOT))


def size(text: str) -> int:
    unit = text.lstrip("0123456789")
    return int(text.removesuffix(unit)) * UNITS[unit]


def given() -> dict[str, int]:
    """The bytes that each container of a service has."""
    containers = compose()["services"]
    found = {f"compose: {name}": containers[name]["mem_limit"] for name in NAMES}
    for overlay in OVERLAYS:
        deployments = of_kind(f"overlays/{overlay}/services", "Deployment")
        for name in NAMES:
            (container,) = pod_of(deployments[name])["containers"]
            found[f"{overlay}: {name}"] = container["resources"]["limits"]["memory"]
    return {where: size(limit) for where, limit in found.items()}


def test_a_container_holds_its_service_what_is_sent_to_it_and_what_it_does_with_it() -> None:
    needed = AFTER_A_JOURNEY + BODIES + max(FILES, INDEX, hashes())
    assert {where for where, limit in given().items() if needed > limit} == set()


def test_the_largest_body_has_room() -> None:
    assert room.BODIES >= LARGEST_WITH_FILES > LARGEST > room.SMALL
