// The server's longer commands (explain, fix, change, …), each with a notification that says how it goes and cancels it.
// vscode-languageclient's own progress hides its cancel button.
import * as vscode from 'vscode';
import { ExecuteCommandRequest, type LanguageClient, WorkDoneProgress, WorkDoneProgressCancelNotification } from 'vscode-languageclient/node';

const CHANGE = 'copilot-ls.change';
const TITLES: Readonly<Record<string, string>> = {
  'copilot-ls.explain': 'Explaining',
  'copilot-ls.fix': 'Fixing',
  [CHANGE]: 'Changing',
  'copilot-ls.document': 'Documenting',
  'copilot-ls.writeTests': 'Writing tests',
};

/** The commands of the palette: what the server is asked to do at the cursor, by the name of the extension's command. */
export const HERE: Readonly<Record<string, readonly [command: string, more?: object]>> = {
  explainHere: ['copilot-ls.explain'],
  fixHere: ['copilot-ls.fix'],
  fixFile: ['copilot-ls.fix', { scope: 'file' }],
  changeHere: [CHANGE],
  documentHere: ['copilot-ls.document'],
  writeTestsHere: ['copilot-ls.writeTests'],
};

let nTokens = 0;

/** vscode-languageclient's middleware: asks for the wish where there is none yet, and shows how it goes. */
export async function executeWork(
  client: () => LanguageClient | undefined,
  command: string,
  args: unknown[],
  next: (command: string, args: unknown[]) => vscode.ProviderResult<unknown>,
): Promise<unknown> {
  const running = client();
  const title = TITLES[command];
  if (!title || !running) return next(command, args);
  const [place] = args as [{ wish?: string } | undefined];
  if (command === CHANGE && place && !place.wish) {
    const wish = await vscode.window.showInputBox({ title: 'Change', prompt: 'What should be changed here?' });
    if (!wish?.trim()) return undefined;
    args = [{ ...place, wish }];
  }
  const workDoneToken = `copilot-ls/vscode/${++nTokens}`;
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  return vscode.window.withProgress(options, async (progress, cancellation) => {
    const heard = running.onProgress(WorkDoneProgress.type, workDoneToken, value => {
      if (value.message !== undefined) progress.report({ message: value.message });
    });
    cancellation.onCancellationRequested(() => void running.sendNotification(WorkDoneProgressCancelNotification.type, { token: workDoneToken }));
    try {
      return await running.sendRequest(ExecuteCommandRequest.type, { command, arguments: args as never[], workDoneToken });
    } finally {
      heard.dispose();
    }
  });
}

/** The argument of the server's commands for the place where the user is. */
export function here(client: LanguageClient, more: object | undefined): object | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const converter = client.code2ProtocolConverter;
  return {
    uri: converter.asUri(editor.document.uri),
    range: converter.asRange(editor.selection),
    version: editor.document.version,
    ...more,
  };
}
