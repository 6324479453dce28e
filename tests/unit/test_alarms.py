"""Alarms of failed runs: what they say, by mail and to a webhook of local servers; nothing of a file is in them."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from msoko_pipeline.orchestration import alarms, origin, partitions
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import NO_ROOM
from tests.command import msoko_here

PUPIL = "Образцов Образец"


class Mail(socketserver.StreamRequestHandler):
    """A server of mail that takes every letter, without TLS."""

    def handle(self) -> None:
        self.say("220 local")
        while line := self.rfile.readline().decode().strip():
            if line.upper() == "DATA":
                self.say("354 go on")
                lines = []
                while (of_letter := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(of_letter)
                self.server.letters.append("\n".join(lines))  # type: ignore[attr-defined]
            self.say("221 bye" if line.upper() == "QUIT" else "250 ok")
            if line.upper() == "QUIT":
                return

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Hook(BaseHTTPRequestHandler):
    """A webhook that answers as its server is told."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing on the terminal."""


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def mail() -> Iterator[Any]:
    server = socketserver.TCPServer(("127.0.0.1", 0), Mail)
    server.letters = []  # type: ignore[attr-defined]
    with serving(server):
        yield server


@pytest.fixture
def hook() -> Iterator[Any]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.posted, server.status = [], 200  # type: ignore[attr-defined]
    with serving(server):
        yield server


def settings(folder: Path, mail: Any = None, hook: Any = None) -> Settings:
    ways: dict[str, Any] = {}
    if mail:
        ways["smtp"] = f"smtp://127.0.0.1:{mail.server_address[1]}/?from=msoko@example.ru&to=a@example.ru,b@example.ru"
    if hook:
        ways["webhook"] = f"http://127.0.0.1:{hook.server_address[1]}/hook"
    return Settings(home=folder, **ways)


def failed(folder: Path, error: Exception, tags: dict[str, str], sent_by: Settings) -> Any:
    """What the sensor answers about a run of `publish_year` whose step raises the error."""

    @dg.op
    def step() -> None:
        raise error

    @dg.job(name="publish_year")
    def publish_year() -> None:
        step()

    with dg.instance_for_test(temp_dir=str(folder)) as instance:
        done = publish_year.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        context = dg.build_run_status_sensor_context(
            "run_failed", done.get_run_failure_event(), instance, done.dagster_run,
            resources={"pipeline": Pipeline(sent_by)},
        ).for_run_failure()  # fmt: skip
        return alarms.run_failed(context)


YEARS = partitions.tags("2025", "2026")


def test_an_alarm_goes_by_mail_and_to_the_webhook(tmp_path: Path, mail: Any, hook: Any) -> None:
    failed(tmp_path, ValueError(f"строка: {PUPIL}"), YEARS, settings(tmp_path, mail, hook))
    (source,) = mail.letters
    letter = message_from_string(source, policy=policy.default)
    assert (letter["From"], letter["To"]) == ("msoko@example.ru", "a@example.ru, b@example.ru")
    assert letter["Subject"] == "МСОКО: запуск не удался"
    (posted,) = hook.posted
    text = letter.get_content().strip()  # type: ignore[attr-defined]
    assert posted == {"text": text}
    assert text.startswith("Запуск не удался: расчёт и публикация, 2025–2026 годы. Шаг: step. Причина — в журнале")
    assert PUPIL not in text, "an error may hold something of a file"


def test_a_cause_with_a_sentence_of_its_own_is_told(tmp_path: Path, hook: Any) -> None:
    error = OSError("[Errno 28] No space left on device")
    failed(tmp_path, error, partitions.tags("2025", "2025"), settings(tmp_path, hook=hook))
    (posted,) = hook.posted
    assert "публикация, 2025 год." in posted["text"]
    assert NO_ROOM in posted["text"]


def test_a_run_that_is_started_again_raises_no_alarm(tmp_path: Path, hook: Any) -> None:
    answer = failed(tmp_path, ValueError(), {alarms.WILL_RETRY: "true"}, settings(tmp_path, hook=hook))
    assert isinstance(answer, dg.SkipReason)
    assert hook.posted == []


def test_the_command_speaks_for_itself(tmp_path: Path, hook: Any) -> None:
    answer = failed(tmp_path, ValueError(), origin.BY_COMMAND, settings(tmp_path, hook=hook))
    assert isinstance(answer, dg.SkipReason)
    assert hook.posted == []


def test_without_an_address_nothing_is_sent(tmp_path: Path) -> None:
    assert "MSOKO_SMTP" in str(failed(tmp_path, ValueError(), {}, settings(tmp_path)))


def test_one_way_that_works_is_enough(tmp_path: Path, mail: Any, hook: Any) -> None:
    hook.status = 500
    failed(tmp_path, ValueError(), YEARS, settings(tmp_path, mail, hook))
    assert len(mail.letters) == 1


def test_an_alarm_that_went_no_way_is_tried_again(hook: Any) -> None:
    hook.status = 500
    url = f"http://127.0.0.1:{hook.server_address[1]}/"
    with pytest.raises(alarms.Unsent, match="500"):
        alarms.send([lambda _, text: alarms.post(url, text)], "тема", "текст")


@pytest.mark.parametrize(
    ("name", "url", "says"),
    [
        ("MSOKO_SMTP", "mail.example.ru", "smtp://"), ("MSOKO_SMTP", "smtp://mail.example.ru/?to=a@b.ru", "from="),
        ("MSOKO_SMTP", "http://mail.example.ru/?from=a@b.ru&to=a@b.ru", "smtp://"),
        ("MSOKO_WEBHOOK", "file:///etc/passwd", "https://"), ("MSOKO_WEBHOOK", "example.ru", "https://"),
        ("MSOKO_AUTOMATION", "maybe", "on"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_told_before_anything_runs(tmp_path: Path, name: str, url: str, says: str) -> None:
    done = msoko_here("status", "--home", tmp_path, **{name: url})
    assert done.returncode == 2
    assert says in done.stderr + done.stdout


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Settings(smtp="smtp://a:secret@h/?from=a@b.ru&to=c@d.ru", webhook="https://h/secret"))
