"""The one settings object: environment `MSOKO_*` or a `.env`, and the paths that follow from it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from msoko_pipeline.text import linear as re

DATABASE = re.compile(r"(?:sqlite(?:\+pysqlite)?|postgres(?:ql)?(?:\+psycopg)?)://")
LATER = ("MSOKO_SPARK_MASTER",)
"""Settings that the contract promises and nothing reads yet."""
HOST = re.compile(r"(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
PROCESSES = "processes"
MAIL = ("smtp", "smtps")
WEBHOOK = re.compile(r"https?://[^/\s]+\S*$")
LABEL = re.compile(r"[\w-]+")
UNIT = re.compile(r"^(?P<code>(?:reg)?\d+(?:_m\d+)?)\s+(?P<name>.+)$")


class Settings(BaseSettings):
    """Where things are and what the inbox covers. Every field is an environment variable `MSOKO_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="MSOKO_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    home: Path = Path("var")
    inbox_dir: Path | None = Field(default=None, validation_alias="MSOKO_INBOX")
    warehouse_url: str | None = Field(default=None, validation_alias="MSOKO_WAREHOUSE")
    lake_dir: Path | None = Field(default=None, validation_alias="MSOKO_LAKE")
    engine: Literal["duckdb", "polars", "pyspark"] = "duckdb"
    scope: Literal["municipality", "region"] = "municipality"
    municipality: str = "Черногорск"
    region: str = "19 Республика Хакасия"
    risk_rules: str = Field(default="regulator_2025", description="вариант правил категорий (risk/rules.yaml)")
    pseudonym_key: str | None = None
    smtp: str | None = Field(
        default=None, repr=False, description="письма о неудавшихся запусках: smtp://…/?from=…&to=…"
    )
    webhook: str | None = Field(
        default=None, repr=False, description="адрес, куда сообщать о неудавшихся запусках: https://…"
    )
    today: dt.date | None = Field(
        default=None, description="какой день считать сегодняшним: чтобы примериться к календарю, ГГГГ-ММ-ДД"
    )
    timezone: str = Field(default="Asia/Krasnoyarsk", description="часовой пояс сроков и расписаний")
    automation: Literal["on", "off"] = Field(default="on", description="датчики и расписания Dagster: on или off")
    workers: int = Field(default=2, ge=1, description="дочерних процессов чтения")
    reader_memory_mb: int = Field(default=4096, ge=512, description="предел памяти процесса чтения, МБ")
    reader_seconds: float = Field(default=60, gt=0, description="сколько секунд может читаться один файл")
    ui_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="имена, под которыми веб-интерфейс открывают через прокси, через запятую"
    )

    ui_listen: Literal["127.0.0.1", "0.0.0.0"] = Field(
        default="127.0.0.1", description="где слушает веб-интерфейс; 0.0.0.0 — только внутри контейнера"
    )
    run_days: int = Field(default=90, ge=1, description="сколько дней хранить записи Dagster о запусках")

    @field_validator("ui_hosts", mode="before")
    @classmethod
    def _hosts(cls, hosts: object) -> object:
        """Names as a browser sends them in the header Host: lower case, Cyrillic ones in Punycode."""
        if not isinstance(hosts, str):
            return hosts
        try:
            latin = LABEL.sub(lambda label: label[0].encode("idna").decode(), hosts.lower())
        except UnicodeError:
            latin = "*"
        names = tuple(latin.replace(",", " ").replace(";", " ").split())
        if not all(map(HOST.fullmatch, names)):
            raise ValueError("нужны имена узлов через запятую, без https:// и «*»: msoko.example, 10.0.0.5:8443")
        return names

    @field_validator("warehouse_url")
    @classmethod
    def _known_database(cls, url: str | None) -> str | None:
        if url is not None and not DATABASE.match(url):
            raise ValueError("нужен адрес вида sqlite:///путь/к/файлу или postgresql://пользователь@узел/база")
        return url

    @field_validator("smtp")
    @classmethod
    def _whole_mail(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if url is not None and (
            parts.scheme not in ("smtp", "smtps")
            or not parts.hostname
            or not {"from", "to"} <= {*parse_qs(parts.query)}
        ):
            raise ValueError(
                "нужен адрес вида smtp://пользователь:пароль@узел:порт/?from=msoko@узел&to=кому@узел,ещё@узел "
                "(smtps:// — с шифрованием сразу)"
            )
        return url

    @field_validator("webhook")
    @classmethod
    def _whole_webhook(cls, url: str | None) -> str | None:
        if url is not None and not WEBHOOK.match(url):
            raise ValueError("нужен адрес вида https://узел/путь")
        return url

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (LookupError, ValueError, OSError) as error:
            raise ValueError("нужен часовой пояс вида Asia/Krasnoyarsk") from error
        return name

    @field_validator("risk_rules")
    @classmethod
    def _known_rules(cls, variant: str) -> str:
        from schemas import catalogue

        if variant not in (variants := catalogue.risk_variants()):
            raise ValueError(f"варианта «{variant}» нет; есть: {', '.join(variants)}")
        return variant

    @property
    def day(self) -> dt.date:
        """The day by which deadlines are judged."""
        return self.today or dt.datetime.now(ZoneInfo(self.timezone)).date()

    @property
    def reading(self) -> dict[str, Any]:
        """How many child processes read, and within which limits: arguments of `pool.run`."""
        return {"workers": self.workers, "memory_mb": self.reader_memory_mb, "seconds": self.reader_seconds}

    @property
    def inbox(self) -> Path:
        return self.inbox_dir or self.home / "inbox"

    @property
    def warehouse(self) -> str:
        """SQLAlchemy URL of the published marts."""
        return self.warehouse_url or f"sqlite:///{self.home.absolute() / 'warehouse.sqlite'}"

    @property
    def lake(self) -> Path:
        return self.lake_dir or self.home / "lake"

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def cells(self) -> Path:
        """Sheets as text, one Arrow file each: what the reader saw."""
        return self.home / "cells"

    @property
    def staging(self) -> Path:
        """Marts of each year waiting to be published, Parquet."""
        return self.home / "staging"

    @property
    def quality(self) -> Path:
        """Results of the checks on staged marts: JSON and the page that shows them."""
        return self.home / "quality"

    @property
    def reminders(self) -> Path:
        """Texts for the organisations that have not sent what the calendar expects, a folder a year."""
        return self.home / "reminders"

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.sqlite"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def dagster_processes(self) -> Path:
        """Locks of the processes that carry out Dagster's runs; one that was killed leaves its own."""
        return self.dagster_home / PROCESSES

    @property
    def region_code(self) -> str:
        """`19` of «19 Республика Хакасия»; the whole text where it has no code."""
        match = UNIT.match(self.region)
        return match["code"].removeprefix("reg") if match else self.region

    @property
    def region_name(self) -> str:
        match = UNIT.match(self.region)
        return match["name"] if match else self.region

    @property
    def municipality_code(self) -> str:
        """`reg19_m019` of «reg19_m019 Черногорск»; the name itself where no code is known."""
        match = UNIT.match(self.municipality)
        return match["code"] if match else self.municipality

    @property
    def municipality_name(self) -> str:
        match = UNIT.match(self.municipality)
        return match["name"] if match else self.municipality


def names() -> frozenset[str]:
    """The environment variables that there are."""
    return frozenset((*LATER, *map(variable, Settings.model_fields)))


def variable(name: str) -> str:
    """The environment variable of a setting."""
    field = Settings.model_fields.get(name)
    return str(field.validation_alias or f"MSOKO_{name.upper()}") if field else name
