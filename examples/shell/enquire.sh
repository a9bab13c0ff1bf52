#!/bin/sh
# Probation asks children's services about an address, and learns what became of the enquiry.
# enquire.sh REQUEST_ID [SECONDS], with AGENCY_ADDRESS and AGENCY_CERTIFICATES set.
# Exit status: 0 confirmed, 1 refused, 2 not confirmed in time: telephone.
set -eu

request_id=$1
patience=${2:-60}
call() { "${PYTHON:-python3}" "$(dirname "$0")/call.py" "$@"; }
in_days() { date -d "+$1 days" '+{"year": %-Y, "month": %-m, "day": %-d}'; }

write_enquiry() {
    cat <<JSON
{
  "header": {
    "sender": {"organisation": "kent-probation", "desk": "sentence-management"},
    "recipients": [{"organisation": "kent-childrens", "desk": "front-door"}],
    "purpose": "PURPOSE_SAFEGUARD_CHILD",
    "lawful_bases": ["LAWFUL_BASIS_CHILDREN_ACT_2004_S11"],
    "conditions": ["PROCESSING_CONDITION_SCH8_SAFEGUARDING", "PROCESSING_CONDITION_SCH1_SAFEGUARDING"],
    "necessity": "A child may live at the address to which he is to be released.",
    "author": {"name": "Callum Tidewright", "role": "COMMUNITY_OFFENDER_MANAGER"},
    "urgency": "URGENCY_URGENT",
    "marking": "MARKING_OFFICIAL_SENSITIVE",
    "facts": {"mappa_managed": {"answer": "ANSWER_YES"}},
    "request_id": "$request_id"
  },
  "document": {
    "trigger": "ENQUIRY_TRIGGER_PRE_RELEASE_ADDRESS",
    "subject": {
      "name": {"family": "Quillfeather", "given": "Marlon"},
      "date_of_birth": {"year": 1987, "month": 3, "day": 14}
    },
    "address": {"lines": ["4 Quincunx Row"], "town": "Merrowhythe", "postcode": "CT97 4ZZ"},
    "question": "Does a child live there? What is your involvement with the family?",
    "needed_by": $(in_days 10),
    "release_date": $(in_days 21)
  }
}
JSON
}

# Sends, again if the service cannot answer now (3), always under the same request id: nothing is sent twice.
send() {
    for pause in 1 2 4 8 0; do
        status=0
        write_enquiry | call ProbationService/SendChildSafeguardingEnquiry - --get acceptance.exchange_id || status=$?
        [ "$status" = 3 ] && [ "$pause" != 0 ] || return "$status"
        sleep "$pause"
    done
}

exchange=$(send) || exit 1
echo "exchange $exchange"
until=$(($(date +%s) + patience))
while found=$(call OutboxService/GetExchange "{\"exchange_id\": \"$exchange\"}"); do
    # One recipient, so one receipt confirms it; with several, compare the ids of the deliveries.
    case $found in *OUTCOME_KIND_RECEIPTED*) echo "$found"; exit 0 ;; esac
    [ "$(date +%s)" -lt "$until" ] || break
    sleep 1
done
asked='{"organisation": "kent-childrens"}'
telephone=$(call DirectoryService/GetOrganisation "$asked" --get organisation.desks.0.telephone) || telephone=them
echo "NOT CONFIRMED: telephone $telephone"
exit 2
