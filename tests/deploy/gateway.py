"""The real gateway: Envoy with the configuration of containers, in which only addresses and times are others."""

import asyncio
import json
import os
import queue
import re
import subprocess
import threading
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import yaml

from deploy.gateway.configuration import FOLDER, Address, Addresses, Patience, configuration
from deploy.local.install import VENV
from deploy.local.processes import free_port
from services.site import NAMES
from tests.containers import ROOT, compose
from tests.platform import until

ENVOY: Final = VENV / "bin" / "envoy"
RUN: Final = FOLDER / "run.sh"
MANIFEST: Final = ROOT / "deploy" / "kubernetes" / "base" / "gateway" / "gateway.yaml"
MEGABYTE: Final = b"x" * 1_000_000


class Echo(BaseHTTPRequestHandler):
    """Answers with what arrived, and counts by path; a service behind the gateway."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "EchoServer"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path.endswith("/readyz"):
            return self._say(200, b"")
        self.server.arrived.append(self.path)
        if self.path.endswith("/silent"):
            self.server.silence.wait()
        if self.path.endswith("/bit-by-bit"):
            return self._bit_by_bit()
        status = 429 if self.path.endswith("/busy") else 200
        said = {"method": self.command, "path": self.path, "length": len(body), "headers": dict(self.headers.items())}
        return self._say(status, json.dumps(said).encode())

    def _say(self, status: int, answer: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _bit_by_bit(self) -> None:
        """Goes on whenever the test lets it."""
        self.send_response(200)
        self.send_header("content-length", str(self.server.bits.maxsize))
        self.end_headers()
        for _ in range(self.server.bits.maxsize):
            self.wfile.write(self.server.bits.get())

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


class EchoServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.arrived: list[str] = []
        self.silence = threading.Event()
        self.bits: queue.Queue[bytes] = queue.Queue(maxsize=8)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: whoever asked may be gone."""


@contextmanager
def echoing() -> Iterator[EchoServer]:
    """One server in the place of all services."""
    with EchoServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.silence.set()
            server.shutdown()
            thread.join()


def moved_here(port: int, admin: int, away: Collection[str], **patience: float) -> str:
    """The configuration, listening on ports of the system's choice, its services all at this port, or away."""
    anywhere = Address("127.0.0.1", 0)
    upstreams = {name: [Address("127.0.0.1", free_port() if name in away else port)] for name in NAMES}
    doors = Addresses(anywhere, anywhere, anywhere, Address("127.0.0.1", admin))
    return configuration(doors, upstreams, Patience(**patience))


def memory_limits() -> list[int]:
    """What the gateway may take, in each kind of container."""
    (deployment,) = (it for it in yaml.safe_load_all(MANIFEST.read_text()) if it["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    said = (compose()["services"]["gateway"]["mem_limit"], container["resources"]["limits"]["memory"])
    return [int(each.rstrip("miM")) * 1024 * 1024 for each in said]


class Gateway:
    """A running Envoy and the server behind it."""

    def __init__(self, address: str, admin: str, behind: EchoServer, process: "subprocess.Popen[bytes]") -> None:
        self.address, self.admin, self.behind, self.process = address, admin, behind, process

    @asynccontextmanager
    async def client(self, source: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody whose requests come from this address."""
        transport = httpx.AsyncHTTPTransport(local_address=source)
        async with httpx.AsyncClient(base_url=self.address, transport=transport, timeout=30) as client:
            yield client

    async def raw(
        self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None, megabytes: int = 0
    ) -> httpx.Response:
        """The answer to a request whose target is sent as it is spelt, and of whose body no more comes than so much.

        It is read while the body is sent, as browsers do. Raises ConnectionError if the connection is cut before.
        """
        parts = urlsplit(self.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines = [f"{method} {target} HTTP/1.1", "host: careers.test", "connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        sending = asyncio.create_task(_send(writer, megabytes))
        try:
            first, *fields = (await reader.readuntil(b"\r\n\r\n")).strip().split(b"\r\n")
            named = [(name, value.strip()) for name, _, value in (field.partition(b":") for field in fields)]
            answer = httpx.Response(int(first.split(b" ")[1]), headers=named)
            body = await reader.readexactly(int(answer.headers["content-length"]))
        except asyncio.IncompleteReadError as cut:
            raise ConnectionResetError(str(cut)) from cut
        finally:
            sending.cancel()
            writer.close()
        return httpx.Response(answer.status_code, headers=named, content=body)

    def most_memory(self) -> int:
        """So many bytes Envoy has had at most."""
        (envoy,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{envoy}/status").read_text(), re.MULTILINE)
        return int(peak) * 1024


async def _send(writer: asyncio.StreamWriter, megabytes: int) -> None:
    """Of no account is a connection that ends meanwhile: whoever reads notices."""
    with suppress(ConnectionError):
        for _ in range(megabytes):
            writer.write(MEGABYTE)
            await writer.drain()


@asynccontextmanager
async def running_gateway(folder: Path, away: Collection[str] = (), **patience: float) -> AsyncIterator[Gateway]:
    """Envoy until the block ends, all its services ready but those that are away."""
    admin = free_port()
    with echoing() as behind, envoy(folder, moved_here(behind.server_port, admin, away, **patience), admin) as process:
        address = await _ready(process, folder, away)
        yield Gateway(address, f"http://127.0.0.1:{admin}", behind, process)


@contextmanager
def envoy(folder: Path, text: str, admin: int) -> Iterator["subprocess.Popen[bytes]"]:
    """As containers run it."""
    file = folder / "envoy.yaml"
    file.write_text(text)
    words = ["--config-path", str(file), "--admin-address-path", str(folder / "admin"), "--log-level", "warning"]
    around = {**os.environ, "GATEWAY_ADMIN": f"127.0.0.1:{admin}", "GATEWAY_LEAVING_SECONDS": "0"}
    command = [str(RUN), str(ENVOY), *words, "--concurrency", "1", "--disable-hot-restart"]
    with (folder / "access.log").open("wb") as log, subprocess.Popen(command, env=around, stdout=log) as process:
        try:
            yield process
        finally:
            process.terminate()


def _admin(folder: Path) -> str:
    """Where Envoy has said that it can be asked; empty until it has."""
    file = folder / "admin"
    return file.read_text().strip() if file.exists() else ""


async def _ready(process: "subprocess.Popen[bytes]", folder: Path, away: Collection[str]) -> str:
    """The site's address once every service behind it that is there is known to be healthy."""

    async def said_where() -> str:
        assert process.poll() is None, f"Envoy ended with {process.returncode}"
        return _admin(folder)

    admin = f"http://{await until(said_where, 'the admin address')}"
    async with httpx.AsyncClient(base_url=admin, timeout=60) as asking:

        async def healthy() -> bool:
            hosts = (await asking.get("/clusters", params={"format": "json"})).json()["cluster_statuses"]
            hosts = [cluster for cluster in hosts if cluster["name"] not in away]
            states = [host["health_status"] for cluster in hosts for host in cluster.get("host_statuses", [])]
            unhealthy = [state for state in states if state.get("failed_active_health_check")]
            return (await asking.get("/ready")).text.strip() == "LIVE" and len(states) == len(hosts) and not unhealthy

        await until(healthy, "the services behind the gateway")
        listeners = (await asking.get("/listeners", params={"format": "json"})).json()["listener_statuses"]
        (listener,) = (each for each in listeners if each["name"] == "site")
    socket = listener["local_address"]["socket_address"]
    return f"http://{socket['address']}:{socket['port_value']}"
