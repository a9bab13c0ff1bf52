#!/bin/sh
# Children's services take in what has arrived: each delivery becomes a file, and is acknowledged as received.
# receive.sh FOLDER, with AGENCY_ADDRESS and AGENCY_CERTIFICATES set. Goes on from the position kept in FOLDER.
set -eu
umask 077 # what arrives is about people

folder=$1
call() { "${PYTHON:-python3}" "$(dirname "$0")/call.py" "$@"; }

while :; do
    last=$(cat "$folder/position" 2>/dev/null || echo 0)
    next=$(call InboxService/ListDeliveries "{\"after_position\": $last, \"page_size\": 1}" --get deliveries.0)
    [ -n "$next" ] || exit 0
    delivery=$(printf %s "$next" | sed 's/.*"delivery_id": "\([^"]*\)".*/\1/')
    position=$(printf %s "$next" | sed 's/.*"position": "\([^"]*\)".*/\1/')
    call InboxService/GetDelivery "{\"delivery_id\": \"$delivery\"}" >"$folder/$delivery.json"
    call InboxService/AcknowledgeDelivery - >/dev/null <<JSON
{
  "delivery_id": "$delivery",
  "kind": "ACKNOWLEDGEMENT_KIND_RECEIVED",
  "author": {"name": "Maud Silverthorne", "role": "SOCIAL_WORKER"}
}
JSON
    echo "$position" >"$folder/position" # only now: a crash repeats, never skips
    echo "$delivery"
done
