"""`manage.py up`: from nothing to a running shop in one terminal, and back to nothing at Ctrl-C."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.error import URLError

from django.conf import settings

from config.embedded import servers
from config.embedded.places import prepare_data_folder
from config.gate import closed_gate
from config.problems import Problem, one_line
from config.processes import other_programs, web_program
from config.supervisor.console import Console
from config.supervisor.program import Program
from config.supervisor.supervisor import Stopped, Supervisor
from config.welcome import welcome

FIRST_PAGE_WITHIN_S = 60.0


def up() -> int:
    """Run the shop until somebody stops it; return the exit status.

    Raises:
        Problem: something a person can put right keeps the shop from starting.
    """
    began = time.monotonic()
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    os.environ["DATA_DIR"] = str(settings.DATA_DIR)  # Programs run in the project's folder, wherever we were called.
    console = Console(plain=settings.LOG_FORMAT == "json")
    if console.coloured:
        os.environ["FORCE_COLOR"] = "1"
    with _only_one(), _stoppable(console), Supervisor(console) as supervisor:
        _check_port()
        with closed_gate(settings.DATA_DIR / "start.gate"):
            # First of all, because it takes longest: it loads while the stores start and the tables are made.
            supervisor.start(web_program())
            _stores_and_setup(supervisor, console)
        demo = _demo_shop(supervisor, console)
        if not demo:
            _start_others(supervisor)
        _wait_for_first_page(supervisor)
        console.show(welcome(console, seconds=time.monotonic() - began))
        if demo:
            # The demo delivers its events itself, at their own past times; workers would write today's into them.
            supervisor.run(until=lambda: supervisor.is_over("demo"))
            _start_others(supervisor)
        supervisor.run(until=lambda: False)
    return 0


def _start_others(supervisor: Supervisor) -> None:
    for program in other_programs():
        supervisor.start(program)


@contextmanager
def _stoppable(console: Console) -> Iterator[None]:
    """End well when somebody asked the shop to stop."""
    try:
        yield
    except Stopped:
        console.show("Stopped; nothing is left running. The data is kept.")


@contextmanager
def _only_one() -> Iterator[None]:
    """Make sure that no other shop runs on the same data.

    Raises:
        Problem: one does.
    """
    path = settings.DATA_DIR / "up.lock"
    prepare_data_folder(settings.DATA_DIR)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        pid = os.read(descriptor, 20).decode().strip() or "unknown"
        os.close(descriptor)
        raise Problem(
            f"A shop with the data folder {settings.DATA_DIR} is running already (process {pid}). Stop it with Ctrl-C "
            "in its terminal or with `make down`, or start this one beside it: DATA_DIR=.data2 PORT=8001 make up"
        ) from problem
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    try:
        yield
    finally:
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def _check_port() -> None:
    """Make sure that the web can listen.

    Raises:
        Problem: the port is taken, needs more rights, or the address is not ours.
    """
    host, port = settings.HOST, settings.PORT
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as problem:
        reasons = {errno.EADDRINUSE: "is taken by another program", errno.EACCES: "may only be used by root"}
        why = reasons.get(getattr(problem, "errno", 0), f"cannot be used ({problem})")
        raise Problem(f"Port {port} on {host} {why}. Choose another one: PORT={port % 64000 + 1} make up") from problem


def _stores_and_setup(supervisor: Supervisor, console: Console) -> None:
    """Start the embedded servers and, while they start, Django; then make the databases ready."""
    needed = servers.needed()
    ours = [server for server in needed if not server.running()]
    if ours:
        owner = servers.prepare()
        if os.geteuid() == 0 and not ours[0].folder.exists():
            place = ours[0].folder.parent
            console.show(
                f"You are root, so PostgreSQL and Redis run as the user {owner.name}; their data is in {place}."
            )
        for server in ours:
            server.prepare(owner)
            supervisor.start(
                Program(
                    type(server).__name__.lower(), server.command(), stop_signal=server.stop_signal, patience_s=30,
                    last=True, popen=owner.popen(), folder="/", log=server.log,
                )
            )  # fmt: skip
    import django

    django.setup()
    from django.db import connections

    from config.provision.setup import set_up

    for server in needed:
        server.wait(partial(_still_there, supervisor, server, ours=server in ours))
    _check_redis()
    report = set_up()
    connections.close_all()
    if report:
        contexts = ", ".join(report.migrated) or "none"
        console.show(f"Databases made ready: {len(report.created)} roles and schemas; migrated: {contexts}.")


def _still_there(supervisor: Supervisor, server: servers.Server, *, ours: bool) -> bool:
    return supervisor.alive(type(server).__name__.lower()) if ours else server.running()


def _check_redis() -> None:
    """Make sure that Redis answers before workers try in vain.

    Raises:
        Problem: it does not.
    """
    import redis

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.exceptions.RedisError, ValueError, OSError) as problem:
        place = settings.REDIS_URL.rpartition("@")[2].removeprefix("redis://")  # Without the password.
        raise Problem(
            f"Redis at {place} does not answer: {one_line(problem).rstrip('.')}. Check REDIS_URL and that "
            "the server is running, or unset REDIS_URL to use the embedded one."
        ) from problem


def _demo_shop(supervisor: Supervisor, console: Console) -> bool:
    """Begin to fill an empty shop, beside the web: the first page need not wait for weeks of orders. True if begun."""
    if not settings.DEMO or "catalog" not in settings.CONTEXTS:
        return False
    from django.apps import apps
    from django.db import connections

    from config.demo import filling

    if "customers" in settings.CONTEXTS:
        _open_demo_staff()
    interrupted = filling.unfinished() is not None
    wanted = interrupted or not apps.get_model("catalog.Product")._default_manager.exists()
    if wanted:
        how = "Going on to fill" if interrupted else "Filling"
        console.show(f"{how} the demo shop: products first, then some weeks of orders; new ones move after that.")
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo"]
        supervisor.start(Program("demo", command, folder=str(settings.BASE_DIR), once=True))
    connections.close_all()
    return wanted


def _open_demo_staff() -> None:
    """Let staff into the demo's admin; an account that is there already keeps its password."""
    from contexts.customers.models import Account
    from contexts.customers.services import open_staff_account

    if not Account.objects.filter(email=settings.DEMO_ADMIN_EMAIL).exists():
        open_staff_account(
            email=settings.DEMO_ADMIN_EMAIL, name="Staff", password=settings.DEMO_ADMIN_PASSWORD, superuser=True
        )


def _wait_for_first_page(supervisor: Supervisor) -> None:
    """Wait until the web answers, while the other programs are watched.

    Raises:
        Problem: it does not in time; what the programs said stands above.
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104 - compared, not bound
    address = f"http://{host}:{settings.PORT}/livez"
    request = urllib.request.Request(
        address, headers={"Host": settings.ALLOWED_HOSTS[0].lstrip(".").replace("*", "localhost")}
    )
    deadline = time.monotonic() + FIRST_PAGE_WITHIN_S
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310 - our own address
            return
        except URLError as problem:
            if getattr(problem, "code", None) in {301, 302}:
                return
        except OSError:
            pass
        supervisor.step(pause_s=0.1)
    raise Problem(f"The web did not answer within {FIRST_PAGE_WITHIN_S:.0f} s; its own words are above.")
