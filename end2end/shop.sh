#!/bin/sh
# Plays a shop against a running server: a task that gives a coupon, orders that complete it, a
# checkout with the coupon, points and a refund of everything. It stops at the first thing that is
# not as the rules say.
#
#   BASE=http://127.0.0.1:8080 KEY=ck_… end2end/shop.sh
#
# The key needs the scopes members:read, members:write, orders:write, points:write, tasks:write and
# coupons:write. Needs curl and jq.
set -eu

: "${BASE:?set BASE to the address of the server}" "${KEY:?set KEY to the secret of an API key}"
RUN=${RUN:-$(date +%s)-$$}
MEMBER="shop-$RUN"
COUNT=0

fail() {
  echo "not as expected: $*" >&2
  exit 1
}

# ask METHOD PATH [BODY]: sends a request with a key of its own, prints the answer's body, and
# stops unless the status begins with 2.
ask() {
  COUNT=$((COUNT + 1))
  set -- "$1" "$2" "${3-}"
  if [ -n "$3" ]; then
    answer=$(curl -sS -X "$1" "$BASE/api/v1$2" -H "authorization: Bearer $KEY" \
      -H "content-type: application/json" -H "idempotency-key: $RUN-$COUNT-$2" \
      -d "$3" -w '\n%{http_code}')
  else
    answer=$(curl -sS -X "$1" "$BASE/api/v1$2" -H "authorization: Bearer $KEY" -w '\n%{http_code}')
  fi
  status=$(printf '%s' "$answer" | tail -n 1)
  body=$(printf '%s' "$answer" | sed '$d')
  case $status in
    2*) printf '%s' "$body" ;;
    *) fail "$1 $2 answered $status: $body" ;;
  esac
}

# same WHAT EXPECTED FOUND
same() {
  [ "$2" = "$3" ] || fail "$1: expected $2, found $3"
  echo "ok: $1 is $2"
}

of() { printf '%s' "$1" | jq -r "$2"; }
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# paid ORDER LINES: a paid event.
paid() {
  ask POST /order_events "{\"event_id\":\"$1-paid\",\"order_id\":\"$1\",\"occurred_at\":\"$(now)\",
    \"type\":\"paid\",\"order\":{\"member\":\"ext:$MEMBER\",\"currency\":\"CNY\",\"lines\":$2}}" >/dev/null
}

points() { of "$(ask GET "/members/ext:$MEMBER/summary")" '.points.available + .points.pending - .points.deficit'; }
coupon_state() { of "$(ask GET "/coupons/$1")" .coupon.state; }

echo "== a template and a task that gives its coupon for two orders"
ask POST /members "{\"external_id\":\"$MEMBER\"}" >/dev/null
template=$(of "$(ask POST /coupon_templates '{
  "name":{"zh-CN":"满百减三十","en":"30 off 100"},
  "discount":{"kind":"amount_off","amount":3000},"threshold_amount":10000,
  "validity":{"kind":"days","days":7},"limits":{"budget_uses":100}}')" .id)
ask POST "/coupon_templates/$template/states" '{"state":"active"}' >/dev/null
ask POST /tasks "{
  \"name\":{\"zh-CN\":\"两单有礼\",\"en\":\"Two orders\"},\"description\":{\"zh-CN\":\"\",\"en\":\"\"},
  \"target\":{\"event\":\"orders\",\"goal\":2},\"period\":\"once\",
  \"rewards\":[{\"kind\":\"coupon\",\"template\":\"$template\"}],
  \"quota\":{\"per_member\":1},\"join\":\"automatic\",\"claim\":\"automatic\",\"claim_days\":7,
  \"starts_at\":\"2020-01-01T00:00:00Z\"}" >/dev/null

echo "== order events until the task is done"
wallet() { ask GET "/members/ext:$MEMBER/coupons?tab=usable"; }
same "coupons before" 0 "$(of "$(wallet)" '[.data[] | select(.template_id == "'"$template"'")] | length')"
paid "$RUN-1" '[{"line_id":"a","sku":"tea","quantity":1,"amount":5000}]'
same "coupons after one order" 0 "$(of "$(wallet)" '[.data[] | select(.template_id == "'"$template"'")] | length')"
paid "$RUN-2" '[{"line_id":"a","sku":"tea","quantity":1,"amount":5000}]'
coupon=$(of "$(wallet)" '[.data[] | select(.template_id == "'"$template"'")][0].id')
same "the coupon after two orders" available "$(coupon_state "$coupon")"

echo "== the checkout: validate, reserve, redeem"
ask POST "/members/ext:$MEMBER/points/adjustments" '{"asset":"points","amount":2000,"reason":"to shop with"}' >/dev/null
before=$(points)
cart='{"currency":"CNY","shipping":800,"lines":[
  {"line_id":"a","sku":"tea","quantity":2,"amount":6000},{"line_id":"b","sku":"mug","quantity":1,"amount":4000}]}'
checkout="{\"member\":\"ext:$MEMBER\",\"cart\":$cart,\"coupons\":[\"$coupon\"],\"points\":1000}"
quote=$(ask POST /coupon_validations "$checkout")
same "validity" true "$(of "$quote" .valid)"
same "the discount" 3000 "$(of "$quote" .discount)"
same "what the lines cost" "4200 2800" "$(of "$quote" '[.lines[].net] | map(tostring) | join(" ")')"
reserved=$(ask POST /coupon_reservations "{\"session_key\":\"$RUN\",\"ttl_s\":600,\"checkout\":$checkout}")
same "the coupon while it is held" reserved "$(coupon_state "$coupon")"
same "points while some are held" $((before - 1000)) "$(points)"
order="$RUN-3"
ask POST "/coupon_reservations/$(of "$reserved" .id)/redemptions" "{\"order_id\":\"$order\"}" >/dev/null
same "the coupon after its use" used "$(coupon_state "$coupon")"
paid "$order" '[{"line_id":"a","sku":"tea","quantity":2,"amount":4200},{"line_id":"b","sku":"mug","quantity":1,"amount":2800}]'

echo "== one line comes back, then everything"
refund() {
  ask POST /order_events "{\"event_id\":\"$order-$1\",\"order_id\":\"$order\",\"occurred_at\":\"$(now)\",
    \"type\":\"refunded\"$2}" >/dev/null
}
refund one ',"refunds":[{"line_id":"b"}]'
receipt=$(ask GET "/orders/$order")
same "what the refund pays back" 2800 "$(of "$receipt" .refunded_amount)"
same "the share that goes with it" "0 1200" \
  "$(of "$receipt" '[.receipt.coupons[0].lines[].returned] | map(tostring) | join(" ")')"
same "the coupon after one line" used "$(coupon_state "$coupon")"
refund all ''
same "the coupon after everything" available "$(coupon_state "$coupon")"
same "points after everything" "$before" "$(points)"
found=$(ask GET "/coupon_templates/$template")
same "uses that count" 0 "$(of "$found" .committed_uses)"

echo "== the orders behind the coupon come back: the gift goes, because it is not used"
for number in 1 2; do
  order="$RUN-$number"
  refund all ''
done
same "the coupon in the end" revoked "$(coupon_state "$coupon")"
echo "all is as the rules say"
