// Makes dist/copilot-ls.vsix: the extension checked and bundled, and the server's wheel and lock beside it.
//
//   npm ci && npm run package          Node 22 or later, and a Python with `build` and `hatchling` (`make install`)
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const root = path.resolve(folder, '..', '..');
const inside = path.join(root, '.venv', process.platform === 'win32' ? 'Scripts\\python.exe' : 'bin/python');
const python = process.env.PYTHON ?? (existsSync(inside) ? inside : 'python3');
const run = (program, ...args) => execFileSync(program, args, { cwd: folder, stdio: ['ignore', 2, 2] });
const tool = (name, ...args) => run(process.execPath, path.join(folder, 'node_modules', name), ...args);

const oldest = 22;
if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(`package: this is Node ${process.versions.node}; vsce needs ${oldest} or later`);
  process.exit(1);
}
tool('typescript/bin/tsc');
rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
run('npm', 'run', '--silent', 'build');
const server = path.join(folder, 'server');
rmSync(server, { recursive: true, force: true });
mkdirSync(server);
run(python, '-m', 'build', '--wheel', '--no-isolation', '--outdir', server, root);
copyFileSync(path.join(root, 'requirements.lock'), path.join(server, 'requirements.lock'));
copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf-8'));
const [wheel] = readdirSync(server).filter(name => name.endsWith('.whl'));
if (!wheel?.startsWith(`copilot_ls-${version}-`)) throw new Error(`the extension is ${version}, and the wheel is ${wheel}`);
tool('@vscode/vsce/vsce', 'package', '--no-dependencies', '--skip-license', '--out', 'dist/copilot-ls.vsix');
