"""Faults of the broker's side: sockets that close, answers that never come, messages that lie."""

from tests.faults.harness import Stage


def test_a_socket_closed_after_the_order_was_taken_ends_in_one_order_that_is_adopted(stage: Stage) -> None:
    stage.ready()
    stage.turn("fault", kind="close_after_accept", request="placeOrder", ref="td-desk-*S-1")
    request = stage.approve()
    stage.eventually(lambda: set(stage.states(request).values()) == {"WORKING"}, "both brackets working", 30)
