"""Publishes a header whose name is not UTF-8, which the Python client refuses, through librdkafka."""

import ctypes
from pathlib import Path

import confluent_kafka.cimpl

_PRODUCER, _ERROR_SIZE = 0, 512
_END, _TOPIC, _VALUE, _HEADER = 0, 1, 4, 9  # enum rd_kafka_vtype_t


def _library() -> ctypes.CDLL:
    package = Path(confluent_kafka.cimpl.__file__).parent
    bundled = sorted(package.parent.glob("confluent_kafka.libs/librdkafka*"))
    library = ctypes.CDLL(str(bundled[0]) if bundled else "librdkafka.so.1")
    library.rd_kafka_conf_new.restype = ctypes.c_void_p
    library.rd_kafka_new.restype = ctypes.c_void_p
    library.rd_kafka_new.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    library.rd_kafka_conf_set.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
    ]
    library.rd_kafka_flush.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.rd_kafka_destroy.argtypes = [ctypes.c_void_p]
    return library


def publish_unreadable_header(bootstrap: str, topic: str, value: bytes) -> None:
    """Publish one record with the header name b"\\xff\\xfe"."""
    library = _library()
    error = ctypes.create_string_buffer(_ERROR_SIZE)
    config = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(config, b"bootstrap.servers", bootstrap.encode(), error, _ERROR_SIZE)
    client = library.rd_kafka_new(_PRODUCER, config, error, _ERROR_SIZE)
    assert client, error.value
    try:
        failed = library.rd_kafka_producev(
            ctypes.c_void_p(client),
            *(ctypes.c_int(_TOPIC), ctypes.c_char_p(topic.encode())),
            *(ctypes.c_int(_VALUE), ctypes.c_char_p(value), ctypes.c_size_t(len(value))),
            *(
                ctypes.c_int(_HEADER),
                ctypes.c_char_p(b"\xff\xfe"),
                ctypes.c_char_p(b"x"),
                ctypes.c_ssize_t(1),
            ),
            ctypes.c_int(_END),
        )
        assert failed == 0, f"librdkafka error {failed}"
        assert library.rd_kafka_flush(client, 10_000) == 0
    finally:
        library.rd_kafka_destroy(client)
