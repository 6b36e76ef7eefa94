// The menu behind the status bar's item: what can be done now, the likeliest first.
import * as vscode from 'vscode';
import type { StatusBoard } from './board.ts';
import { acceptance, minutesLeft, model, wordsOf } from './words.ts';

interface Choice extends vscode.QuickPickItem {
  command?: string;
}

export async function showMenu(board: StatusBoard): Promise<void> {
  await board.ask();
  const { server, status } = board.view;
  const now = Date.now() / 1000;
  const words = wordsOf(server, status, now);
  const language = vscode.window.activeTextEditor?.document.languageId;
  const choices: Choice[] = [];
  const add = (icon: string, label: string, command: string, description = ''): void => {
    choices.push({ label: `$(${icon}) ${label}`, description, command });
  };
  const heading = (label: string): void => void choices.push({ label, kind: vscode.QuickPickItemKind.Separator });
  if (server.is === 'missing') add('cloud-download', 'Install the server', 'copilot-ls.installServer');
  if (server.is === 'running') {
    heading('Suggestions');
    if (minutesLeft(status.snoozedUntil, now) > 0) add('bell', 'Resume', 'copilot-ls.resumeSuggestions');
    else add('bell-slash', 'Snooze…', 'copilot-ls.snoozeSuggestions');
    const isOff = status.enabled === false;
    add(isOff ? 'circle-filled' : 'circle-slash', isOff ? 'Turn on' : 'Turn off', 'copilot-ls.toggleSuggestions', 'in this window, until it is closed');
    if (language && !isOff) {
      const isOffHere = status.document?.languageId === language && !status.document.enabled;
      add(isOffHere ? 'circle-filled' : 'circle-slash', `${isOffHere ? 'Turn on' : 'Turn off'} for ${language}`, 'copilot-ls.toggleLanguage', isOffHere ? (status.document?.reason ?? '') : '');
    }
    heading('At the cursor');
    add('comment', 'Explain', 'copilot-ls.explainHere');
    add('wrench', 'Fix', 'copilot-ls.fixHere');
    add('arrow-right', 'Next edit', 'copilot-ls.askNextEdit');
  }
  heading('copilot-ls');
  const rate = acceptance(status);
  add('graph', 'Statistics', 'copilot-ls.statistics', rate && `${rate} taken today`);
  add('dashboard', 'Dashboard', 'copilot-ls.dashboard');
  add('pulse', 'Doctor', 'copilot-ls.doctor');
  add('shield', 'Trust this workspace…', 'copilot-ls.trustWorkspace', status.untrustedFolders?.length ? 'its settings wait for that' : '');
  add('settings-gear', 'Settings', 'copilot-ls.settings');
  add('output', 'Log', 'copilot-ls.log');
  add('debug-restart', 'Restart the server', 'copilot-ls.restart', server.is === 'running' ? '' : words.sentence);
  const title = ['copilot-ls', model(status)].filter(Boolean).join(' · ');
  const chosen = await vscode.window.showQuickPick(choices, { title, placeHolder: words.sentence || 'All is well' });
  if (chosen?.command) await vscode.commands.executeCommand(chosen.command);
}
