#!/usr/bin/env bash
# Tests the heart of the package with another TensorFlow or Python:
#
#   bash scripts/versions.sh oldest python3.10
#   bash scripts/versions.sh newest python3.12 python3.13
#
# `oldest` and `newest` are those that pyproject.toml allows. Each combination has an
# environment of its own in build/versions, which takes 2.8 GB and stays.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -lt 2 ] || [[ ! $1 =~ ^(oldest|newest)$ ]]; then
  echo "expected oldest or newest, and one Python or more; got: $*" >&2
  exit 2
fi
which=$1
shift
limits=$(grep -oE '"tensorflow>=[0-9.]+' pyproject.toml | grep -oE '[0-9.]+$')
for python in "$@"; do
  folder=build/versions/$which-$(basename "$python")
  [ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
  exact=()
  if [ "$which" = oldest ]; then
    exact=("tensorflow==$limits.*" "tensorflow-text==$limits.*" "tensorflow-serving-api==$limits.*")
  fi
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
    --editable '.[server]' hypothesis pytest httpx "${exact[@]}"
  "$folder/bin/python" -c 'import sys, keras, tensorflow
print("Python", sys.version.split()[0], "TensorFlow", tensorflow.__version__, "Keras", keras.__version__)' 2>/dev/null
  "$folder/bin/python" -m pytest tests/test_text_hasher.py tests/layers tests/models \
    tests/naming tests/training tests/saved_model/test_export_hasher.py
done
