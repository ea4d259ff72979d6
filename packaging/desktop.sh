# shellcheck shell=bash
# What `run.sh --install-desktop` and `--uninstall-desktop` do on a Linux desktop: an entry in the menu that opens files,
# and the types of the files. All of it lies below ~/.local/share (or XDG_DATA_HOME); which program opens a file by
# default stays as it is: the desktop offers the studio under "Open with". Sourced by run.sh, after setup.sh.

share=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$share/applications/dgm-studio.desktop
icon=$share/icons/hicolor/256x256/apps/dgm-studio.png
types=$share/mime/packages/dgm-studio-checkpoints.xml

# A path as an argument of Exec=: quoted, with what the quotes leave special escaped, and % doubled; then every backslash
# once more, for the file itself (Desktop Entry Specification, "The Exec key").
exec_word() {
    local word=$1
    word=${word//\\/\\\\}
    word=${word//\"/\\\"}
    word=${word//\`/\\\`}
    word=${word//\$/\\\$}
    word=${word//%/%%}
    printf '"%s"' "${word//\\/\\\\}"
}

# Tell the desktop, as far as it has the programs for it; without them it sees the files at the next login.
refresh_desktop() {
    if have update-mime-database; then update-mime-database "$share/mime" 2>/dev/null || true; fi
    if have update-desktop-database; then update-desktop-database -q "$share/applications" || true; fi
    if have gtk-update-icon-cache; then
        gtk-update-icon-cache -q -t -f "$share/icons/hicolor" 2>/dev/null || true
    fi
}

install_desktop() {
    local root=$1 text
    text=$(<"$root/packaging/desktop/dgm-studio.desktop")
    mkdir -p "${entry%/*}" "${icon%/*}" "${types%/*}"
    printf '%s\n' "${text//@RUN@/"bash $(exec_word "$root/packaging/run.sh")"}" >"$entry"
    cp "$root/resources/icons/app.png" "$icon"
    cp "$root/packaging/desktop/dgm-studio-checkpoints.xml" "$types"
    refresh_desktop
    say "in the menu now, and under 'Open with' of checkpoints: $entry"
}

uninstall_desktop() {
    rm -f "$entry" "$icon" "$types"
    if [ -d "$share" ]; then refresh_desktop; fi
    say "taken out of the menu again"
}
