"""A language server for tests that reports one thing, as Ruff would: the name `DistFacad`, which is not defined.

The editors' own fixes want a diagnostic that some server reports. Started by the tests of Helix and Emacs.
"""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

WRONG = "DistFacad("

server = LanguageServer("linter", "0", text_document_sync_kind=types.TextDocumentSyncKind.Full)


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams) -> None:
    """Report what is wrong with the document now."""
    document = server.workspace.get_text_document(params.text_document.uri)
    found = []
    for number, line in enumerate(document.lines):
        column = line.find(WRONG)
        if column >= 0:
            at = types.Range(types.Position(number, column), types.Position(number, column + len(WRONG) - 1))
            found.append(
                types.Diagnostic(
                    at,
                    f"Undefined name `{WRONG[:-1]}`",
                    severity=types.DiagnosticSeverity.Error,
                    code="F821",
                    source="Ruff",
                )
            )
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, found, document.version))


if __name__ == "__main__":
    server.start_io()
