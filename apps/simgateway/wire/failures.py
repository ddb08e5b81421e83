"""What can be wrong with bytes from a client."""


class ProtocolError(Exception):
    """The stream itself is broken: the socket is to be closed. `complete` was read before the break."""

    def __init__(self, reason: str, complete: list[object] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.complete = complete or []


class WrongFields(Exception):
    """A message is known but cannot be read: too few fields, fields left over, or a bad value."""

    def __init__(self, message_id: int, request_id: int, detail: str) -> None:
        super().__init__(f"message {message_id}, id {request_id}: {detail}")
        self.message_id = message_id
        self.request_id = request_id
        self.detail = detail


class UnknownMessage(Exception):
    """No request has this number."""

    def __init__(self, message_id: str) -> None:
        super().__init__(f"no request has the number {message_id!r}")
        self.message_id = message_id
