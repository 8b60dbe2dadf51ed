{{- define "mailhelpbot.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "mailhelpbot.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mailhelpbot.labels" -}}
{{ include "mailhelpbot.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The secret with the tokens. */}}
{{- define "mailhelpbot.secret" -}}
{{ .Values.existingSecret | default (include "mailhelpbot.name" .) }}
{{- end }}

{{/* "yes" when the database is PostgreSQL, else nothing. */}}
{{- define "mailhelpbot.postgres" -}}
{{ if or .Values.database.url .Values.database.existingSecret }}yes{{ end }}
{{- end }}

{{/* What cannot work is refused here, not found out in the cluster. */}}
{{- define "mailhelpbot.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not (include "mailhelpbot.postgres" .)) }}
{{- fail "several replicas need PostgreSQL: set database.url or database.existingSecret" }}
{{- end }}
{{- if not (or .Values.existingSecret .Values.secrets.SLACK_BOT_TOKEN .Values.secrets.DISCORD_TOKEN) }}
{{- fail "no chat platform: set secrets.SLACK_BOT_TOKEN and secrets.SLACK_APP_TOKEN, secrets.DISCORD_TOKEN, or existingSecret" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host is missing" }}
{{- end }}
{{- end }}
