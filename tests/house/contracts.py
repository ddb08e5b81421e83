"""A contract for import-linter that also holds for packages which do not exist yet."""

import re
from collections.abc import Iterable

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def under(module: str, patterns: Iterable[str]) -> bool:
    """Tell whether a module is one of the patterns' or inside it; `*` stands for one name."""
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", r"[^.]+") + r"(\..+)?", module) for pattern in patterns
    )


class ApartContract(Contract):  # type: ignore[misc]
    """No direct import from the one side to the other, but for what the two exceptions name.

    Built-in contracts stop when a module they name is missing. This one judges what is there, so it can name
    places that are still to come, and a new app falls under it without being listed.
    """

    type_name = "apart"

    importers = fields.ListField(subfield=fields.StringField())
    imported = fields.ListField(subfield=fields.StringField())
    except_from = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    except_to = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found = []
        for module in sorted(graph.modules):
            if not under(module, self.importers) or under(module, self.except_from):
                continue
            for other in sorted(graph.find_modules_directly_imported_by(module)):
                if under(other, self.imported) and not under(other, self.except_to):
                    found.append((module, other))
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["found"]:
            output.print_error(f"{importer} imports {imported}")
        output.new_line()
