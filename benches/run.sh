#!/bin/bash
# Compares labsh with the kernel's floor (nsfloor.c) and with bash + ip on the same star of N hosts.   run.sh [N]     (100)
#
# Each run is in a sandbox of its own, so it needs no root and leaves nothing behind. The runs are interleaved, one of each per round,
# and each figure is a ratio to the floor of the same round: what else the machine does hits all alike.
#
#   ROUNDS=7   LABSH=target/release/labsh   CC=cc
set -u
cd "$(dirname "$0")" || exit
n=${1:-100} rounds=${ROUNDS:-7} labsh=${LABSH:-../target/release/labsh}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export NSFLOOR=$dir/nsfloor
${CC:-cc} -O2 -pthread -o "$NSFLOOR" nsfloor.c || exit
[ -x "$labsh" ] || { echo "no $labsh: cargo build --release" >&2; exit 1; }

sandbox() {
    unshare -U -r -n -m -u -i -p -f --mount-proc --kill-child \
        bash -c 'mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/lock && exec timeout -s KILL 120 "$@"' sandbox "$@" </dev/null
}
row() { # NAME COMMAND…: appends one result
    local name=$1 line
    shift
    line=$("$@" 2>"$dir/err" | grep build_ms=) || { echo "$name failed: $(tail -1 "$dir/err")" >&2; return; }
    echo "$name|$round|$line" >>"$dir/results"
}
for ((round = 1; round <= rounds; round++)); do
    row floor sandbox "$NSFLOOR" star "$n"
    row labsh "$labsh" -q run star.rhai "$n"
    row "bash + ip, direct" sandbox ./star-bash.sh "$n" direct
    ((n <= 100)) && row "bash + ip, move" sandbox ./star-bash.sh "$n" move
done
awk -F'|' -v rounds="$rounds" -v n="$n" '
    function median(v, k,    i, j, t) {
        for (i = 2; i <= k; i++) for (j = i; j > 1 && v[j-1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j-1]; v[j-1] = t }
        low = v[1]; high = v[k]
        return k % 2 ? v[(k + 1) / 2] : (v[k / 2] + v[k / 2 + 1]) / 2
    }
    function stat(name, what, ratio,    k, r, v) {
        k = 0
        for (r = 1; r <= rounds; r++) if ((name, r, what) in x) v[++k] = x[name, r, what] / (ratio ? x["floor", r, what] : 1)
        return median(v, k)
    }
    {
        if (!($1 in seen)) { seen[$1] = 1; order[++names] = $1 }
        k = split($3, part, " ")
        for (i = 1; i <= k; i++) { split(part[i], kv, "="); x[$1, $2, kv[1]] = kv[2] }
    }
    END {
        printf "%-20s %26s %8s %26s %8s\n", "star " n, "build ms (min-max)", "x floor", "teardown ms (min-max)", "x floor"
        for (i = 1; i <= names; i++) {
            b = stat(order[i], "build_ms", 0); bs = sprintf("%.1f (%.1f-%.1f)", b, low, high)
            t = stat(order[i], "teardown_ms", 0); ts = sprintf("%.1f (%.1f-%.1f)", t, low, high)
            printf "%-20s %26s %8.2f %26s %8.2f\n", order[i], bs, stat(order[i], "build_ms", 1), ts, stat(order[i], "teardown_ms", 1)
        }
    }' "$dir/results"
