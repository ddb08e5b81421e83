"""What is said to advisors, and to windows that show one contract together."""


def receive_fa(version: int, *, data_type: int, xml: str) -> list[str]:
    return ["16", "1", str(data_type), xml]


def replace_fa_end(version: int, *, req_id: int, text: str) -> list[str]:
    return ["103", str(req_id), text]


def display_group_list(version: int, *, req_id: int, groups: str) -> list[str]:
    return ["67", "1", str(req_id), groups]


def display_group_updated(version: int, *, req_id: int, contract_info: str) -> list[str]:
    return ["68", "1", str(req_id), contract_info]
