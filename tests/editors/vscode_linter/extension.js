// Stands in for a linter's extension in tests: reports the one misspelt name that they put into a file, as Ruff does.
const vscode = require('vscode');

exports.activate = context => {
  const collection = vscode.languages.createDiagnosticCollection('linter');
  const lint = document => {
    if (document.languageId !== 'python') return;
    const found = [];
    for (const match of document.getText().matchAll(/\bDistFacad\b/g)) {
      const range = new vscode.Range(document.positionAt(match.index), document.positionAt(match.index + match[0].length));
      const diagnostic = new vscode.Diagnostic(range, 'Undefined name `DistFacad`', vscode.DiagnosticSeverity.Error);
      diagnostic.source = 'Ruff';
      diagnostic.code = 'F821';
      found.push(diagnostic);
    }
    collection.set(document.uri, found);
  };
  vscode.workspace.textDocuments.forEach(lint);
  context.subscriptions.push(
    collection,
    vscode.workspace.onDidOpenTextDocument(lint),
    vscode.workspace.onDidChangeTextDocument(event => lint(event.document)),
  );
};
