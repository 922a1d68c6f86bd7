# To source: messages, timing, and an orderly end for the two commands.
# The caller sets `root`, the folder of the repository.

say()  { printf '\033[1m== %s\033[0m\n' "$*"; }
die()  { printf 'error: %s\n' "$*" >&2; exit 1; }

# as_root COMMAND...: directly for root, else through sudo
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        die "'$*' needs root and there is no sudo; run it yourself, then" \
            "start this script again"
    fi
}

# run COMMAND...: in a process group of its own, so that a signal to this
# script can be passed on and waited for; a plain foreground child would
# hold back the traps until it ends
child=
run() {
    set -m
    "$@" < /dev/null &
    child=$!
    set +m
    local status=0
    wait "$child" || status=$?
    child=
    return "$status"
}

# interrupted: ask the running child to end as Ctrl-C would, then leave;
# the EXIT trap cleans up
interrupted() {
    trap '' INT TERM HUP
    if [ -n "$child" ]; then
        kill -INT -- "-$child" 2> /dev/null
        for _ in $(seq 300); do
            kill -0 "$child" 2> /dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$child" 2> /dev/null
    fi
    exit 130
}

# make_lab NAME: folder for broker, servers and logs of this run, and the
# promise that nothing that was started in it outlives this script
make_lab() {
    lab=$(mktemp -d "${TMPDIR:-/tmp}/spectra-$1.XXXXXX")
    trap leave_lab EXIT
    trap interrupted INT TERM HUP
}

leave_lab() {
    local status=$?
    trap '' INT TERM HUP
    "$root/.venv/bin/python" -m spectra_classifier.lab.processes "$lab"
    if [ "$status" = 0 ] || [ "$status" = 130 ]; then
        rm -rf "$lab"
    else
        echo "the logs of this run are in $lab" >&2
    fi
    exit "$status"
}
