// The settings that the user has set, as the server's section `copilot-ls`.
//
// VS Code knows the server's keys (package.json lists them, generated from the server's schema), and would answer with
// their defaults as well: these would then win over the user's own config.toml. So only what somebody has set is passed
// on. What a workspace may set is VS Code's decision by each key's scope and by its list of restricted keys.
import * as vscode from 'vscode';
import { serverLevel } from './log.ts';

export const SECTION = 'copilot-ls';
/** Keys of the extension itself, which the server does not know. */
const OWN = /^copilot-ls\.(server|nextEdit|statusBar|trace)\./;

/** The section that the server is answered with when it asks for its settings. `manifest` is the extension's package.json. */
export function explicitSettings(manifest: unknown): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration();
  // Never empty: to the server an empty section is one that the editor does not have, and it would keep the last one.
  const section: Record<string, unknown> = { completion: null };
  for (const key of serverKeys(manifest)) {
    if (!isSet(all.inspect(key))) continue;
    const [, ...path] = key.split('.');
    put(section, path, all.get(key));
  }
  const level = serverLevel();
  if (level && !isSet(all.inspect(`${SECTION}.log.level`))) put(section, ['log', 'level'], level);
  return section;
}

/** The value of one of the extension's own settings. */
export function own<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration(SECTION).get<T>(name, otherwise);
}

function serverKeys(manifest: unknown): string[] {
  const groups = (manifest as Manifest).contributes.configuration;
  return groups.flatMap(group => Object.keys(group.properties)).filter(key => !OWN.test(key));
}

function isSet(found: { globalValue?: unknown; workspaceValue?: unknown; workspaceFolderValue?: unknown } | undefined): boolean {
  return (found?.globalValue ?? found?.workspaceValue ?? found?.workspaceFolderValue) !== undefined;
}

function put(tree: Record<string, unknown>, path: string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) tree[name] = value;
  else put((tree[name] ??= {}) as Record<string, unknown>, rest, value);
}

interface Manifest {
  contributes: { configuration: { properties: Record<string, unknown> }[] };
}
