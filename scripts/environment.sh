# Sourced by the other scripts: makes .venv and installs the package into it.
# use_environment EXTRA installs "wish-tf[EXTRA]" from this folder.

use_environment() {
  local python=${PYTHON:-python3}
  if [ ! -x .venv/bin/python ]; then
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      echo "expected Python 3.10 or newer as \"$python\" (set PYTHON to name another); found $("$python" --version 2>&1)" >&2
      exit 1
    fi
    echo "making .venv"
    "$python" -m venv .venv
  fi
  # Anew only when what is asked for, or what the package needs, has changed.
  local wanted
  wanted="$1 $(cksum <pyproject.toml)"
  if [ "$(cat ".venv/installed-$1" 2>/dev/null)" != "$wanted" ]; then
    echo "installing wish-tf[$1] and TensorFlow into .venv (a minute or two)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$1]"
    echo "$wanted" >".venv/installed-$1"
  fi
  export PATH="$PWD/.venv/bin:$PATH"
}
