"""The guard before the web UI: only the UI itself, opened under a name of this server, may ask or change anything.

A browser sends requests for any page that it shows. Whose they are stands in headers that a page cannot set: Host (a
foreign name may be made to point to 127.0.0.1), Origin and Sec-Fetch-Site. Sources: Fetch Metadata Request Headers
(W3C), Cross-Site Request Forgery Prevention Cheat Sheet (OWASP). The guard stands around any ASGI application; of
Dagster it has the paths only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
GRAPHQL = "/graphql"
REPORTS = tuple(f"/report_asset_{what}/" for what in ("materialization", "check", "observation"))
CLOSED = ("/notebook", "/dagit/notebook")  # shows any .ipynb of the disk as a page of this server, its scripts included
READS = ("GET", "HEAD")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",  # the page's own policy allows inline scripts by a nonce only
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Added to the policy of the page; a browser obeys both."""


@dataclass(frozen=True)
class Refusal:
    """An HTTP status and what a person reads: why, and what to do."""

    status: int
    text: str


def own_hosts(port: int, more: Iterable[str] = ()) -> frozenset[str]:
    """The names under which the server answers, as in the header Host: this machine's, and more from the settings."""
    return frozenset((*(f"{name}:{port}" for name in LOOPBACK), *(LOOPBACK if port == 80 else ()), *more))


def refusal(request: HTTPConnection, hosts: frozenset[str], address: str) -> Refusal | None:
    """Why a request is refused, or None. address: where the UI is opened, for the text."""
    return _foreign_host(request, hosts, address) or _foreign_page(request, address) or _wrong_form(request)


def _foreign_host(request: HTTPConnection, hosts: frozenset[str], address: str) -> Refusal | None:
    names = request.headers.getlist("host")
    if len(names) == 1 and names[0].lower() in hosts:
        return None
    return Refusal(
        403,
        f"Запрос отклонён: имя «{_shown(names)}» в адресе этому серверу не принадлежит. Откройте {address}. Если под "
        "этим именем он доступен через прокси с паролем, впишите имя в настройку MSOKO_UI_HOSTS и запустите msoko ui "
        "заново (docs/operations.md).",
    )


def _foreign_page(request: HTTPConnection, address: str) -> Refusal | None:
    origins = request.headers.getlist("origin")
    sites = request.headers.getlist("sec-fetch-site")
    own = request.headers["host"].lower()
    is_own_origin = all(_authority(origin) == own for origin in origins)
    is_own_site = all(site in ("same-origin", "none") for site in sites) or _is_followed_link(request)
    if is_own_origin and is_own_site:
        return None
    sender = f" ({_shown(origins)})" if origins else ""
    return Refusal(
        403,
        f"Запрос отклонён: его послал не веб-интерфейс, а страница другого сайта{sender}. Ничего не изменено. Нужное "
        f"действие выполните сами: {address}. Если интерфейс открыт через прокси, прокси должен передавать заголовок "
        "Host без изменений (docs/operations.md).",
    )


def _is_followed_link(request: HTTPConnection) -> bool:
    """A link to the UI in a letter or on another page: it only opens the UI, and the other page cannot look in."""
    return (
        request.scope["type"] == "http"
        and request.scope["method"] in READS
        and request.headers.getlist("sec-fetch-mode") == ["navigate"]
        and request.headers.getlist("sec-fetch-dest") == ["document"]
    )


def _wrong_form(request: HTTPConnection) -> Refusal | None:
    """Everything that may change something is a POST of JSON, which no page of another site can send unasked."""
    if request.scope["type"] != "http":
        return None
    method, path = request.scope["method"], request.scope["path"]
    if path in CLOSED:
        return Refusal(403, "Запрос отклонён: показ блокнотов (.ipynb) в веб-интерфейсе закрыт.")
    methods = ("POST",) if path == GRAPHQL or path.startswith(REPORTS) else READS
    if method not in methods:
        return Refusal(405, f"Запрос отклонён: {_shown([method])} здесь не принимается, нужен {methods[0]}.")
    if method == "POST" and not _is_json(request):
        return Refusal(415, "Запрос отклонён: тело должно быть JSON, с заголовком «Content-Type: application/json».")
    return None


def _is_json(request: HTTPConnection) -> bool:
    types = request.headers.getlist("content-type")
    return len(types) == 1 and types[0].partition(";")[0].strip().lower() == "application/json"


def _authority(origin: str) -> str | None:
    """`127.0.0.1:3000` of `http://127.0.0.1:3000`; None for `null` and what is no address of a page."""
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return None
    return parts.netloc if origin.lower() in (f"http://{parts.netloc}", f"https://{parts.netloc}") else None


def _shown(values: list[str]) -> str:
    """Header values for a text: short, printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in ", ".join(values))[:100]


class Guard:
    """ASGI application: refuses, or passes on to `app` and adds the security headers to its answers."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], address: str) -> None:
        self.app, self.hosts, self.address = app, hosts, address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def secured(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.append("Content-Security-Policy", POLICY)
            await send(message)

        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif (refused := refusal(HTTPConnection(scope), self.hosts, self.address)) is None:
            await self.app(scope, receive, secured)
        else:
            await _answer(refused, scope, receive, secured)


async def _answer(refused: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    response = PlainTextResponse(f"{refused.text}\n", refused.status)
    if scope["type"] == "http":
        await response(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
