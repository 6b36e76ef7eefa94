// Draws a predicted edit: what would go is struck out, what would come stands after it, and where it is out of sight a hint
// at the cursor says where. Decorations are what the stable API has for that; the hover shows the whole.
import * as vscode from 'vscode';
import { differences } from './difference.ts';

const MAX_CHARS = 120;

const gone = vscode.window.createTextEditorDecorationType({
  backgroundColor: new vscode.ThemeColor('diffEditor.removedTextBackground'),
  textDecoration: 'line-through',
  rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
});
const come = vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
const hint = vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
export const decorations = vscode.Disposable.from(gone, come, hint);

/** Draws the edit in its editor. `isReached` says that the next Tab takes it, not that it jumps. */
export function drawEdit(editor: vscode.TextEditor, range: vscode.Range, text: string, isReached: boolean): void {
  const { document } = editor;
  const changes = differences(document.getText(range).replaceAll('\r\n', '\n'), text.replaceAll('\r\n', '\n'), range.start.character);
  const hoverMessage = whole(document, range, text);
  const removed: vscode.DecorationOptions[] = [];
  const added: vscode.DecorationOptions[] = [];
  changes.forEach((change, n) => {
    const line = range.start.line + change.line;
    const place = new vscode.Range(line, change.start, line, change.end);
    if (!place.isEmpty) removed.push({ range: place, hoverMessage });
    const isLast = n === changes.length - 1;
    if (change.text) added.push({ range: new vscode.Range(place.end, place.end), hoverMessage, renderOptions: { after: newText(change.text) } });
    if (isLast) added.push({ range: document.lineAt(line).range, hoverMessage, renderOptions: { after: label(isReached ? 'Tab: take' : 'Tab: go') } });
  });
  editor.setDecorations(gone, removed);
  editor.setDecorations(come, added);
}

/** Says at the cursor where the edit is, in few words: lines are long. */
export function drawHint(editor: vscode.TextEditor, where: string): void {
  const line = editor.document.lineAt(editor.selection.active.line).range;
  editor.setDecorations(hint, [{ range: line, renderOptions: { after: label(`Tab ${where}`) } }]);
}

export function erase(editors: readonly vscode.TextEditor[]): void {
  for (const editor of editors) {
    for (const type of [gone, come, hint]) editor.setDecorations(type, []);
  }
}

function newText(text: string): vscode.ThemableDecorationAttachmentRenderOptions {
  // An attachment has one line: the ends of others are signs, and what leads them is kept short.
  const line = text.replace(/\n[ \t]*/g, ' ⏎ ').trimEnd();
  return {
    contentText: line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line.replaceAll(' ', ' '),
    color: new vscode.ThemeColor('editor.foreground'),
    backgroundColor: new vscode.ThemeColor('diffEditor.insertedTextBackground'),
  };
}

function label(text: string): vscode.ThemableDecorationAttachmentRenderOptions {
  return {
    contentText: text.replaceAll(' ', ' '),
    color: new vscode.ThemeColor('editorInlayHint.foreground'),
    backgroundColor: new vscode.ThemeColor('editorInlayHint.background'),
    margin: '0 0 0 1.5em',
    // The editor has no other way to round a label: this goes into the rule as it stands.
    textDecoration: 'none; border-radius: 3px; padding: 0 0.4em; font-size: 0.9em',
  };
}

function whole(document: vscode.TextDocument, range: vscode.Range, text: string): vscode.MarkdownString {
  const first = document.lineAt(range.start.line).text.slice(0, range.start.character);
  const last = document.lineAt(range.end.line).text.slice(range.end.character);
  const old = `${first}${document.getText(range)}${last}`;
  const lines = [...old.split(/\r?\n/).map(line => `-${line}`), ...`${first}${text}${last}`.split(/\r?\n/).map(line => `+${line}`)];
  return new vscode.MarkdownString().appendCodeblock(lines.join('\n'), 'diff');
}
