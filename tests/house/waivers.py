"""The one list of what may be larger than the house rules say, each with a sentence why."""

# "path:name" of a function or class, or "path" of a module → why it is better whole.
WAIVERS: dict[str, str] = {
    "apps/simgateway/exchange/accounts.py:Accounts": "thirteen short questions to the same few tables",
}
