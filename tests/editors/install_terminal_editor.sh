#!/usr/bin/env bash
# usage: install_terminal_editor.sh emacs|helix|vim
#
# Find, or install, an editor that the tests drive in a terminal, and print the path of the program as the only line of
# output. The packages of Debian's testing suite and all that they need, libc included, are unpacked into
# ~/.cache/copilot-ls-test-editors/EDITOR; nothing is installed on the host, and root is not needed. Emacs (with lsp-mode 10, which
# is compiled) takes 360 MB and under a minute, Helix 40 MB, Vim with ALE 70 MB and some seconds each. The host's own are not used:
# the tests rely on the packages that come along.
set -euo pipefail

suite=forky
editor=${1:?which editor: emacs, helix or vim}
prefix=${COPILOT_LS_TEST_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/copilot-ls-test-editors}/$editor
say() { printf 'install_terminal_editor: %s\n' "$*" >&2; }

case $editor in
emacs) packages=(emacs-nox elpa-lsp-mode) ;;
helix) packages=(hx) ;;
vim) packages=(vim vim-ale) ;;
*)
    say "$editor is none of emacs, helix, vim"
    exit 1
    ;;
esac

works() { # does the program "$1" run, and has it what the tests need?
    [ -x "$1" ] || return 1
    case $editor in
    emacs) "$1" --batch --eval "(progn (require 'lsp-inline-completion) (require 'eglot))" ;;
    helix) "$1" --version ;;
    vim) "$1" --version | grep -q '+channel' && [ -d "$(dirname "$1")/unpacked/usr/share/vim-ale" ] ;;
    esac >/dev/null 2>&1 </dev/null
}

if works "$prefix/$editor"; then
    echo "$prefix/$editor"
    exit
fi
mkdir -p "$(dirname "$prefix")"
exec 9>"$prefix.lock"
flock 9
if works "$prefix/$editor"; then # another run was faster
    echo "$prefix/$editor"
    exit
fi

say "getting ${packages[*]} from Debian $suite into $prefix"
rm -rf "$prefix"
work=$(mktemp -d "$prefix.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")/../unpack_debian.sh" "$suite" "$work/unpacked" "${packages[@]}" || {
    say "no $editor to be had from Debian $suite"
    exit 1
}

# Debian testing's libc is newer than the host's: its own loader starts the program.
cat >"$work/$editor" <<'END'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/unpacked
loader=$(find "$here/usr/lib" -name 'ld-linux*.so.*' | head -1)
run() { exec "$loader" --library-path "$(dirname "$loader"):$(echo "$here"/usr/lib/*-linux-gnu)" "$@"; }
END
case $editor in
emacs)
    cat >>"$work/$editor" <<'END'
version=$(ls "$here/usr/libexec/emacs" | head -1)
share=$here/usr/share/emacs/$version
EMACSPATH=$(ls -d "$here/usr/libexec/emacs/$version"/*)
export EMACSPATH EMACSDATA="$share/etc" EMACSDOC="$share/etc"
EMACSLOADPATH=$here/site:$share/lisp
for folder in $(find "$share/lisp" -mindepth 1 -type d ! -name obsolete ! -name term) "$here"/usr/share/emacs/site-lisp/elpa-src/*; do
    EMACSLOADPATH=$EMACSLOADPATH:$folder
done
export EMACSLOADPATH
run "$here/usr/bin/emacs-nox" --dump-file="$(ls "$EMACSPATH"/emacs-*.pdmp)" "$@"
END
    # Compiling natively would start the program without its loader. Autoloads are what a package manager would load.
    mkdir "$work/unpacked/site"
    cat >"$work/unpacked/site/site-start.el" <<'END'
(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)
(dolist (folder load-path)
  (when (string-match-p "/elpa-src/" folder)
    (dolist (file (directory-files folder t "-autoloads\\.el\\'"))
      (load file nil t))))
END
    # What is compiled natively is looked for beside the folder of what runs, which is the loader.
    ln -s "emacs/$(ls "$work/unpacked/usr/lib/emacs" | head -1)/native-lisp" "$work/unpacked/usr/lib/native-lisp"
    ;;
helix)
    echo 'HELIX_RUNTIME=$here/usr/lib/hx/runtime run "$here/usr/bin/hx" "$@"' >>"$work/$editor"
    ;;
vim)
    echo 'VIM=$here/usr/share/vim VIMRUNTIME=$(ls -d "$here"/usr/share/vim/vim9*) run "$here/usr/bin/vim.basic" "$@"' >>"$work/$editor"
    ;;
esac
chmod +x "$work/$editor"
if [ "$editor" = emacs ]; then # the sources of what the tests load
    site=$work/unpacked/usr/share/emacs/site-lisp/elpa-src
    sources=("$site"/{dash,f,ht,lv,s,spinner,markdown-mode}-*/*.el)
    for name in protocol mode completion diagnostics headerline icons inline-completion lens modeline semantic-tokens; do
        sources+=("$site"/lsp-mode-*/"lsp-$name.el")
    done
    "$work/emacs" --batch -f batch-byte-compile "${sources[@]}" >/dev/null 2>&1 || true
fi
works "$work/$editor" || {
    say "the $editor of Debian $suite does not run: $("$work/$editor" --version 2>&1 | head -1)"
    exit 1
}
mv "$work" "$prefix"
trap - EXIT
chmod 755 "$prefix"
echo "$prefix/$editor"
