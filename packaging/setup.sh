# shellcheck shell=bash
# What run.sh, test.sh and .ci/run share: `setup app` or `setup test` makes the private environment ready and leaves its
# interpreter in $python. Sourced, never run. Standard output stays free for the program (`--json`): all of this speaks
# on standard error. Written for bash 3.2, the one macOS has. The macOS path is UNTESTED.
#
# Environment variables:
#   DGM_STUDIO_ENV          folder of the private environment (default: .venv in the checkout; where that cannot be
#                           written, the user's data folder)
#   DGM_STUDIO_TORCH_INDEX  package index to ask first for torch; empty: none. Default: PyTorch's CPU wheels on Linux
#                           without an NVIDIA GPU, because the wheel everybody else gets there carries 5 GB of CUDA.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
constraints=packaging/constraints.txt
torch_cpu_index=https://download.pytorch.org/whl/cpu
made_here=dgm-studio-made-this # a mark inside the environment
in_range='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'

say() { printf 'dgm-studio: %s\n' "$*" >&2; }
refuse() { say "$*"; exit 1; }
on_linux() { [ "$(uname -s)" = Linux ]; }
have() { command -v "$1" >/dev/null 2>&1; }

setup() { # setup app|test
    env=$(environment_folder)
    python=$env/bin/python
    stamp=$env/dgm-studio-$1.stamp
    if ! ready; then
        # Two first starts at once would write into one folder. A lock on a file that is there anyway leaves none
        # behind; macOS has no flock and goes without.
        exec 9<"$root/pyproject.toml"
        if have flock; then flock 9 || true; fi
        ready || install "$1"
        exec 9<&- # or the program would hold the lock for as long as it runs
    fi
    qt_libraries
}

environment_folder() {
    case ${DGM_STUDIO_ENV:-} in
        /*) printf '%s\n' "$DGM_STUDIO_ENV" ;;
        ?*) printf '%s\n' "$PWD/$DGM_STUDIO_ENV" ;;
        *)
            if [ -w "$root" ]; then
                printf '%s\n' "$root/.venv"
            elif on_linux; then
                printf '%s\n' "${XDG_DATA_HOME:-$HOME/.local/share}/dgm-studio/env"
            else
                printf '%s\n' "$HOME/Library/Application Support/dgm-studio/env"
            fi
            ;;
    esac
}

# --- the environment ---------------------------------------------------------------------------------------------------

# What an installation depends on. The checkout's path, because the install is editable and points there.
fingerprint() {
    printf '%s\n' "$root"
    (cd "$root" && cksum pyproject.toml $constraints)
    "$python" -c 'import sys; print(sys.version)'
}

ready() { [ -f "$stamp" ] && [ -x "$python" ] && [ "$(cat "$stamp")" = "$(fingerprint 2>/dev/null)" ]; }

install() { # install app|test
    local extras='' base quiet=''
    # The tools of .ci/run come with the tests, so that both use one environment.
    if [ "$1" = test ]; then extras='[test,dev]'; fi
    # Without a terminal there is nobody to watch a progress bar.
    if [ ! -t 2 ]; then quiet=--quiet; fi
    export PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1

    if ! { "$python" -c "$in_range" && "$python" -m pip --version; } >/dev/null 2>&1; then
        base=$(find_python) || exit 1
        # Only what this set-up made is ever cleared away.
        if [ -n "$(ls -A "$env" 2>/dev/null)" ] && [ ! -f "$env/$made_here" ]; then
            refuse "$env holds something else than a usable Python environment;" \
                "move it, or set DGM_STUDIO_ENV to another folder."
        fi
        say "setting up in $env (once; a minute or more, up to 2.3 GB)"
        if ! { mkdir -p "$env" && find "$env" -mindepth 1 -delete && : >"$env/$made_here" && "$base" -m venv "$env"; }; then
            refuse "$base cannot make a private environment in $env."
        fi
    else
        say "bringing $env up to date"
    fi
    rm -f "$stamp"
    torch_first $quiet
    say "installing the rest"
    (cd "$root" && "$python" -m pip install $quiet -c $constraints -e ".$extras") >&2 ||
        refuse "the installation failed; the reason stands above, and the next start tries again."
    fingerprint >"$stamp"
    # Whoever can test can also run.
    if [ "$1" = test ]; then cp "$stamp" "$env/dgm-studio-app.stamp"; fi
}

# The newest Python in range that can make an environment. Each is asked, for a name on PATH may be a shim of nothing.
find_python() {
    local name lacking=''
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c "$in_range" >/dev/null 2>&1; then
            if "$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then
                printf '%s\n' "$name"
                return
            fi
            [ -n "$lacking" ] || lacking=$("$name" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        fi
    done
    if [ -n "$lacking" ]; then
        refuse "Python is here but its venv module is not: sudo apt-get install $lacking"
    elif have apt-get; then
        refuse "Python 3.11, 3.12 or 3.13 is needed and none is on the PATH: sudo apt-get install python3 python3-venv"
    fi
    refuse "Python 3.11, 3.12 or 3.13 is needed and none is on the PATH."
}

# torch alone, from the small wheels, before everything else; what then asks for torch finds it there. A failure costs
# seconds and nothing else: pip's configured index is the fallback.
torch_first() { # torch_first [pip option]
    local index pin limit=''
    if [ -n "${DGM_STUDIO_TORCH_INDEX+set}" ]; then
        index=$DGM_STUDIO_TORCH_INDEX
    elif on_linux && ! { have nvidia-smi && nvidia-smi -L; } >/dev/null 2>&1; then
        index=$torch_cpu_index
    fi
    [ -n "${index:-}" ] || return 0
    pin=$(sed -n 's/^torch==//p' "$root/$constraints")
    if [ "$("$python" -c 'from importlib.metadata import version
print(version("torch").split("+")[0])' 2>/dev/null)" = "$pin" ]; then return 0; fi

    # pip asks, because it knows its own proxies and certificates; `timeout` because its own limit is one per address.
    if have timeout; then limit='timeout 8'; fi
    if PIP_INDEX_URL=$index $limit "$python" -m pip index versions --timeout 4 --retries 0 torch >/dev/null 2>&1; then
        say "fetching torch (asking $index first)"
        if PIP_INDEX_URL=$index "$python" -m pip install "$@" --retries 1 --no-deps -c "$root/$constraints" torch >&2; then
            return
        fi
    fi
    say "$index does not give torch $pin; taking what pip's configured index has," \
        "which on Linux may be a large CUDA build"
}

# --- Qt's system libraries ---------------------------------------------------------------------------------------------

qt_libraries() {
    local qt
    if ! on_linux || ! have ldd; then return; fi
    qt=$("$python" -c 'import importlib.util
print(importlib.util.find_spec("PySide6").submodule_search_locations[0])')/Qt
    if [ -z "$(missing xcb offscreen)" ]; then return; fi

    if ! have apt-get; then
        say "Qt lacks system libraries; install the packages that hold $(missing xcb offscreen | xargs)"
    else
        if [ "$(id -u)" = 0 ]; then
            say "installing the system libraries Qt lacks"
            apt-get update -qq >&2 || true # one broken source need not matter: the install decides
            # shellcheck disable=SC2046  # one word a package is meant
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(packages) >&2 || true
            if [ -z "$(missing xcb offscreen)" ]; then return; fi
        fi
        say "Qt lacks system libraries: sudo apt-get install $(packages | xargs)"
    fi
    # Without them no window opens on a screen; without the offscreen plugin's nothing of Qt works at all.
    if [ -n "$(missing offscreen)" ]; then exit 1; fi
}

# The shared libraries that these platform plugins, and the Qt modules in use, do not find.
missing() { # missing xcb|offscreen ...
    local plugin
    for plugin; do
        ldd "$qt/plugins/platforms/libq$plugin.so" "$qt"/lib/libQt6{Widgets,Svg,OpenGLWidgets}.so.6 2>/dev/null || true
    done | awk '$2 == "=>" && $3 == "not" { print $1 }' | sort -u
}

# Their Debian packages, by the rule Debian names them by: soname in lower case, version appended, a hyphen between two
# digits (libxcb-cursor.so.0: libxcb-cursor0; libdbus-1.so.3: libdbus-1-3); and what does not keep to the rule.
packages() {
    local library package
    missing xcb offscreen | while read -r library; do
        case $library in
            libglib-2.0.so.0 | libgobject-2.0.so.0 | libgio-2.0.so.0 | libgthread-2.0.so.0) package=libglib2.0-0 ;;
            libz.so.1) package=zlib1g ;;
            *)
                package=$(printf '%s\n' "$library" | tr '[:upper:]_' '[:lower:]-' |
                    sed -E 's/([0-9])\.so\.([0-9]+).*/\1-\2/; s/\.so\.([0-9]+).*/\1/')
                ;;
        esac
        # Ubuntu 24.04 and Debian 13 renamed some for the change of time_t.
        if apt-cache show "${package}t64" 2>/dev/null | grep -q '^Package:'; then package=${package}t64; fi
        printf '%s\n' "$package"
    done | sort -u
}
