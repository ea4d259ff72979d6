#!/usr/bin/env bash
# Sets DGM Studio up (once; fast afterwards) and starts it with the arguments given. Linux, and macOS (UNTESTED there).
#   bash packaging/run.sh --install-desktop     on Linux: a menu entry, and "Open with" for checkpoints
#   bash packaging/run.sh --uninstall-desktop   takes both away again
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"

case ${1:-} in
    --install-desktop | --uninstall-desktop)
        on_linux || refuse "menu entries are made on Linux only"
        # shellcheck source=packaging/desktop.sh
        . "$root/packaging/desktop.sh"
        case $1 in --install-desktop) install_desktop "$root" ;; *) uninstall_desktop ;; esac
        exit
        ;;
esac

# A verb of the command line, or an option that opens no window, needs no display.
opens_window() {
    local argument
    case ${1:-} in list | train | sample | trace | logprob | measure | unmask | interpolate | inspect | diff | screenshot) return 1 ;; esac
    for argument; do
        case $argument in --offscreen | --help | -h | --version) return 1 ;; esac
    done
}

# Asked before the set-up: nobody should wait for minutes to be told this.
if on_linux && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ] && opens_window "$@"; then
    refuse "there is no display for the window (DISPLAY and WAYLAND_DISPLAY are not set): add --offscreen to run" \
        "without one, or use a virtual one: apt-get install xvfb xauth, then xvfb-run -a bash packaging/run.sh"
fi

setup app
# -P: a file of the user's own in the current folder, say random.py, must not take the place of a library.
exec "$python" -P -m dgm_studio "$@"
