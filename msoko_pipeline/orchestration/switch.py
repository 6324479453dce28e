"""Whether sensors and schedules work by themselves (MSOKO_AUTOMATION), and by which clock and day."""

import dagster as dg

from msoko_pipeline.settings import Settings

_SETTINGS = Settings()
IS_ON = _SETTINGS.automation == "on"
TIMEZONE = _SETTINGS.timezone
TODAY = _SETTINGS.day
OF_SENSORS = dg.DefaultSensorStatus.RUNNING if IS_ON else dg.DefaultSensorStatus.STOPPED
OF_SCHEDULES = dg.DefaultScheduleStatus.RUNNING if IS_ON else dg.DefaultScheduleStatus.STOPPED
