"""Apache Kafka as one KRaft node, from its Maven artifacts."""

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import IO

from devstack import places, ports
from devstack.errors import Unavailable
from devstack.kafka import probe
from devstack.kafka.broker import GROUP_SETTINGS, KafkaServer
from devstack.processes import Owner

MINIMUM_JAVA = 17
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
# The serial garbage collector and the first compiler tier start faster, and a development broker is started
# often and rarely loaded. Benchmarks replace these options with MASTERJI_KAFKA_JVM.
JVM = "-Xms192m -Xmx640m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"

# metadata.max.idle.interval.ms=0: with a single controller no follower needs the no-op records that it would
# otherwise write every 500 ms; they were half of an idle broker's CPU time.
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
metadata.max.idle.interval.ms=0
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.num.partitions=8
offsets.retention.minutes=57600
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=4
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
""" + "".join(f"{name}={value}\n" for name, value in GROUP_SETTINGS.items())


def resolve(say: Callable[[str], None]) -> Path:
    """Return the folder of Kafka's jars, which Maven downloads once; Unavailable if a tool is missing."""
    _require_java()
    pom = resources.files("devstack.kafka").joinpath("pom.xml").read_text()
    jars = places.cache_dir() / f"kafka-{hashlib.sha256(pom.encode()).hexdigest()[:12]}"
    if jars.is_dir():
        return jars
    if shutil.which("mvn") is None:
        raise Unavailable("Maven (mvn) is not installed, so Apache Kafka cannot be downloaded")
    with _locked(jars.with_suffix(".lock")):
        if jars.is_dir():
            return jars
        say("downloading Apache Kafka (43 MB, once) …")
        return _download(pom, jars)


def start(owner: Owner, folder: Path, jars: Path, port: int | None = None) -> KafkaServer:
    """Start the broker in `folder` and wait until it accepts clients. Existing data is kept."""
    port = port or ports.pick()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.properties"
    controller = ports.pick(taken=(port,))
    settings.write_text(SETTINGS.format(port=port, controller=controller, logs=folder / "data"))
    java = [
        "java",
        *os.environ.get("MASTERJI_KAFKA_JVM", JVM).split(),
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    ]
    log = folder / "kafka.log"
    with log.open("ab") as output:
        if not (folder / "data" / "meta.properties").exists():
            _format(java, jars, settings, output)
        child = owner.spawn(
            "kafka", [*java, "-cp", f"{jars}/*", "kafka.Kafka", settings], output=output, cwd=folder
        )
    bootstrap = f"{ports.LOOPBACK}:{port}"
    probe.wait(bootstrap, seconds=60, log=log, gone=lambda: not child.running())
    return KafkaServer(bootstrap, "apache", child, child.stop)


def _format(java: list[str], jars: Path, settings: Path, output: IO[bytes]) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # A leading dash would be parsed as an option.
    cluster = f"M{cluster[1:]}" if cluster.startswith("-") else cluster
    tool = [
        *java,
        "-cp",
        f"{jars}/*",
        "kafka.tools.StorageTool",
        "format",
        "-t",
        cluster,
        "-c",
        str(settings),
    ]
    subprocess.run(tool, check=True, stdout=output, stderr=output)


def _download(pom: str, jars: Path) -> Path:
    staging = jars.with_suffix(".partial")
    shutil.rmtree(staging, ignore_errors=True)
    (staging / "jars").mkdir(parents=True)
    (staging / "pom.xml").write_text(pom)
    target = f"-DoutputDirectory={staging / 'jars'}"
    command = ["mvn", "-q", "-B", "-f", str(staging / "pom.xml"), COPY, target]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable("Maven did not finish downloading Apache Kafka within 5 minutes") from None
    if done.returncode != 0:
        reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no reason given")
        raise Unavailable(f"Maven could not download Apache Kafka: {reason}")
    (staging / "jars").rename(jars)
    shutil.rmtree(staging, ignore_errors=True)
    return jars


def _require_java() -> None:
    if shutil.which("java") is None:
        raise Unavailable("Java is not installed")
    banner = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = banner.split('"')[1] if '"' in banner else "0"
    if int(version.split(".")[0].split("-")[0]) < MINIMUM_JAVA:
        raise Unavailable(f"Java {version} is too old: Apache Kafka needs {MINIMUM_JAVA} or newer")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
