// Read-only documents that the extension shows: `copilot-ls:/<id>/<title>`. Their text can grow while they are open.
import * as vscode from 'vscode';

export const SCHEME = 'copilot-ls';
const FORGET_AFTER_MS = 2000;

export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  // Last: VS Code asks for `onDidChange` when it is registered.
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? 'This is gone: ask again.';
  }

  /** Shows a text, beside the code if not said otherwise, or lets the one that is shown under this id become it. */
  async show(id: string, title: string, text: string, languageId: string, viewColumn = vscode.ViewColumn.Beside): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${id}/${title.replace(/[^\w.:-]+/g, ' ')}` });
    const isNew = !this.#texts.has(uri.toString());
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    if (!isNew) return;
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, languageId);
    await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: viewColumn === vscode.ViewColumn.Beside, preview: true });
    // Until a document is open and has its language, VS Code drops what is said of its changes.
    this.#changed.fire(uri);
  }

  /** A page that was closed is forgotten; one that only gets its language is closed for a moment, too. */
  closed(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    setTimeout(() => {
      if (!vscode.workspace.textDocuments.some(each => each.uri.toString() === uri)) this.#texts.delete(uri);
    }, FORGET_AFTER_MS);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
