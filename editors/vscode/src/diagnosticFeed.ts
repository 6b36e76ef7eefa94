// Passes on to the server what other extensions report of open files: a language server is not told of that otherwise.
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { SCHEME } from './pages.ts';
import { DIAGNOSTICS } from './protocol.ts';

// What vscode-languageclient waits before it sends what was typed: diagnostics come after the text that they are about.
const SETTLE_MS = 250;

export class DiagnosticFeed implements vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #due = new Set<string>();
  readonly #heard: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: LanguageClient) {
    this.#client = client;
    this.#heard = vscode.Disposable.from(
      vscode.languages.onDidChangeDiagnostics(event => this.#hear(event.uris)),
      vscode.workspace.onDidOpenTextDocument(document => this.#hear([document.uri])),
    );
    this.#hear(vscode.workspace.textDocuments.map(document => document.uri));
  }

  #hear(uris: readonly vscode.Uri[]): void {
    for (const uri of uris) this.#due.add(uri.toString());
    this.#timer ??= setTimeout(() => void this.#tell(), SETTLE_MS);
  }

  async #tell(): Promise<void> {
    this.#timer = undefined;
    const open = new Map(vscode.workspace.textDocuments.map(document => [document.uri.toString(), document]));
    const due = [...this.#due];
    this.#due.clear();
    for (const uri of due) {
      const document = open.get(uri);
      if (!document || document.uri.scheme === SCHEME || !this.#client.isRunning()) continue;
      const converter = this.#client.code2ProtocolConverter;
      const version = document.version;
      const diagnostics = await converter.asDiagnostics(vscode.languages.getDiagnostics(document.uri));
      await this.#client.sendNotification(DIAGNOSTICS, { uri: converter.asUri(document.uri), version, diagnostics }).catch(() => undefined);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#heard.dispose();
  }
}
