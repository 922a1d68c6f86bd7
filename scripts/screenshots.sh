#!/usr/bin/env bash
# Take the pictures of all scenes for the documentation, from the live system.
#
#   bash scripts/screenshots.sh [--images FOLDER] [--seconds N] [--pulses N]
#
# Installs what is missing, the Karabo GUI too, starts a private Karabo with a
# GUI server, and saves every scene as the GUI draws it (docs/images); without
# options also that of the trainer, after a whole lesson. Leaves nothing
# running.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/common.sh"
. "$root/scripts/lib/install.sh"
. "$root/scripts/lib/install_gui.sh"

install_all demo
install_gui || die "without the Karabo GUI there are no pictures of it"
make_lab screenshots
# scenes show where things lie: in a place that says nothing of this machine
rmdir "$lab"
lab=$(mktemp -d /tmp/spectra.XXXXXX) || die "no folder can be made in /tmp"
run "$venv/bin/python" -m spectra_lab.gui --lab "$lab/scenes" "$@" ||
    exit 1
[ $# = 0 ] || exit 0
# the trainer's scene, at the end of a whole lesson
install_all test    # it trains
run "$venv/bin/python" -m spectra_lab.gui.lesson \
    --lab "$lab/lesson"
