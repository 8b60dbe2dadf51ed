# Two stages: a build with gcc (SQLite is C), and an image that holds the
# binary, CA certificates, time zones and nothing else.
#
#   docker build --build-arg VERSION=v1.2.3 --build-arg COMMIT=$(git rev-parse HEAD) \
#     --build-arg DATE=$(date -u +%FT%TZ) -t mailhelpbot .
FROM golang:1.26-bookworm AS build
WORKDIR /src
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=devel
ARG COMMIT=
ARG DATE=
RUN VERSION=$VERSION COMMIT=$COMMIT DATE=$DATE scripts/build.sh /out/mailhelpbot \
 && mkdir -p /out/data && chown 65532:65532 /out/data

FROM scratch
ARG VERSION=devel
ARG COMMIT=
LABEL org.opencontainers.image.title="mailhelpbot" \
      org.opencontainers.image.source="https://github.com/mailhelpbot/mailhelpbot" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /out/mailhelpbot /mailhelpbot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV MAILHELPBOT_DB=/data/bot.db MAILHELPBOT_HTTP=:8080
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["/mailhelpbot", "doctor", "--ready"]
ENTRYPOINT ["/mailhelpbot"]
