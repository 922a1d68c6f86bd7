#!/usr/bin/env bash
# See the classifier at work: source, classifier and guard on a private Karabo.
#
#   bash scripts/demo.sh [--seconds N] [--summary FILE.json]
#       [--source simulated|FILE] [--model MODEL.onnx]
#       [--pulses-per-train N] [--preset easy|realistic|hard]
#       [--engine fused|numpy|onnxruntime] [--picture FILE.svg]
#
# Installs what is missing (Python 3.12 environment .venv, RabbitMQ), starts a
# broker on a free loopback port and three device servers, shows the live
# result, stops everything it started and prints a summary. Ends with Ctrl-C
# or after N seconds of data. Exit status 0 only if the data flowed.
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
make_lab demo
run "$venv/bin/python" -m spectra_lab.demo --lab "$lab" "$@"
