#!/usr/bin/env bash
# Checks infra/template.yaml without network or account.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/check.sh [-h | --help]

Checks the deployment's template without network or account, one line for each check:

  sam validate --lint      the template is a valid SAM template
  cfn-lint                 so says the linter, of the template
  translation              it turns into CloudFormation, as AWS would turn it
  cfn-lint, translated     and the linter has nothing against the result either
  actions                  no permission has a `*`
  roles                    each function, schedule and malware scan has a role of its own, written by hand
  functions                each folder in functions/ is deployed, and nothing else is
  routes                   the template, infra/openapi.json and Cargo.toml have the same routes, in both directions

Installs the SAM CLI into .tools/ first, if it is not there (infra/tools/install.sh sam).

Exit status: 0 nothing found (a check without its input says SKIPPED); 1 findings; 75 the tools cannot be had here.
TEXT
}

case ${1-} in
  '') ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
infra/tools/install.sh sam

export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}
export SAM_CLI_TELEMETRY=0
readonly BIN=.tools/sam/bin
readonly TEMPLATE=infra/template.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
readonly TRANSLATED=$work/translated.json

failed=0
skipped=0

# check NAME COMMAND...: runs it, prints one line; after a finding also what the command said.
check() {
  local name=$1 began=$SECONDS status=0 detail
  shift
  "$@" >"$work/said" 2>&1 || status=$?
  case $status in
    0)
      detail=$(tail -n 1 "$work/said")
      # What these tools say when all is well is not worth the room.
      [[ $name == sam* || $name == cfn-lint* ]] && detail=
      printf 'ok       %-22s %2d s  %s\n' "$name" "$((SECONDS - began))" "$detail"
      ;;
    75)
      skipped=$((skipped + 1))
      printf 'SKIPPED  %-22s %2d s  %s\n' "$name" "$((SECONDS - began))" "$(sed 's/^SKIPPED: //' "$work/said")"
      ;;
    *)
      failed=$((failed + 1))
      printf 'FAILED   %-22s %2d s\n' "$name" "$((SECONDS - began))"
      sed 's/^/         /' "$work/said"
      ;;
  esac
  return 0
}

check 'sam validate --lint' "$BIN/sam" validate --lint --template "$TEMPLATE"
check 'cfn-lint' "$BIN/cfn-lint" --regions "$AWS_DEFAULT_REGION" --template "$TEMPLATE"
check 'translation' "$BIN/python" infra/tools/translate.py "$TEMPLATE" "$TRANSLATED"
if [[ -s $TRANSLATED ]]; then
  check 'cfn-lint, translated' "$BIN/cfn-lint" --regions "$AWS_DEFAULT_REGION" --template "$TRANSLATED"
  check 'actions' "$BIN/python" infra/tools/rules.py actions "$TRANSLATED"
  check 'roles' "$BIN/python" infra/tools/rules.py roles "$TRANSLATED"
  check 'functions' "$BIN/python" infra/tools/rules.py functions "$TRANSLATED"
  check 'routes' "$BIN/python" infra/tools/routes.py "$TRANSLATED" infra/openapi.json Cargo.toml
fi

if ((failed)); then
  printf '%d checks of %s failed.\n' "$failed" "$TEMPLATE"
  exit 1
fi
if ((skipped)); then
  printf '%s: nothing found, %d skipped.\n' "$TEMPLATE" "$skipped"
else
  printf '%s: nothing found.\n' "$TEMPLATE"
fi
