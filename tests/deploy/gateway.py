"""The real gateway: Envoy with the committed configuration, in which only addresses and ports are others."""

import asyncio
import json
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import yaml

from deploy.local.install import VENV
from tests.containers import ROOT
from tests.platform import until

ENVOY: Final = VENV / "bin" / "envoy"
CONFIGURATION: Final = ROOT / "deploy" / "gateway" / "envoy.yaml"


class Echo(BaseHTTPRequestHandler):
    """Answers with what arrived, and counts by path; a service behind the gateway."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "EchoServer"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not self.path.endswith("/readyz"):
            self.server.arrived.append(self.path)
        status = 429 if self.path.endswith("/busy") else 200
        said = {"method": self.command, "path": self.path, "length": len(body), "headers": dict(self.headers.items())}
        answer = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""


class EchoServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.arrived: list[str] = []


@contextmanager
def echoing() -> Iterator[EchoServer]:
    """One server in the place of all services."""
    with EchoServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def moved_here(port: int) -> dict[str, Any]:
    """The committed configuration, listening on ports of the system's choice, its services all at this port."""
    configuration: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text())
    configuration["admin"]["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": 0}
    static = configuration["static_resources"]
    for listener in static["listeners"]:
        listener["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": 0}
    for cluster in static["clusters"]:
        for endpoint in cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]:
            endpoint["endpoint"]["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": port}
    return configuration


class Gateway:
    """A running Envoy and the server behind it."""

    def __init__(self, address: str, behind: EchoServer) -> None:
        self.address, self.behind = address, behind

    @asynccontextmanager
    async def client(self, source: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
        """Somebody whose requests come from this address."""
        transport = httpx.AsyncHTTPTransport(local_address=source)
        async with httpx.AsyncClient(base_url=self.address, transport=transport, timeout=30) as client:
            yield client

    async def raw(self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> int:
        """The status of a request whose target is sent as it is spelt."""
        parts = urlsplit(self.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines = [f"{method} {target} HTTP/1.1", "host: careers.test", "connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = await reader.read()
        writer.close()
        return int(answer.split(b" ", 2)[1])


@asynccontextmanager
async def running_gateway(folder: Path) -> AsyncIterator[Gateway]:
    """Envoy until the block ends, all its services ready."""
    with echoing() as behind, envoy(folder, moved_here(behind.server_port)) as process:
        yield Gateway(await _ready(process, folder), behind)


@contextmanager
def envoy(folder: Path, configuration: Mapping[str, Any]) -> Iterator["subprocess.Popen[bytes]"]:
    file = folder / "envoy.yaml"
    file.write_text(yaml.safe_dump(configuration))
    words = ["--config-path", str(file), "--admin-address-path", str(folder / "admin"), "--log-level", "warning"]
    with subprocess.Popen([str(ENVOY), *words, "--concurrency", "1", "--disable-hot-restart"]) as process:
        try:
            yield process
        finally:
            process.terminate()


def _admin(folder: Path) -> str:
    """Where Envoy has said that it can be asked; empty until it has."""
    file = folder / "admin"
    return file.read_text().strip() if file.exists() else ""


async def _ready(process: "subprocess.Popen[bytes]", folder: Path) -> str:
    """The site's address once every service behind it is known to be healthy."""

    async def said_where() -> str:
        assert process.poll() is None, f"Envoy ended with {process.returncode}"
        return _admin(folder)

    async with httpx.AsyncClient(base_url=f"http://{await until(said_where, 'the admin address')}") as asking:

        async def healthy() -> bool:
            hosts = (await asking.get("/clusters", params={"format": "json"})).json()["cluster_statuses"]
            states = [host["health_status"] for cluster in hosts for host in cluster.get("host_statuses", [])]
            unhealthy = [state for state in states if state.get("failed_active_health_check")]
            return (await asking.get("/ready")).text.strip() == "LIVE" and len(states) == len(hosts) and not unhealthy

        await until(healthy, "the services behind the gateway")
        (listener,) = (await asking.get("/listeners", params={"format": "json"})).json()["listener_statuses"]
    socket = listener["local_address"]["socket_address"]
    return f"http://{socket['address']}:{socket['port_value']}"
