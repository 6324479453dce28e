"""The guard before the web UI: which requests pass, which are refused, and what a refusal says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from msoko_pipeline.settings import Settings
from msoko_pipeline.web_guard import Guard, own_hosts
from tests.command import msoko_here

OWN = "127.0.0.1:3000"
JSON = "application/json"
SAME = {"origin": f"http://{OWN}", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
Headers = dict[str, str] | list[tuple[str, str]]


@dataclass
class Answer:
    """What the guard sent back, and whether the application behind it was reached."""

    is_passed: bool = False
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""


def ask(kind: str, method: str, path: str, headers: Headers, hosts: frozenset[str] | None = None) -> Answer:
    """Send one request through the guard; `kind` is http or websocket."""
    answer = Answer()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        answer.is_passed = True
        if kind == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"x")]})
            await send({"type": "http.response.body", "body": b"ok"})
        else:
            await send({"type": "websocket.accept"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""} if kind == "http" else {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        answer.status = message.get("status", answer.status)
        answer.headers += [(name.decode(), value.decode()) for name, value in message.get("headers", [])]
        answer.text += message.get("body", b"").decode()

    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    scope = {
        "type": kind, "method": method, "path": path, "query_string": b"", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
        "extensions": {"websocket.http.response": {}},
    }  # fmt: skip
    asyncio.run(Guard(app, hosts or own_hosts(3000), f"http://{OWN}")(scope, receive, send))
    return answer


def with_host(headers: dict[str, str]) -> dict[str, str]:
    return {"host": OWN} | headers


@pytest.mark.parametrize(
    ("kind", "method", "path", "headers"),
    [
        ("http", "GET", "/", {}),  # curl
        ("http", "HEAD", "/server_info", {}),
        ("http", "GET", "/", {"sec-fetch-site": "none"}),  # the address was typed
        ("http", "GET", "/_next/static/main.js", {"sec-fetch-site": "same-origin", "sec-fetch-dest": "script"}),
        ("http", "GET", "/runs/1", LINK),
        ("http", "GET", "/runs/1", LINK | {"sec-fetch-site": "same-site"}),
        ("http", "POST", "/graphql", {"content-type": JSON}),
        ("http", "POST", "/graphql", SAME | {"content-type": "Application/JSON; charset=utf-8"}),
        ("http", "POST", "/graphql", SAME | {"host": "LOCALHOST:3000", "origin": "http://localhost:3000",
                                             "content-type": JSON}),
        ("http", "POST", "/graphql", {"host": "[::1]:3000", "origin": "http://[::1]:3000", "content-type": JSON}),
        ("http", "POST", "/report_asset_check/marts/x", {"content-type": JSON}),
        ("websocket", "", "/graphql", {}),  # no browser
        ("websocket", "", "/graphql", {"origin": f"http://{OWN}"}),
        ("websocket", "", "/graphql", SAME | {"sec-fetch-mode": "websocket"}),
    ],
)  # fmt: skip
def test_passes(kind: str, method: str, path: str, headers: dict[str, str]) -> None:
    assert ask(kind, method, path, with_host(headers)).is_passed


EVIL = "https://evil.example"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        # a foreign name of this address
        ("GET", "/", {"host": "evil.example"}, 403),
        ("GET", "/", {"host": "evil.example:3000"}, 403),
        ("GET", "/", {"host": "127.0.0.1"}, 403),
        ("GET", "/", {"host": "127.0.0.1:3001"}, 403),
        ("GET", "/", {"host": "127.0.0.1:3000.evil.example"}, 403),
        ("GET", "/", {"host": "localhost.:3000"}, 403),
        ("GET", "/", {"host": "0.0.0.0:3000"}, 403),
        ("GET", "/", {"host": "evil.example@127.0.0.1:3000"}, 403),
        ("GET", "/", {"host": ""}, 403),
        ("POST", "/graphql", SAME | {"host": "evil.example:3000", "origin": "http://evil.example:3000",
                                     "content-type": JSON}, 403),
        # a page of another site
        ("POST", "/graphql", {"origin": EVIL, "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": "null", "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": "", "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": "http://[", "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": f"http://{OWN}.evil.example", "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": f"http://evil.example/{OWN}", "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": f"ftp://{OWN}", "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": "http://localhost:3000", "content-type": JSON}, 403),
        ("POST", "/graphql", {"origin": "http://127.0.0.1:8888", "content-type": JSON}, 403),
        ("POST", "/graphql", {"sec-fetch-site": "cross-site", "content-type": JSON}, 403),
        ("POST", "/graphql", {"sec-fetch-site": "same-site", "content-type": JSON}, 403),
        ("POST", "/graphql", LINK | {"content-type": JSON}, 403),  # a form sent by another page
        ("GET", "/", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, 403),
        ("GET", "/", LINK | {"sec-fetch-dest": "iframe"}, 403),
        ("GET", "/", {"origin": EVIL}, 403),
        ("OPTIONS", "/graphql", {"origin": EVIL, "access-control-request-method": "POST"}, 403),
        # what a page can send without being asked
        ("GET", "/graphql", {}, 405),
        ("GET", "/graphql", {"accept": "text/html"}, 405),
        ("GET", "/graphql", LINK | {"accept": "text/html"}, 405),
        ("HEAD", "/graphql", {}, 405),
        ("POST", "/graphql", SAME, 415),
        ("POST", "/graphql", {"content-type": "text/plain"}, 415),
        ("POST", "/graphql", {"content-type": "text/plain; application/json"}, 415),
        ("POST", "/graphql", {"content-type": "application/jsonp"}, 415),
        ("POST", "/graphql", {"content-type": "application/graphql"}, 415),
        ("POST", "/graphql", {"content-type": "application/x-www-form-urlencoded"}, 415),
        ("POST", "/graphql", {"content-type": "multipart/form-data; boundary=application/json"}, 415),
        ("POST", "/report_asset_materialization/marts/x", {}, 415),
        ("POST", "/report_asset_observation/marts/x", {"origin": EVIL, "content-type": JSON}, 403),
        ("GET", "/report_asset_check/marts/x", {}, 405),
        # what the server has no use for
        ("POST", "/", {"content-type": JSON}, 405),
        ("POST", "/graphql/", {"content-type": JSON}, 405),
        ("POST", "/a-path-of-a-later-version", SAME | {"content-type": JSON}, 405),
        ("DELETE", "/runs/1", {}, 405),
        ("OPTIONS", "/graphql", {}, 405),
        ("GET", "/notebook", LINK, 403),
        ("GET", "/dagit/notebook", {}, 403),
    ],
)  # fmt: skip
def test_is_refused(method: str, path: str, headers: dict[str, str], status: int) -> None:
    answer = ask("http", method, path, with_host(headers))
    assert not answer.is_passed
    assert answer.status == status
    assert answer.text.startswith("Запрос отклонён: ")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:3000", "origin": "http://evil.example:3000"},
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8888"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_websocket_is_refused(headers: dict[str, str]) -> None:
    answer = ask("websocket", "", "/graphql", with_host(headers))
    assert (answer.is_passed, answer.status) == (False, 403)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("host", OWN), ("host", "evil.example")],
        [("host", OWN), ("origin", f"http://{OWN}"), ("origin", EVIL)],
        [("host", OWN), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("host", OWN), ("content-type", JSON), ("content-type", "text/plain")],
    ],
)
def test_a_header_sent_twice_or_not_at_all_is_refused(headers: Headers) -> None:
    assert not ask("http", "POST", "/graphql", headers).is_passed


def test_a_refusal_says_what_to_do() -> None:
    foreign_host = ask("http", "GET", "/", {"host": "evil\n.example" + "x" * 500}).text
    assert "MSOKO_UI_HOSTS" in foreign_host
    assert f"http://{OWN}" in foreign_host
    assert foreign_host.count("\n") == 1
    assert len(foreign_host) < 450
    assert "послал не веб-интерфейс" in ask("http", "POST", "/graphql", {"host": OWN, "origin": EVIL}).text


def test_a_proxy_is_let_in_by_its_name() -> None:
    hosts = own_hosts(3000, Settings(ui_hosts="msoko.example").ui_hosts)  # type: ignore[arg-type]
    own = {"host": "msoko.example", "origin": "https://msoko.example", "content-type": JSON}
    assert ask("http", "POST", "/graphql", own, hosts).is_passed
    assert not ask("http", "POST", "/graphql", own | {"host": OWN}, hosts).is_passed  # the proxy changed Host
    assert not ask("http", "POST", "/graphql", own | {"host": "other.example"}, hosts).is_passed


def test_every_answer_has_the_headers() -> None:
    for answer in (ask("http", "GET", "/", {"host": OWN}), ask("http", "GET", "/", {"host": "evil.example"})):
        headers = dict(answer.headers)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    policies = [value for name, value in ask("http", "GET", "/", {"host": OWN}).headers if name.endswith("policy")]
    assert "x" in policies  # the page's own policy holds too


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", ()),
        ("msoko.example", ("msoko.example",)),
        (" MSOKO.example, 10.0.0.5:8443;[::1]:80 ", ("msoko.example", "10.0.0.5:8443", "[::1]:80")),
        ("Президент.рф:8443", ("xn--d1abbgf6aiiy.xn--p1ai:8443",)),
    ],
)
def test_names_from_the_settings(text: str, hosts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSOKO_UI_HOSTS", text)
    assert Settings().ui_hosts == hosts


@pytest.mark.parametrize("text", ["*", "https://msoko.example", "msoko.example/ui", "*.example", "a..b", "msoko:порт"])
def test_a_wrong_name_is_refused_in_words(text: str) -> None:
    done = msoko_here("ui", "--port", "1", MSOKO_UI_HOSTS=text)
    assert done.returncode == 2
    assert "MSOKO_UI_HOSTS" in done.stderr
    assert "нужны имена узлов через запятую" in done.stderr
