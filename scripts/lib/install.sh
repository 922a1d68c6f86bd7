# To source after common.sh: install what is missing, quickly when nothing is.
#
#   install_all demo    Python 3.12 environment .venv, RabbitMQ
#   install_all test    the same with torch and the tools of the tests

venv=$root/.venv
rabbitmq=${RABBITMQ_BIN:-/usr/lib/rabbitmq/bin}

install_all() {
    install_rabbitmq
    make_venv
    install_package "$1"
    [ "$1" != test ] || command -v g++ > /dev/null ||
        ( apt_install g++ ) || say "no C++ compiler: one test is skipped"
}

# --- system packages -------------------------------------------------------

apt_updated=
apt_install() {
    command -v apt-get > /dev/null ||
        die "please install $* (this script knows apt-get only)"
    if [ -z "$apt_updated" ]; then
        as_root apt-get update -qq || die "apt-get update failed"
        apt_updated=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
        --no-install-recommends "$@" > /dev/null ||
        die "apt-get could not install $*"
}

apt_has() {
    command -v apt-cache > /dev/null && apt-cache show "$1" > /dev/null 2>&1
}

# The package starts a broker of its own by default; ours is private. The
# policy file of Debian keeps services from starting during an installation
install_rabbitmq() {
    if [ -x "$rabbitmq/rabbitmq-server" ] && command -v epmd > /dev/null
    then return; fi
    say "installing RabbitMQ"
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy > /dev/null
        as_root chmod 755 $policy
        ours=yes
    fi
    # a subshell, so that a failure does not leave the policy behind
    ( apt_install rabbitmq-server )
    local status=$?
    [ -z "$ours" ] || as_root rm -f $policy
    [ $status = 0 ] || exit $status
    if [ -d /run/systemd/system ]; then
        # nor at the next boot
        as_root systemctl disable --quiet rabbitmq-server epmd.socket \
            epmd.service > /dev/null 2>&1
    fi
    [ -x "$rabbitmq/rabbitmq-server" ] ||
        die "no $rabbitmq/rabbitmq-server after the installation; name the" \
            "folder of the plain start script in RABBITMQ_BIN"
}

# --- Python 3.12: what the C++ part of Karabo 3.1 is built for --------------

works() {   # works PYTHON: version 3.12, able to make an environment
    "$1" -c 'import sys, venv, ensurepip
sys.exit(sys.version_info[:2] != (3, 12))' > /dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in python3.12 python3 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python3.12 \
        /opt/python3.12/bin/python3.12 /usr/local/bin/python3.12; do
        if command -v "$candidate" > /dev/null && works "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

python_from_uv() {
    local uv=uv
    if ! command -v uv > /dev/null; then
        uv=$root/.lab/uv/bin/uv
        if [ ! -x "$uv" ]; then
            python3 -c 'import venv, ensurepip' 2> /dev/null ||
                apt_install python3 python3-venv
            python3 -m venv "$root/.lab/uv" &&
                "$root/.lab/uv/bin/pip" install -q uv || return 1
        fi
    fi
    "$uv" python install 3.12 >&2 && "$uv" python find 3.12
}

make_venv() {
    if works "$venv/bin/python"; then return; fi
    local python
    if ! python=$(find_python); then
        say "installing Python 3.12"
        if apt_has python3.12-venv; then
            apt_install python3.12 python3.12-venv
            python=$(find_python)
        else
            # apt_install inside it may have to leave this script: not $(...)
            python3 -c 'import venv, ensurepip' 2> /dev/null ||
                command -v uv > /dev/null ||
                apt_install python3 python3-venv
            python=$(python_from_uv) || python=
        fi
    fi
    [ -n "${python:-}" ] && works "$python" ||
        die "Karabo 3.1 needs Python 3.12 (with venv), and none was found on" \
            "PATH, under ~/.pyenv/versions, as a package of this system or" \
            "through uv. Install one, for instance with 'pyenv install 3.12'," \
            "and start this script again"
    say "making .venv with $python"
    rm -rf "$venv"
    "$python" -m venv "$venv" || die "no virtual environment from $python"
}

# --- the package -------------------------------------------------------------

pip_install() {
    "$venv/bin/python" -m pip install -qq \
        --disable-pip-version-check "$@"
}

# a stamp per profile: what setup.py asked for when it was last installed, and
# the tag that the version came from
stamp_of() {
    {
        cat "$root/setup.py" "$root/DEPENDS"
        git -C "$root" describe --tags --abbrev=0 --match 'v[0-9]*' 2> /dev/null
    } | sha256sum
}

install_package() {
    local profile=$1 stamp=$venv/.installed-$1 extras
    if [ "$(cat "$stamp" 2> /dev/null)" = "$(stamp_of)" ]; then return; fi
    case $profile in
        demo) extras=karabo ;;
        test) extras=karabo,test,docs; install_torch ;;
        *)    die "unknown profile $profile" ;;
    esac
    say "installing the package and what it needs into .venv (some minutes)"
    pip_install --editable "$root[$extras]" ||
        die "pip could not install the package"
    stamp_of > "$stamp"
    [ "$profile" = demo ] || cp "$stamp" "$venv/.installed-demo"
}

# The build without CUDA is a tenth of the size; not every index has it. The
# newest version is asked of the index itself
install_torch() {
    if "$venv/bin/python" -c 'import torch' 2> /dev/null; then return; fi
    say "installing torch"
    local version
    version=$("$venv/bin/python" -m pip index versions torch 2> /dev/null |
              sed -n 's/^torch (\([0-9.]*\).*/\1/p')
    if [ -n "$version" ] && pip_install "torch==$version+cpu" 2> /dev/null
    then return; fi
    echo "no CPU-only build here: taking what the index gives"
    pip_install "torch>=2.4" || die "pip could not install torch"
}
