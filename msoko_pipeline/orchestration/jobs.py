"""The jobs: `intake` takes the inbox in, `publish_year` computes and publishes years, `remind` tells of deadlines."""

from __future__ import annotations

import dagster as dg

FIRST = dg.AssetSelection.assets(["raw", "inbox"], ["validated", "organisation"], ["marts", "register"])

intake = dg.define_asset_job(
    "intake",
    selection=FIRST,
    description="Принять папку приёма: архив, распознавание, реестр организаций и файлов.",
)
publish_year = dg.define_asset_job(
    "publish_year",
    selection=dg.AssetSelection.all() - FIRST,
    description="Отчётный год целиком: проверка строк, показатели, витрины, публикация.",
)
remind = dg.define_asset_job(
    "remind",
    selection=dg.AssetSelection.assets(["reports", "reminders"]),
    description="Напоминания по опубликованному: тексты для организаций, сообщения о сроках.",
)
