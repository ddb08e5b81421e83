"""A client with nothing in it but a socket, so that what is measured is the gateway."""

import socket
import struct

from tests.simgateway.scripts.actors import framed, greeting
from tests.simgateway.scripts.requests import request_fields


class RawClient:
    """Blocking: sends frames, reads frames."""

    def __init__(self, port: int, client_id: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""
        try:
            self._socket.sendall(greeting("v157..176"))
            self.read()
            self.send(request_fields("startApi", {"client": str(client_id)}))
            self.next_id = int(self.read_until(b"9")[2])
        except OSError:
            self.close()
            raise

    def send(self, fields: list[str]) -> None:
        self._socket.sendall(framed(fields))

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read(self) -> list[bytes]:
        """The next message's fields."""
        while True:
            if len(self._unread) >= 4:
                size = struct.unpack(">I", self._unread[:4])[0]
                if len(self._unread) >= 4 + size:
                    payload, self._unread = self._unread[4 : 4 + size], self._unread[4 + size :]
                    return payload.split(b"\0")
            data = self._socket.recv(1 << 16)
            if not data:
                raise ConnectionError("the gateway closed the connection")
            self._unread += data

    def read_until(self, message: bytes, *, place: int = 0, value: bytes = b"") -> list[bytes]:
        """Read on to a message of that number, and of that field when asked."""
        while True:
            fields = self.read()
            if fields[0] == message and (not value or fields[place] == value):
                return fields

    def close(self) -> None:
        self._socket.close()
