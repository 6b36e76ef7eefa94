#!/usr/bin/env bash
# Find, or install, the Neovim that the editor tests drive, and print the path of the program as the only line of output.
#
# Looked at in turn: $COPILOT_LS_TEST_NVIM; `nvim` on PATH; the private prefix of an earlier run. Each must be >= 0.12, the
# first with inline completion. Otherwise the package of Debian's testing suite and all that it needs, libc included, are
# unpacked into ~/.cache/copilot-ls-test-editors (some 60 MB, half a minute); nothing is installed on the host, and
# root is not needed.
set -euo pipefail

suite=forky
prefix=${COPILOT_LS_TEST_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/copilot-ls-test-editors}/neovim
say() { printf 'install_neovim: %s\n' "$*" >&2; }

new_enough() { # does "$1" run, and is it >= 0.12?
    local version
    version=$("$1" --version 2>/dev/null | sed -nE '1s/^NVIM v([0-9]+)\.([0-9]+).*/\1 \2/p') || return 1
    read -r major minor <<<"$version" || return 1
    [ "$major" -gt 0 ] || [ "$minor" -ge 12 ]
}

for program in "${COPILOT_LS_TEST_NVIM:-}" "$(command -v nvim || true)" "$prefix/nvim"; do
    if [ -n "$program" ] && new_enough "$program"; then
        echo "$program"
        exit
    fi
done
if [ -n "${COPILOT_LS_TEST_NVIM:-}" ]; then
    say "COPILOT_LS_TEST_NVIM=$COPILOT_LS_TEST_NVIM is no Neovim >= 0.12"
    exit 1
fi

mkdir -p "$(dirname "$prefix")"
exec 9>"$prefix.lock"
flock 9
if new_enough "$prefix/nvim"; then # another run was faster
    echo "$prefix/nvim"
    exit
fi

say "getting Neovim from Debian $suite into $prefix"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")/../unpack_debian.sh" "$suite" "$work/root" neovim || {
    say "no Neovim >= 0.12 here, and none to be had from Debian $suite:"
    say "install it and put it on PATH, or set COPILOT_LS_TEST_NVIM to the program"
    exit 1
}

# Debian testing's libc is newer than the host's: its own loader starts the program. Enough for an embedded Neovim; the
# terminal interface, which starts v:progpath again, would need more.
cat >"$work/nvim" <<'END'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/root
loader=$(find "$here/usr/lib" -name 'ld-linux*.so.*' | head -1)
VIMRUNTIME=$here/usr/share/nvim/runtime exec "$loader" --library-path "$(dirname "$loader"):$(echo "$here"/usr/lib/*-linux-gnu)" "$here/usr/bin/nvim" "$@"
END
chmod +x "$work/nvim"
new_enough "$work/nvim" || {
    say "the Neovim of Debian $suite does not run, or is older than 0.12: $("$work/nvim" --version 2>&1 | head -1)"
    exit 1
}
rm -rf "$prefix"
mv "$work" "$prefix"
trap - EXIT
chmod 755 "$prefix"
echo "$prefix/nvim"
