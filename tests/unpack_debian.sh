#!/usr/bin/env bash
# usage: unpack_debian.sh SUITE FOLDER PACKAGE…
#
# Unpack packages of a Debian suite, with all that they need, libc included, into FOLDER. Nothing is installed on the host,
# its own apt keeps its state, and root is not needed. Programs there are started by FOLDER's own loader, for the host's
# libc may be older. Called by the scripts that install what tests drive.
set -euo pipefail

suite=$1 folder=$2
shift 2

mirror=$(grep -rhoE 'https?://[^ ]+/debian/?($| )' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -1 || true)
mirror=${mirror// /}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if ! command -v apt-get >/dev/null || [ -z "$mirror" ] || [ ! -e "$keyring" ]; then
    echo "unpack_debian: this is no Debian to get $* from" >&2
    exit 1
fi

apt=$(mktemp -d "${TMPDIR:-/tmp}/unpack-debian.XXXXXX")
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt"/{lists/partial,archives/partial,sources} "$folder"
: >"$apt/status" # nothing counts as installed, so that apt gets the whole closure
printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$apt/sources/$suite.list"
cat >"$apt/apt.conf" <<CONF
Dir::State "$apt"; Dir::State::lists "$apt/lists"; Dir::State::status "$apt/status";
Dir::Cache "$apt"; Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "$apt/sources";
APT::Sandbox::User ""; Acquire::Retries "3"; Acquire::Languages "none";
CONF
(
    export APT_CONFIG=$apt/apt.conf DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq -y --no-install-recommends --download-only install "$@"
) >&2
for package in "$apt"/archives/*.deb; do
    dpkg-deb -x "$package" "$folder"
done
