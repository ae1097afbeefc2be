"""What kubectl's Kustomize makes of an overlay or a base."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.kubernetes.written import FOLDER

KUBECTL: Final = Path(sys.executable).with_name("kubectl")
OVERLAYS: Final = ("local", "production")
STAGES: Final = ("servers", "prepare", "services")
"""In the order in which they are applied."""
ALL: Final = tuple(f"overlays/{overlay}/{stage}" for overlay in OVERLAYS for stage in STAGES)
BASES: Final = ("base/namespace", "base/services", "base/gateway", "base/jobs")


@cache
def text_of(name: str) -> str:
    """The manifests of this folder below deploy/kubernetes, as they are sent to a cluster."""
    done = subprocess.run([KUBECTL, "kustomize", FOLDER / name], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise AssertionError(f"{name}: {done.stderr.strip()}")
    return done.stdout


@cache
def manifests(name: str) -> list[dict[str, Any]]:
    """To be read, not changed: everybody gets the same."""
    return [each for each in yaml.load_all(text_of(name), yaml.CSafeLoader) if each]


def of_kind(name: str, *kinds: str) -> dict[str, dict[str, Any]]:
    """Those of one of these kinds, by their own names."""
    return {each["metadata"]["name"]: each for each in manifests(name) if each["kind"] in kinds}


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    """The pod's specification in a Deployment or Job."""
    specification: dict[str, Any] = workload["spec"]["template"]["spec"]
    return specification
