#!/usr/bin/env bash
# Makes a release of the tag that is checked out in dist/: the static binary for
# this machine's kind, its bill of materials (CycloneDX) and checksums.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -z "$(git status --porcelain)" ] || { echo "there are changes that are not committed"; exit 1; }
VERSION=$(git describe --tags --exact-match) || { echo "no tag is checked out"; exit 1; }
export VERSION
export GOBIN="$PWD/.ci/bin"
mkdir -p dist
name=mailhelpbot-${VERSION}-$(go env GOOS)-$(go env GOARCH)
scripts/build.sh "dist/$name"
scripts/sbom.sh "dist/$name" "dist/$name.cdx.json"
(cd dist && sha256sum "$name" "$name.cdx.json" >"$name.sha256")
"dist/$name" version --json
ls -l dist
