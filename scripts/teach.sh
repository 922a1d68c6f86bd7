#!/usr/bin/env bash
# Teach a classifier from a simulated beam: capture, train, evaluate, arm, and
# watch the transition, on a private Karabo.
#
#   bash scripts/teach.sh [--summary FILE.json]
#       [--preset easy|realistic|hard]
#       [--scenario ramp|redistribution|shift|ramp3]
#       [--pulses-per-train N] [--trains N] [--cycles N] [--watch SECONDS]
#       [--engine fused|numpy|onnxruntime]
#
# Installs what is missing (Python 3.12 environment .venv, RabbitMQ), starts a
# broker on a free loopback port and three device servers, captures every
# state in turn from the running source while the classifier goes on with its
# released model, trains in a process of its own, arms the result, and prints
# how it did. Stops everything it started. Exit status 0 only if the taught
# model was armed.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/common.sh"
. "$root/scripts/lib/install.sh"

case " $* " in
    *" -h "*|*" --help "*)
        sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
        exit 0 ;;
esac

install_all demo
make_lab teach
run "$venv/bin/python" -m spectra_lab.teach --lab "$lab" "$@"
