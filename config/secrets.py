"""Secrets made on the spot for a local shop and kept in its data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from config.embedded.places import prepare_data_folder
from config.problems import Problem


def kept_secret(path: Path, *, length: int = 50) -> str:
    """Return the secret kept in a file, made the first time it is asked for; only its owner can read it.

    Raises:
        Problem: the file or its folder belongs to somebody else.
    """
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        prepare_data_folder(path.parent)
    except OSError as problem:
        prepare_data_folder(path.parent)
        raise Problem(f"{path} cannot be read: {problem.strerror}. Make it yours again, or set DATA_DIR.") from problem
    # Written aside and linked into place: of two processes that start together, both use the first one's secret.
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(length) + "\n")
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text().strip()
