"""Installs what the tests need beyond PyPI, where it is absent: a PostgreSQL server, Chromium and nginx.

By apt-get when we are root on a Debian-like system; elsewhere it says what to install. It never fails the build:
tests that miss a service skip with a reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MINUTES = 10
CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")
START_POLICY = Path("/usr/sbin/policy-rc.d")
SYSTEM = "/usr/sbin:/sbin"
"""Where servers lie that the PATH of a plain user does not name."""


def postgres_missing() -> bool:
    return not shutil.which("initdb") and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def chromium_missing() -> bool:
    return not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


def nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{SYSTEM}")


SERVICES = {
    "postgresql": ("сервер PostgreSQL", postgres_missing),
    "chromium": ("Chromium", chromium_missing),
    "nginx": ("nginx", lambda: nginx() is None),
}
"""Debian package → what it is, and whether it is missing."""


def missing() -> dict[str, str]:
    return {package: title for package, (title, absent) in SERVICES.items() if absent()}


def install(packages: list[str]) -> str | None:
    """Install Debian packages; returns what went wrong, in words, or None."""
    if os.name != "posix" or os.geteuid() != 0:
        return "нужны права root"
    if not shutil.which("apt-get"):
        return "нет apt-get"
    _without_cluster()
    silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    keep = ["-o", "Dpkg::Options::=--force-confold"]
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *keep, *packages]):
        try:
            with _without_start():
                done = subprocess.run(
                    ["apt-get", "--quiet", *command],
                    env=silent, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 * MINUTES,
                    check=False,
                )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"apt-get {command[0]}: {error}"
        if done.returncode and command[0] == "install":
            return f"apt-get install: {' '.join(done.stderr.split())[-300:]}"
    return None


def _without_cluster() -> None:
    """The package would start a server by itself; the tests start their own. A setting already there is left alone."""
    if not CREATE_CLUSTER.exists():
        try:
            CREATE_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
            CREATE_CLUSTER.write_text("create_main_cluster = false\n", encoding="utf-8")
        except OSError as error:
            print(f"{CREATE_CLUSTER}: {error}")


@contextmanager
def _without_start() -> Iterator[None]:
    """The package nginx would start a server on every address: no service is started meanwhile."""
    if START_POLICY.exists():
        yield
        return
    try:
        START_POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        START_POLICY.chmod(0o755)
        yield
    finally:
        START_POLICY.unlink(missing_ok=True)


def main() -> None:
    wanted = missing()
    if not wanted:
        return
    print(f"Для тестов устанавливаются: {', '.join(wanted.values())}")
    wrong = install(list(wanted))
    still = missing()
    if still:
        why = f" ({wrong})" if wrong else ""
        print(
            f"Не установлено: {', '.join(still.values())}{why}. Тесты, которым это нужно, будут пропущены; "
            f"установить самим: apt-get install {' '.join(still)}"
        )


if __name__ == "__main__":
    main()
