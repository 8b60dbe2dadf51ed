#!/usr/bin/env bash
# Builds the static binary of a release: scripts/build.sh OUTPUT. The same commit
# gives the same bytes in every folder, with the same Go and the same gcc.
#
# VERSION, COMMIT and DATE go into the binary; unset, they are those of the git
# work tree, as far as there is one.
set -euo pipefail
out=$(realpath -m "$1")
cd "$(dirname "$0")/.."
known() { git "$@" 2>/dev/null || true; }
VERSION=${VERSION:-$(known describe --tags --always --dirty)}
COMMIT=${COMMIT:-$(known rev-parse HEAD)}
DATE=${DATE:-$(TZ=UTC known log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ)}
# SQLite is C. Its optional extension loading is left out, Go's own resolver and
# user look-up are used and time zones are put in, so that nothing else is needed
# at run time. No path of this machine and no build id get into the file.
CGO_ENABLED=1 CGO_CFLAGS="-O2 -ffile-prefix-map=$PWD=." go build -trimpath -buildvcs=false \
  -tags "sqlite_omit_load_extension netgo osusergo timetzdata" \
  -ldflags "-s -w -buildid= -linkmode external -extldflags '-static -Wl,--build-id=none'
    -X main.version=${VERSION:-devel} -X main.commit=$COMMIT -X main.date=$DATE" \
  -o "$out" ./cmd/mailhelpbot
