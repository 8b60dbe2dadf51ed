#!/usr/bin/env bash
# Builds the last commit twice, in two folders and with two build caches, and
# fails when the bytes differ: scripts/reproducible.sh [--one-cache]. With one
# cache only what the folder's name could change is compiled twice, which takes
# a third of the time.
set -euo pipefail
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT
COMMIT=$(git rev-parse HEAD)
DATE=$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ "$COMMIT")
export COMMIT DATE VERSION="${VERSION:-reproducible}"
for folder in here some/where/else; do
  mkdir -p "$tmp/$folder"
  git archive "$COMMIT" | tar -x -C "$tmp/$folder"
  [ "${1:-}" = --one-cache ] || export GOCACHE="$tmp/cache-${folder%%/*}"
  "$tmp/$folder/scripts/build.sh" "$tmp/binary-${folder%%/*}"
done
sha256sum "$tmp"/binary-*
cmp "$tmp/binary-here" "$tmp/binary-some"
"$tmp/binary-here" version
echo "reproducible: $(stat -c %s "$tmp/binary-here") bytes, twice the same"
