#!/bin/sh
# Makes sure of a Chromium for the browser tests: `make check` never runs without them.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "check: there is no Chromium for the browser tests; on Debian or Ubuntu: sudo apt install chromium" >&2
    exit 1
fi
echo "check: installing Chromium for the browser tests"
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium
