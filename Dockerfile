# The same image runs as a Home Assistant add-on and with plain Docker.
ARG BUILD_FROM=ghcr.io/home-assistant/base-python:3.14-alpine3.24
# hadolint ignore=DL3006
FROM ${BUILD_FROM}

WORKDIR /usr/src/utec-gateway

# Wheels only: there is no compiler in the image, and nothing to compile.
COPY requirements.txt ./
RUN python3 -m pip install --no-cache-dir --only-binary=:all: --requirement requirements.txt \
    && rm requirements.txt \
    && adduser -S -D -H -h /data -s /sbin/nologin -G "$(addgroup -S utec && echo utec)" utec

COPY rootfs /
COPY translations /usr/src/utec-gateway/translations
COPY utec_gateway /usr/src/utec-gateway/utec_gateway
RUN python3 -m compileall -q /usr/src/utec-gateway

ARG BUILD_ARCH
ARG BUILD_VERSION
ENV BUILD_VERSION=${BUILD_VERSION} \
    PYTHONPATH=/usr/src/utec-gateway \
    PYTHONUNBUFFERED=1 \
    UTEC_BIND=0.0.0.0 \
    UTEC_PANEL_LOGIN=always

EXPOSE 8000
VOLUME /data

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--show-error", "--max-time", "4", "http://127.0.0.1:8000/health"]

LABEL \
    io.hass.type="app" \
    io.hass.name="U-tec Gateway" \
    io.hass.description="Keeps U-tec (Ultraloq) smart locks signed in and answering in Home Assistant" \
    io.hass.arch="${BUILD_ARCH}" \
    io.hass.version="${BUILD_VERSION}" \
    org.opencontainers.image.title="U-tec Gateway" \
    org.opencontainers.image.description="Keeps U-tec (Ultraloq) smart locks signed in and answering in Home Assistant" \
    org.opencontainers.image.source="https://github.com/utec-gateway/utec-gateway" \
    org.opencontainers.image.licenses="NOASSERTION" \
    org.opencontainers.image.version="${BUILD_VERSION}"
