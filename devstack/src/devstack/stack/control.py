"""How commands reach the supervisor: one JSON request and one answer over loopback, with a key."""

import json
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from typing import Any

from devstack.errors import DevstackError
from devstack.ports import LOOPBACK

Handle = Callable[[dict[str, Any]], Any]


class ControlServer:
    """Answers each request in its own thread. The command receives a DevstackError of the handler."""

    def __init__(self, key: str, handle: Handle) -> None:
        self._handle = handle
        self._key = key.encode()
        # No key here: with a key the listener authenticates inside accept(), and a client that connects and
        # sends nothing would block every command.
        self._listener = Listener((LOOPBACK, 0))
        self.port: int = self._listener.address[1]
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Stop accepting requests."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except ConnectionError:
                continue  # a port scanner, or a command that was interrupted
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: "Connection[Any, Any]") -> None:
        with connection:
            try:
                deliver_challenge(connection, self._key)
                answer_challenge(connection, self._key)
                request = json.loads(connection.recv_bytes(maxlength=65_536))
                answer = {"result": self._handle(request)}
            except DevstackError as error:
                answer = {"error": str(error)}
            except (AuthenticationError, EOFError, OSError):
                return
            connection.send_bytes(json.dumps(answer).encode())


def ask(port: int, key: str, request: dict[str, Any], seconds: float = 60.0) -> Any:
    """Return the supervisor's answer. Raises DevstackError if it refuses, has ended or times out."""
    try:
        with Client((LOOPBACK, port)) as connection:
            # A stopped (SIGSTOP) supervisor still accepts connections, but never sends its challenge.
            _await(connection, seconds)
            answer_challenge(connection, key.encode())
            deliver_challenge(connection, key.encode())
            connection.send_bytes(json.dumps(request).encode())
            _await(connection, seconds)
            answer = json.loads(connection.recv_bytes())
    except (OSError, EOFError, AuthenticationError) as error:
        raise DevstackError(f"The supervisor could not be reached: {error}") from error
    if "error" in answer:
        raise DevstackError(answer["error"])
    return answer["result"]


def _await(connection: "Connection[Any, Any]", seconds: float) -> None:
    if not connection.poll(seconds):
        raise DevstackError(f"The supervisor did not answer within {seconds:g} s.")
