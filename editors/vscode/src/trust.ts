// Trusting the workspace's own settings file, after showing what it would set. The server's command decides and remembers.
import * as vscode from 'vscode';
import { copilotLs, folder } from './commandLine.ts';
import type { Supervisor } from './supervisor.ts';

interface Answer {
  file: string;
  trusted: boolean;
  needs_trust: Record<string, unknown>;
}

export async function trustWorkspace(supervisor: Supervisor): Promise<void> {
  const where = folder();
  if (!where) {
    void vscode.window.showInformationMessage('No folder is open that could be trusted.');
    return;
  }
  const asked = await answerOf(supervisor, ['trust', '--json', where]);
  if (!asked) return;
  if (asked.trusted) {
    const revoke = 'Trust No Longer';
    const chosen = await vscode.window.showInformationMessage(`copilot-ls trusts ${where} already.`, revoke);
    if (chosen === revoke && (await answerOf(supervisor, ['trust', '--json', '--revoke', where]))) supervisor.session?.tellSettings();
    return;
  }
  const settings = Object.entries(asked.needs_trust).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const detail = [
    settings.length ? `${asked.file} would set:\n${settings.join('\n')}` : `${asked.file} sets nothing that needs trust.`,
    'Fixes will be checked with what the workspace is configured for (ruff, mypy, tsc, cargo check and so on), which may run code of the workspace.',
  ].join('\n\n');
  const yes = 'Trust';
  if ((await vscode.window.showWarningMessage(`Trust ${where}, as it is now?`, { modal: true, detail }, yes)) !== yes) return;
  if (await answerOf(supervisor, ['trust', '--json', '--yes', where])) supervisor.session?.tellSettings();
}

/** The command ends with 1 where the workspace is not trusted, which is no failure. */
async function answerOf(supervisor: Supervisor, args: readonly string[]): Promise<Answer | undefined> {
  const outcome = await copilotLs(supervisor, args);
  if (!outcome) return undefined;
  try {
    return JSON.parse(outcome.stdout) as Answer;
  } catch {
    void vscode.window.showErrorMessage(outcome.stderr.trim() || 'copilot-ls trust has not answered');
    return undefined;
  }
}
