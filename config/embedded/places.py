"""Where the embedded servers keep their files, and as whom they run.

PostgreSQL refuses to run as root. Started by root, the servers therefore run as a user of their own, from a place
that user can reach; where the project lies in a closed folder that place is under /var/lib/tradepost. Nobody's
folder is opened for it.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.problems import Problem

SYSTEM_USER = "tradepost"
ROOT_STORE = Path("/var/lib/tradepost")
ROOT_RUN = Path("/run/tradepost")
#: A Unix socket's path has room for 107 bytes on Linux; 20 are for the socket's own name.
LONGEST_RUN_PATH = 107 - 20
#: The wheel brings an older PostgreSQL along, which is not used.
NOT_COPIED = shutil.ignore_patterns("pginstall", "__pycache__", "include")


@dataclass(frozen=True)
class Owner:
    """The user that the servers run as."""

    uid: int
    gid: int
    name: str

    def popen(self) -> dict[str, Any]:
        """Arguments for Popen that start a process as this user."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Places:
    """The folders of one DATA_DIR."""

    data: Path

    @property
    def servers(self) -> Path:
        """Where the servers keep their files: in DATA_DIR, or where their own user can reach them."""
        inside = self.data / "servers"
        if os.geteuid() != 0 or inside.exists() or within_reach(self.data):
            return inside.resolve()
        return ROOT_STORE / self.fingerprint

    @property
    def run(self) -> Path:
        """Where the sockets are: short enough for a socket's path and free of awkward characters."""
        inside = self.servers / "run"
        if len(os.fsencode(inside)) <= LONGEST_RUN_PATH and re.fullmatch(r"[\w./-]+", str(inside), re.ASCII):
            return inside
        if os.geteuid() == 0:
            return ROOT_RUN / self.fingerprint
        return Path(f"/tmp/tradepost-{os.geteuid()}-{self.fingerprint}")  # noqa: S108 - checked by `_own`

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    def prepare(self) -> Owner:
        """Create the folders and return who owns the servers' part.

        Raises:
            Problem: the data folder belongs to somebody else or cannot be written.
        """
        prepare_data_folder(self.data)
        owner = _owner()
        servers, run = self.servers, self.run
        if os.geteuid() == 0:
            for folder in (ROOT_STORE, ROOT_RUN):
                if folder in servers.parents or folder in run.parents:
                    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        for folder in (servers, run):
            _own(folder, owner)
        if servers.parent != self.data and not (self.data / "servers").exists():
            (self.data / "servers").symlink_to(servers)
        return owner


def prepare_data_folder(data: Path) -> None:
    """Create DATA_DIR for its owner alone; as root also passable for the servers' own user, though not listed.

    Raises:
        Problem: it belongs to somebody else or cannot be written.
    """
    try:
        data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise Problem(
            f"The data folder {data} cannot be created: {problem.strerror}. Set DATA_DIR to a folder you may write."
        ) from problem
    holder = data.stat().st_uid
    if holder != os.geteuid():
        raise Problem(
            f"The data folder {data} belongs to {user_name(holder)}, and you are {user_name(os.geteuid())}. "
            f"Start the shop as {user_name(holder)}, or set DATA_DIR to a folder of your own."
        )
    if not os.access(data, os.W_OK | os.X_OK):
        raise Problem(
            f"The data folder {data} cannot be written. Give yourself the right (chmod u+rwx), or set DATA_DIR."
        )
    # The demo's e-mails let their readers in: order pages, password resets.
    (data / "mail").mkdir(mode=0o700, exist_ok=True)


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def within_reach(folder: Path) -> bool:
    """Whether a user without any rights of its own may pass through to this folder (it need not exist yet)."""
    for place in (folder, *folder.parents):
        try:
            mode = place.stat().st_mode
        except FileNotFoundError:
            continue
        except PermissionError:
            return False
        if not mode & stat.S_IXOTH:
            return False
    return True


def reachable_copy(package: Path, *, name: str) -> Path:
    """Return a package's folder, or as root, where its way is closed to others, a copy under /var/lib/tradepost.

    A wheel keeps the libraries of its programs beside the package, in `<package>.libs`; they go along.
    """
    if os.geteuid() != 0 or within_reach(package):
        return package
    copy = ROOT_STORE / name
    if not copy.exists():
        ROOT_STORE.mkdir(mode=0o711, parents=True, exist_ok=True)
        unfinished = ROOT_STORE / f".{name}.{os.getpid()}"
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, unfinished / folder.name, symlinks=True, ignore=NOT_COPIED)
        try:
            unfinished.rename(copy)
        except OSError:  # Another start was first.
            shutil.rmtree(unfinished)
    return copy / package.name


def _owner() -> Owner:
    """Return who runs the servers: ourselves, or as root a system user of their own."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), user_name(os.geteuid()))
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _create_system_user()
    return Owner(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _create_system_user() -> pwd.struct_passwd:
    command = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if command:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(ROOT_STORE)]
        subprocess.run(
            [command, *options, "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
    for name in (SYSTEM_USER, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Problem(
        "PostgreSQL refuses to run as root and no user for it could be created. "
        "Run as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
    )


def _own(folder: Path, owner: Owner) -> None:
    """Create a folder for the owner alone.

    Raises:
        Problem: it is there already and belongs to somebody else.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        os.chown(folder, owner.uid, owner.gid)
    found = folder.lstat()
    if found.st_uid != owner.uid or not stat.S_ISDIR(found.st_mode):
        raise Problem(
            f"The folder {folder} belongs to {user_name(found.st_uid)}, but the servers run as {owner.name}. "
            f"Set DATA_DIR to a folder of your own, or remove {folder}."
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
