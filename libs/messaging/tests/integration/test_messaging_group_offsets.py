"""An operator's command shows the offsets of a group, and sets them while the group has no members."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from messaging_effects import publish, until
from messaging_parcels import message
from messaging_workers import RunCommand, Service

from messaging.message import OutgoingMessage

pytestmark = pytest.mark.kafka_protocol


@pytest.fixture
def run(service: Service, run_command: RunCommand) -> RunCommand:
    """Run a command on the offsets of the service's group: exit code, stdout, stderr."""
    return lambda name, *arguments: run_command("offsets", name, "--group", service.group, *arguments)


def bad(service: Service, name: str) -> OutgoingMessage:
    return replace(message(service.topic, name, {"parcel": name}, record_fails=True), key=name)


def read(service: Service, count: int) -> None:
    """Let a consumer reject this many messages of partition 1."""
    publish(service.kafka, [bad(service, f"bad{n}") for n in range(count)], partition=1)
    running = service.consumer()
    until(service.at_the_end)
    running.stop()


def test_a_halted_group_is_moved_past_refused_messages_and_back_after_the_fix(
    service: Service, run: RunCommand
) -> None:
    good = message(service.topic, "good", {"parcel": "good", "weight": 1})
    read(service, 1)
    publish(service.kafka, [bad(service, f"many{n}") for n in range(25)], partition=1)
    publish(service.kafka, [good], partition=1)
    for _ in range(2):  # a restart does not help
        running = service.consumer()
        until(lambda running=running: running.said("consumer").startswith("halted: "))
        running.stop()
    place = f"{service.topic}/1"
    assert f"{place}: 1, the log holds 0 to 27, 26 behind\n" in run("show")[1]

    code, out, err = run("set", "--to", "26", place)
    assert (code, err) == (0, "")
    assert out == f"{place}: 1 -> 26, SKIPS 25\nNothing was changed. Pass --execute to apply.\n"
    assert f"{place}: 1, " in run("show")[1]
    code, out, err = run("set", "--to", "26", place, "--execute")
    assert (code, out, err) == (0, f"{place}: 1 -> 26, SKIPS 25\nSet.\n", "")
    running = service.consumer()
    until(service.at_the_end)
    assert good.id in service.effects.recorded()
    running.stop()

    code, out, _ = run("set", "--to", "1", place, "--execute")
    assert (code, out) == (0, f"{place}: 27 -> 1, reads 26 again\nSet.\n")
    assert f"{place}: 1, the log holds 0 to 27, 26 behind\nmembers: none\n" in run("show")[1]


def test_setting_offsets_is_refused_while_the_group_has_members(service: Service, run: RunCommand) -> None:
    read(service, 3)
    running = service.consumer()
    until(lambda: "members: none" not in run("show")[1])
    code, out, err = run("set", "--to", "earliest", "--all-topics", "--execute")
    assert (code, out) == (2, "")
    assert f"The group {service.group} has members: " in err
    assert "Stop every consumer of the group first" in err
    running.stop()
    assert f"{service.topic}/1: 3, " in run("show")[1], "nothing moved"
    until(lambda: "members: none" in run("show")[1])
    assert run("set", "--to", "earliest", "--all-topics", "--execute")[0] == 0
    assert f"{service.topic}/1: 0, the log holds 0 to 3, 3 behind" in run("show")[1]


@pytest.mark.parametrize(
    ("to", "offset"),
    [
        ("earliest", 0),
        ("latest", 3),
        ("2", 2),
        ("1970-01-01T00:00:00Z", 0),
        ("2001-01-01", 0),
        ("tomorrow", 3),
    ],
)
def test_offsets_can_be_set_to_each_kind_of_target(
    service: Service, run: RunCommand, to: str, offset: int
) -> None:
    read(service, 3)
    if to == "tomorrow":
        to = datetime(datetime.now(UTC).year + 1, 1, 1, tzinfo=UTC).isoformat()
    assert run("set", "--to", to, f"{service.topic}/1", "--execute")[0] == 0
    assert f"{service.topic}/1: {offset}, the log holds 0 to 3" in run("show")[1]


def test_impossible_commands_are_refused_with_a_reason(service: Service, run: RunCommand) -> None:
    code, _, err = run("show")
    assert code == 2
    assert f"The group {service.group} has no offsets. Groups here: " in err
    publish(service.kafka, [bad(service, "elsewhere")], partition=2)
    read(service, 3)
    for arguments, sentence in [
        (("--to", "4", f"{service.topic}/1"), "holds 0 to 3: the offset 4 is outside"),
        (("--to", "0", service.topic), "An offset belongs to one partition: name it as TOPIC/PARTITION."),
        (("--to", "earliest", "nowhere"), f"no offset in nowhere. It reads {service.topic};"),
        (("--to", "earliest", f"{service.topic}/99"), "write TOPIC or TOPIC/PARTITION"),
        (("--to", "earliest"), "Name topics or partitions, or pass --all-topics."),
        (("--to", "earliest", "--all-topics", service.topic), "or pass --all-topics."),
    ]:
        code, out, err = run("set", "--execute", *arguments)
        assert (code, out) == (2, "")
        assert sentence in err
    assert f"{service.topic}/1: 3, " in run("show")[1]


@pytest.mark.parametrize("to", ["", "-1", "soon", "2026-13-01", "9" * 30, "²"])
def test_an_invalid_target_is_refused(run: RunCommand, to: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run("set", f"--to={to}", "--all-topics")
    assert ended.value.code == 2
    assert "is not earliest, latest, an offset, or a time" in capsys.readouterr().err
