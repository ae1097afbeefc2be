"""The restore that docs/operations.md gives for Kubernetes, line by line against the API server.

No node runs its pods and no controller follows: what is done inside of pods is written down, not carried out.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import typer

from deploy.documented import OPERATIONS, blocks_under
from deploy.local import postgres
from deploy.local.install import ROOT
from deploy.local.trouble import Trouble
from services.__main__ import app
from services.site import NAMES
from tests.deploy.kubernetes.cluster import Cluster
from tests.deploy.kubernetes.rendered import KUBECTL, text_of

STAND_IN: Final = Path(__file__).with_name("kubectl.sh")
KEPT: Final = (".keys.v1", ".lineage.v1")
"""What the names of topics end with that a restore leaves alone."""
PAUSED: Final = "autoscaling.keda.sh/paused-replicas"
ALONE: Final = ("dropdb", "createdb", "pg_restore", "migrate", "adopt", "--apply")
"""Words of what is done while no pod of a service may be there."""
LABELS: Final = "labels: {cnpg.io/cluster: postgres, cnpg.io/instanceRole: primary}"
PRIMARY: Final = f"""
apiVersion: v1
kind: Pod
metadata: {{name: postgres-1, namespace: postulo, {LABELS}}}
spec:
  securityContext: {{runAsNonRoot: true, runAsUser: 26, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
  - {{name: postgres, image: any, securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}}}
"""


class Told(NamedTuple):
    """A command inside of a pod. scale: what Deployments and ScaledObjects were told of replicas by then."""

    scale: Mapping[str, str]
    words: Sequence[str]


def wrong(cluster: Cluster, folder: Path) -> list[str]:
    """What does not come out as the document says. folder: for what the operator writes."""
    _set_up(cluster)
    before = _uids(cluster)
    told = _played(cluster, folder)
    words = [each.words for each in told]
    return [
        *_wrong_topics(before, _uids(cluster)), *_wrong_scale(cluster), *_not_alone(told), *_wrong_words(words)
    ]  # fmt: skip


def _set_up(cluster: Cluster) -> None:
    for stage in ("servers", "prepare", "services"):
        cluster.done("apply", "--server-side", "--filename=-", given=text_of(f"overlays/production/{stage}"))
    cluster.done("--namespace=postulo", "create", "serviceaccount", "default")  # Else a controller makes it.
    cluster.done("apply", "--filename=-", given=PRIMARY)


def _played(cluster: Cluster, folder: Path) -> list[Told]:
    """Each command inside of a pod. Raises Trouble."""
    if not shutil.which("jq"):
        raise Trouble("The restore for Kubernetes needs jq, and it is not on PATH.", "Install jq.")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    (folder / "deploy").symlink_to(ROOT / "deploy")
    (folder / "bin" / "kubectl").symlink_to(STAND_IN)
    around = {
        **os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "KUBECTL": str(KUBECTL),
        "KUBECONFIG": str(cluster.configuration), "TOLD": str(folder / "told"),
    }  # fmt: skip
    script = "\n".join(["set -euo pipefail", *blocks_under("Kubernetes.", OPERATIONS.read_text())])
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=around, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"The restore for Kubernetes failed:\n{done.stderr[-2000:]}", f"What was told is in {folder}.")
    lines = [line.partition("\t") for line in (folder / "told").read_text().splitlines()]
    return [
        Told(dict(each.split("=") for each in scale.split()), words.partition(" -- ")[2].split(" "))
        for scale, _, words in lines
    ]


def _listed(cluster: Cluster, kind: str) -> dict[str, Any]:
    listed = json.loads(cluster.done("--namespace=postulo", "get", kind, "--output=json"))["items"]
    return {each["metadata"]["name"]: each for each in listed}


def _uids(cluster: Cluster) -> dict[str, str]:
    return {name: each["metadata"]["uid"] for name, each in _listed(cluster, "kafkatopic").items()}


def _wrong_topics(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    if before.keys() != after.keys():
        yield f"topics that are not there again, or new: {sorted(before.keys() ^ after.keys())}"
    for name in before.keys() & after.keys():
        if (before[name] == after[name]) != name.endswith(KEPT):
            yield f"the topic {name} was {'left' if before[name] == after[name] else 'emptied'}"


def _wrong_scale(cluster: Cluster) -> Iterator[str]:
    replicas = {name: each["spec"]["replicas"] for name, each in _listed(cluster, "deployment").items()}
    yield from (f"{name} has {replicas[name]} replicas" for name in NAMES if replicas[name] != 2)
    for name, each in _listed(cluster, "scaledobject").items():
        if PAUSED in each["metadata"].get("annotations", {}):
            yield f"{name} stays paused"
    if "operator" in _listed(cluster, "pod"):
        yield "the operator's pod stays"


def _not_alone(told: Sequence[Told]) -> Iterator[str]:
    for scale, words in told:
        if not {*ALONE} & {*words}:
            continue
        there = [name for name in NAMES if scale[f"Deployment/{name}"] != "0"]
        there += [name for name, replicas in scale.items() if name.startswith("ScaledObject/") and replicas != "0"]
        if there:
            yield f"{shlex.join(words)} while there may be pods of {', '.join(there)}"


def _wrong_words(told: Sequence[Sequence[str]]) -> Iterator[str]:
    group = typer.main.get_command(app)
    ours = [list(words[3:]) for words in told if words[:3] == ["python", "-m", "services"]]
    for words in ours:
        try:
            with group.make_context("services", [*words]) as context:
                command = group.get_command(context, words[0])  # type: ignore[attr-defined]
                command.make_context(words[0], words[1:], parent=context)
        except Exception as error:  # noqa: BLE001 - it is a private class of Typer's
            yield f"services {shlex.join(words)}: {error}"
    for name in NAMES:
        wanted = [["erased", name], ["adopt", name], ["erased", name, "--apply", "/dev/stdin"], ["rebuild", name]]
        if [words for words in ours if name in words] != wanted:
            yield f"{name} is not restored by {wanted}"
    clients = {words[0] for words in told if words[0] != "python"}
    yield from (f"PostgreSQL has no {name}" for name in clients if not (postgres.binaries() / name).exists())
