// The panel with the statistics: asks the server's command, shows `page`, and asks again when it is looked at again.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { copilotLs } from '../commandLine.ts';
import type { Supervisor } from '../supervisor.ts';
import { type Choice, GROUPINGS, PERIODS, page } from './page.ts';
import type { Report } from './report.ts';

const NOTHING_YET = 'Nothing has been shown in this time. The figures appear once ghost text has been seen.';

export class StatisticsPanel implements vscode.Disposable {
  readonly #supervisor: Supervisor;
  #panel: vscode.WebviewPanel | undefined;
  #choice: Choice = { period: '7d', by: 'language' };

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  async show(): Promise<void> {
    if (!this.#panel) {
      const panel = vscode.window.createWebviewPanel('copilot-ls.statistics', 'Statistics of copilot-ls', vscode.ViewColumn.Active, { enableScripts: true, localResourceRoots: [] });
      panel.iconPath = new vscode.ThemeIcon('graph') as never;
      panel.onDidDispose(() => (this.#panel = undefined));
      panel.onDidChangeViewState(() => panel.visible && void this.#fill());
      panel.webview.onDidReceiveMessage((message: unknown) => this.#heard(message));
      this.#panel = panel;
    }
    this.#panel.reveal();
    await this.#fill();
  }

  #heard(message: unknown): void {
    const { do: what, choice, value } = message as { do?: string; choice?: string; value?: string };
    if (what === 'dashboard') void vscode.commands.executeCommand('copilot-ls.dashboard');
    if (choice === 'period' && value && value in PERIODS) this.#choice = { ...this.#choice, period: value };
    if (choice === 'by' && value && GROUPINGS.includes(value)) this.#choice = { ...this.#choice, by: value };
    if (what !== 'dashboard') void this.#fill();
  }

  async #fill(): Promise<void> {
    const choice = this.#choice;
    const since = choice.period === 'all' ? [] : ['--since', choice.period];
    const outcome = await copilotLs(this.#supervisor, ['stats', '--json', '--by', choice.by, ...since]);
    if (!outcome || !this.#panel || choice !== this.#choice) return;
    this.#panel.webview.html = page(reportOf(outcome), choice, randomBytes(18).toString('base64url'), this.#panel.webview.cspSource);
  }

  dispose(): void {
    this.#panel?.dispose();
  }
}

function reportOf({ status, stdout, stderr }: { status: number | undefined; stdout: string; stderr: string }): Report | string {
  if (status !== 0) return stderr.trim() || 'copilot-ls stats has not answered';
  try {
    const report = JSON.parse(stdout) as Report;
    return report.shown ? report : NOTHING_YET;
  } catch {
    return 'what copilot-ls stats has answered cannot be read; is the server older than the extension?';
  }
}
