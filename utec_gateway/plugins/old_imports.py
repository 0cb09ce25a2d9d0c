"""Plugin files written for 0.1.x: they import from modules that have moved, and must still load."""

import ast
import logging
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

_LOGGER = logging.getLogger(__name__)

MOVED = {
    "utec_gateway.hookspecs": "utec_gateway.plugin_api",
    "utec_gateway.errors": "utec_gateway.core.errors",
    "utec_gateway.models": "utec_gateway.core.models",
    "utec_gateway.options": "utec_gateway.options.schema",
    "utec_gateway.clock": "utec_gateway.core.clock",
}
"""The modules that the plugin guide of 0.1.x named or a context handed out, and where they are."""


class OldImportsLoader(SourceFileLoader):
    """Reads a plugin file with its old imports replaced; the log names what to write instead."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the file each time: what was compiled before would tell nobody of old imports."""
        path = self.get_filename(fullname)
        tree = _NewImports(Path(path).name).visit(ast.parse(self.get_data(path), path))
        return compile(tree, path, "exec", dont_inherit=True)


class _NewImports(ast.NodeTransformer):
    """Replaces the imports of one file."""

    def __init__(self, file: str) -> None:
        self._file = file

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        """Import from where it is now."""
        moved_to = None if node.level else MOVED.get(node.module or "")
        if moved_to is None:
            return node
        _LOGGER.warning(
            "%s, line %d: %s has moved; import from utec_gateway.plugin_api instead",
            self._file,
            node.lineno,
            node.module,
        )
        return ast.copy_location(ast.ImportFrom(moved_to, node.names, 0), node)
