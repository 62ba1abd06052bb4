"""Kafka settings from the environment, validated at start."""

from typing import Any, Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from processkit.errors import ConfigurationError

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
# A dead letter is the original with a few more headers.
MAX_DEAD_LETTER_BYTES = MAX_MESSAGE_BYTES + 64 * 1024
# The client sets these with the classic protocol. With KIP-848 the broker does, and rejects them.
CLASSIC_ONLY = frozenset(
    {"session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy", "group.protocol.type"}
)


class KafkaSettings(BaseSettings):
    """Kafka connection. Every field is an environment variable `KAFKA_<FIELD>`; an empty one counts as
    unset."""

    model_config = SettingsConfigDict(
        env_prefix="KAFKA_", extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True
    )

    bootstrap_servers: str = Field(min_length=1, description="the brokers, host:port, separated by commas")
    group_protocol: Literal["consumer", "classic"] = "consumer"
    """The rebalance protocol of consumer groups: `consumer` is KIP-848."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How connections to the brokers are secured."""
    allow_plaintext: bool = False
    """Whether connections without TLS are allowed in live mode."""
    livemode: bool = Field(default=False, validation_alias="STRIPE_LIVEMODE")
    """Whether real money moves; then TLS is required, unless `allow_plaintext`."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """Required with a SASL protocol."""
    sasl_username: str | None = None
    """Required with a SASL protocol."""
    sasl_password: SecretStr | None = None
    """Required with a SASL protocol."""
    ssl_ca_location: str | None = None
    """File with the certificates of the brokers' authority; the system's by default."""
    consumer_config: dict[str, Any] = Field(default_factory=dict)
    """Further librdkafka settings for consumers, as JSON, e.g. {"session.timeout.ms": 6000}."""
    exact_ends: bool = True
    """Whether the broker reports exactly where a partition ends, as Apache Kafka does. If not, consumers
    cannot detect that the log was truncated."""

    stall_seconds: float = Field(default=60.0, ge=1.0)
    """How long a partition may have messages without its position advancing, in seconds, before the consumer
    reports it, seeks, and then joins its group again."""

    @model_validator(mode="after")
    def _live_needs_tls(self) -> "KafkaSettings":
        if self.livemode and not self.security_protocol.endswith("SSL") and not self.allow_plaintext:
            raise ValueError(
                f"KAFKA_SECURITY_PROTOCOL is {self.security_protocol}, but STRIPE_LIVEMODE is true: use SSL "
                "or SASL_SSL, or set KAFKA_ALLOW_PLAINTEXT=true if the network to the brokers is private"
            )
        return self

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> "KafkaSettings":
        if self.security_protocol.startswith("SASL") and not (
            self.sasl_mechanism and self.sasl_username and self.sasl_password
        ):
            raise ValueError(
                f"KAFKA_SECURITY_PROTOCOL={self.security_protocol} needs KAFKA_SASL_MECHANISM, "
                "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"
            )
        return self

    def common(self, client_id: str) -> dict[str, Any]:
        """Return the librdkafka settings shared by consumers, producers and the admin client."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": client_id,
            "security.protocol": self.security_protocol,
            "reconnect.backoff.max.ms": 2_000,
            "socket.keepalive.enable": True,
        }
        if self.sasl_password is not None and self.security_protocol.startswith("SASL"):
            config |= {
                "sasl.mechanism": self.sasl_mechanism,
                "sasl.username": self.sasl_username,
                "sasl.password": self.sasl_password.get_secret_value(),
            }
        if self.ssl_ca_location:
            config["ssl.ca.location"] = self.ssl_ca_location
        return config

    def consumer(self, group_id: str, client_id: str) -> dict[str, Any]:
        """Return the settings of a consumer that never commits by a timer and never skips messages.

        Raises ConfigurationError when KAFKA_CONSUMER_CONFIG would lose messages.
        """
        config = self.common(client_id) | {
            "group.id": group_id,
            "group.protocol": self.group_protocol,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "max.poll.interval.ms": 300_000,
            "fetch.wait.max.ms": 100,
            # Bound the memory for a backlog: the first limits what is fetched ahead, the others what one
            # response may add. A response is compressed and several times as large when unpacked. A message
            # that is larger than these limits still arrives, alone.
            "queued.max.messages.kbytes": 16 * 1024,
            "fetch.max.bytes": 2 * 1024 * 1024,
            "fetch.message.max.bytes": 512 * 1024,
        }
        config |= self.consumer_config
        refuse_unsafe(config)
        return config

    def producer(self, client_id: str) -> dict[str, Any]:
        """Return the settings of an idempotent producer that waits for all in-sync replicas."""
        return self.common(client_id) | {
            "enable.idempotence": True,
            "acks": "all",
            "compression.type": "lz4",
            "linger.ms": 5,
            "message.max.bytes": MAX_DEAD_LETTER_BYTES,
        }


def refuse_unsafe(config: dict[str, Any]) -> None:
    """Raise ConfigurationError for consumer settings that could lose messages silently."""
    if str(config.get("enable.auto.commit", True)).lower() != "false":
        raise ConfigurationError(
            "KAFKA_CONSUMER_CONFIG sets enable.auto.commit: offsets are committed after the work, never "
            "by a timer. Remove it."
        )
    if config.get("auto.offset.reset") != "earliest":
        raise ConfigurationError(
            "KAFKA_CONSUMER_CONFIG sets auto.offset.reset: anything but 'earliest' skips messages when a "
            "group is new. Remove it."
        )
    misplaced = sorted(CLASSIC_ONLY & config.keys())
    if config.get("group.protocol") == "consumer" and misplaced:
        raise ConfigurationError(
            f"KAFKA_CONSUMER_CONFIG sets {', '.join(misplaced)}, which the broker decides with "
            "KAFKA_GROUP_PROTOCOL=consumer. Remove it, or set KAFKA_GROUP_PROTOCOL=classic."
        )
