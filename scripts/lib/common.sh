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
# promise that nothing that was started in it outlives this script. Not below
# /tmp, which others tidy up: a broker whose folder is removed while it runs
# lives on for minutes and then fails with INTERNAL_ERROR
make_lab() {
    labs=$root/.lab
    mkdir -p "$labs/kept" && lab=$(mktemp -d "$labs/$1.XXXXXX") ||
        die "no folder can be made in $labs"
    trap leave_lab EXIT
    trap interrupted INT TERM HUP
}

# failed runs whose folders are kept
KEPT=5

leave_lab() {
    local status=$?
    trap '' INT TERM HUP
    if [ ! -d "$lab" ]; then
        echo "$lab was removed while this run was using it: whatever failed" \
             "may have failed for that, and its logs are gone" >&2
        [ "$status" != 0 ] || status=1
    else
        "$root/.venv/bin/python" -m spectra_lab.processes "$lab"
        if [ "$status" = 0 ] || [ "$status" = 130 ]; then
            rm -rf "$lab"
        else
            keep_lab
        fi
    fi
    exit "$status"
}

keep_lab() {
    local kept
    kept=$labs/kept/$(date +%Y%m%d-%H%M%S)-$(basename "$lab")
    mv "$lab" "$kept" || kept=$lab
    echo "the logs of this run are in $kept" >&2
    # names begin with the time: the first ones are the oldest
    find "$labs/kept" -mindepth 1 -maxdepth 1 | sort | head -n "-$KEPT" |
        while read -r oldest; do rm -rf "$oldest"; done
}
