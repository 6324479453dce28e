"""The key of the pseudonyms that stand for people: made once, kept, and held against its fingerprint in the ledger.

With another key the same pupil would become somebody else, so a key that is lost, empty or changed stops the run.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from msoko_pipeline.home.ledger import Ledger
from msoko_pipeline.settings import Settings
from msoko_pipeline.trouble import Stopped

VARIABLE = "MSOKO_PSEUDONYM_KEY"
FINGERPRINT = "pseudonym_key"  # its name among the ledger's settings
NEW_HOME = "Если его больше нет, начните с новой папкой состояния: прежних учеников с другим ключом не узнать"


class KeyTrouble(Stopped):
    """The key is lost, empty, unreadable or another one."""


def key(settings: Settings) -> bytes:
    """The key, from the environment or from the home, where it is made on first use.

    Raises KeyTrouble where it is not the one that the home's files were read with.
    """
    ledger = Ledger(settings.ledger)
    given = _of_environment(settings)
    secret = given if given is not None else _kept(settings.home / "pseudonym.key", ledger)
    if ledger.remember(FINGERPRINT, fingerprint(secret)) != fingerprint(secret):
        where = VARIABLE if given is not None else f"файл «{settings.home / 'pseudonym.key'}»"
        raise KeyTrouble(
            f"Ключ псевдонимов не тот, которым прочитаны прежние файлы ({where}): одни и те же ученики разошлись бы. "
            f"Верните прежний ключ и запустите снова. {NEW_HOME}"
        )
    return secret


def fingerprint(secret: bytes) -> str:
    """By which a key is known again; the key does not follow from it."""
    return hmac.new(secret, b"msoko: the fingerprint of the pseudonym key", hashlib.sha256).hexdigest()[:16]


def _of_environment(settings: Settings) -> bytes | None:
    if settings.pseudonym_key is None:
        return None
    if not settings.pseudonym_key.strip():
        raise KeyTrouble(f"{VARIABLE} задан пустым. Впишите в него ключ или уберите его совсем")
    return settings.pseudonym_key.encode()


def _kept(path: Path, ledger: Ledger) -> bytes:
    is_used = ledger.setting(FINGERPRINT) is not None or any(entry.sheets for entry in ledger.files())
    if not path.exists():
        if is_used:
            raise KeyTrouble(
                f"Ключ псевдонимов потерян: файла «{path}» нет, а файлы им уже прочитаны. Верните его из резервной "
                f"копии (или задайте {VARIABLE}) и запустите снова. {NEW_HOME}"
            )
        _make(path)
    try:
        kept = path.read_text(encoding="ascii").strip()
    except (PermissionError, UnicodeDecodeError, IsADirectoryError):
        raise KeyTrouble(f"Файл ключа псевдонимов «{path}» не читается. Верните его из резервной копии") from None
    if not kept:
        advice = (
            f"Верните его из резервной копии и запустите снова. {NEW_HOME}"
            if is_used
            else "Удалите этот файл и запустите снова: им ещё ничего не прочитано, ключ будет сделан заново"
        )
        raise KeyTrouble(f"Файл ключа псевдонимов «{path}» пуст. {advice}")
    return kept.encode()


def _make(path: Path) -> None:
    """Write a new key whole or not at all; where another process was quicker, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as target:
            target.write(secrets.token_hex(32))
            target.flush()
            os.fsync(target.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            if not path.exists():
                partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
