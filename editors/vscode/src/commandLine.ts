// The server's program as a command: `copilot-ls stats`, `doctor`, `trust`, in the workspace's folder.
import * as vscode from 'vscode';
import { type Outcome, run } from './server/run.ts';
import type { Supervisor } from './supervisor.ts';

const WITHIN_MS = 90_000;

/** Undefined, after saying so, where there is no server. */
export async function copilotLs(supervisor: Supervisor, args: readonly string[], token?: vscode.CancellationToken): Promise<Outcome | undefined> {
  const program = await programOf(supervisor);
  if (!program) return undefined;
  const cwd = folder();
  return run(program, args, { timeoutMs: WITHIN_MS, ...(cwd ? { cwd } : {}), ...(token ? { token } : {}) });
}

export async function programOf(supervisor: Supervisor): Promise<string | undefined> {
  const program = await supervisor.program();
  if (program) return program;
  const install = 'Install';
  const chosen = await vscode.window.showInformationMessage('The server of copilot-ls is not installed yet.', install);
  if (chosen === install) await vscode.commands.executeCommand('copilot-ls.installServer');
  return undefined;
}

/** The folder of the file that is looked at, or the first one of the workspace. */
export function folder(): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const found = (uri && vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
  return found?.uri.scheme === 'file' ? found.uri.fsPath : undefined;
}
