#!/usr/bin/env bash
# Sets Gradwire up on a bare machine and does the main thing. Called from anywhere, as often as one likes:
#   bootstrap.sh run [FILE]   opens FILE in the window (default: an example); where there is no display, trains the
#                             network in FILE (default: the handwritten digits of examples/)
#   bootstrap.sh test [all]   the check: style, types, import walls, tests; with "all" also those that are marked slow
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv

# What Qt needs of the system: to draw in memory, and to draw on an X display.
qt_offscreen=(libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1)
qt_display=(libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0)

# What moves the program in an X window of its own, in the tests: command, then package.
hand=(Xvfb:xvfb xdotool:xdotool)

say() { printf '== %s\n' "$*" >&2; }
fail() { printf 'bootstrap: %s\n' "$*" >&2; exit 1; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in python3 python python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$name"; then printf '%s' "$name"; return; fi
    done
    fail "Python 3.11 or newer is required, found $(python3 --version 2>/dev/null || echo none)" \
        "(on Debian 12, Ubuntu 24.04 or newer: apt-get install python3 python3-venv)"
}

# apt_install PACKAGE...: through apt, as root or by sudo that asks nothing; says what to do by hand where it may not.
apt_install() {
    local as_root=()
    command -v apt-get >/dev/null || fail "$* is required, and there is no apt-get to install it with"
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || fail "$* is required (sudo apt-get install $*)"
        as_root=(sudo -n)
    fi
    say "apt-get install $*"
    ${as_root[@]+"${as_root[@]}"} apt-get update -qq >&2
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >&2
}

# has_library PACKAGE: whether the library that Debian ships in this package is there, wherever it came from.
has_library() {
    case "$1" in
        libglib2.0-0)       set -- libglib-2.0.so.0 ;;
        libgl1)             set -- libGL.so.1 ;;
        libegl1)            set -- libEGL.so.1 ;;
        libxkbcommon0)      set -- libxkbcommon.so.0 ;;
        libdbus-1-3)        set -- libdbus-1.so.3 ;;
        libfontconfig1)     set -- libfontconfig.so.1 ;;
        libxcb-cursor0)     set -- libxcb-cursor.so.0 ;;
        libxcb-icccm4)      set -- libxcb-icccm.so.4 ;;
        libxcb-keysyms1)    set -- libxcb-keysyms.so.1 ;;
        libxcb-shape0)      set -- libxcb-shape.so.0 ;;
        libxcb-xkb1)        set -- libxcb-xkb.so.1 ;;
        libxkbcommon-x11-0) set -- libxkbcommon-x11.so.0 ;;
    esac
    "$venv/bin/python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
}

# need_libraries PACKAGE...: installs those whose library is missing; only Linux keeps them apart from Qt.
need_libraries() {
    local package missing=()
    [ "$(uname)" = Linux ] || return 0
    for package in "$@"; do
        has_library "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

# want_hand: installs what the tests in an X window need, where it may; without it they are skipped, and say so.
want_hand() {
    local pair missing=()
    [ "$(uname)" = Linux ] || return 0
    for pair in "${hand[@]}"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
    done
    [ ${#missing[@]} -eq 0 ] || (apt_install "${missing[@]}") || say "without ${missing[*]} the tests in an X window are skipped"
}

make_venv() {
    local python
    if is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then return; fi
    python=$(find_python)
    # Debian cuts ensurepip out of Python; without it a virtual environment has no pip.
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        apt_install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
    say "virtual environment .venv"
    "$python" -m venv --clear "$venv"
}

# install_project run|test: only when the project's own description, or its place on the disk, has changed since.
install_project() {
    local state target=$root
    state=$(printf '%s\n' "$root" | cat - "$root/pyproject.toml" "$root/setup.py" | cksum)
    [ "$(cat "$venv/installed-$1" 2>/dev/null)" = "$state" ] && return
    [ "$1" = test ] && target="${root}[test]"
    say "install (the first time takes a few minutes)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -e "$target" >&2
    printf '%s\n' "$state" >"$venv/installed-$1"
    # What the check needs holds all that a run needs.
    [ "$1" = run ] || printf '%s\n' "$state" >"$venv/installed-run"
}

# check MARKS: with the tests that pytest's -m chooses.
check() {
    cd "$root"
    say "ruff check";    "$venv/bin/ruff" check .
    say "ruff format";   "$venv/bin/ruff" format --check .
    say "mypy";     "$venv/bin/mypy"
    say "import walls";  "$venv/bin/python" resources/import_walls.py
    # Last, so that the last line says how many tests passed.
    say "pytest";        QT_QPA_PLATFORM=offscreen "$venv/bin/python" -m pytest -q -n auto --dist worksteal -m "$1"
}

case "${1:-}" in
    run)
        [ $# -le 2 ] || fail "run takes one file (bootstrap.sh run [FILE])"
        make_venv
        install_project run
        if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
            need_libraries "${qt_offscreen[@]}" "${qt_display[@]}"
            exec "$venv/bin/gradwire" "${2:-$root/examples/sin_plus_product.gw}"
        fi
        say "no display: training instead of the window"
        exec "$venv/bin/gradwire" train "${2:-$root/examples/digits_mlp.gw}"
        ;;
    test)
        case "${2:-}" in
            "")  marks="not slow" ;;
            all) marks="" ;;
            *)   fail "test takes nothing or all, got $2 (bootstrap.sh test [all])" ;;
        esac
        make_venv
        install_project test
        need_libraries "${qt_offscreen[@]}" "${qt_display[@]}"
        want_hand
        check "$marks"
        ;;
    *)
        fail "a command is required (bootstrap.sh run [FILE], or bootstrap.sh test [all])"
        ;;
esac
