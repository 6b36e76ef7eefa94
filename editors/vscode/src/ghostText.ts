// What the stable API does not tell of ghost text, as far as keys tell it: what was dismissed with Escape, and how much was
// taken by word or line. Whether it was seen, taken whole or typed out, the server infers from edits and commands.
import * as vscode from 'vscode';
import type { LanguageClient, Middleware } from 'vscode-languageclient/node';
import { type Answer, LateAnswers, itemsOf } from './lateAnswers.ts';
import { log } from './log.ts';
import { PARTIALLY_ACCEPTED, REJECTED } from './protocol.ts';

/** True while the newest answer may still be seen: `when` clauses leave other extensions' ghost text alone. */
export const OFFERED = 'copilot-ls.offered';

interface Offer {
  uri: string;
  version: number;
  position: vscode.Position;
  items: { id: string; insertText: string; range: vscode.Range | undefined }[];
}

export class GhostText implements vscode.Disposable {
  readonly #client: () => LanguageClient | undefined;
  readonly #heard: vscode.Disposable;
  readonly #late = new LateAnswers();
  #offer: Offer | undefined;
  #isOffered = false;
  /** Hears when a suggestion was taken, or part of one. */
  onTaken: () => void = () => undefined;

  constructor(client: () => LanguageClient | undefined) {
    this.#client = client;
    this.#heard = vscode.Disposable.from(
      vscode.window.onDidChangeTextEditorSelection(event => this.#moved(event)),
      vscode.window.onDidChangeActiveTextEditor(() => this.#forget()),
      vscode.commands.registerCommand('copilot-ls.dismissSuggestion', () => this.#dismiss()),
      vscode.commands.registerCommand('copilot-ls.acceptWord', () => this.#acceptPart('editor.action.inlineSuggest.acceptNextWord')),
      vscode.commands.registerCommand('copilot-ls.acceptLine', () => this.#acceptPart('editor.action.inlineSuggest.acceptNextLine')),
    );
  }

  /** Whether something is offered at the cursor of this editor now. */
  isOffered(editor: vscode.TextEditor): boolean {
    return this.#offer?.uri === editor.document.uri.toString() && this.#offer.version === editor.document.version;
  }

  readonly middleware: Pick<Middleware, 'provideInlineCompletionItems'> = {
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      const answer = await this.#late.ask(document, position, token, ours => next(document, position, context, ours));
      if (!token.isCancellationRequested) this.#answered(document, position, answer);
      return answer;
    },
  };

  #answered(document: vscode.TextDocument, position: vscode.Position, answer: Answer): void {
    const items = itemsOf(answer).flatMap(({ insertText, range, command }) => {
      const id: unknown = command?.arguments?.[0];
      return typeof id === 'string' && typeof insertText === 'string' ? [{ id, insertText, range }] : [];
    });
    this.#offer = items.length ? { uri: document.uri.toString(), version: document.version, position, items } : undefined;
    this.#tell();
  }

  #moved({ textEditor, selections }: vscode.TextEditorSelectionChangeEvent): void {
    const offer = this.#offer;
    if (!offer || textEditor !== vscode.window.activeTextEditor) return;
    const [selection] = selections;
    // Typing along moves the cursor too: then another answer is on its way.
    const stays = selection?.isEmpty && selection.active.line === offer.position.line && selection.active.isAfterOrEqual(offer.position);
    if (!stays) this.#forget();
  }

  #forget(): void {
    this.#offer = undefined;
    this.#tell();
  }

  #tell(): void {
    const isOffered = this.#offer !== undefined;
    if (isOffered === this.#isOffered) return;
    this.#isOffered = isOffered;
    void vscode.commands.executeCommand('setContext', OFFERED, isOffered);
  }

  async #dismiss(): Promise<void> {
    const offer = this.#offer;
    await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    this.#forget();
    if (offer) await this.#send(REJECTED, { uuids: offer.items.map(item => item.id) });
  }

  async #acceptPart(command: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const offer = this.#offer;
    const before = editor?.selection.active;
    await vscode.commands.executeCommand(command);
    if (!editor || !offer || !before || offer.uri !== editor.document.uri.toString()) return;
    const taken = editor.document.getText(new vscode.Range(before, editor.selection.active));
    // Which of several alternatives was shown is not told: the one that begins like this.
    const start = (item: Offer['items'][number]): string => item.insertText.slice(item.range ? prefixLength(editor.document, item.range, before) : 0);
    const item = offer.items.find(each => taken && start(each).startsWith(taken));
    if (!item) return;
    const acceptedLength = item.insertText.length - start(item).length + taken.length;
    this.onTaken();
    await this.#send(PARTIALLY_ACCEPTED, { item: { insertText: item.insertText, command: { arguments: [item.id] } }, acceptedLength });
  }

  async #send(method: string, params: object): Promise<void> {
    const client = this.#client();
    if (!client?.isRunning()) return;
    try {
      if (method === REJECTED) await client.sendRequest(method, params);
      else await client.sendNotification(method, params);
    } catch (error) {
      log.debug(`${method}: ${String(error)}`);
    }
  }

  dispose(): void {
    this.#late.dispose();
    this.#heard.dispose();
  }
}

/** How much of the text that an item puts in place of its range stood there already when it was shown. */
function prefixLength(document: vscode.TextDocument, range: vscode.Range, cursor: vscode.Position): number {
  return cursor.isAfter(range.start) ? document.getText(new vscode.Range(range.start, cursor)).length : 0;
}
