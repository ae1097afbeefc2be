"""A real API server on this machine's loopback, with etcd behind it and nothing else: no node, no controller."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from deploy.local import debian
from deploy.local.processes import Program, free_port, wait_until
from deploy.local.trouble import Trouble
from tests.deploy.kubernetes.rendered import KUBECTL

HERE: Final = Path(__file__).parent
VERSION: Final = "v1.36.3"
"""As in apiserver/go.mod."""
NAMED: Final = "k8s.io/component-base/version"


def built(folder: Path) -> Path:
    """The API server, built from its Go module the first time: some minutes of two cores. Raises Trouble."""
    program = folder / f"kube-apiserver-{VERSION}"
    if program.exists():
        return program
    if not shutil.which("go"):
        raise Trouble("The API server is built from its Go module, and there is no `go` on PATH.", "Install Go 1.26.")
    major, minor, _ = VERSION.removeprefix("v").split(".")
    said = {"gitVersion": VERSION, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s", "-w", *(f"-X {NAMED}.{name}={value}" for name, value in said.items())])
    new = program.with_suffix(".new")
    words = ["-trimpath", "-mod=readonly", "-ldflags", flags, "-o", new, "k8s.io/kubernetes/cmd/kube-apiserver"]
    _run(["go", "build", *map(str, words)], HERE / "apiserver")
    return new.rename(program)


def unpacked(folder: Path) -> Path:
    """etcd out of Debian's package, which is not installed. Raises Trouble."""
    program = folder / "etcd" / "usr" / "bin" / "etcd"
    if found := shutil.which("etcd"):
        return Path(found)
    if not program.exists():
        (folder / "etcd").mkdir(exist_ok=True)
        try:
            debian.unpack(["etcd-server"], folder / "etcd")
        except debian.NoPackage as error:
            raise Trouble(str(error), "Mend what it says and try again.") from error
    return program


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"This failed: {' '.join(command[:3])}\n{done.stderr[-800:]}", "Mend what it says and try again.")


class Cluster:
    """Asked by kubectl, as an operator would."""

    def __init__(self, configuration: Path) -> None:
        self.configuration = configuration

    def kubectl(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        command = [str(KUBECTL), f"--kubeconfig={self.configuration}", *words]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)

    def done(self, *words: str, given: str = "") -> str:
        """What it says. Raises Trouble where it refuses."""
        answer = self.kubectl(*words, given=given)
        if answer.returncode:
            raise Trouble(f"kubectl {' '.join(words[:3])}: {answer.stderr.strip()[-800:]}", "See its log.")
        return answer.stdout

    def tried(self, manifests: str) -> "subprocess.CompletedProcess[str]":
        """What a server-side dry run says: unknown fields are errors, and so are warnings, as those of Pod Security."""
        return self.kubectl(
            "apply", "--server-side", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "--filename=-",
            given=manifests,
        )  # fmt: skip


@contextmanager
def running(etcd: Path, server: Path, folder: Path) -> Iterator[Cluster]:
    """Both programs on ports of the system's choice until the block ends. Raises Trouble where one does not start."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store, peers, port = free_port(), free_port(), free_port()
    started: list[Program] = []
    try:
        at, among = f"http://127.0.0.1:{store}", f"http://127.0.0.1:{peers}"
        command: list[str | Path] = [
            etcd, f"--data-dir={folder / 'etcd'}", f"--listen-client-urls={at}", f"--advertise-client-urls={at}",
            f"--listen-peer-urls={among}", f"--initial-advertise-peer-urls={among}",
            f"--initial-cluster=default={among}",
        ]  # fmt: skip
        started.append(Program("etcd", command, folder / "etcd.log"))
        _wait(started[-1], f"{at}/health")
        token = secrets.token_urlsafe(24)
        started.append(Program("kube-apiserver", [server, *_flags(folder, at, port, token)], folder / "apiserver.log"))
        _wait(started[-1], f"https://127.0.0.1:{port}/readyz", token)
        yield Cluster(_configuration(folder, port, token))
    finally:
        for program in reversed(started):
            _stop(program)


def _flags(folder: Path, store: str, port: int, token: str) -> list[str]:
    (folder / "tokens.csv").write_text(f"{token},operator,operator,system:masters\n")
    key = folder / "accounts.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    return [
        f"--etcd-servers={store}", "--bind-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={folder / 'tls'}",
        f"--token-auth-file={folder / 'tokens.csv'}", "--authorization-mode=RBAC", "--anonymous-auth=false",
        "--service-cluster-ip-range=10.96.0.0/24", "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
        "--endpoint-reconciler-type=none",
    ]  # fmt: skip


def _configuration(folder: Path, port: int, token: str) -> Path:
    there: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [
            {
                "name": "here",
                "cluster": {
                    "server": f"https://127.0.0.1:{port}",
                    "certificate-authority": str(folder / "tls" / "apiserver.crt"),
                },
            }
        ],
        "users": [{"name": "operator", "user": {"token": token}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "operator"}}],
    }
    file = folder / "kubeconfig"
    file.touch(mode=0o600)
    file.write_text(yaml.safe_dump(there))
    return file


def _wait(program: Program, url: str, token: str = "") -> None:
    headers = {"authorization": f"Bearer {token}"} if token else {}

    def ready() -> bool:
        try:
            answer = httpx.get(url, headers=headers, verify=False, timeout=2)  # noqa: S501 - it made its own
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    if not wait_until(ready, program, 120, pause=0.2):
        raise Trouble(f"{program.name} does not start:\n{program.last_words()}", f"Its log is {program.log}.")


def _stop(program: Program) -> None:
    """By its own id; the API server takes its time for requests that nobody makes."""
    program.process.terminate()
    end = time.monotonic() + 10
    while program.alive and time.monotonic() < end:
        time.sleep(0.1)
    if program.alive:
        os.kill(program.process.pid, signal.SIGKILL)
    program.process.wait()
