"""What a container of docker-compose.yml reads: its environment, with the secrets that are mounted into it."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.containers import ROOT

MOUNT = "/run/secrets"
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")
"""What Compose puts where the operator sets nothing."""


def made_secrets(folder: Path) -> Path:
    """The folder, filled by the script that an operator runs."""
    subprocess.run([ROOT / "deploy" / "docker" / "secrets.sh", str(folder)], check=True)
    return folder


def environment_of(compose: dict[str, Any], name: str, secrets: Path) -> dict[str, str]:
    """A container's settings by name, its files read; KeyError for one that is not mounted into it."""
    container = compose["services"][name]
    mounted = secrets.parent / f"mounted-{name}"
    shutil.rmtree(mounted, ignore_errors=True)
    mounted.mkdir()
    for secret in container["secrets"]:
        shutil.copy(secrets / Path(compose["secrets"][secret]["file"]).name, mounted / secret)
    values = {}
    for variable, written in container["environment"].items():
        value = DEFAULT.sub(r"\1", written)
        setting = variable.removeprefix("POSTULO_").lower()
        if setting.endswith("_file"):
            values[setting.removesuffix("_file")] = Path(value.replace(MOUNT, str(mounted))).read_text()
        else:
            values[setting] = value.replace(MOUNT, str(mounted))
    return values
