#!/usr/bin/env bash
# Runs the functions as Lambda runs them, each in processes of its own behind the Lambda runtime API.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/watch.sh --issuer URL [OPTION]...

Runs the functions on this machine as Lambda runs them: each in processes of its own, behind the runtime API and the HTTP front
of cargo-lambda, with the routes of [workspace.metadata.lambda.watch.router] in Cargo.toml. What they need of AWS and of the
institution they find at the local stack, which must be running: `cargo run` in another terminal prints its addresses.

Options:
  --issuer URL       the issuer of the tokens, as the local stack prints it; required
  --api-port PORT    where the API listens, on 127.0.0.1 only (default: 9000)
  --aws-url URL      what plays AWS (default: http://127.0.0.1:4566)
  --table NAME       the table there (default: confer)
  --audience NAME    what the tokens are for (default: confer)
  --copies N         processes of each function, and so requests it answers at once (default: 4)
  --events           also one process of each function that events invoke, but for smoke: there is no CodeDeploy here
  --no-build         run what is in target/debug as it is
  -h, --help         this text

What happens by itself is still done by the local stack; the functions of --events are invoked by hand, as .ci/events does:

  .tools/lambda/bin/cargo-lambda lambda invoke --invoke-address 127.0.0.1 trail --data-file infra/events/trail.json

cargo-lambda tells every function that its time was over in 1970: digest, jobs and retention begin with nothing that is due.

Prints "ready http://127.0.0.1:PORT" on standard output when the API answers; everything else goes to standard error.
Ctrl-C, or SIGTERM, ends it and all it started.

Exit status: 0 ended by a signal; 1 something it runs has ended; 2 wrong usage; 75 cargo-lambda cannot be had here.

`cargo lambda watch` would start each function with `cargo run`. Here it only serves the runtime API, and the processes are
started from the ordinary debug build, made in one go together with the local stack: the same features and the same flags, so
`cargo run` and this share one target folder and compile no dependency twice.
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}

port=9000
aws_url=http://127.0.0.1:4566
issuer=
table=confer
audience=confer
copies=4
with_events=false
build=true
while (($#)); do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --api-port) port=${2:?--api-port needs a value}; shift ;;
    --aws-url) aws_url=${2:?--aws-url needs a value}; shift ;;
    --issuer) issuer=${2:?--issuer needs a value}; shift ;;
    --table) table=${2:?--table needs a value}; shift ;;
    --audience) audience=${2:?--audience needs a value}; shift ;;
    --copies) copies=${2:?--copies needs a value}; shift ;;
    --events) with_events=true ;;
    --no-build) build=false ;;
    *) printf 'watch.sh: unknown argument: %s (see --help)\n' "$1" >&2; exit 2 ;;
  esac
  shift
done
if [[ -z $issuer ]]; then
  printf 'watch.sh: --issuer is missing (see --help)\n' >&2
  exit 2
fi

cd "$root"
"$here/tools/install.sh" lambda >&2

# The functions that have routes: between the markers in Cargo.toml, lower-case words in quotes.
mapfile -t functions < <(sed -n '/^# >>> routes of/,/^# <<< routes of/p' Cargo.toml | grep -oE 'function = "[a-z-]+"' | cut -d'"' -f2 | sort -u)
if ((${#functions[@]} == 0)); then
  printf 'watch.sh: no routes in Cargo.toml\n' >&2
  exit 1
fi
# The functions that have none.
events=()
if $with_events; then
  for manifest in functions/*/Cargo.toml; do
    function=$(basename "$(dirname "$manifest")")
    [[ $function == smoke || " ${functions[*]} " == *" $function "* ]] || events+=("$function")
  done
fi

if $build; then
  selection=(--package local)
  # By their paths: others have packages of the same names.
  for function in "${functions[@]}" "${events[@]}"; do selection+=(--package "path+file://$root/functions/$function"); done
  cargo build --bins "${selection[@]}" >&2
fi
for function in "${functions[@]}" "${events[@]}"; do
  if ! [[ -x $target/debug/$function ]]; then
    printf 'watch.sh: %s is not built: no %s/debug/%s\n' "$function" "$target" "$function" >&2
    exit 1
  fi
done

pids=()
# shellcheck disable=SC2317 # the traps below call it
stop() {
  trap - EXIT INT TERM
  if ((${#pids[@]})); then
    kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
  fi
  exit "$1"
}
trap 'stop 0' INT TERM
trap 'stop $?' EXIT

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

if listening; then
  printf 'watch.sh: port %s is taken (see --api-port)\n' "$port" >&2
  exit 1
fi

# Its own default is to listen on every address. Its own CORS headers are not ours.
"$root/.tools/lambda/bin/cargo-lambda" lambda watch --quiet --invoke-address 127.0.0.1 --invoke-port "$port" \
  --ignore-changes --only-lambda-apis --disable-cors >&2 &
pids+=($!)
for _ in {1..300}; do
  listening && break
  kill -0 "${pids[0]}" 2>/dev/null || { printf 'watch.sh: cargo lambda watch has ended\n' >&2; exit 1; }
  sleep 0.1
done
listening || { printf 'watch.sh: cargo lambda watch does not listen after 30 s\n' >&2; exit 1; }

export CONFER_TABLE=$table
export CONFER_ISSUER=$issuer
export CONFER_AUDIENCE=$audience
# The buckets and the bus of the local stack.
export CONFER_BUCKET=confer-attachments CONFER_TRAIL=confer-trail CONFER_BUS=confer
# What mails need. They lead to the local stack's page, which shows them, and may come from this domain only.
export CONFER_PANEL_URL=${issuer%/issuer}/ CONFER_API_URL=http://127.0.0.1:$port
export CONFER_MAIL_FROM='Confer <notices@confer.example>' CONFER_CONFIGURATION_SET=confer CONFER_MAIL_RATE=10
export CONFER_JWKS_URL=${issuer%/}/.well-known/jwks.json
export AWS_ENDPOINT_URL=$aws_url
export AWS_REGION=us-east-1
# What plays AWS takes any credentials, but for S3, which verifies these: links are signed with them. Real ones must not
# even come near it.
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local-secret
unset AWS_SESSION_TOKEN AWS_PROFILE
export AWS_LAMBDA_FUNCTION_VERSION=1 AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512
# start FUNCTION NAME: one process of a function, that answers to a name.
start() {
  # The scheme is part of the address: without it, the runtime ends at once.
  AWS_LAMBDA_FUNCTION_NAME=$1 AWS_LAMBDA_RUNTIME_API=http://127.0.0.1:$port/.rt/$2 "$target/debug/$1" >&2 &
  pids+=($!)
}
for function in "${functions[@]}"; do
  for ((copy = 0; copy < copies; copy++)); do start "$function" "$function"; done
done
for function in "${events[@]}"; do start "$function" "$function"; done
# What no route is for goes to a function named `_`, and without one would wait for ever. Any function refuses it as it should.
start "${functions[0]}" _

# A request to a function without processes would wait for ever, so each is asked once before anybody else asks.
# Any answer will do: a function that does not know the path answers 404, one that does not know the event refuses it, one
# that cannot start never answers.
for function in "${functions[@]}" "${events[@]}"; do
  asked=("http://127.0.0.1:$port/lambda-url/$function/")
  if [[ " ${events[*]} " == *" $function "* ]]; then
    asked=(--data '{}' "http://127.0.0.1:$port/2015-03-31/functions/$function/invocations")
  fi
  for try in {1..30}; do
    for pid in "${pids[@]}"; do
      kill -0 "$pid" 2>/dev/null || { printf 'watch.sh: a process ended at once; what it said is above\n' >&2; exit 1; }
    done
    curl --silent --noproxy '*' --output /dev/null --max-time 2 "${asked[@]}" && break
    ((try < 30)) || { printf 'watch.sh: %s does not answer\n' "$function" >&2; exit 1; }
  done
done
printf 'ready http://127.0.0.1:%s\n' "$port"

wait -n "${pids[@]}" || true
printf 'watch.sh: something ended that should not have\n' >&2
exit 1
