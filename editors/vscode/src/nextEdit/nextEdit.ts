// Next edit: after each change the server is asked where the next one would be; it is drawn, Tab jumps there, Tab takes it,
// Escape rejects it. What is typed meanwhile, or where the document is another by then, drops it without a word.
import * as vscode from 'vscode';
import { ExecuteCommandRequest, type LanguageClient } from 'vscode-languageclient/node';
import type { GhostText } from '../ghostText.ts';
import { log, messageOf } from '../log.ts';
import { NEXT_EDIT, NEXT_EDIT_ACCEPTED, NEXT_EDIT_REJECTED, NEXT_EDIT_SHOWN, type NextEdit } from '../protocol.ts';
import { own } from '../settings.ts';
import { drawEdit, drawHint, erase } from './drawing.ts';

/** True while an edit is drawn: what Tab and Escape are bound by. */
export const VISIBLE = 'copilot-ls.nextEditVisible';
const METHOD_NOT_FOUND = -32601;

interface Prediction {
  id: string | undefined;
  uri: vscode.Uri;
  range: vscode.Range;
  text: string;
  /** Of the document that was edited, by whose next change the prediction is void. */
  origin: vscode.TextDocument;
  originVersion: number;
  isShown: boolean;
}

export class NextEdits implements vscode.Disposable {
  readonly #client: () => LanguageClient | undefined;
  readonly #ghostText: GhostText;
  readonly #heard: vscode.Disposable;
  #prediction: Prediction | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asking: vscode.CancellationTokenSource | undefined;
  /** A server that does not know the request is not asked again. */
  #deaf: LanguageClient | undefined;

  constructor(client: () => LanguageClient | undefined, ghostText: GhostText) {
    this.#client = client;
    this.#ghostText = ghostText;
    this.#heard = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(event => this.#changed(event)),
      vscode.window.onDidChangeTextEditorSelection(event => event.textEditor === vscode.window.activeTextEditor && this.#draw()),
      vscode.window.onDidChangeTextEditorVisibleRanges(() => this.#draw()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()),
      vscode.commands.registerCommand('copilot-ls.nextEdit', () => this.#go()),
      vscode.commands.registerCommand('copilot-ls.rejectNextEdit', () => this.#reject()),
      vscode.commands.registerCommand('copilot-ls.askNextEdit', () => this.#askNow()),
    );
  }

  #changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    if (this.#prediction && (document === this.#prediction.origin || document.uri.toString() === this.#prediction.uri.toString())) this.#drop();
    const editor = vscode.window.activeTextEditor;
    if (editor?.document !== document || reason !== undefined || !own('nextEdit.enable', true)) return;
    this.#asking?.cancel();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(editor), own('nextEdit.delay', 150));
  }

  async #askNow(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return;
    await this.#ask(editor);
    if (!this.#prediction) void vscode.window.setStatusBarMessage('copilot-ls: no next edit', 3000);
  }

  async #ask(editor: vscode.TextEditor): Promise<void> {
    const client = this.#client();
    if (!client?.isRunning() || client === this.#deaf) return;
    const { document } = editor;
    const { version } = document;
    this.#asking?.cancel();
    const source = new vscode.CancellationTokenSource();
    this.#asking = source;
    const converter = client.code2ProtocolConverter;
    const params = { textDocument: { uri: converter.asUri(document.uri), version }, position: converter.asPosition(editor.selection.active) };
    try {
      const answer = await client.sendRequest<{ edits?: NextEdit[] } | null>(NEXT_EDIT, params, source.token);
      const [edit] = answer?.edits ?? [];
      if (!edit || source.token.isCancellationRequested || document.version !== version) return;
      this.#predicted(client, edit, document);
    } catch (error) {
      if ((error as { code?: number }).code === METHOD_NOT_FOUND) this.#deaf = client;
      if (!source.token.isCancellationRequested) log.debug(`${NEXT_EDIT}: ${messageOf(error)}`);
    } finally {
      source.dispose();
    }
  }

  #predicted(client: LanguageClient, edit: NextEdit, origin: vscode.TextDocument): void {
    const uri = client.protocol2CodeConverter.asUri(edit.textDocument.uri);
    const open = vscode.workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
    const { version } = edit.textDocument;
    if (open && typeof version === 'number' && version !== open.version) return;
    const id: unknown = edit.command?.arguments?.[0];
    this.#prediction = {
      id: typeof id === 'string' ? id : undefined,
      uri,
      range: client.protocol2CodeConverter.asRange(edit.range),
      text: edit.text,
      origin,
      originVersion: origin.version,
      isShown: false,
    };
    void vscode.commands.executeCommand('setContext', VISIBLE, true);
    this.#draw();
  }

  /** Draws what there is, wherever it can be seen now. */
  #draw(): void {
    const prediction = this.#prediction;
    if (!prediction) return;
    const active = vscode.window.activeTextEditor;
    erase(vscode.window.visibleTextEditors);
    if (!active) return;
    const editor = vscode.window.visibleTextEditors.find(each => each.document.uri.toString() === prediction.uri.toString());
    const isReached = editor === active && isAt(active, prediction.range);
    // In the line of the cursor ghost text and the edit would be drawn over each other, and ghost text comes first.
    if (isReached && this.#ghostText.isOffered(active)) return;
    if (editor) drawEdit(editor, prediction.range, prediction.text, isReached);
    const isInSight = editor === active && editor.visibleRanges.some(range => range.intersection(prediction.range));
    if (!isInSight) drawHint(active, whereTo(active, prediction));
    if (!prediction.isShown && prediction.id) {
      prediction.isShown = true;
      void this.#client()?.sendNotification(NEXT_EDIT_SHOWN, { item: { command: { arguments: [prediction.id] } } });
    }
  }

  /** Tab: to the edit, and once there, take it. */
  async #go(): Promise<void> {
    const prediction = this.#prediction;
    const active = vscode.window.activeTextEditor;
    if (!prediction || !active) return;
    const isThere = active.document.uri.toString() === prediction.uri.toString();
    if (isThere && isAt(active, prediction.range)) {
      await this.#accept(prediction, active);
      return;
    }
    const editor = isThere ? active : await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(prediction.uri));
    if (this.#prediction !== prediction) return;
    editor.selection = new vscode.Selection(prediction.range.start, prediction.range.start);
    editor.revealRange(prediction.range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    this.#draw();
  }

  async #accept(prediction: Prediction, editor: vscode.TextEditor): Promise<void> {
    const { range, text, id } = prediction;
    const start = editor.document.offsetAt(range.start);
    this.#drop();
    if (!(await editor.edit(builder => builder.replace(range, text)))) return;
    const normalised = editor.document.eol === vscode.EndOfLine.CRLF ? text.replace(/\r?\n/g, '\r\n') : text.replaceAll('\r\n', '\n');
    const end = editor.document.positionAt(start + normalised.length);
    editor.selection = new vscode.Selection(end, end);
    await this.#tell(NEXT_EDIT_ACCEPTED, id);
  }

  async #reject(): Promise<void> {
    const id = this.#prediction?.id;
    this.#drop();
    await this.#tell(NEXT_EDIT_REJECTED, id);
  }

  async #tell(command: string, id: string | undefined): Promise<void> {
    const client = this.#client();
    if (id === undefined || !client?.isRunning()) return;
    await client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [id] }).catch(error => log.debug(`${command}: ${messageOf(error)}`));
  }

  #drop(): void {
    if (!this.#prediction) return;
    this.#prediction = undefined;
    erase(vscode.window.visibleTextEditors);
    void vscode.commands.executeCommand('setContext', VISIBLE, false);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#asking?.cancel();
    this.#drop();
    this.#heard.dispose();
  }
}

function isAt(editor: vscode.TextEditor, range: vscode.Range): boolean {
  const { line } = editor.selection.active;
  return line >= range.start.line && line <= range.end.line;
}

function whereTo(from: vscode.TextEditor, { uri, range }: Prediction): string {
  const line = range.start.line + 1;
  if (uri.toString() !== from.document.uri.toString()) return `→ ${vscode.workspace.asRelativePath(uri)}:${line}`;
  return `${range.start.line < from.selection.active.line ? '↑' : '↓'} line ${line}`;
}
