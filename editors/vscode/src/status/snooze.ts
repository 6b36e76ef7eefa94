// Asks for how long nothing is to be suggested.
import * as vscode from 'vscode';

const MINUTES = [5, 10, 30, 60, 240];

export async function snooze(forMinutes: (minutes: number) => Promise<void>): Promise<void> {
  const choices = MINUTES.map(minutes => ({ label: minutes < 60 ? `${minutes} minutes` : `${minutes / 60} ${minutes === 60 ? 'hour' : 'hours'}`, minutes }));
  const chosen = await vscode.window.showQuickPick(choices, { title: 'Snooze suggestions for', placeHolder: 'No ghost text and no next edits meanwhile' });
  if (chosen) await forMinutes(chosen.minutes);
}
