"""How commands speak to the supervisor: one JSON request, one answer, over loopback with the folder's key."""

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
    """Answers requests in a thread each; a handler's DevstackError travels back to the command."""

    def __init__(self, key: str, handle: Handle) -> None:
        self._handle = handle
        self._key = key.encode()
        # Without the key: the listener would authenticate inside accept(), and one client that connects and
        # sends nothing would keep every command waiting.
        self._listener = Listener((LOOPBACK, 0))
        self.port: int = self._listener.address[1]
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Take no more requests."""
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
    """The supervisor's answer; DevstackError if it refuses, is gone or does not answer in time."""
    try:
        with Client((LOOPBACK, port)) as connection:
            # A supervisor that stands still accepts a connection, and never sends its challenge.
            _await(connection, seconds)
            answer_challenge(connection, key.encode())
            deliver_challenge(connection, key.encode())
            connection.send_bytes(json.dumps(request).encode())
            _await(connection, seconds)
            answer = json.loads(connection.recv_bytes())
    except (OSError, EOFError, AuthenticationError) as gone:
        raise DevstackError(f"The supervisor could not be reached: {gone}") from gone
    if "error" in answer:
        raise DevstackError(answer["error"])
    return answer["result"]


def _await(connection: "Connection[Any, Any]", seconds: float) -> None:
    if not connection.poll(seconds):
        raise DevstackError(f"The supervisor did not answer within {seconds:g} s.")
