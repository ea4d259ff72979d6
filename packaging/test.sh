#!/usr/bin/env bash
# Sets DGM Studio and its test tools up (once; fast afterwards) and passes the tests. Arguments go to pytest.
#   bash packaging/test.sh --benchmarks [...]   measures instead, and prints one table
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=packaging/setup.sh
. "$here/setup.sh"
setup test
cd "$root"

if [ "${1:-}" = --benchmarks ]; then
    shift
    # Figures count on a screen, be it a virtual one: offscreen, Qt has no OpenGL and no window system to wait for.
    if on_linux && have xvfb-run && have xauth; then
        export QT_QPA_PLATFORM=xcb
        exec xvfb-run -a -s '-screen 0 1600x1000x24' "$python" -m tests.benchmarks "$@"
    fi
    say "no xvfb-run here (apt-get install xvfb xauth): measuring offscreen, which is not what a screen does"
    export QT_QPA_PLATFORM=offscreen
    exec "$python" -m tests.benchmarks "$@"
fi

# Kept out of a checkout that cannot be written; otherwise both lie in it, as usual.
if [ ! -w "$root" ]; then
    export PYTHONDONTWRITEBYTECODE=1 HYPOTHESIS_STORAGE_DIRECTORY="$env/hypothesis"
    set -- -o cache_dir="$env/pytest-cache" "$@"
fi

export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
# One torch thread in each of the two workers: on two cores more only get in each other's way.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# Two workers, unless the arguments choose, or ask for what needs one process with its standard input and output.
workers='-n 2'
for argument; do
    case $argument in
        -n* | --numprocesses* | --dist* | no:xdist) workers='' ;;
        --pdb | --trace | -s | --capture=no | --co | --collect-only) workers='' ;;
    esac
done
# shellcheck disable=SC2086  # two words, or none
exec "$python" -m pytest $workers "$@"
