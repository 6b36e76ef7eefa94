#!/usr/bin/env bash
# Find, or install, the llama.cpp server that the engine tests drive, and print the path of the program as the only line
# of output.
#
# Looked at in turn: $COPILOT_LS_TEST_LLAMA_SERVER; `llama-server` on PATH; the private prefix of an earlier run.
# Otherwise the package of Debian's testing suite and all that it needs are unpacked into
# ~/.cache/copilot-ls-test-engines (20 MB to fetch, some ten seconds).
set -euo pipefail

suite=forky
prefix=${COPILOT_LS_TEST_ENGINES:-${XDG_CACHE_HOME:-$HOME/.cache}/copilot-ls-test-engines}/llama-server
say() { printf 'install_llama_server: %s\n' "$*" >&2; }

runs() {
    [ -n "$1" ] && "$1" --version 2>&1 | grep -q '^version: '
}

for program in "${COPILOT_LS_TEST_LLAMA_SERVER:-}" "$(command -v llama-server || true)" "$prefix/llama-server"; do
    if runs "$program"; then
        echo "$program"
        exit
    fi
done
if [ -n "${COPILOT_LS_TEST_LLAMA_SERVER:-}" ]; then
    say "COPILOT_LS_TEST_LLAMA_SERVER=$COPILOT_LS_TEST_LLAMA_SERVER does not run, or is no llama.cpp server"
    exit 1
fi

mkdir -p "$(dirname "$prefix")"
exec 9>"$prefix.lock"
flock 9
if runs "$prefix/llama-server"; then # another run was faster
    echo "$prefix/llama-server"
    exit
fi

say "getting llama.cpp from Debian $suite into $prefix"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")/../unpack_debian.sh" "$suite" "$work/system" llama.cpp-tools || {
    say "no llama.cpp server here, and none to be had from Debian $suite:"
    say "install it and put it on PATH, or set COPILOT_LS_TEST_LLAMA_SERVER to the program"
    exit 1
}

# The code for each kind of processor is looked for beside the running program, which is the loader.
for loader in "$work"/system/usr/lib/*/ld-linux*.so.*; do
    (cd "$(dirname "$loader")" && ln -sf ggml/backends*/libggml-cpu-*.so .)
done
cat >"$work/llama-server" <<'RUN'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/system
loader=$(find "$here/usr/lib" -name 'ld-linux*.so.*' | head -1)
folder=$(dirname "$loader")
exec "$loader" --library-path "$folder:$folder/llama" "$here/usr/bin/llama-server" "$@"
RUN
chmod +x "$work/llama-server"
runs "$work/llama-server" || {
    say "the llama.cpp server of Debian $suite does not run: $("$work/llama-server" --version 2>&1 | tail -1)"
    exit 1
}
rm -rf "$prefix"
mv "$work" "$prefix"
trap - EXIT
chmod 755 "$prefix"
echo "$prefix/llama-server"
