# Bundles the webhook, and makes an image of the bundle on Node.js alone: no shell, no npm, no node_modules.
#
#   docker build -t gateway-name-webhook:test .
#   docker buildx build --platform linux/amd64,linux/arm64 -t REGISTRY/gateway-name-webhook:VERSION --push .

# The bundle is the same for every platform, so it is built on the builder's own. (Builders older than BuildKit do not say
# which one that is; `linux` is theirs.)
ARG BUILDPLATFORM
# Node.js 24.18 or newer, as package.json says: test/image checks it. release/image takes both by the digests of the day.
ARG BUILD_BASE=node:24-trixie-slim
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot
FROM --platform=${BUILDPLATFORM:-linux} $BUILD_BASE AS build
WORKDIR /source
COPY package.json package-lock.json ./
# No package's install script runs. Ours would build what is not here yet.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY LICENSE build.ts ./
COPY release release
COPY src src
# Without a package.json that says what it is, Node.js takes each file for CommonJS first.
RUN node build.ts && echo '{"type":"module"}' > dist/package.json && cp LICENSE dist/

FROM $BASE
ARG BASE
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="gateway-name-webhook" \
      org.opencontainers.image.description="Adds the Gateway API label gateway-name to what Envoy Gateway generates, and Envoy Gateway's own label to what carries only the standard one" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/example/gateway-name-webhook" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="$BASE"
COPY --from=build /source/dist /app/
# By number: Kubernetes cannot tell of a name that it is not root's (runAsNonRoot).
USER 65532:65532
EXPOSE 10250 8080
# The flag: src/main.ts says what it is for. No --enable-source-maps: it takes 80 MiB and two thirds more time to start. Whoever
# needs it has the map here, and NODE_OPTIONS.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=8", "/app/main.js"]
