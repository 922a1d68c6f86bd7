#!/usr/bin/env bash
# A practice beamline for the Karabo GUI, with a simulated spectrometer.
#
#   bash scripts/practice.sh [--pumped] [--pulses N]
#       [--engine fused|numpy|onnxruntime]
#
# Installs what is missing, the Karabo GUI too, starts a private Karabo with a
# GUI server on a free loopback port, puts a project with source, classifier,
# trainer, guard and shutter into its database, and prints how to connect.
# With --pumped the source replays a night in which every second pulse is
# pumped. Runs until Ctrl-C and stops everything it started.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/common.sh"
. "$root/scripts/lib/install.sh"
. "$root/scripts/lib/install_gui.sh"

case " $* " in
    *" -h "*|*" --help "*)
        sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
        exit 0 ;;
esac

install_all demo
install_gui && say "in another terminal: $gui/bin/karabo-gui"
make_lab practice
run "$venv/bin/python" -m spectra_lab.gui.practice --lab "$lab" "$@"
