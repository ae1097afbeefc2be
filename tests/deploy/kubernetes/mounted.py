"""What a pod of the manifests reads: its environment, with the secrets that are mounted into it and no others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.kubernetes.pods import SECRETS
from tests.deploy.kubernetes.rendered import of_kind, pod_of


def environment_of(stage: str, name: str, secrets: Mapping[tuple[str, str], str], folder: Path) -> dict[str, str]:
    """The environment of the Deployment or Job of this name, its secrets being files in the folder.

    secrets: their values by name and key. KeyError for one that nobody made, unless the pod does without.
    """
    pod = pod_of(of_kind(stage, "Deployment", "Job")[name])
    for volume in pod["volumes"]:
        for source in volume.get("projected", {}).get("sources", ()):
            _mount(source["secret"], secrets, folder)
    (container,) = pod["containers"]
    maps = of_kind(stage, "ConfigMap")
    given = dict[str, str]()
    for each in container["envFrom"]:
        given |= maps[each["configMapRef"]["name"]]["data"]
    given |= {each["name"]: each["value"] for each in container.get("env", ())}
    return {name: value.replace(SECRETS, str(folder)) for name, value in given.items()}


def _mount(secret: Mapping[str, Any], secrets: Mapping[tuple[str, str], str], folder: Path) -> None:
    for item in secret["items"]:
        key = (secret["name"], item["key"])
        if secret.get("optional") and key not in secrets:
            continue
        file = folder / item["path"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(secrets[key])
