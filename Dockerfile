# Two stages: a build with gcc (SQLite is C), and an image that holds the
# binary, CA certificates, time zones and nothing else.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=devel
# Static: SQLite's optional extension loading is left out, Go's own resolver and
# user look-up are used, so that no shared library is needed at run time.
RUN CGO_ENABLED=1 go build -trimpath \
      -tags "sqlite_omit_load_extension netgo osusergo timetzdata" \
      -ldflags "-s -w -linkmode external -extldflags '-static' -X main.version=${VERSION}" \
      -o /out/mailhelpbot ./cmd/mailhelpbot \
 && mkdir -p /out/data && chown 65532:65532 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /out/mailhelpbot /mailhelpbot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV MAILHELPBOT_DB=/data/bot.db
HEALTHCHECK --interval=30s --timeout=5s CMD ["/mailhelpbot", "doctor", "--quick"]
ENTRYPOINT ["/mailhelpbot"]
