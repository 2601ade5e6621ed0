#!/usr/bin/env bash
# Installs what the tests need into .venv and runs them; arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh
use_environment test
# Two at a time, since many tests wait for a server or a cluster; the longest files
# first (tests/conftest.py), and not those with most tests. A process that
# crashes ends the run: started anew, it would wait for ever.
exec python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder \
  --max-worker-restart 0 "$@"
