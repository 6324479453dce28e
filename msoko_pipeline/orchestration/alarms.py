"""One alarm for a run that failed: by e-mail and to a webhook, as far as the settings name them.

An alarm says which job failed, which years, and the cause where it has a sentence of its own; never a word of an error
itself, which may hold something of a file.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import dagster as dg

from msoko_pipeline.orchestration import jobs, origin, partitions, switch
from msoko_pipeline.orchestration.pipeline import Pipeline
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import of_text

SECONDS = 30.0
"""How long a server of mail or of the webhook may take to answer."""
PORTS = {"smtp": 25, "smtps": 465}
WILL_RETRY = "dagster/will_retry"
TITLES = {"intake": "приём файлов", "publish_year": "расчёт и публикация", "remind": "напоминания"}

Way = Callable[[str, str], None]
"""Sends a subject and a text."""


class Unsent(RuntimeError):
    """No way of an alarm worked; the next look tries again."""


@dg.run_failure_sensor(
    monitored_jobs=[jobs.intake, jobs.publish_year, jobs.remind],
    default_status=switch.OF_SENSORS,
    description="Сообщает о неудавшемся запуске письмом (MSOKO_SMTP) и по адресу (MSOKO_WEBHOOK)",
)
def run_failed(context: dg.RunFailureSensorContext, pipeline: dg.ResourceParam[Pipeline]) -> dg.SkipReason | None:
    """Raise the alarm of a failed run, once; none for a run that Dagster starts again by itself."""
    if context.dagster_run.tags.get(WILL_RETRY) == "true":
        return dg.SkipReason("запуск будет повторён")
    if origin.BY_COMMAND.items() <= context.dagster_run.tags.items():
        return dg.SkipReason("о неудаче говорит сам msoko run")
    ways = [*ways_of(pipeline.settings)]
    if not ways:
        return dg.SkipReason("не задано, куда сообщать: MSOKO_SMTP, MSOKO_WEBHOOK")
    send(ways, "МСОКО: запуск не удался", text_of(context))
    return None


def send(ways: list[Way], subject: str, text: str) -> None:
    """Send the text by every way. Raises Unsent where none of them worked: one that did is not to be repeated."""
    troubles = []
    for way in ways:
        try:
            way(subject, text)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            troubles.append(f"{type(error).__name__}: {error}")
    if len(troubles) == len(ways):
        raise Unsent("Сообщение не отправлено. " + "; ".join(troubles))


def text_of(context: dg.RunFailureSensorContext) -> str:
    """What the alarm says."""
    run = context.dagster_run
    first, last = partitions.named(run.tags) or ("", "")
    years = "" if not first else f", {first} год" if first == last else f", {first}–{last} годы"
    events = [*context.get_step_failure_events(), context.failure_event]
    steps = ", ".join(sorted({event.step_key for event in events if event.step_key}))
    causes = list(dict.fromkeys(cause for event in events if (cause := _cause(event))))
    what = f"Запуск не удался: {TITLES.get(run.job_name, run.job_name)}{years}."
    where = f" Шаг: {steps}." if steps else ""
    why = " " + ". ".join(causes) + "." if causes else " Причина — в журнале запуска."
    return f"{what}{where}{why} Опубликованное прежде не изменилось. Запуск {run.run_id}: msoko ui, «Runs»."


def _cause(event: dg.DagsterEvent) -> str | None:
    """The sentence of ours for an error of the event, or of what caused it."""
    error = getattr(event.event_specific_data, "error", None)
    while error is not None:
        if sentence := of_text(error.message):
            return sentence
        error = error.cause
    return None


def ways_of(settings: Settings) -> Iterator[Way]:
    """How alarms are sent, by the settings."""
    if settings.smtp:
        yield lambda subject, text: send_mail(settings.smtp or "", subject, text)
    if settings.webhook:
        yield lambda _, text: post(settings.webhook or "", text)


def send_mail(url: str, subject: str, text: str) -> None:
    """Send a letter. url: `smtp://user:password@host:port/?from=…&to=…,…`; `smtp` begins TLS where the server offers
    it, `smtps` speaks it from the start.
    """
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    letter = EmailMessage()
    letter["Subject"] = subject
    letter["From"], letter["To"] = query["from"][0], ", ".join(query["to"])
    letter.set_content(text)
    port = parts.port or PORTS[parts.scheme]
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "", port, timeout=SECONDS) as server:
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(letter)


def post(url: str, text: str) -> None:
    """Send `{"text": …}` to an address, as chats take it. Raises OSError where it does not answer with success."""
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json; charset=utf-8"})
    with urllib.request.urlopen(request, timeout=SECONDS):
        pass
