#!/bin/bash
# Compares labsh with the kernel's floor (nsfloor.c) and with its peers on the same work.   run.sh [SHAPE N]…     (star 100)
#
#   star N     a hub with a bridge, N hosts            chain N    N routers in a row, routed
#   linear N   N bridges in a row, a host at each      torus N    N × N bridges, a host at each
#   grid N     N × N routers, routed                   fabric N   N leaves with 4 hosts each, 4 spines, both families, routed
#
# Each run is in a sandbox of its own, so it needs no root and leaves nothing behind. The runs are interleaved, one of each per round,
# and each ratio is of the same round: what else the machine does hits all alike. A peer that is not installed is skipped, and so is one
# that needed more than LIMIT seconds before.
#
#   ROUNDS=5   LIMIT=20   LABSH=../target/release/labsh   CC=cc   ONLY='regex' (only the rows that match, and the first)
#   PYTHON=python3 (one that has pyroute2 and mininet)    PATCHBAY=FILE (star-patchbay, built by cargo build --release)
#   WRITE=1                put the tables into README.md
set -u
cd "$(dirname "$0")" || exit
(($#)) || set -- star 100
rounds=${ROUNDS:-5} limit=${LIMIT:-20} labsh=${LABSH:-../target/release/labsh} python=${PYTHON:-python3} patchbay=${PATCHBAY:-}
dir=$(mktemp -d) child=
finish() {
    [ -n "$child" ] && kill -KILL "$child" 2>/dev/null # its sandbox dies with it
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM
[ -x "$labsh" ] || { echo "no $labsh: cargo build --release" >&2; exit 1; }
export NSFLOOR=$dir/nsfloor
${CC:-cc} -O2 -pthread -o "$NSFLOOR" nsfloor.c || exit

has() { "$python" -c "import importlib.util as u, sys; sys.exit(u.find_spec('$1') is None)" 2>/dev/null || { echo "not installed: $1" >&2; false; }; }
pyroute2= mininet=
has pyroute2 && pyroute2=1
has mininet && mininet=1
[ -n "$patchbay" ] || echo "not built: patchbay" >&2

# row NAME own|sandbox COMMAND…: labsh's lab ends with its script; the others take down what they made, and say how long that took.
row() { rows+=("$1") where+=("$2") commands+=("${*:3}"); }
rows_of() { # SHAPE N
    rows=() where=() commands=()
    case $1 in
        star)
            row "kernel's floor" sandbox "$NSFLOOR" star "$2"
            row "labsh, star(N)" own "$labsh" -q run star.rhai "$2"
            row "labsh, word by word" own "$labsh" -q run star.rhai "$2" words
            row "ip -batch, direct" sandbox ./star-ipbatch.sh "$2" direct
            row "ip -batch, move" sandbox ./star-ipbatch.sh "$2" move
            row "bash + ip, direct" sandbox ./star-bash.sh "$2" direct
            row "bash + ip, move" sandbox ./star-bash.sh "$2" move
            [ -n "$pyroute2" ] && row "pyroute2" sandbox "$python" star-pyroute2.py "$2"
            [ -n "$mininet" ] && row "Mininet" sandbox "$python" shape-mininet.py star "$2"
            [ -n "$patchbay" ] && row "patchbay" sandbox "$patchbay" "$2" ;;
        chain)
            row "kernel's floor" sandbox "$NSFLOOR" chain "$2"
            row "labsh, chain(N)" own "$labsh" -q run chain.rhai "$2" ;;
        linear | torus)
            row "labsh" own "$labsh" -q run "$1.rhai" "$2"
            [ -n "$mininet" ] && row "Mininet" sandbox "$python" shape-mininet.py "$1" "$2" ;;
        grid | fabric) row "labsh" own "$labsh" -q run "$1.rhai" "$2" ;;
        *) echo "no shape $1" >&2; exit 2 ;;
    esac
}

# In the background, so that a signal reaches us at once.
in_sandbox() {
    unshare -U -r -n -m -u -i -p -f --mount-proc --kill-child \
        bash -c 'ulimit -n "$(ulimit -Hn)"; mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/lock && exec "$@"' sandbox "$@"
}
# A lab ends with its script: from the line that the script prints last until the kernel has freed the last namespace.
until_gone() {
    "$@" | {
        read -r line && begin=$EPOCHREALTIME && cat && "$NSFLOOR" gone 1 || exit
        end=$EPOCHREALTIME
        echo "$line teardown_ms=$(((${end/[.,]/} - ${begin/[.,]/}) / 1000))"
    }
}
export -f until_gone
timed() { # own|sandbox COMMAND…: its output in $dir/out
    local how=()
    [ "$1" = own ] && how=(bash -c 'until_gone "$@"' until_gone)
    in_sandbox timeout -s KILL 240 "${how[@]}" "${@:2}" >"$dir/out" 2>"$dir/err" </dev/null &
    child=$!
    wait "$child"
    local status=$?
    child=
    return $status
}

shapes=()
while (($#)); do
    shape=$1 n=${2:?a shape and a number}
    shift 2
    shapes+=("$shape $n")
    rows_of "$shape" "$n"
    declare -A slow=()
    for ((round = 1; round <= rounds; round++)); do
        for i in "${!rows[@]}"; do
            name=${rows[i]}
            [[ $i -eq 0 || $name =~ ${ONLY:-.} ]] && [[ -z ${slow[$name]:-} ]] || continue
            begin=$SECONDS
            # shellcheck disable=SC2086
            if timed "${where[i]}" ${commands[i]} && grep -q build_ms= "$dir/out"; then
                echo "$shape $n|$name|$round|$(grep build_ms= "$dir/out")" >>"$dir/results"
            else
                echo "$shape $n: $name failed: $(grep -v '^ ' "$dir/err" | tail -1 | cut -c1-90)" >&2
                slow[$name]=1
            fi
            ((SECONDS - begin > limit)) && slow[$name]=1
        done
        [ -t 2 ] && printf '\r%s of %s rounds of %s %s ' "$round" "$rounds" "$shape" "$n" >&2
    done
    unset slow
done
[ -t 2 ] && echo >&2

awk -F'|' -v rounds="$rounds" '
    function median(v, k,    i, j, t) {
        for (i = 2; i <= k; i++) for (j = i; j > 1 && v[j-1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j-1]; v[j-1] = t }
        low = v[1]; high = v[k]
        return k % 2 ? v[(k + 1) / 2] : (v[k / 2] + v[k / 2 + 1]) / 2
    }
    function stat(shape, name, what, ratio,    k, r, v) {
        k = 0
        for (r = 1; r <= rounds; r++)
            if ((shape, name, r, what) in x && (!ratio || (shape, "kernel'\''s floor", r, what) in x))
                v[++k] = x[shape, name, r, what] / (ratio ? x[shape, "kernel'\''s floor", r, what] : 1)
        return k ? median(v, k) : ""
    }
    function times(shape, name, what) { return sprintf("%.0f (%.0f-%.0f)", stat(shape, name, what, 0), low, high) }
    function factor(shape, name, what,    f) { f = stat(shape, name, what, 1); return f == "" ? "" : sprintf("%.2f", f) }
    {
        if (!($1 in shapes)) { shapes[$1] = 1; order[++count] = $1 }
        if (!(($1, $2) in seen)) { seen[$1, $2] = 1; names[$1, ++many[$1]] = $2 }
        k = split($4, part, " ")
        for (i = 1; i <= k; i++) { split(part[i], kv, "="); x[$1, $2, $3, kv[1]] = kv[2] }
    }
    END {
        for (i = 1; i <= count; i++) {
            shape = order[i]
            printf "\n| %s | build ms (min-max) | × floor | teardown ms (min-max) | × floor |\n|---|---|---|---|---|\n", shape
            for (j = 1; j <= many[shape]; j++) {
                name = names[shape, j]
                printf "| %s | %s | %s | %s | %s |\n", name, times(shape, name, "build_ms"), factor(shape, name, "build_ms"), times(shape, name, "teardown_ms"), factor(shape, name, "teardown_ms")
            }
        }
    }' "$dir/results" >"$dir/tables"
cat "$dir/tables"

if [ -n "${WRITE:-}" ]; then
    {
        sed '/^<!-- tables/q' README.md
        echo
        echo "Linux $(uname -r), $(nproc) cores; load $(cut -d' ' -f1 /proc/loadavg) at the end. Medians of up to $rounds rounds."
        cat "$dir/tables"
    } >"$dir/README.md" && cp "$dir/README.md" README.md
fi
