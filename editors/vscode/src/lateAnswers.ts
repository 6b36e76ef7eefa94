// Answers of slow models. VS Code gives inline completions 750 ms (its default of `editor.quickSuggestions`), takes the
// request back and shows its own menu. A model may need longer, and the user may well be waiting: so a request that is taken
// back while nothing was typed and the cursor has not moved goes on, and VS Code is asked to ask again once the answer is
// there.
import * as vscode from 'vscode';

export type Answer = vscode.InlineCompletionItem[] | vscode.InlineCompletionList | null | undefined;

interface Place {
  document: vscode.TextDocument;
  version: number;
  position: vscode.Position;
}

export class LateAnswers implements vscode.Disposable {
  readonly #heard: vscode.Disposable;
  /** The request that was taken back and goes on. */
  #waiting: { place: Place; source: vscode.CancellationTokenSource } | undefined;
  /** The answer that came too late, for the next request at its place. */
  #come: { place: Place; answer: Answer } | undefined;

  constructor() {
    this.#heard = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(() => this.#look()),
      vscode.window.onDidChangeTextEditorSelection(() => this.#look()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#look()),
    );
  }

  /** The answer of `next`, or the one that has come late for this place. */
  async ask(document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken, next: (token: vscode.CancellationToken) => vscode.ProviderResult<Answer>): Promise<Answer> {
    const place = { document, version: document.version, position };
    const come = this.#come;
    this.#come = undefined;
    if (come && isSame(come.place, place)) return come.answer;
    this.#giveUp();
    const source = new vscode.CancellationTokenSource();
    const takenBack = token.onCancellationRequested(() => {
      if (isHere(place)) this.#waiting = { place, source };
      else source.cancel();
    });
    try {
      const answer = await next(source.token);
      if (token.isCancellationRequested && this.#waiting?.source === source) await this.#came(place, answer);
      return answer;
    } finally {
      takenBack.dispose();
      if (this.#waiting?.source === source) this.#waiting = undefined;
    }
  }

  async #came(place: Place, answer: Answer): Promise<void> {
    this.#waiting = undefined;
    if (!itemsOf(answer).length || !isHere(place)) return;
    this.#come = { place, answer };
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
  }

  #look(): void {
    if (this.#waiting && !isHere(this.#waiting.place)) this.#giveUp();
    if (this.#come && !isHere(this.#come.place)) this.#come = undefined;
  }

  #giveUp(): void {
    this.#waiting?.source.cancel();
    this.#waiting = undefined;
  }

  dispose(): void {
    this.#giveUp();
    this.#heard.dispose();
  }
}

export function itemsOf(answer: Answer): vscode.InlineCompletionItem[] {
  return Array.isArray(answer) ? answer : (answer?.items ?? []);
}

function isSame(one: Place, other: Place): boolean {
  return one.document === other.document && one.version === other.version && one.position.isEqual(other.position);
}

/** Whether the user is still there, and nothing was typed since. */
function isHere({ document, version, position }: Place): boolean {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document && document.version === version && editor.selection.isEmpty && editor.selection.active.isEqual(position);
}
