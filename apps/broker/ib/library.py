"""The one import of the library. An environment with its heir installed instead runs the same link.

The library must first be imported in the thread that owns the event loop; the link does so at its top.
"""

import importlib
import importlib.util
from typing import Any

_name = "ib_insync" if importlib.util.find_spec("ib_insync") else "ib_async"
_library: Any = importlib.import_module(_name)

NAME: str = _name
VERSION: str = _library.__version__
Client: Any = importlib.import_module(f"{_name}.client").Client
Contract: Any = _library.Contract
Order: Any = _library.Order
TagValue: Any = _library.TagValue
ExecutionFilter: Any = _library.ExecutionFilter
