"""`msoko ui --read-only` by itself, and behind nginx as deploy/nginx.conf has it: TLS, a login, websockets."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from scripts.install_test_services import nginx
from tests.command import ROOT
from tests.serving import free_port, graphql, ui

NGINX = nginx()
NAME = "msoko.example"
USER, PASSWORD = "operator", "made-up for this test"
LOGIN = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
JSON = {"Content-Type": "application/json"}
LOGS = """subscription {
  pipelineRunLogs(runId: "none") { ... on PipelineRunLogsSubscriptionFailure { missingRunId } }
}"""

with_nginx = pytest.mark.skipif(NGINX is None, reason="nginx не установлен (scripts/install_test_services.py)")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the UI listens."""
    with ui(tmp_path_factory.mktemp("ui") / "home", "--read-only", MSOKO_UI_HOSTS=NAME) as port:
        yield port


@dataclass(frozen=True)
class Proxy:
    """nginx as a browser sees it: under its name without a port, its certificate checked."""

    port: int
    trusted: ssl.SSLContext

    def ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> tuple[int, str]:
        """Status and body of an answer, asked under the name of the server."""
        connection = HTTPSConnection(NAME, self.port, timeout=30)
        connection.sock = self._tls()
        connection.request(method, path, body, {"Host": NAME} | headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def _tls(self) -> ssl.SSLSocket:
        return self.trusted.wrap_socket(self._plain(), server_hostname=NAME)

    def _plain(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def subscribe(self, headers: dict[str, str], origin: str) -> Any:
        """The first datum of a GraphQL subscription. Raises InvalidStatus where the websocket is refused."""
        with connect(
            f"wss://{NAME}/graphql", sock=self._plain(), ssl=self.trusted, additional_headers=headers,
            origin=Origin(origin), subprotocols=[Subprotocol("graphql-ws")], proxy=None,
        ) as websocket:  # fmt: skip
            websocket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(websocket.recv(timeout=30))["type"] == "connection_ack"
            websocket.send(json.dumps({"type": "start", "id": "1", "payload": {"query": LOGS}}))
            return json.loads(websocket.recv(timeout=30))["payload"]["data"]


@pytest.fixture(scope="module")
def proxy(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    certificate = _certificate(folder)
    outside = free_port()
    server = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(_configuration(folder, outside, port))])
    try:
        _wait(folder / "nginx.pid", server)
        yield Proxy(outside, ssl.create_default_context(cafile=certificate))
    finally:
        server.terminate()
        server.wait(timeout=30)


def _certificate(folder: Path) -> Path:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", folder / "msoko.key", "-out", folder / "msoko.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "msoko.crt"


def _configuration(folder: Path, outside: int, port: int) -> Path:
    """deploy/nginx.conf with the places and ports of this test, and nothing else changed."""
    password = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True, check=True
    ).stdout
    (folder / "msoko.htpasswd").write_text(f"{USER}:{password}", encoding="utf-8")
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{outside} ssl;"),
        ("/etc/nginx/tls/msoko.crt", f"{folder}/msoko.crt"),
        ("/etc/nginx/tls/msoko.key", f"{folder}/msoko.key"),
        ("/etc/nginx/msoko.htpasswd", f"{folder}/msoko.htpasswd"),
        ("http://127.0.0.1:3000;", f"http://127.0.0.1:{port};"),
    ):
        assert site.count(written) == 1, written
        site = site.replace(written, here)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    main = [
        *(["user root;"] if os.geteuid() == 0 else []),  # the folder of a test is closed to others
        "daemon off; worker_processes 1;",
        f"pid {folder}/nginx.pid; error_log {folder}/error.log;",
        f"events {{}} http {{ access_log {folder}/access.log;",
        *(f"{kind}_temp_path {folder}/{kind};" for kind in kinds),
        f"include {folder}/site.conf; }}",
    ]
    (folder / "nginx.conf").write_text("\n".join(main), encoding="utf-8")
    return folder / "nginx.conf"


def _wait(pid: Path, server: subprocess.Popen[bytes]) -> None:
    """Until nginx has its ports: it writes its number afterwards."""
    until = time.monotonic() + 30
    while not pid.exists():
        assert server.poll() is None, "nginx has ended"
        assert time.monotonic() < until, "nginx does not start"
        time.sleep(0.05)


@pytest.mark.parametrize(
    "mutation", ["setNuxSeen", "reloadWorkspace { __typename }", "setAutoMaterializePaused(paused: true)"]
)
def test_read_only_refuses_every_mutation(port: int, mutation: str) -> None:
    status, text = post(port, "/graphql", {"query": f"mutation {{ {mutation} }}"})
    assert status == 400
    assert "только для просмотра" in json.loads(text)["errors"][0]["message"]


def test_read_only_refuses_reports(port: int) -> None:
    assert post(port, "/report_asset_materialization/marts/school_risk", {})[0] == 401


def test_read_only_answers_queries(port: int) -> None:
    assert "version" in graphql(f"http://127.0.0.1:{port}", "{version}")


def post(port: int, path: str, body: dict[str, str]) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, json.dumps(body), JSON)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@with_nginx
def test_without_a_login_nothing_is_shown(proxy: Proxy) -> None:
    status, text = proxy.ask("GET", "/", {})
    assert status == 401
    assert "Dagster" not in text
    wrong = {"Authorization": "Basic " + base64.b64encode(f"{USER}:guess".encode()).decode()}
    assert proxy.ask("GET", "/", wrong)[0] == 401
    with pytest.raises(InvalidStatus, match="401"):
        proxy.subscribe({}, f"https://{NAME}")


@with_nginx
def test_with_a_login_the_ui_is_shown(proxy: Proxy) -> None:
    status, text = proxy.ask("GET", "/", LOGIN)
    assert status == 200
    assert "Dagster" in text
    own = LOGIN | JSON | {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin"}
    status, text = proxy.ask("POST", "/graphql", own, json.dumps({"query": "{version}"}))
    assert status == 200
    assert "version" in json.loads(text)["data"]


@with_nginx
def test_a_subscription_passes(proxy: Proxy) -> None:
    assert proxy.subscribe(LOGIN, f"https://{NAME}") == {"pipelineRunLogs": {"missingRunId": "none"}}


@with_nginx
def test_a_foreign_page_is_refused_with_the_login_of_its_reader(proxy: Proxy) -> None:
    """A browser sends the login along, whoever's page it shows."""
    foreign = LOGIN | JSON | {"Origin": "https://evil.example"}
    assert proxy.ask("POST", "/graphql", foreign, json.dumps({"query": "{version}"}))[0] == 403
    assert proxy.ask("GET", "/", LOGIN | {"Host": "evil.example"})[0] == 403
    with pytest.raises(InvalidStatus, match="403"):
        proxy.subscribe(LOGIN, "https://evil.example")
