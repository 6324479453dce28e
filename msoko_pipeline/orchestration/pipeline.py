"""The resource every asset gets: the settings and where to report progress."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import dagster as dg

from msoko_pipeline.home.lock import holding
from msoko_pipeline.intake.steps import Progress, quiet
from msoko_pipeline.orchestration.stale import sign
from msoko_pipeline.settings import Settings


@dataclass
class Pipeline:
    """Settings of this run and the listener of its progress."""

    settings: Settings = field(default_factory=Settings)
    progress: Progress = quiet


PATIENCE = 3600.0  # seconds that a run waits for another writer of the home


def resource(pipeline: Pipeline) -> dg.ResourceDefinition:
    """The pipeline for assets and sensors. A run holds the home's lock from its first step to its last; a sensor, which
    only looks, does not."""

    def made(context: dg.InitResourceContext) -> Iterator[Pipeline]:
        if context.run is None:
            yield pipeline
            return
        if context.instance is not None:
            sign(context.instance, context.run)
        with holding(pipeline.settings, f"запуск Dagster {context.run.run_id[:8]}", PATIENCE):
            yield pipeline

    return dg.ResourceDefinition(resource_fn=made)
