# To source after install.sh: the Karabo GUI, in an environment of its own
# (its Qt does not go with what the devices need), for tests and screenshots.
#
#   install_gui     .venv-gui with karabo.gui; status 1 where it cannot be had

gui=$root/.venv-gui
gui_version=3.1.2
# what Qt needs to draw without a screen, and to look for one
gui_libraries="libgl1 libegl1 libfontconfig1 libglib2.0-0 libdbus-1-3
    libxkbcommon-x11-0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
    libxcb-render-util0 libxcb-xinerama0 libxcb-cursor0 libxcb-shape0"

gui_works() {
    env QT_QPA_PLATFORM=offscreen HOME="$1" "$gui/bin/python" -c '
import sys
from importlib.metadata import version
from qtpy.QtWidgets import QApplication
import karabogui.programs.base
QApplication([])
sys.exit(version("karabo.gui") != "'$gui_version'")' > /dev/null 2>&1
}

install_gui() {
    local scratch status=0
    scratch=$(mktemp -d)
    gui_works "$scratch" || {
        say "installing the Karabo GUI into .venv-gui (some minutes)"
        # a subshell: without a GUI the other tests are still worth running
        ( if command -v apt-get > /dev/null; then
              # names differ between distributions: one by one, then see
              for library in $gui_libraries; do
                  dpkg -s "$library" > /dev/null 2>&1 ||
                      apt_install "$library"
              done
          fi ) || true
        rm -rf "$gui"
        "$venv/bin/python" -m venv "$gui" &&
            "$gui/bin/python" -m pip install -qq \
                --disable-pip-version-check "karabo.gui==$gui_version" &&
            gui_works "$scratch" || status=1
    }
    rm -rf "$scratch"
    [ $status = 0 ] ||
        echo "the Karabo GUI cannot be installed here: its tests will say" \
            "that they were skipped"
    return $status
}
