#!/usr/bin/env bash
# Find, or install, a Jupyter Server with the extension jupyter-copilot, and print its environment's folder as the only line.
#
# A client of GitHub's language server that a package registry has: some 60 packages, 100 MB, half a minute, in
# ~/.cache/copilot-ls-test-editors. $PYTHON makes the environment.
set -euo pipefail

version=0.1.5
prefix=${COPILOT_LS_TEST_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/copilot-ls-test-editors}/jupyter-copilot-$version
if [ -x "$prefix/bin/jupyter-server" ]; then
    echo "$prefix"
    exit
fi
mkdir -p "$(dirname "$prefix")"
exec 9>"$prefix.lock"
flock 9
if [ ! -x "$prefix/bin/jupyter-server" ]; then
    rm -rf "$prefix"
    "${PYTHON:-python3}" -m venv "$prefix" >&2
    "$prefix/bin/python" -m pip install -qq --disable-pip-version-check --no-input --only-binary :all: \
        "jupyter-copilot==$version" "jupyter-server<3" nbformat >&2 || {
        rm -rf "$prefix"
        echo "install_jupyter_copilot: jupyter-copilot $version cannot be had" >&2
        exit 1
    }
fi
echo "$prefix"
