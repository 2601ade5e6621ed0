#!/usr/bin/env bash
# Builds the documentation site into build/site; `docs.sh serve` shows it on a port of this
# machine and builds it again at each change.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/environment.sh
use_environment docs
export NO_MKDOCS_2_WARNING=1
exec mkdocs "${1:-build}" --strict
