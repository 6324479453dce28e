"""The resource every asset gets: the settings and where to report progress."""

from __future__ import annotations

from dataclasses import dataclass, field

from msoko_pipeline.intake import Progress, quiet
from msoko_pipeline.settings import Settings


@dataclass
class Pipeline:
    """Settings of this run and the listener of its progress."""

    settings: Settings = field(default_factory=Settings)
    progress: Progress = quiet
