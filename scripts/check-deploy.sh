#!/usr/bin/env bash
# Checks deploy/: the Helm chart in each of its set-ups (lint, render, schemas of
# Kubernetes 1.30 and of the Prometheus operator) and what it must refuse, and
# the compose file against the compose specification. No cluster and no engine.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOBIN="$PWD/.ci/bin"
go install helm.sh/helm/v3/cmd/helm@v3.22.0
go install sigs.k8s.io/kubectl-validate@v0.0.4
GOBIN="$GOBIN/compose" go install github.com/compose-spec/compose-go/v2/cmd@v2.16.2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
operator=$(go mod download -json github.com/prometheus-operator/prometheus-operator@v0.82.2 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
mkdir "$tmp/crds"
cp "$operator/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml" "$tmp/crds/"

chart=deploy/helm/mailhelpbot
render() { "$GOBIN/helm" template bot "$chart" --kube-version 1.30.0 "$@"; }
for values in "$chart"/ci/*-values.yaml; do
  name=$(basename "$values" -values.yaml)
  "$GOBIN/helm" lint --strict "$chart" -f "$values" >/dev/null
  render -f "$values" >"$tmp/$name.yaml"
  "$GOBIN/kubectl-validate" --version 1.30 --local-crds "$tmp/crds" "$tmp/$name.yaml"
done
refused() { # what the chart says, and the values that it says it to
  local want=$1 said
  shift
  if said=$(render "$@" 2>&1 >/dev/null); then echo "accepted: $*"; exit 1; fi
  [[ $said == *"$want"* ]] || { echo "wanted $want, got $said"; exit 1; }
}
refused "no chat platform"
refused "need PostgreSQL" --set replicas=2 --set secrets.DISCORD_TOKEN=x
refused "ingress.host" --set ingress.enabled=true --set secrets.DISCORD_TOKEN=x
refused "SLACK_BOT_TOKEN" --set secrets.SLACK_BOT_TOKEN=xapp-wrong-kind
refused "replica" --set replica=2 --set secrets.DISCORD_TOKEN=x
kinds() { grep '^kind:' "$tmp/$1.yaml" | sort | tr -d '\n'; }
[ "$(kinds sqlite)" = "kind: Deploymentkind: NetworkPolicykind: PersistentVolumeClaimkind: Secretkind: Service" ] || { kinds sqlite; exit 1; }
[ "$(kinds postgres)" = "kind: Deploymentkind: Ingresskind: NetworkPolicykind: PodDisruptionBudgetkind: Servicekind: ServiceMonitor" ] || { kinds postgres; exit 1; }
"$GOBIN/compose/cmd" -no-interpolation deploy/compose/docker-compose.yml >"$tmp/compose.yaml"
grep -q 'replicas: 2' "$tmp/compose.yaml"
echo "deploy: the chart in $(ls "$chart"/ci/*-values.yaml | wc -l) set-ups, five refusals, the compose file"
