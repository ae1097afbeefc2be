"""`make kubernetes`: every overlay is tried by a real API server that knows the operators' definitions.

--schemas: writes the schemas of the test run anew, from what this server publishes.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import yaml

from deploy.local.install import BUILD
from deploy.local.trouble import Trouble
from tests.deploy.kubernetes import crds, restoring, schemas
from tests.deploy.kubernetes.cluster import Cluster, built, running, unpacked
from tests.deploy.kubernetes.rendered import ALL, manifests, text_of

FOLDER: Final = BUILD / "kubernetes"
UNKNOWN: Final = "spec:\n  replicass: 3\n"
ROOT: Final = """
  template:
    metadata: {labels: {app: any}}
    spec:
      containers: [{name: any, image: any}]
"""
DEPLOYMENT: Final = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any, namespace: postulo}\n"
REFUSED: Final = {
    "a field that there is not": (
        f"{DEPLOYMENT}spec:\n  replicass: 3\n  selector: {{matchLabels: {{app: any}}}}{ROOT}", ".spec.replicass"
    ),
    "a pod that may be root": (
        f"{DEPLOYMENT}spec:\n  selector: {{matchLabels: {{app: any}}}}{ROOT}", "restricted"
    ),
}  # fmt: skip
"""What has to be refused, or the dry runs say nothing; and a word of the refusal."""


def main(words: list[str]) -> int:
    os.nice(10)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with timed("the API server, built from its Go module"):
            server = built(FOLDER)
        with timed("etcd, out of its Debian package"):
            etcd = unpacked(FOLDER)
        with timed("definitions of the operators"):
            sources = crds.collect(FOLDER / "definitions")
        print("\n".join(f"    {line}" for line in sources), flush=True)
        with running(etcd, server, FOLDER / "run") as cluster:
            return _with(cluster, write="--schemas" in words)
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1


def _with(cluster: Cluster, *, write: bool) -> int:
    version = yaml.safe_load(cluster.done("version", "--output=yaml"))["serverVersion"]["gitVersion"]
    print(f"  Kubernetes {version} runs", flush=True)
    with timed("definitions installed"):
        cluster.done("apply", "--server-side", f"--filename={FOLDER / 'definitions'}")
        cluster.done("wait", "--for=condition=established", "crd", "--all", "--timeout=60s")
        cluster.done("apply", "--server-side", "--filename=-", given=text_of("base/namespace"))
    failed = [name for name in ALL if not _passes(cluster, name)]
    failed += [what for what, (text, word) in REFUSED.items() if not _is_refused(cluster, what, text, word)]
    failed += _schemas(cluster, write=write)
    with timed("the restore of docs/operations.md, played"):
        failed += restoring.wrong(cluster, FOLDER / "restoring")
    for name in failed:
        print(f"FAILED: {name}", file=sys.stderr)
    return 1 if failed else 0


def _passes(cluster: Cluster, name: str) -> bool:
    begun = time.monotonic()
    answer = cluster.tried(text_of(name))
    passed = answer.returncode == 0 and not answer.stderr
    kinds = len(manifests(name))
    print(f"  {name}: {kinds} objects {'accepted' if passed else 'NOT accepted'}, {_since(begun)}", flush=True)
    if not passed:
        print(answer.stderr.strip(), file=sys.stderr)
    return passed


def _is_refused(cluster: Cluster, what: str, text: str, word: str) -> bool:
    answer = cluster.tried(text)
    refused = answer.returncode != 0 and word in answer.stderr
    print(f"  {what}: {'refused, as it has to be' if refused else 'NOT refused'}", flush=True)
    return refused


def _schemas(cluster: Cluster, *, write: bool) -> list[str]:
    """Which of the committed schemas are not what this server publishes."""
    kinds = [schemas.kind_of(each) for name in ALL for each in manifests(name)]
    made = schemas.derived(kinds, lambda path: cluster.done("get", "--raw", path))
    if write:
        for file in schemas.FOLDER.glob("*.json"):
            file.unlink()
        for file, text in made.items():
            file.write_text(text)
    there = {file: file.read_text() for file in schemas.FOLDER.glob("*.json")}
    differ = sorted(_name(file) for file in made.keys() | there.keys() if made.get(file) != there.get(file))
    print(f"  {len(there)} schemas of the test run: {'NOT ' if differ else ''}those of this server", flush=True)
    return [f"{name}: write it anew by make kubernetes ARGS=--schemas" for name in differ]


def _name(file: Path) -> str:
    return f"schemas/{file.name}"


@contextmanager
def timed(what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    print(f"  {what}: {_since(begun)}", flush=True)


def _since(begun: float) -> str:
    return f"{time.monotonic() - begun:.1f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
