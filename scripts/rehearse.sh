#!/usr/bin/env bash
# Prove before beam that every fault is noticed: a private beamline, struck.
#
#   bash scripts/rehearse.sh [--seconds N] [--seed S] [--summary FILE.json]
#       [--model MODEL.onnx] [--pulses-per-train N]
#       [--preset easy|realistic|hard] [--faults FAULT ...]
#
# Installs what is missing, starts a broker on a free loopback port and source,
# classifier, guard and shutter at full rate. For N seconds faults strike in an
# order that the seed fixes; a judge reconciles every train with the source's
# own ledger and times the shutter; every snapshot is replayed. Stops all it
# started. Exit status 0 only if nothing was wrong.
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
make_lab rehearsal
run "$venv/bin/python" -m spectra_lab.rehearsal --lab "$lab" "$@"
