#!/usr/bin/env bash
# usage: install_llama_cpp_python.sh [PYTHON]
#
# Find, or build, llama-cpp-python with its server, and print the path of a Python that has both as the only line of output.
#
# Looked at in turn: $COPILOT_LS_TEST_LLAMA_CPP_PYTHON, a Python that has them; the private environment of an earlier run.
# Otherwise the package's source archive is built, which has no wheels, with whatever its speed does not need left out, into
# ~/.cache/copilot-ls-test-engines: one to two minutes on two cores, with a C++ compiler; cmake and ninja are fetched.
set -euo pipefail

version=0.3.36
python=${1:-python3}
prefix=${COPILOT_LS_TEST_ENGINES:-${XDG_CACHE_HOME:-$HOME/.cache}/copilot-ls-test-engines}/llama-cpp-python-$version
say() { printf 'install_llama_cpp_python: %s\n' "$*" >&2; }

runs() {
    [ -n "$1" ] && "$1" -c 'import llama_cpp.server.app' >/dev/null 2>&1
}

for program in "${COPILOT_LS_TEST_LLAMA_CPP_PYTHON:-}" "$prefix/python"; do
    if runs "$program"; then
        echo "$program"
        exit
    fi
done
if [ -n "${COPILOT_LS_TEST_LLAMA_CPP_PYTHON:-}" ]; then
    say "COPILOT_LS_TEST_LLAMA_CPP_PYTHON=$COPILOT_LS_TEST_LLAMA_CPP_PYTHON has no llama-cpp-python with its server"
    exit 1
fi
if ! command -v c++ >/dev/null; then
    say "there is no C++ compiler to build llama-cpp-python with: install one (on Debian, the package g++), or set"
    say "COPILOT_LS_TEST_LLAMA_CPP_PYTHON to a Python that has llama-cpp-python[server]"
    exit 1
fi

mkdir -p "$(dirname "$prefix")"
exec 9>"$prefix.lock"
flock 9
if runs "$prefix/python"; then # another run was faster
    echo "$prefix/python"
    exit
fi

say "building llama-cpp-python $version into $prefix"
work=$(mktemp -d "${TMPDIR:-/tmp}/llama-cpp-python.XXXXXX")
trap 'rm -rf "$work"' EXIT
rm -rf "$prefix"
"$python" -m venv "$prefix/env"
pip=("$prefix/env/bin/python" -m pip --disable-pip-version-check --quiet)
archive=$work/llama_cpp_python-$version
(
    "${pip[@]}" download --no-deps --no-binary llama-cpp-python --dest "$work" "llama-cpp-python==$version"
    # The package without its library, whose own build makes more than is needed. Not to be kept for anybody else.
    CMAKE_ARGS=-DLLAMA_BUILD=OFF "${pip[@]}" install --no-cache-dir cmake ninja "llama-cpp-python[server] @ file://$archive.tar.gz"
) >&2
tar -xzf "$archive.tar.gz" -C "$work"
PATH=$prefix/env/bin:$PATH
build() {
    cmake -S "$archive/vendor/llama.cpp" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_FLAGS=-O0 -DCMAKE_CXX_FLAGS=-O0 -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF \
        -DGGML_LLAMAFILE=OFF -DGGML_CPU_REPACK=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF
    cmake --build "$work/build" --target llama
}
build >"$work/log" 2>&1 || {
    tail -20 "$work/log" >&2
    say "the library does not build"
    exit 1
}
mkdir "$prefix/lib"
cp -a "$work"/build/bin/lib*.so* "$prefix/lib"
cat >"$prefix/python.new" <<'RUN'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LLAMA_CPP_LIB_PATH=$here/lib LD_LIBRARY_PATH=$here/lib exec "$here/env/bin/python" "$@"
RUN
chmod +x "$prefix/python.new"
mv "$prefix/python.new" "$prefix/python"
runs "$prefix/python" || {
    say "what was built does not run: $("$prefix/python" -c 'import llama_cpp.server.app' 2>&1 | tail -1)"
    exit 1
}
echo "$prefix/python"
