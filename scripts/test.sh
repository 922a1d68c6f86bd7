#!/usr/bin/env bash
# Install what is missing and run every check against a real broker.
#
#   bash scripts/test.sh [PYTEST ARGUMENTS]
#
# Lint, import direction, documentation, then the whole test suite with a
# private RabbitMQ on a free loopback port, in three processes that take one
# module after another (-n 0: all in one process). Many of these tests wait:
# two processes left two cores idle for a fifth of the time. Leaves nothing
# running; what failed leaves its logs in .lab/kept.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/lib/common.sh"
. "$root/scripts/lib/install.sh"
. "$root/scripts/lib/install_gui.sh"

cd "$root" || exit 1
SECONDS=0
install_all test
install_gui || true
say "installation ready after $SECONDS s"

make_lab test
# our own broker, whatever the caller's environment names
unset KARABO KARABO_BROKER KARABO_BROKER_TOPIC
export SPECTRA_LAB=$lab
SECONDS=0

say "lint"
run "$venv/bin/ruff" check . || exit 1
say "import direction"
run "$venv/bin/lint-imports" || exit 1
say "types"
run "$venv/bin/mypy" src/spectra_classifier src/spectra_lab || exit 1
say "documentation"
run env NO_MKDOCS_2_WARNING=1 "$venv/bin/python" -m mkdocs build --quiet --strict \
    --site-dir "$lab/site" || exit 1
run "$venv/bin/python" scripts/check_prose.py || exit 1
say "tests ($SECONDS s so far)"
run "$venv/bin/python" -m pytest --durations=10 -n 3 --dist loadgroup \
    "$@"
status=$?
say "checks and tests took $SECONDS s"
exit $status
