// The report of `copilot-ls doctor`, as a page that can be copied into a bug report.
import * as vscode from 'vscode';
import { copilotLs } from './commandLine.ts';
import type { Pages } from './pages.ts';
import type { Supervisor } from './supervisor.ts';

export async function showDoctor(supervisor: Supervisor, pages: Pages, version: string): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: 'copilot-ls doctor', cancellable: true };
  const outcome = await vscode.window.withProgress(options, (_, token) => copilotLs(supervisor, ['doctor'], token));
  if (!outcome) return;
  const editor = `${vscode.env.appName} ${vscode.version}${remote()}, extension ${version}`;
  const report = outcome.stdout.trim() || outcome.stderr.trim() || 'copilot-ls doctor has not answered.';
  await pages.show(`doctor-${Date.now().toString(36)}`, 'copilot-ls doctor.txt', `Editor\n  ok  ${editor}\n\n${report}\n`, 'plaintext', vscode.ViewColumn.Active);
}

/** What kind of a remote it is; which host is nobody's business. */
function remote(): string {
  const [kind] = (vscode.env.remoteName ?? '').split(/[+:.]/);
  if (!kind) return '';
  return /^[a-z-]+$/.test(kind) ? ` (remote: ${kind})` : ' (remote)';
}
