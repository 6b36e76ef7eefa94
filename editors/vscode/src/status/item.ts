// The item of the status bar: how the server is, which model answers, and how much of it was taken today.
import * as vscode from 'vscode';
import { own } from '../settings.ts';
import type { StatusBoard, View } from './board.ts';
import { wordsOf } from './words.ts';

export const MENU = 'copilot-ls.menu';

export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('copilot-ls', vscode.StatusBarAlignment.Right, 100);
  readonly #heard: vscode.Disposable;

  constructor(board: StatusBoard) {
    this.#item.name = 'copilot-ls';
    this.#item.command = MENU;
    this.#heard = vscode.Disposable.from(
      board.onDidChange(view => this.#show(view)),
      vscode.workspace.onDidChangeConfiguration(() => this.#show(board.view)),
    );
    this.#show(board.view);
  }

  #show({ server, status }: View): void {
    const words = wordsOf(server, status, Date.now() / 1000);
    this.#item.text = `$(${words.icon})${words.text ? ` ${words.text}` : ''}`;
    this.#item.tooltip = tooltip(words.sentence, status);
    this.#item.accessibilityInformation = { label: `copilot-ls: ${words.sentence || 'ready'}`, role: 'button' };
    this.#item.backgroundColor = words.colour && new vscode.ThemeColor(`statusBarItem.${words.colour}Background`);
    if (own('statusBar.enable', true)) this.#item.show();
    else this.#item.hide();
  }

  dispose(): void {
    this.#heard.dispose();
    this.#item.dispose();
  }
}

function tooltip(sentence: string, { version, backends, today }: View['status']): vscode.MarkdownString {
  // What the server says may quote names of others': text, never markup.
  const text = new vscode.MarkdownString(`**copilot-ls** ${version ?? ''}\n\n`);
  if (sentence) text.appendText(sentence).appendMarkdown('\n\n');
  for (const { name, model, state } of backends ?? []) text.appendMarkdown('- ').appendText(`${model && model !== name ? `${name} (${model})` : name}: ${state}`).appendMarkdown('\n');
  if (today && today.shown > 0) {
    const rate = today.acceptanceRate === null ? '' : ` (${(100 * today.acceptanceRate).toFixed(0)} %)`;
    text.appendMarkdown('\n').appendText(`Today: ${today.accepted} of ${today.shown} suggestions taken${rate}`);
  }
  return text;
}
