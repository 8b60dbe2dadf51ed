#!/usr/bin/env bash
# Writes the bill of materials of a built binary in CycloneDX form, every module
# with its version, checksum and licence: scripts/sbom.sh BINARY OUTPUT.cdx.json
# It is read out of the binary itself, so it lists what is in there.
set -euo pipefail
binary=$(realpath "$1") out=$(realpath -m "$2")
cd "$(dirname "$0")/.."
export GOBIN="$PWD/.ci/bin"
go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
go mod download # where the licences lie
"$GOBIN/cyclonedx-gomod" bin -json -std -licenses -version "${VERSION:-devel}" -output "$out" "$binary"
