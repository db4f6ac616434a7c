#!/bin/sh
# Stops the embedded database of this checkout and deletes its data, wherever it is kept (see place.ts).
set -eu

folder="$(dirname -- "$0")/../.openhcs/postgres"
[ -d "$folder" ] || exit 0
folder=$(CDPATH='' cd -- "$folder" && pwd -P)

lock="$folder/data/postmaster.pid"
if [ -f "$lock" ]; then
  pid=$(head -n 1 "$lock")
  # A lock may be older than the machine's last start, and its process id somebody else's by now.
  if { tr '\0' ' ' <"/proc/$pid/cmdline" || ps -ww -o args= -p "$pid"; } 2>/dev/null | grep -qF -- "-D $folder/data"; then
    kill -INT "$pid"
    while [ -f "$lock" ]; do sleep 0.1; done
  fi
fi
rm -rf "$folder" "$(dirname -- "$0")/../.openhcs/postgres"
echo "Deleted $folder"
